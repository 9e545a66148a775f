//! Groups of runs worked out against the first of them: means, paired differences, and what they are
//! worth.

use super::settings::different;
use super::summed_up::summed_up;
use super::sums::by_the_day;
use super::{Compared, Group, Pairing};
use crate::identity::VERSION;
use crate::stats;
use gridtwin_reports::pages::{ComparePage, ComparedMetric, ComparedRun, Difference, Fact};
use std::collections::{BTreeMap, BTreeSet};

/// What differs by less than this share is the same sum in another order.
const ROUNDING: f64 = 1e-9;

/// What a verdict says.
const NEGLIGIBLE: &str =
    "A difference of less than 0.1 % is called negligible, even if statistically significant.";

/// The comparison of these groups.
pub(super) fn compared(mut groups: Vec<Group>) -> Compared {
    let mut notes: Vec<String> = by_the_day(&mut groups).into_iter().collect();
    notes.extend(currencies(&groups));
    notes.extend(seeds(&groups));
    let page = page(&groups, &notes);
    let summaries = summed_up(&page, &groups);
    Compared { page, notes, summaries }
}

/// Where amounts of money are in different currencies, that their differences are left out.
fn currencies(groups: &[Group]) -> Option<String> {
    let of = |group: &Group| {
        let money = group.metrics.iter().find(|(name, _)| name.starts_with("cost."));
        money.map(|(_, unit)| unit.trim_end_matches("/d").to_owned())
    };
    let known: Vec<(String, &str)> =
        groups.iter().filter_map(|group| Some((of(group)?, group.name.as_str()))).collect();
    let (first, _) = known.first()?;
    known.iter().find(|(currency, _)| currency != first)?;
    let each: Vec<String> =
        known.iter().map(|(currency, name)| format!("{name} in {currency}")).collect();
    Some(format!(
        "amounts of money are in different currencies ({}): they are shown but not compared",
        each.join(", ")
    ))
}

/// Where single runs have different random seeds, that chance is a part of how they differ.
fn seeds(groups: &[Group]) -> Option<String> {
    if groups.iter().any(|group| group.runs.len() != 1) {
        return None;
    }
    let mut seeds: Vec<&String> = Vec::new();
    for group in groups {
        let seed = group.settings.get("seed")?;
        if !seeds.contains(&seed) {
            seeds.push(seed);
        }
    }
    let (last, others) = seeds.split_last()?;
    if others.is_empty() {
        return None;
    }
    let others: Vec<&str> = others.iter().map(|seed| seed.as_str()).collect();
    Some(format!(
        "the runs have different random seeds ({} and {last}): part of each difference is random; \
         use a study with `replicates` to test it",
        others.join(", ")
    ))
}

fn page(groups: &[Group], notes: &[String]) -> ComparePage {
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let draws = groups.iter().map(|group| {
        let draws: BTreeSet<&str> = group.runs.keys().map(|of| of.draw.as_str()).collect();
        draws.len()
    });
    let replicated = draws.max().unwrap_or_default() > 1;
    let several = groups.iter().any(|group| group.runs.len() > 1);
    let mut facts = vec![Fact { label: "Version".to_owned(), text: VERSION.to_owned() }];
    for note in notes {
        facts.push(Fact { label: "Note".to_owned(), text: note.clone() });
    }
    for group in groups.iter().filter(|group| group.failed > 0) {
        let text = format!("{} in {}, left out of the comparison", group.failed, group.name);
        facts.push(Fact { label: "Runs that failed".to_owned(), text });
    }
    let runs = groups
        .iter()
        .map(|group| ComparedRun { name: group.name.clone(), runs: group.runs.len() as u64 });
    let method = match (replicated, several) {
        (true, _) => {
            "A group's value is the mean over its runs. Differences are taken between two runs \
             with the same seed and settings, and averaged over the settings for each seed. \
             Intervals are 95 % confidence intervals of the mean difference over the seeds \
             (Student's t); they do not cover the variation between settings. A difference is \
             significant if its interval excludes zero."
        }
        (false, true) => {
            "A group's value is the mean over its runs. Differences are taken between two runs \
             with the same settings, and averaged. All runs have the same random seed, so \
             significance cannot be tested; for a test, use a study with several `replicates`."
        }
        (false, false) => {
            "Each value is from a single run, so significance cannot be tested; for a test, use a \
             study with several `replicates`."
        }
    };
    let method = [method, NEGLIGIBLE].map(str::to_owned).into();
    ComparePage {
        name: match names.split_first() {
            Some((first, others)) if !others.is_empty() => {
                format!("{} against {first}", others.join(", "))
            }
            _ => names.join(""),
        },
        description: String::new(),
        facts,
        runs: runs.collect(),
        metrics: metrics(groups),
        settings: different(groups),
        method,
    }
}

fn metrics(groups: &[Group]) -> Vec<ComparedMetric> {
    let mut order: Vec<&(String, String)> = Vec::new();
    for metric in groups.iter().flat_map(|group| &group.metrics) {
        if !order.iter().any(|known| known.0 == metric.0) {
            order.push(metric);
        }
    }
    let one = |(name, unit): &(String, String)| {
        let of = |group: &Group| -> BTreeMap<Pairing, f64> {
            let Some(at) = group.metrics.iter().position(|metric| metric.0 == *name) else {
                return BTreeMap::new();
            };
            let known = |(key, values): (&Pairing, &Vec<Option<f64>>)| {
                Some((key.clone(), values.get(at).copied().flatten()?))
            };
            group.runs.iter().filter_map(known).collect()
        };
        let all: Vec<BTreeMap<Pairing, f64>> = groups.iter().map(of).collect();
        let mean = |of: &BTreeMap<Pairing, f64>| {
            let sample: Vec<Option<f64>> = of.values().copied().map(Some).collect();
            stats::mean(&sample).map(|mean| mean.mean)
        };
        // Values in different units are shown, and not compared.
        let unit_of = |group: &Group| {
            let found = group.metrics.iter().find(|metric| metric.0 == *name);
            found.map(|(_, unit)| unit.clone())
        };
        let mut units: Vec<String> = groups.iter().filter_map(unit_of).collect();
        units.dedup();
        let apart = |(i, other): (usize, &BTreeMap<Pairing, f64>)| {
            let alike = unit_of(&groups[0]) == unit_of(&groups[i + 1]);
            if alike { difference(&all[0], other) } else { None }
        };
        ComparedMetric {
            name: name.clone(),
            unit: if units.len() > 1 { units.join(", ") } else { unit.clone() },
            values: all.iter().map(mean).collect(),
            differences: all[1..].iter().enumerate().map(apart).collect(),
        }
    };
    order.into_iter().map(one).collect()
}

/// How far the second is from the first, over all pairs: their mean for each draw, and the mean of
/// those.
fn difference(
    first: &BTreeMap<Pairing, f64>,
    second: &BTreeMap<Pairing, f64>,
) -> Option<Difference> {
    let pairs: Vec<(&Pairing, f64, f64)> =
        first.iter().filter_map(|(key, a)| Some((key, *a, *second.get(key)?))).collect();
    // Keys are sorted by their draw.
    let draws = pairs.chunk_by(|a, b| a.0.draw == b.0.draw).map(|pairs| {
        let mean = |of: &dyn Fn(&(&Pairing, f64, f64)) -> f64| {
            Some(pairs.iter().map(of).sum::<f64>() / pairs.len() as f64)
        };
        (mean(&|pair| pair.1), mean(&|pair| pair.2))
    });
    let (a, b): (Vec<_>, Vec<_>) = draws.unzip();
    let told = stats::paired_difference(&a, &b)?;
    let base = stats::mean(&a)?.mean;
    let scale = pairs.iter().fold(0.0f64, |most, (_, a, b)| most.max(a.abs()).max(b.abs()));
    if pairs.iter().all(|(_, a, b)| (a - b).abs() <= ROUNDING * scale) {
        // The same sum in another order: that is no difference.
        let zero = (0.0, 0.0);
        let several = a.len() > 1;
        return Some(Difference {
            percent: Some(0.0),
            interval_95: several.then_some(zero),
            percent_interval_95: several.then_some(zero),
            pairs: pairs.len() as u64,
            distinguishable: several.then_some(false),
            ..Difference::default()
        });
    }
    // Of rounding there is no percentage.
    let percent = |value: f64| (base.abs() > ROUNDING * scale).then(|| 100.0 * value / base.abs());
    let interval = told.ci95.map(|interval| (interval.low, interval.high));
    Some(Difference {
        absolute: told.difference,
        percent: percent(told.difference),
        interval_95: interval,
        percent_interval_95: interval.and_then(|(low, high)| Some((percent(low)?, percent(high)?))),
        pairs: pairs.len() as u64,
        scale: base.abs().max(stats::mean(&b)?.mean.abs()),
        distinguishable: told.ci95.map(|interval| !interval.contains(0.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_runs_of_different_seeds_are_told_and_groups_are_not() {
        let run = |name: &str, seed: &str| Group {
            name: name.to_owned(),
            metrics: vec![("energy.import_kwh".to_owned(), "kWh".to_owned())],
            runs: [(Pairing::default(), vec![Some(1.0)])].into(),
            settings: [("seed".to_owned(), seed.to_owned())].into(),
            ..Group::default()
        };
        let notes = |groups: Vec<Group>| compared(groups).notes;
        assert_eq!(notes(vec![run("a", "1"), run("b", "1")]), [""; 0]);
        assert_eq!(
            notes(vec![run("a", "1"), run("b", "2")]),
            ["the runs have different random seeds (1 and 2): part of each difference is random; \
              use a study with `replicates` to test it"]
        );
        let told = notes(vec![run("a", "1"), run("b", "2"), run("c", "1"), run("d", "7")]);
        assert!(told[0].contains("(1, 2 and 7)"), "{told:?}");
        let group = Group { settings: BTreeMap::new(), ..run("c", "3") };
        assert_eq!(notes(vec![run("a", "1"), group]), [""; 0], "a study's runs");
    }
}
