//! The whole text of a small comparison.
