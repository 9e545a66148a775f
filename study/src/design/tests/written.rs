//! How a study file is read, and what it is told when it is wrong.

use super::*;

const ALL: &str = r#"(
    axes: [
        (path: "batteries.container.capacity_kwh", values: List([200, 500, 800])),
        (path: "pv.roof-1.dc_kw", values: Linspace(from: 100, to: 500, count: 5)),
        (path: "gensets.diesel.capacity_kw", values: Logspace(from: 10, to: 1000, count: 3)),
        (path: "policies.dispatch", name: "dispatch",
         values: List(["SelfConsumption", "BackupReserve(reserve_soc: 0.5)"])),
        (path: "site.altitude_m", values: Uniform(from: 0, to: 10)),
        (path: "x.y", values: Normal(mean: 5, sd: 1, from: 0, to: 10)),
        (path: "x.n", values: Normal(mean: 5, sd: 1, to: 6)),
        (path: "x.z", values: LogUniform(from: 1, to: 100)),
        (path: "x.t", values: Triangular(from: 1, mode: 2, to: 4)),
        (path: "x.l", values: LogNormal(median: 5, sigma: 0.3)),
    ],
    combine: Crossed,
    samples: 64,
    sampling: Sobol,
)"#;

#[test]
fn a_study_file_with_everything_makes_its_design() {
    let design = design(ALL).expect("a design");
    assert_eq!(design.len(), 3 * 5 * 3 * 2 * 64);
    assert_eq!(design.rows(), 64);
    let names: Vec<&str> = design.columns().iter().map(Column::name).collect();
    assert_eq!(
        names[..4],
        [
            "batteries.container.capacity_kwh",
            "pv.roof-1.dc_kw",
            "gensets.diesel.capacity_kw",
            "dispatch"
        ]
    );
    let first = design.settings(0).expect("a point");
    assert_eq!(first[0], ("batteries.container.capacity_kwh", &Value::from(200.0)));
    assert_eq!(first[3].1.text(), "SelfConsumption");
    let last = design.settings(design.len() - 1).expect("a point");
    assert_eq!(last[3].1.text(), "BackupReserve(reserve_soc: 0.5)");
    assert_eq!(last[1].1.text(), "500");
    assert_eq!(design.point(design.len()), None);
    assert_eq!(design.level(0, 99), None);
}

#[test]
fn what_is_written_reads_back_the_same() {
    let study = read(ALL).expect("a study");
    let text = options().to_string(&study).expect("it can be written");
    assert_eq!(read(&text), Ok(study), "{text}");
}

#[test]
fn list_entries_are_numbers_bools_and_texts() {
    let entries =
        r#"List([200, -3, 0.1, 2.0, 1e-7, 18446744073709551615, true, false, "a b", "1.50"])"#;
    assert_eq!(listed(entries), "200 -3 0.1 2 1e-7 18446744073709551615 true false a b 1.50");
    let study = read(&format!("(axes: [(path: \"a\", values: {entries})])")).expect("a study");
    let Values::List(values) = &study.axes[0].values else { panic!("a list") };
    let numbers: Vec<Option<f64>> = values.iter().map(Value::number).collect();
    let expected = [
        Some(200.0),
        Some(-3.0),
        Some(0.1),
        Some(2.0),
        Some(1e-7),
        Some(18446744073709551615.0),
        None,
        None,
        None,
        Some(1.5),
    ];
    assert_eq!(numbers, expected);
    let text = options().to_string(&study).expect("it can be written");
    assert_eq!(read(&text), Ok(study), "{text}");
}

#[test]
fn a_list_entry_without_quotes_is_refused_with_what_would_do() {
    for entry in ["None", "[1]", "(a: 1)", "BackupReserve(reserve_soc: 0.5)"] {
        let error = read(&format!("(axes: [(path: \"a\", values: List([{entry}]))])")).unwrap_err();
        assert!(error.contains("a text in quotes"), "{entry}: {error}");
    }
}

#[test]
fn a_misspelt_field_is_refused() {
    assert!(read("(axes: [(path: \"a\", value: List([1]))])").is_err());
    assert!(read("(axes: [(path: \"a\", values: Linspace(from: 1, to: 2, steps: 3))])").is_err());
    assert!(read("(axes: [(path: \"a\", values: Linspace(from: 1, to: 2, count: -3))])").is_err());
}

#[test]
fn wrong_values_are_refused_by_the_name_of_their_axis() {
    for (values, why) in [
        ("List([])", "the list is empty"),
        ("List([1, inf])", "`inf` is not a finite number"),
        ("List([NaN])", "`NaN` is not a finite number"),
        ("List([\" \"])", "an empty text sets nothing"),
        ("List([1, 2, 1.0])", "`1` is listed twice"),
        ("Linspace(from: 1, to: 2, count: 0)", "`count: 0`"),
        ("Linspace(from: 2, to: 1, count: 3)", "swap them"),
        ("Linspace(from: 1, to: 1, count: 3)", "write `count: 1`"),
        ("Linspace(from: 1, to: inf, count: 3)", "finite numbers"),
        ("Linspace(from: NaN, to: 1, count: 3)", "finite numbers"),
        ("Linspace(from: 1, to: 1.0000000000000004, count: 9)", "no room for 9"),
        ("Logspace(from: 0, to: 1, count: 3)", "expected more than 0"),
        ("Logspace(from: -1, to: 1, count: 3)", "expected more than 0"),
        ("Uniform(from: 2, to: 1)", "swap them"),
        ("Uniform(from: 2, to: 2)", "write `List([2])`"),
        ("Uniform(from: NaN, to: 2)", "`from: NaN` must be a finite number"),
        ("LogUniform(from: 0, to: 1)", "`from: 0` must be more than 0"),
        ("Normal(mean: 0, sd: 0)", "`sd: 0` must be more than 0"),
        ("Normal(mean: 0, sd: -1)", "`sd: -1` must be more than 0"),
        ("Normal(mean: inf, sd: 1)", "`mean: inf` must be a finite number"),
        ("Normal(mean: 0, sd: 1e308)", "exceeds the range of numbers"),
        ("Normal(mean: 0, sd: 1, from: 3, to: 2)", "swap them"),
        ("Normal(mean: 0, sd: 1, from: NaN)", "`from: NaN` must be a finite number"),
        ("Normal(mean: 0, sd: 1, from: 50)", "almost none"),
        ("Normal(mean: 0, sd: 1, to: -50)", "almost none"),
        ("LogNormal(median: 0, sigma: 1)", "`median: 0` must be more than 0"),
        ("LogNormal(median: 1, sigma: 0)", "`sigma: 0` must be more than 0"),
        ("LogNormal(median: 1, sigma: 100)", "exceeds the range of numbers"),
        ("LogNormal(median: 1, sigma: 1, from: 0)", "`from: 0` must be more than 0"),
        ("LogNormal(median: 1, sigma: 0.1, from: 100)", "almost none"),
        ("Triangular(from: 1, mode: 0, to: 2)", "must lie between"),
        ("Triangular(from: 1, mode: 3, to: 2)", "must lie between"),
        ("Triangular(from: 1, mode: 1, to: 1)", "nothing to draw"),
        ("Triangular(from: 1, mode: NaN, to: 2)", "finite"),
    ] {
        let error = refused(values).unwrap_or_default();
        assert!(error.starts_with("axis `size`: ") && error.contains(why), "{values}: {error:?}");
    }
    for values in
        ["List([1, 2])", "Normal(mean: 0, sd: 1, from: 4)", "Triangular(from: 1, mode: 1, to: 2)"]
    {
        assert_eq!(refused(values), None);
    }
}

#[test]
fn wrong_names_and_paths_are_refused() {
    let error = |text: &str| design(text).unwrap_err();
    let two = |a: &str, b: &str| {
        error(&format!("(axes: [({a}, values: List([1])), ({b}, values: List([1]))])"))
    };
    assert_eq!(two("path: \"a\"", "path: \"a \""), DesignError::SamePath("a".into()));
    assert_eq!(two("path: \"a\"", "path: \"b\", name: \"a\""), DesignError::SameName("a".into()));
    for (naming, told) in [
        ("path: \"\"", "axis `number 1`: the path is empty"),
        ("path: \"a=3\"", "axis `a=3`: a path must not contain `=`"),
        ("path: \"a\", name: \" \"", "axis `a`: the name is empty"),
    ] {
        let found = error(&format!("(axes: [({naming}, values: List([1]))])")).to_string();
        assert!(found.starts_with(told), "{found}");
    }
}

#[test]
fn samples_and_distributions_need_each_other() {
    let error = |text: &str| design(text).unwrap_err();
    let uniform = "(axes: [(path: \"a\", values: Uniform(from: 0, to: 1))]";
    assert_eq!(error(&format!("{uniform})")), DesignError::NoSamples("a".into()));
    assert_eq!(
        error("(axes: [(path: \"a\", values: List([1]))], samples: 4)"),
        DesignError::NothingToSample(4)
    );
    assert_eq!(
        error(&format!("{uniform}, samples: 65537, sampling: Sobol)")),
        DesignError::TooManySobolRows(65537)
    );
    let axes: Vec<Axis> = (0..=MAX_SOBOL_AXES).map(|i| unit(&i.to_string())).collect();
    let made = |axes, sampling| Design::new(axes, Combine::Crossed, 2, sampling, 1);
    assert_eq!(
        made(&axes, Sampling::Sobol),
        Err(DesignError::TooManySobolAxes(MAX_SOBOL_AXES + 1))
    );
    assert!(made(&axes[1..], Sampling::Sobol).is_ok());
    assert!(made(&axes, Sampling::LatinHypercube).is_ok());
}

proptest! {
    #[test]
    fn a_number_reads_back_from_its_text(number in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO) {
        let value = Value::from(number);
        prop_assert_eq!(value.text().parse::<f64>().unwrap(), number);
        prop_assert_eq!(value.number(), Some(number));
        prop_assert_eq!(&Value::new(value.text()), &value);
        prop_assert!(!value.text().ends_with(".0"));
        // And so does it from a study file.
        let list = |text: &str| options().from_str::<Vec<Value>>(text).unwrap();
        prop_assert_eq!(list(&format!("[{value}]")), vec![value]);
    }

    #[test]
    fn no_axes_make_a_panic(values in any_values(), more in any_values(), zipped: bool, samples in 0usize..20, sobol: bool, seed: u64) {
        let combine = if zipped { Combine::Zipped } else { Combine::Crossed };
        let sampling = if sobol { Sampling::Sobol } else { Sampling::LatinHypercube };
        if let Ok(design) = Design::new(&[axis("a", values), axis("b", more)], combine, samples, sampling, seed) {
            prop_assert_eq!(design.points().count(), design.len());
            let finite = design.points().flatten().all(|value| value.number().is_some());
            prop_assert!(finite);
        }
    }
}

/// Any numbers whatever, the likely ones among them.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        -100.0..100.0f64,
        prop::num::f64::ANY,
        prop::sample::select(vec![0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, 1e-308]),
    ]
}

fn any_values() -> impl Strategy<Value = Values> {
    let three = || (any_number(), any_number(), any_number());
    let bounds = || (prop::option::of(any_number()), prop::option::of(any_number()));
    prop_oneof![
        prop::collection::vec(any_number(), 0..4)
            .prop_map(|numbers| Values::List(numbers.into_iter().map(Value::from).collect())),
        (any_number(), any_number(), 0usize..9).prop_map(|(from, to, count)| Values::Linspace {
            from,
            to,
            count
        }),
        (any_number(), any_number(), 0usize..9).prop_map(|(from, to, count)| Values::Logspace {
            from,
            to,
            count
        }),
        three().prop_map(|(from, to, _)| Values::Uniform { from, to }),
        three().prop_map(|(from, to, _)| Values::LogUniform { from, to }),
        three().prop_map(|(from, mode, to)| Values::Triangular { from, mode, to }),
        (three(), bounds()).prop_map(|((mean, sd, _), (from, to))| Values::Normal {
            mean,
            sd,
            from,
            to
        }),
        (three(), bounds()).prop_map(|((median, sigma, _), (from, to))| Values::LogNormal {
            median,
            sigma,
            from,
            to
        }),
    ]
}
