//! The event queue: earliest first, and in order of insertion where times are equal. It does not
//! cancel: an event that may become void carries what its reader needs to see that.
//!
//! It is a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, Faster Algorithms for the Shortest Path
//! Problem, JACM 1990): simulated time never decreases, so that events can wait in buckets by the
//! highest digit in which their time differs from a moving base, and by the value of that digit. An
//! event moves down from bucket to bucket, in contiguous memory, until it shares its bucket with
//! few enough others to be sorted: those are due, and form a list. Events of the same time are in
//! the same bucket or all in the list, in order of insertion.

use crate::SimTime;
use std::collections::VecDeque;

/// Events in total order: by time, then by the order in which they were pushed.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    /// All events up to the horizon, in order.
    due: VecDeque<(SimTime, E)>,
    /// The last time whose events are due. No event in a bucket is before it.
    horizon: SimTime,
    /// What the times in buckets are compared with; at most the horizon.
    base: SimTime,
    /// Those whose time differs from the base in digit l, where it is d, and in none above, are in
    /// bucket `RADIX` l + d.
    buckets: Vec<Bucket<E>>,
    /// Which buckets of each l have any, as bits,
    filled: [u16; LEVELS],
    /// and which l have any.
    levels: u32,
    len: usize,
}

/// Events in order of insertion, and the earliest time among them.
#[derive(Clone, Debug)]
struct Bucket<E> {
    events: Vec<(SimTime, E)>,
    least: SimTime,
}

/// The number of bits of a digit,
const BITS: u32 = 4;
/// its number of values,
const RADIX: usize = 1 << BITS;
/// and the number of digits of a time.
const LEVELS: usize = u64::BITS.div_ceil(BITS) as usize;
/// Up to this many events of a bucket are sorted instead of moved down.
const FEW: usize = 32;
/// Where more are due, one that comes in between makes the others move back to buckets.
const MANY: usize = 64;

impl<E> EventQueue<E> {
    /// An empty queue.
    pub fn new() -> Self {
        let bucket = || Bucket { events: Vec::new(), least: SimTime::MAX };
        Self {
            due: VecDeque::new(),
            horizon: SimTime::ZERO,
            base: SimTime::ZERO,
            buckets: std::iter::repeat_with(bucket).take(LEVELS * RADIX).collect(),
            filled: [0; LEVELS],
            levels: 0,
            len: 0,
        }
    }

    /// Puts `event` at `at`, behind everything that is already there for the same instant.
    pub fn push(&mut self, at: SimTime, event: E) {
        self.len += 1;
        if at > self.horizon {
            self.sort_in(at, event);
        } else {
            self.push_due(at, event);
        }
    }

    /// The time of the earliest event.
    pub fn next_time(&self) -> Option<SimTime> {
        match self.due.front() {
            Some(&(at, _)) => Some(at),
            None => self.lowest().map(|bucket| self.buckets[bucket].least),
        }
    }

    /// Takes the earliest event.
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        if self.due.is_empty() {
            self.go_on();
        }
        let first = self.due.pop_front()?;
        self.len -= 1;
        Some(first)
    }

    /// Takes the earliest event if it is before `end`.
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

    /// Puts an event that is due where it belongs.
    fn push_due(&mut self, at: SimTime, event: E) {
        if self.due.back().is_none_or(|&(last, _)| last <= at) {
            self.due.push_back((at, event));
            return;
        }
        let place = self.due.partition_point(|&(time, _)| time <= at);
        self.due.insert(place, (at, event));
        if self.due.len() > MANY {
            self.put_back();
        }
    }

    /// Puts an event that is not before the base into its bucket.
    fn sort_in(&mut self, at: SimTime, event: E) {
        let level = (at.0 ^ self.base.0).checked_ilog2().unwrap_or(0) / BITS;
        let digit = (at.0 >> (level * BITS)) as usize % RADIX;
        self.levels |= 1 << level;
        self.filled[level as usize] |= 1 << digit;
        let bucket = &mut self.buckets[level as usize * RADIX + digit];
        bucket.least = bucket.least.min(at);
        bucket.events.push((at, event));
    }

    /// The first bucket that has any events: all of them are before those of all other buckets.
    fn lowest(&self) -> Option<usize> {
        let level = self.levels.trailing_zeros() as usize;
        let filled = self.filled.get(level)?;
        Some(level * RADIX + filled.trailing_zeros() as usize)
    }

    /// Moves on to the earliest events if none is due: those of its bucket, if they are few or of
    /// one time; otherwise they move down.
    fn go_on(&mut self) {
        while let Some(index) = self.lowest() {
            let level = index / RADIX;
            self.filled[level] &= !(1 << (index % RADIX));
            if self.filled[level] == 0 {
                self.levels &= !(1 << level);
            }
            let bucket = &mut self.buckets[index];
            let least = std::mem::replace(&mut bucket.least, SimTime::MAX);
            let below = (1 << (level as u32 * BITS)) - 1;
            self.base = SimTime(least.0 & !below);
            if level == 0 || bucket.events.len() <= FEW {
                self.horizon = SimTime(least.0 | below);
                self.due.extend(bucket.events.drain(..));
                if level > 0 {
                    self.due.make_contiguous().sort_by_key(|&(at, _)| at);
                }
                return;
            }
            let mut waiting = std::mem::take(&mut bucket.events);
            for (at, event) in waiting.drain(..) {
                self.sort_in(at, event);
            }
            self.buckets[index].events = waiting; // empty, with its memory
        }
    }

    /// Where too many are due, only those of the earliest time stay so.
    fn put_back(&mut self) {
        let Some(&(first, _)) = self.due.front() else { return };
        let mut due = std::mem::take(&mut self.due);
        let mut waiting = Vec::new();
        if first < self.base {
            // Time went backwards: everything is inserted anew.
            for bucket in &mut self.buckets {
                waiting.append(&mut bucket.events);
                bucket.least = SimTime::MAX;
            }
            (self.filled, self.levels) = ([0; LEVELS], 0);
        }
        (self.base, self.horizon) = (first, first);
        let later = due.partition_point(|&(at, _)| at == first);
        for (at, event) in due.drain(later..).chain(waiting) {
            self.sort_in(at, event);
        }
        self.due = due;
    }
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
        /// An event this long after the one taken last,
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
        fn it_is_a_sorted_list_whatever_is_asked_of_it(asks in prop::collection::vec(ask(), 0..1200)) {
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
            // A clone continues as its original.
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
