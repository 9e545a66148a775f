//! Multi-Paxos's phase 2, what followers learn from it, and what those that lag get.

use super::MultiPaxos;
use super::member::{Durable, Flight, Member, Recovery, Role, arm, broadcast, cancel, send};
use super::message::{Msg, Timer};
use crate::ballot::{self, Ballot, CHECKPOINT_EVERY, Stored, Vote, WINDOW, content_bytes};
use crate::{Fx, NodeId, Request};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A leader whose oldest proposal is undecided for this many heartbeats has lost its majority.
const PATIENCE: u32 = 20;

impl Member {
    /// The slots that it takes part in.
    pub(super) fn reach(&self) -> RangeInclusive<u64> {
        let applied = self.sequence.applied();
        applied + 1..=applied + WINDOW
    }

    /// Whether a leader may propose for a slot: followers may be half the window behind.
    pub(super) fn in_reach(&self, slot: u64) -> bool {
        slot <= self.sequence.applied() + WINDOW / 2
    }

    /// Phase 2a.
    pub(super) fn propose(
        &mut self,
        slot: u64,
        content: Option<Request>,
        again: bool,
        fx: &mut Fx<MultiPaxos>,
    ) {
        let (ballot, commit) = (self.promised, self.sequence.applied());
        self.vote(slot, Vote { ballot, content }, fx);
        let Role::Leader(leading) = &mut self.role else {
            return;
        };
        let votes = [self.id].into_iter().collect();
        leading.flights.insert(slot, Flight { content, votes, stale: false });
        leading.last = leading.last.max(slot);
        leading.busy = true;
        if std::mem::take(&mut leading.quiet) {
            arm(fx, Timer::Heartbeat, self.timing.heartbeat);
        }
        broadcast(fx, Msg::Accept { ballot, slot, content, commit, again });
        self.count_votes(slot, fx);
    }

    /// Accepts; the vote is durable before it is sent.
    fn vote(&mut self, slot: u64, vote: Vote, fx: &mut Fx<MultiPaxos>) {
        if self.accepted.put(slot, vote) {
            fx.persist(16 + content_bytes(&vote.content), |stored: &mut Stored<Durable>| {
                stored.member.accepted.put(slot, vote);
            });
        }
    }

    /// Phase 2b.
    pub(super) fn on_accept(
        &mut self,
        from: NodeId,
        slot: u64,
        vote: Vote,
        commit: u64,
        again: bool,
        fx: &mut Fx<MultiPaxos>,
    ) {
        let ballot = vote.ballot;
        if !self.hear(from, ballot, fx) {
            return;
        }
        // What it has executed already is chosen: a vote for it changes nothing.
        if slot > self.sequence.applied() {
            if !self.reach().contains(&slot) {
                self.learn(commit, fx);
                return;
            }
            self.vote(slot, vote, fx);
        }
        send(fx, from, Msg::Accepted { ballot, slot, again });
        self.learn(commit, fx);
    }

    pub(super) fn on_accepted(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        slot: u64,
        fx: &mut Fx<MultiPaxos>,
    ) {
        if let Role::Leader(leading) = &mut self.role
            && ballot == self.promised
            && let Some(flight) = leading.flights.get_mut(&slot)
        {
            flight.votes.insert(from);
            self.count_votes(slot, fx);
        }
    }

    /// Learns what a majority has accepted.
    fn count_votes(&mut self, slot: u64, fx: &mut Fx<MultiPaxos>) {
        let quorum = self.accept_quorum;
        if let Role::Leader(leading) = &mut self.role
            && leading.flights.get(&slot).is_some_and(|flight| flight.votes.len() >= quorum)
            && let Some(Flight { content, .. }) = leading.flights.remove(&slot)
        {
            leading.stuck = 0;
            self.sequence.decide(slot, content);
            self.carry_out(fx);
        }
    }

    /// Executes decided slots up to the first gap; a leader answers.
    pub(super) fn carry_out(&mut self, fx: &mut Fx<MultiPaxos>) {
        let done = self.sequence.carry_out(fx);
        if matches!(self.role, Role::Leader(_)) {
            let view = self.promised.0;
            for request in done {
                fx.send(request.client, ballot::Msg::Reply { request, view });
            }
        }
        let applied = self.sequence.applied();
        self.accepted.forget(applied);
        if applied >= self.written + CHECKPOINT_EVERY {
            self.written = applied;
            let sequence = self.sequence.clone();
            fx.persist(96, |stored: &mut Stored<Durable>| {
                stored.member.accepted.forget(applied);
                stored.member.sequence = sequence;
            });
        }
        if let Recovery::Until(slot) = self.recovery {
            self.learn_of(slot, fx);
        }
    }

    /// Learns from the leader of the promised ballot that all up to `commit` is decided.
    fn learn(&mut self, commit: u64, fx: &mut Fx<MultiPaxos>) {
        self.commit = self.commit.max(commit);
        let first = self.sequence.applied() + 1;
        // What this leader has proposed and calls decided was chosen as proposed; what was accepted
        // in an older ballot may not have been.
        for slot in first..=commit.min(first + WINDOW) {
            match self.accepted.get(slot).filter(|vote| vote.ballot == self.promised) {
                Some(vote) => self.sequence.decide(slot, vote.content),
                None if self.sequence.is_decided(slot) => {}
                None => break,
            }
        }
        if first <= commit {
            self.carry_out(fx);
        }
        if self.sequence.applied() < commit && !std::mem::replace(&mut self.lagging, true) {
            arm(fx, Timer::CatchUp, self.timing.heartbeat);
        }
        self.learn_of(commit, fx);
    }

    /// What is decided has not reached it for a while: asks for it.
    pub(super) fn on_lag(&mut self, fx: &mut Fx<MultiPaxos>) {
        let applied = self.sequence.applied();
        self.lagging = applied < self.commit && self.leader.is_some();
        if let Some(leader) = self.leader.filter(|_| self.lagging) {
            send(fx, leader, Msg::Lack { applied });
            arm(fx, Timer::CatchUp, self.timing.heartbeat);
        }
    }

    /// Sends a member what it lacks of what is decided.
    pub(super) fn bring_up(&self, to: NodeId, applied: u64, fx: &mut Fx<MultiPaxos>) {
        if let Some(missed) = self.sequence.since(applied) {
            send(fx, to, Msg::State(Arc::new(missed)));
        }
    }

    /// The leader's clock: says that it is there if it has said nothing else, and proposes again
    /// what was not answered.
    pub(super) fn on_tick(&mut self, fx: &mut Fx<MultiPaxos>) {
        let (ballot, commit) = (self.promised, self.sequence.applied());
        let Role::Leader(leading) = &mut self.role else {
            return;
        };
        let busy = std::mem::take(&mut leading.busy);
        leading.quiet = !busy && leading.flights.is_empty() && self.timing.quiesce;
        let oldest = leading.flights.first_key_value();
        leading.stuck = if oldest.is_some_and(|(_, f)| f.stale) { leading.stuck + 1 } else { 0 };
        for (&slot, flight) in &mut leading.flights {
            if std::mem::replace(&mut flight.stale, true) {
                let content = flight.content;
                let silent = (0..self.n).map(NodeId).filter(|&m| !flight.votes.contains(m));
                for to in silent {
                    send(fx, to, Msg::Accept { ballot, slot, content, commit, again: true });
                }
            }
        }
        let (quiet, stuck) = (leading.quiet, leading.stuck);
        if stuck >= PATIENCE {
            self.step_down(fx);
            return;
        }
        if busy {
            arm(fx, Timer::Heartbeat, self.timing.heartbeat);
        } else {
            self.speak(quiet, fx);
        }
    }

    /// Sends a heartbeat with the commit index to all members.
    pub(super) fn speak(&self, quiet: bool, fx: &mut Fx<MultiPaxos>) {
        let (ballot, commit) = (self.promised, self.sequence.applied());
        broadcast(fx, Msg::Heartbeat { ballot, commit, quiet });
        if !quiet {
            arm(fx, Timer::Heartbeat, self.timing.heartbeat);
        }
    }

    pub(super) fn on_heartbeat(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        commit: u64,
        quiet: bool,
        fx: &mut Fx<MultiPaxos>,
    ) {
        if !self.hear(from, ballot, fx) {
            return;
        }
        self.learn(commit, fx);
        if quiet && self.sequence.applied() >= commit {
            self.quiet = true;
            cancel(fx, Timer::Election);
        }
    }
}
