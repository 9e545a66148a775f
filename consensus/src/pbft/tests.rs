//! What a single PBFT member rejects.

use super::message::{pre_prepare_digest, prepare_digest, request_digest};
use super::*;
use crate::{Nodes, Request, Sig, Signed, Timing};
use gridtwin_kernel::Streams;
use std::sync::Arc;

type Sent = Vec<Msg>;

/// Four members and a client, with the messages that the tested one sends.
struct Table {
    fx: Fx<Pbft>,
    client: NodeId,
}

impl Table {
    fn new() -> Self {
        let fx = Fx::new(Nodes { members: 4, clients: 1, helpers: 0 }, &Streams::new(1), "table");
        Self { fx, client: NodeId(4) }
    }

    fn replica(&mut self, id: u16) -> Replica {
        let setup = Setup::new(4, 1, &Timing::LAB);
        let mut replica = Replica::new(NodeId(id), &setup, Quorums::flat(&setup));
        let durable = self.fx.durables[usize::from(id)].replica.clone();
        self.acting(id, |fx| replica.on_start(&durable, fx));
        replica
    }

    /// Runs a handler as node `id`, and gives the messages it sent.
    fn acting(&mut self, id: u16, handler: impl FnOnce(&mut Fx<Pbft>)) -> Sent {
        self.fx.node = NodeId(id);
        handler(&mut self.fx);
        self.fx.outs.clear();
        self.fx.timers.clear();
        self.fx.sends.drain(..).map(|(_, msg)| msg).collect()
    }

    fn request(&self, number: u64) -> Signed {
        let request = Request::new(self.client, number, 8);
        let sig = Sig::mint(self.client, request_digest(&request));
        Signed { request, sig }
    }

    fn pre_prepare(&self, by: u16, seq: u64, signed: Signed) -> Msg {
        let (view, proposal) = (0, Some(signed));
        let sig = Sig::mint(NodeId(by), pre_prepare_digest(view, seq, signed.request.digest));
        Msg::PrePrepare { view, seq, proposal, sig }
    }
}

fn prepares(sent: &Sent) -> usize {
    sent.iter().filter(|msg| matches!(msg, Msg::Prepare { .. })).count()
}

#[test]
fn one_pre_prepare_a_number_and_view_also_after_a_brown_out() {
    let mut table = Table::new();
    let (a, b) = (table.request(0), table.request(1));
    let (first, second) = (table.pre_prepare(0, 1, a), table.pre_prepare(0, 1, b));
    let mut replica = table.replica(1);
    assert_eq!(prepares(&table.acting(1, |fx| replica.on_msg(NodeId(0), &first, fx))), 1);
    assert_eq!(prepares(&table.acting(1, |fx| replica.on_msg(NodeId(0), &second, fx))), 0);
    let mut replica = table.replica(1);
    assert_eq!(prepares(&table.acting(1, |fx| replica.on_msg(NodeId(0), &second, fx))), 0);
}

#[test]
fn what_is_not_signed_by_the_right_one_is_ignored() {
    let mut table = Table::new();
    let mut replica = table.replica(1);
    let request = table.request(0);
    // Signed by another member, and sent by the primary.
    let forged = table.pre_prepare(2, 1, request);
    assert!(table.acting(1, |fx| replica.on_msg(NodeId(0), &forged, fx)).is_empty());
    // A request that its client did not sign.
    let sig = Sig::mint(NodeId(0), request_digest(&request.request));
    let invented = table.pre_prepare(0, 1, Signed { sig, ..request });
    assert!(table.acting(1, |fx| replica.on_msg(NodeId(0), &invented, fx)).is_empty());
    // Prepares in another's name do not count.
    let good = table.pre_prepare(0, 1, request);
    table.acting(1, |fx| replica.on_msg(NodeId(0), &good, fx));
    let digest = request.request.digest;
    let sig = Sig::mint(NodeId(3), prepare_digest(0, 1, digest));
    let prepare = Msg::Prepare { view: 0, seq: 1, digest, sig };
    assert!(table.acting(1, |fx| replica.on_msg(NodeId(2), &prepare, fx)).is_empty());
    let commits = table.acting(1, |fx| replica.on_msg(NodeId(3), &prepare, fx));
    assert!(matches!(commits[..], [Msg::Commit { seq: 1, .. }]), "{commits:?}");
}

#[test]
fn a_new_view_that_leaves_out_what_prepared_is_refused() {
    let mut table = Table::new();
    let signed = table.request(0);
    let digest = signed.request.digest;
    let sign = |id: u16, content| Sig::mint(NodeId(id), content);
    let certificate = Arc::new(Certificate {
        view: 0,
        seq: 1,
        proposal: Some(signed),
        primary: sign(0, pre_prepare_digest(0, 1, digest)),
        prepares: [1, 2].map(|id| (NodeId(id), sign(id, prepare_digest(0, 1, digest)))).to_vec(),
    });
    let change = |id: u16, prepared: Vec<Arc<Certificate>>| {
        let stable = Arc::new(Stable::default());
        let sig = sign(id, ViewChange::content(1, &stable, &prepared));
        Arc::new(ViewChange { view: 1, from: NodeId(id), stable, prepared, sig })
    };
    let changes = vec![change(1, vec![]), change(2, vec![certificate]), change(3, vec![])];
    let new_view = |proposals| {
        let sig = sign(1, NewView::content(1, &changes));
        let changes = changes.clone();
        Msg::NewView(Arc::new(NewView { view: 1, changes, proposals, sig }))
    };
    let proposal = |seq, proposal: Proposal| {
        let digest = super::message::digest_of(&proposal);
        (seq, proposal, sign(1, pre_prepare_digest(1, seq, digest)))
    };
    let mut replica = table.replica(2);
    for wrong in [vec![], vec![proposal(1, None)], vec![proposal(1, Some(table.request(1)))]] {
        let sent = table.acting(2, |fx| replica.on_msg(NodeId(1), &new_view(wrong), fx));
        assert!(sent.is_empty() && replica.view() == 0, "{sent:?}");
    }
    let right = new_view(vec![proposal(1, Some(signed))]);
    let sent = table.acting(2, |fx| replica.on_msg(NodeId(1), &right, fx));
    assert_eq!((prepares(&sent), replica.view()), (1, 1));
}

/// What a member replies and reports, and everything that it sends.
fn told(table: &mut Table, handler: impl FnOnce(&mut Fx<Pbft>)) -> (Vec<Option<u64>>, usize) {
    table.fx.node = NodeId(1);
    handler(&mut table.fx);
    let replies = table.fx.sends.drain(..).filter_map(|(_, msg)| match msg {
        Msg::Reply { tentative, .. } => Some(tentative),
        _ => None,
    });
    let delivered = table.fx.outs.drain(..);
    let delivered = delivered.filter(|out| matches!(out, Outcome::Delivered { .. }));
    (replies.collect(), delivered.count())
}

#[test]
fn a_tentative_answer_precedes_the_decision_and_is_rolled_back_with_its_view() {
    let mut table = Table::new();
    let signed = table.request(0);
    let digest = signed.request.digest;
    let proposal = table.pre_prepare(0, 1, signed);
    let prepare = |id: u16, view, digest| {
        let sig = Sig::mint(NodeId(id), prepare_digest(view, 1, digest));
        Msg::Prepare { view, seq: 1, digest, sig }
    };
    let commit = |view, digest| Msg::Commit { view, seq: 1, digest };
    let mut setup = Setup::new(4, 1, &Timing::LAB);
    setup.timing.tentative = true;
    let mut replica = Replica::new(NodeId(1), &setup, Quorums::flat(&setup));
    table.acting(1, |fx| replica.on_start(&Durable::default(), fx));
    table.acting(1, |fx| replica.on_msg(NodeId(0), &proposal, fx));
    let mut other = replica.clone();

    // Prepared: it replies, but reports no outcome. Committed: the other way round.
    let hear = |from: u16, msg: Msg, replica: &mut Replica, table: &mut Table| {
        told(table, |fx| replica.on_msg(NodeId(from), &msg, fx))
    };
    let prepared = hear(2, prepare(2, 0, digest), &mut replica, &mut table);
    assert_eq!(prepared, (vec![Some(0)], 0));
    assert_eq!(hear(0, commit(0, digest), &mut replica, &mut table), (vec![], 0));
    assert_eq!(hear(2, commit(0, digest), &mut replica, &mut table), (vec![], 1));

    // Another view begins instead, with nothing prepared as far as its quorum knows.
    let _ = hear(2, prepare(2, 0, digest), &mut other, &mut table);
    let change = |id: u16| {
        let stable = Arc::new(Stable::default());
        let sig = Sig::mint(NodeId(id), ViewChange::content(2, &stable, &[]));
        Arc::new(ViewChange { view: 2, from: NodeId(id), stable, prepared: vec![], sig })
    };
    table.fx.node = NodeId(2);
    let new_view = NewView::new(2, [0, 2, 3].map(change).to_vec(), &mut table.fx);
    let new_view = Msg::NewView(Arc::new(new_view));
    assert_eq!(hear(2, new_view, &mut other, &mut table), (vec![], 0));
    // There the null request takes its place, and it is not executed.
    let sig = Sig::mint(NodeId(2), pre_prepare_digest(2, 1, 0));
    let null = Msg::PrePrepare { view: 2, seq: 1, proposal: None, sig };
    for (from, msg) in [(2, null), (0, prepare(0, 2, 0)), (0, commit(2, 0)), (2, commit(2, 0))] {
        assert_eq!(hear(from, msg, &mut other, &mut table), (vec![], 0));
    }
    assert_eq!(other.progress(), (0, 1));
}

#[test]
fn hostile_numbers_and_strangers_change_nothing() {
    let mut table = Table::new();
    let mut replica = table.replica(1);
    for executed in [0, u64::MAX] {
        let fetch = Msg::Fetch { executed, view: u64::MAX, recovering: true };
        assert_eq!(table.acting(1, |fx| replica.on_msg(NodeId(2), &fetch, fx)).len(), 1);
        assert_eq!(table.acting(1, |fx| replica.on_msg(NodeId(4), &fetch, fx)).len(), 0);
    }
    let before = replica.clone();
    for seq in [0, 257, u64::MAX] {
        let commit = Msg::Commit { view: 0, seq, digest: 7 };
        assert!(table.acting(1, |fx| replica.on_msg(NodeId(2), &commit, fx)).is_empty());
    }
    assert_eq!(replica, before);
    // Checkpoints that no other member takes do not displace later ones.
    for seq in (1..1000).map(|k| k * CHECKPOINT_EVERY) {
        let sig = Sig::mint(NodeId(2), super::message::checkpoint_digest(seq, 7));
        let checkpoint = Msg::Checkpoint { seq, state: 7, sig };
        table.acting(1, |fx| replica.on_msg(NodeId(2), &checkpoint, fx));
    }
    assert!(replica.held() <= 3, "{}", replica.held());
}
