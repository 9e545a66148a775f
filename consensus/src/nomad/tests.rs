//! What leases promise: none on one range is valid at two nodes while clocks differ by no more than
//! the skew, and order holds where they differ by more.

use super::*;
use crate::slots::Scheme;
use crate::{Setup, Timing};

const SKEW: Span = Timing::LAB.skew;

fn setup() -> Setup {
    Setup::new(3, 2, &Timing::LAB)
}

fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + Span::from_millis(ms)
}

/// Whether the cloud reassigns a slot whose holder still relies on its lease, at any time of a run
/// in which the holder's clock is off by this many ms (behind if negative).
fn overlap(off_ms: i64) -> bool {
    let mut cloud = Leases::arbiter(&setup());
    let mut edge = Leases::new(NodeId(0), &setup());
    let lease = cloud.grant(NodeId(0), 0, 0, 0, ms(1000)).unwrap();
    edge.answer(&LeaseMsg::Grant(lease));
    (1000_u64..3000).any(|now| {
        let trusted = edge.next(lease.first, ms(now.checked_add_signed(off_ms).unwrap()));
        let (free, _) = cloud.clone().release(&[lease.first + 1], ms(now));
        trusted.is_some() && !free.is_empty()
    })
}

#[test]
fn no_lease_is_valid_at_two_nodes_while_clocks_differ_by_no_more_than_the_skew() {
    let skew = (SKEW.as_millis_f64()) as i64;
    for off_ms in -skew..=skew {
        assert!(!overlap(off_ms), "{off_ms} ms");
    }
    // And that is what it takes.
    assert!(overlap(-skew - 2));
}

#[test]
fn no_slot_is_granted_to_two_members() {
    let mut cloud = Leases::arbiter(&setup());
    let mut granted: Vec<(NodeId, Lease)> = Vec::new();
    // Members ask in many orders, some after losing their state, some long after the end.
    for step in 0..2000_u64 {
        let draw = crate::mix(7, step);
        let member = NodeId((draw % 3) as u16);
        let applied = step * 3 / 2;
        let known = if draw & 0x100 == 0 {
            0
        } else {
            let own = granted.iter().filter(|(holder, _)| *holder == member);
            own.map(|(_, lease)| lease.last).max().unwrap_or(0)
        };
        let now = ms(1000 + step * (draw >> 16 & 0xff));
        if draw & 0x600 == 0 {
            cloud.release(&[applied + 1, applied + 40], now);
        }
        if let Some(lease) = cloud.grant(member, applied, applied, known, now) {
            let others = granted.iter().filter(|(holder, _)| *holder != member);
            for (other, theirs) in others {
                let apart = lease.last < theirs.first || theirs.last < lease.first;
                assert!(apart, "{member} {lease:?} and {other} {theirs:?}");
            }
            granted.push((member, lease));
        }
    }
    assert!(granted.len() > 500, "{}", granted.len());
}

#[test]
fn what_is_taken_over_is_never_prolonged_and_a_lost_grant_is_given_again() {
    let mut cloud = Leases::arbiter(&setup());
    let first = cloud.grant(NodeId(0), 0, 0, 0, ms(0)).unwrap();
    let again = cloud.grant(NodeId(0), 0, 0, 0, ms(100)).unwrap();
    assert_eq!((again.first, again.last, again.term), (first.first, first.last, first.term));
    assert!(again.until > first.until);
    let other = cloud.grant(NodeId(1), 0, 0, 0, ms(200)).unwrap();
    assert_eq!((other.first, other.term), (first.last + 1, first.term + 1));
    // Not before the lease has ended.
    let (free, kept) = cloud.release(&[1, 2], ms(300));
    assert_eq!((free, kept), (vec![], Some((vec![1, 2], again.until))));
    let (free, kept) = cloud.release(&[1, 2], again.until);
    assert_eq!((free, kept), (vec![1, 2], None));
    let anew = cloud.grant(NodeId(0), 0, 0, 0, again.until).unwrap();
    assert_eq!(anew.first, other.last + 1);
}

#[test]
fn a_lease_is_used_in_order_of_its_slots_and_only_while_it_is_valid() {
    let mut edge = Leases::new(NodeId(0), &setup());
    let lease = |first, last, until| Lease { first, last, until: ms(until), term: 1 };
    assert!(edge.ask(true, 0, 0, ms(0)).is_some());
    assert_eq!(edge.ask(true, 0, 0, ms(0)), None, "it has asked");
    edge.answer(&LeaseMsg::Grant(lease(65, 128, 1000)));
    edge.answer(&LeaseMsg::Grant(lease(1, 10, 500)));
    assert_eq!(edge.next(0, ms(100)), Some(1));
    assert_eq!(edge.next(10, ms(100)), Some(65));
    assert_eq!(edge.next(0, ms(495)), Some(65), "the first has ended here");
    assert_eq!(edge.next(0, ms(995)), None);
    assert_eq!(edge.own(3, 67), [4, 5, 6, 7, 8, 9, 10, 65, 66]);
    // Half of its slots used, or a quarter of its time: it asks while it works.
    assert_eq!(edge.ask(false, 70, 71, ms(100)), None);
    assert!(edge.ask(false, 70, 71, ms(250)).is_some());
    edge.ask_again();
    assert!(edge.ask(false, 96, 97, ms(100)).is_some());
}
