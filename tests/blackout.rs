//! When the power fails, voters fall silent in the order that the scenario gives, views change,
//! decisions stop when too few are left and go on when power returns; no two members ever disagree.

mod common;

use common::scenario;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Event, EventKind, Observer, Sample};
use gridtwin_twin::{Scenario, Twin};

#[derive(Default)]
struct Log {
    events: Vec<Event>,
    members_up: Vec<(SimTime, u32)>,
}

impl Observer for Log {
    fn event(&mut self, _at: SimTime, event: &Event) {
        self.events.push(event.clone());
    }
    fn sample(&mut self, sample: &Sample) {
        self.members_up.push((sample.at + sample.step, sample.groups[0].members_up));
    }
}

fn run(protocol: &str) -> Log {
    let set = format!("consensus.receipts.protocol={protocol}");
    let overrides = [set.parse().unwrap()];
    let scenario = Scenario::load_with(&scenario("blackout"), &overrides, None, None).unwrap();
    let mut twin = Twin::new(&scenario).unwrap();
    let mut log = Log::default();
    let end = twin.end();
    twin.advance(end, &mut log);
    log
}

fn check(protocol: &str, quorum: u32) {
    let log = run(protocol);
    let at = |test: &dyn Fn(&EventKind) -> bool| {
        log.events.iter().filter(|e| test(&e.kind)).map(|e| e.at).collect::<Vec<_>>()
    };
    let downs = at(&|k| matches!(k, EventKind::VoterDown { .. }));
    let ups = at(&|k| matches!(k, EventKind::VoterUp { .. }));
    let decided = at(&|k| matches!(k, EventKind::Decided { .. }));
    let views = at(&|k| matches!(k, EventKind::ViewChanged { .. }));
    assert!(at(&|k| matches!(k, EventKind::Violation { .. })).is_empty());
    assert!(downs.len() >= 4, "{protocol}: voters fall silent: {}", downs.len());
    assert!(!views.is_empty(), "{protocol}: views change");
    assert!(!ups.is_empty(), "{protocol}: voters come back");

    // Voters go one after another, not at one stroke.
    let mut first_falls = downs.clone();
    first_falls.dedup();
    assert!(first_falls.len() >= 4, "{protocol}: {first_falls:?}");

    // Without a quorum nothing is decided; with one, decisions resume by the end.
    let short: Vec<_> = log.members_up.iter().filter(|(_, up)| *up < quorum).collect();
    assert!(!short.is_empty(), "{protocol}: there was always a quorum");
    for pair in log.members_up.windows(2).filter(|p| p[0].1 < quorum && p[1].1 < quorum) {
        let changed = log.events.iter().any(|e| {
            e.at > pair[0].0 && e.at <= pair[1].0 && matches!(e.kind, EventKind::VoterUp { .. })
        });
        let within = decided.iter().any(|&d| d > pair[0].0 && d <= pair[1].0);
        assert!(changed || !within, "{protocol}: decided without a quorum near {:?}", pair[0].0);
    }
    let last = *decided.last().unwrap();
    let end = log.members_up.last().unwrap().0;
    assert!((end - last).as_secs_f64() < 120.0, "{protocol}: the last decision came at {last:?}");
    assert_eq!(log.members_up.last().unwrap().1, 7, "{protocol}: all are back");
}

#[test]
fn pbft_stalls_without_a_quorum_and_goes_on_with_one() {
    check("Pbft", 5);
}

#[test]
fn raft_stalls_without_a_majority_and_goes_on_with_one() {
    check("Raft", 4);
}
