//! What distributions draw, and how evenly.

use super::*;

/// The drawn numbers of a distribution over an even sample have these quantiles.
#[test]
fn draws_follow_their_distribution() {
    let near = |values: Values, expected: [f64; 3]| {
        let design = drawn(&[axis("a", values.clone())], 4000, Sampling::LatinHypercube);
        let mut numbers = numbers(&design.columns()[0]);
        numbers.sort_by(f64::total_cmp);
        for (place, expected) in [1000, 2000, 3000].into_iter().zip(expected) {
            let error = (numbers[place] - expected).abs();
            assert!(error < 2e-3 * expected.abs().max(1.0), "{values:?}: {}", numbers[place]);
        }
    };
    let quarter = 0.674_489_750_196_081_7;
    near(Values::Uniform { from: 0.0, to: 4.0 }, [1.0, 2.0, 3.0]);
    near(Values::LogUniform { from: 1.0, to: 10_000.0 }, [10.0, 100.0, 1000.0]);
    near(
        Values::Normal { mean: 5.0, sd: 1.0, from: None, to: None },
        [5.0 - quarter, 5.0, 5.0 + quarter],
    );
    // Half the bell: its quartiles are those of the whole at 5/8, 6/8 and 7/8.
    near(
        Values::Normal { mean: 0.0, sd: 1.0, from: Some(0.0), to: None },
        [0.318_639_363_964_375_2, quarter, 1.150_349_380_376_008],
    );
    // Beyond 4 standard deviations: x with the tail at x so much of the tail at 4 (mpmath).
    near(
        Values::Normal { mean: 0.0, sd: 1.0, from: Some(4.0), to: None },
        [4.067_565_473_8, 4.161_104_278_6, 4.316_732_029_5],
    );
    near(
        Values::LogNormal { median: 5.0, sigma: 0.3, from: None, to: None },
        [5.0 * (-0.3 * quarter).exp(), 5.0, 5.0 * (0.3 * quarter).exp()],
    );
    near(
        Values::Triangular { from: 1.0, mode: 2.0, to: 4.0 },
        [1.0 + 0.75f64.sqrt(), 4.0 - 3f64.sqrt(), 4.0 - 1.5f64.sqrt()],
    );
    near(
        Values::Triangular { from: 0.0, mode: 0.0, to: 2.0 },
        [2.0 - 3f64.sqrt(), 2.0 - 2f64.sqrt(), 1.0],
    );
    near(Values::Triangular { from: 0.0, mode: 2.0, to: 2.0 }, [1.0, 2f64.sqrt(), 3f64.sqrt()]);
}

/// The centred L2 discrepancy of points of the unit square, squared (Hickernell: A Generalized
/// Discrepancy and Quadrature Error Bound, Mathematics of Computation 67, 1998): 0 is perfectly
/// even.
fn discrepancy(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let off = |x: f64| (x - 0.5).abs();
    let one = |x: f64| 1.0 + 0.5 * off(x) - 0.5 * off(x) * off(x);
    let two = |x: f64, y: f64| 1.0 + 0.5 * off(x) + 0.5 * off(y) - 0.5 * (x - y).abs();
    let singles: f64 = points.iter().map(|&(x, y)| one(x) * one(y)).sum();
    let all = points.iter().flat_map(|a| points.iter().map(move |b| (a, b)));
    let doubles: f64 = all.map(|(a, b)| two(a.0, b.0) * two(a.1, b.1)).sum();
    (13f64 / 12.0).powi(2) - 2.0 / n * singles + doubles / (n * n)
}

fn pairs_of(design: &Design, a: usize, b: usize) -> Vec<(f64, f64)> {
    numbers(&design.columns()[a]).into_iter().zip(numbers(&design.columns()[b])).collect()
}

#[test]
fn sobol_points_are_evener_than_chance_and_latin_hypercubes() {
    use rand::{RngExt, SeedableRng};
    let axes: Vec<Axis> = ["a", "b", "c", "d", "e"].map(unit).into();
    let sobol = drawn(&axes, 256, Sampling::Sobol);
    let latin = drawn(&axes, 256, Sampling::LatinHypercube);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for a in 0..axes.len() {
        for b in 0..a {
            let chance: Vec<(f64, f64)> =
                (0..256).map(|_| (random.random(), random.random())).collect();
            let [sobol, latin, chance] =
                [pairs_of(&sobol, a, b), pairs_of(&latin, a, b), chance].map(|p| discrepancy(&p));
            assert!(
                sobol * 4.0 < latin && latin < chance,
                "{a} {b}: {sobol:e} {latin:e} {chance:e}"
            );
        }
    }
}

#[test]
fn more_sobol_samples_keep_the_rows_that_were_there() {
    let axes = [unit("a"), unit("b")];
    let (few, many) = (drawn(&axes, 10, Sampling::Sobol), drawn(&axes, 100, Sampling::Sobol));
    for (few, many) in few.columns().iter().zip(many.columns()) {
        assert_eq!(few.values(), &many.values()[..10]);
    }
}

#[test]
fn another_seed_draws_another_sample() {
    for sampling in [Sampling::LatinHypercube, Sampling::Sobol] {
        let made = |seed| Design::new(&[unit("a")], Combine::Crossed, 8, sampling, seed);
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }
}

#[test]
fn draws_stay_the_same_from_release_to_release() {
    let texts = |sampling| {
        let design = drawn(&[unit("a")], 4, sampling);
        texts(&design).concat().join(" ")
    };
    assert_eq!(
        texts(Sampling::LatinHypercube),
        "0.7802373405494798 0.39293105739766776 0.04245945823194988 0.5338886661253673"
    );
    assert_eq!(
        texts(Sampling::Sobol),
        "0.4828248800477013 0.9019776807399467 0.04888617747928947 0.6138385812519118"
    );
}

fn a_distribution() -> impl Strategy<Value = Values> {
    let range = (-1e6..1e6f64, 1e-3..1e6f64);
    let positive = (1e-6..1e6f64, 1.001..1e6f64);
    prop_oneof![
        range.clone().prop_map(|(from, width)| Values::Uniform { from, to: from + width }),
        positive.clone().prop_map(|(from, by)| Values::LogUniform { from, to: from * by }),
        (range.clone(), 0.0..=1.0).prop_map(|((from, width), share)| {
            let to = from + width;
            Values::Triangular { from, mode: f64::clamp(from + width * share, from, to), to }
        }),
        (range, -6.0..6.0f64, 0.01..20.0f64).prop_map(|((mean, sd), low, width)| Values::Normal {
            mean,
            sd,
            from: Some(mean + sd * low),
            to: Some(mean + sd * (low + width)),
        }),
        (positive, 0.1..2.0f64).prop_map(|((median, by), sigma)| Values::LogNormal {
            median,
            sigma,
            from: Some(median),
            to: Some(median * by),
        }),
    ]
}

fn ends(values: &Values) -> (f64, f64) {
    match *values {
        Values::Uniform { from, to }
        | Values::LogUniform { from, to }
        | Values::Triangular { from, to, .. }
        | Values::Normal { from: Some(from), to: Some(to), .. }
        | Values::LogNormal { from: Some(from), to: Some(to), .. } => (from, to),
        _ => panic!("{values:?} has no ends"),
    }
}

fn either_sampling() -> impl Strategy<Value = Sampling> {
    prop_oneof![Just(Sampling::LatinHypercube), Just(Sampling::Sobol)]
}

proptest! {
    #[test]
    fn a_latin_hypercube_has_one_draw_in_each_stratum(rows in 1usize..300, seed: u64, name in "[a-z]{1,8}") {
        let axes = [unit(&name), unit("other axis")];
        let design = Design::new(&axes, Combine::Crossed, rows, Sampling::LatinHypercube, seed).unwrap();
        for column in design.columns() {
            let mut strata: Vec<usize> =
                numbers(column).iter().map(|x| (x * rows as f64) as usize).collect();
            strata.sort_unstable();
            prop_assert_eq!(strata, (0..rows).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_sobol_sample_of_a_power_of_two_has_one_draw_in_each_stratum(power in 0u32..9, dimension in 0usize..40, seed: u64) {
        let rows = 1usize << power;
        let axes: Vec<Axis> = (0..=dimension).map(|i| unit(&i.to_string())).collect();
        let design = Design::new(&axes, Combine::Crossed, rows, Sampling::Sobol, seed).unwrap();
        let mut strata: Vec<usize> =
            numbers(&design.columns()[dimension]).iter().map(|x| (x * rows as f64) as usize).collect();
        strata.sort_unstable();
        prop_assert_eq!(strata, (0..rows).collect::<Vec<_>>());
    }

    #[test]
    fn draws_lie_within_their_bounds(values in a_distribution(), sampling in either_sampling(), seed: u64) {
        let (from, to) = ends(&values);
        let design = Design::new(&[axis("a", values)], Combine::Crossed, 64, sampling, seed).unwrap();
        for number in numbers(&design.columns()[0]) {
            prop_assert!((from..=to).contains(&number), "{} {} {}", from, number, to);
        }
    }

    #[test]
    fn other_axes_change_no_draw_of_a_latin_hypercube(seed: u64, order in Just(vec!["a", "b", "c", "d"]).prop_shuffle(), kept in 1usize..4) {
        let bell = |name: &str| axis(name, Values::Normal { mean: 1.0, sd: 2.0, from: None, to: None });
        let make = |names: &[&str]| {
            let axes: Vec<Axis> = names.iter().map(|name| bell(name)).collect();
            Design::new(&axes, Combine::Crossed, 16, Sampling::LatinHypercube, seed).unwrap()
        };
        let (all, some) = (make(&["a", "b", "c", "d"]), make(&order[..kept]));
        for column in some.columns() {
            prop_assert!(all.columns().contains(column));
        }
        prop_assert!(all.columns().windows(2).all(|two| two[0].values() != two[1].values()));
    }
}
