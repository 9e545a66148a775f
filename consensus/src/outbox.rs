//! A client's requests: those outstanding, and those waiting for room in the window. Durable, since
//! no other node would repeat a request lost in a power failure. Does not count answers.

use crate::Request;
use crate::request::CLIENT_WINDOW;
use std::collections::VecDeque;

/// Requests not answered yet, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outbox {
    waiting: VecDeque<Request>,
}

impl Outbox {
    /// Adds a request, and returns whether it may be sent now.
    pub(crate) fn push(&mut self, request: Request) -> bool {
        self.waiting.push_back(request);
        self.may_send(&request)
    }

    /// Takes out an answered request, and gives those that may be sent now because of it.
    pub(crate) fn answered(&mut self, request: &Request) -> Vec<Request> {
        let limit_before = self.limit();
        // Numbers rise, and what is answered stands near the front, however many wait.
        if let Ok(place) = self.waiting.binary_search_by_key(&request.number, |r| r.number) {
            self.waiting.remove(place);
        }
        let limit = self.limit();
        let first = self.waiting.partition_point(|r| r.number < limit_before);
        self.waiting.range(first..).take_while(|r| r.number < limit).copied().collect()
    }

    /// Whether it waits for an answer to this request.
    pub(crate) fn contains(&self, request: &Request) -> bool {
        self.waiting.iter().take(CLIENT_WINDOW as usize).any(|r| r == request)
    }

    /// The requests in progress.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &Request> {
        let limit = self.limit();
        self.waiting.iter().take_while(move |r| r.number < limit)
    }

    /// The oldest request without an answer.
    pub(crate) fn oldest(&self) -> Option<&Request> {
        self.waiting.front()
    }

    fn may_send(&self, request: &Request) -> bool {
        request.number < self.limit()
    }

    fn limit(&self) -> u64 {
        self.waiting.front().map_or(0, |first| first.number + CLIENT_WINDOW)
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NodeId;

    #[test]
    fn only_a_window_of_requests_is_under_way() {
        let mut outbox = Outbox::default();
        let request = |number| Request::new(NodeId(4), number, 1);
        let sent = (0..100).filter(|&n| outbox.push(request(n))).count();
        assert_eq!(sent as u64, CLIENT_WINDOW);
        assert!(outbox.answered(&request(1)).is_empty());
        assert_eq!(outbox.answered(&request(0)), [request(64), request(65)]);
        assert_eq!(outbox.under_way().count(), 64);
    }
}
