//! What reading promises: what is written is read, what is resolved reads the same, what is set is
//! set, what is wrong is told where it is. The long list of bad inputs stands in the workspace's
//! `tests/it/bad_input.rs`.

use super::{Dispatch, Override, Scenario, Weather};
use proptest::prelude::*;

const CAMPUS: &str = include_str!("load_tests.ron");

const TINY: &str = r#"(
    name: "tiny",
    site: (latitude_deg: 90, longitude_deg: 0, time_zone: "UTC"),
    start: "2025-01-01T00:00:00",
    batteries: [(id: "a.b", capacity_kwh: 10, charge_kw: 5, discharge_kw: 5)],
)"#;

fn set(text: &str, changes: &[&str]) -> Result<Scenario, String> {
    let changes: Result<Vec<Override>, String> = changes.iter().map(|c| c.parse()).collect();
    let scenario = Scenario::parse_with(text, "x.ron", &changes?, None, None);
    scenario.map_err(|error| error.to_string())
}

#[test]
fn what_is_resolved_reads_the_same() {
    for text in [CAMPUS, TINY] {
        let scenario = Scenario::parse(text, "x.ron").unwrap_or_else(|e| panic!("{e}"));
        let written = scenario.to_ron();
        let again = Scenario::parse(&written, "y.ron").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(scenario, again);
        assert_eq!(written, again.to_ron());
    }
}

#[test]
fn files_are_resolved_from_the_scenario_s_folder() {
    let folder = std::env::temp_dir().join(format!("gridtwin-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    std::fs::write(folder.join("sky.csv"), "x").expect("a file");
    let path = folder.join("a.ron");
    let text = TINY.replace("name:", "weather: File(path: \"sky.csv\"), name:");
    std::fs::write(&path, text).expect("a file");
    let scenario = Scenario::load(&path);
    let written = scenario.map(|scenario| scenario.to_ron());
    let again = written.as_ref().map(|written| Scenario::parse(written, "elsewhere.ron"));
    std::fs::remove_dir_all(&folder).expect("removed");
    let again = again.expect("read").expect("read again");
    let whole = Weather::File { path: folder.join("sky.csv") };
    assert_eq!(again.weather, whole);
}

#[test]
fn values_are_set_by_field_index_and_name() {
    let scenario = set(
        CAMPUS,
        &[
            "batteries.main.capacity_kwh=800",
            "pv[0].dc_kw=300",
            "policies.dispatch=BackupReserve(reserve_soc: 0.5)",
            "policies.dispatch.reserve_soc=0.25",
            "grid.tariff.price_per_kwh=0.2",
            "weather.clearness=0.125",
            "weather.linke_turbidity[1]=5",
            "site.altitude_m=7",
            "site.time_zone=Europe/Berlin",
            "start=2026-01-01T00:00:00",
            "grid.random_outages=(per_year: 3, mean_hours: 1)",
            "grid.random_outages.mean_hours=2 // often enough",
        ],
    );
    let s = scenario.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(s.batteries[0].capacity_kwh.get(), 800.0);
    assert_eq!(s.pv[0].dc_kw.get(), 300.0);
    let Dispatch::BackupReserve { reserve_soc, .. } = s.policies.dispatch else {
        panic!("{:?}", s.policies.dispatch)
    };
    assert_eq!(reserve_soc.get(), 0.25);
    let grid = s.grid.expect("a grid");
    assert_eq!(grid.tariff.price_per_kwh.get(), 0.2);
    assert_eq!(grid.random_outages.expect("set").mean_hours.get(), 2.0);
    let Weather::Synthetic { clearness, linke_turbidity, .. } = s.weather else {
        panic!("{:?}", s.weather)
    };
    assert_eq!((clearness.get(), linke_turbidity[1].get()), (0.125, 5.0));
    assert_eq!((s.site.altitude_m.expect("set").get(), s.start.year()), (7.0, 2026));
    assert_eq!(s.site.time_zone, "Europe/Berlin");
    let tiny = set(TINY, &["batteries.a.b.soc_start=0.9"]).expect("a name with a point");
    assert_eq!(tiny.batteries[0].soc_start.to_string(), "0.9");
}

#[test]
fn numbers_are_multiplied_and_added_to() {
    let scenario = set(
        CAMPUS,
        &[
            "batteries.main.capacity_kwh=800",
            "batteries.main.capacity_kwh *= 1.5",
            "days+=3",
            "days*=2",
            "grid.tariff.price_per_kwh=0.2",
            "grid.tariff.price_per_kwh*=1.3",
            "grid.tariff.export_price_per_kwh+=-0.05",
            "grid.tariff.periods=[(name: \"peak\", price_per_kwh: 0.4, from: \"16:00\", until: \"21:00\")]",
            "grid.tariff.periods.peak.price_per_kwh*=1.25",
            "grid.tariff.price_factor*=1.1",
        ],
    );
    let s = scenario.unwrap_or_else(|e| panic!("{e}"));
    let days = set(CAMPUS, &[]).expect("read").days;
    assert_eq!((s.batteries[0].capacity_kwh.get(), s.days), (1200.0, (days + 3) * 2));
    let tariff = s.grid.expect("a grid").tariff;
    assert_eq!(tariff.price_per_kwh.get(), 0.26);
    assert_eq!(tariff.periods[0].price_per_kwh.get(), 0.5);
    assert_eq!(tariff.price_factor.get(), 1.1);
    let default = set(TINY, &["grid=(import_limit_kw: 3)", "grid.tariff.price_per_kwh*=1.3"]);
    assert_eq!(default.expect("read").grid.expect("set").tariff.price_per_kwh.get(), 0.39);
    // It is written as it was given.
    let change: Override = "a.b *= 1.3".parse().expect("parsed");
    assert_eq!((change.to_string().as_str(), change.path()), ("a.b*=1.3", "a.b"));
}

#[test]
fn a_factor_on_what_is_no_number_is_refused() {
    for (change, hint) in [
        ("site.time_zone*=2", "`*=` needs a number, but the field holds"),
        ("days*=0.3", "expected a whole number"),
        ("batteries.main.capacity_kwh*=-1", "expected a number above zero"),
        ("batteries.main.capacity_kwh*=1e308", "is not a finite number"),
        ("batteries.mian.capacity_kwh*=2", "did you mean `main`?"),
        ("batteries*=2", "name a field that holds a number"),
        ("grid.tariff.periods.paek.price_per_kwh*=2", "there is no `paek`"),
    ] {
        let error = set(CAMPUS, &[change]).expect_err(change);
        assert!(error.starts_with(&format!("--set {change}: ")), "{error}");
        assert!(error.contains(hint), "{error}");
    }
    for text in ["days*=x", "days*=", "*=3", "days+=inf"] {
        assert!(text.parse::<Override>().is_err(), "{text}");
    }
}

#[test]
fn what_has_no_default_is_made_where_it_is_set() {
    let s = set(TINY, &["grid.import_limit_kw=3"]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(s.grid.expect("made").import_limit_kw.get(), 3.0);
}

#[test]
fn days_and_seed_are_set_by_their_options() {
    let s = Scenario::parse_with(TINY, "x.ron", &[], Some(3), Some(u64::MAX)).expect("read");
    assert_eq!((s.days, s.seed), (3, u64::MAX));
    let error = Scenario::parse_with(TINY, "x.ron", &[], Some(0), None).expect_err("no days");
    assert!(error.to_string().starts_with("--days 0: found 0 days"), "{error}");
}

#[test]
fn what_is_set_wrongly_is_told_by_what_was_set() {
    let rows: [(&str, &str); 11] = [
        ("batteries.mian.capacity_kwh=1", "did you mean `main`?"),
        ("batteries.main.capacity=1", "did you mean `capacity_kwh`?"),
        ("pv[7].dc_kw=1", "no item [7] in a list of 1"),
        ("pv[x].dc_kw=1", "expected an index"),
        ("gird.tariff=1", "did you mean `grid`?"),
        ("days.x=1", "no field `x` in `7`"),
        ("days=x", "expected a whole number"),
        ("days=1, seed: 2", "expected a single value"),
        ("batteries.main.capacity_kwh=-5", "expected a number above zero"),
        ("batteries.main.soc_min=0.97", "soc_min 0.97 and soc_max 0.95"),
        ("site.time_zone=Berlin", "did you mean `Europe/Berlin`?"),
    ];
    for (change, hint) in rows {
        let error = set(CAMPUS, &[change]).expect_err(change);
        assert!(error.starts_with(&format!("--set {change}: ")), "{error}");
        assert!(error.contains(hint), "{error}");
    }
    // What is wrong in the file stays where it is in the file.
    let wrong = CAMPUS.replacen("cores: 8", "cores: 0", 1);
    let error = set(&wrong, &["days=100000", "seed=7"]).expect_err("wrong");
    assert!(error.contains("--set days=100000: ") && error.contains("x.ron:28:"), "{error}");
}

#[test]
fn the_default_haze_follows_the_seasons_of_the_site() {
    let months = |changes: &[&str]| {
        let s = set(TINY, changes).unwrap_or_else(|e| panic!("{e}"));
        let Weather::Synthetic { linke_turbidity, .. } = s.weather else {
            panic!("{:?}", s.weather)
        };
        linke_turbidity.map(|month| month.get())
    };
    let north = months(&["site.latitude_deg=48"]);
    let south = months(&["site.latitude_deg=-34"]);
    assert_eq!((north[6], south[6]), (3.9, 2.6));
    assert_eq!([&north[6..], &north[..6]].concat(), south);
    // One month that is set leaves the others as they are at the site, and a list is taken as it is.
    let february = months(&["site.latitude_deg=-34", "weather.linke_turbidity[1]=5"]);
    assert_eq!((february[0], february[1], february[2]), (3.9, 5.0, 3.5));
    let list = format!("weather.linke_turbidity=[{}]", ["2.5, 3"; 6].join(", "));
    assert_eq!(months(&["site.latitude_deg=-34", &list])[..2], [2.5, 3.0]);
}

#[test]
fn a_list_of_fixed_length_may_stand_in_either_bracket() {
    let numbers = ["2.5"; 12].join(", ");
    let with = |list: &str| {
        let weather = format!("weather: Synthetic(linke_turbidity: {list}), name:");
        set(&TINY.replace("name:", &weather), &[])
    };
    for list in [format!("[{numbers}]"), format!("({numbers})")] {
        let s = with(&list).unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(s.weather, Weather::Synthetic { linke_turbidity, .. }
            if linke_turbidity[0].get() == 2.5));
    }
    let error = with("[1, 2]").expect_err("too short");
    assert!(error.contains("found 2 values, expected a list of 12 values"), "{error}");
}

proptest! {
    /// A scenario in which a piece is replaced by junk is read or refused, with a place, on a screen.
    #[test]
    fn a_mutated_scenario_is_read_or_refused(
        at in 0..CAMPUS.len(),
        length in 0..40_usize,
        junk in r#"([()\[\]{},:"'a-z0-9.-]|é|\n){0,6}"#
    ) {
        let end = (at + length).min(CAMPUS.len());
        let text = format!("{}{junk}{}", &CAMPUS[..at], &CAMPUS[end..]);
        if let Err(error) = Scenario::parse(&text, "x.ron") {
            let error = error.to_string();
            prop_assert!(error.starts_with("x.ron:"), "{error}");
            prop_assert!(error.lines().count() <= 24 && error.len() < 4000, "{error}");
        }
    }

    #[test]
    fn any_override_is_taken_or_refused(path in r"[a-z.\[\]0-9_]{0,12}", value in any::<String>()) {
        let _ = set(TINY, &[&format!("{path}={value}")]);
        let _ = set(TINY, &[&format!("batteries[0].{path}={value}")]);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert!(Scenario::parse(&text, "x.ron").is_err());
    }
}
