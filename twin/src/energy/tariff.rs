//! What an imported kWh costs in each interval of a run. Not the bill.

use super::EnergyError;
use super::calendar::{Calendar, DAY_S, LocalDate};
use crate::scenario::{Days, Tariff, TariffPeriod};

/// Mean price of an imported kWh in each interval, in the scenario's currency.
///
/// Times are those of the local clock, and the first period that holds counts. A period that ends
/// no later than it begins runs over midnight: all of it belongs to the day on which it begins, so
/// that Friday's night tariff reaches into Saturday. Where a price changes within an interval, the
/// interval has the mean.
///
/// # Errors
/// A period with a month outside 1 to 12.
pub fn course_price_per_kwh(tariff: &Tariff, calendar: &Calendar) -> Result<Vec<f64>, EnergyError> {
    for period in &tariff.periods {
        if let Some(month) = period.months.iter().find(|m| !(1..=12).contains(*m)) {
            return Err(EnergyError::scenario(
                format!("grid.tariff period {:?}", period.name),
                format!("month {month}"),
                "months from 1 to 12",
                "an empty list means all months",
            ));
        }
    }
    let mut day = PricedDay::new(tariff);
    let step_s = i64::from(calendar.step_s());
    let mut prices = Vec::with_capacity(calendar.intervals());
    for local in calendar.locals() {
        let from_s = i64::from(local.second);
        let to_s = from_s + step_s;
        let today = (to_s.min(DAY_S) - from_s) as f64;
        let mut sum = day.mean(local.date, from_s, to_s.min(DAY_S)) * today;
        if to_s > DAY_S {
            let next = LocalDate::from_number(local.date.number + 1);
            sum += day.mean(next, 0, to_s - DAY_S) * (to_s - DAY_S) as f64;
            prices.push(sum / step_s as f64);
        } else {
            // Not sum / step: a price that does not change is to come out as it went in.
            prices.push(day.mean(local.date, from_s, to_s));
        }
    }
    Ok(prices)
}

/// The prices of one date, worked out once for all of its intervals.
struct PricedDay<'a> {
    tariff: &'a Tariff,
    /// Seconds of the clock at which some price may change, midnight first.
    changes_s: Vec<i64>,
    /// The price from each of them on.
    prices: Vec<f64>,
    date: Option<LocalDate>,
}

impl<'a> PricedDay<'a> {
    fn new(tariff: &'a Tariff) -> Self {
        let mut changes_s = vec![0];
        for period in &tariff.periods {
            changes_s.extend([second(period.from), second(period.until)]);
        }
        changes_s.sort_unstable();
        changes_s.dedup();
        Self { tariff, prices: vec![0.0; changes_s.len()], changes_s, date: None }
    }

    fn mean(&mut self, date: LocalDate, from_s: i64, to_s: i64) -> f64 {
        if self.date != Some(date) {
            self.date = Some(date);
            let before = LocalDate::from_number(date.number - 1);
            for (at_s, price) in self.changes_s.iter().zip(&mut self.prices) {
                *price = price_at(self.tariff, before, date, *at_s);
            }
        }
        let last = self.changes_s.partition_point(|&at| at < to_s) - 1;
        if self.changes_s[last] <= from_s {
            return self.prices[last];
        }
        let mut sum = 0.0;
        let mut until_s = to_s;
        for i in (0..=last).rev() {
            let begin_s = self.changes_s[i].max(from_s);
            sum += self.prices[i] * (until_s - begin_s) as f64;
            until_s = begin_s;
            if begin_s == from_s {
                break;
            }
        }
        sum / (to_s - from_s) as f64
    }
}

fn price_at(tariff: &Tariff, before: LocalDate, date: LocalDate, at_s: i64) -> f64 {
    let holds = |period: &&TariffPeriod| {
        let (from_s, until_s) = (second(period.from), second(period.until));
        if from_s < until_s {
            (from_s..until_s).contains(&at_s) && is_on(period, date)
        } else {
            (at_s >= from_s && is_on(period, date)) || (at_s < until_s && is_on(period, before))
        }
    };
    let period = tariff.periods.iter().find(holds);
    period.map_or(tariff.price_per_kwh, |p| p.price_per_kwh).get()
}

fn is_on(period: &TariffPeriod, date: LocalDate) -> bool {
    let day = match period.days {
        Days::All => true,
        Days::Weekdays => !date.is_weekend(),
        Days::Weekends => date.is_weekend(),
    };
    day && (period.months.is_empty() || period.months.contains(&date.month))
}

fn second(time: jiff::civil::Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn prices(periods: &str, start: jiff::civil::Date, days: u32, step_s: u32) -> Vec<f64> {
        let tariff: Tariff =
            ron::from_str(&format!("(price_per_kwh: 1, periods: [{periods}])")).unwrap();
        let calendar =
            Calendar::of(start.at(0, 0, 0, 0), "Europe/Amsterdam", days, step_s).unwrap();
        course_price_per_kwh(&tariff, &calendar).unwrap()
    }

    #[test]
    fn the_first_period_that_holds_counts() {
        let found = prices(
            r#"(name: "peak", price_per_kwh: 5, from: "16:00", until: "21:00", months: [1]),
               (name: "day", price_per_kwh: 3, from: "08:00", until: "20:00")"#,
            date(2024, 1, 1),
            1,
            3600,
        );
        assert_eq!(
            [found[7], found[8], found[15], found[16], found[20], found[21]],
            [1.0, 3.0, 3.0, 5.0, 5.0, 1.0]
        );
        let summer = prices(
            r#"(name: "peak", price_per_kwh: 5, from: "16:00", until: "21:00", months: [1])"#,
            date(2024, 7, 1),
            1,
            3600,
        );
        assert_eq!(summer, [1.0; 24]);
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        // 5 January 2024 is a Friday.
        let found = prices(
            r#"(name: "night", price_per_kwh: 0.5, from: "22:00", until: "06:00", days: Weekdays)"#,
            date(2024, 1, 5),
            4,
            3600,
        );
        let cheap: Vec<_> = (0..96).filter(|&h| found[h] < 1.0).collect();
        let expected: Vec<_> = (0..6).chain(22..30).chain(94..96).collect();
        assert_eq!(cheap, expected);
    }

    #[test]
    fn a_change_within_an_interval_gives_the_mean() {
        let found = prices(
            r#"(name: "peak", price_per_kwh: 5, from: "16:15", until: "16:45")"#,
            date(2024, 1, 1),
            1,
            3600,
        );
        assert_eq!((found[15], found[16], found[17]), (1.0, 3.0, 1.0));
        let fine = prices(
            r#"(name: "peak", price_per_kwh: 5, from: "16:15", until: "16:45")"#,
            date(2024, 1, 1),
            1,
            900,
        );
        assert_eq!(fine[64..68], [1.0, 5.0, 5.0, 1.0]);
    }

    #[test]
    fn local_time_has_days_of_23_and_25_hours() {
        let peak = r#"(name: "peak", price_per_kwh: 5, from: "02:00", until: "03:00")"#;
        let count = |start| prices(peak, start, 1, 3600).iter().filter(|&&p| p == 5.0).count();
        assert_eq!((count(date(2024, 3, 31)), count(date(2024, 10, 27))), (0, 2));
    }

    #[test]
    fn the_whole_day_and_a_month_that_is_none() {
        let whole = prices(
            r#"(name: "all", price_per_kwh: 2, from: "00:00", until: "00:00")"#,
            date(2024, 1, 1),
            1,
            3600,
        );
        assert_eq!(whole, [2.0; 24]);
        let tariff: Tariff = ron::from_str(
            r#"(periods: [(name: "x", price_per_kwh: 2, from: "00:00", until: "01:00", months: [13])])"#,
        ).unwrap();
        let calendar = Calendar::of(date(2024, 1, 1).at(0, 0, 0, 0), "UTC", 1, 3600).unwrap();
        let error = course_price_per_kwh(&tariff, &calendar).unwrap_err();
        assert!(error.to_string().contains("month 13"), "{error}");
    }
}
