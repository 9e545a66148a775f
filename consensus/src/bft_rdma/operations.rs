//! A member's operations on memories: each goes to all of them, and is done when a majority has
//! answered. Not what they are for.

use super::message::{Account, Call, Msg, Seen};
use super::{BftRdma, Stored};
use crate::{Fx, Members, NodeId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The purpose of an operation: what the member continues with once it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// The leader writes this slot.
    Lead(u64),
    /// A mark is written; nothing waits for it.
    Mark,
    /// A follower reads the leader's region.
    Follow,
    /// A member reads all that was written for the slots it has not settled.
    Repair,
    /// The leader's permission is taken away.
    Revoke,
    /// After that, the leader's region is read once more.
    Abort,
    /// Registers of the broadcast are written,
    Cells,
    /// or read.
    Look,
}

/// An operation in progress.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Operation {
    account: Account,
    call: Call,
    purpose: Purpose,
    answered: Members,
    refused: bool,
    seen: Vec<Arc<Seen>>,
}

/// What a finished operation brought.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Finished {
    pub(super) purpose: Purpose,
    /// Whether a memory refused it.
    pub(super) refused: bool,
    /// What each of a majority of memories holds, if it was a read.
    pub(super) seen: Vec<Arc<Seen>>,
}

/// The operations in progress.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Operations {
    memories: Arc<[NodeId]>,
    majority: usize,
    /// The number of the next one; numbers rise over losses of power.
    next: u64,
    under_way: BTreeMap<u64, Operation>,
}

impl Operations {
    pub(super) fn new(memories: Arc<[NodeId]>, majority: usize) -> Self {
        Self { memories, majority, next: 0, under_way: BTreeMap::new() }
    }

    /// Numbers continue above all those before the power failure.
    pub(super) fn restart(&mut self, starts: u64, fx: &mut Fx<BftRdma>) {
        self.next = (starts + 1) << 32;
        fx.persist(8, |stored: &mut Stored| stored.member.starts = starts + 1);
    }

    pub(super) fn begin(
        &mut self,
        purpose: Purpose,
        account: Account,
        call: Call,
        fx: &mut Fx<BftRdma>,
    ) {
        let id = self.next;
        self.next += 1;
        fx.multicast(&self.memories, Msg::Operation { id, account, call: call.clone() });
        let (answered, seen) = (Members::NONE, Vec::new());
        let operation = Operation { account, call, purpose, answered, refused: false, seen };
        self.under_way.insert(id, operation);
    }

    /// Takes a memory's answer; what came of the operation, if that was the last one needed.
    pub(super) fn on_done(
        &mut self,
        from: NodeId,
        id: u64,
        permitted: bool,
        seen: &Option<Arc<Seen>>,
    ) -> Option<Finished> {
        let place = self.memories.iter().position(|&memory| memory == from)?;
        let operation = self.under_way.get_mut(&id)?;
        if !operation.answered.insert(NodeId(place as u16)) {
            return None;
        }
        operation.refused |= !permitted;
        operation.seen.extend(seen.clone());
        if operation.answered.len() < self.majority {
            return None;
        }
        let Operation { purpose, refused, seen, .. } = self.under_way.remove(&id)?;
        Some(Finished { purpose, refused, seen })
    }

    /// Sends what is in progress again, to the memories that have not answered.
    pub(super) fn repeat(&self, fx: &mut Fx<BftRdma>) {
        for (&id, operation) in &self.under_way {
            for (place, &memory) in (0..).map(NodeId).zip(self.memories.iter()) {
                if !operation.answered.contains(place) {
                    let account = match operation.account {
                        Account::Revoke => Account::Revoke,
                        _ => Account::Backup,
                    };
                    let call = operation.call.clone();
                    fx.send(memory, Msg::Operation { id, account, call });
                }
            }
        }
    }

    pub(super) fn any(&self, wanted: impl Fn(Purpose) -> bool) -> bool {
        self.under_way.values().any(|operation| wanted(operation.purpose))
    }

    /// Drops operations that are no longer needed.
    pub(super) fn drop_all(&mut self, unwanted: impl Fn(Purpose) -> bool) {
        self.under_way.retain(|_, operation| !unwanted(operation.purpose));
    }

    pub(super) fn len(&self) -> usize {
        self.under_way.len()
    }
}
