//! NSGA-II against all candidates, on grids that are small enough to try them all.

use super::problems::{constrained_site, free_site, site_space, size, space, sphere};
use crate::search::{
    Candidate, Found, Method, Nsga2, Score, Space, Trials, Variable, auto, exhaustive, nsga2,
};

type Problem = fn(&Candidate) -> Result<Score, String>;

fn all(space: &Space, objectives: usize, problem: Problem) -> Found {
    exhaustive(&mut Trials::new(space, objectives, &problem))
}

fn some(space: &Space, objectives: usize, problem: Problem, settings: &Nsga2) -> Found {
    nsga2(&mut Trials::new(space, objectives, &problem), settings).expect("sound settings")
}

fn missed(whole: &Found, part: &Found) -> usize {
    let holds = |of: &Vec<f64>| part.front.iter().any(|found| found.score.objectives == *of);
    whole.front.iter().filter(|of| !holds(&of.score.objectives)).count()
}

/// With half of the candidates tried at most.
fn finds_the_front(space: &Space, objectives: usize, problem: Problem, settings: Nsga2) {
    let whole = all(space, objectives, problem);
    for seed in 1..=5 {
        let part = some(space, objectives, problem, &Nsga2 { seed, ..settings });
        assert!(part.finished);
        assert!(2 * part.evaluated() as u64 <= space.count(), "not half of them");
        assert_eq!(missed(&whole, &part), 0, "seed {seed}");
        assert_eq!(whole.front.len(), part.front.len());
    }
}

#[test]
fn a_site_of_two_objectives_choices_and_a_constraint() {
    let settings = Nsga2 { population: 60, generations: 40, ..Nsga2::default() };
    finds_the_front(&site_space(16, 16, 13), 2, constrained_site, settings);
}

#[test]
fn a_site_of_three_objectives() {
    let settings = Nsga2 { population: 320, generations: 7, ..Nsga2::default() };
    finds_the_front(&site_space(13, 11, 13), 3, free_site, settings);
}

#[test]
fn a_sphere_of_three_objectives_with_choices() {
    let sphere_space = space(vec![
        size(11, 0.0, 1.0),
        size(11, 0.0, 1.0),
        size(21, 0.0, 1.0),
        Variable::Choice { count: 4 },
    ]);
    let settings = Nsga2 { population: 120, generations: 40, ..Nsga2::default() };
    finds_the_front(&sphere_space, 3, sphere, settings);
}

#[test]
fn a_space_smaller_than_the_budget_is_covered() {
    let space = site_space(5, 4, 3);
    let settings = Nsga2 { population: 20, generations: 30, ..Nsga2::default() };
    let part = some(&space, 2, constrained_site, &settings);
    assert_eq!(part.evaluated() as u64, space.count());
    let whole = all(&space, 2, constrained_site);
    assert_eq!((part.front, part.designs), (whole.front, whole.designs));
}

#[test]
fn a_space_smaller_than_a_population_is_covered_at_once() {
    let space = site_space(2, 2, 2);
    let settings = Nsga2 { population: 100, generations: 0, ..Nsga2::default() };
    assert_eq!(some(&space, 2, constrained_site, &settings).evaluated() as u64, space.count());
}

#[test]
fn a_budget_is_spent_on_that_many_candidates() {
    let settings = Nsga2 { population: 30, generations: 9, ..Nsga2::default() };
    assert_eq!(some(&site_space(20, 20, 20), 2, constrained_site, &settings).evaluated(), 300);
}

#[test]
fn few_candidates_are_all_tried_and_many_are_searched() {
    let settings = Nsga2 { population: 10, generations: 4, ..Nsga2::default() };
    let space = site_space(5, 4, 3);
    let of = |limit| {
        auto(&mut Trials::new(&space, 2, &constrained_site), limit, &settings).expect("sound")
    };
    assert_eq!(of(space.count()).method, Method::Exhaustive);
    assert_eq!(of(space.count()).evaluated() as u64, space.count());
    assert_eq!(of(space.count() - 1).method, Method::Nsga2);
    assert_eq!(of(space.count() - 1).evaluated(), 50);
}

#[test]
fn the_same_seed_finds_the_same_on_any_number_of_threads() {
    let space = site_space(30, 30, 13);
    let run = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let settings = Nsga2 { population: 40, generations: 15, seed, ..Nsga2::default() };
        pool.install(|| some(&space, 3, free_site, &settings))
    };
    let one = run(1, 7);
    assert_eq!(one, run(2, 7));
    assert_eq!(one, run(3, 7));
    assert_ne!(one, run(1, 8), "another seed tries others");
}

#[test]
fn settings_that_make_no_search_are_refused() {
    let space = site_space(5, 4, 3);
    let refused = |settings: Nsga2| {
        let message = nsga2(&mut Trials::new(&space, 2, &constrained_site), &settings);
        message.map(|found| found.evaluated()).expect_err("refused").to_string()
    };
    let sound = Nsga2::default();
    assert!(refused(Nsga2 { population: 1, ..sound }).contains("`population`"));
    assert!(refused(Nsga2 { crossover: 1.5, ..sound }).contains("`crossover`"));
    assert!(refused(Nsga2 { crossover: f64::NAN, ..sound }).contains("`crossover`"));
    assert!(refused(Nsga2 { mutation: Some(-0.1), ..sound }).contains("`mutation`"));
}

#[test]
fn a_search_goes_on_where_nearly_everything_fails() {
    let space = site_space(20, 20, 13);
    let rare = |candidate: &Candidate| {
        let v = candidate.values();
        if v[0] < 50.0 || v[1] < 120.0 {
            Err("does not run".to_owned())
        } else {
            free_site(candidate)
        }
    };
    let settings = Nsga2 { population: 30, generations: 30, ..Nsga2::default() };
    let found = nsga2(&mut Trials::new(&space, 3, &rare), &settings).expect("sound settings");
    assert_eq!(found.evaluated(), 30 * 31);
    assert!(!found.front.is_empty() && !found.failed.is_empty());
    assert!(found.designs.iter().all(|of| of.candidate.values()[0] >= 50.0));
    let never = |_: &Candidate| Err("does not run".to_owned());
    let found = nsga2(&mut Trials::new(&space, 3, &never), &settings).expect("sound settings");
    assert_eq!((found.front.len(), found.failed.len(), found.finished), (0, 930, true));
}

#[test]
fn a_thinned_front_keeps_its_ends_and_what_may_not_go() {
    let space = space(vec![size(201, 0.0, 2.0)]);
    let two = |candidate: &Candidate| -> Result<Score, String> {
        let x = candidate.values()[0];
        Ok(Score { objectives: vec![x, 2.0 - x], violation: 0.0 })
    };
    let mut found = all(&space, 2, two);
    let firsts = |found: &Found| -> Vec<f64> {
        found.front.iter().map(|of| of.score.objectives[0]).collect()
    };
    assert_eq!(found.front.len(), 201);
    found.thin_front(0.1, |candidate| candidate.values()[0] != 0.05);
    let kept = firsts(&found);
    assert!(kept.len() < 15 && kept[0] == 0.0 && kept[kept.len() - 1] == 2.0, "{kept:?}");
    assert!(kept.contains(&0.05), "{kept:?}");
    for pair in kept.windows(3) {
        assert!(pair[2] - pair[0] > 0.1 * 2.0 - 1e-9, "{kept:?}");
    }
}
