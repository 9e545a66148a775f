//! Who lives on into the next generation, and who becomes a parent.

use super::super::score::Score;
use super::Individual;
use super::sort::{crowding, fronts};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A member of a population and where it stands in it.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) individual: Individual,
    /// The number of its front, the best is 0.
    pub(super) rank: usize,
    /// Its crowding distance.
    distance: f64,
}

/// The best of parents and children: whole fronts as long as they fit, of the next one the loneliest
/// (section III-C, page 186).
pub(super) fn survivors(all: Vec<Individual>, population: usize) -> Vec<Ranked> {
    let scores: Vec<&Score> = all.iter().map(|of| &of.score).collect();
    let mut places: Vec<(usize, usize, f64)> = Vec::with_capacity(all.len());
    for (rank, front) in fronts(&scores, population).into_iter().enumerate() {
        let distances = crowding(&scores, &front);
        let mut members: Vec<_> =
            front.into_iter().zip(distances).map(|(place, far)| (place, rank, far)).collect();
        if places.len() + members.len() > population {
            members.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
            members.truncate(population - places.len());
        }
        places.append(&mut members);
    }
    let mut all: Vec<Option<Individual>> = all.into_iter().map(Some).collect();
    let ranked = |(place, rank, distance): (usize, usize, f64)| {
        all[place].take().map(|individual| Ranked { individual, rank, distance })
    };
    places.into_iter().filter_map(ranked).collect()
}

/// The better of two at random, by the crowded-comparison operator (section III-B, page 185); `None`
/// of nobody.
pub(super) fn tournament<'a>(rng: &mut ChaCha8Rng, of: &'a [Ranked]) -> Option<&'a Ranked> {
    if of.is_empty() {
        return None;
    }
    let a = &of[rng.random_range(0..of.len())];
    let b = &of[rng.random_range(0..of.len())];
    let second = b.rank < a.rank || (b.rank == a.rank && b.distance > a.distance);
    Some(if second { b } else { a })
}
