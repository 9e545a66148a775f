//! Courses of the futures, reduced to the pixels of the charts and kept until they change.

use super::decimate::{Reduced, bucket, reduce};
use crate::model::Model;
use gridtwin_kernel::Span;
use gridtwin_player::{Edit, Metric};
use std::collections::BTreeMap;
use std::ops::Range;

/// The courses that charts have asked for.
#[derive(Debug, Default)]
pub(crate) struct Courses {
    kept: BTreeMap<(usize, Metric), (Key, Vec<Reduced>)>,
    /// What the futures are: where one has become another, its courses are forgotten.
    futures: Vec<(String, Vec<Edit>)>,
    run: (String, u64),
}

/// What a reduced course was made from: the range, the size of a bucket, and how many buckets are
/// known.
type Key = (Range<usize>, usize, usize);

impl Courses {
    /// Forgets what is no longer so.
    pub(crate) fn keep_up(&mut self, model: &Model) {
        let run = (&model.catalog.name, model.end.0);
        if (&self.run.0, self.run.1) != run {
            *self = Self::default();
            self.run = (run.0.clone(), run.1);
        }
        for (i, future) in model.futures.iter().enumerate() {
            let same = self
                .futures
                .get(i)
                .is_some_and(|(name, edits)| name == future.name && edits == future.edits);
            if !same {
                self.kept.retain(|(kept, _), _| *kept != i);
                let now = (future.name.to_owned(), future.edits.to_vec());
                match self.futures.get_mut(i) {
                    Some(before) => *before = now,
                    None => self.futures.push(now),
                }
            }
        }
        let n = model.futures.len();
        self.futures.truncate(n);
        self.kept.retain(|(kept, _), _| *kept < n);
    }

    /// The course of a quantity in a future over some intervals, in at most `most` buckets.
    pub(crate) fn of(
        &mut self,
        model: &Model,
        future: usize,
        metric: Metric,
        range: Range<usize>,
        most: usize,
    ) -> &[Reduced] {
        let values = model.futures[future].history.metric(metric);
        // While the run is still being simulated, a course is made anew only for a whole bucket.
        let per_day = Span::DAY / model.base().history.step().max(Span(1));
        let size = bucket(&range, most, per_day as usize);
        let known = values.len().min(range.end);
        let whole = if values.len() < range.end { known / size * size } else { known };
        let key = (range.clone(), size, whole);
        let slot = self.kept.entry((future, metric)).or_default();
        if slot.0 != key {
            let step = range.start..whole.max(range.start);
            slot.1 = reduce(values, step, size);
            slot.0 = key;
        }
        &slot.1
    }
}
