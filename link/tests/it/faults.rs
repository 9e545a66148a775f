//! What goes wrong with meters when it is asked to, seen from outside.

use crate::common::*;
use gridtwin_kernel::SimTime;
use gridtwin_link::fleet::{Fault, FaultKind, Fleet, FleetOptions, Target, Truth};
use gridtwin_twin::scenario::{Meter, Payload, Phase, Positive, Quantity};

const POWER: Quantity = Quantity::Power;

fn device() -> Target {
    Target::Device(gridtwin_twin::scenario::Id::new("x").unwrap())
}

fn pair() -> [Meter; 2] {
    [meter("x", POWER, "x", Payload::Plain), meter("y", POWER, "y", Payload::Plain)]
}

/// The values of a topic from one second until another.
fn values(
    out: &[gridtwin_link::fleet::Publication],
    topic: &str,
    from: u64,
    until: u64,
) -> Vec<f64> {
    let there = |p: &&gridtwin_link::fleet::Publication| {
        p.topic == topic && seconds(from) <= p.at && p.at < seconds(until)
    };
    out.iter().filter(there).map(number).collect()
}

#[test]
fn a_fault_changes_nothing_but_what_has_it() {
    let sound = run(&pair(), FleetOptions::default(), &[5.0, 6.0], 600);
    for kind in [
        FaultKind::Dies,
        FaultKind::Sticks,
        FaultKind::FlipsSign,
        FaultKind::Jumps { factor: 3.0 },
        FaultKind::Late { seconds: 7.0 },
        FaultKind::Duplicates,
        FaultKind::OutOfOrder,
        FaultKind::Garbage,
    ] {
        let ill = run(&pair(), with(device(), 200, 400, kind), &[5.0, 6.0], 600);
        assert_eq!(values(&sound, "y", 0, 600), values(&ill, "y", 0, 600), "{kind:?}");
        assert_eq!(values(&sound, "x", 0, 200), values(&ill, "x", 0, 200), "{kind:?}");
        // And it is well again, as if nothing had been: late messages have come by then.
        assert_eq!(values(&sound, "x", 420, 600), values(&ill, "x", 420, 600), "{kind:?}");
        assert_ne!(sound, ill, "{kind:?}");
    }
}

#[test]
fn a_dead_meter_says_nothing() {
    let out = run(&pair(), with(device(), 100, 300, FaultKind::Dies), &[5.0, 6.0], 600);
    assert_eq!(values(&out, "x", 100, 300), [0.0; 0]);
    assert_eq!(values(&out, "x", 300, 600).len(), 30);
}

#[test]
fn a_dead_meter_leaves_a_hole_in_what_others_write() {
    let topic = "d/status/switch:0";
    let meters = [
        meter("x", POWER, topic, shelly(Phase::All)),
        meter("x", Quantity::Energy, topic, shelly(Phase::All)),
    ];
    let out = run(&meters, with(Target::Meter(0), 100, 999, FaultKind::Dies), &[5.0, 5.0], 300);
    let late: Vec<_> = out.iter().filter(|p| p.at >= seconds(100)).collect();
    assert_eq!(late.len(), 20);
    assert!(late.iter().all(|p| json(p)["apower"].is_null() && at(p, "/aenergy/total") > 0.0));
}

#[test]
fn a_stuck_meter_repeats_itself() {
    let out = run(&pair(), with(device(), 100, 300, FaultKind::Sticks), &[5.0, 6.0], 600);
    let stuck = values(&out, "x", 90, 300);
    assert_eq!(stuck.len(), 21);
    assert!(stuck.iter().all(|&value| value == stuck[0]));
    let later = values(&out, "x", 300, 600);
    assert!(later.iter().any(|&value| value != stuck[0]));
}

#[test]
fn a_flipped_clamp_swaps_the_counters_too() {
    let meters = [
        meter("x", POWER, "p", Payload::Plain),
        meter("x", Quantity::Energy, "in", Payload::Plain),
        meter("x", Quantity::EnergyReturned, "out", Payload::Plain),
    ];
    let out = run(&meters, with(device(), 1800, 9999, FaultKind::FlipsSign), &[4.0; 3], 3600);
    assert!(values(&out, "p", 0, 1800).iter().all(|&p| p > 0.0));
    assert!(values(&out, "p", 1800, 3600).iter().all(|&p| p < 0.0));
    let gain = |topic, from, until| {
        let values = values(&out, topic, from, until);
        values[values.len() - 1] - values[0]
    };
    close(gain("in", 0, 1800), 2.0, 0.02, 0.0);
    assert_eq!(gain("out", 0, 1800), 0.0);
    close(gain("in", 1800, 3600), 0.0, 0.0, 0.02);
    close(gain("out", 1800, 3600), 2.0, 0.02, 0.0);
}

#[test]
fn a_meter_that_jumps_is_wrong_by_its_factor() {
    let kind = FaultKind::Jumps { factor: 10.0 };
    let out = run(&pair(), with(device(), 300, 600, kind), &[5.0, 6.0], 600);
    mean_is(values(&out, "x", 300, 600), 50.0, 0.001);
}

#[test]
fn a_counter_that_resets_begins_again_at_zero_once() {
    let meters = [meter("x", Quantity::Energy, "x", Payload::Plain)];
    let out = run(&meters, with(device(), 600, 999, FaultKind::Resets), &[36.0], 1200);
    let counts = values(&out, "x", 0, 1200);
    assert_eq!(counts.windows(2).filter(|pair| pair[1] < pair[0]).count(), 1);
    close(counts[counts.len() - 1], 6.0, 0.0, 0.2);
}

#[test]
fn a_counter_near_its_end_rolls_over_there() {
    let mut counter = meter("x", Quantity::Energy, "x", Payload::Plain);
    counter.rolls_over_at = Some(Positive::new(1000.0).unwrap());
    let kind = FaultKind::RollsOver { after_kwh: 3.0 };
    let out = run(&[counter], with(device(), 0, 0, kind), &[36.0], 600);
    let counts = values(&out, "x", 0, 600);
    assert!(counts[0] > 996.9 && counts[counts.len() - 1] < 3.1);
    let fall = counts.windows(2).position(|pair| pair[1] < pair[0]).unwrap();
    close(fall as f64 * 10.0, 300.0, 0.0, 15.0);
}

#[test]
fn late_messages_come_late_and_unchanged() {
    let sound = run(&pair(), FleetOptions::default(), &[5.0, 6.0], 600);
    let kind = FaultKind::Late { seconds: 45.0 };
    let late = run(&pair(), with(device(), 0, 9999, kind), &[5.0, 6.0], 600);
    let of = |out: &[gridtwin_link::fleet::Publication]| {
        out.iter().filter(|p| p.topic == "x").cloned().collect::<Vec<_>>()
    };
    let (sound, late) = (of(&sound), of(&late));
    assert!(late.len() >= 54);
    for (sound, late) in sound.iter().zip(&late) {
        assert_eq!(sound.payload, late.payload);
        assert_eq!((late.at - sound.at).as_secs_f64(), 45.0);
    }
}

#[test]
fn duplicates_come_twice() {
    let out = run(&pair(), with(device(), 0, 999, FaultKind::Duplicates), &[5.0, 6.0], 100);
    let x: Vec<_> = out.iter().filter(|p| p.topic == "x").collect();
    assert_eq!(x.len(), 20);
    assert!(x.chunks(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn out_of_order_every_second_message_overtakes_the_first() {
    let meters = [meter("x", Quantity::Energy, "x", Payload::Plain)];
    let out = run(&meters, with(device(), 0, 9999, FaultKind::OutOfOrder), &[36.0], 600);
    let counts = values(&out, "x", 0, 600);
    assert!(counts.len() >= 58);
    let falls = counts.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(falls >= 28, "{falls} times");
}

#[test]
fn garbage_is_no_reading() {
    let meters = [meter("x", POWER, "tele/x/SENSOR", Payload::Tasmota { channel: None })];
    let out = run(&meters, with(device(), 0, 9999, FaultKind::Garbage), &[5.0], 3600);
    assert_eq!(out.len(), 360);
    let readable = |p: &gridtwin_link::fleet::Publication| {
        let document: Option<serde_json::Value> = serde_json::from_slice(&p.payload).ok();
        document
            .is_some_and(|d| d.pointer("/ENERGY/Power").is_some_and(serde_json::Value::is_number))
    };
    assert!(!out.iter().any(readable));
    let kinds: std::collections::BTreeSet<_> = out.iter().map(|p| p.payload.clone()).collect();
    assert!(kinds.len() > 20, "of many kinds");
}

#[test]
fn theft_shows_at_the_grid_and_nowhere_else() {
    let meters = [
        meter("grid", POWER, "grid", Payload::Plain),
        meter("load", POWER, "load", Payload::Plain),
    ];
    let target = Target::Device(gridtwin_twin::scenario::Id::new("load").unwrap());
    let out = run(&meters, with(target, 300, 600, FaultKind::Theft { kw: 2.0 }), &[5.0, 5.0], 600);
    mean_is(values(&out, "grid", 0, 300), 5.0, 0.001);
    mean_is(values(&out, "grid", 300, 600), 7.0, 0.001);
    mean_is(values(&out, "load", 300, 600), 5.0, 0.001);
}

#[test]
fn a_soiled_array_yields_less_by_the_day_and_the_grid_makes_up_for_it() {
    let meters = [
        meter("grid", POWER, "grid", Payload::Plain),
        meter("roof", POWER, "roof", Payload::Plain),
        meter("roof", Quantity::Energy, "count", Payload::Plain),
    ];
    let target = Target::Device(gridtwin_twin::scenario::Id::new("roof").unwrap());
    let kind = FaultKind::Soils { share_per_day: 0.02 };
    let fault = Fault { target, from: SimTime::ZERO, until: SimTime::MAX, kind };
    let options = FleetOptions { noise_share: 0.0, faults: vec![fault], ..FleetOptions::default() };
    let mut fleet = Fleet::new(&meters, 1, options);
    let truth = Truth::constant(&[-3.0, 10.0, 10.0]);
    let mut out = Vec::new();
    let ten_days = 10 * 86_400;
    for from in (0..ten_days).step_by(3600) {
        fleet.publish(seconds(from), seconds(from + 3600), &truth, &mut out);
    }
    let (roof, grid) = (
        values(&out, "roof", ten_days - 60, ten_days),
        values(&out, "grid", ten_days - 60, ten_days),
    );
    close(roof[0], 8.0, 0.0, 0.01);
    close(grid[0], -1.0, 0.0, 0.01);
    let count = values(&out, "count", 0, ten_days);
    close(count[count.len() - 1] - count[0], 10.0 * 24.0 * 9.0, 1e-3, 0.0);
}
