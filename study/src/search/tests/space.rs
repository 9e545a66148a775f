//! Spaces and candidates.

use super::problems::{size, space};
use crate::search::{Candidate, SearchError, Space, Variable};

#[test]
fn the_last_variable_changes_fastest() {
    let small = space(vec![size(2, 0.0, 10.0), Variable::Choice { count: 3 }]);
    let all: Vec<Vec<f64>> = small.iter().map(|of| of.values().to_vec()).collect();
    let [a, b] = [0.0, 10.0];
    assert_eq!(
        all,
        [[a, 0.0], [a, 1.0], [a, 2.0], [b, 0.0], [b, 1.0], [b, 2.0]].map(|of| of.to_vec())
    );
    assert_eq!(small.count(), 6);
}

#[test]
fn candidates_come_in_their_own_order_below_zero_too() {
    let signs = space(vec![size(5, -2.0, 2.0), size(3, -1.0, 1.0)]);
    let all: Vec<Candidate> = signs.iter().collect();
    assert_eq!(all.len(), 15);
    assert!(all.is_sorted() && all.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn more_candidates_than_can_be_counted_are_as_many_as_can_be() {
    assert_eq!(space(vec![Variable::Choice { count: 1 << 31 }; 3]).count(), u64::MAX);
}

#[test]
fn what_is_no_space_is_refused_and_the_variable_named() {
    let refused = |levels: Vec<f64>| {
        let variables = vec![Variable::Choice { count: 1 }, Variable::Size { levels }];
        Space::new(variables).expect_err("refused").to_string()
    };
    assert!(refused(vec![]).contains("variable 2"));
    assert!(refused(vec![1.0, f64::NAN]).contains("finite"));
    assert!(refused(vec![0.0, f64::INFINITY]).contains("finite"));
    assert!(refused(vec![1.0, 1.0]).contains("1 comes before 1"));
    assert!(refused(vec![2.0, 1.0]).contains("2 comes before 1"));
    assert_eq!(Space::new(vec![]), Err(SearchError::NoVariables));
    assert!(Space::new(vec![Variable::Choice { count: 0 }]).is_err());
    assert!(Space::new(vec![Variable::Choice { count: usize::MAX }]).is_err());
}

#[test]
fn a_candidate_is_within_the_bounds_and_its_choice_is_there() {
    let of = space(vec![size(3, 0.0, 10.0), Variable::Choice { count: 3 }]);
    let between = of.candidate(&[3.7, 2.0]).expect("between levels is fine");
    assert_eq!((between.values()[0], between.choice(1), between.choice(2)), (3.7, Some(2), None));
    assert_eq!(between.choice(0), None, "3.7 is no choice");
    for wrong in
        [&[10.1, 0.0][..], &[-0.1, 0.0], &[f64::NAN, 0.0], &[1.0, 3.0], &[1.0, 0.5], &[1.0]]
    {
        assert!(of.candidate(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn minus_zero_is_zero() {
    let of = space(vec![size(3, -1.0, 1.0)]);
    assert_eq!(of.candidate(&[-0.0]), of.candidate(&[0.0]));
}
