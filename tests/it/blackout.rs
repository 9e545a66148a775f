//! When the power fails, voters fall silent in the order that the scenario gives, views change,
//! decisions stop when too few are left and go on when power returns; no two members ever disagree.

use crate::common::scenario;
use gridtwin_consensus::ProtocolName;
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

/// Checks a protocol whose decisions need so many of the seven voters.
fn check(protocol: ProtocolName) {
    let needed = 7 - u32::from(protocol.tolerates(7));
    let log = run(&format!("{protocol:?}"));
    let at = |test: &dyn Fn(&EventKind) -> bool| {
        log.events.iter().filter(|e| test(&e.kind)).map(|e| e.at).collect::<Vec<_>>()
    };
    let downs = at(&|k| matches!(k, EventKind::VoterDown { .. }));
    let ups = at(&|k| matches!(k, EventKind::VoterUp { .. }));
    let decided = at(&|k| matches!(k, EventKind::Decided { .. }));
    let violations: Vec<_> =
        log.events.iter().filter(|e| matches!(e.kind, EventKind::Violation { .. })).collect();
    assert!(violations.is_empty(), "{protocol}: {violations:?}");
    assert!(downs.len() >= 4, "{protocol}: voters fall silent: {}", downs.len());
    assert!(!ups.is_empty(), "{protocol}: voters come back");

    // Voters go one after another, not at one stroke.
    let mut first_falls = downs.clone();
    first_falls.dedup();
    assert!(first_falls.len() >= 4, "{protocol}: {first_falls:?}");

    // With too few voters nothing is decided; with enough, decisions resume by the end. A group
    // that takes new views of fewer members, seats a committee, or goes by the clock alone, promises
    // less and does more.
    use ProtocolName::{OuroborosBft, TrustPbft, VirtualSynchrony};
    let goes_on = matches!(protocol, VirtualSynchrony | OuroborosBft | TrustPbft);
    let short = log.members_up.iter().filter(|(_, up)| *up < needed).count();
    assert!(short > 0, "{protocol}: there were always enough");
    let too_few = |pair: &&[(SimTime, u32)]| pair[0].1 < needed && pair[1].1 < needed && !goes_on;
    for pair in log.members_up.windows(2).filter(too_few) {
        let changed = log.events.iter().any(|e| {
            e.at > pair[0].0 && e.at <= pair[1].0 && matches!(e.kind, EventKind::VoterUp { .. })
        });
        let within = decided.iter().any(|&d| d > pair[0].0 && d <= pair[1].0);
        assert!(changed || !within, "{protocol}: decided with too few near {:?}", pair[0].0);
    }
    let last = *decided.last().unwrap();
    let end = log.members_up.last().unwrap().0;
    assert!((end - last).as_secs_f64() < 180.0, "{protocol}: the last decision came at {last:?}");
    assert_eq!(log.members_up.last().unwrap().1, 7, "{protocol}: all are back");
    // 5 days of a block a minute, less the hours with too few voters.
    assert!(decided.len() > 3000, "{protocol}: {} blocks", decided.len());
}

#[test]
fn every_protocol_stalls_with_too_few_voters_and_goes_on_with_enough() {
    // Side by side, as far as there are cores.
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for job in 0..jobs {
            let mine = ProtocolName::ALL.into_iter().skip(job).step_by(jobs);
            scope.spawn(move || mine.for_each(check));
        }
    });
}

#[test]
fn leaders_that_lose_power_are_replaced() {
    for protocol in [ProtocolName::Raft, ProtocolName::Pbft] {
        let log = run(&format!("{protocol:?}"));
        let changed = |e: &Event| matches!(e.kind, EventKind::ViewChanged { .. });
        assert!(log.events.iter().any(changed), "{protocol}: views change");
    }
}
