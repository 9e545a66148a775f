//! Files of values over time as people have them, in whole scenarios: each gives the right figure, or
//! is refused with its place. Inputs are those of `../shared/cases` where they are long.

use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Input, Observer, Sample};
use gridtwin_twin::scenario::SeriesFile;
use gridtwin_twin::series::{self, Kind};
use gridtwin_twin::{Scenario, Twin, TwinError};
use std::path::{Path, PathBuf};

/// Sums over a run.
#[derive(Default)]
struct Sums {
    import_cost: f64,
    loads_kwh: f64,
    marginal_kg: Option<f64>,
    /// The intensity of each interval.
    g_per_kwh: Vec<f64>,
}

impl Observer for Sums {
    fn sample(&mut self, sample: &Sample) {
        self.import_cost += sample.money.import;
        self.loads_kwh += sample.flows.loads_kw * sample.step.as_hours_f64();
        self.g_per_kwh.push(sample.grid_g_per_kwh);
        if let Some(kg) = sample.marginal_kg {
            *self.marginal_kg.get_or_insert(0.0) += kg;
        }
    }
}

fn run(scenario: &Scenario) -> Result<(Sums, Vec<Input>), TwinError> {
    let mut twin = Twin::new(scenario)?;
    let mut sums = Sums::default();
    let end: SimTime = twin.end();
    twin.advance(end, &mut sums);
    Ok((sums, twin.catalog().inputs.clone()))
}

fn cases() -> Option<PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases");
    if cases.is_dir() {
        return Some(cases);
    }
    let required = std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_some();
    assert!(!required, "{} is absent", cases.display());
    println!("skipped: {} is absent", cases.display());
    None
}

/// A house that draws what a file says, and nothing else.
fn house(file: &str, start: &str, days: u32, more: &str) -> String {
    format!(
        r#"(
            name: "house",
            site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
            start: "{start}", days: {days}, step_s: 900,
            loads: [(id: "l", profile: Csv(path: "{file}", {more}))],
            grid: (import_limit_kw: 1000),
        )"#
    )
}

fn parse(text: &str) -> Scenario {
    Scenario::parse(text, "site.ron").unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> String {
    run(&parse(text)).err().expect("it is refused").to_string()
}

#[test]
fn a_loads_weekdays_are_the_calendars() {
    let Some(cases) = cases() else { return };
    let scenario = Scenario::load(&cases.join("energy/weekday_load/s.ron")).unwrap();
    let (sums, inputs) = run(&scenario).unwrap();
    assert!((sums.import_cost - 1000.0).abs() < 1e-6, "{}", sums.import_cost);
    let laid = &inputs[0].laid;
    assert!(laid.contains("same weekday") && laid.contains("2024-01-01 uses 2017-01-02"), "{laid}");
    assert!(inputs[0].zone.contains("standard time all year"), "{}", inputs[0].zone);
}

#[test]
fn a_column_in_utc_is_read_as_utc() {
    let Some(cases) = cases() else { return };
    let scenario = Scenario::load(&cases.join("energy/utc_carbon/s.ron")).unwrap();
    let (sums, inputs) = run(&scenario).unwrap();
    let hours: Vec<usize> = (0..24).filter(|h| sums.g_per_kwh[*h] == 1000.0).collect();
    assert_eq!(hours, [4]);
    assert_eq!(inputs[0].zone, "UTC (header)");
    assert!(inputs[0].unit.contains("gCO₂eq/kWh"), "{}", inputs[0].unit);
}

#[test]
fn semicolons_and_decimal_commas_are_read() {
    let Some(cases) = cases() else { return };
    for name in ["a", "b", "c"] {
        let path = cases.join(format!("energy/semicolon_csv/{name}.ron"));
        let (sums, _) = run(&Scenario::load(&path).unwrap()).unwrap();
        assert!((sums.loads_kwh - 36.0).abs() < 1e-9, "{name}: {}", sums.loads_kwh);
    }
}

#[test]
fn a_metering_portals_year_is_read_with_its_unit() {
    let Some(cases) = cases() else { return };
    let file = cases.join("planner/load_de.csv");
    let file = file.display();
    // 8760 hours of standard time: the run begins with the file.
    let (sums, inputs) = run(&parse(&house(&file.to_string(), "2025-01-01", 365, ""))).unwrap();
    assert!((sums.loads_kwh - 115_560.0).abs() < 1e-6, "{}", sums.loads_kwh);
    let input = &inputs[0];
    assert_eq!((input.column.as_str(), input.unit.as_str()), ("Verbrauch [kW]", "kW (header)"));
    assert_eq!((input.step_s, input.count, input.filled), (3600, 8760, 0.0));
    assert!((input.sum_kwh.unwrap() - 115_560.0).abs() < 1e-6);
    assert_eq!((input.what.as_str(), input.laid.as_str()), ("load l", "by date"));
}

#[test]
fn a_gap_is_named_or_filled_as_the_scenario_says() {
    let Some(cases) = cases() else { return };
    let file = cases.join("planner/m_gap.csv").display().to_string();
    let error = refused(&house(&file, "2025-06-01", 7, r#"column: "kw""#));
    assert!(error.contains("m_gap.csv:2000:18: found a gap of 720 values (720 h"), "{error}");
    assert!(error.contains("2025-03-25 07:00 to 2025-04-24 07:00"), "{error}");
    // A week in which nothing is missing: the file's own values.
    let text = std::fs::read_to_string(&file).unwrap();
    let week = |line: &&str| ("2025-06-02".."2025-06-09").contains(&&line[..10]);
    let expected: f64 =
        text.lines().skip(1).filter(week).map(|line| line[17..].parse::<f64>().unwrap()).sum();
    let more = r#"column: "kw", gaps: Interpolate, zone: "standard""#;
    let (_, inputs) = run(&parse(&house(&file, "2025-06-02", 7, more))).unwrap();
    assert!((inputs[0].filled - 720.0 / 8760.0).abs() < 1e-12, "{}", inputs[0].filled);
    assert_eq!((inputs[0].count, inputs[0].fill.as_str()), (8760, "by linear interpolation"));
    // The run's week begins at midnight of the clock, the file's an hour later.
    let mean = inputs[0].run_mean * 168.0;
    assert!((mean - expected).abs() / expected < 0.02, "{mean} {expected}");
}

#[test]
fn quarter_hours_are_no_hours() {
    let Some(cases) = cases() else { return };
    let file = cases.join("planner/m_15.csv").display().to_string();
    let (sums, inputs) = run(&parse(&house(&file, "2025-01-01", 28, r#"column: "kw""#))).unwrap();
    assert!((sums.loads_kwh - 6720.0).abs() < 1e-6, "{}", sums.loads_kwh);
    assert_eq!(inputs[0].step_s, 900);
    let error = refused(&house(&file, "2025-06-01", 7, r#"column: "kw""#));
    assert!(
        error.contains("which the file does not cover at all") && error.contains("whole year"),
        "{error}"
    );
    let error = refused(&house(&file, "2025-01-01", 7, r#"column: "kw", step_minutes: 60"#));
    assert!(error.contains("`step_minutes: 60`") && error.contains("expected 15"), "{error}");
}

#[test]
fn day_ahead_prices_are_a_series() {
    let Some(cases) = cases() else { return };
    let scenario = parse(
        &house("none", "2025-01-01", 31, "")
            .replace(r#"Csv(path: "none", )"#, "Constant(power_kw: 1)"),
    );
    let calendar = gridtwin_twin::energy::calendar::Calendar::new(&scenario).unwrap();
    let file = SeriesFile::new("planner/day_ahead_de.csv");
    let kind = Kind::Price { currency: "EUR" };
    let course = series::course(&file, kind, "import price", &calendar, &cases).unwrap();
    // `50,00` EUR/MWh in the first quarter of an hour.
    assert!((course.values[0] - 0.05).abs() < 1e-12, "{}", course.values[0]);
    assert_eq!(course.values.len(), 31 * 96);
    assert!(course.input.minimum < 0.0, "{}", course.input.minimum);
    assert_eq!((course.input.step_s, course.input.value_unit.as_str()), (900, "EUR/kWh"));
    assert_eq!(course.input.column, "Day-ahead Preis [EUR/MWh]");
}

#[test]
fn marginal_and_average_carbon_stand_side_by_side() {
    let text = r#"(
        name: "house",
        site: (latitude_deg: 48, longitude_deg: 11, time_zone: "Europe/Berlin"),
        start: "2025-06-01", days: 1, step_s: 3600,
        loads: [(id: "l", profile: Constant(power_kw: 2))],
        grid: (
            import_limit_kw: 10,
            carbon: Constant(g_per_kwh: 100),
            marginal_carbon: Constant(g_per_kwh: 700),
        ),
    )"#;
    let (sums, _) = run(&parse(text)).unwrap();
    assert!((sums.marginal_kg.unwrap() - 48.0 * 0.7).abs() < 1e-9);
    assert_eq!(sums.g_per_kwh[0], 100.0);
    // What is exported is avoided elsewhere, at the same rate.
    let exporting = text.replace(
        "loads: [(id: \"l\", profile: Constant(power_kw: 2))],",
        "pv: [(id: \"p\", dc_kw: 8, tilt_deg: 30, azimuth_deg: 180)],",
    );
    let exporting =
        exporting.replace("import_limit_kw: 10,", "import_limit_kw: 10, export_limit_kw: 10,");
    let (sums, _) = run(&parse(&exporting)).unwrap();
    assert!(sums.marginal_kg.unwrap() < -5.0, "{:?}", sums.marginal_kg);
    let (sums, _) =
        run(&parse(&text.replace("marginal_carbon: Constant(g_per_kwh: 700),", ""))).unwrap();
    assert_eq!(sums.marginal_kg, None);
}

#[test]
fn options_are_written_as_the_rest_of_a_scenario() {
    let text = house("load.csv", "2025-01-01", 1, "colunm: \"kw\"");
    let error = Scenario::parse(&text, "site.ron").unwrap_err().to_string();
    assert!(error.contains("did you mean `column`?"), "{error}");
    let error = |more: &str| {
        let text = house("load.csv", "2025-01-01", 1, more);
        Scenario::parse(&text, "site.ron").unwrap_err().to_string()
    };
    assert!(error("gaps: Interpolat").contains("did you mean `Interpolate`?"));
    assert!(error("unit: KWh").contains("did you mean `Kwh`?"));
    assert!(error("zone: \"Europe/Berln\"").contains("found the zone \"Europe/Berln\""));
    assert!(error("column: 0").contains("expected 1 for the first"));
    assert!(error("time: [\"a\"]").contains("[date, hour]"));
}

#[test]
fn what_is_resolved_reads_back_the_same() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("day.csv"), "kW\n".to_owned() + &"1\n".repeat(24)).unwrap();
    let file = folder.join("day.csv").display().to_string();
    let more = r#"column: 1, unit: W, zone: "+02:00", time: ["a", 2], stamps: End, gaps: Hold,
        date_order: DayFirst, other_year: Refuse, starts: "2025-01-01T00:00", scale: 2"#;
    let scenario = parse(&house(&file, "2025-01-01", 1, more));
    let again = parse(&scenario.to_ron());
    assert_eq!(again.loads, scenario.loads);
    let set = "loads.l.profile.gaps=Interpolate".parse().unwrap();
    let text = house(&file, "2025-01-01", 1, "");
    let set = Scenario::parse_with(&text, "site.ron", &[set], None, None).unwrap();
    assert!(set.to_ron().contains("gaps: Interpolate"));
}
