//! Stub.
pub struct Stretches;
