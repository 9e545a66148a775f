//! One fault at a time in an otherwise fault-free site: it is found in time, classified correctly,
//! reported once, and cleared once when it is over; and nothing else is reported.

use super::month::{
    BATTERY, CARS, Fault, GRID, Month, OFFICE, SOC, SOUTH, STEP, WEST, instant, tick,
};
use super::*;
use crate::quality::{Mean, Presence, Runs};
use gridtwin_kernel::Span;
use proptest::prelude::*;

const NAMES: [&str; 8] = ["grid", "south", "west", "battery", "office", "lamps", "cars", "battery"];

/// Simulates a fault from the given hour of the day, for the given time, and checks the reports:
/// `device` has this `kind`, in time, and nothing else.
fn found(
    fault: Fault,
    (day, hour): (u64, u64),
    lasts: Span,
    device: usize,
    kind: Kind,
    within: Span,
) {
    for seed in 11..16 {
        let from = tick(day, hour);
        let until = from + lasts.0 / Span::from_secs(month::TICK_S).0;
        let days = day + 2 + lasts / Span::DAY;
        let month = Month { days, fault, from, until, ..Month::clean(seed) };
        let outcome = month.live();
        let told: Vec<String> =
            outcome.changes.iter().map(|change| format!("{change:?}")).collect();
        let all = format!("{fault:?}, seed {seed}:\n{}", told.join("\n"));
        let [Change::Raised(anomaly), rest @ ..] = outcome.changes.as_slice() else {
            panic!("nothing was found: {all}");
        };
        assert_eq!((anomaly.device.as_str(), anomaly.kind), (NAMES[device], kind), "{all}");
        let took = outcome.told[0].since(instant(from));
        assert!(outcome.told[0] >= instant(from) && took <= within, "took {took}: {all}");
        // The fault may have begun to show only later, but not before.
        assert!(anomaly.since + hours(2) >= instant(from), "{all}");
        assert!(anomaly.evidence.chars().any(|c| c.is_ascii_digit()) || kind == Kind::FlippedSign);
        let cleared = rest.iter().filter(|change| {
            matches!(change, Change::Cleared { device: of, kind: what, at, .. }
                if of.as_str() == NAMES[device] && *what == kind && *at >= instant(until))
        });
        assert_eq!((cleared.count(), rest.len()), (1, 1), "{all}");
    }
}

fn intervals(count: u32) -> Span {
    STEP * u64::from(count)
}

fn hours(count: u64) -> Span {
    Span::HOUR * count
}

#[test]
fn a_silent_meter_is_dead_at_the_first_look_after_its_limit() {
    let within = Span::from_secs(300 + 60) + intervals(1);
    for device in [SOUTH, GRID, CARS] {
        found(Fault::Silent(device), (2, 12), hours(6), device, Kind::Dead, within);
    }
    found(Fault::Silent(SOC), (2, 12), hours(6), SOC, Kind::Dead, within);
}

#[test]
fn a_stuck_array_is_found_within_the_hour_and_a_little() {
    let within = STUCK_SPAN + intervals(3);
    found(Fault::Stuck(SOUTH), (8, 12), hours(10), SOUTH, Kind::Stuck, within);
}

#[test]
fn a_stuck_meter_of_a_load_or_the_grid_is_found() {
    // Sixty readings, or ten times the longest run, and eight intervals off.
    found(Fault::Stuck(OFFICE), (8, 6), hours(10), OFFICE, Kind::Stuck, hours(4));
    found(Fault::Stuck(GRID), (8, 2), hours(10), GRID, Kind::Stuck, hours(4));
}

#[test]
fn a_meter_with_the_wrong_sign_is_found_by_the_balance_or_by_itself() {
    found(
        Fault::Flipped(SOUTH),
        (3, 10),
        hours(8),
        SOUTH,
        Kind::FlippedSign,
        intervals(FLIPPED_OWN + 6),
    );
    found(
        Fault::Flipped(OFFICE),
        (3, 10),
        hours(8),
        OFFICE,
        Kind::FlippedSign,
        intervals(FLIPPED_OWN + 1),
    );
    found(Fault::Flipped(BATTERY), (3, 10), hours(30), BATTERY, Kind::FlippedSign, hours(12));
    found(Fault::Flipped(GRID), (3, 4), hours(60), GRID, Kind::FlippedSign, hours(40));
}

#[test]
fn a_meter_that_was_wired_the_wrong_way_from_the_first_day_is_found() {
    let day = Span::DAY;
    found(Fault::Flipped(SOUTH), (0, 0), day, SOUTH, Kind::FlippedSign, hours(9));
    found(Fault::Flipped(OFFICE), (0, 0), day, OFFICE, Kind::FlippedSign, hours(1));
    found(Fault::Flipped(BATTERY), (0, 0), day, BATTERY, Kind::FlippedSign, hours(15));
}

#[test]
fn a_meter_that_jumps_alone_is_found() {
    let within = intervals(JUMP_HELD + 3);
    found(Fault::Scaled(OFFICE, 1.6), (3, 11), hours(5), OFFICE, Kind::Jump, within);
    found(Fault::Shifted(OFFICE, 20.0), (3, 11), hours(5), OFFICE, Kind::Jump, within);
    found(Fault::Shifted(CARS, 40.0), (3, 18), hours(5), CARS, Kind::Jump, within);
    found(Fault::Scaled(OFFICE, 1e3), (3, 2), hours(5), OFFICE, Kind::Jump, intervals(2));
}

#[test]
fn power_that_no_meter_accounts_for_is_found() {
    let within = intervals(2 * UNEXPLAINED_AFTER + 1);
    for kw in [12.0, 30.0] {
        found(Fault::Theft(kw), (4, 14), hours(20), GRID, Kind::Unexplained, within);
    }
}

#[test]
fn a_soiled_array_is_found_under_a_sky_that_is_known_or_beside_its_neighbour() {
    // A sudden change, so that the loss and its time are known.
    for (sky_is_known, days, share, seeds) in
        [(true, SOILED_DAYS, 0.3, 21..25), (false, SOILED_DAYS_BESIDE, 0.5, 25..29)]
    {
        for (seed, device) in seeds.zip([SOUTH, WEST, SOUTH, WEST]) {
            let (days, fault) = (u64::from(days), Fault::Soil(device, share));
            let from = tick(days, 0);
            let month = Month { days: 2 * days, fault, from, sky_is_known, ..Month::clean(seed) };
            let outcome = month.live();
            let [Change::Raised(anomaly)] = outcome.changes.as_slice() else {
                panic!("{seed}: {:?}", outcome.changes);
            };
            assert_eq!((anomaly.device.as_str(), anomaly.kind), (NAMES[device], Kind::Soiled));
            let took = outcome.told[0].since(instant(from));
            assert!(outcome.told[0] > instant(from) && took <= Span::DAY * days, "{took}");
        }
    }
}

#[test]
fn a_state_of_charge_that_jumps_or_stands_still_is_found() {
    let within = intervals(WRONG_SOC_AFTER + 1);
    found(Fault::Shifted(SOC, -0.15), (5, 10), hours(6), SOC, Kind::WrongSoc, within);
    // One that stands still is wrong only once the battery has moved by more than chance.
    found(Fault::Stuck(SOC), (5, 8), hours(30), SOC, Kind::WrongSoc, hours(12));
}

fn any_kw() -> impl Strategy<Value = f64> {
    prop_oneof![-300.0f64..300.0, any::<f64>(), Just(0.0)]
}

proptest! {
    /// Whatever the input, nothing fails, and an alarm is raised only once until it is cleared.
    #[test]
    fn whatever_is_seen_each_anomaly_is_raised_and_cleared_in_turn(
        looks in prop::collection::vec(
            (prop::collection::vec((any_kw(), any_kw(), prop::option::of(any_kw()), 0u32..20), 0..9), 0u64..4_000),
            1..60,
        ),
    ) {
        let mut guard = Guard::new(month::devices());
        let (mut at, mut changes) = (SimTime::ZERO, Vec::new());
        for (look, seconds) in looks {
            let span = Span::from_secs(seconds);
            let seen: Vec<Seen> = look
                .into_iter()
                .map(|(kw, deviation_kw, soc, count)| Seen {
                    expected: Expected { mean_kw: kw * 0.7, deviation_kw },
                    power: (count > 3).then_some(Mean { kw, covered: f64::from(count) / 20.0 }),
                    power_meter: (count > 1).then_some(MeterState {
                        presence: if count > 15 { Presence::Gone { since: at } } else { Presence::Here },
                        runs: Runs::default(),
                        absurd_in_a_row: count,
                    }),
                    soc,
                    soc_meter: None,
                    curtailed: count == 7,
                })
                .collect();
            guard.look(at, span, &seen, &mut changes);
            at += span;
            let soc = guard.battery(BATTERY).map_or(0.0, |battery| battery.soc().value);
            prop_assert!((0.0..=1.0).contains(&soc));
        }
        let mut raised = Vec::new();
        for change in changes {
            let (about, is_raised) = match change {
                Change::Raised(Anomaly { device, quantity, kind, .. }) => ((device, quantity, kind), true),
                Change::Cleared { device, quantity, kind, .. } => ((device, quantity, kind), false),
            };
            let place = raised.iter().position(|other| *other == about);
            match place {
                Some(place) if !is_raised => drop(raised.remove(place)),
                // An absurd meter and one that jumped are both jumps.
                Some(_) => prop_assert!(about.2 == Kind::Jump),
                None if is_raised => raised.push(about),
                None => prop_assert!(about.2 == Kind::Jump),
            }
        }
    }
}
