//! What a program's file needs of others.

use std::path::Path;

use object::Endianness;
use object::elf::{FileHeader64, PT_DYNAMIC, PT_INTERP};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

/// The parts of a program's file by which it would be loaded together with libraries: an
/// interpreter, which is the loader, and what `nm -D` and `ldd` read.
///
/// # Panics
/// If there is no such file, or it is none of a program.
pub fn needs_a_loader(file: &Path) -> Vec<&'static str> {
    let bytes = std::fs::read(file).expect("a program");
    let header = FileHeader64::<Endianness>::parse(&*bytes).expect("an ELF file");
    let order = header.endian().expect("an order of bytes");
    let segments = header.program_headers(order, &*bytes).expect("segments");
    let named = [(PT_INTERP, "interpreter"), (PT_DYNAMIC, "dynamic section")];
    let there = |kind| segments.iter().any(|segment| segment.p_type(order) == kind);
    named.iter().filter(|(kind, _)| there(*kind)).map(|(_, name)| *name).collect()
}
