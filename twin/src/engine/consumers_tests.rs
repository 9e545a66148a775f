//! The rules of who has power.

use super::*;
use crate::scenario::Scenario;

/// A pump that goes first, a clinic that goes at 30 %, a server that goes last.
fn consumers() -> Consumers {
    let scenario = Scenario::parse(
        r#"(
            name: "rules",
            site: (latitude_deg: 49, longitude_deg: 8, time_zone: "Europe/Berlin"),
            start: "2024-01-01",
            batteries: [(id: "b", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5)],
            loads: [
                (id: "pump", divisible: false, profile: Constant(power_kw: 3), shedding: (priority: 1)),
                (id: "clinic", divisible: false, profile: Constant(power_kw: 2), shedding: (priority: 9, below_soc: 0.3)),
            ],
            edge_servers: [(id: "server", cores: 4, frequency_ghz: 2, idle_w: 20, busy_w: 80, shedding: (priority: 50))],
        )"#,
        "rules.ron",
    );
    Consumers::new(&scenario.unwrap())
}

const PUMP: usize = 0;
const CLINIC: usize = 1;

fn outlook(soc: f64) -> Outlook {
    Outlook { islanded: true, dark: false, soc, supply_kw: 5.0, lasting_kw: 5.0 }
}

/// With as much supply as anything could ask for.
fn plenty(soc: f64) -> Outlook {
    Outlook { supply_kw: 50.0, lasting_kw: 50.0, ..outlook(soc) }
}

fn draws(consumer: usize) -> f64 {
    [3.0, 2.0, 0.08][consumer]
}

#[test]
fn a_threshold_counts_on_an_island_only() {
    let consumers = consumers();
    assert_eq!(consumers.must_go(&outlook(0.31)), None);
    assert_eq!(consumers.must_go(&outlook(0.3)), Some((CLINIC, PowerCause::LowCharge)));
    let with_grid = Outlook { islanded: false, ..outlook(0.2) };
    assert_eq!(consumers.must_go(&with_grid), None);
}

#[test]
fn in_the_dark_all_go_and_nobody_returns() {
    let mut consumers = consumers();
    let dark = Outlook { dark: true, ..outlook(0.9) };
    let mut gone = Vec::new();
    while let Some((consumer, cause)) = consumers.must_go(&dark) {
        assert_eq!(cause, PowerCause::Dark);
        consumers.set_off(consumer, Some(cause));
        gone.push(consumer);
    }
    assert_eq!(gone, [0, 1, 2], "in order of priority");
    assert_eq!(consumers.may_return(&dark, 0.0, draws), None);
}

#[test]
fn the_least_important_that_draws_goes_first() {
    let mut consumers = consumers();
    let whole = |c| Some(GivesWay::Whole(c));
    assert_eq!(consumers.gives_way(1.0, draws), whole(PUMP));
    assert_eq!(consumers.gives_way(1.0, |c| if c == PUMP { 0.0 } else { 1.0 }), whole(CLINIC));
    consumers.set_off(PUMP, Some(PowerCause::Shortage));
    assert_eq!(consumers.gives_way(1.0, draws), whole(CLINIC));
}

/// A street (divisible), a mill, a clinic (divisible) and two charger groups.
fn divisible() -> Consumers {
    let scenario = Scenario::parse(
        r#"(
            name: "rules",
            site: (latitude_deg: 49, longitude_deg: 8, time_zone: "Europe/Berlin"),
            start: "2024-01-01",
            grid: (import_limit_kw: 10),
            loads: [
                (id: "mill", divisible: false, profile: Constant(power_kw: 3)),
                (id: "street", profile: Constant(power_kw: 5)),
                (id: "clinic", profile: Constant(power_kw: 2), shedding: (priority: 90)),
            ],
            chargers: [
                (id: "fast", count: 1, power_kw: 50, shedding: (priority: 99),
                    sessions: Elaad(place: Public, per_weekday: 1)),
                (id: "slow", count: 1, power_kw: 11, shedding: (priority: 60),
                    sessions: Elaad(place: Public, per_weekday: 1)),
            ],
        )"#,
        "rules.ron",
    );
    Consumers::new(&scenario.unwrap())
}

const MILL: usize = 0;
const STREET: usize = 1;
const ALL_KW: [f64; 5] = [3.0, 5.0, 2.0, 50.0, 11.0];

#[test]
fn chargers_give_way_before_all_others_whatever_their_priority() {
    let consumers = divisible();
    assert_eq!(consumers.managed(|c| ALL_KW[c]), Some(4));
    assert_eq!(consumers.managed(|c| [3.0, 5.0, 2.0, 50.0, 0.0][c]), Some(3));
    assert_eq!(consumers.managed(|c| [3.0, 5.0, 2.0, 0.0, 0.0][c]), None);
}

#[test]
fn a_divisible_load_gives_up_a_part_before_a_whole_one_of_its_priority_goes() {
    let mut consumers = divisible();
    assert_eq!(consumers.gives_way(4.9, |c| ALL_KW[c]), Some(GivesWay::InPart(STREET)));
    assert_eq!(consumers.gives_way(5.0, |c| ALL_KW[c]), Some(GivesWay::Whole(STREET)));
    assert_eq!(consumers.divisible(|c| ALL_KW[c]), Some(STREET));
    consumers.set_off(STREET, Some(PowerCause::Shortage));
    assert_eq!(consumers.gives_way(0.5, |c| ALL_KW[c]), Some(GivesWay::Whole(MILL)));
    assert_eq!(consumers.divisible(|c| ALL_KW[c]), None);
}

#[test]
fn who_comes_back_finds_chargers_and_lesser_divisible_loads_out_of_the_way() {
    let mut consumers = divisible();
    let outlook = |kw| Outlook { islanded: false, lasting_kw: kw, supply_kw: kw, ..outlook(1.0) };
    consumers.set_off(MILL, Some(PowerCause::Shortage));
    // The clinic is more important than the mill; street and cars are less.
    assert_eq!(consumers.may_return(&outlook(4.9), 0.0, |c| ALL_KW[c]), None);
    assert_eq!(consumers.may_return(&outlook(5.0), 0.0, |c| ALL_KW[c]), Some(MILL));
    // A divisible load comes back for a tenth of what it wants.
    consumers.set_off(MILL, None);
    consumers.set_off(STREET, Some(PowerCause::Shortage));
    assert_eq!(consumers.may_return(&outlook(5.4), 0.0, |c| ALL_KW[c]), None);
    assert_eq!(consumers.may_return(&outlook(5.5), 0.0, |c| ALL_KW[c]), Some(STREET));
}

#[test]
fn what_a_threshold_took_returns_a_margin_above_it() {
    let mut consumers = consumers();
    consumers.set_off(CLINIC, Some(PowerCause::LowCharge));
    assert_eq!(consumers.next_threshold_above(0.35), Some(0.4));
    assert_eq!(consumers.may_return(&plenty(0.39), 0.0, draws), None);
    assert_eq!(consumers.may_return(&plenty(0.41), 0.0, draws), Some(CLINIC));
    let with_grid = Outlook { islanded: false, ..plenty(0.2) };
    assert_eq!(consumers.may_return(&with_grid, 0.0, draws), Some(CLINIC));
}

#[test]
fn what_a_shortage_took_returns_when_there_is_enough_again() {
    let mut consumers = consumers();
    consumers.set_off(PUMP, Some(PowerCause::Shortage));
    let nearly_empty = Outlook { lasting_kw: 5.0, supply_kw: 9.0, ..outlook(0.12) };
    assert_eq!(consumers.may_return(&nearly_empty, 0.0, draws), None, "it would not last");
    let enough = Outlook { lasting_kw: 5.5, ..outlook(0.16) };
    assert_eq!(consumers.may_return(&enough, 0.0, draws), Some(PUMP));
    assert_eq!(consumers.may_return(&enough, 0.5, draws), None, "not enough for busy servers");
}

#[test]
fn nobody_overtakes_a_higher_priority_that_waits_for_supply() {
    let mut consumers = consumers();
    consumers.set_off(PUMP, Some(PowerCause::Shortage));
    consumers.set_off(CLINIC, Some(PowerCause::Shortage));
    let grid = Outlook { islanded: false, lasting_kw: 1.0, ..outlook(0.5) };
    assert_eq!(consumers.may_return(&grid, 0.0, |c| [0.5, 2.0, 0.0][c]), None);
}

#[test]
fn what_is_broken_stays_off_until_it_is_mended() {
    let mut consumers = consumers();
    let server = ConsumerKind::Server(0);
    consumers.set_faulted(server, true);
    assert_eq!(consumers.must_go(&outlook(0.9)), Some((2, PowerCause::Fault)));
    consumers.set_off(2, Some(PowerCause::Fault));
    assert!(!consumers.is_unserved(2), "a broken server is nobody's want of supply");
    assert_eq!(consumers.may_return(&plenty(0.9), 0.0, draws), None);
    consumers.set_faulted(server, false);
    assert_eq!(consumers.may_return(&plenty(0.9), 0.0, draws), Some(2));
}
