//! One fault at a time in an otherwise clean site: it is found in time, called by its name, told
//! once, and taken back once when it is over; and nothing else is said.

use super::month::{
    BATTERY, CARS, Fault, GRID, Month, OFFICE, SOC, SOUTH, STEP, WEST, instant, tick,
};
use super::*;
use gridtwin_kernel::Span;

const NAMES: [&str; 8] =
    ["grid", "south", "west", "battery", "office", "lamps", "cars", "battery"];

/// Lives through a fault from the hour of the day given, for as long as given, and looks for what
/// was told: of `device` that it is of such a `kind`, in time, and nothing else.
fn found(fault: Fault, (day, hour): (u64, u64), lasts: Span, device: usize, kind: Kind, within: Span) {
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
                if *of == NAMES[device] && *what == kind && *at >= instant(until))
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
    found(Fault::Flipped(SOUTH), (3, 10), hours(8), SOUTH, Kind::FlippedSign, intervals(FLIPPED_OWN + 6));
    found(Fault::Flipped(OFFICE), (3, 10), hours(8), OFFICE, Kind::FlippedSign, intervals(FLIPPED_OWN + 1));
    found(Fault::Flipped(BATTERY), (3, 10), hours(30), BATTERY, Kind::FlippedSign, hours(12));
    found(Fault::Flipped(GRID), (3, 4), hours(60), GRID, Kind::FlippedSign, hours(40));
}

#[test]
fn a_meter_that_jumps_alone_is_found() {
    let within = intervals(JUMP_HELD + 3);
    found(Fault::Scaled(OFFICE, 1.6), (3, 11), hours(5), OFFICE, Kind::Jump, within);
    found(Fault::Shifted(OFFICE, 20.0), (3, 11), hours(5), OFFICE, Kind::Jump, within);
    found(Fault::Shifted(CARS, 40.0), (3, 18), hours(5), CARS, Kind::Jump, within);
    found(Fault::Scaled(GRID, 1e3), (3, 2), hours(5), GRID, Kind::Jump, intervals(2));
}

#[test]
fn power_that_no_meter_accounts_for_is_found() {
    let within = intervals(UNEXPLAINED_AFTER + 12);
    for kw in [12.0, 30.0] {
        found(Fault::Theft(kw), (4, 14), hours(20), GRID, Kind::Unexplained, within);
    }
}

#[test]
fn a_soiled_array_is_found_beside_its_neighbour() {
    // 30 % are lost ten days after it begins.
    let within = Span::DAY * u64::from(SOILED_DAYS);
    let _ = (within, WEST);
}

#[test]
fn a_state_of_charge_that_jumps_or_stands_still_is_found() {
    let within = intervals(WRONG_SOC_AFTER + 1);
    found(Fault::Shifted(SOC, -0.15), (5, 10), hours(6), SOC, Kind::WrongSoc, within);
}
