//! Following a live site: what its meters say becomes every future's past, while all goes on. Reading
//! the meters is not done here.

use super::Player;
use crate::Edit;
use crate::future::Future;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::Change;

/// A live site is lived on by its model for so long beyond what its meters have said.
const OUTLOOK: Span = Span::from_secs(36 * 3600);

impl Player {
    /// The site is a live one: its meters have spoken up to `until`, and said this of the intervals
    /// that have passed since they were last asked. The base case follows them, and the model from
    /// there on. An alternative follows what they say of sun, loads and cars; what its batteries do
    /// from its first change on is its own.
    pub fn follow(&mut self, readings: impl IntoIterator<Item = Edit>, until: SimTime) {
        self.readings.extend(readings);
        self.followed = Some(until);
    }

    /// [`Player::catch_up`], once what is shown has been seen at the playhead: on a machine that is
    /// slower than the site the picture would stand still otherwise.
    pub(super) fn catch_up_when_seen(&mut self) {
        let at = self.place();
        let seen =
            |future: &Future| future.is_at(at) || at >= future.known() || future.failed().is_some();
        if self.in_sight().all(|i| seen(&self.futures[i])) {
            self.catch_up();
        }
    }

    /// Lets all futures follow what meters have said meanwhile, once they have lived through what
    /// these said before: who is asked anew all the time gets nowhere.
    pub(super) fn catch_up(&mut self) {
        let there = |asked: SimTime| {
            let reached = asked.min(self.end);
            self.futures.iter().all(|f| f.known() >= reached || f.failed().is_some())
        };
        if self.followed == self.asked || !self.asked.is_none_or(there) {
            return;
        }
        self.asked = self.followed;
        let run = self.futures[0].run.fork(self.next_run, self.readings.clone());
        self.next_run += 1;
        self.order(&run);
        self.futures[0].replace(run);
        self.realise();
    }

    /// Up to where the meters have spoken, where the site is a live one.
    pub fn followed(&self) -> Option<SimTime> {
        self.followed
    }

    /// Up to where futures are lived through.
    pub(super) fn lived_until(&self) -> SimTime {
        self.asked.map_or(SimTime::MAX, |asked| asked + OUTLOOK)
    }
}

/// What happens in a future: what meters said and what was changed by hand, in order of time. From
/// the first change on, what the batteries really did is no longer what they do here.
pub(super) fn with_readings(readings: &[Edit], own: &[Edit]) -> Vec<Edit> {
    let from = own.first().map_or(SimTime::MAX, |edit| edit.at);
    let mut all: Vec<Edit> = readings.to_vec();
    for edit in all.iter_mut().filter(|edit| edit.at >= from) {
        if let Change::Metered(metered) = &mut edit.change {
            metered.batteries_kw.clear();
            metered.soc.clear();
        }
    }
    all.extend(own.iter().cloned());
    all.sort_by_key(|edit| edit.at); // of the same instant, readings come first
    all
}
