//! The wait before the next attempt. No clock and no randomness: the same failures give the same
//! waits.

use std::time::Duration;

/// Waits between attempts: the first, doubling up to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure. Never taken as less than 10 ms, so that nothing can spin.
    pub first: Duration,
    /// The longest wait. A connection that lasted as long starts over with the first.
    pub most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(60) }
    }
}

/// The waits of one run of failures.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    rule: Backoff,
    next: Duration,
}

impl Waits {
    pub(crate) fn new(rule: Backoff) -> Self {
        let first = rule.first.max(Duration::from_millis(10));
        let rule = Backoff { first, most: rule.most.max(first) };
        Self { rule, next: first }
    }

    /// The wait after a connection that had lasted for `lasted` fails (zero for a failed attempt).
    /// Merely having been connected does not reset the wait: otherwise a broker that accepts and
    /// drops connections would be asked every second forever.
    pub(crate) fn after(&mut self, lasted: Duration) -> Duration {
        if lasted >= self.rule.most {
            self.next = self.rule.first;
        }
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.rule.most);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_second_to_a_minute_and_stay_there() {
        let mut waits = Waits::new(Backoff::default());
        let seconds: Vec<u64> = (0..9).map(|_| waits.after(Duration::ZERO).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn only_a_connection_that_lasted_starts_over() {
        let mut waits = Waits::new(Backoff::default());
        for _ in 0..4 {
            waits.after(Duration::from_secs(59));
        }
        assert_eq!(waits.after(Duration::from_secs(59)).as_secs(), 16);
        assert_eq!(waits.after(Duration::from_secs(60)).as_secs(), 1);
    }

    #[test]
    fn a_wait_of_nothing_does_not_spin() {
        let none = Backoff { first: Duration::ZERO, most: Duration::ZERO };
        assert!(Waits::new(none).after(Duration::ZERO) >= Duration::from_millis(10));
    }
}
