//! Which way to go from a design: along the axes, along the way so far, along pairs of axes, along
//! axes that are turned. It does not know what lies there.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A move: how far along each axis, in the axes' own steps.
pub(super) type Move = Vec<f64>;

/// The ways of a polish. The same for each one: turned axes come from a stream of their own.
pub(super) struct Directions {
    axes: usize,
    /// Where it has been going of late.
    trail: Move,
    rng: ChaCha8Rng,
}

impl Directions {
    /// How many groups of moves there are. The next is worth trying where the last has not helped.
    pub(super) const GROUPS: usize = 4;

    pub(super) fn new(axes: usize) -> Self {
        Self { axes, trail: vec![0.0; axes], rng: ChaCha8Rng::seed_from_u64(0) }
    }

    /// Remembers a move that helped.
    pub(super) fn went(&mut self, way: &[f64]) {
        for (trail, part) in self.trail.iter_mut().zip(way) {
            *trail = 0.5 * *trail + part;
        }
    }

    /// A group of moves, all about one step long.
    pub(super) fn group(&mut self, group: usize) -> Vec<Move> {
        match group {
            0 => self.along_axes(),
            // Of one axis there's nothing to turn or to pair.
            _ if self.axes < 2 => Vec::new(),
            1 => self.along_trail(),
            2 => self.along_pairs(),
            _ => self.turned(),
        }
    }

    fn along_axes(&self) -> Vec<Move> {
        let one = |axis: usize, part: f64| {
            let mut way = vec![0.0; self.axes];
            way[axis] = part;
            way
        };
        (0..self.axes).flat_map(|axis| [one(axis, 1.0), one(axis, -1.0)]).collect()
    }

    /// The way that helped of late, where zigzags cancel out and the valley's own way is left.
    fn along_trail(&self) -> Vec<Move> {
        match unit(&self.trail) {
            Some(trail) => both_ways(vec![trail]),
            None => Vec::new(),
        }
    }

    fn along_pairs(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for first in 0..self.axes {
            for second in first + 1..self.axes {
                for part in [1.0, -1.0] {
                    let mut way = vec![0.0; self.axes];
                    way[first] = 1.0;
                    way[second] = part;
                    moves.push(way);
                }
            }
        }
        both_ways(moves)
    }

    /// Axes mirrored at a plane at random, so that in time they point every way: what leads downhill
    /// from the edge of a ridge may be narrow (Abramson, Audet, Dennis and Le Digabel 2009).
    fn turned(&mut self) -> Vec<Move> {
        let mirror = loop {
            let drawn: Move = (0..self.axes).map(|_| self.rng.random_range(-1.0..1.0)).collect();
            if let Some(mirror) = unit(&drawn) {
                break mirror;
            }
        };
        let mirrored = |axis: usize| {
            let mut way: Move = mirror.iter().map(|part| -2.0 * mirror[axis] * part).collect();
            way[axis] += 1.0;
            way
        };
        both_ways((0..self.axes).map(mirrored).collect())
    }
}

fn both_ways(moves: Vec<Move>) -> Vec<Move> {
    let back = |way: Move| {
        let back = way.iter().map(|part| -part).collect();
        [way, back]
    };
    moves.into_iter().flat_map(back).collect()
}

/// The same direction, one step long; `None` of next to nothing.
fn unit(way: &[f64]) -> Option<Move> {
    let length = way.iter().map(|part| part * part).sum::<f64>().sqrt();
    (length > 1e-12).then(|| way.iter().map(|part| part / length).collect())
}
