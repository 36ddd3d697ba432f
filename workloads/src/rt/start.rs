//! From the kernel's entry to the program's end.
#![expect(unsafe_code, reason = "the kernel hands over a bare stack")]

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ffi::CStr;
use core::panic::PanicInfo;

use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, write};

use super::Main;
use super::voice::{complain, say};
use crate::cli::{self, Args, Asked, Program};
use crate::failure::{Doing as _, Failure};
use crate::truth::Truth;
use crate::{clock, ledger, sys, thread};

/// The exit status of a program that panicked, as std's.
pub(super) const PANICKED: u8 = 101;

unsafe extern "Rust" {
    /// What `program!` defines.
    fn workload() -> (&'static Program, Main);
}

/// One run of a program.
#[derive(Debug)]
pub struct Run {
    /// Its parameters.
    pub args: Args,
    /// What it did beyond what the ledger has.
    pub truth: Truth,
}

/// The first Rust that runs.
///
/// # Safety
/// Called once, by the kernel's entry, with what the kernel left on the stack.
pub(crate) unsafe extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: this is the only thread, and it has not asked for its block yet.
    unsafe { thread::adopt_main() };
    // SAFETY: the environment follows argc, as many pointers, and a null; the kernel's own list of
    // facts, which says where its clock can be read without a system call, follows that.
    let environment = unsafe { stack.add(*stack + 2) };
    // SAFETY: as above; nothing has asked for it yet.
    unsafe { rustix::param::init(environment.cast_mut().cast()) };
    // SAFETY: the kernel's stack, handed on.
    let words = unsafe { words(stack) };
    // SAFETY: `program!` defines it with this signature.
    let (program, main) = unsafe { workload() };
    sys::exit_process(status(program, main, &words))
}

/// Runs the program; its exit status.
fn status(program: &'static Program, main: Main, words: &[&'static str]) -> u8 {
    match run(program, main, words) {
        Ok(()) => 0,
        Err(failure) => {
            complain(format_args!("{}: {failure}", program.name));
            failure.status()
        }
    }
}

fn run(program: &'static Program, main: Main, words: &[&'static str]) -> Result<(), Failure> {
    let arguments = words.get(1..).unwrap_or_default();
    let args = match cli::parse(program, arguments.iter().copied())? {
        Asked::Run(args) => args,
        Asked::Help => {
            say(format_args!("{}", program.to_string().trim_end()));
            return Ok(());
        }
    };
    // Before anything is done, so that a path that cannot be written fails in time.
    let file =
        args.truth().map(|path| open(path).doing(format_args!("write {path}"))).transpose()?;
    if file.is_some() {
        ledger::open().doing("map memory for the truth")?;
    }
    let truth = Truth {
        program: program.name.to_string(),
        args: arguments.iter().map(ToString::to_string).collect(),
        pid: thread::tid(),
        start_ns: clock::now_ns(),
        ..Truth::default()
    };
    let mut run = Run { args, truth };
    let result = main(&mut run);
    run.truth.end_ns = clock::now_ns();
    run.truth.failure = result.as_ref().err().map(ToString::to_string);
    if let Some(file) = file {
        ledger::fill(&mut run.truth);
        put(&file, &run.truth.to_json()).doing("write the truth")?;
    }
    result
}

fn open(path: &str) -> Result<OwnedFd, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::from_raw_mode(0o644))
}

fn put(file: &OwnedFd, text: &str) -> Result<(), Errno> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match write(file, rest) {
            Ok(written) => rest = &rest[written..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The command line; what is not UTF-8 is shown as `?`, and no option.
///
/// # Safety
/// `stack` is what the kernel gave: argc, then as many pointers to words that end with 0 and live
/// as long as the process.
unsafe fn words(stack: *const usize) -> Vec<&'static str> {
    // SAFETY: argc is the first word.
    let count = unsafe { *stack };
    let mut words = Vec::with_capacity(count);
    for number in 1..=count {
        // SAFETY: the pointers follow argc.
        let word = unsafe { *stack.add(number) };
        // SAFETY: it points to a word that ends with 0 and is never freed.
        let word = unsafe { CStr::from_ptr(word as *const _) };
        words.push(word.to_str().unwrap_or("?"));
    }
    words
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let mut text = String::new();
    // Into memory first: one write for the whole message.
    if core::fmt::write(&mut text, format_args!("{info}")).is_ok() {
        complain(format_args!("{text}"));
    }
    sys::exit_process(PANICKED)
}
