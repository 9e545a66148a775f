//! A client's bookkeeping: its outbox, the answers received so far, and the time-out before it asks
//! again. The protocol decides which members it asks, and with which message.

use crate::{Fx, Members, NodeId, Outbox, Outcome, Protocol, Request};
use gridtwin_kernel::Span;

/// The answers to one request that say the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Answer {
    number: u64,
    result: u64,
    members: Members,
}

/// What a client keeps, whichever the protocol; `T` are the protocol's timers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Desk<T> {
    timeout: Span,
    retry: T,
    outbox: Outbox,
    answers: Vec<Answer>,
    /// Time-outs in a row.
    retries: u32,
}

impl<T: Copy> Desk<T> {
    /// A desk that asks again after `timeout`, by the timer `retry`.
    pub fn new(timeout: Span, retry: T) -> Self {
        let (outbox, answers) = (Outbox::default(), Vec::new());
        Self { timeout, retry, outbox, answers, retries: 0 }
    }

    /// Takes up what the client had written down; [`Desk::under_way`] is to be asked again.
    pub fn restart<P>(&mut self, outbox: &Outbox, fx: &mut Fx<P>)
    where
        P: Protocol<Timer = T>,
    {
        self.outbox = outbox.clone();
        self.wait(fx);
    }

    /// Accepts a request, and returns it if it may be sent now.
    pub fn take<P>(&mut self, request: Request, fx: &mut Fx<P>) -> Option<Request>
    where
        P: Protocol<Timer = T>,
        P::Durable: AsMut<Outbox>,
    {
        fx.persist(request.bytes, |stored| {
            stored.as_mut().push(request);
        });
        let at_once = self.outbox.push(request);
        if self.outbox.len() == 1 {
            self.wait(fx);
        }
        at_once.then_some(request)
    }

    /// The request in progress with this number.
    pub fn asked(&self, number: u64) -> Option<Request> {
        self.under_way().find(|request| request.number == number)
    }

    /// Counts a member's answer: how many members have given the same one so far.
    pub fn count(&mut self, from: NodeId, number: u64, result: u64) -> usize {
        self.note(from, number, result).len()
    }

    /// Notes a member's answer: which members have given the same one so far.
    pub fn note(&mut self, from: NodeId, number: u64, result: u64) -> Members {
        let same = |answer: &&mut Answer| answer.number == number && answer.result == result;
        if let Some(answer) = self.answers.iter_mut().find(same) {
            answer.members.insert(from);
            return answer.members;
        }
        let members = [from].into_iter().collect();
        self.answers.push(Answer { number, result, members });
        members
    }

    /// Closes an answered request, and gives those that may be sent now because of it.
    pub fn close<P>(
        &mut self,
        request: Request,
        position: Option<u64>,
        fx: &mut Fx<P>,
    ) -> Vec<Request>
    where
        P: Protocol<Timer = T, Out = Outcome>,
        P::Durable: AsMut<Outbox>,
    {
        self.answers.retain(|answer| answer.number != request.number);
        self.retries = 0;
        fx.persist(8, |stored| {
            stored.as_mut().answered(&request);
        });
        let next = self.outbox.answered(&request);
        fx.out(Outcome::Answered { request, position });
        self.wait(fx);
        next
    }

    /// The time-out has expired: doubles the next one. The caller sends [`Desk::under_way`] again,
    /// to all members.
    pub fn give_up_waiting<P: Protocol<Timer = T>>(&mut self, fx: &mut Fx<P>) {
        self.retries += 1;
        self.wait(fx);
    }

    /// The requests in progress, oldest first.
    pub fn under_way(&self) -> impl Iterator<Item = Request> + '_ {
        self.outbox.under_way().copied()
    }

    /// All requests without an answer.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// How many requests and answers it holds.
    pub fn held(&self) -> usize {
        self.outbox.len() + self.answers.len()
    }

    fn wait<P: Protocol<Timer = T>>(&self, fx: &mut Fx<P>) {
        match self.outbox.oldest() {
            Some(_) => fx.arm(self.retry, self.timeout * (1 << self.retries.min(4))),
            None => fx.cancel(self.retry),
        }
    }
}
