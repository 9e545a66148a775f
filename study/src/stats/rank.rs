//! Ranks: the places of numbers in their order.

/// The rank of each number, from 1; equal numbers share the mean of their ranks. The numbers are
/// finite.
pub(super) fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = numbers.iter().copied().zip(0..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0;
    for ties in order.chunk_by(|a, b| a.0 == b.0) {
        // Ranks from before + 1 to before + n have this mean.
        let rank = before as f64 + (ties.len() + 1) as f64 / 2.0;
        for &(_, place) in ties {
            if let Some(slot) = ranks.get_mut(place) {
                *slot = rank;
            }
        }
        before += ties.len();
    }
    ranks
}
