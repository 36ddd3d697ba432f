//! The parts of the user threads that loom checks: all that is left of them in its build, which has
//! no kernel threads to carry any.
#![expect(dead_code, reason = "what uses the parts needs kernel threads")]

mod idle;
mod parking;
mod queue;
