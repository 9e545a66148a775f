//! A Zyzzyva member's state and its dispatch; what it does is in the files beside.

use super::message::{Certificate, Msg, NewView, Ordered, Stable, Timer, ViewChange};
use super::transfer::Lacks;
use super::{Effects, Quorums, Rule, Stored, primary_of};
use crate::{Executed, Members, NodeId, Outcome, Setup, Sig, Signed};
use gridtwin_kernel::Span;
use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;
use std::sync::Arc;

/// The members' votes for a checkpoint: view, history, state and signature.
pub(super) type Votes = BTreeMap<u64, BTreeMap<NodeId, (u64, u64, u64, Sig)>>;

/// The beginning of a view, as its new primary has it, before a quorum confirms it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Beginning {
    pub(super) new_view: Arc<NewView>,
    pub(super) base: Arc<Stable>,
    pub(super) entries: Vec<Ordered>,
    pub(super) start: Start,
}

/// What members confirm of a view: its first history, and by how much the primary's counter is
/// ahead of sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Start {
    pub(super) view: u64,
    pub(super) seq: u64,
    pub(super) history: u64,
    pub(super) offset: u64,
}

/// A member's durable state: enough never to contradict itself, and to resume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    pub(super) started: bool,
    pub(super) view: u64,
    pub(super) changing: bool,
    pub(super) begun: Option<Arc<Certificate>>,
    pub(super) stable: Arc<Stable>,
    pub(super) log: VecDeque<Ordered>,
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) chain: Arc<[Ordered]>,
    pub(super) confirmed: Option<Start>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica<R: Rule> {
    pub(super) id: NodeId,
    pub(super) n: u16,
    pub(super) quorums: Quorums,
    pub(super) timeout: Span,
    /// How long a gap may last before it asks.
    pub(super) delta: Span,
    pub(super) view: u64,
    /// Whether it waits for its view to begin.
    pub(super) changing: bool,
    /// How the view began that it works in, or worked in last; nothing for view 0.
    pub(super) begun: Option<Arc<Certificate>>,
    /// The latest stable checkpoint.
    pub(super) stable: Arc<Stable>,
    /// Requests ordered since, all executed speculatively,
    pub(super) log: VecDeque<Ordered>,
    /// and the state after them.
    pub(super) history: u64,
    pub(super) executed: Executed,
    /// The commit certificate that it prefers, and the history of it where that is not the log's.
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) chain: Arc<[Ordered]>,
    /// Up to here it has seen a certificate in this view.
    pub(super) certified: u64,
    /// Requests that clients or backups asked it for, and that are not in the log.
    pub(super) asked: Vec<Signed>,
    /// Ordered requests that came before their turn.
    pub(super) early: BTreeMap<u64, Ordered>,
    /// Responses at checkpoints' numbers, and checkpoints.
    pub(super) responses: Votes,
    pub(super) vouched: Votes,
    /// A client asked again for what it was answered, while others have left the view.
    pub(super) unanswered: bool,
    /// The members that suspect this view's primary.
    pub(super) hates: Members,
    pub(super) changes: BTreeMap<NodeId, Arc<ViewChange>>,
    pub(super) beginning: Option<Beginning>,
    pub(super) confirms: BTreeMap<NodeId, (Start, Sig)>,
    /// What it has confirmed, so that it confirms nothing else in that view.
    pub(super) confirmed: Option<Start>,
    /// View changes since a view began, and rounds of saying it again, or of asking.
    pub(super) failures: u32,
    pub(super) resends: u32,
    pub(super) fetches: u32,
    /// Something up to here exists that it has not.
    pub(super) behind: u64,
    pub(super) fetching: bool,
    pub(super) recovering: bool,
    /// How far those are that have answered since it recovers.
    pub(super) heard: BTreeMap<NodeId, u64>,
    rule: PhantomData<R>,
}

impl<R: Rule> Replica<R> {
    pub(super) fn new(id: NodeId, setup: &Setup) -> Self {
        Self {
            id,
            n: setup.members,
            quorums: Quorums::new::<R>(setup),
            timeout: setup.timing.request_timeout,
            delta: setup.timing.delta,
            view: 0,
            changing: false,
            begun: None,
            stable: Arc::default(),
            log: VecDeque::new(),
            history: 0,
            executed: Executed::default(),
            certificate: None,
            chain: Arc::default(),
            certified: 0,
            asked: Vec::new(),
            early: BTreeMap::new(),
            responses: Votes::new(),
            vouched: Votes::new(),
            unanswered: false,
            hates: Members::NONE,
            changes: BTreeMap::new(),
            beginning: None,
            confirms: BTreeMap::new(),
            confirmed: None,
            failures: 0,
            resends: 0,
            fetches: 0,
            behind: 0,
            fetching: false,
            recovering: false,
            heard: BTreeMap::new(),
            rule: PhantomData,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Effects<R>) {
        if !durable.started {
            fx.persist(1, |stored: &mut Stored| stored.replica.started = true);
            return;
        }
        (self.view, self.changing) = (durable.view, durable.changing);
        self.begun = durable.begun.clone();
        self.stable = durable.stable.clone();
        self.certificate = durable.certificate.clone();
        self.chain = durable.chain.clone();
        self.confirmed = durable.confirmed;
        self.replay(durable.log.iter().copied());
        self.tell(fx);
        self.certified = self.first().0;
        self.recovering = true;
        if self.changing {
            self.ask_for_view(self.view, fx);
        } else {
            let (view, leader) = (self.view, self.primary());
            fx.out(Outcome::View { view, leader });
            self.vouch_again(fx);
        }
        self.fetch(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Effects<R>) {
        let member = from.0 < self.n && from != self.id;
        match *msg {
            Msg::Request(signed) if from == signed.request.client => {
                self.on_request(signed, fx);
            }
            Msg::Commit(ref commit) => self.on_commit(from, commit, fx),
            // Step 4d: any node may present it.
            Msg::Misbehaviour(ref marks) => self.on_misbehaviour(marks, fx),
            _ if !member => {}
            Msg::Order { ref ordered, .. } if from == self.primary_of(ordered.view) => {
                self.on_order(ordered, fx);
            }
            Msg::ConfirmReq(signed) => self.on_confirm_req(from, signed, fx),
            Msg::SpecCheckpoint { view, seq, history, sig } => {
                self.on_spec_checkpoint(from, (view, seq, history), sig, fx);
            }
            Msg::Checkpoint { view, seq, history, state, sig } => {
                self.on_checkpoint(from, (view, seq, history, state), sig, fx);
            }
            Msg::FillHole { installed, stable, last, history, recovering } => {
                let lacks = Lacks { installed, stable, last, history };
                self.on_fill_hole(from, lacks, recovering, fx);
            }
            Msg::Filled(ref filled) => self.on_filled(from, filled, fx),
            Msg::Hate { view } => self.on_hate(from, view, fx),
            Msg::ViewChange(ref change) => self.on_view_change(from, change, fx),
            Msg::NewView(ref new_view) => self.on_new_view(new_view, fx),
            Msg::ViewConfirm { view, seq, history, offset, sig } => {
                self.on_view_confirm(from, Start { view, seq, history, offset }, sig, fx);
            }
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Effects<R>) {
        match timer {
            Timer::Patience if !self.changing && self.is_impatient() => {
                self.unanswered = false;
                self.hate(fx);
            }
            Timer::Hole => self.on_hole_due(fx),
            // The new view did not begin in time; the next one has twice as long.
            Timer::NewView if self.changing => self.ask_for_view(self.view + 1, fx),
            Timer::Resend if self.changing => self.say_again(fx),
            _ => {}
        }
    }

    /// The number and the history of the last request.
    pub(super) fn last(&self) -> u64 {
        self.stable.seq + self.log.len() as u64
    }

    /// The request at a number above the stable checkpoint.
    pub(super) fn at(&self, seq: u64) -> Option<&Ordered> {
        self.log.get(usize::try_from(seq.checked_sub(self.stable.seq + 1)?).ok()?)
    }

    /// The history up to a number, from the stable checkpoint on.
    pub(super) fn history_at(&self, seq: u64) -> Option<u64> {
        if seq == self.stable.seq {
            return Some(self.stable.history);
        }
        self.at(seq).map(|ordered| ordered.history)
    }

    /// Where the log has a request.
    pub(super) fn find(&self, digest: u64) -> Option<&Ordered> {
        self.log.iter().find(|ordered| ordered.signed.request.digest == digest)
    }

    /// Puts a request at the end of the log and carries it out on trust; nothing is written down.
    pub(super) fn push(&mut self, ordered: Ordered) {
        let request = ordered.signed.request;
        self.executed.insert(&request);
        self.history = ordered.history;
        self.log.push_back(ordered);
        if self.asked.first().is_some_and(|asked| asked.request == request) {
            self.asked.remove(0);
        } else {
            self.asked.retain(|asked| asked.request != request);
        }
    }

    /// Executes a log from the stable checkpoint on, as far as it follows from there.
    pub(super) fn replay(&mut self, entries: impl Iterator<Item = Ordered>) {
        self.log.clear();
        self.executed = self.stable.executed.clone();
        self.history = self.stable.history;
        for ordered in entries {
            if ordered.seq == self.last() + 1 && ordered.follows(self.history) {
                self.push(ordered);
            }
        }
    }

    /// Reports the committed state.
    pub(super) fn tell(&self, fx: &mut Effects<R>) {
        let (length, digest) = (self.stable.seq, self.stable.history);
        fx.out(Outcome::Installed { length, digest });
    }

    /// The last number of the view's first history, and by how much the primary's counter is ahead
    /// of numbers.
    pub(super) fn first(&self) -> (u64, u64) {
        self.begun.as_ref().map_or((0, 0), |begun| (begun.seq, begun.offset.unwrap_or(0)))
    }

    /// The view that it works in, or worked in last.
    pub(super) fn installed(&self) -> u64 {
        self.begun.as_ref().map_or(0, |begun| begun.view)
    }

    /// The time-out, doubled by every view change in a row.
    pub(super) fn patience(&self) -> Span {
        self.timeout * (1 << self.failures.min(10))
    }

    pub(super) fn primary_of(&self, view: u64) -> NodeId {
        primary_of(view, self.n)
    }

    pub(super) fn primary(&self) -> NodeId {
        self.primary_of(self.view)
    }

    pub(super) fn is_primary(&self) -> bool {
        !self.changing && self.primary() == self.id
    }

    /// The view it is in, or waits for.
    pub fn view(&self) -> u64 {
        self.view
    }

    /// The primary, unless it waits for a view to begin.
    pub fn leader(&self) -> Option<NodeId> {
        (!self.changing).then(|| self.primary())
    }

    /// The stable checkpoint's number and the last number executed speculatively.
    pub fn progress(&self) -> (u64, u64) {
        (self.stable.seq, self.last())
    }

    pub(super) fn held(&self) -> usize {
        let votes = self.responses.values().chain(self.vouched.values());
        self.log.len()
            + self.chain.len()
            + self.asked.len()
            + self.early.len()
            + self
                .changes
                .values()
                .map(|change| change.log.len() + change.chain.len())
                .sum::<usize>()
            + votes.map(BTreeMap::len).sum::<usize>()
    }
}
