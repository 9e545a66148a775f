//! PBFT's messages, what is signed of them, their kinds and their sizes.

use super::Pbft;
use crate::crypto::{digest, mix};
use crate::{Class, Executed, Fx, Kind, Ledger, NodeId, Sig, Signed, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
/// Bytes of an Ed25519 signature.
const SIG: u32 = 64;
/// Bytes of a SHA-256 digest.
const HASH: u32 = 32;
/// Bytes of a message authentication code (section 5: 10 bytes of UMAC32 with its nonce).
const MAC: u32 = 10;
/// Bytes of a request beside its payload: operation, client, number.
const REQUEST: u32 = 16;

/// What is proposed for a sequence number: a request, or the null request (section 4.4).
pub type Proposal = Option<Signed>;

/// The digest by which a proposal is voted on.
pub(super) fn digest_of(proposal: &Proposal) -> u64 {
    proposal.map_or(0, |signed| signed.request.digest)
}

pub(super) fn pre_prepare_digest(view: u64, seq: u64, proposal: u64) -> u64 {
    digest([1, view, seq, proposal])
}

pub(super) fn prepare_digest(view: u64, seq: u64, proposal: u64) -> u64 {
    digest([2, view, seq, proposal])
}

pub(super) fn checkpoint_digest(seq: u64, state: u64) -> u64 {
    digest([3, seq, state])
}

/// Proof that a proposal prepared: its pre-prepare and a quorum less one of prepares.
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
    /// The requests carried out.
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

/// VIEW-CHANGE (section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewChange {
    /// The view asked for.
    pub view: u64,
    /// Who asks.
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

/// NEW-VIEW (section 4.4).
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
    /// What is signed.
    pub(super) fn content(view: u64, changes: &[Arc<ViewChange>]) -> u64 {
        changes.iter().fold(digest([5, view]), |state, change| {
            mix(state, ViewChange::content(change.view, &change.stable, &change.prepared))
        })
    }
}

/// What a member tells one that was away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Up to where it has executed.
    pub executed: u64,
    /// Its latest stable checkpoint.
    pub stable: Arc<Stable>,
    /// What was decided since, in order, without gaps.
    pub decided: Vec<(u64, Proposal)>,
    /// Why it is in its view, unless that is the first.
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
        /// Its view.
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
    /// A request to be carried out.
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
        Msg::Commit { .. } => (3, 18 + HASH + MAC),
        Msg::Reply { .. } => (4, 18 + HASH + MAC),
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

/// What a liar could say instead: the null request for the client's, a vote for that, and a view
/// change or a checkpoint that hides or invents what it knows.
pub(super) fn variants(msg: &Msg, fx: &mut Fx<Pbft>) -> Vec<Msg> {
    match *msg {
        Msg::PrePrepare { view, seq, proposal: Some(_), .. } => {
            let sig = fx.sign(pre_prepare_digest(view, seq, 0));
            vec![Msg::PrePrepare { view, seq, proposal: None, sig }]
        }
        Msg::Prepare { view, seq, digest, .. } if digest != 0 => {
            let sig = fx.sign(prepare_digest(view, seq, 0));
            vec![Msg::Prepare { view, seq, digest: 0, sig }]
        }
        Msg::Commit { view, seq, digest } if digest != 0 => {
            vec![Msg::Commit { view, seq, digest: 0 }]
        }
        Msg::Reply { view, number, result } => {
            vec![Msg::Reply { view, number, result: mix(result, 1) }]
        }
        Msg::Checkpoint { seq, state, .. } => {
            let state = mix(state, 1);
            let sig = fx.sign(checkpoint_digest(seq, state));
            vec![Msg::Checkpoint { seq, state, sig }]
        }
        Msg::ViewChange(ref change) if !change.prepared.is_empty() => {
            let (view, stable) = (change.view, change.stable.clone());
            let sig = fx.sign(ViewChange::content(view, &stable, &[]));
            let from = change.from;
            vec![Msg::ViewChange(Arc::new(ViewChange {
                view,
                from,
                stable,
                prepared: vec![],
                sig,
            }))]
        }
        _ => Vec::new(),
    }
}
