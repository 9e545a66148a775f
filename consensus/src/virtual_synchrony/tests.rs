//! What a single member rejects.

use super::*;
use crate::{Nodes, Request, Timing};
use gridtwin_kernel::Streams;
use std::sync::Arc;

fn table() -> Fx<VirtualSynchrony> {
    Fx::new(Nodes { members: 3, clients: 1, helpers: 0 }, &Streams::new(1), "table")
}

fn member(fx: &mut Fx<VirtualSynchrony>) -> Member {
    let mut member = Member::new(NodeId(1), &Setup::new(3, 1, &Timing::LAB), Mode::Safe);
    let durable = fx.durables[1].member.clone();
    fx.node = NodeId(1);
    member.on_start(&durable, fx);
    member
}

fn told(fx: &mut Fx<VirtualSynchrony>, member: &mut Member, from: u16, msg: &Msg) -> Vec<Msg> {
    fx.sends.clear();
    member.on_msg(NodeId(from), msg, fx);
    fx.sends.drain(..).map(|(_, msg)| msg).collect()
}

fn order(slot: u64) -> Msg {
    let request = Request::new(NodeId(3), slot - 1, 8);
    Msg::Order { view: 1, slot, request, committed: 0 }
}

fn flush(round: u64, from: u16) -> Msg {
    Msg::Flush { view: 1, ballot: (round, NodeId(from)), applied: 0 }
}

#[test]
fn who_was_told_that_the_view_ends_acknowledges_nothing_in_it_also_after_a_brown_out() {
    let mut fx = table();
    let mut first = member(&mut fx);
    let sent = told(&mut fx, &mut first, 0, &order(1));
    assert!(matches!(sent[..], [Msg::Report { last: 1, why: Why::Received, .. }]), "{sent:?}");
    let sent = told(&mut fx, &mut first, 2, &flush(1, 2));
    let [Msg::Flushed { state, accepted: None, .. }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(state.unstable.len(), 1, "what it acknowledged is told");
    assert_eq!(told(&mut fx, &mut first, 0, &order(2)), []);
    let mut again = member(&mut fx);
    assert_eq!(again.history().last(), 1);
    assert_eq!(told(&mut fx, &mut again, 0, &order(2)), []);
    assert_eq!(told(&mut fx, &mut again, 0, &flush(1, 0)), [], "a lower attempt");
    assert_eq!(told(&mut fx, &mut again, 0, &flush(2, 0)).len(), 1);
}

#[test]
fn a_gap_is_not_acknowledged() {
    let mut fx = table();
    let mut member = member(&mut fx);
    let sent = told(&mut fx, &mut member, 0, &order(2));
    assert!(matches!(sent[..], [Msg::Report { last: 0, why: Why::Lacks, .. }]), "{sent:?}");
    assert_eq!(told(&mut fx, &mut member, 2, &order(1)), [], "from one that does not lead");
}

#[test]
fn what_somebody_accepted_is_put_to_the_vote_again() {
    let mut fx = table();
    let mut member = member(&mut fx);
    let (missed, unstable) = (None, vec![Request::new(NodeId(3), 0, 8)]);
    let next = View { number: 2, members: [0, 2].map(NodeId).into() };
    let state = State { applied: 0, missed, unstable };
    let accepted = Arc::new(Proposal { next, began: 1, state: state.clone() });
    // It gives up on the leader, and coordinates.
    member.on_timer(Timer::Word, &mut fx);
    member.on_timer(Timer::Word, &mut fx);
    let ballot = (1, NodeId(1));
    let empty = Arc::new(State { unstable: Vec::new(), ..state });
    for (from, accepted) in [(0, None), (2, Some(((1, NodeId(0)), accepted.clone())))] {
        let state = empty.clone();
        // A late answer to the attempt of the same number in another view is none to this one.
        let late = Msg::Flushed { view: 0, ballot, state: state.clone(), accepted: None };
        assert_eq!(told(&mut fx, &mut member, from, &late), []);
        let answer = Msg::Flushed { view: 1, ballot, state, accepted };
        let sent = told(&mut fx, &mut member, from, &answer);
        match &sent[..] {
            [] => assert_eq!(from, 0, "one of three is missing, and not late yet"),
            [Msg::Propose { proposal, .. }] => assert_eq!(*proposal, accepted_of(&member)),
            _ => panic!("{sent:?}"),
        }
    }
    assert_eq!(accepted_of(&member), accepted);
    // It is not in that view itself: it installs it for the others, and asks to be let in.
    assert_eq!(told(&mut fx, &mut member, 0, &Msg::Accepted { view: 0, ballot }), []);
    let sent = told(&mut fx, &mut member, 0, &Msg::Accepted { view: 1, ballot });
    assert!(sent.contains(&Msg::Install(accepted)), "{sent:?}");
    assert!(sent.contains(&Msg::Join { applied: 0 }), "{sent:?}");
}

fn accepted_of(member: &Member) -> Arc<Proposal> {
    member.accepted.clone().map(|(_, proposal)| proposal).unwrap()
}
