//! A member of web-bft: accepts requests and others' signatures, detects members that change their
//! vote, and executes decisions. Voting is in `rounds`, catching up in `catch_up`.

use super::message::{Accept, Certificate, Lock, Msg, Proof, State, Timer, Vote, proof_bytes};
use super::votes::Votes;
use super::{ACCEPT, Stored, VOTE, WebBft, faulty, quorum};
use crate::{Fx, Members, NodeId, Request, Sequence, Setup, Signed};
use gridtwin_kernel::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a member has signed itself for the version that is voted on, and what binds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ballot {
    /// Its latest vote.
    pub voted: Option<Vote>,
    /// Its latest acceptance.
    pub accepted: Option<Accept>,
    /// The latest lock that it knows.
    pub lock: Option<Arc<Lock>>,
}

/// What a member writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    pub(super) started: bool,
    pub(super) sequence: Sequence,
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) ballot: Ballot,
    pub(super) byzantine: BTreeMap<NodeId, Proof>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    pub(super) n: u16,
    pub(super) clients: u16,
    /// The number of tolerated Byzantine members.
    pub(super) f: usize,
    /// Votes that lock,
    pub(super) locks: usize,
    /// and acceptances that decide.
    pub(super) decides: usize,
    /// The quorum size, which the honest members alone can reach.
    pub(super) quorum: usize,
    pub(super) timeout: Span,
    /// All versions so far,
    pub(super) sequence: Sequence,
    /// and the proof of the last one.
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) ballot: Ballot,
    pub(super) votes: Votes,
    /// Requests taken up and not decided.
    pub(super) pool: BTreeMap<(NodeId, u64), Signed>,
    /// The round that it is in,
    pub(super) round: u64,
    /// those that others say they are in,
    pub(super) rounds: BTreeMap<NodeId, u64>,
    /// how often the time has run out since the last version,
    pub(super) waits: u32,
    /// and whether it runs.
    pub(super) armed: bool,
    /// The version for which it has asked another member for missing ones.
    pub(super) asked: u64,
    /// Whether it came back and does not know yet what the others have,
    pub(super) recovering: bool,
    /// and the members that have answered since.
    pub(super) heard: Members,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup) -> Self {
        let n = setup.members;
        let quorum = quorum(n);
        Self {
            id,
            n,
            clients: setup.clients,
            f: faulty(n),
            locks: setup.quorum(VOTE, quorum),
            decides: setup.quorum(ACCEPT, quorum),
            quorum,
            timeout: setup.timing.request_timeout,
            sequence: Sequence::default(),
            certificate: None,
            ballot: Ballot::default(),
            votes: Votes::default(),
            pool: BTreeMap::new(),
            round: 0,
            rounds: BTreeMap::new(),
            waits: 0,
            armed: false,
            asked: 0,
            recovering: false,
            heard: Members::NONE,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<WebBft>) {
        if !durable.started {
            fx.persist(1, |stored: &mut Stored| stored.member.started = true);
            return;
        }
        self.sequence = durable.sequence.clone();
        self.certificate.clone_from(&durable.certificate);
        self.votes = Votes::with(&durable.byzantine);
        self.ballot = durable.ballot.clone();
        // It is bound by what it has signed.
        if let Some(vote) = self.ballot.voted {
            self.votes.take(self.id, vote);
            self.pool.insert(key(&vote.value), vote.value);
        }
        if let Some(accept) = self.ballot.accepted {
            self.votes.take_accept(self.id, accept);
        }
        let round = self.votes.round_of(self.id, self.version());
        self.round = round.unwrap_or(0);
        self.sequence.tell(fx);
        self.recovering = true;
        self.fetch(fx);
        self.act(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<WebBft>) {
        if let Msg::Request(signed) = msg {
            self.on_request(from, *signed, fx);
        }
        if from.0 >= self.n {
            return;
        }
        match msg {
            Msg::Vote { vote, lock, .. } => {
                self.learn(from, vote, fx);
                if let Some(lock) = lock {
                    self.lock(lock, fx);
                }
                self.compare(from, vote.version.saturating_sub(1), fx);
            }
            Msg::Accept { accept, against, .. } => {
                against.iter().for_each(|(member, vote)| self.learn(*member, vote, fx));
                self.learn_accept(from, accept, fx);
                self.compare(from, accept.version, fx);
            }
            Msg::State(state) => self.on_state(from, state, fx),
            Msg::Fetch { applied } => self.on_fetch(from, *applied, fx),
            Msg::Told(told) => self.on_told(from, told, fx),
            Msg::Proof { byzantine, proof } => self.hear_of(*byzantine, proof, fx),
            Msg::Request(_) | Msg::Answer { .. } => return,
        }
        self.act(fx);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<WebBft>) {
        match timer {
            Timer::Round => self.on_time_out(fx),
            Timer::Fetch => self.fetch(fx),
            Timer::Retry => {}
        }
    }

    /// The version that is voted on.
    pub(super) fn version(&self) -> u64 {
        self.sequence.applied() + 1
    }

    fn on_request(&mut self, from: NodeId, signed: Signed, fx: &mut Fx<WebBft>) {
        if from != signed.request.client || !self.is_asked(&signed, fx) {
            return;
        }
        if self.sequence.contains(&signed.request) {
            self.answer(&signed.request, fx);
        } else if self.is_open(&signed) {
            self.pool.insert(key(&signed), signed);
            self.act(fx);
        }
    }

    /// Whether a client has asked for this, and signed it.
    pub(super) fn is_asked(&self, signed: &Signed, fx: &mut Fx<WebBft>) -> bool {
        if self.pool.get(&key(signed)) == Some(signed) {
            return true;
        }
        let Request { client, bytes, digest, .. } = signed.request;
        fx.hash(bytes);
        (self.n..self.n + self.clients).contains(&client.0)
            && is_whole(&signed.request)
            && fx.verify(client, digest, signed.sig)
    }

    /// Whether it may still be decided.
    pub(super) fn is_open(&self, signed: &Signed) -> bool {
        !self.sequence.contains(&signed.request) && self.sequence.in_window(&signed.request)
    }

    /// Whether this is another member.
    fn is_other(&self, node: NodeId) -> bool {
        node.0 < self.n && node != self.id
    }

    /// Takes a vote, from any sender: it has its author's signature. A second one in the same round
    /// proves that its author is Byzantine.
    pub(super) fn learn(&mut self, caster: NodeId, vote: &Vote, fx: &mut Fx<WebBft>) {
        let version = self.version();
        let near = (version.saturating_sub(1)..=version + 1).contains(&vote.version);
        let known = self.votes.knows(caster, vote) || self.votes.is_byzantine(caster);
        if !near || known || !self.is_other(caster) || !vote.is_by(caster, fx) {
            return;
        }
        if let Some(proof) = self.votes.against(caster, vote) {
            self.find_out(caster, proof, fx);
        } else if vote.version < version {
            self.votes.take_past(caster, *vote);
        } else if self.is_asked(&vote.value, fx) {
            self.votes.take(caster, *vote);
            if self.is_open(&vote.value) {
                self.pool.entry(key(&vote.value)).or_insert(vote.value);
            }
        }
    }

    /// Takes in an acceptance, likewise.
    pub(super) fn learn_accept(&mut self, giver: NodeId, accept: &Accept, fx: &mut Fx<WebBft>) {
        let version = self.version();
        let near = (version..=version + 1).contains(&accept.version);
        let known = self.votes.knows_accept(giver, accept) || self.votes.is_byzantine(giver);
        if !near || known || !self.is_other(giver) || !accept.is_by(giver, fx) {
            return;
        }
        match self.votes.against_accept(giver, accept) {
            Some(proof) => self.find_out(giver, proof, fx),
            None => self.votes.take_accept(giver, *accept),
        }
    }

    /// It has detected itself that a member has changed its vote, and informs all others.
    fn find_out(&mut self, byzantine: NodeId, proof: Proof, fx: &mut Fx<WebBft>) {
        self.convict(byzantine, proof, fx);
        fx.broadcast(Msg::Proof { byzantine, proof });
    }

    /// It is informed that a member has changed its vote.
    pub(super) fn hear_of(&mut self, byzantine: NodeId, proof: &Proof, fx: &mut Fx<WebBft>) {
        if self.is_other(byzantine)
            && !self.votes.is_byzantine(byzantine)
            && proof.convicts(byzantine, fx)
        {
            self.convict(byzantine, *proof, fx);
        }
    }

    fn convict(&mut self, byzantine: NodeId, proof: Proof, fx: &mut Fx<WebBft>) {
        self.votes.convict(byzantine, proof);
        fx.persist(proof_bytes(&proof), |stored: &mut Stored| {
            stored.member.byzantine.insert(byzantine, proof);
        });
    }

    /// Executes the version with this certificate, and moves on to the next.
    pub(super) fn settle(&mut self, certificate: Certificate, fx: &mut Fx<WebBft>) {
        let (version, request) = (certificate.version, certificate.request);
        let certificate = Arc::new(certificate);
        self.certificate = Some(certificate.clone());
        self.sequence.decide(version, Some(request));
        fx.persist(96 + request.bytes, |stored: &mut Stored| {
            let stored = &mut stored.member;
            stored.sequence.decide(version, Some(request));
            stored.sequence.advance();
            stored.certificate = Some(certificate);
            stored.ballot = Ballot::default();
        });
        let done = self.sequence.carry_out(fx);
        self.go_on(&done, fx);
    }

    /// Begins the next version, after these requests.
    pub(super) fn go_on(&mut self, done: &[Request], fx: &mut Fx<WebBft>) {
        self.ballot = Ballot::default();
        self.round = 0;
        self.rounds.clear();
        self.waits = 0;
        if std::mem::take(&mut self.armed) {
            fx.cancel(Timer::Round);
        }
        for request in done {
            self.pool.remove(&(request.client, request.number));
        }
        self.votes.advance(self.version());
        for request in done {
            self.answer(request, fx);
        }
    }

    fn answer(&self, request: &Request, fx: &mut Fx<WebBft>) {
        let (client, number, result) = (request.client, request.number, request.digest);
        let others = self.pool.range((client, 0)..=(client, u64::MAX));
        let other = others.map(|(_, signed)| signed.request).next();
        fx.send(client, Msg::Answer { number, result, other });
    }

    /// All that it knows of the vote.
    pub(super) fn state(&self) -> Msg {
        let version = self.version();
        Msg::State(Arc::new(State {
            version,
            round: self.round,
            lock: self.ballot.lock.clone(),
            votes: self.votes.on(version).map(|(member, &vote)| (member, vote)).collect(),
            accepts: self.votes.accepted(version).map(|(m, &accept)| (m, accept)).collect(),
            proofs: self.votes.proofs().collect(),
        }))
    }

    /// The round that it is in, of the version that is voted on.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// What it knows of others' votes.
    pub fn votes(&self) -> &Votes {
        &self.votes
    }

    /// What it has signed itself for the next version.
    pub fn ballot(&self) -> &Ballot {
        &self.ballot
    }

    /// What was decided, as far as it knows.
    pub fn sequence(&self) -> &Sequence {
        &self.sequence
    }

    pub(super) fn held(&self) -> usize {
        self.sequence.held() + self.votes.held() + self.pool.len() + self.rounds.len()
    }
}

/// How a request is known.
pub(super) fn key(signed: &Signed) -> (NodeId, u64) {
    (signed.request.client, signed.request.number)
}

/// Whether a request's digest is that of what it asks for.
pub(super) fn is_whole(request: &Request) -> bool {
    *request == Request::new(request.client, request.number, request.bytes)
}
