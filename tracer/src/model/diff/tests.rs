//! What is the same in two traces, and what changed.
