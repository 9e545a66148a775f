//! Comparisons as their users meet them: pairs of runs, what cannot be compared, and what is not
//! overwritten.

use super::{BATTERY, START, ok, path, run, study, text};
use crate::common::{root, scratch};
use std::path::{Path, PathBuf};

#[test]
fn policies_are_compared_pair_by_pair() {
    let dir = scratch("study-compare");
    // Dispatch policies differ beside a grid alone; when the genset starts matters on an island.
    let file = study(&dir, START, "replicates: 8");
    let (out, pages) = (dir.join("out"), dir.join("pages"));
    ok(&["sweep", path(&file), "--out", path(&out)]);
    let said = ok(&["compare", path(&out), "--by", "start", "--out", path(&pages)]);
    assert!(said.contains("95 % interval"), "{said}");
    let mut reader = csv::Reader::from_path(pages.join("comparison.csv")).unwrap();
    let mut results = csv::Reader::from_path(out.join("results.csv")).unwrap();
    let header = results.headers().unwrap().clone();
    let of = header.iter().position(|name| name == "energy.genset_kwh").unwrap();
    let kwh: Vec<f64> = results.records().map(|row| row.unwrap()[of].parse().unwrap()).collect();
    // By hand: the first eight runs are of one policy, the others of the other.
    let differences: Vec<f64> = (0..8).map(|i| kwh[8 + i] - kwh[i]).collect();
    let mean = differences.iter().sum::<f64>() / 8.0;
    assert!(mean.abs() > 1.0, "the policies differ");
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 7.0;
    let half = 2.364_624_251_592_785 * (variance / 8.0).sqrt();
    let row = reader.records().map(Result::unwrap).find(|row| &row[0] == "energy.genset_kwh");
    let row = row.expect("a row of the gensets");
    let number = |at: usize| row[at].parse::<f64>().unwrap();
    for (found, expected) in [(number(6), mean), (number(8), mean - half), (number(9), mean + half)]
    {
        assert!((found - expected).abs() <= 1e-9 * kwh[0].max(1.0), "{found} {expected}");
    }
    assert_eq!(&row[10], "8");
    let meanings = text(&pages.join("dictionary.csv"));
    for column in reader.headers().unwrap() {
        assert!(meanings.contains(&format!("comparison,{column},")), "{column}");
    }
    let page = text(&pages.join("comparison.html"));
    assert!(page.contains("energy.genset_kwh") && !page.contains("<script"));
}

#[test]
fn runs_are_compared_with_what_was_set() {
    let dir = scratch("study-runs");
    let island = root().join("scenarios/island.ron");
    let (one, two) = (dir.join("one"), dir.join("two"));
    ok(&["run", path(&island), "--days", "1", "--out", path(&one)]);
    let set = "pv.field.dc_kw=900";
    let words = ["run", path(&island), "--days", "1", "--set", set, "--out", path(&two)];
    ok(&[words.as_slice(), &["--against", path(&one)]].concat());
    let report = text(&two.join("report.html"));
    assert!(report.contains("This run compared with one"), "the base is named");
    let output = run(&[words.as_slice(), &["--against", "nowhere"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let pages = dir.join("pages");
    let said = ok(&["compare", path(&one), path(&two), "--out", path(&pages)]);
    let line = said.lines().find(|line| line.starts_with("energy.pv_kwh")).unwrap();
    assert!(line.contains(" 50 "), "half as much again: {line}");
    let page = text(&pages.join("comparison.html"));
    assert!(page.contains("pv.field.dc_kw") && page.contains(">900"), "what was set is told");
}

#[test]
fn a_comparison_says_what_it_cannot_compare_and_what_is_negligible() {
    let dir = scratch("study-alike");
    let island = root().join("scenarios/island.ron");
    let quick = ["--set", "tasks=[]", "--set", "consensus=[]", "--format", "csv"];
    let run_of = |name: &str, more: &[&str]| -> PathBuf {
        let out = dir.join(name);
        ok(&[&["run", path(&island), "--out", path(&out)], &quick[..], more].concat());
        out
    };
    let one = run_of("one", &["--days", "1"]);
    let same = run_of("nearly-the-same", &["--days", "1", "--set", "pv.field.dc_kw=600.01"]);
    let said = ok(&["compare", path(&one), path(&same)]);
    let line = said.lines().find(|line| line.starts_with("energy.pv_kwh")).unwrap();
    assert!(line.ends_with("negligible"), "{line}");
    assert!(said.contains("negligible (less than 0.1 %)"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    let pages = dir.join("pages");
    ok(&["compare", path(&one), path(&same), "--out", path(&pages)]);
    let page = text(&pages.join("comparison.html"));
    assert!(page.contains("negligible") && !page.contains("<tr class=\"change\""), "not in bold");
    // Two days against one: sums are told by the day, shares and peaks as they are.
    let two = run_of("two-days", &["--days", "2"]);
    let said = ok(&["compare", path(&one), path(&two), "--all"]);
    assert!(said.contains("have different lengths"), "{said}");
    let load = said.lines().find(|line| line.starts_with("energy.load_kwh")).unwrap();
    let cells: Vec<&str> = load.split_whitespace().collect();
    assert_eq!(cells[1], "kWh/d", "{load}");
    let [a, b] = [2, 3].map(|at| cells[at].parse::<f64>().unwrap());
    assert!((0.8..1.25).contains(&(b / a)), "a day is like another: {load}");
    // Another currency.
    let campus = root().join("scenarios/campus.ron");
    let dollars = dir.join("dollars");
    let set = "grid.tariff.currency=\"USD\"";
    let words = ["run", path(&campus), "--days", "1", "--out", path(&dollars), "--set", set];
    ok(&[&words[..], &quick].concat());
    let said = ok(&["compare", path(&one), path(&dollars), "--all"]);
    assert!(said.contains("different currencies"), "{said}");
    let total = said.lines().find(|line| line.starts_with("cost.total")).unwrap();
    assert!(total.ends_with("not compared"), "{total}");
}

#[test]
fn a_comparison_overwrites_no_run_and_no_other_s_table() {
    let dir = scratch("study-pages");
    let file = study(&dir, BATTERY, "");
    let out = dir.join("out");
    ok(&["sweep", path(&file), "--out", path(&out)]);
    let compare =
        |to: &Path| run(&["compare", path(&out), "--by", "battery_kwh", "--out", path(to)]);
    let before = text(&out.join("dictionary.csv"));
    let mine = dir.join("mine");
    std::fs::create_dir(&mine).unwrap();
    std::fs::write(mine.join("comparison.csv"), "years of work\n").unwrap();
    for folder in [&out, &mine] {
        let output = compare(folder);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("choose another folder with --out DIR"), "{said}");
    }
    assert_eq!(text(&out.join("dictionary.csv")), before);
    assert_eq!(text(&mine.join("comparison.csv")), "years of work\n");
    // Its own it replaces.
    let pages = dir.join("pages");
    assert!(compare(&pages).status.success() && compare(&pages).status.success());
}

#[test]
fn a_study_compares_itself_where_it_says_so_and_leaves_other_studies_alone() {
    let dir = scratch("study-compares");
    let file = study(&dir, &format!("{BATTERY}, {START}"), "replicates: 2, compare: \"start\"");
    let out = dir.join("out");
    let said = ok(&["sweep", path(&file), "--out", path(&out)]);
    assert!(said.contains(" differ"), "{said}");
    assert!(said.contains("comparison.html"), "{said}");
    let table = text(&out.join("comparison.csv"));
    assert!(table.lines().nth(1).unwrap().contains("start = 0.2"), "{table}");
    assert!(text(&out.join("dictionary.csv")).contains("comparison"));
    // Two seeds make an interval of one degree of freedom, whatever the sizes of the battery.
    let compared = ok(&["compare", path(&out), "--by", "battery_kwh", "--all"]);
    assert!(compared.contains("95 % interval"), "{compared}");
    let one = study(&dir, &format!("{BATTERY}, {START}"), "compare: \"start\"");
    let out = dir.join("one");
    ok(&["sweep", path(&one), "--out", path(&out)]);
    let compared = ok(&["compare", path(&out), "--by", "battery_kwh", "--all"]);
    assert!(!compared.contains("interval") && !compared.contains("chance"), "{compared}");
    // Another study's folder, and an axis that is not there.
    let text_of = text(&one).replace("name: \"s\"", "name: \"t\"");
    std::fs::write(&one, text_of).unwrap();
    let refused = run(&["sweep", path(&one), "--out", path(&out)]);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && error.contains("a study named `s`"), "{error}");
    assert!(!error.contains("are replaced"), "nothing is replaced: {error}");
    let wrong = study(&dir, BATTERY, "compare: \"despatch\"");
    let error = String::from_utf8_lossy(&run(&["sweep", path(&wrong)]).stderr).into_owned();
    assert!(
        error.contains("s.ron:1:") && error.contains("axes of this study: battery_kwh"),
        "{error}"
    );
}
