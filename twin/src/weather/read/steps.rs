//! What time stamps say: the step between them, and whether they are an interval's beginning, its
//! middle or its end.

use super::super::WeatherError;
use super::super::calendar::{DAY_S, days_since_1970};
use super::columns::Stamp;
use super::row::Row;

/// Which instant of its interval a row's stamp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamped {
    AtBeginning,
    InMiddle,
    AtEnd,
}

impl Stamped {
    /// What the header says of it, in a field with `Averaging Method: ..`.
    pub(super) fn stated(site: &Row<'_>, at: Option<usize>) -> Result<Option<Self>, WeatherError> {
        const NAME: &str = "averaging method:";
        let Some(at) = at else { return Ok(None) };
        let text = site.text(at).to_ascii_lowercase();
        let Some(start) = text.find(NAME) else { return Ok(None) };
        let method = text[start + NAME.len()..].split('/').next().unwrap_or_default();
        let is = |words: &[&str]| words.iter().any(|word| method.contains(word));
        if is(&["end"]) {
            Ok(Some(Self::AtEnd))
        } else if is(&["begin", "start"]) {
            Ok(Some(Self::AtBeginning))
        } else if is(&["middle", "center", "centre", "instant"]) {
            Ok(Some(Self::InMiddle))
        } else {
            let expected = "End, Beginning or Middle of Period, or Instantaneous";
            let help = "write one of these in the header";
            Err(WeatherError::Format(site.fault(at, "Averaging Method", expected, help)))
        }
    }

    /// What the first stamp's time of day says: a file that begins at midnight is stamped at
    /// beginnings, one that begins half a step later in the middles, else at the ends.
    pub(super) fn seen(second: i64, step_s: i64) -> Self {
        if second == 0 {
            Self::AtBeginning
        } else if second % step_s != 0 && second % step_s == step_s / 2 {
            Self::InMiddle
        } else {
            Self::AtEnd
        }
    }

    /// From the stamps that are held to the calendar to the intervals' beginnings, s. Stamps at the
    /// end have been moved to the beginning before.
    pub(super) fn offset_s(self, step_s: i64) -> i64 {
        if self == Self::InMiddle { -step_s / 2 } else { 0 }
    }

    /// The same for a reader of the report.
    pub(super) fn note(self, step_s: u32) -> String {
        let minutes = f64::from(step_s) / 60.0;
        match self {
            Self::AtBeginning => {
                format!("time stamps are the starts of intervals of {minutes} minutes")
            }
            Self::InMiddle => {
                format!("time stamps are the middles of intervals of {minutes} minutes")
            }
            Self::AtEnd => format!("time stamps are the ends of intervals of {minutes} minutes"),
        }
    }
}

/// The step between the first two rows: a part of an hour, or an hour.
pub(super) fn step_of(
    first: Stamp,
    second: Stamp,
    row: &Row<'_>,
    field: usize,
) -> Result<u32, WeatherError> {
    let at = |stamp: Stamp| days_since_1970(stamp.date) * DAY_S + stamp.second;
    let step_s = at(second) - at(first);
    if (60..=3600).contains(&step_s) && 3600 % step_s == 0 {
        return Ok(step_s as u32);
    }
    let help = "sort the file by time, and use a step of 1 to 60 minutes that divides the hour";
    let expected = "a time one step after the line before";
    Err(WeatherError::Order(row.fault(field, "time", expected, help)))
}
