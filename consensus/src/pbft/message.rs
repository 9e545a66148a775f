//! PBFT's messages, what is signed of them, their kinds and their sizes.

use super::Pbft;
use super::view_change::beginning;
use crate::crypto::{digest, mix};
use crate::{Class, Executed, Fx, Kind, Ledger, NodeId, Request, Sig, Signed, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
/// Bytes of an Ed25519 signature.
const SIG: u32 = 64;
/// Bytes of a SHA-256 digest.
const HASH: u32 = 32;
/// Bytes of a message authentication code (section 5: 10 bytes of UMAC32 with its nonce).
const MAC: u32 = 10;
/// Bytes of a commit or a reply: view, number, sender and digest.
pub(super) const VOTE: u32 = 18 + HASH;
/// Bytes of a request beside its payload: operation, client, number.
const REQUEST: u32 = 16;

/// What is proposed for a sequence number: a request, or the null request (section 4.4).
pub type Proposal = Option<Signed>;

/// The digest D(m) by which a proposal is voted on; the null request's is zero.
pub(crate) fn digest_of(proposal: &Proposal) -> u64 {
    proposal.map_or(0, |signed| signed.request.digest)
}

/// What a client signs of its request: all of it, so that no node can give it another number.
pub(crate) fn request_digest(request: &Request) -> u64 {
    digest([6, request.client.0.into(), request.number, request.bytes.into(), request.digest])
}

pub(super) fn pre_prepare_digest(view: u64, seq: u64, proposal: u64) -> u64 {
    digest([1, view, seq, proposal])
}

pub(crate) fn prepare_digest(view: u64, seq: u64, proposal: u64) -> u64 {
    digest([2, view, seq, proposal])
}

/// Of a commit, where protocols built on this one have it signed.
pub(crate) fn commit_digest(view: u64, seq: u64, proposal: u64) -> u64 {
    digest([7, view, seq, proposal])
}

pub(super) fn checkpoint_digest(seq: u64, state: u64) -> u64 {
    digest([3, seq, state])
}

/// Proof that a proposal prepared (an element of section 4.4's P): its pre-prepare, and the
/// prepares that make a quorum with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// The view it prepared in.
    pub view: u64,
    /// Its sequence number.
    pub seq: u64,
    /// What was proposed.
    pub proposal: Proposal,
    /// The primary's signature over the pre-prepare.
    pub primary: Sig,
    /// Signatures over the prepares.
    pub prepares: Vec<(NodeId, Sig)>,
}

/// A state that a quorum vouches for (section 4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stable {
    /// The sequence number after which it was taken.
    pub seq: u64,
    /// The decided sequence.
    pub ledger: Ledger,
    /// The requests executed.
    pub executed: Executed,
    /// A quorum of signatures over the checkpoint; none at the start.
    pub proof: Vec<(NodeId, Sig)>,
}

impl Stable {
    /// The digest of the state.
    pub(super) fn digest(&self) -> u64 {
        let ledger = self.ledger;
        digest([self.seq, ledger.length, ledger.digest, self.executed.digest()])
    }
}

/// VIEW-CHANGE, v + 1, n, C, P, i (section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewChange {
    /// The view asked for.
    pub view: u64,
    /// The sender.
    pub from: NodeId,
    /// Its latest stable checkpoint.
    pub stable: Arc<Stable>,
    /// What prepared at it since, in order of sequence number.
    pub prepared: Vec<Arc<Certificate>>,
    /// Its signature.
    pub sig: Sig,
}

impl ViewChange {
    /// What is signed.
    pub(super) fn content(view: u64, stable: &Stable, prepared: &[Arc<Certificate>]) -> u64 {
        let start = digest([4, view, stable.digest()]);
        prepared.iter().fold(start, |state, cert| {
            mix(state, digest([cert.view, cert.seq, digest_of(&cert.proposal)]))
        })
    }
}

/// NEW-VIEW, v + 1, V, O (section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewView {
    /// The view.
    pub view: u64,
    /// A quorum of members that asked for it.
    pub changes: Vec<Arc<ViewChange>>,
    /// The pre-prepares of the view's beginning.
    pub proposals: Vec<(u64, Proposal, Sig)>,
    /// The new primary's signature.
    pub sig: Sig,
}

impl NewView {
    /// The one that follows from these view changes, signed by its primary.
    pub(super) fn new(view: u64, changes: Vec<Arc<ViewChange>>, fx: &mut Fx<Pbft>) -> Self {
        let (_, proposals) = beginning(&changes);
        let signed = proposals.into_iter().map(|(seq, proposal)| {
            let content = pre_prepare_digest(view, seq, digest_of(&proposal));
            (seq, proposal, fx.sign(content))
        });
        let proposals = signed.collect();
        let sig = fx.sign(Self::content(view, &changes));
        Self { view, changes, proposals, sig }
    }

    /// What is signed.
    pub(super) fn content(view: u64, changes: &[Arc<ViewChange>]) -> u64 {
        changes.iter().fold(digest([5, view]), |state, change| {
            mix(state, ViewChange::content(change.view, &change.stable, &change.prepared))
        })
    }
}

/// A member's reply to one that lags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Up to where it has executed.
    pub executed: u64,
    /// Its latest stable checkpoint.
    pub stable: Arc<Stable>,
    /// What was decided since, in order, without gaps.
    pub decided: Vec<(u64, Proposal)>,
    /// The proof of the latest view, if the receiver does not know it.
    pub new_view: Option<Arc<NewView>>,
}

/// What PBFT's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Signed),
    /// The primary proposes.
    PrePrepare {
        /// Its view.
        view: u64,
        /// The sequence number.
        seq: u64,
        /// The proposal.
        proposal: Proposal,
        /// Over all that.
        sig: Sig,
    },
    /// A backup has accepted a proposal.
    Prepare {
        /// Its view.
        view: u64,
        /// The sequence number.
        seq: u64,
        /// The proposal's digest.
        digest: u64,
        /// Over all that.
        sig: Sig,
    },
    /// A proposal has prepared at a member.
    Commit {
        /// Its view.
        view: u64,
        /// The sequence number.
        seq: u64,
        /// The proposal's digest.
        digest: u64,
    },
    /// A member has carried a request out.
    Reply {
        /// Its view.
        view: u64,
        /// The request's number.
        number: u64,
        /// The result: an echo of the request's digest.
        result: u64,
        /// Where the request stands if it commits, and nothing once it has committed: a reply from
        /// before that is tentative (section 5.1).
        tentative: Option<u64>,
    },
    /// A member has taken a checkpoint.
    Checkpoint {
        /// After this sequence number.
        seq: u64,
        /// The state's digest.
        state: u64,
        /// Over both.
        sig: Sig,
    },
    /// A member asks for another view.
    ViewChange(Arc<ViewChange>),
    /// A view begins.
    NewView(Arc<NewView>),
    /// A member that was away asks what it missed.
    Fetch {
        /// Up to where it has executed.
        executed: u64,
        /// The latest view that it knows to have begun.
        view: u64,
        /// Whether it wants an answer even if there is nothing new.
        recovering: bool,
    },
    /// The answer.
    State(Arc<State>),
}

/// What a PBFT node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A request to be executed.
    Request,
    /// A new view to begin.
    NewView,
    /// The time to say again that it wants a new view.
    Resend,
    /// The time to ask what it missed.
    Fetch,
    /// An answer, as a client.
    Retry,
}

impl Timer {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Request, Self::NewView, Self::Resend, Self::Fetch, Self::Retry];
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Request),
    kind("pre-prepare", Class::Request),
    kind("prepare", Class::Request),
    kind("commit", Class::Request),
    kind("reply", Class::Request),
    kind("checkpoint", Class::Periodic),
    kind("view-change", Class::Repair),
    kind("new-view", Class::Repair),
    kind("fetch", Class::Repair),
    kind("state", Class::Repair),
];

pub(super) fn wire(msg: &Msg) -> Wire {
    let request =
        |proposal: &Proposal| proposal.map_or(1, |signed| REQUEST + SIG + signed.request.bytes);
    let stable = |stable: &Stable| 64 + HASH + (SIG + 2) * stable.proof.len() as u32;
    let certificate = |cert: &Arc<Certificate>| {
        16 + request(&cert.proposal) + (SIG + 2) * (1 + cert.prepares.len() as u32)
    };
    let change = |change: &ViewChange| {
        10 + SIG + stable(&change.stable) + change.prepared.iter().map(certificate).sum::<u32>()
    };
    let new_view = |new: &NewView| {
        let changes: u32 = new.changes.iter().map(|c| change(c)).sum();
        8 + SIG + changes + (16 + HASH + SIG) * new.proposals.len() as u32
    };
    let (kind, body) = match msg {
        Msg::Request(signed) => (0, REQUEST + SIG + signed.request.bytes),
        Msg::PrePrepare { proposal, .. } => (1, 16 + HASH + SIG + request(proposal)),
        Msg::Prepare { .. } => (2, 18 + HASH + SIG),
        Msg::Commit { .. } => (3, VOTE + MAC),
        Msg::Reply { .. } => (4, VOTE + MAC),
        Msg::Checkpoint { .. } => (5, 10 + HASH + SIG),
        Msg::ViewChange(msg) => (6, change(msg)),
        Msg::NewView(msg) => (7, new_view(msg)),
        Msg::Fetch { .. } => (8, 17 + MAC),
        Msg::State(state) => {
            let decided: u32 = state.decided.iter().map(|(_, p)| 8 + request(p)).sum();
            let view = state.new_view.as_ref().map_or(0, |new| new_view(new));
            (9, 8 + MAC + stable(&state.stable) + decided + view)
        }
    };
    let bytes = HEADERS + body;
    Wire { kind, bytes }
}

/// What a Byzantine member could send instead. To prepare a second history for half of the others,
/// it proposes and votes for the null request, or for the same request under the neighbouring
/// number (so that two requests change places); it hides its prepared certificates, invents
/// checkpoints and results, and reports to lagging members that nothing was decided.
pub(super) fn variants(msg: &Msg, fx: &mut Fx<Pbft>) -> Vec<Msg> {
    let neighbour = |seq: u64| (seq.wrapping_sub(1) ^ 1).wrapping_add(1);
    match *msg {
        Msg::PrePrepare { view, seq, proposal, .. } if proposal.is_some() => {
            let other = |(seq, proposal), fx: &mut Fx<Pbft>| {
                let sig = fx.sign(pre_prepare_digest(view, seq, digest_of(&proposal)));
                Msg::PrePrepare { view, seq, proposal, sig }
            };
            vec![other((seq, None), fx), other((neighbour(seq), proposal), fx)]
        }
        Msg::Prepare { view, seq, digest, .. } if digest != 0 => {
            let other = |(seq, digest), fx: &mut Fx<Pbft>| {
                let sig = fx.sign(prepare_digest(view, seq, digest));
                Msg::Prepare { view, seq, digest, sig }
            };
            vec![other((seq, 0), fx), other((neighbour(seq), digest), fx)]
        }
        Msg::Commit { view, seq, digest } if digest != 0 => {
            let seq_of_other = neighbour(seq);
            vec![
                Msg::Commit { view, seq, digest: 0 },
                Msg::Commit { view, seq: seq_of_other, digest },
            ]
        }
        Msg::Reply { view, number, result, tentative } => {
            let elsewhere = tentative.map_or(0, |position| position + 1);
            vec![
                Msg::Reply { view, number, result, tentative: Some(elsewhere) },
                Msg::Reply { view, number, result: mix(result, 1), tentative },
            ]
        }
        Msg::Checkpoint { seq, state, .. } => {
            let state = mix(state, 1);
            let sig = fx.sign(checkpoint_digest(seq, state));
            vec![Msg::Checkpoint { seq, state, sig }]
        }
        Msg::ViewChange(ref change) if !change.prepared.is_empty() => {
            vec![Msg::ViewChange(Arc::new(hiding(change, fx)))]
        }
        Msg::NewView(ref new) => {
            let me = fx.me();
            let changes = new.changes.iter().map(|change| {
                if change.from == me { Arc::new(hiding(change, fx)) } else { change.clone() }
            });
            let changes: Vec<_> = changes.collect();
            if changes == new.changes {
                return Vec::new();
            }
            vec![Msg::NewView(Arc::new(NewView::new(new.view, changes, fx)))]
        }
        Msg::State(ref state) if !state.decided.is_empty() => {
            let decided = state.decided.iter().map(|&(seq, _)| (seq, None)).collect();
            vec![Msg::State(Arc::new(State { decided, ..State::clone(state) }))]
        }
        _ => Vec::new(),
    }
}

/// A Byzantine member's view change that omits its prepared certificates.
fn hiding(change: &ViewChange, fx: &mut Fx<Pbft>) -> ViewChange {
    let sig = fx.sign(ViewChange::content(change.view, &change.stable, &[]));
    ViewChange { prepared: Vec::new(), sig, ..change.clone() }
}
