//! A comparison in a line: how many metrics differ, how many differences are worth nothing, and why
//! some are not compared at all. Every metric counts that has a value in one of the two runs, whether
//! a table shows it or not.

use super::Group;
use gridtwin_reports::pages::{ComparePage, ComparedMetric, Difference, Verdict};

/// Why a metric is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// One of the two has no value.
    Missing,
    /// Amounts of money in two currencies.
    Currencies,
    /// Two units.
    Units,
    /// No run of the one has the seed and settings of a run of the other.
    Unpaired,
}

impl Why {
    const ALL: [Self; 4] = [Self::Missing, Self::Currencies, Self::Units, Self::Unpaired];

    fn words(self) -> &'static str {
        match self {
            Self::Missing => "without a value in one of the two",
            Self::Currencies => "in different currencies",
            Self::Units => "in different units",
            Self::Unpaired => "without two runs of the same seed and settings",
        }
    }
}

/// A line for each run after the first.
pub(super) fn summed_up(page: &ComparePage, groups: &[Group]) -> Vec<String> {
    (1..groups.len()).map(|other| line(page, &groups[0], &groups[other], other)).collect()
}

fn line(page: &ComparePage, first: &Group, second: &Group, other: usize) -> String {
    let value = |of: &ComparedMetric, run: usize| of.values.get(run).copied().flatten();
    let known = |of: &&ComparedMetric| value(of, 0).or(value(of, other)).is_some();
    let known: Vec<&ComparedMetric> = page.metrics.iter().filter(known).collect();
    let difference = |of: &ComparedMetric| of.differences.get(other - 1).copied().flatten();
    let compared: Vec<Difference> = known.iter().filter_map(|of| difference(of)).collect();
    let count = |verdict: Verdict| compared.iter().filter(|d| d.verdict() == verdict).count();
    let total = compared.len();
    let s = if total == 1 { "" } else { "s" };
    let mut parts = vec![format!("{} of {total} metric{s} differ", count(Verdict::Differs))];
    let unit = |group: &Group, name: &str| {
        let found = group.metrics.iter().find(|metric| metric.0 == name);
        found.map(|(_, unit)| unit.clone())
    };
    let why = |of: &&ComparedMetric| {
        if value(of, 0).is_none() || value(of, other).is_none() {
            Why::Missing
        } else if unit(first, &of.name) == unit(second, &of.name) {
            Why::Unpaired
        } else if of.name.starts_with("cost.") {
            Why::Currencies
        } else {
            Why::Units
        }
    };
    let reasons: Vec<Why> = known.iter().filter(|of| difference(of).is_none()).map(why).collect();
    if !reasons.is_empty() {
        let told = Why::ALL.into_iter().filter_map(|why| {
            let count = reasons.iter().filter(|reason| **reason == why).count();
            (count > 0).then(|| format!("{count} {}", why.words()))
        });
        let told: Vec<String> = told.collect();
        parts.push(format!("{} not compared ({})", reasons.len(), told.join(", ")));
    }
    let (negligible, chance) = (count(Verdict::Negligible), count(Verdict::Chance));
    if negligible > 0 {
        let are = if negligible == 1 { "is" } else { "are" };
        parts.push(format!("{negligible} {are} negligible (less than 0.1 %)"));
    }
    if chance > 0 {
        parts.push(format!("{chance} may be chance (the 95 % interval contains zero)"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::worked::compared;
    use super::super::{Group, Pairing};

    #[test]
    fn what_is_not_compared_has_its_reason_and_what_nobody_has_is_not_counted() {
        let group = |name: &str, currency: &str, values: [Option<f64>; 5]| Group {
            name: name.to_owned(),
            metrics: [
                ("energy.import_kwh", "kWh"),
                ("energy.export_kwh", "kWh"),
                ("cost.total", currency),
                ("tasks.latency_ms_p95", "ms"),
                ("ev.waited_h", "h"),
            ]
            .map(|(name, unit)| (name.to_owned(), unit.to_owned()))
            .into(),
            runs: [(Pairing::default(), values.into())].into(),
            ..Group::default()
        };
        let one = || group("a", "EUR", [Some(1.0), Some(2.0), Some(3.0), None, None]);
        let summaries = |other: Group| compared(vec![one(), other]).summaries;
        let same = group("b", "EUR", [Some(1.0), Some(4.0), Some(3.0), None, None]);
        assert_eq!(summaries(same), ["1 of 3 metrics differ"]);
        let missing = group("b", "EUR", [Some(1.0), Some(4.0), Some(3.0), Some(7.0), None]);
        assert_eq!(
            summaries(missing),
            ["1 of 3 metrics differ; 1 not compared (1 without a value in one of the two)"]
        );
        let dollars = group("b", "USD", [Some(1.0), None, Some(3.0), None, None]);
        assert_eq!(
            summaries(dollars),
            ["0 of 1 metric differ; 2 not compared (1 without a value in one of the two, \
              1 in different currencies)"]
        );
        let mut apart = group("b", "EUR", [Some(1.0), Some(2.0), Some(3.0), None, None]);
        apart.runs = [(
            Pairing { draw: "2".to_owned(), chosen: String::new() },
            vec![Some(1.0), Some(2.0), Some(3.0), None, None],
        )]
        .into();
        assert_eq!(
            summaries(apart),
            ["0 of 0 metrics differ; 3 not compared (3 without two runs of the same seed and \
              settings)"]
        );
    }
}
