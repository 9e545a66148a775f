//! RCMEC's messages, their kinds and sizes, and their Byzantine variants. Nothing is signed: only
//! the sender of a message is known.

use super::eig::Path;
use crate::{Class, Kind, Missed, Request, Wire};
use std::sync::Arc;

/// Requests, in order: what a node proposes and a cluster agrees on by their digests, or in full.
pub type Batch = Arc<[Request]>;

/// Bytes of the headers below the protocol, and of the code by which a channel knows its two ends.
const HEADERS: u32 = 42 + 10;

/// What RCMEC's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A device asks the nodes of a cluster.
    Request(Request),
    /// The values that a node received in a round of an instance of its cluster, in one message:
    /// requests by their digests.
    Round {
        /// The instance.
        instance: u64,
        /// The round, from 1.
        round: usize,
        /// Who said what, along which path.
        said: Arc<[(Path, Batch)]>,
    },
    /// What a node's cluster has agreed on, for the cloud.
    Report {
        /// The instance.
        instance: u64,
        /// The requests, by their digests.
        batch: Batch,
        /// Those of them that the node has, in full.
        payloads: Batch,
    },
    /// A new component of the cloud's vector: these requests are decided, from this slot on.
    Decision {
        /// The slot of the first.
        first: u64,
        /// The requests.
        batch: Batch,
    },
    /// A request was executed.
    Answer(Request),
    /// A node asks the cloud for missing slots after this many slots.
    Fetch {
        /// The slots it has executed.
        applied: u64,
    },
    /// The answer: nothing, or that.
    Told(Option<Arc<Missed>>),
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The next round.
    Round,
    /// The time to ask the cloud again.
    Fetch,
    /// An answer, as a device.
    Retry,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("round", Class::Request),
    kind("report", Class::Request),
    kind("decision", Class::Request),
    kind("answer", Class::Client),
    kind("fetch", Class::Repair),
    kind("missed", Class::Repair),
];

/// The size of some requests by their digests: client, number, digest.
pub(super) fn bytes_of_digests(batch: &[Request]) -> u32 {
    (10 + 32) * batch.len() as u32
}

/// The size of some requests in full: client, number, payload.
pub(super) fn bytes_of(batch: &[Request]) -> u32 {
    batch.iter().map(|request| 10 + request.bytes).sum()
}

pub(super) fn wire(msg: &Msg) -> Wire {
    let (kind, body) = match msg {
        Msg::Request(request) => (0, 10 + request.bytes),
        Msg::Round { said, .. } => {
            (1, 9 + said.iter().map(|(_, batch)| 6 + bytes_of_digests(batch)).sum::<u32>())
        }
        Msg::Report { batch, payloads, .. } => {
            (2, 8 + bytes_of_digests(batch) + bytes_of(payloads))
        }
        Msg::Decision { batch, .. } => (3, 8 + bytes_of(batch)),
        Msg::Answer(_) => (4, 8 + 32),
        Msg::Fetch { .. } => (5, 8),
        Msg::Told(missed) => (6, missed.as_ref().map_or(0, |missed| missed.bytes())),
    };
    Wire { kind, bytes: HEADERS + body }
}

/// What a Byzantine node could send instead: a request that no client submitted, payloads that it
/// did not receive, nothing, or an answer to a request that was not executed.
pub(super) fn variants(msg: &Msg) -> Vec<Msg> {
    let invented = |like: &Request, later| -> Request {
        Request::new(like.client, like.number + later, like.bytes)
    };
    match msg {
        Msg::Round { instance, round, said } => {
            let (instance, round) = (*instance, *round);
            let Some(like) = said.iter().find_map(|(_, batch)| batch.first()) else {
                return Vec::new();
            };
            let batches: [Batch; 2] = [[invented(like, 9)].into(), Batch::default()];
            let instead = |batch: Batch| {
                let said = said.iter().map(|&(path, _)| (path, batch.clone())).collect();
                Msg::Round { instance, round, said }
            };
            batches.map(instead).to_vec()
        }
        Msg::Report { instance, batch, payloads } => {
            let instance = *instance;
            let report = |batch: Batch| Msg::Report { instance, payloads: batch.clone(), batch };
            // Payloads that it made up itself, or a report that it did.
            let own = (batch != payloads).then(|| batch.clone());
            let forged = batch.first().map(|like| [invented(like, 9)].into());
            own.into_iter().chain(forged).map(report).collect()
        }
        Msg::Answer(request) => vec![Msg::Answer(invented(request, 1))],
        Msg::Request(_) | Msg::Decision { .. } | Msg::Fetch { .. } | Msg::Told(_) => Vec::new(),
    }
}
