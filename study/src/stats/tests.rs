//! What the statistics promise: the numbers that the textbooks and other packages give, and an
//! answer, never a panic, where entries are missing.

use super::*;
use proptest::prelude::*;

fn all(numbers: &[f64]) -> Vec<Option<f64>> {
    numbers.iter().copied().map(Some).collect()
}

#[track_caller]
fn near(found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(error <= 1e-9 * expected.abs().max(1e-3), "found {found}, expected {expected}");
}

/// To the digits that another package prints.
#[track_caller]
fn prints(found: f64, expected: f64, digit: f64) {
    assert!((found - expected).abs() <= 0.5 * digit, "found {found}, expected {expected}");
}

/// Extra sleep of ten patients under two drugs (Student: The Probable Error of a Mean, Biometrika
/// 6, 1908); expected values as R 4 prints them for its data set `sleep`.
const SLEEP: [[f64; 10]; 2] = [
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
];

#[test]
fn variance_keeps_its_digits_far_from_zero() {
    for shift in [0.0, 1e9, -1e12] {
        let running: Running = [4.0, 7.0, 13.0, 16.0].iter().map(|x| x + shift).collect();
        assert_eq!(running.mean(), Some(10.0 + shift));
        assert_eq!(running.variance(), Some(30.0));
    }
    let (none, one): (Running, Running) = ([].into_iter().collect(), [3.0].into_iter().collect());
    assert_eq!((none.mean(), none.variance()), (None, None));
    assert_eq!((one.mean(), one.variance(), one.sd()), (Some(3.0), None, None));
}

#[test]
fn a_mean_comes_with_its_interval_from_two_entries_on() {
    let told = mean(&all(&SLEEP[0])).unwrap();
    assert_eq!((told.count, told.missing), (10, 0));
    near(told.mean, 0.75);
    prints(told.sd.unwrap(), 1.789010, 1e-6);
    let ci95 = told.ci95.unwrap();
    prints(ci95.low, -0.5297804, 1e-7);
    prints(ci95.high, 2.0297804, 1e-7);
    assert!(ci95.contains(0.0) && !ci95.contains(3.0));

    assert_eq!(mean(&[]), None);
    assert_eq!(mean(&[None, Some(f64::NAN)]), None);
    let one = mean(&[Some(5.0), None, Some(f64::INFINITY)]).unwrap();
    assert_eq!(one, Mean { count: 1, missing: 2, mean: 5.0, sd: None, ci95: None });
}

#[test]
fn paired_samples_differ_as_the_paired_t_test_says() {
    let told = paired_difference(&all(&SLEEP[0]), &all(&SLEEP[1])).unwrap();
    assert_eq!((told.first_count, told.second_count, told.missing), (10, 10, 0));
    near(told.difference, 1.58);
    let ci95 = told.ci95.unwrap();
    prints(ci95.low, 0.7001142, 1e-7);
    prints(ci95.high, 2.4598858, 1e-7);
    prints(told.p_value.unwrap(), 0.002833, 1e-6);
    assert_eq!(told.df, Some(9.0));
}

#[test]
fn unpaired_samples_differ_as_welchs_test_says() {
    let told = welch_difference(&all(&SLEEP[0]), &all(&SLEEP[1])).unwrap();
    near(told.difference, 1.58);
    let ci95 = told.ci95.unwrap();
    prints(ci95.low, -0.2054832, 1e-7);
    prints(ci95.high, 3.3654832, 1e-7);
    prints(told.p_value.unwrap(), 0.07939, 1e-5);
    prints(told.df.unwrap(), 17.776, 1e-3);
}

#[test]
fn a_pair_with_a_missing_side_is_left_out_and_counted() {
    let first = [Some(1.0), None, Some(3.0), Some(f64::NAN), Some(5.0), Some(6.0), Some(7.0)];
    let second = [Some(2.0), Some(9.0), Some(5.0), Some(9.0), Some(8.0), None];
    let told = paired_difference(&first, &second).unwrap();
    assert_eq!((told.first_count, told.missing), (3, 4));
    near(told.difference, 2.0);
    let both = [pearson(&first, &second), spearman(&first, &second)];
    assert!(both.iter().all(|told| (told.count, told.missing) == (3, 4)));
    let apart = welch_difference(&first, &second).unwrap();
    assert_eq!((apart.first_count, apart.second_count, apart.missing), (5, 5, 3));
    assert_eq!(paired_difference(&[None, Some(1.0)], &[Some(1.0), None]), None);
    assert_eq!(welch_difference(&[Some(1.0)], &[None]), None);
}

#[test]
fn where_nothing_scatters_any_difference_is_sure() {
    let (same, more) = (all(&[1.0, 2.0, 3.0]), all(&[2.0, 3.0, 4.0]));
    let none = paired_difference(&same, &same).unwrap();
    assert_eq!((none.difference, none.p_value), (0.0, Some(1.0)));
    let one = paired_difference(&same, &more).unwrap();
    assert_eq!((one.difference, one.p_value), (1.0, Some(0.0)));
    assert_eq!(one.ci95, Some(Interval { low: 1.0, high: 1.0 }));
    let flat = welch_difference(&all(&[2.0; 3]), &all(&[2.0; 5])).unwrap();
    assert_eq!((flat.p_value, flat.ci95), (Some(1.0), Some(Interval { low: 0.0, high: 0.0 })));
    let single = welch_difference(&all(&[2.0]), &all(&[3.0, 4.0])).unwrap();
    assert_eq!((single.difference, single.p_value, single.ci95), (1.5, None, None));
}

#[test]
fn quantiles_lie_straight_between_entries() {
    // As R's quantile() gives them by default.
    let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
    let expected = [Some(1.0), Some(1.9), Some(3.25), Some(5.5), Some(10.0)];
    for (found, expected) in
        quantiles(&all(&ten), &[0.0, 0.1, 0.25, 0.5, 1.0]).into_iter().zip(expected)
    {
        near(found.unwrap(), expected.unwrap());
    }
    assert_eq!(quantile(&[Some(8.0), None, Some(1.0), Some(4.0), Some(3.0)], 0.25), Some(2.5));
    assert_eq!(quantile(&[None], 0.5), None);
    for outside in [-0.1, 1.1, f64::NAN] {
        assert_eq!(quantile(&all(&ten), outside), None);
    }
}

#[test]
fn correlations_are_those_of_the_textbook() {
    // Anscombe: Graphs in Statistical Analysis, The American Statistician 27, 1973, first set.
    let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
    let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    prints(pearson(&all(&x), &all(&y)).coefficient.unwrap(), 0.81642, 1e-5);
    // Without ties 1 − 6 Σd² / (n (n² − 1)); here Σd² = 40.
    near(spearman(&all(&x), &all(&y)).coefficient.unwrap(), 1.0 - 6.0 * 40.0 / 1320.0);
    // With ties: ranks 1, 2.5, 2.5, 4 and 1, 2, 3.5, 3.5.
    let tied = spearman(&all(&[1.0, 5.0, 5.0, 9.0]), &all(&[2.0, 3.0, 7.0, 7.0]));
    near(tied.coefficient.unwrap(), 3.75 / 4.5);
}

#[test]
fn what_never_changes_correlates_with_nothing() {
    for correlation in [pearson, spearman] {
        let told = correlation(&all(&[0.1; 5]), &all(&[1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!((told.count, told.coefficient), (5, None));
        assert_eq!(correlation(&all(&[1.0]), &all(&[2.0])).coefficient, None);
        assert_eq!(correlation(&[], &[]).coefficient, None);
    }
}

#[test]
fn convergence_ends_in_the_mean_of_all_and_is_thinned_evenly() {
    let short = convergence(&[Some(1.0), None, Some(3.0), Some(2.0)]);
    assert_eq!(
        short.iter().map(|p| (p.count, p.mean)).collect::<Vec<_>>(),
        [(1, 1.0), (2, 2.0), (3, 2.0)]
    );
    assert_eq!(short[0].half_width, None);
    near(short[2].half_width.unwrap(), 4.302652729749464 / 3f64.sqrt());

    let long: Vec<Option<f64>> = (0..12_345).map(|i| Some(f64::from(i * 37 % 101))).collect();
    let curve = convergence(&long);
    assert_eq!(curve.len(), CONVERGENCE_POINTS);
    let steps = curve.windows(2).map(|two| two[1].count - two[0].count);
    assert!(steps.clone().all(|step| step == 61 || step == 62));
    let (last, told) = (curve[CONVERGENCE_POINTS - 1], mean(&long).unwrap());
    assert_eq!((last.count, last.mean), (told.count, told.mean));
    near(last.half_width.unwrap(), told.ci95.unwrap().high - told.mean);
    assert_eq!(convergence(&[None, None]), []);
}

fn factor(name: &str, labels: &[&str], levels: Vec<usize>) -> Factor {
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    Factor::Listed { name: name.to_owned(), labels, levels }
}

/// Two crossed axes of three and two values; the metric is 10 i + j + 4 i j.
fn crossed() -> ([Factor; 2], Vec<Option<f64>>) {
    let points: Vec<(usize, usize)> = (0..3).flat_map(|i| [(i, 0), (i, 1)]).collect();
    let (i, j) = points.iter().copied().unzip();
    let metric = points.iter().map(|&(i, j)| Some((10 * i + j + 4 * i * j) as f64)).collect();
    ([factor("small", &["x", "y"], j), factor("large", &["0", "1", "2"], i)], metric)
}

#[test]
fn effects_are_means_over_all_other_axes_with_the_largest_swing_first() {
    let (factors, metric) = crossed();
    let told = effects(&factors, &metric);
    let means = |effect: &Effect| effect.groups.iter().map(|g| g.mean).collect::<Vec<_>>();
    assert_eq!((told[0].name.as_str(), means(&told[0])), ("large", vec![0.5, 12.5, 24.5]));
    assert_eq!((told[1].name.as_str(), means(&told[1])), ("small", vec![10.0, 15.0]));
    assert_eq!((told[0].swing(), told[1].swing()), (Some(24.0), Some(5.0)));
    assert_eq!(told[0].lowest().unwrap().label, "0");
    assert_eq!(told[0].highest().unwrap().label, "2");
    assert_eq!(told[0].grouping, Grouping::Values);
    assert_eq!((told[0].count, told[0].missing, told[0].groups[0].count), (6, 0, 2));
    // Squares around 12.5: 2·(12² + 12²) = 576 between i, 3·(2.5² + 2.5²) = 37.5 between j, and
    // 16 for both together.
    near(told[0].share_of_variance.unwrap(), 576.0 / 629.5);
    near(told[1].share_of_variance.unwrap(), 37.5 / 629.5);
}

#[test]
fn points_without_the_metric_are_left_out_of_effects() {
    let (factors, mut metric) = crossed();
    metric[0] = None;
    metric[1] = Some(f64::NAN);
    let told = effects(&factors, &metric);
    let large = told.iter().find(|effect| effect.name == "large").unwrap();
    assert_eq!((large.count, large.missing, large.groups.len()), (4, 2, 2));
    assert_eq!(large.lowest().unwrap().label, "1");

    let told = effects(&factors, &[None; 6]);
    assert!(told.iter().all(|effect| effect.groups.is_empty() && effect.swing().is_none()));
    assert!(told.iter().all(|effect| effect.share_of_variance.is_none() && effect.missing == 6));
    // Levels without a label and numbers without a point don't count.
    let odd = [factor("odd", &["a"], vec![0, 9]), factor("none", &[], vec![])];
    let told = effects(&odd, &all(&[1.0, 2.0, 3.0]));
    assert_eq!((told[0].count, told[0].missing, told[0].swing()), (1, 2, Some(0.0)));
}

#[test]
fn drawn_axes_are_told_by_thirds() {
    let numbers: Vec<f64> = (0..90).map(|i| f64::from(i * 37 % 90)).collect();
    let metric: Vec<f64> = numbers.iter().map(|x| 100.0 - 2.0 * x).collect();
    let drawn = Factor::Drawn { name: "price".to_owned(), numbers: all(&numbers) };
    let told = effects(std::slice::from_ref(&drawn), &all(&metric));
    let effect = &told[0];
    assert_eq!(effect.grouping, Grouping::Thirds);
    let groups: Vec<(&str, f64, f64, usize, f64)> = effect
        .groups
        .iter()
        .map(|g| (&*g.label, g.range.unwrap().low, g.range.unwrap().high, g.count, g.mean.round()))
        .collect();
    assert_eq!(
        groups,
        [
            ("lowest third", 0.0, 29.0, 30, 71.0),
            ("middle third", 30.0, 59.0, 30, 11.0),
            ("highest third", 60.0, 89.0, 30, -49.0),
        ]
    );
    assert_eq!(effect.lowest().unwrap().label, "highest third");
    near(effect.rank_correlation.unwrap(), -1.0);
    // Nine groups of ten: all but the scatter within ten of ninety, (10² − 1) / (90² − 1).
    near(effect.share_of_variance.unwrap(), 1.0 - 99.0 / 8099.0);
}

#[test]
fn equal_draws_stay_in_one_third() {
    // Six rows crossed with four listed values: each number is there four times.
    let numbers: Vec<f64> = (0..24).map(|point| f64::from(point % 6)).collect();
    let metric: Vec<f64> = numbers.iter().map(|x| x * x).collect();
    let told =
        effects(&[Factor::Drawn { name: "d".to_owned(), numbers: all(&numbers) }], &all(&metric));
    let ranges: Vec<(f64, f64)> =
        told[0].groups.iter().map(|g| (g.range.unwrap().low, g.range.unwrap().high)).collect();
    assert_eq!(ranges, [(0.0, 1.0), (2.0, 3.0), (4.0, 5.0)]);
    assert!(told[0].groups.iter().all(|group| group.count == 8));
}

#[test]
fn an_axis_without_effect_has_next_to_no_share() {
    // 27 is coprime to 1009: numbers and metric are two orders that have nothing to do with
    // each other.
    let numbers: Vec<f64> = (0..1009).map(f64::from).collect();
    let metric: Vec<f64> = (0..1009u32).map(|i| f64::from(i * i * 27 % 1009)).collect();
    let told =
        effects(&[Factor::Drawn { name: "d".to_owned(), numbers: all(&numbers) }], &all(&metric));
    assert!(told[0].share_of_variance.unwrap() < 0.03);
    assert!(told[0].rank_correlation.unwrap().abs() < 0.1);
}

#[test]
fn a_design_and_its_metric_make_a_tornado() {
    use crate::design::{Axis, Combine, Design, Sampling, Value, Values};
    let axis = |path: &str, values| Axis { path: path.to_owned(), name: None, values };
    let axes = [
        axis("tariff", Values::List(vec![Value::from("Flat"), Value::from("Spot")])),
        axis("load", Values::Normal { mean: 50.0, sd: 10.0, from: None, to: None }),
        axis("price", Values::Uniform { from: 0.0, to: 1.0 }),
    ];
    let design = Design::new(&axes, Combine::Crossed, 128, Sampling::Sobol, 3).unwrap();
    let metric: Vec<Option<f64>> = design
        .points()
        .map(|point| {
            let spot = f64::from(u8::from(point[0].text() == "Spot"));
            Some(100.0 * spot + point[1].number()? + 0.1 * point[2].number()?)
        })
        .collect();
    let told = effects(&design.factors(), &metric);
    let names: Vec<&str> = told.iter().map(|effect| &*effect.name).collect();
    assert_eq!(names, ["tariff", "load", "price"]);
    near(told[0].swing().unwrap(), 100.0);
    // The mean of a third of the bell lies 1.0908 standard deviations out.
    assert!((told[1].swing().unwrap() - 2.0 * 10.908).abs() < 0.5);
    let shares: f64 = told.iter().filter_map(|effect| effect.share_of_variance).sum();
    assert!((0.95..1.01).contains(&shares), "{shares}");
}

fn any_sample() -> impl Strategy<Value = Vec<Option<f64>>> {
    let entry = prop_oneof![
        4 => (-1e3..1e3f64).prop_map(Some),
        1 => (-2i32..3).prop_map(|n| Some(f64::from(n))),
        1 => any::<f64>().prop_map(Some),
        1 => Just(None),
    ];
    prop::collection::vec(entry, 0..40)
}

proptest! {
    #[test]
    fn no_sample_makes_a_panic(a in any_sample(), b in any_sample(), levels in prop::collection::vec(0usize..5, 0..40), p in any::<f64>()) {
        let counted = |count: usize, missing: usize, of: usize| count + missing == of;
        for told in [pearson(&a, &b), spearman(&a, &b)] {
            prop_assert!(counted(told.count, told.missing, a.len().max(b.len())));
            prop_assert!(told.coefficient.is_none_or(|r| (-1.0..=1.0).contains(&r)));
        }
        if let Some(told) = mean(&a) {
            prop_assert!(counted(told.count, told.missing, a.len()));
        }
        if let Some(told) = paired_difference(&a, &b) {
            prop_assert!(counted(told.first_count, told.missing, a.len().max(b.len())));
            prop_assert!(told.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
        }
        if let Some(told) = welch_difference(&a, &b) {
            prop_assert!(counted(told.first_count + told.second_count, told.missing, a.len() + b.len()));
        }
        prop_assert!(convergence(&a).len() <= CONVERGENCE_POINTS);
        let _ = (quantile(&a, p), normal_cdf(p), normal_quantile(p), student_quantile(p, p), student_two_sided(p, p));
        let labels = ["p", "q", "r"];
        let told = effects(&[factor("f", &labels, levels), Factor::Drawn { name: "g".into(), numbers: b }], &a);
        prop_assert!(told.iter().all(|e| e.share_of_variance.is_none_or(|s| (0.0..=1.0).contains(&s))));
    }

    #[test]
    fn quantile_and_probability_of_student_undo_each_other(log_p in -20.0..-0.31f64, log_df in 0.0..14.0f64) {
        let (p, df) = (10f64.powf(log_p), 10f64.powf(log_df));
        let t = student_quantile(p, df).unwrap();
        prop_assert!(t < 0.0);
        let back = student_two_sided(t, df).unwrap() / 2.0;
        prop_assert!((back / p - 1.0).abs() < 1e-10, "{} {} {} {}", p, df, t, back);
    }

    #[test]
    fn quantile_and_probability_of_the_bell_undo_each_other(log_p in -250.0..-0.01f64) {
        let p = 10f64.powf(log_p);
        let back = normal_cdf(normal_quantile(p).unwrap());
        prop_assert!((back / p - 1.0).abs() < 1e-11, "{} {}", p, back);
    }

    #[test]
    fn the_mean_of_a_sample_is_the_sum_over_the_count(numbers in prop::collection::vec(-1e6..1e6f64, 2..100)) {
        let told = mean(&all(&numbers)).unwrap();
        let n = numbers.len() as f64;
        let plain = numbers.iter().sum::<f64>() / n;
        let squares: f64 = numbers.iter().map(|x| (x - plain).powi(2)).sum();
        prop_assert!((told.mean - plain).abs() < 1e-7);
        prop_assert!((told.sd.unwrap() / (squares / (n - 1.0)).sqrt() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn ranks_only_look_at_the_order(numbers in prop::collection::vec(-20i32..20, 3..40)) {
        let a: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
        let grown: Vec<f64> = a.iter().map(|x| (x / 5.0).exp()).collect();
        let others: Vec<f64> = a.iter().map(|x| (x * 12.9898).sin()).collect();
        let r = |a: &[f64]| spearman(&all(a), &all(&others)).coefficient;
        prop_assert_eq!(r(&a), r(&grown));
    }

    #[test]
    fn the_interval_of_the_welch_difference_mirrors_when_samples_swap(a in any_sample(), b in any_sample()) {
        let small = |sample: Vec<Option<f64>>| -> Vec<Option<f64>> {
            sample.into_iter().map(|entry| entry.filter(|x| x.abs() < 1e4)).collect()
        };
        let (a, b) = (small(a), small(b));
        if let (Some(one), Some(other)) = (welch_difference(&a, &b), welch_difference(&b, &a)) {
            prop_assert_eq!(one.difference, -other.difference);
            if let (Some(p), Some(q)) = (one.p_value, other.p_value) {
                prop_assert!((p - q).abs() <= 1e-9 * p.max(1e-300) + 1e-300);
            }
        }
    }
}
