//! Prices and bills as the command gives them: cases that failed once, by their files, and the
//! scenario that others begin with.

use crate::common::{gridtwin, root, scratch};
use std::path::{Path, PathBuf};

/// A file of the project's shared folder. Without it the test is skipped and says so, unless
/// `GRIDTWIN_REQUIRE_SHARED` is set.
fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(), "{} is absent", path.display());
    println!("skipped: {} is absent", path.display());
    None
}

/// Runs a scenario; its run directory.
fn run(file: &Path, out: &Path, more: &[&str]) -> PathBuf {
    let output = gridtwin()
        .args(["run", "--quiet", "--out"])
        .args([out, file])
        .args(more)
        .output()
        .expect("the command starts");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{message}");
    out.to_owned()
}

/// A metric of a run.
fn metric(dir: &Path, name: &str) -> f64 {
    let text = std::fs::read_to_string(dir.join("summary.csv")).expect("a summary");
    let row = text.lines().find_map(|line| line.strip_prefix(&format!("{name},")));
    let value = row.unwrap_or_else(|| panic!("no {name}")).split(',').next().unwrap_or_default();
    value.parse().unwrap_or_else(|_| panic!("{name} is {value:?}"))
}

#[test]
fn exporting_at_a_loss_is_accepted_and_avoided() {
    let Some(file) = shared("cases/energy/neg_export/s.ron") else { return };
    let check = gridtwin().arg("check").arg(&file).output().expect("the command starts");
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    let dir = run(&file, &scratch("neg-export").join("run"), &[]);
    assert_eq!((metric(&dir, "energy.export_kwh"), metric(&dir, "cost.export")), (0.0, 0.0));
    let [pv, load, import, curtailed] =
        ["pv", "load", "import", "curtailed"].map(|of| metric(&dir, &format!("energy.{of}_kwh")));
    assert!(curtailed > 10.0, "{curtailed}");
    assert!((pv + import - load - curtailed).abs() < 1e-6);
    assert!((metric(&dir, "cost.total") - 0.4 * import).abs() < 1e-6);
}

#[test]
fn part_months_are_billed_whole_or_by_the_day() {
    let Some(file) = shared("cases/energy/month_end/midstart.ron") else { return };
    let folder = scratch("midstart");
    let whole = run(&file, &folder.join("whole"), &[]);
    assert_eq!(metric(&whole, "cost.total"), 300.0);
    let by_day = ["--set", "grid.tariff.part_months=ByDay"];
    let by_day = run(&file, &folder.join("by-day"), &by_day);
    let expected = 150.0 * (0.5 / 31.0 + 0.5 / 28.0);
    assert!((metric(&by_day, "cost.total") - expected).abs() < 1e-6);
    let page = |dir: &Path| std::fs::read_to_string(dir.join("report.html")).expect("a page");
    assert!(page(&whole).contains("is charged in full"));
    assert!(page(&by_day).contains("in proportion to the days covered"));
}

#[test]
fn the_scenario_to_begin_with_says_what_it_read_and_takes_factors() {
    let file = root().join("scenarios/bring-your-own.ron");
    let check = gridtwin().arg("check").arg(&file).output().expect("the command starts");
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    for word in ["load bakery", "import price", "export price", "kWh", "EUR/MWh", "15 min"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let folder = scratch("bring-your-own");
    let base = run(&file, &folder.join("base"), &[]);
    let dear = ["--set", "grid.tariff.additions.grid_fee_per_kwh*=1.3"];
    let dear = run(&file, &folder.join("dear"), &[&dear[..], &["--set", "days=56"]].concat());
    // The battery may shift other hours at other full prices: a fee is a fee for each kWh.
    let per_kwh = |dir: &Path| metric(dir, "cost.grid_fee") / metric(dir, "energy.import_kwh");
    assert!((per_kwh(&base) - 0.0725).abs() < 1e-9);
    assert!((per_kwh(&dear) - 1.3 * 0.0725).abs() < 1e-9);
    // Both runs add up.
    for dir in [&base, &dear] {
        let lines = ["energy", "grid_fee", "tax", "margin", "demand", "fixed", "vat", "carbon"];
        let paid: f64 = lines.iter().map(|line| metric(dir, &format!("cost.{line}"))).sum();
        let expected = paid - metric(dir, "cost.export") + metric(dir, "cost.stored_change");
        assert!((metric(dir, "cost.total") - expected).abs() < 1e-6);
    }
}
