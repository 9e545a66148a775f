//! What a single PBFT member refuses, whatever it is sent.

use super::message::{pre_prepare_digest, prepare_digest};
use super::*;
use crate::{Nodes, Request, Sig, Signed, Timing};
use gridtwin_kernel::Streams;
use std::sync::Arc;

type Sent = Vec<Msg>;

/// Four members and a client, with what the one at hand would send.
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
        let mut replica = Replica::new(NodeId(id), 4, &Timing::LAB);
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
        let sig = Sig::mint(self.client, request.digest);
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
    let sig = Sig::mint(NodeId(0), request.request.digest);
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

#[test]
fn quorums_of_any_two_share_an_honest_member() {
    for n in 4..=128 {
        let (f, q) = (faulty(n), quorum(n));
        assert!(2 * q > usize::from(n) + f, "{n}: two quorums share more than f");
        assert!(q <= usize::from(n) - f, "{n}: the honest alone make one");
    }
}
