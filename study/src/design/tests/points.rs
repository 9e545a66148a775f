//! Which points listed axes make, and in which order.

use super::*;

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

proptest! {
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
}
