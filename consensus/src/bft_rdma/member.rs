//! A member's state, its dispatch, its time-outs and its clients' requests; what it does in each
//! mode is in the files beside.

use super::broadcast::Board;
use super::cheap_quorum::CheapQuorum;
use super::epoch::Epochs;
use super::message::{Cell, Lead, Msg, Place, Proof, Start, Timer};
use super::operations::{Finished, Operations, Purpose};
use super::robust::Robust;
use super::{BftRdma, Quorum, Stored, faulty, leader_of, proposer_of, view_of};
use crate::{Fx, Members, NodeId, Outcome, Request, Sequence, Setup, Signed};
use gridtwin_kernel::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Requests that a member keeps at most until they are executed.
const PENDING: usize = 256;

/// How a member decides at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// By Cheap Quorum.
    #[default]
    Fast,
    /// It has given up on that, and collects what it aborts with.
    Panicked,
    /// By Preferential Paxos.
    Backup,
}

/// What a member keeps of a slot: the lead that it has signed, as leader or as follower, and the
/// proof that all others have, too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kept {
    pub(super) lead: Lead,
    pub(super) proof: Option<Arc<Proof>>,
}

/// What a member writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    /// How often it has started: operations are numbered by it.
    pub(super) starts: u64,
    pub(super) start: Start,
    pub(super) mode: Mode,
    pub(super) epochs: Epochs,
    pub(super) sequence: Sequence,
    /// The slots settled, and the chain up to there.
    pub(super) settled: (u64, u64),
    pub(super) top: Option<Arc<Proof>>,
    pub(super) kept: BTreeMap<u64, Kept>,
    /// Its registers of the broadcast.
    pub(super) cells: BTreeMap<Place, Arc<Cell>>,
}

/// A request that is known and not executed; whether it has a slot in this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) signed: Signed,
    pub(super) placed: bool,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    pub(super) setup: Setup,
    pub(super) sequence: Sequence,
    /// The current epoch.
    pub(super) start: Start,
    pub(super) mode: Mode,
    pub(super) epochs: Epochs,
    pub(super) cheap: CheapQuorum,
    pub(super) board: Board,
    pub(super) robust: Robust,
    pub(super) operations: Operations,
    pub(super) pending: Vec<Pending>,
    /// Time-outs since something was last executed.
    pub(super) failures: u32,
    /// How often Cheap Quorum was given up since it last went well for long.
    pub(super) falls: u32,
    /// There was progress since the time-outs were last checked.
    pub(super) moved: bool,
    suspecting: bool,
    polling: bool,
    /// How often it has polled in vain.
    polls: u32,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup, memories: Arc<[NodeId]>) -> Self {
        let majority = Quorum::Memories.of(setup);
        Self {
            id,
            setup: *setup,
            sequence: Sequence::default(),
            start: Start { fast: true, ..Start::default() },
            mode: Mode::Fast,
            epochs: Epochs::default(),
            cheap: CheapQuorum::default(),
            board: Board::new(setup.members),
            robust: Robust::new(setup.members),
            operations: Operations::new(memories, majority),
            pending: Vec::new(),
            failures: 0,
            falls: 0,
            moved: false,
            suspecting: false,
            polling: false,
            polls: 0,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<BftRdma>) {
        self.operations.restart(durable.starts, fx);
        if durable.starts == 0 {
            let start = self.start;
            fx.persist(1, |stored: &mut Stored| {
                stored.member.start = start;
                stored.member.settled = (0, start.chain());
            });
            self.cheap.begin(&start);
            return;
        }
        (self.start, self.mode) = (durable.start, durable.mode);
        self.epochs = durable.epochs.clone();
        self.sequence = durable.sequence.clone();
        self.sequence.tell(fx);
        self.resume_cheap_quorum(durable, fx);
        match self.mode {
            Mode::Fast => self.repair(fx),
            Mode::Panicked => self.abort(fx),
            Mode::Backup => self.resume_backup(durable, fx),
        }
        self.epochs.recovering = true;
        self.ask(fx);
        self.rest(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<BftRdma>) {
        match *msg {
            Msg::Request(signed) => self.on_request(from, signed, fx),
            Msg::Done { id, permitted, ref seen, .. } => {
                if let Some(finished) = self.operations.on_done(from, id, permitted, seen) {
                    self.on_finished(&finished, fx);
                }
            }
            _ if from.0 >= self.setup.members || from == self.id => return,
            Msg::Notice { epoch, slot } if self.at_work(from, epoch, fx) => {
                self.on_notice(from, slot, fx);
            }
            Msg::Copied { epoch, slot, chain, sig } if self.at_work(from, epoch, fx) => {
                self.on_copied(from, slot, chain, sig, fx);
            }
            Msg::Proven { epoch, slot, chain } if self.at_work(from, epoch, fx) => {
                fx.mac(1, 48);
                self.on_proven(from, slot, chain, fx);
            }
            Msg::Panic { epoch } if self.at_work(from, epoch, fx) => self.panic(fx),
            Msg::Hint { epoch, backup } if self.at_work(from, epoch, fx) => match self.mode {
                Mode::Fast if backup => self.panic(fx),
                Mode::Fast => self.repair(fx),
                Mode::Panicked => {}
                Mode::Backup => self.look(fx),
            },
            Msg::Start { start, sig } => self.on_start_vote(from, start, sig, fx),
            Msg::Ask { epoch, applied } => self.on_ask(from, epoch, applied, fx),
            Msg::Tell { epoch, applied, ref way } => self.on_tell(from, epoch, applied, way, fx),
            _ => {}
        }
        self.rest(fx);
    }

    fn on_finished(&mut self, finished: &Finished, fx: &mut Fx<BftRdma>) {
        let (refused, seen) = (finished.refused, &finished.seen);
        match finished.purpose {
            Purpose::Lead(slot) => self.on_lead_written(slot, refused, fx),
            Purpose::Mark => {}
            Purpose::Follow => self.on_followed(seen, fx),
            Purpose::Repair => self.on_repaired(seen, fx),
            Purpose::Revoke => self.on_revoked(fx),
            Purpose::Abort => self.on_aborted(seen, fx),
            Purpose::Cells => self.on_cells_written(fx),
            Purpose::Look => self.on_looked(seen, fx),
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<BftRdma>) {
        match timer {
            Timer::Suspect => {
                self.suspecting = false;
                if self.waits() {
                    self.failures += 1;
                    match self.mode {
                        Mode::Fast => self.panic(fx),
                        Mode::Panicked => {}
                        Mode::Backup => self.next_ballot(fx),
                    }
                }
            }
            Timer::Poll => {
                self.polling = false;
                self.polls += 1;
                self.poll(fx);
            }
            Timer::Retry => {}
        }
        self.rest(fx);
    }

    /// Repeats what has no answer, and looks whether it missed something.
    fn poll(&mut self, fx: &mut Fx<BftRdma>) {
        self.operations.repeat(fx);
        let epoch = self.start.epoch;
        match self.mode {
            Mode::Fast => {
                if self.cheap.unsettled() {
                    fx.broadcast(Msg::Hint { epoch, backup: false });
                    self.repair(fx);
                }
            }
            Mode::Panicked => fx.broadcast(Msg::Panic { epoch }),
            Mode::Backup => {
                fx.broadcast(Msg::Hint { epoch, backup: true });
                self.look(fx);
            }
        }
        self.poll_epochs(fx);
    }

    /// Whether a message belongs to the current epoch. A sender that lags is sent its certificate;
    /// a sender that is ahead is asked for it.
    pub(super) fn at_work(&mut self, from: NodeId, epoch: u64, fx: &mut Fx<BftRdma>) -> bool {
        if epoch < self.start.epoch {
            self.show_the_way(from, epoch, fx);
        } else if epoch > self.start.epoch {
            self.fall_behind(fx);
        }
        epoch == self.start.epoch
    }

    fn on_request(&mut self, from: NodeId, signed: Signed, fx: &mut Fx<BftRdma>) {
        let request = signed.request;
        if self.sequence.contains(&request) {
            self.reply(&request, fx);
            return;
        }
        let from_client = from == request.client;
        if self.pending.iter().any(|pending| pending.signed.request == request) {
            if from_client {
                self.relay(signed, fx);
            }
            return;
        }
        let room = self.pending.len() < PENDING && self.sequence.in_window(&request);
        if !room || !self.is_genuine(&Some(signed), fx) {
            return;
        }
        self.pending.push(Pending { signed, placed: false });
        if from_client {
            self.relay(signed, fx);
        }
        match self.mode {
            Mode::Fast => self.propose_waiting(fx),
            Mode::Panicked => {}
            Mode::Backup => self.act(fx),
        }
        self.rest(fx);
    }

    fn relay(&self, signed: Signed, fx: &mut Fx<BftRdma>) {
        if let Some(leader) = self.leader().filter(|&leader| leader != self.id) {
            fx.send(leader, Msg::Request(signed));
        }
    }

    /// Whether a client has signed it.
    pub(super) fn is_genuine(&self, content: &Option<Signed>, fx: &mut Fx<BftRdma>) -> bool {
        let Some(Signed { request, sig }) = *content else { return true };
        let client = request.client.0.wrapping_sub(self.setup.members);
        fx.hash(request.bytes);
        client < self.setup.clients
            && (self.pending.iter().any(|pending| Some(pending.signed) == *content)
                || fx.verify(request.client, request.digest, sig))
    }

    /// Records a final decision, to be executed by [`Member::carry_out`].
    pub(super) fn decide(&mut self, slot: u64, content: Option<Request>, fx: &mut Fx<BftRdma>) {
        if self.sequence.is_decided(slot) {
            return;
        }
        self.sequence.decide(slot, content);
        fx.persist(24, |stored: &mut Stored| {
            stored.member.sequence.decide(slot, content);
            while stored.member.sequence.advance().is_some() {}
        });
    }

    /// Executes what is decided, in order, and answers the clients.
    pub(super) fn carry_out(&mut self, fx: &mut Fx<BftRdma>) {
        let before = self.sequence.applied();
        for request in self.sequence.carry_out(fx) {
            self.pending.retain(|pending| pending.signed.request != request);
            self.reply(&request, fx);
        }
        if self.sequence.applied() > before {
            (self.moved, self.failures) = (true, 0);
        }
    }

    fn reply(&self, request: &Request, fx: &mut Fx<BftRdma>) {
        let (view, number, result) = (self.view(), request.number, request.digest);
        fx.mac(1, 50);
        fx.send(request.client, Msg::Reply { view, number, result });
    }

    /// Whether something waits to be executed that the leader could block.
    fn waits(&self) -> bool {
        match self.mode {
            Mode::Fast => !self.pending.is_empty() || self.cheap.unsettled(),
            Mode::Panicked => false,
            Mode::Backup => {
                self.epochs.next.is_none() && (!self.pending.is_empty() || self.robust.unfinished())
            }
        }
    }

    /// Arms the time-outs while there is something to wait for, anew after progress; an idle member
    /// sends nothing.
    pub(super) fn rest(&mut self, fx: &mut Fx<BftRdma>) {
        self.check_caught_up(fx);
        let waits = self.waits();
        let busy = waits
            || self.mode == Mode::Panicked
            || (self.mode == Mode::Backup && self.board.waits_for(self.id))
            || self.operations.len() > 0
            || self.epochs.is_busy(&self.start);
        let moved = std::mem::take(&mut self.moved);
        let patience = self.setup.timing.request_timeout * (1 << self.failures.min(8));
        if moved {
            self.polls = 0;
        }
        let poll = Span(self.setup.timing.request_timeout.0 / 4) * (1 << self.polls.min(5));
        for (timer, wanted, armed, span) in [
            (Timer::Suspect, waits, &mut self.suspecting, patience),
            (Timer::Poll, busy, &mut self.polling, poll),
        ] {
            if wanted && (moved || !*armed) {
                fx.arm(timer, span);
            } else if !wanted && *armed {
                fx.cancel(timer);
            }
            *armed = wanted;
        }
    }

    pub(super) fn f(&self) -> usize {
        faulty(self.setup.members)
    }

    pub(super) fn everybody(&self) -> Members {
        Members::first(self.setup.members)
    }

    /// The view it is in: its epoch, and in the backup the ballot.
    pub fn view(&self) -> u64 {
        view_of(self.start.epoch, (self.mode != Mode::Fast).then(|| self.robust.ballot()))
    }

    /// The leader of Cheap Quorum or the proposer of the ballot.
    pub fn leader(&self) -> Option<NodeId> {
        let (epoch, n) = (self.start.epoch, self.setup.members);
        match self.mode {
            Mode::Fast => Some(leader_of(epoch, n)),
            Mode::Panicked => None,
            Mode::Backup => Some(proposer_of(epoch, self.robust.ballot(), n)),
        }
    }

    pub(super) fn tell_view(&self, fx: &mut Fx<BftRdma>) {
        if let Some(leader) = self.leader() {
            let view = self.view();
            fx.out(Outcome::View { view, leader });
            if leader == self.id {
                fx.out(Outcome::Elected { view });
            }
        }
    }

    pub(super) fn held(&self) -> usize {
        let of_broadcast = self.board.held() + self.robust.held();
        self.sequence.held()
            + self.cheap.held()
            + of_broadcast
            + self.operations.len()
            + self.pending.len()
    }
}
