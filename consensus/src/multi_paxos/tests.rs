//! What a single Multi-Paxos member rejects, and what a new leader proposes.

use super::*;
use crate::ballot::{self, Ballot, Vote, Voter};
use crate::{Fx, NodeId, Nodes, Request, Setup, Timing};
use gridtwin_kernel::Streams;
use std::sync::Arc;

fn table() -> Fx<MultiPaxos> {
    Fx::new(Nodes { members: 3, clients: 1, helpers: 0 }, &Streams::new(1), "table")
}

fn member(fx: &mut Fx<MultiPaxos>) -> Member {
    fx.node = NodeId(1);
    let mut member = Member::new(NodeId(1), &Setup::new(3, 1, &Timing::LAB));
    let durable = fx.durables[1].member.clone();
    member.on_start(&durable, fx);
    member
}

fn told(fx: &mut Fx<MultiPaxos>, member: &mut Member, from: u16, msg: &Msg) -> Vec<Msg> {
    fx.sends.clear();
    member.on_msg(NodeId(from), msg, fx);
    let members = |(_, msg)| if let ballot::Msg::Member(msg) = msg { Some(msg) } else { None };
    fx.sends.drain(..).filter_map(members).collect()
}

fn request(number: u64) -> Option<Request> {
    Some(Request::new(NodeId(3), number, 8))
}

fn accept(ballot: u64, slot: u64, number: u64, commit: u64) -> Msg {
    let (ballot, content, again) = (Ballot(ballot), request(number), false);
    Msg::Accept { ballot, slot, content, commit, again }
}

#[test]
fn a_promise_binds_also_after_a_brown_out() {
    let mut fx = table();
    let mut first = member(&mut fx);
    let prepare = Msg::Prepare { ballot: Ballot(3), applied: 0 };
    let promised = told(&mut fx, &mut first, 2, &prepare);
    assert!(matches!(promised[..], [Msg::Promise { ballot: Ballot(3), .. }]), "{promised:?}");
    let refused = [Msg::Refused { ballot: Ballot(3) }];
    assert_eq!(told(&mut fx, &mut first, 0, &accept(1, 1, 0, 0)), refused);
    let mut again = member(&mut fx);
    assert_eq!(told(&mut fx, &mut again, 0, &accept(1, 1, 0, 0)), refused);
    let prepare = Msg::Prepare { ballot: Ballot(1), applied: 0 };
    assert_eq!(told(&mut fx, &mut again, 0, &prepare), refused);
}

#[test]
fn votes_survive_a_brown_out_and_a_candidate_is_told_of_them() {
    let mut fx = table();
    let mut first = member(&mut fx);
    told(&mut fx, &mut first, 0, &accept(1, 1, 0, 0));
    told(&mut fx, &mut first, 0, &accept(1, 3, 2, 0));
    let mut again = member(&mut fx);
    let prepare = Msg::Prepare { ballot: Ballot(3), applied: 0 };
    let vote = |number| Vote { ballot: Ballot(1), content: request(number) };
    let accepted: Arc<[_]> = Arc::new([(1, vote(0)), (3, vote(2))]);
    let promise = Msg::Promise { ballot: Ballot(3), missed: None, accepted };
    assert_eq!(told(&mut fx, &mut again, 2, &prepare), [promise]);
}

#[test]
fn a_new_leader_proposes_the_highest_votes_again_and_nothing_for_gaps() {
    let mut fx = table();
    let mut member = member(&mut fx);
    told(&mut fx, &mut member, 0, &accept(1, 1, 0, 0));
    told(&mut fx, &mut member, 0, &accept(1, 3, 2, 0));
    member.on_timer(Timer::Election, &mut fx);
    let answer = Msg::Answer { ballot: Ballot(4), willing: true };
    let prepare = told(&mut fx, &mut member, 2, &answer);
    let ballot = Ballot(5); // the least of its own above all it has heard of
    assert_eq!(prepare, [Msg::Prepare { ballot, applied: 0 }]);
    let vote = |ballot, number| Vote { ballot: Ballot(ballot), content: request(number) };
    let accepted: Arc<[_]> = Arc::new([(1, vote(4, 5)), (4, vote(4, 6))]);
    let promise = Msg::Promise { ballot, missed: None, accepted };
    let proposed: Vec<_> = told(&mut fx, &mut member, 2, &promise)
        .into_iter()
        .filter_map(|msg| match msg {
            Msg::Accept { slot, content, again: true, .. } => Some((slot, content)),
            _ => None,
        })
        .collect();
    assert_eq!(proposed, [(1, request(5)), (2, None), (3, request(2)), (4, request(6))]);
}

#[test]
fn a_follower_takes_for_decided_only_what_this_leader_proposed() {
    let mut fx = table();
    let mut member = member(&mut fx);
    told(&mut fx, &mut member, 0, &accept(1, 1, 0, 0));
    // The leader of ballot 3 calls slot 1 decided, but may have another value there.
    told(&mut fx, &mut member, 2, &accept(3, 2, 1, 1));
    assert_eq!(member.sequence().applied(), 0);
    told(&mut fx, &mut member, 2, &accept(3, 1, 9, 1));
    assert_eq!(member.sequence().decided(1), Some(request(9)));
    assert_eq!(member.sequence().applied(), 1);
}

#[test]
fn no_number_is_too_large() {
    let mut fx = table();
    let mut member = member(&mut fx);
    for number in [0, 1, u64::MAX] {
        for ballot in [Ballot(0), Ballot(3), Ballot(6), Ballot(u64::MAX)] {
            let (slot, applied, commit, content) = (number, number, number, None);
            let accepted: Arc<[_]> = Arc::new([(slot, Vote { ballot, content })]);
            for msg in [
                Msg::Accept { ballot, slot, content, commit, again: false },
                Msg::Heartbeat { ballot, commit, quiet: false },
                Msg::Accepted { ballot, slot, again: false },
                Msg::Promise { ballot, missed: None, accepted },
                Msg::Prepare { ballot, applied },
                Msg::Lack { applied },
                Msg::Ask { applied },
                Msg::Answer { ballot, willing: true },
                Msg::Refused { ballot },
            ] {
                told(&mut fx, &mut member, 2, &msg);
                for timer in [Timer::Election, Timer::Heartbeat, Timer::CatchUp] {
                    member.on_timer(timer, &mut fx);
                }
            }
        }
    }
    assert!(member.held() < 10);
}
