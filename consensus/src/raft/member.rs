//! A Raft member's state and its dispatch; elections and replication have their own files.

use super::log::{Content, Entry, Log, Snapshot};
use super::membership::{Changing, Config};
use super::message::{Msg, Timer};
use super::{Quorum, Raft, Stored};
use crate::{Executed, Fx, Ledger, Members, NodeId, Outcome, Request, Setup};
use gridtwin_kernel::SimTime;
use std::sync::Arc;

/// A snapshot is taken after this many entries.
const SNAPSHOT_EVERY: u64 = 256;

/// What a member is (figure 4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It follows a leader, or waits for one.
    Follower,
    /// It asks whether it would be elected, without raising the term (PreVote).
    PreCandidate(Members),
    /// It asks to be elected.
    Candidate(Members),
    /// It leads.
    Leader(Leading),
}

/// What only a leader knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leading {
    /// The last index that each member's log is known to match up to.
    pub(super) matched: Vec<u64>,
    /// Members that were sent what they lack, and have not said yet that they have it.
    pub(super) repairing: Members,
    /// Whether entries were sent to all since the last tick of the heartbeat.
    pub(super) busy: bool,
    /// Whether the group has fallen silent.
    pub(super) quiet: bool,
    /// The index of the entry with which the term began.
    pub(super) first: u64,
    /// What it does about membership.
    pub(super) changing: Changing,
}

/// What a member writes down (figure 2, persistent state).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    pub(super) term: u64,
    pub(super) vote: Option<NodeId>,
    pub(super) log: Log,
    pub(super) snapshot: Snapshot,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    pub(super) setup: Setup,
    pub(super) pre_vote: bool,
    pub(super) role: Role,
    pub(super) term: u64,
    pub(super) vote: Option<NodeId>,
    pub(super) log: Log,
    pub(super) snapshot: Snapshot,
    pub(super) commit: u64,
    pub(super) applied: u64,
    pub(super) ledger: Ledger,
    pub(super) executed: Executed,
    /// Who votes by the last configuration in its log, committed or not,
    pub(super) config: Config,
    /// and the index of that.
    pub(super) config_at: u64,
    /// The receivers of a leader's messages: the members, and servers about to be added.
    pub(super) peers: Arc<[NodeId]>,
    pub(super) leader: Option<NodeId>,
    /// When it last heard from its leader.
    pub(super) heard: SimTime,
    /// Whether its leader announced that it becomes quiescent.
    pub(super) quiet: bool,
    /// Whether it came back and does not know yet what the others decided meanwhile.
    pub(super) recovering: bool,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup, pre_vote: bool) -> Self {
        let config = Config::first(setup.members);
        Self {
            id,
            setup: *setup,
            pre_vote,
            role: Role::Follower,
            term: 0,
            vote: None,
            log: Log::default(),
            snapshot: Snapshot::default(),
            commit: 0,
            applied: 0,
            ledger: Ledger::default(),
            executed: Executed::default(),
            config,
            config_at: 0,
            peers: config.members.iter().collect(),
            leader: None,
            heard: SimTime::ZERO,
            quiet: false,
            recovering: false,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<Raft>) {
        (self.term, self.vote) = (durable.term, durable.vote);
        self.log = durable.log.clone();
        self.recovering = durable.term > 0;
        if self.recovering {
            self.restore(durable.snapshot.clone(), fx);
        }
        self.take_config();
        self.heard = fx.now();
        self.await_leader(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Raft>) {
        match msg {
            Msg::Request(request) => self.on_request(from, *request, fx),
            Msg::Append(append) => self.on_append(from, append, fx),
            Msg::Ack { term, success, matched, purpose } => {
                self.on_ack(from, *term, *success, *matched, *purpose, fx);
            }
            Msg::Vote { pre, term, last, last_term } => {
                self.on_vote(from, *pre, *term, (*last_term, *last), fx);
            }
            Msg::VoteReply { pre, term, granted } => {
                self.on_vote_reply(from, *pre, *term, *granted, fx);
            }
            Msg::Install { term, snapshot } => self.on_install(from, *term, snapshot, fx),
            Msg::Reconfigure { number, target } => {
                self.on_reconfigure(from, *number, *target, fx);
            }
            Msg::Reply { .. } | Msg::Redirect { .. } | Msg::Leading { .. } | Msg::Configured(_) => {
            }
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Raft>) {
        match timer {
            Timer::Election => self.on_election_timeout(fx),
            Timer::Heartbeat => self.on_heartbeat(fx),
            Timer::Retry => {}
        }
    }

    fn on_request(&mut self, client: NodeId, request: Request, fx: &mut Fx<Raft>) {
        if !matches!(self.role, Role::Leader(_)) {
            let (leader, term) = (self.leader, self.term);
            fx.send(client, Msg::Redirect { request, leader, term });
            if std::mem::take(&mut self.quiet) {
                self.await_leader(fx); // somebody asks: is the silent leader still there?
            }
            return;
        }
        if self.executed.contains(&request) {
            let term = self.term;
            fx.send(client, Msg::Reply { request, term });
            return;
        }
        let content = Content::Request(request);
        let in_log = self.log.from(self.applied + 1).any(|entry| entry.content == content);
        if !in_log && self.executed.in_window(&request) {
            fx.out(Outcome::Proposed { request });
            self.replicate(content, fx);
        }
    }

    /// Moves to a newer term, as a follower without a leader yet (section 5.1).
    pub(super) fn enter_term(&mut self, term: u64, fx: &mut Fx<Raft>) {
        if term <= self.term {
            return;
        }
        self.term = term;
        self.vote = None;
        fx.persist(10, |stored: &mut Stored| {
            (stored.member.term, stored.member.vote) = (term, None);
        });
        self.step_down(fx);
        self.leader = None;
    }

    pub(super) fn step_down(&mut self, fx: &mut Fx<Raft>) {
        if matches!(self.role, Role::Leader(_)) {
            fx.cancel(Timer::Heartbeat);
            self.await_leader(fx);
        }
        self.role = Role::Follower;
        self.quiet = false;
    }

    /// Waits for the leader's next message, for a newly drawn time (section 5.2), unless it no
    /// longer takes part in elections.
    pub(super) fn await_leader(&self, fx: &mut Fx<Raft>) {
        if self.may_stand() {
            let timing = &self.setup.timing;
            let wait = fx.span_between(timing.election_min, timing.election_max);
            fx.arm(Timer::Election, wait);
        } else {
            fx.cancel(Timer::Election);
        }
    }

    /// Applies what is committed, and answers the clients if it leads.
    pub(super) fn apply(&mut self, fx: &mut Fx<Raft>) {
        while self.applied < self.commit {
            let Some(&Entry { content, .. }) = self.log.get(self.applied + 1) else {
                return;
            };
            self.applied += 1;
            let Content::Request(request) = content else { continue };
            if self.executed.insert(&request) {
                let position = self.ledger.length;
                self.ledger.append(&request);
                fx.out(Outcome::Delivered { position, request });
            }
            if matches!(self.role, Role::Leader(_)) {
                let term = self.term;
                fx.send(request.client, Msg::Reply { request, term });
            }
        }
        if self.applied >= self.snapshot.index + SNAPSHOT_EVERY {
            self.take_snapshot(fx);
        }
    }

    fn take_snapshot(&mut self, fx: &mut Fx<Raft>) {
        self.snapshot = Snapshot {
            index: self.applied,
            term: self.log.term(self.applied).unwrap_or(self.term),
            ledger: self.ledger,
            executed: self.executed.clone(),
            config: self.config_as_of(self.applied),
        };
        self.log.compact(self.applied);
        let snapshot = self.snapshot.clone();
        fx.persist(96, |stored: &mut Stored| {
            stored.member.log.compact(snapshot.index);
            stored.member.snapshot = snapshot;
        });
    }

    /// Takes over the state of a snapshot.
    pub(super) fn restore(&mut self, snapshot: Snapshot, fx: &mut Fx<Raft>) {
        self.commit = self.commit.max(snapshot.index);
        self.applied = snapshot.index;
        self.ledger = snapshot.ledger;
        self.executed = snapshot.executed.clone();
        self.snapshot = snapshot;
        let Ledger { length, digest } = self.ledger;
        fx.out(Outcome::Installed { length, digest });
    }

    /// Whether those of these that vote are enough.
    pub(super) fn enough(&self, which: Quorum, members: Members) -> bool {
        let majority = self.config.members.len() / 2 + 1;
        let needed = self.setup.quorum(which as usize, majority);
        members.and(self.config.members).len() >= needed
    }

    /// Who votes, as far as it knows.
    pub fn voters(&self) -> Members {
        self.config.members
    }

    /// The current term.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// The leader it follows.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// Its log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What it is.
    pub fn role(&self) -> &Role {
        &self.role
    }
}
