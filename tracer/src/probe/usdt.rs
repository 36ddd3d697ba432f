//! Hanging the program for USDT probes on every place that was found.

use std::collections::HashSet;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

use aya::maps::{Array, Map, MapData};
use aya::programs::UProbe;
use aya_obj::Object;
use aya_obj::generated::bpf_insn;
use tracer_common::config;
use tracer_common::usdt::SITE_WORDS;
use zerocopy::transmute;

use super::error::LoadError;
use super::family::Family;
use super::load::{Probes, lacking_map, program, refused};
use super::object::OBJECT;
use super::uprobe;
use crate::source::recording::Attached;
use crate::usdt::{Found, Place};

/// The program.
pub(super) const PROGRAM: &str = "usdt";

/// What holds the program on its places; it comes off when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Hung {
    links: Vec<OwnedFd>,
    /// The program in the form that hangs on many places, where the kernel knows it.
    program: Option<OwnedFd>,
}

impl Hung {
    /// Its descriptor, if it is loaded in that form.
    pub(super) fn program(&self) -> Option<BorrowedFd<'_>> {
        self.program.as_ref().map(AsFd::as_fd)
    }

    /// Takes it off its places.
    pub(super) fn take_off(&mut self) {
        self.links.clear();
    }
}

impl Probes {
    /// Loads the program in the form that hangs on many places, if there are any: while all maps
    /// are still at hand. A kernel that does not know this form gets the other.
    pub(super) fn load_usdt(&mut self, found: &Found) {
        if found.places.is_empty() {
            return;
        }
        let maps: Vec<(&str, RawFd)> =
            self.bpf.maps().filter_map(|(name, map)| Some((name, descriptor(map)?))).collect();
        let instructions = relocated(&maps);
        self.hung.program =
            instructions.and_then(|instructions| uprobe::load(&instructions, PROGRAM).ok());
    }

    /// Hangs it on the places that were found. What fails is in `missing`, and the rest goes on.
    pub(super) fn attach_usdt(&mut self, found: &Found) {
        self.missing.extend(found.troubles.iter().cloned());
        if found.places.is_empty() {
            return;
        }
        if let Err(error) = self.try_usdt(found) {
            let line = super::attach::chain(&error);
            self.missing.push(format!("USDT probes: {line}"));
            self.hung = Hung::default();
            return;
        }
        self.usdt.clone_from(&found.probes);
        let family = Family::Usdt.name().to_owned();
        for probe in &found.probes {
            let program = format!("{}:{}", probe.provider, probe.name);
            self.attached.push(Attached { family: family.clone(), program });
        }
    }

    fn try_usdt(&mut self, found: &Found) -> Result<(), LoadError> {
        self.describe(found)?;
        if self.hung.program.is_some() && self.hang_at_once(found).is_ok() {
            return Ok(());
        }
        self.hung = Hung::default();
        let read = |source| LoadError::Read { what: "the kernel's number for uprobes", source };
        let kind = uprobe::kind().map_err(read)?;
        let program: &mut UProbe = program(&mut self.bpf, PROGRAM)?;
        program.load().map_err(|source| refused(PROGRAM, source))?;
        let fd = program.fd().map_err(|source| refused(PROGRAM, source))?;
        for (cookie, place) in (0..).zip(&found.places) {
            let probe = usize::try_from(place.site.probe).ok().and_then(|n| found.probes.get(n));
            let failed = |source| LoadError::Uprobe {
                probe: probe.map_or_else(String::new, |of| format!("{}:{}", of.provider, of.name)),
                offset: place.offset,
                source,
            };
            self.hung
                .links
                .extend(uprobe::link_one(fd.as_fd(), kind, place, cookie).map_err(failed)?);
        }
        Ok(())
    }

    /// One link for each file.
    fn hang_at_once(&mut self, found: &Found) -> io::Result<()> {
        let Hung { links, program } = &mut self.hung;
        let Some(program) = program else { return Ok(()) };
        let numbered: Vec<(u64, &Place)> = (0..).zip(&found.places).collect();
        for of_file in numbered.chunk_by(|(_, a), (_, b)| Arc::ptr_eq(&a.file, &b.file)) {
            let (cookies, places): (Vec<u64>, Vec<&Place>) = of_file.iter().copied().unzip();
            links.push(uprobe::link_many(program.as_fd(), &places, &cookies)?);
        }
        Ok(())
    }

    /// Tells the program where the arguments are.
    fn describe(&mut self, found: &Found) -> Result<(), LoadError> {
        let map = self.bpf.map_mut(config::USDT_SITES);
        let map = map.ok_or_else(|| lacking_map(config::USDT_SITES))?;
        let mut sites: Array<&mut MapData, [u64; SITE_WORDS]> = Array::try_from(map)?;
        for (index, place) in (0..).zip(&found.places) {
            let words: [u64; SITE_WORDS] = transmute!(place.site);
            sites.set(index, words, 0)?;
        }
        Ok(())
    }
}

/// The descriptor of a map, of the kinds that the programs have.
fn descriptor(map: &Map) -> Option<RawFd> {
    match map {
        Map::Array(map)
        | Map::ArrayOfMaps(map)
        | Map::HashMap(map)
        | Map::PerCpuArray(map)
        | Map::Unsupported(map) => Some(map.fd().as_fd().as_raw_fd()),
        _ => None,
    }
}

/// The program's instructions with these maps in them. aya keeps those it loads to itself, and
/// loads a program for uprobes only in the form that hangs on one place.
fn relocated(maps: &[(&str, RawFd)]) -> Option<Vec<bpf_insn>> {
    let mut object = Object::parse(OBJECT).ok()?;
    let text: HashSet<usize> = object.functions.keys().map(|(section, _)| *section).collect();
    let others: HashSet<usize> = object
        .programs
        .iter()
        .filter(|(name, _)| *name != PROGRAM)
        .map(|(_, program)| program.section_index)
        .collect();
    object.programs.retain(|name, _| name == PROGRAM);
    object.functions.retain(|(section, _), _| !others.contains(section));
    let known = std::mem::take(&mut object.maps);
    let maps = maps.iter().filter_map(|&(name, fd)| Some((name, fd, known.get(name)?)));
    object.relocate_maps(maps, &text).ok()?;
    object.relocate_calls(&text).ok()?;
    let key = object.programs.get(PROGRAM)?.function_key();
    object.functions.remove(&key).map(|function| function.instructions)
}
