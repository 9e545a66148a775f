//! A member's state, and its side as an owner: requests, proposals, skipped slots. Its votes and
//! what it learns have their own files.

use super::voter::Vote;
use super::{ACCEPT, BATCH, Brought, Content, Edge, Msg, Scheme, Timer, majority};
use crate::{Fx, Members, NodeId, Outcome, Request, Sequence, Setup};
use gridtwin_kernel::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What a member writes down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Durable<S: Scheme> {
    pub(super) votes: BTreeMap<u64, Vote>,
    pub(super) spent: u64,
    pub(super) sequence: Sequence,
    /// The ownership of the slots after those; none if nothing was ever durable.
    pub(super) state: Option<S::State>,
}

impl<S: Scheme> Default for Durable<S> {
    fn default() -> Self {
        let (votes, sequence) = (BTreeMap::new(), Sequence::default());
        Self { votes, spent: 0, sequence, state: None }
    }
}

/// Where a request is that a client asked of this member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// It waits for a slot.
    Queued,
    /// It was handed to another member.
    Forwarded,
    /// It was proposed for this slot.
    Proposed(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) place: Place,
}

/// A proposal for a slot, and the members that have accepted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Proposal {
    pub(super) content: Content,
    pub(super) votes: Members,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member<S: Scheme> {
    pub(super) id: NodeId,
    pub(super) n: u16,
    pub(super) cloud: NodeId,
    quorum: usize,
    /// As the clock ticks while it waits for something.
    tick: Span,
    pub(super) scheme: S,
    pub(super) sequence: Sequence,
    /// The members that contributed the requests decided behind a gap.
    pub(super) brought: BTreeMap<u64, NodeId>,
    /// What it voted for slots that are not executed.
    pub(super) votes: BTreeMap<u64, Vote>,
    /// Its own proposals that are not decided.
    pub(super) proposals: BTreeMap<u64, Proposal>,
    /// What clients asked of it, and has no answer.
    pub(super) asked: BTreeMap<(NodeId, u64), Asked>,
    /// What other members handed over, and has no slot yet.
    pub(super) guests: Vec<Brought>,
    /// The last of its own slots that is used or skipped.
    pub(super) spent: u64,
    /// Its own slots that it skipped and that are not executed.
    pub(super) skipped: BTreeSet<u64>,
    /// Slots skipped by others that none of its own commits has announced yet.
    pub(super) fresh: Vec<u64>,
    /// Slots known to be decided, but not yet with which content.
    pub(super) committed: BTreeSet<u64>,
    /// The last slot that it knows to be used.
    pub(super) seen: u64,
    /// Executed slots that are not durable yet.
    pub(super) unsaved: Vec<Option<Request>>,
    /// Members whose slots it reported and that it has not heard from since.
    pub(super) silent: Members,
    /// The slot that it reported last.
    pub(super) reported: u64,
    /// Whether the timer runs, and how far it was when the clock ticked last,
    pub(super) ticking: bool,
    pub(super) mark: u64,
    /// and how often in a row nothing was executed between two ticks.
    pub(super) stalls: u32,
    /// Members that have answered its recovery request.
    pub(super) recovering: Option<Members>,
}

impl<S: Scheme> Member<S> {
    pub(super) fn new(id: NodeId, setup: &Setup) -> Self {
        Self {
            id,
            n: setup.members,
            cloud: NodeId(setup.members + setup.clients),
            quorum: setup.quorum(ACCEPT, majority(setup)),
            tick: Span(setup.timing.request_timeout.0 / 2),
            scheme: S::new(id, setup),
            sequence: Sequence::default(),
            brought: BTreeMap::new(),
            votes: BTreeMap::new(),
            proposals: BTreeMap::new(),
            asked: BTreeMap::new(),
            guests: Vec::new(),
            spent: 0,
            skipped: BTreeSet::new(),
            fresh: Vec::new(),
            committed: BTreeSet::new(),
            seen: 0,
            unsaved: Vec::new(),
            silent: Members::NONE,
            reported: 0,
            ticking: false,
            mark: 0,
            stalls: 0,
            recovering: None,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable<S>, fx: &mut Fx<Edge<S>>) {
        let Some(state) = &durable.state else {
            return;
        };
        self.sequence = durable.sequence.clone();
        self.scheme.restore(state);
        (self.votes, self.spent) = (durable.votes.clone(), durable.spent);
        self.seen = self.votes.last_key_value().map_or(0, |(&slot, _)| slot).max(self.spent);
        self.sequence.tell(fx);
        self.recovering = Some(Members::NONE);
        // What it had proposed it proposes again; what it had skipped stays skipped.
        for (&slot, vote) in &self.votes {
            if let (true, Some((0, content))) = (vote.own, vote.accepted) {
                let votes = [self.id].into_iter().collect();
                self.proposals.insert(slot, Proposal { content, votes });
            }
        }
        self.skip_unused(self.spent + 1);
        self.propose_again(fx);
        let applied = self.sequence.applied();
        fx.broadcast(Msg::Fetch { applied });
        self.progress(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg<S>, fx: &mut Fx<Edge<S>>) {
        self.silent.remove(from);
        match msg {
            Msg::Request(request) => self.on_request(from, *request, fx),
            Msg::Forward(request) => self.on_forward(from, *request, fx),
            Msg::Accept { slot, content, view, again } => {
                self.on_accept(from, *slot, *content, *view, *again, fx);
            }
            Msg::Accepted { slot, skips, .. } => self.on_accepted(from, *slot, skips, fx),
            Msg::Commit { slot, skips } => self.on_commit(*slot, skips, fx),
            Msg::Skip { slots } => {
                self.learn_skips(slots);
                self.progress(fx);
            }
            Msg::Fetch { applied } => self.on_fetch(from, *applied, fx),
            Msg::Told { after, missed, state, skips } => {
                let missed = missed.as_deref().filter(|_| *after <= self.sequence.applied());
                self.on_told(from, missed, state, skips, fx);
            }
            Msg::Prepare { ballot, slots, reporter } => {
                self.on_prepare(from, *ballot, slots, *reporter, fx);
            }
            Msg::Fill { ballot, contents } => self.on_fill(from, *ballot, contents, fx),
            Msg::Filled { contents } => self.on_filled(contents, fx),
            Msg::Scheme(msg) => {
                let view = self.scheme.answer(msg);
                self.enter(view, fx);
                let news = self.skip_unused(self.seen);
                self.tell_skips(news, fx);
                self.progress(fx);
            }
            Msg::Reply { .. } | Msg::Stuck { .. } | Msg::Promise { .. } | Msg::Filling { .. } => {}
        }
    }

    fn on_request(&mut self, client: NodeId, request: Request, fx: &mut Fx<Edge<S>>) {
        if self.sequence.contains(&request) {
            fx.send(client, Msg::Reply { number: request.number, result: request.digest });
            return;
        }
        let key = (client, request.number);
        let due = client == request.client && self.sequence.in_window(&request);
        if due && client.0 >= self.n && !self.asked.contains_key(&key) {
            self.asked.insert(key, Asked { request, place: Place::Queued });
            self.progress(fx);
        }
    }

    /// Finds a place for what waits for one.
    pub(super) fn drive(&mut self, fx: &mut Fx<Edge<S>>) {
        let queued = |asked: &&Asked| asked.place == Place::Queued;
        let queued: Vec<Request> = self.asked.values().filter(queued).map(|a| a.request).collect();
        let mut short = false;
        for request in queued {
            let place = if let Some(slot) = self.next_slot(fx) {
                self.propose(slot, Brought { request, by: self.id }, fx);
                Place::Proposed(slot)
            } else if let Some(owner) = self.scheme.forward(self.seen) {
                fx.send(owner, Msg::Forward(request));
                Place::Forwarded
            } else {
                short = true;
                break;
            };
            if let Some(asked) = self.asked.get_mut(&(request.client, request.number)) {
                asked.place = place;
            }
        }
        while let Some(&guest) = self.guests.first() {
            let done = self.sequence.contains(&guest.request);
            let slot = if done { None } else { self.next_slot(fx) };
            if let Some(slot) = slot {
                self.propose(slot, guest, fx);
            } else if !done {
                break;
            }
            self.guests.remove(0);
        }
        let applied = self.sequence.applied();
        if let Some(msg) = self.scheme.ask(short, applied, self.spent, fx.now()) {
            fx.send(self.cloud, Msg::Scheme(msg));
        }
    }

    /// A member without a free slot of its own passes on its client's request.
    fn on_forward(&mut self, from: NodeId, request: Request, fx: &mut Fx<Edge<S>>) {
        let known = |vote: &Vote| vote.holds(&request);
        let waits = |guest: &Brought| guest.request == request;
        let due = self.sequence.in_window(&request) && !self.sequence.contains(&request);
        let room = from.0 < self.n && self.guests.len() < BATCH;
        if due && room && !self.votes.values().any(known) && !self.guests.iter().any(waits) {
            self.guests.push(Brought { request, by: from });
            self.progress(fx);
        }
    }

    /// Its next slot. One that it has promised to the cloud it will not use.
    fn next_slot(&mut self, fx: &Fx<Edge<S>>) -> Option<u64> {
        let mut after = self.spent;
        loop {
            let slot = self.scheme.next(after, fx.now())?;
            let promised = self.votes.get(&slot).is_some_and(|vote| vote.promised > 0);
            if !promised && !self.sequence.is_decided(slot) {
                return Some(slot);
            }
            after = slot;
        }
    }

    /// Proposes for one of its own slots.
    fn propose(&mut self, slot: u64, brought: Brought, fx: &mut Fx<Edge<S>>) {
        fx.out(Outcome::Proposed { request: brought.request });
        let news = self.skip_below(slot);
        self.fresh.extend(news);
        (self.spent, self.seen) = (slot, self.seen.max(slot));
        let (view, content) = (self.scheme.view(), Some(brought));
        let vote = Vote { promised: 0, accepted: Some((0, content)), own: true };
        self.votes.insert(slot, vote);
        self.save(24 + brought.request.bytes, &[(slot, vote)], fx);
        let votes = [self.id].into_iter().collect();
        self.proposals.insert(slot, Proposal { content, votes });
        fx.broadcast(Msg::Accept { slot, content, view, again: false }); // 2a
        self.commit(slot, fx);
    }

    /// Sends its proposals again to those who have not accepted them.
    pub(super) fn propose_again(&self, fx: &mut Fx<Edge<S>>) {
        let view = self.scheme.view();
        for (&slot, &Proposal { content, votes }) in &self.proposals {
            for to in (0..self.n).map(NodeId).filter(|&to| !votes.contains(to)) {
                fx.send(to, Msg::Accept { slot, content, view, again: true });
            }
        }
    }

    fn on_accepted(&mut self, from: NodeId, slot: u64, skips: &[u64], fx: &mut Fx<Edge<S>>) {
        let news = self.learn_skips(skips);
        self.fresh.extend(news);
        if let Some(proposal) = self.proposals.get_mut(&slot) {
            proposal.votes.insert(from);
            self.commit(slot, fx);
        } else if !self.fresh.is_empty() {
            // Too late for the commit.
            let slots = std::mem::take(&mut self.fresh);
            fx.broadcast(Msg::Skip { slots });
        }
        self.progress(fx);
    }

    /// Decides what a majority has accepted.
    fn commit(&mut self, slot: u64, fx: &mut Fx<Edge<S>>) {
        let quorum = self.quorum;
        let Some(proposal) = self.proposals.get(&slot).filter(|p| p.votes.len() >= quorum) else {
            return;
        };
        let content = proposal.content;
        self.decide(slot, content);
        let skips = std::mem::take(&mut self.fresh);
        fx.broadcast(Msg::Commit { slot, skips });
    }

    /// Skips its own unused slots below one that is used; which those are.
    pub(super) fn skip_below(&mut self, slot: u64) -> Vec<u64> {
        if slot <= self.spent + 1 { Vec::new() } else { self.skip_unused(slot) }
    }

    fn skip_unused(&mut self, below: u64) -> Vec<u64> {
        let mut slots = self.scheme.own(self.sequence.applied(), below);
        let used = |slot: &u64| self.votes.get(slot).is_some_and(|vote| vote.own);
        slots.retain(|slot| !used(slot) && !self.sequence.is_decided(*slot));
        slots.iter().for_each(|&slot| self.skip(slot));
        self.spent = self.spent.max(slots.last().copied().unwrap_or(0));
        slots
    }

    /// Declares one of its own unused slots empty, finally.
    fn skip(&mut self, slot: u64) {
        self.skipped.insert(slot);
        self.decide(slot, None);
    }

    /// The slots that it has skipped, below one.
    pub(super) fn skips(&self, below: u64) -> Vec<u64> {
        self.skipped.range(..below).copied().collect()
    }

    /// Writes down these votes, and all that was executed meanwhile.
    pub(super) fn save(&mut self, bytes: u32, votes: &[(u64, Vote)], fx: &mut Fx<Edge<S>>) {
        let unsaved = std::mem::take(&mut self.unsaved);
        let (spent, state) = (self.spent, self.scheme.state());
        fx.persist(bytes, |stored| {
            let kept = &mut stored.member;
            kept.absorb(unsaved);
            kept.votes.extend(votes.iter().copied());
            (kept.spent, kept.state) = (spent, Some(state));
        });
    }

    pub(super) fn enter(&mut self, view: Option<(u64, NodeId)>, fx: &mut Fx<Edge<S>>) {
        if let Some((view, leader)) = view {
            if leader == self.id {
                fx.out(Outcome::Elected { view });
            }
            fx.out(Outcome::View { view, leader });
        }
    }

    /// Keeps the clock ticking while it waits for something, and only then.
    pub(super) fn settle(&mut self, fx: &mut Fx<Edge<S>>) {
        let applied = self.sequence.applied();
        let waits = self.seen > applied || !self.asked.is_empty() || self.recovering.is_some();
        if waits && !self.ticking {
            (self.ticking, self.mark) = (true, applied);
            fx.arm(Timer::Stall, self.tick);
        } else if !waits && self.ticking {
            (self.ticking, self.stalls) = (false, 0);
            fx.cancel(Timer::Stall);
        }
    }

    /// The ownership of slots, as it knows it.
    pub fn scheme(&self) -> &S {
        &self.scheme
    }

    pub(super) fn held(&self) -> usize {
        self.sequence.held()
            + self.votes.len()
            + self.brought.len()
            + self.proposals.len()
            + self.asked.len()
            + self.guests.len()
            + self.skipped.len()
            + self.fresh.len()
            + self.committed.len()
            + self.unsaved.len()
    }
}

impl<S: Scheme> Durable<S> {
    /// Executes the next slots.
    pub(super) fn absorb(&mut self, contents: Vec<Option<Request>>) {
        for content in contents {
            self.sequence.decide(self.sequence.applied() + 1, content);
            self.sequence.advance();
        }
        self.forget();
    }

    /// Drops votes on what is executed.
    pub(super) fn forget(&mut self) {
        let applied = self.sequence.applied();
        while self.votes.first_key_value().is_some_and(|(&slot, _)| slot <= applied) {
            self.votes.pop_first();
        }
    }
}
