//! What a kWh from a grid emits, interval by interval. Average and marginal intensities are courses of
//! their own: a scenario names one source for each, and no number holds both.

use super::EnergyError;
use super::calendar::Calendar;
use crate::record::Input;
use crate::scenario::Carbon;
use crate::series::{self, Kind};
use std::path::Path;

pub use crate::series::G_PER_LB;

/// The grid's intensity in each interval of the run, g/kWh. A daily shape follows the local clock
/// (an interval that begins in an hour has that hour's value); a file is read and laid on the run by
/// [`crate::series`].
///
/// # Errors
/// A file that cannot be read, that is not understood without doubt, or that does not cover the run.
pub fn course_g_per_kwh(
    carbon: &Carbon,
    calendar: &Calendar,
    base: &Path,
) -> Result<Vec<f64>, EnergyError> {
    Ok(course(carbon, "carbon", calendar, base)?.0)
}

/// As [`course_g_per_kwh`], with what was understood of the file, if there is one; `what` names its
/// use, as in "carbon intensity of the grid".
///
/// # Errors
/// As [`course_g_per_kwh`].
pub fn course(
    carbon: &Carbon,
    what: &str,
    calendar: &Calendar,
    base: &Path,
) -> Result<(Vec<f64>, Option<Input>), EnergyError> {
    let values = match carbon {
        Carbon::Constant { g_per_kwh } => vec![g_per_kwh.get(); calendar.intervals()],
        Carbon::DailyShape { hourly_g_per_kwh } => calendar
            .locals()
            .map(|local| hourly_g_per_kwh[(local.second / 3600) as usize % 24].get())
            .collect(),
        Carbon::Csv(file) => {
            let course = series::course(file, Kind::Carbon, what, calendar, base)?;
            return Ok((course.values, Some(course.input)));
        }
    };
    Ok((values, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_daily_shape_follows_the_local_clock_over_its_change() {
        let carbon: Carbon = ron::from_str(&format!(
            "DailyShape(hourly_g_per_kwh: ({}))",
            (0..24).map(|h| h.to_string()).collect::<Vec<_>>().join(",")
        ))
        .unwrap();
        // 31 March 2024 has no hour from two to three in Amsterdam.
        let start = date(2024, 3, 31).at(0, 0, 0, 0);
        let calendar = Calendar::of(start, "Europe/Amsterdam", 1, 3600).unwrap();
        let course = course_g_per_kwh(&carbon, &calendar, Path::new("")).unwrap();
        assert_eq!(course[..4], [0.0, 1.0, 3.0, 4.0]);
        // 27 October has it twice.
        let start = date(2024, 10, 27).at(0, 0, 0, 0);
        let calendar = Calendar::of(start, "Europe/Amsterdam", 1, 3600).unwrap();
        let course = course_g_per_kwh(&carbon, &calendar, Path::new("")).unwrap();
        assert_eq!(course[..5], [0.0, 1.0, 2.0, 2.0, 3.0]);
    }
}
