//! One future as the window sees it: its run, its view at the playhead, and what was looked at in
//! detail lately.

use crate::look::Look;
use crate::run::Run;
use crate::view::Cursor;
use crate::{Detail, Edit, History, View};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_reports::Summary;
use gridtwin_twin::record::{Catalog, Event};
use gridtwin_twin::scenario::Scenario;
use std::sync::Arc;

/// How long a detail is.
const DETAIL: Span = Span::HOUR;
/// How many details are kept.
const KEPT: usize = 8;

/// One course that the site can take.
#[derive(Debug)]
pub struct Future {
    pub(crate) name: String,
    /// What was changed in it by hand.
    pub(crate) own: Vec<Edit>,
    pub(crate) run: Run,
    view: View,
    cursor: Option<Cursor>,
    /// The one that was used last at the end.
    details: Vec<Arc<Detail>>,
    shown: Option<Arc<Detail>>,
}

impl Future {
    pub(crate) fn new(name: String, own: Vec<Edit>, run: Run) -> Self {
        let view = View::default();
        Self { name, own, run, view, cursor: None, details: Vec::new(), shown: None }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was changed in it by hand, in order of time; what its meters said apart.
    pub fn edits(&self) -> &[Edit] {
        &self.own
    }

    /// Its scenario as it is in the end, with all its edits.
    pub fn scenario(&self) -> &Scenario {
        &self.run.scenario
    }

    /// Its course as far as it is known.
    pub fn history(&self) -> &History {
        &self.run.history
    }

    /// What happened in it, single tasks and decisions apart, in order of time.
    pub fn events(&self) -> &[Event] {
        &self.run.events
    }

    /// The report's figures, once it has been lived through to its end.
    pub fn summary(&self) -> Option<&Summary> {
        self.run.summary.as_ref()
    }

    /// Why it could not be lived to its end.
    pub fn failed(&self) -> Option<&str> {
        self.run.failed.as_deref()
    }

    /// What it looks like at the playhead, or what was last seen of it.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The intervals around the playhead in every detail, or what was last seen of them.
    pub fn detail(&self) -> Option<&Arc<Detail>> {
        self.shown.as_ref()
    }

    /// [`Future::scenario`], to be shared: the same one as long as nothing has changed in it.
    pub fn shared_scenario(&self) -> &Arc<Scenario> {
        &self.run.scenario
    }

    /// Up to where it has been lived through.
    pub fn known(&self) -> SimTime {
        self.run.known()
    }

    /// Whether its view is that of the playhead.
    pub(crate) fn is_at(&self, at: SimTime) -> bool {
        self.view.at == at && self.cursor.is_some_and(|cursor| cursor.is_of(self.run.id))
    }

    /// Takes another run in its place; what it looked like is shown until the new one is there.
    pub(crate) fn replace(&mut self, run: Run) -> Run {
        self.details.clear();
        std::mem::replace(&mut self.run, run)
    }

    pub(crate) fn take_detail(&mut self, detail: Arc<Detail>) {
        self.details.retain(|old| old.from != detail.from);
        if self.details.len() == KEPT {
            self.details.remove(0);
        }
        self.details.push(detail);
    }

    /// Shows `at`, if it is known in detail. What is missing for that goes to `looks`; with
    /// `ahead`, what will be next, too.
    pub(crate) fn show(
        &mut self,
        at: SimTime,
        catalog: &Catalog,
        ahead: bool,
        looks: &mut Vec<Look>,
    ) {
        match self.details.iter().rposition(|detail| detail.contains(at)) {
            Some(found) => {
                let detail = self.details.remove(found);
                let (run, scenario) = (self.run.id, &self.run.scenario);
                let cursor = self.view.show(at, &detail, run, scenario, catalog, self.cursor);
                self.cursor = cursor.or(self.cursor);
                self.shown = Some(Arc::clone(&detail));
                self.details.push(detail);
            }
            None => looks.extend(self.look(at, catalog)),
        }
        let next = SimTime(at.0 + DETAIL.0);
        if ahead && !self.details.iter().any(|detail| detail.contains(next)) {
            looks.extend(self.look(next, catalog));
        }
    }

    /// What must be lived through again to see `at`.
    fn look(&self, at: SimTime, catalog: &Catalog) -> Option<Look> {
        let step = catalog.step.0.max(1);
        let length = DETAIL.0.div_ceil(step) * step;
        let from = SimTime(at.0 / length * length);
        let until = SimTime(from.0 + length).min(self.known());
        (at < until).then(|| Look {
            run: self.run.id,
            edits: self.run.edits.clone(),
            keyframe: Arc::clone(self.run.keyframe(from)),
            from,
            until,
        })
    }
}
