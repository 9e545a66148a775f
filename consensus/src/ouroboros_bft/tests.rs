//! What a single member of Ouroboros-BFT rejects.

use super::*;
use crate::{Missed, Nodes, Request, Sequence, Sig, Signed, Timing};
use gridtwin_kernel::{Span, Streams};
use std::sync::Arc;

const CLIENT: NodeId = NodeId(4);

/// Member 1 of four, at the beginning of a slot, and what it sends.
struct Table {
    fx: Fx<OuroborosBft>,
    setup: Setup,
    member: Member,
}

impl Table {
    fn new(planted: Option<usize>) -> Self {
        let nodes = Nodes { members: 4, clients: 1, helpers: 0 };
        let setup = Setup { planted, ..Setup::new(4, 1, &Timing::LAB) };
        let fx = Fx::new(nodes, &Streams::new(1), "table");
        let mut table = Self { fx, setup, member: Member::new(NodeId(1), &setup) };
        table.start();
        table
    }

    /// Starts the member from what it has written down.
    fn start(&mut self) -> Vec<Msg> {
        self.member = Member::new(NodeId(1), &self.setup);
        let durable = self.fx.durables[1].member.clone();
        self.act(|member, fx| member.on_start(&durable, fx))
    }

    fn act(&mut self, handler: impl FnOnce(&mut Member, &mut Fx<OuroborosBft>)) -> Vec<Msg> {
        self.fx.node = NodeId(1);
        self.fx.sends.clear();
        handler(&mut self.member, &mut self.fx);
        self.fx.sends.drain(..).map(|(_, msg)| msg).collect()
    }

    fn hear(&mut self, from: u16, msg: &Msg) -> Vec<Msg> {
        self.act(|member, fx| member.on_msg(NodeId(from), msg, fx))
    }

    /// A slot begins.
    fn slot(&mut self, slot: u64) -> Vec<Msg> {
        self.fx.now = gridtwin_kernel::SimTime::ZERO + Timing::LAB.delta * slot + Span(1);
        self.act(|member, fx| member.on_timer(Timer::Slot, fx))
    }

    /// A block signed by the leader of its slot, whoever asks for it.
    fn block(&mut self, parent: Point, slot: u64, numbers: &[u64]) -> Arc<Block> {
        self.fx.node = NodeId((slot % 4) as u16);
        let requests = numbers.iter().map(|&number| signed(number)).collect();
        Arc::new(Block::new(parent, slot, requests, &mut self.fx))
    }

    /// Blocks of these slots, one after another, the first with request 0; sent by their leaders.
    fn follow(&mut self, slots: &[u64]) -> Vec<Arc<Block>> {
        let mut blocks = Vec::new();
        for &slot in slots {
            self.slot(slot);
            let numbers: &[u64] = if blocks.is_empty() { &[0] } else { &[] };
            let block = self.block(self.tip(), slot, numbers);
            self.hear((slot % 4) as u16, &Msg::Block(block.clone()));
            blocks.push(block);
        }
        blocks
    }

    fn tip(&self) -> Point {
        self.member.chain().tip()
    }

    fn delivered(&self) -> usize {
        let delivered = |out: &&Outcome| matches!(out, Outcome::Delivered { .. });
        self.fx.outs.iter().filter(delivered).count()
    }
}

fn signed(number: u64) -> Signed {
    let request = Request::new(CLIENT, number, 8);
    Signed { request, sig: Sig::mint(CLIENT, request.digest) }
}

fn told(settled: Point, missed: Option<Missed>, blocks: Vec<Arc<Block>>) -> Msg {
    Msg::Told(Arc::new(Told { settled, missed, blocks }))
}

#[test]
fn a_block_counts_from_its_slots_leader_in_its_slot_alone() {
    let mut table = Table::new(None);
    let start = Point::default();
    table.slot(6);
    let (two, three) = (table.block(start, 6, &[0]), table.block(start, 7, &[0]));
    table.hear(3, &Msg::Block(three)); // the slot has not begun
    table.hear(3, &Msg::Block(two.clone())); // not its own
    assert_eq!(table.tip(), start);
    let mut invented = signed(1);
    invented.sig = Sig::mint(NodeId(2), invented.request.digest);
    table.fx.node = NodeId(2);
    let forged = Arc::new(Block::new(start, 6, vec![invented], &mut table.fx));
    table.hear(2, &Msg::Block(forged)); // nobody asked for that
    assert_eq!(table.tip(), start);
    table.hear(2, &Msg::Block(two.clone()));
    assert_eq!(table.tip(), two.point());
    // The same leader's other block of the slot comes too late.
    let other = table.block(start, 6, &[]);
    table.hear(2, &Msg::Block(other));
    assert_eq!(table.tip(), two.point());
}

#[test]
fn a_longer_chain_wins_whatever_its_leader_said_elsewhere() {
    let mut table = Table::new(None);
    table.slot(6);
    let (one, other) =
        (table.block(Point::default(), 6, &[0]), table.block(Point::default(), 6, &[]));
    table.hear(2, &Msg::Block(one));
    table.slot(7);
    let next = table.block(other.point(), 7, &[0]);
    let asked = table.hear(3, &Msg::Block(next.clone()));
    assert!(matches!(asked[..], [Msg::Fetch { .. }]), "{asked:?}");
    table.hear(3, &told(Point::default(), None, vec![other, next.clone()]));
    assert_eq!(table.tip(), next.point());
}

#[test]
fn nothing_is_final_before_3t_and_one_slots_and_nothing_final_is_undone() {
    let mut table = Table::new(None);
    let ours = table.follow(&[6, 7, 8]);
    table.slot(9);
    assert_eq!(table.delivered(), 0);
    table.slot(10);
    assert_eq!((table.delivered(), table.member.chain().settled()), (1, ours[0].point()));
    // A longer and dense chain of other leaders, without the block that is final.
    table.slot(30);
    let held = table.tip();
    let mut theirs = Vec::new();
    let mut parent = Point::default();
    for slot in [10, 11, 12, 14, 15, 16] {
        theirs.push(table.block(parent, slot, &[]));
        parent = theirs.last().unwrap().point();
    }
    assert!(parent.height > held.height);
    table.hear(2, &told(Point::default(), None, theirs));
    assert_eq!(table.tip(), held);
}

#[test]
fn liars_alone_cannot_carry_a_chain() {
    let mut table = Table::new(None);
    let ours = table.follow(&[6]);
    // Member 3 has had ten slots for itself.
    table.slot(100);
    let mut theirs = Vec::new();
    let mut parent = Point::default();
    for slot in (7..47).step_by(4) {
        theirs.push(table.block(parent, slot, &[]));
        parent = theirs.last().unwrap().point();
    }
    table.hear(3, &told(Point::default(), None, theirs));
    assert_eq!(table.tip(), ours[0].point());
}

#[test]
fn never_two_blocks_in_a_slot_not_even_after_a_brown_out() {
    let mut table = Table::new(None);
    table.slot(4);
    table.hear(4, &Msg::Request(signed(0)));
    assert!(table.slot(5).iter().any(|msg| matches!(msg, Msg::Block(_))));
    table.start();
    // Two others have nothing to report, so that it takes part again, still in the same slot.
    for from in [0, 2] {
        table.hear(from, &told(Point::default(), None, Vec::new()));
    }
    table.hear(4, &Msg::Request(signed(1)));
    let again = table.act(|member, fx| member.on_timer(Timer::Slot, fx));
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn a_past_that_is_not_shown_takes_two_witnesses() {
    let state = || {
        let mut sequence = Sequence::default();
        sequence.decide(1, Some(signed(0).request));
        sequence.advance();
        sequence.since(0)
    };
    let settled = Point { height: 500, slot: 900, hash: 7 };
    for (planted, witnesses) in [(None, 2), (Some(0), 1)] {
        let mut table = Table::new(planted);
        table.slot(1000);
        for from in [2, 3].into_iter().take(witnesses) {
            assert_eq!(table.delivered(), 0, "{planted:?}");
            table.hear(from, &told(settled, state(), Vec::new()));
        }
        assert_eq!((table.delivered(), table.tip()), (1, settled), "{planted:?}");
    }
}

#[test]
fn receipts_are_proof_from_more_than_two_thirds() {
    for n in 4..=128usize {
        let t = faulty(n as u16);
        let proof = 2 * n / 3 + 1;
        assert!(3 * proof > 2 * n && 3 * (proof - 1) <= 2 * n);
        assert!(proof <= n - t, "{n}: the honest alone give it");
        assert!(proof > 2 * t, "{n}: more than t of them are honest");
    }
}
