//! NSGA-II on problems of the field, laid out on levels: how much of the true front's hypervolume it
//! finds in spaces too large to try them all.

use super::problems::{bnh, sch, size, space, srn, zdt1, zdt3};
use crate::search::pareto::{self, hypervolume};
use crate::search::{Candidate, Found, Nsga2, Score, Space, Trials, Variable, exhaustive, nsga2};

type Problem = fn(&Candidate) -> Result<Score, String>;

fn volume<P: AsRef<[f64]>>(front: &[P], reference: &[f64]) -> f64 {
    hypervolume(front, reference).expect("of two objectives")
}

/// What the front that was found dominates, as a share of what the true one does.
fn share(truth: &Found, found: &Found, reference: &[f64]) -> f64 {
    volume(&found.front, reference) / volume(&truth.front, reference)
}

fn searched(space: &Space, problem: Problem, settings: &Nsga2) -> Found {
    nsga2(&mut Trials::new(space, 2, &problem), settings).expect("sound settings")
}

/// The front of a ZDT problem of 30 variables lies where all but the first are 0.
fn zdt_truth(problem: Problem) -> Found {
    let mut variables = vec![size(101, 0.0, 1.0)];
    variables.resize(30, Variable::Size { levels: vec![0.0] });
    exhaustive(&mut Trials::new(&space(variables), 2, &problem))
}

fn zdt_share(problem: Problem) -> f64 {
    let large = space(vec![size(101, 0.0, 1.0); 30]);
    assert_eq!(large.count(), u64::MAX, "101 to the power of 30");
    let settings = Nsga2 { population: 100, generations: 250, ..Nsga2::default() };
    let found = searched(&large, problem, &settings);
    share(&zdt_truth(problem), &found, &[1.1, 1.1])
}

#[test]
fn zdt1_of_thirty_variables() {
    let share = zdt_share(zdt1);
    assert!((0.99..=1.0 + 1e-12).contains(&share), "{share}");
}

#[test]
fn zdt3_of_thirty_variables_and_five_pieces() {
    let share = zdt_share(zdt3);
    assert!((0.99..=1.0 + 1e-12).contains(&share), "{share}");
}

#[test]
fn schaffers_front_is_a_thousandth_of_its_space() {
    let wide = space(vec![size(20_001, -1000.0, 1000.0)]);
    let truth = exhaustive(&mut Trials::new(&wide, 2, &sch));
    assert_eq!(truth.front.len(), 21);
    let settings = Nsga2 { population: 40, generations: 50, ..Nsga2::default() };
    let found = searched(&wide, sch, &settings);
    assert_eq!(found.front, truth.front);
}

fn constrained(space: &Space, problem: Problem, reference: &[f64]) {
    let truth = exhaustive(&mut Trials::new(space, 2, &problem));
    for seed in 1..=3 {
        let settings = Nsga2 { population: 100, generations: 50, seed, ..Nsga2::default() };
        let found = searched(space, problem, &settings);
        assert!(20 * found.evaluated() as u64 <= space.count(), "a twentieth of them");
        let share = share(&truth, &found, reference);
        assert!((0.999..=1.0 + 1e-12).contains(&share), "seed {seed}: {share}");
        assert!(found.front.iter().all(|of| of.score.feasible()));
        // None of what was found is better than the truth.
        let all: Vec<_> = truth.front.iter().chain(&found.front).collect();
        assert!(pareto::front(&all).into_iter().all(|place| place < truth.front.len()));
    }
}

#[test]
fn binh_and_korn_with_two_constraints() {
    constrained(&space(vec![size(501, 0.0, 5.0), size(301, 0.0, 3.0)]), bnh, &[140.0, 50.0]);
}

#[test]
fn srinivas_and_deb_with_two_constraints() {
    let square = space(vec![size(401, -20.0, 20.0), size(401, -20.0, 20.0)]);
    constrained(&square, srn, &[250.0, 10.0]);
}
