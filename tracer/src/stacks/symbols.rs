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
