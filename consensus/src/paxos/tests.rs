//! What a single Paxos member rejects.

use super::*;
use crate::ballot::{self, Ballot, Vote, Voter};
use crate::{Fx, NodeId, Nodes, Request, Setup, Timing};
use gridtwin_kernel::Streams;

fn table() -> Fx<Paxos> {
    Fx::new(Nodes { members: 3, clients: 1, helpers: 0 }, &Streams::new(1), "table")
}

fn member(fx: &mut Fx<Paxos>) -> Member {
    fx.node = NodeId(1);
    let mut member = Member::new(NodeId(1), &Setup::new(3, 1, &Timing::LAB));
    let durable = fx.durables[1].member.clone();
    member.on_start(&durable, fx);
    member
}

fn sent(fx: &mut Fx<Paxos>) -> Vec<Msg> {
    let members = |(_, msg)| if let ballot::Msg::Member(msg) = msg { Some(msg) } else { None };
    fx.sends.drain(..).filter_map(members).collect()
}

fn told(fx: &mut Fx<Paxos>, member: &mut Member, from: u16, msg: &Msg) -> Vec<Msg> {
    fx.sends.clear();
    member.on_msg(NodeId(from), msg, fx);
    sent(fx)
}

#[test]
fn a_promise_binds_also_after_a_brown_out() {
    let mut fx = table();
    let mut first = member(&mut fx);
    let (slot, ballot) = (1, Ballot(6));
    let answer = told(&mut fx, &mut first, 2, &Msg::Prepare { slot, ballot });
    assert_eq!(answer, [Msg::Promise { slot, ballot, accepted: None }]);
    let low = Msg::Accept { slot, ballot: Ballot(1), content: None };
    let refused = [Msg::Refused { slot, ballot }];
    assert_eq!(told(&mut fx, &mut first, 0, &low), refused);
    let mut again = member(&mut fx);
    assert_eq!(told(&mut fx, &mut again, 0, &low), refused);
    let prepare = Msg::Prepare { slot, ballot: Ballot(4) };
    assert_eq!(told(&mut fx, &mut again, 0, &prepare), refused);
}

#[test]
fn what_was_accepted_in_the_highest_ballot_is_proposed() {
    let mut fx = table();
    let mut member = member(&mut fx);
    let request = |number| Request::new(NodeId(3), number, 8);
    let vote =
        |ballot, number| Some(Vote { ballot: Ballot(ballot), content: Some(request(number)) });
    let accept = Msg::Accept { slot: 1, ballot: Ballot(1), content: Some(request(7)) };
    told(&mut fx, &mut member, 0, &accept);
    // It retries the same slot: with its own vote, and a higher ballot.
    fx.sends.clear();
    member.on_request(NodeId(3), request(0), &mut fx);
    assert!(matches!(sent(&mut fx)[..], [Msg::Prepare { slot: 2, .. }]));
    member.on_timer(Timer::Gap, &mut fx);
    let prepare = sent(&mut fx);
    let [Msg::Prepare { slot: 1, ballot }] = prepare[..] else { panic!("{prepare:?}") };
    let promise = Msg::Promise { slot: 1, ballot, accepted: None };
    let sent = told(&mut fx, &mut member, 0, &promise);
    assert_eq!(sent, [Msg::Accept { slot: 1, ballot, content: Some(request(7)) }]);
    let (slot, accepted) = (2, vote(1, 9));
    let promise = Msg::Promise { slot, ballot: Ballot(2), accepted };
    let sent = told(&mut fx, &mut member, 0, &promise);
    assert_eq!(sent, [Msg::Accept { slot, ballot: Ballot(2), content: Some(request(9)) }]);
}

#[test]
fn no_number_is_too_large() {
    let mut fx = table();
    let mut member = member(&mut fx);
    member.on_request(NodeId(3), Request::new(NodeId(3), 0, 8), &mut fx);
    for slot in [0, 1, u64::MAX] {
        for ballot in [Ballot(0), Ballot(u64::MAX)] {
            let content = None;
            for msg in [
                Msg::Prepare { slot, ballot },
                Msg::Promise { slot, ballot, accepted: Some(Vote { ballot, content }) },
                Msg::Accepted { slot, ballot },
                Msg::Refused { slot, ballot },
                Msg::Missing { applied: slot },
                Msg::State { applied: slot, missed: None },
                Msg::Accept { slot, ballot, content },
            ] {
                told(&mut fx, &mut member, 2, &msg);
                member.on_timer(Timer::Propose(slot), &mut fx);
            }
        }
    }
    told(&mut fx, &mut member, 2, &Msg::Learn { slot: u64::MAX, content: None, again: true });
    assert!(member.held() < 10);
}
