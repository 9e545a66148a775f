//! Points of the unit cube, column by column: Latin hypercube or scrambled Sobol. What they mean
//! for an axis is for its distribution to say.

use super::stream::{mixed, stream};
use rand::RngExt;
use rand::distr::Open01;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use sobol_burley::parts::{owen_scramble_rev, sobol_rev};

/// The most rows of a Sobol sample.
pub const MAX_SOBOL_ROWS: usize = 1 << 16;
/// The most distributions of a Sobol sample.
pub const MAX_SOBOL_AXES: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// How the axes that are distributions are drawn jointly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampling {
    /// Each axis has one draw in each of `samples` equally likely strata, in random order (McKay,
    /// Beckman, Conover: Technometrics 21, 1979). What an axis draws hangs on the seed, its name
    /// and `samples` alone: other axes may come and go.
    #[default]
    LatinHypercube,
    /// The Sobol sequence with Owen scrambling (Burley: Practical Hash-based Owen Scrambling, JCGT
    /// 9, 2020; direction numbers of Joe and Kuo): evenest where `samples` is a power of two. More
    /// samples keep the rows that were there; the order of the axes matters.
    Sobol,
}

/// The shares that one axis draws, above 0 and below 1, one a row.
pub(super) fn column(
    sampling: Sampling,
    seed: u64,
    name: &str,
    dimension: usize,
    rows: usize,
) -> Vec<f64> {
    match sampling {
        Sampling::LatinHypercube => latin_hypercube(seed, name, rows),
        Sampling::Sobol => sobol(seed, dimension, rows),
    }
}

fn latin_hypercube(seed: u64, name: &str, rows: usize) -> Vec<f64> {
    let mut random = stream(seed, name);
    let mut strata: Vec<usize> = (0..rows).collect();
    strata.shuffle(&mut random);
    let below_one = 1.0 - f64::EPSILON / 2.0;
    let mut share = |stratum: usize| {
        let within: f64 = random.sample(Open01);
        ((stratum as f64 + within) / rows as f64).min(below_one)
    };
    strata.into_iter().map(&mut share).collect()
}

/// The caller has seen to the limits; what lies beyond them repeats.
fn sobol(seed: u64, dimension: usize, rows: usize) -> Vec<f64> {
    let dimension = (dimension % MAX_SOBOL_AXES) as u32;
    let scramble = (mixed(seed, u64::from(dimension)) >> 32) as u32;
    let share = |row: usize| {
        let index = (row % MAX_SOBOL_ROWS) as u32;
        let bits = owen_scramble_rev(sobol_rev(index.reverse_bits(), dimension), scramble);
        // The middle of its cell: neither 0 nor 1.
        (f64::from(bits.reverse_bits()) + 0.5) / 2f64.powi(32)
    };
    (0..rows).map(share).collect()
}
