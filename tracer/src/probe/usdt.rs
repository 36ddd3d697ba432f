//! Hanging the program for USDT probes on every place that was found.

use std::io;
use std::os::fd::AsFd;

use aya::maps::{Array, MapData};
use aya::programs::UProbe;
use tracer_common::config;
use tracer_common::usdt::SITE_WORDS;
use zerocopy::transmute;

use super::error::LoadError;
use super::family::Family;
use super::load::{Probes, lacking_map, program, refused};
use super::uprobe::{self, Uprobe};
use crate::source::recording::Attached;
use crate::usdt::Found;

/// The program.
const PROGRAM: &str = "usdt";

impl Probes {
    /// Hangs it on the places that were found. What fails is in `missing`, and the rest goes on.
    pub(super) fn attach_usdt(&mut self, found: &Found) {
        self.missing.extend(found.troubles.iter().cloned());
        if found.places.is_empty() {
            return;
        }
        if let Err(error) = self.try_usdt(found) {
            let line = super::attach::chain(&error);
            self.missing.push(format!("USDT probes: {line}"));
            self.uprobes.clear();
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
        let read = |source| LoadError::Read { what: "the kernel's number for uprobes", source };
        let kind = uprobe::kind().map_err(read)?;
        self.describe(found)?;
        let program: &mut UProbe = program(&mut self.bpf, PROGRAM)?;
        program.load().map_err(|source| refused(PROGRAM, source))?;
        let fd = program.fd().map_err(|source| refused(PROGRAM, source))?;
        for (cookie, place) in found.places.iter().enumerate() {
            let probe = usize::try_from(place.site.probe).ok().and_then(|n| found.probes.get(n));
            let failed = |source: io::Error| LoadError::Uprobe {
                probe: probe.map_or_else(String::new, |of| format!("{}:{}", of.provider, of.name)),
                offset: place.offset,
                source,
            };
            self.uprobes.push(Uprobe::attach(fd.as_fd(), kind, place, cookie).map_err(failed)?);
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
