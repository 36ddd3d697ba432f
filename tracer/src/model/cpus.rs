//! All CPUs, by number: they are looked up several times an event, and their numbers are dense.

use super::cpu::Cpu;
use super::window::Cut;

/// All CPUs that were heard of.
#[derive(Clone, Debug)]
pub struct Cpus {
    list: Vec<Option<Box<Cpu>>>,
    from_ns: u64,
    all: bool,
    cut: Cut,
}

impl Cpus {
    /// Those that are watched from this time on, ns; `all` if every task is followed.
    pub fn new(numbers: &[u16], from_ns: u64, all: bool) -> Self {
        let mut cpus = Self { list: Vec::new(), from_ns, all, cut: Cut::NONE };
        for &number in numbers {
            cpus.of(number);
        }
        cpus
    }

    /// The one of this number. If it was not online at the start, it was so at least since the last
    /// thing known.
    pub fn of(&mut self, number: u16) -> &mut Cpu {
        let index = usize::from(number);
        if self.list.len() <= index {
            self.list.resize_with(index + 1, || None);
        }
        let Self { from_ns, all, cut, .. } = *self;
        self.list[index].get_or_insert_with(|| {
            let mut cpu = Box::new(Cpu::new(from_ns, all));
            cpu.cut(cut);
            cpu
        })
    }

    /// All accounts begin anew at this time, ns, which the cut must say too.
    pub fn restart(&mut self, at_ns: u64) {
        self.iter_mut().for_each(|(_, cpu)| cpu.restart(at_ns));
    }

    /// Only this time counts from now on.
    pub fn cut(&mut self, cut: Cut) {
        self.cut = cut;
        self.iter_mut().for_each(|(_, cpu)| cpu.cut(cut));
    }

    /// The one of this number, if it was heard of.
    pub fn get(&self, number: u16) -> Option<&Cpu> {
        self.list.get(usize::from(number))?.as_deref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, number: u16) -> Option<&mut Cpu> {
        self.list.get_mut(usize::from(number))?.as_deref_mut()
    }

    /// All, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Cpu)> {
        (0..=u16::MAX).zip(&self.list).filter_map(|(number, cpu)| Some((number, cpu.as_deref()?)))
    }

    /// All, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u16, &mut Cpu)> {
        let cpus = (0..=u16::MAX).zip(&mut self.list);
        cpus.filter_map(|(number, cpu)| Some((number, cpu.as_deref_mut()?)))
    }
}
