//! How much of the objective space a front dominates, to compare fronts by one number (Zitzler and
//! Thiele 1999). For two and three objectives only.

use super::front;

/// The area or volume that the points dominate, up to a reference point that is worse than all that
/// counts: a point that is not better than it in every objective counts for nothing. `None` where
/// the reference has not two or three objectives, or a point has others than it.
pub fn hypervolume<P: AsRef<[f64]>>(points: &[P], reference: &[f64]) -> Option<f64> {
    if points.iter().any(|point| point.as_ref().len() != reference.len()) {
        return None;
    }
    let counts = |point: &&[f64]| point.iter().zip(reference).all(|(value, end)| value < end);
    let mut points: Vec<&[f64]> = points.iter().map(AsRef::as_ref).filter(counts).collect();
    match *reference {
        [x, y] => Some(area(&points, x, y)),
        [x, y, z] => {
            // Slices between one third objective and the next; in each the points below it count.
            points.sort_by(|a, b| a[2].total_cmp(&b[2]));
            let mut volume = 0.0;
            for (place, point) in points.iter().enumerate() {
                let top = points.get(place + 1).map_or(z, |next| next[2]);
                if top > point[2] {
                    volume += (top - point[2]) * area(&points[..=place], x, y);
                }
            }
            Some(volume)
        }
        _ => None,
    }
}

/// By the first two objectives.
fn area(points: &[&[f64]], x: f64, y: f64) -> f64 {
    let flat: Vec<&[f64]> = points.iter().map(|point| &point[..2]).collect();
    let mut top = y;
    let mut area = 0.0;
    for place in front(&flat) {
        let point = flat[place];
        area += (x - point[0]) * (top - point[1]);
        top = point[1];
    }
    area
}
