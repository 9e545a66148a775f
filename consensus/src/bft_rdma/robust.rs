//! Preferential Paxos (section 4.3, algorithms 7 and 8): Paxos for n = 2f + 1 members some of which
//! are Byzantine, instance after instance. Its messages are the steps of the non-equivocating
//! broadcast, so that all see the same history of each member; a member that takes a step that its
//! own history or that of others does not allow is ignored from then on (validate, algorithm 3). A
//! Byzantine member can then only be silent, which Paxos tolerates from a minority.
//!
//! The first instance agrees on n - f reports: the set-up phase, after which each slot has the
//! value of the highest priority among them. Each further one agrees on the next slots, until one
//! agrees on the epoch's end.

use super::member::{Member, Mode};
use super::message::{Step, Value};
use super::{BftRdma, INSTANCES, Quorum, Stored, proposer_of};
use crate::{Fx, Members, NodeId, Outcome};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Requests that one instance decides at most.
const BATCH: usize = 64;

/// The last acceptance of each member: the ballot, by instance.
type Accepted = BTreeMap<u32, u32>;

/// What a member's history implies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Track {
    /// Steps delivered, and not looked at: they refer to others that are still to come.
    queue: VecDeque<Arc<Step>>,
    report: Option<Arc<Step>>,
    promised: u32,
    accepted: Accepted,
    /// The ballot that it has begun, and the promises for it.
    begun: Option<(u32, Members)>,
    /// It took a step that it must not take.
    is_byzantine: bool,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    /// It cannot be judged yet.
    Waits,
    /// No honest member takes it.
    Invalid,
}

/// The backup's state in an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Robust {
    tracks: Vec<Track>,
    /// By ballot and instance.
    proposals: BTreeMap<(u32, u32), Arc<Value>>,
    accepts: BTreeMap<(u32, u32), Members>,
    /// By ballot: the members that have promised, and what they had accepted by then.
    promises: BTreeMap<u32, BTreeMap<NodeId, Accepted>>,
    decided: BTreeMap<u32, Arc<Value>>,
    /// How many instances are executed, and the last slot after them.
    done: u32,
    last: u64,
    /// What it has said itself, delivered or not: the ballot it is in,
    ballot: u32,
    /// those it has begun, and what it has proposed and accepted.
    begun: BTreeSet<u32>,
    proposed: BTreeSet<(u32, u32)>,
    accepted: BTreeSet<(u32, u32)>,
}

impl Robust {
    pub(super) fn new(members: u16) -> Self {
        Self { tracks: vec![Track::default(); members.into()], ..Self::default() }
    }

    pub(super) fn ballot(&self) -> u32 {
        self.ballot
    }

    /// The last slot that the epoch has decided so far.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn report_of(&self, member: NodeId) -> Option<Arc<Step>> {
        self.tracks.get(member.index())?.report.clone()
    }

    /// Takes note of what this member itself says.
    pub(super) fn note_said(&mut self, step: &Step) {
        match *step {
            Step::Report { .. } => {}
            Step::Promise { ballot } => self.ballot = ballot,
            Step::Begin { ballot, .. } => {
                self.begun.insert(ballot);
            }
            Step::Propose { ballot, instance, .. } => {
                self.proposed.insert((ballot, instance));
            }
            Step::Accept { ballot, instance } => {
                self.accepted.insert((ballot, instance));
            }
        }
    }

    /// A step is delivered.
    pub(super) fn hear(&mut self, sender: NodeId, step: Arc<Step>) {
        if let Some(track) = self.tracks.get_mut(sender.index()).filter(|track| !track.is_byzantine)
        {
            track.queue.push_back(step);
        }
    }

    /// Whether an instance is in progress, or the first one still to come.
    pub(super) fn unfinished(&self) -> bool {
        self.done == 0 || self.proposals.keys().any(|&(_, instance)| instance >= self.done)
    }

    /// The members that have accepted an instance, in any ballot.
    fn accepted_by(&self, instance: u32) -> Members {
        let votes = self.accepts.iter().filter(|((_, i), _)| *i == instance);
        votes.fold(Members::NONE, |all, (_, &members)| all.or(members))
    }

    /// What a ballot must propose in an instance: what was accepted last among its promises.
    fn forced(&self, ballot: u32, promisers: Members, instance: u32) -> Option<Arc<Value>> {
        let promises = self.promises.get(&ballot)?;
        let of = |m: NodeId| promises.get(&m).and_then(|accepted| accepted.get(&instance));
        let latest = promisers.iter().filter_map(of).max()?;
        self.proposals.get(&(*latest, instance)).cloned()
    }

    pub(super) fn held(&self) -> usize {
        let queued: usize = self.tracks.iter().map(|track| track.queue.len()).sum();
        queued + self.proposals.len() + self.accepts.len()
    }
}

impl Member {
    /// Preferential Paxos begins.
    pub(super) fn begin_backup(&mut self, fx: &mut Fx<BftRdma>) {
        self.mode = Mode::Backup;
        fx.persist(1, |stored: &mut Stored| stored.member.mode = Mode::Backup);
        self.tell_view(fx);
    }

    /// Looks at the steps delivered, as far as they can be judged, and acts on them.
    pub(super) fn work_through(&mut self, fx: &mut Fx<BftRdma>) {
        let mut again = true;
        while std::mem::take(&mut again) {
            for sender in (0..self.setup.members).map(NodeId) {
                let front = |this: &Self| this.robust.tracks[sender.index()].queue.front().cloned();
                while let Some(step) = front(self) {
                    let verdict = self.judge(sender, &step, fx);
                    let track = &mut self.robust.tracks[sender.index()];
                    match verdict {
                        Verdict::Waits => break,
                        Verdict::Taken => {
                            track.queue.pop_front();
                            again = true;
                        }
                        Verdict::Invalid => {
                            track.is_byzantine = true;
                            track.queue.clear();
                        }
                    }
                }
            }
            self.carry_out_instances(fx);
        }
        self.act(fx);
    }

    /// Takes a step of another member's history, or its own, if it is one that it may take.
    fn judge(&mut self, sender: NodeId, step: &Arc<Step>, fx: &mut Fx<BftRdma>) -> Verdict {
        let quorum = Quorum::Consensus.of(&self.setup);
        let first = self.robust.tracks[sender.index()].report.is_none();
        if let Step::Report { top, leads } = &**step {
            if !first || !self.is_in_order(top, leads, fx) {
                return Verdict::Invalid;
            }
            self.robust.tracks[sender.index()].report = Some(step.clone());
            return Verdict::Taken;
        }
        let ballot = match **step {
            Step::Report { .. } => return Verdict::Invalid,
            Step::Promise { ballot }
            | Step::Begin { ballot, .. }
            | Step::Propose { ballot, .. }
            | Step::Accept { ballot, .. } => ballot,
        };
        let proposer = proposer_of(self.start.epoch, ballot, self.setup.members);
        let everybody = self.everybody();
        let robust = &mut self.robust;
        let track = &mut robust.tracks[sender.index()];
        match **step {
            _ if first => Verdict::Invalid,
            // Paxos 1b
            Step::Promise { ballot } => {
                if ballot <= track.promised {
                    return Verdict::Invalid;
                }
                track.promised = ballot;
                let accepted = track.accepted.clone();
                robust.promises.entry(ballot).or_default().insert(sender, accepted);
                Verdict::Taken
            }
            _ if track.promised != ballot => Verdict::Invalid,
            Step::Report { .. } => Verdict::Invalid,
            Step::Begin { ballot, promisers } => {
                let promises = robust.promises.get(&ballot);
                let enough = promisers.len() >= quorum && promisers.and(everybody) == promisers;
                if sender != proposer
                    || ballot == 0
                    || track.begun.is_some_and(|b| b.0 >= ballot)
                    || !enough
                {
                    return Verdict::Invalid;
                }
                let known = |m: NodeId| promises.is_some_and(|promises| promises.contains_key(&m));
                if !promisers.iter().all(known) {
                    return Verdict::Waits;
                }
                track.begun = Some((ballot, promisers));
                Verdict::Taken
            }
            // Paxos 2a
            Step::Propose { ballot, instance, ref value } => {
                let begun = track.begun.filter(|&(begun, _)| begun == ballot);
                let new = !robust.proposals.contains_key(&(ballot, instance));
                if sender != proposer
                    || (ballot > 0 && begun.is_none())
                    || !new
                    || instance > INSTANCES
                {
                    return Verdict::Invalid;
                }
                let forced =
                    begun.and_then(|(_, promisers)| robust.forced(ballot, promisers, instance));
                if forced.is_some_and(|forced| forced != *value) {
                    return Verdict::Invalid;
                }
                let verdict = self.check_value(instance, value, fx);
                if verdict == Verdict::Taken {
                    self.robust.proposals.insert((ballot, instance), value.clone());
                }
                verdict
            }
            // Paxos 2b
            Step::Accept { ballot, instance } => {
                let Some(value) = robust.proposals.get(&(ballot, instance)) else {
                    return Verdict::Waits;
                };
                track.accepted.insert(instance, ballot);
                let votes = robust.accepts.entry((ballot, instance)).or_default();
                votes.insert(sender);
                if votes.len() >= quorum {
                    robust.decided.entry(instance).or_insert_with(|| value.clone());
                }
                Verdict::Taken
            }
        }
    }

    /// Whether a value may be proposed in an instance.
    fn check_value(&self, instance: u32, value: &Value, fx: &mut Fx<BftRdma>) -> Verdict {
        let good = match value {
            Value::Reports(members) => {
                let all = members.and(self.everybody()) == *members;
                let enough = all && members.len() >= Quorum::Consensus.of(&self.setup);
                if instance == 0
                    && enough
                    && !members.iter().all(|m| self.robust.report_of(m).is_some())
                {
                    return Verdict::Waits;
                }
                instance == 0 && enough
            }
            Value::Batch(batch) => {
                instance > 0
                    && batch.len() <= BATCH
                    && batch.iter().all(|signed| self.is_genuine(&Some(*signed), fx))
            }
            Value::Switch { epoch, .. } => {
                let (now, n) = (self.start.epoch, u64::from(self.setup.members));
                instance > 0 && *epoch > now && *epoch <= now + n
            }
        };
        if good { Verdict::Taken } else { Verdict::Invalid }
    }

    /// Executes what is decided, instance by instance.
    fn carry_out_instances(&mut self, fx: &mut Fx<BftRdma>) {
        while self.epochs.next.is_none()
            && let Some(value) = self.robust.decided.get(&self.robust.done).cloned()
        {
            match &*value {
                Value::Reports(members) => {
                    let Some(last) = self.decide_by_reports(*members, fx) else {
                        self.fall_behind(fx);
                        return;
                    };
                    self.robust.last = last;
                }
                Value::Batch(batch) => {
                    for signed in batch {
                        self.robust.last += 1;
                        self.decide(self.robust.last, Some(signed.request), fx);
                    }
                }
                Value::Switch { epoch, fast } => self.epochs.next = Some((*epoch, *fast)),
            }
            self.robust.done += 1;
            self.moved = true;
            self.carry_out(fx);
        }
    }

    /// Takes the steps that are its own to take now.
    pub(super) fn act(&mut self, fx: &mut Fx<BftRdma>) {
        if self.mode != Mode::Backup || self.epochs.next.is_some() {
            return;
        }
        // f + 1 members want another ballot, one honest one among them.
        let wanted = self.robust.promises.range(self.robust.ballot + 1..);
        let wanted = wanted.filter(|(_, who)| who.len() > self.f()).map(|(&b, _)| b).max();
        if let Some(ballot) = wanted {
            self.promise(ballot, fx);
        }
        let (ballot, instance) = (self.robust.ballot, self.robust.done);
        let proposer = proposer_of(self.start.epoch, ballot, self.setup.members);
        if proposer == self.id {
            self.lead_ballot(ballot, instance, fx);
        }
        let proposed = self.robust.proposals.contains_key(&(ballot, instance));
        if proposed && !self.robust.accepted.contains(&(ballot, instance)) {
            self.say(Step::Accept { ballot, instance }, fx);
        }
    }

    fn promise(&mut self, ballot: u32, fx: &mut Fx<BftRdma>) {
        self.say(Step::Promise { ballot }, fx);
        self.tell_view(fx);
    }

    /// The ballot's proposer takes too long: the next one has twice the time. Not before a quorum
    /// is in this ballot, so that no member runs ahead of the others.
    pub(super) fn next_ballot(&mut self, fx: &mut Fx<BftRdma>) {
        let ballot = self.robust.ballot;
        let promised = self.robust.promises.get(&ballot).map_or(0, BTreeMap::len);
        if ballot == 0 || promised >= Quorum::Consensus.of(&self.setup) {
            fx.out(Outcome::Suspected { view: self.view() + 1 });
            self.promise(ballot + 1, fx);
        }
    }

    fn lead_ballot(&mut self, ballot: u32, instance: u32, fx: &mut Fx<BftRdma>) {
        if ballot > 0 && !self.robust.begun.contains(&ballot) {
            let promises = self.robust.promises.get(&ballot);
            let promisers: Members =
                promises.into_iter().flat_map(BTreeMap::keys).copied().collect();
            if promisers.len() >= Quorum::Consensus.of(&self.setup) {
                self.say(Step::Begin { ballot, promisers }, fx);
            }
            return;
        }
        let begun = self.robust.tracks[self.id.index()].begun.filter(|&(b, _)| b == ballot);
        if self.robust.proposed.contains(&(ballot, instance)) || (ballot > 0 && begun.is_none()) {
            return;
        }
        let forced =
            begun.and_then(|(_, promisers)| self.robust.forced(ballot, promisers, instance));
        if let Some(value) = forced.or_else(|| self.free_value(instance).map(Arc::new)) {
            if let Value::Batch(batch) = &*value {
                for signed in batch {
                    fx.out(Outcome::Proposed { request: signed.request });
                }
            }
            self.say(Step::Propose { ballot, instance, value }, fx);
        }
    }

    /// What it proposes where it is free to choose, if there is anything to do.
    fn free_value(&self, instance: u32) -> Option<Value> {
        if instance == 0 {
            let reported = |m: &NodeId| self.robust.report_of(*m).is_some();
            let reported: Members = self.everybody().iter().filter(reported).collect();
            let enough = reported.len() >= Quorum::Consensus.of(&self.setup);
            return enough.then_some(Value::Reports(reported));
        }
        let alive = self.robust.accepted_by(instance - 1) == self.everybody();
        if instance < INSTANCES && !self.pending.is_empty() {
            let batch = self.pending.iter().take(BATCH).map(|pending| pending.signed).collect();
            return Some(Value::Batch(batch));
        }
        // All members are reachable again: back to Cheap Quorum, after a delay that grows with each
        // failed attempt. The backup of an epoch ends in any case, so that its registers can be
        // used again.
        let patience = (1u32 << self.falls.saturating_sub(1).min(5)) - 1;
        let fast = alive && instance > patience.min(INSTANCES - 1);
        (fast || instance >= INSTANCES).then(|| {
            let n = u64::from(self.setup.members);
            // This member is to lead the next epoch, or to propose in its first ballot.
            let now = self.start.epoch;
            let id = u64::from(self.id.0);
            let leads = |epoch: &u64| (epoch + u64::from(!fast)) % n == id;
            let epoch = (now + 1..=now + n).find(leads).unwrap_or(now + 1);
            Value::Switch { epoch, fast }
        })
    }
}
