//! The specification of total order, checked during a run in bounded memory: agreement (the
//! sequences of honest members are prefixes of one sequence), validity (only submitted requests are
//! decided) and integrity (no request twice). Positions reported to clients must be final.
//! Termination is not checked here: it shows in the number of answers.

use crate::crypto::mix;
use crate::request::Executed;
use crate::{NodeId, Request};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many of the latest positions are kept to compare with. Protocols truncate their logs far
/// earlier, so that a member further behind takes over a state instead of each request.
const KEPT: usize = 8192;

/// How many violations are described; all are counted.
const DESCRIBED: usize = 20;

/// One position of the agreed sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Entry {
    request: Request,
    /// The digest of the sequence up to and including this position.
    digest: u64,
}

/// Where one member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Place {
    length: u64,
    digest: u64,
    /// Its own story went wrong already: one violation is enough.
    astray: bool,
}

/// Compares what members deliver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderChecker {
    places: Vec<Place>,
    entries: VecDeque<Entry>,
    /// The position of `entries[0]`.
    first: u64,
    /// The digest of the sequence before `entries[0]`.
    before: u64,
    executed: Executed,
    /// Positions reported to clients that no member has delivered yet.
    told: BTreeMap<u64, Request>,
    /// How many requests each client has submitted.
    submitted: Vec<u64>,
    /// Requests delivered by Byzantine members and by no honest member yet.
    claimed: BTreeSet<Request>,
    /// Those of them that were reported to clients as decided.
    unconfirmed: BTreeSet<Request>,
    /// Byzantine nodes: a client among them may submit anything.
    byzantine: Vec<NodeId>,
    violations: Vec<String>,
    count: u64,
    unchecked: u64,
}

impl OrderChecker {
    /// For `members` members, followed by `clients` clients.
    pub fn new(members: u16, clients: u16) -> Self {
        Self {
            places: vec![Place::default(); members.into()],
            entries: VecDeque::new(),
            first: 0,
            before: 0,
            executed: Executed::default(),
            told: BTreeMap::new(),
            submitted: vec![0; usize::from(members + clients)],
            claimed: BTreeSet::new(),
            unconfirmed: BTreeSet::new(),
            byzantine: Vec::new(),
            violations: Vec::new(),
            count: 0,
            unchecked: 0,
        }
    }

    /// A client is about to ask.
    pub fn submitted(&mut self, request: &Request) {
        let count = &mut self.submitted[request.client.index()];
        *count = (*count).max(request.number + 1);
    }

    /// Marks a node as Byzantine from now on: a client may then submit anything, and a member's
    /// deliveries must be passed to [`OrderChecker::claimed`] instead.
    pub fn mark_byzantine(&mut self, node: NodeId) {
        self.byzantine.push(node);
    }

    /// A Byzantine member has delivered a request, and may report it to the client before any
    /// honest member does.
    pub fn claimed(&mut self, request: &Request) {
        if !self.executed.contains(request) {
            self.claimed.insert(*request);
        }
        if self.claimed.len() > KEPT {
            self.claimed.pop_first();
        }
    }

    /// The run is over: whatever was reported to a client must be decided by now.
    pub fn end(&mut self) {
        for request in std::mem::take(&mut self.unconfirmed) {
            let client = request.client;
            self.describe(format!(
                "client {client} received an answer to {request}, which was never decided"
            ));
        }
    }

    /// A member delivers `request` at `position`.
    pub fn delivered(&mut self, member: NodeId, position: u64, request: &Request) {
        let place = self.places[member.index()];
        if place.astray {
            return;
        }
        if position != place.length {
            let expected = place.length;
            self.violate(member, format!("delivers position {position} instead of {expected}"));
            return;
        }
        let digest = mix(place.digest, request.digest);
        let (length, astray) = (position + 1, false);
        self.places[member.index()] = Place { length, digest, astray };
        if position == self.length() {
            self.extend(member, request, digest);
        } else if position < self.first {
            self.unchecked += 1;
        } else {
            let entry = self.entries[(position - self.first) as usize];
            if entry.digest != digest {
                let text = format!(
                    "delivers {request} at position {position} where another member delivered {}",
                    entry.request
                );
                self.violate(member, text);
            }
        }
    }

    fn extend(&mut self, member: NodeId, request: &Request, digest: u64) {
        let (client, number) = (request.client, request.number);
        let submitted = self.submitted.get(client.index());
        let known = submitted.is_some_and(|&count| number < count)
            && *request == Request::new(client, number, request.bytes);
        if !known && !self.byzantine.contains(&client) {
            self.violate(member, format!("delivers {request}, which no client submitted"));
        } else if !self.executed.insert(request) {
            self.violate(member, format!("delivers {request} a second time"));
        }
        // Digests chain from the first request, so a member whose own past differs is found here.
        let end = self.entries.back().map_or(self.before, |entry| entry.digest);
        if mix(end, request.digest) != digest {
            self.violate(
                member,
                format!("has a different history before position {}", self.length()),
            );
        }
        let position = self.length();
        if let Some(told) = self.told.remove(&position).filter(|told| told != request) {
            let text = format!(
                "delivers {request} at position {position}, but an answer to a client gave that \
                 position to {told}"
            );
            self.violate(member, text);
        }
        if !self.byzantine.is_empty() {
            self.claimed.remove(request);
            self.unconfirmed.remove(request);
        }
        let request = *request;
        self.entries.push_back(Entry { request, digest });
        if self.entries.len() > KEPT
            && let Some(entry) = self.entries.pop_front()
        {
            self.first += 1;
            self.before = entry.digest;
        }
    }

    /// A member takes over the state after `length` requests.
    pub fn installed(&mut self, member: NodeId, length: u64, digest: u64) {
        let astray = false;
        self.places[member.index()] = Place { length, digest, astray };
        let known = if length > self.length() {
            self.violate(
                member,
                format!("installs a state with {length} requests, more than were decided"),
            );
            return;
        } else if length == self.first {
            Some(self.before)
        } else if length > self.first {
            Some(self.entries[(length - self.first - 1) as usize].digest)
        } else {
            None
        };
        match known {
            Some(known) if known != digest => {
                let text = format!(
                    "installs a state with {length} requests that differ from the decided ones"
                );
                self.violate(member, text);
            }
            Some(_) => {}
            None => self.unchecked += 1,
        }
    }

    /// A client has received an answer: `request` was decided, at `position` if one was reported.
    pub fn answered(&mut self, request: &Request, position: Option<u64>) {
        let client = request.client;
        let Some(position) = position else {
            if self.claimed.contains(request) {
                self.unconfirmed.insert(*request);
            } else if !self.executed.contains(request) {
                self.describe(format!(
                    "client {client} received an answer to {request}, which is not decided"
                ));
            }
            return;
        };
        let other = if position >= self.length() {
            let told = *self.told.entry(position).or_insert(*request);
            (told != *request).then_some(told)
        } else if position >= self.first {
            let entry = self.entries[(position - self.first) as usize].request;
            (entry != *request).then_some(entry)
        } else {
            self.unchecked += 1;
            None
        };
        if let Some(other) = other {
            self.describe(format!(
                "client {client} received position {position} for {request}, but {other} is there"
            ));
        }
    }

    fn violate(&mut self, member: NodeId, text: String) {
        self.places[member.index()].astray = true;
        self.describe(format!("member {member} {text}"));
    }

    fn describe(&mut self, text: String) {
        self.count += 1;
        if self.violations.len() < DESCRIBED {
            self.violations.push(text);
        }
    }

    /// Whether a node asks instead of voting.
    pub(crate) fn is_client(&self, node: NodeId) -> bool {
        (self.places.len()..self.submitted.len()).contains(&node.index())
    }

    /// How many requests were decided: delivered by one member at least.
    pub fn length(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// How far one member is.
    pub fn length_of(&self, member: NodeId) -> u64 {
        self.places[member.index()].length
    }

    /// Descriptions of the first violations.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// The number of violations; each diverged member counts once.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Deliveries too old to be compared: zero unless a member lags by thousands of requests.
    pub fn unchecked(&self) -> u64 {
        self.unchecked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker() -> (OrderChecker, [Request; 3]) {
        let mut checker = OrderChecker::new(3, 1);
        let requests = [0, 1, 2].map(|number| Request::new(NodeId(3), number, 8));
        requests.iter().for_each(|request| checker.submitted(request));
        (checker, requests)
    }

    #[test]
    fn agreement_holds_for_prefixes_and_breaks_for_a_planted_disagreement() {
        let (mut checker, [a, b, c]) = checker();
        checker.delivered(NodeId(0), 0, &a);
        checker.delivered(NodeId(0), 1, &b);
        checker.delivered(NodeId(1), 0, &a);
        assert_eq!(checker.count(), 0);
        checker.delivered(NodeId(1), 1, &c);
        assert_eq!(checker.count(), 1);
        assert!(checker.violations()[0].contains("member 1"), "{:?}", checker.violations());
        checker.delivered(NodeId(2), 0, &b);
        assert_eq!(checker.count(), 2, "{:?}", checker.violations());
    }

    #[test]
    fn nothing_twice_and_nothing_that_nobody_asked_for() {
        let (mut checker, [a, ..]) = checker();
        checker.delivered(NodeId(0), 0, &a);
        checker.delivered(NodeId(0), 1, &a);
        assert!(checker.violations()[0].contains("second time"));
        checker.delivered(NodeId(1), 0, &a);
        checker.delivered(NodeId(1), 1, &a);
        checker.delivered(NodeId(1), 2, &Request::new(NodeId(3), 7, 8));
        assert!(
            checker.violations()[1].contains("no client submitted"),
            "{:?}",
            checker.violations()
        );
        checker.delivered(NodeId(2), 1, &a);
        assert!(checker.violations()[2].contains("instead of 0"));
    }

    #[test]
    fn a_state_taken_over_must_be_the_agreed_one() {
        let (mut checker, [a, b, _]) = checker();
        let mut ledger = crate::Ledger::default();
        for (position, request) in [a, b].iter().enumerate() {
            checker.delivered(NodeId(0), position as u64, request);
            ledger.append(request);
        }
        checker.installed(NodeId(1), 2, ledger.digest);
        assert_eq!(checker.count(), 0);
        checker.installed(NodeId(2), 2, ledger.digest + 1);
        assert_eq!(checker.count(), 1);
        checker.installed(NodeId(2), 3, 0);
        assert_eq!(checker.count(), 2);
    }

    #[test]
    fn what_liars_say_is_decided_by_the_end_or_was_a_lie() {
        let (mut checker, [a, b, c]) = checker();
        checker.mark_byzantine(NodeId(0));
        checker.answered(&a, None);
        assert_eq!(checker.count(), 1, "no member has delivered it, Byzantine or not");
        checker.claimed(&b);
        checker.claimed(&c);
        checker.answered(&b, None);
        checker.answered(&c, None);
        checker.delivered(NodeId(1), 0, &b);
        assert_eq!(checker.count(), 1);
        checker.end();
        checker.end();
        assert_eq!(checker.count(), 2);
        assert!(checker.violations()[1].contains("never decided"), "{:?}", checker.violations());
    }
}
