//! What monthly charges rest on: each month's highest 15-minute mean import, and how much of the
//! month the run covers. Months are those of the site's clock.

use crate::clock::Clock;
use gridtwin_kernel::{SimTime, Span};

const WINDOW: Span = Span::from_secs(900);

/// A month of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Month {
    /// The year.
    pub(crate) year: i16,
    /// 1 to 12.
    pub(crate) month: i8,
    /// The highest mean import of a window that begins in it.
    pub(crate) peak_kw: f64,
    /// The share of its days that the run covers.
    pub(crate) share: f64,
    /// How many days of it the run covers, and how many it has.
    pub(crate) days: (f64, f64),
}

/// Watches imports window by window. Windows are counted from the run's start; an interval longer
/// than a window fills several with its mean.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    clock: Clock,
    window: u64,
    kw_ns: f64,
    covered_ns: u64,
    months: Vec<Month>,
    end: SimTime,
}

impl Demand {
    /// Nothing seen yet.
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, window: 0, kw_ns: 0.0, covered_ns: 0, months: Vec::new(), end: SimTime::ZERO }
    }

    /// One interval's mean import.
    pub(crate) fn add(&mut self, at: SimTime, step: Span, import_kw: f64) {
        let (mut from, end) = (at.0, (at + step).0);
        self.end = at + step;
        while from < end {
            let window = from / WINDOW.0;
            if window != self.window {
                self.close();
                self.window = window;
            }
            let to = end.min((window + 1) * WINDOW.0);
            self.kw_ns += import_kw * (to - from) as f64;
            self.covered_ns += to - from;
            from = to;
        }
    }

    /// The months so far. A window that the run's end cuts short counts with its mean over what it
    /// has.
    pub(crate) fn months(&self) -> Vec<Month> {
        let mut whole = self.clone();
        whole.close();
        for month in &mut whole.months {
            let since = |at| self.clock.days_since(month.year, month.month, at);
            let first = jiff::civil::Date::new(month.year, month.month, 1);
            if let (Some(from), Some(until), Ok(first)) =
                (since(SimTime::ZERO), since(self.end), first)
            {
                let days = f64::from(first.days_in_month());
                month.days = (until.min(days) - from.max(0.0), days);
                month.share = month.days.0 / days;
            }
        }
        whole.months
    }

    fn close(&mut self) {
        if self.covered_ns == 0 {
            return;
        }
        let mean_kw = self.kw_ns / self.covered_ns as f64;
        (self.kw_ns, self.covered_ns) = (0.0, 0);
        let local = self.clock.zoned(SimTime(self.window * WINDOW.0));
        let (year, month) = (local.year(), local.month());
        match self.months.last_mut() {
            Some(last) if (last.year, last.month) == (year, month) => {
                last.peak_kw = last.peak_kw.max(mean_kw);
            }
            _ => {
                let peak_kw = mean_kw.max(0.0);
                self.months.push(Month { year, month, peak_kw, share: 1.0, days: (0.0, 0.0) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::catalog;

    fn peaks(step_s: u64, import_kw: &[f64]) -> Vec<f64> {
        let mut demand = Demand::new(Clock::new(&catalog()));
        let step = Span::from_secs(step_s);
        for (i, &kw) in import_kw.iter().enumerate() {
            demand.add(SimTime::ZERO + step * i as u64, step, kw);
        }
        demand.months().iter().map(|m| m.peak_kw).collect()
    }

    #[test]
    fn the_mean_of_fifteen_minutes_counts() {
        assert_eq!(peaks(300, &[30.0, 0.0, 0.0, 6.0, 6.0, 9.0]), [10.0]);
        assert_eq!(peaks(600, &[0.0, 0.0, 9.0]), [6.0], "a step that does not divide the window");
        assert_eq!(peaks(3600, &[2.0, 7.0]), [7.0], "a step longer than the window");
    }

    #[test]
    fn a_month_is_covered_by_its_days() {
        // From 20 June, 12 days: 11 of June's 30, 1 of July's 31.
        let mut demand = Demand::new(Clock::new(&catalog()));
        demand.add(SimTime::ZERO, Span::from_secs(86_400) * 12, 1.0);
        let shares: Vec<f64> = demand.months().iter().map(|m| m.share).collect();
        assert_eq!(shares, [11.0 / 30.0, 1.0 / 31.0]);
        assert_eq!(demand.months()[0].days, (11.0, 30.0));
    }

    #[test]
    fn each_started_month_counts() {
        // The catalogue starts on 20 June; 12 days reach July.
        let mut kw = vec![1.0; 24 * 12];
        kw[24 * 11 + 12] = 5.0;
        assert_eq!(peaks(3600, &kw), [1.0, 5.0]);
    }
}
