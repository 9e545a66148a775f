//! Mean and variance as the numbers come, one pass and no sums of squares to lose digits in.

/// The count, mean and variance of the numbers so far.
///
/// By Welford: Note on a Method for Calculating Corrected Sums of Squares and Products,
/// Technometrics 4, 1962.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Running {
    count: usize,
    mean: f64,
    squares: f64,
}

impl Running {
    /// Takes in one more number; one that is not finite is left out.
    pub fn push(&mut self, number: f64) {
        if number.is_finite() {
            self.count += 1;
            let off = number - self.mean;
            self.mean += off / self.count as f64;
            self.squares += off * (number - self.mean);
        }
    }

    /// How many numbers there were.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Their mean, if there were any.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The sum of squared distances from the mean.
    pub fn squares(&self) -> f64 {
        self.squares
    }

    /// The variance of the population they are drawn from (divided by n − 1), from two numbers on.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// The standard deviation, from two numbers on.
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

impl FromIterator<f64> for Running {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut running = Self::default();
        numbers.into_iter().for_each(|number| running.push(number));
        running
    }
}
