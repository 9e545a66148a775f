//! Members with a limited power supply: a constant supply, a small energy store, and brown-outs.
//! Exact between events: a store's level changes linearly until the next instantaneous use of
//! energy.

use gridtwin_kernel::{SimTime, Span};

/// One member's store.
#[derive(Clone, Copy, Debug)]
struct Store {
    /// Its level at `at`, in J; below zero where a message took more than there was.
    level_j: f64,
    at: SimTime,
    /// What the member had spent by then, beside idle power.
    spent_j: f64,
    /// Since when it has no power, if it has none.
    dark_since: Option<SimTime>,
    /// Whether it draws idle power.
    on: bool,
}

/// What a store's level makes its member do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is empty.
    Dark,
    /// It is half full again.
    Bright,
}

/// The stores of all members.
#[derive(Clone, Debug)]
pub(super) struct Stores {
    supply_w: f64,
    idle_w: f64,
    capacity_j: f64,
    stores: Vec<Store>,
    /// The number of brown-outs.
    pub(super) brown_outs: u64,
    dark: Span,
}

impl Stores {
    /// Full stores for this many members, which draw `idle_w` while they have power.
    pub(super) fn new(members: usize, supply_w: f64, idle_w: f64, capacity_j: f64) -> Self {
        let (at, level_j) = (SimTime::ZERO, capacity_j);
        let store = Store { level_j, at, spent_j: 0.0, dark_since: None, on: true };
        let stores = vec![store; members];
        Self { supply_w, idle_w, capacity_j, stores, brown_outs: 0, dark: Span::ZERO }
    }

    /// Net power into a store, in W.
    fn rate_w(&self, store: &Store) -> f64 {
        self.supply_w - if store.on { self.idle_w } else { 0.0 }
    }

    /// When the first store runs empty, or is half full again; never, if nothing else happens.
    pub(super) fn next_turn(&self) -> SimTime {
        let of = |store: &Store| {
            let rate_w = self.rate_w(store);
            let missing_j = match store.dark_since {
                Some(_) if rate_w > 0.0 => self.capacity_j / 2.0 - store.level_j,
                None if rate_w < 0.0 => store.level_j,
                _ => return SimTime::MAX,
            };
            // Up to the next nanosecond, so that it is there then.
            let ns = (1e9 * missing_j / rate_w.abs()).ceil().max(0.0);
            store.at + Span(ns as u64)
        };
        self.stores.iter().map(of).min().unwrap_or(SimTime::MAX)
    }

    /// Brings a member's store up to `now`: what it has spent beside idle power since it began, and
    /// whether it has power from now on. Gives what it must do, if anything.
    pub(super) fn settle(
        &mut self,
        member: usize,
        now: SimTime,
        spent_j: f64,
        on: bool,
    ) -> Option<Turn> {
        let rate_w = self.rate_w(&self.stores[member]);
        let store = &mut self.stores[member];
        let gained_j = rate_w * (now - store.at).as_secs_f64();
        store.level_j = (store.level_j + gained_j).min(self.capacity_j) - (spent_j - store.spent_j);
        (store.at, store.spent_j, store.on) = (now, spent_j, on);
        match store.dark_since {
            None if store.level_j <= 0.0 => {
                store.dark_since = Some(now);
                self.brown_outs += 1;
                Some(Turn::Dark)
            }
            Some(since) if store.level_j >= self.capacity_j / 2.0 => {
                store.dark_since = None;
                self.dark += now - since;
                Some(Turn::Bright)
            }
            _ => None,
        }
    }

    /// Whether a member's store has let it down.
    pub(super) fn is_dark(&self, member: usize) -> bool {
        self.stores[member].dark_since.is_some()
    }

    /// The total time that members were without power until `now`, in seconds.
    pub(super) fn dark_s(&self, now: SimTime) -> f64 {
        let still = self.stores.iter().filter_map(|store| store.dark_since);
        still.fold(self.dark, |sum, since| sum + (now - since)).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> SimTime {
        SimTime::from_secs_f64(seconds)
    }

    #[test]
    fn a_store_runs_empty_fills_to_the_half_and_not_beyond_the_brim() {
        // 1 W of supply against 3 W: 30 J last 15 s, and 15 J take 15 s.
        let mut stores = Stores::new(1, 1.0, 3.0, 30.0);
        assert_eq!(stores.next_turn(), at(15.0));
        assert_eq!(stores.settle(0, at(5.0), 4.0, true), None);
        assert_eq!(stores.next_turn(), at(13.0), "4 J are two seconds less");
        assert_eq!(stores.settle(0, at(13.0), 4.0, true), Some(Turn::Dark));
        assert_eq!(stores.settle(0, at(13.0), 4.0, false), None);
        assert_eq!(stores.next_turn(), at(28.0));
        assert_eq!(stores.settle(0, at(28.0), 4.0, false), Some(Turn::Bright));
        assert_eq!((stores.brown_outs, stores.dark_s(at(30.0))), (1, 15.0));
        let mut rich = Stores::new(1, 5.0, 3.0, 30.0);
        assert_eq!(rich.next_turn(), SimTime::MAX);
        assert_eq!(rich.settle(0, at(1000.0), 1.0, true), None);
        assert_eq!(rich.stores[0].level_j, 29.0);
    }

    #[test]
    fn what_a_message_took_beyond_the_last_joule_is_paid_back() {
        let mut stores = Stores::new(1, 1.0, 3.0, 2.0);
        assert_eq!(stores.settle(0, at(0.5), 2.0, true), Some(Turn::Dark));
        stores.settle(0, at(0.5), 2.0, false);
        assert_eq!(stores.next_turn(), at(2.5), "one joule of debt, and one to the half");
    }
}
