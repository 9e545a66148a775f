//! What an optimisation of the twin promises about what may be chosen: names that exist, prices that
//! are not forgotten, sizes of nothing, and what a year is.

use gridtwin_study::optimize::{Optimum, Problem};
use gridtwin_study::{Earlier, Plan};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")
}

/// A house with a battery, PV and a server that has work to do.
const HOUSE: &str = r#"(
    name: "house",
    site: (latitude_deg: 49, longitude_deg: 8, time_zone: "Europe/Berlin"),
    start: "2024-06-17", days: 2, step_s: 1800, seed: 3,
    pv: [(id: "roof", dc_kw: 6, tilt_deg: 30, azimuth_deg: 180)],
    batteries: [(id: "main", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5), (id: "spare", capacity_kwh: 4, charge_kw: 2, discharge_kw: 2)],
    loads: [(id: "home", profile: Typical(shape: Residential, annual_kwh: 5000))],
    grid: (import_limit_kw: 20, export_limit_kw: 10, tariff: (fixed_per_month: 12, export_price_per_kwh: 0,
        periods: [(name: "night", price_per_kwh: 0.2, from: "22:00", until: "06:00")])),
    devices: [(id: "cams", count: 2, frequency_ghz: 1)],
    edge_servers: [(id: "edge", cores: 2, frequency_ghz: 2, idle_w: 20, busy_w: 60)],
    links: [(from: "cams", to: "edge", latency_ms: 1, rate_mbit_s: 100, nj_per_bit: 1)],
    tasks: [(id: "frames", from: "cams", arrivals: Poisson(per_minute: 1), input_kb: Uniform(from: 1, to: 2),
        megacycles: Exponential(mean: 100), deadline_s: 1)],
    meters: [(device: "main", topic: "main/power"), (device: "roof", topic: "roof/power")],
)"#;

/// A folder with the house, and an optimisation of it.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("house.ron"), HOUSE).unwrap();
    std::fs::write(folder.path().join("o.ron"), text).unwrap();
    folder
}

fn asked(site: &str, more: &str) -> String {
    format!(
        "(name: \"o\", site: Twin((base: \"house.ron\", {site})), search: (polish: false), {more})"
    )
}

fn load(text: &str) -> Result<Problem, String> {
    let folder = folder(text);
    Problem::load(&folder.path().join("o.ron")).map_err(|error| error.to_string())
}

fn solve(problem: &Problem) -> Optimum {
    problem.solve(&|_, _| (), &AtomicBool::new(false)).unwrap()
}

const BATTERY: &str = "path: \"batteries.main.capacity_kwh\", name: \"battery_kwh\"";
const PRICE: &str = "price: (per_unit: 100, life_years: 10)";

#[test]
fn an_unknown_metric_is_refused_with_its_place_and_the_nearest_name() {
    let campus = scenarios().join("campus.ron");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s3.ron");
    let axis = "(path: \"batteries.container.capacity_kwh\", values: List([1,2]))";
    for (metric, told) in [
        ("energy.imports_kwh", Some("did you mean `energy.import_kwh`?")),
        ("consensus.receipts.latency", Some("did you mean `consensus.receipts.latency_ms_p")),
        ("energie.*", Some("did you mean `energy.*`?")),
        ("cost", Some("did you mean `cost.")),
        ("energy.import_kwh", None),
        ("energy.*", None),
        ("consensus.receipts.*", None),
        ("tasks.lat*", None),
    ] {
        let text =
            format!("(name: \"s\", base: {campus:?}, axes: [{axis}],\n metrics: [\"{metric}\"])");
        std::fs::write(&file, text).unwrap();
        let plan = Plan::load(&file).map_err(|error| error.to_string());
        match (plan, told) {
            (Ok(_), None) => {}
            (Err(error), Some(told)) => {
                let at = format!("{}:2:12: ", file.display());
                assert!(error.starts_with(&at) && error.contains(told), "{metric}: {error}");
            }
            (plan, _) => panic!("{metric}: {:?}", plan.err()),
        }
    }
}

#[test]
fn what_an_axis_adds_has_metrics_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let campus = scenarios().join("campus.ron");
    let group = |id: &str| {
        format!(
            "[(id: \\\"{id}\\\", protocol: Raft, members: [\\\"edge-1\\\", \\\"edge-2\\\", \\\"edge-3\\\"])]"
        )
    };
    let file = folder.path().join("s.ron");
    let study = |metric: &str| {
        let text = format!(
            "(name: \"s\", base: {campus:?}, axes: [(path: \"consensus\", values: List([\"{}\", \"{}\"]))], \
             metrics: [\"{metric}\"])",
            group("one"),
            group("two")
        );
        std::fs::write(&file, text).unwrap();
        Plan::load(&file).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(study("consensus.two.decided"), Ok(()));
    assert!(study("consensus.three.decided").unwrap_err().contains("there is no metric"));
}

#[test]
fn an_optimisation_knows_its_metrics_before_it_runs() {
    let site = format!("days: 1, choose: [({BATTERY}, values: List([5, 10]), {PRICE})]");
    for (more, told) in [
        (
            "minimise: [NetPresentCost, Metric(\"tasks.latency\")]",
            "did you mean `tasks.latency_ms_",
        ),
        ("minimise: [Most(\"energy.exports_kwh\")]", "did you mean `energy.export_kwh`?"),
        ("limits: [(of: Metric(\"tasks.mised\"), most: 3)]", "did you mean `tasks.missed`?"),
    ] {
        let error = load(&asked(&site, more)).unwrap_err();
        assert!(error.contains("o.ron:1:") && error.contains(told), "{more}: {error}");
    }
    assert!(load(&asked(&site, "minimise: [Metric(\"tasks.missed\")]")).is_ok());
}

#[test]
fn a_size_without_a_price_is_warned_of_unless_it_is_meant() {
    let warnings = |price: &str| -> Vec<String> {
        let choose = format!("days: 365, choose: [({BATTERY}, values: List([5, 10]){price})]");
        load(&asked(&choose, "")).unwrap().warnings().to_vec()
    };
    let unpriced = warnings("");
    assert_eq!(unpriced.len(), 1, "{unpriced:?}");
    assert!(unpriced[0].contains("o.ron:1:") && unpriced[0].contains("`battery_kwh`"));
    assert!(unpriced[0].contains("size without a price"), "{}", unpriced[0]);
    assert_eq!(warnings(", price: (per_unit: 0)"), [""; 0]);
    assert_eq!(warnings(&format!(", {PRICE}")), [""; 0]);
    let error = load(&asked(
        &format!("choose: [({BATTERY}, values: List([5]), price: (per_unit: 3))]"),
        "",
    ));
    assert!(error.unwrap_err().contains("life_years"));
}

#[test]
fn a_sweep_tells_once_what_is_improbable_in_its_base_and_on_its_axes() {
    let folder = folder("");
    let file = folder.path().join("s.ron");
    let plan = |set: &str, axes: &str| {
        let text = format!("(name: \"s\", base: \"house.ron\", set: [{set}], axes: [{axes}])");
        std::fs::write(&file, text).unwrap();
        Plan::load(&file).unwrap_or_else(|error| panic!("{error}")).scenario_warnings()
    };
    let battery = "(path: \"batteries.main.capacity_kwh\", values: List([8, 10]))";
    assert_eq!(plan("", battery), [""; 0]);
    // In every run, told once.
    let set = "\"grid.tariff.carbon_price_per_t=10000\"";
    let told = plan(set, battery);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("carbon_price_per_t"), "{told:?}");
    // One value of an axis.
    let factor = "(path: \"grid.tariff.price_factor\", values: List([1, 130]))";
    let told = plan("", &format!("{battery}, {factor}"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("price_factor") && told[0].contains("130"), "{told:?}");
    // A value that makes no scenario is left for the runs to say.
    let soc = "(path: \"batteries.main.soc_start\", values: List([0.5, 7]))";
    assert_eq!(plan("", &format!("{battery}, {soc}")), [""; 0]);
}

#[test]
fn an_optimisation_tells_once_what_is_improbable_among_its_choices() {
    let warnings = |more: &str| {
        let choose = format!("days: 2, {more} ({BATTERY}, values: List([5, 10]), {PRICE})]");
        load(&asked(&choose, "")).unwrap().scenario_warnings()
    };
    assert_eq!(warnings("choose: ["), [""; 0]);
    let factor = "(path: \"grid.tariff.price_factor\", values: List([\"1\", \"130\"])),";
    let told = warnings(&format!("choose: [{factor}"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("price_factor"), "{told:?}");
    let told = warnings("set: [\"grid.tariff.carbon_price_per_t=10000\"], choose: [");
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn the_studies_that_come_with_the_program_warn_of_nothing() {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(scenarios().join("studies")).unwrap() {
        let file = entry.unwrap().path();
        let warnings = match Plan::load(&file) {
            Ok(plan) => plan.scenario_warnings(),
            Err(_) => Problem::load(&file).unwrap().scenario_warnings(),
        };
        wrong.extend(warnings.into_iter().map(|told| format!("{}: {told}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fewer_days_than_a_year_are_warned_of() {
    let warnings = |span: &str| -> Vec<String> {
        let choose = format!("{span} choose: [({BATTERY}, values: List([5]), {PRICE})]");
        load(&asked(&choose, "")).unwrap().warnings().to_vec()
    };
    assert_eq!(warnings(""), [""; 0]);
    assert!(warnings("days: 7,")[0].starts_with("7 days stand for a year"));
    assert!(warnings("weeks: FourSeasons,")[0].starts_with("4 weeks stand for a year"));
    let both = format!("days: 7, weeks: FourSeasons, choose: [({BATTERY}, values: List([5]))]");
    assert!(load(&asked(&both, "")).unwrap_err().contains("both `days` and `weeks`"));
}

#[test]
fn a_size_of_zero_is_not_installed() {
    // Each with a day: of nothing, what the scenario without it comes to.
    let cost = |site: &str| -> Vec<f64> {
        let problem = load(&asked(site, "minimise: [NetPresentCost]")).unwrap();
        let optimum = solve(&problem);
        assert_eq!(optimum.failed().0, 0, "{:?}", optimum.failed());
        let rows = problem.table(&optimum).rows.into_iter();
        rows.filter(|row| row.label != "base case").map(|row| row.figures[5].unwrap()).collect()
    };
    let battery = cost(&format!("days: 1, choose: [({BATTERY}, values: List([0, 10]))]"));
    let without = "set: [\"meters=[]\", \"batteries=[(id: \\\"spare\\\", capacity_kwh: 4, charge_kw: 2, discharge_kw: 2)]\"]";
    let spare = "path: \"batteries.spare.capacity_kwh\", values: List([4])";
    assert_eq!(battery[0], cost(&format!("days: 1, {without}, choose: [({spare})]"))[0]);
    assert_ne!(battery[0], battery[1]);
    // The last of a list, the only one of a list, and both at once.
    let pv = "path: \"pv.roof.dc_kw\", values: List([0, 6])";
    let spare = "path: \"batteries.spare.capacity_kwh\", values: List([0])";
    let all =
        cost(&format!("days: 1, choose: [({BATTERY}, values: List([0])), ({spare}), ({pv})]"));
    let none = "set: [\"meters=[]\", \"batteries=[]\", \"pv=[]\"]";
    let home = "path: \"loads.home.profile\", values: List([\
                \"Typical(shape: Residential, annual_kwh: 5000)\"])";
    assert_eq!(all[0], cost(&format!("days: 1, {none}, choose: [({home})]"))[0]);
}

#[test]
fn what_names_a_thing_that_may_be_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let faulty = HOUSE.replace(
        "meters:",
        "faults: [(what: Pv(\"roof\"), from: \"2024-06-17T10:00:00\")], meters:",
    );
    if faulty == HOUSE {
        panic!("nothing was put in");
    }
    std::fs::write(folder.path().join("house.ron"), faulty).unwrap();
    let file = folder.path().join("o.ron");
    let choose = "days: 1, choose: [(path: \"pv.roof.dc_kw\", values: List([0, 6]))]";
    std::fs::write(&file, asked(choose, "")).unwrap();
    let error = Problem::load(&file).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("`pv.roof` is not installed"), "{error}");
}

#[test]
fn tasks_and_votes_are_simulated_where_something_depends_on_them() {
    let computing = |more: &str, minimise: &str| {
        let choose = format!("days: 1, choose: [({BATTERY}, values: List([5]), {PRICE}), {more}]");
        load(&asked(&choose, minimise)).map(|problem| problem.computing().unwrap())
    };
    assert!(computing("", "").unwrap().starts_with("not simulated"));
    let offload = "(path: \"policies.offload\", values: List([\"Local\", \"Nearest\"]))";
    assert_eq!(computing(offload, "").unwrap(), "simulated: `policies.offload` depends on them");
    let server = "(path: \"edge_servers.edge.cores\", values: List([2, 4]))";
    assert!(computing(server, "").unwrap().contains("`edge_servers.edge.cores`"));
    let metric = "minimise: [Metric(\"tasks.missed\")]";
    assert!(computing("", metric).unwrap().contains("`tasks.missed`"));
    let limit = "limits: [(of: Metric(\"tasks.lost\"), most: 0)]";
    assert!(computing("", limit).unwrap().contains("`tasks.lost`"));
    let choose =
        format!("days: 1, simulate_computing: true, choose: [({BATTERY}, values: List([5]))]");
    assert!(load(&asked(&choose, "")).unwrap().computing().unwrap().starts_with("simulated"));
    let choose = format!("simulate_computing: false, choose: [({BATTERY}, values: List([5]))]");
    let error = load(&asked(&choose, metric)).unwrap_err();
    assert!(
        error.contains("found false, but `tasks.missed` depends on tasks or consensus"),
        "{error}"
    );
}

#[test]
fn four_weeks_are_a_year_of_their_seasons() {
    let one = |site: &str| -> Vec<Option<f64>> {
        let choose = format!("{site}, choose: [({BATTERY}, values: List([10]))]");
        let problem = load(&asked(&choose, "minimise: [NetPresentCost]")).unwrap();
        problem.table(&solve(&problem)).rows[1].figures.clone()
    };
    let seasons = one("weeks: FourSeasons");
    let weeks = ["2024-01-15", "2024-04-15", "2024-07-15", "2024-10-14"]
        .map(|start| one(&format!("days: 7, set: [\"start=\\\"{start}\\\"\"]")));
    // Present cost, carbon: each week is a quarter of the year, a month's charge a quarter of twelve.
    for at in [5, 7] {
        let mean = weeks.iter().map(|of| of[at].unwrap()).sum::<f64>() / 4.0;
        let found = seasons[at].unwrap();
        assert!((found - mean).abs() <= 1e-9 * mean.abs(), "{found} {mean}");
    }
}

#[test]
fn a_search_that_was_ended_goes_on_where_it_was() {
    let choose = format!("days: 2, choose: [({BATTERY}, values: List([0, 5, 10, 20]), {PRICE})]");
    let folder = folder(&asked(&choose, ""));
    let (file, out) = (folder.path().join("o.ron"), folder.path().join("out"));
    let search = |resume: bool, stop_after: u64| {
        let mut problem = Problem::load(&file).unwrap();
        gridtwin_study::optimize::prepare(&out, &problem, Earlier::Restart).unwrap();
        problem.keep(&out, resume).unwrap();
        let stop = AtomicBool::new(false);
        let told = |done, _| {
            if done >= stop_after {
                stop.store(true, std::sync::atomic::Ordering::SeqCst);
            }
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let optimum = pool.install(|| problem.solve(&told, &stop)).unwrap();
        let rows = problem.table(&optimum).rows;
        (optimum.resumed, optimum.evaluated(), rows)
    };
    let (_, _, whole) = search(false, u64::MAX);
    let (resumed, evaluated, _) = search(false, 2);
    assert_eq!((resumed, evaluated), (0, 2));
    let (resumed, evaluated, rows) = search(true, u64::MAX);
    // Two candidates and the base case, which is one of the sizes' runs.
    assert!(resumed >= 3, "{resumed}");
    assert_eq!(evaluated, 4);
    assert_eq!(rows, whole);
}

#[test]
fn payback_and_savings_stand_beside_every_size() {
    let also = "also: [(path: \"batteries.main.charge_kw\", per_unit: 0.5)]";
    let choose = format!(
        "days: 365, choose: [({BATTERY}, values: List([0, 5, 10]), {also}, \
         price: (per_unit: 100, om_per_unit_year: 1, life_years: 10), base_case: 0)]"
    );
    let project = "minimise: [NetPresentCost], project: (life_years: 10, discount_rate: 0.05)";
    let problem = load(&asked(&choose, project)).unwrap();
    let optimum = solve(&problem);
    let table = problem.table(&optimum);
    let [base, none, five, ten] = &table.rows[..] else { panic!("{table:?}") };
    let figure = |row: &gridtwin_study::optimize::CandidateRow, name: &str| {
        let at = table.figures.iter().position(|of| of.name == name).unwrap();
        row.figures[at]
    };
    assert_eq!((figure(base, "investment"), figure(none, "investment")), (Some(0.0), Some(0.0)));
    assert_eq!(figure(none, "saving a year"), Some(0.0));
    for (row, kwh) in [(five, 5.0), (ten, 10.0)] {
        let investment = figure(row, "investment").unwrap();
        assert_eq!(investment, 100.0 * kwh);
        let saving = figure(row, "saving a year").unwrap();
        let simple = figure(row, "simple payback").unwrap();
        assert!((simple - investment / saving).abs() < 1e-9, "{simple} {investment} {saving}");
        assert!(figure(row, "discounted payback").unwrap() > simple);
        // Ten years at 5 %: the battery, less what is saved.
        let gained =
            figure(base, "net present cost").unwrap() - figure(row, "net present cost").unwrap();
        let annuity: f64 = (1..=10).map(|year| 1.05_f64.powi(-year)).sum();
        assert!((gained - (saving * annuity - investment)).abs() < 1e-6, "{gained}");
    }
}

#[test]
fn a_larger_battery_saves_no_less() {
    // A week at one price all day: a battery saves what it keeps of the sun. Its first charge is valued.
    let sizes = [1.0, 5.0, 10.0, 20.0, 50.0, 200.0, 1000.0];
    let set = "set: [\"grid.tariff.periods=[]\", \"batteries.spare.capacity_kwh=0.001\", \
               \"batteries.main.self_discharge_per_day=0\", \"batteries.main.charge_kw=20\", \
               \"batteries.main.discharge_kw=20\"]";
    let choose =
        format!("days: 7, {set}, choose: [({BATTERY}, values: List({sizes:?}), base_case: 1)]");
    let problem = load(&asked(&choose, "minimise: [NetPresentCost]")).unwrap();
    let table = problem.table(&solve(&problem));
    let savings: Vec<f64> = table.rows.iter().skip(1).map(|row| row.figures[1].unwrap()).collect();
    let most = savings.iter().copied().fold(0.0, f64::max);
    assert!(most > 0.0, "{savings:?}");
    for pair in savings.windows(2) {
        assert!(pair[1] >= pair[0] - 1e-3 * most, "not monotone: {savings:?}");
    }
    // Nor does one that could never be emptied in a week save more than one that just could: what is
    // still in store at the end has saved nothing yet.
    let [.., large, larger] = savings[..] else { panic!("{savings:?}") };
    assert!(larger - large < 0.01 * most, "not saturated: {savings:?}");
}

#[test]
fn a_sweep_takes_out_what_has_no_size() {
    let folder = folder("");
    let file = folder.path().join("s.ron");
    let axes = "(path: \"batteries.main.capacity_kwh\", values: List([0, 10])), \
                (path: \"pv[0].dc_kw\", name: \"pv\", values: List([0, 6]))";
    std::fs::write(&file, format!("(name: \"s\", base: \"house.ron\", axes: [{axes}])")).unwrap();
    let plan = Plan::load(&file).unwrap_or_else(|error| panic!("{error}"));
    let counts = |point| {
        let scenario = plan.scenario_at(point, 1).unwrap_or_else(|error| panic!("{error}"));
        (scenario.batteries.len(), scenario.pv.len(), scenario.meters.len())
    };
    // The battery's meter and the roof's go with them.
    assert_eq!([0, 1, 2, 3].map(counts), [(1, 0, 0), (1, 1, 0), (2, 0, 0), (2, 1, 2)]);
}

#[test]
fn limits_have_a_least_and_a_most_and_say_what_they_are() {
    let site = format!("days: 2, choose: [({BATTERY}, values: List([0, 5, 10]), {PRICE})]");
    let limit =
        |text: &str| load(&asked(&site, &format!("minimise: [NetPresentCost], limits: [{text}]")));
    for (wrong, told) in [
        ("(of: Investment)", "found neither `most` nor `least`"),
        ("(of: Most(\"energy.self_sufficiency\"), most: 0.43)", "least: 0.43)"),
        ("(of: Investment, most: 1, least: 2)", "found `least: 2`, which is above `most: 1`"),
    ] {
        let error = limit(wrong).unwrap_err();
        assert!(error.contains("o.ron:1:") && error.contains(told), "{wrong}: {error}");
    }
    let problem = limit("(of: Investment, least: 1, most: 9000)").unwrap();
    assert_eq!(problem.limits().unwrap(), "investment at least 1 EUR and at most 9000 EUR");
    // The cheapest, no battery, is not allowed.
    let optimum = solve(&problem);
    let winner = &problem.winner_values(&optimum)[0];
    assert_eq!(winner.1.parse(), Ok(5.0), "{winner:?}");
}

#[test]
fn a_replacement_that_postpones_the_payback_is_marked() {
    // What is replaced before it has paid back pays back later, or never.
    let choose = |life_years: f64| {
        format!(
            "days: 365, choose: [({BATTERY}, values: List([0, 5]), \
             price: (per_unit: 100, life_years: {life_years}), base_case: 0)]"
        )
    };
    let project = "minimise: [NetPresentCost], project: (life_years: 40, discount_rate: 0)";
    let five = |life_years: f64| {
        let problem = load(&asked(&choose(life_years), project)).unwrap();
        let table = problem.table(&solve(&problem));
        let at = |name: &str| table.figures.iter().position(|of| of.name == name).unwrap();
        let row = &table.rows[2];
        let of = |name: &str| row.figures[at(name)];
        assert_eq!(table.rows[1].figures[at("investment per saving")], None, "nothing invested");
        (of("investment per saving").unwrap(), of("simple payback"), row.postponed)
    };
    let (years, simple, postponed) = five(40.0);
    assert!(years < 30.0 && (simple.unwrap() - years).abs() < 1e-9, "{years} {simple:?}");
    assert!(!postponed);
    let (same, simple, postponed) = five(years * 0.9);
    assert_eq!(same, years);
    assert!(postponed && simple.is_none_or(|simple| simple > years + 1.0), "{simple:?}");
}

#[test]
fn what_invests_and_saves_less_than_the_base_case_pays_back_where_it_is_never_behind() {
    let none = |price: u32, life_years: u32| {
        let choose = format!(
            "days: 365, choose: [({BATTERY}, values: List([0, 5]), \
             price: (per_unit: {price}, life_years: 50), base_case: 5)]"
        );
        let project = format!("project: (life_years: {life_years}, discount_rate: 0)");
        let problem = load(&asked(&choose, &format!("minimise: [NetPresentCost], {project}")));
        let problem = problem.unwrap();
        let table = problem.table(&solve(&problem));
        let at = |name: &str| table.figures.iter().position(|of| of.name == name).unwrap();
        let none = &table.rows[1].figures;
        assert!(none[at("saving a year")].unwrap() < 0.0, "{none:?}");
        assert_eq!(none[at("investment per saving")], None);
        assert_eq!(table.rows[0].figures[at("simple payback")], None, "the base case itself");
        (none[at("simple payback")], none[at("discounted payback")])
    };
    // What is not invested is more than all that the battery would have saved.
    assert_eq!(none(10_000, 25), (Some(0.0), Some(0.0)));
    // Ahead at first, and behind at the end.
    assert_eq!(none(10, 25), (None, None));
}
