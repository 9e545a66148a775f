//! A course of values that starts with the year and repeats: what a CSV file of loads or carbon
//! intensities means over time. Files are kept in standard time, from 1 January 00:00 on.

use super::EnergyError;
use super::calendar::{Calendar, DAY_S, LocalDate};
use std::path::Path;

/// Values over a year, constant over each of their steps.
pub(crate) struct YearCourse {
    values: Vec<f64>,
    step_s: i64,
    days: i64,
}

impl YearCourse {
    /// Values every `step_minutes` from the beginning of the year on.
    pub(crate) fn new(
        file: &Path,
        values: Vec<f64>,
        step_minutes: f64,
    ) -> Result<Self, EnergyError> {
        let refuse = |found: String, expected: &str, advice: &str| EnergyError::Value {
            file: file.to_owned(),
            line: values.len() as u64,
            column: 1,
            found,
            expected: expected.to_owned(),
            advice: advice.to_owned(),
        };
        let step_s = (step_minutes * 60.0).round();
        if step_s < 1.0 || (step_s - step_minutes * 60.0).abs() > 1e-6 || step_s > 1e9 {
            return Err(refuse(
                format!("step_minutes: {step_minutes}"),
                "a whole number of seconds",
                "an hour is step_minutes: 60",
            ));
        }
        let whole_s = values.len() as i64 * step_s as i64;
        if whole_s == 0 || whole_s % DAY_S != 0 {
            return Err(refuse(
                format!(
                    "{} values every {step_minutes} minutes, which is {:.4} days",
                    values.len(),
                    whole_s as f64 / DAY_S as f64
                ),
                "a whole number of days",
                "the file may have been cut, or step_minutes is not that of the file",
            ));
        }
        Ok(Self { values, step_s: step_s as i64, days: whole_s / DAY_S })
    }

    /// The mean over each interval of a run.
    pub(crate) fn means(&self, calendar: &Calendar) -> Vec<f64> {
        let step_s = i64::from(calendar.step_s());
        calendar
            .standard_locals()
            .map(|local| {
                let from_s = i64::from(local.second);
                if from_s + step_s <= DAY_S {
                    self.mean_of_day(local.date, from_s, from_s + step_s)
                } else {
                    let (today, tomorrow) = (DAY_S - from_s, from_s + step_s - DAY_S);
                    let next = LocalDate::from_number(local.date.number + 1);
                    (self.mean_of_day(local.date, from_s, DAY_S) * today as f64
                        + self.mean_of_day(next, 0, tomorrow) * tomorrow as f64)
                        / step_s as f64
                }
            })
            .collect()
    }

    fn mean_of_day(&self, date: LocalDate, from_s: i64, to_s: i64) -> f64 {
        let midnight_s = self.day_of(date) * DAY_S;
        let (from_s, to_s) = (midnight_s + from_s, midnight_s + to_s);
        let (first, last) = (from_s / self.step_s, (to_s - 1) / self.step_s);
        if first == last {
            return self.values[first as usize];
        }
        let weighted: f64 = (first..=last)
            .map(|i| {
                let overlap = to_s.min((i + 1) * self.step_s) - from_s.max(i * self.step_s);
                self.values[i as usize] * overlap as f64
            })
            .sum();
        weighted / (to_s - from_s) as f64
    }

    /// Which day of the file a date is. A file of 365 days has 28 February twice in a leap year; of
    /// one of 366 days, 29 February is left out in other years: so the seasons stay where they are.
    /// Any other file repeats when it ends, anew each year.
    fn day_of(&self, date: LocalDate) -> i64 {
        let day = i64::from(date.day_of_year);
        match self.days {
            365 if date.in_leap_year() && day >= 59 => day - 1,
            366 if !date.in_leap_year() && day >= 59 => day + 1,
            days => day % days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn means(
        values: Vec<f64>,
        minutes: f64,
        start: jiff::civil::Date,
        days: u32,
        step_s: u32,
    ) -> Vec<f64> {
        let start = start.at(0, 0, 0, 0);
        let calendar = Calendar::of(start, "Europe/Amsterdam", days, step_s).unwrap();
        YearCourse::new(Path::new("f.csv"), values, minutes).unwrap().means(&calendar)
    }

    #[test]
    fn a_leap_day_repeats_the_day_before_and_seasons_stay() {
        let by_day: Vec<f64> = (0..365).map(f64::from).collect();
        let found = means(by_day.clone(), 1440.0, date(2024, 2, 27), 4, 3600);
        assert_eq!([found[0], found[24], found[48], found[72]], [57.0, 58.0, 58.0, 59.0]);
        let found = means(by_day, 1440.0, date(2023, 12, 31), 2, 3600);
        assert_eq!([found[0], found[24]], [364.0, 0.0]);
        let long: Vec<f64> = (0..366).map(f64::from).collect();
        let found = means(long, 1440.0, date(2023, 2, 28), 2, 3600);
        assert_eq!([found[0], found[24]], [58.0, 60.0]);
    }

    #[test]
    fn files_keep_standard_time() {
        let hourly: Vec<f64> = (0..24).map(f64::from).collect();
        // Midnight in July is 23:00 of standard time.
        assert_eq!(means(hourly.clone(), 60.0, date(2024, 7, 1), 1, 3600)[0], 23.0);
        assert_eq!(means(hourly, 60.0, date(2024, 1, 1), 1, 3600)[5], 5.0);
    }

    #[test]
    fn finer_and_coarser_files_keep_their_energy() {
        let quarters: Vec<f64> = (0..96).map(f64::from).collect();
        let hours = means(quarters.clone(), 15.0, date(2024, 1, 1), 1, 3600);
        assert_eq!(hours[0], 1.5);
        assert_eq!(hours.iter().sum::<f64>() * 4.0, quarters.iter().sum::<f64>());
        let fine = means(quarters.clone(), 15.0, date(2024, 1, 1), 1, 300);
        assert_eq!(fine.iter().sum::<f64>(), quarters.iter().sum::<f64>() * 3.0);
    }

    #[test]
    fn a_cut_file_is_refused() {
        let error = YearCourse::new(Path::new("f.csv"), vec![1.0; 5000], 60.0).err().unwrap();
        assert!(error.to_string().contains("208.3333 days"), "{error}");
        assert!(YearCourse::new(Path::new("f.csv"), vec![1.0; 24], 0.001).is_err());
    }
}
