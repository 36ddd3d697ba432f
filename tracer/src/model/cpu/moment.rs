//! What a CPU was used for up to a moment.

use super::{Cpu, CpuTimes, Use};

impl Cpu {
    /// Its times and counts until now, ns: with whoever is on it since its last switch.
    pub fn times_at(&self, at_ns: u64) -> CpuTimes {
        let mut times = self.times;
        let open_ns = self.cut.ns(self.since_ns, at_ns.max(self.since_ns));
        *match self.current().map(|occupant| self.use_of(&occupant)) {
            Some(Use::Busy) => &mut times.busy_ns,
            Some(Use::Idle) => &mut times.idle_ns,
            Some(Use::Other) => &mut times.other_ns,
            // Where not all are followed, a CPU that no followed task came to tells nothing.
            None if !self.all && !self.touched => &mut times.other_ns,
            None => &mut times.unknown_ns,
        } += open_ns;
        times
    }
}

#[cfg(test)]
mod tests {
    use super::super::Occupant;
    use super::*;

    #[test]
    fn who_is_on_it_uses_it() {
        let occupant = |tid| Occupant { tid, life: None, followed: true, mm: None, start_ns: None };
        let mut cpu = Cpu::new(0, true);
        assert_eq!(cpu.times_at(7).unknown_ns, 7);
        cpu.switch(10, occupant(0), occupant(5));
        let times = cpu.times_at(25);
        assert_eq!((times.idle_ns, times.busy_ns, times.unknown_ns), (10, 15, 0));
        assert_eq!(cpu.times_at(5).busy_ns, 0);
        cpu.gap(30, 40, 3);
        assert_eq!((cpu.times_at(50).unknown_ns, cpu.times.lost), (20, 3));
        assert_eq!(Cpu::new(0, false).times_at(9).other_ns, 9);
    }
}
