//! The stacks that the kernel side has kept.

use aya::maps::{MapData, MapError, StackTraceMap};
use tracer_common::config;

use super::error::LoadError;
use super::load::{Probes, lacking_map};
use crate::stacks::Which;
use crate::stacks::symbols::Addresses;

/// Most different stacks of a recording, and places among which their hashes choose: a power of
/// two. Each takes a kilobyte of memory.
const STACKS_MAX: u32 = 1 << 15;

/// Places in the map of stacks.
pub(super) fn places(wanted: Option<Which>) -> u32 {
    wanted.map_or(1, |_which| STACKS_MAX)
}

/// The kernel side's word for what is wanted.
pub(super) fn global(wanted: Option<Which>) -> &'static u32 {
    match wanted {
        None => &config::Stacks::NONE,
        Some(Which::Waits) => &config::Stacks::WAITS,
        Some(Which::All) => &config::Stacks::ALL,
    }
}

impl Probes {
    /// All stacks by number: their addresses, innermost first.
    ///
    /// # Errors
    /// [`LoadError::Map`].
    pub fn stacks(&self) -> Result<Addresses, LoadError> {
        let map = self.bpf.map(config::STACKS).ok_or_else(|| lacking_map(config::STACKS))?;
        let stacks: StackTraceMap<&MapData> = StackTraceMap::try_from(map)?;
        let mut addresses = Addresses::new();
        for id in stacks.stack_ids() {
            let id = id?;
            match stacks.get(&id, 0) {
                Ok(stack) => {
                    addresses.insert(id, stack.frames().iter().map(|frame| frame.ip).collect());
                }
                Err(MapError::KeyNotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(addresses)
    }
}
