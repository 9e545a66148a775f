//! The directory a run leaves behind: CSV and Parquet files, the summary and one page of HTML that stands
//! alone. It listens to the twin's record and never looks behind it; it decides nothing and
//! changes nothing.
//!
//! [`Tally`] keeps a run's totals in bounded memory and without any file: what a sweep needs.
//! [`RunWriter`] keeps the same totals and writes the directory.

mod clock;
mod dictionary;
mod directory;
mod error;
mod files;
mod html;
mod meaning;
mod number;
mod options;
pub mod pages;
#[cfg(feature = "parquet")]
mod parquet;
mod sheet;
mod summary;
#[cfg(test)]
mod synthetic;
mod tally;
#[cfg(test)]
mod tests;
mod writer;

pub use dictionary::{Field, Kind, dictionary_csv, unit_of};
pub use directory::{check_target, seed_of};
pub use error::Error;
pub use meaning::meaning_of;
pub use number::{human, shortest};
pub use options::{DECISIONS, Format, Options, RunInfo};
pub use sheet::Sheet;
pub use summary::{Metric, Summary};
pub use tally::Tally;
pub use writer::RunWriter;
