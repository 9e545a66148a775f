//! What is known to happen from outside, at its exact time: the grid's failures, the scenario's
//! faults, gensets that fail and tanks that are filled. Not what follows from them.

use gridtwin_kernel::SimTime;

/// Something that happens from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    GridDown,
    GridUp,
    FaultBegins(u16),
    FaultEnds(u16),
    GensetFails(u16),
    GensetMended(u16),
    TankFilled(u16),
}

/// What a fault strikes, as an index into its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Struck {
    Server(usize),
    Switch(usize),
    Link(usize),
    Pv(usize),
    Battery(usize),
    Genset(usize),
    /// A name that was refused when the scenario was read.
    Nothing,
}

/// Turns in order of time, and how far they have come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    turns: Vec<(SimTime, Turn)>,
    next: usize,
}

impl Schedule {
    /// Outages must not overlap; `gensets` are turns of gensets in any order. Turns at or after `end`
    /// are left out.
    pub(crate) fn new(
        outages: &[(SimTime, SimTime)],
        faults: &[(SimTime, Option<SimTime>)],
        gensets: Vec<(SimTime, Turn)>,
        end: SimTime,
    ) -> Self {
        let mut turns = gensets;
        for &(from, until) in outages {
            turns.push((from, Turn::GridDown));
            turns.push((until, Turn::GridUp));
        }
        for (i, &(from, until)) in faults.iter().enumerate() {
            turns.push((from, Turn::FaultBegins(i as u16)));
            turns.extend(until.map(|until| (until, Turn::FaultEnds(i as u16))));
        }
        turns.retain(|&(at, _)| at < end);
        turns.sort_by_key(|&(at, _)| at);
        Self { turns, next: 0 }
    }

    /// When the next turn comes.
    pub(crate) fn next_time(&self) -> SimTime {
        self.turns.get(self.next).map_or(SimTime::MAX, |&(at, _)| at)
    }

    /// Takes the next turn that is due at `now` or before.
    pub(crate) fn take_due(&mut self, now: SimTime) -> Option<Turn> {
        let &(at, turn) = self.turns.get(self.next)?;
        (at <= now).then(|| {
            self.next += 1;
            turn
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_order_and_once() {
        let t = SimTime;
        let filled = vec![(t(12), Turn::TankFilled(0)), (t(60), Turn::TankFilled(0))];
        let faults = [(t(5), None), (t(15), Some(t(99)))];
        let mut schedule = Schedule::new(&[(t(10), t(20))], &faults, filled, t(50));
        assert_eq!(schedule.next_time(), t(5));
        let mut seen = Vec::new();
        while schedule.next_time() < SimTime::MAX {
            let at = schedule.next_time();
            seen.push((at.0, schedule.take_due(at).unwrap()));
        }
        let expected = [
            (5, Turn::FaultBegins(0)),
            (10, Turn::GridDown),
            (12, Turn::TankFilled(0)),
            (15, Turn::FaultBegins(1)),
            (20, Turn::GridUp),
        ];
        assert_eq!(seen, expected);
        assert_eq!(schedule.take_due(SimTime::MAX), None);
    }
}
