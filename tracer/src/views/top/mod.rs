//! `tracer top`: what every task did during the last interval, drawn again and again.
//!
//! A line of pure stages: [`rows`] makes an [`Interval`] of two moments of the model, [`app`] turns
//! intervals and keys into what is to be seen, [`draw`] draws that, [`batch`] writes it as text.
//! Only [`terminal`] touches a terminal.

pub mod app;
pub mod bars;
pub mod batch;
pub mod columns;
mod details;
pub mod draw;
mod filter;
pub mod help;
mod order;
pub mod rows;
pub mod terminal;
#[cfg(test)]
mod tests;

pub use app::{Action, App};
pub use columns::Column;
pub use details::Details;
pub use filter::Filter;
pub use order::Order;
pub use rows::{About, Interval, Rows};
