//! From addresses to names: the kernel's from `/proc/kallsyms`, those of processes from the symbol
//! tables of their files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use blazesym::MaybeDefault;
use blazesym::symbolize::source::{Elf, Kernel, Source};
use blazesym::symbolize::{Input, Symbolizer};

use super::collect::{Collector, Image};
use super::maps::{self, Area};
use super::table::{Table, UserStack};

/// Addresses by the number of their stack, innermost first.
pub type Addresses = BTreeMap<u32, Vec<u64>>;

/// The scheduler's function in which `sched_switch` is: what is inside it are tracer's own frames.
const SWITCHES: &str = "__schedule";

/// No name, and nothing known of the place either.
const UNKNOWN: &str = "[unknown]";

/// Names all stacks that were used.
pub fn table(mut collector: Collector, addresses: &Addresses) -> Table {
    collector.look_again();
    let symbolizer =
        Symbolizer::builder().enable_code_info(false).enable_inlined_fns(false).build();
    let mut names = Names::default();
    let kernel = kernel(&symbolizer, &collector, addresses, &mut names);
    let (user, gone) = user(&symbolizer, &collector, addresses, &mut names);
    Table { names: names.list, kernel, user, gone }
}

/// Names, each once.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    places: BTreeMap<String, u32>,
}

impl Names {
    fn place(&mut self, name: &str) -> u32 {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }
}

/// Where the call is that returns to each address: a function that never returns can end with it.
fn calls(stack: &[u64]) -> impl Iterator<Item = u64> {
    let inner = stack.first().copied();
    inner.into_iter().chain(stack.iter().skip(1).map(|address| address.saturating_sub(1)))
}

fn kernel(
    symbolizer: &Symbolizer,
    collector: &Collector,
    addresses: &Addresses,
    names: &mut Names,
) -> BTreeMap<u32, Vec<u32>> {
    let used = || collector.kernel.iter().filter_map(|id| Some((*id, addresses.get(id)?)));
    let all: BTreeSet<u64> = used().flat_map(|(_, stack)| calls(stack)).collect();
    let source = Source::Kernel(Kernel {
        kallsyms: MaybeDefault::Default,
        vmlinux: MaybeDefault::None,
        debug_syms: false,
        ..Kernel::default()
    });
    let found = resolve(symbolizer, &source, &all, |all| Input::AbsAddr(all));
    let mut stacks = BTreeMap::new();
    for (id, stack) in used() {
        let frames: Vec<&str> = calls(stack)
            .map(|address| found.get(&address).map_or(UNKNOWN, String::as_str))
            .collect();
        let begin = frames.iter().position(|&name| name == SWITCHES).unwrap_or(0);
        stacks.insert(id, frames[begin..].iter().map(|name| names.place(name)).collect());
    }
    stacks
}

/// Names of one source, by address. What has none is not there.
fn resolve(
    symbolizer: &Symbolizer,
    source: &Source<'_>,
    addresses: &BTreeSet<u64>,
    input: impl Fn(&[u64]) -> Input<&[u64]>,
) -> BTreeMap<u64, String> {
    if addresses.is_empty() {
        return BTreeMap::new();
    }
    let addresses: Vec<u64> = addresses.iter().copied().collect();
    // A file that cannot be read, or has no symbols, names nothing.
    let found = symbolizer.symbolize(source, input(&addresses)).unwrap_or_default();
    let named = addresses.iter().zip(found).filter_map(|(address, found)| {
        let symbol = found.into_sym()?;
        Some((*address, symbol.name.into_owned()))
    });
    named.collect()
}

/// A user stack that is to be named.
struct Unnamed<'a> {
    image: Image,
    id: u32,
    /// Its addresses, with the areas that they are in.
    frames: Vec<(u64, Option<&'a Area>)>,
}

fn user(
    symbolizer: &Symbolizer,
    collector: &Collector,
    addresses: &Addresses,
    names: &mut Names,
) -> (Vec<UserStack>, u64) {
    let mut gone = 0;
    let mut stacks = Vec::new();
    let mut wanted: BTreeMap<PathBuf, BTreeSet<u64>> = BTreeMap::new();
    for (&image, memory) in &collector.memory {
        let areas = collector.areas(image);
        gone += u64::from(areas.is_none());
        for &id in &memory.stacks {
            let Some(stack) = addresses.get(&id) else { continue };
            let place = |address| (address, areas.and_then(|areas| maps::find(areas, address)));
            let frames: Vec<_> = calls(stack).map(place).collect();
            for (address, area) in &frames {
                if let Some(area) = area.filter(|area| area.file.is_some()) {
                    let path = collector.files.path(area);
                    wanted.entry(path).or_default().insert(area.offset_of(*address));
                }
            }
            stacks.push(Unnamed { image, id, frames });
        }
    }
    let mut found = BTreeMap::new();
    for (path, offsets) in wanted {
        let source = Source::Elf(Elf { debug_syms: false, ..Elf::new(&path) });
        let functions = resolve(symbolizer, &source, &offsets, |all| Input::FileOffset(all));
        found.insert(path, functions);
    }
    let mut name = |(address, area): &(u64, Option<&Area>)| {
        let Some(area) = area else { return names.place(UNKNOWN) };
        let functions = found.get(&collector.files.path(area));
        match functions.and_then(|functions| functions.get(&area.offset_of(*address))) {
            Some(name) => names.place(name),
            None => names.place(&place_name(area)),
        }
    };
    let stacks = stacks.iter().map(|Unnamed { image, id, frames }| UserStack {
        tgid: image.0,
        since_ns: image.1,
        id: *id,
        frames: frames.iter().map(&mut name).collect(),
    });
    (stacks.collect(), gone)
}

/// What stands for a function that has no name: its file, as `[libc.so.6]`.
fn place_name(area: &Area) -> String {
    if area.name.starts_with('[') {
        return area.name.clone();
    }
    let file = Path::new(&area.name).file_name().map(|name| name.to_string_lossy());
    format!("[{}]", file.as_deref().unwrap_or("anon"))
}

#[cfg(test)]
mod tests {
    use tracer_common::Kind;
    use tracer_common::record::{Exec, Newtask, Stack};
    use tracer_common::task::{Identity, TaskKey};
    use zerocopy::{FromZeros, IntoBytes};

    use super::*;
    use crate::stacks::StackKey;
    use crate::testing::header;

    /// A process that cannot be.
    const GONE: u32 = u32::MAX;

    #[inline(never)]
    fn a_function_with_a_name() -> u32 {
        std::hint::black_box(1)
    }

    fn stack(at_ns: u64, tgid: u32) -> Vec<u8> {
        let header = header(at_ns, 0, 0, Kind::STACK, size_of::<Stack>());
        Stack { header, tid: tgid, tgid, kernel: 9, user: 3 }.as_bytes().to_vec()
    }

    fn identity(tgid: u32, parent_tgid: u32) -> Identity {
        let key = TaskKey { tid: tgid, tgid, start_ns: 1 };
        Identity { key, parent_tgid, ..Identity::new_zeroed() }
    }

    fn newtask(at_ns: u64, tgid: u32, parent: u32) -> Vec<u8> {
        let header = header(at_ns, 0, 0, Kind::NEWTASK, size_of::<Newtask>());
        let identity = identity(tgid, parent);
        Newtask { header, identity, ..Newtask::new_zeroed() }.as_bytes().to_vec()
    }

    fn exec(at_ns: u64, tgid: u32) -> Vec<u8> {
        let header = header(at_ns, 0, 0, Kind::EXEC, size_of::<Exec>());
        Exec { header, identity: identity(tgid, 1), ..Exec::new_zeroed() }.as_bytes().to_vec()
    }

    /// Two batches, and the names of the user stack of a process.
    fn named(batches: [&[Vec<u8>]; 2], tgid: u32, since_ns: u64) -> (Vec<String>, u64) {
        let mut collector = Collector::default();
        for batch in batches {
            let rings: Vec<(u16, Vec<u8>)> = (0..).zip(batch.iter().cloned()).collect();
            collector.batch(&rings);
        }
        let function = a_function_with_a_name as fn() -> u32 as usize as u64;
        let table = table(collector, &Addresses::from([(3, vec![function + 1, 1])]));
        let key = StackKey { kernel: -1, user: 3, tgid, since_ns };
        (table.user(&key).into_iter().map(str::to_owned).collect(), table.gone)
    }

    fn begins_right(names: &[String]) -> bool {
        a_function_with_a_name();
        names.len() == 2 && names[0].ends_with("a_function_with_a_name") && names[1] == UNKNOWN
    }

    #[test]
    fn functions_of_a_living_process_have_their_names() {
        let own = std::process::id();
        let (names, gone) = named([&[stack(10, own)], &[]], own, 0);
        assert!(begins_right(&names) && gone == 0, "{names:?}");
    }

    #[test]
    fn a_child_that_is_gone_has_its_parents_code_until_it_runs_a_program() {
        let own = std::process::id();
        let first = [stack(10, own), stack(30, GONE), newtask(20, GONE, own)];
        let (names, gone) = named([&first, &[]], GONE, 20);
        assert!(begins_right(&names) && gone == 0, "{names:?}");
        let then = [stack(50, GONE), exec(40, GONE)];
        let (names, gone) = named([&first, &then], GONE, 40);
        assert_eq!((names, gone), (vec![UNKNOWN.to_owned(); 2], 1));
    }

    #[test]
    fn a_map_that_was_read_after_an_exec_is_not_of_the_program_before() {
        let own = std::process::id();
        let (names, gone) = named([&[stack(10, own)], &[exec(20, own)]], own, 0);
        assert_eq!((names, gone), (vec![UNKNOWN.to_owned(); 2], 1));
    }
}
