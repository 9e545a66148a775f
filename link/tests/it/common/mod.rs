//! What the fleet's tests share: short ways to say which meters, and to run them.
#![allow(dead_code, unreachable_pub)]

use gridtwin_kernel::SimTime;
use gridtwin_link::fleet::{Fault, FaultKind, Fleet, FleetOptions, Publication, Target, Truth};
use gridtwin_twin::scenario::{Id, Meter, Payload, Phase, Quantity};
use serde_json::Value;

pub fn meter(device: &str, quantity: Quantity, topic: &str, payload: Payload) -> Meter {
    Meter { quantity, payload, ..Meter::new(Id::new(device).unwrap(), topic) }
}

pub fn shelly(phase: Phase) -> Payload {
    Payload::Shelly { phase }
}

pub fn seconds(s: u64) -> SimTime {
    SimTime(s * 1_000_000_000)
}

/// Everything that comes in the first `until_s` seconds, in steps of a minute.
pub fn run(
    meters: &[Meter],
    options: FleetOptions,
    truth: &[f64],
    until_s: u64,
) -> Vec<Publication> {
    let mut fleet = Fleet::new(meters, 7, options);
    assert_eq!(fleet.unwritten(), &[] as &[usize]);
    let mut out = Vec::new();
    let truth = Truth::constant(truth);
    let mut from = 0;
    while from < until_s {
        let until = (from + 60).min(until_s);
        fleet.publish(seconds(from), seconds(until), &truth, &mut out);
        from = until;
    }
    assert!(out.is_sorted_by_key(|publication| publication.at));
    out
}

pub fn json(publication: &Publication) -> Value {
    serde_json::from_slice(&publication.payload).expect("JSON")
}

pub fn text(publication: &Publication) -> &str {
    std::str::from_utf8(&publication.payload).expect("text")
}

pub fn number(publication: &Publication) -> f64 {
    text(publication).parse().expect("a number")
}

/// The number under a JSON pointer.
pub fn at(publication: &Publication, pointer: &str) -> f64 {
    let document = json(publication);
    let value = document.pointer(pointer).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("no {pointer} in {document}"))
}

pub fn close(value: f64, truth: f64, share: f64, step: f64) {
    let tolerance = truth.abs() * share + step;
    assert!((value - truth).abs() <= tolerance, "{value} is not {truth} within {tolerance}");
}

/// The mean of many noisy readings of a truth is near it.
pub fn mean_is(values: impl IntoIterator<Item = f64>, truth: f64, step: f64) {
    let values: Vec<f64> = values.into_iter().collect();
    assert!(values.len() >= 20, "{} readings", values.len());
    for &value in &values {
        close(value, truth, 0.03, step);
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    close(mean, truth, 0.003, step);
}

pub fn with(target: Target, from_s: u64, until_s: u64, kind: FaultKind) -> FleetOptions {
    let fault = Fault { target, from: seconds(from_s), until: seconds(until_s), kind };
    FleetOptions { faults: vec![fault], ..FleetOptions::default() }
}
