//! What a site makes itself and what its batteries hold: neither fuel nor a free first charge makes a
//! site look better than it is.

use gridtwin_reports::{Summary, Tally};
use gridtwin_twin::{Scenario, Twin};

fn run(text: &str) -> Summary {
    let scenario = Scenario::parse(text, "site.ron").unwrap_or_else(|error| panic!("{error}"));
    let mut twin = Twin::new(&scenario).unwrap_or_else(|error| panic!("{error}"));
    let mut tally = Tally::new(twin.catalog());
    twin.advance(twin.end(), &mut tally);
    tally.summary()
}

fn get(summary: &Summary, name: &str) -> f64 {
    summary.get(name).unwrap_or_else(|| panic!("{name}"))
}

/// Three days of a house with `what` beside its load of about 2 kW.
fn house(what: &str) -> Summary {
    run(&format!(
        r#"(
    name: "house", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2024-06-10", days: 3, step_s: 300, seed: 3,
    loads: [(id: "home", profile: Constant(power_kw: 2))],
    {what}
)"#
    ))
}

const GRID: &str =
    "grid: (import_limit_kw: 20, export_limit_kw: 20, tariff: (price_per_kwh: 0.3)),";

fn battery(kwh: u32, soc_start: f64) -> String {
    format!(
        "batteries: [(id: \"b\", capacity_kwh: {kwh}, charge_kw: 5, discharge_kw: 5, \
         self_discharge_per_day: 0, soc_start: {soc_start})],"
    )
}

#[test]
fn a_larger_battery_does_not_look_better_by_its_first_charge() {
    let none = house(GRID);
    for soc_start in [0.5, 0.9, 0.1] {
        let small = house(&(battery(10, soc_start) + GRID));
        let large = house(&(battery(60, soc_start) + GRID));
        for (run, kwh) in [(&small, 10.0), (&large, 60.0)] {
            // All of it above 10 % leaves with 95 %.
            let start_kwh = kwh * (soc_start - 0.1) * 0.95;
            assert!((get(run, "energy.stored_start_kwh") - start_kwh).abs() < 1e-6);
            assert!(get(run, "energy.stored_end_kwh") < 1e-6, "without sun it stays empty");
            let saved = get(&none, "cost.energy") - get(run, "cost.energy");
            assert!((saved - start_kwh * 0.3).abs() < 1e-4, "{saved} of imports saved");
            // Which is what the change in store costs: without sun there is nothing to gain.
            let gained = get(&none, "cost.total") - get(run, "cost.total");
            assert!(gained.abs() < 1e-4, "{kwh} kWh at {soc_start} gain {gained}");
            assert_eq!(
                get(run, "energy.self_sufficiency"),
                0.0,
                "the first charge is not the site's"
            );
        }
    }
}

#[test]
fn what_is_stored_for_later_is_credited() {
    // A battery that begins empty and is filled by the sun holds what it could have sold.
    let sun = "pv: [(id: \"roof\", dc_kw: 40, tilt_deg: 30, azimuth_deg: 180)],";
    let grid = GRID.replace("price_per_kwh: 0.3", "price_per_kwh: 0.3, export_price_per_kwh: 0.08");
    let run = house(&(battery(200, 0.1) + sun + &grid));
    let change_kwh = get(&run, "energy.stored_change_kwh");
    assert!(change_kwh > 20.0, "{change_kwh} kWh more in store");
    let cost = get(&run, "cost.stored_change");
    assert!((cost + 0.08 * change_kwh).abs() < 1e-9, "{cost} for {change_kwh} kWh");
    // Where nothing is paid for exports, keeping the sun earns nothing until it is used.
    let run = house(&(battery(200, 0.1) + sun + GRID));
    assert_eq!(get(&run, "cost.stored_change"), 0.0);
}

#[test]
fn fuel_is_not_the_site_s_own() {
    let diesel = "gensets: [(id: \"g\", capacity_kw: 6, fuel_price_per_l: 1.5)],";
    let run = house(&(battery(20, 0.5) + diesel));
    assert!(get(&run, "energy.genset_kwh") > 50.0);
    assert_eq!(get(&run, "energy.self_sufficiency"), 0.0, "diesel makes nobody self-sufficient");
    assert_eq!(get(&run, "energy.renewable_share"), 0.0);
    // On an island, what is stored is worth the fuel that charged it.
    let per_kwh = get(&run, "cost.fuel") / get(&run, "energy.genset_kwh");
    let (change_kwh, cost) =
        (get(&run, "energy.stored_change_kwh"), get(&run, "cost.stored_change"));
    let share = -cost / (change_kwh * per_kwh);
    assert!(change_kwh != 0.0 && (0.5..1.1).contains(&share), "{cost} for {change_kwh}: {share}");
    let sun = "pv: [(id: \"roof\", dc_kw: 8, tilt_deg: 30, azimuth_deg: 180)],";
    let run = house(&(battery(20, 0.5) + sun + diesel));
    let pv_kwh = get(&run, "energy.consumed_from_pv_kwh");
    let share = get(&run, "energy.self_sufficiency");
    assert!((0.1..0.9).contains(&share), "{share}");
    assert!((share - pv_kwh / get(&run, "energy.consumed_kwh")).abs() < 1e-12);
}

#[test]
fn over_demand_what_is_not_served_lowers_it() {
    let sun = "pv: [(id: \"roof\", dc_kw: 3, tilt_deg: 30, azimuth_deg: 180)],";
    let run = house(&(battery(5, 0.1) + sun));
    assert!(get(&run, "energy.unserved_kwh") > 10.0);
    // What the island consumes is its own but for what the battery held at first; most of its demand
    // is not met at all.
    let share = get(&run, "energy.self_sufficiency");
    assert!(share > 0.98, "{share}");
    let of_demand = get(&run, "energy.self_sufficiency_of_demand");
    let served = get(&run, "energy.consumed_kwh") / get(&run, "energy.load_kwh");
    assert!(of_demand < 0.4 && (of_demand - share * served).abs() < 1e-9, "{of_demand}");
    // Nothing says what a kWh is worth there.
    assert_eq!(get(&run, "cost.stored_change"), 0.0);
}

#[test]
fn the_grid_s_renewables_count_as_renewable_and_not_as_own() {
    let sun = "pv: [(id: \"roof\", dc_kw: 8, tilt_deg: 30, azimuth_deg: 180)],";
    let green = GRID.replace("import_limit_kw", "renewable_share: 0.6, import_limit_kw");
    let (grey, green) = (house(&(sun.to_owned() + GRID)), house(&(sun.to_owned() + &green)));
    let own = get(&green, "energy.self_sufficiency");
    assert_eq!(own, get(&grey, "energy.self_sufficiency"));
    assert_eq!(own, get(&grey, "energy.renewable_share"), "0 is the default");
    let renewable = get(&green, "energy.renewable_share");
    assert!((renewable - (own + 0.6 * (1.0 - own))).abs() < 1e-9, "{renewable}");
    let of_demand = get(&green, "energy.renewable_share_of_demand");
    assert!((renewable - of_demand).abs() < 1e-9, "all was served");
}
