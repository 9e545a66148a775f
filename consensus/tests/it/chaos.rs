//! Random schedules of faults for every protocol there is. Within the fault model: no violation
//! ever, and everything is decided once all has healed. Beyond it: violations are found. A schedule
//! that fails is printed with its seed. CHAOS_RUNS asks for more of them.

use crate::common::{at, config};
use gridtwin_consensus::chaos::{self, Broken, ChaosOptions, ChaosReport};
use gridtwin_consensus::{Group, Members, NodeId, Note, ProtocolName, TimeModel, Timing};
use gridtwin_kernel::{SimTime, Streams};
use proptest::prelude::*;

/// So many runs each, from a seed that differs by protocol.
fn run(protocol: ProtocolName, change: impl Fn(&mut ChaosOptions)) -> ChaosReport {
    let runs = std::env::var("CHAOS_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(100);
    let mut options = ChaosOptions { runs, ..ChaosOptions::new(protocol) };
    change(&mut options);
    chaos::run(&options).unwrap()
}

#[test]
fn within_its_fault_model_every_protocol_keeps_its_promises() {
    for protocol in ProtocolName::ALL {
        let report = run(protocol, |_| {});
        assert!(report.as_it_should_be(), "{report}");
        assert_eq!((report.unsafe_runs, report.stuck_runs), (0, 0));
        assert!(report.answered >= 8 * report.options.runs, "{report}");
    }
}

#[test]
fn larger_groups_keep_them_too() {
    for protocol in ProtocolName::ALL {
        let report = run(protocol, |options| {
            options.nodes += 3;
            options.runs /= 4;
        });
        assert!(report.as_it_should_be(), "{report}");
    }
}

#[test]
fn liars_too_many_break_promises_and_that_is_seen() {
    let mut unsafe_protocols = 0;
    for protocol in ProtocolName::ALL {
        let report = run(protocol, |options| {
            options.within = false;
            options.runs *= 3;
        });
        assert!(report.as_it_should_be(), "{report}");
        for run in &report.failures {
            assert_eq!(run.broken(), Some(Broken::Safety));
            assert!(run.to_string().contains("violation: "));
        }
        unsafe_protocols += usize::from(report.unsafe_runs > 0);
    }
    // Not all: against a trusted counter, say, Byzantine members can only prevent decisions.
    assert!(4 * unsafe_protocols >= 3 * ProtocolName::ALL.len(), "{unsafe_protocols}");
}

#[test]
fn a_seed_gives_the_same_run_again() {
    for protocol in ProtocolName::ALL {
        let options = ChaosOptions::new(protocol);
        let first = chaos::replay(&options, 17).unwrap();
        assert_eq!(first, chaos::replay(&options, 17).unwrap());
        let (one, other) = (chaos::schedule(&options, 17), chaos::schedule(&options, 18));
        assert_eq!(one, first.options);
        assert_ne!(one.faults, other.faults);
    }
}

/// Schedules keep to the fault model: who is without power, who lies, and that all heals.
#[test]
fn schedules_stay_within_the_fault_model() {
    for protocol in ProtocolName::ALL {
        let options = ChaosOptions::new(protocol);
        let members = options.nodes as u16;
        let synchronous = protocol.facts().time == TimeModel::Synchronous;
        let (mut crashes, mut byzantine) = (0, 0);
        for seed in 0..300 {
            let faults = chaos::schedule(&options, seed).faults;
            let lying: Members = faults.byzantine.iter().map(|byzantine| byzantine.node).collect();
            assert!(protocol.withstands(members, lying), "seed {seed}\n{faults}");
            let down = |now: SimTime| {
                let down = faults
                    .crashes
                    .iter()
                    .filter(|crash| crash.at <= now && crash.back.is_none_or(|back| now < back));
                down.map(|crash| crash.node).filter(|node| node.0 < members).count()
            };
            for crash in &faults.crashes {
                assert!(
                    down(crash.at) <= protocol.tolerates(members).into(),
                    "seed {seed}\n{faults}"
                );
            }
            if synchronous {
                let noise = faults.loss + faults.duplicate + faults.reorder + faults.corrupt;
                assert!(noise == 0.0 && faults.gst.is_none() && faults.splits.is_empty());
                assert!(faults.partitions.is_empty() && faults.slow.is_empty());
                let crashed = faults.crashes.iter().map(|crash| crash.node).collect();
                assert!(lying.or(crashed).len() <= protocol.tolerates(members).into());
            } else {
                assert!(faults.crashes.iter().all(|crash| crash.back.is_some()));
            }
            crashes += faults.crashes.len();
            byzantine += lying.len();
        }
        assert!(crashes > 50, "{protocol}: {crashes}");
        let tolerates_one = (0..members)
            .any(|node| protocol.withstands(members, [NodeId(node)].into_iter().collect()));
        assert_eq!(byzantine > 50, tolerates_one, "{protocol}: {byzantine}");
    }
}

/// One fault: a member without power, or cut off from all others, for a while.
#[derive(Clone, Debug)]
struct Fault {
    member: u16,
    at_s: f64,
    for_s: f64,
    cut: bool,
}

fn faults(members: u16) -> impl Strategy<Value = Vec<Fault>> {
    let fault = (0..members, 0.5..40.0f64, 0.01..15.0f64, prop::bool::weighted(0.3));
    let fault = fault.prop_map(|(member, at_s, for_s, cut)| Fault { member, at_s, for_s, cut });
    prop::collection::vec(fault, 0..12)
}

/// Drives a group through the faults, one request each 50 ms for 60 s, and heals it.
fn survive(protocol: ProtocolName, members: u16, seed: u64, loss: f64, faults: &[Fault]) -> Group {
    let mut config = config(protocol, members.into(), Timing::LAB);
    for from in 0..=members {
        for to in 0..=members {
            config.links.link_mut(from.into(), to.into()).loss = loss;
        }
    }
    let mut group = Group::new(&config, &Streams::new(seed)).unwrap();
    let mut notes: Vec<Note> = Vec::new();
    for tick in 0..1200 {
        let now_s = f64::from(tick) * 0.05;
        let now = at(now_s);
        group.advance(now, &mut notes);
        for member in 0..members {
            let hit = |cut: bool| {
                let hits = |f: &&Fault| f.member == member && f.cut == cut;
                let during = |f: &Fault| (f.at_s..f.at_s + f.for_s).contains(&now_s);
                faults.iter().filter(hits).any(during)
            };
            if hit(false) {
                group.power_off(NodeId(member), now);
            } else {
                group.power_on(NodeId(member), now);
            }
            let up = !hit(true);
            for other in (0..=members).filter(|&other| other != member) {
                group.set_link(NodeId(member), NodeId(other), up, now);
            }
        }
        group.submit(now, 32);
    }
    group.advance(at(400.0), &mut notes);
    group
}

/// Some schedules each time; PROPTEST_CASES asks for more.
fn some() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = std::env::var("PROPTEST_CASES").map_or(40, |_| default.cases);
    ProptestConfig { cases, ..default }
}

proptest! {
    #![proptest_config(some())]

    #[test]
    fn raft_survives_brown_outs(seed in any::<u64>(), loss in 0.0..0.1f64, faults in faults(5)) {
        let group = survive(ProtocolName::Raft, 5, seed, loss, &faults);
        prop_assert_eq!(group.violations(), &[] as &[String]);
        prop_assert_eq!(group.decided(), group.submitted());
    }

    #[test]
    fn pbft_survives_brown_outs(seed in any::<u64>(), loss in 0.0..0.1f64, faults in faults(4)) {
        let group = survive(ProtocolName::Pbft, 4, seed, loss, &faults);
        prop_assert_eq!(group.violations(), &[] as &[String]);
        prop_assert_eq!(group.decided(), group.submitted());
    }

    #[test]
    fn larger_groups_of_pbft_do_too(seed in any::<u64>(), members in 5u16..9, faults in faults(5)) {
        let group = survive(ProtocolName::Pbft, members, seed, 0.02, &faults);
        prop_assert_eq!(group.violations(), &[] as &[String]);
        prop_assert_eq!(group.decided(), group.submitted());
    }
}
