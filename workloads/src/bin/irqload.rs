//! Interrupts on demand: timers that expire, writes to a disk, traffic over the loopback device.
//!
//! The three parts run one after the other, each for a number of times; what of it is certain to
//! the unit, and what is a bound, the help says.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec;
use core::time::Duration;

use rustix::io::{pread, pwrite};
use workloads::cli::{Opt, Program};
use workloads::clock;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::pattern::fill;
use workloads::rt::{Run, say};
use workloads::scratch::{self, Scratch};
use workloads::signal::{Set, Signal, mask, send, take};
use workloads::truth::{self, Fate, Truth};
use workloads::{loopback, thread, timer, usage};
use zerocopy::{FromBytes, FromZeros as _, Immutable, IntoBytes};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "irqload",
    about: "Timers that expire, writes to a disk, traffic over the loopback device: interrupts.\n\n\
        Counts of the truth, exact:\n\
        \x20 timerfd_expirations  what the reads of a periodic timer returned in all\n\
        \x20 timerfd_reads        such reads: the timer fired once for each, and was late for the rest\n\
        \x20 sleeps               absolute sleeps; a timer fired for each\n\
        \x20 disk_writes, disk_bytes, disk_direct (1: O_DIRECT, 0: the file system refuses it)\n\
        \x20 disk_waits           writes that really put the task to sleep\n\
        \x20 disk_switches        voluntary switches in all writes, uninterruptible sleeps all\n\
        \x20 datagrams, datagram_bytes, stream_bytes  sent, received and compared\n\
        Bounds, for a trace of the whole system (most interrupts meet an idle CPU):\n\
        \x20 timer_interrupts_at_least    hard interrupts of the CPUs' timers\n\
        \x20 net_rx_softirqs_at_least     one for each datagram; also seen by a trace of this alone\n\
        How many interrupts a disk raises is its own affair.",
    options: &[
        Opt { name: "kind", value: "WHAT", default: "all", help: "timers, disk, loopback or all" },
        Opt { name: "timers", value: "N", default: "200", help: "Expirations of each timer" },
        Opt { name: "interval", value: "TIME", default: "1ms", help: "Time between two of them" },
        Opt {
            name: "writes",
            value: "N",
            default: "50",
            help: "Writes to a file, past all caches",
        },
        Opt { name: "bytes", value: "B", default: "4096", help: "Bytes of each: times of 4096" },
        Opt { name: "dir", value: "DIR", default: "/var/tmp", help: "Folder for the file" },
        Opt {
            name: "datagrams",
            value: "N",
            default: "500",
            help: "Datagrams there, and as many back",
        },
        Opt { name: "size", value: "B", default: "512", help: "Bytes of each datagram" },
        Opt { name: "stream", value: "B", default: "1048576", help: "Bytes over a connection" },
    ],
    examples: &["--kind timers --timers 1000 --interval 250us", "--kind disk --dir ."],
};

/// The longest that all timers may take.
const LONGEST: Duration = Duration::from_mins(10);

/// How long to wait for what must have come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Signals that the truth has one by one.
const LISTED: usize = 10_000;

/// What is aligned and measured as every disk likes it.
#[derive(Clone, FromBytes, IntoBytes, Immutable)]
#[repr(C, align(4096))]
struct Page([u8; 4096]);

fn run(run: &mut Run) -> Result<(), Failure> {
    let kinds = [
        ("timers", [true, false, false]),
        ("disk", [false, true, false]),
        ("loopback", [false, false, true]),
        ("all", [true; 3]),
    ];
    let [wants_timers, wants_disk, wants_traffic] = run.args.choice("kind", &kinds)?;
    // All parameters are looked at, and the file is made, before anything is done.
    let (timers, disk, traffic) = (Timers::read(run)?, Disk::read(run)?, Traffic::read(run)?);
    let scratch = wants_disk.then(|| disk.scratch()).transpose()?;
    if wants_timers {
        timers.run(&mut run.truth)?;
    }
    if let Some(scratch) = scratch {
        disk.run(&scratch, &mut run.truth)?;
    }
    if wants_traffic {
        traffic.run(&mut run.truth)?;
    }
    Ok(())
}

struct Timers {
    count: u64,
    interval: Duration,
}

impl Timers {
    fn read(run: &Run) -> Result<Self, Failure> {
        let count = run.args.number("timers", 1..=1_000_000)?;
        let interval =
            run.args.time("interval", Duration::from_micros(50)..=Duration::from_secs(10))?;
        if interval.as_nanos() * u128::from(count) > LONGEST.as_nanos() {
            let wrong = format!("--timers {count} --interval {interval:?}: more than {LONGEST:?}");
            return Err(Failure::Usage(wrong));
        }
        Ok(Self { count, interval })
    }

    fn run(&self, truth: &mut Truth) -> Result<(), Failure> {
        let Self { count, interval } = *self;
        let (expirations, reads) = timer::periodic(count, interval).doing("use a timer")?;
        ensure(reads <= expirations, || format!("{reads} reads of {expirations} expirations"))?;
        for () in (0..count).map(drop) {
            let begin = clock::now_ns();
            clock::sleep(interval);
            let slept = Duration::from_nanos(clock::now_ns() - begin);
            ensure(slept >= interval, || format!("a sleep took {slept:?}, not {interval:?}"))?;
        }
        alarms(count, interval, truth)?;
        say(format_args!(
            "timers: {expirations} expirations in {reads} reads, {count} sleeps, {count} alarms"
        ));
        truth.count("timerfd_expirations", expirations);
        truth.count("timerfd_reads", reads);
        truth.count("sleeps", count);
        truth.count("alarms", count);
        // Each timer is armed only after the one before has been seen to fire: no two share an
        // interrupt.
        truth.count("timer_interrupts_at_least", reads + 2 * count);
        Ok(())
    }
}

/// Sets an alarm and waits for its signal, so often.
fn alarms(count: u64, interval: Duration, truth: &mut Truth) -> Result<(), Failure> {
    let alarm = Set::of(&[Signal::ALRM]);
    let _blocked = mask::block(alarm);
    for () in (0..count).map(drop) {
        let sent_ns = clock::now_ns();
        send::alarm(interval).doing("set an alarm")?;
        let patience = Some(interval + PATIENCE);
        let info = take::wait(alarm, patience).doing("wait for an alarm")?;
        if truth.signals.len() < LISTED {
            truth.signals.push(truth::Signal {
                signal: Signal::ALRM.number(),
                code: info.code(),
                target: thread::tid(),
                group: true,
                sent_ns,
                fate: Fate::Waited,
                taken_by: Some(thread::tid()),
                taken_ns: Some(clock::now_ns()),
                ..truth::Signal::default()
            });
        }
    }
    Ok(())
}

struct Disk {
    writes: u64,
    bytes: usize,
    folder: String,
}

impl Disk {
    fn read(run: &Run) -> Result<Self, Failure> {
        let writes = run.args.number("writes", 1..=1_000_000)?;
        let bytes = run.args.count("bytes", size_of::<Page>()..=16 << 20)?;
        if bytes % size_of::<Page>() != 0 {
            let wrong = format!("--bytes {bytes}: not a multiple of {}", size_of::<Page>());
            return Err(Failure::Usage(wrong));
        }
        Ok(Self { writes, bytes, folder: String::from(run.args.text("dir")) })
    }

    fn scratch(&self) -> Result<Scratch, Failure> {
        scratch::file(&self.folder).map_err(|error| {
            Failure::Usage(format!("--dir {}: cannot make a file there: {error}", self.folder))
        })
    }

    fn run(&self, scratch: &Scratch, truth: &mut Truth) -> Result<(), Failure> {
        let Self { writes, bytes, .. } = *self;
        let Scratch { ref file, is_direct } = *scratch;
        let mut pages = vec![Page::new_zeroed(); bytes / size_of::<Page>()];
        let (mut waits, mut switches) = (0, 0);
        for number in 0..writes {
            for page in &mut pages {
                fill(&mut page.0, number);
            }
            let before = usage::voluntary_switches();
            // Always the same place: the file does not grow with the number of writes.
            let written = pwrite(file, pages.as_bytes(), 0).doing("write to the file")?;
            let left = usage::voluntary_switches() - before;
            ensure(written == bytes, || format!("wrote {written} of {bytes} bytes"))?;
            waits += u64::from(left > 0);
            switches += left;
        }
        let mut back = vec![Page::new_zeroed(); pages.len()];
        let got = pread(file, back.as_mut_bytes(), 0).doing("read the file")?;
        ensure(got == bytes && back.as_bytes() == pages.as_bytes(), || {
            String::from("the file does not hold what was written last")
        })?;
        let how =
            if is_direct { "directly" } else { "through the cache: O_DIRECT is refused here" };
        say(format_args!("disk: {writes} writes of {bytes} bytes, {how}; {waits} had to wait"));
        truth.count("disk_writes", writes);
        truth.count("disk_bytes", writes * bytes as u64);
        truth.count("disk_direct", u64::from(is_direct));
        truth.count("disk_waits", waits);
        truth.count("disk_switches", switches);
        Ok(())
    }
}

struct Traffic {
    datagrams: u64,
    size: usize,
    stream: usize,
}

impl Traffic {
    fn read(run: &Run) -> Result<Self, Failure> {
        Ok(Self {
            datagrams: run.args.number("datagrams", 1..=1_000_000)?,
            // The most that fits into one packet of this device.
            size: run.args.count("size", 8..=65_507)?,
            stream: run.args.count("stream", 1..=1 << 30)?,
        })
    }

    fn run(&self, truth: &mut Truth) -> Result<(), Failure> {
        let Self { datagrams, size, stream } = *self;
        loopback::echoes(datagrams, size)?;
        loopback::stream(stream)?;
        say(format_args!(
            "loopback: {datagrams} datagrams of {size} bytes there and back, {stream} bytes of a stream"
        ));
        let sent = 2 * datagrams;
        truth.count("datagrams", sent);
        truth.count("datagram_bytes", sent * size as u64);
        truth.count("stream_bytes", stream as u64);
        // One is under way at a time, and its softirq runs on the sender's CPU (`netif_rx`,
        // net/core/dev.c, v6.18), which cannot send the next before it has ended.
        truth.count("net_rx_softirqs_at_least", sent);
        Ok(())
    }
}
