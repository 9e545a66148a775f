//! Queueing theory knows the answer: M/M/4 at half load, from hour to confidence interval.

use crate::edge_support::{at, edge, live, oracle};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::TaskRecord;

/// Erlang C: the chance that an arrival finds all `c` cores busy, at `a` erlangs.
fn erlang_c(c: u32, a: f64) -> f64 {
    let term = |n: u32| (1..=n).fold(1.0, |t, k| t * a / f64::from(k));
    let all_busy = term(c) / (1.0 - a / f64::from(c));
    all_busy / ((0..c).map(term).sum::<f64>() + all_busy)
}

/// Mean and half the width of its 99 % confidence interval, from 30 batches (Student's t, 29
/// degrees of freedom: 2.756).
fn mean_99(values: &[f64]) -> (f64, f64) {
    let size = values.len() / 30;
    let means: Vec<f64> =
        values.chunks_exact(size).take(30).map(|b| b.iter().sum::<f64>() / size as f64).collect();
    let mean = means.iter().sum::<f64>() / 30.0;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 29.0;
    (mean, 2.756 * (variance / 30.0).sqrt())
}

/// The hour's tasks from its fifth minute on, in order of arrival.
fn hour(input_kb: f64) -> Vec<TaskRecord> {
    let mut edge = edge(&oracle(input_kb), at(3600.0));
    let (mut records, _) = live(&mut edge, SimTime::ZERO, at(3700.0), Span::from_secs(300));
    assert!((355_000..365_000).contains(&records.len()), "{}", records.len());
    records.retain(|r| r.arrived > at(300.0));
    records.sort_by_key(|r| r.number);
    records
}

fn column(records: &[TaskRecord], value: impl Fn(&TaskRecord) -> f64) -> Vec<f64> {
    records.iter().map(value).collect()
}

#[test]
fn the_mean_sojourn_is_that_of_m_m_4() {
    // 10 tasks a second on each edge, 5 a second on each core.
    let theory_s = 0.2 + erlang_c(4, 2.0) / (20.0 - 10.0);
    assert!((theory_s - 0.2174).abs() < 5e-5, "{theory_s}");
    let records = hour(420.0);
    let (mean_s, half_s) =
        mean_99(&column(&records, |r| f64::from(r.queue_s) + f64::from(r.compute_s)));
    assert!(half_s < 0.002, "{half_s}");
    assert!((mean_s - theory_s).abs() < half_s, "{mean_s} +- {half_s}, theory {theory_s}");
}

#[test]
fn end_to_end_is_sending_waiting_and_computing() {
    // 420 KiB: 0.172 s on the radio. Without waiting for it the mean is the 0.3995 s that other
    // simulators are measured by; here a device has one radio, an M/D/1 queue of its own.
    let sending_s = 420.0 * 1024.0 * 8.0 / 20e6;
    let without_wait_s = sending_s + 0.005 + 0.2 + erlang_c(4, 2.0) / 10.0 + 0.005;
    assert!((without_wait_s - 0.3995).abs() < 1e-4, "{without_wait_s}");
    let load = 0.1 * sending_s;
    let theory_s = without_wait_s + load * sending_s / (2.0 * (1.0 - load));

    let records = hour(420.0 * 1.024);
    let (mean_s, half_s) = mean_99(&column(&records, |r| r.latency_ms() / 1e3));
    assert!(half_s < 0.002, "{half_s}");
    assert!((mean_s - theory_s).abs() < half_s, "{mean_s} +- {half_s}, theory {theory_s}");
}

#[test]
fn an_edge_draws_what_its_load_says() {
    let mut edge = edge(&oracle(420.0), at(3600.0));
    let (_, energy) = live(&mut edge, SimTime::ZERO, at(3600.0), Span::from_secs(300));
    let mean_w: f64 = energy.iter().map(|e| e.servers_j()).sum::<f64>() / 3600.0 / 10.0;
    // Idle 60 W, busy 140 W, half of the cores busy.
    assert!((mean_w - 100.0).abs() < 1.0, "{mean_w}");
}
