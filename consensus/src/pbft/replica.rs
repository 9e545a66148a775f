//! A PBFT member (the paper's replica i): its state, what it writes down, and its dispatch. What it
//! does with each message is in the files beside.

use super::message::{
    Certificate, Msg, NewView, Proposal, Stable, State, Timer, VOTE, ViewChange, digest_of,
    prepare_digest,
};
use super::quorum::Quorums;
use super::slot::Slot;
use super::{CHECKPOINT_EVERY, LOG_SIZE, Pbft, Stored};
use crate::{Executed, Fx, Ledger, NodeId, Outcome, Request, Setup, Sig, Signed};
use gridtwin_kernel::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a member has written down of one sequence number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kept {
    /// The view, proposal and signature of the pre-prepare it accepted last.
    pub(super) accepted: Option<(u64, Proposal, Sig)>,
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) decided: Option<Proposal>,
}

/// A member's durable state: enough never to contradict itself, and to resume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    pub(super) started: bool,
    pub(super) view: u64,
    pub(super) changing: bool,
    pub(super) new_view: Option<Arc<NewView>>,
    pub(super) stable: Arc<Stable>,
    pub(super) kept: BTreeMap<u64, Kept>,
}

/// A request that is known and not executed, with its number in the current view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) signed: Signed,
    pub(super) seq: Option<u64>,
}

/// A checkpoint that this member took, and that is not stable yet.
pub(super) type Taken = Stable;

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    pub(super) id: NodeId,
    pub(super) n: u16,
    pub(super) quorums: Quorums,
    pub(super) timeout: Span,
    /// This many consecutive view changes double the time-out.
    tries: u32,
    /// The state that the group began with.
    pub(super) genesis: Arc<Stable>,
    /// How many requests are executed at most, those before the beginning included.
    end: u64,
    /// Whether it answers once a request has prepared (section 5.1).
    pub(super) eager: bool,
    pub(super) view: u64,
    /// Whether it waits for its view to begin.
    pub(super) changing: bool,
    pub(super) new_view: Option<Arc<NewView>>,
    /// The log: sequence number s is stored at s modulo the log's maximum size; it grows as needed.
    pub(super) slots: Vec<Slot>,
    /// The latest stable checkpoint; its number is the low water mark h.
    pub(super) stable: Arc<Stable>,
    /// The last sequence number executed,
    pub(super) last: u64,
    /// and the state after it.
    pub(super) ledger: Ledger,
    pub(super) executed: Executed,
    /// The request after that, if it is executed tentatively (section 5.1). It is not in the
    /// state before it has committed: to roll it back is to forget it.
    pub(super) tentative: Option<Request>,
    /// The next number to propose, as primary.
    pub(super) next: u64,
    pub(super) pending: Vec<Pending>,
    pub(super) taken: Vec<Taken>,
    /// Checkpoint votes: by number, then who voted for which state.
    pub(super) vouched: BTreeMap<u64, Vec<(NodeId, u64, Sig)>>,
    /// The latest view change of each member.
    pub(super) changes: Vec<Option<Arc<ViewChange>>>,
    /// Messages of a view that has not begun here.
    pub(super) early: Vec<(NodeId, Msg)>,
    /// View changes since something was last executed.
    pub(super) failures: u32,
    /// Rounds of saying again that it wants a view, or of asking what it missed.
    pub(super) resends: u32,
    pub(super) fetches: u32,
    /// Others have decided up to here, as f + 1 of them show.
    pub(super) behind: u64,
    pub(super) fetching: bool,
    pub(super) recovering: bool,
    pub(super) states: Vec<(NodeId, Arc<State>)>,
}

impl Replica {
    pub(crate) fn new(id: NodeId, setup: &Setup, quorums: Quorums) -> Self {
        let n = setup.members;
        Self {
            id,
            n,
            quorums,
            timeout: setup.timing.request_timeout,
            tries: 1,
            genesis: Arc::default(),
            end: u64::MAX,
            eager: setup.timing.tentative,
            view: 0,
            changing: false,
            new_view: None,
            slots: Vec::new(),
            stable: Arc::default(),
            last: 0,
            ledger: Ledger::default(),
            executed: Executed::default(),
            tentative: None,
            next: 1,
            pending: Vec::new(),
            taken: Vec::new(),
            vouched: BTreeMap::new(),
            changes: vec![None; n.into()],
            early: Vec::new(),
            failures: 0,
            resends: 0,
            fetches: 0,
            behind: 0,
            fetching: false,
            recovering: false,
            states: Vec::new(),
        }
    }

    pub(crate) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<Pbft>) {
        if !durable.started {
            let genesis = self.genesis.clone();
            fx.persist(1, |stored: &mut Stored| {
                (stored.replica.started, stored.replica.stable) = (true, genesis);
            });
            return;
        }
        (self.view, self.changing) = (durable.view, durable.changing);
        self.new_view = durable.new_view.clone();
        self.adopt(&durable.stable, fx);
        self.next = self.stable.seq + 1;
        for (&seq, kept) in &durable.kept {
            self.restore(seq, kept, fx);
        }
        self.execute_ready(fx);
        self.rest_or_wait(fx);
        self.recovering = true;
        if self.changing {
            self.ask_for_view(self.view, fx);
        }
        self.fetch(fx);
    }

    /// Puts back what it had said about one sequence number.
    fn restore(&mut self, seq: u64, kept: &Kept, fx: &mut Fx<Pbft>) {
        let (view, id) = (self.view, self.id);
        let backup = self.primary() != id;
        self.next = self.next.max(seq + 1);
        let accepted = kept.accepted.filter(|&(in_view, ..)| in_view == view && !self.changing);
        let Some(slot) = self.slot(seq) else { return };
        slot.certificate = kept.certificate.clone();
        slot.decided = kept.decided;
        let Some((_, proposal, sig)) = accepted else {
            return;
        };
        let digest = digest_of(&proposal);
        slot.digest = digest;
        slot.accepted = Some((proposal, sig));
        if let Some(cert) = kept.certificate.as_ref().filter(|cert| cert.view == view) {
            slot.prepared = true;
            slot.commits.add(digest, id);
            for &(member, _) in &cert.prepares {
                slot.prepares.add(digest, member);
            }
        } else if backup {
            slot.prepares.add(digest, id);
            slot.prepare_sigs.push((id, digest, fx.sign(prepare_digest(view, seq, digest))));
        }
        if let Some(signed) = proposal {
            self.expect(&signed, seq);
        }
    }

    pub(crate) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Pbft>) {
        // Clients ask, and do nothing else.
        if from.0 >= self.n && !matches!(msg, Msg::Request(_)) {
            return;
        }
        match *msg {
            Msg::Prepare { view, seq, digest, sig } if self.current(from, view, msg) => {
                self.on_prepare(from, seq, digest, sig, fx);
            }
            Msg::Commit { view, seq, digest } if self.current(from, view, msg) => {
                self.on_commit(from, seq, digest, fx);
            }
            Msg::PrePrepare { view, seq, ref proposal, sig } if self.current(from, view, msg) => {
                self.on_pre_prepare(from, seq, proposal, sig, fx);
            }
            Msg::Request(signed) => self.on_request(from, signed, fx),
            Msg::Checkpoint { seq, state, sig } => self.on_checkpoint(from, seq, state, sig, fx),
            Msg::ViewChange(ref change) => self.on_view_change(change, fx),
            Msg::NewView(ref new_view) => self.on_new_view(new_view, fx),
            Msg::Fetch { executed, view, recovering } => {
                self.on_fetch(from, executed, view, recovering, fx);
            }
            Msg::State(ref state) => self.on_state(from, state, fx),
            _ => {}
        }
    }

    pub(crate) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Pbft>) {
        match timer {
            // Section 4.4: the timer of backup i expires in view v.
            Timer::Request if !self.changing && !self.pending.is_empty() && !self.is_done() => {
                self.ask_for_view(self.view.saturating_add(1), fx);
            }
            // Section 4.5.2: the new view did not begin in time; the next one has twice as long.
            Timer::NewView if self.changing => self.ask_for_view(self.view.saturating_add(1), fx),
            Timer::Resend if self.changing => self.say_again(fx),
            Timer::Fetch => self.on_fetch_due(fx),
            _ => {}
        }
    }

    /// Whether a message belongs to the current view; a message of a later view is kept for then.
    fn current(&mut self, from: NodeId, view: u64, msg: &Msg) -> bool {
        if view == self.view && !self.changing {
            return true;
        }
        let room = self.early.len() < 8 * usize::from(self.n);
        if view >= self.view && room {
            self.early.push((from, msg.clone()));
        }
        false
    }

    /// The slot of a sequence number, if that is between the water marks h and H (section 4.3).
    pub(super) fn slot(&mut self, seq: u64) -> Option<&mut Slot> {
        let low = self.stable.seq;
        if seq <= low || seq > low + LOG_SIZE {
            return None;
        }
        let place = (seq % LOG_SIZE) as usize;
        if place >= self.slots.len() {
            self.slots.resize_with(place + 1, Slot::default);
        }
        let slot = &mut self.slots[place];
        if slot.seq != seq {
            slot.reuse(seq);
        }
        Some(slot)
    }

    /// What it knows of a sequence number, if it still does.
    pub(super) fn known(&self, seq: u64) -> Option<&Slot> {
        self.slots.get((seq % LOG_SIZE) as usize).filter(|slot| slot.seq == seq)
    }

    /// Executes what is decided, in order, and answers the clients (section 4.2, at its end).
    pub(super) fn execute_ready(&mut self, fx: &mut Fx<Pbft>) {
        let (before, mut served) = (self.last, false);
        while !self.is_done()
            && let Some(slot) = self.slot(self.last + 1)
            && let Some(proposal) = slot.decided
        {
            self.last += 1;
            let tentative = self.tentative.take();
            if let Some(signed) = proposal {
                served = true;
                self.execute(&signed, tentative, fx);
            }
            if self.last.is_multiple_of(CHECKPOINT_EVERY) {
                self.take_checkpoint(fx);
            }
        }
        if served {
            self.failures = 0;
            self.rest_or_wait(fx);
        }
        if self.last > before {
            self.check_behind(fx);
        }
        self.execute_tentatively(fx);
    }

    fn execute(&mut self, signed: &Signed, tentative: Option<Request>, fx: &mut Fx<Pbft>) {
        let request = signed.request;
        self.pending.retain(|pending| pending.signed.request != request);
        if self.executed.insert(&request) {
            let position = self.ledger.length;
            self.ledger.append(&request);
            fx.out(Outcome::Delivered { position, request });
        }
        // After a tentative answer no second one is sent, unless the client asks again.
        if tentative != Some(request) {
            self.reply(signed, None, fx);
        }
    }

    /// Section 5.1: executes the next request as soon as it has prepared, if all before it have
    /// committed, and marks the reply as tentative.
    pub(super) fn execute_tentatively(&mut self, fx: &mut Fx<Pbft>) {
        if !self.eager || self.changing || self.tentative.is_some() || self.is_done() {
            return;
        }
        let prepared = self.known(self.last + 1).filter(|slot| slot.prepared);
        let Some((Some(signed), _)) = prepared.and_then(|slot| slot.accepted) else {
            return;
        };
        let request = signed.request;
        if !self.executed.contains(&request) && self.executed.in_window(&request) {
            self.tentative = Some(request);
            self.reply(&signed, Some(self.ledger.length), fx);
        }
    }

    pub(super) fn reply(&self, signed: &Signed, tentative: Option<u64>, fx: &mut Fx<Pbft>) {
        let Signed { request, .. } = *signed;
        let (view, number, result) = (self.view, request.number, request.digest);
        fx.mac(1, VOTE);
        fx.send(request.client, Msg::Reply { view, number, result, tentative });
    }

    /// The request timer runs as long as anything is to be executed (section 4.4).
    pub(super) fn rest_or_wait(&self, fx: &mut Fx<Pbft>) {
        if self.pending.is_empty() || self.changing || self.is_done() {
            fx.cancel(Timer::Request);
        } else {
            fx.arm(Timer::Request, self.patience());
        }
    }

    /// The time-out, doubled by every view change in a row (section 4.5.2).
    pub(crate) fn patience(&self) -> Span {
        self.timeout * (1 << (self.failures / self.tries).min(10))
    }

    /// Begins with a state instead of an empty one.
    pub(crate) fn beginning_with(self, (ledger, executed): (Ledger, Executed)) -> Self {
        let genesis = Stable { ledger, executed, ..Stable::default() };
        let (ledger, executed) = (genesis.ledger, genesis.executed.clone());
        let genesis = Arc::new(genesis);
        Self { stable: genesis.clone(), genesis, ledger, executed, ..self }
    }

    /// Executes no more than this many requests in total, those before the initial state included.
    /// All members stop at the same sequence number; decisions beyond it are not executed by any
    /// member.
    pub(crate) fn ending_after(self, end: u64) -> Self {
        Self { end, ..self }
    }

    /// Whether it has executed all requests that it may.
    pub(crate) fn is_done(&self) -> bool {
        self.ledger.length >= self.end
    }

    /// Tries this many views before it doubles the time-out, for protocols in which a view may fail
    /// for other reasons than slow messages.
    pub(crate) fn trying(self, tries: u32) -> Self {
        Self { tries, ..self }
    }

    /// The primary of a view: p = v mod |R| (section 4).
    pub(super) fn primary_of(&self, view: u64) -> NodeId {
        NodeId((view % u64::from(self.n)) as u16)
    }

    pub(crate) fn primary(&self) -> NodeId {
        self.primary_of(self.view)
    }

    /// The view it is in, or waits for.
    pub fn view(&self) -> u64 {
        self.view
    }

    /// The primary, unless it waits for a view to begin.
    pub fn leader(&self) -> Option<NodeId> {
        (!self.changing).then(|| self.primary())
    }

    /// The current view, unless it waits for one to begin.
    pub(crate) fn working_in(&self) -> Option<u64> {
        (!self.changing).then_some(self.view)
    }

    /// The digest of what it has accepted in its view for a number above the low water mark.
    pub(crate) fn accepted(&self, seq: u64) -> Option<u64> {
        let slot = self.known(seq).filter(|slot| seq > self.stable.seq && slot.accepted.is_some());
        slot.map(|slot| slot.digest)
    }

    /// What was executed so far.
    pub(crate) fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// Which requests were executed.
    pub(crate) fn executed(&self) -> &Executed {
        &self.executed
    }

    /// The members, as bits, that have committed at least half of what it has seen committed since
    /// the low water mark, and led no view that was given up.
    pub(crate) fn content_with(&self) -> u64 {
        let seen = self.slots.iter().filter(|slot| slot.seq > self.stable.seq);
        let commits: Vec<_> = seen
            .map(|slot| slot.commits.of(slot.digest))
            .filter(|&commits| self.quorums.commit.met(commits))
            .collect();
        let did = |member: NodeId| {
            let took_part = commits.iter().filter(|commits| commits.contains(member)).count();
            2 * took_part >= commits.len()
        };
        let given_up = |member: NodeId| u64::from(member.0) < self.view;
        let good = |&id: &u16| NodeId(id) == self.id || (did(NodeId(id)) && !given_up(NodeId(id)));
        (0..self.n.min(64)).filter(good).fold(0, |bits, id| bits | 1 << id)
    }

    /// The low water mark and the last number executed.
    pub fn progress(&self) -> (u64, u64) {
        (self.stable.seq, self.last)
    }

    pub(crate) fn held(&self) -> usize {
        let low = self.stable.seq;
        let live = self.slots.iter().filter(|slot| slot.seq > low).count();
        let votes: usize = self.vouched.values().map(Vec::len).sum();
        live + votes + self.pending.len() + self.early.len() + self.taken.len()
    }
}
