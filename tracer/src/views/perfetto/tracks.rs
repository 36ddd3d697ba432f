//! Slices, instants and flows on tracks of tasks and of CPUs.

use std::collections::HashMap;
use std::io::{self, Write};

use super::out::{Out, number};
use super::packet::{
    DebugAnnotation, INSTANT, Interned, InternedData, Packet, SLICE_BEGIN, SLICE_END,
    ThreadDescriptor, TrackDescriptor, TrackEvent,
};

/// The sequence of packets with names of its own.
const SEQUENCE: u32 = 2;

/// What belongs to an event besides its name.
#[derive(Debug, Default)]
pub(super) struct With {
    /// Flows that begin here.
    pub(super) from: Vec<u64>,
    /// Flows that end here.
    pub(super) to: Vec<u64>,
    /// Their names, and what they say.
    pub(super) facts: Vec<(&'static str, DebugAnnotation)>,
}

/// The tracks there are, and the names that were told.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    last: u64,
    flows: u64,
    names: HashMap<String, u64>,
    categories: HashMap<&'static str, u64>,
    facts: HashMap<&'static str, u64>,
    cpus: HashMap<(u16, &'static str), u64>,
    parents: HashMap<&'static str, u64>,
    begun: bool,
}

impl Tracks {
    /// A new flow's number.
    pub(super) fn flow(&mut self) -> u64 {
        self.flows += 1;
        self.flows
    }

    /// A new track of a task, on which nothing is before this time, ns.
    pub(super) fn thread<W: Write>(
        &mut self,
        out: &mut Out<W>,
        at_ns: u64,
        (thread, process): (u32, u32),
    ) -> io::Result<u64> {
        let thread = ThreadDescriptor { pid: Some(number(process)), tid: Some(number(thread)) };
        let track = TrackDescriptor { thread: Some(thread), ..TrackDescriptor::default() };
        self.track(out, Some(at_ns), track)
    }

    /// The track of this kind of a CPU.
    pub(super) fn cpu<W: Write>(
        &mut self,
        out: &mut Out<W>,
        cpu: u16,
        kind: &'static str,
    ) -> io::Result<u64> {
        if let Some(&track) = self.cpus.get(&(cpu, kind)) {
            return Ok(track);
        }
        let parent = if let Some(&parent) = self.parents.get(kind) {
            parent
        } else {
            let name = Some(kind.to_owned());
            let parent =
                self.track(out, None, TrackDescriptor { name, ..TrackDescriptor::default() })?;
            self.parents.insert(kind, parent);
            parent
        };
        let name = Some(format!("{kind} CPU {cpu}"));
        let parent_uuid = Some(parent);
        let track = self.track(
            out,
            None,
            TrackDescriptor { name, parent_uuid, ..TrackDescriptor::default() },
        )?;
        self.cpus.insert((cpu, kind), track);
        Ok(track)
    }

    fn track<W: Write>(
        &mut self,
        out: &mut Out<W>,
        at_ns: Option<u64>,
        track: TrackDescriptor,
    ) -> io::Result<u64> {
        self.last += 1;
        // Small numbers are taken by the reader's own tracks.
        let uuid = self.last | 1 << 40;
        out.packet(&Packet {
            timestamp: at_ns.map(|at_ns| out.time(at_ns)),
            // Not that of the events: the reader would put all those of CPUs to the last task that
            // a descriptor of their sequence names.
            trusted_packet_sequence_id: Some(1),
            track_descriptor: Some(TrackDescriptor { uuid: Some(uuid), ..track }),
            ..Packet::default()
        })?;
        Ok(uuid)
    }

    /// Something happened at one moment, ns.
    pub(super) fn instant<W: Write>(
        &mut self,
        out: &mut Out<W>,
        (track, at_ns): (u64, u64),
        (category, name): (&'static str, &str),
        with: With,
    ) -> io::Result<()> {
        self.event(out, (track, at_ns, INSTANT), (category, name), with)
    }

    /// Something began at this time, ns, of which no end is known.
    pub(super) fn begin<W: Write>(
        &mut self,
        out: &mut Out<W>,
        (track, from_ns): (u64, u64),
        (category, name): (&'static str, &str),
        with: With,
    ) -> io::Result<()> {
        self.event(out, (track, from_ns, SLICE_BEGIN), (category, name), with)
    }

    /// Something lasted from one time to another, ns.
    pub(super) fn slice<W: Write>(
        &mut self,
        out: &mut Out<W>,
        (track, from_ns, to_ns): (u64, u64, u64),
        (category, name): (&'static str, &str),
        with: With,
    ) -> io::Result<()> {
        self.begin(out, (track, from_ns), (category, name), with)?;
        let end = TrackEvent {
            r#type: Some(SLICE_END),
            track_uuid: Some(track),
            ..TrackEvent::default()
        };
        let packet = self.of_sequence(out.time(to_ns.max(from_ns)), end, None);
        out.packet(&packet)
    }

    fn event<W: Write>(
        &mut self,
        out: &mut Out<W>,
        (track, at_ns, kind): (u64, u64, i32),
        (category, name): (&'static str, &str),
        with: With,
    ) -> io::Result<()> {
        let mut told = InternedData::default();
        let category_iid = iid(&mut self.categories, category, &mut told.event_categories);
        let facts = with.facts.into_iter().map(|(name, fact)| {
            let name_iid = iid(&mut self.facts, name, &mut told.debug_annotation_names);
            DebugAnnotation { name_iid: Some(name_iid), ..fact }
        });
        let debug_annotations = facts.collect();
        let name_iid = if let Some(&iid) = self.names.get(name) {
            iid
        } else {
            let iid = self.names.len() as u64 + 1;
            self.names.insert(name.to_owned(), iid);
            told.event_names.push(interned(iid, name));
            iid
        };
        let event = TrackEvent {
            category_iids: vec![category_iid],
            debug_annotations,
            r#type: Some(kind),
            name_iid: Some(name_iid),
            track_uuid: Some(track),
            flow_ids: with.from,
            terminating_flow_ids: with.to,
        };
        let packet = self.of_sequence(out.time(at_ns), event, Some(told));
        out.packet(&packet)
    }

    fn of_sequence(
        &mut self,
        timestamp: u64,
        event: TrackEvent,
        told: Option<InternedData>,
    ) -> Packet {
        let cleared = !std::mem::replace(&mut self.begun, true);
        Packet {
            timestamp: Some(timestamp),
            trusted_packet_sequence_id: Some(SEQUENCE),
            // Numbers of names begin here.
            sequence_flags: cleared.then_some(1),
            interned_data: told.filter(|told| *told != InternedData::default()),
            track_event: Some(event),
            ..Packet::default()
        }
    }
}

/// The number of a name, which is told if it is new.
fn iid(
    known: &mut HashMap<&'static str, u64>,
    name: &'static str,
    told: &mut Vec<Interned>,
) -> u64 {
    let new = known.len() as u64 + 1;
    *known.entry(name).or_insert_with(|| {
        told.push(interned(new, name));
        new
    })
}

fn interned(iid: u64, name: &str) -> Interned {
    Interned { iid: Some(iid), name: Some(name.to_owned()) }
}

/// A number beside an event.
pub(super) fn fact(name: &'static str, value: i64) -> (&'static str, DebugAnnotation) {
    (name, DebugAnnotation { int_value: Some(value), ..DebugAnnotation::default() })
}

/// A text beside an event.
pub(super) fn text_fact(name: &'static str, value: &str) -> (&'static str, DebugAnnotation) {
    let string_value = Some(value.to_owned());
    (name, DebugAnnotation { string_value, ..DebugAnnotation::default() })
}

/// An address beside an event.
pub(super) fn address(name: &'static str, value: u64) -> (&'static str, DebugAnnotation) {
    (name, DebugAnnotation { pointer_value: Some(value), ..DebugAnnotation::default() })
}
