//! A Multi-Paxos member's state and its dispatch; elections and replication have their own files.

use super::MultiPaxos;
use super::message::{self, Msg, Timer};
use crate::ballot::{self, Ballot, Vote, Voter, Votes, Word, majority};
use crate::{
    Facts, FaultModel, Fx, Kind, Members, NodeId, Request, Sequence, Setup, TimeModel, Timing,
};
use gridtwin_kernel::Span;
use std::collections::BTreeMap;

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It follows a leader, or waits for one.
    Follower,
    /// It asks whether others have lost their leader, too: these have.
    Asking(Members),
    /// A candidate: phase 1.
    Candidate(Campaign),
    /// It leads: phase 2.
    Leader(Leading),
}

/// What a candidate has received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Campaign {
    /// The members that have promised.
    pub(super) promises: Members,
    /// For each slot with an accepted value, the vote in the highest ballot.
    pub(super) votes: Votes,
}

/// A slot that the leader proposes for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    pub(super) content: Option<Request>,
    pub(super) votes: Members,
    /// Whether the clock has ticked since.
    pub(super) stale: bool,
}

/// What only a leader knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Leading {
    /// The last slot that it has proposed for.
    pub(super) last: u64,
    /// The slots in progress.
    pub(super) flights: BTreeMap<u64, Flight>,
    /// Whether something new was sent to all since the last tick of the clock.
    pub(super) busy: bool,
    /// Whether the group has fallen silent.
    pub(super) quiet: bool,
    /// Consecutive ticks in which the oldest slot in progress was not decided.
    pub(super) stuck: u32,
}

/// What a recovering member knows of what it missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Recovery {
    /// Nothing is missed.
    Done,
    /// No leader has been heard from yet.
    Unknown,
    /// Everything up to this slot was decided when the leader was heard from.
    Until(u64),
}

/// What a member writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    pub(super) promised: Ballot,
    /// Votes in slots beyond `sequence`.
    pub(super) accepted: Votes,
    pub(super) sequence: Sequence,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    pub(super) n: u16,
    pub(super) timing: Timing,
    pub(super) promise_quorum: usize,
    pub(super) accept_quorum: usize,
    pub(super) role: Role,
    /// It takes part in nothing below this; its own ballot, if it stands or leads.
    pub(super) promised: Ballot,
    /// The highest ballot seen.
    pub(super) seen: Ballot,
    /// Votes in slots beyond the last one executed.
    pub(super) accepted: Votes,
    pub(super) sequence: Sequence,
    /// The last slot in what it has written down.
    pub(super) written: u64,
    /// The last slot that a leader called decided.
    pub(super) commit: u64,
    pub(super) leader: Option<NodeId>,
    /// Whether its leader announced that it becomes quiescent.
    pub(super) quiet: bool,
    /// Whether it waits for slots that are decided, and has armed the timer for that.
    pub(super) lagging: bool,
    /// How often in a row it has asked for a leader.
    pub(super) tries: u32,
    pub(super) recovery: Recovery,
}

impl Voter for Member {
    type Msg = Msg;
    type Timer = Timer;
    type Durable = Durable;

    const NAME: &'static str = "multi-paxos";
    const KINDS: &'static [Kind] = message::KINDS;
    const FIRST_VIEW: u64 = 1;
    const FACTS: Facts = Facts {
        family: "paxos",
        faults: FaultModel::Crash,
        time: TimeModel::PartiallySynchronous,
        members: "2f + 1",
        messages: "2(n - 1)",
        delays: "2 at the leader, 4 at the client",
        paper: "Lamport, Paxos Made Simple, 2001; Chandra and others, PODC 2007",
        reconstructed: "",
        weakness: "fails with one Byzantine member; stops while a majority is down; slow with a \
                   distant leader",
    };
    const QUORUMS: &'static [&'static str] = &["promise", "accept"];
    /// Request, 2a, 2b, answer.
    const DELAYS: u32 = 4;

    fn new(id: NodeId, setup: &Setup) -> Self {
        let n = setup.members;
        Self {
            id,
            n,
            timing: setup.timing,
            promise_quorum: setup.quorum(0, majority(n)),
            accept_quorum: setup.quorum(1, majority(n)),
            role: Role::Follower,
            promised: Ballot::default(),
            seen: Ballot::default(),
            accepted: Votes::default(),
            sequence: Sequence::default(),
            written: 0,
            commit: 0,
            leader: None,
            quiet: false,
            lagging: false,
            tries: 0,
            recovery: Recovery::Done,
        }
    }

    /// A client waits for a leader to make itself known.
    fn home(_client: u16, _members: u16) -> Option<NodeId> {
        None
    }

    fn on_start(&mut self, durable: &Durable, fx: &mut Fx<MultiPaxos>) {
        self.promised = durable.promised;
        self.accepted = durable.accepted.clone();
        self.sequence = durable.sequence.clone();
        self.written = self.sequence.applied();
        self.sequence.tell(fx); // it may have learnt what it has not written down
        if *durable != Durable::default() {
            self.recovery = Recovery::Unknown;
            self.ask(fx);
        } else if self.id == NodeId(0) {
            self.campaign(fx);
        } else {
            self.await_leader(fx);
        }
    }

    fn on_request(&mut self, client: NodeId, request: Request, fx: &mut Fx<MultiPaxos>) {
        let Role::Leader(leading) = &self.role else {
            let (leader, ballot) = (self.leader, self.promised);
            send(fx, client, Msg::Redirect { request, leader, ballot });
            if std::mem::take(&mut self.quiet) {
                self.await_leader(fx); // somebody asks: is the silent leader still there?
            }
            return;
        };
        if self.sequence.contains(&request) {
            let view = self.promised.0;
            fx.send(client, ballot::Msg::Reply { request, view });
            return;
        }
        let slot = leading.last + 1;
        let known = leading.flights.values().any(|flight| flight.content == Some(request));
        if !known && self.sequence.in_window(&request) && self.in_reach(slot) {
            fx.out(crate::Outcome::Proposed { request });
            self.propose(slot, Some(request), false, fx);
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<MultiPaxos>) {
        match *msg {
            Msg::Prepare { ballot, applied } => self.on_prepare(from, ballot, applied, fx),
            Msg::Promise { ballot, ref missed, ref accepted } => {
                self.on_promise(from, ballot, missed.as_deref(), accepted, fx);
            }
            Msg::Accept { ballot, slot, content, commit, again } => {
                let vote = Vote { ballot, content };
                self.on_accept(from, slot, vote, commit, again, fx);
            }
            Msg::Accepted { ballot, slot, .. } => self.on_accepted(from, ballot, slot, fx),
            Msg::Refused { ballot } => self.on_refused(ballot, fx),
            Msg::Heartbeat { ballot, commit, quiet } => {
                self.on_heartbeat(from, ballot, commit, quiet, fx);
            }
            Msg::Ask { applied } => self.on_ask(from, applied, fx),
            Msg::Answer { ballot, willing } => self.on_answer(from, ballot, willing, fx),
            Msg::Lack { applied } => self.bring_up(from, applied, fx),
            Msg::State(ref missed) => {
                self.sequence.adopt(missed, fx);
                self.carry_out(fx);
            }
            Msg::Redirect { .. } | Msg::Leading { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<MultiPaxos>) {
        match timer {
            Timer::Election => self.on_election_timeout(fx),
            Timer::Heartbeat => self.on_tick(fx),
            Timer::CatchUp => self.on_lag(fx),
        }
    }

    fn word(from: NodeId, msg: &Msg) -> Option<Word> {
        match *msg {
            Msg::Leading { ballot } => {
                Some(Word { leader: Some(from), view: ballot.0, refused: None })
            }
            Msg::Redirect { request, leader, ballot } => {
                Some(Word { leader, view: ballot.0, refused: Some(request) })
            }
            _ => None,
        }
    }

    fn wire(msg: &Msg) -> (u8, u32) {
        message::wire(msg)
    }

    fn variants(msg: &Msg) -> Vec<Msg> {
        message::variants(msg)
    }

    fn messages(n: u64) -> u64 {
        2 * (n - 1)
    }

    fn view(&self) -> u64 {
        self.promised.0
    }

    fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    fn held(&self) -> usize {
        let flights = match &self.role {
            Role::Leader(leading) => leading.flights.len(),
            Role::Candidate(campaign) => campaign.votes.len(),
            Role::Follower | Role::Asking(_) => 0,
        };
        flights + self.accepted.len() + self.sequence.held()
    }
}

impl Member {
    /// What it is.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// The decided sequence, as far as it knows.
    pub fn sequence(&self) -> &Sequence {
        &self.sequence
    }
}

pub(super) fn send(fx: &mut Fx<MultiPaxos>, to: NodeId, msg: Msg) {
    fx.send(to, ballot::Msg::Member(msg));
}

pub(super) fn broadcast(fx: &mut Fx<MultiPaxos>, msg: Msg) {
    fx.broadcast(ballot::Msg::Member(msg));
}

pub(super) fn arm(fx: &mut Fx<MultiPaxos>, timer: Timer, span: Span) {
    fx.arm(ballot::Timer::Member(timer), span);
}

pub(super) fn cancel(fx: &mut Fx<MultiPaxos>, timer: Timer) {
    fx.cancel(ballot::Timer::Member(timer));
}
