//! Which code is where in a process: `/proc/PID/maps`, of which only what can be executed counts.

use super::files::FileId;

/// A stretch of a process' addresses with code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Area {
    /// From and to, as the line has them, which also names it in `map_files`.
    pub(super) start: u64,
    pub(super) end: u64,
    /// Where in the file it begins.
    pub(super) offset: u64,
    /// The file; `None` if it is none.
    pub(super) file: Option<FileId>,
    /// Its path, or what stands for one: `[vdso]`; empty if nothing does.
    pub(super) name: String,
}

impl Area {
    /// Where in its file an address is.
    pub(super) fn offset_of(&self, address: u64) -> u64 {
        address.wrapping_sub(self.start).wrapping_add(self.offset)
    }
}

/// The areas with code, in the order of their addresses.
pub(super) fn areas(maps: &str) -> Vec<Area> {
    maps.lines().filter_map(area).collect()
}

/// The area that has an address.
pub(super) fn find(areas: &[Area], address: u64) -> Option<&Area> {
    let next = areas.partition_point(|area| area.start <= address);
    areas[..next].last().filter(|area| address < area.end)
}

/// `start-end perms offset dev inode path`.
fn area(line: &str) -> Option<Area> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let hex = |word| u64::from_str_radix(word, 16).ok();
    let (start, end) = (hex(start)?, hex(end)?);
    if !words.next()?.contains('x') {
        return None;
    }
    let offset = hex(words.next()?)?;
    let device = words.next()?.to_owned();
    let inode: u64 = words.next()?.parse().ok()?;
    let name = words.next().unwrap_or_default().trim_start().to_owned();
    let file = (inode != 0).then_some(FileId { device, inode });
    Some(Area { start, end, offset, file, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: &str = "\
00400000-00401000 r--p 00000000 fd:00 42                                 /bin/a b
00401000-00403000 r-xp 00001000 fd:00 42                                 /bin/a b
7f0000000000-7f0000001000 rwxp 00000000 00:00 0
7fff00000000-7fff00002000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
";

    #[test]
    fn code_is_found_with_its_place_in_the_file() {
        let areas = areas(MAPS);
        let names: Vec<_> = areas.iter().map(|area| area.name.as_str()).collect();
        assert_eq!(names, ["/bin/a b", "", "[vdso]", "[vsyscall]"]);
        let found = find(&areas, 0x40_2010).unwrap();
        assert_eq!(found.file, Some(FileId { device: "fd:00".to_owned(), inode: 42 }));
        assert_eq!(found.offset_of(0x40_2010), 0x2010);
        for outside in [0, 0x40_0fff, 0x40_3000, 0x7f00_0000_1000, u64::MAX] {
            assert_eq!(find(&areas, outside), None, "{outside:#x}");
        }
    }

    #[test]
    fn lines_that_are_none_are_left_out() {
        assert_eq!(areas("x\n1-2 r-xp\nz-2 r-xp 0 0:0 0\n\n1-2 r-xp 0 0:0 x\n"), []);
    }
}
