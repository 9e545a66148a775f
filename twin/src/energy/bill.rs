//! What a run's electricity costs: energy, the months' peaks, and the months themselves. Prices of
//! energy over time are [`super::tariff`].

use super::calendar::Calendar;
use crate::scenario::Tariff;
use gridtwin_kernel::SimTime;

const QUARTER_S: i64 = 900;
const NANOS: u64 = 1_000_000_000;

/// The highest mean import over a quarter of an hour in each local month. Quarters are those of the
/// clock, not of the run's start; a quarter that the run only partly covers counts as if nothing
/// had been imported in the rest of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DemandMeter {
    /// The run's start within its quarter of an hour.
    lead_ns: u64,
    /// The run's instants at which a new local month begins.
    month_ends: Vec<SimTime>,
    peaks_kw: Vec<f64>,
    quarter: u64,
    quarter_kwh: f64,
}

impl DemandMeter {
    /// A meter at the run's start.
    pub fn new(calendar: &Calendar) -> Self {
        let months = months(calendar);
        let lead_s = calendar.start().as_second().rem_euclid(QUARTER_S);
        Self {
            lead_ns: lead_s as u64 * NANOS,
            month_ends: months
                .iter()
                .map(|m| SimTime::from_secs_f64(m.end_s))
                .collect(),
            peaks_kw: vec![0.0; months.len()],
            quarter: 0,
            quarter_kwh: 0.0,
        }
    }

    /// Imports a constant power from `from` until `to`: stretches come in order, of any length.
    pub fn add(&mut self, from: SimTime, to: SimTime, import_kw: f64) {
        let quarter_ns = QUARTER_S as u64 * NANOS;
        let (mut at, end) = (from.0 + self.lead_ns, to.0 + self.lead_ns);
        while at < end {
            let quarter = at / quarter_ns;
            if quarter != self.quarter {
                self.close();
                self.quarter = quarter;
            }
            let until = end.min((quarter + 1) * quarter_ns);
            self.quarter_kwh += import_kw * (until - at) as f64 / (3600.0 * NANOS as f64);
            at = until;
        }
    }

    fn close(&mut self) {
        let mean_kw = self.quarter_kwh * 4.0;
        let begin = SimTime((self.quarter * QUARTER_S as u64 * NANOS).saturating_sub(self.lead_ns));
        let month = self.month_ends.partition_point(|end| *end <= begin);
        if let Some(peak) = self.peaks_kw.get_mut(month) {
            *peak = peak.max(mean_kw);
        }
        self.quarter_kwh = 0.0;
    }

    /// The peak of each local month that the run touches, the quarter under way included, kW.
    pub fn peaks_kw(&self) -> Vec<f64> {
        let mut now = self.clone();
        now.close();
        now.peaks_kw
    }
}

/// What a run's electricity cost, in the scenario's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    /// Imports at their prices.
    pub import: f64,
    /// What exports brought.
    pub export: f64,
    /// Each touched month's peak at the demand price: in full, as a peak is not prorated.
    pub demand: f64,
    /// The price of each touched month, by the share of it that the run covers.
    pub fixed: f64,
}

impl Bill {
    /// The bill for what was imported and exported at the tariff's prices.
    pub fn new(
        tariff: &Tariff,
        calendar: &Calendar,
        meter: &DemandMeter,
        import: f64,
        export: f64,
    ) -> Self {
        Self {
            import,
            export,
            demand: meter.peaks_kw().iter().sum::<f64>() * tariff.demand_price_per_kw.get(),
            fixed: covered_months(calendar) * tariff.fixed_per_month.get(),
        }
    }

    /// What is to be paid.
    pub fn total(&self) -> f64 {
        self.import - self.export + self.demand + self.fixed
    }
}

/// How many local months the run covers, a partly covered one as its share.
pub fn covered_months(calendar: &Calendar) -> f64 {
    let end_s = calendar.end().as_secs_f64();
    let share =
        |m: Month| (m.end_s.min(end_s) - m.start_s.max(0.0)).max(0.0) / (m.end_s - m.start_s);
    months(calendar).into_iter().map(share).sum()
}

#[derive(Clone, Copy)]
struct Month {
    start_s: f64,
    end_s: f64,
}

fn months(calendar: &Calendar) -> Vec<Month> {
    let month = |pair: &[i64]| Month {
        start_s: pair[0] as f64,
        end_s: pair[1] as f64,
    };
    calendar.month_starts_s().windows(2).map(month).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridtwin_kernel::Span;
    use jiff::civil::date;

    fn minutes(m: u64) -> SimTime {
        SimTime::ZERO + Span::from_secs(60 * m)
    }

    #[test]
    fn a_peak_is_the_mean_of_a_quarter_however_it_is_told() {
        let calendar = Calendar::of(date(2024, 1, 1).at(0, 5, 0, 0), "UTC", 1, 300).unwrap();
        let mut meter = DemandMeter::new(&calendar);
        // 00:05 to 00:15: 10 minutes of the quarter; 00:15 to 00:20: 90 kW, then 15 kW for ten.
        meter.add(minutes(0), minutes(10), 30.0);
        assert_eq!(meter.peaks_kw(), [20.0]);
        meter.add(minutes(10), minutes(15), 90.0);
        meter.add(minutes(15), minutes(25), 15.0);
        assert!((meter.peaks_kw()[0] - 40.0).abs() < 1e-9);
        // An hour in one stretch.
        meter.add(minutes(25), minutes(85), 41.0);
        assert!((meter.peaks_kw()[0] - 41.0).abs() < 1e-9);
    }

    #[test]
    fn each_local_month_has_its_own_peak() {
        let start = date(2024, 3, 31).at(22, 0, 0, 0);
        let calendar = Calendar::of(start, "Europe/Amsterdam", 1, 900).unwrap();
        let mut meter = DemandMeter::new(&calendar);
        meter.add(minutes(0), minutes(120), 7.0);
        meter.add(minutes(120), minutes(240), 3.0);
        assert_eq!(meter.peaks_kw(), [7.0, 3.0]);
    }

    #[test]
    fn a_fixed_charge_follows_the_days() {
        let calendar = Calendar::of(date(2023, 1, 31).at(0, 0, 0, 0), "UTC", 15, 3600).unwrap();
        assert!((covered_months(&calendar) - (1.0 / 31.0 + 0.5)).abs() < 1e-12);
        let year = Calendar::of(
            date(2023, 1, 1).at(0, 0, 0, 0),
            "Europe/Amsterdam",
            365,
            3600,
        )
        .unwrap();
        assert!((covered_months(&year) - 12.0).abs() < 1e-9);
        let tariff: Tariff =
            ron::from_str("(demand_price_per_kw: 10, fixed_per_month: 5)").unwrap();
        let mut meter = DemandMeter::new(&calendar);
        meter.add(minutes(0), minutes(15), 8.0);
        let bill = Bill::new(&tariff, &calendar, &meter, 100.0, 20.0);
        assert!((bill.total() - (100.0 - 20.0 + 80.0 + 5.0 * (1.0 / 31.0 + 0.5))).abs() < 1e-9);
    }
}
