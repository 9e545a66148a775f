//! A study reads once what it rests on: an edit while it runs changes none of its runs.

use gridtwin_study::optimize::Problem;
use gridtwin_study::{Earlier, Plan, Row, Shard, SweepOptions, sweep};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// A site with a load of this many kW, and cars from a file.
fn base(load_kw: u32) -> String {
    format!(
        "(name: \"b\", site: (latitude_deg: 49, longitude_deg: 8, time_zone: \"Europe/Berlin\"), \
         start: \"2024-06-17\", days: 1, step_s: 3600, \
         loads: [(id: \"house\", profile: Constant(power_kw: {load_kw}))], \
         batteries: [(id: \"main\", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5)], \
         chargers: [(id: \"cars\", count: 1, power_kw: 11, sessions: Csv(path: \"cars.csv\"))], \
         grid: (import_limit_kw: 100))"
    )
}

fn cars(asked_kwh: u32) -> String {
    format!("arrival,departure,energy_kwh\n2024-06-17T08:00:00,2024-06-17T20:00:00,{asked_kwh}\n")
}

fn lay(folder: &Path, load_kw: u32, asked_kwh: u32) {
    std::fs::write(folder.join("b.ron"), base(load_kw)).unwrap();
    std::fs::write(folder.join("cars.csv"), cars(asked_kwh)).unwrap();
}

/// All runs of the study in a folder, one after the other; `after` is done when the first is over.
fn run(folder: &Path, resume: bool, after: impl Fn() + Sync) -> Vec<Row> {
    let plan = Plan::load(&folder.join("s.ron")).unwrap_or_else(|error| panic!("{error}"));
    let over = AtomicU32::new(0);
    let told = |_| {
        if over.fetch_add(1, Ordering::SeqCst) == 0 {
            after();
        }
    };
    let earlier = if resume { Earlier::Resume } else { Earlier::Restart };
    let options = SweepOptions { out: folder.join("out"), shard: Shard::WHOLE, earlier };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let stop = AtomicBool::new(false);
    pool.install(|| sweep(&plan, &options, &told, &stop)).unwrap().rows
}

#[test]
fn an_edit_while_a_sweep_runs_changes_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let axis = "(path: \"batteries.main.capacity_kwh\", values: List([5, 10, 15]))";
    let text = format!("(name: \"s\", base: \"b.ron\", axes: [{axis}], replicates: 2)");
    std::fs::write(at.join("s.ron"), text).unwrap();
    lay(at, 4, 20);
    let quiet = run(at, false, || ());
    assert!(quiet.iter().all(|row| row.outcome.is_ok()));
    // The base, its data file, and in the end both of them are gone.
    let edits: [&(dyn Fn() + Sync); 3] = [
        &|| std::fs::write(at.join("b.ron"), base(9)).unwrap(),
        &|| std::fs::write(at.join("cars.csv"), cars(40)).unwrap(),
        &|| {
            for name in ["b.ron", "cars.csv"] {
                std::fs::remove_file(at.join(name)).unwrap();
            }
        },
    ];
    for edit in edits {
        assert_eq!(run(at, false, edit), quiet);
        lay(at, 4, 20);
    }
    // Gone on with after an edit, all runs are those of the new text: none is taken for an old one.
    lay(at, 4, 40);
    let after = run(at, true, || ());
    for (before, after) in quiet.iter().zip(&after) {
        assert_ne!(before.id, after.id);
        assert_ne!(before.outcome, after.outcome);
    }
    assert_eq!(run(at, true, || ()), after);
}

#[test]
fn an_edit_while_an_optimisation_runs_changes_no_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = "(name: \"o\", site: Twin((base: \"b.ron\", days: 1, choose: [\
                (path: \"batteries.main.capacity_kwh\", values: List([5, 10, 15]), \
                price: (per_unit: 10, life_years: 10))])), search: (polish: false))";
    std::fs::write(at.join("o.ron"), text).unwrap();
    lay(at, 4, 20);
    let front = |after: &(dyn Fn() + Sync)| -> Vec<Vec<f64>> {
        let problem = Problem::load(&at.join("o.ron")).unwrap_or_else(|error| panic!("{error}"));
        let told = |done, _| {
            if done == 1 {
                after();
            }
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let optimum = pool.install(|| problem.solve(&told, &AtomicBool::new(false))).unwrap();
        optimum.front().map(|(_, objectives)| objectives.to_vec()).collect()
    };
    let quiet = front(&|| ());
    assert_eq!(front(&|| lay(at, 9, 40)), quiet);
    assert_ne!(front(&|| ()), quiet, "another base is another result");
}
