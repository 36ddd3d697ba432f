//! The iterators of an inspection: loaded once, read as often as wanted.

use std::io::Read;

use aya::maps::{HashMap, MapData};
use aya::programs::Iter;
use aya::{Btf, Ebpf, EbpfError};
use tracer_common::config;
use tracer_common::inspect_field;

use super::Families;
use super::btf::KernelTypes;
use super::error::LoadError;
use super::load::{Settings, Target, check_fields, lacking_map, load_object, program, refused};
use super::object::{Fit, OBJECT};
use crate::usdt::Found;

/// Reads all tasks, and everything about those of the named group.
const TASKS: &str = "inspect_task";
/// Reads the group's mappings.
const MAPPINGS: &str = "inspect_mapping";

/// A ring that no record will be written to has at least this size, bytes.
const BUFFER_BYTES: u32 = 64 << 10;

/// The programs in the kernel, from load to drop. Nothing is attached between two reads.
pub struct Inspector {
    bpf: Ebpf,
    // Kept for the programs, which are loaded against it.
    _btf: Btf,
}

impl Inspector {
    /// Loads what reads one thread group.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(tgid: u32) -> Result<Self, LoadError> {
        if OBJECT.is_empty() {
            return Err(LoadError::NotBuilt);
        }
        let types = KernelTypes::read()?;
        let btf = Btf::from_sys_fs().map_err(EbpfError::BtfError)?;
        let (offsets, _named) = types.layout();
        check_fields(&offsets)?;
        let (inspected, _named) = types.offsets(&inspect_field::FIELDS);
        let fit = Fit::of(None)?;
        let settings = Settings {
            stacks: None,
            target: Target::All,
            families: Families::default(),
            buffers: 1,
            buffer_bytes: BUFFER_BYTES,
            usdt: Found::default(),
        };
        let mut bpf =
            load_object(&settings, fit.object(), (&types, &offsets, Some(&inspected)), &btf)?;
        let map = bpf.map_mut(config::TARGETS).ok_or_else(|| lacking_map(config::TARGETS))?;
        let mut targets: HashMap<&mut MapData, u32, u8> = HashMap::try_from(map)?;
        targets.insert(tgid, 1, 0)?;
        for (name, kind) in [(TASKS, "task"), (MAPPINGS, "task_vma")] {
            let program: &mut Iter = program(&mut bpf, name)?;
            program.load(kind, &btf).map_err(|source| refused(name, source))?;
        }
        Ok(Self { bpf, _btf: btf })
    }

    /// Reads all tasks, and everything about those of the group: records, one after the other.
    ///
    /// # Errors
    /// [`LoadError`]: the iterator could not be opened or read.
    pub fn tasks(&mut self) -> Result<Vec<u8>, LoadError> {
        self.read(TASKS)
    }

    /// Reads the mappings of the group.
    ///
    /// # Errors
    /// As [`Inspector::tasks`].
    pub fn mappings(&mut self) -> Result<Vec<u8>, LoadError> {
        self.read(MAPPINGS)
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let program: &mut Iter = program(&mut self.bpf, name)?;
        let link = program.attach().map_err(|source| refused(name, source))?;
        let link = program.take_link(link).map_err(|source| refused(name, source))?;
        let mut records = Vec::new();
        let read = |source| LoadError::Read { what: "the task iterator", source };
        link.into_file()?.read_to_end(&mut records).map_err(read)?;
        Ok(records)
    }
}
