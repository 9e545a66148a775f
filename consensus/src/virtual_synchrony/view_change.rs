//! From one view to the next: the flush, the vote on the next view, and how it begins. A view is
//! agreed on as in Paxos, by the members of the one before, with what was received in that as part
//! of the value.

use super::history::{History, State};
use super::member::{Member, NEVER, Status};
use super::message::{Ballot, Msg, Proposal, Timer, View, Why};
use super::{Mode, Quorum, Stored, VirtualSynchrony};
use crate::{Fx, Members, NodeId, Outcome};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a member answers to a flush: what it has beyond the coordinator, and what it has accepted.
type Answer = (Arc<State>, Option<(Ballot, Arc<Proposal>)>);

/// What a coordinator has collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Gathering {
    answers: BTreeMap<NodeId, Answer>,
    /// The members that want to join the next view, and how much each has delivered.
    joining: Vec<(NodeId, u64)>,
    /// Whether the waiting time is over.
    late: bool,
}

impl Member {
    /// Waits for a message from the leader or the coordinator, longer after each unsuccessful
    /// attempt.
    pub(super) fn await_word(&self, fx: &mut Fx<VirtualSynchrony>) {
        let timing = &self.setup.timing;
        let wait = fx.span_between(timing.election_min, timing.election_max);
        fx.arm(Timer::Word, wait * (1 << self.attempts.min(4)));
    }

    /// Asks all members for the leader, or a later view.
    pub(super) fn ask(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        (self.asked, self.quiet) = (true, false);
        fx.broadcast(self.report(Why::Asks));
    }

    pub(super) fn on_silence(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        match &mut self.status {
            Status::Leader(_) => {}
            Status::Follower if !self.asked => {
                self.ask(fx);
                fx.arm(Timer::Word, self.setup.timing.heartbeat);
            }
            Status::Follower | Status::Flushed | Status::Proposing(..) => {
                fx.out(Outcome::Suspected { view: self.view.number + 1 });
                self.coordinate(Vec::new(), fx);
            }
            Status::Gathering(gathering) => {
                let joining = std::mem::take(&mut gathering.joining);
                self.coordinate(joining, fx);
            }
            Status::Out => {
                self.attempts += 1;
                self.join(fx);
            }
        }
    }

    /// Ends the view: asks its members to stop, and to report what they received in it.
    pub(super) fn coordinate(
        &mut self,
        joining: Vec<(NodeId, u64)>,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        self.promise((self.promised.0 + 1, self.id), fx);
        self.attempts += 1;
        self.status = Status::Gathering(Gathering { joining, ..Gathering::default() });
        let (view, applied, ballot) = (self.view.number, self.history.applied(), self.promised);
        fx.multicast(&self.view.members, Msg::Flush { view, ballot, applied });
        fx.arm(Timer::Gather, self.setup.timing.heartbeat);
        self.await_word(fx);
    }

    /// Takes part in an attempt, and in no lower one from then on.
    fn promise(&mut self, ballot: Ballot, fx: &mut Fx<VirtualSynchrony>) {
        self.promised = ballot;
        fx.persist(10, |stored: &mut Stored| stored.member.promised = ballot);
        self.status = Status::Flushed;
        self.quiet = false;
        fx.cancel(Timer::Heartbeat);
        fx.cancel(Timer::Gather);
    }

    pub(super) fn on_flush(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        applied: u64,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        if ballot < self.promised || !self.view.contains(from) {
            return;
        }
        if ballot > self.promised {
            self.promise(ballot, fx);
            self.await_word(fx);
        }
        let (view, state) = (self.view.number, Arc::new(self.history.since(applied)));
        let accepted = self.accepted.clone();
        fx.send(from, Msg::Flushed { view, ballot, state, accepted });
    }

    pub(super) fn on_flushed(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        state: &Arc<State>,
        accepted: Option<&(Ballot, Arc<Proposal>)>,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        if let Status::Gathering(gathering) = &mut self.status
            && ballot == self.promised
            && self.view.contains(from)
        {
            gathering.answers.insert(from, (state.clone(), accepted.cloned()));
            self.propose(fx);
        }
    }

    /// Whoever has not answered by now is left out, if the others are enough.
    pub(super) fn on_gathered(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        if let Status::Gathering(gathering) = &mut self.status {
            gathering.late = true;
            self.propose(fx);
        }
    }

    /// Puts the next view to the vote, once enough have answered and all have, or are late.
    fn propose(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        let Status::Gathering(gathering) = &self.status else {
            return;
        };
        let mut answered: Members = gathering.answers.keys().copied().collect();
        answered.insert(self.id);
        let all = answered.len() == self.view.members.len();
        if !self.enough(Quorum::View, answered) || !(all || gathering.late) {
            return;
        }
        let Gathering { answers, joining, .. } = gathering.clone();
        // What may have been installed already must be what is installed: the latest accepted.
        let accepted = answers.values().filter_map(|(_, accepted)| accepted.as_ref());
        let latest = accepted.chain(&self.accepted).max_by_key(|(ballot, _)| *ballot);
        let proposal = match latest {
            Some((_, proposal)) => proposal.clone(),
            None => Arc::new(self.next_view(answered, &answers, &joining, fx)),
        };
        self.accept(self.promised, &proposal, fx);
        let (view, ballot) = (self.view.number, self.promised);
        let alone = [self.id].into_iter().collect();
        self.status = Status::Proposing(proposal.clone(), alone);
        fx.multicast(&self.view.members, Msg::Propose { view, ballot, proposal });
        self.await_word(fx);
        self.on_accepted(self.id, ballot, fx);
    }

    /// The flush: the longest of all reported sequences is what was received in the view, since
    /// every member has received a prefix of its leader's order. The members that answered form the
    /// next view, oldest first, followed by the joining ones.
    fn next_view(
        &mut self,
        answered: Members,
        answers: &BTreeMap<NodeId, Answer>,
        joining: &[(NodeId, u64)],
        fx: &mut Fx<VirtualSynchrony>,
    ) -> Proposal {
        for (state, _) in answers.values() {
            self.adopt(state, fx);
        }
        let stay = self.view.members.iter().filter(|&&member| answered.contains(member));
        let join = joining.iter().map(|(member, _)| member);
        let join = join.filter(|&&member| !self.view.contains(member));
        let next =
            View { number: self.view.number + 1, members: stay.chain(join).copied().collect() };
        let of_answers = answers.values().map(|(state, _)| state.applied);
        let least = of_answers.chain(joining.iter().map(|&(_, applied)| applied)).min();
        let state = self.history.since(least.unwrap_or(u64::MAX));
        Proposal { next, began: self.history.last(), state }
    }

    /// Receives what others have, and delivers what they have delivered.
    pub(super) fn adopt(&mut self, state: &State, fx: &mut Fx<VirtualSynchrony>) {
        self.history.adopt(state, fx);
        fx.persist(state.bytes(), |stored: &mut Stored| {
            stored.member.history.adopt_silently(state);
        });
        if state.missed.is_some() && self.mode == Mode::Safe {
            self.committed = self.committed.max(state.applied);
        }
        self.deliver(fx);
    }

    fn accept(&mut self, ballot: Ballot, proposal: &Arc<Proposal>, fx: &mut Fx<VirtualSynchrony>) {
        let accepted = Some((ballot, proposal.clone()));
        self.accepted = accepted.clone();
        fx.persist(10 + proposal.state.bytes(), |stored: &mut Stored| {
            stored.member.accepted = accepted;
        });
    }

    pub(super) fn on_propose(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        proposal: &Arc<Proposal>,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        let next = &proposal.next;
        let real = |member: &NodeId| member.0 < self.setup.members;
        let sound = next.number == self.view.number + 1 && next.members.iter().all(real);
        if ballot < self.promised || !self.view.contains(from) || !sound || from == self.id {
            return;
        }
        if ballot > self.promised {
            self.promise(ballot, fx);
        }
        self.accept(ballot, proposal, fx);
        self.await_word(fx);
        fx.send(from, Msg::Accepted { view: self.view.number, ballot });
    }

    pub(super) fn on_accepted(
        &mut self,
        from: NodeId,
        ballot: Ballot,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        let Status::Proposing(_, members) = &mut self.status else {
            return;
        };
        if ballot != self.promised {
            return;
        }
        members.insert(from);
        let Status::Proposing(proposal, members) = &self.status else {
            return;
        };
        if self.enough(Quorum::View, *members) {
            let proposal = proposal.clone();
            fx.multicast(&proposal.next.members, Msg::Install(proposal.clone()));
            for &left_out in self.view.members.iter().filter(|&&m| !proposal.next.contains(m)) {
                if left_out != self.id {
                    fx.send(left_out, Msg::Over { view: proposal.next.clone() });
                }
            }
            self.on_install(&proposal, fx);
        }
    }

    /// The next view begins, or a later one that it has been let into.
    pub(super) fn on_install(&mut self, proposal: &Proposal, fx: &mut Fx<VirtualSynchrony>) {
        let Proposal { next, began, state } = proposal;
        if next.number <= self.view.number {
            return;
        }
        if !next.contains(self.id) {
            self.leave(fx);
            return;
        }
        if matches!(self.status, Status::Out) {
            // What it received last is void, and in OrderedSend even what it delivered.
            match self.mode {
                Mode::Ordered => self.history = History::default(),
                Mode::Safe => self.history.truncate(self.history.applied()),
            }
        }
        // First all that belongs to the view before, then the view, then what came in it so far.
        self.history.truncate(*began);
        self.history.adopt(state, fx);
        self.history.deliver(*began, fx);
        (self.view, self.began) = (next.clone(), *began);
        (self.promised, self.accepted) = (NEVER, None);
        (self.quiet, self.asked, self.attempts) = (false, false, 0);
        self.committed = match self.mode {
            Mode::Ordered => *began,
            Mode::Safe => state.applied.max(*began),
        };
        fx.cancel(Timer::Gather);
        fx.cancel(Timer::Heartbeat);
        self.caught_up(fx);
        if next.leader() == Some(self.id) {
            self.lead(fx);
        } else {
            self.status = Status::Follower;
            if let Some(leader) = next.leader() {
                fx.out(Outcome::View { view: next.number, leader });
            }
            self.await_word(fx);
        }
        self.deliver(fx);
        self.note_all(fx);
    }

    /// Sends a member of the view that does not know it yet what it needs to begin.
    pub(super) fn let_in(&self, member: NodeId, applied: u64, fx: &mut Fx<VirtualSynchrony>) {
        let (next, began, state) = (self.view.clone(), self.began, self.history.since(applied));
        fx.send(member, Msg::Install(Arc::new(Proposal { next, began, state })));
    }

    /// Its view is over.
    pub(super) fn on_over(&mut self, from: NodeId, view: &View, fx: &mut Fx<VirtualSynchrony>) {
        if view.number <= self.view.number || matches!(self.status, Status::Out) {
            return;
        }
        if view.contains(self.id) {
            fx.send(from, self.report(Why::Asks));
        } else {
            self.leave(fx);
        }
    }

    /// It is out of the group, and asks to be let in again.
    pub(super) fn leave(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        self.status = Status::Out;
        (self.quiet, self.attempts) = (false, 0);
        fx.persist(1, |stored: &mut Stored| stored.member.out = true);
        fx.cancel(Timer::Heartbeat);
        fx.cancel(Timer::Gather);
        self.join(fx);
    }

    fn join(&self, fx: &mut Fx<VirtualSynchrony>) {
        let applied = match self.mode {
            Mode::Ordered => 0,
            Mode::Safe => self.history.applied(),
        };
        fx.broadcast(Msg::Join { applied });
        self.await_word(fx);
    }

    pub(super) fn on_join(&mut self, from: NodeId, applied: u64, fx: &mut Fx<VirtualSynchrony>) {
        if matches!(self.status, Status::Out) {
            return;
        }
        if self.view.contains(from) {
            self.let_in(from, applied, fx);
            return;
        }
        match &mut self.status {
            Status::Leader(_) => self.coordinate(vec![(from, applied)], fx),
            Status::Gathering(gathering) => {
                gathering.joining.retain(|&(member, _)| member != from);
                gathering.joining.push((from, applied));
            }
            _ => {}
        }
    }
}
