//! Where reports go: a run never replaces another scenario's or another variant's report without a
//! word, and touches nothing that is no report.

use crate::common::{gridtwin, scratch};
use std::path::{Path, PathBuf};
use std::process::Output;

/// A folder with a small scenario, `NAME.ron`.
fn site(folder: &Path, name: &str) -> PathBuf {
    std::fs::create_dir_all(folder).expect("a folder");
    let made = gridtwin().current_dir(folder).args(["new", name]).output().expect("starts");
    assert!(made.status.success(), "{made:?}");
    folder.join(format!("{name}.ron"))
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = gridtwin();
    command.current_dir(folder).args(["run", "--quiet", "--format", "csv"]).args(arguments);
    command.output().expect("starts")
}

/// What stands on standard error of a run that went well.
fn word(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    told
}

fn days(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("run.json")).expect("a report");
    let run: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    run["days"].to_string()
}

#[test]
fn a_variant_s_report_is_replaced_with_a_word_and_the_same_run_s_without() {
    let folder = scratch("places-variants");
    site(&folder, "home");
    assert_eq!(word(&folder, &["home.ron", "--days", "1"]), "");
    assert_eq!(word(&folder, &["home.ron", "--days", "1"]), "", "the same run once more");
    let told = word(&folder, &["home.ron", "--days", "2"]);
    assert!(
        told.contains("replaces an earlier report (of ") && told.contains("home.ron with --days 1")
    );
    assert!(told.contains("choose another folder with --out DIR"), "{told}");
    assert_eq!(days(&folder.join("reports/out/home")), "2");
    let told = word(&folder, &["home.ron", "--days", "2", "--set", "seed=9"]);
    assert!(told.contains("with --days 2)"), "{told}");
    // An edited file is the same scenario: that is how people work.
    let text = std::fs::read_to_string(folder.join("home.ron")).expect("there");
    std::fs::write(folder.join("home.ron"), text + "\n// edited\n").expect("written");
    assert_eq!(word(&folder, &["home.ron", "--days", "2", "--set", "seed=9"]), "");
}

#[test]
fn another_file_of_the_same_name_is_not_replaced_unasked() {
    let folder = scratch("places-names");
    site(&folder.join("a"), "home");
    let other = site(&folder.join("b"), "home");
    let text = std::fs::read_to_string(&other).expect("there").replacen("seed: ", "seed: 9", 1);
    std::fs::write(&other, text).expect("written");
    word(&folder, &["a/home.ron", "--days", "1"]);
    let output = run(&folder, &["b/home.ron", "--days", "2"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for part in
        ["a/home.ron", "a different scenario file whose `name` is the same", "--out DIR", "--force"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(days(&folder.join("reports/out/home")), "1", "it was replaced");
    // Elsewhere, by force, or once the other file is gone.
    assert_eq!(word(&folder, &["b/home.ron", "--days", "2", "--out", "mine"]), "");
    let told = word(&folder, &["b/home.ron", "--days", "2", "--force"]);
    assert!(told.contains("a/home.ron"), "{told}");
    assert_eq!(days(&folder.join("reports/out/home")), "2");
    std::fs::remove_file(&other).expect("removed");
    let told = word(&folder, &["a/home.ron", "--days", "1"]);
    assert!(told.contains("b/home.ron"), "{told}");
}

#[test]
fn what_is_no_report_is_never_touched() {
    let folder = scratch("places-foreign");
    site(&folder, "home");
    let place = folder.join("reports/out/home");
    std::fs::create_dir_all(&place).expect("a folder");
    std::fs::write(place.join("thesis.tex"), "years of work").expect("written");
    for more in [&[][..], &["--force"], &["--out", "reports/out/home"]] {
        let output = run(&folder, &[&["home.ron", "--days", "1"], more].concat());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("not overwritten") && told.contains("--out DIR"), "{told}");
    }
    assert_eq!(std::fs::read_dir(&place).expect("there").count(), 1);
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_no_half_report_and_says_what_to_leave_out() {
    let folder = scratch("places-full");
    site(&folder, "home");
    // Files of 40 kB at most, as on a disk that is full soon.
    let script = format!(
        "trap '' XFSZ; ulimit -f 80; exec {} run home.ron --days 3 --out full --format csv",
        env!("CARGO_BIN_EXE_gridtwin")
    );
    let output = std::process::Command::new("sh")
        .current_dir(&folder)
        .args(["-c", &script])
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.starts_with("full/timeseries.csv: "), "{told}");
    assert!(told.contains("nothing of it was kept") && told.contains("--tasks 0"), "{told}");
    let left: Vec<_> = std::fs::read_dir(&folder).expect("there").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn another_program_s_run_json_is_no_report() {
    let folder = scratch("places-run-json");
    site(&folder, "home");
    let mine = folder.join("mine");
    std::fs::create_dir(&mine).expect("a folder");
    std::fs::write(mine.join("run.json"), "{\"name\": \"mine\"}").expect("written");
    let refused = |words: &[&str]| {
        let output = gridtwin().current_dir(&folder).args(words).output().expect("starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {told}");
        assert!(told.contains("not overwritten") && told.contains("--out DIR"), "{told}");
        assert!(!told.contains("replaces the report"), "{told}");
    };
    let campus = format!("{}/scenarios/campus.ron", env!("CARGO_MANIFEST_DIR"));
    let link = ["link", &campus, "--demo", "--record", "day.sqlite", "--out", "mine"];
    refused(&["run", "home.ron", "--days", "1", "--out", "mine"]);
    refused(&["run", "home.ron", "--days", "1", "--out", "mine", "--force"]);
    refused(&link);
    assert!(!folder.join("day.sqlite").exists(), "nothing is written");
    // Nor what someone has laid into a report.
    std::fs::remove_dir_all(&mine).expect("removed");
    word(&folder, &["home.ron", "--days", "1", "--out", "mine"]);
    std::fs::write(mine.join("notes.txt"), "years of work").expect("written");
    refused(&["run", "home.ron", "--days", "2", "--out", "mine"]);
    refused(&link);
    assert_eq!(days(&mine), "1");
    assert!(mine.join("notes.txt").is_file());
}

#[test]
#[cfg(unix)]
fn a_link_to_a_folder_is_followed() {
    let folder = scratch("places-link");
    site(&folder, "home");
    std::fs::create_dir(folder.join("far")).expect("a folder");
    std::os::unix::fs::symlink("far", folder.join("near")).expect("a link");
    word(&folder, &["home.ron", "--days", "1", "--out", "near"]);
    word(&folder, &["home.ron", "--days", "2", "--out", "near"]);
    assert!(folder.join("near").is_symlink());
    assert_eq!(days(&folder.join("far")), "2");
    assert_eq!(std::fs::read_dir(&folder).expect("there").count(), 3, "nothing else is left");
}

#[test]
#[cfg(unix)]
#[allow(clippy::disallowed_methods, reason = "waits for another process")]
fn a_run_that_is_asked_to_end_leaves_nothing() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    if ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|m| m & 1 == 1)
    {
        eprintln!("skipped: what starts this test has it ignore signals, as under nohup");
        return;
    }
    let folder = scratch("places-signal");
    site(&folder, "home");
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut command = gridtwin();
        command.current_dir(&folder).args(["run", "home.ron", "--days", "3000", "--out", "report"]);
        let child = command.stderr(std::process::Stdio::piped()).spawn().expect("starts");
        let entries = || std::fs::read_dir(&folder).expect("there").count();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
        while entries() < 2 && std::time::Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let id = child.id().to_string();
        let told = std::process::Command::new("kill").args([signal, &id]).status();
        assert!(told.expect("kill").success());
        let output = child.wait_with_output().expect("ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{signal}: {told}");
        assert!(told.contains("stopped; nothing was written to report"), "{signal}: {told}");
        assert_eq!(entries(), 1, "{signal}");
    }
}
