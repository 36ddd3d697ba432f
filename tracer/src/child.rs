//! The command to be traced: started, held before its `exec`, then let go.
#![expect(unsafe_code, reason = "what runs between fork and exec may do almost nothing")]

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use thiserror::Error;

/// With which status a process ends that was never let go. Nobody is told.
const GAVE_UP: i32 = 125;

/// Why the command does not run.
#[derive(Debug, Error)]
pub enum ChildError {
    /// There is no such program, or it cannot be executed.
    #[error("cannot run '{program}'")]
    Exec {
        /// As it was typed.
        program: String,
        /// The errno of `exec`.
        source: io::Error,
    },
    /// No process could be made.
    #[error("cannot start a process for '{program}'")]
    Start {
        /// As it was typed.
        program: String,
        /// Why.
        source: io::Error,
    },
}

impl ChildError {
    /// What a shell would exit with: 127 not found, 126 found but not executable.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Exec { source, .. } if source.raw_os_error() == Some(libc::ENOENT) => 127,
            Self::Exec { .. } => 126,
            Self::Start { .. } => 125,
        }
    }
}

/// A process that waits for [`Held::release`] before it becomes the command.
pub struct Held {
    program: String,
    pid: Pid,
    pidfd: OwnedFd,
    go: File,
    spawning: JoinHandle<io::Result<Child>>,
}

impl Held {
    /// Starts it. The process exists when this returns, and has not called `exec`.
    ///
    /// If it is `mute`, it reads nothing and what it writes is dropped: somebody else has the
    /// terminal.
    ///
    /// # Errors
    /// [`ChildError::Start`].
    pub fn start(argv: &[OsString], mute: bool) -> Result<Self, ChildError> {
        let Some((name, rest)) = argv.split_first() else {
            let source = io::Error::from(io::ErrorKind::InvalidInput);
            return Err(ChildError::Start { program: String::new(), source });
        };
        let program = name.to_string_lossy().into_owned();
        let failed = |source| ChildError::Start { program: program.clone(), source };
        let (wait, go) = pipe().map_err(failed)?;
        let (mut told, tell) = pipe().map_err(failed)?;
        let mut command = Command::new(name);
        command.args(rest);
        if mute {
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        }
        hold(&mut command, wait, tell, go.as_raw_fd());
        // `spawn` returns only after exec has succeeded or failed, hence the thread. It owns the
        // command and with it the child's ends of the pipes.
        let spawning = std::thread::spawn(move || command.spawn());
        let mut pid = [0; 4];
        if let Err(source) = told.read_exact(&mut pid) {
            // The fork failed, and the thread knows why.
            let spawned = spawning.join();
            return Err(failed(spawned.ok().and_then(Result::err).unwrap_or(source)));
        }
        let no_pid = || failed(io::Error::from(io::ErrorKind::InvalidData));
        let pid = Pid::from_raw(i32::from_ne_bytes(pid)).ok_or_else(no_pid)?;
        let pidfd = pidfd_open(pid, PidfdFlags::NONBLOCK).map_err(|errno| failed(errno.into()))?;
        Ok(Self { program, pid, pidfd, go, spawning })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Lets it become the command.
    ///
    /// # Errors
    /// [`ChildError::Exec`] with the errno.
    pub fn release(self) -> Result<Running, ChildError> {
        let Self { program, pid, pidfd, mut go, spawning } = self;
        let start = |source| ChildError::Start { program: program.clone(), source };
        go.write_all(&[1]).map_err(start)?;
        let spawned = spawning.join();
        let spawned = spawned.map_err(|_panic| start(io::Error::other("its thread died")))?;
        let child = spawned.map_err(|source| ChildError::Exec { program, source })?;
        Ok(Running { child, pid, pidfd })
    }
}

/// Makes the command tell its pid through one pipe and wait for a byte on the other. It closes its
/// own copy of the end to write to, or it would wait for ever if tracer is killed.
fn hold(command: &mut Command, wait: File, tell: File, go: RawFd) {
    let held = move || {
        let pid = std::process::id().to_ne_bytes();
        let (tell, wait) = (tell.as_raw_fd(), wait.as_raw_fd());
        // SAFETY: this process's own copy of a descriptor that it does not use; async-signal-safe.
        unsafe { libc::close(go) };
        // SAFETY: writes four bytes of a local array; async-signal-safe.
        let told = unsafe { libc::write(tell, pid.as_ptr().cast(), pid.len()) };
        let mut byte = [0_u8];
        // SAFETY: reads one byte into a local array; async-signal-safe.
        let read = unsafe { libc::read(wait, byte.as_mut_ptr().cast(), 1) };
        if told != 4 || read != 1 {
            // Tracer died or gave up before the release. To return an error would be to tell it to
            // one who is gone, which the standard library takes for a reason to abort, aloud.
            // SAFETY: ends this process, with nothing of it to be cleaned up; async-signal-safe.
            unsafe { libc::_exit(GAVE_UP) };
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure only calls getpid, close, write, read and _exit, which
    // are async-signal-safe, and allocates nothing.
    unsafe { command.pre_exec(held) };
}

fn pipe() -> io::Result<(File, File)> {
    let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
    Ok((File::from(read), File::from(write)))
}

/// The command, running.
pub struct Running {
    child: Child,
    pid: Pid,
    pidfd: OwnedFd,
}

impl Running {
    /// Becomes readable when it has exited.
    pub fn pidfd(&self) -> &OwnedFd {
        &self.pidfd
    }

    /// Its exit status, once it has exited: reaps it.
    ///
    /// # Errors
    /// Those of `waitpid`.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Passes a signal on as `strace` does: a stopped process is continued to take it.
    pub fn signal(&self, signal: Signal) {
        for signal in [Signal::CONT, signal] {
            // It may have exited just now, which is what the signal is for.
            if kill_process(self.pid, signal).is_err() {
                return;
            }
        }
    }
}

/// The exit code that stands for a status: 128 + n for a signal, as shells do.
pub fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code & 0xff).unwrap_or(125)
}
