//! Loading and attaching, and what is asked of the programs afterwards.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd};

use aya::maps::{Array, HashMap, MapData, PerCpuArray};
use aya::programs::{Iter, Program, ProgramError};
use aya::{Btf, Ebpf, EbpfError, EbpfLoader};
use tracer_common::config::{self, Follow};
use tracer_common::{counter, field, inspect_field};

use super::btf::KernelTypes;
use super::calls;
use super::error::LoadError;
use super::family::{Families, Family};
use super::object::{Fit, OBJECT};
use super::programs::ITERATOR;
use super::stacks;
use super::usdt::{self as usdt_program, Hung};
use crate::source::recording::{Attached, ProgramCost};
use crate::source::ring::Rings;
use crate::usdt;

/// Whom to follow, in the kernel's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every task.
    All,
    /// These thread groups and all that they create.
    Groups(Vec<u32>),
    /// A cgroup and what is below it.
    Cgroup {
        /// Inode number of its directory.
        id: u64,
        /// Its depth below the root.
        level: u32,
    },
}

/// What to load.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whom to follow.
    pub target: Target,
    /// Which families.
    pub families: Families,
    /// How many ring buffers.
    pub buffers: u32,
    /// Size of each, bytes: a power of two times the page size.
    pub buffer_bytes: u32,
    /// USDT probes.
    pub usdt: usdt::Found,
    /// At which switches stacks are recorded, if at any.
    pub stacks: Option<crate::stacks::Which>,
}

/// The programs in the kernel, from load to drop; dropping detaches them.
pub struct Probes {
    /// Dropped first: what is hung on files.
    pub(super) hung: Hung,
    pub(super) bpf: Ebpf,
    pub(super) btf: Btf,
    #[cfg(feature = "bpf-log")]
    diagnostics: super::diagnostics::Diagnostics,
    /// What is attached.
    pub attached: Vec<Attached>,
    /// What was wanted and is not, one line each.
    pub missing: Vec<String>,
    /// Offsets of the kernel fields, by name.
    pub layout: BTreeMap<String, u32>,
    /// The USDT probes that are attached, by their numbers in records.
    pub usdt: Vec<usdt::Probe>,
}

impl Probes {
    /// Loads everything and attaches what the settings ask for. Returns the ring buffers as well:
    /// they are filling from now on.
    ///
    /// # Errors
    /// [`LoadError`]. A family that this kernel lacks is no error; it is in `missing`.
    pub fn load(settings: &Settings) -> Result<(Self, Rings), LoadError> {
        if OBJECT.is_empty() {
            return Err(LoadError::NotBuilt);
        }
        let types = KernelTypes::read()?;
        let btf = Btf::from_sys_fs().map_err(EbpfError::BtfError)?;
        let (offsets, layout) = types.layout();
        check_fields(&offsets)?;
        let fit = Fit::of(settings.stacks)?;
        #[cfg_attr(not(feature = "bpf-log"), expect(unused_mut, reason = "the logger changes it"))]
        let mut bpf = load_object(settings, fit.object(), (&types, &offsets, None), &btf)?;
        let mut probes = Self {
            #[cfg(feature = "bpf-log")]
            diagnostics: super::diagnostics::Diagnostics::of(&mut bpf),
            hung: Hung::default(),
            bpf,
            btf,
            attached: vec![],
            missing: fit.shallow.into_iter().collect(),
            layout,
            usdt: vec![],
        };
        probes.load_usdt(&settings.usdt);
        let rings = probes.make_rings(settings)?;
        probes.name_targets(settings)?;
        probes.load_iterator()?;
        probes.attach(settings, &types)?;
        Ok((probes, rings))
    }

    fn make_rings(&mut self, settings: &Settings) -> Result<Rings, LoadError> {
        let outer = self.bpf.take_map(config::RINGS).ok_or_else(|| lacking_map(config::RINGS))?;
        Ok(Rings::make(outer, settings.buffers, settings.buffer_bytes)?)
    }

    fn name_targets(&mut self, settings: &Settings) -> Result<(), LoadError> {
        let Target::Groups(groups) = &settings.target else { return Ok(()) };
        let map = self.bpf.map_mut(config::TARGETS);
        let map = map.ok_or_else(|| lacking_map(config::TARGETS))?;
        let mut targets: HashMap<&mut MapData, u32, u8> = HashMap::try_from(map)?;
        for group in groups {
            targets.insert(group, 1, 0)?;
        }
        Ok(())
    }

    fn load_iterator(&mut self) -> Result<(), LoadError> {
        let Self { bpf, btf, .. } = self;
        let program: &mut Iter = program(bpf, ITERATOR)?;
        program.load("task", btf).map_err(|source| refused(ITERATOR, source))
    }

    /// Lets records through, or stops them. Attached programs are silent before the first call.
    ///
    /// # Errors
    /// [`LoadError::Map`].
    pub fn arm(&mut self, on: bool) -> Result<(), LoadError> {
        let map = self.bpf.map_mut(config::ARMED).ok_or_else(|| lacking_map(config::ARMED))?;
        let mut armed: Array<&mut MapData, u32> = Array::try_from(map)?;
        Ok(armed.set(0, u32::from(on), 0)?)
    }

    /// Reads all tasks: their records, one after the other. Marks those that are named.
    ///
    /// # Errors
    /// [`LoadError`]: the iterator could not be opened or read.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, LoadError> {
        let program: &mut Iter = program(&mut self.bpf, ITERATOR)?;
        let link = program.attach().map_err(|source| refused(ITERATOR, source))?;
        let link = program.take_link(link).map_err(|source| refused(ITERATOR, source))?;
        let mut records = Vec::new();
        let read = |source| LoadError::Read { what: "the task iterator", source };
        link.into_file()?.read_to_end(&mut records).map_err(read)?;
        Ok(records)
    }

    /// Forgets the named groups: their tasks are marked now, and the numbers may be reused.
    ///
    /// # Errors
    /// [`LoadError::Map`].
    pub fn forget_targets(&mut self) -> Result<(), LoadError> {
        let map = self.bpf.map_mut(config::TARGETS);
        let map = map.ok_or_else(|| lacking_map(config::TARGETS))?;
        let mut targets: HashMap<&mut MapData, u32, u8> = HashMap::try_from(map)?;
        let groups: Vec<u32> = targets.keys().collect::<Result<_, _>>()?;
        for group in groups {
            targets.remove(&group)?;
        }
        Ok(())
    }

    /// Shows what the BPF programs had to say, if they were built to say anything.
    #[cfg(feature = "bpf-log")]
    pub fn show_diagnostics(&mut self) {
        self.diagnostics.show();
    }

    /// The counters of every possible CPU.
    ///
    /// # Errors
    /// [`LoadError::Map`].
    pub fn counters(&self) -> Result<Vec<[u64; counter::COUNT]>, LoadError> {
        let map = self.bpf.map(config::COUNTERS).ok_or_else(|| lacking_map(config::COUNTERS))?;
        let counters: PerCpuArray<&MapData, [u64; counter::COUNT]> = PerCpuArray::try_from(map)?;
        Ok(counters.get(&0, 0)?.iter().copied().collect())
    }

    /// What each attached program has cost and missed so far.
    pub fn costs(&self) -> Vec<ProgramCost> {
        let own = self.hung.program().map(|fd| (usdt_program::PROGRAM, fd.as_raw_fd()));
        let loaded = self
            .bpf
            .programs()
            .filter_map(|(name, program)| Some((name, program.fd().ok()?.as_fd().as_raw_fd())));
        let attached = loaded.chain(own).filter_map(|(name, fd)| {
            let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).ok()?;
            let number = |key: &str| {
                let line = info.lines().find_map(|line| line.strip_prefix(key));
                line.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
            };
            Some(ProgramCost {
                program: name.to_owned(),
                runs: number("run_cnt:"),
                run_time_ns: number("run_time_ns:"),
                recursion_misses: number("recursion_misses:"),
            })
        });
        let mut costs: Vec<_> = attached.collect();
        costs.sort_by(|a, b| a.program.cmp(&b.program));
        costs
    }
}

/// The offsets of the fields that an inspection reads, if there is one.
pub(super) type Inspected<'a> = Option<&'a [u32; inspect_field::COUNT]>;

pub(super) fn load_object(
    settings: &Settings,
    object: &[u8],
    (types, offsets, inspected): (&KernelTypes, &[u32; field::COUNT], Inspected<'_>),
    btf: &Btf,
) -> Result<Ebpf, LoadError> {
    let args = |tracepoint| types.tracepoint_args(tracepoint).unwrap_or(0);
    let has_prev_state = u32::from(args("sched_switch") >= 4);
    let has_group_dead = u32::from(args("sched_process_exit") >= 2);
    let has_find_vma = u32::from(types.has_function("bpf_find_vma"));
    let has_task_pt_regs = u32::from(types.has_function("bpf_task_pt_regs"));
    let has_interrupts = u32::from(settings.families.has(Family::Irq));
    let classes = calls::classes(&settings.families);
    let (follow, cgroup_id, cgroup_level) = match settings.target {
        Target::All => (Follow::ALL, 0, 0),
        Target::Groups(_) => (Follow::TARGETS, 0, 0),
        Target::Cgroup { id, level } => (Follow::CGROUP, id, level),
    };
    // A quarter of a ring, so that the reader comes in time, but rarely.
    let watermark = settings.buffer_bytes / 4;
    let (self_tgid, id_key) = (std::process::id(), id_key()?);
    let mut loader = EbpfLoader::new();
    loader
        .btf(Some(btf))
        .allow_unsupported_maps()
        .override_global(config::LAYOUT, offsets.as_slice(), true)
        .override_global(config::FOLLOW, &follow, true)
        .override_global(config::SELF_TGID, &self_tgid, true)
        .override_global(config::RING_COUNT, &settings.buffers, true)
        .override_global(config::WATERMARK, &watermark, true)
        .override_global(config::ID_KEY, &id_key, true)
        .override_global(config::HAS_PREV_STATE, &has_prev_state, true)
        .override_global(config::HAS_GROUP_DEAD, &has_group_dead, true)
        .override_global(config::HAS_INTERRUPTS, &has_interrupts, true)
        .override_global(config::HAS_FIND_VMA, &has_find_vma, true)
        .override_global(config::HAS_TASK_PT_REGS, &has_task_pt_regs, true)
        .override_global(config::CGROUP_ID, &cgroup_id, true)
        .override_global(config::CGROUP_LEVEL, &cgroup_level, true)
        .map_max_entries(config::STACKS, stacks::places(settings.stacks))
        .override_global(config::STACKS_OF, stacks::global(settings.stacks), true)
        .override_global(config::CALL_CLASS, classes.as_slice(), true);
    if let Some(offsets) = inspected {
        loader.override_global(config::INSPECT_LAYOUT, offsets.as_slice(), true);
    }
    Ok(loader.load(object)?)
}

/// Fields without which no task can be told from another.
pub(super) fn check_fields(offsets: &[u32; field::COUNT]) -> Result<(), LoadError> {
    for needed in [field::TASK_PID, field::TASK_TGID, field::TASK_START_TIME] {
        if offsets[needed] == field::ABSENT {
            let field::Field { of, paths, .. } = field::FIELDS[needed];
            return Err(LoadError::Lacking(format!("field {of}.{}", paths[0])));
        }
    }
    Ok(())
}

/// A random mask for kernel addresses.
fn id_key() -> Result<u64, LoadError> {
    let mut key = [0; 8];
    let read = |source| LoadError::Read { what: "/dev/urandom", source };
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut key)).map_err(read)?;
    Ok(u64::from_ne_bytes(key))
}

pub(super) fn program<'a, P>(bpf: &'a mut Ebpf, name: &str) -> Result<&'a mut P, LoadError>
where
    &'a mut P: TryFrom<&'a mut Program, Error = ProgramError>,
{
    let program = bpf.program_mut(name);
    let program = program.ok_or_else(|| LoadError::Lacking(format!("program {name} in tracer")))?;
    program.try_into().map_err(|source| refused(name, source))
}

pub(super) fn refused(name: &str, source: ProgramError) -> LoadError {
    LoadError::Program { name: name.to_owned(), source: Box::new(source) }
}

pub(super) fn lacking_map(name: &str) -> LoadError {
    LoadError::Lacking(format!("map {name} in tracer's programs"))
}
