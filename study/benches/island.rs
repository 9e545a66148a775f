//! How long a candidate-year takes: alone, with its money, and a thousand of them.
//!
//! The traces are made up (a day's and a year's rhythm with noise), so that the branches are as hard to
//! guess as a real year's; nothing here judges the speed.

use divan::{Bencher, black_box};
use gridtwin_study::island::{Mix, Prices, Project, Site, Traces, hours, island_money, operate};
use std::f64::consts::TAU;

fn main() {
    divan::main();
}

/// The next number between 0 and 1 of a plain congruential sequence.
fn noise(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

fn year() -> Traces {
    let mut state = 2016;
    let (mut load, mut pv, mut wind) = (vec![], vec![], vec![]);
    let mut breeze = 0.3;
    for hour in 0..8760 {
        let day = (f64::from(hour) / 24.0 * TAU).cos();
        let season = (f64::from(hour) / 8760.0 * TAU).cos();
        load.push(780.0 + 200.0 * season - 150.0 * day + 100.0 * noise(&mut state));
        pv.push((-day * 0.7 - 0.2 * season).max(0.0) * noise(&mut state));
        breeze = (breeze + 0.2 * (noise(&mut state) - 0.5)).clamp(0.0, 1.0);
        wind.push(breeze);
    }
    Traces::new(load, pv, wind, 1.0).expect("made-up traces are good")
}

fn mixes(count: usize) -> Vec<Mix> {
    let mut state = 7;
    (0..count)
        .map(|_| Mix {
            genset_kw: 2000.0 * noise(&mut state),
            battery_kwh: 10_000.0 * noise(&mut state),
            pv_kw: 5000.0 * noise(&mut state),
            wind_kw: 2000.0 * noise(&mut state),
        })
        .collect()
}

const PROJECT: Project =
    Project { life_years: 25, discount_rate: 0.05, escalation: 0.0, carbon_price_per_t: 0.0 };
const CASE: Mix = Mix { genset_kw: 1800.0, battery_kwh: 5000.0, pv_kw: 3000.0, wind_kw: 900.0 };

#[divan::bench]
fn one_candidate_year(bencher: Bencher) {
    let (site, traces) = (Site::ouessant(), year());
    bencher.bench(|| operate(black_box(&site), black_box(&traces), black_box(&CASE)));
}

#[divan::bench]
fn one_candidate_year_with_least_load(bencher: Bencher) {
    let (mut site, traces) = (Site::ouessant(), year());
    site.genset.min_load_ratio = 0.3;
    bencher.bench(|| operate(black_box(&site), black_box(&traces), black_box(&CASE)));
}

#[divan::bench]
fn one_candidate_year_hour_by_hour(bencher: Bencher) {
    let (site, traces) = (Site::ouessant(), year());
    bencher.bench(|| hours(&site, black_box(&traces), &CASE).collect::<Vec<_>>());
}

#[divan::bench]
fn money_of_one_candidate(bencher: Bencher) {
    let (site, prices) = (Site::ouessant(), Prices::ouessant());
    let operation = operate(&site, &year(), &CASE);
    bencher.bench(|| island_money(&PROJECT, &prices, black_box(&CASE), black_box(&operation)));
}

#[divan::bench(sample_count = 10)]
fn a_thousand_candidates_with_money(bencher: Bencher) {
    let (site, prices, traces) = (Site::ouessant(), Prices::ouessant(), year());
    let mixes = mixes(1000);
    bencher.bench(|| {
        let cost = |mix| {
            island_money(&PROJECT, &prices, mix, &operate(&site, &traces, mix)).net_present_cost
        };
        mixes.iter().map(cost).fold(f64::INFINITY, f64::min)
    });
}
