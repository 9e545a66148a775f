//! What a single node rejects.

use super::message::{chain, copy_content, first_content, lead_content, step_content};
use super::*;
use crate::{Missed, Nodes, Request, Sequence, Sig, Signed, Timing};
use gridtwin_kernel::Streams;

/// Three members, a client, three memories, with the messages that the tested one sends.
struct Table {
    fx: Fx<BftRdma>,
    setup: Setup,
}

const CLIENT: NodeId = NodeId(3);

fn minted(signer: u16, content: u64) -> Sig {
    Sig::mint(NodeId(signer), content)
}

impl Table {
    fn new() -> Self {
        Self::planted(None)
    }

    fn planted(planted: Option<Quorum>) -> Self {
        let nodes = Nodes { members: 3, clients: 1, helpers: 3 };
        let mut setup = Setup::new(3, 1, &Timing::LAB);
        setup.planted = planted.map(|which| which as usize);
        Self { fx: Fx::new(nodes, &Streams::new(1), "table"), setup }
    }

    /// A node as it starts from what it had written down.
    fn start(&mut self, id: u16) -> BftRdma {
        let mut node = BftRdma::group(&self.setup).swap_remove(usize::from(id));
        let durable = self.fx.durables[usize::from(id)].clone();
        self.acting(id, |fx| node.on_start(&durable, fx));
        node
    }

    fn acting(&mut self, id: u16, handler: impl FnOnce(&mut Fx<BftRdma>)) -> Vec<Msg> {
        self.fx.node = NodeId(id);
        handler(&mut self.fx);
        self.fx.outs.clear();
        self.fx.timers.clear();
        self.fx.sends.drain(..).map(|(_, msg)| msg).collect()
    }

    fn send(&mut self, node: &mut BftRdma, id: u16, from: u16, msg: &Msg) -> Vec<Msg> {
        self.acting(id, |fx| node.on_msg(NodeId(from), msg, fx))
    }

    /// A memory's answer to an operation.
    fn operate(
        &mut self,
        memory: &mut BftRdma,
        from: u16,
        call: Call,
    ) -> (bool, Option<Arc<Seen>>) {
        let account = Account::Backup;
        let answers = self.send(memory, 4, from, &Msg::Operation { id: 1, account, call });
        match &answers[..] {
            [Msg::Done { permitted, seen, .. }] => (*permitted, seen.clone()),
            other => panic!("{other:?}"),
        }
    }

    /// Answers a member's operations of these accounts as two memories would that hold this.
    fn answer(&mut self, node: &mut BftRdma, id: u16, sent: &[Msg], seen: &Seen) -> Vec<Msg> {
        let mut all = Vec::new();
        for msg in sent {
            let Msg::Operation { id: operation, account, call } = msg else { continue };
            let seen = matches!(call, Call::Read(_)).then(|| Arc::new(seen.clone()));
            let (id_of, account) = (*operation, *account);
            for memory in [4, 5] {
                let seen = seen.clone();
                let done = Msg::Done { id: id_of, account, permitted: true, seen };
                all.extend(self.send(node, id, memory, &done));
            }
        }
        all
    }
}

fn signed(number: u64) -> Signed {
    let request = Request::new(CLIENT, number, 8);
    Signed { request, sig: Sig::mint(CLIENT, request.digest) }
}

/// The leader's first slot of the first epoch.
fn lead(number: u64) -> Lead {
    let (before, content) = (Start::default().chain(), Some(signed(number)));
    let sig = minted(0, lead_content(0, 1, chain(before, &content)));
    Lead { epoch: 0, slot: 1, before, content, sig }
}

fn write(region: Region, items: Items) -> Call {
    Call::Write { region, items: Arc::new(items) }
}

fn nothing() -> Seen {
    Seen { leads: Vec::new(), marks: Vec::new(), cells: Vec::new() }
}

#[test]
fn a_memory_lets_each_write_its_own_region_and_the_leader_until_that_is_revoked() {
    let mut table = Table::new();
    let mut memory = table.start(4);
    let leads = || write(Region::Leader(0), Items::Lead(lead(0)));
    let read = || Call::Read(What::Leads { epoch: 0, from: 1 });
    assert!(!table.operate(&mut memory, 1, leads()).0, "not the leader");
    assert!(table.operate(&mut memory, 0, leads()).0);
    let mark = Mark { epoch: 0, chain: 7, copy: None, proven: false };
    let marks = |owner| write(Region::Own(NodeId(owner)), Items::Mark { slot: 1, mark });
    assert!(table.operate(&mut memory, 2, marks(2)).0);
    assert!(!table.operate(&mut memory, 0, marks(2)).0, "somebody else's region");
    // Any member revokes, and none can undo it, not even by a power failure of the memory.
    assert!(table.operate(&mut memory, 2, Call::Revoke { epoch: 0 }).0);
    assert!(!table.operate(&mut memory, 0, leads()).0, "revoked");
    let mut memory = table.start(4);
    assert!(!table.operate(&mut memory, 0, leads()).0, "revoked");
    let (_, seen) = table.operate(&mut memory, 1, read());
    assert_eq!(seen.unwrap().leads, [lead(0)], "what was written before stays");
    assert!(table.operate(&mut memory, 2, marks(2)).0, "other regions stay as they were");
}

#[test]
fn a_write_that_comes_late_does_not_overwrite_a_newer_one() {
    let mut table = Table::new();
    let mut memory = table.start(4);
    let mark = |proven| Mark { epoch: 0, chain: 7, copy: None, proven };
    for (id, proven) in [(9, true), (8, false)] {
        let items = Items::Mark { slot: 1, mark: mark(proven) };
        let call = write(Region::Own(NodeId(1)), items);
        table.send(&mut memory, 4, 1, &Msg::Operation { id, account: Account::Write, call });
    }
    let (_, seen) = table.operate(&mut memory, 0, Call::Read(What::Slots { epoch: 0, from: 1 }));
    assert_eq!(seen.unwrap().marks, [(NodeId(1), 1, mark(true))]);
}

fn copies(sent: &[Msg]) -> Vec<u64> {
    let copy = |msg: &Msg| match *msg {
        Msg::Copied { chain, .. } => Some(chain),
        _ => None,
    };
    sent.iter().filter_map(copy).collect()
}

#[test]
fn a_follower_copies_one_value_for_a_slot_also_after_a_brown_out() {
    let mut table = Table::new();
    let notice = Msg::Notice { epoch: 0, slot: 1 };
    let hint = Msg::Hint { epoch: 0, backup: false };
    let holds = |number| Seen { leads: vec![lead(number)], ..nothing() };
    let mut member = table.start(1);
    let sent = table.send(&mut member, 1, 0, &notice);
    let sent = table.answer(&mut member, 1, &sent, &holds(5));
    assert_eq!(copies(&sent), [lead(5).chain()]);
    let mut member = table.start(1);
    for msg in [&notice, &hint] {
        let sent = table.send(&mut member, 1, 0, msg);
        let sent = table.answer(&mut member, 1, &sent, &holds(6));
        assert!(copies(&sent).is_empty(), "{sent:?}");
    }
}

#[test]
fn a_leader_caught_with_two_values_is_given_up_at_once() {
    let mut table = Table::new();
    let mut member = table.start(1);
    let sent = table.send(&mut member, 1, 0, &Msg::Notice { epoch: 0, slot: 1 });
    let seen = Seen { leads: vec![lead(5), lead(6)], ..nothing() };
    let sent = table.answer(&mut member, 1, &sent, &seen);
    assert!(sent.iter().any(|msg| matches!(msg, Msg::Panic { epoch: 0 })), "{sent:?}");
    let revokes = |msg: &Msg| matches!(msg, Msg::Operation { call: Call::Revoke { epoch: 0 }, .. });
    assert!(sent.iter().any(revokes), "{sent:?}");
    assert!(copies(&sent).is_empty());
}

#[test]
fn what_nobody_asked_for_is_not_copied() {
    let mut table = Table::new();
    let mut invented = lead(5);
    invented.content = Some(Signed { sig: minted(0, 1), ..signed(5) });
    let chain = invented.chain();
    invented.sig = minted(0, lead_content(0, 1, chain));
    let by_another = Lead { sig: minted(2, lead_content(0, 1, lead(5).chain())), ..lead(5) };
    for wrong in [invented, by_another] {
        let mut member = table.start(1);
        let sent = table.send(&mut member, 1, 0, &Msg::Notice { epoch: 0, slot: 1 });
        let seen = Seen { leads: vec![wrong], ..nothing() };
        let sent = table.answer(&mut member, 1, &sent, &seen);
        assert!(copies(&sent).is_empty(), "{sent:?}");
    }
    // Nor does a copy count that its sender did not sign.
    let sig = minted(0, copy_content(0, 1, 7));
    let mut member = table.start(1);
    table.send(&mut member, 1, 2, &Msg::Copied { epoch: 0, slot: 1, chain: 7, sig });
    let BftRdma::Member(member) = member else { panic!() };
    assert_eq!(member.cheap.held(), 1, "a place for the slot");
    assert!(!format!("{:?}", member.cheap).contains("(2, 7"), "{:?}", member.cheap);
}

/// A member in the backup, and the step that it accepts as member 2's first, when it is shown
/// second-level proofs with this many signatures.
fn delivered(planted: Option<Quorum>, proofs: u16) -> bool {
    let mut table = Table::planted(planted);
    let mut member = table.start(1);
    let sent = table.send(&mut member, 1, 0, &Msg::Panic { epoch: 0 });
    let sent = table.answer(&mut member, 1, &sent, &nothing()); // revoked
    let sent = table.answer(&mut member, 1, &sent, &nothing()); // the leader's region is empty
    let sent = table.answer(&mut member, 1, &sent, &nothing()); // its report is written
    let step = Step::Report { top: None, leads: Vec::new() };
    let digest = step.digest();
    let first = |id| minted(id, first_content(0, NodeId(2), 0, digest));
    let cell = Cell {
        step: Arc::new(step),
        sig: minted(2, step_content(0, NodeId(2), 0, digest)),
        first: Some(first(2)),
        second: Some((0..proofs).map(|by| (NodeId(2 - by), first(2 - by))).collect()),
    };
    let seen = Seen { cells: vec![(NodeId(2), (NodeId(2), 0), Arc::new(cell))], ..nothing() };
    table.answer(&mut member, 1, &sent, &seen);
    let BftRdma::Member(member) = member else { panic!() };
    member.robust.report_of(NodeId(2)).is_some()
}

#[test]
fn a_step_is_delivered_on_f_and_one_first_level_proofs() {
    assert!(!delivered(None, 1), "by the Byzantine member's own signature");
    assert!(delivered(None, 2));
    assert!(delivered(Some(Quorum::Second), 1), "planted");
}

#[test]
fn an_epoch_is_entered_on_the_word_of_f_and_one_members() {
    let entered = |planted, signers: &[u16]| {
        let mut table = Table::planted(planted);
        let mut member = table.start(1);
        let state = Sequence::default().digest();
        let start = Start { epoch: 4, base: 0, fast: true, state };
        let sigs = signers.iter().map(|&id| (NodeId(id), minted(id, start.content())));
        let certificate = Arc::new(Certificate { start, sigs: sigs.collect() });
        let way = Some((certificate, None::<Arc<Missed>>));
        table.send(&mut member, 1, 2, &Msg::Tell { epoch: 4, applied: 0, way });
        member.view() == view_of(4, None)
    };
    assert!(!entered(None, &[2]));
    assert!(!entered(None, &[2, 2]), "twice the same");
    assert!(entered(None, &[0, 2]));
    assert!(entered(Some(Quorum::Start), &[2]), "planted");
}
