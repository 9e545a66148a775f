//! Trying candidates: once each, told, stopped, and what counts as a failure.

use super::problems::{constrained_site, free_site, site_space, size, space};
use crate::search::{
    Candidate, Goal, Nsga2, Polish, Score, Trials, exhaustive, nsga2, polish, polish_best,
};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[test]
fn no_candidate_is_tried_twice_by_whatever_search() {
    let calls: Mutex<BTreeMap<Candidate, u32>> = Mutex::new(BTreeMap::new());
    let counted = |candidate: &Candidate| {
        *calls.lock().expect("no panic").entry(candidate.clone()).or_default() += 1;
        constrained_site(candidate)
    };
    let space = site_space(8, 8, 5);
    let mut trials = Trials::new(&space, 2, &counted);
    let settings = Nsga2 { population: 30, generations: 5, ..Nsga2::default() };
    nsga2(&mut trials, &settings).expect("sound settings");
    polish_best(&mut trials, &Goal::objective(0), 2, &Polish::default()).expect("sound settings");
    exhaustive(&mut trials);
    let evaluated = trials.evaluated();
    let calls = calls.into_inner().expect("no panic");
    assert_eq!(calls.len() as u64, evaluated);
    assert!(evaluated > space.count(), "polish leaves the levels");
    assert!(calls.values().all(|times| *times == 1));
}

#[test]
fn numbers_that_are_none_are_failures_and_the_rest_stands() {
    let line = space(vec![size(9, 0.0, 8.0)]);
    let odd = |candidate: &Candidate| {
        let x = candidate.values()[0];
        let mut score = Score::free(vec![x, 8.0 - x]);
        match x as u32 {
            1 => return Err("the run broke".to_owned()),
            2 => score.objectives[0] = f64::NAN,
            3 => score.objectives[1] = f64::NEG_INFINITY,
            4 => score.violation = f64::NAN,
            5 => score.violation = -1.0,
            6 => score.violation = f64::INFINITY,
            7 => score.objectives.push(0.0),
            _ => {}
        }
        Ok(score)
    };
    let found = exhaustive(&mut Trials::new(&line, 2, &odd));
    let values = |of: &[Candidate]| of.iter().map(|of| of.values()[0]).collect::<Vec<_>>();
    let front: Vec<_> = found.front.iter().map(|of| of.candidate.clone()).collect();
    let failed: Vec<_> = found.failed.iter().map(|of| of.candidate.clone()).collect();
    assert_eq!(values(&front), [0.0, 8.0]);
    assert_eq!(values(&failed), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!((found.designs.len(), found.evaluated()), (2, 9));
    let why: Vec<&str> = found.failed.iter().map(|of| of.why.as_str()).collect();
    assert_eq!(why[0], "the run broke");
    assert!(why[1].contains("objective 1") && why[2].contains("objective 2"), "{why:?}");
    assert!(why[3..6].iter().all(|why| why.contains("violation")), "{why:?}");
    assert!(why[6].contains("3 objectives"), "{why:?}");
}

#[test]
fn where_nothing_is_feasible_the_nearest_is_told() {
    let line = space(vec![size(9, 0.0, 8.0)]);
    let never = |candidate: &Candidate| {
        let x = candidate.values()[0];
        Ok(Score { objectives: vec![x], violation: 1.0 + (x - 3.0).abs() })
    };
    let found = exhaustive(&mut Trials::new(&line, 1, &never));
    assert!(found.front.is_empty());
    assert_eq!(found.nearest.map(|of| of.candidate.values().to_vec()), Some(vec![3.0]));
}

#[test]
fn designs_that_are_worth_the_same_are_one_on_the_front() {
    let plane = space(vec![size(3, 0.0, 2.0), size(3, 0.0, 2.0)]);
    let first_only = |candidate: &Candidate| {
        let x = candidate.values()[0];
        Ok(Score::free(vec![x, -x]))
    };
    let found = exhaustive(&mut Trials::new(&plane, 2, &first_only));
    let front: Vec<_> = found.front.iter().map(|of| of.candidate.values().to_vec()).collect();
    assert_eq!(front, [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]].map(|of| of.to_vec()));
}

#[test]
fn every_trial_is_told_and_no_more_come_than_expected() {
    let space = site_space(20, 20, 13);
    let (times, most) = (AtomicU64::new(0), AtomicU64::new(0));
    let told = |over: u64, expected: u64| {
        assert!(over <= expected);
        assert_eq!(expected, 330);
        times.fetch_add(1, Ordering::Relaxed);
        most.fetch_max(over, Ordering::Relaxed);
    };
    let settings = Nsga2 { population: 30, generations: 10, ..Nsga2::default() };
    nsga2(&mut Trials::new(&space, 2, &constrained_site).told_to(&told), &settings)
        .expect("sound settings");
    assert_eq!((times.into_inner(), most.into_inner()), (330, 330));
}

/// Sets the flag at the hundredth trial; on one thread, so that no other is under way by then.
fn stopped_at_100<T: Send>(search: impl FnOnce(&mut Trials<'_>) -> T + Send) -> (T, u64) {
    let space = site_space(20, 20, 13);
    let stop = AtomicBool::new(false);
    let tried = AtomicU64::new(0);
    let evaluate = |candidate: &Candidate| {
        if tried.fetch_add(1, Ordering::Relaxed) + 1 == 100 {
            stop.store(true, Ordering::Relaxed);
        }
        free_site(candidate)
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    pool.install(|| {
        let mut trials = Trials::new(&space, 3, &evaluate).stopped_by(&stop);
        let result = search(&mut trials);
        (result, trials.evaluated())
    })
}

#[test]
fn a_search_that_is_stopped_gives_what_there_is() {
    let settings = Nsga2 { population: 60, generations: 10, ..Nsga2::default() };
    let searches: [fn(&mut Trials<'_>, &Nsga2) -> crate::search::Found; 2] = [
        |trials, _| exhaustive(trials),
        |trials, settings| nsga2(trials, settings).expect("sound settings"),
    ];
    for search in searches {
        let (found, evaluated) = stopped_at_100(|trials| search(trials, &settings));
        assert!(!found.finished);
        assert_eq!((found.designs.len(), evaluated), (100, 100));
        assert!(!found.front.is_empty());
    }
}

#[test]
fn a_polish_that_is_stopped_gives_what_there_is() {
    let (polished, evaluated) = stopped_at_100(|trials| {
        let start = trials.space().candidate(&[30.0, 75.0, 6.0, 0.0]).expect("in the space");
        polish(trials, &start, &Goal::objective(0), &Polish::default()).expect("sound")
    });
    assert!(!polished.finished);
    assert_eq!((polished.evaluated, evaluated), (100, 100));
    assert!(polished.worth.value < polished.start_worth.value);
}
