//! A run with its bill and all of its samples. Not what is expected of them.

use gridtwin_kernel::SimTime;
use gridtwin_reports::Tally;
use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::{Scenario, Twin};
use jiff::Zoned;

/// Keeps all samples, and the tally's summary.
pub(crate) struct Run {
    pub(crate) samples: Vec<(Zoned, Sample)>,
    metrics: Vec<(String, f64)>,
    pub(crate) note: Option<String>,
}

impl Run {
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.metrics.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}")).1
    }
}

/// A tally, and all samples.
struct Both {
    tally: Tally,
    samples: Vec<Sample>,
}

impl Observer for Both {
    fn sample(&mut self, sample: &Sample) {
        self.tally.sample(sample);
        self.samples.push(sample.clone());
    }
    fn event(&mut self, at: SimTime, event: &gridtwin_twin::record::Event) {
        self.tally.event(at, event);
    }
}

/// A scenario's run by its models.
pub(crate) fn run(text: &str) -> Run {
    let scenario = Scenario::parse(text, "bill.ron").unwrap_or_else(|error| panic!("{error}"));
    run_with(&scenario, |_, _| ())
}

/// A scenario's run; `before` is called before each interval, with its number.
pub(crate) fn run_with(scenario: &Scenario, mut before: impl FnMut(usize, &mut Twin)) -> Run {
    let mut twin = Twin::new(scenario).unwrap_or_else(|error| panic!("{error}"));
    let mut both = Both { tally: Tally::new(twin.catalog()), samples: Vec::new() };
    let step = twin.catalog().step;
    for interval in 0.. {
        if twin.now() >= twin.end() {
            break;
        }
        before(interval, &mut twin);
        twin.advance(twin.now() + step, &mut both);
    }
    let summary = both.tally.summary();
    let named = |metric: &gridtwin_reports::Metric| Some((metric.name.clone(), metric.value?));
    let metrics = summary.metrics.iter().filter_map(named).collect();
    let local = |sample: &Sample| twin.catalog().local_time(sample.at);
    let samples = both.samples.into_iter().map(|sample| (local(&sample), sample)).collect();
    Run { samples, metrics, note: both.tally.billing_note() }
}

#[track_caller]
pub(crate) fn assert_near(what: &str, found: f64, expected: f64) {
    let off = (found - expected).abs();
    assert!(off <= 1e-9 * expected.abs().max(1.0), "{what}: found {found}, expected {expected}");
}
