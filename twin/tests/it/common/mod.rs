//! What the tests of sun, weather and PV share: reference tables and real weather files.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file of the workspace's `tests/refs`, as rows of named numbers; what is no number is NaN.
pub fn reference(name: &str) -> Vec<BTreeMap<String, f64>> {
    table(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/refs").join(name))
        .into_iter()
        .map(|row| row.into_iter().map(|(k, v)| (k, v.parse().unwrap_or(f64::NAN))).collect())
        .collect()
}

/// A CSV file as rows of named texts.
pub fn table(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row of the reference")).collect()
}

/// A file of the project's shared folder. Without it the test is skipped and says so, unless
/// `GRIDTWIN_REQUIRE_SHARED` is set.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(),
        "GRIDTWIN_REQUIRE_SHARED is set, but {} is not there",
        path.display()
    );
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// Holds `ours` to `theirs` within a relative tolerance, or that much absolutely around zero.
#[track_caller]
pub fn close(ours: f64, theirs: f64, tolerance: f64, what: &dyn std::fmt::Debug) {
    let off = (ours - theirs).abs();
    assert!(off <= tolerance * theirs.abs().max(1.0), "{ours} is not {theirs}: {what:?}");
}

/// A run and all that it told.
pub struct Run {
    pub catalog: gridtwin_twin::record::Catalog,
    /// What each battery held at the start, 0 to 1.
    pub start_soc: Vec<f64>,
    pub samples: Vec<gridtwin_twin::record::Sample>,
    pub events: Vec<gridtwin_twin::record::Event>,
}

impl Run {
    /// A case of `tests/cases`.
    pub fn of_case(name: &str) -> Self {
        Self::of_case_with(name, &[])
    }

    /// A case in which some values are set.
    pub fn of_case_with(name: &str, set: &[&str]) -> Self {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
        Self::of_file(&file, set)
    }

    /// A scenario's file in which some values are set.
    pub fn of_file(file: &std::path::Path, set: &[&str]) -> Self {
        let set: Vec<_> = set.iter().map(|set| set.parse().expect("PATH=VALUE")).collect();
        let scenario = gridtwin_twin::Scenario::load_with(file, &set, None, None);
        Self::of(&scenario.unwrap_or_else(|error| panic!("{error}")))
    }

    /// A scenario's text.
    pub fn of_text(text: &str) -> Self {
        let scenario = gridtwin_twin::Scenario::parse(text, "text.ron");
        Self::of(&scenario.unwrap_or_else(|error| panic!("{error}")))
    }

    fn of(scenario: &gridtwin_twin::Scenario) -> Self {
        let mut twin = gridtwin_twin::Twin::new(scenario).unwrap_or_else(|e| panic!("{e}"));
        let start_soc = (0..scenario.batteries.len()).map(|i| twin.state_of_charge(i)).collect();
        let catalog = twin.catalog().clone();
        let mut run = Self { catalog, start_soc, samples: Vec::new(), events: Vec::new() };
        twin.advance(twin.end(), &mut run);
        for s in &run.samples {
            assert!(s.residual_kwh.abs() < 1e-9, "{} kWh are left over", s.residual_kwh);
        }
        run
    }

    fn hours(&self) -> f64 {
        self.catalog.step.as_hours_f64()
    }

    /// A power over the whole run, kWh.
    pub fn sum_kwh(&self, of: impl Fn(&gridtwin_twin::record::BusFlows) -> f64) -> f64 {
        self.samples.iter().map(|s| of(&s.flows) * self.hours()).sum()
    }

    pub fn unserved_kwh(&self) -> f64 {
        self.sum_kwh(|f| f.unserved_kw)
    }

    pub fn most_import_kw(&self) -> f64 {
        self.samples.iter().map(|s| s.flows.import_kw).fold(0.0, f64::max)
    }

    /// What unserved demand cost.
    pub fn lost_load(&self) -> f64 {
        self.samples.iter().map(|s| s.money.lost_load).sum()
    }

    pub fn fuel_l(&self) -> f64 {
        self.samples.iter().flat_map(|s| &s.fuel_l).sum()
    }

    /// What cars got.
    pub fn delivered_kwh(&self) -> f64 {
        let delivered = self.events.iter().filter_map(|event| match event.kind {
            gridtwin_twin::record::EventKind::CarLeft { delivered_kwh, .. } => Some(delivered_kwh),
            _ => None,
        });
        delivered.sum()
    }

    /// How many events of this name there were.
    pub fn count(&self, name: &str) -> usize {
        self.events.iter().filter(|event| event.kind.name() == name).count()
    }

    /// When events of this name were, in hours.
    pub fn times(&self, name: &str) -> Vec<f64> {
        let events = self.events.iter().filter(|event| event.kind.name() == name);
        events.map(|event| event.at.as_hours_f64()).collect()
    }

    /// The texts of events of this name.
    pub fn told(&self, name: &str) -> Vec<String> {
        let events = self.events.iter().filter(|event| event.kind.name() == name);
        events.map(|event| format!("{:?}", event.kind)).collect()
    }
}

impl gridtwin_twin::record::Observer for Run {
    fn sample(&mut self, sample: &gridtwin_twin::record::Sample) {
        self.samples.push(sample.clone());
    }
    fn event(&mut self, _at: gridtwin_kernel::SimTime, event: &gridtwin_twin::record::Event) {
        self.events.push(event.clone());
    }
}
