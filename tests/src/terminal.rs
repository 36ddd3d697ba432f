//! A program in a terminal of its own: a pseudo-terminal, and an emulator that knows what is seen.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{InputModes, LocalModes, OutputModes, Winsize, tcgetattr, tcsetwinsize};

use crate::wait::wait_until;

/// Height.
const ROWS: NonZero<u16> = NonZero::new(30).unwrap();

/// Width.
const COLUMNS: NonZero<u16> = NonZero::new(140).unwrap();

/// What a terminal does with what is typed and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modes {
    input: InputModes,
    output: OutputModes,
    local: LocalModes,
}

/// A program with a terminal. Dropped, it is killed.
pub struct Terminal {
    child: Child,
    master: File,
    /// Kept open, so that the terminal is there after the program.
    slave: OwnedFd,
    screen: vt100::Parser,
    before: Modes,
}

impl Terminal {
    /// Starts a program in one.
    ///
    /// # Panics
    /// If there is no terminal, or no such program.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).expect("its other end");
        unlockpt(&master).expect("its other end");
        let name = ptsname(&master, Vec::new()).expect("its name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = open(&name, flags, Mode::empty()).expect("its other end");
        let (ws_row, ws_col) = (ROWS.get(), COLUMNS.get());
        tcsetwinsize(&slave, Winsize { ws_row, ws_col, ws_xpixel: 0, ws_ypixel: 0 })
            .expect("a size");
        let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
        command.env("TERM", "xterm-256color").stdin(end()).stdout(end()).stderr(end());
        let before = modes(&slave);
        let child = command.spawn().expect("the program; `cargo xtask build` builds it");
        // The command keeps its descriptors, and the terminal is not to be kept open by them.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        Self { child, master: File::from(master), slave, screen, before }
    }

    /// What is on the screen, by lines.
    pub fn lines(&mut self) -> Vec<String> {
        self.read();
        let text = self.screen.screen().contents();
        text.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Waits until something is on the screen.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut seen: impl FnMut(&[String]) -> bool) {
        let mut last = Vec::new();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            wait_until(what, || {
                last = self.lines();
                seen(&last)
            });
        }));
        assert!(found.is_ok(), "waited too long for {what}; the screen:\n{}", last.join("\n"));
    }

    /// Types.
    ///
    /// # Panics
    /// If the terminal is gone.
    #[track_caller]
    pub fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Whether the program shows another screen than the one with what was before.
    pub fn alternate(&mut self) -> bool {
        self.read();
        self.screen.screen().alternate_screen()
    }

    /// Process id of the program.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// If it is gone.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("a process");
    }

    /// Asserts that the terminal is as it was before the program.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn is_as_before(&mut self) {
        assert!(!self.alternate(), "the other screen is still shown");
        assert!(!self.screen.screen().hide_cursor(), "the cursor is still hidden");
        assert_eq!(modes(&self.slave), self.before);
    }

    /// Waits for the program's end: its exit code, 128 + n for a signal.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn end(&mut self) -> i32 {
        let mut status = None;
        wait_until("the program in the terminal ends", || {
            // It may wait for somebody to read what it writes.
            self.read();
            status = self.child.try_wait().expect("a child");
            status.is_some()
        });
        self.read();
        let code = status.and_then(|status| status.code().or(status.signal().map(|n| 128 + n)));
        code.unwrap_or(-1)
    }

    /// Takes what it has written.
    fn read(&mut self) {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut bytes = [0; 4096];
        while poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&now)) == Ok(1) {
            match self.master.read(&mut bytes) {
                Ok(read @ 1..) => self.screen.process(&bytes[..read]),
                _ => return,
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // One that has been waited for is not killed: std knows that it is gone.
        if self.child.kill().is_ok() && self.child.wait().is_err() {
            // Nothing is left to be done about it.
        }
    }
}

#[track_caller]
fn modes(slave: &OwnedFd) -> Modes {
    let found = tcgetattr(slave).expect("a terminal");
    Modes { input: found.input_modes, output: found.output_modes, local: found.local_modes }
}
