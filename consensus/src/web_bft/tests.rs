//! What a single member of web-bft does and rejects.

use super::*;
use crate::{Class, Missed, Nodes, Request, Sequence, Sig, Signed, Timing};
use gridtwin_kernel::Streams;
use std::sync::Arc;

const CLIENT: NodeId = NodeId(4);

/// A member of four, and what it sends.
struct Table {
    fx: Fx<WebBft>,
    setup: Setup,
    id: NodeId,
    member: Member,
}

impl Table {
    fn new(planted: Option<usize>) -> Self {
        Self::of(1, planted)
    }

    fn of(id: u16, planted: Option<usize>) -> Self {
        let nodes = Nodes { members: 4, clients: 1, helpers: 0 };
        let setup = Setup { planted, ..Setup::new(4, 1, &Timing::LAB) };
        let fx = Fx::new(nodes, &Streams::new(1), "table");
        let id = NodeId(id);
        let mut table = Self { fx, setup, id, member: Member::new(id, &setup) };
        table.start();
        table
    }

    /// Starts the member from what it has written down.
    fn start(&mut self) -> Vec<Msg> {
        self.member = Member::new(self.id, &self.setup);
        let durable = self.fx.durables[self.id.index()].member.clone();
        self.act(|member, fx| member.on_start(&durable, fx))
    }

    fn act(&mut self, handler: impl FnOnce(&mut Member, &mut Fx<WebBft>)) -> Vec<Msg> {
        self.fx.node = self.id;
        self.fx.sends.clear();
        handler(&mut self.member, &mut self.fx);
        self.fx.sends.drain(..).map(|(_, msg)| msg).collect()
    }

    fn hear(&mut self, from: u16, msg: &Msg) -> Vec<Msg> {
        self.act(|member, fx| member.on_msg(NodeId(from), msg, fx))
    }

    fn ask(&mut self, number: u64) -> Vec<Msg> {
        self.hear(4, &Msg::Request(signed(number)))
    }

    fn time_out(&mut self) -> Vec<Msg> {
        self.act(|member, fx| member.on_timer(Timer::Round, fx))
    }

    /// A vote, signed by whoever casts it.
    fn cast(&mut self, by: u16, version: u64, round: u64, number: u64) -> Vote {
        self.fx.node = NodeId(by);
        Vote::new(version, round, signed(number), &mut self.fx)
    }

    fn vote(&mut self, by: u16, version: u64, round: u64, number: u64) -> Vec<Msg> {
        let vote = self.cast(by, version, round, number);
        self.hear(by, &Msg::Vote { vote, lock: None, other: None })
    }

    fn given(&mut self, by: u16, version: u64, round: u64, number: u64, before: u64) -> Accept {
        self.fx.node = NodeId(by);
        Accept::new(version, round, signed(number).request.digest, before, &mut self.fx)
    }

    /// An acceptance by one that knows the same past.
    fn accept(&mut self, by: u16, version: u64, round: u64, number: u64) -> Vec<Msg> {
        let accept = self.given(by, version, round, number, self.member.sequence().digest());
        self.hear(by, &Msg::Accept { accept, against: Vec::new(), other: None })
    }

    /// That of a quorum of others for the first version.
    fn lock_of(&mut self, round: u64, number: u64) -> Arc<Lock> {
        let votes = [0, 2, 3].map(|by| (NodeId(by), self.cast(by, 1, round, number).sig));
        Arc::new(Lock { version: 1, round, value: signed(number), votes: votes.into() })
    }

    /// Others are in this round of the first version, and know this lock.
    fn state_of(&mut self, by: u16, round: u64, lock: Option<Arc<Lock>>) -> Vec<Msg> {
        let (votes, accepts, proofs) = (Vec::new(), Vec::new(), Vec::new());
        let state = State { version: 1, round, lock, votes, accepts, proofs };
        self.hear(by, &Msg::State(Arc::new(state)))
    }

    fn delivered(&self) -> usize {
        let delivered = |out: &&Outcome| matches!(out, Outcome::Delivered { .. });
        self.fx.outs.iter().filter(delivered).count()
    }

    fn byzantine(&self) -> Vec<u16> {
        self.member.votes().byzantine().iter().map(|byzantine| byzantine.0).collect()
    }
}

fn signed(number: u64) -> Signed {
    let request = Request::new(CLIENT, number, 8);
    Signed { request, sig: Sig::mint(CLIENT, request.digest) }
}

/// The rounds and requests that it votes for and accepts.
fn votes(msgs: &[Msg]) -> Vec<(u64, u64)> {
    let vote = |msg: &Msg| match msg {
        Msg::Vote { vote, .. } => Some((vote.round, vote.value.request.number)),
        _ => None,
    };
    msgs.iter().filter_map(vote).collect()
}

fn accepts(msgs: &[Msg]) -> Vec<u64> {
    let accept = |msg: &Msg| match msg {
        Msg::Accept { accept, .. } => Some(accept.value),
        _ => None,
    };
    msgs.iter().filter_map(accept).collect()
}

#[test]
fn a_quorum_of_votes_locks_and_a_quorum_of_acceptances_decides() {
    for (planted, votes_of, accepts_of) in [(None, 2, 2), (Some(VOTE), 1, 2), (Some(ACCEPT), 2, 1)]
    {
        let mut table = Table::new(planted);
        assert_eq!(votes(&table.ask(0)), [(0, 0)]);
        for by in [2, 3].into_iter().take(votes_of) {
            assert_eq!(table.member.ballot().lock, None, "{planted:?}");
            table.vote(by, 1, 0, 0);
        }
        assert!(table.member.ballot().accepted.is_some(), "{planted:?}");
        for by in [0, 3].into_iter().take(accepts_of) {
            assert_eq!(table.delivered(), 0, "{planted:?}");
            table.accept(by, 1, 0, 0);
        }
        assert_eq!(table.delivered(), 1, "{planted:?}");
        assert_eq!(table.member.sequence().applied(), 1);
    }
}

/// What members 1 and 3 have as the first request, if member 2 is Byzantine, and the others follow
/// the rules with the planted quorum.
fn decided(planted: usize, rule: Option<usize>) -> [Option<Option<Request>>; 2] {
    let (mut one, mut three) = (Table::of(1, rule), Table::of(3, rule));
    // Round 0: members 0 and 1 vote for request 0, and 1 receives it from all but 3.
    one.ask(0);
    for by in [0, 2] {
        one.vote(by, 1, 0, 0);
    }
    one.accept(2, 1, 0, 0);
    if planted == VOTE {
        one.accept(0, 1, 0, 0); // two acceptances decide nothing here
    }
    // Member 3, which received none of that, has voted for request 1. In round 1 the Byzantine
    // member breaks the tie for that; member 0 follows, if it is not locked: that is, if it has not
    // accepted.
    three.ask(1);
    for by in [0, 2] {
        three.state_of(by, 1, None);
    }
    three.vote(2, 1, 1, 1);
    if planted == ACCEPT {
        three.vote(0, 1, 1, 1);
    }
    // If two votes lock, the Byzantine member's and its own do, and member 0 is shown a later lock.
    if three.member.ballot().accepted.is_some() {
        for by in [0, 2] {
            three.accept(by, 1, 1, 1);
        }
    }
    [one, three].map(|table| table.member.sequence().decided(1))
}

#[test]
fn one_vote_less_and_two_members_decide_differently() {
    let [zero, one] = [0, 1].map(|number| Some(Some(signed(number).request)));
    for planted in [VOTE, ACCEPT] {
        assert_eq!(decided(planted, Some(planted)), [zero, one], "{planted}");
    }
    // With the right quorums only one of the two can be: whichever was accepted by enough.
    assert_eq!(decided(VOTE, None), [zero, None]);
    assert_eq!(decided(ACCEPT, None), [None, one]);
}

#[test]
fn votes_count_from_members_for_what_was_asked_and_is_not_decided() {
    let mut table = Table::new(None);
    let mut invented = signed(0);
    invented.sig = Sig::mint(NodeId(2), invented.request.digest);
    table.fx.node = NodeId(2);
    let vote = Vote::new(1, 0, invented, &mut table.fx);
    table.hear(2, &Msg::Vote { vote, lock: None, other: None }); // nobody asked for that
    let forged = Vote { sig: table.cast(3, 1, 0, 0).sig, ..table.cast(2, 1, 0, 0) };
    table.hear(2, &Msg::Vote { vote: forged, lock: None, other: None }); // not its own
    let stranger = table.cast(4, 1, 0, 0);
    let state = State {
        version: 1,
        round: 0,
        lock: None,
        votes: vec![(CLIENT, stranger)], // no member
        accepts: Vec::new(),
        proofs: Vec::new(),
    };
    table.hear(2, &Msg::State(Arc::new(state)));
    assert_eq!(table.member.votes().on(1).count(), 0);
    // Another member's vote tells it of a request that never reached it.
    assert_eq!(votes(&table.vote(2, 1, 0, 0)), [(0, 0)]);
    table.vote(3, 1, 0, 0);
    for by in [0, 2] {
        table.accept(by, 1, 0, 0);
    }
    assert_eq!(table.delivered(), 1);
    assert!(votes(&table.vote(2, 2, 0, 0)).is_empty()); // decided
    assert!(table.ask(0).iter().all(|msg| matches!(msg, Msg::Answer { number: 0, .. })));
}

#[test]
fn who_changes_its_mind_is_found_out_told_of_and_counted_no_more() {
    let mut table = Table::new(None);
    table.ask(0);
    table.vote(2, 1, 0, 0);
    let told = table.vote(2, 1, 0, 1);
    assert!(matches!(told[..], [Msg::Proof { byzantine: NodeId(2), .. }]), "{told:?}");
    assert_eq!(table.byzantine(), [2]);
    table.vote(2, 1, 0, 0);
    table.vote(3, 1, 0, 0);
    assert_eq!(table.member.ballot().lock, None, "two honest votes are no quorum");
    table.vote(0, 1, 0, 0);
    assert!(table.member.ballot().accepted.is_some());
    for by in [2, 3] {
        table.accept(by, 1, 0, 0);
    }
    assert_eq!(table.delivered(), 0, "nor are two acceptances and a Byzantine member's");
    table.start();
    assert_eq!(table.byzantine(), [2], "it is not forgotten");
    // The proof convinces those members; an invalid proof convinces none.
    let Some(Msg::Proof { proof, .. }) = told.first() else { panic!("{told:?}") };
    let mut other = Table::new(None);
    let wrong = other.cast(3, 1, 1, 1);
    let none = Proof::Votes(other.cast(3, 1, 0, 0), wrong); // rounds differ
    other.hear(0, &Msg::Proof { byzantine: NodeId(3), proof: none });
    other.hear(0, &Msg::Proof { byzantine: NodeId(3), proof: *proof }); // another's signatures
    other.hear(0, &Msg::Proof { byzantine: NodeId(1), proof: *proof });
    assert_eq!(other.byzantine(), [] as [u16; 0]);
    assert_eq!(other.hear(0, &Msg::Proof { byzantine: NodeId(2), proof: *proof }), []);
    assert_eq!(other.byzantine(), [2]);
}

#[test]
fn what_a_liar_told_others_comes_with_their_acceptances_even_late() {
    for late in [false, true] {
        let mut table = Table::new(None);
        table.ask(0);
        for by in [2, 3] {
            table.vote(by, 1, 0, 0);
        }
        if late {
            for by in [2, 3] {
                table.accept(by, 1, 0, 0);
            }
            assert_eq!(table.delivered(), 1);
        }
        let said = table.cast(2, 1, 0, 1);
        let before = Sequence::default().digest();
        let accept = table.given(0, 1, 0, 0, before);
        table.hear(0, &Msg::Accept { accept, against: vec![(NodeId(2), said)], other: None });
        assert_eq!(table.byzantine(), [2], "late: {late}");
    }
    // And so does what it has sent to this one, with its own.
    let mut table = Table::new(None);
    table.ask(0);
    table.vote(2, 1, 0, 1);
    table.vote(3, 1, 0, 0);
    let sent = table.vote(0, 1, 0, 0);
    let against = |msg: &Msg| match msg {
        Msg::Accept { against, .. } => against.iter().map(|(member, _)| member.0).collect(),
        _ => Vec::new(),
    };
    assert_eq!(sent.iter().flat_map(against).collect::<Vec<_>>(), [2]);
}

#[test]
fn two_acceptances_of_one_round_are_a_lie_too() {
    let mut table = Table::new(None);
    table.ask(0);
    table.accept(3, 1, 0, 0);
    table.accept(3, 1, 1, 1); // another round: it may have learnt better
    assert_eq!(table.byzantine(), [] as [u16; 0]);
    table.accept(3, 1, 1, 0);
    assert_eq!(table.byzantine(), [3]);
}

#[test]
fn a_split_vote_is_left_at_once_and_a_tie_breaker_resolves_it() {
    let mut table = Table::new(None);
    table.ask(0);
    table.vote(2, 1, 0, 0);
    table.vote(3, 1, 0, 1);
    let sent = table.vote(0, 1, 0, 1);
    // Two for each: no other member votes. Version 1, round 1: member 2 breaks the tie.
    let told =
        |msg: &Msg| matches!(msg, Msg::State(state) if state.round == 1 && state.votes.len() == 4);
    assert!(matches!(&sent[..], [msg] if told(msg)), "{sent:?}");
    assert!(votes(&table.vote(3, 1, 1, 0)).is_empty(), "not the tie-breaker");
    assert_eq!(votes(&table.vote(2, 1, 1, 1)), [(1, 1)]);
    assert_eq!(accepts(&table.vote(0, 1, 1, 1)), [signed(1).request.digest]);
}

#[test]
fn a_tie_breaker_waits_for_a_quorum_and_votes_for_the_latest_lock() {
    // Version 1, round 4 k: member 1 breaks the tie.
    let mut table = Table::new(None);
    table.ask(0);
    let lock = table.lock_of(2, 1);
    assert!(votes(&table.state_of(2, 4, None)).is_empty());
    let sent = table.state_of(3, 4, Some(lock.clone()));
    let with = |msg: &Msg| matches!(msg, Msg::Vote { lock: Some(own), .. } if *own == lock);
    assert_eq!(votes(&sent), [(4, 1)]);
    assert!(sent.iter().any(with), "{sent:?}");
}

#[test]
fn the_locked_vote_for_nothing_else_unless_shown_a_later_lock() {
    let mut table = Table::new(None);
    table.ask(0);
    for by in [2, 3] {
        table.vote(by, 1, 0, 0);
    }
    let locked = |table: &Table| table.member.ballot().lock.as_ref().map(|lock| lock.round);
    assert_eq!(locked(&table), Some(0));
    // Round 1: member 2 breaks the tie, for something else.
    for by in [2, 3] {
        table.state_of(by, 1, None);
    }
    assert!(votes(&table.vote(2, 1, 1, 1)).is_empty());
    // Round 2: member 3, with a lock of round 1.
    for by in [2, 3] {
        table.state_of(by, 2, None);
    }
    let vote = table.cast(3, 1, 2, 1);
    let thin = Lock {
        votes: table.lock_of(1, 1).votes[..2].to_vec(),
        ..Lock::clone(&*table.lock_of(1, 1))
    };
    let twice =
        Lock { votes: [thin.votes.clone(), thin.votes[..1].to_vec()].concat(), ..thin.clone() };
    for bad in [thin, twice] {
        let msg = Msg::Vote { vote, lock: Some(Arc::new(bad)), other: None };
        assert!(votes(&table.hear(3, &msg)).is_empty());
    }
    let lock = Some(table.lock_of(1, 1));
    let sent = table.hear(3, &Msg::Vote { vote, lock, other: None });
    assert_eq!((votes(&sent), locked(&table)), (vec![(2, 1)], Some(1)));
}

#[test]
fn nobody_accepts_in_a_round_below_its_vote() {
    let mut table = Table::new(None);
    table.ask(0);
    for by in [2, 3] {
        table.state_of(by, 1, None);
    }
    assert_eq!(votes(&table.vote(2, 1, 1, 1)), [(1, 1)]);
    let lock = table.lock_of(0, 0);
    let sent = table.state_of(3, 1, Some(lock.clone()));
    assert!(accepts(&sent).is_empty() && table.member.ballot().lock == Some(lock));
}

#[test]
fn a_restart_keeps_its_vote_and_its_lock() {
    let mut table = Table::new(None);
    table.ask(1);
    table.start();
    assert!(votes(&table.ask(0)).is_empty(), "one vote a round");
    let Some(vote) = table.member.ballot().voted else { panic!("it has voted") };
    assert_eq!((vote.round, vote.value), (0, signed(1)));
    // It counts its own vote still.
    for by in [2, 3] {
        table.vote(by, 1, 0, 1);
    }
    assert!(table.member.ballot().accepted.is_some());
    let ballot = table.member.ballot().clone();
    let again = table.start();
    assert_eq!(*table.member.ballot(), ballot);
    assert!(accepts(&again).is_empty(), "one acceptance a round");
    for by in [2, 3] {
        table.accept(by, 1, 0, 1);
    }
    assert_eq!(table.delivered(), 1);
}

#[test]
fn who_is_alone_stays_in_its_round_and_tells_the_others() {
    let mut table = Table::new(None);
    table.ask(0);
    for _ in 0..3 {
        let sent = table.time_out();
        assert!(matches!(&sent[..], [Msg::State(state)] if state.round == 0), "{sent:?}");
    }
    for by in [2, 3] {
        table.state_of(by, 0, None);
    }
    let sent = table.time_out();
    assert!(matches!(&sent[..], [Msg::State(state)] if state.round == 1), "{sent:?}");
    // A single member that runs ahead is not followed, since it may be Byzantine.
    table.state_of(3, 9, None);
    assert_eq!(table.member.round, 1);
    table.state_of(2, 7, None);
    assert_eq!(table.member.round, 7);
}

/// Reports of members that have executed this many requests; signed by these.
fn told(table: &mut Table, upto: u64, by: &[u16]) -> Told {
    let mut sequence = Sequence::default();
    let mut before = 0;
    for version in 1..=upto {
        before = sequence.digest();
        sequence.decide(version, Some(signed(version - 1).request));
        sequence.advance();
    }
    let request = signed(upto - 1).request;
    let accepts = by.iter().map(|&by| (NodeId(by), table.given(by, upto, 0, upto - 1, before).sig));
    let certificate =
        Certificate { version: upto, round: 0, request, before, accepts: accepts.collect() };
    Told { missed: sequence.since(0), certificate: Some(Arc::new(certificate)) }
}

#[test]
fn who_lags_catches_up_by_one_members_word_with_a_quorums_signatures() {
    for (upto, by, proven) in [
        (3, &[0, 2, 3][..], true),
        (2000, &[0, 2, 3], true), // far more than the tail
        (3, &[0, 2], false),
        (3, &[0, 2, 2], false),
        (3, &[0, 2, 4], false),
    ] {
        let mut table = Table::new(None);
        let asked = table.accept(3, upto + 1, 0, 9);
        assert!(matches!(asked[..], [Msg::Fetch { applied: 0 }]), "{asked:?}");
        let told = told(&mut table, upto, by);
        table.hear(3, &Msg::Told(Arc::new(told)));
        let applied = table.member.sequence().applied();
        assert_eq!(applied, if proven { upto } else { 0 }, "{upto} by {by:?}");
        // And it can report it to others, also after a power failure.
        table.start();
        assert_eq!(table.member.sequence().applied(), applied);
        let sent = table.hear(2, &Msg::Fetch { applied: 0 });
        let whole = |told: &Told| told.missed.as_ref().is_some_and(|missed| missed.last() == upto);
        let tells = |msg: &Msg| matches!(msg, Msg::Told(told) if whole(told));
        assert_eq!(sent.iter().any(tells), proven);
    }
}

#[test]
fn a_certificate_proves_its_own_past_alone() {
    let mut table = Table::new(None);
    let right = told(&mut table, 3, &[0, 2, 3]);
    let mut other = Sequence::default();
    for (version, number) in [(1, 1), (2, 0), (3, 2)] {
        other.decide(version, Some(signed(number).request));
        other.advance();
    }
    let longer: Option<Missed> = told(&mut table, 4, &[0, 2, 3]).missed;
    for missed in [other.since(0), longer] {
        table.hear(3, &Msg::Told(Arc::new(Told { missed, ..right.clone() })));
        assert_eq!(table.member.sequence().applied(), 0);
    }
    table.hear(3, &Msg::Told(Arc::new(right)));
    assert_eq!(table.delivered(), 3);
}

#[test]
fn any_two_quorums_share_an_honest_member() {
    for n in 4..=128 {
        let (f, q) = (faulty(n), quorum(n));
        assert!(2 * q > usize::from(n) + f, "{n}: two quorums share more than f");
        assert!(q <= usize::from(n) - f, "{n}: the honest alone make one");
        assert!(n % 3 != 1 || q == 2 * f + 1);
    }
}

#[test]
fn a_liar_has_something_else_to_say_that_others_take_for_genuine() {
    let mut table = Table::new(None);
    table.fx.node = NodeId(2);
    let vote = Vote::new(1, 0, signed(0), &mut table.fx);
    let msg = Msg::Vote { vote, lock: None, other: Some(signed(1)) };
    let variants = WebBft::variants(&msg, &mut table.fx);
    assert_eq!(variants.len(), 2);
    for other in &variants {
        assert_eq!(message::KINDS[usize::from(WebBft::wire(other).kind)].class, Class::Request);
    }
    table.hear(2, &msg);
    table.hear(2, &variants[0]);
    assert_eq!(table.byzantine(), [2]);
}
