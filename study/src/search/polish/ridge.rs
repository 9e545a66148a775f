//! Along a ridge or the edge of a constraint, where every straight step makes things worse: one size
//! is moved, and the others follow it until they fit again. Of Hooke and Jeeves's idea that a step
//! is judged only after the other sizes had their turn.

use super::super::space::Candidate;
use super::super::trials::Trials;
use super::goal::Worth;
use super::{Search, directions::Move};

/// How much finer than the first step the others are fitted: the steeper the ridge, the finer it has
/// to be.
const FINEST: f64 = 1.0 / 512.0;

/// A design that has left the ridge by a step along one axis, and comes back to it along others.
struct Probe {
    axis: usize,
    /// Where it is, from the best design, in gaps.
    way: Move,
    worth: Worth,
    /// The step of the axis that follows.
    step: f64,
}

impl Search<'_> {
    /// Takes the best of the designs that lie one step along an axis and then fitted along the
    /// others, where it is better than what there is.
    pub(super) fn follow_ridge(&mut self, trials: &mut Trials<'_>, step: f64) -> bool {
        let axes = self.axes.len();
        if axes < 2 {
            return false;
        }
        let from = self.best.candidate.clone();
        let mut probes = Vec::new();
        for axis in 0..axes {
            for part in [step, -step] {
                let mut way = vec![0.0; axes];
                way[axis] = part;
                probes.push(Probe { axis, way, worth: Worth::NONE, step });
            }
        }
        let ways: Vec<Move> = probes.iter().map(|probe| probe.way.clone()).collect();
        for (probe, worth) in probes.iter_mut().zip(self.worths(trials, &from, &ways)) {
            probe.worth = worth;
        }
        let sweeps = if axes == 2 { 1 } else { 2 };
        for turn in (1..axes).cycle().take(sweeps * (axes - 1)) {
            self.fit(trials, &from, &mut probes, turn, step);
            let better = probes.iter().filter(|probe| probe.worth.better_than(&self.worth));
            let best = better.reduce(|a, b| if b.worth.better_than(&a.worth) { b } else { a });
            if let Some(best) = best {
                return self.improve(trials, &from, std::slice::from_ref(&best.way), 1.0);
            }
            if self.cut {
                return false;
            }
        }
        false
    }

    /// Each probe along one axis, the `turn`-th after its own, to the best that is there.
    fn fit(
        &mut self,
        trials: &mut Trials<'_>,
        from: &Candidate,
        probes: &mut [Probe],
        turn: usize,
        step: f64,
    ) {
        let axes = self.axes.len();
        probes.iter_mut().for_each(|probe| probe.step = step);
        while !self.cut && probes.iter().any(|probe| probe.step >= step * FINEST) {
            let mut ways = Vec::new();
            for probe in probes.iter() {
                for part in [probe.step, -probe.step] {
                    let mut way = probe.way.clone();
                    way[(probe.axis + turn) % axes] += part;
                    ways.push(way);
                }
            }
            let worths = self.worths(trials, from, &ways);
            for (place, probe) in probes.iter_mut().enumerate() {
                if probe.step < step * FINEST {
                    continue;
                }
                let mut helped = false;
                for (way, worth) in ways.iter().zip(&worths).skip(2 * place).take(2) {
                    if worth.better_than(&probe.worth) {
                        probe.way.clone_from(way);
                        probe.worth = *worth;
                        helped = true;
                    }
                }
                if !helped {
                    probe.step *= 0.5;
                }
            }
        }
    }

    /// What these are worth; those that fail are worth nothing.
    fn worths(&mut self, trials: &mut Trials<'_>, from: &Candidate, ways: &[Move]) -> Vec<Worth> {
        let candidates: Vec<Candidate> =
            ways.iter().map(|way| self.moved(from, way, 1.0)).collect();
        self.cut |= !trials.try_all(&candidates, self.most);
        self.cut |= trials.evaluated() >= self.most;
        let worth = |candidate: &Candidate| match trials.outcome(candidate) {
            Some(Ok(score)) => self.goal.worth(score),
            _ => Worth::NONE,
        };
        candidates.iter().map(worth).collect()
    }
}
