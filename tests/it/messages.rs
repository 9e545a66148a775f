//! Whole messages, as a user reads them: slips that come from other formats and from editors, files of
//! another kind, files that are somewhere else.

use super::bad_input::GOOD;
use std::path::Path;
use std::process::{Command, Output};

fn gridtwin(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridtwin"));
    command.current_dir(folder).args(arguments).output().expect("the command starts")
}

/// What `gridtwin ARGUMENTS` says in a folder with this `site.ron`, which it must refuse.
fn refusal(bytes: &[u8], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("site.ron"), bytes).expect("a scenario's file");
    refusal_in(folder.path(), arguments)
}

fn refusal_in(folder: &Path, arguments: &[&str]) -> String {
    let output = gridtwin(folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert!(message.lines().all(|line| line.chars().count() <= 120), "{message}");
    message
}

/// The good scenario with one thing spoilt.
fn spoilt(good: &str, bad: &str) -> String {
    assert!(GOOD.contains(good), "{good:?} is not in the good scenario");
    GOOD.replacen(good, bad, 1)
}

/// All that is wrong, at once.
fn all_as_expected(rows: &[(&str, String, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(_, found, expected)| found != expected)
        .map(|(case, found, expected)| format!("{case}: found\n{found}\nexpected\n{expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn slips_of_other_formats_and_of_editors_are_told_with_what_to_write() {
    let check = |good, bad| refusal(spoilt(good, bad).as_bytes(), &["check", "site.ron"]);
    let rows = [
        (
            "thousands",
            check("annual_kwh: 200000", "annual_kwh: 210,000"),
            "site.ron:12:70: found `210,000`, expected a number without a comma
 12 | …ads: [(id: \"hall\", profile: Typical(shape: Office, annual_kwh: 210,000))],
    |                                                                 ^^^^^^^
   = a comma separates fields: write 210000, or 210.0 if the comma marks decimals
",
        ),
        (
            "millions",
            check("annual_kwh: 200000", "annual_kwh: 1,210,000"),
            "site.ron:12:70: found `1,210,000`, expected a number without a comma
 12 | …ads: [(id: \"hall\", profile: Typical(shape: Office, annual_kwh: 1,210,000))],
    |                                                                 ^^^^^^^^^
   = a comma separates fields: write 1210000
",
        ),
        (
            "decimal comma",
            check("dc_kw: 120", "dc_kw: 0,125"),
            "site.ron:8:30: found `0,125`, expected a number without a comma
 8 |     pv: [(id: \"roof\", dc_kw: 0,125, tilt_deg: 15, azimuth_deg: 180)],
   |                              ^^^^^
   = a comma separates fields: write 0.125
",
        ),
        (
            "equals sign",
            check("days: 7", "days = 7"),
            "site.ron:5:10: found `=` after `days`, expected a colon
 5 |     days = 7,
   |          ^
   = write `days: 7`
",
        ),
        (
            "hash",
            check("    days: 7,", "    # a week\n    days: 7,"),
            "site.ron:5:5: found `#`, expected a comment that begins with `//`
 5 |     # a week
   |     ^
   = write // before a comment
",
        ),
        (
            "typographic quotes",
            check("name: \"site\"", "name: “site”"),
            "site.ron:2:11: found the typographic quote “, expected a straight one (\")
 2 |     name: “site”,
   |           ^
   = write \"site\": a word processor or a web page has replaced the straight quotes
",
        ),
        (
            "single typographic quotes",
            check("id: \"roof\"", "id: ‘roof’"),
            "site.ron:8:15: found the typographic quote ‘, expected a straight one (\")
 8 |     pv: [(id: ‘roof’, dc_kw: 120, tilt_deg: 15, azimuth_deg: 180)],
   |               ^
   = write \"roof\": a word processor or a web page has replaced the straight quotes
",
        ),
        (
            "single quotes",
            check("name: \"site\"", "name: 'site'"),
            "site.ron:2:11: found 'site', expected a text in double quotes
 2 |     name: 'site',
   |           ^^^^^^
   = write \"site\"
",
        ),
        (
            "missing quote",
            check("name: \"site\"", "name: \"site"),
            "site.ron:2:11: found a text whose closing quote is missing: it continues on the next lines
 2 |     name: \"site,
   |           ^^^^^^
   = write the closing quote on the same line: \"site\"
",
        ),
        (
            "missing quote of the last text",
            check("\"2025-06-02T11:00:00\")]", "\"2025-06-02T11:00:00)]"),
            "site.ron:39:73: found a text whose closing quote is missing: it continues on the next lines
 39 | …s: [(what: Node(\"edge-2\"), from: \"2025-06-02T10:00:00\", until: \"2025-06-02T11:00:00)],
    |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^
   = write the closing quote on the same line: \"2025-06-02T11:00:00\"
",
        ),
        (
            "backslashes",
            check(
                "Typical(shape: Office, annual_kwh: 200000)",
                "Csv(path: \"C:\\data\\load.csv\")",
            ),
            "site.ron:12:45: found a backslash in quotes, where it has a special meaning
 12 |     loads: [(id: \"hall\", profile: Csv(path: \"C:\\data\\load.csv\"))],
    |                                             ^^^^^^^^^^^^^^^^^^
   = write \"C:/data/load.csv\", or double each backslash
",
        ),
        (
            "backslashes with a meaning",
            check(
                "Typical(shape: Office, annual_kwh: 200000)",
                "Csv(path: \"new\\table.csv\")",
            ),
            "site.ron:12:45: `\\t` in quotes means a tab, which a file's path cannot contain
 12 |     loads: [(id: \"hall\", profile: Csv(path: \"new\\table.csv\"))],
    |                                             ^^^^^^^^^^^^^^^
   = write \"new/table.csv\", with / instead of each backslash
",
        ),
        (
            "per cent",
            check("soc_min: 0.1", "soc_min: 10%"),
            "site.ron:10:84: found `10%`, expected a plain number
 10 | … capacity_kwh: 400, charge_kw: 100, discharge_kw: 90, soc_min: 10%),
    |                                                                 ^^^
   = write a share as a number between 0 and 1: 0.1
",
        ),
        (
            "a date at 24:00",
            check("until: \"2025-06-03T21:00:00\"", "until: \"2025-06-03T24:00\""),
            "site.ron:18:56: `until`: found \"2025-06-03T24:00\", expected a date, or a date and time, in local time
 18 |         outages: [(from: \"2025-06-03T17:00:00\", until: \"2025-06-03T24:00\")],
    |                                                        ^^^^^^^^^^^^^^^^^^
   = a day ends at 00:00 of the next day: write \"2025-06-04T00:00\"
",
        ),
        (
            "a blank in a name",
            check("id: \"hall\"", "id: \"the hall\""),
            "site.ron:12:18: `id`: found the name \"the hall\", expected 1 to 64 letters, digits, '-', '_' or '.'
 12 |     loads: [(id: \"the hall\", profile: Typical(shape: Office, annual_kwh: 200000))],
    |                  ^^^^^^^^^^
   = write \"the-hall\"
",
        ),
        (
            "a policy's name",
            check("dispatch: SelfConsumption", "dispatch: SelfConsumtion"),
            "site.ron:38:26: `dispatch`: found `SelfConsumtion`, expected one of `SelfConsumption`, `TimeOfUse`, `BackupReserve`
 38 |     policies: (dispatch: SelfConsumtion, offload: LeastLoaded),
    |                          ^^^^^^^^^^^^^^
   = did you mean `SelfConsumption`?
",
        ),
        (
            "what stands after the end",
            check("\n)\n", "\n)\nand so on\n"),
            "site.ron:41:1: found `a` after the scenario's end
 41 | and so on
    | ^
   = remove this text, or an extra closing bracket before it
",
        ),
    ];
    all_as_expected(&rows);
}

#[test]
fn several_mistakes_of_one_file_are_told_at_once() {
    let text = spoilt("days: 7,", "dayz: 7,")
        .replace("dc_kw: 120", "dc_kw: -120")
        .replace("offload: LeastLoaded", "offload: LeastLoad")
        .replace("per_minute: 6", "per_minute: \"6\"");
    let message = refusal(text.as_bytes(), &["check", "site.ron"]);
    let places: Vec<&str> =
        message.lines().filter_map(|line| line.strip_prefix("site.ron:")).collect();
    assert_eq!(places.len(), 4, "{message}");
    for (place, hint) in places.iter().zip([
        "5:5: there is no field `dayz`",
        "8:30: `dc_kw`: found -120",
        "34:70: `per_minute`: found `\"6\"`, expected a number",
        "38:52: `offload`: found `LeastLoad`",
    ]) {
        assert!(place.starts_with(hint), "{place}, expected {hint}");
    }
    // What lacks only what was wrong is not reported as lacking.
    assert!(!message.contains("has no"), "{message}");
    let lacking = spoilt("capacity_kwh: 400, ", "").replace("count: 20", "count: -20");
    let message = refusal(lacking.as_bytes(), &["check", "site.ron"]);
    assert_eq!(message.matches("site.ron:").count(), 2, "{message}");
    assert!(message.contains("has no `capacity_kwh`"), "{message}");
}

#[test]
fn a_file_of_another_kind_is_told_with_the_command_that_takes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let rows = [
        ("studies/battery.ron", "run", "this is a study, expected a scenario", "gridtwin sweep"),
        ("studies/battery.ron", "check", "this is a study, expected a scenario", "gridtwin sweep"),
        ("studies/outage.ron", "optimize", "this is a study, expected an optim", "gridtwin sweep"),
        ("studies/optimal-island.ron", "run", "this is an optimisation", "gridtwin optimize"),
        ("studies/optimal-campus.ron", "sweep", "this is an optimisation", "gridtwin optimize"),
        ("campus.ron", "sweep", "this is a scenario, expected a study", "gridtwin run"),
        ("island.ron", "optimize", "this is a scenario, expected an optim", "gridtwin run"),
    ];
    for (file, command, message, help) in rows {
        let found = refusal_in(&root, &[command, file]);
        assert!(found.starts_with(&format!("{file}:")), "{found}");
        assert!(found.contains(message), "{found}");
        assert!(found.contains(&format!("run it with `{help} {file}`")), "{found}");
    }
    // A flag for one value changes nothing about it.
    let found = refusal_in(&root, &["run", "studies/battery.ron", "--days", "1"]);
    assert!(found.contains("this is a study"), "{found}");
    let json = refusal(b"{\"name\": \"site\"}", &["run", "site.ron"]);
    assert!(json.contains("this looks like JSON"), "{json}");
}

#[test]
fn an_empty_file_is_empty_whatever_is_set() {
    for arguments in [
        &["run", "site.ron"][..],
        &["run", "site.ron", "--days", "1"],
        &["check", "site.ron", "--set", "days=3"],
    ] {
        assert_eq!(
            refusal(b"", arguments),
            "site.ron:1:1: found an empty file, expected a scenario
 1 | \n   | ^
   = copy an example of gridtwin, or write a new scenario with `gridtwin new NAME`
",
        );
    }
}

#[test]
fn a_file_that_is_somewhere_else_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inner = folder.path().join("scenarios");
    std::fs::create_dir_all(inner.join("studies")).expect("folders");
    std::fs::create_dir(folder.path().join("mine")).expect("a folder");
    for file in ["scenarios/campus.ron", "scenarios/studies/battery.ron", "mine/house.ron"] {
        std::fs::write(folder.path().join(file), GOOD).expect("a file");
    }
    let told = |arguments: &[&str]| refusal_in(folder.path(), arguments);
    let rows = [
        ("run", "campus.ron", "scenarios/campus.ron"),
        ("run", "campus", "scenarios/campus.ron"),
        ("check", "scenarios/campus", "scenarios/campus.ron"),
        ("check", "scenarios/camps.ron", "scenarios/campus.ron"),
        ("check", "house", "mine/house.ron"),
        ("check", "scenarios/house.ron", "mine/house.ron"),
        ("sweep", "battery.ron", "scenarios/studies/battery.ron"),
    ];
    for (command, wrong, right) in rows {
        assert_eq!(
            told(&[command, wrong]),
            format!("{wrong}: there is no such file; did you mean `{right}`?\n")
        );
    }
    assert_eq!(
        told(&["run", "scenarios"]),
        "scenarios: this is a folder, expected a scenario file; choose one of its files: \
         scenarios/campus.ron\n"
    );
    let far = told(&["run", "zzz.ron"]);
    assert!(far.contains("there is no such file"), "{far}");
    assert!(far.contains("`gridtwin new NAME`"), "{far}");
}

#[test]
fn what_editors_of_all_systems_write_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let windows = GOOD.replace('\n', "\r\n");
    let utf16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let named = GOOD.replace("\"hall\"", "\"Bücherei-2.OG\"").replace("\"site\"", "\"Höfe\"");
    let rows: [(&str, Vec<u8>); 5] = [
        ("Windows", windows.clone().into_bytes()),
        ("with a mark", format!("\u{feff}{GOOD}").into_bytes()),
        ("Notepad", utf16(&windows)),
        ("umlauts", named.into_bytes()),
        ("until 24:00", GOOD.replace("until: \"21:00\"", "until: \"24:00\"").into_bytes()),
    ];
    for (case, bytes) in rows {
        std::fs::write(folder.path().join("site.ron"), bytes).expect("a file");
        let output = gridtwin(folder.path(), &["check", "site.ron"]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*message), (Some(0), ""), "{case}");
    }
    // A mistake is told at its place there, too.
    let wrong = windows.replace("days: 7", "days: 0");
    assert!(
        refusal(&utf16(&wrong), &["check", "site.ron"]).starts_with("site.ron:5:11: found 0 d")
    );
    let from = GOOD.replace("from: \"16:00\"", "from: \"24:00\"");
    let message = refusal(from.as_bytes(), &["check", "site.ron"]);
    assert!(message.contains("write \"00:00\" for midnight"), "{message}");
}

#[test]
fn a_period_until_24_00_costs_what_one_until_midnight_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut summaries = Vec::new();
    for until in ["24:00", "00:00", "23:00"] {
        let text = GOOD.replace("until: \"21:00\"", &format!("until: \"{until}\""));
        std::fs::write(folder.path().join("site.ron"), text).expect("a file");
        // Without a battery, so that the night's power comes from the grid.
        let mut run = vec!["run", "site.ron", "--days", "1", "--set", "batteries=[]"];
        run.extend(["--quiet", "--format", "csv", "--out", "out"]);
        let output = gridtwin(folder.path(), &run);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{message}");
        let summary = std::fs::read_to_string(folder.path().join("out/summary.csv"));
        summaries.push(summary.expect("a summary"));
    }
    assert_eq!(summaries[0], summaries[1]);
    assert_ne!(summaries[0], summaries[2]);
}
