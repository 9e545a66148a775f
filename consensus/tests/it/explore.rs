//! Every run of a small group: the honest ones keep their promises, planted mistakes are found, and
//! what is told of them can be followed.

use gridtwin_consensus::explore::{
    ExploreError, ExploreOptions, ExploreReport, Grain, explore, find_planted, searches,
};
use gridtwin_consensus::{NodeId, ProtocolName};

/// States that a search in a test may see.
const STATES: usize = 8_000;

/// States that a search for a planted quorum may see in each instance, at most.
const PLANTED_STATES: usize = 128_000;

fn told(report: &ExploreReport) -> String {
    let steps = report.violation.iter().flatten().map(|step| format!("{step}\n"));
    steps.collect()
}

#[test]
fn the_smallest_honest_instance_keeps_its_promises() {
    for protocol in ProtocolName::ALL {
        let options = ExploreOptions { states: STATES, ..ExploreOptions::honest(protocol) };
        let report = explore(&options).unwrap();
        assert_eq!(report.violation, None, "{protocol}: {}", told(&report));
        assert!(report.decides || !report.exhaustive, "{protocol} decides nothing: {report:?}");
        assert!(report.states > 5, "{protocol}: {report:?}");
    }
}

#[test]
fn nothing_within_the_fault_model_breaks_a_protocol() {
    for protocol in ProtocolName::ALL.into_iter().filter(|name| !name.is_broken()) {
        for search in searches(protocol, STATES / 4) {
            let report = explore(&search.options).unwrap();
            let what = &search.what;
            assert_eq!(report.violation, None, "{protocol}, {what}: {}", told(&report));
        }
    }
}

#[test]
fn the_published_zyzzyva_loses_a_committed_request_and_the_repaired_one_does_not() {
    let report = |protocol| {
        let (grain, byzantine) = (Grain::Epoch, Some(NodeId(0)));
        let honest = ExploreOptions::honest(protocol);
        explore(&ExploreOptions { grain, byzantine, requests: 5, epochs: 4, ..honest }).unwrap()
    };
    let published = report(ProtocolName::Zyzzyva2007);
    let steps = published.violation.as_ref().map_or(0, Vec::len);
    assert!((2..=4).contains(&steps), "{published:?}");
    assert!(told(&published).contains("position 0"), "{}", told(&published));
    let repaired = report(ProtocolName::Zyzzyva);
    assert_eq!((repaired.violation.as_ref(), repaired.exhaustive), (None, true), "{repaired:?}");
}

/// Finds every planted quorum of the protocols of one part: together the parts have them all, and
/// run side by side.
fn planted_quorums_are_found(part: usize) {
    let protocols = ProtocolName::ALL.into_iter().enumerate();
    for (_, protocol) in protocols.filter(|(place, _)| place % PARTS == part) {
        for (which, name) in protocol.quorums().iter().enumerate() {
            let (options, report) = find_planted(protocol, which, PLANTED_STATES).unwrap();
            let text = told(&report);
            assert!(report.violation.is_some(), "{protocol}, {name}: {options:?} {report:?}");
            assert!(text.contains("VIOLATION: "), "{protocol}, {name}: {text}");
            let lines = text.lines().count();
            assert!(lines < 400, "{protocol}, {name}: {lines} lines cannot be followed\n{text}");
            // With the right quorum the very same search finds nothing.
            let right = ExploreOptions { planted: None, states: report.states, ..options };
            let right = explore(&right).unwrap();
            let found = right.violation.is_some();
            assert!(!found || protocol.is_broken(), "{protocol}, {name}: {}", told(&right));
        }
    }
}

const PARTS: usize = 4;

#[test]
fn planted_quorums_are_found_in_the_first_part() {
    planted_quorums_are_found(0);
}

#[test]
fn planted_quorums_are_found_in_the_second_part() {
    planted_quorums_are_found(1);
}

#[test]
fn planted_quorums_are_found_in_the_third_part() {
    planted_quorums_are_found(2);
}

#[test]
fn planted_quorums_are_found_in_the_fourth_part() {
    planted_quorums_are_found(3);
}

#[test]
fn the_same_search_gives_the_same_run() {
    let planted = || find_planted(ProtocolName::Raft, 0, STATES).unwrap();
    assert_eq!(planted(), planted());
}

#[test]
fn what_cannot_be_explored_is_refused() {
    let refused = |change: &dyn Fn(&mut ExploreOptions)| {
        let mut options = ExploreOptions::honest(ProtocolName::Pbft);
        change(&mut options);
        explore(&options).unwrap_err()
    };
    assert!(matches!(refused(&|o| o.nodes = Some(3)), ExploreError::Group(_)));
    assert!(matches!(refused(&|o| o.planted = Some(99)), ExploreError::Quorum { found: 99, .. }));
    assert_eq!(refused(&|o| o.byzantine = Some(NodeId(4))), ExploreError::Byzantine(NodeId(4)));
    assert!(matches!(refused(&|o| o.requests = 0), ExploreError::Range { name: "requests", .. }));
    let epochs = |o: &mut ExploreOptions| (o.grain, o.epochs) = (Grain::Epoch, 40);
    assert!(matches!(refused(&epochs), ExploreError::Range { name: "epochs", found: 40, .. }));
}
