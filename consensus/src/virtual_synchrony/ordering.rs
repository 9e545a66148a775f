//! Within a view: the leader orders, the others acknowledge, and what may be delivered is.

use super::history::State;
use super::member::{Leading, Member, Status};
use super::message::{Msg, Timer, Why};
use super::{Mode, Quorum, VirtualSynchrony};
use crate::{Fx, Members, NodeId, Outcome, Request};
use std::collections::VecDeque;
use std::sync::Arc;

impl Member {
    pub(super) fn on_request(
        &mut self,
        client: NodeId,
        request: Request,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        let view = self.view.number;
        let Status::Leader(leading) = &mut self.status else {
            if let Some(leader) = self.leader() {
                fx.send(client, Msg::Leading { view, leader });
            }
            if std::mem::take(&mut self.quiet) {
                self.await_word(fx); // somebody asks: is the silent leader still there?
            }
            return;
        };
        let last = self.history.last();
        if self.history.delivered().contains(&request) {
            // In OrderedSend it may have been delivered before it is stable.
            if self.mode == Mode::Safe || self.committed >= last {
                fx.send(client, Msg::Reply { request, view });
            } else if !leading.unanswered.iter().any(|(_, asked)| *asked == request) {
                leading.unanswered.push_back((last, request));
            }
            return;
        }
        let known = self.history.is_unstable(&request);
        if known || self.recovering || !self.history.delivered().in_window(&request) {
            return;
        }
        self.history.push(request);
        let slot = last + 1;
        leading.received[self.id.index()] = slot;
        leading.unanswered.push_back((slot, request));
        leading.busy = true;
        if std::mem::take(&mut leading.quiet) {
            fx.arm(Timer::Heartbeat, self.setup.timing.heartbeat);
        }
        fx.out(Outcome::Proposed { request });
        self.note_received(request, fx);
        let committed = self.committed;
        fx.multicast(&self.view.members, Msg::Order { view, slot, request, committed });
        self.deliver(fx);
        self.count(slot, fx); // enough where it is alone
    }

    pub(super) fn on_order(
        &mut self,
        from: NodeId,
        slot: u64,
        request: Request,
        committed: u64,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        if !self.hear(from, fx) {
            return;
        }
        let next = self.history.last() + 1;
        let why = if slot == next {
            self.history.push(request);
            self.note_received(request, fx);
            Why::Received
        } else if slot > next {
            Why::Lacks
        } else {
            Why::Alive
        };
        self.on_commit(committed, fx);
        fx.send(from, self.report(why));
    }

    /// Accepts a message from the leader of the view, unless the view is ending.
    fn hear(&mut self, from: NodeId, fx: &mut Fx<VirtualSynchrony>) -> bool {
        if !matches!(self.status, Status::Follower) || self.view.leader() != Some(from) {
            return false;
        }
        (self.quiet, self.asked, self.attempts) = (false, false, 0);
        self.await_word(fx);
        true
    }

    pub(super) fn on_commit(&mut self, committed: u64, fx: &mut Fx<VirtualSynchrony>) {
        if matches!(self.status, Status::Follower) {
            self.committed = self.committed.max(committed);
            self.deliver(fx);
        }
    }

    /// Delivers what may be; a leader answers what is stable.
    pub(super) fn deliver(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        let upto = match self.mode {
            Mode::Ordered => self.history.last(),
            Mode::Safe => self.committed,
        };
        self.history.deliver(upto, fx);
        let (view, committed) = (self.view.number, self.committed);
        if let Status::Leader(leading) = &mut self.status {
            leading.applied[self.id.index()] = Some(self.history.applied());
            let stable = |(slot, _): &mut (u64, Request)| *slot <= committed;
            while let Some((_, request)) = leading.unanswered.pop_front_if(stable) {
                fx.send(request.client, Msg::Reply { request, view });
            }
        }
    }

    pub(super) fn on_report(
        &mut self,
        from: NodeId,
        applied: u64,
        last: u64,
        why: Why,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        let mine = self.history.last();
        let Status::Leader(leading) = &mut self.status else {
            return;
        };
        let at = from.index();
        leading.heard.insert(from);
        leading.received[at] = last.max(leading.received[at]);
        leading.applied[at] = leading.applied[at].max(Some(applied));
        if why == Why::Asks && std::mem::take(&mut leading.quiet) {
            fx.arm(Timer::Heartbeat, self.setup.timing.heartbeat);
        }
        let lacks = last < mine || applied < self.committed;
        let tell = match why {
            Why::Received => false,
            Why::Alive => lacks && !leading.busy,
            Why::Lacks => leading.filled.insert(from),
            Why::Asks => true,
        };
        if tell {
            let (view, committed) = (self.view.number, self.committed);
            let state = Arc::new(self.history.since(applied));
            fx.send(from, Msg::Fill { view, state, committed });
        }
        self.count(last.min(mine), fx);
        self.settle(fx);
    }

    /// Up to `slot` all is stable if enough members have received it.
    fn count(&mut self, slot: u64, fx: &mut Fx<VirtualSynchrony>) {
        let Status::Leader(leading) = &self.status else {
            return;
        };
        if slot <= self.committed {
            return;
        }
        let has = |(_, received): &(u16, &u64)| **received >= slot;
        let members = (0..).zip(&leading.received).filter(has);
        let members: Members = members.map(|(member, _)| NodeId(member)).collect();
        if self.enough(Quorum::Safe, members) {
            self.committed = slot;
            self.deliver(fx);
            if self.mode == Mode::Safe {
                let (view, committed) = (self.view.number, self.committed);
                fx.multicast(&self.view.members, Msg::Commit { view, committed });
            }
        }
    }

    /// A restarted leader knows that its view continues once enough members have answered in it.
    fn settle(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        let Status::Leader(leading) = &self.status else {
            return;
        };
        let mut answered = leading.heard;
        answered.insert(self.id);
        if self.recovering && self.enough(Quorum::Safe, answered) {
            self.caught_up(fx);
        }
    }

    pub(super) fn caught_up(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        if std::mem::take(&mut self.recovering) {
            let length = self.history.delivered().ledger().length;
            fx.out(Outcome::CaughtUp { length });
        }
    }

    pub(super) fn on_fill(
        &mut self,
        from: NodeId,
        state: &State,
        committed: u64,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        if !self.hear(from, fx) {
            return;
        }
        self.adopt(state, fx);
        self.on_commit(committed, fx);
        if self.history.applied() >= committed {
            self.caught_up(fx);
        }
        fx.send(from, self.report(Why::Alive));
    }

    pub(super) fn on_heartbeat(
        &mut self,
        from: NodeId,
        last: u64,
        committed: u64,
        quiet: bool,
        fx: &mut Fx<VirtualSynchrony>,
    ) {
        if !self.hear(from, fx) {
            return;
        }
        self.on_commit(committed, fx);
        if self.history.applied() >= committed {
            self.caught_up(fx);
        }
        if quiet && self.history.applied() == last {
            self.quiet = true;
            fx.cancel(Timer::Word);
        }
        fx.send(from, self.report(Why::Alive));
    }

    /// Begins to give the order.
    pub(super) fn lead(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        let n = usize::from(self.setup.members);
        let mut leading = Leading {
            received: vec![0; n],
            applied: vec![None; n],
            heard: Members::NONE,
            filled: Members::NONE,
            silent: vec![0; n],
            unanswered: VecDeque::new(),
            busy: false,
            quiet: false,
        };
        leading.received[self.id.index()] = self.history.last();
        leading.applied[self.id.index()] = Some(self.history.applied());
        self.status = Status::Leader(leading);
        self.attempts = 0;
        let (view, leader) = (self.view.number, self.id);
        fx.out(Outcome::Elected { view });
        fx.out(Outcome::View { view, leader });
        fx.cancel(Timer::Word);
        if view > 1 {
            for client in fx.clients() {
                fx.send(client, Msg::Leading { view, leader });
            }
        }
        self.beat(fx);
    }

    /// The leader's tick: members not heard from for a follower's longest waiting time are removed
    /// from the view.
    pub(super) fn on_tick(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        let timing = &self.setup.timing;
        let ticks = (timing.election_max.0 / timing.heartbeat.0.max(1)).clamp(2, 100) as u8;
        let Status::Leader(leading) = &mut self.status else {
            return;
        };
        let mut given_up = false;
        for &member in self.view.members.iter().filter(|&&member| member != self.id) {
            let silent = &mut leading.silent[member.index()];
            *silent = if leading.heard.contains(member) { 0 } else { *silent + 1 };
            given_up |= *silent >= ticks;
        }
        (leading.heard, leading.filled) = (Members::NONE, Members::NONE);
        if given_up {
            fx.out(Outcome::Suspected { view: self.view.number + 1 });
            self.coordinate(Vec::new(), fx);
        } else {
            self.beat(fx);
        }
    }

    /// Sends a heartbeat unless orders were sent since the last one, and becomes quiescent when all
    /// members know everything.
    fn beat(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        let (last, committed, view) = (self.history.last(), self.committed, self.view.number);
        let Status::Leader(leading) = &mut self.status else {
            return;
        };
        let busy = std::mem::take(&mut leading.busy);
        let knows = |member: &NodeId| leading.applied[member.index()] == Some(last);
        let all_know = !self.recovering && self.view.members.iter().all(knows);
        leading.quiet = !busy && all_know && self.setup.timing.quiesce;
        let quiet = leading.quiet;
        if !quiet {
            fx.arm(Timer::Heartbeat, self.setup.timing.heartbeat);
        }
        if !busy {
            fx.multicast(&self.view.members, Msg::Heartbeat { view, last, committed, quiet });
        }
    }
}
