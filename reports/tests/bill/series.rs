//! Prices from files: what is billed is what one reads in the file, line by line.

use crate::run::{assert_near, run, run_with};
use gridtwin_twin::scenario::Metered;
use gridtwin_twin::{Scenario, Twin};
use jiff::Zoned;
use jiff::civil::DateTime;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A file of the project's shared folder. Without it the test is skipped and says so, unless
/// `GRIDTWIN_REQUIRE_SHARED` is set.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(), "{} is absent", path.display());
    println!("skipped: {} is absent", path.display());
    None
}

/// The rows of a file of semicolons, decimal commas and `dd.mm.yyyy HH:MM`: local time and last
/// number, read without the twin.
fn rows(path: &Path, column: usize) -> Vec<(DateTime, f64)> {
    let bytes = std::fs::read(path).unwrap();
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.trim_end().split(';').collect();
        let time = DateTime::strptime("%d.%m.%Y %H:%M", fields[0]).unwrap();
        (time, fields[column].replace(',', ".").parse().unwrap())
    });
    rows.collect()
}

#[test]
fn a_day_ahead_file_is_billed_with_its_fees_and_taxes() {
    let Some(file) = shared("cases/planner/day_ahead_de.csv") else { return };
    let run = run(&format!(
        r#"(
    name: "day-ahead", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2025-01-01", days: 31, step_s: 900, seed: 1,
    pv: [(id: "roof", dc_kw: 12, tilt_deg: 30, azimuth_deg: 180)],
    loads: [(id: "house", profile: Typical(shape: Residential, annual_kwh: 9000))],
    grid: (import_limit_kw: 20, export_limit_kw: 20, tariff: (
        import_series: Csv(path: {file:?}), export_series: Csv(path: {file:?}),
        additions: (grid_fee_per_kwh: 0.09, tax_per_kwh: 0.0205, margin_per_kwh: 0.01, vat: 0.19),
    )),
)"#
    ));
    let prices: HashMap<DateTime, f64> = rows(&file, 2).into_iter().collect();
    assert_eq!((prices.len(), run.samples.len()), (31 * 96, 31 * 96));
    let [mut energy, mut kwh, mut export, mut below_zero] = [0.0; 4];
    for (at, sample) in &run.samples {
        let price = prices[&at.datetime()] / 1000.0;
        energy += sample.flows.import_kw * 0.25 * price;
        kwh += sample.flows.import_kw * 0.25;
        export += sample.flows.export_kw * 0.25 * price;
        if price < 0.0 {
            below_zero += 1.0;
            assert_eq!(sample.flows.export_kw, 0.0, "{at}");
        }
        assert_near("price", sample.money.price_per_kwh, (price + 0.1205) * 1.19);
    }
    assert!(below_zero > 0.0 && export > 0.0, "the case is no case");
    assert_near("cost.energy", run.get("cost.energy"), energy);
    assert_near("cost.export", run.get("cost.export"), export);
    assert_near("cost.grid_fee", run.get("cost.grid_fee"), 0.09 * kwh);
    assert_near("cost.total", run.get("cost.total"), (energy + 0.1205 * kwh) * 1.19 - export);
}

/// A run of two days on a file of this text.
fn on_file(text: &str, tariff: &str, more: &str) -> Result<crate::run::Run, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.csv"), text).unwrap();
    let scenario = format!(
        r#"(
    name: "own", site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
    start: "2025-03-29", days: 2, step_s: 1800, seed: 1,
    loads: [(id: "l", profile: Constant(power_kw: 2))],
    grid: (import_limit_kw: 20, tariff: ({tariff})), {more}
)"#
    );
    let path = folder.path().join("s.ron");
    std::fs::write(&path, scenario).unwrap();
    let scenario = Scenario::load(&path).map_err(|error| error.to_string())?;
    Twin::new(&scenario).map_err(|error| error.to_string())?;
    Ok(run_with(&scenario, |_, _| ()))
}

#[test]
fn units_of_prices_come_from_header_or_scenario() {
    // Hours in UTC, through the night in which the clock is set forward; 1 cent more each hour.
    let file = |header: &str, scale: f64| {
        let mut text = format!("time (UTC),{header}\n");
        for hour in 0..48 {
            let at = jiff::Timestamp::from_second(1_743_202_800 + hour * 3600).unwrap();
            let price = (f64::from(hour as i32) - 10.0) / 100.0 * scale;
            text += &format!("{},{price}\n", at.strftime("%Y-%m-%d %H:%M"));
        }
        text
    };
    // 2 kW for 48 hours at -10 to 37 ct.
    let expected: f64 = (0..48).map(|hour| 2.0 * (f64::from(hour) - 10.0) / 100.0).sum();
    let plain = "import_series: Csv(path: \"p.csv\")";
    for (header, scale, tariff) in [
        ("price [ct/kWh]", 100.0, plain),
        ("price (EUR/kWh)", 1.0, plain),
        ("EUR/MWh", 1000.0, plain),
        ("price", 1000.0, "import_series: Csv(path: \"p.csv\", unit: PerMwh)"),
    ] {
        let run = on_file(&file(header, scale), tariff, "").unwrap_or_else(|e| panic!("{e}"));
        assert_near(header, run.get("cost.energy"), expected);
        let factor = on_file(&file(header, scale), &format!("{tariff}, price_factor: 1.3"), "");
        assert_near("factor", factor.unwrap().get("cost.energy"), 1.3 * expected);
    }
    // Another currency than the tariff's.
    let error = on_file(&file("USD/MWh", 1000.0), plain, "").err().expect("refused");
    assert!(error.contains("p.csv:1") && error.contains("EUR"), "{error}");
}

#[test]
fn a_file_and_a_constant_are_two_prices() {
    let file = "time,p [EUR/kWh]\n2025-03-29 00:00,0.1\n";
    for (tariff, place) in [
        ("price_per_kwh: 0.2, import_series: Csv(path: \"p.csv\")", "`price_per_kwh` 0.2 and"),
        (
            "import_series: Csv(path: \"p.csv\"), periods: [(name: \"x\", price_per_kwh: 1, from: \"00:00\", until: \"01:00\")]",
            "`periods` and `import_series`",
        ),
        (
            "export_price_per_kwh: 0.08, export_series: Csv(path: \"p.csv\")",
            "`export_price_per_kwh` 0.08 and",
        ),
        ("import_series: Csv(path: \"q.csv\")", "q.csv"),
    ] {
        let error = on_file(file, tariff, "").err().expect(tariff);
        assert!(error.contains("s.ron:5:") && error.contains(place), "{error}");
    }
}

#[test]
fn a_bill_is_utilityrate5_s() {
    let (Some(inputs), Some(bill)) =
        (shared("refs/lp_dispatch_inputs.csv"), shared("refs/utilityrate5_bill.json"))
    else {
        return;
    };
    // Net metering within the hour, 15 a kW of each month's peak hour, 10 a month.
    let mut reader = csv::Reader::from_path(&inputs).unwrap();
    let rows: Vec<[f64; 4]> = reader.deserialize().map(Result::unwrap).collect();
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(bill).unwrap()).unwrap();
    let scenario = format!(
        r#"(
    name: "bill", site: (latitude_deg: 36, longitude_deg: -80, time_zone: "UTC"),
    start: "1990-01-01", days: 365, step_s: 3600, seed: 1,
    pv: [(id: "pv", dc_kw: 10, tilt_deg: 30, azimuth_deg: 180)],
    loads: [(id: "load", profile: Constant(power_kw: 1))],
    grid: (import_limit_kw: 1000, export_limit_kw: 1000, tariff: (
        currency: "USD", demand_price_per_kw: 15, fixed_per_month: 10,
        import_series: Csv(path: {inputs:?}, column: "buy"), export_series: Csv(path: {inputs:?}, column: "sell"),
    )),
)"#
    );
    let scenario = Scenario::parse(&scenario, "bill.ron").unwrap_or_else(|error| panic!("{error}"));
    let run = run_with(&scenario, |hour, twin| {
        let [pv_kw, load_kw, ..] = rows[hour];
        let metered = Metered {
            pv_kw: vec![Some(pv_kw)],
            loads_kw: vec![Some(load_kw)],
            ..Metered::default()
        };
        twin.follow(&metered).unwrap();
    });
    let reference = |name: &str| expected[name].as_f64().unwrap();
    let near = |found: f64, name: &str| {
        assert!((found - reference(name)).abs() < 1e-6, "{name}: {found}");
    };
    near(run.get("cost.total"), "pysam_bill_with_system");
    near(run.get("cost.energy") - run.get("cost.export"), "pysam_energy_charge");
    near(run.get("cost.demand"), "pysam_demand_charge");
    near(run.get("cost.fixed"), "pysam_fixed");
}

#[test]
fn the_shipped_scenario_bills_its_own_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let scenario = Scenario::load(&root.join("bring-your-own.ron"));
    let run = run_with(&scenario.unwrap_or_else(|error| panic!("{error}")), |_, _| ());
    let within = |at: &DateTime| {
        let (from, until) =
            (run.samples[0].0.datetime(), run.samples[run.samples.len() - 1].0.datetime());
        (from..=until).contains(at)
    };
    let loads = rows(&root.join("data/metering-portal.csv"), 1);
    let load_kwh: f64 = loads.iter().filter(|(at, _)| within(at)).map(|(_, kwh)| kwh).sum();
    assert_near("load", run.get("energy.loads_kwh"), load_kwh);
    let prices: HashMap<DateTime, f64> =
        rows(&root.join("data/day-ahead.csv"), 2).into_iter().collect();
    let price = |at: &Zoned| prices[&at.datetime()] / 1000.0;
    let kwh = |kw: f64| kw * 0.25;
    let energy: f64 = run.samples.iter().map(|(at, s)| kwh(s.flows.import_kw) * price(at)).sum();
    let export: f64 = run.samples.iter().map(|(at, s)| kwh(s.flows.export_kw) * price(at)).sum();
    assert_near("cost.energy", run.get("cost.energy"), energy);
    assert_near("cost.export", run.get("cost.export"), export);
    // The case is worth its name: prices below zero, exports, a battery that charges cheaply.
    let below: Vec<_> = run.samples.iter().filter(|(at, _)| price(at) < 0.0).collect();
    assert!(below.len() > 100 && below.iter().all(|(_, s)| s.flows.export_kw == 0.0));
    assert!(export > 10.0 && run.get("energy.discharge_kwh") > 500.0);
    // 29 of March's 31 days and 27 of April's 30, the last an hour of the 28th: the clock was set
    // forward.
    let billed = 29.0 / 31.0 + (27.0 + 1.0 / 24.0) / 30.0;
    assert_near("cost.fixed", run.get("cost.fixed"), 18.0 * billed);
}
