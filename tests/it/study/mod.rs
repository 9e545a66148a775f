//! Studies as their users meet them: a row for each run, whatever fails, whoever runs it, and however
//! often it is killed.

#![allow(clippy::disallowed_methods, reason = "waits for another process")]

mod comparison;
mod optimum;

use crate::common::{gridtwin, root, scratch};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

/// A study of the island, which is quick to run.
fn study(folder: &Path, axes: &str, more: &str) -> PathBuf {
    let base = root().join("scenarios/island.ron");
    let text = format!("(name: \"s\", base: {base:?}, days: 1, axes: [{axes}], {more})");
    let file = folder.join("s.ron");
    std::fs::write(&file, text).unwrap();
    file
}

const BATTERY: &str = "(path: \"batteries.battery.capacity_kwh\", name: \"battery_kwh\", \
                       values: List([500, 1500]))";
const DISPATCH: &str = "(path: \"policies.dispatch\", name: \"dispatch\", \
                        values: List([\"SelfConsumption\", \"BackupReserve(reserve_soc: 0.6)\"]))";
const START: &str = "(path: \"gensets.diesel.start_below_soc\", name: \"start\", \
                     values: List([0.2, 0.5]))";

fn run(words: &[&str]) -> Output {
    gridtwin().args(words).output().unwrap()
}

fn ok(words: &[&str]) -> String {
    let output = run(words);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files that must not depend on how a study was run.
fn same(one: &Path, other: &Path) {
    for file in ["results.csv", "results.parquet", "dictionary.csv", "report.html", "study.ron"] {
        let [one, other] = [one, other].map(|folder| std::fs::read(folder.join(file)).unwrap());
        assert!(one == other, "{file}");
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a command that is refused says; its exit status is 2.
fn refused(words: &[&str]) -> String {
    let output = run(words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    said
}

#[test]
fn parts_and_threads_and_kills_leave_the_same_bytes() {
    let dir = scratch("study-same");
    let file = study(&dir, &format!("{BATTERY}, {DISPATCH}"), "replicates: 3");
    let whole = dir.join("whole");
    ok(&["sweep", path(&file), "--out", path(&whole), "--jobs", "1"]);
    assert_eq!(text(&whole.join("results.csv")).lines().count(), 13);

    let mut parts = vec!["sweep", path(&file), "--out"];
    let merged = dir.join("merged");
    parts.extend([path(&merged), "--merge"]);
    let shards: Vec<PathBuf> = (0..3).map(|i| dir.join(format!("part-{i}"))).collect();
    for (i, shard) in shards.iter().enumerate() {
        let part = format!("{i}/3");
        ok(&["sweep", path(&file), "--out", path(shard), "--shard", &part, "--jobs", "3"]);
    }
    parts.extend(shards.iter().map(|shard| path(shard)));
    ok(&parts);
    same(&whole, &merged);
    // A part that is missing is told, and nothing is written.
    std::fs::remove_dir_all(&merged).unwrap();
    let output = run(&parts[..parts.len() - 1]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("run 2 is in none of the shards"));
    assert!(!merged.exists());

    // Killed after its second run, and gone on with.
    let killed = dir.join("killed");
    let mut child = gridtwin()
        .args(["sweep", path(&file), "--out", path(&killed), "--jobs", "1"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let journal = killed.join("runs.jsonl");
    let lines = || std::fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    while lines() < 2 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = lines();
    assert!(before >= 2, "{before}");
    // A last line that was cut is run again.
    let whole_lines = text(&journal);
    std::fs::write(&journal, &whole_lines[..whole_lines.len() - 7]).unwrap();
    ok(&["sweep", path(&file), "--out", path(&killed), "--resume"]);
    same(&whole, &killed);
    // What is done is not run again: the journal does not grow.
    let done = text(&journal);
    ok(&["sweep", path(&file), "--out", path(&killed), "--resume"]);
    assert_eq!(text(&journal), done);
    same(&whole, &killed);
}

#[test]
fn a_run_that_fails_is_a_row_and_the_rest_goes_on() {
    let dir = scratch("study-fails");
    let axis = "(path: \"batteries.battery.capacity_kwh\", values: List([500, -3, 1500]))";
    let file = study(&dir, axis, "");
    let out = dir.join("out");
    let output = run(&["sweep", path(&file), "--out", path(&out)]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 of 3 runs failed"), "{said}");
    let mut reader = csv::Reader::from_path(out.join("results.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let errors: Vec<&str> = rows.iter().map(|row| &row[column("error")]).collect();
    assert_eq!((errors[0], errors[2]), ("", ""));
    assert!(errors[1].contains("found -3, expected a number above zero"), "{}", errors[1]);
    let metric = column("energy.pv_kwh");
    assert!(rows[0][metric].parse::<f64>().unwrap() > 0.0);
    assert_eq!(&rows[1][metric], "");
}

#[test]
fn a_runs_row_is_what_run_says() {
    let dir = scratch("study-alone");
    let file = study(&dir, BATTERY, "replicates: 2, metrics: [\"cost.total\", \"energy.*\"]");
    let out = dir.join("out");
    ok(&["sweep", path(&file), "--out", path(&out)]);
    let alone = dir.join("alone");
    let island = root().join("scenarios/island.ron");
    let seed = text(&island).contains("seed: 4").then_some("5").unwrap();
    let set = "batteries.battery.capacity_kwh=1500";
    ok(&["run", path(&island), "--days", "1", "--seed", seed, "--set", set, "--out", path(&alone)]);
    let mut reader = csv::Reader::from_path(out.join("results.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = reader.records().nth(3).unwrap().unwrap();
    assert_eq!((&row[5], &row[3]), ("1500", seed));
    assert_eq!(&header[6], "cost.total");
    let summary = text(&alone.join("summary.csv"));
    for (name, value) in header.iter().zip(&row).skip(6).take(header.len() - 7) {
        assert!(name == "cost.total" || name.starts_with("energy."), "{name}");
        let line = format!("{name},{value},");
        assert!(summary.lines().any(|of| of.starts_with(&line)), "{line}");
    }
}

#[test]
fn every_column_of_every_file_has_a_meaning() {
    let dir = scratch("study-dictionary");
    let campus = root().join("scenarios/campus.ron");
    ok(&["run", path(&campus), "--days", "1", "--tasks", "9", "--out", path(&dir.join("run"))]);
    let file = study(&dir, BATTERY, "");
    ok(&["sweep", path(&file), "--out", path(&dir.join("sweep"))]);
    for (folder, files) in [
        (
            dir.join("run"),
            &[
                "timeseries",
                "carbon",
                "tasks",
                "tasks_hourly",
                "consensus",
                "consensus_hourly",
                "events",
                "ev_sessions",
            ][..],
        ),
        (dir.join("sweep"), &["results"][..]),
    ] {
        let mut dictionary = csv::Reader::from_path(folder.join("dictionary.csv")).unwrap();
        let rows: Vec<csv::StringRecord> = dictionary.records().map(Result::unwrap).collect();
        for row in &rows {
            assert!(!row[4].is_empty(), "{row:?} means nothing");
        }
        for file in files {
            let mut table = csv::Reader::from_path(folder.join(format!("{file}.csv"))).unwrap();
            let header: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
            let told: Vec<&str> = rows.iter().filter(|r| r[0] == **file).map(|r| &r[1]).collect();
            assert_eq!(header, told, "{file}");
        }
    }
    let summary = text(&dir.join("run/summary.csv"));
    let dictionary = text(&dir.join("run/dictionary.csv"));
    for line in summary.lines().skip(1) {
        let name = line.split(',').next().unwrap();
        assert!(dictionary.contains(&format!("summary,{name},number,")), "{name}");
    }
}

#[test]
fn mistakes_in_a_study_are_told_where_they_stand() {
    let dir = scratch("study-mistakes");
    let axes = [
        ("(path: \"batteries.batery.capacity_kwh\", values: List([1]))", "did you mean `battery`?"),
        ("(path: \"seed\", values: List([1]))", "cannot be an axis"),
        (
            "(path: \"pv.field.dc_kw\", name: \"error\", values: List([1]))",
            "give the axis another name",
        ),
        ("(path: \"pv.field.dc_kw\", values: Linspace(from: 1, to: 2, count: 0))", "count"),
        (
            "(path: \"pv.field.dc_kw\", values: Normal(mean: 1, sd: -1))], samples: 4, metrics: [",
            "sd",
        ),
        ("(path: \"pv.field.dc_kw\", values: Uniform(from: 1, to: 2))", "samples"),
        ("(path: \"pv.field.dc_kw\", vlaues: List([1]))", "did you mean `values`?"),
    ];
    for (axis, told) in axes {
        let file = study(&dir, axis, "");
        let output = run(&["sweep", path(&file), "--out", path(&dir.join("out"))]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{axis}: {said}");
        assert!(said.contains(told), "{axis}: {said}");
        assert!(said.contains(&format!("{}:1:", file.display())), "{axis}: {said}");
        assert!(!dir.join("out").exists(), "nothing is written");
    }
    let file = study(&dir, BATTERY, "");
    let foreign = dir.join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.tex"), "years of work").unwrap();
    let output = run(&["sweep", path(&file), "--out", path(&foreign)]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("thesis.tex"));
    // An optimisation is not searched for in vain, either.
    let hours = root().join("scenarios/studies/optimal-campus.ron");
    let output = run(&["optimize", path(&hours), "--out", path(&foreign)]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("thesis.tex"));
    assert_eq!(text(&foreign.join("thesis.tex")), "years of work");
    for words in [vec!["compare", path(&foreign), path(&foreign)], vec!["compare", path(&foreign)]]
    {
        assert_eq!(run(&words).status.code(), Some(2));
    }
}

#[test]
fn an_unknown_metric_is_bad_input_with_its_place() {
    let dir = scratch("study-metric");
    std::fs::copy(root().join("scenarios/campus.ron"), dir.join("campus.ron")).unwrap();
    let axis = "path: \"batteries.container.capacity_kwh\", values: List([1, 2])";
    let sweep = format!(
        "(name: \"s\", base: \"campus.ron\", axes: [({axis})], metrics: [\"energy.imports_kwh\"])"
    );
    let optimize = format!(
        "(name: \"o\", site: Twin((base: \"campus.ron\", days: 7, choose: [({axis}, price: \
         (per_unit: 350, life_years: 15))])),\n minimise: [NetPresentCost, \
         Metric(\"consensus.receipts.latency\")])"
    );
    for (command, text, place, nearest) in [
        ("sweep", sweep, ":1:", "did you mean `energy.import_kwh`?"),
        ("optimize", optimize, ":2:", "did you mean `consensus.receipts.latency_ms_p"),
    ] {
        let file = dir.join(format!("{command}.ron"));
        std::fs::write(&file, text).unwrap();
        let output = run(&[command, path(&file), "--out", path(&dir.join("out"))]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{}{place}", file.display())), "{said}");
        assert!(said.contains(nearest), "{said}");
        assert!(!dir.join("out").exists(), "nothing is written");
    }
}

#[test]
fn the_studies_that_come_with_gridtwin_can_be_run() {
    let folder = root().join("scenarios/studies");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if text(&path).contains("\n    site: ") {
            if let Err(error) = gridtwin_study::optimize::Problem::load(&path) {
                panic!("{error}");
            }
            continue;
        }
        let plan = gridtwin_study::Plan::load(&path);
        let plan = plan.unwrap_or_else(|error| panic!("{error}"));
        // A hundred points, spread over all of them.
        let points = plan.design.len() as u64;
        for point in (0..points).step_by((points / 100).max(1) as usize) {
            let of = plan.run(point * u64::from(plan.study.replicates));
            plan.scenario_at(of.point, of.seed).unwrap_or_else(|error| panic!("{error}"));
        }
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn another_s_files_are_never_overwritten_whatever_they_are_called() {
    let dir = scratch("study-foreign");
    let file = study(&dir, BATTERY, "");
    let hours = root().join("scenarios/studies/optimal-campus.ron");
    let names = ["results.csv", "report.html", "study.json", "study.ron", "runs.jsonl"];
    for (i, name) in names.iter().enumerate() {
        let out = dir.join(format!("foreign-{i}"));
        std::fs::create_dir(&out).unwrap();
        std::fs::write(out.join(name), "{\"name\": \"mine\", \"version\": \"1\"}\n").unwrap();
        let before = text(&out.join(name));
        for words in [
            &["sweep", path(&file), "--out", path(&out)][..],
            &["sweep", path(&file), "--out", path(&out), "--resume"],
            &["sweep", path(&file), "--out", path(&out), "--restart"],
            &["optimize", path(&hours), "--out", path(&out)],
        ] {
            let said = refused(words);
            assert!(said.contains(name) && said.contains("choose another folder"), "{said}");
        }
        assert_eq!(text(&out.join(name)), before);
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
    }
    // Nor where shards are put together.
    let whole = dir.join("whole");
    ok(&["sweep", path(&file), "--out", path(&whole)]);
    let foreign = dir.join("foreign-0");
    refused(&["sweep", path(&file), "--out", path(&foreign), "--merge", path(&whole)]);
    // An empty folder, and a study's own, are used.
    let empty = dir.join("empty");
    std::fs::create_dir(&empty).unwrap();
    ok(&["sweep", path(&file), "--out", path(&empty)]);
    ok(&["sweep", path(&file), "--out", path(&empty)]);
    same(&whole, &empty);
}

#[test]
fn a_broken_line_of_the_journal_costs_its_own_run_alone() {
    let dir = scratch("study-broken");
    let file = study(&dir, &format!("{BATTERY}, {DISPATCH}"), "");
    let (whole, out) = (dir.join("whole"), dir.join("out"));
    for folder in [&whole, &out] {
        ok(&["sweep", path(&file), "--out", path(folder), "--jobs", "1"]);
    }
    let journal = out.join("runs.jsonl");
    let all = text(&journal);
    let mut lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 4);
    lines[1] = "";
    lines[2] = "{\"run\": 2, \"id\"";
    std::fs::write(&journal, lines.join("\n") + "\n").unwrap();
    let output = run(&["sweep", path(&file), "--out", path(&out), "--resume"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("runs.jsonl:3: ") && !said.contains("runs.jsonl:2: "), "{said}");
    same(&whole, &out);
    // Only the two that were lost have been run again.
    let now = text(&journal);
    assert_eq!(now.lines().count(), 6, "{now}");
    assert_eq!((now.lines().next(), now.lines().nth(3)), (Some(lines[0]), Some(lines[3])));
}

#[test]
fn runs_of_a_study_that_is_not_finished_are_not_discarded_unasked() {
    let dir = scratch("study-unfinished");
    let file = study(&dir, &format!("{BATTERY}, {DISPATCH}"), "");
    let (whole, out) = (dir.join("whole"), dir.join("out"));
    ok(&["sweep", path(&file), "--out", path(&whole), "--jobs", "1"]);
    std::fs::create_dir(&out).unwrap();
    let journal = out.join("runs.jsonl");
    let two: Vec<String> =
        text(&whole.join("runs.jsonl")).lines().take(2).map(str::to_owned).collect();
    let two = two.join("\n") + "\n";
    std::fs::write(&journal, &two).unwrap();
    let said = refused(&["sweep", path(&file), "--out", path(&out)]);
    assert!(said.contains("2 of 4 runs are already finished"), "{said}");
    for way in ["add --resume", "add --restart", "another folder with --out DIR"] {
        assert!(said.contains(way), "{said}");
    }
    let other = study(&scratch("study-unfinished-other"), START, "");
    let said = refused(&["sweep", path(&other), "--out", path(&out)]);
    assert!(said.contains("none of them belongs to this study as it is now"), "{said}");
    let hours = root().join("scenarios/studies/optimal-campus.ron");
    let said = refused(&["optimize", path(&hours), "--out", path(&out)]);
    assert!(said.contains("2 runs of an unfinished study") && said.contains("--restart"), "{said}");
    assert_eq!(text(&journal), two);
    ok(&["sweep", path(&file), "--out", path(&out), "--resume"]);
    same(&whole, &out);
    std::fs::remove_file(out.join("study.json")).unwrap();
    ok(&["sweep", path(&file), "--out", path(&out), "--restart"]);
    assert_eq!(text(&journal).lines().count(), 4);
    same(&whole, &out);
}
