//! What a player promises: what it shows, wherever the playhead stands, is what the twin does.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_player::{Edit, Metric, Player, Thing};
use gridtwin_twin::record::{Event, EventKind, Observer, Sample, State};
use gridtwin_twin::scenario::Change;
use gridtwin_twin::{Scenario, Twin};
use std::path::Path;
use std::time::Duration;

fn scenario(name: &str, days: u32) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    Scenario::load_with(&path, &[], Some(days), None).unwrap()
}

/// A run without a player: every sample, every state before it, every event.
#[derive(Default)]
struct Heard {
    samples: Vec<Sample>,
    states: Vec<State>,
    events: Vec<Event>,
}

impl Observer for Heard {
    fn sample(&mut self, sample: &Sample) {
        self.samples.push(sample.clone());
    }
    fn event(&mut self, _: SimTime, event: &Event) {
        self.events.push(event.clone());
    }
}

fn hear(scenario: &Scenario, edits: &[(SimTime, Change)]) -> Heard {
    let mut twin = Twin::new(scenario).unwrap();
    let mut heard = Heard::default();
    let step = twin.catalog().step;
    while twin.now() < twin.end() {
        let now = twin.now();
        for (_, change) in edits.iter().filter(|(at, _)| *at == now) {
            twin.apply(change).unwrap();
        }
        heard.states.push(twin.state());
        twin.advance(twin.now() + step, &mut heard);
    }
    heard
}

fn assert_same_course(future: &gridtwin_player::Future, heard: &Heard) {
    assert_eq!(future.history().len(), heard.samples.len());
    let column = |metric| future.history().metric(metric);
    for (k, sample) in heard.samples.iter().enumerate() {
        let flows = &sample.flows;
        let pairs = [
            (column(Metric::Pv)[k], flows.pv_kw),
            (column(Metric::Import)[k], flows.import_kw),
            (column(Metric::Load)[k], flows.load_kw),
            (column(Metric::MixCarbon)[k], sample.mix_g_per_kwh),
            (column(Metric::Decided)[k], sample.groups.iter().map(|g| g.decided as f64).sum()),
        ];
        for (shown, lived) in pairs {
            assert_eq!(shown, lived as f32, "interval {k}");
        }
        let battery = future.history().thing(Thing::Battery(0)).unwrap();
        assert_eq!(battery[k], (100.0 * sample.batteries[0].soc) as f32);
    }
    let marks = |event: &&Event| !matches!(event.kind, EventKind::Decided { .. });
    assert_eq!(future.events(), heard.events.iter().filter(marks).cloned().collect::<Vec<_>>());
}

#[test]
fn the_course_is_the_twins_own() {
    let scenario = scenario("campus.ron", 1);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    assert_same_course(player.base(), &hear(&scenario, &[]));
}

#[test]
fn wherever_somebody_looks_stands_what_the_twin_has_there() {
    let scenario = scenario("blackout.ron", 2);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    let heard = hear(&scenario, &[]);
    let step = player.catalog().step.0;
    // Forward and back, by leaps and by single intervals, from one detail into the next.
    for k in [0, 575, 3, 4, 5, 300, 299, 120, 11, 12, 13, 432, 433, 8] {
        player.seek(SimTime(k * step));
        player.settle();
        let (view, k) = (player.base().view(), k as usize);
        assert_eq!(view.sample, heard.samples[k], "interval {k}");
        let mut lived = heard.states[k].clone();
        // What happens at the very start of an interval has happened there.
        let begun: Vec<_> = heard.events.iter().filter(|e| e.at == view.at).collect();
        if begun.is_empty() {
            assert_eq!(view.state, lived, "interval {k}");
        }
        lived.soc.clone_from(&view.soc);
        assert_eq!(view.soc, view.state.soc);
        let detail = player.base().detail().unwrap();
        assert!(detail.contains(view.at));
    }
}

#[test]
fn between_two_intervals_events_have_happened_at_their_time_and_no_earlier() {
    let scenario = scenario("blackout.ron", 3);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    let down = |event: &&Event| matches!(event.kind, EventKind::VoterDown { .. });
    let event = player.base().events().iter().find(down).unwrap().clone();
    let EventKind::VoterDown { group, member } = event.kind else { unreachable!() };
    let up = |player: &mut Player, at| {
        player.seek(SimTime(at));
        player.settle();
        player.base().view().state.groups[usize::from(group)].up[usize::from(member)]
    };
    assert!(up(&mut player, event.at.0 - 1));
    assert!(!up(&mut player, event.at.0));
    assert!(!up(&mut player, event.at.0 + 1));
    assert!(up(&mut player, event.at.0 - 1), "going back brings the voter back");
}

#[test]
fn a_fork_goes_its_own_way_from_the_change_on_and_the_base_case_stays() {
    let scenario = scenario("campus.ron", 1);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    let base = hear(&scenario, &[]);
    let step = player.catalog().step.0;
    player.seek(SimTime(100 * step - 7));
    let change = Change::set("batteries.container.capacity_kwh", "900");
    player.what_if(change.clone()).unwrap();
    assert_eq!(player.other(), Some(1));
    player.finish();
    let other = hear(&scenario, &[(SimTime(100 * step), change.clone())]);
    assert_same_course(&player.futures()[1], &other);
    assert_same_course(player.base(), &base);
    assert_ne!(base.samples[150], other.samples[150], "the change made a difference");

    // A second change goes into the same future, even at an earlier time.
    player.seek(SimTime(50 * step));
    let earlier = Change::Grid { up: false };
    player.what_if(earlier.clone()).unwrap();
    player.finish();
    let edits = [(SimTime(50 * step), earlier), (SimTime(100 * step), change)];
    assert_same_course(&player.futures()[1], &hear(&scenario, &edits));
}

#[test]
fn undo_and_redo_go_through_the_futures_that_were() {
    let scenario = scenario("campus.ron", 1);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    player.seek(SimTime(20 * player.catalog().step.0));
    let soc = |player: &Player| player.futures()[1].history().metric(Metric::Soc).to_vec();
    player.what_if(Change::set("batteries.container.capacity_kwh", "900")).unwrap();
    player.finish();
    let first = soc(&player);
    player.what_if(Change::set("policies.dispatch", "SelfConsumption")).unwrap();
    player.finish();
    let second = soc(&player);
    assert_ne!(first, second);
    assert!(player.undo());
    player.finish();
    assert_eq!(soc(&player), first);
    assert!(player.undo());
    assert_eq!((player.futures().len(), player.other()), (1, None));
    assert!(!player.undo());
    assert!(player.redo() && player.redo());
    player.finish();
    assert_eq!(soc(&player), second);
    assert!(!player.redo());
    player.new_alternative();
    player.what_if(Change::Grid { up: false }).unwrap();
    player.finish();
    assert_eq!(player.futures().len(), 3);
    player.drop_future(1);
    assert_eq!(player.other(), Some(1));
    assert_eq!(player.futures()[1].edits()[0].change, Change::Grid { up: false });
    assert!(player.undo());
    player.finish();
    assert_eq!(player.futures().len(), 3);
    assert_eq!(soc(&player), second);
}

#[test]
fn a_change_that_cannot_be_is_refused_and_changes_nothing() {
    let mut player = Player::new(&scenario("campus.ron", 1)).unwrap();
    let error = player.what_if(Change::set("batteries.contaner.capacity_kwh", "900")).unwrap_err();
    assert!(error.to_string().contains("container"), "{error}");
    assert_eq!(player.futures().len(), 1);
    assert_eq!(player.can_undo(), None);
    player.finish();
    player.seek(player.end());
    assert!(player.what_if(Change::Grid { up: false }).is_err(), "nothing follows the end");
}

#[test]
fn the_playhead_plays_loops_stops_and_never_runs_ahead_of_what_is_known() {
    let mut player = Player::new(&scenario("campus.ron", 1)).unwrap();
    player.play();
    player.set_speed(10_000.0);
    for _ in 0..100 {
        player.tick(Duration::from_secs(1));
        assert!(player.playhead().at() <= player.base().known());
    }
    player.finish();
    player.seek(SimTime::ZERO);
    player.set_speed(60.0);
    player.tick(Duration::from_millis(500));
    assert_eq!(player.playhead().at(), SimTime::from_secs_f64(30.0));
    player.set_loop(Some((SimTime::from_secs_f64(10.0), SimTime::from_secs_f64(40.0))));
    player.tick(Duration::from_millis(500));
    assert_eq!(player.playhead().at(), SimTime::from_secs_f64(10.0));
    player.set_loop(None);
    player.set_speed(10_000.0);
    player.tick(Duration::from_secs(100));
    assert_eq!(player.playhead().at(), player.end());
    assert!(!player.playhead().is_playing(), "it stops at the end");
    player.settle();
    player.play();
    player.tick(Duration::ZERO);
    assert_eq!(player.playhead().at(), SimTime::ZERO, "and plays from the start again");
    player.step(3);
    assert_eq!(player.playhead().at(), SimTime(3 * player.catalog().step.0));
    player.step(-9);
    assert_eq!(player.playhead().at(), SimTime::ZERO);
}

#[test]
fn events_are_visited_one_by_one_in_both_directions() {
    let mut player = Player::new(&scenario("blackout.ron", 2)).unwrap();
    player.finish();
    let mut forward = Vec::new();
    while player.next_event() {
        forward.push(player.playhead().at());
    }
    assert!(forward.is_sorted() && forward.len() > 5);
    let mut back = vec![player.playhead().at()];
    while player.previous_event() {
        back.push(player.playhead().at());
    }
    back.reverse();
    back.retain(|&at| at > SimTime::ZERO);
    assert_eq!(forward, back);
}

#[test]
fn closing_in_the_middle_of_a_run_ends_it() {
    let mut player = Player::new(&scenario("campus.ron", 365)).unwrap();
    player.what_if(Change::Grid { up: false }).unwrap();
    player.tick(Duration::from_millis(16));
    assert!(player.base().summary().is_none(), "a year is not over in a frame");
}

#[test]
fn a_future_saved_as_a_scenario_runs_to_the_same_figures() {
    let scenario = scenario("campus.ron", 2);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    let step = player.catalog().step.0;
    for (k, change) in [
        (150, Change::set("consensus.receipts.protocol", "Raft")),
        (100, Change::set("batteries.container.capacity_kwh", "900")),
        (200, Change::Grid { up: false }),
    ] {
        player.seek(SimTime(k * step));
        player.what_if(change).unwrap();
    }
    player.finish();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bigger.ron");
    player.save(1, &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("// A camera sends a frame in which free parking spaces"),
        "comments stay: {text}"
    );
    assert!(player.save(1, &path).is_err(), "what is there is not overwritten");
    let saved = Scenario::load(&path).unwrap();
    let mut again = Player::new(&saved).unwrap();
    again.finish();
    let (ours, theirs) = (&player.futures()[1], again.base());
    for metric in Metric::ALL {
        let (ours, theirs) = (ours.history().metric(metric), theirs.history().metric(metric));
        let bits = |column: &[f32]| column.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(ours), bits(theirs), "{}", metric.name());
    }
    assert_eq!(ours.summary(), theirs.summary());
    assert_eq!(ours.events(), theirs.events());
}

#[test]
fn an_exported_report_has_the_futures_figures() {
    let mut player = Player::new(&scenario("blackout.ron", 2)).unwrap();
    player.seek(SimTime::ZERO);
    player.what_if(Change::set("batteries.container.capacity_kwh", "400")).unwrap();
    player.finish();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    player.export(1, &out).unwrap();
    while player.jobs()[0].done.is_none() {
        player.tick(Duration::ZERO);
        std::thread::yield_now();
    }
    assert!(player.jobs()[0].done.as_ref().unwrap().is_ok(), "{:?}", player.jobs());
    let written = std::fs::read_to_string(out.join("summary.csv")).unwrap();
    let shown = player.futures()[1].summary().unwrap().to_csv();
    for line in shown.lines() {
        assert!(written.contains(line), "{line} is not in {written}");
    }
    player.dismiss(0);
    assert!(player.jobs().is_empty());
}

#[test]
fn a_change_can_be_asked_for_without_waiting() {
    let mut player = Player::new(&scenario("campus.ron", 1)).unwrap();
    player.ask(Change::set("batteries.container.capacity_kwh", "900"));
    player.ask(Change::set("batteries.container.capacity_kwh", "-1"));
    let mut refused = Vec::new();
    while refused.is_empty() || player.futures().len() < 2 {
        player.tick(Duration::ZERO);
        refused.extend(player.take_refusals());
        std::thread::yield_now();
    }
    assert_eq!(refused.len(), 1);
    assert!(refused[0].to_string().contains("-1"), "{refused:?}");
    assert_eq!(player.futures()[1].edits().len(), 1);
}

/// What meters said of an interval of the campus.
fn reading(k: u64, pv_kw: f64) -> Edit {
    let metered = gridtwin_twin::scenario::Metered {
        pv_kw: vec![Some(pv_kw)],
        batteries_kw: vec![Some(-5.0)],
        soc: vec![Some(0.5 + 0.001 * k as f64)],
        ..Default::default()
    };
    Edit { at: SimTime::ZERO + Span::from_secs(300) * k, change: Change::Metered(metered) }
}

#[test]
fn a_live_site_is_followed_and_forked_while_it_goes_on() {
    let scenario = scenario("campus.ron", 1);
    let mut player = Player::new(&scenario).unwrap();
    player.finish();
    let mut twin = Twin::new(&scenario).unwrap();
    let mut soc = Vec::new();
    for k in 0..40 {
        twin.apply(&reading(k, 10.0 + k as f64).change).unwrap();
        twin.advance(SimTime::ZERO + Span::from_secs(300) * (k + 1), &mut ());
        soc.push(twin.last_sample().batteries[0].soc);
    }
    let until = |k: u64| SimTime::ZERO + Span::from_secs(300) * k;
    player.follow((0..20).map(|k| reading(k, 10.0 + k as f64)), until(20));
    player.finish();
    // A what-if from the twelfth interval on, and the live site goes on.
    player.seek(until(12));
    player.what_if(Change::set("batteries.container.capacity_kwh", "1000")).unwrap();
    player.follow((20..40).map(|k| reading(k, 10.0 + k as f64)), until(40));
    player.finish();
    assert_eq!(player.followed(), Some(until(40)));
    let column = |future: usize, metric: Metric| -> Vec<f64> {
        let history = player.futures()[future].history();
        (0..40).map(|k| f64::from(history.metric(metric)[k])).collect()
    };
    for (ours, theirs) in column(0, Metric::Soc).iter().zip(&soc) {
        assert!((ours - 100.0 * theirs).abs() < 1e-3, "{ours} and {theirs}");
    }
    // The sun is the measured one in both; the battery is the fork's own.
    assert_eq!(column(0, Metric::Pv), column(1, Metric::Pv));
    assert_eq!(column(0, Metric::Soc)[..12], column(1, Metric::Soc)[..12]);
    assert_ne!(column(0, Metric::Soc)[20..], column(1, Metric::Soc)[20..]);
    assert!(player.base().edits().is_empty() && player.futures()[1].edits().len() == 1);
}

#[test]
fn a_live_site_that_is_faster_than_the_machine_is_seen_all_the_same() {
    let mut player = Player::new(&scenario("campus.ron", 1)).unwrap();
    let until = |k: u64| SimTime::ZERO + Span::from_secs(300) * k;
    let mut seen = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "a frame is to be short on this very machine")]
    let clock = std::time::Instant::now();
    player.finish();
    let frame = clock.elapsed() / 50;
    // Something new at every frame.
    for k in 0..200 {
        player.follow([reading(k, 10.0)], until(k + 1));
        player.go_to(until(k + 1));
        player.tick(Duration::ZERO);
        std::thread::sleep(frame);
        seen.push(player.base().view().at);
    }
    player.settle();
    seen.dedup();
    assert!(seen.len() > 3, "the picture stood still: {seen:?}");
    assert_eq!(player.base().view().at, player.playhead().at());
}
