//! Multi-Paxos's elections: asking whether one is due, phase 1, and giving way.

use super::MultiPaxos;
use super::member::{
    Campaign, Durable, Leading, Member, Recovery, Role, arm, broadcast, cancel, send,
};
use super::message::{Msg, Timer};
use crate::ballot::{Ballot, Stored, Vote, majority};
use crate::{Fx, Missed, NodeId, Outcome};
use std::sync::Arc;

impl Member {
    pub(super) fn on_election_timeout(&mut self, fx: &mut Fx<MultiPaxos>) {
        if matches!(self.role, Role::Leader(_)) {
            return;
        }
        fx.out(Outcome::Suspected { view: self.next_ballot().0 });
        self.ask(fx);
    }

    /// Asks around whether others have a leader; less and less often.
    pub(super) fn ask(&mut self, fx: &mut Fx<MultiPaxos>) {
        self.leader = None;
        self.quiet = false;
        self.role = Role::Asking([self.id].into_iter().collect());
        broadcast(fx, Msg::Ask { applied: self.sequence.applied() });
        self.await_leader(fx);
        self.tries += 1;
    }

    pub(super) fn on_ask(&mut self, from: NodeId, applied: u64, fx: &mut Fx<MultiPaxos>) {
        if let Role::Leader(leading) = &mut self.role {
            // Some member does not know this leader: it sends a heartbeat, even if quiescent.
            leading.quiet = false;
            self.bring_up(from, applied, fx);
            self.speak(false, fx);
            return;
        }
        let (ballot, willing) = (self.promised, self.leader.is_none());
        send(fx, from, Msg::Answer { ballot, willing });
        if std::mem::take(&mut self.quiet) {
            self.await_leader(fx); // unwilling this time; next time the leader must have spoken
        }
    }

    pub(super) fn on_answer(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        willing: bool,
        fx: &mut Fx<MultiPaxos>,
    ) {
        self.seen = self.seen.max(ballot);
        if let Role::Asking(others) = &mut self.role
            && willing
        {
            others.insert(from);
            if others.len() >= majority(self.n) {
                self.campaign(fx);
            }
        }
    }

    fn next_ballot(&self) -> Ballot {
        self.promised.max(self.seen).next(self.id, self.n)
    }

    /// Phase 1a.
    pub(super) fn campaign(&mut self, fx: &mut Fx<MultiPaxos>) {
        let ballot = self.next_ballot();
        self.promise(ballot, fx);
        let promises = [self.id].into_iter().collect();
        self.role = Role::Candidate(Campaign { promises, votes: self.accepted.clone() });
        broadcast(fx, Msg::Prepare { ballot, applied: self.sequence.applied() });
        self.await_leader(fx);
        self.count_promises(fx);
    }

    /// Promises to ignore all lower ballots; it follows no leader yet.
    fn promise(&mut self, ballot: Ballot, fx: &mut Fx<MultiPaxos>) {
        self.promised = ballot;
        fx.persist(8, |stored: &mut Stored<Durable>| stored.member.promised = ballot);
        self.step_down(fx);
    }

    pub(super) fn step_down(&mut self, fx: &mut Fx<MultiPaxos>) {
        if matches!(self.role, Role::Leader(_)) {
            cancel(fx, Timer::Heartbeat);
        }
        self.role = Role::Follower;
        self.leader = None;
        self.quiet = false;
        self.await_leader(fx);
    }

    /// Phase 1b.
    pub(super) fn on_prepare(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        applied: u64,
        fx: &mut Fx<MultiPaxos>,
    ) {
        if ballot < self.promised {
            send(fx, from, Msg::Refused { ballot: self.promised });
            return;
        }
        if ballot > self.promised {
            self.promise(ballot, fx);
        }
        let missed = self.sequence.since(applied).map(Arc::new);
        let accepted = self.accepted.beyond(applied).collect();
        send(fx, from, Msg::Promise { ballot, missed, accepted });
    }

    pub(super) fn on_promise(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        missed: Option<&Missed>,
        accepted: &[(u64, Vote)],
        fx: &mut Fx<MultiPaxos>,
    ) {
        if !matches!(self.role, Role::Candidate(_)) || ballot != self.promised {
            return;
        }
        if let Some(missed) = missed {
            self.sequence.adopt(missed, fx);
            self.carry_out(fx);
        }
        let reach = self.reach();
        let Role::Candidate(Campaign { promises, votes }) = &mut self.role else {
            return;
        };
        promises.insert(from);
        for &(slot, vote) in accepted.iter().filter(|(slot, _)| reach.contains(slot)) {
            votes.put(slot, votes.get(slot).map_or(vote, |highest| highest.max(vote)));
        }
        self.count_promises(fx);
    }

    /// Leads, if a majority has promised.
    fn count_promises(&mut self, fx: &mut Fx<MultiPaxos>) {
        let Role::Candidate(campaign) = &mut self.role else {
            return;
        };
        if campaign.promises.len() < self.promise_quorum {
            return;
        }
        let votes = std::mem::take(&mut campaign.votes);
        let first = self.sequence.applied() + 1;
        let last = votes.last().max(self.sequence.last_decided());
        self.role = Role::Leader(Leading { last: first - 1, ..Leading::default() });
        self.leader = Some(self.id);
        self.tries = 0;
        let (view, leader) = (self.promised.0, self.id);
        fx.out(Outcome::Elected { view });
        fx.out(Outcome::View { view, leader });
        cancel(fx, Timer::Election);
        arm(fx, Timer::Heartbeat, self.timing.heartbeat);
        for client in fx.clients() {
            send(fx, client, Msg::Leading { ballot: self.promised });
        }
        // Section 3: what may have been chosen is proposed again, and gaps are filled with no-ops.
        for slot in first..=last {
            let voted = || votes.get(slot).and_then(|vote| vote.content);
            let content = self.sequence.decided(slot).unwrap_or_else(voted);
            self.propose(slot, content, true, fx);
        }
        self.learn_of(last, fx);
    }

    /// Gives way to a higher ballot that others have promised.
    pub(super) fn on_refused(&mut self, ballot: Ballot, fx: &mut Fx<MultiPaxos>) {
        self.seen = self.seen.max(ballot);
        if ballot > self.promised && !matches!(self.role, Role::Follower) {
            self.step_down(fx);
        }
    }

    /// Whether to accept messages from the leader of a ballot; if so, follows it.
    pub(super) fn hear(&mut self, from: NodeId, ballot: Ballot, fx: &mut Fx<MultiPaxos>) -> bool {
        if ballot.owner(self.n) != from {
            return false;
        }
        if ballot < self.promised {
            send(fx, from, Msg::Refused { ballot: self.promised });
            return false;
        }
        if ballot > self.promised {
            self.promise(ballot, fx);
        }
        (self.role, self.quiet, self.tries) = (Role::Follower, false, 0);
        if self.leader != Some(from) {
            self.leader = Some(from);
            fx.out(Outcome::View { view: ballot.0, leader: from });
        }
        self.await_leader(fx);
        true
    }

    /// Waits for the leader's next message, for a newly drawn time.
    pub(super) fn await_leader(&self, fx: &mut Fx<MultiPaxos>) {
        let wait = fx.span_between(self.timing.election_min, self.timing.election_max);
        arm(fx, Timer::Election, wait * (1 << self.tries.min(4)));
    }

    /// Learns, after an absence, up to where it must catch up.
    pub(super) fn learn_of(&mut self, slot: u64, fx: &mut Fx<MultiPaxos>) {
        if self.recovery == Recovery::Unknown {
            self.recovery = Recovery::Until(slot);
        }
        if let Recovery::Until(slot) = self.recovery
            && self.sequence.applied() >= slot
        {
            self.recovery = Recovery::Done;
            fx.out(Outcome::CaughtUp { length: self.sequence.ledger().length });
        }
    }
}
