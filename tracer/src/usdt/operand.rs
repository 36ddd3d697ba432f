//! Where an argument of a USDT probe is: the assembler's words for it in the note, such as
//! `-4@8(%rbp)`, which is size, sign and operand, to what the BPF side reads by.
//!
//! The register offsets are those of the user registers that the kernel hands to programs on
//! uprobes, which is its ABI (`struct pt_regs` in `arch/x86/include/uapi/asm/ptrace.h`,
//! `struct user_pt_regs` in `arch/arm64/include/uapi/asm/ptrace.h`).

use tracer_common::usdt::{Operand, OperandKind};

/// The machine that a program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    /// Operands as the GNU assembler has them with AT&T syntax.
    X86,
    /// Operands as the GNU assembler has them.
    Arm64,
}

/// The registers of x86-64 in the order of `struct pt_regs`, by the stem that its parts share.
/// `orig_ax`, `ip`, `cs` and `flags` are no operands.
const X86: [&str; 20] = [
    "r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax", "cx", "dx", "si", "di",
    "", "", "", "", "sp",
];

/// The texts of a note's arguments.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ' ' && depth == 0
    })
    .filter(|text| !text.is_empty())
    .collect()
}

/// One argument; `None` if it is nothing that can be read, such as a variable by its name or a
/// floating-point register.
pub(super) fn parse(text: &str, machine: Machine) -> Option<Operand> {
    // Without a size it is as wide as a register.
    let (size, place) = text.split_once('@').unwrap_or(("8", text));
    let signed = size.starts_with('-');
    let size: u8 = size.trim_start_matches('-').parse().ok()?;
    if !matches!(size, 1 | 2 | 4 | 8) {
        return None;
    }
    let operand = match machine {
        Machine::X86 => x86(place),
        Machine::Arm64 => arm64(place),
    }?;
    Some(Operand { size, signed: signed.into(), ..operand })
}

fn x86(place: &str) -> Option<Operand> {
    if let Some(constant) = place.strip_prefix('$') {
        return Some(of(OperandKind::CONSTANT, number(constant)?, 0));
    }
    if let Some(register) = place.strip_prefix('%') {
        return Some(of(OperandKind::REGISTER, 0, x86_register(register)?));
    }
    let (displacement, rest) = place.split_once('(')?;
    let value = if displacement.is_empty() { 0 } else { number(displacement)? };
    let mut parts = rest.strip_suffix(')')?.split(',').map(str::trim);
    let base = x86_register(parts.next()?.strip_prefix('%')?)?;
    let operand = of(OperandKind::MEMORY, value, base);
    let Some(index) = parts.next() else { return Some(operand) };
    let index = x86_register(index.strip_prefix('%')?)?;
    let shift = match parts.next() {
        None | Some("1") => 0,
        Some("2") => 1,
        Some("4") => 2,
        Some("8") => 3,
        Some(_) => return None,
    };
    parts.next().is_none().then_some(Operand { index, shift, ..operand })
}

fn arm64(place: &str) -> Option<Operand> {
    if let Some(inside) = place.strip_prefix('[') {
        let mut parts = inside.strip_suffix(']')?.split(',').map(str::trim);
        let operand = of(OperandKind::MEMORY, 0, arm64_register(parts.next()?)?);
        let operand = match parts.next() {
            None => operand,
            Some(part) => match number(part.trim_start_matches('#')) {
                Some(value) => Operand { value, ..operand },
                None => Operand { index: arm64_register(part)?, ..operand },
            },
        };
        return parts.next().is_none().then_some(operand);
    }
    match number(place.trim_start_matches('#')) {
        Some(value) => Some(of(OperandKind::CONSTANT, value, 0)),
        None => Some(of(OperandKind::REGISTER, 0, arm64_register(place)?)),
    }
}

fn of(kind: u8, value: i64, base: u16) -> Operand {
    Operand { value, base, kind, ..Operand::ABSENT }
}

/// Offset of a register, bytes. The high halves of the first four (`ah`) are not understood.
fn x86_register(name: &str) -> Option<u16> {
    let stem = match name.strip_prefix(['r', 'e']) {
        // r8 to r15, and their parts r8d, r8w, r8b.
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            name.trim_end_matches(['d', 'w', 'b'])
        }
        Some(rest) => rest,
        None => name,
    };
    let stem = match stem {
        "al" => "ax",
        "bl" => "bx",
        "cl" => "cx",
        "dl" => "dx",
        "sil" => "si",
        "dil" => "di",
        "bpl" => "bp",
        "spl" => "sp",
        stem => stem,
    };
    let index = X86.iter().position(|&name| !stem.is_empty() && name == stem)?;
    u16::try_from(index * 8).ok()
}

/// Offset of a register, bytes.
fn arm64_register(name: &str) -> Option<u16> {
    let index = match name {
        "sp" | "wsp" => 31,
        name => name.strip_prefix(['x', 'w'])?.parse::<u16>().ok().filter(|&index| index <= 30)?,
    };
    Some(index * 8)
}

fn number(text: &str) -> Option<i64> {
    let (text, negative) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    let value = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse::<u64>(),
    };
    let value = value.ok()?.cast_signed();
    Some(if negative { value.wrapping_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSTANT: u8 = OperandKind::CONSTANT;
    const REGISTER: u8 = OperandKind::REGISTER;
    const MEMORY: u8 = OperandKind::MEMORY;

    fn operand(kind: u8, value: i64, base: u16, size: u8, signed: u8) -> Operand {
        Operand { size, signed, ..of(kind, value, base) }
    }

    #[test]
    fn x86_operands_are_read() {
        let read = |text| parse(text, Machine::X86);
        assert_eq!(read("-8@%rax"), Some(operand(REGISTER, 0, 80, 8, 1)));
        assert_eq!(read("4@%eax"), Some(operand(REGISTER, 0, 80, 4, 0)));
        assert_eq!(read("-1@%dil"), Some(operand(REGISTER, 0, 112, 1, 1)));
        assert_eq!(read("2@%r9w"), Some(operand(REGISTER, 0, 64, 2, 0)));
        assert_eq!(read("8@%r15"), Some(operand(REGISTER, 0, 0, 8, 0)));
        assert_eq!(read("%rsp"), Some(operand(REGISTER, 0, 152, 8, 0)));
        assert_eq!(read("-4@$-12"), Some(operand(CONSTANT, -12, 0, 4, 1)));
        assert_eq!(read("8@$0x10"), Some(operand(CONSTANT, 16, 0, 8, 0)));
        assert_eq!(read("8@$18446744073709551615"), Some(operand(CONSTANT, -1, 0, 8, 0)));
        assert_eq!(read("8@(%rdi)"), Some(operand(MEMORY, 0, 112, 8, 0)));
        assert_eq!(read("-4@-20(%rbp)"), Some(operand(MEMORY, -20, 32, 4, 1)));
        let indexed = read("8@8(%rax,%rbx,4)").unwrap();
        assert_eq!((indexed.value, indexed.base, indexed.index, indexed.shift), (8, 80, 40, 2));
        assert_eq!(read("8@(%rax, %rbx)").unwrap().shift, 0);
    }

    #[test]
    fn arm64_operands_are_read() {
        let read = |text| parse(text, Machine::Arm64);
        assert_eq!(read("-4@x0"), Some(operand(REGISTER, 0, 0, 4, 1)));
        assert_eq!(read("8@x30"), Some(operand(REGISTER, 0, 240, 8, 0)));
        assert_eq!(read("4@w7"), Some(operand(REGISTER, 0, 56, 4, 0)));
        assert_eq!(read("8@[sp, 16]"), Some(operand(MEMORY, 16, 248, 8, 0)));
        assert_eq!(read("8@[x1]"), Some(operand(MEMORY, 0, 8, 8, 0)));
        assert_eq!(read("8@[x1, -8]"), Some(operand(MEMORY, -8, 8, 8, 0)));
        assert_eq!(read("8@[x1,x2]").unwrap().index, 16);
        assert_eq!(read("-4@5"), Some(operand(CONSTANT, 5, 0, 4, 1)));
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        let texts = [
            "8@global(%rip)",
            "8@8+global(%rip)",
            "8@(%rip)",
            "8f@%xmm0",
            "3@%rax",
            "16@%rax",
            "8@%ah",
            "8@%",
            "8@%r16",
            "8@%r",
            "8@",
            "@",
            "",
            "8@(%rax,%rbx,3)",
            "8@(%rax,%rbx,4,5)",
            "8@(%rax",
            "8@$",
            "8@$99999999999999999999",
            "-@%rax",
        ];
        for text in texts {
            assert_eq!(parse(text, Machine::X86), None, "{text}");
        }
        for text in ["8@x31", "8@v0", "8@[x0, 8, 8]", "8@[", "8@[x0", "8@:lo12:global", "8@x-1"] {
            assert_eq!(parse(text, Machine::Arm64), None, "{text}");
        }
    }

    #[test]
    fn arguments_are_split_outside_of_brackets() {
        assert_eq!(split("-8@%rax 8@8(%rbp, %rbx, 4) "), ["-8@%rax", "8@8(%rbp, %rbx, 4)"]);
        assert_eq!(split("8@[sp, 16] 8@x0"), ["8@[sp, 16]", "8@x0"]);
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("8@) 8@%rax"), ["8@)", "8@%rax"]);
    }
}
