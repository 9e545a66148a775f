//! What an optimisation promises: a winner that no grid beats, a front that is the exhaustive one where
//! that can be known, and the twin's own figures where the twin decides.

use crate::support::shared;
use gridtwin_study::optimize::{Optimization, Optimum, Problem};
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::{Source, read_ron};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// An optimisation from its text, read as its file is.
fn problem(text: &str) -> Problem {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("o.ron");
    std::fs::write(&file, text).unwrap();
    let (asked, source): (Optimization, Source) =
        read_ron(&file, "optimization").unwrap_or_else(|error| panic!("{error}"));
    Problem::new(Optimization { source, ..asked }).unwrap_or_else(|error| panic!("{error}"))
}

fn solve(problem: &Problem) -> Optimum {
    problem.solve(&|_, _| (), &AtomicBool::new(false)).unwrap()
}

/// The island of Ouessant with its worked case's plant and prices, over these sizes.
fn ouessant(inputs: &Path, sizes: &str, more: &str) -> Problem {
    let columns = "(load: (name: \"load_kw\", scale: 1), pv: (name: \"pv_per_kwp\", scale: 1), \
                   wind: PerKw((name: \"cf_wind\", scale: 1)), step_h: 1)";
    let traces = format!("Csv(path: {inputs:?}, columns: {columns})");
    problem(&format!(
        "(name: \"ouessant\", currency: \"USD\", site: Island((traces: {traces}, {sizes})), {more})"
    ))
}

#[test]
fn no_grid_beats_the_winner_on_ouessant() {
    let Some(inputs) = shared("refs/microgrids_py_inputs.csv") else { return };
    let coarse = "genset_kw: List([1500, 1800]), battery_kwh: Linspace(from: 0, to: 12000, count: 5), \
                  pv_kw: Linspace(from: 0, to: 8000, count: 5), wind_kw: Linspace(from: 0, to: 3000, count: 4)";
    let limits = "minimise: [NetPresentCost], limits: [(of: Unserved, most: 0)]";
    let winner = solve(&ouessant(&inputs, coarse, limits));
    let (sizes, objectives) = winner.winner().expect("a feasible mix");
    // Finer grids over all of it, and around the winner.
    let fine = "genset_kw: List([1500, 1600, 1700, 1800]), battery_kwh: Linspace(from: 0, to: 12000, count: 13), \
                pv_kw: Linspace(from: 0, to: 8000, count: 13), wind_kw: Linspace(from: 0, to: 3000, count: 13)";
    let around = |size: f64, most: f64| {
        let list: Vec<String> = [0.9, 0.97, 1.0, 1.03, 1.1]
            .map(|k| (size * k).min(most).max(0.0))
            .map(|v| v.to_string())
            .into();
        let mut list = list;
        list.dedup();
        format!("List([{}])", list.join(", "))
    };
    let near = format!(
        "genset_kw: {}, battery_kwh: {}, pv_kw: {}, wind_kw: {}",
        around(sizes[0], 1800.0),
        around(sizes[1], 12000.0),
        around(sizes[2], 8000.0),
        around(sizes[3], 3000.0)
    );
    for grid in [fine, &near] {
        let more = format!("{limits}, search: (polish: false)");
        let grid = solve(&ouessant(&inputs, grid, &more));
        assert!(grid.exhaustive());
        let (on_grid, best) = grid.winner().expect("a feasible mix");
        let beaten = objectives[0] <= best[0] * (1.0 + 1e-9);
        assert!(beaten, "{sizes:?} costs {}, {on_grid:?} on a grid {}", objectives[0], best[0]);
    }
}

#[test]
fn the_worked_case_of_ouessant_costs_what_it_costs_there() {
    let Some(inputs) = shared("refs/microgrids_py_inputs.csv") else { return };
    let one = "genset_kw: List([1800]), battery_kwh: List([5000]), pv_kw: List([3000]), wind_kw: List([900])";
    let one = solve(&ouessant(&inputs, one, "minimise: [NetPresentCost, LevelisedCost]"));
    let (_, objectives) = one.winner().unwrap();
    for (ours, theirs) in objectives.iter().zip([21_890_027.729_1, 0.229_248_128_699]) {
        assert!((ours / theirs - 1.0).abs() < 1e-6, "{ours} {theirs}");
    }
}

#[test]
fn nsga2_finds_the_exhaustive_front_of_a_small_grid() {
    let Some(inputs) = shared("refs/microgrids_py_inputs.csv") else { return };
    let sizes = "genset_kw: List([1800]), battery_kwh: Linspace(from: 0, to: 12000, count: 9), \
                 pv_kw: Linspace(from: 0, to: 8000, count: 9), wind_kw: Linspace(from: 0, to: 3000, count: 6)";
    let of = |search: &str| {
        solve(&ouessant(
            &inputs,
            sizes,
            &format!("minimise: [NetPresentCost, Carbon], search: ({search})"),
        ))
    };
    let all = of("polish: false");
    let some = of("polish: false, exhaustive_up_to: 0, population: 60, generations: 40");
    assert!(all.exhaustive() && !some.exhaustive());
    let front = |of: &Optimum| -> Vec<(Vec<f64>, Vec<f64>)> {
        of.front().map(|(sizes, objectives)| (sizes.to_vec(), objectives.to_vec())).collect()
    };
    assert!(front(&all).len() > 5);
    assert_eq!(front(&some), front(&all));
}

#[test]
fn the_twin_decides_by_its_own_figures() {
    let island = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/island.ron");
    let chosen = problem(&format!(
        "(name: \"t\", site: Twin((base: {island:?}, days: 1, set: [\"tasks=[]\", \"consensus=[]\"], choose: [\
         (path: \"batteries.battery.capacity_kwh\", values: List([500, 1500]), price: (per_unit: 10, life_years: 10)),\
         (path: \"policies.dispatch\", name: \"dispatch\", values: List([\"SelfConsumption\", \"BackupReserve(reserve_soc: 0.6)\"])),\
         ])), minimise: [NetPresentCost, Carbon, Metric(\"energy.genset_kwh\")], project: (life_years: 10, discount_rate: 0), search: (polish: false))"
    ));
    let optimum = solve(&chosen);
    assert_eq!((optimum.evaluated(), optimum.failed().0), (4, 0));
    let set = |text: &str| text.parse().unwrap();
    for (values, objectives) in optimum.front() {
        let dispatch = ["SelfConsumption", "BackupReserve(reserve_soc: 0.6)"][values[1] as usize];
        let set = [
            set("tasks=[]"),
            set("consensus=[]"),
            set(&format!("batteries.battery.capacity_kwh={}", values[0])),
            set(&format!("policies.dispatch={dispatch}")),
        ];
        let scenario = Scenario::load_with(&island, &set, Some(1), None).unwrap();
        let mut twin = gridtwin_twin::Twin::new(&scenario).unwrap();
        let mut tally = gridtwin_reports::Tally::new(twin.catalog());
        twin.advance(twin.end(), &mut tally);
        let summary = tally.summary();
        let get = |name: &str| summary.get(name).unwrap();
        // Ten years without interest: the battery once, and 365 such days each year.
        let cost = 10.0 * values[0] + 10.0 * 365.0 * get("cost.total");
        let emitted_kg = get("carbon.operational_kg") - get("carbon.stored_kg");
        let expected = [cost, 365.0 * emitted_kg, get("energy.genset_kwh")];
        for (ours, expected) in objectives.iter().zip(expected) {
            assert!((ours - expected).abs() <= 1e-9 * expected.abs(), "{ours} {expected}");
        }
    }
}

#[test]
fn what_is_paid_by_the_month_is_paid_twelve_times_a_year() {
    let campus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron");
    // Two days around the end of a month: two months' highest imports and fixed charges.
    let set = ["tasks=[]", "consensus=[]", "start=\"2024-06-30\""];
    let chosen = problem(&format!(
        "(name: \"t\", site: Twin((base: {campus:?}, days: 2, set: {set:?}, choose: [\
         (path: \"batteries.container.capacity_kwh\", values: List([500]))])), \
         minimise: [NetPresentCost], project: (life_years: 1, discount_rate: 0))"
    ));
    let optimum = solve(&chosen);
    let set: Vec<_> = set.iter().map(|set| set.parse().unwrap()).collect();
    let scenario = Scenario::load_with(&campus, &set, Some(2), None).unwrap();
    let mut twin = gridtwin_twin::Twin::new(&scenario).unwrap();
    let mut tally = gridtwin_reports::Tally::new(twin.catalog());
    twin.advance(twin.end(), &mut tally);
    let summary = tally.summary();
    let get = |name: &str| summary.get(name).unwrap();
    let monthly = get("cost.demand") + get("cost.fixed");
    assert!(monthly > 0.0);
    let expected = 6.0 * monthly + 182.5 * (get("cost.total") - monthly);
    let found = optimum.winner().unwrap().1[0];
    assert!((found - expected).abs() <= 1e-9 * expected, "{found} {expected}");
}
