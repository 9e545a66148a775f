//! The clock of synchronous protocols: time in ticks of [`Timing::delta`](crate::Timing), equal at
//! all nodes; a message sent at the beginning of a tick arrives and is handled within it. Slots and
//! rounds are ticks. The clock stops while no node waits for it.

use crate::{Fx, Protocol};
use gridtwin_kernel::Span;

/// One node's view of the common clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lockstep {
    delta: Span,
    tick: u64,
    /// The tick at whose beginning the timer is due, if it is armed.
    next: Option<u64>,
}

impl Lockstep {
    /// A clock that no node is waiting for.
    pub(crate) fn new(delta: Span) -> Self {
        Self { delta, tick: 0, next: None }
    }

    /// The tick it is: never less than what the clock shows, and more where a timer says so. It is
    /// timers alone that make progress where time stands still.
    pub(crate) fn tick<P: Protocol>(&mut self, fx: &Fx<P>) -> u64 {
        let shown = fx.now().0.checked_div(self.delta.0).unwrap_or(0);
        self.tick = self.tick.max(shown);
        self.tick
    }

    /// The latest tick that this node has seen begin.
    pub(crate) fn last(&self) -> u64 {
        self.tick
    }

    /// Waits for the next tick, if it does not already.
    pub(crate) fn wait<P: Protocol>(&mut self, timer: P::Timer, fx: &mut Fx<P>) {
        if self.next.is_none() {
            self.arm(timer, fx);
        }
    }

    /// Waits for the next tick because of what was just handled: what is done then was set off by
    /// this, which the count of message delays needs to know.
    pub(crate) fn wait_after<P: Protocol>(&mut self, timer: P::Timer, fx: &mut Fx<P>) {
        // A tick that has begun, and whose timer is about to ring, is not to be missed.
        if !self.is_overdue(fx) {
            self.arm(timer, fx);
        }
    }

    /// Whether a tick that it waits for has begun, and its timer is about to ring: another node was
    /// a little quicker.
    pub(crate) fn is_overdue<P: Protocol>(&mut self, fx: &Fx<P>) -> bool {
        let now = self.tick(fx);
        self.next.is_some_and(|next| next <= now)
    }

    /// The timer rang: the tick that begins.
    pub(crate) fn ring<P: Protocol>(&mut self, fx: &Fx<P>) -> u64 {
        let due = self.next.take().unwrap_or(self.tick + 1);
        self.tick = self.tick.max(due);
        self.tick(fx)
    }

    fn arm<P: Protocol>(&mut self, timer: P::Timer, fx: &mut Fx<P>) {
        let next = self.tick(fx) + 1;
        self.next = Some(next);
        let due = self.delta.0.saturating_mul(next);
        fx.arm(timer, Span(due.saturating_sub(fx.now().0)));
    }
}
