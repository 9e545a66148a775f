//! What a search costs besides the evaluations: NSGA-II with a population of 200, and fronts.

use divan::counter::ItemsCount;
use gridtwin_study::search::{Candidate, Nsga2, Score, Space, Trials, Variable, nsga2, pareto};

fn main() {
    divan::main();
}

fn space() -> Space {
    let size = Variable::Size { levels: (0..60).map(f64::from).collect() };
    let mut variables = vec![size; 5];
    variables.push(Variable::Choice { count: 4 });
    Space::new(variables).expect("a sound space")
}

/// Next to nothing to evaluate: what is left is the search itself.
fn cheap(candidate: &Candidate, objectives: usize) -> Result<Score, String> {
    let v = candidate.values();
    let toward = |end: f64| v.iter().map(|v| (v - end).powi(2)).sum();
    let mut of = vec![toward(10.0), toward(40.0), (v[0] - v[1]).powi(2) + (v[2] - 50.0).powi(2)];
    of.truncate(objectives);
    Ok(Score { objectives: of, violation: f64::max(20.0 - v[4], 0.0) })
}

#[divan::bench(args = [2, 3], sample_count = 10, sample_size = 1)]
fn nsga2_candidates_of_population_200(bencher: divan::Bencher<'_, '_>, objectives: usize) {
    let space = space();
    let settings = Nsga2 { population: 200, generations: 49, ..Nsga2::default() };
    bencher.counter(ItemsCount::new(200_usize * 50)).bench_local(|| {
        let evaluate = |candidate: &Candidate| cheap(candidate, objectives);
        nsga2(&mut Trials::new(&space, objectives, &evaluate), &settings)
    });
}

#[divan::bench(args = [2, 3], sample_count = 10)]
fn front_of_20_000_points(bencher: divan::Bencher<'_, '_>, objectives: usize) {
    let point = |i: u32| -> Vec<f64> {
        let turn = |by: u32| f64::from(i.wrapping_mul(by) % 9973) / 9973.0;
        [turn(7919), turn(104_729), turn(1_299_709)][..objectives].to_vec()
    };
    let points: Vec<Vec<f64>> = (0..20_000).map(point).collect();
    bencher.counter(ItemsCount::new(points.len())).bench_local(|| pareto::front(&points));
}
