//! The one switch between the real machine and loom's model of it.
//!
//! The locks take their atomics, cells, pauses and futex calls from here, so that the code which
//! the model checker runs is the code which is shipped. `--cfg loom` makes the switch, in unit
//! tests alone.

#[cfg(all(test, loom))]
mod model;
#[cfg(not(all(test, loom)))]
mod real;

#[cfg(all(test, loom))]
pub(crate) use model::*;
#[cfg(not(all(test, loom)))]
pub(crate) use real::*;

/// A `const fn` for the real machine, and a plain one for the model, whose atomics each have to
/// be entered into an execution.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(all(test, loom)))]
        $(#[$meta])*
        $vis const fn $($rest)*
        #[cfg(all(test, loom))]
        $(#[$meta])*
        $vis fn $($rest)*
    };
}
pub(crate) use const_fn;
