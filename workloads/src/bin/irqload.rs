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
use alloc::vec::Vec;
use core::time::Duration;

use rustix::fd::OwnedFd;
use rustix::io::{Errno, pread, pwrite, read};
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, clock_gettime,
    timerfd_create, timerfd_settime,
};
use workloads::cli::{Opt, Program};
use workloads::clock::{self, timespec};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::pattern::fill;
use workloads::rt::{Run, say};
use workloads::scratch::{self, Scratch};
use workloads::{loopback, thread, usage};
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
const LONGEST: Duration = Duration::from_secs(600);

/// What is aligned and measured as every disk likes it.
#[derive(Clone, FromBytes, IntoBytes, Immutable)]
#[repr(C, align(4096))]
struct Page([u8; 4096]);

/// Bytes of a stream that are sent at a time.
const CHUNK: usize = 16 << 10;

type Part = fn(&mut Run) -> Result<(), Failure>;

fn run(run: &mut Run) -> Result<(), Failure> {
    let parts: [(&str, &[Part]); 4] = [
        ("timers", &[timers]),
        ("disk", &[disk]),
        ("loopback", &[traffic]),
        ("all", &[timers, disk, traffic]),
    ];
    let chosen = run.args.choice("kind", &parts)?;
    // All of them are looked at before anything is done.
    Timers::read(run)?;
    Disk::read(run)?;
    Traffic::read(run)?;
    chosen.iter().try_for_each(|part| part(run))
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
        let all = u32::try_from(count).ok().and_then(|count| interval.checked_mul(count));
        if all.is_none_or(|all| all > LONGEST) {
            let wrong = format!("--timers {count} --interval {interval:?}: more than {LONGEST:?}");
            return Err(Failure::Usage(wrong));
        }
        Ok(Self { count, interval })
    }
}

fn timers(run: &mut Run) -> Result<(), Failure> {
    let Timers { count, interval } = Timers::read(run)?;
    let (expirations, reads) = timerfd(count, interval).doing("use a timer")?;
    ensure(reads <= expirations, || format!("{reads} reads of {expirations} expirations"))?;
    let begin = clock::now_ns();
    sleeps(count, interval).doing("sleep")?;
    let slept = Duration::from_nanos(clock::now_ns() - begin);
    let least = interval * u32::try_from(count).unwrap_or(u32::MAX);
    ensure(slept >= least, || format!("{count} sleeps took {slept:?}, less than {least:?}"))?;
    say(format_args!("timers: {expirations} expirations in {reads} reads, {count} sleeps"));
    run.truth.count("timerfd_expirations", expirations);
    run.truth.count("timerfd_reads", reads);
    run.truth.count("sleeps", count);
    // Each timer is armed only after the one before has been seen to fire: no two share an
    // interrupt.
    run.truth.count("timer_interrupts_at_least", reads + count);
    Ok(())
}

/// Reads a periodic timer until it has expired so often; the expirations, and the reads.
///
/// A read returns how often it has expired since the last one, and only then is it armed again
/// (`timerfd_read_iter`, fs/timerfd.c, v6.18).
fn timerfd(count: u64, interval: Duration) -> Result<(u64, u64), Errno> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    let period = timespec(interval);
    let periodic = Itimerspec { it_interval: period, it_value: period };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &periodic)?;
    let (mut expirations, mut reads) = (0, 0);
    while expirations < count {
        let mut expired = [0; 8];
        read(&timer, &mut expired)?;
        expirations += u64::from_ne_bytes(expired);
        reads += 1;
    }
    Ok((expirations, reads))
}

/// Sleeps so often, each time until an interval after the last.
fn sleeps(count: u64, interval: Duration) -> Result<(), Errno> {
    for _ in 0..count {
        let now = clock_gettime(ClockId::Monotonic);
        let until = now.checked_add(timespec(interval)).ok_or(Errno::OVERFLOW)?;
        clock_nanosleep_absolute(ClockId::Monotonic, &until)?;
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
}

fn disk(run: &mut Run) -> Result<(), Failure> {
    let disk = Disk::read(run)?;
    let Disk { writes, bytes, .. } = disk;
    let Scratch { file, is_direct } = scratch::file(&disk.folder).map_err(|error| {
        Failure::Usage(format!("--dir {}: cannot make a file there: {error}", disk.folder))
    })?;
    let mut pages = vec![Page::new_zeroed(); bytes / size_of::<Page>()];
    let (mut waits, mut switches) = (0, 0);
    for number in 0..writes {
        for page in &mut pages {
            fill(&mut page.0, number);
        }
        let before = usage::voluntary_switches();
        // Always the same place: the file does not grow with the number of writes.
        let written = pwrite(&file, pages.as_bytes(), 0).doing("write to the file")?;
        let left = usage::voluntary_switches() - before;
        ensure(written == bytes, || format!("wrote {written} of {bytes} bytes"))?;
        waits += u64::from(left > 0);
        switches += left;
    }
    let mut back = vec![Page::new_zeroed(); pages.len()];
    let got = pread(&file, back.as_mut_bytes(), 0).doing("read the file")?;
    ensure(got == bytes && back.as_bytes() == pages.as_bytes(), || {
        String::from("the file does not hold what was written last")
    })?;
    let how = if is_direct { "directly" } else { "through the cache: O_DIRECT is refused here" };
    say(format_args!("disk: {writes} writes of {bytes} bytes, {how}; {waits} had to wait"));
    run.truth.count("disk_writes", writes);
    run.truth.count("disk_bytes", writes * bytes as u64);
    run.truth.count("disk_direct", u64::from(is_direct));
    run.truth.count("disk_waits", waits);
    run.truth.count("disk_switches", switches);
    Ok(())
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
}

fn traffic(run: &mut Run) -> Result<(), Failure> {
    let Traffic { datagrams, size, stream } = Traffic::read(run)?;
    echoes(datagrams, size)?;
    whole(stream)?;
    say(format_args!(
        "loopback: {datagrams} datagrams of {size} bytes there and back, {stream} bytes of a stream"
    ));
    let sent = 2 * datagrams;
    run.truth.count("datagrams", sent);
    run.truth.count("datagram_bytes", sent * size as u64);
    run.truth.count("stream_bytes", stream as u64);
    // One is under way at a time, and its softirq runs on the sender's CPU (`netif_rx`,
    // net/core/dev.c, v6.18), which cannot send the next before it has ended.
    run.truth.count("net_rx_softirqs_at_least", sent);
    Ok(())
}

/// Sends datagrams to a thread that sends each back, one at a time.
fn echoes(datagrams: u64, size: usize) -> Result<(), Failure> {
    let (one, other) = loopback::datagrams().doing("make sockets for datagrams")?;
    thread::scope(|scope| {
        let echo = move || {
            (0..datagrams).try_for_each(|number| {
                let datagram = expect(&other, number, size)?;
                loopback::put(&other, &datagram)
            })
        };
        let echo = scope.spawn(echo).doing("make a thread")?;
        let sent = (0..datagrams).try_for_each(|number| {
            let mut datagram = vec![0; size];
            fill(&mut datagram, number);
            loopback::put(&one, &datagram)?;
            expect(&one, number, size).map(drop)
        });
        echo.join().and(sent)
    })
}

/// Receives the datagram with this number, whole and unchanged.
fn expect(socket: &OwnedFd, number: u64, size: usize) -> Result<Vec<u8>, Failure> {
    let mut wanted = vec![0; size];
    fill(&mut wanted, number);
    // One byte more: a datagram that is too long must not look right.
    let mut datagram = vec![0; size + 1];
    let got = loopback::take(socket, &mut datagram)?;
    datagram.truncate(got);
    ensure(datagram == wanted, || format!("datagram {number} came back changed"))?;
    Ok(datagram)
}

/// Sends bytes over a connection from one thread to another.
fn whole(bytes: usize) -> Result<(), Failure> {
    let (one, other) = loopback::stream().doing("make a connection")?;
    let chunks = || (0..bytes.div_ceil(CHUNK)).map(move |n| (n, CHUNK.min(bytes - n * CHUNK)));
    thread::scope(|scope| {
        let sender = move || {
            let mut chunk = vec![0; CHUNK];
            chunks().try_for_each(|(number, size)| {
                fill(&mut chunk, number as u64);
                loopback::put(&one, &chunk[..size])
            })
            // Here its end is closed: the receiver sees how much there was.
        };
        let sender = scope.spawn(sender).doing("make a thread")?;
        let received = chunks().try_for_each(|(number, size)| receive(&other, number, size));
        let end = received.and_then(|()| loopback::take(&other, &mut [0]));
        drop(other);
        sender.join()?;
        ensure(end? == 0, || String::from("more came over the connection than was sent"))
    })
}

/// Receives one piece of the stream.
fn receive(socket: &OwnedFd, number: usize, size: usize) -> Result<(), Failure> {
    let (mut chunk, mut wanted) = (vec![0; size], vec![0; CHUNK]);
    loopback::take_all(socket, &mut chunk)?;
    fill(&mut wanted, number as u64);
    ensure(chunk == wanted[..size], || format!("piece {number} came changed"))
}
