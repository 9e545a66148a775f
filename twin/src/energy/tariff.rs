//! What a kWh costs or brings in each interval of a run. Not the bill.

use super::EnergyError;
use super::calendar::{Calendar, DAY_S, LocalDate};
use crate::record::Input;
use crate::scenario::{Additions, Days, PriceSeries, Tariff, TariffPeriod};
use crate::series;
use jiff::ToSpan;
use std::path::Path;

/// Prices over a run, one an interval, in the scenario's currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// Energy price of an imported kWh, without additions.
    pub energy_per_kwh: Vec<f64>,
    /// Full price of an imported kWh: energy and additions, with VAT. What one kWh more costs.
    pub import_per_kwh: Vec<f64>,
    /// The same without the tariff's factor and yearly rise, which thresholds do not see; none where
    /// it has neither.
    pub unscaled_per_kwh: Option<Vec<f64>>,
    /// What an exported kWh brings; below zero, exporting costs money.
    pub export_per_kwh: Vec<f64>,
    /// What was understood of the file of import prices, where there is one.
    pub import_input: Option<Input>,
    /// What was understood of the file of export prices, where there is one.
    pub export_input: Option<Input>,
}

impl Prices {
    /// Those of a site without a grid.
    pub fn none(intervals: usize) -> Self {
        let zero = vec![0.0; intervals];
        Self {
            energy_per_kwh: zero.clone(),
            import_per_kwh: zero.clone(),
            unscaled_per_kwh: None,
            export_per_kwh: zero,
            import_input: None,
            export_input: None,
        }
    }
}

/// What the file of import prices is called among a run's inputs.
pub const IMPORT: &str = "import price";
/// What the file of export prices is called among a run's inputs.
pub const EXPORT: &str = "export price";

/// What additions make of an energy price: the full price of an imported kWh. `escalation` is what
/// the additions have risen by since the run's first year; the energy price has it already.
pub fn full_price_per_kwh(energy_per_kwh: f64, additions: &Additions, escalation: f64) -> f64 {
    let a = additions;
    let added = a.grid_fee_per_kwh.get() + a.tax_per_kwh.get() + a.margin_per_kwh.get();
    (energy_per_kwh + added * escalation) * (1.0 + a.vat.get())
}

/// The prices of a tariff over a run; `base` is the folder of the scenario.
///
/// Times of periods are those of the local clock, and the first period that holds counts. A period
/// that ends no later than it begins runs over midnight: all of it belongs to the day on which it
/// begins, so that Friday's night tariff reaches into Saturday. Where a price changes within an
/// interval, the interval has the mean. A series takes the place of a constant and its periods.
///
/// # Errors
/// A period with a month outside 1 to 12, or a file that cannot be used.
pub fn prices(tariff: &Tariff, calendar: &Calendar, base: &Path) -> Result<Prices, EnergyError> {
    let import = Periods { otherwise: tariff.price_per_kwh.get(), list: &tariff.periods };
    let export =
        Periods { otherwise: tariff.export_price_per_kwh.get(), list: &tariff.export_periods };
    let course = |series: &Option<PriceSeries>, what: &str, periods: Periods<'_>| match series {
        Some(PriceSeries::Csv(file)) => {
            let kind = series::Kind::Price { currency: &tariff.currency };
            let course = series::course(file, kind, what, calendar, base)?;
            Ok((course.values, Some(course.input)))
        }
        None => periods.course(what, calendar).map(|values| (values, None)),
    };
    let (mut energy_per_kwh, import_input) = course(&tariff.import_series, IMPORT, import)?;
    let (mut export_per_kwh, export_input) = course(&tariff.export_series, EXPORT, export)?;
    let escalation = Escalation::new(tariff, calendar);
    let scaled = tariff.price_factor.get() != 1.0 || !escalation.years.is_empty();
    let unscaled_per_kwh = scaled.then(|| {
        let full = |price: &f64| full_price_per_kwh(*price, &tariff.additions, 1.0);
        energy_per_kwh.iter().map(full).collect()
    });
    let scale = |course: &mut [f64]| {
        for (k, price) in course.iter_mut().enumerate() {
            *price *= tariff.price_factor.get() * escalation.factor(k);
        }
    };
    scale(&mut energy_per_kwh);
    scale(&mut export_per_kwh);
    let full = energy_per_kwh.iter().enumerate();
    let full = full.map(|(k, &p)| full_price_per_kwh(p, &tariff.additions, escalation.factor(k)));
    let import_per_kwh = full.collect();
    Ok(Prices {
        energy_per_kwh,
        import_per_kwh,
        unscaled_per_kwh,
        export_per_kwh,
        import_input,
        export_input,
    })
}

/// What prices are multiplied by as the run's years pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Escalation {
    /// The first interval of each year after the run's first, and its factor.
    years: Vec<(usize, f64)>,
}

impl Escalation {
    /// That of a tariff: each anniversary of the run's start begins another year.
    pub fn new(tariff: &Tariff, calendar: &Calendar) -> Self {
        if tariff.escalation_per_year.get() == 0.0 {
            return Self::default();
        }
        let start = calendar.start().to_zoned(calendar.zone().clone()).datetime();
        let begins = |year: u32| {
            let at = start.checked_add(i64::from(year).years()).ok()?;
            let interval = calendar.seconds_to(at).ok()? / f64::from(calendar.step_s());
            Some((interval.ceil() as usize, tariff.escalation_after(year)))
        };
        let years = (1..).map_while(begins);
        Self { years: years.take_while(|(first, _)| *first < calendar.intervals()).collect() }
    }

    /// The factor of an interval.
    pub fn factor(&self, interval: usize) -> f64 {
        let begun = self.years.partition_point(|(first, _)| *first <= interval);
        begun.checked_sub(1).map_or(1.0, |year| self.years[year].1)
    }
}

/// A price with other prices at some times.
struct Periods<'a> {
    otherwise: f64,
    list: &'a [TariffPeriod],
}

impl Periods<'_> {
    fn course(&self, what: &str, calendar: &Calendar) -> Result<Vec<f64>, EnergyError> {
        for period in self.list {
            if let Some(month) = period.months.iter().find(|m| !(1..=12).contains(*m)) {
                return Err(EnergyError::scenario(
                    format!("{what}, period {:?}", period.name),
                    format!("month {month}"),
                    "months from 1 to 12",
                    "correct the month, or leave `months` out for all months",
                ));
            }
        }
        if self.list.is_empty() {
            return Ok(vec![self.otherwise; calendar.intervals()]);
        }
        let mut day = PricedDay::new(self);
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

    fn price_at(&self, before: LocalDate, date: LocalDate, at_s: i64) -> f64 {
        let holds = |period: &&TariffPeriod| {
            let (from_s, until_s) = (second(period.from), second(period.until));
            if from_s < until_s {
                (from_s..until_s).contains(&at_s) && is_on(period, date)
            } else {
                (at_s >= from_s && is_on(period, date)) || (at_s < until_s && is_on(period, before))
            }
        };
        let period = self.list.iter().find(holds);
        period.map_or(self.otherwise, |p| p.price_per_kwh.get())
    }
}

/// The prices of one date, worked out once for all of its intervals.
struct PricedDay<'a> {
    periods: &'a Periods<'a>,
    /// Seconds of the clock at which some price may change, midnight first.
    changes_s: Vec<i64>,
    /// The price from each of them on.
    prices: Vec<f64>,
    date: Option<LocalDate>,
}

impl<'a> PricedDay<'a> {
    fn new(periods: &'a Periods<'a>) -> Self {
        let mut changes_s = vec![0];
        for period in periods.list {
            changes_s.extend([second(period.from), second(period.until)]);
        }
        changes_s.sort_unstable();
        changes_s.dedup();
        Self { periods, prices: vec![0.0; changes_s.len()], changes_s, date: None }
    }

    fn mean(&mut self, date: LocalDate, from_s: i64, to_s: i64) -> f64 {
        if self.date != Some(date) {
            self.date = Some(date);
            let before = LocalDate::from_number(date.number - 1);
            for (at_s, price) in self.changes_s.iter().zip(&mut self.prices) {
                *price = self.periods.price_at(before, date, *at_s);
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
        super::prices(&tariff, &calendar, Path::new("")).unwrap().energy_per_kwh
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
        let error = super::prices(&tariff, &calendar, Path::new("")).unwrap_err();
        assert!(error.to_string().contains("month 13"), "{error}");
    }
}
