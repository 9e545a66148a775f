//! What total-order protocols agree on: requests, the ledger of those decided, and which numbers of
//! each client were executed. Opaque: the protocols never look into a request's payload.

use crate::crypto::{digest, mix};
use crate::{NodeId, Sig};
use std::fmt;

/// The maximum number of outstanding requests per client: members remember this many numbers beyond
/// the first one that is not executed.
pub const CLIENT_WINDOW: u64 = 64;

/// A client's request: a payload of this size, identified by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The client.
    pub client: NodeId,
    /// The client's own count, from 0.
    pub number: u64,
    /// The payload's size.
    pub bytes: u32,
    /// The payload's digest.
    pub digest: u64,
}

impl Request {
    /// The request `number` of `client`, of `bytes` bytes.
    pub fn new(client: NodeId, number: u64, bytes: u32) -> Self {
        let digest = digest([client.0.into(), number, bytes.into()]);
        Self { client, number, bytes, digest }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {} of client {}", self.number, self.client)
    }
}

/// A request as its client signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signed {
    /// The request.
    pub request: Request,
    /// The client's signature over its digest.
    pub sig: Sig,
}

/// The decided sequence, as its length and the digest of all its requests in order. It is the
/// application's state, too: what a snapshot holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ledger {
    /// How many requests were decided.
    pub length: u64,
    /// The digest of them all, in order.
    pub digest: u64,
}

impl Ledger {
    /// Appends a decided request.
    pub fn append(&mut self, request: &Request) {
        self.length += 1;
        self.digest = mix(self.digest, request.digest);
    }
}

/// Which numbers of one client were executed: all below `floor`, and some of the next 128.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Done {
    floor: u64,
    beyond: u128,
}

/// Which requests were executed, so that none is twice. A few words per client.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Executed {
    clients: Vec<(NodeId, Done)>,
}

impl Executed {
    /// Whether a request was executed.
    pub fn contains(&self, request: &Request) -> bool {
        self.of(request.client).is_some_and(|done| {
            request.number < done.floor
                || (request.number - done.floor < 128
                    && done.beyond >> (request.number - done.floor) & 1 == 1)
        })
    }

    /// Records an executed request. False if it was executed before, or if its number is too far
    /// ahead of the client's other requests.
    pub fn insert(&mut self, request: &Request) -> bool {
        if self.contains(request) || !self.in_window(request) {
            return false;
        }
        if self.of(request.client).is_none() {
            self.clients.push((request.client, Done::default()));
            self.clients.sort_unstable_by_key(|&(client, _)| client);
        }
        let found = self.clients.iter_mut().find(|(client, _)| *client == request.client);
        if let Some((_, done)) = found {
            done.beyond |= 1 << (request.number - done.floor);
            let run = done.beyond.trailing_ones();
            done.beyond = done.beyond.checked_shr(run).unwrap_or(0);
            done.floor += u64::from(run);
        }
        true
    }

    /// Whether a request's number is near enough to the client's others to be taken.
    pub fn in_window(&self, request: &Request) -> bool {
        let floor = self.of(request.client).map_or(0, |done| done.floor);
        request.number < floor + 128
    }

    /// The digest of it all.
    pub fn digest(&self) -> u64 {
        self.clients.iter().fold(0, |state, (client, done)| {
            let words =
                [client.0.into(), done.floor, done.beyond as u64, (done.beyond >> 64) as u64];
            mix(state, digest(words))
        })
    }

    fn of(&self, client: NodeId) -> Option<&Done> {
        self.clients.iter().find(|(c, _)| *c == client).map(|(_, done)| done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_carried_out_once() {
        let mut executed = Executed::default();
        let request = |number| Request::new(NodeId(9), number, 10);
        for number in [1, 0, 2, 5, 4, 3, 130, 127] {
            assert!(executed.insert(&request(number)), "{number}");
            assert!(!executed.insert(&request(number)), "{number} twice");
        }
        assert!(executed.contains(&request(5)) && !executed.contains(&request(6)));
        assert!(!executed.insert(&request(6 + 128)), "beyond the window");
    }

    #[test]
    fn a_full_window_moves_on() {
        let mut executed = Executed::default();
        for number in (1..128).chain([0]) {
            assert!(executed.insert(&Request::new(NodeId(0), number, 1)));
        }
        assert!(executed.contains(&Request::new(NodeId(0), 127, 1)));
        assert!(executed.insert(&Request::new(NodeId(0), 128, 1)));
    }
}
