//! What was understood of a weather file, as plain data for whoever tells the user. Nothing here
//! changes the weather.

use super::calendar::{DAY_S, date_of};
use super::trace::each_sun_step;
use super::{Location, Trace, Weather};
use crate::record::Input;
use jiff::Timestamp;
use std::path::Path;

/// How far from zero a file's components may be before its time stamps are doubted, W/m2.
const DOUBTFUL_W_M2: f64 = 8.0;
/// Another place of the sun must close the components this much better, as a share.
const MUCH_BETTER: f64 = 0.5;
/// How far, and by what steps, another place of the sun is looked for, s.
const FARTHEST_S: i64 = 12 * 3600;
const SHIFT_S: i64 = 1800;

/// What a weather file says, in short.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// The format that it was read as.
    pub format: &'static str,
    /// Where it is, and its clock.
    pub location: Location,
    /// Beginning of the first and end of the last sample, seconds since 1970 in UTC; a typical year
    /// stands in [`super::TYPICAL_YEAR`].
    pub from_unix_s: i64,
    /// See `from_unix_s`.
    pub until_unix_s: i64,
    /// A sample's length, s.
    pub step_s: u32,
    /// How many there are.
    pub samples: usize,
    /// Whether it is a year of 365 days that stands for every year.
    pub typical_year: bool,
    /// Global irradiation of all samples, kWh/m2.
    pub ghi_kwh_m2: f64,
    /// The highest global irradiance, W/m2.
    pub ghi_highest_w_m2: f64,
    /// Lowest, mean and highest air temperature, degrees Celsius.
    pub temperature_c: [f64; 3],
    /// Mean wind speed, m/s.
    pub wind_mean_m_s: f64,
    /// Mean distance of GHI from DHI + DNI cos z by day, with the sun where it is looked at, W/m2.
    pub closure_w_m2: f64,
    /// What was taken for granted or worked out, each in a sentence without a full stop.
    pub notes: Vec<String>,
}

impl Weather {
    /// What was understood of it. Looks at the sun some dozens of times for every sample: not for
    /// inner loops.
    pub fn understood(&self) -> Understood {
        let count = self.len().max(1) as f64;
        let sum = |column: &[f64]| column.iter().sum::<f64>();
        let lowest = |column: &[f64]| column.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = |column: &[f64]| column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let closure_w_m2 = self.closure_w_m2(0);
        let mut notes = self.notes.clone();
        notes.extend(self.doubt(closure_w_m2));
        Understood {
            format: self.source,
            location: self.location,
            from_unix_s: self.start_unix_s,
            until_unix_s: self.end_unix_s(),
            step_s: self.step_s,
            samples: self.len(),
            typical_year: self.typical_year,
            ghi_kwh_m2: sum(&self.ghi_w_m2) * f64::from(self.step_s) / 3.6e6,
            ghi_highest_w_m2: highest(&self.ghi_w_m2),
            temperature_c: [
                lowest(&self.temperature_c),
                sum(&self.temperature_c) / count,
                highest(&self.temperature_c),
            ],
            wind_mean_m_s: sum(&self.wind_m_s) / count,
            closure_w_m2,
            notes,
        }
    }

    /// The same as one of a run's inputs: a file as the scenario names it, laid out on a run as
    /// `trace`. Its figures are those of global irradiance. The sun is not looked at.
    pub(crate) fn input(&self, file: &Path, trace: &Trace) -> Input {
        let mean = |column: &[f64]| column.iter().sum::<f64>() / column.len().max(1) as f64;
        let within =
            self.start_unix_s <= trace.start_unix_s && trace.start_unix_s < self.end_unix_s();
        let laid = if self.typical_year {
            "by month, day and hour, for any year"
        } else if within {
            "by date"
        } else {
            "by month, day and hour, from another year"
        };
        let Location { latitude_deg, longitude_deg, altitude_m, utc_offset_s } = self.location;
        let place = format!(
            "weather for latitude {latitude_deg}, longitude {longitude_deg}, {altitude_m} m above sea level"
        );
        let span = (!self.typical_year).then(|| {
            let at = |unix_s| Timestamp::from_second(unix_s).ok();
            Some((at(self.start_unix_s)?, at(self.end_unix_s())?))
        });
        Input {
            what: "weather".to_owned(),
            file: file.display().to_string(),
            column: format!("global irradiance of {}", self.source),
            unit: "W/m2".to_owned(),
            span: span.flatten(),
            step_s: self.step_s,
            zone: format!("UTC{:+} (header)", f64::from(utc_offset_s) / 3600.0),
            count: self.len(),
            filled: 0.0,
            fill: String::new(),
            value_unit: "W/m2".to_owned(),
            minimum: self.ghi_w_m2.iter().copied().fold(f64::INFINITY, f64::min),
            maximum: self.ghi_w_m2.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            sum_kwh: None,
            mean: mean(&self.ghi_w_m2),
            run_mean: mean(&trace.ghi_w_m2),
            laid: laid.to_owned(),
            notes: std::iter::once(place).chain(self.notes.iter().cloned()).collect(),
        }
    }

    /// Mean distance of GHI from DHI + DNI cos z by day, with the sun so much later than it is
    /// looked at.
    fn closure_w_m2(&self, later_s: i64) -> f64 {
        let (mut off_w_m2, mut days) = (0.0, 0usize);
        let first_s = self.start_unix_s + later_s;
        each_sun_step(&self.location, first_s, self.step_s, self.len(), |i, sun| {
            if self.ghi_w_m2[i] > 0.0 {
                let beam = self.dni_w_m2[i] * sun.direction.up.max(0.0);
                off_w_m2 += (self.ghi_w_m2[i] - self.dhi_w_m2[i] - beam).abs();
                days += 1;
            }
        });
        off_w_m2 / days.max(1) as f64
    }

    /// Whether the components fit the sun of another time of day much better: a wrong time zone or
    /// longitude, or stamps of another kind.
    fn doubt(&self, closure_w_m2: f64) -> Option<String> {
        if closure_w_m2 <= DOUBTFUL_W_M2 {
            return None;
        }
        let shifts = (1..=FARTHEST_S / SHIFT_S).flat_map(|n| [n * SHIFT_S, -n * SHIFT_S]);
        let (best_w_m2, best_s) = shifts
            .map(|later_s| (self.closure_w_m2(later_s), later_s))
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        (best_w_m2 <= MUCH_BETTER * closure_w_m2).then(|| {
            let side = if best_s > 0 { "later" } else { "earlier" };
            format!(
                "GHI differs from DHI + DNI cos(zenith angle) by {closure_w_m2:.1} W/m2 on average, \
                 but only by {best_w_m2:.1} W/m2 with the sun's position {} minutes {side}: check the \
                 file's time zone, longitude and time stamps",
                best_s.abs() / 60
            )
        })
    }
}

impl Understood {
    /// The same in lines for a terminal: format and place, time, what it holds, notes.
    pub fn lines(&self) -> Vec<String> {
        let Location { latitude_deg, longitude_deg, altitude_m, utc_offset_s } = self.location;
        let offset_h = f64::from(utc_offset_s) / 3600.0;
        let minutes = f64::from(self.step_s) / 60.0;
        let time = if self.typical_year {
            format!("a typical year of {} steps of {minutes} minutes", self.samples)
        } else {
            format!(
                "{} to {} in local standard time, {} steps of {minutes} minutes",
                self.local(self.from_unix_s),
                self.local(self.until_unix_s),
                self.samples
            )
        };
        let [cold_c, mean_c, hot_c] = self.temperature_c;
        let mut lines = vec![
            format!(
                "{}, latitude {latitude_deg}, longitude {longitude_deg}, {altitude_m} m above sea \
                 level, UTC{offset_h:+}",
                self.format
            ),
            time,
            format!(
                "global irradiation {:.1} kWh/m2, at most {:.0} W/m2; air {cold_c:.1} to \
                 {hot_c:.1} C, {mean_c:.1} C on average; wind {:.1} m/s on average",
                self.ghi_kwh_m2, self.ghi_highest_w_m2, self.wind_mean_m_s
            ),
        ];
        lines.extend(self.notes.iter().cloned());
        lines
    }

    /// An instant on the file's own clock, to the minute.
    fn local(&self, unix_s: i64) -> String {
        let local_s = unix_s + i64::from(self.location.utc_offset_s);
        let date = date_of(local_s.div_euclid(DAY_S));
        let minutes = local_s.rem_euclid(DAY_S) / 60;
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}",
            date.year,
            date.month,
            date.day,
            minutes / 60,
            minutes % 60
        )
    }
}
