//! What a single Raft member rejects.

use super::*;
use crate::{Nodes, Timing};
use gridtwin_kernel::{Span, Streams};

fn table() -> Fx<Raft> {
    Fx::new(Nodes { members: 3, clients: 1, helpers: 0 }, &Streams::new(1), "table")
}

fn member(fx: &mut Fx<Raft>) -> Member {
    let mut member = Member::new(NodeId(1), &Setup::new(3, 1, &Timing::LAB), true);
    let durable = fx.durables[1].member.clone();
    fx.node = NodeId(1);
    member.on_start(&durable, fx);
    member
}

fn told(fx: &mut Fx<Raft>, member: &mut Member, from: u16, msg: &Msg) -> Vec<Msg> {
    fx.sends.clear();
    member.on_msg(NodeId(from), msg, fx);
    fx.sends.drain(..).map(|(_, msg)| msg).collect()
}

fn vote(term: u64, last: u64, last_term: u64) -> Msg {
    let pre = false;
    Msg::Vote { pre, term, last, last_term }
}

fn granted(sent: &[Msg]) -> bool {
    matches!(sent, [Msg::VoteReply { granted: true, .. }])
}

fn append(term: u64, prev: u64, prev_term: u64, entry: Option<Entry>) -> Msg {
    let (purpose, quiet, more) = (Purpose::Replicate, false, None);
    Msg::Append(Append { term, prev, prev_term, commit: 0, purpose, quiet, entry, more })
}

#[test]
fn one_vote_a_term_also_after_a_brown_out() {
    let mut fx = table();
    let mut first = member(&mut fx);
    assert!(granted(&told(&mut fx, &mut first, 0, &vote(1, 0, 0))));
    assert!(!granted(&told(&mut fx, &mut first, 2, &vote(1, 0, 0))));
    let mut again = member(&mut fx);
    assert!(!granted(&told(&mut fx, &mut again, 2, &vote(1, 0, 0))));
    assert!(granted(&told(&mut fx, &mut again, 2, &vote(2, 0, 0))));
}

#[test]
fn no_vote_for_an_older_log() {
    let mut fx = table();
    let mut member = member(&mut fx);
    let entry = Some(Entry { term: 2, content: Content::Blank });
    told(&mut fx, &mut member, 0, &append(2, 0, 0, entry));
    assert!(!granted(&told(&mut fx, &mut member, 2, &vote(4, 5, 4))), "the leader is alive");
    fx.now += Span::from_secs(1);
    assert!(!granted(&told(&mut fx, &mut member, 2, &vote(3, 5, 1))), "longer, but older");
    assert!(granted(&told(&mut fx, &mut member, 2, &vote(4, 1, 2))));
}

#[test]
fn a_follower_with_a_live_leader_encourages_nobody() {
    let mut fx = table();
    let mut member = member(&mut fx);
    told(&mut fx, &mut member, 0, &append(1, 0, 0, None));
    let (pre, term, last, last_term) = (true, 2, 0, 0);
    let ask = Msg::Vote { pre, term, last, last_term };
    assert!(!granted(&told(&mut fx, &mut member, 2, &ask)));
    fx.now += Span::from_secs(1);
    assert!(granted(&told(&mut fx, &mut member, 2, &ask)));
}

#[test]
fn a_conflicting_entry_and_all_behind_it_give_way() {
    let mut fx = table();
    let mut member = member(&mut fx);
    let entry = |term| Some(Entry { term, content: Content::Blank });
    told(&mut fx, &mut member, 0, &append(1, 0, 0, entry(1)));
    told(&mut fx, &mut member, 0, &append(1, 1, 1, entry(1)));
    told(&mut fx, &mut member, 0, &append(1, 2, 1, entry(1)));
    let sent = told(&mut fx, &mut member, 2, &append(2, 5, 1, entry(2)));
    assert!(matches!(sent[..], [Msg::Ack { success: false, matched: 3, .. }]), "{sent:?}");
    // Where the terms differ the logs do, however long (the log matching property), and all of the
    // conflicting term is suspect.
    let sent = told(&mut fx, &mut member, 2, &append(2, 2, 2, entry(2)));
    assert!(matches!(sent[..], [Msg::Ack { success: false, matched: 0, .. }]), "{sent:?}");
    let sent = told(&mut fx, &mut member, 2, &append(2, 1, 1, entry(2)));
    assert!(matches!(sent[..], [Msg::Ack { success: true, matched: 2, .. }]), "{sent:?}");
    assert_eq!((member.log().last(), member.log().last_term()), (2, 2));
    assert_eq!(fx.durables[1].member.log, *member.log());
}

#[test]
fn no_change_of_members_before_the_first_entry_of_the_term_is_committed() {
    let mut fx = table();
    let mut member = member(&mut fx);
    member.on_timer(Timer::Election, &mut fx);
    for pre in [true, false] {
        told(&mut fx, &mut member, 0, &Msg::VoteReply { pre, term: 1, granted: true });
    }
    assert!(matches!(member.role(), Role::Leader(_)));
    let target = Members::first(2);
    told(&mut fx, &mut member, 3, &Msg::Reconfigure { number: 1, target });
    assert_eq!((member.log().last(), member.voters().len()), (1, 3));
    let purpose = Purpose::CatchUp;
    let ack = |matched| Msg::Ack { term: 1, success: true, matched, purpose };
    told(&mut fx, &mut member, 0, &ack(1));
    assert_eq!((member.log().last(), member.voters()), (2, target));
    // The one that left counts no more: it takes both of the others now.
    let sent = told(&mut fx, &mut member, 2, &ack(2));
    assert!(!sent.iter().any(|msg| matches!(msg, Msg::Configured(_))), "{sent:?}");
    let sent = told(&mut fx, &mut member, 0, &ack(2));
    assert!(sent.iter().any(|msg| matches!(msg, Msg::Configured(_))), "{sent:?}");
}
