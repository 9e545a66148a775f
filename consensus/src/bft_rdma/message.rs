//! What the nodes of bft-rdma send each other, what is signed of it, its kinds and its sizes.

use super::BftRdma;
use crate::crypto::{digest, mix};
use crate::{Class, Fx, Kind, Members, Missed, NodeId, Request, Sig, Signed, Wire};
use std::sync::Arc;

/// Bytes of the headers below the protocol: Ethernet, IPv4 and UDP (RoCE has about as many).
const HEADERS: u32 = 42;
/// Bytes of an Ed25519 signature, with its signer's number.
const SIG: u32 = 66;
/// Bytes of a request beside its payload: operation, client, number.
const REQUEST: u32 = 16;
/// Bytes of a SHA-256 digest.
const HASH: u32 = 32;

/// What an epoch begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Start {
    /// Its number, which determines its leader.
    pub epoch: u64,
    /// The slots before it.
    pub base: u64,
    /// Whether it begins with Cheap Quorum, or directly with the backup.
    pub fast: bool,
    /// The digest of the state after those slots.
    pub state: u64,
}

impl Start {
    /// What is signed.
    pub(super) fn content(&self) -> u64 {
        digest([6, self.epoch, self.base, self.fast.into(), self.state])
    }

    /// The digest that the chain of its slots hangs from.
    pub(super) fn chain(&self) -> u64 {
        digest([7, self.epoch, self.base])
    }
}

/// f + 1 members that say the same of an epoch's start: one of them is honest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// What they say.
    pub start: Start,
    /// Their signatures.
    pub sigs: Vec<(NodeId, Sig)>,
}

/// What the leader writes for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lead {
    /// The epoch it leads.
    pub epoch: u64,
    /// The slot.
    pub slot: u64,
    /// The digest of the epoch's slots before it.
    pub before: u64,
    /// The value: a request as its client signed it, or nothing.
    pub content: Option<Signed>,
    /// The leader's signature over all that.
    pub sig: Sig,
}

impl Lead {
    /// The digest of the epoch's slots up to this one.
    pub(super) fn chain(&self) -> u64 {
        chain(self.before, &self.content)
    }

    /// The request, if it is one.
    pub(super) fn request(&self) -> Option<Request> {
        self.content.map(|signed| signed.request)
    }
}

/// The digest of some slots and one more.
pub(super) fn chain(before: u64, content: &Option<Signed>) -> u64 {
    mix(before, content.map_or(0, |signed| signed.request.digest))
}

pub(super) fn lead_content(epoch: u64, slot: u64, chain: u64) -> u64 {
    digest([1, epoch, slot, chain])
}

pub(super) fn copy_content(epoch: u64, slot: u64, chain: u64) -> u64 {
    digest([2, epoch, slot, chain])
}

/// A proof of unanimity: all members have signed the same value for a slot, and so the same for all
/// earlier slots of the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proof {
    /// The leader's.
    pub lead: Lead,
    /// All other members' signatures.
    pub copies: Vec<(NodeId, Sig)>,
}

/// What a member writes for a slot into its own region: `Value[p]` and `Proof[p]` of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The epoch.
    pub epoch: u64,
    /// The chain up to the slot, as the member copied it.
    pub chain: u64,
    /// Its signature over that; the leader's is on its lead.
    pub copy: Option<Sig>,
    /// Whether it holds the proof of unanimity.
    pub proven: bool,
}

/// A value of the backup's consensus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// The epoch's undecided slots follow from these members' reports.
    Reports(Members),
    /// The next slots.
    Batch(Vec<Signed>),
    /// The epoch is over.
    Switch {
        /// The next one.
        epoch: u64,
        /// Whether it begins with Cheap Quorum.
        fast: bool,
    },
}

impl Value {
    fn digest(&self) -> u64 {
        match self {
            Self::Reports(members) => members.iter().fold(1, |sum, m| mix(sum, m.0.into())),
            Self::Batch(batch) => batch.iter().fold(2, |sum, signed| {
                mix(mix(sum, signed.request.digest), signed.request.client.0.into())
            }),
            Self::Switch { epoch, fast } => digest([3, *epoch, (*fast).into()]),
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Reports(_) => 16,
            Self::Batch(batch) => batch.iter().map(signed_bytes).sum(),
            Self::Switch { .. } => 9,
        }
    }
}

/// What a member says in the backup, by non-equivocating broadcast, one after another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// What it aborts Cheap Quorum with: its inputs, by priority. Always the first.
    Report {
        /// The proof of the last slot that it has one for: the highest priority, for that slot and
        /// those before.
        top: Option<Arc<Proof>>,
        /// What the leader signed for the slots after it: the second priority.
        leads: Vec<Lead>,
    },
    /// Paxos 1b: it takes part in no lower ballot any more. What it has accepted is known from
    /// what it said before.
    Promise {
        /// The ballot.
        ballot: u32,
    },
    /// The ballot's proposer has these promises.
    Begin {
        /// The ballot.
        ballot: u32,
        /// The promising members.
        promisers: Members,
    },
    /// Paxos 2a.
    Propose {
        /// The ballot.
        ballot: u32,
        /// Which of the epoch's consensus instances.
        instance: u32,
        /// The value.
        value: Arc<Value>,
    },
    /// Paxos 2b.
    Accept {
        /// The ballot.
        ballot: u32,
        /// The instance.
        instance: u32,
    },
}

impl Step {
    /// Its digest.
    pub(super) fn digest(&self) -> u64 {
        match self {
            Self::Report { top, leads } => {
                let lead = |sum, lead: &Lead| mix(mix(sum, lead.slot), lead.chain());
                let start = top.as_ref().map_or(11, |proof| lead(12, &proof.lead));
                leads.iter().fold(start, lead)
            }
            Self::Promise { ballot } => digest([13, (*ballot).into()]),
            Self::Begin { ballot, promisers } => {
                promisers.iter().fold(digest([14, (*ballot).into()]), |sum, m| mix(sum, m.0.into()))
            }
            Self::Propose { ballot, instance, value } => {
                digest([15, (*ballot).into(), (*instance).into(), value.digest()])
            }
            Self::Accept { ballot, instance } => digest([16, (*ballot).into(), (*instance).into()]),
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Report { top, leads } => {
                let proof = top.as_ref().map_or(0, |proof| proof_bytes(proof));
                1 + proof + leads.iter().map(lead_bytes).sum::<u32>()
            }
            Self::Promise { .. } => 5,
            Self::Begin { .. } => 21,
            Self::Propose { value, .. } => 9 + value.bytes(),
            Self::Accept { .. } => 9,
        }
    }
}

/// What a sender signs of its `place`th step.
pub(super) fn step_content(epoch: u64, sender: NodeId, place: u32, step: u64) -> u64 {
    digest([3, epoch, sender.0.into(), place.into(), step])
}

/// What a member signs that has copied a step and then found no other in any register.
pub(super) fn first_content(epoch: u64, sender: NodeId, place: u32, step: u64) -> u64 {
    digest([4, epoch, sender.0.into(), place.into(), step])
}

/// A member's register for one step of one sender, its own or a copy of another's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The step.
    pub step: Arc<Step>,
    /// The sender's signature.
    pub sig: Sig,
    /// First-level proof: the register's owner has found no other step in this place.
    pub first: Option<Sig>,
    /// Second-level proof: f + 1 first-level ones.
    pub second: Option<Arc<[(NodeId, Sig)]>>,
}

/// A register's owner, its sender, and the place in the sender's sequence.
pub type Place = (NodeId, u32);

/// What is written to a memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Items {
    /// Into the leader's region of an epoch.
    Lead(Lead),
    /// Into a member's own region: its mark for a slot.
    Mark {
        /// The slot.
        slot: u64,
        /// The mark.
        mark: Mark,
    },
    /// Into a member's own region: registers of the broadcast.
    Cells {
        /// The epoch.
        epoch: u64,
        /// The registers.
        cells: Vec<(Place, Arc<Cell>)>,
    },
}

/// A region of a memory, with its own permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// The leader of this epoch may write it until any member revokes that; all may read.
    Leader(u64),
    /// This member alone may write it, for ever; all may read.
    Own(NodeId),
}

/// What is read of a memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The leader's region from a slot on.
    Leads {
        /// The epoch.
        epoch: u64,
        /// The first slot.
        from: u64,
    },
    /// Everything written for slots from one on.
    Slots {
        /// The epoch.
        epoch: u64,
        /// The first slot.
        from: u64,
    },
    /// The registers of the broadcast.
    Board {
        /// The epoch.
        epoch: u64,
        /// For each sender the first place.
        from: Arc<[u32]>,
    },
}

/// An operation on a memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Writes.
    Write {
        /// The region.
        region: Region,
        /// The content.
        items: Arc<Items>,
    },
    /// Reads.
    Read(What),
    /// changePermission: from now on no node writes the leader's region of this epoch.
    Revoke {
        /// The epoch.
        epoch: u64,
    },
}

/// What a read gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    /// What the leader wrote.
    pub leads: Vec<Lead>,
    /// What each member wrote for each slot.
    pub marks: Vec<(NodeId, u64, Mark)>,
    /// The registers of the broadcast, with their owners.
    pub cells: Vec<(NodeId, Place, Arc<Cell>)>,
}

/// Which account an operation goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// A write of Cheap Quorum.
    Write,
    /// A read of Cheap Quorum.
    Read,
    /// A change of permission.
    Revoke,
    /// Anything of the backup, and anything that is sent again.
    Backup,
}

/// What the nodes send each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Msg {
    /// A client asks.
    Request(Signed),
    /// A member has carried a request out.
    Reply {
        /// The view it is in.
        view: u64,
        /// The request's number.
        number: u64,
        /// The result: an echo of the request's digest.
        result: u64,
    },
    /// The first half of an operation, from a member to a memory.
    Operation {
        /// The member's own number for it: a memory ignores a write that is older than the
        /// register's content, as a queue pair delivers in order.
        id: u64,
        /// For the meters.
        account: Account,
        /// What to do.
        call: Call,
    },
    /// The second half.
    Done {
        /// The operation.
        id: u64,
        /// For the meters.
        account: Account,
        /// Whether it was permitted.
        permitted: bool,
        /// What was read.
        seen: Option<Arc<Seen>>,
    },
    /// The leader has written a slot.
    Notice {
        /// Its epoch.
        epoch: u64,
        /// The slot.
        slot: u64,
    },
    /// A follower copies the leader's value for a slot into its own region.
    Copied {
        /// Its epoch.
        epoch: u64,
        /// The slot.
        slot: u64,
        /// The chain up to it.
        chain: u64,
        /// Over all that.
        sig: Sig,
    },
    /// A member holds the proof of unanimity for a slot, and has written so.
    Proven {
        /// Its epoch.
        epoch: u64,
        /// The slot.
        slot: u64,
        /// The chain up to it.
        chain: u64,
    },
    /// A member has given up on Cheap Quorum.
    Panic {
        /// Its epoch.
        epoch: u64,
    },
    /// A member has written something that others may want to read, or waits for something.
    Hint {
        /// Its epoch.
        epoch: u64,
        /// Whether it is in the backup.
        backup: bool,
    },
    /// A member enters an epoch.
    Start {
        /// Which, and from which state.
        start: Start,
        /// Over that.
        sig: Sig,
    },
    /// A member asks where the others are.
    Ask {
        /// Its epoch.
        epoch: u64,
        /// The slots it has executed.
        applied: u64,
    },
    /// The answer.
    Tell {
        /// The epoch of who answers.
        epoch: u64,
        /// The slots it has executed.
        applied: u64,
        /// How to get there, if the asker is in an earlier epoch.
        way: Option<(Arc<Certificate>, Option<Arc<Missed>>)>,
    },
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A request to be executed.
    Suspect,
    /// The time to repeat what has no answer.
    Poll,
    /// An answer, as a client.
    Retry,
}

const fn kind(name: &'static str, class: Class) -> Kind {
    Kind { name, class }
}

pub(super) const KINDS: &[Kind] = &[
    kind("request", Class::Client),
    kind("reply", Class::Client),
    kind("write", Class::Request),
    kind("written", Class::Request),
    kind("read", Class::Request),
    kind("seen", Class::Request),
    kind("notice", Class::Request),
    kind("copied", Class::Request),
    kind("proven", Class::Request),
    kind("revoke", Class::Repair),
    kind("revoked", Class::Repair),
    kind("backup operation", Class::Repair),
    kind("backup done", Class::Repair),
    kind("panic", Class::Repair),
    kind("hint", Class::Repair),
    kind("start", Class::Repair),
    kind("ask", Class::Repair),
    kind("tell", Class::Repair),
];

fn signed_bytes(signed: &Signed) -> u32 {
    REQUEST + SIG + signed.request.bytes
}

fn lead_bytes(lead: &Lead) -> u32 {
    16 + HASH + SIG + lead.content.as_ref().map_or(1, signed_bytes)
}

fn proof_bytes(proof: &Proof) -> u32 {
    lead_bytes(&proof.lead) + SIG * proof.copies.len() as u32
}

fn cell_bytes(cell: &Cell) -> u32 {
    let proofs = cell.first.is_some() as u32 + cell.second.as_ref().map_or(0, |s| s.len() as u32);
    8 + cell.step.bytes() + SIG * (1 + proofs)
}

/// The size of what is written, in bytes.
pub(super) fn items_bytes(items: &Items) -> u32 {
    match items {
        Items::Lead(lead) => lead_bytes(lead),
        Items::Mark { .. } => 17 + HASH + SIG,
        Items::Cells { cells, .. } => 8 + cells.iter().map(|(_, c)| cell_bytes(c)).sum::<u32>(),
    }
}

pub(super) fn wire(msg: &Msg) -> Wire {
    let first = |account: Account| match account {
        Account::Write => 2,
        Account::Read => 4,
        Account::Revoke => 9,
        Account::Backup => 11,
    };
    let (kind, body) = match msg {
        Msg::Request(signed) => (0, signed_bytes(signed)),
        Msg::Reply { .. } => (1, 18 + HASH),
        Msg::Operation { account, call, .. } => {
            let call = match call {
                Call::Write { items, .. } => 8 + items_bytes(items),
                Call::Read(What::Board { from, .. }) => 8 + 4 * from.len() as u32,
                Call::Read(_) => 16,
                Call::Revoke { .. } => 8,
            };
            (first(*account), 8 + call)
        }
        Msg::Done { account, seen, .. } => {
            let seen = seen.as_ref().map_or(0, |seen| {
                let marks = (26 + HASH + SIG) * seen.marks.len() as u32;
                let cells: u32 = seen.cells.iter().map(|(.., cell)| cell_bytes(cell)).sum();
                seen.leads.iter().map(lead_bytes).sum::<u32>() + marks + cells
            });
            (first(*account) + 1, 9 + seen)
        }
        Msg::Notice { .. } => (6, 16),
        Msg::Copied { .. } => (7, 16 + HASH + SIG),
        Msg::Proven { .. } => (8, 16 + HASH),
        Msg::Panic { .. } => (13, 8),
        Msg::Hint { .. } => (14, 9),
        Msg::Start { .. } => (15, 17 + HASH + SIG),
        Msg::Ask { .. } => (16, 16),
        Msg::Tell { way, .. } => {
            let way = way.as_ref().map_or(0, |(cert, missed)| {
                let missed = missed.as_ref().map_or(0, |missed| missed.bytes());
                17 + HASH + SIG * cert.sigs.len() as u32 + missed
            });
            (17, 16 + way)
        }
    };
    Wire { kind, bytes: HEADERS + body }
}

/// What a Byzantine member could send instead: another value for the slot or none, to some of the
/// memories only; another step in the same place of the broadcast; a report that omits what it
/// knows.
pub(super) fn variants(msg: &Msg, fx: &mut Fx<BftRdma>) -> Vec<Msg> {
    match *msg {
        Msg::Operation { id, account, call: Call::Write { region, ref items } } => {
            let other = |items| {
                let call = Call::Write { region, items: Arc::new(items) };
                Msg::Operation { id, account, call }
            };
            match **items {
                Items::Lead(lead) => vec![other(Items::Lead(other_lead(&lead, fx)))],
                Items::Mark { slot, mark } => {
                    let chain = mix(mark.chain, 1);
                    let copy = mark.copy.map(|_| fx.sign(copy_content(mark.epoch, slot, chain)));
                    vec![other(Items::Mark { slot, mark: Mark { chain, copy, ..mark } })]
                }
                Items::Cells { epoch, ref cells } => {
                    let cells = cells.iter().map(|(place, cell)| {
                        let cell = if place.0 == fx.me() {
                            Arc::new(other_cell(epoch, *place, &cell.step, fx))
                        } else {
                            cell.clone()
                        };
                        (*place, cell)
                    });
                    let cells = cells.collect();
                    vec![other(Items::Cells { epoch, cells })]
                }
            }
        }
        Msg::Copied { epoch, slot, chain, .. } => {
            let chain = mix(chain, 1);
            let sig = fx.sign(copy_content(epoch, slot, chain));
            vec![Msg::Copied { epoch, slot, chain, sig }]
        }
        Msg::Reply { view, number, result } => {
            vec![Msg::Reply { view, number, result: mix(result, 1) }]
        }
        Msg::Start { start, .. } => {
            let start = Start { state: mix(start.state, 1), ..start };
            let sig = fx.sign(start.content());
            vec![Msg::Start { start, sig }]
        }
        // An epoch of its own that no other member vouches for.
        Msg::Tell { epoch, applied, way: Some((ref certificate, ref missed)) } => {
            let start = certificate.start;
            let start = Start { epoch: start.epoch + u64::from(fx.members()), ..start };
            let sigs = vec![(fx.me(), fx.sign(start.content()))];
            let way = Some((Arc::new(Certificate { start, sigs }), missed.clone()));
            vec![Msg::Tell { epoch, applied, way }]
        }
        _ => Vec::new(),
    }
}

/// Another lead for the same slot: nothing, instead of the request.
fn other_lead(lead: &Lead, fx: &mut Fx<BftRdma>) -> Lead {
    let content = None;
    let sig = fx.sign(lead_content(lead.epoch, lead.slot, chain(lead.before, &content)));
    Lead { content, sig, ..*lead }
}

/// Another step in the same place, with such proofs as a Byzantine member can make alone.
fn other_cell(epoch: u64, (sender, place): Place, step: &Step, fx: &mut Fx<BftRdma>) -> Cell {
    let step = match step {
        Step::Report { .. } => Step::Report { top: None, leads: Vec::new() },
        Step::Promise { ballot } => Step::Promise { ballot: ballot + 1 },
        Step::Begin { ballot, .. } => Step::Promise { ballot: ballot + 1 },
        Step::Propose { ballot, instance, value } => {
            let value = match &**value {
                Value::Batch(_) => Value::Batch(Vec::new()),
                Value::Reports(members) => {
                    let mut fewer = *members;
                    fewer.remove(sender);
                    Value::Reports(fewer)
                }
                Value::Switch { .. } => Value::Batch(Vec::new()),
            };
            Step::Propose { ballot: *ballot, instance: *instance, value: Arc::new(value) }
        }
        Step::Accept { ballot, .. } => Step::Promise { ballot: ballot + 1 },
    };
    let sig = fx.sign(step_content(epoch, sender, place, step.digest()));
    let first = fx.sign(first_content(epoch, sender, place, step.digest()));
    let second: Option<Arc<[_]>> = Some([(sender, first)].into());
    Cell { step: Arc::new(step), sig, first: Some(first), second }
}
