//! Which metrics runs have, so that a name that is none of them is refused before the first run. Not
//! their values.

use gridtwin_reports::Tally;
use gridtwin_twin::Twin;
use gridtwin_twin::scenario::{Scenario, suggest};
use std::collections::BTreeSet;

/// The names of a run's metrics, in the order of its summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// The metrics that a scenario's run will have: those of a run that has not begun. `None` where
    /// there is no such run, which says why when it is its turn.
    pub(crate) fn of(scenario: &Scenario) -> Option<Self> {
        let twin = Twin::new(scenario).ok()?;
        let summary = Tally::new(twin.catalog()).summary();
        Some(Self(summary.metrics.into_iter().map(|metric| metric.name).collect()))
    }

    /// Whether there is a metric of this name, or one that begins so where it ends in `*`.
    pub(crate) fn have(&self, name: &str) -> bool {
        match name.strip_suffix('*') {
            Some(stem) => self.0.iter().any(|known| known.starts_with(stem)),
            None => self.0.iter().any(|known| known == name),
        }
    }

    /// What is wrong with a name that is none, and what to do.
    pub(crate) fn refuse(&self, name: &str) -> (String, String) {
        let help = match name.strip_suffix('*') {
            Some(_) => {
                let groups: BTreeSet<String> =
                    self.0.iter().flat_map(|known| beginnings(known)).collect();
                suggest(name, groups.iter().map(String::as_str))
            }
            None => suggest(name, self.0.iter().map(String::as_str)),
        };
        let message = match name.ends_with('*') {
            true => format!("no metric begins with `{}`", name.trim_end_matches('*')),
            false => format!("there is no metric `{name}`"),
        };
        (message, format!("{help} (`summary.csv` of any run of the scenario lists all metrics)"))
    }
}

/// `consensus.receipts.decided` begins with `consensus.*` and `consensus.receipts.*`.
fn beginnings(name: &str) -> impl Iterator<Item = String> + '_ {
    name.match_indices('.').map(|(at, _)| format!("{}.*", &name[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_is_told_with_the_nearest_right_one() {
        let names = ["energy.import_kwh", "cost.total", "consensus.a.decided"];
        let names = Names(names.map(str::to_owned).into());
        assert!(names.have("cost.total") && names.have("energy.*") && names.have("consensus.a.*"));
        assert!(!names.have("cost") && !names.have("energie.*"));
        let (message, help) = names.refuse("energy.imports_kwh");
        assert_eq!(message, "there is no metric `energy.imports_kwh`");
        assert!(help.starts_with("did you mean `energy.import_kwh`?"), "{help}");
        assert!(names.refuse("energie.*").1.starts_with("did you mean `energy.*`?"));
    }
}
