//! Designs made better between the levels.

use super::problems::{constrained_site, site_space, size, space};
use crate::search::{
    Candidate, Goal, Polish, Polished, Score, SearchError, Space, Trials, Variable, exhaustive,
    polish, polish_best,
};
use proptest::prelude::*;

fn from(
    space: &Space,
    start: &[f64],
    tolerance: f64,
    value: impl Fn(&[f64]) -> f64 + Sync,
) -> Polished {
    let evaluate = |candidate: &Candidate| Ok(Score::free(vec![value(candidate.values())]));
    let start = space.candidate(start).expect("in the space");
    let settings = Polish { tolerance, ..Polish::default() };
    let goal = Goal::objective(0);
    let polished = polish(&mut Trials::new(space, 1, &evaluate), &start, &goal, &settings);
    let polished = polished.expect("sound settings");
    assert!(polished.finished);
    polished
}

fn near(polished: &Polished, expected: &[f64], within: f64) {
    let values = polished.design.candidate.values();
    assert!(values.iter().zip(expected).all(|(v, e)| (v - e).abs() <= within), "{values:?}");
}

#[test]
fn a_curved_valley_is_followed_to_its_end() {
    let square = space(vec![size(9, -2.0, 2.0), size(9, -1.0, 3.0)]);
    let polished = from(&square, &[-1.5, 2.0], 1e-6, |v| {
        (1.0 - v[0]).powi(2) + 100.0 * (v[1] - v[0] * v[0]).powi(2)
    });
    near(&polished, &[1.0, 1.0], 1e-3);
    assert!(polished.worth.value < 1e-6);
}

#[test]
fn a_kink_is_met_exactly() {
    let line = space(vec![size(5, 0.0, 10.0)]);
    near(&from(&line, &[10.0], 1e-6, |v| (v[0] - 3.217).abs()), &[3.217], 1e-5);
    let square = space(vec![size(5, 0.0, 10.0), size(5, 0.0, 10.0)]);
    let kinks = |v: &[f64]| (v[0] - 3.217).abs() + 40.0 * (v[1] - 7.77).abs();
    near(&from(&square, &[0.0, 0.0], 1e-6, kinks), &[3.217, 7.77], 2e-5);
}

#[test]
fn a_sharp_ridge_askew_to_the_axes_is_followed() {
    // No step along an axis helps anywhere on the ridge where y is 0.37 x.
    let square = space(vec![size(11, 0.0, 10.0), size(11, 0.0, 10.0)]);
    let polished =
        from(&square, &[9.0, 9.0], 1e-5, |v| 50.0 * (v[1] - 0.37 * v[0]).abs() + v[0] + v[1]);
    near(&polished, &[0.0, 0.0], 1e-2);
    let cube = space(vec![size(11, 0.0, 10.0); 3]);
    let polished = from(&cube, &[9.0, 2.0, 8.0], 1e-5, |v| {
        30.0 * (v[1] - 0.37 * v[0]).abs() + 20.0 * (v[2] - 1.3 * v[1]).abs() + (v[0] - 4.0).abs()
    });
    near(&polished, &[4.0, 1.48, 1.924], 2e-2);
}

#[test]
fn a_constraint_askew_to_the_axes_is_followed() {
    // The least of x + y where x y is 6 and more and x is at most 3.1.
    let square = space(vec![size(11, 0.0, 10.0), size(11, 0.0, 10.0)]);
    let evaluate = |candidate: &Candidate| {
        let (x, y) = (candidate.values()[0], candidate.values()[1]);
        let violation = f64::max(6.0 - x * y, 0.0) + f64::max(x - 3.1, 0.0);
        Ok(Score { objectives: vec![x + 1.1 * y], violation })
    };
    let start = square.candidate(&[3.0, 9.0]).expect("in the space");
    let settings = Polish { tolerance: 1e-6, ..Polish::default() };
    let mut trials = Trials::new(&square, 1, &evaluate);
    let polished = polish(&mut trials, &start, &Goal::objective(0), &settings).expect("sound");
    let least = 2.0 * (1.1_f64 * 6.0).sqrt();
    assert_eq!(polished.worth.violation, 0.0);
    assert!(polished.worth.value <= least * 1.0005, "{} {least}", polished.worth.value);
}

#[test]
fn a_start_that_breaks_a_constraint_comes_to_keep_it() {
    let line = space(vec![size(11, 0.0, 10.0)]);
    let evaluate = |candidate: &Candidate| {
        let x = candidate.values()[0];
        Ok(Score { objectives: vec![x], violation: f64::max(7.3 - x, 0.0) })
    };
    let start = line.candidate(&[1.0]).expect("in the space");
    let mut trials = Trials::new(&line, 1, &evaluate);
    let polished = polish(&mut trials, &start, &Goal::objective(0), &Polish::default());
    let polished = polished.expect("sound settings");
    assert!(polished.start_worth.violation > 0.0 && polished.worth.violation == 0.0);
    near(&polished, &[7.3], 1e-2);
}

#[test]
fn a_plateau_ends_where_it_began() {
    let square = space(vec![size(5, 0.0, 10.0), size(5, 0.0, 10.0)]);
    let polished = from(&square, &[5.0, 5.0], 1e-4, |_| 7.0);
    assert_eq!(polished.design, polished.start);
    assert!(polished.evaluated < 1000, "{}", polished.evaluated);
}

#[test]
fn stairs_are_gone_down_by_steps_as_long_as_the_levels_are_apart() {
    let line = space(vec![size(11, 0.0, 10.0)]);
    let polished = from(&line, &[9.0], 1e-4, |v| v[0].floor());
    assert!(polished.worth.value == 0.0);
}

#[test]
fn the_best_at_a_bound_is_met_exactly() {
    let square = space(vec![size(4, 1.0, 10.0), size(4, -5.0, 5.0)]);
    let polished = from(&square, &[7.0, 1.0], 1e-5, |v| v[0] - 3.0 * v[1]);
    assert_eq!(polished.design.candidate.values(), [1.0, 5.0]);
}

#[test]
fn choices_and_sizes_of_one_level_stay_as_they_are() {
    let mixed = space(vec![
        Variable::Choice { count: 4 },
        size(5, 0.0, 10.0),
        Variable::Size { levels: vec![3.0] },
    ]);
    let polished = from(&mixed, &[2.0, 0.0, 3.0], 1e-5, |v| (v[1] - 4.321).abs() - v[0]);
    near(&polished, &[2.0, 4.321, 3.0], 1e-3);
    let fixed = space(vec![Variable::Choice { count: 4 }]);
    let polished = from(&fixed, &[2.0], 1e-5, |v| v[0]);
    assert_eq!((polished.evaluated, polished.design), (1, polished.start));
}

#[test]
fn no_finer_grid_beats_a_polished_mix() {
    let coarse = site_space(7, 6, 5);
    let mut trials = Trials::new(&coarse, 2, &constrained_site);
    let before = exhaustive(&mut trials);
    let goal = Goal::objective(0);
    let polished = polish_best(&mut trials, &goal, 3, &Polish::default());
    let polished = polished.expect("sound settings").expect("designs");
    assert_eq!(polished.worth.violation, 0.0);
    assert!(20 * trials.evaluated() < site_space(61, 51, 49).count());
    // More than twenty times as many candidates as the coarse grid and the polish need together.
    let fine = exhaustive(&mut Trials::new(&site_space(61, 51, 49), 2, &constrained_site));
    let cost = |found: &crate::search::Found| found.front[0].score.objectives[0];
    assert!(polished.worth.value <= cost(&fine), "{} {}", polished.worth.value, cost(&fine));
    assert!(polished.worth.value < cost(&before), "better than the best on the levels");
    // Nor does a grid as fine as that around the mix itself, by more than the tolerance is worth.
    let around = |variable: usize, reach: f64, count: u32| {
        let at = polished.design.candidate.values()[variable];
        size(count, f64::max(at - reach, 0.0), at + reach)
    };
    let close = space(vec![
        around(0, 2.0, 61),
        around(1, 2.0, 61),
        around(2, 0.5, 61),
        Variable::Choice { count: 3 },
    ]);
    let close = exhaustive(&mut Trials::new(&close, 2, &constrained_site));
    assert!(polished.worth.value <= cost(&close) * (1.0 + 1e-4));
}

#[test]
fn a_polished_mix_does_not_hang_on_the_grid_that_it_starts_from() {
    let costs = [(5, 5, 4), (7, 6, 5), (9, 4, 7), (4, 9, 5), (13, 11, 13)].map(|(a, b, c)| {
        let grid = site_space(a, b, c);
        let mut trials = Trials::new(&grid, 2, &constrained_site);
        exhaustive(&mut trials);
        let polished = polish_best(&mut trials, &Goal::objective(0), 3, &Polish::default());
        polished.expect("sound settings").expect("designs").worth.value
    });
    let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(costs.iter().all(|cost| *cost <= least * 1.001), "{costs:?}");
}

#[test]
fn a_design_of_the_front_gets_cheaper_and_no_dirtier() {
    let coarse = site_space(7, 6, 5);
    let mut trials = Trials::new(&coarse, 2, &constrained_site);
    let front = exhaustive(&mut trials).front;
    let mut cheaper = 0;
    for of in &front {
        let goal = Goal::objective(0).no_worse_than(&of.score);
        let polished = polish(&mut trials, &of.candidate, &goal, &Polish::default());
        let polished = polished.expect("sound settings");
        assert!(!of.score.dominates(&polished.design.score));
        let (before, after) = (&of.score.objectives, &polished.design.score.objectives);
        assert!(after[0] <= before[0] && after[1] <= before[1]);
        cheaper += usize::from(after[0] < before[0]);
    }
    assert!(2 * cheaper > front.len(), "{cheaper} of {}", front.len());
}

#[test]
fn the_same_start_ends_the_same_on_any_number_of_threads() {
    let coarse = site_space(7, 6, 5);
    let start = coarse.candidate(&[30.0, 60.0, 6.0, 1.0]).expect("in the space");
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let mut trials = Trials::new(&coarse, 2, &constrained_site);
            polish(&mut trials, &start, &Goal::objective(0), &Polish::default())
        })
    };
    let one = run(1);
    assert!(one.is_ok());
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn as_many_are_tried_as_may_be() {
    let square = space(vec![size(9, -2.0, 2.0), size(9, -1.0, 3.0)]);
    let evaluate = |candidate: &Candidate| {
        let v = candidate.values();
        Ok(Score::free(vec![(1.0 - v[0]).powi(2) + 100.0 * (v[1] - v[0] * v[0]).powi(2)]))
    };
    let start = square.candidate(&[-1.5, 2.0]).expect("in the space");
    let settings = Polish { tolerance: 1e-9, most: 50 };
    let mut trials = Trials::new(&square, 1, &evaluate);
    let polished = polish(&mut trials, &start, &Goal::objective(0), &settings).expect("sound");
    assert!(!polished.finished);
    assert!((50..60).contains(&polished.evaluated), "{}", polished.evaluated);
}

#[test]
fn what_cannot_be_polished_is_refused() {
    let line = space(vec![size(3, 0.0, 10.0)]);
    let broken = |_: &Candidate| Err("no sun".to_owned());
    let mut trials = Trials::new(&line, 1, &broken);
    let start = line.candidate(&[5.0]).expect("in the space");
    let goal = Goal::objective(0);
    let refused = polish(&mut trials, &start, &goal, &Polish::default());
    assert_eq!(refused, Err(SearchError::Start("no sun".to_owned())));
    assert_eq!(polish_best(&mut trials, &goal, 3, &Polish::default()), Ok(None));
    for tolerance in [0.0, -1.0, f64::NAN] {
        let settings = Polish { tolerance, ..Polish::default() };
        assert!(polish(&mut trials, &start, &goal, &settings).is_err());
    }
    for weights in [vec![], vec![0.0], vec![f64::NAN], vec![1.0, 1.0]] {
        let goal = Goal { weights, limits: vec![] };
        assert!(polish(&mut trials, &start, &goal, &Polish::default()).is_err());
    }
    let elsewhere = space(vec![size(3, 0.0, 99.0)]).candidate(&[50.0]).expect("in that space");
    assert!(polish(&mut trials, &elsewhere, &goal, &Polish::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_polish_is_never_worse_than_its_start_and_stays_within_bounds(
        start in prop::collection::vec(0.0..=10.0, 3),
        bumps in prop::collection::vec((0.0..10.0, -5.0..5.0, 0.1..4.0), 3..9),
        fails_above in 5.0..30.0,
    ) {
        let cube = space(vec![size(6, 0.0, 10.0); 3]);
        // Bumps and kinks, holes that fail and a constraint that is broken in places.
        let evaluate = |candidate: &Candidate| {
            let v = candidate.values();
            if v.iter().sum::<f64>() > fails_above {
                return Err("too much".to_owned());
            }
            let bump = |(at, height, often): &(f64, f64, f64)| {
                v.iter().map(|v| height * ((v - at) * often).sin().abs()).sum::<f64>()
            };
            let value = bumps.iter().map(bump).sum();
            Ok(Score { objectives: vec![value], violation: f64::max(v[0] - v[1] - 4.0, 0.0) })
        };
        let start = cube.candidate(&start).expect("in the space");
        let mut trials = Trials::new(&cube, 1, &evaluate);
        let settings = Polish { tolerance: 1e-2, most: 3000 };
        match polish(&mut trials, &start, &Goal::objective(0), &settings) {
            Ok(polished) => {
                prop_assert!(!polished.start_worth.better_than(&polished.worth));
                prop_assert!(cube.candidate(polished.design.candidate.values()).is_ok());
            }
            Err(_) => prop_assert!(start.values().iter().sum::<f64>() > fails_above),
        }
    }
}
