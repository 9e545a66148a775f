//! What a reader of a run's directory may rely on, on a made-up record.

use crate::synthetic::{catalog, play};
use crate::{Format, Options, RunInfo, RunWriter, Summary, Tally};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::{Catalog, Observer};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn info() -> RunInfo {
    RunInfo {
        version: "0.1.0".to_owned(),
        started: "2025-07-01T08:00:00Z".to_owned(),
        finished: "2025-07-01T08:00:02Z".to_owned(),
        wall_s: 2.0,
        command: "gridtwin run valley.ron --seed 7".to_owned(),
        file: "valley.ron".to_owned(),
        settings: vec!["--seed 7".to_owned()],
        assumptions: vec!["Clouds are made up.".to_owned()],
        sources: vec!["Grid intensity: a made-up day.".to_owned()],
    }
}

fn options() -> Options {
    Options {
        formats: BTreeSet::from([
            Format::Csv,
            #[cfg(feature = "parquet")]
            Format::Parquet,
            Format::Html,
            Format::Json,
        ]),
        tasks_limit: 1_000_000,
        ..Options::default()
    }
}

fn write(catalog: &Catalog, tasks: u32, out: &Path, options: Options) -> Summary {
    let mut writer = RunWriter::create(out, catalog, options).unwrap();
    play(catalog, tasks, &mut writer);
    writer.finish("(name: \"valley\")\n", &info()).unwrap()
}

/// Where a person can look at what a test wrote: beside the build.
pub(crate) fn shown(name: &str) -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let target =
        exe.ancestors().find(|p| p.join("CACHEDIR.TAG").exists()).unwrap_or(Path::new("target"));
    target.join("tmp/reports").join(name)
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

fn head(text: &str, lines: usize) -> String {
    text.lines().take(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn files_of_a_small_run() {
    let mut catalog = catalog();
    catalog.days = 1;
    let dir = shown("day");
    let summary = write(&catalog, 2, &dir, Options { tasks_limit: 5, ..options() });
    insta::assert_snapshot!("summary", read(&dir, "summary.csv"));
    assert_eq!(summary.to_csv(), read(&dir, "summary.csv"));
    for (name, lines) in [
        ("timeseries.csv", 3),
        ("tasks.csv", 20),
        ("tasks_hourly.csv", 8),
        ("consensus.csv", 4),
        ("consensus_hourly.csv", 3),
        ("carbon.csv", 5),
        ("events.csv", 20),
        ("ev_sessions.csv", 20),
        ("run.json", 30),
        ("summary.json", 4),
    ] {
        insta::assert_snapshot!(name, head(&read(&dir, name), lines));
    }
}

#[test]
fn every_csv_reads_back_with_as_many_fields_in_every_row() {
    let dir = shown("three-days");
    write(&catalog(), 20, &dir, options());
    let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    let csvs: Vec<_> = names.iter().filter(|p| p.extension().is_some_and(|e| e == "csv")).collect();
    assert_eq!(csvs.len(), 10);
    for path in csvs {
        // The reader refuses rows of unequal length.
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().clone();
        let distinct: BTreeSet<_> = header.iter().collect();
        assert_eq!(distinct.len(), header.len(), "{path:?} has two columns of one name");
        let mut rows = 0;
        for row in reader.records() {
            let row = row.unwrap();
            rows += 1;
            assert!(
                row.iter().all(|f| !f.contains("NaN") && !f.contains("inf")),
                "{path:?}: {row:?}"
            );
        }
        assert!(rows > 0, "{path:?} is empty");
    }
}

#[test]
fn times_have_one_form_and_rows_are_in_order_of_time() {
    let dir = shown("three-days");
    let dir = dir.with_file_name("times");
    write(&catalog(), 20, &dir, options());
    let is_time = |text: &str| {
        text.len() == "2025-06-21 14:05:00".len()
            && text.parse::<jiff::civil::DateTime>().is_ok()
            && text.as_bytes()[10] == b' '
    };
    for (name, fields) in crate::files::schema(&catalog(), true) {
        assert_eq!(fields[0].kind, crate::Kind::Time, "{name} does not begin with a time");
        assert_eq!(fields[1].kind, crate::Kind::LocalTime, "{name}");
        let (mut before, mut rows) = (String::new(), 0);
        for row in csv::Reader::from_path(dir.join(format!("{name}.csv"))).unwrap().records() {
            let row = row.unwrap();
            for (field, text) in fields.iter().zip(&row) {
                if matches!(field.kind, crate::Kind::Time | crate::Kind::LocalTime) {
                    let empty = text.is_empty() && field.name.starts_with("left_");
                    assert!(is_time(text) || empty, "{name}, {}: {text:?}", field.name);
                }
            }
            assert!(row[0] >= *before, "{name}: {} after {before}", &row[0]);
            before = row[0].to_owned();
            rows += 1;
        }
        assert!(rows > 0, "{name} has no row");
    }
}

#[test]
fn single_tasks_and_decisions_are_written_as_far_as_asked_and_hours_count_all() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let few = Options { tasks_limit: 0, decisions_limit: 10, ..options() };
    let summary = write(&catalog(), 3, &out, few);
    let get = |name: &str| summary.get(name).unwrap();
    assert!(!out.join("tasks.csv").exists() && !out.join("tasks.parquet").exists());
    assert!(!read(&out, "dictionary.csv").contains("\ntasks,"));
    assert_eq!((get("tasks.listed"), get("consensus.listed")), (0.0, 10.0));
    let rows = read(&out, "consensus.csv");
    let of = |what: &str| rows.lines().filter(|row| row.split(',').nth(4) == Some(what)).count();
    assert_eq!((of("decided"), of("view-changed") + of("leader-suspected")), (10, 10));
    assert_eq!(of("voter-down"), 2, "what is rare has no limit");
    let (mut sums, mut latency_ms) = ([0.0; 5], 0.0f64);
    let columns = ["decided", "receipts", "messages", "voters_down", "violations"];
    for row in csv::Reader::from_path(out.join("consensus_hourly.csv")).unwrap().deserialize() {
        let row: std::collections::BTreeMap<String, String> = row.unwrap();
        for (sum, column) in sums.iter_mut().zip(columns) {
            *sum += row[column].parse::<f64>().unwrap();
        }
        latency_ms += row["latency_ms_sum"].parse::<f64>().unwrap();
    }
    for (sum, column) in sums.iter().zip(columns) {
        assert_eq!(*sum, get(&format!("consensus.ledger.{column}")), "{column}");
    }
    assert!(latency_ms / sums[0] > 10.0, "each decision takes 11 ms or more");
    assert_eq!(read(&out, "consensus_hourly.csv").lines().count(), 3 * 24 + 1);
}

#[test]
fn the_balance_can_be_checked_from_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    write(&catalog(), 0, &out, options());
    let mut reader = csv::Reader::from_path(out.join("timeseries.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let signed = [
        ("pv_kw", 1.0),
        ("genset_kw", 1.0),
        ("import_kw", 1.0),
        ("discharge_kw", 1.0),
        ("unserved_kw", 1.0),
        ("load_kw", -1.0),
        ("export_kw", -1.0),
        ("charge_kw", -1.0),
        ("curtailed_kw", -1.0),
    ];
    for row in reader.records() {
        let row = row.unwrap();
        let get = |name: &str| row[column(name)].parse::<f64>().unwrap();
        let sum: f64 = signed.iter().map(|(name, sign)| sign * get(name)).sum();
        assert!((sum * get("step_s") / 3600.0).abs() < 1e-9, "{row:?}");
    }
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| dir.path().join(name));
    write(&catalog(), 5, &a, options());
    write(&catalog(), 5, &b, options());
    for entry in fs::read_dir(&a).unwrap() {
        let name = entry.unwrap().file_name();
        assert_eq!(fs::read(a.join(&name)).unwrap(), fs::read(b.join(&name)).unwrap(), "{name:?}");
    }
}

#[test]
fn a_run_that_does_not_finish_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut writer = RunWriter::create(&out, &catalog(), options()).unwrap();
    play(&catalog(), 1, &mut writer);
    drop(writer);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn hourly_rows_count_every_task_once_and_percentiles_are_right() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let summary = write(&catalog(), 30, &out, options());
    let mut latencies = Vec::new();
    let mut energy_j = 0.0;
    for row in csv::Reader::from_path(out.join("tasks.csv")).unwrap().deserialize() {
        let row: std::collections::BTreeMap<String, String> = row.unwrap();
        if !row["outcome"].starts_with("lost") {
            latencies.push(row["latency_ms"].parse::<f64>().unwrap());
        }
        energy_j += row["energy_j"].parse::<f64>().unwrap();
    }
    latencies.sort_by(f64::total_cmp);
    for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        let exact = latencies[(q * latencies.len() as f64).ceil() as usize - 1];
        let got = summary.get(&format!("tasks.latency_ms_{name}")).unwrap();
        assert!((got / exact - 1.0).abs() < 0.004, "{name}: {got} for {exact}");
    }
    let arrived = summary.get("tasks.arrived").unwrap();
    assert_eq!(arrived, 30.0 * 864.0);
    let per_task = summary.get("tasks.energy_j_per_task").unwrap();
    assert!((per_task * arrived / energy_j - 1.0).abs() < 1e-5);
    let (mut counted, mut sum_ms) = (0, 0.0);
    for row in csv::Reader::from_path(out.join("tasks_hourly.csv")).unwrap().deserialize() {
        let row: std::collections::BTreeMap<String, String> = row.unwrap();
        let get = |name: &str| row[name].parse::<u64>().unwrap();
        assert_eq!(get("arrived"), get("completed") + get("missed") + get("lost"));
        counted += get("arrived");
        sum_ms += row["latency_ms_sum"].parse::<f64>().unwrap_or(0.0);
    }
    assert_eq!(counted as f64, arrived);
    assert!((sum_ms / latencies.iter().sum::<f64>() - 1.0).abs() < 1e-6);
}

#[test]
fn a_task_that_ends_after_its_hour_was_written_is_still_counted() {
    let catalog = catalog();
    let mut first = None;
    struct First<'a>(&'a mut Option<gridtwin_twin::record::TaskRecord>);
    impl Observer for First<'_> {
        fn task(&mut self, task: &gridtwin_twin::record::TaskRecord) {
            self.0.get_or_insert(*task);
        }
    }
    play(&catalog, 1, &mut First(&mut first));
    let mut late = first.unwrap();
    late.finished = late.arrived + Span::DAY * 2;
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut writer = RunWriter::create(&out, &catalog, options()).unwrap();
    play(&catalog, 1, &mut writer);
    writer.task(&late);
    let summary = writer.finish("", &info()).unwrap();
    assert_eq!(summary.get("tasks.arrived"), Some(865.0));
    let hourly = read(&out, "tasks_hourly.csv");
    let counted: u64 =
        hourly.lines().skip(1).map(|l| l.split(',').nth(4).unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(counted, 865);
    // And has no second row of its hour.
    let rows = read(&out, "tasks_hourly.csv");
    let keys: Vec<_> = rows.lines().map(|l| l.split(',').take(4).collect::<Vec<_>>()).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    assert!(keys[1..].windows(2).all(|pair| pair[0][0] <= pair[1][0]), "out of order");
}

#[test]
fn the_page_is_well_formed_and_stands_alone() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    write(&catalog(), 3, &out, options());
    check_page(&read(&out, "report.html"));
}

/// Tags balance, attributes are quoted, ids are unique, headings descend one by one, nothing is
/// fetched, nothing is NaN.
pub(crate) fn check_page(page: &str) {
    use quick_xml::events::Event as Xml;
    let mut reader = quick_xml::Reader::from_str(page);
    reader.config_mut().check_end_names = true;
    let (mut ids, mut level, mut depth) = (BTreeSet::new(), 0, 0i32);
    let mut drawings = 0;
    loop {
        match reader.read_event().unwrap() {
            Xml::Eof => break,
            Xml::Start(tag) | Xml::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let value = String::from_utf8_lossy(&attribute.value).into_owned();
                    match attribute.key.as_ref() {
                        b"id" => assert!(ids.insert(value.clone()), "two of id {value}"),
                        b"src" | b"href" => assert!(value.starts_with('#'), "fetches {value}"),
                        b"role" if value == "img" => drawings += 1,
                        _ => {}
                    }
                }
                assert!(!matches!(tag.name().as_ref(), b"script" | b"link" | b"img" | b"iframe"));
                if let [b'h', n @ b'1'..=b'6'] = tag.name().as_ref() {
                    let n = i32::from(n - b'0');
                    assert!(n <= level + 1, "a heading of level {n} after one of level {level}");
                    level = n;
                }
                depth += 1;
            }
            Xml::End(_) => depth -= 1,
            _ => {}
        }
    }
    assert!(depth > 0 || drawings > 0);
    let without_namespace = page.replace("http://www.w3.org/2000/svg", "");
    for bad in ["http://", "https://", "url(http", "@import", "NaN", ">inf<", "<script", "#01FE"] {
        assert!(!without_namespace.contains(bad), "the page holds {bad:?}");
    }
    assert!(page.contains("valley &lt;campus&gt; &amp; &quot;co&quot;"));
    for target in page.split("url(#").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(ids.contains(target), "url(#{target}) points nowhere");
    }
}

/// What a reader reads: a line for each piece of text, drawings by what is told of them.
fn words(page: &str) -> String {
    use quick_xml::events::Event as Xml;
    // Marks that stand for themselves, so that no piece of text is cut at one.
    let marks =
        [("&lt;", "\u{2039}"), ("&gt;", "\u{203a}"), ("&amp;", "+"), ("&quot;", "\u{201d}")];
    let plain = marks.iter().fold(page.replace("&#39;", "\u{2019}"), |s, (a, b)| s.replace(a, b));
    let mut reader = quick_xml::Reader::from_str(&plain);
    let (mut out, mut open) = (String::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Xml::Eof => return out,
            Xml::Start(tag) => open.push(String::from_utf8_lossy(tag.name().as_ref()).into_owned()),
            Xml::End(tag) => {
                open.pop();
                let row = matches!(tag.name().as_ref(), b"tr" | b"li" | b"p" | b"figcaption");
                if row && !out.ends_with('\n') {
                    out.push('\n');
                }
            }
            Xml::Text(text) => {
                let text = text.decode().unwrap().trim().to_owned();
                let silent = open.iter().any(|tag| matches!(&tag[..], "style" | "text" | "title"));
                if text.is_empty() || silent {
                    continue;
                }
                match open.last().map_or("", |tag| &tag[..]) {
                    "h1" | "h2" | "h3" => out += &format!("\n# {text}\n"),
                    "pre" => out += &format!("{text}\n"),
                    "desc" => out += &format!("[drawing: {text}]\n"),
                    "caption" | "summary" => out += &format!("{text}\n"),
                    _ => out += &format!("{text} | "),
                }
            }
            _ => {}
        }
    }
}

#[test]
fn the_page_of_a_small_run_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    write(&catalog(), 2, &out, options());
    insta::assert_snapshot!("page", words(&read(&out, "report.html")));
}

#[test]
fn a_base_case_stands_beside_every_headline_figure() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut base = write(&catalog(), 3, &out, options());
    let page = read(&out, "report.html");
    assert!(!page.contains("base case"), "a run alone speaks of a base case");
    for metric in &mut base.metrics {
        match metric.name.as_str() {
            "carbon.operational_kg" => metric.value = metric.value.map(|v| v * 2.0),
            "energy.import_kwh" => metric.unit = "MWh".to_owned(),
            "energy.curtailed_kwh" => metric.value = Some(0.0),
            // The same sum in another order.
            "energy.consumed_kwh" => metric.value = metric.value.map(|v| v * (1.0 - 1e-13)),
            _ => {}
        }
    }
    let mut writer = RunWriter::create(&out, &catalog(), options()).unwrap();
    writer = writer.against("valley <as it is>", base);
    play(&catalog(), 3, &mut writer);
    let summary = writer.finish("", &info()).unwrap();
    let page = read(&out, "report.html");
    check_page(&page);
    assert_eq!(page.matches("compared with the base case</p>").count(), 7);
    let changed = ["Carbon", "Carbon intensity"].len();
    assert!(page.matches("no change compared with the base case</p>").count() >= 7 - changed);
    let against = page.split("class=\"against\"").skip(1);
    for line in against.map(|rest| rest.split("</p>").next().unwrap()) {
        assert!(!line.contains("e\u{2212}"), "rounding is shown as a difference: {line}");
    }
    assert!(page.contains("The base case is valley &lt;as it is&gt;.</p>"));
    let half = crate::number::human(-summary.get("carbon.operational_kg").unwrap());
    assert!(page.contains(&format!("{half} kg (\u{2212}50\u{202f}%) compared with the base case")));
    let table =
        page.split("This run compared with").nth(2).unwrap().split("</table>").next().unwrap();
    assert!(!table.contains("e\u{2212}"), "rounding is shown as a difference: {table}");
    assert!(!table.contains("Grid import"), "two units in one difference");
    assert!(table.contains("Grid export") && table.contains("Curtailed"));
    assert!(!table.contains("inf"));
}

#[test]
fn sums_of_a_base_case_of_another_length_are_told_by_the_day() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut base = write(&catalog(), 3, &out, options());
    let here = base.get("run.days").unwrap();
    // A run like this one, ten times as long.
    for metric in &mut base.metrics {
        let sum = ["energy.consumed_kwh", "cost.total", "run.days"].contains(&metric.name.as_str());
        metric.value = metric.value.map(|value| if sum { value * 10.0 } else { value });
    }
    let mut writer = RunWriter::create(&out, &catalog(), options()).unwrap();
    writer = writer.against("valley", base.clone());
    play(&catalog(), 3, &mut writer);
    let summary = writer.finish("", &info()).unwrap();
    let page = read(&out, "report.html");
    check_page(&page);
    assert!(page.contains("so totals are given per day"), "{page}");
    assert!(page.contains("not compared: the base case covers another number of days"));
    let told = words(&page);
    let table = told.rsplit("This run compared with").next().unwrap();
    let row = |name: &str| {
        let row = table.lines().find(|line| line.starts_with(&format!("{name} | ")));
        row.unwrap_or_else(|| panic!("{name}: {table}"))
    };
    let consumed = row("Consumed");
    let a_day = crate::number::human(summary.get("energy.consumed_kwh").unwrap() / here);
    assert_eq!(consumed.matches(&a_day).count(), 2, "{consumed}");
    assert!(consumed.contains("kWh/d"), "{consumed}");
    assert!(row("Cost").contains("EUR/d"), "{}", row("Cost"));
    assert!(row("Highest import").contains("| kW"), "{}", row("Highest import"));
    assert!(!row("Highest import").contains("/d"));
}

#[test]
fn a_base_case_of_another_seed_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let base = write(&catalog(), 3, &out, options());
    let seed = crate::seed_of(&out);
    assert_eq!(seed, Some(7));
    assert_eq!(crate::seed_of(dir.path()), None);
    let page = |seed: Option<u64>| {
        let writer = RunWriter::create(&out, &catalog(), options()).unwrap();
        let mut writer = writer.against("valley", base.clone()).against_seed(seed);
        play(&catalog(), 3, &mut writer);
        writer.finish("", &info()).unwrap();
        read(&out, "report.html")
    };
    assert!(!page(seed).contains("random seed 7 and") && !page(None).contains("It has the random"));
    let page = page(Some(8));
    check_page(&page);
    assert!(page.contains(
        "The base case is valley. It has the random seed 8 and this run 7: part of each difference \
         is random"
    ));
}

#[test]
fn every_section_is_there_and_every_drawing_is_told_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    write(&catalog(), 5, &out, options());
    let page = read(&out, "report.html");
    for text in [
        "Where each kWh came from</strong>",
        "Where each gram came from</strong>",
        "Through batteries",
        "Duration curves</strong>",
        "Demand, kW, by day and hour",
        "Grid import, kW, by day and hour",
        "Charging over the day</strong>",
        "Distribution of the 2 finished sessions",
        "<caption>Latency by tier</caption>",
        "<th scope=\"row\" class=\"words\">Cloud</th>",
        "<caption>Consensus groups</caption>",
        "Largest error in the energy balance",
        "<th scope=\"row\" class=\"words\">Seed</th><td class=\"words\">7</td>",
        "<h3>Assumptions</h3>",
        "<h3>Sources</h3>",
    ] {
        assert!(page.contains(text), "{text:?} is missing");
    }
    let drawings = page.split("role=\"img\"").skip(1);
    assert!(drawings.clone().count() >= 12);
    for drawing in drawings {
        let told = drawing.split("<desc>").nth(1).unwrap().split("</desc>").next().unwrap();
        assert!(told.len() > 20 && !told.contains("inf"), "{told:?}");
    }
    // What can scroll can be reached by keyboard.
    assert_eq!(
        page.matches("class=\"scroll\"").count(),
        page.matches("class=\"scroll\" tabindex=\"0\" role=\"group\"").count()
    );
}

#[test]
fn a_reader_can_follow_the_outage() {
    let dir = shown("three-days");
    let dir = dir.with_file_name("outage");
    write(&catalog(), 3, &dir, options());
    let page = read(&dir, "report.html");
    let mut last = 0;
    for text in [
        "blocks decided, latency p50",
        "The grid fails",
        "ledger: member down: edge-4 (3 of 4 members run, 3 needed)",
        "ledger: edge-1 and 2 others suspect their leader and ask for view 2",
        "ledger: view 2 begins, leader edge-2",
        "ledger: no decision for 2 h",
        "edge-3 (2 of 4 members run, 3 needed)",
        "The grid is back after 6 h 30 min",
        "Repaired: grid outage",
        "(4 of 4 members run, 3 needed)",
        "ledger: member has caught up",
        "Group ledger: members crashed or lost power 2 times.",
        "ledger: no decision for 2 h",
        "for 6 h 30 min: Sat 21 Jun 18:00:00 to Sun 22 Jun 00:30:00",
    ] {
        let at = page[last..].find(text).unwrap_or_else(|| panic!("{text:?} does not follow"));
        last += at;
    }
}

#[test]
fn a_run_without_anything_says_so() {
    let mut bare = catalog();
    bare.days = 1;
    (bare.batteries, bare.gensets, bare.groups, bare.streams) = Default::default();
    (bare.chargers, bare.servers, bare.faults) = Default::default();
    bare.has_grid = false;
    let dir = shown("bare");
    let mut writer = RunWriter::create(&dir, &bare, options()).unwrap();
    for k in 0..24 {
        writer.sample(&gridtwin_twin::record::Sample {
            at: SimTime::ZERO + Span::HOUR * k,
            step: Span::HOUR,
            ..Default::default()
        });
    }
    let summary = writer.finish("", &info()).unwrap();
    for empty in [
        "tasks.latency_ms_p95",
        "tasks.energy_j_per_task",
        "energy.self_sufficiency",
        "carbon.intensity_g_per_kwh",
    ] {
        assert_eq!(summary.get(empty), None, "{empty}");
        assert!(summary.to_csv().contains(&format!("\n{empty},,")));
    }
    let page = read(&dir, "report.html");
    check_page(&page);
    assert!(page.contains("None: no task arrived."));
    assert!(!page.contains("Grid outage"), "a grid that never was is away");
}

#[test]
fn a_year_stays_small() {
    let mut catalog = catalog();
    catalog.days = 365;
    let dir = shown("year");
    write(&catalog, 2, &dir, options());
    let page = read(&dir, "report.html");
    check_page(&page);
    assert!(page.len() < 2_000_000, "report.html has {} bytes", page.len());
    assert_eq!(read(&dir, "timeseries.csv").lines().count(), 365 * 288 + 1);
}

#[test]
fn a_tally_alone_knows_the_same_summary() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut written = write(&catalog(), 3, &out, options());
    let mut tally = Tally::new(&catalog());
    play(&catalog(), 3, &mut tally);
    written.metrics.retain(|m| !m.name.ends_with(".listed"));
    assert_eq!(tally.summary(), written);
}

#[test]
fn an_error_while_running_is_told_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut writer = RunWriter::create(&out, &catalog(), options()).unwrap();
    play(&catalog(), 0, &mut writer);
    // The directory is lost under the writer's feet.
    for entry in fs::read_dir(dir.path()).unwrap() {
        fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
    assert!(writer.finish("", &info()).is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn carbon_and_charging_add_up() {
    let mut tally = Tally::new(&catalog());
    play(&catalog(), 0, &mut tally);
    let summary = tally.summary();
    let get = |name: &str| summary.get(name).unwrap();
    let went = get("carbon.consumed_kg") + get("carbon.exported_kg") + get("carbon.stored_kg");
    assert!((went - get("carbon.operational_kg")).abs() < 1e-9);
    let per_kwh = get("carbon.consumed_kg") * 1000.0 / get("energy.consumed_kwh");
    assert!((per_kwh - get("carbon.intensity_g_per_kwh")).abs() < 1e-9);
    // Two cars left, with 39.5 kWh; four are still there, three of them told of, with 9 kWh each.
    assert_eq!((get("ev.sessions"), get("ev.still_there")), (2.0, 4.0));
    assert_eq!((get("ev.asked_kwh"), get("ev.delivered_kwh")), (120.0, 39.5 + 27.0));
    assert_eq!(get("ev.waited_h"), 0.5);
}

#[test]
fn a_genset_s_surplus_is_not_called_pv() {
    let mut site = catalog();
    site.days = 1;
    site.pv.clear();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let mut writer = RunWriter::create(&out, &site, options()).unwrap();
    let flows = gridtwin_twin::record::BusFlows {
        genset_kw: 5.0,
        load_kw: 4.0,
        loads_kw: 4.0,
        unserved_kw: 1.0,
        curtailed_kw: 2.0,
        ..Default::default()
    };
    let money = gridtwin_twin::record::Money { fuel: 1.0, lost_load: 90.0, ..Default::default() };
    writer.sample(&gridtwin_twin::record::Sample {
        step: Span::HOUR,
        flows,
        money,
        ..Default::default()
    });
    writer.finish("", &info()).unwrap();
    let page = read(&out, "report.html");
    assert!(page.contains("Surplus curtailed") && !page.contains("PV curtailed"));
    assert!(page.contains("2 kWh of surplus were curtailed (40\u{202f}%)."));
    assert!(page.contains("25\u{202f}% of demand was not served"));
    assert!(page.contains("of this is the cost of lost load"));
}

/// The cells of a table of the page: one line for each row, by its caption.
fn table(page: &str, caption: &str) -> Vec<Vec<String>> {
    let begins = format!("<caption>{caption}</caption>");
    let body = page.split(&begins).nth(1).unwrap_or_else(|| panic!("no table {caption:?}"));
    let rows = body.split("</table>").next().unwrap().split("<tr").skip(1);
    let text = |cell: &str| cell.split('>').next_back().unwrap().trim().to_owned();
    let cells = |row: &str| {
        let ends = row.replace("</td>", "\u{1}").replace("</th>", "\u{1}");
        let cells: Vec<_> = ends.split('\u{1}').map(text).collect();
        cells[..cells.len() - 1].to_vec()
    };
    rows.map(cells).collect()
}

/// A figure as the page writes it.
fn figure(text: &str) -> f64 {
    let plain = text.replace('\u{202f}', "").replace('\u{2212}', "-");
    plain.parse().unwrap_or_else(|_| panic!("{text:?} is no figure"))
}

#[test]
fn a_run_of_more_than_a_month_is_told_by_month() {
    let mut site = catalog();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    site.days = 31;
    write(&site, 0, &out, options());
    assert!(!read(&out, "report.html").contains("by month"), "a month is told by itself");
    // From 20 June.
    site.days = 50;
    let summary = write(&site, 0, &out, options());
    let get = |name: &str| summary.get(name).unwrap();
    let page = read(&out, "report.html");
    check_page(&page);
    let energy = table(&page, "Energy by month, kWh");
    let names: Vec<_> = energy.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["Month", "Jun 2025", "Jul 2025", "Aug 2025", "All"]);
    let column = energy[0].iter().position(|head| head == "PV").unwrap();
    let sum: f64 = energy[1..4].iter().map(|row| figure(&row[column])).sum();
    let all = get("energy.pv_kwh");
    assert!(
        (sum / all - 1.0).abs() < 0.01 && (figure(&energy[4][column]) / all - 1.0).abs() < 0.01
    );
    let carbon = table(&page, "Operational carbon by month, kg CO\u{2082}");
    let sum: f64 = carbon[1..4].iter().map(|row| figure(&row[3])).sum();
    assert!((sum / get("carbon.operational_kg") - 1.0).abs() < 0.02, "{carbon:?}");
    let cost = table(&page, "Cost by month, EUR");
    let column = cost[0].iter().position(|head| head == "Total").unwrap();
    let sum: f64 = cost[1..4].iter().map(|row| figure(&row[column])).sum();
    let total = get("cost.total");
    assert!((sum + get("cost.stored_change") - total).abs() < 0.03, "{cost:?} for {total}");
    assert!((figure(&cost[4][column]) - total).abs() < 0.006, "{cost:?} for {total}");
    // A week's cost says which charges of a month are in it, a longer one's, too.
    assert!(page.contains("of 3 whole months, although the run covers only 50 days"));
}

#[test]
fn long_lists_are_folded_under_their_number() {
    let mut site = catalog();
    site.faults = (0..60).map(|i| format!("fault {i}")).collect();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    write(&site, 0, &out, options());
    let page = read(&out, "report.html");
    check_page(&page);
    let (_, folded) = page.split_once("<summary>Faults: 60</summary>").expect("a folded list");
    assert!(
        folded.split("</details>").next().unwrap().contains("<li>fault 59: did not occur</li>")
    );
    assert!(page.contains("details.folded > :not(summary) { display: none; }"), "printed whole");
}
