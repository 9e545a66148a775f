//! Courses made as short as there are pixels, without losing a peak: each bucket keeps its least,
//! its greatest and its mean value. Not the drawing.

use std::ops::Range;

/// Some intervals as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reduced {
    /// The first interval.
    pub(crate) first: usize,
    /// How many.
    pub(crate) count: usize,
    /// The least value.
    pub(crate) min: f32,
    /// The greatest value.
    pub(crate) max: f32,
    /// The mean.
    pub(crate) mean: f32,
}

/// How many intervals make a bucket, so that `range` has about `most`: a divisor of a day, or whole
/// days, so that day and night do not beat against the buckets.
pub(crate) fn bucket(range: &Range<usize>, most: usize, per_day: usize) -> usize {
    let wanted = range.len().div_ceil(most.max(1)).max(1);
    let per_day = per_day.max(1);
    match (wanted..=per_day / 2).find(|size| per_day.is_multiple_of(*size)) {
        Some(size) => size,
        None if wanted <= 1 => 1,
        None => wanted.div_ceil(per_day) * per_day,
    }
}

/// The intervals of `range` in buckets of `size`; the first and the last may be shorter. Values that
/// are no numbers count for nothing; a bucket of nothing else is left out.
pub(crate) fn reduce(values: &[f32], range: Range<usize>, size: usize) -> Vec<Reduced> {
    let range = range.start.min(values.len())..range.end.min(values.len());
    let size = size.max(1);
    // Buckets stand at multiples of their size, so that they stay the same ones while the range
    // moves and while more is being simulated.
    let mut out = Vec::with_capacity(range.len() / size + 2);
    let mut first = range.start;
    while first < range.end {
        let next = ((first / size + 1) * size).min(range.end);
        let bucket = &values[first..next];
        let (mut min, mut max, mut sum, mut n) = (f32::INFINITY, f32::NEG_INFINITY, 0.0f64, 0u32);
        for value in bucket.iter().filter(|v| v.is_finite()) {
            min = min.min(*value);
            max = max.max(*value);
            sum += f64::from(*value);
            n += 1;
        }
        if n > 0 {
            let mean = (sum / f64::from(n)) as f32;
            out.push(Reduced { first, count: next - first, min, max, mean });
        }
        first = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_fits_the_pixels_and_keeps_its_peaks_and_its_energy() {
        let mut values: Vec<f32> = (0..105_120).map(|i| (i as f32 * 0.01).sin() + 2.0).collect();
        values[70_001] = 99.0;
        values[80_002] = -7.0;
        let size = bucket(&(0..values.len()), 800, 288);
        let reduced = reduce(&values, 0..values.len(), size);
        assert!((300..=801).contains(&reduced.len()));
        assert_eq!(reduced.iter().map(|r| r.max).fold(0.0, f32::max), 99.0);
        assert_eq!(reduced.iter().map(|r| r.min).fold(0.0, f32::min), -7.0);
        let whole: f64 = values.iter().map(|v| f64::from(*v)).sum();
        let kept: f64 = reduced.iter().map(|r| f64::from(r.mean) * r.count as f64).sum();
        assert!((kept / whole - 1.0).abs() < 1e-5);
    }

    #[test]
    fn buckets_fit_into_days() {
        for (len, most) in [(288, 400), (2016, 300), (30_000, 400), (105_120, 300), (10, 3)] {
            let size = bucket(&(0..len), most, 288);
            assert!(288usize.is_multiple_of(size) || size.is_multiple_of(288), "{size}");
            assert!(len.div_ceil(size) <= most + 1, "{len} in {most}: {size}");
        }
        assert_eq!(bucket(&(0..100), 200, 1), 1);
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let values = [1.0, f32::NAN, f32::NAN, f32::NAN, 5.0, 7.0];
        let reduced = reduce(&values, 0..99, 2);
        assert_eq!(reduced.len(), 2);
        assert_eq!((reduced[0].first, reduced[0].mean), (0, 1.0));
        assert_eq!((reduced[1].first, reduced[1].mean), (4, 6.0));
        assert!(reduce(&values, 9..12, 3).is_empty());
    }
}
