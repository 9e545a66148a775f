//! Thousands of what-ifs: a study varies a scenario and runs every variant; an optimisation looks for
//! the sizes and policies that cost least; a comparison tells how far runs differ. It writes rows and
//! pages; it knows neither the command line nor how the twin works within.

mod compare;
pub mod design;
mod directory;
mod doubts;
mod error;
mod identity;
pub mod island;
mod journal;
mod months;
mod names;
pub mod optimize;
mod page;
mod results;
mod run;
pub mod search;
mod settings;
mod spec;
pub mod stats;
mod sweep;
mod write;

pub use compare::{Compared, Group, Pairing, compare};
pub use directory::Earlier;
pub use error::Error;
pub use identity::VERSION;
pub use journal::broken_lines;
pub use results::{Cells, Column, Table};
pub use run::{Outcome, Row};
pub use spec::{Plan, RunOf, Study};
pub use sweep::{Shard, Sweep, SweepOptions, merge, prepare, sweep};
pub use write::{Told, write, write_comparison};
