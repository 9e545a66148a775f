//! The live twin as a user meets it: the demonstration with nothing installed, Ctrl-C, a kill in the
//! middle, the same day once more, and the mistakes that a newcomer makes.

#![allow(clippy::disallowed_methods, reason = "waits for another process")]

use crate::common::gridtwin;
use gridtwin_link::journal::Journal;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// Long enough for a machine that has much to do.
const PATIENCE: Duration = Duration::from_secs(120);

fn campus() -> String {
    format!("{}/scenarios/campus.ron", env!("CARGO_MANIFEST_DIR"))
}

fn demo(folder: &Path, more: &[&str]) -> std::process::Command {
    let mut command = gridtwin();
    command.current_dir(folder).args(["link", &campus(), "--demo", "--speed", "3000"]);
    command.args(["--record", "day.sqlite", "--out", "day"]).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// All files of a report but the one with wall-clock times.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.file_name().is_some_and(|name| name != "run.json"))
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())
        })
        .collect()
}

fn replay(folder: &Path, out: &str) -> BTreeMap<String, Vec<u8>> {
    let mut command = gridtwin();
    command.current_dir(folder).args(["link", "--replay", "day.sqlite", "--out", out]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", text(&done));
    files(&folder.join(out))
}

fn wait_for_interval(child: &mut Child, journal: &Path, interval: u64) -> i64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok(mut reader) = Journal::read(journal) {
            let last = reader.intervals(None).filter_map(Result::ok).last();
            if last.is_some_and(|last| last.number >= interval) {
                return reader.messages(0).filter_map(Result::ok).map(|m| m.id).last().unwrap();
            }
        }
        assert_eq!(child.try_wait().unwrap(), None, "it ended too early");
        assert!(Instant::now() < deadline, "interval {interval} was never lived");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_demonstration_reports_and_replays_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let done = demo(folder.path(), &["--hours", "4"]).output().unwrap();
    assert!(done.status.success(), "{}", text(&done));
    assert!(text(&done).contains("report.html"), "{}", text(&done));
    let live = files(&folder.path().join("day"));
    assert!(live["report.html"].len() > 10_000 && live["timeseries.csv"].len() > 1_000);
    let (once, twice) = (replay(folder.path(), "once"), replay(folder.path(), "twice"));
    assert_eq!(once.keys().collect::<Vec<_>>(), live.keys().collect::<Vec<_>>());
    for (name, bytes) in &live {
        assert!(once[name] == *bytes && twice[name] == *bytes, "{name} differs");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_session_with_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = demo(folder.path(), &[]).spawn().unwrap();
    wait_for_interval(&mut child, &folder.path().join("day.sqlite"), 3);
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(told.unwrap().success());
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", text(&done));
    assert!(folder.path().join("day/report.html").is_file());
}

#[cfg(unix)]
#[test]
fn a_killed_session_loses_nothing_that_was_written_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("day.sqlite");
    let mut child = demo(folder.path(), &[]).spawn().unwrap();
    let written = wait_for_interval(&mut child, &journal, 4);
    child.kill().unwrap();
    child.wait().unwrap();
    let before: Vec<_> = Journal::read(&journal).unwrap().messages(0).map(Result::unwrap).collect();
    assert!(before.len() as i64 >= written, "{} and {written}", before.len());
    let done = demo(folder.path(), &["--hours", "1"]).output().unwrap();
    assert!(done.status.success(), "{}", text(&done));
    let mut reader = Journal::read(&journal).unwrap();
    let after: Vec<_> = reader.messages(0).map(Result::unwrap).collect();
    assert_eq!(after[..before.len()], before[..], "what was written stays");
    assert!(after.len() > before.len(), "and more has come");
    let numbers: Vec<u64> = reader.intervals(None).map(|i| i.unwrap().number).collect();
    assert!(numbers.iter().zip(0..).all(|(&number, k)| number == k), "{numbers:?}");
    let live = files(&folder.path().join("day"));
    let again = replay(folder.path(), "again");
    assert!(live["timeseries.csv"] == again["timeseries.csv"]);
}

#[test]
fn mistakes_are_told_and_no_secret_is() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = gridtwin();
        command.current_dir(folder.path()).arg("link").args(arguments);
        command.env("GRIDTWIN_MQTT_USER", "meter").env("GRIDTWIN_MQTT_PASSWORD", "s3cr3t-w0rd");
        let done = command.output().unwrap();
        let said = text(&done);
        assert!(!said.contains("s3cr3t-w0rd") && !said.contains("panicked"), "{said}");
        (done.status.code(), said)
    };
    let campus = campus();
    let island = format!("{}/scenarios/island.ron", env!("CARGO_MANIFEST_DIR"));
    let (code, said) = run(&[&campus]);
    assert!(code == Some(2) && said.contains("--broker") && said.contains("--demo"), "{said}");
    let (code, said) = run(&[&island, "--demo"]);
    assert!(code == Some(2) && said.contains("meters"), "{said}");
    let (code, said) = run(&[&campus, "--broker", "mqtt://me:s3cr3t-w0rd@localhost"]);
    assert!(code == Some(2) && said.contains("GRIDTWIN_MQTT_PASSWORD"), "{said}");
    let (code, said) = run(&["--replay", "nothing.sqlite"]);
    assert!(code == Some(2) && said.contains("nothing.sqlite"), "{said}");
    fs::write(folder.path().join("text.sqlite"), "not a journal").unwrap();
    let (code, said) = run(&["--replay", "text.sqlite"]);
    assert!(code == Some(2) && said.contains("text.sqlite"), "{said}");
    let (code, said) = run(&[&campus, "--broker", "mqtt://localhost:1", "--ca", "no.pem"]);
    assert!(code == Some(2) && said.contains("mqtts://"), "{said}");
}

#[test]
fn a_journal_is_gone_on_with_under_its_own_scenario_alone() {
    let folder = tempfile::tempdir().unwrap();
    let first = demo(folder.path(), &["--hours", "0.2"]).output().unwrap();
    assert!(first.status.success(), "{}", text(&first));
    let other = demo(folder.path(), &["--set", "pv.carport.dc_kw=80"]).output().unwrap();
    assert_eq!(other.status.code(), Some(2), "{}", text(&other));
    assert!(text(&other).contains("another scenario"), "{}", text(&other));
    let same = demo(folder.path(), &["--hours", "0.2"]).output().unwrap();
    assert!(same.status.success(), "{}", text(&same));
}
