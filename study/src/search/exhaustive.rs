//! All candidates on the levels, one and all. For spaces that are small enough.

use super::found::{Found, Method};
use super::space::Candidate;
use super::trials::Trials;

/// How many candidates are laid out at once.
const AT_ONCE: usize = 4096;

/// Tries all candidates on the levels. Time and memory grow with [`count`](super::Space::count).
pub fn exhaustive(trials: &mut Trials<'_>) -> Found {
    let space = trials.space();
    let mut rest = space.iter();
    loop {
        let some: Vec<Candidate> = rest.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return trials.found(Method::Exhaustive, true);
        }
        if !trials.try_all(&some, space.count()) {
            return trials.found(Method::Exhaustive, false);
        }
    }
}
