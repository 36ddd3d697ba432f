//! The notes that USDT probes leave in a program (`.note.stapsdt`): which, where, and where their
//! arguments are. Format: <https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation>.

use object::elf::{self, FileHeader64, PF_X, PT_LOAD, ProgramHeader64};
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _};
use object::{Endianness, ReadRef};
use thiserror::Error;

use super::operand::Machine;

/// Type of a note that describes a probe.
const NT_STAPSDT: u32 = 3;

/// Why a file has no notes that could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum NotesError {
    /// Not even the begin of one.
    #[error("is no program (ELF)")]
    NotElf,
    /// One of 32 bits, or of another byte order.
    #[error("is a program of 32 bits, whose probes are not read")]
    Narrow,
    /// Of another machine.
    #[error("is a program for another machine")]
    Foreign,
    /// Cut off or inconsistent.
    #[error("is damaged: its notes cannot be read")]
    Damaged,
}

/// One place where a probe is passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// Who defines it.
    pub(super) provider: String,
    /// Its name.
    pub(super) name: String,
    /// Where its arguments are, in the assembler's words.
    pub(super) args: String,
    /// Offset in the file of its instruction.
    pub(super) offset: u64,
    /// Offset in the file of a counter that the program looks at before it passes the probe; zero
    /// for none.
    pub(super) semaphore: u64,
}

/// All notes of a program, in its order.
///
/// # Errors
/// [`NotesError`]. A program without notes is no error.
pub(super) fn read<'data, R: ReadRef<'data>>(
    data: R,
    host: Machine,
) -> Result<Vec<Note>, NotesError> {
    let ident = data.read_bytes_at(0, 20).map_err(|()| NotesError::NotElf)?;
    match *ident {
        [0x7f, b'E', b'L', b'F', elf::ELFCLASS64, ..] => {}
        [0x7f, b'E', b'L', b'F', ..] => return Err(NotesError::Narrow),
        _ => return Err(NotesError::NotElf),
    }
    let damaged = |_error| NotesError::Damaged;
    let header = FileHeader64::<Endianness>::parse(data).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    let machine = match header.e_machine(endian) {
        elf::EM_X86_64 => Machine::X86,
        elf::EM_AARCH64 => Machine::Arm64,
        _ => return Err(NotesError::Foreign),
    };
    if machine != host {
        return Err(NotesError::Foreign);
    }
    let segments = header.program_headers(endian, data).map_err(damaged)?;
    let sections = header.sections(endian, data).map_err(damaged)?;
    // Where the notes believe that section to be: another place if the program was prelinked.
    let base = sections.section_by_name(endian, b".stapsdt.base");
    let base = base.map(|(_, section)| section.sh_addr(endian));
    let program = Program { endian, segments, base };
    let mut found = Vec::new();
    for section in sections.iter() {
        if sections.section_name(endian, section).ok() != Some(b".note.stapsdt") {
            continue;
        }
        let Some(mut notes) = section.notes(endian, data).map_err(damaged)? else { continue };
        while let Some(note) = notes.next().map_err(damaged)? {
            if note.name() == b"stapsdt" && note.n_type(endian) == NT_STAPSDT {
                found.push(program.note(note.desc()).ok_or(NotesError::Damaged)?);
            }
        }
    }
    Ok(found)
}

/// What turns the addresses of notes into places in the file.
struct Program<'data> {
    endian: Endianness,
    segments: &'data [ProgramHeader64<Endianness>],
    base: Option<u64>,
}

impl Program<'_> {
    /// Three addresses and three texts.
    fn note(&self, desc: &[u8]) -> Option<Note> {
        let (address, rest) = self.word(desc)?;
        let (base, rest) = self.word(rest)?;
        let (semaphore, rest) = self.word(rest)?;
        let mut texts = rest.split(|&byte| byte == 0);
        let mut text = || texts.next().map(|text| String::from_utf8_lossy(text).into_owned());
        let (provider, name, args) = (text()?, text()?, text()?);
        let moved = match self.base {
            Some(now) if base != 0 => now.wrapping_sub(base),
            _ => 0,
        };
        let offset = self.offset(address.wrapping_add(moved), true)?;
        let semaphore = match semaphore {
            0 => 0,
            address => self.offset(address.wrapping_add(moved), false)?,
        };
        Some(Note { provider, name, args, offset, semaphore })
    }

    fn word<'b>(&self, bytes: &'b [u8]) -> Option<(u64, &'b [u8])> {
        let (word, rest) = bytes.split_first_chunk()?;
        let word = match self.endian {
            Endianness::Little => u64::from_le_bytes(*word),
            Endianness::Big => u64::from_be_bytes(*word),
        };
        Some((word, rest))
    }

    /// Offset in the file of what is loaded at an address, code or data.
    fn offset(&self, address: u64, code: bool) -> Option<u64> {
        let endian = self.endian;
        self.segments.iter().find_map(|segment| {
            let is_code = segment.p_flags(endian) & PF_X != 0;
            if segment.p_type(endian) != PT_LOAD || is_code != code {
                return None;
            }
            let within = address.checked_sub(segment.p_vaddr(endian))?;
            let loaded = within < segment.p_filesz(endian);
            if loaded { segment.p_offset(endian).checked_add(within) } else { None }
        })
    }
}

/// Offset in the file of a program's first instruction.
pub(super) fn entry<'data, R: ReadRef<'data>>(data: R) -> Option<u64> {
    let header = FileHeader64::<Endianness>::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, data).ok()?;
    Program { endian, segments, base: None }.offset(header.e_entry(endian), true)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A program with these notes: address, base, semaphore, and the three texts with a zero byte
    /// each. Code is at 0x1000 in memory and at 0x200 in the file, data at 0x3000 and at 0x400;
    /// the base is at 0x1100.
    pub(in crate::usdt) fn program(notes: &[(u64, u64, u64, &str)]) -> Vec<u8> {
        let mut note_bytes = Vec::new();
        for (address, base, semaphore, texts) in notes {
            let length = u32::try_from(24 + texts.len()).unwrap();
            for word in [8, length, NT_STAPSDT] {
                note_bytes.extend(u32::to_le_bytes(word));
            }
            note_bytes.extend(b"stapsdt\0");
            for word in [address, base, semaphore] {
                note_bytes.extend(word.to_le_bytes());
            }
            note_bytes.extend(texts.as_bytes());
            note_bytes.resize(note_bytes.len().next_multiple_of(4), 0);
        }
        let names = b"\0.note.stapsdt\0.stapsdt.base\0.shstrtab\0";
        let sections_at = 0x600 + (note_bytes.len() + names.len()).next_multiple_of(8) as u64;
        let notes_length = note_bytes.len() as u64;
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        let machine = if host() == Machine::X86 { elf::EM_X86_64 } else { elf::EM_AARCH64 };
        file.extend([elf::ET_DYN, machine].map(u16::to_le_bytes).concat());
        file.extend(1_u32.to_le_bytes());
        file.extend([0x1010, 64, sections_at].map(u64::to_le_bytes).concat());
        file.extend(0_u32.to_le_bytes());
        file.extend([64, 56, 2, 64, 4, 3].map(u16::to_le_bytes).concat());
        for (flags, offset, address) in [(5_u32, 0x200, 0x1000), (6, 0x400, 0x3000)] {
            file.extend([1, flags].map(u32::to_le_bytes).concat());
            file.extend([offset, address, 0, 0x200, 0x200, 8_u64].map(u64::to_le_bytes).concat());
        }
        file.resize(0x600, 0x90);
        file.extend(&note_bytes);
        file.extend(names);
        file.resize(usize::try_from(sections_at).unwrap(), 0);
        let section = |name: u32, kind: u32, address: u64, offset: u64, size: u64| {
            let mut bytes = [name, kind].map(u32::to_le_bytes).concat();
            bytes.extend([0, address, offset, size, 0, 4, 0].map(u64::to_le_bytes).concat());
            bytes
        };
        file.extend(section(0, 0, 0, 0, 0));
        file.extend(section(1, elf::SHT_NOTE, 0, 0x600, notes_length));
        file.extend(section(15, elf::SHT_PROGBITS, 0x1100, 0x300, 1));
        file.extend(section(29, elf::SHT_STRTAB, 0, 0x600 + notes_length, names.len() as u64));
        file
    }

    pub(in crate::usdt) fn host() -> Machine {
        if cfg!(target_arch = "aarch64") { Machine::Arm64 } else { Machine::X86 }
    }

    fn notes(file: &[u8]) -> Result<Vec<Note>, NotesError> {
        read(file, host())
    }

    #[test]
    fn a_note_is_a_place_in_the_file() {
        let found = notes(&program(&[
            (0x1010, 0x1100, 0, "uthread\0switch\0-8@%rax\0"),
            (0x1020, 0x1100, 0x3008, "libc\0setjmp\0\0"),
        ]))
        .unwrap();
        assert_eq!((found[0].provider.as_str(), found[0].name.as_str()), ("uthread", "switch"));
        assert_eq!((found[0].args.as_str(), found[0].offset), ("-8@%rax", 0x210));
        assert_eq!(found[0].semaphore, 0);
        assert_eq!((found[1].offset, found[1].semaphore), (0x220, 0x408));
        assert_eq!(found[1].args, "");
        assert_eq!(notes(&program(&[])), Ok(vec![]));
    }

    #[test]
    fn a_prelinked_program_has_moved_since_its_notes() {
        let found = notes(&program(&[(0x9010, 0x9100, 0xb008, "a\0b\0\0")])).unwrap();
        assert_eq!((found[0].offset, found[0].semaphore), (0x210, 0x408));
    }

    #[test]
    fn what_is_no_program_is_named() {
        assert_eq!(notes(b"#!/bin/sh\necho this is no program"), Err(NotesError::NotElf));
        assert_eq!(notes(b""), Err(NotesError::NotElf));
        let good = program(&[(0x1010, 0x1100, 0, "uthread\0switch\0-8@%rax\0")]);
        let with = |at: usize, byte: u8| {
            let mut file = good.clone();
            file[at] = byte;
            notes(&file)
        };
        assert_eq!(with(4, elf::ELFCLASS32), Err(NotesError::Narrow));
        assert_eq!(with(18, 0), Err(NotesError::Foreign));
        let outside = program(&[(0x5010, 0x1100, 0, "uthread\0switch\0\0")]);
        assert_eq!(notes(&outside), Err(NotesError::Damaged));
    }

    #[test]
    fn whatever_the_bytes_are_nothing_panics() {
        let good = program(&[(0x1010, 0x1100, 0x3008, "uthread\0switch\0-8@%rax 8@$1\0")]);
        for length in 0..good.len() {
            assert!(notes(&good[..length]).is_err(), "cut at {length}");
        }
        let mut random = crate::testing::Random(7);
        for _ in 0..20_000 {
            let mut file = good.clone();
            for _ in 0..=random.below(4) {
                let at = usize::try_from(random.below(file.len() as u64)).unwrap();
                file[at] = random.byte();
            }
            if notes(&file).is_ok() {
                // Whatever it says.
            }
        }
    }

    #[test]
    fn the_entry_is_a_place_in_the_file() {
        assert_eq!(entry(&*program(&[])), Some(0x210));
    }
}
