//! The run queue by itself, and under loom with thieves.
#![expect(unsafe_code, reason = "tokens are made of pointers")]

use core::ptr::NonNull;

use super::{Queue, Token};

/// A token that points to nothing: a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Number(usize);

impl Token for Number {
    type Target = u8;

    fn into_raw(self) -> NonNull<u8> {
        NonNull::without_provenance(core::num::NonZeroUsize::new(self.0 + 1).unwrap())
    }

    unsafe fn from_raw(raw: NonNull<u8>) -> Self {
        Self(raw.addr().get() - 1)
    }
}

#[cfg(not(loom))]
mod alone {
    use super::{Number, Queue};

    #[test]
    fn first_in_first_out_many_times_round() {
        let queue = Queue::<Number, 4>::new();
        for round in 0..10 {
            for place in 0..3 {
                assert!(queue.push(Number(round * 3 + place)).is_ok());
            }
            for place in 0..3 {
                assert_eq!(queue.pop().map(|number| number.0), Some(round * 3 + place));
            }
            assert_eq!(queue.pop(), None);
            assert!(queue.is_empty());
        }
    }

    #[test]
    fn a_full_one_gives_back() {
        let queue = Queue::<Number, 4>::new();
        for place in 0..4 {
            assert!(queue.push(Number(place)).is_ok());
        }
        assert_eq!(queue.push(Number(4)).map_err(|number| number.0), Err(4));
        assert_eq!(queue.pop().map(|number| number.0), Some(0));
        assert!(queue.push(Number(4)).is_ok());
    }

    #[test]
    fn half_is_the_older_one_rounded_up() {
        let queue = Queue::<Number, 8>::new();
        assert!(queue.take_half().is_none());
        for place in 0..5 {
            assert!(queue.push(Number(place)).is_ok());
        }
        let taken = |queue: &Queue<Number, 8>| -> Vec<usize> {
            queue.take_half().map_or_else(Vec::new, |batch| batch.map(|number| number.0).collect())
        };
        assert_eq!(taken(&queue), [0, 1, 2]);
        assert_eq!(taken(&queue), [3]);
        assert_eq!(taken(&queue), [4]);
        assert!(queue.is_empty());
    }

    /// An owner who adds and takes, and thieves who take: each number comes out once.
    #[test]
    fn nothing_is_lost_or_doubled_between_real_threads() {
        const NUMBERS: usize = 200_000;
        let queue = Queue::<Number, 256>::new();
        let over = core::sync::atomic::AtomicBool::new(false);
        let mut seen = vec![0_u8; NUMBERS];
        let stolen: Vec<usize> = std::thread::scope(|scope| {
            let thief = || {
                let mut mine = Vec::new();
                loop {
                    let last = over.load(core::sync::atomic::Ordering::Acquire);
                    match queue.take_half() {
                        Some(batch) => mine.extend(batch.map(|number| number.0)),
                        None if last => return mine,
                        None => std::thread::yield_now(),
                    }
                }
            };
            let thieves = [scope.spawn(thief), scope.spawn(thief)];
            for next in 0..NUMBERS {
                while queue.push(Number(next)).is_err() {
                    // Full, unless a thief has just been there.
                    if let Some(item) = queue.pop() {
                        seen[item.0] += 1;
                    }
                }
                if next % 3 == 0
                    && let Some(item) = queue.pop()
                {
                    seen[item.0] += 1;
                }
            }
            over.store(true, core::sync::atomic::Ordering::Release);
            thieves.into_iter().flat_map(|thief| thief.join().unwrap()).collect()
        });
        for number in stolen {
            seen[number] += 1;
        }
        assert!(seen.iter().all(|times| *times == 1));
    }
}

#[cfg(loom)]
mod loom_tests {
    use loom::sync::Arc;
    use loom::thread;

    use super::{Number, Queue};

    fn steal(queue: &Queue<Number, 2>) -> Vec<usize> {
        queue.take_half().map_or_else(Vec::new, |batch| batch.map(|number| number.0).collect())
    }

    /// More numbers than places, so that places are filled again while a thief reads them.
    #[test]
    fn each_comes_out_once_with_one_thief_who_comes_twice() {
        loom::model(|| {
            let queue = Arc::new(Queue::<Number, 2>::new());
            let thief = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || [steal(&queue), steal(&queue)].concat())
            };
            let mut mine = Vec::new();
            for next in 0..4 {
                if queue.push(Number(next)).is_err() {
                    mine.extend(queue.pop().map(|number| number.0));
                    mine.extend(queue.push(Number(next)).err().map(|number| number.0));
                }
            }
            mine.extend(std::iter::from_fn(|| queue.pop()).map(|number| number.0));
            mine.extend(thief.join().unwrap());
            mine.sort_unstable();
            assert_eq!(mine, [0, 1, 2, 3]);
        });
    }

    #[test]
    fn each_comes_out_once_with_two_thieves() {
        loom::model(|| {
            let queue = Arc::new(Queue::<Number, 2>::new());
            let thief = || {
                let queue = Arc::clone(&queue);
                thread::spawn(move || steal(&queue))
            };
            let thieves = [thief(), thief()];
            let mut mine = Vec::new();
            for next in 0..3 {
                mine.extend(queue.push(Number(next)).err().map(|number| number.0));
            }
            mine.extend(queue.pop().map(|number| number.0));
            for thief in thieves {
                mine.extend(thief.join().unwrap());
            }
            mine.extend(std::iter::from_fn(|| queue.pop()).map(|number| number.0));
            mine.sort_unstable();
            assert_eq!(mine, [0, 1, 2]);
        });
    }

    /// What an item points to is seen by the thief: the queue hands memory over.
    #[test]
    fn what_it_points_to_is_handed_over() {
        use loom::cell::UnsafeCell;

        use super::Token;

        #[derive(Clone, Copy)]
        struct Owner(*mut UnsafeCell<u32>);
        // SAFETY: handed from the owner of the queue to the thief.
        unsafe impl Send for Owner {}

        impl Token for Owner {
            type Target = UnsafeCell<u32>;

            fn into_raw(self) -> core::ptr::NonNull<Self::Target> {
                core::ptr::NonNull::new(self.0).unwrap()
            }

            unsafe fn from_raw(raw: core::ptr::NonNull<Self::Target>) -> Self {
                Self(raw.as_ptr())
            }
        }

        impl Owner {
            fn new(value: u32) -> Self {
                Self(Box::into_raw(Box::new(UnsafeCell::new(value))))
            }

            fn open(self) -> u32 {
                // SAFETY: whoever took the token has it alone.
                let cell = unsafe { Box::from_raw(self.0) };
                // SAFETY: likewise.
                cell.with_mut(|value| unsafe { *value })
            }
        }

        loom::model(|| {
            let queue = Arc::new(Queue::<Owner, 2>::new());
            let thief = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || {
                    queue.take_half().into_iter().flatten().map(Owner::open).sum::<u32>()
                })
            };
            assert!(queue.push(Owner::new(5)).is_ok());
            let mine = queue.pop().map_or(0, Owner::open);
            assert_eq!(thief.join().unwrap() + mine, 5);
        });
    }
}
