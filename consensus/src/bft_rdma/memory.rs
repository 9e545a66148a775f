//! A memory: a passive node that keeps registers in regions, and enforces write permissions. It
//! follows no protocol and trusts no node: permissions hold for all.
//!
//! Its content survives a loss of power. How much one member can make it hold is bounded: a window
//! of slots, and the broadcast of two epochs.

use super::message::{
    Account, Call, Cell, Items, Lead, Mark, Msg, Place, Region, Seen, What, items_bytes,
};
use super::{BftRdma, STEPS, Stored, WINDOW, leader_of};
use crate::{Fx, NodeId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A register's content, and the number of the operation that wrote it.
type Register<T> = (u64, T);
/// The registers of the broadcast in one epoch.
type Board = BTreeMap<Place, Register<Arc<Cell>>>;

/// Slots of each member that a memory keeps: what is not settled yet and the window before it.
const SLOTS: usize = 2 * WINDOW as usize;
/// Places of each sender that one look returns.
const LOOK: u32 = 16;

/// What one member has written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Written {
    leads: BTreeMap<u64, Register<Lead>>,
    marks: BTreeMap<u64, Register<Mark>>,
    /// By epoch, the latest two.
    boards: BTreeMap<u64, Board>,
}

/// What a memory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Content {
    written: BTreeMap<NodeId, Written>,
    /// The leaders' regions of all epochs below this are read-only.
    revoked: u64,
}

/// Writes, unless the register holds something newer.
fn put<K: Ord, T>(registers: &mut BTreeMap<K, Register<T>>, key: K, id: u64, value: T) {
    let newer = registers.get(&key).is_none_or(|&(written, _)| written <= id);
    if newer {
        registers.insert(key, (id, value));
    }
}

impl Content {
    /// Whether `from` may write this into that region now.
    pub fn permits(&self, from: NodeId, region: Region, items: &Items, members: u16) -> bool {
        match (region, items) {
            (Region::Leader(epoch), Items::Lead(lead)) => {
                lead.epoch == epoch && from == leader_of(epoch, members) && epoch >= self.revoked
            }
            (Region::Own(owner), Items::Mark { .. }) => owner == from && owner.0 < members,
            (Region::Own(owner), Items::Cells { cells, .. }) => {
                let in_bounds =
                    |&((sender, place), _): &(Place, _)| sender.0 < members && place < STEPS;
                owner == from && owner.0 < members && cells.iter().all(in_bounds)
            }
            _ => false,
        }
    }

    fn write(&mut self, from: NodeId, id: u64, items: &Items) {
        let written = self.written.entry(from).or_default();
        match items {
            Items::Lead(lead) => {
                put(&mut written.leads, lead.slot, id, *lead);
                while written.leads.len() > SLOTS {
                    written.leads.pop_first();
                }
            }
            Items::Mark { slot, mark } => {
                put(&mut written.marks, *slot, id, *mark);
                while written.marks.len() > SLOTS {
                    written.marks.pop_first();
                }
            }
            Items::Cells { epoch, cells } => {
                let board = written.boards.entry(*epoch).or_default();
                for (place, cell) in cells {
                    put(board, *place, id, cell.clone());
                }
                while written.boards.len() > 2 {
                    written.boards.pop_first();
                }
            }
        }
    }

    fn read(&self, what: &What, members: u16) -> Seen {
        let mut seen = Seen { leads: Vec::new(), marks: Vec::new(), cells: Vec::new() };
        let (epoch, slots) = match *what {
            What::Leads { epoch, from } | What::Slots { epoch, from } => (epoch, Some(from)),
            What::Board { epoch, .. } => (epoch, None),
        };
        if let (Some(from), Some(written)) = (slots, self.written.get(&leader_of(epoch, members))) {
            let leads = written.leads.range(from..).map(|(_, &(_, lead))| lead);
            seen.leads = leads.filter(|lead| lead.epoch == epoch).collect();
        }
        for (&owner, written) in &self.written {
            match what {
                What::Leads { .. } => {}
                What::Slots { from, .. } => {
                    let marks =
                        written.marks.range(from..).map(|(&slot, &(_, mark))| (owner, slot, mark));
                    seen.marks.extend(marks.filter(|(.., mark)| mark.epoch == epoch));
                }
                What::Board { from, .. } => {
                    let Some(board) = written.boards.get(&epoch) else { continue };
                    for (&first, sender) in from.iter().zip((0..).map(NodeId)) {
                        let range = (sender, first)..(sender, first.saturating_add(LOOK));
                        let cells = board.range(range);
                        seen.cells.extend(cells.map(|(&at, (_, cell))| (owner, at, cell.clone())));
                    }
                }
            }
        }
        seen
    }

    /// How many registers are in use.
    fn held(&self) -> usize {
        let of = |written: &Written| {
            let boards: usize = written.boards.values().map(BTreeMap::len).sum();
            written.leads.len() + written.marks.len() + boards
        };
        self.written.values().map(of).sum()
    }
}

/// A memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    content: Content,
}

impl Memory {
    pub(super) fn on_start(&mut self, content: &Content) {
        self.content = content.clone();
    }

    /// Executes an operation, and answers it: two message delays for who asked.
    pub(super) fn on_operation(
        &mut self,
        from: NodeId,
        id: u64,
        account: Account,
        call: &Call,
        fx: &mut Fx<BftRdma>,
    ) {
        let members = fx.members();
        if from.0 >= members {
            return;
        }
        let (permitted, seen) = match *call {
            Call::Write { region, ref items } => {
                let permitted = self.content.permits(from, region, items, members);
                if permitted {
                    self.content.write(from, id, items);
                    fx.persist(items_bytes(items), |stored: &mut Stored| {
                        stored.memory.write(from, id, items);
                    });
                }
                (permitted, None)
            }
            Call::Read(ref what) => {
                let fits = match what {
                    What::Board { from, .. } => from.len() == usize::from(members),
                    _ => true,
                };
                (fits, fits.then(|| Arc::new(self.content.read(what, members))))
            }
            // legalChange: any node may revoke the permission, none can restore it.
            Call::Revoke { epoch } => {
                let revoked = self.content.revoked.max(epoch.saturating_add(1));
                if revoked > self.content.revoked {
                    self.content.revoked = revoked;
                    fx.persist(8, |stored: &mut Stored| stored.memory.revoked = revoked);
                }
                (true, None)
            }
        };
        fx.send(from, Msg::Done { id, account, permitted, seen });
    }

    pub(super) fn held(&self) -> usize {
        self.content.held()
    }
}
