//! Raft's log, with its beginning folded into a snapshot. Not what is committed.

use super::membership::Config;
use crate::{Executed, Ledger, Request};
use std::collections::VecDeque;

/// Entries that stay behind a snapshot, for followers that are a little late.
const TAIL: u64 = 128;

/// What an entry of the log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// Nothing: with this a leader begins its term.
    Blank,
    /// A client's request.
    Request(Request),
    /// Who votes from here on.
    Config(Config),
}

impl Content {
    /// Its payload's size, in bytes.
    pub fn bytes(&self) -> u32 {
        match self {
            Self::Blank => 0,
            Self::Request(request) => request.bytes,
            Self::Config(_) => Config::BYTES,
        }
    }
}

/// One entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The term in which a leader took it in.
    pub term: u64,
    /// What it holds.
    pub content: Content,
}

/// The state after all entries up to one (section 7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The index of the last entry in it.
    pub index: u64,
    /// That entry's term.
    pub term: u64,
    /// The decided sequence so far.
    pub ledger: Ledger,
    /// The requests executed so far.
    pub executed: Executed,
    /// Who votes; nothing said where that never changed.
    pub config: Option<Config>,
}

/// Entries `base + 1` and on; the first index of all is 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    base: u64,
    base_term: u64,
    entries: VecDeque<Entry>,
}

impl Log {
    /// The index of the last entry.
    pub fn last(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    /// The last entry's term.
    pub fn last_term(&self) -> u64 {
        self.entries.back().map_or(self.base_term, |entry| entry.term)
    }

    /// The index before the first entry that is still there.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// The term of the entry at `index`, where that is still known.
    pub fn term(&self, index: u64) -> Option<u64> {
        if index == self.base {
            return Some(self.base_term);
        }
        self.get(index).map(|entry| entry.term)
    }

    /// The entry at `index`.
    pub fn get(&self, index: u64) -> Option<&Entry> {
        self.entries.get(index.checked_sub(self.base + 1)? as usize)
    }

    /// The entries from `index` on, as far as they are there.
    pub fn from(&self, index: u64) -> impl Iterator<Item = &Entry> {
        self.entries.range((index.saturating_sub(self.base + 1) as usize).min(self.entries.len())..)
    }

    /// The last configuration behind `after` and not behind `upto`, and where it stands.
    pub fn config(&self, after: u64, upto: u64) -> Option<(u64, Config)> {
        let first = after.max(self.base) + 1;
        (first..=upto.min(self.last())).rev().find_map(|index| match self.get(index)?.content {
            Content::Config(config) => Some((index, config)),
            _ => None,
        })
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    /// Drops the entries from `index` on.
    pub fn truncate(&mut self, index: u64) {
        self.entries.truncate(index.saturating_sub(self.base + 1) as usize);
    }

    /// Drops what a snapshot up to `index` makes needless, but for a tail.
    pub fn compact(&mut self, index: u64) {
        let base = index.saturating_sub(TAIL);
        if base > self.base
            && let Some(term) = self.term(base)
        {
            self.entries.drain(..(base - self.base) as usize);
            (self.base, self.base_term) = (base, term);
        }
    }

    /// Begins anew behind a snapshot.
    pub fn restart(&mut self, index: u64, term: u64) {
        self.entries.clear();
        (self.base, self.base_term) = (index, term);
    }

    /// How many entries are there.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no entry is there.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_survive_compaction() {
        let mut log = Log::default();
        for term in 1..=300 {
            log.push(Entry { term, content: Content::Blank });
        }
        log.compact(250);
        assert_eq!((log.base(), log.last(), log.len()), (122, 300, 178));
        assert_eq!((log.term(122), log.term(121), log.term(300)), (Some(122), None, Some(300)));
        log.truncate(200);
        assert_eq!((log.last(), log.last_term()), (199, 199));
        assert_eq!(log.from(198).count(), 2);
    }
}
