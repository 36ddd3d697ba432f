//! Names of kernel addresses, from `/proc/kallsyms`.

/// The kernel's functions by address. Empty where the kernel shows no addresses.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    sorted: Vec<(u64, String)>,
}

impl Symbols {
    /// Reads the text of `/proc/kallsyms`. Only functions are kept; addresses of zero are those
    /// that the kernel hides.
    pub fn of(kallsyms: &str) -> Self {
        let symbol = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let (address, kind, name) = (words.next()?, words.next()?, words.next()?);
            let address = u64::from_str_radix(address, 16).ok().filter(|&address| address != 0)?;
            matches!(kind, "t" | "T" | "w" | "W").then(|| (address, name.to_owned()))
        };
        let mut sorted: Vec<_> = kallsyms.lines().filter_map(symbol).collect();
        sorted.sort_by_key(|(address, _)| *address);
        Self { sorted }
    }

    /// The function that a call returns into, and how far: an address after its last instruction
    /// is still in it.
    pub fn of_return(&self, address: u64) -> Option<(&str, u64)> {
        let after = self.sorted.partition_point(|(begin, _)| *begin < address);
        let (_, name) = self.sorted.get(after.checked_sub(1)?)?;
        // Of several at one address the first, as the kernel has it.
        let begin = self.sorted[after - 1].0;
        let first = self.sorted.partition_point(|(other, _)| *other < begin);
        let name = self.sorted.get(first).map_or(name, |(_, name)| name);
        Some((name, address - begin))
    }
}

#[cfg(test)]
mod tests {
    use super::Symbols;

    #[test]
    fn an_address_is_of_the_function_before_it() {
        let symbols = Symbols::of(
            "0000000000000000 T hidden\nffffffff81000010 T b\t[m]\nffffffff81000000 t a\n\
             ffffffff81000000 t alias\nffffffff81000004 D data\n",
        );
        assert_eq!(symbols.of_return(0xffff_ffff_8100_0005), Some(("a", 5)));
        assert_eq!(
            symbols.of_return(0xffff_ffff_8100_0010),
            Some(("a", 16)),
            "after a call at its end"
        );
        assert_eq!(symbols.of_return(0xffff_ffff_8100_0011), Some(("b", 1)));
        assert_eq!(symbols.of_return(1), None);
        assert_eq!(Symbols::of("").of_return(1), None);
    }
}
