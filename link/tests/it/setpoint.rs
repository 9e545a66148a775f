//! Set points and the dead-man's switch: what must never happen, and what must.

use crate::common::{close, seconds};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::announce::{
    Control, ControlOptions, DeadMan, Limits, MeterHealth, Order, SetPoint, Wish,
    availability_message, setpoint_message, setpoint_topic,
};
use gridtwin_link::fleet::{Battery, BatterySpec, Safety};
use jiff::Timestamp;
use proptest::prelude::*;

const LIMITS: Limits = Limits { min_kw: -250.0, max_kw: 200.0 };

fn wish(power_kw: f64, seen_s: u64) -> Wish {
    Wish {
        device: "bank".to_owned(),
        power_kw,
        measured_kw: 0.0,
        limits: LIMITS,
        meter: MeterHealth { last_good: Some(seconds(seen_s)), silent: Span::from_secs(30) },
    }
}

fn options() -> ControlOptions {
    ControlOptions { ramp_kw_per_s: 1000.0, ..ControlOptions::default() }
}

fn order(power_kw: f64, at_s: u64, valid_s: u64) -> Order {
    Order {
        device: "bank".to_owned(),
        power_kw,
        at: seconds(at_s),
        valid_until: seconds(at_s + valid_s),
        valid: Span::from_secs(valid_s),
    }
}

#[test]
fn without_control_nothing_is_ever_sent() {
    let mut control = Control::default();
    assert!(!control.is_on());
    assert_eq!(control.set_point(&wish(10.0, 100), seconds(100)), None);
    assert_eq!(Control::off().set_point(&wish(10.0, 100), seconds(100)), None);
}

#[test]
fn a_set_point_is_within_limits_and_ends() {
    let mut control = Control::on(options());
    let sent = control.set_point(&wish(900.0, 100), seconds(100)).unwrap();
    assert_eq!((sent.power_kw, sent.valid_until), (200.0, seconds(160)));
    assert_eq!(sent.limits, LIMITS);
}

#[test]
fn a_silent_meter_locks_its_device() {
    // Seen half a minute ago, and a moment longer ago.
    assert!(Control::on(options()).set_point(&wish(10.0, 100), seconds(130)).is_some());
    assert_eq!(Control::on(options()).set_point(&wish(10.0, 100), seconds(131)), None);
    let mut never = wish(10.0, 0);
    never.meter.last_good = None;
    assert_eq!(Control::on(options()).set_point(&never, seconds(5)), None);
    // Neither is what has been sent renewed.
    let mut control = Control::on(options());
    assert!(control.set_point(&wish(10.0, 100), seconds(100)).is_some());
    assert!(control.set_point(&wish(20.0, 100), seconds(110)).is_some());
    for now in 131..200 {
        assert_eq!(control.set_point(&wish(30.0, 100), seconds(now)), None);
    }
    assert!(control.set_point(&wish(30.0, 200), seconds(200)).is_some());
}

#[test]
fn what_is_no_number_is_not_sent() {
    let mut control = Control::on(options());
    assert_eq!(control.set_point(&wish(f64::NAN, 100), seconds(100)), None);
    for (min_kw, max_kw) in [(1.0, -1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        let wish = Wish { limits: Limits { min_kw, max_kw }, ..wish(0.5, 100) };
        assert_eq!(control.set_point(&wish, seconds(100)), None);
    }
    let blind = Wish { measured_kw: f64::NAN, ..wish(0.5, 100) };
    assert_eq!(control.set_point(&blind, seconds(100)), None);
}

#[test]
fn power_is_ramped_from_what_is_measured() {
    let options = ControlOptions { ramp_kw_per_s: 2.0, ..ControlOptions::default() };
    let mut control = Control::on(options);
    let powers: Vec<f64> = (0..8)
        .filter_map(|i| {
            let now = 100 + i * 5;
            let mut wish = wish(50.0, now);
            wish.measured_kw = 20.0;
            control.set_point(&wish, seconds(now)).map(|sent| sent.power_kw)
        })
        .collect();
    // The last one is a renewal.
    assert_eq!(powers, [30.0, 40.0, 50.0, 50.0]);
}

#[test]
fn set_points_are_renewed_in_time_but_not_repeated_for_nothing() {
    let mut control = Control::on(options());
    let sent: Vec<u64> = (0..120)
        .filter(|&now| control.set_point(&wish(10.0, now), seconds(now)).is_some())
        .collect();
    assert_eq!(sent, [0, 20, 40, 60, 80, 100]);
}

#[test]
fn limits_that_shrink_are_kept_at_once() {
    let mut control = Control::on(ControlOptions { ramp_kw_per_s: 0.0, ..options() });
    let first = Wish { measured_kw: 150.0, ..wish(150.0, 100) };
    assert_eq!(control.set_point(&first, seconds(100)).unwrap().power_kw, 150.0);
    let limits = Limits { min_kw: -50.0, max_kw: 50.0 };
    let shrunk = Wish { limits, ..first };
    assert_eq!(control.set_point(&shrunk, seconds(101)).unwrap().power_kw, 50.0);
}

#[test]
fn an_order_ends_by_itself() {
    let mut switch = DeadMan::new(LIMITS, Span::from_secs(300));
    switch.availability(true);
    assert!(switch.receive(&order(10.0, 100, 60), seconds(101)));
    assert_eq!(switch.power_kw(seconds(159)), Some(10.0));
    assert_eq!(switch.power_kw(seconds(160)), None);
}

#[test]
fn an_order_ends_at_once_when_the_twin_goes_and_does_not_come_back_with_it() {
    let mut switch = DeadMan::new(LIMITS, Span::from_secs(300));
    assert!(!switch.receive(&order(10.0, 100, 60), seconds(100)), "not before it is online");
    switch.availability(true);
    assert!(switch.receive(&order(10.0, 100, 60), seconds(101)));
    switch.availability(false);
    assert_eq!(switch.power_kw(seconds(102)), None);
    switch.availability(true);
    assert_eq!(switch.power_kw(seconds(103)), None);
}

#[test]
fn stale_orders_are_not_obeyed() {
    let mut switch = DeadMan::new(LIMITS, Span::from_secs(300));
    switch.availability(true);
    assert!(!switch.receive(&order(10.0, 100, 60), seconds(160)), "expired on the way");
    assert!(switch.receive(&order(20.0, 200, 60), seconds(200)));
    assert!(!switch.receive(&order(30.0, 190, 60), seconds(201)), "overtaken");
    assert_eq!(switch.power_kw(seconds(202)), Some(20.0));
}

#[test]
fn no_order_outlasts_the_devices_patience() {
    let mut switch = DeadMan::new(LIMITS, Span::from_secs(300));
    switch.availability(true);
    assert!(switch.receive(&order(20.0, 100, 1_000_000), seconds(100)));
    assert!(switch.power_kw(seconds(399)).is_some());
    assert_eq!(switch.power_kw(seconds(400)), None);
}

fn start() -> Timestamp {
    "2024-06-17T00:00:00Z".parse().unwrap()
}

fn battery() -> Battery {
    let spec = BatterySpec {
        site: "campus".to_owned(),
        device: "bank".to_owned(),
        capacity_kwh: 500.0,
        charge_kw: 250.0,
        discharge_kw: 200.0,
        round_trip: 0.9,
        soc: 0.5,
        longest: Span::from_secs(300),
        safety: Safety::SelfConsumption,
    };
    Battery::new(spec, start())
}

fn tell(battery: &mut Battery, power_kw: f64, at_s: u64) -> bool {
    let setpoint = SetPoint {
        device: "bank".to_owned(),
        at: seconds(at_s),
        power_kw,
        valid_until: seconds(at_s + 60),
        limits: LIMITS,
    };
    let message = setpoint_message("campus", &setpoint, start());
    assert!(!message.retain, "a set point never waits for a device");
    battery.on_message(&message.topic, &message.payload, seconds(at_s))
}

fn say(battery: &mut Battery, online: bool, at_s: u64) {
    let message = availability_message("campus", online);
    assert!(battery.on_message(&message.topic, &message.payload, seconds(at_s)));
}

#[test]
fn a_battery_obeys_and_then_looks_after_itself() {
    let mut battery = battery();
    let power =
        |battery: &mut Battery, at: u64| battery.advance(seconds(at), seconds(at + 1), 30.0).0.from;
    assert_eq!(power(&mut battery, 0), -30.0, "it stores what is left over");
    say(&mut battery, true, 1);
    assert!(tell(&mut battery, 120.0, 1));
    assert_eq!(power(&mut battery, 2), 120.0);
    assert_eq!(power(&mut battery, 59), 120.0);
    assert_eq!(power(&mut battery, 61), -30.0, "the set point has expired");
    assert!(tell(&mut battery, 120.0, 70));
    assert_eq!(power(&mut battery, 70), 120.0);
    say(&mut battery, false, 71);
    assert_eq!(power(&mut battery, 71), -30.0, "the twin has gone");
    assert!(!battery.obeys(seconds(72)));
}

#[test]
fn a_set_point_that_expires_within_a_span_is_not_followed_in_it() {
    let mut battery = battery();
    say(&mut battery, true, 0);
    assert!(tell(&mut battery, 120.0, 0));
    let (power, _) = battery.advance(seconds(30), seconds(60), 0.0);
    assert_eq!(power.from, 120.0);
    let mut battery = self::battery();
    say(&mut battery, true, 0);
    assert!(tell(&mut battery, 120.0, 0));
    let (power, _) = battery.advance(seconds(30), seconds(90), 0.0);
    assert_eq!(power.from, 0.0);
}

#[test]
fn a_battery_stores_what_it_takes_less_its_losses() {
    let mut battery = battery();
    for hour in 0..2 {
        battery.advance(seconds(hour * 3600), seconds(hour * 3600 + 3600), 50.0);
    }
    close(battery.soc(), 0.5 + 100.0 * 0.9f64.sqrt() / 500.0, 0.0, 1e-9);
    for hour in 2..9 {
        battery.advance(seconds(hour * 3600), seconds(hour * 3600 + 3600), -1e9);
    }
    close(battery.soc(), 0.0, 0.0, 1e-9);
    let (power, soc) = battery.advance(seconds(40_000), seconds(43_600), -100.0);
    close(power.from, 0.0, 0.0, 1e-9);
    close(soc.until, 0.0, 0.0, 1e-9);
}

#[test]
fn a_battery_hears_its_own_orders_alone() {
    let mut battery = battery();
    say(&mut battery, true, 0);
    let other = br#"{"at":"2024-06-17T00:00:00Z","device":"other","power_kw":1,"valid_until":"2024-06-17T00:01:00Z","valid_s":60,"limits_kw":{"min":0,"max":1}}"#;
    assert!(!battery.on_message(&setpoint_topic("campus", "bank"), other, SimTime::ZERO));
    assert!(!battery.on_message(&setpoint_topic("campus", "other"), other, SimTime::ZERO));
    assert!(!battery.obeys(SimTime::ZERO));
}

#[test]
fn an_order_survives_the_wire() {
    let setpoint = SetPoint {
        device: "bank".to_owned(),
        at: SimTime(1_234_000_000),
        power_kw: -12.345_678_9,
        valid_until: SimTime(61_234_000_000),
        limits: LIMITS,
    };
    let message = setpoint_message("campus", &setpoint, start());
    let order = Order::parse(&message.payload, start()).unwrap();
    assert_eq!(
        (order.power_kw, order.at, order.valid_until),
        (-12.345_678_9, setpoint.at, setpoint.valid_until)
    );
    assert_eq!(order.valid, Span::from_secs(60));
}

/// Any number, the absurd ones often.
fn absurd() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -1000.0..1000.0f64,
        prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MAX]),
    ]
}

proptest! {
    #[test]
    fn no_set_point_is_ever_beyond_the_limits(
        wishes in prop::collection::vec((absurd(), absurd(), absurd(), absurd(), 0u64..400), 1..30),
        ramp in absurd(),
    ) {
        let mut control = Control::on(ControlOptions { ramp_kw_per_s: ramp, ..options() });
        let mut now = 0;
        for (power_kw, measured_kw, min_kw, max_kw, pause) in wishes {
            now += pause;
            let limits = Limits { min_kw, max_kw };
            let wish = Wish { measured_kw, limits, ..wish(power_kw, now.saturating_sub(20)) };
            if let Some(sent) = control.set_point(&wish, seconds(now)) {
                prop_assert!(sent.power_kw >= min_kw && sent.power_kw <= max_kw);
                prop_assert!(power_kw.is_finite() || power_kw.is_infinite());
                prop_assert_eq!(sent.valid_until, seconds(now) + Span::from_secs(60));
                // Nor on the wire, nor in the device that reads it.
                let bytes = setpoint_message("campus", &sent, start()).payload;
                let text = String::from_utf8(bytes.clone()).unwrap();
                let number = text.split("\"power_kw\":").nth(1).unwrap().split(',').next().unwrap();
                let written: f64 = number.parse().unwrap();
                prop_assert!(written >= min_kw && written <= max_kw);
                let order = Order::parse(&bytes, start()).expect("readable");
                let mut switch = DeadMan::new(limits, Span::from_secs(300));
                switch.availability(true);
                prop_assert!(switch.receive(&order, seconds(now)));
                let obeyed = switch.power_kw(seconds(now)).expect("obeyed");
                prop_assert!(obeyed >= min_kw && obeyed <= max_kw);
            }
        }
    }

    #[test]
    fn a_device_is_safe_within_the_time_out_whatever_it_hears(
        events in prop::collection::vec((0u64..20, 0u8..4, absurd(), 0u64..10_000), 1..60),
    ) {
        let mut switch = DeadMan::new(LIMITS, Span::from_secs(300));
        let (mut now, mut online, mut last_told) = (0, false, None);
        for (pause, kind, power_kw, valid) in events {
            now += pause;
            match kind {
                0 => { online = true; switch.availability(true); }
                1 => { online = false; switch.availability(false); }
                _ => if switch.receive(&order(power_kw, now, valid), seconds(now)) {
                    last_told = Some((now, valid.min(300)));
                },
            }
            for later in [0, 1, 100, 299, 300, 301] {
                if let Some(power) = switch.power_kw(seconds(now + later)) {
                    prop_assert!((LIMITS.min_kw..=LIMITS.max_kw).contains(&power));
                    prop_assert!(online);
                    let (told, valid) = last_told.expect("told");
                    prop_assert!(now + later < told + valid);
                }
            }
        }
    }

    #[test]
    fn no_bytes_break_a_battery(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,200}") {
        let mut battery = battery();
        say(&mut battery, true, 0);
        let topic = setpoint_topic("campus", "bank");
        prop_assert!(!battery.on_message(&topic, &bytes, SimTime::ZERO));
        prop_assert!(!battery.on_message(&topic, text.as_bytes(), SimTime::ZERO));
        prop_assert!(!battery.obeys(SimTime::ZERO));
    }
}
