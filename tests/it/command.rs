//! The command's contract: what scripts may depend on.

use gridtwin_consensus::ProtocolName;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn gridtwin(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridtwin"));
    command.current_dir(folder).args(arguments).output().expect("the command starts")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_command_helps_with_an_example() {
    let folder = folder();
    let commands: [&[&str]; 12] = [
        &[],
        &["run"],
        &["check"],
        &["new"],
        &["pv"],
        &["view"],
        &["consensus"],
        &["consensus", "run"],
        &["consensus", "list"],
        &["consensus", "compare"],
        &["consensus", "explore"],
        &["consensus", "chaos"],
    ];
    for command in commands {
        let output = gridtwin(folder.path(), &[command, &["--help"]].concat());
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        assert!(out(&output).contains("Example"), "{}", out(&output));
    }
    assert!(out(&gridtwin(folder.path(), &["--version"])).starts_with("gridtwin "));
}

#[test]
fn bad_usage_exits_with_2_and_says_what_is_right() {
    let folder = folder();
    let rows: [(&[&str], &str); 24] = [
        (&["rum"], "run"),
        (&["chekc"], "'check'"),
        (&["pv", "--weather", "x", "--azimuth", "-10"], "between 0 and 360 degrees"),
        (&["consensus", "run", "--protocol", "raft", "--latency-ms", "1e7"], "3600000 ms"),
        (&["consensus", "run", "--protocol", "raft", "--nodes", "999"], "members from 1 to 128"),
        (&["consensus", "run", "--protocol", "raft", "--requests", "-4"], "from 1 to 10000000"),
        (&["consensus", "run", "--protocol", "raft", "--seed", "-1"], "whole number from 0"),
        (&["run"], "FILE"),
        (&["check"], "FILE"),
        (&["run", "x.ron", "--dayz", "3"], "--days"),
        (&["pv"], "--weather"),
        (&["pv", "--weather", "none.csv"], "none.csv: "),
        (&["pv", "--weather", "x", "--losses-percent", "140"], "expected 0 to 100 percent"),
        (&["pv", "--weather", "x", "--kwdc", "NaN"], "above zero"),
        (&["pv", "--weather", "x", "--sun-offset-minutes", "1e6"], "minutes from -1440 to 1440"),
        (&["consensus", "chaos", "--protocol", "raft", "--runs", "0"], "number of runs from 1"),
        (&["sweep", "x.ron", "--resume", "--restart"], "cannot be used with"),
        (&["consensus", "run", "--protocol", "praxos"], "paxos"),
        (&["consensus", "run", "--protocol", "pbft", "--byzantine", "1:evil"], "equivocate"),
        (&["consensus", "run", "--protocol", "pbft", "--partition", "0,1@2"], "two groups or more"),
        (&["consensus", "compare", "--nodes", "2"], "minimum size"),
        (&["consensus", "run", "--protocol", "pbft", "--nodes", "3"], "needs 4"),
        (&["consensus", "run", "--protocol", "raft", "--crash", "9@1"], "members are 0 to 3"),
        (
            &["consensus", "run", "--protocol", "raft", "--crash", "1@5..2"],
            "the crash before the restart",
        ),
    ];
    for (arguments, hint) in rows {
        let output = gridtwin(folder.path(), arguments);
        let message = err(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(hint) && out(&output).is_empty(), "{arguments:?}: {message}");
    }
}

#[test]
fn a_new_scenario_is_good_and_is_never_replaced() {
    let folder = folder();
    let output = gridtwin(folder.path(), &["new", "island"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = std::fs::read_to_string(folder.path().join("island.ron")).expect("written");
    assert!(text.contains("name: \"island\"") && text.contains("// "), "{text}");

    let output = gridtwin(folder.path(), &["check", "island.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).starts_with("island.ron: island, 7 days from "));
    assert!(out(&output).ends_with("\n  ok\n"), "{}", out(&output));

    // What stands in it as an example, but for what needs files or servers that are not there.
    let block = |begins: &str, ends: &str| {
        let at = text.find(begins).unwrap_or_else(|| panic!("{begins} in {text}"));
        let to = at + text[at..].find(ends).unwrap_or_else(|| panic!("{ends} in {text}"));
        let lines: Vec<&str> = text[at..to + ends.len()]
            .lines()
            .map(|l| l.trim_start().trim_start_matches("// "))
            .collect();
        lines.join("\n")
    };
    let mut whole = text.clone();
    for (begins, ends) in
        [("gensets: [", "//     ],"), ("chargers: [", "//     ],"), ("cloud: (", "),\n")]
    {
        let example = block(begins, ends);
        whole = whole.replacen("    pv: [", &format!("{example}\n    pv: ["), 1);
    }
    let way = block("(from: \"router\", to: \"cloud\"", "),\n");
    whole = whole.replacen("    links: [", &format!("    links: [\n{way}"), 1);
    std::fs::write(folder.path().join("whole.ron"), &whole).expect("written");
    let output = gridtwin(folder.path(), &["check", "whole.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}{whole}", err(&output));
    assert!(out(&output).contains("1 genset, 8 kW") && out(&output).contains("2 chargers, 22 kW"));

    std::fs::write(folder.path().join("island.ron"), "mine").expect("written");
    let output = gridtwin(folder.path(), &["new", "island"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("not overwritten"), "{}", err(&output));
    let text = std::fs::read_to_string(folder.path().join("island.ron")).expect("there");
    assert_eq!(text, "mine");

    for wrong in ["a b", "..", "none/x", ""] {
        let output = gridtwin(folder.path(), &["new", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", err(&output));
    }
}

#[test]
fn the_scenarios_that_come_along_are_good() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root.join("scenarios")).expect("scenarios");
    let mut files: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().to_str().map(str::to_owned))
        .filter(|path| path.ends_with(".ron"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut arguments = vec!["check"];
    arguments.extend(files.iter().map(String::as_str));
    let output = gridtwin(root, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output).lines().filter(|line| *line == "  ok").count(), files.len());
}

#[test]
fn checking_several_files_tells_what_is_wrong_in_each() {
    let folder = folder();
    gridtwin(folder.path(), &["new", "good"]);
    std::fs::write(folder.path().join("bad.ron"), "(").expect("written");
    let output = gridtwin(folder.path(), &["check", "bad.ron", "good.ron", "none.ron"]);
    assert_eq!(output.status.code(), Some(2));
    let message = err(&output);
    assert!(message.contains("bad.ron:1:1: ") && message.contains("none.ron: there"), "{message}");
    let output = gridtwin(folder.path(), &["check", "good.ron", "--set", "days=0"]);
    assert!(err(&output).starts_with("--set days=0: "), "{}", err(&output));
}

#[test]
fn two_runs_never_write_to_one_place() {
    let folder = folder();
    gridtwin(folder.path(), &["new", "a"]);
    std::fs::copy(folder.path().join("a.ron"), folder.path().join("b.ron")).expect("copied");
    let output = gridtwin(folder.path(), &["run", "a.ron", "b.ron", "--out", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("change `name` in one of these files"), "{}", err(&output));
    assert!(!folder.path().join("out").exists());
}

#[test]
fn protocols_are_listed() {
    let output = gridtwin(folder().path(), &["consensus", "list"]);
    let text = out(&output);
    let lines = text.lines().skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    let all = ProtocolName::ALL.map(ProtocolName::as_str);
    assert_eq!(names, all, "{text}");
    let json = out(&gridtwin(folder().path(), &["consensus", "list", "--json"]));
    let listed: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(listed.len(), all.len());
    for protocol in listed {
        for key in ["family", "faults", "time", "members", "messages", "delays", "paper"] {
            assert!(protocol[key].as_str().is_some_and(|text| !text.is_empty()), "{protocol}");
        }
        let tolerated = &protocol["faults"];
        assert!(*tolerated == "crash" || *tolerated == "Byzantine", "{protocol}");
    }
}

#[test]
fn protocols_are_compared_explored_and_shaken() {
    let folder = folder();
    let json = |words: &str| -> serde_json::Value {
        let output = gridtwin(folder.path(), &words.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0), "{words}: {}", err(&output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let rows = json("consensus compare --protocol raft,pbft --nodes 4,7 --requests 20 --json");
    let messages: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["messages"]).collect();
    assert_eq!(messages, [6.0, 12.0, 29.0, 92.0]);
    let searches = json("consensus explore --protocol raft --states 2000 --json");
    let decides = |search: &serde_json::Value| search["decides"] == true;
    assert!(searches.as_array().unwrap().iter().any(decides), "{searches}");
    let chaos = json("consensus chaos --protocol raft --runs 150 --json");
    assert_eq!((&chaos["unsafe_runs"], &chaos["stuck_runs"]), (&0.into(), &0.into()), "{chaos}");
    let beyond = json("consensus chaos --protocol pbft --runs 300 --beyond --json");
    assert!(beyond["unsafe_runs"].as_u64() > Some(0), "{beyond}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = folder();
    gridtwin(folder.path(), &["new", "a"]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_gridtwin"))
        .current_dir(folder.path())
        .arg("check")
        .args(vec!["a.ron"; 2000])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // More than a pipe holds is on its way when its reader goes.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
}

#[test]
fn one_array_under_a_year_of_weather_is_told_as_json() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let weather = "assets/weather/greensboro_tmy3.csv";
    let output = gridtwin(root, &["pv", "--weather", weather, "--kwdc", "4", "--json"]);
    let year: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let value = |key: &str| year[key].as_f64().unwrap_or_else(|| panic!("{key} in {year}"));
    // The file's own sum, and what a kilowatt makes in North Carolina.
    assert!((value("ghi_kwh_m2") - 1566.2).abs() < 0.1, "{year}");
    assert!((1200.0..1500.0).contains(&(value("ac_kwh") / 4.0)), "{year}");
    assert!(value("dc_kwh") > value("ac_kwh") && value("poa_kwh_m2") > 0.0, "{year}");
    assert_eq!(value("clipped_hours"), 0.0);
}

#[test]
fn a_protocol_s_run_is_told_as_json_and_is_the_same_every_time() {
    let folder = folder();
    let run = |seed: &str| {
        let words = "consensus run --protocol pbft --nodes 7 --requests 40 --crash 0@0.2 --json";
        let mut arguments: Vec<&str> = words.split(' ').collect();
        arguments.extend(["--seed", seed]);
        let output = gridtwin(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let text = run("3");
    assert_eq!(text, run("3"));
    assert_ne!(text, run("4"));
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&report["decided"], &report["violations"]), (&40.into(), &0.into()), "{text}");
    // The leader has gone: somebody else must have taken over.
    assert!(report["view_changes"].as_u64() > Some(0), "{text}");
    assert_eq!((&report["requests"], &report["submitted"]), (&40.into(), &40.into()), "{text}");
    for key in [
        "messages",
        "expected_messages",
        "repair_messages",
        "bytes",
        "delays",
        "joules_marginal",
        "joules_total",
    ] {
        assert!(report[key].as_f64() > Some(0.0), "{key} in {text}");
    }
    // Kind by kind it comes to the same, and so does node by node.
    let sum = |key: &str, parts: &[&str]| -> f64 {
        let rows = report[key].as_array().expect("rows").iter();
        rows.map(|row| parts.iter().filter_map(|part| row[part].as_f64()).sum::<f64>()).sum()
    };
    assert_eq!(Some(sum("by_kind", &["bytes"])), report["bytes"].as_f64(), "{text}");
    let joules = report["joules_marginal"].as_f64().unwrap();
    assert!((sum("nodes_j", &["compute", "network"]) / joules - 1.0).abs() < 1e-9, "{text}");
    assert!(report["operations"]["signatures"].as_u64() > Some(0), "{text}");
    for key in ["p50", "p95", "p99"] {
        assert!(report["latency_ms"][key].as_f64() > Some(0.0), "{key} in {text}");
    }
}

#[test]
fn the_classes_of_tasks_add_up_to_all_tasks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = folder();
    let place = folder.path().join("out");
    let place = place.to_str().expect("a path");
    let run = ["run", "scenarios/campus.ron", "--days", "1", "--format", "csv", "--out", place];
    let output = gridtwin(root, &run);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let summary = std::fs::read_to_string(folder.path().join("out/summary.csv")).expect("written");
    let value = |name: &str| -> f64 {
        let line = summary.lines().find_map(|line| line.strip_prefix(&format!("{name},")));
        let cell = line.unwrap_or_else(|| panic!("{name} in {summary}"));
        cell.split(',').next().expect("a value").parse().expect("a number")
    };
    for what in ["arrived", "completed", "missed", "lost"] {
        let classes =
            value(&format!("tasks.vision.{what}")) + value(&format!("tasks.forecast.{what}"));
        assert_eq!(classes, value(&format!("tasks.{what}")), "{what}");
    }
    // The mean over all tasks is the classes' means, weighted.
    let weighted = |class: &str| {
        value(&format!("tasks.{class}.carbon_g_per_task"))
            * value(&format!("tasks.{class}.arrived"))
    };
    let all = (weighted("vision") + weighted("forecast")) / value("tasks.arrived");
    assert!((all / value("tasks.carbon_g_per_task") - 1.0).abs() < 1e-4, "{all}");
    assert!(value("tasks.vision.latency_ms_p95") > value("tasks.forecast.latency_ms_p95"));
}

#[test]
#[cfg(unix)]
fn pv_writes_its_table_to_any_path_but_its_weather() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let here = |name: &str| folder.path().join(name);
    let sample = "tests/refs/weather/solar_anywhere_first_days.csv";
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join(sample);
    let weather = std::fs::read_to_string(sample).unwrap();
    std::fs::write(here("weather.csv"), &weather).unwrap();
    let pv = |out: &str| gridtwin(folder.path(), &["pv", "--weather", "weather.csv", "--out", out]);
    symlink("weather.csv", here("again.csv")).unwrap();
    for out in ["weather.csv", "./weather.csv", "again.csv"] {
        let output = pv(out);
        assert_eq!(output.status.code(), Some(2), "{out}: {}", err(&output));
        assert!(err(&output).contains("the weather file itself"), "{}", err(&output));
    }
    assert_eq!(std::fs::read_to_string(here("weather.csv")).unwrap(), weather);
    let output = pv("plain.csv");
    assert!(output.status.success(), "{}", err(&output));
    let table = std::fs::read(here("plain.csv")).unwrap();
    // As any file that is made here.
    let mode = |name: &str| std::fs::metadata(here(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("plain.csv"), mode("weather.csv"));
    std::fs::set_permissions(here("plain.csv"), PermissionsExt::from_mode(0o640)).unwrap();
    symlink("plain.csv", here("link.csv")).unwrap();
    assert!(pv("link.csv").status.success());
    assert!(here("link.csv").is_symlink() && mode("plain.csv") == 0o640);
    assert_eq!(std::fs::read(here("plain.csv")).unwrap(), table);
    symlink("new.csv", here("dangling.csv")).unwrap();
    assert!(pv("dangling.csv").status.success());
    assert_eq!(std::fs::read(here("new.csv")).unwrap(), table);
    assert!(pv("/dev/null").status.success());
    let text = out(&pv("/dev/stdout"));
    assert!(text.as_bytes().starts_with(&table), "{text}");
}
