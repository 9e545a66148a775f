//! Weather as columns of equal steps. Not aligned with any run: see `Trace` for that.

use super::calendar::{DAY_S, Date, date_of, day_of_365, midnight_unix_s};
use super::{Location, WeatherError};

/// The year in which the sun of a typical year is computed, as its own years are mixed.
pub const TYPICAL_YEAR: i64 = 1990;

/// Weather of one place: samples of equal length; the sample at t describes [t, t + step).
#[derive(Clone, Debug, PartialEq)]
pub struct Weather {
    /// Where it is.
    pub location: Location,
    /// Which format it was read from, or how it was made.
    pub source: &'static str,
    /// Where the first sample begins, seconds since 1970 in UTC; in [`TYPICAL_YEAR`] for a typical
    /// year.
    pub start_unix_s: i64,
    /// A sample's length, s: an hour or a part of it.
    pub step_s: u32,
    /// Whether this is a year of 365 days that stands for every year, rather than a dated period.
    pub typical_year: bool,
    /// How long the last sample of a dated period may stand for what follows it, s: half a step
    /// where stamps are instants, so that whole days are covered.
    pub held_s: u32,
    /// Global horizontal irradiance, W/m2.
    pub ghi_w_m2: Vec<f64>,
    /// Beam irradiance facing the sun, W/m2.
    pub dni_w_m2: Vec<f64>,
    /// Diffuse horizontal irradiance, W/m2.
    pub dhi_w_m2: Vec<f64>,
    /// Air temperature, degrees Celsius.
    pub temperature_c: Vec<f64>,
    /// Wind speed at 10 m, m/s.
    pub wind_m_s: Vec<f64>,
    /// Air pressure, Pa, where the file has it in every row.
    pub pressure_pa: Option<Vec<f64>>,
    /// What the reader took for granted or worked out, each in a sentence without a full stop.
    pub notes: Vec<String>,
}

impl Weather {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.ghi_w_m2.len()
    }

    /// Whether there are none, which no reader gives.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the last sample ends, seconds since 1970 in UTC.
    pub fn end_unix_s(&self) -> i64 {
        self.start_unix_s + self.len() as i64 * i64::from(self.step_s)
    }

    /// The sample that describes an hour of local standard time (0 to 23) in a year that starts on
    /// 1 January; 29 February is served by 28 February. None for dates that do not exist, and for
    /// weather that is not a typical year.
    pub fn index(&self, month: u8, day: u8, hour: u8) -> Option<usize> {
        let exists =
            super::calendar::days_in_month(2000, month).is_some_and(|n| day >= 1 && day <= n);
        if !self.typical_year || !exists || hour > 23 {
            return None;
        }
        let second = i64::from(day_of_365(month, day)) * DAY_S + i64::from(hour) * 3600;
        let first = midnight_unix_s(Date { year: TYPICAL_YEAR, month: 1, day: 1 });
        let since = second + first - i64::from(self.location.utc_offset_s) - self.start_unix_s;
        let sample = since.div_euclid(i64::from(self.step_s));
        Some(sample.rem_euclid(self.len() as i64) as usize)
    }

    /// The sample that describes an instant.
    ///
    /// A dated period serves its own instants; a period of at least 365 days serves the same day of
    /// other years too.
    ///
    /// # Errors
    /// [`WeatherError::NotCovered`] where no sample does.
    pub fn index_at(&self, unix_s: i64) -> Result<usize, WeatherError> {
        let step = i64::from(self.step_s);
        let span = self.len() as i64 * step;
        let offset = i64::from(self.location.utc_offset_s);
        let local = unix_s + offset;
        let date = date_of(local.div_euclid(DAY_S));
        let second = local.rem_euclid(DAY_S);
        if self.typical_year {
            // A ring: it may start some minutes before or after midnight.
            let day = i64::from(day_of_365(date.month, date.day));
            let first = midnight_unix_s(Date { year: TYPICAL_YEAR, month: 1, day: 1 }) - offset;
            let since = first + day * DAY_S + second - self.start_unix_s;
            return Ok((since.rem_euclid(span) / step) as usize);
        }
        let covered = |unix_s: i64| {
            let since = unix_s - self.start_unix_s;
            let covered = (0..span + i64::from(self.held_s)).contains(&since);
            covered.then_some((since.min(span - 1) / step) as usize)
        };
        let another_year = || {
            let day = if (date.month, date.day) == (2, 29) { 28 } else { date.day };
            let own = date_of((self.start_unix_s + offset).div_euclid(DAY_S)).year;
            (own..=own + 1)
                .map(|year| midnight_unix_s(Date { year, day, ..date }) + second - offset)
                .find_map(covered)
                .filter(|_| span >= 365 * DAY_S)
        };
        covered(unix_s).or_else(another_year).ok_or(WeatherError::NotCovered {
            asked_unix_s: unix_s,
            first_unix_s: self.start_unix_s,
            covered_days: span as f64 / DAY_S as f64,
        })
    }

    /// The same samples under another clock: all of them later by that many seconds, for files
    /// whose time stamps are known to be wrong.
    #[must_use]
    pub fn shifted(mut self, later_s: i64) -> Self {
        self.start_unix_s += later_s;
        self.notes.push(format!("all samples are taken {later_s} s later than the file says"));
        self
    }
}
