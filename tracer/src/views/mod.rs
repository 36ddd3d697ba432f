//! Ways to show a trace. A view writes to what it is given, and computes nothing that another
//! view would need too: that belongs in the model.

pub mod capture;
pub mod compare;
pub mod csv;
pub mod diff;
pub mod doctor;
pub mod dot;
pub mod explain;
pub mod folded;
mod histogram;
pub mod html;
pub mod inspect;
pub mod json;
pub mod live;
pub mod perfetto;
pub mod report;
mod style;
mod table;
pub mod timeline;
pub mod top;
mod units;

pub use style::Style;
pub use units::{duration, shares_of};
