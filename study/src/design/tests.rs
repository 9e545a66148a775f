//! What a study file is promised: how it is read, which points it makes and what it is told when it
//! is wrong.

use super::*;
use proptest::prelude::*;
use ron::extensions::Extensions;
use serde::{Deserialize, Serialize};

/// The part of a study file that makes the design.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Study {
    axes: Vec<Axis>,
    #[serde(default)]
    combine: Combine,
    #[serde(default)]
    samples: usize,
    #[serde(default)]
    sampling: Sampling,
}

fn options() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .with_default_extension(Extensions::UNWRAP_NEWTYPES)
}

fn read(text: &str) -> Result<Study, String> {
    options().from_str(text).map_err(|error| error.to_string())
}

fn design(text: &str) -> Result<Design, DesignError> {
    let study = read(text).expect("the text is a study");
    Design::new(&study.axes, study.combine, study.samples, study.sampling, 7)
}

fn texts(design: &Design) -> Vec<Vec<&str>> {
    design.points().map(|point| point.into_iter().map(Value::text).collect()).collect()
}

fn numbers(column: &Column) -> Vec<f64> {
    column.values().iter().map(|value| value.number().expect("a number")).collect()
}

/// The texts of one axis with these values.
fn listed(values: &str) -> String {
    let design = design(&format!("(axes: [(path: \"a\", values: {values})])")).expect("a design");
    texts(&design).concat().join(" ")
}

/// Why one axis with these values is refused, if it is.
fn refused(values: &str) -> Option<String> {
    let text = format!("(axes: [(path: \"a.b\", name: \"size\", values: {values})])");
    let study = read(&text).expect("the text is a study");
    let samples = if study.axes.iter().any(|axis| axis.values.is_drawn()) { 8 } else { 0 };
    let made = Design::new(&study.axes, study.combine, samples, study.sampling, 7);
    made.err().map(|error| error.to_string())
}

fn axis(name: &str, values: Values) -> Axis {
    Axis { path: name.to_owned(), name: None, values }
}

fn drawn(axes: &[Axis], samples: usize, sampling: Sampling) -> Design {
    Design::new(axes, Combine::Crossed, samples, sampling, 42).expect("a design")
}

fn unit(name: &str) -> Axis {
    axis(name, Values::Uniform { from: 0.0, to: 1.0 })
}

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
fn spaced_values_hit_their_ends_and_stay_whole_where_they_can() {
    assert_eq!(listed("Linspace(from: 100, to: 500, count: 5)"), "100 200 300 400 500");
    assert_eq!(listed("Linspace(from: 0, to: 1, count: 3)"), "0 0.5 1");
    assert_eq!(listed("Linspace(from: -0.3, to: 0.3, count: 7)"), "-0.3 -0.2 -0.1 0 0.1 0.2 0.3");
    assert_eq!(listed("Linspace(from: 5, to: 9, count: 1)"), "5");
    assert_eq!(listed("Linspace(from: 5, to: 5, count: 1)"), "5");
    assert_eq!(listed("Logspace(from: 10, to: 1000, count: 3)"), "10 100 1000");
    assert_eq!(listed("Logspace(from: 1e-3, to: 1e3, count: 7)"), "0.001 0.01 0.1 1 10 100 1000");
    assert_eq!(listed("Logspace(from: 1e-300, to: 1e300, count: 3)"), "1e-300 1 1e300");
    assert_eq!(listed("Linspace(from: -1.5e308, to: 1.5e308, count: 3)"), "-1.5e308 0 1.5e308");
}

#[test]
fn the_last_listed_axis_runs_fastest_and_drawn_rows_faster_still() {
    let crossed = design(
        "(axes: [(path: \"a\", values: List([1, 2])), (path: \"d\", values: Uniform(from: 0, to: 1)),
                 (path: \"b\", values: List([\"x\", \"y\", \"z\"]))], samples: 2)",
    )
    .expect("a design");
    let drawn: Vec<&str> = crossed.columns()[1].values().iter().map(Value::text).collect();
    let [one, two] = drawn[..] else { panic!("two rows") };
    let expected = vec![
        vec!["1", one, "x"],
        vec!["1", two, "x"],
        vec!["1", one, "y"],
        vec!["1", two, "y"],
        vec!["1", one, "z"],
        vec!["1", two, "z"],
        vec!["2", one, "x"],
        vec!["2", two, "x"],
        vec!["2", one, "y"],
        vec!["2", two, "y"],
        vec!["2", one, "z"],
        vec!["2", two, "z"],
    ];
    assert_eq!(texts(&crossed), expected);
}

#[test]
fn zipped_axes_go_side_by_side_and_are_crossed_with_the_drawn_rows() {
    let zipped = design(
        "(axes: [(path: \"a\", values: List([1, 1, 2])), (path: \"b\", values: Linspace(from: 4, to: 6, count: 3)),
                 (path: \"d\", values: Uniform(from: 0, to: 1))], combine: Zipped, samples: 2)",
    )
    .expect("a design");
    let pairs: Vec<String> = texts(&zipped).iter().map(|point| point[..2].join(" ")).collect();
    assert_eq!(pairs, ["1 4", "1 4", "1 5", "1 5", "2 6", "2 6"]);
}

#[test]
fn zipped_axes_of_unequal_length_are_told_by_name_and_length() {
    let error = design(
        "(axes: [(path: \"a\", values: List([1, 2])), (path: \"b\", values: List([1, 2, 3]))], combine: Zipped)",
    )
    .unwrap_err()
    .to_string();
    assert!(error.contains("`a` has 2 and `b` has 3"), "{error}");
}

#[test]
fn wrong_values_are_refused_by_the_name_of_their_axis() {
    for (values, why) in [
        ("List([])", "the list is empty"),
        ("List([1, inf])", "`inf` is not a finite number"),
        ("List([NaN])", "`NaN` is not a finite number"),
        ("List([\" \"])", "an empty text sets nothing"),
        ("List([1, 2, 1.0])", "`1` is there twice"),
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
        ("Normal(mean: 0, sd: 1e308)", "reaches beyond all numbers"),
        ("Normal(mean: 0, sd: 1, from: 3, to: 2)", "swap them"),
        ("Normal(mean: 0, sd: 1, from: NaN)", "`from: NaN` must be a finite number"),
        ("Normal(mean: 0, sd: 1, from: 50)", "next to nothing"),
        ("Normal(mean: 0, sd: 1, to: -50)", "next to nothing"),
        ("LogNormal(median: 0, sigma: 1)", "`median: 0` must be more than 0"),
        ("LogNormal(median: 1, sigma: 0)", "`sigma: 0` must be more than 0"),
        ("LogNormal(median: 1, sigma: 100)", "reaches beyond all numbers"),
        ("LogNormal(median: 1, sigma: 1, from: 0)", "`from: 0` must be more than 0"),
        ("LogNormal(median: 1, sigma: 0.1, from: 100)", "next to nothing"),
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
        ("path: \"a=3\"", "axis `a=3`: a path has no `=`"),
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

#[test]
fn too_many_points_are_refused_before_any_is_made() {
    let many = |count| Values::Linspace { from: 0.0, to: 1.0, count };
    let made = |counts: &[usize], samples| {
        let listed = counts.iter().enumerate().map(|(i, &n)| axis(&i.to_string(), many(n)));
        let mut axes: Vec<Axis> = listed.collect();
        if samples > 0 {
            axes.push(unit("drawn"));
        }
        Design::new(&axes, Combine::Crossed, samples, Sampling::LatinHypercube, 1)
    };
    for (counts, samples) in [
        (&[usize::MAX][..], 0),
        (&[MAX_POINTS + 1], 0),
        (&[usize::MAX, usize::MAX], 0),
        (&[MAX_POINTS, MAX_POINTS, MAX_POINTS], 0),
        (&[1000, 1000, 11], 0),
        (&[1000, 1000], 11),
        (&[1000], usize::MAX),
        (&[], MAX_POINTS + 1),
    ] {
        assert_eq!(made(counts, samples), Err(DesignError::TooManyPoints), "{counts:?} {samples}");
    }
    assert_eq!(made(&[1000, 1000], 10).map(|design| design.len()), Ok(MAX_POINTS));
}

#[test]
fn the_statistics_see_the_axes_as_the_points_have_them() {
    use crate::stats::Factor;
    let design = design(
        "(axes: [(path: \"a\", values: List([1, \"two\"])), (path: \"d\", values: Uniform(from: 0, to: 1))], samples: 3)",
    )
    .expect("a design");
    let rows = numbers(&design.columns()[1]);
    let twice: Vec<Option<f64>> = rows.iter().chain(&rows).copied().map(Some).collect();
    let expected = [
        Factor::Listed {
            name: "a".into(),
            labels: vec!["1".into(), "two".into()],
            levels: vec![0, 0, 0, 1, 1, 1],
        },
        Factor::Drawn { name: "d".into(), numbers: twice },
    ];
    assert_eq!(design.factors(), expected);
}

/// The drawn numbers of a distribution over an even sample have these quantiles.
#[test]
fn draws_follow_their_distribution() {
    let near = |values: Values, expected: [f64; 3]| {
        let design = drawn(&[axis("a", values.clone())], 4000, Sampling::LatinHypercube);
        let mut numbers = numbers(&design.columns()[0]);
        numbers.sort_by(f64::total_cmp);
        for (place, expected) in [1000, 2000, 3000].into_iter().zip(expected) {
            let error = (numbers[place] - expected).abs();
            assert!(error < 2e-3 * expected.abs().max(1.0), "{values:?}: {}", numbers[place]);
        }
    };
    let quarter = 0.674_489_750_196_081_7;
    near(Values::Uniform { from: 0.0, to: 4.0 }, [1.0, 2.0, 3.0]);
    near(Values::LogUniform { from: 1.0, to: 10_000.0 }, [10.0, 100.0, 1000.0]);
    near(
        Values::Normal { mean: 5.0, sd: 1.0, from: None, to: None },
        [5.0 - quarter, 5.0, 5.0 + quarter],
    );
    // Half the bell: its quartiles are those of the whole at 5/8, 6/8 and 7/8.
    near(
        Values::Normal { mean: 0.0, sd: 1.0, from: Some(0.0), to: None },
        [0.318_639_363_964_375_2, quarter, 1.150_349_380_376_008],
    );
    // Beyond 4 standard deviations: x with the tail at x so much of the tail at 4 (mpmath).
    near(
        Values::Normal { mean: 0.0, sd: 1.0, from: Some(4.0), to: None },
        [4.067_565_473_8, 4.161_104_278_6, 4.316_732_029_5],
    );
    near(
        Values::LogNormal { median: 5.0, sigma: 0.3, from: None, to: None },
        [5.0 * (-0.3 * quarter).exp(), 5.0, 5.0 * (0.3 * quarter).exp()],
    );
    near(
        Values::Triangular { from: 1.0, mode: 2.0, to: 4.0 },
        [1.0 + 0.75f64.sqrt(), 4.0 - 3f64.sqrt(), 4.0 - 1.5f64.sqrt()],
    );
    near(
        Values::Triangular { from: 0.0, mode: 0.0, to: 2.0 },
        [2.0 - 3f64.sqrt(), 2.0 - 2f64.sqrt(), 1.0],
    );
    near(Values::Triangular { from: 0.0, mode: 2.0, to: 2.0 }, [1.0, 2f64.sqrt(), 3f64.sqrt()]);
}

/// The centred L2 discrepancy of points of the unit square, squared (Hickernell: A Generalized
/// Discrepancy and Quadrature Error Bound, Mathematics of Computation 67, 1998): 0 is perfectly
/// even.
fn discrepancy(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let off = |x: f64| (x - 0.5).abs();
    let one = |x: f64| 1.0 + 0.5 * off(x) - 0.5 * off(x) * off(x);
    let two = |x: f64, y: f64| 1.0 + 0.5 * off(x) + 0.5 * off(y) - 0.5 * (x - y).abs();
    let singles: f64 = points.iter().map(|&(x, y)| one(x) * one(y)).sum();
    let all = points.iter().flat_map(|a| points.iter().map(move |b| (a, b)));
    let doubles: f64 = all.map(|(a, b)| two(a.0, b.0) * two(a.1, b.1)).sum();
    (13f64 / 12.0).powi(2) - 2.0 / n * singles + doubles / (n * n)
}

fn pairs_of(design: &Design, a: usize, b: usize) -> Vec<(f64, f64)> {
    numbers(&design.columns()[a]).into_iter().zip(numbers(&design.columns()[b])).collect()
}

#[test]
fn sobol_points_are_evener_than_chance_and_latin_hypercubes() {
    use rand::{RngExt, SeedableRng};
    let axes: Vec<Axis> = ["a", "b", "c", "d", "e"].map(unit).into();
    let sobol = drawn(&axes, 256, Sampling::Sobol);
    let latin = drawn(&axes, 256, Sampling::LatinHypercube);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for a in 0..axes.len() {
        for b in 0..a {
            let chance: Vec<(f64, f64)> =
                (0..256).map(|_| (random.random(), random.random())).collect();
            let [sobol, latin, chance] =
                [pairs_of(&sobol, a, b), pairs_of(&latin, a, b), chance].map(|p| discrepancy(&p));
            assert!(
                sobol * 4.0 < latin && latin < chance,
                "{a} {b}: {sobol:e} {latin:e} {chance:e}"
            );
        }
    }
}

#[test]
fn more_sobol_samples_keep_the_rows_that_were_there() {
    let axes = [unit("a"), unit("b")];
    let (few, many) = (drawn(&axes, 10, Sampling::Sobol), drawn(&axes, 100, Sampling::Sobol));
    for (few, many) in few.columns().iter().zip(many.columns()) {
        assert_eq!(few.values(), &many.values()[..10]);
    }
}

#[test]
fn another_seed_draws_another_sample() {
    for sampling in [Sampling::LatinHypercube, Sampling::Sobol] {
        let made = |seed| Design::new(&[unit("a")], Combine::Crossed, 8, sampling, seed);
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }
}

#[test]
fn draws_stay_the_same_from_release_to_release() {
    let texts = |sampling| {
        let design = drawn(&[unit("a")], 4, sampling);
        texts(&design).concat().join(" ")
    };
    assert_eq!(texts(Sampling::LatinHypercube), "?");
    assert_eq!(texts(Sampling::Sobol), "?");
}

fn a_distribution() -> impl Strategy<Value = Values> {
    let range = (-1e6..1e6f64, 1e-3..1e6f64);
    let positive = (1e-6..1e6f64, 1.001..1e6f64);
    prop_oneof![
        range.clone().prop_map(|(from, width)| Values::Uniform { from, to: from + width }),
        positive.clone().prop_map(|(from, by)| Values::LogUniform { from, to: from * by }),
        (range.clone(), 0.0..=1.0).prop_map(|((from, width), share)| {
            let to = from + width;
            Values::Triangular { from, mode: f64::clamp(from + width * share, from, to), to }
        }),
        (range, -6.0..6.0f64, 0.01..20.0f64).prop_map(|((mean, sd), low, width)| Values::Normal {
            mean,
            sd,
            from: Some(mean + sd * low),
            to: Some(mean + sd * (low + width)),
        }),
        (positive, 0.1..2.0f64).prop_map(|((median, by), sigma)| Values::LogNormal {
            median,
            sigma,
            from: Some(median),
            to: Some(median * by),
        }),
    ]
}

fn ends(values: &Values) -> (f64, f64) {
    match *values {
        Values::Uniform { from, to }
        | Values::LogUniform { from, to }
        | Values::Triangular { from, to, .. }
        | Values::Normal { from: Some(from), to: Some(to), .. }
        | Values::LogNormal { from: Some(from), to: Some(to), .. } => (from, to),
        _ => panic!("{values:?} has no ends"),
    }
}

fn either_sampling() -> impl Strategy<Value = Sampling> {
    prop_oneof![Just(Sampling::LatinHypercube), Just(Sampling::Sobol)]
}

proptest! {
    #[test]
    fn a_latin_hypercube_has_one_draw_in_each_stratum(rows in 1usize..300, seed: u64, name in "[a-z]{1,8}") {
        let axes = [unit(&name), unit("other axis")];
        let design = Design::new(&axes, Combine::Crossed, rows, Sampling::LatinHypercube, seed).unwrap();
        for column in design.columns() {
            let mut strata: Vec<usize> =
                numbers(column).iter().map(|x| (x * rows as f64) as usize).collect();
            strata.sort_unstable();
            prop_assert_eq!(strata, (0..rows).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_sobol_sample_of_a_power_of_two_has_one_draw_in_each_stratum(power in 0u32..9, dimension in 0usize..40, seed: u64) {
        let rows = 1usize << power;
        let axes: Vec<Axis> = (0..=dimension).map(|i| unit(&i.to_string())).collect();
        let design = Design::new(&axes, Combine::Crossed, rows, Sampling::Sobol, seed).unwrap();
        let mut strata: Vec<usize> =
            numbers(&design.columns()[dimension]).iter().map(|x| (x * rows as f64) as usize).collect();
        strata.sort_unstable();
        prop_assert_eq!(strata, (0..rows).collect::<Vec<_>>());
    }

    #[test]
    fn draws_lie_within_their_bounds(values in a_distribution(), sampling in either_sampling(), seed: u64) {
        let (from, to) = ends(&values);
        let design = Design::new(&[axis("a", values)], Combine::Crossed, 64, sampling, seed).unwrap();
        for number in numbers(&design.columns()[0]) {
            prop_assert!((from..=to).contains(&number), "{} {} {}", from, number, to);
        }
    }

    #[test]
    fn other_axes_change_no_draw_of_a_latin_hypercube(seed: u64, order in Just(vec!["a", "b", "c", "d"]).prop_shuffle(), kept in 1usize..4) {
        let bell = |name: &str| axis(name, Values::Normal { mean: 1.0, sd: 2.0, from: None, to: None });
        let make = |names: &[&str]| {
            let axes: Vec<Axis> = names.iter().map(|name| bell(name)).collect();
            Design::new(&axes, Combine::Crossed, 16, Sampling::LatinHypercube, seed).unwrap()
        };
        let (all, some) = (make(&["a", "b", "c", "d"]), make(&order[..kept]));
        for column in some.columns() {
            prop_assert!(all.columns().contains(column));
        }
        prop_assert!(all.columns().windows(2).all(|two| two[0].values() != two[1].values()));
    }

    #[test]
    fn crossing_makes_every_combination_once(counts in prop::collection::vec(1usize..6, 1..5)) {
        let listed = |n: usize| Values::List((0..n as u64).map(Value::from).collect());
        let axes: Vec<Axis> =
            counts.iter().enumerate().map(|(i, &n)| axis(&i.to_string(), listed(n))).collect();
        let design = Design::new(&axes, Combine::Crossed, 0, Sampling::Sobol, 1).unwrap();
        prop_assert_eq!(design.len(), counts.iter().product::<usize>());
        let points = texts(&design);
        prop_assert_eq!(points.len(), design.len());
        // Single digits: the order of the texts is the order of the points, none twice.
        prop_assert!(points.windows(2).all(|two| two[0] < two[1]));
    }

    #[test]
    fn zipping_makes_as_many_points_as_each_axis_has_values(counts in prop::collection::vec(1usize..4, 1..5)) {
        let axes: Vec<Axis> = counts.iter().enumerate()
            .map(|(i, &count)| axis(&i.to_string(), Values::Linspace { from: 1.0, to: 2.0, count }))
            .collect();
        let design = Design::new(&axes, Combine::Zipped, 0, Sampling::Sobol, 1);
        if counts.iter().all(|&count| count == counts[0]) {
            prop_assert_eq!(design.unwrap().len(), counts[0]);
        } else {
            let unequal = matches!(design, Err(DesignError::UnequalLengths { .. }));
            prop_assert!(unequal);
        }
    }

    #[test]
    fn spaced_values_rise_from_end_to_end(from in -1e9..1e9f64, width in 1e-3..1e9f64, count in 2usize..200) {
        let to = from + width;
        let ratio = |x: f64| x.abs() + 1e-3;
        for values in [
            Values::Linspace { from, to, count },
            Values::Logspace { from: ratio(from), to: ratio(from) + width, count },
        ] {
            let ends = match values {
                Values::Logspace { from, to, .. } | Values::Linspace { from, to, .. } => (from, to),
                _ => unreachable!(),
            };
            match Design::new(&[axis("a", values)], Combine::Crossed, 0, Sampling::Sobol, 1) {
                Ok(design) => {
                    let numbers = numbers(&design.columns()[0]);
                    prop_assert_eq!(numbers.len(), count);
                    prop_assert_eq!((numbers[0], numbers[count - 1]), ends);
                    prop_assert!(numbers.windows(2).all(|two| two[0] < two[1]));
                }
                // Twelve digits may be too few for steps this small.
                Err(error) => {
                    prop_assert!(error.to_string().contains("no room") && width / ends.1.abs() < 1e-8);
                }
            }
        }
    }

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
