//! Raft's messages, their kinds and their sizes.

use super::log::{Content, Entry, Snapshot};
use super::membership::Config;
use crate::{Class, Kind, Members, NodeId, Request, Wire, mix};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP.
const HEADERS: u32 = 42;
/// Bytes of one entry beside its payload: term, client, number.
const ENTRY: u32 = 24;

/// Why an AppendEntries was sent; its answer says so, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A new request, for the first time.
    Replicate,
    /// The clock.
    Heartbeat,
    /// A leader's first entry, or entries that a follower turned out to lack.
    CatchUp,
}

/// AppendEntries (figure 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Append {
    /// The leader's term.
    pub term: u64,
    /// The index before `entries`,
    pub prev: u64,
    /// and its term.
    pub prev_term: u64,
    /// The leader's commit index.
    pub commit: u64,
    /// Why it was sent.
    pub purpose: Purpose,
    /// Whether the leader becomes quiescent after this.
    pub quiet: bool,
    /// One new entry, the common case,
    pub entry: Option<Entry>,
    /// or several.
    pub more: Option<Arc<[Entry]>>,
}

impl Append {
    /// All its entries.
    pub fn entries(&self) -> &[Entry] {
        match &self.more {
            Some(more) => more,
            None => self.entry.as_slice(),
        }
    }
}

/// What Raft's nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Request),
    /// The leader has carried it out.
    Reply {
        /// The request.
        request: Request,
        /// The leader's term.
        term: u64,
    },
    /// A member that is not the leader; it may know the leader.
    Redirect {
        /// What was asked.
        request: Request,
        /// The leader, as far as it knows, and the term.
        leader: Option<NodeId>,
        /// The member's term.
        term: u64,
    },
    /// A leader makes itself known to the clients.
    Leading {
        /// Its term.
        term: u64,
    },
    /// A client asks for other members.
    Reconfigure {
        /// Its own count of such wishes.
        number: u64,
        /// The requested membership.
        target: Members,
    },
    /// The leader reports the committed membership to a client.
    Configured(Config),
    /// AppendEntries.
    Append(Append),
    /// Its answer: how far the follower's log is known to match, or from where to try again.
    Ack {
        /// The follower's term.
        term: u64,
        /// Whether the log matched.
        success: bool,
        /// The last index known to match; the follower's guess of it where it did not.
        matched: u64,
        /// Why the leader had written.
        purpose: Purpose,
    },
    /// RequestVote; with `pre` it only asks whether it would be worth it.
    Vote {
        /// Whether it is a PreVote.
        pre: bool,
        /// The term the candidate asks for.
        term: u64,
        /// The candidate's last index,
        last: u64,
        /// and its term.
        last_term: u64,
    },
    /// The answer to a vote.
    VoteReply {
        /// Whether it was a PreVote.
        pre: bool,
        /// The term that was asked for if granted, the voter's own if not.
        term: u64,
        /// Whether the voter is for it.
        granted: bool,
    },
    /// InstallSnapshot (figure 13), in one piece.
    Install {
        /// The leader's term.
        term: u64,
        /// The state.
        snapshot: Arc<Snapshot>,
    },
}

/// What a Raft node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A message from the leader.
    Election,
    /// The next heartbeat.
    Heartbeat,
    /// An answer, as a client.
    Retry,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("reply", Class::Client),
    kind("redirect", Class::Client),
    kind("leading", Class::Client),
    kind("append", Class::Request),
    kind("ack", Class::Request),
    kind("heartbeat", Class::Periodic),
    kind("heartbeat-ack", Class::Periodic),
    kind("catch-up", Class::Repair),
    kind("catch-up-ack", Class::Repair),
    kind("pre-vote", Class::Repair),
    kind("pre-vote-reply", Class::Repair),
    kind("vote", Class::Repair),
    kind("vote-reply", Class::Repair),
    kind("snapshot", Class::Repair),
    kind("reconfigure", Class::Repair),
    kind("configured", Class::Repair),
];

pub(super) fn wire(msg: &Msg) -> Wire {
    let (kind, body) = match msg {
        Msg::Request(request) => (0, ENTRY + request.bytes),
        Msg::Reply { .. } => (1, 24),
        Msg::Redirect { .. } => (2, 24),
        Msg::Leading { .. } => (3, 8),
        Msg::Append(append) => {
            let size = |entry: &Entry| ENTRY + entry.content.bytes();
            let kind = match append.purpose {
                Purpose::Replicate => 4,
                Purpose::Heartbeat => 6,
                Purpose::CatchUp => 8,
            };
            (kind, 36 + append.entries().iter().map(size).sum::<u32>())
        }
        Msg::Ack { purpose, .. } => match purpose {
            Purpose::Replicate => (5, 20),
            Purpose::Heartbeat => (7, 20),
            Purpose::CatchUp => (9, 20),
        },
        Msg::Vote { pre, .. } => (if *pre { 10 } else { 12 }, 28),
        Msg::VoteReply { pre, .. } => (if *pre { 11 } else { 13 }, 12),
        Msg::Install { .. } => (14, 96),
        Msg::Reconfigure { .. } => (15, Config::BYTES),
        Msg::Configured(_) => (16, Config::BYTES),
    };
    let bytes = HEADERS + body;
    Wire { kind, bytes }
}

/// What a Byzantine member could send instead: a vote for another candidate, a longer log,
/// acknowledgements of entries it lacks, no entry or another one, another state, a higher commit
/// index.
pub(super) fn variants(msg: &Msg) -> Vec<Msg> {
    match *msg {
        Msg::Vote { pre, term, last, .. } => {
            vec![Msg::Vote { pre, term, last: last + 1000, last_term: term.saturating_sub(1) }]
        }
        Msg::VoteReply { pre, term, granted } => {
            vec![Msg::VoteReply { pre, term, granted: !granted }]
        }
        Msg::Append(ref append) => {
            let Some(Entry { term, content: Content::Request(request) }) = append.entry else {
                return Vec::new();
            };
            let next = Request::new(request.client, request.number + 1, request.bytes);
            let with = |content| {
                let entry = Some(Entry { term, content });
                Msg::Append(Append { entry, ..append.clone() })
            };
            vec![with(Content::Blank), with(Content::Request(next))]
        }
        Msg::Ack { term, success, matched, purpose } => {
            vec![Msg::Ack { term, success: !success, matched: matched + 1, purpose }]
        }
        Msg::Install { term, ref snapshot } => {
            let mut other = Snapshot::clone(snapshot);
            other.ledger.digest = mix(other.ledger.digest, 1);
            vec![Msg::Install { term, snapshot: Arc::new(other) }]
        }
        Msg::Redirect { request, term, .. } => vec![Msg::Reply { request, term }],
        _ => Vec::new(),
    }
}
