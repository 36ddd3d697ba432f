//! While a recording goes on: whose user stacks come, and where the code of these processes is.
//!
//! The memory map of a process is read when its first user stacks come, for which the kernel side
//! wakes the reader, and again now and then for libraries that are loaded later. A process that has
//! ended by then has the map of its parent, if it has run no program of its own, for then both are
//! the same; else its user stacks have no names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tracer_common::Kind;
use tracer_common::record::{Exec, Newtask, Stack};
use zerocopy::FromBytes;

use super::files::Files;
use super::maps::{self, Area};
use super::{Images, StackKey};
use crate::{decode, time};

/// How old a map must be before a new stack makes it read again, ns: at first so much, for a
/// program loads its libraries then, and twice as much every time.
const OLD_NS: u64 = 200_000;
/// How often that is doubled.
const DOUBLINGS: u32 = 13;

/// Collects what symbols need.
#[derive(Debug, Default)]
pub struct Collector {
    images: Images,
    pub(super) memory: BTreeMap<Image, Memory>,
    /// Images that began as copies of others.
    copies: BTreeMap<Image, Image>,
    pub(super) files: Files,
    /// Kernel stacks.
    pub(super) kernel: BTreeSet<u32>,
}

/// A program in a process: the process, and since when, as in [`StackKey`].
pub(super) type Image = (u32, u64);

/// What is known of an image.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Its user stacks.
    pub(super) stacks: BTreeSet<u32>,
    /// Its code; `None` if that could not be read.
    pub(super) areas: Option<Vec<Area>>,
    /// When it was last tried, ns, and how often.
    read_ns: u64,
    reads: u32,
}

impl Memory {
    fn is_old(&self) -> bool {
        let age_ns = time::monotonic_ns().saturating_sub(self.read_ns);
        self.reads == 0 || age_ns >= OLD_NS << self.reads.min(DOUBLINGS)
    }
}

impl Collector {
    /// Takes in the records of a batch, ring by ring.
    pub fn batch(&mut self, rings: &[(u16, Vec<u8>)]) {
        // Stacks can stand before the exec that they come after: rings are read one by one.
        for (_ring, bytes) in rings {
            records(bytes, |kind, record| match kind {
                Kind::NEWTASK => read(record, |newtask: &Newtask| self.newtask(newtask)),
                Kind::EXEC => read(record, |exec: &Exec| self.exec(exec)),
                _ => {}
            });
        }
        for (_ring, bytes) in rings {
            records(bytes, |kind, record| {
                if kind == Kind::STACK {
                    read(record, |stack: &Stack| self.stack(stack));
                }
            });
        }
    }

    /// Looks once more at the processes that are still there.
    pub(super) fn look_again(&mut self) {
        let images: Vec<Image> = self.memory.keys().copied().collect();
        for image in images {
            if self.is_latest(image) {
                self.look(image);
            }
        }
    }

    /// The code of an image, or of the one that it began as a copy of.
    pub(super) fn areas(&self, mut image: Image) -> Option<&[Area]> {
        // A copy is of an image that began earlier: the walk ends.
        loop {
            let memory = self.memory.get(&image);
            if let Some(areas) = memory.and_then(|memory| memory.areas.as_deref()) {
                return Some(areas);
            }
            image = *self.copies.get(&image).filter(|original| original.1 < image.1)?;
        }
    }

    fn newtask(&mut self, newtask: &Newtask) {
        self.images.newtask(newtask);
        let (key, at_ns) = (newtask.identity.key, newtask.header.at_ns);
        if key.tid == key.tgid {
            let parent = newtask.identity.parent_tgid;
            self.begins((key.tgid, at_ns));
            self.copies.insert((key.tgid, at_ns), (parent, self.images.since(parent, at_ns)));
        }
    }

    fn exec(&mut self, exec: &Exec) {
        self.images.exec(exec);
        self.begins((exec.identity.key.tgid, exec.header.at_ns));
    }

    /// A map that was read after this was that of the new image, not of the one before.
    fn begins(&mut self, (tgid, since_ns): Image) {
        let before = (tgid, self.images.since(tgid, since_ns.saturating_sub(1)));
        if let Some(memory) = self.memory.get_mut(&before).filter(|old| old.read_ns >= since_ns) {
            memory.areas = None;
        }
    }

    fn stack(&mut self, stack: &Stack) {
        self.kernel.extend(u32::try_from(stack.kernel));
        let Ok(user) = u32::try_from(stack.user) else { return };
        let StackKey { tgid, since_ns, .. } = StackKey::of(stack, &self.images);
        let image = (tgid, since_ns);
        let memory = self.memory.entry(image).or_default();
        if memory.stacks.insert(user) && memory.is_old() && self.is_latest(image) {
            self.look(image);
        }
    }

    fn is_latest(&self, (tgid, since_ns): Image) -> bool {
        self.images.since(tgid, u64::MAX) == since_ns
    }

    /// Reads the map of an image that its process should still have.
    fn look(&mut self, image: Image) {
        let Some(memory) = self.memory.get_mut(&image) else { return };
        let maps = Path::new("/proc").join(image.0.to_string()).join("maps");
        let text = std::fs::read_to_string(maps).unwrap_or_default();
        let areas = maps::areas(&text);
        memory.read_ns = time::monotonic_ns();
        memory.reads += 1;
        // A process that is dying has no memory any more.
        if !areas.is_empty() {
            for area in &areas {
                self.files.keep(image.0, area);
            }
            memory.areas = Some(areas);
        }
    }
}

fn records(mut bytes: &[u8], mut each: impl FnMut(u8, &[u8])) {
    while let Ok((record, rest)) = decode::split(bytes) {
        if let Ok((header, _)) = decode::header(record) {
            each(header.kind, record);
        }
        bytes = rest;
    }
}

fn read<T: FromBytes>(record: &[u8], take: impl FnOnce(&T)) {
    if let Ok(record) = T::read_from_bytes(record) {
        take(&record);
    }
}
