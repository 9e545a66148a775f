//! What can be opened, and what is said of what cannot.

use clap::Parser;
use gridtwin_kernel::SimTime;
use gridtwin_player::{Player, Thing};
use gridtwin_reports::{Options, RunInfo, RunWriter};
use gridtwin_twin::{Scenario, Twin};
use gridtwin_viewer::arguments::Arguments;
use gridtwin_viewer::open::{instant, open, picture_path, thing};
use std::path::{Path, PathBuf};

fn campus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron")
}

fn arguments(words: &[&str]) -> Arguments {
    Arguments::try_parse_from([&["gridtwin-viewer"], words].concat()).unwrap()
}

#[test]
fn a_finished_run_opens_and_lives_again_to_its_own_figures() {
    let scenario = Scenario::load_with(&campus(), &[], Some(1), None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut twin = Twin::new(&scenario).unwrap();
    let mut writer = RunWriter::create(&out, twin.catalog(), Options::default()).unwrap();
    twin.advance(twin.end(), &mut writer);
    writer.finish(&scenario.to_ron(), &RunInfo::of(&scenario, "0.0.0")).unwrap();

    let words = ["--run-dir", out.to_str().unwrap()];
    let opened = open(&arguments(&words)).unwrap();
    let mut player = Player::new(&opened.scenario).unwrap();
    player.finish();
    assert_eq!(opened.run.unwrap().differs(&player), None);

    let summary = out.join("summary.csv");
    let text = std::fs::read_to_string(&summary).unwrap();
    let pv = text.lines().find(|line| line.starts_with("energy.pv_kwh,")).unwrap();
    std::fs::write(&summary, text.replace(pv, "energy.pv_kwh,1,kWh")).unwrap();
    let opened = open(&arguments(&words)).unwrap();
    let told = opened.run.unwrap().differs(&player).unwrap();
    assert!(told.contains("energy.pv_kwh") && told.contains("0.0.0"), "{told}");
}

#[test]
fn what_cannot_be_opened_is_told_with_what_to_do() {
    let told = |words: &[&str]| open(&arguments(words)).unwrap_err();
    assert!(told(&["--run-dir", "/nowhere"]).contains("gridtwin run"));
    assert!(told(&["scenarios/campsu.ron"]).contains("no such file"));
    let campus = campus();
    let both = ["--run-dir", "x", campus.to_str().unwrap()];
    assert!(Arguments::try_parse_from([&["v"], &both[..]].concat()).is_err());
    let set = ["--set", "batteries.contaner.capacity_kwh=1", campus.to_str().unwrap()];
    assert!(told(&set).contains("container"));
    for (words, hint) in [
        (["--size", "12x"], "1280x720"),
        (["--size", "1x1"], "64"),
        (["--overlay", "carbn"], "carbon"),
        (["--at", "noon"], "2024-06-21T12:00"),
    ] {
        let error = Arguments::try_parse_from([&["v"], &words[..]].concat()).unwrap_err();
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn times_things_and_paths_are_found_or_refused_by_name() {
    let scenario = Scenario::load_with(&campus(), &[], Some(1), None).unwrap();
    let player = Player::new(&scenario).unwrap();
    let at = |text: &str| instant(&player, text.parse().unwrap());
    assert_eq!(at("2024-06-17T06:30"), Ok(SimTime::from_secs_f64(6.5 * 3600.0)));
    assert!(at("2024-06-16T23:59").unwrap_err().contains("2024-06-17"));
    assert!(at("2024-06-18T00:01").is_err());
    assert_eq!(thing(&scenario, "container"), Ok(Thing::Battery(0)));
    assert!(thing(&scenario, "edge-9").unwrap_err().contains("edge-6"));
    assert!(picture_path(Path::new("a.jpg")).is_err());
    assert!(picture_path(Path::new("/nowhere/a.png")).is_err());
    assert!(picture_path(Path::new("a.png")).is_ok());
}

#[test]
fn a_live_site_is_followed_by_its_journal_while_that_is_written() {
    use gridtwin_journal::{Journal, Record};
    use gridtwin_twin::scenario::{Change, Metered};
    use gridtwin_viewer::live::Feed;

    let scenario = Scenario::load_with(&campus(), &[], Some(1), None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let session = [("scenario".to_owned(), scenario.to_ron())];
    let mut journal = Journal::create(&path, &session).unwrap();
    let mut write = |numbers: std::ops::Range<u64>| {
        for number in numbers {
            let metered = Metered { pv_kw: vec![Some(number as f64)], ..Metered::default() };
            let content = serde_json::to_string(&[Change::Metered(metered)]).unwrap();
            journal.append(&[Record::Interval { number, content: &content }]).unwrap();
        }
    };
    write(0..3);
    let words = ["--follow", path.to_str().unwrap()];
    let opened = open(&arguments(&words)).unwrap();
    assert_eq!(opened.scenario.pv, scenario.pv);
    let mut player = Player::new(&opened.scenario).unwrap();
    let step = player.catalog().step;
    let mut feed = Feed::open(&path, step).unwrap();
    let mut hear = |until: u64| {
        let until = SimTime::ZERO + step * until;
        while player.followed() != Some(until) {
            match feed.take().unwrap() {
                Some(heard) => player.follow(heard.readings, heard.until),
                None => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        }
        player.finish();
        player.base().history().thing(Thing::Pv(0)).unwrap()[..5].to_vec()
    };
    let first = hear(3);
    assert_eq!(first[..3], [0.0, 1.0, 2.0]);
    write(3..5);
    let next = hear(5);
    assert_eq!(next, [0.0, 1.0, 2.0, 3.0, 4.0]);
}
