//! How new candidates come from old ones: crossover and mutation of numbers of levels and choices.
//! No candidate comes twice. It does not judge them.

use super::super::space::{Numbers, Space, Variable};
use super::Nsga2;
use super::select::{Ranked, tournament};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// How often a candidate is drawn in search of one that has not been tried, before they are gone
/// through in order.
const DRAWS: usize = 12;
/// Choices of more than this are left to mutation, where a front's neighbours are listed.
const MOST_NEARBY: u32 = 64;
/// Of how many mutations of a size one draws any level, where the others step.
const RESET_ONE_IN: u32 = 4;

/// One that differs from a parent in one variable.
struct Neighbour {
    parent: usize,
    variable: usize,
    number: u32,
}

/// Makes candidates.
pub(super) struct Breeder {
    rng: ChaCha8Rng,
    counts: Vec<u32>,
    sizes: Vec<bool>,
    crossover: f64,
    mutation: f64,
    seen: BTreeSet<Vec<u32>>,
    rest: Numbers,
}

impl Breeder {
    pub(super) fn new(space: &Space, settings: &Nsga2) -> Self {
        let variables = space.variables();
        let rest = Numbers::new(space);
        Self {
            rng: ChaCha8Rng::seed_from_u64(settings.seed),
            counts: rest.counts().to_vec(),
            sizes: variables.iter().map(|of| matches!(of, Variable::Size { .. })).collect(),
            crossover: settings.crossover,
            mutation: settings.mutation.unwrap_or(1.0 / variables.len() as f64),
            seen: BTreeSet::new(),
            rest,
        }
    }

    /// A first generation, at random; fewer where the space has no more.
    pub(super) fn first(&mut self, population: usize) -> Vec<Vec<u32>> {
        let mut first = Vec::new();
        while first.len() < population {
            let drawn = self.drawn();
            let Some(fresh) = self.fresh(drawn, &[], &mut None) else { break };
            first.push(fresh);
        }
        first
    }

    /// A generation of children, make-new-pop of section III-C; fewer where the space has no more.
    pub(super) fn children(&mut self, parents: &[Ranked], population: usize) -> Vec<Vec<u32>> {
        let mut children = Vec::new();
        let mut nearby = None;
        while children.len() < population {
            let pair =
                match (tournament(&mut self.rng, parents), tournament(&mut self.rng, parents)) {
                    (Some(a), Some(b)) => self.cross(&a.individual.numbers, &b.individual.numbers),
                    // Everything has failed so far.
                    _ => [self.drawn(), self.drawn()],
                };
            for mut child in pair {
                self.mutate(&mut child);
                if children.len() < population {
                    match self.fresh(child, parents, &mut nearby) {
                        Some(fresh) => children.push(fresh),
                        None => return children,
                    }
                }
            }
        }
        children
    }

    /// Two children of two parents. Sizes by simulated binary crossover (Deb and Agrawal 1995) on the
    /// number of the level, each with probability one half; choices are swapped with the same
    /// probability.
    fn cross(&mut self, a: &[u32], b: &[u32]) -> [Vec<u32>; 2] {
        let mut children = [a.to_vec(), b.to_vec()];
        if !self.rng.random_bool(self.crossover) {
            return children;
        }
        let [first, second] = &mut children;
        for (variable, (x, y)) in first.iter_mut().zip(second).enumerate() {
            if x == y || !self.rng.random_bool(0.5) {
                continue;
            }
            if self.sizes[variable] {
                let (from, to) = (f64::from(*x), f64::from(*y));
                let spread = spread(self.rng.random_range(0.0..1.0)) * (to - from);
                let last = f64::from(self.counts[variable] - 1);
                let level = |number: f64| number.round().clamp(0.0, last) as u32;
                *x = level(0.5 * (from + to - spread));
                *y = level(0.5 * (from + to + spread));
            } else {
                std::mem::swap(x, y);
            }
        }
        children
    }

    fn mutate(&mut self, child: &mut [u32]) {
        for (variable, number) in child.iter_mut().enumerate() {
            if self.rng.random_bool(self.mutation) {
                let reset = !self.sizes[variable] || self.rng.random_range(0..RESET_ONE_IN) == 0;
                *number = moved(&mut self.rng, *number, self.counts[variable], reset);
            }
        }
    }

    /// All that differs from one of the first front in one variable: by one level, or by any choice
    /// where there are not too many. In an order drawn at random.
    fn nearby(&mut self, parents: &[Ranked]) -> Vec<Neighbour> {
        let mut nearby = Vec::new();
        for (parent, of) in parents.iter().enumerate().filter(|(_, of)| of.rank == 0) {
            for (variable, &own) in of.individual.numbers.iter().enumerate() {
                let count = self.counts[variable];
                let others = if self.sizes[variable] {
                    own.saturating_sub(1)..own.saturating_add(2).min(count)
                } else if count <= MOST_NEARBY {
                    0..count
                } else {
                    0..0
                };
                let others = others.filter(|other| *other != own);
                nearby.extend(others.map(|number| Neighbour { parent, variable, number }));
            }
        }
        nearby.shuffle(&mut self.rng);
        nearby
    }

    /// The child itself, where it is new; else one near the first front, else any. What is nearby is
    /// listed when it is needed first.
    fn fresh(
        &mut self,
        child: Vec<u32>,
        parents: &[Ranked],
        nearby: &mut Option<Vec<Neighbour>>,
    ) -> Option<Vec<u32>> {
        if !self.seen.contains(&child) {
            return Some(self.remembered(child));
        }
        let nearby = nearby.get_or_insert_with(|| self.nearby(parents));
        while let Some(Neighbour { parent, variable, number }) = nearby.pop() {
            let mut near = parents[parent].individual.numbers.clone();
            near[variable] = number;
            if !self.seen.contains(&near) {
                return Some(self.remembered(near));
            }
        }
        for _ in 0..DRAWS {
            let drawn = self.drawn();
            if !self.seen.contains(&drawn) {
                return Some(self.remembered(drawn));
            }
        }
        let unseen = self.rest.find(|numbers| !self.seen.contains(numbers))?;
        Some(self.remembered(unseen))
    }

    fn remembered(&mut self, numbers: Vec<u32>) -> Vec<u32> {
        self.seen.insert(numbers.clone());
        numbers
    }

    fn drawn(&mut self) -> Vec<u32> {
        self.counts.iter().map(|count| self.rng.random_range(0..*count)).collect()
    }
}

/// How far the children of simulated binary crossover lie apart, as a share of their parents'
/// distance. The distribution index is 3, for then the root is two square roots, which are the same
/// number on every machine.
fn spread(drawn: f64) -> f64 {
    if drawn <= 0.5 {
        (2.0 * drawn).sqrt().sqrt()
    } else {
        (1.0 / (2.0 * (1.0 - drawn))).sqrt().sqrt()
    }
}

/// Another number of a variable: any, or a step away whose length is as likely to be of any order of
/// magnitude.
fn moved(rng: &mut ChaCha8Rng, number: u32, count: u32, reset: bool) -> u32 {
    if count < 2 {
        return number;
    }
    if reset {
        let drawn = rng.random_range(0..count - 1);
        return if drawn >= number { drawn + 1 } else { drawn };
    }
    let magnitude = rng.random_range(0..=(count / 2).max(1).ilog2());
    let step = rng.random_range(1_u32 << magnitude..=(1 << magnitude) | ((1 << magnitude) - 1));
    let up = rng.random_bool(0.5);
    let to = if up { number.saturating_add(step) } else { number.saturating_sub(step) };
    to.min(count - 1)
}
