//! The points that no other dominates.

use std::cmp::Ordering;

/// Whether `a` is nowhere worse than `b`, and somewhere better. Points with a NaN or of different
/// lengths do not dominate one another.
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a <= b)
        && a.iter().zip(b).any(|(a, b)| a < b)
}

/// The places of the points that no other dominates, by their first objective, then the next. Of
/// equal points the first alone, none that holds a NaN. All points have as many objectives as the
/// first: those that do not are left out.
///
/// For two objectives in O(n log n), for more in O(n f) where f is the size of the front.
pub fn front<P: AsRef<[f64]>>(points: &[P]) -> Vec<usize> {
    let objectives = points.first().map_or(0, |point| point.as_ref().len());
    let mut sorted: Vec<(&[f64], usize)> = points
        .iter()
        .enumerate()
        .map(|(place, point)| (point.as_ref(), place))
        .filter(|(point, _)| point.len() == objectives && !point.iter().any(|v| v.is_nan()))
        .collect();
    sorted.sort_by(|(a, i), (b, j)| lexicographic(a, b).then(i.cmp(j)));
    // What comes later in this order cannot dominate what comes before it.
    let mut front: Vec<(&[f64], usize)> = Vec::new();
    if objectives == 2 {
        // Then it is dominated or equal just if the last member is nowhere worse.
        for (point, place) in sorted {
            if front.last().is_none_or(|(last, _)| point[1] < last[1]) {
                front.push((point, place));
            }
        }
    } else {
        for (point, place) in sorted {
            if !front.iter().any(|(member, _)| nowhere_worse(member, point)) {
                front.push((point, place));
            }
        }
    }
    front.into_iter().map(|(_, place)| place).collect()
}

fn nowhere_worse(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b)
}

/// Zero and minus zero are the same here.
fn lexicographic(a: &[f64], b: &[f64]) -> Ordering {
    let orders = a.iter().zip(b).map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)));
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
