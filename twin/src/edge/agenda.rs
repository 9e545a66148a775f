//! The agenda: a heap of 16-byte entries, ordered by time, then by kind, then by subject. Not the
//! kernel's queue, which keeps insertion order: here the entry itself determines the order, so that
//! it is total without a sequence number and a year of tasks stays cheap.

use gridtwin_kernel::SimTime;

/// Children of a node: four fit in one cache line.
const ARITY: usize = 4;

/// A priority queue of (time, tag), smallest first. The tag breaks ties and identifies what is due.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: Vec<u128>,
}

fn pack(at: SimTime, tag: u64) -> u128 {
    u128::from(at.0) << 64 | u128::from(tag)
}

impl Agenda {
    /// When the first is due; never where nothing is.
    #[inline]
    pub(super) fn next_time(&self) -> SimTime {
        self.heap.first().map_or(SimTime::MAX, |&e| SimTime((e >> 64) as u64))
    }

    /// The tag of the first.
    #[inline]
    pub(super) fn first_tag(&self) -> Option<u64> {
        self.heap.first().map(|&e| e as u64)
    }

    /// Adds an entry.
    #[inline]
    pub(super) fn push(&mut self, at: SimTime, tag: u64) {
        let entry = pack(at, tag);
        let mut i = self.heap.len();
        self.heap.push(entry);
        while i > 0 {
            let parent = (i - 1) / ARITY;
            if self.heap[parent] <= entry {
                break;
            }
            self.heap[i] = self.heap[parent];
            i = parent;
        }
        self.heap[i] = entry;
    }

    /// Takes the first entry's tag off.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<u64> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else {
            return Some(last as u64);
        };
        self.sift_down(last);
        Some(first as u64)
    }

    /// Puts an entry in the first one's stead: cheaper than a pop and a push.
    #[inline]
    pub(super) fn replace_first(&mut self, at: SimTime, tag: u64) {
        debug_assert!(!self.heap.is_empty());
        self.sift_down(pack(at, tag));
    }

    /// Lets `entry` sink from the top, which is free, to its place.
    #[inline]
    fn sift_down(&mut self, entry: u128) {
        let heap = self.heap.as_mut_slice();
        let mut i = 0;
        loop {
            let first = ARITY * i + 1;
            let Some(children) = heap.get(first..) else {
                break;
            };
            let (offset, least) = match *children {
                // As a tournament, which compiles to moves instead of jumps.
                [a, b, c, d, ..] => lesser(lesser((0, a), (1, b)), lesser((2, c), (3, d))),
                [a, b, c] => lesser(lesser((0, a), (1, b)), (2, c)),
                [a, b] => lesser((0, a), (1, b)),
                [a] => (0, a),
                [] => break,
            };
            if least >= entry {
                break;
            }
            heap[i] = least;
            i = first + offset;
        }
        heap[i] = entry;
    }
}

#[inline]
fn lesser(a: (usize, u128), b: (usize, u128)) -> (usize, u128) {
    let b_wins = b.1 < a.1;
    (if b_wins { b.0 } else { a.0 }, if b_wins { b.1 } else { a.1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pops_in_total_order(entries in prop::collection::vec((0u64..50, 0u64..50), 0..300)) {
            let mut agenda = Agenda::default();
            for &(at, tag) in &entries {
                agenda.push(SimTime(at), tag);
            }
            let mut expected = entries;
            expected.sort_unstable();
            let popped: Vec<_> = std::iter::from_fn(|| {
                let at = agenda.next_time();
                agenda.pop().map(|tag| (at.0, tag))
            }).collect();
            prop_assert_eq!(popped, expected);
        }

        #[test]
        fn replacing_is_popping_and_pushing(
            entries in prop::collection::vec((0u64..50, 0u64..50), 1..100),
            later in prop::collection::vec((0u64..90, 0u64..50), 0..100),
        ) {
            let (mut a, mut b) = (Agenda::default(), Agenda::default());
            for &(at, tag) in &entries {
                a.push(SimTime(at), tag);
                b.push(SimTime(at), tag);
            }
            for &(at, tag) in &later {
                a.replace_first(SimTime(at), tag);
                b.pop();
                b.push(SimTime(at), tag);
                prop_assert_eq!((a.next_time(), a.first_tag()), (b.next_time(), b.first_tag()));
            }
        }
    }
}
