//! Ways to show a trace. A view writes to what it is given, and computes nothing that another
//! view would need too: that belongs in the model.

pub mod capture;
pub mod compare;
pub mod diff;
pub mod doctor;
pub mod dot;
mod histogram;
pub mod json;
pub mod live;
pub mod report;
mod style;
mod table;
mod units;

pub use style::Style;
pub use units::{duration, shares_of};
