//! A histogram of positive values on a logarithmic scale: quantiles of any number of values in
//! bounded memory, each within 0.4 % of the true one. Count, sum, least and greatest are exact.

/// Buckets per octave (a power of two): the relative width of one is 1/256.
const PER_OCTAVE: u32 = 256;

/// Counts of values, in buckets whose width is 1/256 of the value at most.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Histogram {
    /// The bucket of `counts[0]`; meaningless while there is none.
    first: u32,
    counts: Vec<u64>,
    /// Values of zero or below.
    zeros: u64,
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Histogram {
    /// An empty histogram.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one value; NaN is not counted.
    pub fn record(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.count += 1;
        self.sum += value;
        if value <= 0.0 {
            self.zeros += 1;
        } else {
            *self.slot(bucket_of(value)) += 1;
        }
    }

    fn slot(&mut self, bucket: u32) -> &mut u64 {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        if bucket < self.first {
            let missing = (self.first - bucket) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = bucket;
        }
        let index = (bucket - self.first) as usize;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        &mut self.counts[index]
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.sum += other.sum;
        self.zeros += other.zeros;
        for (i, &n) in other.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            *self.slot(other.first + i as u32) += n;
        }
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Their mean, or `None` where there is no value.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The greatest value, or `None` where there is none.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// The least value, or `None` where there is none.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The smallest value such that at least a share `q` (0 to 1) of all values is at or below it
    /// (nearest rank), within 0.4 %, or `None` without values.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let rank = ((q.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).max(1);
        if rank == self.count {
            return Some(self.max);
        }
        let mut seen = self.zeros;
        if rank <= seen {
            return Some(self.min.min(0.0));
        }
        for (i, &n) in self.counts.iter().enumerate() {
            seen += n;
            if rank <= seen {
                return Some(middle_of(self.first + i as u32).clamp(self.min, self.max));
            }
        }
        Some(self.max)
    }
}

/// The bucket of a positive value: its binary exponent and the first eight bits of its mantissa.
fn bucket_of(value: f64) -> u32 {
    (value.to_bits() >> (52 - PER_OCTAVE.ilog2())) as u32
}

/// The middle of a bucket.
fn middle_of(bucket: u32) -> f64 {
    let edge = |b: u32| f64::from_bits(u64::from(b) << (52 - PER_OCTAVE.ilog2()));
    0.5 * (edge(bucket) + edge(bucket + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_within_their_promise(
            mut values in prop::collection::vec(1e-6..1e6f64, 1..300),
            q in 0.0..1.0f64,
        ) {
            let mut histogram = Histogram::new();
            for &v in &values {
                histogram.record(v);
            }
            values.sort_by(f64::total_cmp);
            let rank = ((q * values.len() as f64).ceil() as usize).max(1);
            let (got, exact) = (histogram.quantile(q).unwrap(), values[rank - 1]);
            prop_assert!((got / exact - 1.0).abs() < 0.004, "{got} for {exact}");
        }

        #[test]
        fn merging_is_counting_both(a in prop::collection::vec(0.0..1e3f64, 0..50), b in prop::collection::vec(0.0..1e3f64, 0..50)) {
            let fill = |values: &[f64]| { let mut h = Histogram::new(); values.iter().for_each(|&v| h.record(v)); h };
            let mut merged = fill(&a);
            merged.merge(&fill(&b));
            let both = fill(&[a, b].concat());
            prop_assert_eq!(merged.count(), both.count());
            prop_assert_eq!(merged.quantile(0.5), both.quantile(0.5));
            prop_assert_eq!(merged.max(), both.max());
        }
    }

    #[test]
    fn nothing_counted_has_no_quantile() {
        assert_eq!(Histogram::new().quantile(0.5), None);
        let mut zeros = Histogram::new();
        zeros.record(0.0);
        assert_eq!(zeros.quantile(0.5), Some(0.0));
    }
}
