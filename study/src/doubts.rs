//! What is legal and improbable in the scenarios of a study: the warnings of some of them, each once.

use crate::design::Value;
use crate::settings::absent;
use gridtwin_twin::Scenario;

/// Largest number of scenarios of a study that are searched for warnings.
pub(crate) const LOOKED_AT: usize = 64;

/// A scenario of a study, and which of its warnings count.
pub(crate) struct Doubted {
    /// The scenario.
    pub(crate) scenario: Scenario,
    /// Whether all of them count, or only those of what the study sets.
    pub(crate) all: bool,
}

/// Whether a value is meant to leave other parts of a scenario without effect: a thing that is not
/// installed, or a policy that is compared with others. What follows from it elsewhere is no mistake.
pub(crate) fn is_meant(path: &str, value: &Value) -> bool {
    absent(path, value).is_some() || path.starts_with("policies.")
}

/// The warnings of these scenarios, in their order, each distinct one once.
pub(crate) fn of_all(scenarios: impl IntoIterator<Item = Doubted>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for Doubted { scenario, all } in scenarios {
        let file = format!("{}:", scenario.source.name());
        let warnings = scenario.warnings().into_iter();
        for warning in warnings.filter(|of| all || !of.place.starts_with(&file)) {
            let warning = warning.to_string();
            if !told.contains(&warning) {
                told.push(warning);
            }
        }
    }
    told
}

/// Numbers below `count`, ascending: all of them up to [`LOOKED_AT`], else that number of them, spread
/// evenly. They do not keep step with any axis of a crossed design, so that every value of an axis
/// with few values is among them.
pub(crate) fn spread(count: usize) -> Vec<usize> {
    if count <= LOOKED_AT {
        return (0..count).collect();
    }
    // Near the golden section, and without a common divisor: the multiples are even and all distinct.
    let golden = (count as f64 * 0.618_033_988_749_895) as usize;
    let step = (golden.max(1)..count).find(|step| divisor(*step, count) == 1).unwrap_or(1);
    let mut some: Vec<usize> =
        (0..LOOKED_AT as u128).map(|i| (i * step as u128 % count as u128) as usize).collect();
    some.sort_unstable();
    some
}

/// The greatest common divisor.
fn divisor(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_meet_every_value_of_a_crossed_axis() {
        assert_eq!(spread(0), [0; 0]);
        assert_eq!(spread(64), (0..64).collect::<Vec<_>>());
        for count in [65, 100, 1000, 4096, 10_000, 9_999_991] {
            let some = spread(count);
            assert_eq!(some.len(), LOOKED_AT, "{count}");
            assert!(some.windows(2).all(|pair| pair[0] < pair[1]), "{count}: {some:?}");
            let widest = some.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            assert!(widest <= count / 16, "{count}: {some:?}");
        }
        // 4096 points are 4 axes of 8 values.
        for axis in [1, 8, 64, 512] {
            let mut values: Vec<usize> = spread(4096).iter().map(|at| at / axis % 8).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), 8, "{axis}");
        }
    }
}
