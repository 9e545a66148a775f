//! What newcomers get wrong in a file: a message names the place, what was found, and what to write.
//! Slips that come from other formats stand in `messages`, the long list of bad input in `bad_input`.

use super::bad_input::GOOD;
use crate::common::{gridtwin, root, scratch};
use std::path::Path;

/// The text that is replaced, its replacement, where the message must point, and what it must say.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Quotes that are missing.
    ("\"2025-06-01T00:00:00\",\n    days", "2025-06-01,\n    days", "2025-06-01,", &["without quotes", "write \"2025-06-01\""]),
    ("\"2025-06-01T00:00:00\",\n    days", "2025-06-01T00:00:00,\n    days", "2025-06-01T00", &["found 2025-06-01T00:00:00 without quotes", "write \"2025-06-01T00:00:00\""]),
    ("\"2025-06-01T00:00:00\",\n    days", "2025-6-1 08:30,\n    days", "2025-6-1", &["write \"2025-06-01T08:30\""]),
    ("\"2025-06-01T00:00:00\",\n    days", "01.06.2025,\n    days", "01.06.2025", &["write \"2025-06-01\""]),
    ("from: \"16:00\"", "from: 16:00", "16:00,", &["found 16:00 without quotes, expected a time of day", "write \"16:00\""]),
    ("until: \"21:00\"", "until: 9:00pm", "9:00pm", &["write \"21:00\""]),
    ("id: \"roof\"", "id: roof-1", "roof-1", &["`id`: found `roof-1`, expected a text in quotes", "write \"roof-1\""]),
    ("id: \"hall\"", "id: the hall", "the hall", &["`id`: found `the hall`", "write \"the-hall\""]),
    ("name: \"site\"", "name: my site", "my site", &["write \"my site\""]),
    ("\"America/New_York\"", "America/New_York", "America/New", &["`time_zone`: found `America/New_York`", "write \"America/New_York\""]),
    ("[\"edge-1\", \"edge-2\", \"edge-3\"]", "[edge-1, edge-2, edge-3]", "edge-1, edge-2", &["write \"edge-1\""]),
    ("Typical(shape: Office, annual_kwh: 200000)", "Csv(path: data/load.csv)", "data/load.csv", &["`path`: found `data/load.csv`", "write \"data/load.csv\""]),
    ("tariff: (", "tariff: (currency: EUR, ", "EUR", &["`currency`: found `EUR`, expected a text in quotes", "write \"EUR\""]),
    ("\"2025-06-01T00:00:00\",\n    days", "2025,\n    days", "2025,", &["expected a date, or a date and time, in quotes", "as in \"2024-06-17T08:30\""]),
    ("from: \"16:00\"", "from: 16", "16, until", &["`from`: found `16`", "write \"16:00\""]),
    ("tariff: (", "tariff: (currency: €, ", "€", &["`currency`: found `€`", "write \"€\""]),
    // Units, and words for numbers.
    ("dc_kw: 120", "dc_kw: 120 kW", "120 kW", &["found `120 kW`, expected a plain number", "write 120:"]),
    ("latitude_deg: 36.08", "latitude_deg: 36.08°", "36.08°", &["found `36.08°`, expected a plain number", "write 36.08:"]),
    ("days: 7", "days: seven", "seven", &["`days`: found `seven`, expected a whole number"]),
    ("count: 20", "count: many", "many", &["`count`: found `many`, expected a whole number"]),
    // Commas and brackets.
    ("tilt_deg: 15,", "tilt_deg: 15,,", ", azimuth", &["a second comma", "remove this comma"]),
    ("[6, 7]", "[6,, 7]", ", 7]", &["a second comma"]),
    ("pv: [(", "pv: [,(", ",(id: \"roof\"", &["a comma right after `[`"]),
    ("azimuth_deg: 180)],", "azimuth_deg: 180),", "[(id: \"roof\"", &["`[` of `pv` is never closed", "the field `batteries` follows on line 9", "write `]` before"]),
    ("[\"edge-1\", \"edge-2\", \"edge-3\"])],", "[\"edge-1\", \"edge-2\", \"edge-3\")],", ")],\n    policies", &["does not close `[` of `members`", "write `]` before it"]),
    ("azimuth_deg: 180)],", "azimuth_deg: 180],", "],\n    batteries", &["does not close `(` on line 8", "write `)` before it"]),
    ("azimuth_deg: 180)],", "azimuth_deg: 180))],", ")],\n    batteries", &["does not close `[` of `pv`"]),
    ("outages: [(from: \"2025-06-03T17:00:00\", until: \"2025-06-03T21:00:00\")],\n    ),", "outages: [(from: \"2025-06-03T17:00:00\", until: \"2025-06-03T21:00:00\")],", "(\n        import", &["`(` of `grid` is never closed", "write `)` before line 19"]),
    ("time_zone: \"America/New_York\"),", "time_zone: \"America/New_York\")),", "),\n    start", &["this `)` ends the scenario, but more of it follows on line 4", "a closing bracket too many"]),
    ("import_limit_kw: 250,\n", "import_limit_kw: 250),\n", "tariff: (", &["there is no field `tariff`", "a bracket before `tariff` is closed too early"]),
    ("(id: \"roof\", dc_kw: 120,", "[id: \"roof\", dc_kw: 120,", "[id: \"roof\"", &["found `[` before the field `id`, expected `(`"]),
    ("grid: (\n", "grid:\n", "import_limit", &["`grid`: found the field `import_limit_kw`, expected a value", "write a value after `grid:`, or put its fields in (..): `grid: (import_limit_kw: ..)`"]),
    ("(\n    name", "\n    name", "name", &["found the field `name`, expected `(` before the first field"]),
    ("dispatch: SelfConsumption, offload: LeastLoaded),", "dispatch: SelfConsumption, offload: LeastLoaded), resilience: true,", "true", &["`resilience`: found `true`, expected fields in parentheses"]),
    ("days: 7,", "days: ,", ",\n    step_s", &["`days`: found `,`, expected a value before it"]),
    // Names that are missing or are none.
    ("days: 7,", "\"days\": 7,", "\"days\"", &["expected a field's name without quotes", "write `days: ..`"]),
    ("days: 7,", "7,", "7,\n    step_s", &["found `7`, expected a field's name and a colon before it"]),
    ("Synthetic(clearness: 0.4)", "File(\"sky.epw\")", "\"sky.epw\"", &["write `path: \"sky.epw\"`"]),
    ("Typical(shape: Office, annual_kwh: 200000)", "Constant(0.4)", "0.4))", &["write `power_kw: 0.4`"]),
    ("capacity_kwh: 400", "capacity-kwh: 400", "capacity-kwh", &["did you mean `capacity_kwh`?"]),
    ("protocol: Raft", "protocol: multi-paxos", "multi-paxos", &["`protocol`: found `multi-paxos`", "write MultiPaxos"]),
    ("dispatch: SelfConsumption", "dispatch: 3", "3, offload", &["`dispatch`: found `3`, expected one of `SelfConsumption`"]),
    ("dispatch: SelfConsumption", "dispatch: \"selfconsumption\"", "\"selfcons", &["expected a name without quotes", "write SelfConsumption"]),
    // Positions, and parentheses once or twice.
    ("(id: \"core\")", "(id: \"core\", position_m: [1, 2, 3])", "[1, 2, 3]", &["`position_m`: found `[1, 2, 3]`, expected 3 numbers in parentheses", "write (1, 2, 3)"]),
    ("(id: \"core\")", "(id: \"core\", position_m: (1, 2))", "(1, 2)", &["found 2 numbers, expected 3", "metres east, north and up", "write (1, 2, 0)"]),
    ("(id: \"core\")", "(id: \"core\", position_m: (1, 2, 3, 4))", "(1, 2, 3, 4)", &["found 4 numbers, expected 3"]),
    ("(id: \"core\")", "(id: \"core\", position_m: (x: 1, y: 2, z: 3))", "(x: 1", &["expected 3 numbers in parentheses", "write (1, 2, 3)"]),
    ("Typical(shape: Office, annual_kwh: 200000)", "Csv((path: \"load.csv\"))", "(path: \"load", &["found a second `(` in `Csv((..))`", "write Csv(path: \"load.csv\")"]),
    ("Typical(shape: Office, annual_kwh: 200000)", "Typical((shape: Office, annual_kwh: 200000))", "(shape: Office", &["found a second `(`", "write Typical("]),
    ("Node(\"edge-2\")", "Node((\"edge-2\"))", "(\"edge-2\")", &["write Node(\"edge-2\")"]),
    // Zones.
    ("America/New_York", "UTC-5", "\"UTC-5\"", &["found `UTC-5`, expected the name of an IANA time zone", "\"America/New_York\"", "\"Etc/GMT+5\""]),
    ("America/New_York", "UTC+1", "\"UTC+1\"", &["\"Europe/Berlin\"", "\"Etc/GMT-1\""]),
    ("America/New_York", "EDT", "\"EDT\"", &["EDT is an abbreviation", "\"America/New_York\""]),
    ("America/New_York", "CEST", "\"CEST\"", &["\"Europe/Berlin\""]),
    // Numbers, at their own field.
    ("devices: [", "chargers: [(id: \"park\", count: 12.5, power_kw: 11, sessions: Elaad(place: Home, per_weekday: 1))], devices: [", "12.5", &["`count`: found `12.5`, expected a whole number"]),
    ("cores: 8, frequency", "cores: 7.5, frequency", "7.5", &["`cores`: found `7.5`, expected a whole number"]),
    ("months: [6, 7]", "months: [6, 7.5]", "7.5", &["`months`: found `7.5`, expected a whole number"]),
    ("tariff: (", "tariff: (additions: (vat: 19), ", "19)", &["19 % is written 0.19"]),
    ("soc_min: 0.1", "soc_min: 10", "10)", &["10 % is written 0.1"]),
    ("tariff: (", "tariff: (escalation_per_year: 1, ", "1, periods", &["2 % per year is written 0.02"]),
];

/// The line and the column of a piece of text, both from 1.
fn position(text: &str, piece: &str) -> String {
    let at = text.find(piece).unwrap_or_else(|| panic!("{piece:?} is not in the text"));
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[..at].matches('\n').count() + 1;
    format!("{line}:{}: ", text[line_start..at].chars().count() + 1)
}

/// What a command says that must be refused, in a folder.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = gridtwin().current_dir(folder).args(arguments).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    said
}

#[test]
fn every_slip_of_a_newcomer_is_told_at_its_place_with_what_to_write() {
    let folder = scratch("newcomer");
    let mut wrong = Vec::new();
    for (good, bad, at, hints) in CASES {
        assert!(GOOD.contains(good), "{good:?} is not in the good scenario");
        let text = GOOD.replacen(good, bad, 1);
        std::fs::write(folder.join("site.ron"), &text).expect("a file");
        let said = refused(&folder, &["check", "site.ron"]);
        let place = format!("site.ron:{}", position(&text, at));
        let missing: Vec<&&str> =
            hints.iter().filter(|hint| !flat(&said).contains(**hint)).collect();
        if !said.starts_with(&place) || !missing.is_empty() {
            wrong.push(format!("{bad}\nexpected {place}.. {missing:?}, found {said}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A message without the breaks within its last part.
fn flat(said: &str) -> String {
    said.replace("\n     ", " ")
}

#[test]
fn a_value_of_the_file_is_not_blamed_on_the_option_that_replaces_it() {
    let folder = scratch("newcomer-days");
    for (good, bad, arguments) in [
        ("days: 7", "days: \"56\"", &["check", "site.ron", "--days", "3"][..]),
        ("days: 7", "seed: \"1\"", &["check", "site.ron", "--seed", "3"]),
        (
            "capacity_kwh: 400",
            "capacity_kwh: \"400\"",
            &["check", "site.ron", "--set", "batteries.main.capacity_kwh=9"],
        ),
    ] {
        let text = GOOD.replacen(good, bad, 1);
        std::fs::write(folder.join("site.ron"), &text).expect("a file");
        let said = refused(&folder, arguments);
        let value = &bad[bad.find(": ").expect("a value") + 2..];
        assert!(said.starts_with(&format!("site.ron:{}", position(&text, value))), "{said}");
    }
}

/// A study of the good scenario, and an optimisation of it.
fn studies(folder: &Path, base: &str, days: &str, more: &str) {
    std::fs::write(folder.join("site.ron"), GOOD).expect("a file");
    let axis = "path: \"batteries.main.capacity_kwh\", values: List([100, 400])";
    let study = format!(
        "(\n    name: \"s\",\n    base: \"{base}\",\n    days: {days},\n    axes: [({axis})],\n)\n"
    );
    std::fs::write(folder.join("study.ron"), study).expect("a file");
    let optimum = format!(
        "(\n    name: \"o\",\n    site: Twin((\n        base: \"{base}\",\n        days: {days},\n        \
         choose: [({axis}, price: (per_unit: 300, life_years: 10))],\n    )),\n    currency: \"EUR\",\n    \
         minimise: [NetPresentCost],\n{more}    search: (polish: false),\n)\n"
    );
    std::fs::write(folder.join("optimum.ron"), optimum).expect("a file");
}

#[test]
fn a_study_is_told_its_own_field_and_not_an_option_that_nobody_gave() {
    let folder = scratch("newcomer-studies");
    for (days, hint) in [("0", "found 0 days, expected at least 1"), ("40000", "36500 at most")] {
        studies(&folder, "site.ron", days, "");
        let said = refused(&folder, &["sweep", "study.ron"]);
        assert!(said.starts_with("study.ron:4:11: ") && said.contains(hint), "{said}");
        let said = refused(&folder, &["optimize", "optimum.ron"]);
        assert!(said.starts_with("optimum.ron:5:15: ") && said.contains(hint), "{said}");
    }
    std::fs::create_dir_all(folder.join("studies")).expect("a folder");
    for (base, near) in
        [("sight.ron", "site.ron"), ("site", "site.ron"), ("studies/x/site.ron", "site.ron")]
    {
        studies(&folder, base, "1", "");
        let said = refused(&folder, &["sweep", "study.ron"]);
        let found = format!("study.ron:3:11: there is no file `{base}`");
        assert!(said.starts_with(&found), "{said}");
        assert!(said.contains(&format!("did you mean `{near}`?")), "{said}");
        let said = refused(&folder, &["optimize", "optimum.ron"]);
        assert!(said.starts_with("optimum.ron:4:15: there is no file"), "{said}");
    }
    // From the study's folder, wherever the command runs.
    studies(&folder, "site.ron", "1", "");
    std::fs::rename(folder.join("study.ron"), folder.join("studies/study.ron")).expect("moved");
    let said = refused(&folder, &["sweep", "studies/study.ron"]);
    assert!(said.contains("did you mean `../site.ron`?"), "{said}");
    let single = "(name: \"o\", site: Twin(base: \"site.ron\", choose: []))";
    std::fs::write(folder.join("optimum.ron"), single).expect("a file");
    let said = refused(&folder, &["optimize", "optimum.ron"]);
    assert!(said.contains("expected two pairs of parentheses"), "{said}");
    assert!(said.contains("write Twin((base: .., ..))"), "{said}");
}

#[test]
fn rates_in_per_cent_are_refused_with_the_share() {
    let folder = scratch("newcomer-rates");
    for (rate, hint) in [
        ("discount_rate: 4", "4 % a year is written 0.04"),
        ("discount_rate: 1", "1 % a year is written 0.01"),
        ("discount_rate: 0.04, escalation: 2.5", "2.5 % a year is written 0.025"),
    ] {
        let project = format!("    project: (life_years: 15, {rate}),\n");
        studies(&folder, "site.ron", "1", &project);
        let said = refused(&folder, &["optimize", "optimum.ron"]);
        assert!(said.contains("expected a yearly rate below 1"), "{said}");
        assert!(said.contains(hint), "{said}");
        let text = std::fs::read_to_string(folder.join("optimum.ron")).expect("a file");
        let value = rate.rsplit(": ").next().expect("a value");
        let at = position(&text, &format!("{value}),\n"));
        assert!(said.starts_with(&format!("optimum.ron:{at}")), "{said} {at}");
    }
    let island = root().join("scenarios/studies/optimal-island.ron");
    let island = std::fs::read_to_string(island).expect("an optimisation");
    for (good, bad, hint) in [
        ("loss_factor: 0.05", "loss_factor: 5", "5 % is written 0.05"),
        ("pv_derating: 1,", "pv_derating: 90,", "90 % is written 0.9"),
    ] {
        assert!(island.contains(good), "{good}");
        let text = island.replacen(good, bad, 1);
        std::fs::write(folder.join("island.ron"), &text).expect("a file");
        let said = refused(&folder, &["optimize", "island.ron"]);
        let value = bad.rsplit(": ").next().expect("a value");
        let at = position(&text, bad);
        let line = at.split(':').next().expect("a line");
        assert!(said.starts_with(&format!("island.ron:{line}:")), "{said}");
        assert!(said.contains(hint) && said.contains(value.trim_end_matches(',')), "{said}");
    }
}

#[test]
fn limits_that_no_candidate_keeps_to_are_a_failure_that_says_so() {
    let folder = scratch("newcomer-limits");
    for limits in
        ["(of: Carbon, most: 0.001)", "(of: Investment, most: 5), (of: Unserved, most: 9)"]
    {
        studies(&folder, "site.ron", "1", &format!("    limits: [{limits}],\n"));
        for quiet in [&[][..], &["--quiet"]] {
            let all = [&["optimize", "optimum.ron", "--out", "out"], quiet].concat();
            let output = gridtwin().current_dir(&folder).args(&all).output().expect("it starts");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(
                said.contains(
                    "optimum.ron:10:13: no candidate meets all limits (2 were evaluated)"
                ),
                "{said}"
            );
            assert!(said.contains("raise its `most`"), "{said}");
            assert!(folder.join("out/candidates.csv").exists(), "what was tried is there");
        }
    }
}

/// A pipe is read once, to its end; a device is refused.
#[cfg(unix)]
#[test]
fn a_scenario_may_come_through_a_pipe() {
    use std::io::Write;
    use std::process::Stdio;
    let folder = scratch("newcomer-pipe");
    let piped = |arguments: &[&str], text: &str| {
        let mut child = gridtwin()
            .current_dir(&folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).expect("written");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), said)
    };
    let (code, out, said) = piped(&["check", "/dev/stdin"], GOOD);
    assert_eq!((code, said.as_str()), (Some(0), ""), "{out}");
    assert!(out.starts_with("/dev/stdin: site, 7 days"), "{out}");
    let run = ["run", "/dev/stdin", "--days", "1", "--out", "out", "--quiet", "--format", "csv"];
    assert_eq!(piped(&run, GOOD).0, Some(0));
    assert!(folder.join("out/summary.csv").exists());
    // A mistake has its place, and data files lie in the current folder.
    let (code, _, said) = piped(&["check", "/dev/stdin"], &GOOD.replace("days: 7", "days: 0"));
    assert!(code == Some(2) && said.starts_with("/dev/stdin:5:11: found 0 days"), "{said}");
    let day = format!("kw\n{}", "1\n2\n".repeat(12));
    std::fs::write(folder.join("load.csv"), day).expect("a file");
    let with_file =
        GOOD.replace("Typical(shape: Office, annual_kwh: 200000)", "Csv(path: \"load.csv\")");
    let (code, _, said) = piped(&["check", "/dev/stdin"], &with_file);
    assert_eq!(code, Some(0), "{said}");
    // A study reads its base through a named pipe, once.
    let fifo = folder.join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    let writer = {
        let fifo = fifo.clone();
        std::thread::spawn(move || std::fs::write(fifo, GOOD))
    };
    studies(&folder, "fifo", "1", "");
    let sweep = ["sweep", "study.ron", "--out", "swept", "--quiet"];
    let output = gridtwin().current_dir(&folder).args(sweep).output().expect("it starts");
    writer.join().expect("joined").expect("written");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for device in ["/dev/zero", "/dev/null"] {
        let said = refused(&folder, &["check", device]);
        assert!(said.starts_with(&format!("{device}: this is a device, expected a")), "{said}");
    }
    let said = refused(&folder, &["check", "."]);
    assert!(said.contains("this is a folder"), "{said}");
}
