//! What NSGA-II's sorting promises, against the definition itself.

use crate::search::Score;
use crate::search::nsga2::sort::{crowding, fronts};
use proptest::prelude::*;

fn scores() -> impl Strategy<Value = Vec<Score>> {
    let objectives = prop::collection::vec((0_u8..6).prop_map(f64::from), 3);
    let score = (objectives, prop_oneof![Just(0.0), (0_u8..3).prop_map(f64::from)]);
    let score = score.prop_map(|(objectives, violation)| Score { objectives, violation });
    prop::collection::vec(score, 0..40)
}

proptest! {
    #[test]
    fn a_front_is_what_is_left_free_when_the_better_ones_are_taken_away(scores in scores()) {
        let scores: Vec<&Score> = scores.iter().collect();
        let mut left: Vec<usize> = (0..scores.len()).collect();
        for mut front in fronts(&scores, scores.len()) {
            front.sort_unstable();
            let free = |p: &usize| !left.iter().any(|&q| scores[q].dominates(scores[*p]));
            let expected: Vec<usize> = left.iter().copied().filter(free).collect();
            prop_assert_eq!(&front, &expected);
            left.retain(|p| !front.contains(p));
        }
        prop_assert!(left.is_empty());
    }
}

#[test]
fn the_feasible_come_first_then_the_lesser_violation() {
    let of = |x: f64, violation: f64| Score { objectives: vec![x, 0.0], violation };
    let scores = [of(9.0, 0.0), of(0.0, 2.0), of(1.0, 0.5), of(8.0, 0.5), of(7.0, 0.0)];
    let scores: Vec<&Score> = scores.iter().collect();
    assert_eq!(fronts(&scores, 5), [vec![4], vec![0], vec![2, 3], vec![1]]);
    assert_eq!(fronts(&scores, 2), [vec![4], vec![0]], "no more than are needed");
}

#[test]
fn the_ends_are_loneliest_and_the_rest_by_the_sides_of_their_box() {
    let points = [[0.0, 10.0], [1.0, 6.0], [4.0, 2.0], [10.0, 0.0]];
    let scores = points.map(|of| Score::free(of.to_vec()));
    let scores: Vec<&Score> = scores.iter().collect();
    let distances = crowding(&scores, &[0, 1, 2, 3]);
    assert_eq!((distances[0], distances[3]), (f64::INFINITY, f64::INFINITY));
    assert!((distances[1] - (0.4 + 0.8)).abs() < 1e-12);
    assert!((distances[2] - (0.9 + 0.6)).abs() < 1e-12);
}
