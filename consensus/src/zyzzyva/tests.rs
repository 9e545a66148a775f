//! The schedule by which Zyzzyva as published in 2007 loses a committed request (Abraham, Gueta,
//! Malkhi, Alvisi, Kotla and Martin, Revisiting Fast Practical Byzantine Fault Tolerance, arXiv
//! 1712.01367), message by message and by hand, and the same schedule under the repaired rule.
//!
//! Members 0 to 3, of which 0 is Byzantine, and one client with requests a and b.
//!
//! | view | what happens                                                     | logs of 0, 1, 2, 3 |
//! |------|------------------------------------------------------------------|--------------------|
//! | 0    | 0 orders a at 1 to 1 and 3, and b at 1 to 2                      | a, a, b, a         |
//! |      | the client has 3 responses for a: its certificate reaches 3 only |                    |
//! | 1    | 1 leads, from the view changes of 1 (a), 0 (says b) and 2 (b):   |                    |
//! |      | two have b, nobody there has a certificate: b at 1               | b, b, b, b         |
//! |      | all four respond: the client has the answer to b, position 0     |                    |
//! | 2    | 2 leads, from those of 2 (b), 0 (b) and 3 (b, certificate of a)  |                    |
//! | 2007 | the certificate with the highest number wins: a at 1             | a, a, a, a         |
//! |      | the client has the answer to a, position 0 as well               |                    |
//! | repaired | what the view 1 began with is later than the certificate     | ba, ba, ba, ba     |
//! |      | the client has the answer to a, position 1                       |                    |
//!
//! Then what single members refuse.

use super::message::{order_digest, response_digest};
use super::*;
use crate::crypto::mix;
use crate::fx::To;
use crate::sac_zyzzyva::Counted;
use crate::{Nodes, OrderChecker, Request, Sig, Signed, Timing};
use gridtwin_kernel::Streams;
use std::sync::Arc;

const CLIENT: NodeId = NodeId(4);

/// Four members and a client, the messages in transit, and who watches.
struct Table<R: Rule> {
    fx: Fx<Zyzzyva<R>>,
    nodes: Vec<Zyzzyva<R>>,
    wire: Vec<(NodeId, NodeId, Msg)>,
    order: OrderChecker,
    answered: Vec<(u64, Option<u64>)>,
}

impl<R: Rule> Table<R> {
    fn new() -> Self {
        let nodes = Nodes { members: 4, clients: 1, helpers: 0 };
        let mut table = Self {
            fx: Fx::new(nodes, &Streams::new(1), "table"),
            nodes: Zyzzyva::group(&Setup::new(4, 1, &Timing::LAB)),
            wire: Vec::new(),
            order: OrderChecker::new(4, 1),
            answered: Vec::new(),
        };
        for id in 0..5 {
            table.act(id, |node, fx| node.on_start(&Stored::default(), fx));
        }
        table
    }

    /// Runs a handler of a node; its messages are delivered, unless it is the Byzantine node 0.
    fn act(&mut self, id: u16, handler: impl FnOnce(&mut Zyzzyva<R>, &mut Fx<Zyzzyva<R>>)) {
        let me = NodeId(id);
        self.fx.node = me;
        handler(&mut self.nodes[me.index()], &mut self.fx);
        self.fx.timers.clear();
        for (to, msg) in self.fx.sends.drain(..) {
            let to: Vec<NodeId> = match to {
                To::One(node) => vec![node],
                To::Members => (0..4).map(NodeId).collect(),
                To::Each(nodes) => nodes.to_vec(),
            };
            self.wire.extend(to.iter().filter(|&&to| to != me).map(|&to| (me, to, msg.clone())));
        }
        for out in self.fx.outs.drain(..).filter(|_| id != 0) {
            match out {
                Outcome::Delivered { position, request } => {
                    self.order.delivered(me, position, &request);
                }
                Outcome::Answered { request, position } => {
                    self.order.answered(&request, position);
                    self.answered.push((request.number, position));
                }
                _ => {}
            }
        }
    }

    fn ask(&mut self, number: u64) -> Request {
        let request = Request::new(CLIENT, number, 8);
        self.order.submitted(&request);
        self.act(4, |node, fx| node.on_input(Input::Request(request), fx));
        request
    }

    fn fire(&mut self, id: u16, timer: Timer) {
        self.act(id, |node, fx| node.on_timer(timer, fx));
    }

    fn take(&mut self, kind: &str, from: u16, to: u16) -> Msg {
        let is =
            |(f, t, msg): &(NodeId, NodeId, Msg)| (f.0, t.0) == (from, to) && name(msg) == kind;
        let index = self.wire.iter().position(is);
        let index = index.unwrap_or_else(|| panic!("no {kind} from {from} to {to}"));
        self.wire.remove(index).2
    }

    /// Delivers the first message of this kind from one node to another.
    fn pass(&mut self, kind: &str, from: u16, to: u16) {
        let msg = self.take(kind, from, to);
        self.act(to, |node, fx| node.on_msg(NodeId(from), &msg, fx));
    }

    /// Byzantine node 0 sends a variant instead.
    fn deviate(&mut self, kind: &str, to: u16) {
        let msg = self.take(kind, 0, to);
        self.fx.node = NodeId(0);
        let deviate = Zyzzyva::<R>::variants(&msg, &mut self.fx).remove(0);
        self.act(to, |node, fx| node.on_msg(NodeId(0), &deviate, fx));
    }

    /// Delivers all messages of these kinds, and what comes of them.
    fn settle(&mut self, kinds: &[&str]) {
        while let Some(index) = self.wire.iter().position(|(_, _, m)| kinds.contains(&name(m))) {
            let (from, to, msg) = self.wire.remove(index);
            self.act(to.0, |node, fx| node.on_msg(from, &msg, fx));
        }
    }

    fn replica(&self, id: u16) -> &Replica<R> {
        match &self.nodes[usize::from(id)] {
            Zyzzyva::Replica(replica) => replica,
            Zyzzyva::Client(_) => panic!("{id} is no member"),
        }
    }

    /// The numbers of the requests in a member's log.
    fn log(&self, id: u16) -> Vec<u64> {
        self.replica(id).log.iter().map(|ordered| ordered.signed.request.number).collect()
    }

    fn logs(&self) -> [Vec<u64>; 4] {
        [0, 1, 2, 3].map(|id| self.log(id))
    }
}

fn name(msg: &Msg) -> &'static str {
    message::KINDS[usize::from(message::wire(msg).kind)].name
}

const BEGINNING: [&str; 2] = ["new-view", "view-confirm"];

/// Plays the schedule up to where the two rules part.
fn play<R: Rule>() -> Table<R> {
    let mut table = Table::<R>::new();
    let (a, b) = (0, 1);
    table.ask(a);
    table.ask(b);
    // View 0: a at 1 to 1 and 3, b at 1 to 2.
    table.pass("request", 4, 0);
    table.pass("request", 4, 0);
    for to in [1, 3] {
        table.pass("order-req", 0, to);
    }
    table.take("order-req", 0, 2);
    table.deviate("order-req", 2);
    assert_eq!(table.logs()[1..], [vec![a], vec![b], vec![a]]);
    // Three responses for a make a certificate, which reaches 3 alone.
    for from in [0, 1, 3] {
        table.pass("spec-response", from, 4);
    }
    table.fire(4, Timer::Slow(a));
    table.pass("commit", 4, 3);
    assert!(table.replica(3).certificate.is_some());
    // View 1: the client asks all members; 1 and 2 lack something, and suspect the primary.
    table.fire(4, Timer::Retry);
    table.wire.retain(|(_, _, msg)| name(msg) == "request");
    table.take("request", 4, 1);
    table.pass("request", 4, 1);
    table.pass("request", 4, 2);
    table.wire.clear();
    for id in [1, 2] {
        table.fire(id, Timer::Patience);
    }
    for (from, to) in [(1, 2), (2, 1), (1, 0), (2, 0)] {
        table.pass("i-hate-the-primary", from, to);
    }
    // Member 1 leads it, by the view changes of Byzantine 0, of 2, and its own.
    table.deviate("view-change", 1);
    table.pass("view-change", 2, 1);
    table.settle(&BEGINNING);
    assert_eq!(table.logs(), [const { vec![] }; 4].map(|_: Vec<u64>| vec![b]));
    table.settle(&["spec-response"]);
    assert_eq!(table.answered, [(b, Some(0))]);
    // View 2: 2 and 3 are asked for a, and do not get it ordered.
    table.wire.clear();
    table.fire(4, Timer::Retry);
    table.pass("request", 4, 2);
    table.pass("request", 4, 3);
    table.wire.clear();
    for id in [2, 3] {
        table.fire(id, Timer::Patience);
    }
    for (from, to) in [(2, 3), (3, 2), (2, 0), (3, 0)] {
        table.pass("i-hate-the-primary", from, to);
    }
    // 2 leads it, by the view changes of 0 and 3, and by its own.
    table.pass("view-change", 0, 2);
    table.pass("view-change", 3, 2);
    table.settle(&BEGINNING);
    table
}

#[test]
fn the_published_view_change_commits_two_requests_at_one_position() {
    let mut table = play::<Published>();
    assert_eq!(table.logs(), [vec![0], vec![0], vec![0], vec![0]]);
    table.settle(&["order-req", "spec-response"]);
    assert_eq!(table.answered, [(1, Some(0)), (0, Some(0))]);
    assert_eq!(table.order.count(), 1, "{:?}", table.order.violations());
}

#[test]
fn the_repaired_view_change_does_not() {
    let mut table = play::<ByView>();
    table.settle(&["order-req", "spec-response"]);
    assert_eq!(table.logs(), [vec![1, 0], vec![1, 0], vec![1, 0], vec![1, 0]]);
    assert_eq!(table.answered, [(1, Some(0)), (0, Some(1))]);
    assert_eq!(table.order.violations(), [] as [String; 0]);
}

#[test]
fn a_trusted_counter_gives_no_number_twice() {
    let mut table = Table::<Counted>::new();
    table.ask(0);
    table.ask(1);
    table.pass("request", 4, 0);
    table.pass("request", 4, 0);
    table.take("order-req", 0, 2);
    table.deviate("order-req", 2);
    assert_eq!(table.log(2), [] as [u64; 0], "the counter was ahead of the number");
    // The others continue without it, and three matching responses are enough.
    for to in [1, 3] {
        table.pass("order-req", 0, to);
    }
    table.settle(&["spec-response"]);
    assert_eq!(table.answered, [(0, Some(0))]);
}

#[test]
fn who_can_prove_that_the_primary_lies_ends_its_view() {
    let mut table = Table::<ByView>::new();
    table.ask(0);
    table.ask(1);
    table.pass("request", 4, 0);
    table.pass("request", 4, 0);
    table.pass("order-req", 0, 1);
    table.take("order-req", 0, 2);
    table.deviate("order-req", 2);
    // Two histories at number 1, in the client's hands.
    table.pass("spec-response", 1, 4);
    table.pass("spec-response", 2, 4);
    table.settle(&["proof-of-misbehaviour"]);
    for id in 0..4 {
        assert_eq!((table.replica(id).view, table.replica(id).changing), (1, true), "{id}");
    }
    // Two orders that can both be honest are no proof.
    let mark = |seq: u64, history: u64, digest: u64| {
        let seal = Seal::Signature(Sig::mint(NodeId(0), order_digest(0, seq, history, digest)));
        Mark { view: 0, seq, history, digest, seal, before: 0 }
    };
    let mut honest = Table::<ByView>::new();
    let proof = Msg::Misbehaviour(Arc::new((mark(1, 5, 6), mark(2, 7, 8))));
    honest.act(1, |node, fx| node.on_msg(CLIENT, &proof, fx));
    assert_eq!(honest.replica(1).view, 0);
}

#[test]
fn a_client_cannot_make_up_a_certificate() {
    let mut table = Table::<ByView>::new();
    let request = table.ask(0);
    table.pass("request", 4, 0);
    table.settle(&["order-req"]);
    let history = mix(0, request.digest);
    let commit = |signers: &[u16], history: u64| {
        let sign =
            |&id: &u16| (NodeId(id), Sig::mint(NodeId(id.min(2)), response_digest(0, 1, history)));
        let proof = signers.iter().map(sign).collect();
        let certificate = Certificate { view: 0, seq: 1, history, offset: None, proof };
        let seal = Seal::Signature(Sig::mint(NodeId(0), 0));
        let mark = Mark { view: 0, seq: 1, history, digest: request.digest, seal, before: 0 };
        Msg::Commit(Arc::new(Commit { certificate: Arc::new(certificate), mark, number: 0 }))
    };
    table.wire.clear();
    // Too few, one of them twice, one with another's signature; and of another history.
    for signers in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3], &[0, 1, 9]] {
        let msg = commit(signers, history);
        table.act(1, |node, fx| node.on_msg(CLIENT, &msg, fx));
        assert!(table.wire.is_empty(), "{signers:?}");
    }
    let msg = commit(&[0, 1, 2], mix(history, 1));
    table.act(1, |node, fx| node.on_msg(CLIENT, &msg, fx));
    assert!(table.wire.is_empty() && table.replica(1).certificate.is_none());
    let msg = commit(&[0, 1, 2], history);
    table.act(1, |node, fx| node.on_msg(CLIENT, &msg, fx));
    assert_eq!(table.wire.len(), 1);
    table.take("local-commit", 1, 4);
}

#[test]
fn one_order_a_number_and_view_also_after_a_brown_out() {
    let mut table = Table::<ByView>::new();
    let order = |request: Request| {
        let history = mix(0, request.digest);
        let content = order_digest(0, 1, history, request.digest);
        let seal = Seal::Signature(Sig::mint(NodeId(0), content));
        let signed = Signed { request, sig: Sig::mint(CLIENT, request.digest) };
        let ordered = Ordered { view: 0, seq: 1, history, signed, seal };
        Msg::Order { ordered, before: 0 }
    };
    let (first, second) = (order(table.ask(0)), order(table.ask(1)));
    table.act(1, |node, fx| node.on_msg(NodeId(0), &first, fx));
    let durable = table.fx.durables[1].clone();
    table.nodes[1] = Zyzzyva::group(&Setup::new(4, 1, &Timing::LAB)).swap_remove(1);
    table.act(1, |node, fx| node.on_start(&durable, fx));
    assert_eq!(table.log(1), [0]);
    table.wire.clear();
    table.act(1, |node, fx| node.on_msg(NodeId(0), &second, fx));
    assert_eq!(table.log(1), [0]);
    // Two orders at one number are proof, and it says so.
    table.take("proof-of-misbehaviour", 1, 2);
    assert!(!table.wire.iter().any(|(_, _, msg)| name(msg) == "spec-response"));
}
