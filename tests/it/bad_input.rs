//! Bad input is refused whole, before anything is written: at its place, with what was found, what
//! was expected and what to do, on one screen, and with exit code 2.

use std::path::Path;
use std::process::{Command, Output};

/// A good scenario, of which every case spoils one thing.
pub(crate) const GOOD: &str = r#"(
    name: "site",
    site: (latitude_deg: 36.08, longitude_deg: -79.95, time_zone: "America/New_York"),
    start: "2025-06-01T00:00:00",
    days: 7,
    step_s: 300,
    weather: Synthetic(clearness: 0.4),
    pv: [(id: "roof", dc_kw: 120, tilt_deg: 15, azimuth_deg: 180)],
    batteries: [
        (id: "main", capacity_kwh: 400, charge_kw: 100, discharge_kw: 90, soc_min: 0.1),
    ],
    loads: [(id: "hall", profile: Typical(shape: Office, annual_kwh: 200000))],
    grid: (
        import_limit_kw: 250,
        tariff: (periods: [
            (name: "peak", price_per_kwh: 0.4, from: "16:00", until: "21:00", months: [6, 7]),
        ]),
        outages: [(from: "2025-06-03T17:00:00", until: "2025-06-03T21:00:00")],
    ),
    devices: [(id: "cameras", count: 20)],
    edge_servers: [
        (id: "edge-1", cores: 8, frequency_ghz: 2.4, idle_w: 45, busy_w: 160),
        (id: "edge-2", cores: 8, frequency_ghz: 2.4, idle_w: 45, busy_w: 160),
        (id: "edge-3", cores: 8, frequency_ghz: 2.4, idle_w: 45, busy_w: 160),
    ],
    switches: [(id: "core")],
    links: [
        (from: "cameras", to: "core", latency_ms: 3, rate_mbit_s: 50),
        (from: "edge-1", to: "core", latency_ms: 1, rate_mbit_s: 1000),
        (from: "edge-2", to: "core", latency_ms: 1, rate_mbit_s: 1000),
        (from: "edge-3", to: "core", latency_ms: 1, rate_mbit_s: 1000),
    ],
    tasks: [(
        id: "frames", from: "cameras", arrivals: Poisson(per_minute: 6),
        input_kb: Uniform(from: 10, to: 90), megacycles: Exponential(mean: 400), deadline_s: 2,
    )],
    consensus: [(id: "log", protocol: Raft, members: ["edge-1", "edge-2", "edge-3"])],
    policies: (dispatch: SelfConsumption, offload: LeastLoaded),
    faults: [(what: Node("edge-2"), from: "2025-06-02T10:00:00", until: "2025-06-02T11:00:00")],
)
"#;

/// The text that is replaced, its replacement, where the message must point, and what it must say.
type Case = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Fields.
    ("days: 7,", "colour: 7,", "colour: 7", "The fields are `name`, `description`"),
    ("capacity_kwh: 400", "capcity_kwh: 400", "capcity_kwh", "did you mean `capacity_kwh`?"),
    ("capacity_kwh: 400", "capacity_mwh: 400", "capacity_mwh", "did you mean `capacity_kwh`? The unit"),
    ("capacity_kwh: 400, ", "", "(id: \"main\"", "\"main\" of `batteries` has no `capacity_kwh`"),
    ("cores: 8, freq", "cores: 8, cores: 9, freq", "cores: 9", "`cores` a second time"),
    // Numbers.
    ("dc_kw: 120", "dc_kw: -120", "-120", "`dc_kw`: found -120, expected a number above zero"),
    ("dc_kw: 120", "dc_kw: NaN", "NaN", "`dc_kw`: found NaN, expected a number above zero"),
    ("charge_kw: 100", "charge_kw: inf", "inf", "`charge_kw`: found inf, expected a number of at most 1e12"),
    ("dc_kw: 120", "dc_kw: 120kW", "120kW", "expected a plain number"),
    ("dc_kw: 120", "dc_kw: \"120\"", "\"120\"", "expected a number"),
    ("days: 7", "days: 1.5", "1.5", "expected a whole number"),
    ("days: 7", "days: -7", "-7,\n", "expected a whole number without a minus sign"),
    ("days: 7", "days: 99999999999", "99999999999", "expected a smaller whole number"),
    ("days: 7", "days: 0", "0,", "expected at least 1"),
    ("days: 7", "days: 40000", "40000", "expected 36500 at most"),
    ("soc_min: 0.1", "charge_efficiency: 1.05", "1.05", "expected an efficiency above 0 and at most 1"),
    ("clearness: 0.4", "clearness: 40", "40)", "expected a clearness of the sky between -1"),
    ("latitude_deg: 36.08", "latitude_deg: 136", "136", "between -90 and 90"),
    ("step_s: 300", "step_s: 0", "0,\n    weather", "expected a divisor of 3600"),
    ("step_s: 300", "step_s: 7", "7,\n    weather", "the nearest is 6 s"),
    ("soc_min: 0.1", "soc_min: 0.96", "0.96", "expected soc_min below soc_max"),
    ("soc_min: 0.1", "soc_min: 0.1, soc_start: 0.01", "0.01", "between soc_min 0.1 and soc_max 0.95"),
    ("(id: \"core\")", "(id: \"core\", position_m: (1, NaN, 0))", "NaN", "finite number of metres"),
    ("count: 20", "count: 0", "0)],\n    edge", "expected at least 1"),
    ("busy_w: 160", "busy_w: 16", "16),", "expected at least idle_w 45 W"),
    ("from: 10, to: 90", "from: 100, to: 90", "100, to", "expected `from` at or below `to`"),
    ("dc_kw: 120", "dc_kw: 1e999", "1e999", "found 1e999, expected a number of at most 1e12"),
    ("dc_kw: 120", "dc_kw: 9,5", "9,5", "write 9.5"),
    // Numbers that nothing in the world has.
    ("dc_kw: 120", "dc_kw: 120, gamma_per_c: -0.47", "-0.47", "-0.47 %/K is written -0.0047"),
    ("clearness: 0.4", "mean_temperature_c: 285", "285", "between -60 and 60 degrees C"),
    ("clearness: 0.4", "daily_swing_c: 61", "61", "between 0 and 60 degrees C"),
    ("clearness: 0.4", "mean_wind_m_s: 100", "100)", "between 0 and 60 m/s"),
    ("clearness: 0.4", "linke_turbidity: [3, 3, 3, 3, 3, 0.5, 3, 3, 3, 3, 3, 3]", "0.5", "Linke turbidity between 1"),
    ("-79.95,", "-79.95, altitude_m: 27300,", "27300", "between -500 and 9000 m"),
    ("devices: [", "cloud: (frequency_ghz: 3, pue: 0.9), devices: [", "0.9)", "effectiveness (PUE) between 1"),
    ("import_limit_kw: 250,", "import_limit_kw: 250, random_outages: (per_year: 500, mean_hours: 24),", "500,", "the year's 8760 hours in total"),
    ("tariff: (", "tariff: (currency: \"US, Dollars\", ", "\"US, ", "1 to 8 characters"),
    ("tariff: (", "tariff: (currency: \"\", ", "\"\"", "1 to 8 characters"),
    ("tariff: (", "tariff: (additions: (vat: 19), ", "19)", "`vat`: found 19, expected a share between 0 and 1"),
    ("tariff: (", "tariff: (additions: (tax_per_kwh: NaN), ", "NaN", "expected a finite number"),
    ("tariff: (", "tariff: (additions: (tax: 0.02), ", "tax: 0.02", "did you mean `tax_per_kwh`?"),
    ("tariff: (", "tariff: (escalation_per_year: 2, ", "2, periods", "2 % per year is written 0.02"),
    ("tariff: (", "tariff: (price_factor: -1, ", "-1", "expected zero or more"),
    ("tariff: (", "tariff: (carbon_price_per_t: -50, ", "-50", "expected zero or more"),
    ("tariff: (", "tariff: (part_months: Daily, ", "Daily", "`Whole`, `ByDay`"),
    ("tariff: (", "tariff: (export_periods: [(name: \"x\", price_per_kwh: -0.1, from: \"00:00\", until: \"01:00\", months: [13])], ", "13]", "the month 13"),
    // More than anything could hold.
    ("protocol: Raft,", "protocol: Raft, block_s: 0.001,", "0.001", "expected a block interval of 0.01 s or more"),
    ("per_minute: 6", "per_minute: 2e6", "2e6", "1000000 tasks per minute"),
    ("Poisson(per_minute: 6)", "Periodic(every_s: 1e-5)", "1e-5", "1000000 tasks per minute"),
    ("per_minute: 6", "per_minute: 50000", "50000)", "tasks per day in all"),
    ("count: 20", "count: 2000000", "2000000", "1000000 at most"),
    ("latency_ms: 3,", "latency_ms: 1e7,", "1e7", "3600000 ms"),
    ("devices: [", "chargers: [(id: \"park\", count: 2, power_kw: 11, sessions: Elaad(place: Home, per_weekday: 1e6))], devices: [", "1e6", "100000 cars per day"),
    ("devices: [", "chargers: [(id: \"park\", count: 2, power_kw: 11, sessions: Fleet(vehicles: 3000000, returns: \"18:00\", leaves: \"06:00\", energy_kwh: 9))], devices: [", "3000000", "1000000 at most"),
    // Times.
    ("00:00\",\n    days", "00:00.5\",\n    days", "\"2025-06-01T00:00:00.5\"", "expected a whole second"),
    ("2025-06-01T00", "2025-06-31T00", "\"2025-06-31", "day"),
    ("2025-06-01T00:00:00", "01.06.2024", "\"01.06.2024\"", "as in \"2024-06-01\", or with a time"),
    ("2025-06-01T00:00:00", "2025-06-01T00:00:00Z", "\"2025-06-01T00:00:00Z\"", "leave out the zone"),
    ("until: \"2025-06-03T21", "until: \"9999-12-31T23", "\"9999-12", "expected 0 to 9998"),
    ("from: \"16:00\"", "from: \"4pm\"", "\"4pm\"", "write hours and minutes, as in \"18:30\""),
    ("America/New_York", "America/NewYork", "\"America/NewYork", "did you mean `America/New_York`?"),
    ("until: \"2025-06-03T21", "until: \"2025-06-03T16", "\"2025-06-03T16", "after its beginning"),
    ("until: \"2025-06-02T11", "until: \"2025-06-02T10", "\"2025-06-02T10:00:00\")],\n)", "after its beginning"),
    ("months: [6, 7]", "months: [6, 13]", "13]", "expected 1 to 12"),
    // Names.
    ("edge-3\", cores", "edge-1\", cores", "\"edge-1\", cores: 8, frequency_ghz: 2.4, idle_w: 45, busy_w: 160),\n    ],", "twice: it is already the name of an edge server"),
    ("id: \"hall\"", "id: \"roof\"", "\"roof\", profile", "it is already the name of a PV array"),
    ("id: \"hall\"", "id: \"the hall\"", "\"the hall\"", "expected 1 to 64 letters"),
    ("name: \"site\"", "name: \"..\"", "\"..\"", "begins with a letter or digit"),
    ("from: \"cameras\", to", "from: \"camera\", to", "\"camera\"", "did you mean `cameras`?"),
    ("from: \"edge-1\", to: \"core\"", "from: \"edge-1\", to: \"edge-1\"", "\"edge-1\", latency", "to itself"),
    ("from: \"edge-2\", to: \"core\"", "from: \"core\", to: \"edge-1\"", "(from: \"core\"", "a second link between `core` and `edge-1`"),
    ("from: \"cameras\", arr", "from: \"cams\", arr", "\"cams\"", "there is no device fleet `cams`"),
    ("from: \"cameras\", arr", "from: \"core\", arr", "\"core\", arr", "which is a switch, expected a device fleet"),
    ("[\"edge-1\", \"edge-2\"", "[\"edge-1\", \"core\"", "\"core\", \"edge-3\"", "expected an edge server"),
    ("[\"edge-1\", \"edge-2\"", "[\"edge-1\", \"edge-1\"", "\"edge-1\", \"edge-3\"", "the member `edge-1` twice"),
    ("protocol: Raft", "protocol: Pbft", "[\"edge-1\"", "expected 4 to "),
    ("members: [", "client: \"corr\", members: [", "\"corr\"", "did you mean `core`?"),
    ("Node(\"edge-2\")", "Node(\"edge-9\")", "\"edge-9\"", "did you mean `edge-"),
    ("Node(\"edge-2\")", "Link(\"edge-1\", \"edge-2\")", "Link(", "no link between `edge-1` and `edge-2`"),
    // Choices.
    ("dispatch: SelfConsumption", "dispatch: SelfConsumtion", "SelfConsumtion", "did you mean `SelfConsumption`?"),
    ("dispatch: SelfConsumption", "dispatch: BackupReserve", "BackupReserve", "write BackupReserve(..)"),
    ("dispatch: SelfConsumption", "dispatch: TimeOfUse(charge_below_price: 3, discharge_above_price: 2)", "3, disch", "less than discharge_above_price 2"),
    ("protocol: Raft", "protocol: Praxos", "Praxos", "expected one of `Paxos`, `MultiPaxos`"),
    ("protocol: Raft", "protocol: \"Raft\"", "\"Raft\"", "write Raft"),
    ("offload: LeastLoaded", "offload: Cloud", "Cloud", "found no cloud"),
    ("(from: \"cameras\", to: \"core\", latency_ms: 3, rate_mbit_s: 50),", "", "\"cameras\", arr", "no path of links"),
    // Files.
    ("Synthetic(clearness: 0.4)", "File(path: \"sky.csv\")", "\"sky.csv\"", "there is no file"),
    ("Typical(shape: Office, annual_kwh: 200000)", "Csv(path: \"load.csv\")", "\"load.csv\"", "there is no file"),
    // What is changed while the run goes on.
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"batteries.main.capcity_kwh\", value: \"8\"))], faults: [", "\"batteries.main.capcity_kwh\"", "did you mean `capacity_kwh`?"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"batteries.mian.capacity_kwh\", value: \"8\"))], faults: [", "\"batteries.mian", "did you mean `main`?"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"batteries.main.capacity_kwh\", value: \"-8\"))], faults: [", "\"-8\"", "found -8, expected a number above zero"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"batteries.main.capacity_kwh\", value: 8))], faults: [", "8)", "expected a text in quotes"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"batteries.main.soc_min\", value: \"0.99\"))], faults: [", "\"0.99\"", "expected soc_min below soc_max"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"consensus.log.protocol\", value: \"Pbft\"))], faults: [", "\"Pbft\"", "found 3 members, expected 4"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"seed\", value: \"8\"))], faults: [", "\"seed\"", "the random seed cannot change during a run"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"pv\", value: \"[]\"))], faults: [", "\"pv\"", "the list of PV arrays cannot change"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Set(path: \"\", value: \"8\"))], faults: [", "\"\", value", "expected a path"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Grow(by: 3))], faults: [", "Grow", "expected one of `Set`, `Grid`"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Break(what: Node(\"edge-9\")))], faults: [", "\"edge-9\"", "did you mean `edge-"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Mend(what: Link(\"edge-1\", \"edge-2\")))], faults: [", "Link(\"edge-1\", \"edge-2\")", "no link between `edge-1` and `edge-2`"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Clouds(cover: 8, hours: 2))], faults: [", "8, hours", "expected a share between 0 and 1"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: Cars(chargers: \"park\", count: 3, asked_kwh: 9, stay_h: 2))], faults: [", "\"park\"", "there is no charger group `park`"),
    ("faults: [", "changes: [(at: \"2025-06-02T10:00:00\", change: StateOfCharge(battery: \"mian\", soc: 0.5))], faults: [", "\"mian\"", "did you mean `main`?"),
    ("faults: [", "changes: [(at: \"2025-05-02T10:00:00\", change: Grid(up: false))], faults: [", "\"2025-05-02T", "expected a time within the run"),
    ("faults: [", "changes: [(at: \"2025-06-08T00:00:00\", change: Grid(up: false))], faults: [", "\"2025-06-08T", "expected a time within the run"),
    ("faults: [", "changes: [(at: \"tomorrow\", change: Grid(up: false))], faults: [", "\"tomorrow\"", "as in \"2024-06-01\", or with a time"),
    // Brackets and commas.
    ("days: 7,", "days: 7", "step_s", "expected a comma"),
    ("days: 7,", "days 7,", " 7,\n", "no colon"),
    ("[(id: \"core\")]", "(id: \"core\")", "(id: \"core\")", "expected a list"),
    ("months: [6, 7]", "months: [6, 7)", ")),\n        ]),", "does not close `[`"),
    ("name: \"site\"", "name: site", "site,", "write \"site\""),
    (")\n", ")\nend\n", "end\n", "after the scenario's end"),
];

/// The line and the column of a piece of text, both from 1.
fn position(text: &str, piece: &str) -> String {
    let at = text.find(piece).unwrap_or_else(|| panic!("{piece:?} is not in the scenario"));
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[..at].matches('\n').count() + 1;
    format!("site.ron:{line}:{}: ", text[line_start..at].chars().count() + 1)
}

fn gridtwin(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridtwin"));
    command.current_dir(folder).args(arguments).output().expect("the command starts")
}

/// Runs a scenario, and gives the message with which it must have been refused.
fn refused(bytes: &[u8], arguments: &[&str]) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("site.ron"), bytes).expect("a scenario's file");
    let mut all = vec!["run", "site.ron"];
    all.extend(arguments);
    let output = gridtwin(folder.path(), &all);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    let wrong = [
        (output.status.code() != Some(2), "the exit code is not 2"),
        (message.contains("panicked"), "it panicked"),
        (message.lines().count() > 24, "the message is longer than a screen"),
        (!output.stdout.is_empty(), "something was printed"),
        (left.len() != 1, "something was left behind"),
    ];
    match wrong.iter().find(|(wrong, _)| *wrong) {
        Some((_, what)) => Err(format!("{what} ({}): {message}", output.status)),
        None => Ok(message),
    }
}

/// Every failing case is shown, not only the first.
fn all_good(failures: &[String]) {
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn every_mistake_in_a_scenario_is_told_at_its_place() {
    let mut failures = Vec::new();
    for (good, bad, at, hint) in CASES {
        assert!(GOOD.contains(good), "{good:?} is not in the good scenario");
        let text = GOOD.replacen(good, bad, 1);
        match refused(text.as_bytes(), &["--out", "out"]) {
            Err(why) => failures.push(format!("{bad}: {why}")),
            Ok(message) => {
                let place = position(&text, at);
                if !message.starts_with(&place) || !message.contains(hint) {
                    failures.push(format!("{bad}: expected {place}.. {hint}, found {message}"));
                }
            }
        }
    }
    all_good(&failures);
}

#[test]
fn files_that_are_no_scenarios_are_told_as_what_they_are() {
    let half = &GOOD.as_bytes()[..GOOD.len() / 2];
    let bomb = "[".repeat(100_000);
    let bomb_inside = GOOD.replace("[6, 7]", &bomb);
    let rows: [(&str, &[u8], &str, &str); 7] = [
        ("empty", b"", "site.ron:1:1: ", "empty file"),
        ("blank", b" \n // nothing\n", "site.ron:", "empty file"),
        ("cut", half, "site.ron:", "is never closed"),
        ("cut in a text", b"(\n name: \"si", "site.ron:2:8: ", "never closed"),
        ("binary", b"(\n name: \"s\xff\xfe\", )", "site.ron:2:10: ", "expected text in UTF-8"),
        ("a bomb", bomb.as_bytes(), "site.ron:1:", "expected"),
        ("a bomb inside", bomb_inside.as_bytes(), "site.ron:16:", "expected"),
    ];
    let mut failures = Vec::new();
    for (case, bytes, place, hint) in rows {
        match refused(bytes, &["--out", "out"]) {
            Ok(message) if message.starts_with(place) && message.contains(hint) => {}
            Ok(message) => failures.push(format!("{case}: expected {place} {hint}: {message}")),
            Err(why) => failures.push(format!("{case}: {why}")),
        }
    }
    all_good(&failures);
}

#[test]
fn bad_arguments_are_told_by_their_name() {
    let rows: [(&[&str], &str); 14] = [
        (&["--tasks", "5", "--format", "html"], "add csv or parquet"),
        (&["--seed", "-1"], "expected a whole number from 0"),
        (&["--days", "-3"], "expected a whole number of days from 1 to 36500"),
        (
            &["--set", "batteries.mian.capacity_kwh=8"],
            "--set batteries.mian.capacity_kwh=8: there is no `mian`",
        ),
        (&["--set", "batteries.main.capacity_kwh=-8"], "found -8, expected a number above zero"),
        (&["--set", "gird.import_limit_kw=8"], "did you mean `grid`?"),
        (&["--set", "days"], "expected PATH=VALUE"),
        (&["--set", "days=3, seed: 4"], "expected a single value"),
        (&["--days", "0"], "--days 0: found 0 days"),
        (&["--days", "x"], "--days"),
        (&["--format", "xml"], "expected csv, parquet, html or json"),
        (&["--out", "site.ron/x"], "is a file, expected a folder"),
        (&["--out", "."], "holds no run.json of gridtwin"),
        (&["--threads", "0"], "--threads"),
    ];
    let mut failures = Vec::new();
    for (arguments, hint) in rows {
        match refused(GOOD.as_bytes(), arguments) {
            Ok(message) if message.contains(hint) => {}
            Ok(message) => failures.push(format!("{arguments:?}: expected {hint}: {message}")),
            Err(why) => failures.push(format!("{arguments:?}: {why}")),
        }
    }
    all_good(&failures);
}

#[test]
fn a_missing_file_is_told_with_the_nearest_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("island.ron"), GOOD).expect("a scenario's file");
    let output = gridtwin(folder.path(), &["run", "iland.ron"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.starts_with("iland.ron: there is no such file"), "{message}");
    assert!(message.contains("did you mean `island.ron`?"), "{message}");
    let output = gridtwin(folder.path(), &["run", "."]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_island_that_nothing_holds_up_is_refused() {
    let start = GOOD.find("    grid: (").expect("a grid");
    let end = GOOD.find("    devices:").expect("devices");
    let island = format!("{}{}", &GOOD[..start], &GOOD[end..]);
    assert_eq!(gridtwin_check(&island).0, Some(0));
    let dark = island.replace("soc_min: 0.1", "grid_forming: false");
    let message = refused(dark.as_bytes(), &[]).unwrap_or_else(|why| panic!("{why}"));
    assert!(message.starts_with(&position(&dark, "false")), "{message}");
    assert!(message.contains("a genset"), "{message}");
}

#[test]
fn several_mistakes_are_told_at_once() {
    let text = GOOD.replace("busy_w: 160", "busy_w: 1").replace("\"core\"", "\"kernel\"");
    let text = text.replace("(id: \"kernel\")", "(id: \"core\")");
    let message = refused(text.as_bytes(), &[]).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(message.matches("expected at least idle_w 45 W").count(), 3, "{message}");
    let unknown = "there is no device fleet, edge server, switch or cloud `kernel`";
    assert_eq!(message.matches(unknown).count(), 4, "{message}");
}

#[test]
fn changes_are_checked_as_the_ones_before_leave_the_site() {
    let with =
        |changes: &str| GOOD.replace("faults: [", &format!("changes: [{changes}], faults: ["));
    let set = |at: &str, path: &str, value: &str| {
        format!(
            "(at: \"2025-06-0{at}T10:00:00\", change: Set(path: \"{path}\", value: \"{value}\")),"
        )
    };
    // The later one is good only after the earlier one, whichever is written first.
    let top = set("2", "batteries.main.soc_max", "0.99");
    let bottom = set("3", "batteries.main.soc_min", "0.96");
    for both in [[&*bottom, &*top], [&*top, &*bottom]] {
        assert_eq!(gridtwin_check(&with(&both.concat())), (Some(0), String::new()));
    }
    let alone = with(&bottom);
    let message = refused(alone.as_bytes(), &[]).unwrap_or_else(|why| panic!("{why}"));
    assert!(message.starts_with(&position(&alone, "\"0.96\"")), "{message}");
}

#[test]
fn a_change_after_the_end_of_a_run_that_was_cut_short_is_warned_of() {
    let text = GOOD.replace(
        "faults: [",
        "changes: [(at: \"2025-06-05T10:00:00\", change: Grid(up: false))], faults: [",
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("site.ron"), &text).expect("a scenario's file");
    let output = gridtwin(folder.path(), &["check", "site.ron", "--set", "days=1"]);
    let message = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{message}");
    assert!(
        message.contains(&format!("{}the change", position(&text, "\"2025-06-05"))),
        "{message}"
    );
}

fn gridtwin_check(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("site.ron"), text).expect("a scenario's file");
    let output = gridtwin(folder.path(), &["check", "site.ron"]);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_scenario_that_every_case_spoils_is_good() {
    assert_eq!(gridtwin_check(GOOD), (Some(0), String::new()));
}

#[test]
fn a_site_at_the_pole_is_good() {
    let pole = GOOD.replace("36.08", "-90");
    assert_eq!(gridtwin_check(&pole), (Some(0), String::new()));
}

#[test]
fn weather_of_another_place_is_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let weather = root.join("assets/weather/greensboro_tmy3.csv");
    let weather = format!("File(path: {:?})", weather.display().to_string());
    let good = GOOD.replace("Synthetic(clearness: 0.4)", &weather);
    assert_eq!(gridtwin_check(&good), (Some(0), String::new()));
    for (from, to) in [("-79.95", "79.95"), ("36.08", "-36.08"), ("36.08", "40")] {
        let wrong = good.replacen(from, to, 1);
        let message = refused(wrong.as_bytes(), &[]).unwrap_or_else(|why| panic!("{why}"));
        // Warnings of what is improbable come first.
        let place = position(&wrong, &weather["File(path: ".len()..]);
        assert!(message.lines().any(|line| line.starts_with(&place)), "{message}");
        assert!(message.contains("latitude 36.1") && message.contains(to), "{message}");
    }
}

#[test]
fn what_lies_outside_the_run_is_warned_of_and_run_all_the_same() {
    let text = GOOD.replace("days: 7", "days: 1");
    assert_eq!(gridtwin_check(&text), (Some(0), String::new()));
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("site.ron"), &text).expect("a scenario's file");
    let places = [position(&text, "\"2025-06-03T17"), position(&text, "\"2025-06-02T10")];
    let output = gridtwin(folder.path(), &["check", "site.ron"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let warned: Vec<&str> =
        told.lines().filter_map(|line| line.strip_prefix("  warning: ")).collect();
    assert!(told.ends_with("  ok, with 2 warnings\n"), "{told}");
    // A run says the same on standard error, where it is not quiet.
    let loud = gridtwin(folder.path(), &["run", "site.ron", "--out", "out", "--format", "csv"]);
    assert_eq!(loud.status.code(), Some(0));
    let loud = String::from_utf8_lossy(&loud.stderr).into_owned();
    let run: Vec<&str> = loud.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    assert_eq!((warned.len(), run.len()), (places.len(), places.len()), "{told}{loud}");
    for (place, lines) in places.iter().zip(warned.iter().zip(run)) {
        assert!(lines.0.starts_with(place) && lines.1.starts_with(place), "{told}{loud}");
        assert!(lines.1.contains("no effect"), "{loud}");
    }
    let output = gridtwin(folder.path(), &["run", "site.ron", "--quiet", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_table_that_is_not_text_is_told_at_its_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("load.csv"), b"kw\n1\n2\x00\n").expect("a file");
    let text = GOOD.replace(
        "Typical(shape: Office, annual_kwh: 200000)",
        "Csv(path: \"load.csv\", column: \"kw\")",
    );
    std::fs::write(folder.path().join("site.ron"), text).expect("a scenario's file");
    let output = gridtwin(folder.path(), &["check", "site.ron"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.starts_with("load.csv:3:2: found the byte 0x00 (byte 7"), "{message}");
    assert!(message.contains("UTF-8"), "{message}");
}

#[test]
fn bad_weather_is_told_at_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let weather = std::fs::read_to_string(root.join("assets/weather/greensboro_tmy3.csv"));
    let weather = weather.expect("the weather that comes along");
    let lines: Vec<&str> = weather.lines().collect();
    let half = lines[..lines.len() / 2].join("\n");
    let mut spoilt = lines.clone();
    let row = lines[2000].replacen(",0,", ",NaN,", 1);
    assert!(row.contains("NaN"), "{row}");
    spoilt[2000] = &row;
    let spoilt = spoilt.join("\n");
    let rows = [("cut", half.as_str(), "sky.csv:"), ("NaN", &spoilt, "sky.csv:2001:")];
    for (case, text, place) in rows {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("sky.csv"), text).expect("a file");
        let output = gridtwin(folder.path(), &["pv", "--weather", "sky.csv"]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{case}: {message}");
        assert!(message.starts_with(place) && message.contains("expected"), "{case}: {message}");
        assert!(output.stdout.is_empty(), "{case}");
    }
}
