//! A client of Ouroboros-BFT: sends its request to all members, knows after one round trip that it
//! will be settled, and is certain once t + 1 members report it as settled.

use super::message::{Msg, Timer, receipt_digest};
use super::{OuroborosBft, faulty};
use crate::{Desk, Fx, Members, NodeId, Outbox, Outcome, Request, Setup, Signed};
use std::collections::BTreeMap;

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The receipts that are proof: from more than two thirds.
    proof: usize,
    /// The members that must say that a request is final: one is honest.
    enough: usize,
    desk: Desk<Timer>,
    /// The members that have given a receipt, by request number.
    receipts: BTreeMap<u64, Members>,
    assured: u64,
}

impl Client {
    pub(super) fn new(setup: &Setup) -> Self {
        let n = setup.members;
        Self {
            proof: 2 * usize::from(n) / 3 + 1,
            enough: setup.quorum(0, faulty(n) + 1),
            desk: Desk::new(setup.timing.client_timeout, Timer::Retry),
            receipts: BTreeMap::new(),
            assured: 0,
        }
    }

    /// How many requests it has had the proof for that they will be settled: receipts of more than
    /// two thirds of the members.
    pub fn assured(&self) -> u64 {
        self.assured
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<OuroborosBft>) {
        self.desk.restart(outbox, fx);
        // It needs no leader: requests go to all members.
        fx.out(Outcome::View { view: 0, leader: NodeId(0) });
        self.ask_again(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<OuroborosBft>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.ask(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<OuroborosBft>) {
        let (&Msg::Receipt { number, result, .. } | &Msg::Settled { number, result }) = msg else {
            return;
        };
        let asked = self.desk.asked(number).filter(|request| request.digest == result);
        let Some(request) = asked else { return };
        if let Msg::Receipt { sig, .. } = *msg {
            if let Some(givers) = self.receipts.get_mut(&number)
                && !givers.contains(from)
                && fx.verify(from, receipt_digest(number, result), sig)
            {
                givers.insert(from);
                if givers.len() >= self.proof {
                    self.receipts.remove(&number);
                    self.assured += 1;
                }
            }
        } else if self.desk.count(from, number, result) >= self.enough {
            self.receipts.remove(&number);
            for next in self.desk.close(request, None, fx) {
                self.ask(next, fx);
            }
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<OuroborosBft>) {
        self.desk.give_up_waiting(fx);
        self.ask_again(fx);
    }

    fn ask(&mut self, request: Request, fx: &mut Fx<OuroborosBft>) {
        self.receipts.insert(request.number, Members::NONE);
        send(request, fx);
    }

    fn ask_again(&self, fx: &mut Fx<OuroborosBft>) {
        self.desk.under_way().for_each(|request| send(request, fx));
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held() + self.receipts.len()
    }
}

fn send(request: Request, fx: &mut Fx<OuroborosBft>) {
    fx.hash(request.bytes);
    let sig = fx.sign(request.digest);
    fx.broadcast(Msg::Request(Signed { request, sig }));
}
