//! The records of an inspection, found by task.

use std::collections::BTreeMap;

use tracer_common::record::{
    InspectedHandlers, InspectedKernelThread, InspectedLwp, InspectedMapping, InspectedProcess,
    TaskSeen,
};
use tracer_common::task::TaskKey;
use tracer_common::{Header, Kind};
use zerocopy::{FromBytes, Immutable, KnownLayout};

use super::number;

type Task = (u32, u64);

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    seen: Vec<TaskSeen>,
    processes: BTreeMap<Task, InspectedProcess>,
    handlers: BTreeMap<Task, InspectedHandlers>,
    lwps: BTreeMap<Task, InspectedLwp>,
    kernel_threads: BTreeMap<Task, InspectedKernelThread>,
    mappings: BTreeMap<u64, InspectedMapping>,
}

impl Raw {
    /// Sorts records, one after the other, by what they are. What is not understood is left out.
    pub fn of(mut records: &[u8]) -> Self {
        let mut raw = Self::default();
        while let Ok((header, _)) = Header::read_from_prefix(records) {
            let length = usize::from(header.words) * 8;
            let Some((record, rest)) = records.split_at_checked(length) else { break };
            if length == 0 {
                break;
            }
            raw.add(header.kind, record);
            records = rest;
        }
        raw
    }

    fn add(&mut self, kind: u8, record: &[u8]) {
        match kind {
            Kind::TASK => self.seen.extend(TaskSeen::read_from_bytes(record)),
            Kind::INSPECTED_PROCESS => insert(&mut self.processes, record, |it| it.key),
            Kind::INSPECTED_HANDLERS => insert(&mut self.handlers, record, |it| it.key),
            Kind::INSPECTED_LWP => insert(&mut self.lwps, record, |it| it.key),
            Kind::INSPECTED_KERNEL_THREAD => insert(&mut self.kernel_threads, record, |it| it.key),
            Kind::INSPECTED_MAPPING => {
                if let Ok(mapping) = InspectedMapping::read_from_bytes(record) {
                    self.mappings.insert(mapping.start, mapping);
                }
            }
            _ => {}
        }
    }

    /// All tasks of the machine.
    pub fn seen(&self) -> &[TaskSeen] {
        &self.seen
    }

    /// The tasks of a group, by number.
    pub fn threads(&self, tgid: u32) -> impl Iterator<Item = &TaskSeen> {
        let mut threads: Vec<_> =
            self.seen.iter().filter(|seen| seen.identity.key.tgid == tgid).collect();
        threads.sort_by_key(|seen| seen.identity.key.tid);
        threads.into_iter()
    }

    /// When the first and the last task were read, ns.
    pub fn span(&self) -> (u64, u64) {
        let times = || self.seen.iter().map(|seen| seen.header.at_ns);
        (times().min().unwrap_or(0), times().max().unwrap_or(0))
    }

    /// What was told of the objects that a task has in common with others.
    pub fn process(&self, key: TaskKey) -> Option<&InspectedProcess> {
        self.processes.get(&number(key))
    }

    /// What was told of its handlers.
    pub fn handlers(&self, key: TaskKey) -> Option<&InspectedHandlers> {
        self.handlers.get(&number(key))
    }

    /// Its user side.
    pub fn lwp(&self, key: TaskKey) -> Option<&InspectedLwp> {
        self.lwps.get(&number(key))
    }

    /// Its scheduler's side.
    pub fn kernel_thread(&self, key: TaskKey) -> Option<&InspectedKernelThread> {
        self.kernel_threads.get(&number(key))
    }

    /// The mapping that has an address.
    pub fn mapping(&self, address: u64) -> Option<&InspectedMapping> {
        let (_, mapping) = self.mappings.range(..=address).next_back()?;
        (address < mapping.end).then_some(mapping)
    }

    /// All mappings, by address.
    pub fn mappings(&self) -> impl Iterator<Item = &InspectedMapping> {
        self.mappings.values()
    }
}

fn insert<T: FromBytes + KnownLayout + Immutable>(
    into: &mut BTreeMap<Task, T>,
    record: &[u8],
    key: impl FnOnce(&T) -> TaskKey,
) {
    if let Ok(record) = T::read_from_bytes(record) {
        into.insert(number(key(&record)), record);
    }
}
