//! Points of several objectives.

use crate::search::pareto::{dominates, front, hypervolume, ideal, knee, nadir};
use proptest::prelude::*;

/// Few different values, so that many are equal.
fn points(objectives: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    let value = prop_oneof![4 => (-3_i8..4).prop_map(f64::from), 1 => Just(-0.0), 1 => -3.0..3.0];
    prop::collection::vec(prop::collection::vec(value, objectives), 0..60)
}

proptest! {
    #[test]
    fn a_front_has_no_dominated_member_and_leaves_out_none_that_is_free(
        points in (1_usize..5).prop_flat_map(points)
    ) {
        let places = front(&points);
        for &a in &places {
            prop_assert!(points.iter().all(|b| !dominates(b, &points[a])));
            prop_assert!(places.iter().all(|&b| a == b || points[a] != points[b]));
        }
        for (place, point) in points.iter().enumerate() {
            let accounted = |&member: &usize| {
                member == place
                    || dominates(&points[member], point)
                    || (points[member] == *point && member < place)
            };
            prop_assert!(places.iter().any(accounted), "{place}");
        }
    }

    #[test]
    fn a_front_is_the_same_points_in_whatever_order_they_come(
        (points, other) in (1_usize..5).prop_flat_map(points)
            .prop_flat_map(|of| (Just(of.clone()), Just(of).prop_shuffle()))
    ) {
        let values = |of: &[Vec<f64>]| front(of).into_iter().map(|i| of[i].clone()).collect::<Vec<_>>();
        prop_assert_eq!(values(&points), values(&other));
    }

    #[test]
    fn hypervolume_is_what_counting_cells_says(points in (2_usize..4).prop_flat_map(|n| {
        prop::collection::vec(prop::collection::vec((0_u8..6).prop_map(f64::from), n), 0..12)
            .prop_map(move |of| (n, of))
    })) {
        let (objectives, points) = points;
        let third = if objectives == 3 { 5 } else { 1 };
        let mut cells = 0.0;
        for x in 0..5 {
            for y in 0..5 {
                for z in 0..third {
                    let cell = [f64::from(x), f64::from(y), f64::from(z)];
                    let within = |point: &Vec<f64>| point.iter().zip(cell).all(|(p, c)| *p <= c);
                    cells += f64::from(u8::from(points.iter().any(within)));
                }
            }
        }
        prop_assert_eq!(hypervolume(&points, &vec![5.0; objectives]), Some(cells));
    }
}

#[test]
fn one_objective_leaves_the_first_of_the_least() {
    assert_eq!(front(&[[3.0], [1.0], [2.0], [1.0]]), [1]);
}

#[test]
fn what_holds_a_nan_is_never_on_a_front() {
    let points = [[f64::NAN, 0.0], [1.0, 1.0], [0.0, f64::NAN], [f64::INFINITY, 0.5]];
    assert_eq!(front(&points), [1, 3]);
    assert!(!dominates(&points[0], &points[1]) && !dominates(&points[1], &points[0]));
}

#[test]
fn points_of_other_lengths_than_the_first_are_left_out() {
    assert_eq!(front(&[vec![1.0, 2.0], vec![0.0], vec![2.0, 1.0, 0.0], vec![2.0, 1.0]]), [0, 3]);
    assert!(!dominates(&[0.0], &[1.0, 1.0]));
}

#[test]
fn the_knee_is_nearest_to_the_ideal_whatever_the_units() {
    let points = [[0.0, 1000.0], [0.2, 300.0], [0.6, 200.0], [1.0, 0.0]];
    assert_eq!(ideal(&points), Some(vec![0.0, 0.0]));
    assert_eq!(nadir(&points), Some(vec![1.0, 1000.0]));
    assert_eq!(knee(&points), Some(1));
    let scaled = points.map(|[x, y]| [1e6 * x - 7.0, y / 1e6]);
    assert_eq!(knee(&scaled), Some(1));
}

#[test]
fn an_objective_that_is_the_same_throughout_moves_no_knee() {
    assert_eq!(knee(&[[0.0, 5.0, 1.0], [0.4, 5.0, 0.4], [1.0, 5.0, 0.0]]), Some(1));
    assert_eq!(knee(&[[2.0, 3.0]]), Some(0));
}

#[test]
fn of_no_points_there_is_nothing_to_say() {
    let none: [[f64; 2]; 0] = [];
    assert_eq!((front(&none), ideal(&none), nadir(&none), knee(&none)), (vec![], None, None, None));
    assert_eq!(hypervolume(&none, &[1.0, 1.0]), Some(0.0));
    assert_eq!(hypervolume(&[[1.0; 4]], &[2.0; 4]), None);
}
