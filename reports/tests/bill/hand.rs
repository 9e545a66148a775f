//! Bills by contracts of constants and periods, reckoned by hand: from the record's flows, with
//! prices, times, months and peaks worked out here anew from the contract's text.

use crate::run::{Run, assert_near, run};
use jiff::Zoned;
use jiff::civil::Weekday;

/// Two months with everything that a contract may hold, and one outage with a genset.
fn two_months(more: &str) -> Run {
    run(&format!(
        r#"(
    name: "bill", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2024-02-01", days: 59, step_s: 300, seed: 3,
    pv: [(id: "roof", dc_kw: 60, tilt_deg: 30, azimuth_deg: 180)],
    batteries: [(id: "b", capacity_kwh: 20, charge_kw: 10, discharge_kw: 10)],
    gensets: [(id: "g", capacity_kw: 40, fuel_price_per_l: 1.5)],
    loads: [(id: "hall", profile: Typical(shape: Office, annual_kwh: 90000))],
    grid: (
        import_limit_kw: 100, export_limit_kw: 50, carbon: Constant(g_per_kwh: 400),
        outages: [(from: "2024-03-05T18:00:00", until: "2024-03-06T06:00:00")],
        tariff: (
            price_per_kwh: 0.14,
            periods: [
                (name: "peak", price_per_kwh: 0.22, from: "17:00", until: "20:00", days: Weekdays),
                (name: "night", price_per_kwh: 0.09, from: "22:30", until: "06:00", months: [3]),
            ],
            export_price_per_kwh: 0.06,
            export_periods: [
                (name: "noon", price_per_kwh: -0.02, from: "12:00", until: "14:00", days: Weekends),
            ],
            additions: (grid_fee_per_kwh: 0.085, tax_per_kwh: 0.0205, margin_per_kwh: 0.012, vat: 0.19),
            carbon_price_per_t: 100, demand_price_per_kw: 8, fixed_per_month: 25, {more}
        ),
    ),
)"#
    ))
}

/// The contract's energy price at a local time. The night of March's night tariff belongs to the
/// day on which it begins.
fn energy_price(at: &Zoned) -> f64 {
    let hour = f64::from(at.hour()) + f64::from(at.minute()) / 60.0;
    let weekend = matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday);
    let before = at.yesterday().unwrap();
    if !weekend && (17.0..20.0).contains(&hour) {
        0.22
    } else if (hour >= 22.5 && at.month() == 3) || (hour < 6.0 && before.month() == 3) {
        0.09
    } else {
        0.14
    }
}

fn export_price(at: &Zoned) -> f64 {
    let weekend = matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday);
    if weekend && (12..14).contains(&at.hour()) { -0.02 } else { 0.06 }
}

#[test]
fn a_bill_of_two_months_is_what_one_reckons_by_hand() {
    let run = two_months("");
    let hours = 300.0 / 3600.0;
    let [mut energy, mut imports_kwh, mut export, mut co2_kg] = [0.0; 4];
    let mut peaks_kw = [0.0f64; 2];
    for quarter in run.samples.chunks(3) {
        let mean_kw = quarter.iter().map(|(_, sample)| sample.flows.import_kw).sum::<f64>() / 3.0;
        let month = usize::from(quarter[0].0.month().unsigned_abs()) - 2;
        peaks_kw[month] = peaks_kw[month].max(mean_kw);
    }
    for (at, sample) in &run.samples {
        let kwh = sample.flows.import_kw * hours;
        imports_kwh += kwh;
        energy += kwh * energy_price(at);
        export += sample.flows.export_kw * hours * export_price(at);
        co2_kg += kwh * 0.4;
    }
    let fuel_kg = run.get("carbon.operational_kg") - run.get("carbon.imported_kg");
    assert!(fuel_kg > 1.0 && imports_kwh > 1000.0 && export > 10.0, "the case is no case");
    let (fee, tax, margin) = (0.085 * imports_kwh, 0.0205 * imports_kwh, 0.012 * imports_kwh);
    let (demand, fixed) = (8.0 * (peaks_kw[0] + peaks_kw[1]), 2.0 * 25.0);
    let vat = 0.19 * (energy + fee + tax + margin + demand + fixed);
    let carbon = (co2_kg + fuel_kg) / 1000.0 * 100.0;
    let fuel = run.get("cost.fuel");
    let lines = [
        ("cost.energy", energy),
        ("cost.grid_fee", fee),
        ("cost.tax", tax),
        ("cost.margin", margin),
        ("cost.demand", demand),
        ("cost.fixed", fixed),
        ("cost.vat", vat),
        ("cost.carbon", carbon),
        ("cost.export", export),
    ];
    for (name, expected) in lines {
        assert_near(name, run.get(name), expected);
    }
    let total = energy + fee + tax + margin + demand + fixed + vat + carbon + fuel - export
        + run.get("cost.lost_load")
        + run.get("cost.stored_change");
    assert_near("cost.total", run.get("cost.total"), total);
    // Each interval's import costs its five lines, too.
    let imports: f64 = run.samples.iter().map(|(_, sample)| sample.money.import).sum();
    assert_near(
        "imports",
        imports,
        energy + fee + tax + margin + 0.19 * (energy + fee + tax + margin),
    );
    let note = run.note.expect("31 March is not covered");
    assert_eq!(
        note,
        "includes the demand and fixed charges of 2 whole months, although the run covers only 59 days"
    );
}

#[test]
fn nothing_is_exported_at_a_loss_and_energy_balances() {
    let run = two_months("");
    let costly: Vec<_> = run.samples.iter().filter(|(at, _)| export_price(at) < 0.0).collect();
    assert!(costly.iter().all(|(_, sample)| sample.flows.export_kw == 0.0));
    assert!(costly.iter().any(|(_, sample)| sample.flows.curtailed_kw > 1.0));
    assert!(costly.iter().any(|(_, sample)| sample.flows.charge_kw > 1.0));
    assert!(run.samples.iter().all(|(_, sample)| sample.residual_kwh.abs() < 1e-9));
    assert!(run.samples.iter().any(|(_, sample)| sample.flows.export_kw > 1.0));
}

#[test]
fn a_factor_scales_energy_prices_and_nothing_else() {
    let (plain, dear) = (two_months(""), two_months("price_factor: 1.3,"));
    for (name, factor) in [
        ("cost.energy", 1.3),
        ("cost.export", 1.3),
        ("cost.grid_fee", 1.0),
        ("cost.tax", 1.0),
        ("cost.demand", 1.0),
        ("cost.fixed", 1.0),
        ("cost.carbon", 1.0),
        ("cost.fuel", 1.0),
    ] {
        assert_near(name, dear.get(name), factor * plain.get(name));
    }
}

#[test]
fn part_months_by_the_day_are_billed_by_their_share() {
    let (whole, by_day) = (two_months(""), two_months("part_months: ByDay,"));
    // February is whole; of March's 31 days, 30 are there.
    assert_near("fixed", by_day.get("cost.fixed"), 25.0 * (1.0 + 30.0 / 31.0));
    assert!(by_day.get("cost.demand") < whole.get("cost.demand"));
    assert_near("energy", by_day.get("cost.energy"), whole.get("cost.energy"));
    let note = by_day.note.expect("31 March is not covered");
    assert_eq!(note, "demand and fixed charges are in proportion to the days that the run covers");
}

/// A day that touches two months.
fn month_end(more: &str) -> Run {
    run(&format!(
        r#"(
    name: "month-end-midstart", site: (latitude_deg: 28, longitude_deg: 84, time_zone: "Asia/Kathmandu"),
    start: "2023-01-31T12:00", days: 1, step_s: 3600, seed: 1,
    loads: [(id: "l", profile: Constant(power_kw: 5))],
    grid: (import_limit_kw: 100, tariff: (price_per_kwh: 0, demand_price_per_kw: 10, fixed_per_month: 100, {more})),
)"#
    ))
}

#[test]
fn a_day_over_the_month_s_end_pays_two_months_or_its_share() {
    let whole = month_end("");
    assert_near("total", whole.get("cost.total"), 300.0);
    let note = whole.note.expect("two months are touched");
    assert_eq!(
        note,
        "includes the demand and fixed charges of 2 whole months, although the run covers only 1 day"
    );
    // Half a day of January's 31 and half a day of February's 28, of 50 + 100 each.
    let by_day = month_end("part_months: ByDay");
    assert_near("total", by_day.get("cost.total"), 150.0 * (0.5 / 31.0 + 0.5 / 28.0));
    assert_near("demand", by_day.get("cost.demand"), 50.0 * (0.5 / 31.0 + 0.5 / 28.0));
    // A whole month has nothing to say.
    let january = run(r#"(
    name: "january", site: (latitude_deg: 28, longitude_deg: 84, time_zone: "Asia/Kathmandu"),
    start: "2023-01-01", days: 31, step_s: 3600, seed: 1,
    loads: [(id: "l", profile: Constant(power_kw: 5))],
    grid: (import_limit_kw: 100, tariff: (fixed_per_month: 100, part_months: ByDay)),
)"#);
    assert_eq!(january.note, None);
    assert_near("fixed", january.get("cost.fixed"), 100.0);
}

/// A house with PV in June, and what its tariff says of exports and imports.
fn house(more: &str, tariff: &str) -> Run {
    run(&format!(
        r#"(
    name: "house", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2024-06-17", days: 2, step_s: 900, seed: 1,
    pv: [(id: "roof", dc_kw: 10, tilt_deg: 30, azimuth_deg: 180)],
    loads: [(id: "l", profile: Constant(power_kw: 1))],
    grid: (import_limit_kw: 10, export_limit_kw: 10, tariff: ({tariff})), {more}
)"#
    ))
}

#[test]
fn an_export_price_below_zero_curtails() {
    let run = house("", "price_per_kwh: 0.4, export_price_per_kwh: -0.03");
    for (at, sample) in &run.samples {
        let f = &sample.flows;
        assert_eq!(f.export_kw, 0.0, "{at}");
        assert_near("curtailed", f.curtailed_kw, (f.pv_kw - f.load_kw).max(0.0));
        assert!(sample.residual_kwh.abs() < 1e-9);
    }
    assert!(run.get("energy.curtailed_kwh") > 10.0);
    assert_eq!(run.get("cost.export"), 0.0);
    assert_near("cost", run.get("cost.total"), 0.4 * run.get("energy.import_kwh"));
    // A battery takes of the surplus what it can.
    let battery = "batteries: [(id: \"b\", capacity_kwh: 20, charge_kw: 3, discharge_kw: 3)],";
    let stored = house(battery, "price_per_kwh: 0.4, export_price_per_kwh: -0.03");
    assert!(stored.get("energy.curtailed_kwh") < run.get("energy.curtailed_kwh") - 10.0);
    assert_eq!(stored.get("energy.export_kwh"), 0.0);
}

#[test]
fn while_importing_is_paid_for_pv_yields_and_a_battery_keeps_its_charge() {
    let noon = r#"price_per_kwh: 0.3, export_price_per_kwh: -0.01,
        periods: [(name: "noon", price_per_kwh: -0.1, from: "11:00", until: "14:00")]"#;
    let battery = "batteries: [(id: \"b\", capacity_kwh: 20, charge_kw: 3, discharge_kw: 3, soc_start: 0.5)],";
    let run = house(battery, noon);
    let paid = |at: &Zoned| (11..14).contains(&at.hour());
    let mut earned = 0.0;
    for (at, sample) in run.samples.iter().filter(|(at, _)| paid(at)) {
        let f = &sample.flows;
        // All that the site and its battery take comes from the grid.
        assert_near("import", f.import_kw, f.load_kw + f.charge_kw);
        assert_near("curtailed", f.curtailed_kw, f.pv_kw);
        assert_eq!((f.discharge_kw, f.export_kw), (0.0, 0.0), "{at}");
        assert!(sample.residual_kwh.abs() < 1e-9);
        earned -= sample.money.import;
    }
    // At least one kWh an hour at 0.1.
    assert!(earned > 2.0 * 3.0 * 0.1 - 1e-9, "{earned}");
    // With a carbon price above what the imports earn, PV is used again: 0.33 kg * 500 EUR/t.
    let dear = house(battery, &format!("{noon}, carbon_price_per_t: 500"));
    assert!(dear.get("energy.curtailed_kwh") < run.get("energy.curtailed_kwh") - 3.0);
    // A feed-in tariff that brings more than imports earn is not given up.
    let sold = noon.replace("export_price_per_kwh: -0.01", "export_price_per_kwh: 0.5");
    assert_eq!(house("", &sold).get("energy.curtailed_kwh"), 0.0);
}

#[test]
fn prices_rise_from_year_to_year() {
    // Fourteen months: one anniversary, after 366 days.
    let text = |rise: &str| {
        format!(
            r#"(
    name: "rise", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2024-01-01", days: 425, step_s: 3600, seed: 1,
    loads: [(id: "l", profile: Constant(power_kw: 2))],
    grid: (import_limit_kw: 10, tariff: (
        price_per_kwh: 0.2, fixed_per_month: 10, demand_price_per_kw: 3, {rise}
        additions: (tax_per_kwh: 0.05, vat: 0.1), carbon_price_per_t: 50,
    )),
)"#
        )
    };
    let run_of = |rise| run(&text(rise));
    let risen = run_of("escalation_per_year: 0.1,");
    let (first_h, second_h) = (366.0 * 24.0, 59.0 * 24.0);
    assert_near("energy", risen.get("cost.energy"), 0.2 * 2.0 * (first_h + 1.1 * second_h));
    assert_near("tax", risen.get("cost.tax"), 0.05 * 2.0 * (first_h + 1.1 * second_h));
    assert_near("fixed", risen.get("cost.fixed"), 10.0 * (12.0 + 2.0 * 1.1));
    assert_near("demand", risen.get("cost.demand"), 3.0 * 2.0 * (12.0 + 2.0 * 1.1));
    assert_near("carbon", risen.get("cost.carbon"), run_of("").get("cost.carbon"));
    let vat = ["cost.energy", "cost.tax", "cost.fixed", "cost.demand"].map(|name| risen.get(name));
    assert_near("VAT", risen.get("cost.vat"), 0.1 * vat.iter().sum::<f64>());
}
