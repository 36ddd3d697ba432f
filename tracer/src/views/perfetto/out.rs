//! Packets to the writer, as soon as they are full: nothing of the trace is kept.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::packet::{CompactSched, FtraceEvent, FtraceEventBundle, Packet};

/// Entries of a bundle at which it is written.
const BUNDLE: usize = 2048;

/// Who comes onto a CPU.
#[derive(Clone, Debug, Default)]
pub(super) struct Comer {
    pub(super) tid: u32,
    pub(super) prio: i32,
    pub(super) comm: String,
}

/// A waking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake<'a> {
    pub(super) tid: u32,
    pub(super) prio: i32,
    pub(super) comm: &'a str,
    pub(super) target_cpu: u16,
    /// `TRACE_FLAG_*`
    pub(super) flags: u32,
}

/// What is collected for one CPU.
#[derive(Debug, Default)]
struct Bundle {
    sched: CompactSched,
    events: Vec<FtraceEvent>,
    comms: HashMap<String, u32>,
    switched_ns: u64,
    woken_ns: u64,
    lost: bool,
    begun: bool,
}

/// Where packets go.
pub(super) struct Out<W> {
    to: W,
    /// What all times are moved by, ns: from the monotonic clock to that of boot time.
    offset_ns: u64,
    bundles: BTreeMap<u16, Bundle>,
    bytes: Vec<u8>,
    begin_ns: u64,
}

impl<W: Write> Out<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, offset_ns: 0, bundles: BTreeMap::new(), bytes: Vec::new(), begin_ns: 0 }
    }

    /// All times are moved by so many ns.
    pub(super) fn begin(&mut self, offset_ns: u64, begin_ns: u64) {
        (self.offset_ns, self.begin_ns) = (offset_ns, begin_ns);
    }

    /// Nothing is before this time, ns.
    pub(super) fn begin_at(&mut self, begin_ns: u64) {
        self.begin_ns = begin_ns;
    }

    /// A time of the recording, ns, as the trace has it.
    pub(super) fn time(&self, at_ns: u64) -> u64 {
        at_ns.wrapping_add(self.offset_ns)
    }

    /// Writes one packet: a field of the message `Trace`.
    pub(super) fn packet(&mut self, packet: &Packet) -> io::Result<()> {
        self.bytes.clear();
        prost::encoding::message::encode(1, packet, &mut self.bytes);
        self.to.write_all(&self.bytes)
    }

    /// A CPU goes to `next` and leaves its last task in this state (`prev_state` bits).
    pub(super) fn switch(
        &mut self,
        cpu: u16,
        at_ns: u64,
        state: i64,
        next: &Comer,
    ) -> io::Result<()> {
        let at_ns = self.time(at_ns);
        let bundle = self.bundle(cpu);
        let comm = bundle.comm(&next.comm);
        let sched = &mut bundle.sched;
        sched.switch_timestamp.push(at_ns.wrapping_sub(bundle.switched_ns));
        sched.switch_prev_state.push(state);
        sched.switch_next_pid.push(number(next.tid));
        sched.switch_next_prio.push(next.prio);
        sched.switch_next_comm_index.push(comm);
        bundle.switched_ns = at_ns;
        self.full(cpu)
    }

    /// On this CPU a task is woken.
    pub(super) fn waking(&mut self, cpu: u16, at_ns: u64, wake: &Wake<'_>) -> io::Result<()> {
        let at_ns = self.time(at_ns);
        let bundle = self.bundle(cpu);
        let comm = bundle.comm(wake.comm);
        let sched = &mut bundle.sched;
        sched.waking_timestamp.push(at_ns.wrapping_sub(bundle.woken_ns));
        sched.waking_pid.push(number(wake.tid));
        sched.waking_target_cpu.push(i32::from(wake.target_cpu));
        sched.waking_prio.push(wake.prio);
        sched.waking_comm_index.push(comm);
        sched.waking_common_flags.push(wake.flags);
        bundle.woken_ns = at_ns;
        self.full(cpu)
    }

    /// Another ftrace event of this CPU.
    pub(super) fn event(&mut self, cpu: u16, at_ns: u64, event: FtraceEvent) -> io::Result<()> {
        let timestamp = Some(self.time(at_ns));
        self.bundle(cpu).events.push(FtraceEvent { timestamp, ..event });
        self.full(cpu)
    }

    /// Records of this CPU are missing before what is written next of it.
    pub(super) fn lost(&mut self, cpu: u16) {
        self.bundle(cpu).lost = true;
    }

    /// Everything that is collected.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let cpus: Vec<u16> = self.bundles.keys().copied().collect();
        for cpu in cpus {
            self.write_bundle(cpu)?;
        }
        self.to.flush()
    }

    fn bundle(&mut self, cpu: u16) -> &mut Bundle {
        let bundle = self.bundles.entry(cpu).or_default();
        if !bundle.begun {
            // The first switch of a CPU tells only who is on it from then on.
            bundle.begun = true;
            let begin_ns = self.begin_ns.wrapping_add(self.offset_ns);
            let idle = bundle.comm("swapper");
            bundle.switched_ns = begin_ns;
            bundle.sched.switch_timestamp.push(begin_ns);
            bundle.sched.switch_prev_state.push(0);
            bundle.sched.switch_next_pid.push(0);
            bundle.sched.switch_next_prio.push(120);
            bundle.sched.switch_next_comm_index.push(idle);
        }
        bundle
    }

    fn full(&mut self, cpu: u16) -> io::Result<()> {
        let full = self.bundles.get(&cpu).is_some_and(|bundle| {
            let sched = &bundle.sched;
            let entries =
                sched.switch_timestamp.len() + sched.waking_timestamp.len() + bundle.events.len();
            entries >= BUNDLE
        });
        if full { self.write_bundle(cpu) } else { Ok(()) }
    }

    fn write_bundle(&mut self, cpu: u16) -> io::Result<()> {
        let Some(bundle) = self.bundles.get_mut(&cpu) else { return Ok(()) };
        let sched = std::mem::take(&mut bundle.sched);
        let events = std::mem::take(&mut bundle.events);
        bundle.comms.clear();
        // Differences begin anew with each bundle.
        (bundle.switched_ns, bundle.woken_ns) = (0, 0);
        let lost = std::mem::take(&mut bundle.lost);
        let packet = Packet {
            trusted_packet_sequence_id: Some(1),
            ftrace_events: Some(FtraceEventBundle {
                cpu: Some(u32::from(cpu)),
                event: events,
                lost_events: lost.then_some(true),
                compact_sched: Some(sched),
            }),
            ..Packet::default()
        };
        self.packet(&packet)
    }
}

impl Bundle {
    /// The place of a name in the bundle's table.
    fn comm(&mut self, comm: &str) -> u32 {
        if let Some(&place) = self.comms.get(comm) {
            return place;
        }
        let place = u32::try_from(self.comms.len()).unwrap_or(u32::MAX);
        self.comms.insert(comm.to_owned(), place);
        self.sched.intern_table.push(comm.to_owned());
        place
    }
}

/// A task's number as the format has it.
pub(super) fn number(tid: u32) -> i32 {
    i32::try_from(tid).unwrap_or(i32::MAX)
}
