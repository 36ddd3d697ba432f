//! From files to probes and their places.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object::ReadCache;
use tracer_common::usdt::{ARGS, Operand, SITES_MAX, Site};

use super::notes::{self, Note};
use super::operand::{self, Machine};
use super::{Found, Place, Probe, UTHREAD, Wanted};

/// Probes of one file that can be told apart: a probe's number has 16 bits.
const PROBES_MAX: usize = 1 << 16;

/// Collects probes file by file.
#[derive(Debug, Default)]
pub struct Finder {
    found: Found,
    /// Device, inode and provider of what was looked at.
    seen: Vec<(u64, u64, String)>,
}

impl Finder {
    /// Takes the probes of a file that was asked for.
    ///
    /// # Errors
    /// The file cannot be opened. What it lacks is a trouble and no error.
    pub fn wanted(&mut self, Wanted { file, provider }: &Wanted) -> io::Result<()> {
        let name = file.display().to_string();
        let opened = File::open(file)?;
        if !opened.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let before = self.found.probes.len();
        match self.file(opened, &name, provider) {
            Err(trouble) => self.trouble(format!("{name} {trouble}")),
            Ok(Looked::Now(others)) if self.found.probes.len() == before => {
                self.trouble(nothing(&name, provider, &others));
            }
            Ok(_) => {}
        }
        Ok(())
    }

    /// Takes the probes of user-level threads of a traced program, if it has any: most have none,
    /// and many are no ELF programs at all.
    pub fn traced(&mut self, path: &Path, name: &str) {
        let Ok(opened) = File::open(path) else { return };
        let known = self.file(opened, name, UTHREAD);
        if let Err(trouble @ notes::NotesError::Damaged) = known {
            self.trouble(format!("{name} {trouble}"));
        }
    }

    /// What was found.
    pub fn finish(self) -> Found {
        self.found
    }

    fn trouble(&mut self, line: String) {
        let line = format!("USDT probes: {line}");
        if !self.found.troubles.contains(&line) {
            self.found.troubles.push(line);
        }
    }

    fn file(
        &mut self,
        file: File,
        name: &str,
        provider: &str,
    ) -> Result<Looked, notes::NotesError> {
        if let Ok(found) = file.metadata() {
            let key = (found.dev(), found.ino(), provider.to_owned());
            if self.seen.contains(&key) {
                return Ok(Looked::Before);
            }
            self.seen.push(key);
        }
        let notes = notes::read(&ReadCache::new(&file), host())?;
        let file = Arc::new(file);
        let (of_provider, others): (Vec<Note>, Vec<Note>) =
            notes.into_iter().partition(|note| note.provider == provider);
        for note in &of_provider {
            self.note(&file, name, note);
        }
        let mut others: Vec<String> = others.into_iter().map(|note| note.provider).collect();
        others.sort();
        others.dedup();
        Ok(Looked::Now(others))
    }

    fn note(&mut self, file: &Arc<File>, file_name: &str, note: &Note) {
        if self.found.places.len() == SITES_MAX {
            self.trouble(format!("only the first {SITES_MAX} places are watched"));
            return;
        }
        let Some(probe) = self.probe(file_name, note) else { return };
        let mut args = [Operand::ABSENT; ARGS];
        for (index, text) in operand::split(&note.args).into_iter().take(ARGS).enumerate() {
            match operand::parse(text, host()) {
                Some(operand) => args[index] = operand,
                None => self.trouble(format!(
                    "{file_name}: argument {} of {}:{} is not understood and not recorded: {text}",
                    index + 1,
                    note.provider,
                    note.name
                )),
            }
        }
        self.found.places.push(Place {
            file: Arc::clone(file),
            offset: note.offset,
            semaphore: note.semaphore,
            site: Site { probe, args },
        });
    }

    /// The number of a note's probe.
    fn probe(&mut self, file: &str, Note { provider, name, .. }: &Note) -> Option<u64> {
        let probes = &mut self.found.probes;
        let is_same = |probe: &Probe| {
            probe.file == file && probe.provider == *provider && probe.name == *name
        };
        if let Some(index) = probes.iter().position(is_same) {
            probes[index].sites += 1;
            return u64::try_from(index).ok();
        }
        if probes.len() == PROBES_MAX {
            return None;
        }
        let (file, provider, name) = (file.to_owned(), provider.clone(), name.clone());
        probes.push(Probe { file, provider, name, sites: 1 });
        u64::try_from(probes.len() - 1).ok()
    }
}

/// What became of a file.
enum Looked {
    /// It was looked at already.
    Before,
    /// It has probes of these other providers, too.
    Now(Vec<String>),
}

fn nothing(name: &str, provider: &str, others: &[String]) -> String {
    match others {
        [] => format!("{name} has none"),
        [one, ..] => {
            let others = others.join(", ");
            format!("{name} has none of provider {provider}, only of {others}: --usdt {name}:{one}")
        }
    }
}

fn host() -> Machine {
    if cfg!(target_arch = "aarch64") { Machine::Arm64 } else { Machine::X86 }
}

/// A place in a program that it passes once, at its very begin: for trying whether probes work.
pub fn entry_of(path: &Path) -> Option<Place> {
    let file = File::open(path).ok()?;
    let offset = notes::entry(&ReadCache::new(&file))?;
    let site = Site { probe: 0, args: [Operand::ABSENT; ARGS] };
    Some(Place { file: Arc::new(file), offset, semaphore: 0, site })
}

/// The file that a command's first word names, as `exec` finds it.
pub fn in_path(program: &OsStr, path: Option<&OsStr>) -> Option<PathBuf> {
    if program.as_encoded_bytes().contains(&b'/') {
        return Some(PathBuf::from(program));
    }
    let runs = |file: &PathBuf| {
        fs::metadata(file)
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path?).map(|folder| folder.join(program)).find(runs)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tempfile::NamedTempFile;
    use tracer_common::usdt::OperandKind;

    use super::super::notes::tests::program;
    use super::*;

    fn file(bytes: &[u8]) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn wanted(file: &NamedTempFile, provider: &str) -> Wanted {
        Wanted { file: file.path().to_owned(), provider: provider.to_owned() }
    }

    /// A constant of the host's syntax.
    fn one() -> &'static str {
        if host() == Machine::X86 { "8@$1" } else { "8@1" }
    }

    #[test]
    fn places_of_one_probe_share_its_number() {
        let switch = format!("uthread\0switch\0{0} {0} {0} {0}\0", one());
        let park = format!("uthread\0park\0{}\0", one());
        let bytes = program(&[
            (0x1010, 0x1100, 0, &switch),
            (0x1020, 0x1100, 0, &park),
            (0x1030, 0x1100, 0x3000, &switch),
            (0x1040, 0x1100, 0, "libc\0setjmp\0\0"),
        ]);
        let (file, mut finder) = (file(&bytes), Finder::default());
        finder.wanted(&wanted(&file, UTHREAD)).unwrap();
        finder.wanted(&wanted(&file, UTHREAD)).unwrap();
        finder.traced(file.path(), "the same");
        let found = finder.finish();
        let probes: Vec<_> = found.probes.iter().map(|p| (p.name.as_str(), p.sites)).collect();
        assert_eq!(probes, [("switch", 2), ("park", 1)]);
        let places: Vec<_> = found.places.iter().map(|p| (p.site.probe, p.offset)).collect();
        assert_eq!(places, [(0, 0x210), (1, 0x220), (0, 0x230)]);
        assert_eq!(found.places[2].semaphore, 0x400);
        let kinds = found.places[1].site.args.map(|arg| arg.kind);
        assert_eq!(kinds, [OperandKind::CONSTANT, OperandKind::ABSENT, OperandKind::ABSENT]);
        assert_eq!(found.troubles, [""; 0]);
    }

    #[test]
    fn what_cannot_be_used_is_one_line_each() {
        let odd = format!("uthread\0switch\0{} 8@nothing\0", one());
        let bytes = program(&[(0x1010, 0x1100, 0, &odd), (0x1020, 0x1100, 0, &odd)]);
        let (odd, script, bare) = (file(&bytes), file(b"#!/bin/sh\n"), file(&program(&[])));
        let mut finder = Finder::default();
        for file in [&odd, &script, &bare] {
            finder.wanted(&wanted(file, UTHREAD)).unwrap();
        }
        finder.wanted(&wanted(&odd, "python")).unwrap();
        finder.traced(bare.path(), "bare");
        finder.traced(script.path(), "script");
        finder.traced(Path::new("/nowhere/at/all"), "nothing");
        let found = finder.finish();
        assert_eq!((found.places.len(), found.troubles.len()), (2, 4), "{:?}", found.troubles);
        let has = |index: usize, text: &str| found.troubles[index].contains(text);
        assert!(has(0, "argument 2 of uthread:switch is not understood"));
        assert!(has(1, "is no program (ELF)") && has(2, "has none"));
        assert!(has(3, "has none of provider python, only of uthread: --usdt"));
        assert!(found.troubles.iter().all(|line| !line.contains('\n')));
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let mut finder = Finder::default();
        let nowhere = Wanted { file: "/nowhere/at/all".into(), provider: UTHREAD.to_owned() };
        assert!(finder.wanted(&nowhere).is_err());
        let folder = Wanted { file: "/".into(), provider: UTHREAD.to_owned() };
        assert!(finder.wanted(&folder).is_err());
    }

    #[test]
    fn a_command_is_found_as_exec_does() {
        let path = Some(OsStr::new("/nowhere:/bin:/usr/bin"));
        assert_eq!(in_path(OsStr::new("sh"), path), Some("/bin/sh".into()));
        assert_eq!(in_path(OsStr::new("./x"), path), Some("./x".into()));
        assert_eq!(in_path(OsStr::new("no such command"), path), None);
        assert_eq!(in_path(OsStr::new("sh"), None), None);
    }

    #[test]
    fn the_entry_of_this_program_is_found() {
        let own = std::env::current_exe().unwrap();
        assert!(entry_of(&own).is_some_and(|place| place.offset > 0));
        assert!(entry_of(Path::new("/etc/passwd")).is_none());
    }
}
