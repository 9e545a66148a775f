//! A member of a process group: its state, its start, and which handler takes what. Ordering and
//! the change of views have their own files.

use super::history::History;
use super::message::{Ballot, Msg, Proposal, Timer, View, Why};
use super::view_change::Gathering;
use super::{Mode, Quorum, Stored, VirtualSynchrony};
use crate::{Fx, Members, NodeId, Outcome, Request, Setup};
use std::collections::VecDeque;
use std::sync::Arc;

/// No attempt has been made to end the view.
pub(super) const NEVER: Ballot = (0, NodeId(0));

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It delivers what its leader orders.
    Follower,
    /// It gives the order.
    Leader(Leading),
    /// Its view ends: it waits for a coordinator.
    Flushed,
    /// It is the coordinator, and collects.
    Gathering(Gathering),
    /// It is the coordinator, and has put the next view to the vote.
    Proposing(Arc<Proposal>, Members),
    /// There is a later view, without it.
    Out,
}

/// What only a leader knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leading {
    /// How far each member has received,
    pub(super) received: Vec<u64>,
    /// and delivered, as far as it has said so in this view.
    pub(super) applied: Vec<Option<u64>>,
    /// The members heard from since the last tick,
    pub(super) heard: Members,
    /// and those that were sent missing slots.
    pub(super) filled: Members,
    /// The number of ticks since each member was last heard from.
    pub(super) silent: Vec<u8>,
    /// Requests whose clients are to be answered once a slot is stable.
    pub(super) unanswered: VecDeque<(u64, Request)>,
    /// Whether something was ordered since the last tick.
    pub(super) busy: bool,
    /// Whether the group has fallen silent.
    pub(super) quiet: bool,
}

/// What a member writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    /// Its view, unless that is still the first; and whether it is out of the group since.
    pub(super) view: Option<View>,
    pub(super) out: bool,
    /// The last slot of the view before.
    pub(super) began: u64,
    pub(super) history: History,
    pub(super) promised: Ballot,
    pub(super) accepted: Option<(Ballot, Arc<Proposal>)>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    pub(super) setup: Setup,
    pub(super) mode: Mode,
    pub(super) view: View,
    pub(super) status: Status,
    pub(super) began: u64,
    pub(super) history: History,
    /// Slots up to here are stable: as a leader by its own count.
    pub(super) committed: u64,
    /// The highest attempt to end the view that it takes part in; it orders and acknowledges
    /// nothing in the view from then on.
    pub(super) promised: Ballot,
    pub(super) accepted: Option<(Ballot, Arc<Proposal>)>,
    /// Whether its leader announced that it becomes quiescent.
    pub(super) quiet: bool,
    /// Whether it has asked the others since it last heard from its leader.
    pub(super) asked: bool,
    /// Whether it came back and does not know yet what the others decided meanwhile.
    pub(super) recovering: bool,
    /// Attempts in a row that came to nothing.
    pub(super) attempts: u32,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup, mode: Mode) -> Self {
        let members = (0..setup.members).map(NodeId).collect();
        Self {
            id,
            setup: *setup,
            mode,
            view: View { number: 1, members },
            status: Status::Follower,
            began: 0,
            history: History::default(),
            committed: 0,
            promised: NEVER,
            accepted: None,
            quiet: false,
            asked: false,
            recovering: false,
            attempts: 0,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<VirtualSynchrony>) {
        self.recovering = *durable != Durable::default();
        if self.recovering {
            if let Some(view) = &durable.view {
                self.view = view.clone();
            }
            self.history = durable.history.clone();
            (self.began, self.promised) = (durable.began, durable.promised);
            self.accepted = durable.accepted.clone();
            self.history.delivered().tell(fx);
            self.committed = match self.mode {
                Mode::Ordered => self.began,
                Mode::Safe => self.history.applied(),
            };
            self.deliver(fx);
        }
        if durable.out {
            self.leave(fx);
        } else if self.promised > NEVER {
            self.status = Status::Flushed;
            self.ask(fx);
            self.await_word(fx);
        } else if self.view.leader() == Some(self.id) {
            self.lead(fx);
        } else {
            let View { number: view, .. } = self.view;
            if self.recovering {
                self.ask(fx);
            } else if let Some(leader) = self.view.leader() {
                fx.out(Outcome::View { view, leader });
            }
            self.await_word(fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<VirtualSynchrony>) {
        let inside = from.0 < self.setup.members;
        match msg {
            Msg::Request(request) => self.on_request(from, *request, fx),
            _ if !inside => {}
            Msg::Order { view, slot, request, committed } => {
                if self.is_now(from, *view, fx) {
                    self.on_order(from, *slot, *request, *committed, fx);
                }
            }
            Msg::Report { view, applied, last, why } => {
                if self.is_now_or_tell(from, *view, *applied, fx) {
                    self.on_report(from, *applied, *last, *why, fx);
                }
            }
            Msg::Commit { view, committed } => {
                if self.is_now(from, *view, fx) {
                    self.on_commit(*committed, fx);
                }
            }
            Msg::Heartbeat { view, last, committed, quiet } => {
                if self.is_now(from, *view, fx) {
                    self.on_heartbeat(from, *last, *committed, *quiet, fx);
                }
            }
            Msg::Fill { view, state, committed } => {
                if self.is_now(from, *view, fx) {
                    self.on_fill(from, state, *committed, fx);
                }
            }
            Msg::Over { view } => self.on_over(from, view, fx),
            Msg::Join { applied } => self.on_join(from, *applied, fx),
            Msg::Flush { view, ballot, applied } => {
                if self.is_now_or_tell(from, *view, *applied, fx) {
                    self.on_flush(from, *ballot, *applied, fx);
                }
            }
            // What comes late from an attempt to end a view before is not of the attempt that has
            // the same number in this one.
            Msg::Flushed { view, ballot, state, accepted } => {
                if *view == self.view.number {
                    self.on_flushed(from, *ballot, state, accepted.as_ref(), fx);
                }
            }
            Msg::Propose { view, ballot, proposal } => {
                if self.is_now(from, *view, fx) {
                    self.on_propose(from, *ballot, proposal, fx);
                }
            }
            Msg::Accepted { view, ballot } => {
                if *view == self.view.number {
                    self.on_accepted(from, *ballot, fx);
                }
            }
            Msg::Install(proposal) => self.on_install(proposal, fx),
            Msg::Reply { .. } | Msg::Leading { .. } => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<VirtualSynchrony>) {
        match timer {
            Timer::Word => self.on_silence(fx),
            Timer::Heartbeat => self.on_tick(fx),
            Timer::Gather => self.on_gathered(fx),
            Timer::Retry => {}
        }
    }

    /// Whether a message belongs to the current view; otherwise the member with the older view is
    /// informed.
    fn is_now(&self, from: NodeId, view: u64, fx: &mut Fx<VirtualSynchrony>) -> bool {
        let out = matches!(self.status, Status::Out);
        if view < self.view.number && !out {
            fx.send(from, Msg::Over { view: self.view.clone() });
        } else if view > self.view.number && !out {
            fx.send(from, self.report(Why::Asks));
        }
        view == self.view.number && !out
    }

    /// As [`Member::is_now`], if it is also known what the sender has: a member of this view that
    /// does not know it yet is admitted.
    fn is_now_or_tell(
        &self,
        from: NodeId,
        view: u64,
        applied: u64,
        fx: &mut Fx<VirtualSynchrony>,
    ) -> bool {
        if view < self.view.number
            && self.view.contains(from)
            && !matches!(self.status, Status::Out)
        {
            self.let_in(from, applied, fx);
            return false;
        }
        self.is_now(from, view, fx)
    }

    /// Whether these of the view are enough.
    pub(super) fn enough(&self, which: Quorum, members: Members) -> bool {
        let present = self.view.members.iter().filter(|&&member| members.contains(member));
        let needed = self.setup.quorum(which as usize, self.view.members.len() / 2 + 1);
        present.count() >= needed
    }

    /// How far it is.
    pub(super) fn report(&self, why: Why) -> Msg {
        let (applied, last) = (self.history.applied(), self.history.last());
        Msg::Report { view: self.view.number, applied, last, why }
    }

    /// Writes down what it received last; with it goes that what was before is delivered.
    pub(super) fn note_received(&self, received: Request, fx: &mut Fx<VirtualSynchrony>) {
        let applied = self.history.applied();
        fx.persist(24 + received.bytes, |stored: &mut Stored| {
            stored.member.history.push(received);
            stored.member.history.deliver_silently(applied);
        });
    }

    /// Writes all of it down, where more than the end changed.
    pub(super) fn note_all(&self, fx: &mut Fx<VirtualSynchrony>) {
        let durable = Durable {
            view: Some(self.view.clone()),
            out: matches!(self.status, Status::Out),
            began: self.began,
            history: self.history.clone(),
            promised: self.promised,
            accepted: self.accepted.clone(),
        };
        fx.persist(128, |stored: &mut Stored| stored.member = durable);
    }

    /// The view that it is in, or was last.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What it has received.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What it is.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The sequencer, if there is one.
    pub fn leader(&self) -> Option<NodeId> {
        match self.status {
            Status::Follower | Status::Leader(_) => self.view.leader(),
            _ => None,
        }
    }

    pub(super) fn held(&self) -> usize {
        let accepted =
            self.accepted.as_ref().map_or(0, |(_, proposal)| proposal.state.unstable.len());
        let unanswered = match &self.status {
            Status::Leader(leading) => leading.unanswered.len(),
            _ => 0,
        };
        self.history.held() + accepted + unanswered
    }
}
