//! Made-up studies for tests and for looking at: as large as real ones, the same on every machine.

use super::*;

/// A number between 0 and 1 that looks like chance.
pub(super) fn chance(seed: u64) -> f64 {
    let mut x = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

pub(super) fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|w| (*w).to_owned()).collect()
}

pub(super) fn quantities(list: &[(&str, &str)]) -> Vec<Quantity> {
    let quantity = |(name, unit): &(&str, &str)| Quantity {
        name: (*name).to_owned(),
        unit: (*unit).to_owned(),
    };
    list.iter().map(quantity).collect()
}

fn facts(list: &[(&str, &str)]) -> Vec<Fact> {
    let fact = |(label, text): &(&str, &str)| Fact {
        label: (*label).to_owned(),
        text: (*text).to_owned(),
    };
    list.iter().map(fact).collect()
}

/// The name that every sample has: one that must be escaped.
pub(super) const NAME: &str = "valley <campus> & \"co\"";

const AXES: [&str; 4] =
    ["batteries.b1.capacity_kwh", "pv.roof-1.peak_kw", "policy.dispatch", "grid.carbon_scale"];
const METRICS: [(&str, &str, f64); 5] = [
    ("cost.total", "EUR", 4_200.0),
    ("carbon.operational_kg", "kg", 861.5),
    ("energy.self_sufficiency", "", 0.642),
    ("tasks.latency_ms_p95", "ms", 38.4),
    ("consensus.ledger.decided", "", 86_400.0),
];

/// A sweep of 1200 runs over four axes.
pub(super) fn study() -> StudyPage {
    let runs = 1200;
    let metrics = METRICS.iter().enumerate().map(|(m, (name, unit, middle))| {
        let seed = 1000 * m as u64;
        let tornado = AXES.iter().enumerate().map(|(i, axis)| TornadoBar {
            axis: (*axis).to_owned(),
            low_label: ["20", "50 kW", "greedy", "0.8"][i].to_owned(),
            low: middle * (1.0 - 0.2 / (i + 1) as f64 * (chance(seed + i as u64) + 0.2)),
            high_label: ["200", "400 kW", "mpc", "1.2"][i].to_owned(),
            high: middle
                * (1.0
                    + if i == 2 {
                        -0.05
                    } else {
                        0.15 / (i + 1) as f64 * chance(seed + 9 + i as u64)
                    }),
            share_of_variance: Some([0.61, 0.2301, 0.04, 0.0003][i]),
        });
        let side = if m == 0 { 8 } else { 5 };
        let cells = (0..side * side).map(|k| {
            let (x, y) = (f64::from(k % side), f64::from(k / side));
            (k != 7).then_some(middle * (0.8 + 0.05 * x - 0.02 * y + 0.006 * x * y))
        });
        let steps =
            |first: u32, by: u32| (0..side as u32).map(move |k| format!("{}", first + by * k));
        MetricPage {
            name: (*name).to_owned(),
            unit: (*unit).to_owned(),
            n: runs - 3,
            mean: *middle,
            interval_95: Some((middle * 0.992, middle * 1.008)),
            spread: Some(Spread {
                min: middle * 0.7,
                p5: middle * 0.81,
                p50: middle * 0.98,
                p95: middle * 1.22,
                max: middle * 1.41,
            }),
            tornado: tornado.collect(),
            heat: Some(HeatMap {
                x_axis: AXES[0].to_owned(),
                x_labels: steps(20, 25).collect(),
                y_axis: AXES[1].to_owned(),
                y_labels: steps(50, 50).collect(),
                cells: cells.collect(),
            }),
            convergence: (1..runs)
                .map(|n| {
                    let root = (n as f64).sqrt();
                    Convergence {
                        n,
                        mean: middle * (1.0 + 0.1 * (chance(seed + n / 90) - 0.5) / root),
                        half_width: if n == 1 { f64::NAN } else { middle * 0.28 / root },
                    }
                })
                .collect(),
        }
    });
    let metrics: Vec<MetricPage> = metrics.collect();
    let values = |c: u64| -> Vec<f64> {
        let value = |run: u64| {
            let (a, b) = (chance(run * 2), chance(run * 2 + 1));
            match c {
                0 => 20.0 + 180.0 * a,
                1 => 50.0 + 350.0 * b,
                2 => 5000.0 - 1500.0 * a - 600.0 * b + 500.0 * chance(run + 70_000),
                3 if run.is_multiple_of(50) => f64::NAN,
                3 => 900.0 - 400.0 * b * b + 60.0 * chance(run + 90_000),
                4 => 0.4 + 0.5 * (a * b).sqrt(),
                _ => 30.0 + 20.0 * chance(run + 110_000).powi(4),
            }
        };
        (0..runs).map(value).collect()
    };
    let columns = [
        (AXES[0], "kWh"),
        (AXES[1], "kW"),
        ("cost.total", "EUR"),
        ("carbon.operational_kg", "kg"),
        ("energy.self_sufficiency", ""),
        ("tasks.latency_ms_p95", "ms"),
    ];
    let columns: Vec<ScatterColumn> = (0..)
        .zip(columns)
        .map(|(i, (name, unit))| ScatterColumn {
            name: name.to_owned(),
            unit: unit.to_owned(),
            values: values(i),
        })
        .collect();
    let rank = |k: u64| (!k.is_multiple_of(7)).then(|| (chance(k) * 2.0 - 1.0) * 0.98);
    StudyPage {
        name: NAME.to_owned(),
        description: "How battery and roof change cost and carbon over a summer's week.".to_owned(),
        facts: facts(&[
            ("Base scenario", "scenarios/campus.ron"),
            ("gridtwin", "0.1.0"),
            ("Sampling", "Latin hypercube, 60 points"),
            ("Seeds", "20 for each point, from 1"),
            ("Runs", "1200, 3 failed"),
        ]),
        scatter: Some(Scatter {
            rank_correlations: (0..36).map(rank).collect(),
            columns,
            group: Some(ScatterGroup {
                name: "policy.dispatch".to_owned(),
                labels: words(&["greedy", "mpc", "rule <of> thumb"]),
                of_row: (0..runs).map(|run| (run % 3) as u8).collect(),
            }),
        }),
        points: PointTable {
            axes: words(&AXES),
            metrics: quantities(&METRICS.map(|(name, unit, _)| (name, unit))),
            rows: (0..60)
                .map(|p| PointRow {
                    settings: vec![
                        format!("{:.1}", 20.0 + 180.0 * chance(p)),
                        format!("{:.1}", 50.0 + 350.0 * chance(p + 60)),
                        ["greedy", "mpc"][p as usize % 2].to_owned(),
                        "1".to_owned(),
                    ],
                    runs: if p == 17 { 17 } else { 20 },
                    means: METRICS
                        .map(|m| (p != 3).then_some(m.2 * (0.8 + 0.4 * chance(p))))
                        .to_vec(),
                })
                .collect(),
            total: 60,
        },
        failures: (0..3)
            .map(|k| Failure {
                run: 341 + k,
                settings: format!("batteries.b1.capacity_kwh = -4, seed {}", k + 1),
                error: "campus.ron:14:9: capacity_kwh: \u{2212}4 is < 0 & a battery holds > 0 kWh"
                    .to_owned(),
            })
            .collect(),
        failed: 3,
        method: words(&[
            "Intervals are Student's t over the means of each seed.",
            "Shares of variance are first-order Sobol indices, by binning.",
        ]),
        metrics,
    }
}

/// An optimisation of three objectives and four sizes.
pub(super) fn front() -> FrontPage {
    let cost = |t: f64| 90_000.0 + 160_000.0 * t * t;
    let carbon = |t: f64| 410.0 * (1.0 - t).powi(2) + 22.0;
    let unserved = |t: f64| 900.0 * (0.4 - t).max(0.0).powi(2) + 0.4 * chance((t * 1e4) as u64);
    let candidates = (0..4000).map(|k| {
        let (t, a, b) = (chance(k), chance(k + 10_000), chance(k + 20_000));
        let a = if k % 97 == 0 { 40.0 } else { a };
        vec![cost(t) * (1.0 + 0.5 * a), carbon(t) * (1.0 + 0.8 * b), unserved(t) + 90.0 * a * b]
    });
    let member = |k: u32| {
        let t = f64::from(k) / 39.0;
        FrontMember {
            label: format!("#{}", 113 + 7 * k),
            objectives: vec![cost(t), carbon(t), unserved(t)],
            sizes: vec![20.0 + 280.0 * t, (600.0 * t * t).round(), 4.0 + (6.0 * t).round(), 2.0],
            choices: words(&[if t < 0.4 { "greedy" } else { "mpc" }, "hotstuff"]),
        }
    };
    let front: Vec<FrontMember> = (0..40).map(member).collect();
    let design = |name: &str, m: &FrontMember, scale: f64, payback: Option<f64>| Design {
        name: name.to_owned(),
        sizes: m.sizes.clone(),
        choices: m.choices.clone(),
        figures: vec![
            Some(61_000.0 * scale),
            Some(4_210.5 / scale),
            Some(98_400.0 * scale.sqrt()),
            Some(0.1834 * scale.sqrt()),
            payback,
            Some(8_100.0 * scale),
            Some(m.objectives[1]),
            Some(m.objectives[2]),
            None,
        ],
        costs: vec![
            61_000.0 * scale,
            14_200.0 * scale,
            9_000.0,
            31_000.0 / scale,
            21_000.0,
            -8_100.0 * scale,
        ],
    };
    FrontPage {
        name: NAME.to_owned(),
        description: "Sizes for the least cost, carbon and unserved energy over 20 years."
            .to_owned(),
        facts: facts(&[
            ("Base scenario", "scenarios/island.ron"),
            ("gridtwin", "0.1.0"),
            ("Search", "NSGA-II, 40 generations of 100, coordinate polish"),
            ("Seed", "7"),
        ]),
        objectives: quantities(&[
            ("net present cost", "EUR"),
            ("carbon", "t/a"),
            ("unserved energy", "kWh/a"),
        ]),
        sizes: quantities(&[("PV", "kW"), ("Battery", "kWh"), ("Chargers", ""), ("Servers", "")]),
        choices: words(&["policy", "protocol"]),
        evaluated: 4000,
        candidates: candidates.collect(),
        violating: Vec::new(),
        winners: vec![Some(0), Some(39), Some(22)],
        compromise: Some(14),
        figures: quantities(&[
            ("Investment", "EUR"),
            ("Operating cost", "EUR/a"),
            ("Net present cost", "EUR"),
            ("Levelised cost", "EUR/kWh"),
            ("Payback", "a"),
            ("Residual value", "EUR"),
            ("Carbon", "t/a"),
            ("Unserved energy", "kWh/a"),
            ("Latency p95", "ms"),
        ]),
        cost_parts: words(&[
            "Investment",
            "Replacement",
            "O&M",
            "Fuel",
            "Imports",
            "Residual value",
        ]),
        cost_unit: "EUR, present value over 20 years".to_owned(),
        base: Some(design("Base case", &front[4], 0.6, None)),
        designs: vec![
            design("Compromise", &front[14], 1.0, Some(7.25)),
            design("Least carbon", &front[39], 1.9, Some(13.5)),
        ],
        front,
        warnings: words(&["7 days stand for a year: <their season> is taken for all seasons"]),
        listed: NumberTable {
            note: "All 2 candidates.".to_owned(),
            first: "Candidate".to_owned(),
            heads: quantities(&[("Battery", "kWh"), ("simple payback", "years")]),
            rows: vec![
                (String::new(), words(&["50", "none"])),
                ("winner".to_owned(), words(&["100", "7.25"])),
            ],
        },
        cash: NumberTable {
            note: "EUR; the winner instead of the base case.".to_owned(),
            first: "Year".to_owned(),
            heads: quantities(&[("investment", ""), ("cumulative", "")]),
            rows: (0..3)
                .map(|year: u32| (year.to_string(), words(&["-35000", "-35000"])))
                .collect(),
        },
        apart: Some(NumberTable {
            note: "The twin could not be run with the winner's sizes.".to_owned(),
            ..NumberTable::default()
        }),
        method: words(&[
            "Present values at 5 % real interest.",
            "The compromise is nearest to the ideal point.",
        ]),
    }
}

/// `runs` groups of ten seeds each, or single runs.
pub(super) fn compare(runs: usize, seeds: u64) -> ComparePage {
    let names = [
        ("energy.load_kwh", "kWh", 8_123.0),
        ("energy.import_kwh", "kWh", 2_345.6),
        ("energy.export_kwh", "kWh", 0.0),
        ("energy.self_sufficiency", "", 0.71),
        ("carbon.operational_kg", "kg", 861.52),
        ("carbon.embodied_kg", "kg", 120.0),
        ("cost.total", "EUR", 1_204.11),
        ("cost.demand", "EUR", 310.0),
        ("cost.lost_load", "EUR", 2.0),
        ("ev.delivered_kwh", "kWh", 640.0),
        ("ev.waited_h", "h", 1.25),
        ("tasks.arrived", "", 604_800.0),
        ("tasks.completed", "", 604_433.0),
        ("tasks.latency_ms_p95", "ms", 41.2),
        ("consensus.ledger.decided", "", 86_400.0),
        ("consensus.ledger.latency_ms_p95", "ms", 12.1),
        ("consensus.beacon.views", "", 14.0),
    ];
    let metric = |(i, (name, unit, first)): (u64, (&str, &str, f64))| {
        let share = |run: u64| match i {
            0 | 5 | 11 => 0.0,
            8 => 14.0,
            _ => (chance(i + 31 * run) - 0.5) * 0.4,
        };
        let values = (0..runs as u64)
            .map(|run| Some(first * (1.0 + if run == 0 { 0.0 } else { share(run) })));
        let difference = |run: u64| {
            if i == 16 {
                return None;
            }
            let (share, half) = (share(run), 0.02 + 0.08 * chance(i + 7));
            let many = seeds > 1;
            Some(Difference {
                absolute: first * share,
                percent: (first != 0.0).then_some(100.0 * share),
                interval_95: many.then_some((first * (share - half), first * (share + half))),
                percent_interval_95: (many && first != 0.0)
                    .then_some((100.0 * (share - half), 100.0 * (share + half))),
                pairs: seeds,
                distinguishable: many.then_some(share.abs() > half),
                scale: first.abs(),
            })
        };
        ComparedMetric {
            name: name.to_owned(),
            unit: unit.to_owned(),
            values: values.collect(),
            differences: (1..runs as u64).map(difference).collect(),
        }
    };
    let run_names = ["campus", "campus, more <PV> & battery", "campus-mpc"];
    ComparePage {
        name: NAME.to_owned(),
        description: String::new(),
        facts: facts(&[("gridtwin", "0.1.0"), ("Seeds", "1 to 10, paired")]),
        runs: (0..runs)
            .map(|i| ComparedRun { name: run_names[i % 3].to_owned(), runs: seeds })
            .collect(),
        metrics: (0..).zip(names).map(metric).collect(),
        settings: vec![
            Setting {
                path: "pv[roof-1].peak_kw".to_owned(),
                values: (0..runs).map(|i| Some(format!("{}", 80 + 40 * i))).collect(),
            },
            Setting {
                path: "policy.dispatch".to_owned(),
                values: (0..runs)
                    .map(|i| (i > 0).then(|| "mpc(horizon_h: 24)".to_owned()))
                    .collect(),
            },
        ],
        method: words(&["Differences are paired by seed; intervals are Student's t."]),
    }
}
