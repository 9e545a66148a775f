//! What a reader of the pages may rely on, whatever the pages are given.

use super::sample::{NAME, chance, compare, front, quantities, study, words};
use super::*;
use crate::html::markup::escape;
use crate::tests::{check_page, shown};

/// Leaves the page where a person can look at it.
fn keep(name: &str, page: &str) {
    let dir = shown("pages").join(name);
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("report.html"), page).unwrap();
}

fn has(page: &str, text: &str) {
    assert!(page.contains(&escape(text)), "{text:?} is not on the page");
}

fn has_number(page: &str, value: f64) {
    has(page, &shell::number(value));
}

/// What a reader without eyes for style gets: the page's text, a line for each block.
fn text(page: &str) -> String {
    use quick_xml::events::Event as Xml;
    let mut reader = quick_xml::Reader::from_str(page);
    let (mut out, mut hidden) = (String::new(), 0);
    loop {
        match reader.read_event().unwrap() {
            Xml::Eof => break,
            Xml::Start(tag) => match tag.name().as_ref() {
                b"style" | b"svg" => hidden += 1,
                b"td" | b"th" => out.push_str(" | "),
                b"tr" | b"p" | b"li" | b"figure" | b"h1" | b"h2" | b"h3" | b"caption" | b"dt" => {
                    out.push('\n');
                }
                b"dd" => out.push_str(": "),
                _ => {}
            },
            Xml::End(tag) if matches!(tag.name().as_ref(), b"style" | b"svg") => hidden -= 1,
            Xml::Text(text) if hidden == 0 => out += text.decode().unwrap().trim_matches('\n'),
            Xml::GeneralRef(name) if hidden == 0 => {
                out += &format!("&{};", name.decode().unwrap());
            }
            _ => {}
        }
    }
    out.replace("\n\n", "\n").trim().to_owned()
}

#[test]
fn pages_of_a_sweep_tell_every_number() {
    let study = study();
    let page = study_page(&study).unwrap();
    keep("study", &page);
    check_page(&page);
    for fact in &study.facts {
        has(&page, &fact.label);
        has(&page, &fact.text);
    }
    for metric in &study.metrics {
        has(&page, &metric.name);
        has_number(&page, metric.mean);
        let (low, high) = metric.interval_95.unwrap();
        let s = metric.spread.unwrap();
        [low, high, s.min, s.p5, s.p50, s.p95, s.max].iter().for_each(|v| has_number(&page, *v));
        for bar in &metric.tornado {
            [bar.low, bar.high].iter().for_each(|v| has_number(&page, *v));
            [&bar.axis, &bar.low_label, &bar.high_label].iter().for_each(|t| has(&page, t));
            has(&page, &crate::number::percent(bar.share_of_variance.unwrap()));
        }
        metric
            .heat
            .iter()
            .flat_map(|h| h.cells.iter().flatten())
            .for_each(|v| has_number(&page, *v));
    }
    for row in &study.points.rows {
        row.settings.iter().for_each(|s| has(&page, s));
        row.means.iter().flatten().for_each(|v| has_number(&page, *v));
    }
    for failure in &study.failures {
        has(&page, &failure.run.to_string());
        has(&page, &failure.settings);
        has(&page, &failure.error);
    }
    study.method.iter().for_each(|m| has(&page, m));
    assert!(page.len() < 400_000, "{} bytes", page.len());
}

#[test]
fn pages_of_an_optimisation_tell_every_number() {
    let front = front();
    let page = front_page(&front).unwrap();
    keep("front", &page);
    check_page(&page);
    for member in &front.front {
        has(&page, &member.label);
        member.objectives.iter().chain(&member.sizes).for_each(|v| has_number(&page, *v));
    }
    for design in front.base.iter().chain(&front.designs) {
        has(&page, &design.name);
        design.figures.iter().flatten().for_each(|v| has_number(&page, *v));
        design.costs.iter().for_each(|v| has(&page, &crate::number::money(*v)));
        design.choices.iter().for_each(|c| has(&page, c));
    }
    for text in ["Least carbon", "Compromise", "Residual value", "40 of 4000 evaluated candidates"]
    {
        has(&page, text);
    }
    insta::assert_snapshot!("front", text(&page));
    assert!(page.len() < 400_000, "{} bytes", page.len());
}

#[test]
fn pages_of_a_comparison_tell_every_number() {
    for (runs, seeds, name) in
        [(2, 10, "compare"), (3, 10, "compare-three"), (2, 1, "compare-single")]
    {
        let given = compare(runs, seeds);
        let page = compare_page(&given).unwrap();
        keep(name, &page);
        check_page(&page);
        for metric in &given.metrics {
            has(&page, &metric.name);
            metric.values.iter().flatten().for_each(|v| has_number(&page, *v));
            for difference in metric.differences.iter().flatten() {
                has(&page, &shell::signed(difference.absolute));
                difference.percent.iter().for_each(|p| has(&page, &shell::signed(*p)));
                has(&page, &shell::interval(difference.interval_95, shell::signed));
            }
        }
        for setting in &given.settings {
            has(&page, &setting.path);
            setting.values.iter().flatten().for_each(|v| has(&page, v));
        }
        if name == "compare" {
            insta::assert_snapshot!("compare", text(&page));
        }
        assert!(page.len() < 100_000, "{} bytes", page.len());
    }
}

#[test]
fn pages_show_first_what_can_be_told_from_zero_then_what_is_largest() {
    let difference = |percent: f64, apart| Difference {
        absolute: percent,
        percent: Some(percent),
        percent_interval_95: Some((percent - 1.0, percent + 1.0)),
        interval_95: Some((percent - 1.0, percent + 1.0)),
        pairs: 5,
        scale: 130.0,
        distinguishable: Some(apart),
    };
    let metric = |name: &str, percent, apart| ComparedMetric {
        name: name.to_owned(),
        values: vec![Some(100.0), Some(100.0 + percent)],
        differences: vec![Some(difference(percent, apart))],
        ..ComparedMetric::default()
    };
    let given = ComparePage {
        name: NAME.to_owned(),
        runs: vec![ComparedRun::default(), ComparedRun::default()],
        metrics: vec![
            metric("a.chance", 30.0, false),
            metric("b.small", 2.0, true),
            metric("c.large", -20.0, true),
            metric("d.equal", 0.0, false),
            metric("e.tiny", 0.01, true),
        ],
        ..ComparePage::default()
    };
    let page = compare_page(&given).unwrap();
    let drawn = page.split("id=\"settings\"").next().unwrap();
    let at = |name: &str| drawn.find(name).unwrap_or_else(|| panic!("{name} is not drawn"));
    assert!(at("c.large") < at("b.small") && at("b.small") < at("a.chance"));
    assert!(!drawn.contains("d.equal") && !drawn.contains("e.tiny"));
    has(&page, "One more difference is negligible (less than 0.1 %) and is not drawn.");
    assert!(
        page.contains("<tr class=\"change\"><th scope=\"row\" class=\"words\">c.large"),
        "told in bold"
    );
    assert!(
        !page.contains("<tr class=\"change\"><th scope=\"row\" class=\"words\">e.tiny"),
        "negligible is not"
    );
    has(&page, "run 2 against run 1");
    has(&page, "2 of 3 relative differences are significant.");
}

#[test]
fn pages_are_the_same_bytes_every_time() {
    assert_eq!(study_page(&study()).unwrap(), study_page(&study()).unwrap());
    assert_eq!(front_page(&front()).unwrap(), front_page(&front()).unwrap());
    assert_eq!(compare_page(&compare(3, 10)).unwrap(), compare_page(&compare(3, 10)).unwrap());
}

#[test]
fn pages_of_nothing_say_so() {
    let name = NAME.to_owned();
    let page = study_page(&StudyPage { name: name.clone(), ..StudyPage::default() }).unwrap();
    keep("study-empty", &page);
    check_page(&page);
    has(&page, "This sweep recorded no metric.");
    has(&page, "None: every run finished.");
    let page = front_page(&FrontPage { name: name.clone(), ..FrontPage::default() }).unwrap();
    keep("front-empty", &page);
    check_page(&page);
    has(&page, "No candidate is on the front.");
    let mut broken = front();
    broken.violating = broken.candidates.split_off(broken.candidates.len() / 2);
    let page = front_page(&broken).unwrap();
    check_page(&page);
    has(&page, "candidates that break a limit");
    let page = compare_page(&ComparePage { name, ..ComparePage::default() }).unwrap();
    keep("compare-empty", &page);
    check_page(&page);
    has(&page, "No run to compare.");
    has(&page, "None: the scenarios are the same.");
    assert!(study_page(&StudyPage::default()).unwrap().contains("Unnamed"));
}

/// Numbers that are hard to draw.
const HARD: [f64; 10] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    0.0,
    -0.0,
    1e15,
];

/// The sample with all numbers replaced by others, one after the other.
fn study_of(next: &mut dyn FnMut() -> f64) -> StudyPage {
    let mut page = study();
    page.metrics.truncate(2);
    for metric in &mut page.metrics {
        (metric.mean, metric.interval_95) = (next(), Some((next(), next())));
        metric.spread =
            Some(Spread { min: next(), p5: next(), p50: next(), p95: next(), max: next() });
        for bar in &mut metric.tornado {
            (bar.low, bar.high, bar.share_of_variance) = (next(), next(), Some(next()));
        }
        metric.heat.iter_mut().flat_map(|h| &mut h.cells).for_each(|c| *c = Some(next()));
        for step in metric.convergence.iter_mut().take(20) {
            (step.mean, step.half_width) = (next(), next());
        }
        metric.convergence.truncate(20);
    }
    let scatter = page.scatter.as_mut().unwrap();
    scatter.columns.iter_mut().flat_map(|c| &mut c.values).for_each(|v| *v = next());
    scatter.rank_correlations.iter_mut().for_each(|v| *v = Some(next()));
    page.points.rows.iter_mut().flat_map(|r| &mut r.means).for_each(|v| *v = Some(next()));
    page
}

fn front_of(next: &mut dyn FnMut() -> f64) -> FrontPage {
    let mut page = front();
    page.candidates.truncate(200);
    page.candidates.iter_mut().flatten().for_each(|v| *v = next());
    for member in &mut page.front {
        member.objectives.iter_mut().chain(&mut member.sizes).for_each(|v| *v = next());
    }
    for design in page.base.iter_mut().chain(&mut page.designs) {
        design.sizes.iter_mut().chain(&mut design.costs).for_each(|v| *v = next());
        design.figures.iter_mut().for_each(|v| *v = Some(next()));
    }
    page
}

fn compare_of(next: &mut dyn FnMut() -> f64) -> ComparePage {
    let mut page = compare(3, 10);
    for metric in &mut page.metrics {
        metric.values.iter_mut().for_each(|v| *v = Some(next()));
        for difference in metric.differences.iter_mut().flatten() {
            difference.absolute = next();
            difference.percent = Some(next());
            difference.interval_95 = Some((next(), next()));
            difference.percent_interval_95 = Some((next(), next()));
        }
    }
    page
}

#[test]
fn pages_draw_any_numbers() {
    let mut sources: Vec<(String, Box<dyn FnMut() -> f64>)> = Vec::new();
    for value in HARD {
        sources.push((format!("all {value:e}"), Box::new(move || value)));
    }
    for value in [7.0, -3e-9, 2.5e200] {
        sources.push((format!("all {value:e}"), Box::new(move || value)));
    }
    for seed in 0..8 {
        let mut k = seed * 1_000_000;
        sources.push((
            format!("mixed {seed}"),
            Box::new(move || {
                k += 1;
                HARD[(chance(k) * HARD.len() as f64) as usize]
            }),
        ));
    }
    for (name, mut next) in sources {
        let pages = [
            study_page(&study_of(&mut *next)).unwrap(),
            front_page(&front_of(&mut *next)).unwrap(),
            compare_page(&compare_of(&mut *next)).unwrap(),
        ];
        for page in pages {
            // Coordinates and numbers alike: none is missing, none is endless.
            for bad in ["NaN", "inf ", "inf\"", ">inf", "-inf"] {
                assert!(!page.contains(bad), "{name}: the page holds {bad:?}");
            }
            check_page(&page);
        }
        if name == "all 7e0" {
            keep("study-equal", &study_page(&study_of(&mut *next)).unwrap());
            keep("front-equal", &front_page(&front_of(&mut *next)).unwrap());
        }
    }
}

#[test]
fn pages_take_lists_that_do_not_fit_together() {
    let mut page = study();
    page.points.rows.iter_mut().for_each(|r| (r.settings, r.means) = Default::default());
    page.metrics[0].heat.as_mut().unwrap().cells.truncate(3);
    page.metrics[1].heat.as_mut().unwrap().x_labels.clear();
    let scatter = page.scatter.as_mut().unwrap();
    scatter.columns[2].values.truncate(5);
    scatter.rank_correlations.truncate(4);
    let group = scatter.group.as_mut().unwrap();
    group.of_row = vec![200; 30];
    group.labels = (0..40).map(|k| format!("policy {k}")).collect();
    check_page(&study_page(&page).unwrap());
    let mut page = front();
    page.winners = vec![Some(usize::MAX), None];
    page.compromise = Some(1_000_000);
    page.candidates.iter_mut().for_each(|c| c.truncate(1));
    for member in &mut page.front {
        (member.objectives, member.sizes, member.choices) = Default::default();
    }
    page.designs[0].costs.clear();
    page.designs[0].figures.clear();
    check_page(&front_page(&page).unwrap());
    let mut page = compare(3, 10);
    page.metrics.iter_mut().for_each(|m| (m.values, m.differences) = Default::default());
    page.settings.iter_mut().for_each(|s| s.values.clear());
    page.metrics.push(ComparedMetric { name: "consensus".to_owned(), ..Default::default() });
    page.metrics.push(ComparedMetric::default());
    check_page(&compare_page(&page).unwrap());
}

#[test]
fn pages_escape_every_text() {
    let evil = "</script><script>\"'&\u{0}\u{1b} --> ]]>".to_owned();
    let fact = || vec![Fact { label: evil.clone(), text: evil.clone() }];
    let mut page = study();
    page.facts = fact();
    (page.description, page.method) = (evil.clone(), vec![evil.clone()]);
    for metric in &mut page.metrics {
        (metric.name, metric.unit) = (evil.clone(), evil.clone());
        for bar in &mut metric.tornado {
            (bar.axis, bar.low_label, bar.high_label) = (evil.clone(), evil.clone(), evil.clone());
        }
        let heat = metric.heat.as_mut().unwrap();
        (heat.x_axis, heat.y_axis) = (evil.clone(), evil.clone());
        heat.x_labels.iter_mut().chain(&mut heat.y_labels).for_each(|l| *l = evil.clone());
    }
    let scatter = page.scatter.as_mut().unwrap();
    scatter.columns.iter_mut().for_each(|c| (c.name, c.unit) = (evil.clone(), evil.clone()));
    let group = scatter.group.as_mut().unwrap();
    (group.name, group.labels[0]) = (evil.clone(), evil.clone());
    page.points.axes[0] = evil.clone();
    page.points.rows[0].settings[0] = evil.clone();
    page.failures[0] = Failure { run: 1, settings: evil.clone(), error: evil.clone() };
    check_page(&study_page(&page).unwrap());
    let mut page = front();
    page.facts = fact();
    let named = page.objectives.iter_mut().chain(&mut page.sizes).chain(&mut page.figures);
    named.for_each(|q| (q.name, q.unit) = (evil.clone(), evil.clone()));
    (page.choices[0], page.cost_parts[0], page.cost_unit) =
        (evil.clone(), evil.clone(), evil.clone());
    page.front.iter_mut().for_each(|m| (m.label, m.choices[0]) = (evil.clone(), evil.clone()));
    page.designs.iter_mut().for_each(|d| (d.name, d.choices[0]) = (evil.clone(), evil.clone()));
    check_page(&front_page(&page).unwrap());
    let mut page = compare(2, 10);
    page.facts = fact();
    page.runs.iter_mut().for_each(|r| r.name = evil.clone());
    page.metrics.iter_mut().for_each(|m| (m.name, m.unit) = (evil.clone(), evil.clone()));
    page.settings[0] = Setting { path: evil.clone(), values: vec![Some(evil.clone()); 2] };
    check_page(&compare_page(&page).unwrap());
}

#[test]
fn pages_of_huge_studies_stay_small_and_say_what_they_leave_out() {
    let mut page = study();
    let settings: Vec<String> = (0..200).map(|k| format!("{}", 1000 + 5 * k)).collect();
    for metric in &mut page.metrics {
        metric.heat = Some(HeatMap {
            x_axis: "pv.roof-1.peak_kw".to_owned(),
            x_labels: settings.clone(),
            y_axis: "batteries.b1.capacity_kwh".to_owned(),
            y_labels: settings.clone(),
            cells: (0..40_000).map(|k| Some(chance(k) * (k % 200) as f64)).collect(),
        });
        let bar = |k: usize| TornadoBar {
            axis: format!("loads.an-office-with-a-long-name-{k}.appliances.annual_consumption_kwh"),
            low: metric.mean * (1.0 - 0.001 * k as f64),
            high: metric.mean * (1.0 + 0.001 * k as f64),
            ..TornadoBar::default()
        };
        metric.tornado = (0..200).map(bar).collect();
    }
    for column in &mut page.scatter.as_mut().unwrap().columns {
        column.values = (0..200_000).map(|k| chance(k + column.values.len() as u64)).collect();
    }
    let row = page.points.rows[0].clone();
    page.points.rows = vec![row; 5000];
    page.points.total = 40_000;
    page.failures = (0..5000)
        .map(|k| Failure { run: k, settings: String::new(), error: "it is over".to_owned() })
        .collect();
    page.failed = 6000;
    let html = study_page(&page).unwrap();
    keep("study-huge", &html);
    check_page(&html);
    for text in [
        "The table lists the first 200 of 40\u{202f}000 points; results.csv lists all runs.",
        "6000 runs failed; the first 100 are listed.",
        "an evenly spaced selection is drawn: 60 of 200 settings across, 60 of 200 up",
        "Only the 16 longest of 200 bars are drawn",
        "400 of 200\u{202f}000 runs are drawn, chosen at random.",
    ] {
        has(&html, text);
    }
    assert!(html.len() < 1_200_000, "{} bytes", html.len());
    let mut page = front();
    let (candidate, member) = (page.candidates[0].clone(), page.front[20].clone());
    page.candidates =
        (0..100_000).map(|k| candidate.iter().map(|v| v * chance(k)).collect()).collect();
    page.front = vec![member; 3000];
    let html = front_page(&page).unwrap();
    check_page(&html);
    has(&html, "The table lists the first 200 of 3000 members.");
    assert!(html.len() < 400_000, "{} bytes", html.len());
}

#[test]
fn pages_of_one_objective_have_no_front_to_draw() {
    let mut page = front();
    page.objectives = quantities(&[("net present cost", "EUR")]);
    page.front.truncate(1);
    page.winners = vec![Some(0)];
    page.compromise = None;
    page.base = None;
    page.designs.truncate(1);
    page.choices = words(&["policy"]);
    let html = front_page(&page).unwrap();
    keep("front-single", &html);
    check_page(&html);
    has(&html, "One candidate is best in every objective.");
    assert!(!html.contains("Difference"));
}
