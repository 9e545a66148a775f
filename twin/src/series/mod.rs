//! One reader for every time series: loads, prices, carbon, measurements. A file becomes one value
//! for each interval of a run, and what was understood of it becomes an [`Input`] that `gridtwin
//! check` and reports print. What the values are used for is not known here.
//!
//! | step | file |
//! |---|---|
//! | bytes to text | `decode` |
//! | separator, decimal sign, rows | `dialect`, `table` |
//! | headers, columns | `header` |
//! | units | `unit`, `currency`, `unknown`, `choose` |
//! | values, thousands and decimals | `values`, `signs` |
//! | what all values show together | `plausible` |
//! | a line into fields | `split` |
//! | time stamps as they are written | `stamp`, `words` |
//! | the columns that they stand in | `places`, `pairs` |
//! | zones and daylight-saving time | `zone_names`, `zones`, `kept`, `clock` |
//! | the instants of steps, or of events such as arrivals | `times`, `moments` |
//! | regular steps, their change, gaps, filling | `steps`, `change`, `fill` |
//! | instants as the file writes them | `written` |
//! | values without time stamps | `undated` |
//! | WattTime's JSON | `json` |
//! | a run's intervals, days of another year | `lay`, `days` |
//! | what was understood, in words | `understood` |

mod change;
mod choose;
mod clock;
mod currency;
mod days;
mod decode;
mod dialect;
mod fill;
mod header;
mod json;
mod kept;
mod lay;
mod layout;
mod moments;
mod pairs;
mod places;
mod plausible;
mod read;
mod signs;
mod split;
mod stamp;
mod steps;
mod table;
mod times;
mod undated;
mod understood;
mod unit;
mod unknown;
mod values;
mod words;
mod written;
mod zone_names;
mod zones;

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod doubts;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod zone_tests;

pub(crate) use clock::Clock;
pub(crate) use days::{Days, name as day_name};
pub(crate) use decode::{lossy, text_of};
pub(crate) use dialect::{Dialect, NumberProblem};
pub(crate) use moments::{Moments, moments};
pub(crate) use signs::Signs;
pub(crate) use stamp::{Order, Raw, offset_s};
pub(crate) use steps::utc;
pub(crate) use table::{Field, Table};
pub use unit::G_PER_LB;
pub(crate) use zone_names::is_utc;

use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::record::Input;
use crate::scenario::SeriesFile;
use std::path::Path;

/// What the values of a file are: it decides which units and which values are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A power of zero or above, in kW: a load, a PV system's output. kWh of each step become kW.
    Power,
    /// A price in the currency per kWh, negative or not.
    Price {
        /// The scenario's currency, as in "EUR": a header that names another one is refused.
        currency: &'a str,
    },
    /// A carbon intensity in g/kWh. A marginal rate may be negative.
    Carbon,
}

/// A file laid on a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The mean over each interval of the run, in kW, currency per kWh or g/kWh.
    pub values: Vec<f64>,
    /// What was understood of the file.
    pub input: Input,
}

/// Reads a file and lays it on the intervals of a run; `what` names its use, as in "load hall", and
/// `base` is the folder of the scenario.
///
/// # Errors
/// A file that cannot be read, is not understood without doubt, has gaps that are not to be filled,
/// or does not cover the run: with file, line, column, what was found, what was expected, and what
/// to do.
pub fn course(
    file: &SeriesFile,
    kind: Kind<'_>,
    what: &str,
    calendar: &Calendar,
    base: &Path,
) -> Result<Course, EnergyError> {
    let series = read::read(file, kind, calendar, base)?;
    let laid = lay::lay(&series, file, calendar)?;
    let input = understood::input(&series, &laid, file, kind, what);
    Ok(Course { values: laid.values, input })
}

/// An error at a place of a file.
pub(crate) fn refused(
    file: &Path,
    (line, column): (u64, u64),
    found: impl Into<String>,
    expected: impl Into<String>,
    advice: impl Into<String>,
) -> EnergyError {
    EnergyError::Value {
        file: file.to_owned(),
        line,
        column,
        found: found.into(),
        expected: expected.into(),
        advice: advice.into(),
    }
}
