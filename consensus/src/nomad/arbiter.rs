//! The cloud as the arbiter of leases: which member is granted which range, and when a lease ends.

use super::{Lease, LeaseMsg, Leases, Nomad, RANGE};
use crate::slots::{Arbiter, Msg, Timer};
use crate::{Fx, NodeId, Setup};
use gridtwin_kernel::{SimTime, Span};

/// A lease that the cloud has granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Granted {
    holder: NodeId,
    lease: Lease,
    /// Whether slots of it are taken over: it is never prolonged.
    over: bool,
}

/// Slots that members wait for, and that a lease protects from being taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Wanted {
    slots: Vec<u64>,
    reporter: NodeId,
    until: SimTime,
}

/// The cloud's lease table. Everything but the waiting members is durable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Granter {
    span: Span,
    /// The maximum number of open leases; further requests wait until some ranges are executed.
    limit: usize,
    /// By their slots.
    granted: Vec<Granted>,
    /// The last granted slot, its holder, and the number of changes of the holder.
    last: u64,
    holder: Option<NodeId>,
    term: u64,
    wanted: Option<Wanted>,
}

impl Granter {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            span: setup.timing.lease,
            limit: 8 * usize::from(setup.members),
            granted: Vec::new(),
            last: 0,
            holder: None,
            term: 0,
            wanted: None,
        }
    }

    /// What it grants a member that asks at this time, by the cloud's clock.
    pub(super) fn grant(
        &mut self,
        to: NodeId,
        applied: u64,
        spent: u64,
        known: u64,
        now: SimTime,
    ) -> Option<Lease> {
        if applied.max(spent) > self.last {
            return None; // nobody was granted those
        }
        self.granted.retain(|granted| granted.lease.last > applied);
        let (until, top) = (now + self.span, self.last);
        let beyond = spent.max(applied) + RANGE;
        let prolong = |granted: &&mut Granted| {
            let lease = granted.lease;
            // The highest one, or one that its holder does not know of: lost on the way, or
            // forgotten with a loss of power.
            granted.holder == to && !granted.over && (lease.last == top || lease.last > known)
        };
        if let Some(granted) = self.granted.iter_mut().find(prolong) {
            let lease = &mut granted.lease;
            lease.until = lease.until.max(until);
            if lease.last == top {
                lease.last = lease.last.max(beyond);
                self.last = lease.last;
            }
            return Some(*lease);
        }
        if self.granted.len() >= self.limit {
            return None;
        }
        if self.holder != Some(to) {
            (self.holder, self.term) = (Some(to), self.term + 1);
        }
        let first = self.last + 1;
        self.last = first + RANGE - 1;
        let lease = Lease { first, last: self.last, until, term: self.term };
        self.granted.push(Granted { holder: to, lease, over: false });
        Some(lease)
    }

    /// Selects the slots whose leases have ended, or that have none: these may be taken over. For
    /// the others, returns when the first of their leases ends.
    pub(super) fn release(
        &mut self,
        slots: &[u64],
        now: SimTime,
    ) -> (Vec<u64>, Option<(Vec<u64>, SimTime)>) {
        let (mut free, mut kept, mut until) = (Vec::new(), Vec::new(), SimTime::MAX);
        for &slot in slots {
            let holds = |g: &&mut Granted| (g.lease.first..=g.lease.last).contains(&slot);
            match self.granted.iter_mut().find(holds) {
                Some(granted) if !granted.over && !granted.lease.ended(now) => {
                    until = until.min(granted.lease.until);
                    kept.push(slot);
                }
                Some(granted) => {
                    granted.over = true;
                    free.push(slot);
                }
                None => free.push(slot),
            }
        }
        let kept = (!kept.is_empty()).then_some((kept, until));
        (free, kept)
    }

    /// Gives the slots that are free by then, and sets the clock for the others.
    fn take(
        &mut self,
        slots: &[u64],
        reporter: NodeId,
        then: SimTime,
        fx: &mut Fx<Nomad>,
    ) -> Vec<u64> {
        let (free, kept) = self.release(slots, then);
        if let Some((slots, until)) = kept {
            fx.arm(Timer::Expiry, until - fx.now());
            self.wanted = Some(Wanted { slots, reporter, until });
        }
        if !free.is_empty() {
            self.save(fx);
        }
        free
    }

    fn save(&self, fx: &mut Fx<Nomad>) {
        let arbiter = Self { wanted: None, ..self.clone() };
        fx.persist(32, |stored| stored.cloud.arbiter = Some(arbiter));
    }
}

impl Arbiter<Leases> for Granter {
    fn on_start(&mut self, _fx: &mut Fx<Nomad>) {}

    fn on_msg(&mut self, from: NodeId, msg: &LeaseMsg, fx: &mut Fx<Nomad>) {
        let LeaseMsg::Acquire { applied, spent, last } = *msg else {
            return;
        };
        if let Some(lease) = self.grant(from, applied, spent, last, fx.now()) {
            self.save(fx);
            fx.send(from, Msg::Scheme(LeaseMsg::Grant(lease)));
        }
    }

    fn may_take(&mut self, slots: &[u64], reporter: NodeId, fx: &mut Fx<Nomad>) -> Vec<u64> {
        self.take(slots, reporter, fx.now(), fx)
    }

    /// The timer ends the lease whatever the clock says: in searches in which timers fire at any
    /// moment, leases end while their holders still rely on them, and the order must not be
    /// affected.
    fn on_expiry(&mut self, fx: &mut Fx<Nomad>) -> Option<(Vec<u64>, NodeId)> {
        let Wanted { slots, reporter, until } = self.wanted.take()?;
        let free = self.take(&slots, reporter, until.max(fx.now()), fx);
        Some((free, reporter))
    }

    fn held(&self) -> usize {
        self.granted.len() + self.wanted.as_ref().map_or(0, |wanted| wanted.slots.len())
    }
}
