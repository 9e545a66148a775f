//! What a kWh from a grid emits, interval by interval. Average or marginal, as the source has it:
//! the two are never mixed, because a scenario names one source.

use super::EnergyError;
use super::calendar::Calendar;
use super::table::Table;
use super::year_course::YearCourse;
use crate::scenario::{Carbon, CarbonUnit};
use std::path::Path;

/// The exact pound in grams.
pub const G_PER_LB: f64 = 453.59237;
/// No grid emits more (lignite: about 1,200 g/kWh): what is above it has another unit.
const HIGHEST_G_PER_KWH: f64 = 5000.0;

/// Grams in one of the unit.
pub fn grams(unit: CarbonUnit) -> f64 {
    match unit {
        CarbonUnit::GPerKwh => 1.0,
        CarbonUnit::KgPerKwh => 1000.0,
        CarbonUnit::LbPerKwh => G_PER_LB,
    }
}

/// The grid's intensity in each interval of the run, g/kWh. A daily shape follows the local clock
/// (an interval that begins in an hour has that hour's value); a CSV starts on 1 January at 00:00
/// in the zone's standard time, and repeats when it ends and with every new year.
///
/// # Errors
/// A file that cannot be read, an unknown column, or a value in it that is no intensity.
pub fn course_g_per_kwh(
    carbon: &Carbon,
    calendar: &Calendar,
    base: &Path,
) -> Result<Vec<f64>, EnergyError> {
    match carbon {
        Carbon::Constant { g_per_kwh } => Ok(vec![g_per_kwh.get(); calendar.intervals()]),
        Carbon::DailyShape { hourly_g_per_kwh } => Ok(calendar
            .locals()
            .map(|local| hourly_g_per_kwh[(local.second / 3600) as usize % 24].get())
            .collect()),
        Carbon::Csv { path, column, unit, step_minutes } => {
            let table = Table::read(base, path)?;
            let index = table.column(column)?;
            let factor = grams(*unit);
            let expected = format!(
                "a carbon intensity from 0 to {} {}",
                (HIGHEST_G_PER_KWH / factor).floor(),
                name(*unit)
            );
            let mut values = Vec::new();
            table.rows(|row| {
                let field = row.field(index);
                let g_per_kwh = field.magnitude(&expected)? * factor;
                if g_per_kwh > HIGHEST_G_PER_KWH {
                    return Err(field.refused(&expected, "set `unit` to that of the file"));
                }
                values.push(g_per_kwh);
                Ok(())
            })?;
            Ok(YearCourse::new(table.file(), values, step_minutes.get())?.means(calendar))
        }
    }
}

fn name(unit: CarbonUnit) -> &'static str {
    match unit {
        CarbonUnit::GPerKwh => "g/kWh",
        CarbonUnit::KgPerKwh => "kg/kWh",
        CarbonUnit::LbPerKwh => "lb/kWh",
    }
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
