//! One node's timers. Each has at most one event in the queue, however often it is armed again: an
//! event that comes too early for its timer is put back. Not the queue itself.

use gridtwin_kernel::SimTime;

/// A timer's place.
#[derive(Clone, Debug)]
struct Slot<T> {
    timer: T,
    /// When it is due, if it is armed, and at which causal depth it was.
    due: Option<(SimTime, u32)>,
    /// The time of its event in the queue.
    queued: Option<SimTime>,
}

/// The timers of one node.
#[derive(Clone, Debug)]
pub(crate) struct Timers<T> {
    slots: Vec<Slot<T>>,
}

/// What an event in the queue meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ring<T> {
    /// Nothing any more.
    Void,
    /// The timer was armed again meanwhile: queue its event for then.
    Later(SimTime),
    /// It is due, armed at this causal depth.
    Due(T, u32),
}

impl<T: Copy + Eq> Timers<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// Arms a timer; gives the slot whose event must be queued for `due`, if one must.
    pub(crate) fn arm(&mut self, timer: T, due: SimTime, depth: u32) -> Option<u16> {
        let index = self.slot(timer);
        let slot = &mut self.slots[index];
        slot.due = Some((due, depth));
        if slot.queued.is_some_and(|queued| queued <= due) {
            return None;
        }
        slot.queued = Some(due);
        Some(index as u16)
    }

    pub(crate) fn cancel(&mut self, timer: T) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.timer == timer) {
            slot.due = None;
        }
    }

    pub(crate) fn cancel_all(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.due = None);
    }

    /// Takes the event of `slot` that stood in the queue at `at`.
    pub(crate) fn ring(&mut self, slot: u16, at: SimTime) -> Ring<T> {
        let slot = &mut self.slots[usize::from(slot)];
        if slot.queued != Some(at) {
            return Ring::Void; // an event that an earlier arming has overtaken
        }
        slot.queued = None;
        match slot.due {
            None => Ring::Void,
            Some((due, _)) if due > at => {
                slot.queued = Some(due);
                Ring::Later(due)
            }
            Some((_, depth)) => {
                slot.due = None;
                Ring::Due(slot.timer, depth)
            }
        }
    }

    /// The slot of `timer`, or a free one.
    fn slot(&mut self, timer: T) -> usize {
        let known = self.slots.iter().position(|slot| slot.timer == timer);
        if let Some(index) = known {
            return index;
        }
        let free = |slot: &Slot<T>| slot.due.is_none() && slot.queued.is_none();
        let fresh = Slot { timer, due: None, queued: None };
        if let Some(index) = self.slots.iter().position(free) {
            self.slots[index] = fresh;
            return index;
        }
        self.slots.push(fresh);
        self.slots.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_armed_again_keeps_one_event() {
        let mut timers = Timers::new();
        assert_eq!(timers.arm('a', SimTime(10), 0), Some(0));
        assert_eq!(timers.arm('a', SimTime(15), 3), None);
        assert_eq!(timers.ring(0, SimTime(10)), Ring::Later(SimTime(15)));
        assert_eq!(timers.ring(0, SimTime(15)), Ring::Due('a', 3));
    }

    #[test]
    fn an_earlier_arming_overtakes_and_a_cancelled_timer_is_void() {
        let mut timers = Timers::new();
        timers.arm('a', SimTime(10), 0);
        assert_eq!(timers.arm('a', SimTime(5), 0), Some(0));
        timers.cancel('a');
        assert_eq!(timers.ring(0, SimTime(5)), Ring::Void);
        assert_eq!(timers.ring(0, SimTime(10)), Ring::Void);
        assert_eq!(timers.arm('b', SimTime(20), 0), Some(0), "the slot is free again");
    }
}
