//! What can be said of a front as a whole: its corners, and the design in its midst.

/// The least value of each objective: what a perfect design would have. `None` of no points.
pub fn ideal<P: AsRef<[f64]>>(points: &[P]) -> Option<Vec<f64>> {
    fold(points, f64::min)
}

/// The greatest value of each objective; of a front, its nadir. `None` of no points.
pub fn nadir<P: AsRef<[f64]>>(points: &[P]) -> Option<Vec<f64>> {
    fold(points, f64::max)
}

fn fold<P: AsRef<[f64]>>(points: &[P], of: fn(f64, f64) -> f64) -> Option<Vec<f64>> {
    let mut points = points.iter().map(AsRef::as_ref);
    let mut folded = points.next()?.to_vec();
    for point in points {
        folded.iter_mut().zip(point).for_each(|(sum, value)| *sum = of(*sum, *value));
    }
    Some(folded)
}

/// The place of the compromise: the point of a front that is nearest to the ideal, where each
/// objective counts as a share of the way from ideal to nadir (compromise programming, Zeleny 1973,
/// with p = 2). The first of several that are equally near. `None` of no points.
pub fn knee<P: AsRef<[f64]>>(points: &[P]) -> Option<usize> {
    let (ideal, nadir) = (ideal(points)?, nadir(points)?);
    let distance = |point: &P| -> f64 {
        let ends = ideal.iter().zip(&nadir);
        let share = |(value, (least, most)): (&f64, (&f64, &f64))| {
            let way = most - least;
            if way > 0.0 { (value - least) / way } else { 0.0 }
        };
        point.as_ref().iter().zip(ends).map(share).map(|share| share * share).sum()
    };
    let distances: Vec<f64> = points.iter().map(distance).collect();
    (0..points.len()).min_by(|&a, &b| distances[a].total_cmp(&distances[b]))
}
