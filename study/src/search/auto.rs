//! All candidates where they are few enough, NSGA-II where they are not.

use super::error::SearchError;
use super::exhaustive::exhaustive;
use super::found::Found;
use super::nsga2::{Nsga2, nsga2};
use super::trials::Trials;

/// Tries all candidates on the levels where there are at most `limit`, and searches by NSGA-II where
/// there are more. [`Found::method`] says which.
///
/// # Errors
/// Where a setting of NSGA-II is wrong, needed or not.
pub fn auto(trials: &mut Trials<'_>, limit: u64, settings: &Nsga2) -> Result<Found, SearchError> {
    settings.check()?;
    if trials.space().count() <= limit { Ok(exhaustive(trials)) } else { nsga2(trials, settings) }
}
