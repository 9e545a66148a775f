//! The event queue: earliest first, and in order of insertion where times are equal. It does not
//! cancel: an event that may become void carries what its reader needs to see that.
//!
//! It is a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, Faster Algorithms for the Shortest Path
//! Problem, JACM 1990): simulated time never runs backwards, so that events can wait in buckets by
//! the highest digit in which their time differs from that of the event taken last, and by what that
//! digit is. An event moves down from bucket to bucket, a few times at most, in memory that lies in a
//! row. Events of the same time are in the same bucket, in order of insertion, and stay so.

use crate::SimTime;
use std::collections::VecDeque;

/// Events in total order: by time, then by the order in which they were pushed.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    /// The time of the event taken last.
    now: SimTime,
    /// Events of that time.
    due: VecDeque<E>,
    /// Later ones: those whose time differs from it in digit l, where it is d, and in none above, are
    /// in bucket `RADIX` l + d.
    buckets: Vec<Vec<(SimTime, E)>>,
    /// Which buckets of each l have any, as bits,
    filled: [u16; LEVELS],
    /// and which l have any.
    levels: u16,
    /// The time of the earliest event.
    least: Option<SimTime>,
    len: usize,
}

/// Digits are of so many bits,
const BITS: u32 = 4;
/// have so many values,
const RADIX: usize = 1 << BITS;
/// and so many of them make a time.
const LEVELS: usize = (u64::BITS / BITS) as usize;

impl<E> EventQueue<E> {
    /// An empty queue.
    pub fn new() -> Self {
        Self {
            now: SimTime::ZERO,
            due: VecDeque::new(),
            buckets: std::iter::repeat_with(Vec::new).take(LEVELS * RADIX).collect(),
            filled: [0; LEVELS],
            levels: 0,
            least: None,
            len: 0,
        }
    }

    /// Puts `event` at `at`, behind everything that is already there for the same instant. Best not
    /// before the event taken last: everything that waits has to be sorted in anew then.
    pub fn push(&mut self, at: SimTime, event: E) {
        if at < self.now {
            self.turn_back(at);
        }
        self.len += 1;
        self.least = Some(self.least.map_or(at, |least| least.min(at)));
        self.sort_in(at, event);
    }

    /// The time of the earliest event.
    pub fn next_time(&self) -> Option<SimTime> {
        self.least
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let at = self.least?;
        if self.due.is_empty() {
            self.go_on(at);
        }
        let event = self.due.pop_front()?;
        self.len -= 1;
        if self.due.is_empty() {
            self.least = self.lowest().and_then(|bucket| earliest(&self.buckets[bucket]));
        }
        Some((at, event))
    }

    /// Takes the earliest event if it lies before `end`.
    pub fn pop_before(&mut self, end: SimTime) -> Option<(SimTime, E)> {
        if self.next_time()? < end { self.pop() } else { None }
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts an event that is not before `now` where it belongs.
    fn sort_in(&mut self, at: SimTime, event: E) {
        match (at.0 ^ self.now.0).checked_ilog2() {
            None => self.due.push_back(event),
            Some(bit) => {
                let level = bit / BITS;
                let digit = (at.0 >> (level * BITS)) as usize % RADIX;
                self.levels |= 1 << level;
                self.filled[level as usize] |= 1 << digit;
                self.buckets[level as usize * RADIX + digit].push((at, event));
            }
        }
    }

    /// The first bucket that has any events: all of them are before those of all other buckets.
    fn lowest(&self) -> Option<usize> {
        let level = self.levels.trailing_zeros() as usize;
        let filled = self.filled.get(level)?;
        Some(level * RADIX + filled.trailing_zeros() as usize)
    }

    /// Goes on to the earliest event, where none is due: what waits in its bucket moves down.
    fn go_on(&mut self, to: SimTime) {
        self.now = to;
        let Some(bucket) = self.lowest() else { return };
        let level = bucket / RADIX;
        self.filled[level] &= !(1 << (bucket % RADIX));
        if self.filled[level] == 0 {
            self.levels &= !(1 << level);
        }
        let mut waiting = std::mem::take(&mut self.buckets[bucket]);
        for (at, event) in waiting.drain(..) {
            self.sort_in(at, event);
        }
        self.buckets[bucket] = waiting; // empty, with its memory
    }

    /// Goes back to an earlier time: everything is sorted in anew.
    fn turn_back(&mut self, to: SimTime) {
        let (now, due) = (self.now, std::mem::take(&mut self.due));
        let mut waiting: Vec<(SimTime, E)> = due.into_iter().map(|event| (now, event)).collect();
        for bucket in &mut self.buckets {
            waiting.append(bucket);
        }
        (self.now, self.filled, self.levels) = (to, [0; LEVELS], 0);
        for (at, event) in waiting {
            self.sort_in(at, event);
        }
    }
}

fn earliest<E>(bucket: &[(SimTime, E)]) -> Option<SimTime> {
    bucket.iter().map(|&(at, _)| at).min()
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pops_by_time_then_by_insertion(times in prop::collection::vec(0u64..20, 0..200)) {
            let mut queue = EventQueue::new();
            for (i, &t) in times.iter().enumerate() {
                queue.push(SimTime(t), i);
            }
            let mut expected: Vec<_> = times.iter().copied().enumerate().map(|(i, t)| (t, i)).collect();
            expected.sort();
            let popped: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(t, i)| (t.0, i)).collect();
            prop_assert_eq!(popped, expected);
        }
    }

    /// What a queue is asked to do next.
    #[derive(Clone, Copy, Debug)]
    enum Ask {
        /// An event so long after the one taken last,
        Push(u64),
        /// or at any time, earlier ones among them.
        PushAt(u64),
        Pop,
        PopBefore(u64),
    }

    fn ask() -> impl Strategy<Value = Ask> {
        let span = prop_oneof![0u64..4, 0u64..3000, any::<u64>().prop_map(|n| n >> 20)];
        prop_oneof![
            4 => span.prop_map(Ask::Push),
            1 => (0u64..5000).prop_map(Ask::PushAt),
            3 => Just(Ask::Pop),
            1 => (0u64..5000).prop_map(Ask::PopBefore),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_list_whatever_is_asked_of_it(asks in prop::collection::vec(ask(), 0..300)) {
            let mut queue = EventQueue::new();
            let (mut list, mut now) = (std::collections::BTreeSet::new(), 0u64);
            for (number, ask) in asks.into_iter().enumerate() {
                let first = list.first().copied();
                match ask {
                    Ask::Push(_) | Ask::PushAt(_) => {
                        let at = match ask {
                            Ask::Push(span) => now.saturating_add(span),
                            Ask::PushAt(at) => at,
                            Ask::Pop | Ask::PopBefore(_) => unreachable!(),
                        };
                        queue.push(SimTime(at), number);
                        list.insert((at, number));
                    }
                    Ask::Pop | Ask::PopBefore(_) => {
                        let end = if let Ask::PopBefore(end) = ask { end } else { u64::MAX };
                        let expected = first.filter(|&(at, _)| at < end);
                        let popped = queue.pop_before(SimTime(end));
                        prop_assert_eq!(popped.map(|(at, number)| (at.0, number)), expected);
                        if let Some((at, number)) = expected {
                            now = at;
                            list.remove(&(at, number));
                        }
                    }
                }
                let next = list.first().map(|&(at, _)| SimTime(at));
                prop_assert_eq!((queue.next_time(), queue.len()), (next, list.len()));
                prop_assert_eq!(queue.is_empty(), list.is_empty());
            }
            // A clone goes on as its original.
            let mut twin = queue.clone();
            while let Some(popped) = queue.pop() {
                prop_assert_eq!(twin.pop(), Some(popped));
            }
            prop_assert!(twin.is_empty());
        }
    }

    #[test]
    fn pop_before_leaves_what_is_due_later() {
        let mut queue = EventQueue::new();
        queue.push(SimTime(10), 'a');
        assert_eq!(queue.pop_before(SimTime(10)), None);
        assert_eq!(queue.pop_before(SimTime(11)), Some((SimTime(10), 'a')));
    }
}
