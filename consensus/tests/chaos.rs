//! Random schedules of brown-outs, partitions and loss within the fault model: no violation ever,
//! and everything is decided once all has healed. proptest prints the seed and the schedule of a
//! run that fails, and keeps it.

mod common;

use common::{at, config};
use gridtwin_consensus::{Group, NodeId, Note, ProtocolName, Timing};
use gridtwin_kernel::Streams;
use proptest::prelude::*;

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
