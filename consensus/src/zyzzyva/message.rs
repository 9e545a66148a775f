//! What Zyzzyva's nodes send each other, what is signed of it, kinds and sizes.

use crate::crypto::{digest, mix};
use crate::{Attested, Class, Executed, Kind, NodeId, Sig, Signed, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
/// Bytes of an Ed25519 signature, or of a trusted counter's.
const SIG: u32 = 64;
/// Bytes of a SHA-256 digest.
const HASH: u32 = 32;
/// Bytes of a message authentication code.
const MAC: u32 = 10;
/// Bytes of a request beside its payload: operation, client, number.
const REQUEST: u32 = 16;

pub(super) fn order_digest(view: u64, seq: u64, history: u64, request: u64) -> u64 {
    digest([11, view, seq, history, request])
}

pub(super) fn response_digest(view: u64, seq: u64, history: u64) -> u64 {
    digest([12, view, seq, history])
}

pub(super) fn checkpoint_digest(view: u64, seq: u64, history: u64, state: u64) -> u64 {
    digest([13, view, seq, history, state])
}

pub(super) fn confirm_digest(view: u64, seq: u64, history: u64, offset: u64) -> u64 {
    digest([14, view, seq, history, offset])
}

/// What a primary puts under an ordered request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seal {
    /// Its signature.
    Signature(Sig),
    /// The next number of its trusted counter.
    Counter(Attested),
}

/// An ordered request: the content of ORDER-REQ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ordered {
    /// The view it was ordered in.
    pub view: u64,
    /// Its sequence number, from 1; its position in the ledger is one less.
    pub seq: u64,
    /// The digest of all requests up to this one: h_n = H(h_{n-1}, d).
    pub history: u64,
    /// The request.
    pub signed: Signed,
    /// The primary's seal over all that.
    pub seal: Seal,
}

impl Ordered {
    /// What the seal is over.
    pub(super) fn content(&self) -> u64 {
        order_digest(self.view, self.seq, self.history, self.signed.request.digest)
    }

    /// Whether it continues a history.
    pub(crate) fn follows(&self, history: u64) -> bool {
        self.history == mix(history, self.signed.request.digest)
    }

    /// It, without the request; `before` is the history two numbers back.
    pub(super) fn mark(&self, before: u64) -> Mark {
        let Self { view, seq, history, seal, ref signed } = *self;
        Mark { view, seq, history, digest: signed.request.digest, seal, before }
    }
}

/// An ordered request by its digest: what a response says of the order it answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The view it was ordered in.
    pub view: u64,
    /// Its sequence number.
    pub seq: u64,
    /// The history up to it.
    pub history: u64,
    /// The request's digest.
    pub digest: u64,
    /// The primary's seal.
    pub seal: Seal,
    /// The history two numbers back. Not on the wire and not used by receivers: a Byzantine primary
    /// needs it to order the request one number earlier.
    pub before: u64,
}

impl Mark {
    pub(super) fn content(&self) -> u64 {
        order_digest(self.view, self.seq, self.history, self.digest)
    }

    /// Whether one primary cannot honestly have ordered both: two histories at one number, or one
    /// request at two numbers (step 4d).
    pub(super) fn conflicts(&self, other: &Self) -> bool {
        let same_seq = self.seq == other.seq;
        self.view == other.view
            && ((same_seq && self.history != other.history)
                || (!same_seq && self.digest == other.digest))
    }
}

/// Proof that a quorum has the same history: of speculative responses, or, for the history that a
/// view begins with, of view confirmations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// The view.
    pub view: u64,
    /// The last sequence number of the history.
    pub seq: u64,
    /// The history.
    pub history: u64,
    /// Of view confirmations: what the primary's counter shows beyond the sequence number.
    pub offset: Option<u64>,
    /// A quorum of signatures.
    pub proof: Vec<(NodeId, Sig)>,
}

impl Certificate {
    /// What is signed.
    pub(super) fn content(&self) -> u64 {
        match self.offset {
            None => response_digest(self.view, self.seq, self.history),
            Some(offset) => confirm_digest(self.view, self.seq, self.history, offset),
        }
    }
}

/// A state that a quorum knows to be committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stable {
    /// The view it was committed in.
    pub view: u64,
    /// The last sequence number in it.
    pub seq: u64,
    /// The history up to there.
    pub history: u64,
    /// The requests executed.
    pub executed: Executed,
    /// A quorum of signatures over the checkpoint; none at the start.
    pub proof: Vec<(NodeId, Sig)>,
}

impl Stable {
    pub(super) fn content(&self) -> u64 {
        checkpoint_digest(self.view, self.seq, self.history, self.executed.digest())
    }
}

/// VIEW-CHANGE (section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewChange {
    /// The view asked for.
    pub view: u64,
    /// The sender.
    pub from: NodeId,
    /// The last view that it worked in,
    pub installed: u64,
    /// and how that began; nothing for view 0.
    pub begun: Option<Arc<Certificate>>,
    /// Its stable checkpoint.
    pub stable: Arc<Stable>,
    /// The commit certificate that it prefers.
    pub certificate: Option<Arc<Certificate>>,
    /// The history of that, from the checkpoint on, where it is not the log's.
    pub chain: Arc<[Ordered]>,
    /// All requests ordered since the checkpoint, as it has them.
    pub log: Arc<[Ordered]>,
    /// Its signature.
    pub sig: Sig,
}

impl ViewChange {
    /// What is signed.
    pub(super) fn content(&self) -> u64 {
        let certificate = |cert: &Option<Arc<Certificate>>| {
            cert.as_ref().map_or(0, |cert| digest([cert.view, cert.seq, cert.history]))
        };
        let start = digest([
            15,
            self.view,
            self.installed,
            certificate(&self.begun),
            self.stable.content(),
            certificate(&self.certificate),
        ]);
        let all = self.chain.iter().chain(self.log.iter());
        all.fold(start, |sum, ordered| mix(sum, ordered.content()))
    }

    /// What it has at a number.
    pub(super) fn logged(&self, seq: u64) -> Option<&Ordered> {
        at(&self.log, self.stable.seq, seq)
    }

    /// What its certificate has at a number.
    pub(super) fn certified(&self, seq: u64) -> Option<&Ordered> {
        let cert = self.certificate.as_ref().filter(|cert| cert.seq >= seq)?;
        let of_log = self.logged(cert.seq).is_some_and(|last| last.history == cert.history);
        if of_log { self.logged(seq) } else { at(&self.chain, self.stable.seq, seq) }
    }
}

/// The entry of a number among those that follow `stable`.
fn at(entries: &[Ordered], stable: u64, seq: u64) -> Option<&Ordered> {
    entries.get(usize::try_from(seq.checked_sub(stable + 1)?).ok()?)
}

/// NEW-VIEW (section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewView {
    /// The view.
    pub view: u64,
    /// A quorum of members that asked for it.
    pub changes: Vec<Arc<ViewChange>>,
    /// The new primary's seal.
    pub seal: Seal,
}

impl NewView {
    pub(super) fn content(view: u64, changes: &[Arc<ViewChange>]) -> u64 {
        changes.iter().fold(digest([16, view]), |sum, change| mix(sum, change.content()))
    }
}

/// COMMIT (step 4b): a certificate for the request of a mark.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Commit {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// The order that its responses answered to.
    pub mark: Mark,
    /// The request's number.
    pub number: u64,
}

/// A reply to a member that lacks something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filled {
    /// How the view that it works in began; nothing for view 0.
    pub begun: Option<Arc<Certificate>>,
    /// Its stable checkpoint, where that is newer.
    pub stable: Option<Arc<Stable>>,
    /// Its last number.
    pub last: u64,
    /// Ordered requests, without gaps.
    pub entries: Vec<Ordered>,
}

/// What Zyzzyva's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Signed),
    /// ORDER-REQ: the primary orders a request.
    Order {
        /// What it orders.
        ordered: Ordered,
        /// As in [`Mark::before`].
        before: u64,
    },
    /// SPEC-RESPONSE: a member has carried a request out on trust.
    Response {
        /// The view it works in.
        view: u64,
        /// The request's number.
        number: u64,
        /// The order, with its number and history.
        mark: Mark,
        /// Over view, sequence number and history.
        sig: Sig,
    },
    /// COMMIT: a client shows a certificate.
    Commit(Arc<Commit>),
    /// LOCAL-COMMIT: a member has it.
    LocalCommit {
        /// The certificate's view.
        view: u64,
        /// Its sequence number.
        seq: u64,
        /// Its history.
        history: u64,
        /// The request's number.
        number: u64,
    },
    /// A request is covered by a member's stable checkpoint: it was committed long ago.
    Committed {
        /// The request's number.
        number: u64,
        /// The request's digest.
        digest: u64,
    },
    /// A member's speculative response at a checkpoint's number, to all others.
    SpecCheckpoint {
        /// Its view.
        view: u64,
        /// The sequence number.
        seq: u64,
        /// The history.
        history: u64,
        /// As in a response.
        sig: Sig,
    },
    /// CHECKPOINT: a member has a certificate up to a checkpoint's number.
    Checkpoint {
        /// Its view.
        view: u64,
        /// The sequence number.
        seq: u64,
        /// The history.
        history: u64,
        /// The state's digest.
        state: u64,
        /// Over all that.
        sig: Sig,
    },
    /// CONFIRM-REQ: a backup asks the primary to order a request (step 4c).
    ConfirmReq(Signed),
    /// FILL-HOLE: a member asks for what it lacks (step 3).
    FillHole {
        /// The last view that it worked in.
        installed: u64,
        /// Its stable checkpoint's number.
        stable: u64,
        /// Its last number,
        last: u64,
        /// and its history up to there.
        history: u64,
        /// Whether it wants an answer even if there is nothing new.
        recovering: bool,
    },
    /// The answer.
    Filled(Arc<Filled>),
    /// POM: proof that the primary is Byzantine (step 4d).
    Misbehaviour(Arc<(Mark, Mark)>),
    /// I-HATE-THE-PRIMARY.
    Hate {
        /// Of this view.
        view: u64,
    },
    /// A member asks for another view.
    ViewChange(Arc<ViewChange>),
    /// A new primary says what its view begins with.
    NewView(Arc<NewView>),
    /// VIEW-CONFIRM: a member takes a view's beginning.
    ViewConfirm {
        /// The view.
        view: u64,
        /// The last sequence number of its first history.
        seq: u64,
        /// That history.
        history: u64,
        /// What the primary's counter shows beyond the sequence number; zero without counters.
        offset: u64,
        /// Over all that.
        sig: Sig,
    },
}

/// What a Zyzzyva node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The primary to order what it was asked for, or to fill a hole.
    Patience,
    /// The time to ask for what is missing.
    Hole,
    /// A new view to begin.
    NewView,
    /// The time to repeat its view change.
    Resend,
    /// The responses that are missing for the fast path, as a client.
    Slow(u64),
    /// An answer, as a client.
    Retry,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Request),
    kind("order-req", Class::Request),
    kind("spec-response", Class::Request),
    kind("commit", Class::Request),
    kind("local-commit", Class::Request),
    kind("committed", Class::Repair),
    kind("spec-checkpoint", Class::Periodic),
    kind("checkpoint", Class::Periodic),
    kind("confirm-req", Class::Repair),
    kind("fill-hole", Class::Repair),
    kind("filled", Class::Repair),
    kind("proof-of-misbehaviour", Class::Repair),
    kind("i-hate-the-primary", Class::Repair),
    kind("view-change", Class::Repair),
    kind("new-view", Class::Repair),
    kind("view-confirm", Class::Repair),
];

fn signed(signed: &Signed) -> u32 {
    REQUEST + SIG + signed.request.bytes
}

fn entries(entries: &[Ordered]) -> u32 {
    entries.iter().map(|ordered| 16 + HASH + SIG + signed(&ordered.signed)).sum()
}

fn certificate(cert: &Certificate) -> u32 {
    24 + HASH + (SIG + 2) * cert.proof.len() as u32
}

fn maybe(cert: Option<&Arc<Certificate>>) -> u32 {
    1 + cert.map_or(0, |cert| certificate(cert))
}

fn stable(stable: &Stable) -> u32 {
    80 + HASH + (SIG + 2) * stable.proof.len() as u32
}

fn change(change: &ViewChange) -> u32 {
    18 + SIG
        + maybe(change.begun.as_ref())
        + stable(&change.stable)
        + maybe(change.certificate.as_ref())
        + entries(&change.chain)
        + entries(&change.log)
}

pub(super) fn wire(msg: &Msg) -> Wire {
    const MARK: u32 = 16 + 2 * HASH + SIG;
    let (kind, body) = match msg {
        Msg::Request(request) => (0, signed(request)),
        Msg::Order { ordered, .. } => (1, 16 + HASH + SIG + signed(&ordered.signed)),
        Msg::Response { .. } => (2, 16 + MARK + SIG),
        Msg::Commit(commit) => (3, 8 + certificate(&commit.certificate) + MARK),
        Msg::LocalCommit { .. } => (4, 24 + HASH + MAC),
        Msg::Committed { .. } => (5, 8 + HASH + MAC),
        Msg::SpecCheckpoint { .. } => (6, 18 + HASH + SIG),
        Msg::Checkpoint { .. } => (7, 18 + 2 * HASH + SIG),
        Msg::ConfirmReq(request) => (8, signed(request)),
        Msg::FillHole { .. } => (9, 25 + HASH + MAC),
        Msg::Filled(filled) => {
            let checkpoint = filled.stable.as_ref().map_or(0, |checkpoint| stable(checkpoint));
            let body = maybe(filled.begun.as_ref()) + checkpoint + entries(&filled.entries);
            (10, 9 + MAC + body)
        }
        Msg::Misbehaviour(_) => (11, 2 * MARK),
        Msg::Hate { .. } => (12, 10 + MAC),
        Msg::ViewChange(asked) => (13, change(asked)),
        Msg::NewView(new) => (14, 8 + SIG + new.changes.iter().map(|c| change(c)).sum::<u32>()),
        Msg::ViewConfirm { .. } => (15, 26 + HASH + SIG),
    };
    let bytes = HEADERS + body;
    Wire { kind, bytes }
}
