//! A Paxos member: acceptor, proposer and learner in one.

use super::Paxos;
use super::message::{self, Msg, Timer};
use crate::ballot::{
    self, Ballot, CHECKPOINT_EVERY, Stored, Vote, Voter, WINDOW, Word, content_bytes, majority,
};
use crate::{
    Facts, FaultModel, Fx, Kind, Members, Missed, NodeId, Outcome, Request, Sequence, Setup,
    TimeModel, Timing,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Slots that a member proposes for at the same time; other requests wait.
const PROPOSALS: usize = 16;

/// An acceptor's side of one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Acceptor {
    /// It takes part in nothing below this.
    pub promised: Ballot,
    /// What it accepted last.
    pub accepted: Option<Vote>,
}

/// How far a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    One { promises: Members, highest: Option<Vote> },
    Two { content: Option<Request>, votes: Members },
}

/// A proposer's side of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Proposal {
    ballot: Ballot,
    /// What it proposes where it is free to.
    own: Option<Request>,
    phase: Phase,
    /// Time-outs so far.
    tries: u32,
}

/// What a recovering member has learnt from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Recovery {
    answers: Members,
    /// The last slot that any member had executed.
    highest: u64,
    tries: u32,
}

/// What a member writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    acceptors: BTreeMap<u64, Acceptor>,
    sequence: Sequence,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    id: NodeId,
    n: u16,
    timing: Timing,
    promise_quorum: usize,
    accept_quorum: usize,
    /// Of slots that are not decided.
    acceptors: BTreeMap<u64, Acceptor>,
    proposals: BTreeMap<u64, Proposal>,
    /// What its clients asked for and was not executed, and the slot it is proposed for, or 0.
    wanted: BTreeMap<Request, u64>,
    sequence: Sequence,
    /// The last slot in what it has written down.
    written: u64,
    /// The undecided slot that it waits for, or 0.
    gap: u64,
    recovery: Option<Recovery>,
}

impl Voter for Member {
    type Msg = Msg;
    type Timer = Timer;
    type Durable = Durable;

    const NAME: &'static str = "paxos";
    const KINDS: &'static [Kind] = message::KINDS;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "paxos",
        faults: FaultModel::Crash,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1",
        messages: "4(n - 1), plus n - 1 for learning",
        delays: "4 at the proposer, 5 at the learners, 6 at the client",
        paper: "Lamport, The Part-Time Parliament, 1998, and Paxos Made Simple, 2001",
        reconstructed: "",
        weakness: "fails with one Byzantine member; stops while a majority is down; competing \
                   proposers delay each other",
    };
    const QUORUMS: &'static [&'static str] = &["promise", "accept"];
    /// Request, 1a, 1b, 2a, 2b, answer.
    const DELAYS: u32 = 6;

    fn new(id: NodeId, setup: &Setup) -> Self {
        let n = setup.members;
        Self {
            id,
            n,
            timing: setup.timing,
            promise_quorum: setup.quorum(0, majority(n)),
            accept_quorum: setup.quorum(1, majority(n)),
            acceptors: BTreeMap::new(),
            proposals: BTreeMap::new(),
            wanted: BTreeMap::new(),
            sequence: Sequence::default(),
            written: 0,
            gap: 0,
            recovery: None,
        }
    }

    /// Each client asks a different member.
    fn home(client: u16, members: u16) -> Option<NodeId> {
        Some(NodeId(client % members))
    }

    fn on_start(&mut self, durable: &Durable, fx: &mut Fx<Paxos>) {
        self.acceptors = durable.acceptors.clone();
        self.sequence = durable.sequence.clone();
        self.written = self.sequence.applied();
        self.sequence.tell(fx); // it may have learnt what it has not written down
        if *durable != Durable::default() {
            self.recovery = Some(Recovery::default());
            self.recover(fx);
        }
    }

    fn on_request(&mut self, client: NodeId, request: Request, fx: &mut Fx<Paxos>) {
        if self.sequence.contains(&request) {
            fx.send(client, ballot::Msg::Reply { request, view: 0 });
        } else if self.sequence.in_window(&request) && request.client == client {
            self.wanted.entry(request).or_insert(0);
            self.settle(fx);
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Paxos>) {
        match *msg {
            Msg::Prepare { slot, ballot } => self.on_prepare(from, slot, ballot, fx),
            Msg::Promise { slot, ballot, accepted } => {
                self.on_promise(from, slot, ballot, accepted, fx);
            }
            Msg::Accept { slot, ballot, content } => {
                self.on_accept(from, slot, ballot, content, fx);
            }
            Msg::Accepted { slot, ballot } => self.on_accepted(from, slot, ballot, fx),
            Msg::Refused { slot, ballot } => self.on_refused(slot, ballot, fx),
            Msg::Learn { slot, content, .. } => {
                if self.within_reach(from, slot, fx) {
                    self.sequence.decide(slot, content);
                }
            }
            Msg::Missing { applied } => {
                let missed = self.sequence.since(applied).map(Arc::new);
                send(fx, from, Msg::State { applied: self.sequence.applied(), missed });
                return;
            }
            Msg::State { applied, ref missed } => {
                self.on_state(from, applied, missed.as_deref(), fx);
            }
        }
        self.settle(fx);
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Paxos>) {
        match timer {
            Timer::Propose(slot) => {
                if let Some(&Proposal { own, tries, .. }) = self.proposals.get(&slot) {
                    self.prepare(slot, own, tries + 1, fx);
                }
            }
            Timer::Gap => {
                let slot = std::mem::take(&mut self.gap);
                if slot > self.sequence.applied() && !self.proposals.contains_key(&slot) {
                    self.prepare(slot, None, 0, fx);
                }
            }
            Timer::Recover => self.recover(fx),
        }
        self.settle(fx);
    }

    /// There is no leader.
    fn word(_from: NodeId, _msg: &Msg) -> Option<Word> {
        None
    }

    fn wire(msg: &Msg) -> (u8, u32) {
        message::wire(msg)
    }

    fn variants(msg: &Msg) -> Vec<Msg> {
        message::variants(msg)
    }

    fn messages(n: u64) -> u64 {
        4 * (n - 1)
    }

    fn view(&self) -> u64 {
        0
    }

    fn leader(&self) -> Option<NodeId> {
        None
    }

    fn held(&self) -> usize {
        self.acceptors.len() + self.proposals.len() + self.wanted.len() + self.sequence.held()
    }
}

fn send(fx: &mut Fx<Paxos>, to: NodeId, msg: Msg) {
    fx.send(to, ballot::Msg::Member(msg));
}

fn broadcast(fx: &mut Fx<Paxos>, msg: Msg) {
    fx.broadcast(ballot::Msg::Member(msg));
}

fn arm(fx: &mut Fx<Paxos>, timer: Timer, span: gridtwin_kernel::Span) {
    fx.arm(ballot::Timer::Member(timer), span);
}

fn cancel(fx: &mut Fx<Paxos>, timer: Timer) {
    fx.cancel(ballot::Timer::Member(timer));
}

impl Member {
    /// Phase 1a: begins an attempt for a slot, with a ballot above all it has seen there.
    fn prepare(&mut self, slot: u64, own: Option<Request>, tries: u32, fx: &mut Fx<Paxos>) {
        let acceptor = self.acceptors.entry(slot).or_default();
        let ballot = acceptor.promised.next(self.id, self.n);
        acceptor.promised = ballot;
        let promises = [self.id].into_iter().collect();
        let phase = Phase::One { promises, highest: acceptor.accepted };
        write(slot, *acceptor, fx);
        self.proposals.insert(slot, Proposal { ballot, own, phase, tries });
        broadcast(fx, Msg::Prepare { slot, ballot });
        arm(fx, Timer::Propose(slot), self.timing.request_timeout * (1 << tries.min(4)));
        self.propose(slot, fx);
    }

    /// Phase 1b.
    fn on_prepare(&mut self, from: NodeId, slot: u64, ballot: Ballot, fx: &mut Fx<Paxos>) {
        if self.sequence.is_decided(slot) {
            self.tell(from, slot, fx);
            return;
        }
        if !self.within_reach(from, slot, fx) {
            return;
        }
        let acceptor = self.acceptors.entry(slot).or_default();
        if ballot < acceptor.promised {
            let ballot = acceptor.promised;
            send(fx, from, Msg::Refused { slot, ballot });
            return;
        }
        if ballot > acceptor.promised {
            acceptor.promised = ballot;
            write(slot, *acceptor, fx);
        }
        let accepted = acceptor.accepted;
        send(fx, from, Msg::Promise { slot, ballot, accepted });
        self.give_way(slot, ballot, fx);
    }

    fn on_promise(
        &mut self,
        from: NodeId,
        slot: u64,
        ballot: Ballot,
        accepted: Option<Vote>,
        fx: &mut Fx<Paxos>,
    ) {
        let proposal = self.proposals.get_mut(&slot).filter(|own| own.ballot == ballot);
        if let Some(Proposal { phase: Phase::One { promises, highest }, .. }) = proposal {
            promises.insert(from);
            *highest = (*highest).max(accepted);
            self.propose(slot, fx);
        }
    }

    /// Phase 2a, if a majority has promised: what was accepted in the highest ballot, if anything
    /// was, and its own value otherwise.
    fn propose(&mut self, slot: u64, fx: &mut Fx<Paxos>) {
        let Some(proposal) = self.proposals.get_mut(&slot) else {
            return;
        };
        let Phase::One { promises, highest } = proposal.phase else {
            return;
        };
        if promises.len() < self.promise_quorum {
            return;
        }
        let ballot = proposal.ballot;
        let content = highest.map_or(proposal.own, |vote| vote.content);
        // As an acceptor it may have promised a higher ballot meanwhile.
        let mut votes = Members::NONE;
        let acceptor = self.acceptors.entry(slot).or_default();
        if ballot >= acceptor.promised {
            acceptor.accepted = Some(Vote { ballot, content });
            votes.insert(self.id);
            write(slot, *acceptor, fx);
        }
        proposal.phase = Phase::Two { content, votes };
        broadcast(fx, Msg::Accept { slot, ballot, content });
        self.choose(slot, fx);
    }

    /// Phase 2b.
    fn on_accept(
        &mut self,
        from: NodeId,
        slot: u64,
        ballot: Ballot,
        content: Option<Request>,
        fx: &mut Fx<Paxos>,
    ) {
        if self.sequence.is_decided(slot) {
            // A vote for what is chosen anyway changes nothing.
            if self.sequence.decided(slot) == Some(content) {
                send(fx, from, Msg::Accepted { slot, ballot });
            } else {
                self.tell(from, slot, fx);
            }
            return;
        }
        if !self.within_reach(from, slot, fx) {
            return;
        }
        let acceptor = self.acceptors.entry(slot).or_default();
        if ballot < acceptor.promised {
            let ballot = acceptor.promised;
            send(fx, from, Msg::Refused { slot, ballot });
            return;
        }
        let vote = Some(Vote { ballot, content });
        if acceptor.accepted != vote {
            *acceptor = Acceptor { promised: ballot, accepted: vote };
            write(slot, *acceptor, fx);
        }
        send(fx, from, Msg::Accepted { slot, ballot });
        self.give_way(slot, ballot, fx);
    }

    fn on_accepted(&mut self, from: NodeId, slot: u64, ballot: Ballot, fx: &mut Fx<Paxos>) {
        let proposal = self.proposals.get_mut(&slot).filter(|own| own.ballot == ballot);
        if let Some(Proposal { phase: Phase::Two { votes, .. }, .. }) = proposal {
            votes.insert(from);
            self.choose(slot, fx);
        }
    }

    /// Learns what a majority has accepted, and sends it to all members (section 2.3).
    fn choose(&mut self, slot: u64, fx: &mut Fx<Paxos>) {
        let Some(Proposal { phase: Phase::Two { content, votes }, .. }) = self.proposals.get(&slot)
        else {
            return;
        };
        if votes.len() >= self.accept_quorum {
            let content = *content;
            broadcast(fx, Msg::Learn { slot, content, again: false });
            self.sequence.decide(slot, content);
        }
    }

    fn on_refused(&mut self, slot: u64, ballot: Ballot, fx: &mut Fx<Paxos>) {
        if self.proposals.get(&slot).is_some_and(|own| own.ballot < ballot)
            && let Some(acceptor) = self.acceptors.get_mut(&slot)
        {
            // A promise without a receiver: the next attempt must be above it.
            acceptor.promised = acceptor.promised.max(ballot);
            self.give_way(slot, ballot, fx);
        }
    }

    /// Backs off where another proposer has a higher ballot.
    fn give_way(&self, slot: u64, ballot: Ballot, fx: &mut Fx<Paxos>) {
        if self.proposals.get(&slot).is_some_and(|own| own.ballot < ballot) {
            let wait = fx.span_between(self.timing.election_min, self.timing.election_max);
            arm(fx, Timer::Propose(slot), wait);
        }
    }

    /// Tells a member that works on a decided slot what was decided for it and for later slots.
    fn tell(&self, to: NodeId, slot: u64, fx: &mut Fx<Paxos>) {
        let applied = self.sequence.applied();
        if slot <= applied {
            let missed = self.sequence.since(slot.saturating_sub(1)).map(Arc::new);
            send(fx, to, Msg::State { applied, missed });
        } else if let Some(content) = self.sequence.decided(slot) {
            send(fx, to, Msg::Learn { slot, content, again: true });
        }
    }

    /// Whether it is far enough to take part in a slot; where it is not, it asks for what it lacks.
    fn within_reach(&self, from: NodeId, slot: u64, fx: &mut Fx<Paxos>) -> bool {
        let applied = self.sequence.applied();
        let within = slot <= applied + WINDOW;
        if !within {
            send(fx, from, Msg::Missing { applied });
        }
        within
    }

    fn on_state(
        &mut self,
        from: NodeId,
        applied: u64,
        missed: Option<&Missed>,
        fx: &mut Fx<Paxos>,
    ) {
        if let Some(missed) = missed {
            self.sequence.adopt(missed, fx);
        }
        if let Some(recovery) = &mut self.recovery {
            recovery.answers.insert(from);
            recovery.highest = recovery.highest.max(applied);
        }
    }

    /// Asks what was decided while it was away, less and less often.
    fn recover(&mut self, fx: &mut Fx<Paxos>) {
        if let Some(recovery) = &mut self.recovery {
            let wait = self.timing.request_timeout * (1 << recovery.tries.min(4));
            recovery.tries += 1;
            arm(fx, Timer::Recover, wait);
            broadcast(fx, Msg::Missing { applied: self.sequence.applied() });
        }
    }

    /// Executes what can be, answers, and proposes what waits: at the end of each handler.
    fn settle(&mut self, fx: &mut Fx<Paxos>) {
        loop {
            self.sequence.carry_out(fx);
            self.sweep(fx);
            if !self.place(fx) {
                break;
            }
        }
        let applied = self.sequence.applied();
        if applied >= self.written + CHECKPOINT_EVERY {
            self.written = applied;
            let sequence = self.sequence.clone();
            fx.persist(96, |stored: &mut Stored<Durable>| {
                stored.member.acceptors = stored.member.acceptors.split_off(&(applied + 1));
                stored.member.sequence = sequence;
            });
        }
        self.watch(fx);
        // With its own, the answers are a majority's.
        if let Some(recovery) = &self.recovery
            && recovery.answers.len() + 1 >= majority(self.n)
            && applied >= recovery.highest
        {
            self.recovery = None;
            cancel(fx, Timer::Recover);
            fx.out(Outcome::CaughtUp { length: self.sequence.ledger().length });
        }
    }

    /// Ends its work on decided slots, and answers requests that were executed.
    fn sweep(&mut self, fx: &mut Fx<Paxos>) {
        let sequence = &self.sequence;
        self.acceptors.retain(|&slot, _| !sequence.is_decided(slot));
        let wanted = &mut self.wanted;
        self.proposals.retain(|&slot, proposal| {
            if !sequence.is_decided(slot) {
                return true;
            }
            cancel(fx, Timer::Propose(slot));
            if let Some(own) = proposal.own
                && sequence.decided(slot) != Some(proposal.own)
                && let Some(place) = wanted.get_mut(&own)
            {
                *place = 0; // another's was chosen
            }
            false
        });
        wanted.retain(|request, _| {
            let done = sequence.contains(request);
            if done {
                fx.send(request.client, ballot::Msg::Reply { request: *request, view: 0 });
            }
            !done
        });
    }

    /// Proposes waiting requests, each in the first slot without a known proposer, and returns
    /// whether it proposed any.
    fn place(&mut self, fx: &mut Fx<Paxos>) -> bool {
        let room = PROPOSALS.saturating_sub(self.proposals.len());
        let waiting = self.wanted.iter().filter(|&(_, &slot)| slot == 0).map(|(&r, _)| r);
        let waiting: Vec<_> = waiting.take(room).collect();
        let first = self.sequence.applied() + 1;
        for request in &waiting {
            let free =
                |slot: &u64| !self.sequence.is_decided(*slot) && !self.acceptors.contains_key(slot);
            let Some(slot) = (first..first + WINDOW).find(free) else {
                return false;
            };
            self.wanted.insert(*request, slot);
            fx.out(Outcome::Proposed { request: *request });
            self.prepare(slot, Some(*request), 0, fx);
        }
        !waiting.is_empty()
    }

    /// Watches the first undecided slot where it does not propose for it and something depends on
    /// it: a later decision, or a client.
    fn watch(&mut self, fx: &mut Fx<Paxos>) {
        let first = self.sequence.applied() + 1;
        let needed = self.sequence.last_decided() >= first || !self.wanted.is_empty();
        let gap = if needed && !self.proposals.contains_key(&first) { first } else { 0 };
        if std::mem::replace(&mut self.gap, gap) == gap {
            return;
        }
        if gap == 0 {
            cancel(fx, Timer::Gap);
        } else {
            let wait = fx.span_between(self.timing.election_min, self.timing.election_max);
            arm(fx, Timer::Gap, wait);
        }
    }
}

/// Writes an acceptor's side of a slot down, before what depends on it is sent.
fn write(slot: u64, acceptor: Acceptor, fx: &mut Fx<Paxos>) {
    let bytes = 16 + acceptor.accepted.map_or(0, |vote| 8 + content_bytes(&vote.content));
    fx.persist(bytes, |stored: &mut Stored<Durable>| {
        stored.member.acceptors.insert(slot, acceptor);
    });
}
