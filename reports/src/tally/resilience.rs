//! How long the site would have gone on by itself, from every hour of the run: the course that
//! `autonomy` follows, gathered from the samples. Kept in steps of about a quarter of an hour,
//! whatever the run's own: a year takes some hundred kilobytes for each battery and genset.

use gridtwin_twin::energy::autonomy::{Course, Survival, survival};
use gridtwin_twin::record::{BatterySample, Resilience, Sample};
use gridtwin_twin::scenario::OutageFuel;

/// Steps of a course are no longer than this where the run's are shorter, s.
const STEP_S: f64 = 900.0;
/// Hours of a year of 365 days, and of a leap year.
const YEARS_H: [f64; 2] = [8760.0, 8784.0];

/// What outages would have met in the run so far.
#[derive(Clone, Debug)]
pub(crate) struct Outages {
    asked: Resilience,
    course: Course,
    /// What the batteries hold now, kWh, once anything is known.
    stored_kwh: Vec<f64>,
    /// What the gensets' tanks hold now, litres; nothing where there is no tank.
    tanks_l: Vec<f64>,
    /// The step that is being gathered: hours, and sums over them, kWh.
    hours: f64,
    demand_kwh: f64,
    pv_kwh: f64,
}

impl Outages {
    /// Nothing heard yet.
    pub(crate) fn new(asked: &Resilience) -> Self {
        Self {
            asked: asked.clone(),
            course: Course::default(),
            stored_kwh: Vec::new(),
            tanks_l: Vec::new(),
            hours: 0.0,
            demand_kwh: 0.0,
            pv_kwh: 0.0,
        }
    }

    /// Adds one interval.
    pub(crate) fn add(&mut self, sample: &Sample) {
        let hours = sample.step.as_hours_f64();
        if self.course.step_h == 0.0 {
            let parts = (STEP_S / sample.step.as_secs_f64() + 1e-9).floor().max(1.0);
            self.course.step_h = parts * hours;
        }
        if self.hours == 0.0 {
            self.begin(sample);
        }
        self.hours += hours;
        self.demand_kwh += self.asked.demand_kw(sample) * hours;
        self.pv_kwh += sample.flows.pv_kw * hours;
        self.stored_kwh.clear();
        let batteries = self.asked.site.batteries.iter().enumerate();
        let stored = batteries.map(|(i, limits)| battery(sample, i).soc * limits.capacity_kwh);
        self.stored_kwh.extend(stored);
        self.tanks_l.clear();
        self.tanks_l.extend(
            (0..self.asked.site.gensets.len()).map(|i| tank_l(sample, i).unwrap_or_default()),
        );
        if self.hours >= self.course.step_h * (1.0 - 1e-9) {
            self.course.demand_kw.push(self.demand_kwh / self.hours);
            self.course.pv_kw.push(self.pv_kwh / self.hours);
            (self.hours, self.demand_kwh, self.pv_kwh) = (0.0, 0.0, 0.0);
        }
    }

    /// What there is at the beginning of a step.
    fn begin(&mut self, sample: &Sample) {
        let hours = sample.step.as_hours_f64();
        if self.stored_kwh.is_empty() {
            // Before the first interval: what it ends with, and what was taken out or put in.
            let batteries = self.asked.site.batteries.iter().enumerate();
            self.stored_kwh.extend(batteries.map(|(i, limits)| {
                let now = battery(sample, i);
                let out_kw = if now.power_kw > 0.0 {
                    now.power_kw / limits.discharge_efficiency
                } else {
                    now.power_kw * limits.charge_efficiency
                };
                let kwh = now.soc * limits.capacity_kwh + out_kw * hours;
                kwh.clamp(0.0, limits.capacity_kwh)
            }));
        }
        self.course.stored_kwh.extend_from_slice(&self.stored_kwh);
        if self.tanks_l.is_empty() {
            self.tanks_l.extend((0..self.asked.site.gensets.len()).map(|i| {
                // Before the first interval: what it ends with, and what it burned.
                let burned_l = sample.fuel_l.get(i).copied().unwrap_or_default();
                tank_l(sample, i).map_or(0.0, |litres| litres + burned_l)
            }));
        }
        self.course.fuel_l.extend(self.tanks_l.iter().map(|&litres| match self.asked.fuel {
            OutageFuel::Tanks => litres,
            OutageFuel::Nothing => 0.0,
            OutageFuel::Unlimited => f64::INFINITY,
        }));
    }

    /// How long the site would have gone on; none where it has nothing to go on with, or where
    /// nothing was heard.
    pub(crate) fn survival(&self) -> Option<Survival> {
        let site = &self.asked.site;
        if site.batteries.is_empty() && site.gensets.is_empty() {
            return None;
        }
        let hours = self.course.step_h * self.course.len() as f64;
        let repeats = YEARS_H.iter().any(|year_h| (hours - year_h).abs() < 1e-6);
        let course = Course { repeats, ..self.course.clone() };
        survival(site, &course, self.asked.longest_h)
    }

    /// Whether the site has nothing to go on with when its supply fails.
    fn has_no_source(&self) -> bool {
        let site = &self.asked.site;
        site.batteries.is_empty() && site.gensets.is_empty() && !self.course.is_empty()
    }

    /// The length of a step, h, for whoever tells when a start was.
    pub(crate) fn step_h(&self) -> f64 {
        self.course.step_h
    }
}

/// A battery of an interval; an empty one where the record does not have it.
fn battery(sample: &Sample, index: usize) -> BatterySample {
    sample.batteries.get(index).copied().unwrap_or_default()
}

/// What a genset's tank holds at an interval's end, litres; none where it has no tank.
fn tank_l(sample: &Sample, genset: usize) -> Option<f64> {
    sample.tanks_l.get(genset).copied().flatten()
}

/// Lengths of outages whose survival is a metric, h.
const LENGTHS_H: [usize; 4] = [4, 24, 72, 168];

impl super::Tally {
    /// Hours survived, and the probability of surviving outages of some lengths. What was survived
    /// as long as it was followed counts with that length.
    pub(super) fn resilience_metrics(&self, out: &mut crate::Summary) {
        let survival = self.resilience.survival();
        // Without battery and genset, the site loses power at once.
        let none = self.resilience.has_no_source().then_some(0.0);
        let of = |get: &dyn Fn(&Survival) -> Option<f64>| survival.as_ref().and_then(get).or(none);
        let followed_h = |s: &Survival| (s.curve.len() - 1) as f64;
        out.add("resilience.survived_h_mean", of(&|s| Some(s.mean_h)), "h");
        let median = |s: &Survival| s.median_h.or(Some(followed_h(s)));
        out.add("resilience.survived_h_p50", of(&median), "h");
        let shortest = |s: &Survival| s.shortest_h.or(Some(followed_h(s)));
        out.add("resilience.survived_h_min", of(&shortest), "h");
        out.add("resilience.survived_h_max", of(&|s| Some(s.longest_h)), "h");
        for hours in LENGTHS_H {
            let share = of(&|s| s.curve.get(hours).copied());
            out.add(format!("resilience.survives_{hours}_h"), share, "");
        }
        let count = |count: &dyn Fn(&Survival) -> usize| survival.as_ref().map(|s| count(s) as f64);
        out.add("resilience.outages", count(&|s| s.outages), "");
        out.add("resilience.outages_cut_short", count(&|s| s.censored), "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tally;
    use crate::synthetic::catalog;
    use gridtwin_kernel::{SimTime, Span};
    use gridtwin_twin::energy::autonomy::Generator;
    use gridtwin_twin::record::{BusFlows, Observer};

    /// Intervals of constant demand, with a battery that rests at 95 %.
    fn run(hours: u64, step_s: u64, demand_kw: f64) -> Tally {
        let mut tally = Tally::new(&catalog());
        let step = Span::from_secs(step_s);
        for i in 0..hours * 3600 / step_s {
            tally.sample(&Sample {
                at: SimTime::ZERO + step * i,
                step,
                flows: BusFlows { load_kw: demand_kw, import_kw: demand_kw, ..BusFlows::default() },
                grid_up: true,
                batteries: vec![BatterySample { soc: 0.95, ..BatterySample::default() }],
                ..Sample::default()
            });
        }
        tally
    }

    #[test]
    fn hours_survived_are_the_same_whatever_the_step() {
        // 85 % of 120 kWh at 0.95 are 96.9 kWh: 9.69 h of 10 kW, 9.5 h in quarters of an hour.
        for (step_s, expected) in [(60, 9.5), (300, 9.5), (900, 9.5), (420, 9.57), (3600, 9.0)] {
            let summary = run(84, step_s, 10.0).summary();
            for metric in ["mean", "p50", "min", "max"] {
                let hours = summary.get(&format!("resilience.survived_h_{metric}")).unwrap();
                assert!((hours - expected).abs() < 0.15, "{step_s} s, {metric}: {hours} h");
            }
            assert_eq!(summary.get("resilience.survives_4_h"), Some(1.0));
            assert_eq!(summary.get("resilience.survives_24_h"), Some(0.0));
            assert_eq!(summary.get("resilience.survives_168_h"), Some(0.0));
            // With steps of 14 minutes a start every 56 minutes.
            let cut = if step_s == 420 { 10.0 } else { 9.0 };
            assert_eq!(summary.get("resilience.outages_cut_short"), Some(cut), "{step_s} s");
        }
    }

    #[test]
    fn a_whole_year_goes_round_and_a_shorter_run_does_not() {
        for (days, cut) in [(365, 0.0), (366, 0.0), (364, 9.0)] {
            let summary = run(days * 24, 3600, 10.0).summary();
            assert_eq!(summary.get("resilience.outages"), Some(days as f64 * 24.0));
            assert_eq!(summary.get("resilience.outages_cut_short"), Some(cut), "{days} days");
        }
    }

    #[test]
    fn what_outlasts_the_longest_outage_counts_with_its_length() {
        let summary = run(8760, 3600, 0.01).summary();
        assert_eq!(summary.get("resilience.survived_h_min"), Some(168.0));
        assert_eq!(summary.get("resilience.survives_168_h"), Some(1.0));
        // A run of a day says nothing of a week.
        let summary = run(24, 3600, 0.01).summary();
        assert_eq!(summary.get("resilience.survived_h_p50"), Some(24.0));
        assert_eq!(summary.get("resilience.survives_24_h"), Some(1.0));
        assert_eq!(summary.get("resilience.survives_72_h"), None);
    }

    #[test]
    fn a_tank_counts_and_a_genset_without_one_does_not() {
        let hours_of = |fuel: OutageFuel, tank_l: Option<f64>| {
            let mut catalog = catalog();
            catalog.resilience.fuel = fuel;
            catalog.resilience.site.batteries.clear();
            catalog.resilience.site.gensets = vec![Generator {
                capacity_kw: 20.0,
                minimum_kw: 0.0,
                fuel_l_per_kwh: 0.25,
                idle_l_per_h: 1.0,
                thresholds: (0.25, 0.6),
                failures: None,
            }];
            let mut tally = Tally::new(&catalog);
            for i in 0..24 {
                tally.sample(&Sample {
                    at: SimTime::ZERO + Span::HOUR * i,
                    step: Span::HOUR,
                    flows: BusFlows { load_kw: 10.0, ..BusFlows::default() },
                    fuel_l: vec![0.0],
                    tanks_l: vec![tank_l],
                    ..Sample::default()
                });
            }
            tally.summary().get("resilience.survived_h_max")
        };
        // 0.25 * 10 + 1 l/h out of 35 l.
        assert_eq!(hours_of(OutageFuel::Tanks, Some(35.0)), Some(10.0));
        assert_eq!(hours_of(OutageFuel::Tanks, None), Some(0.0));
        assert_eq!(hours_of(OutageFuel::Nothing, Some(35.0)), Some(0.0));
        assert_eq!(hours_of(OutageFuel::Unlimited, None), Some(24.0));
    }

    #[test]
    fn a_site_with_nothing_to_go_on_with_has_no_figures() {
        let mut catalog = catalog();
        catalog.resilience.site.batteries.clear();
        let tally = Tally::new(&catalog);
        assert_eq!(tally.summary().get("resilience.survived_h_mean"), None);
        assert!(tally.summary().metrics.iter().any(|m| m.name == "resilience.survived_h_mean"));
    }
}
