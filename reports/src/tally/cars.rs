//! EV sessions: open ones, and what the finished ones add up to.

use gridtwin_kernel::SimTime;
use gridtwin_twin::record::EventKind;
use std::collections::BTreeMap;

/// One car's stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Session {
    /// Charger group.
    pub(crate) chargers: u16,
    /// Its number.
    pub(crate) number: u32,
    /// When it came; `None` where the record begins later.
    pub(crate) arrived: Option<SimTime>,
    /// What it asked for.
    pub(crate) asked_kwh: f64,
    /// How it ended, or how it stood when the run did; `None` until then.
    pub(crate) left: Option<Left>,
    /// Whether the run ended before it left.
    pub(crate) still_there: bool,
}

/// How a stay ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Left {
    /// When.
    pub(crate) at: SimTime,
    /// What it got.
    pub(crate) delivered_kwh: f64,
    /// How long it waited for a free charger.
    pub(crate) waited_h: f64,
    /// How long it stayed.
    pub(crate) stayed_h: f64,
    /// Carbon of what it took.
    pub(crate) carbon_kg: f64,
}

impl Session {
    /// What it lacks of what it asked for.
    pub(crate) fn short_kwh(&self) -> f64 {
        self.left.map_or(0.0, |left| (self.asked_kwh - left.delivered_kwh).max(0.0))
    }

    /// When it left, if it did.
    pub(crate) fn left_at(&self) -> Option<SimTime> {
        self.left.filter(|_| !self.still_there).map(|left| left.at)
    }

    /// Whether it left with less than it asked for: more than 1 % and 50 Wh less.
    pub(crate) fn is_short(&self) -> bool {
        !self.still_there && self.short_kwh() > (0.01 * self.asked_kwh).max(0.05)
    }
}

/// What a group of chargers did: energies and carbon of all cars, those that are still there
/// included as far as the record tells of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Served {
    /// Cars that left.
    pub(crate) sessions: u64,
    /// Of them: with less than they asked for.
    pub(crate) short: u64,
    /// What all cars asked for.
    pub(crate) asked_kwh: f64,
    /// What all cars got.
    pub(crate) delivered_kwh: f64,
    /// How long those that left waited, together.
    pub(crate) waited_h: f64,
    /// Carbon of what all cars took.
    pub(crate) carbon_kg: f64,
}

impl Served {
    /// Counts a car that left, or one that is still there and whose charge is told.
    fn add(&mut self, session: &Session) {
        let Some(left) = session.left else { return };
        self.asked_kwh += session.asked_kwh;
        self.delivered_kwh += left.delivered_kwh;
        self.carbon_kg += left.carbon_kg;
        if !session.still_there {
            self.sessions += 1;
            self.short += u64::from(session.is_short());
            self.waited_h += left.waited_h;
        }
    }
}

/// All sessions.
#[derive(Clone, Debug)]
pub(crate) struct Cars {
    over: Vec<Served>,
    open: BTreeMap<(u16, u32), Session>,
}

impl Cars {
    /// No car yet.
    pub(crate) fn new(groups: usize) -> Self {
        Self { over: vec![Served::default(); groups], open: BTreeMap::new() }
    }

    /// Follows one event; gives the session that it ends.
    pub(crate) fn event(&mut self, at: SimTime, kind: &EventKind) -> Option<Session> {
        match *kind {
            EventKind::CarArrived { chargers, session: number, asked_kwh } => {
                // A car that waits arrives once more when it is plugged in: the first time counts.
                self.open.entry((chargers, number)).or_insert(Session {
                    chargers,
                    number,
                    arrived: Some(at),
                    asked_kwh,
                    left: None,
                    still_there: true,
                });
                None
            }
            EventKind::CarLeft {
                chargers,
                session: number,
                asked_kwh,
                delivered_kwh,
                waited_h,
                stayed_h,
                carbon_kg,
                still_there,
            } => {
                let arrived = self.open.remove(&(chargers, number)).and_then(|s| s.arrived);
                let left = Left { at, delivered_kwh, waited_h, stayed_h, carbon_kg };
                let session =
                    Session { chargers, number, arrived, asked_kwh, left: Some(left), still_there };
                if still_there {
                    self.open.insert((chargers, number), session);
                    return None;
                }
                if let Some(served) = self.over.get_mut(usize::from(chargers)) {
                    served.add(&session);
                }
                Some(session)
            }
            _ => None,
        }
    }

    /// What each group of chargers did up to now.
    pub(crate) fn served(&self) -> Vec<Served> {
        let mut all = self.over.clone();
        for session in self.open() {
            if let Some(served) = all.get_mut(usize::from(session.chargers)) {
                served.add(session);
            }
        }
        all
    }

    /// Cars that have not left.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Session> {
        self.open.values()
    }
}
