//! Two tasks that hand a byte to each other through pipes: nothing but sleeps and wakings.

use alloc::string::String;

use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::failure::{Doing as _, Failure, ensure};
use crate::pace::Pace;

/// The other is to hand it back.
const AGAIN: u8 = 0;
/// It is over.
const STOP: u8 = 1;

/// What one of the two has. Dropped, it lets the other fail, and not wait for ever.
#[derive(Debug)]
pub struct Partner {
    from: OwnedFd,
    to: OwnedFd,
}

/// Makes both.
///
/// # Errors
/// Those of `pipe2`: too many files.
pub fn pair() -> Result<[Partner; 2], Errno> {
    let (from_one, to_other) = pipe_with(PipeFlags::CLOEXEC)?;
    let (from_other, to_one) = pipe_with(PipeFlags::CLOEXEC)?;
    Ok([Partner { from: from_one, to: to_one }, Partner { from: from_other, to: to_other }])
}

impl Partner {
    /// Hands over and waits for the answer, until it is time to stop; how often.
    ///
    /// # Errors
    /// Those of `read` and `write`; [`Failure::Broken`] if the other is gone.
    pub fn lead(&self, mut pace: Pace) -> Result<u64, Failure> {
        let mut handed = 0;
        while pace.goes_on() {
            self.give(AGAIN)?;
            ensure(self.take()? == AGAIN, || String::from("the partner stopped first"))?;
            handed += 1;
        }
        self.give(STOP)?;
        Ok(handed)
    }

    /// Answers until the other stops; how often.
    ///
    /// # Errors
    /// As [`Partner::lead`].
    pub fn follow(&self) -> Result<u64, Failure> {
        let mut handed = 0;
        while self.take()? == AGAIN {
            self.give(AGAIN)?;
            handed += 1;
        }
        Ok(handed)
    }

    fn give(&self, what: u8) -> Result<(), Failure> {
        loop {
            match write(&self.to, &[what]) {
                Err(Errno::INTR) => {}
                given => return given.doing("write to the partner").map(|_one| ()),
            }
        }
    }

    fn take(&self) -> Result<u8, Failure> {
        let mut what = [STOP];
        loop {
            match read(&self.from, &mut what) {
                Err(Errno::INTR) => {}
                Ok(0) => ensure(false, || String::from("the partner is gone"))?,
                taken => return taken.doing("read from the partner").map(|_one| what[0]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pair;
    use crate::pace::{Gate, Limit};

    #[test]
    fn both_count_the_same() {
        let gate = Gate::default();
        let [one, other] = pair().unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(move || other.follow());
            let lead = || gate.pass(Limit { count: 1000, time: None }).map(|pace| one.lead(pace));
            let first = scope.spawn(lead);
            gate.open(1);
            assert_eq!(first.join().unwrap(), Some(Ok(1000)));
            assert_eq!(second.join().unwrap(), Ok(1000));
        });
    }

    #[test]
    fn whoever_is_left_fails() {
        let [one, other] = pair().unwrap();
        drop(other);
        assert!(one.follow().is_err());
    }
}
