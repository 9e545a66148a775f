//! What-if edits: which futures there are, what was changed in each and when, with undo and redo.
//! Only what was asked for; carrying it out is the player's.

use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::Change;

/// One edit of a future.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// From when on: the start of an interval.
    pub at: SimTime,
    /// What.
    pub change: Change,
}

/// A future that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    pub(crate) name: String,
    /// In order of time.
    pub(crate) edits: Vec<Edit>,
}

/// All that was asked for: the alternatives to the base case, and the one that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) alternatives: Vec<Planned>,
    /// Index among them.
    pub(crate) shown: Option<usize>,
}

impl Plan {
    /// Adds an edit to the alternative that is shown, or to a new one.
    pub(crate) fn edit(&mut self, edit: Edit) {
        let shown = self.shown.unwrap_or_else(|| {
            let name = self.free_name();
            self.alternatives.push(Planned { name, edits: Vec::new() });
            self.alternatives.len() - 1
        });
        self.shown = Some(shown);
        let edits = &mut self.alternatives[shown].edits;
        let place = edits.partition_point(|other| other.at <= edit.at);
        edits.insert(place, edit);
    }

    /// Drops an alternative.
    pub(crate) fn drop_alternative(&mut self, index: usize) {
        self.alternatives.remove(index);
        self.shown = match self.shown {
            Some(shown) if shown > index => Some(shown - 1),
            Some(shown) if shown == index => None,
            shown => shown,
        };
    }

    fn free_name(&self) -> String {
        let names = (1..).map(|n| format!("alternative {n}"));
        let taken = |name: &String| self.alternatives.iter().any(|other| other.name == *name);
        names.into_iter().find(|name| !taken(name)).unwrap_or_default()
    }
}

/// Plans in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    now: Plan,
    past: Vec<(String, Plan)>,
    undone: Vec<(String, Plan)>,
}

impl Plans {
    pub(crate) fn now(&self) -> &Plan {
        &self.now
    }

    /// Shows another alternative; that is nothing to undo.
    pub(crate) fn show(&mut self, shown: Option<usize>) {
        self.now.shown = shown;
    }

    /// Makes a plan the one that holds. What was undone is forgotten.
    pub(crate) fn make(&mut self, label: String, plan: Plan) {
        let before = std::mem::replace(&mut self.now, plan);
        self.past.push((label, before));
        self.undone.clear();
    }

    pub(crate) fn undo(&mut self) -> bool {
        let Some((label, before)) = self.past.pop() else { return false };
        self.undone.push((label, std::mem::replace(&mut self.now, before)));
        true
    }

    pub(crate) fn redo(&mut self) -> bool {
        let Some((label, after)) = self.undone.pop() else { return false };
        self.past.push((label, std::mem::replace(&mut self.now, after)));
        true
    }

    pub(crate) fn can_undo(&self) -> Option<&str> {
        self.past.last().map(|(label, _)| label.as_str())
    }

    pub(crate) fn can_redo(&self) -> Option<&str> {
        self.undone.last().map(|(label, _)| label.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(at: u64) -> Edit {
        Edit { at: SimTime(at), change: Change::Grid { up: at.is_multiple_of(2) } }
    }

    #[test]
    fn undo_brings_back_what_was_and_redo_what_was_undone() {
        let mut plans = Plans::default();
        let mut seen = vec![plans.now().clone()];
        for at in [5, 2, 9] {
            let mut plan = plans.now().clone();
            plan.edit(edit(at));
            plans.make(format!("edit at {at}"), plan);
            seen.push(plans.now().clone());
        }
        assert_eq!(plans.now().alternatives[0].edits, [edit(2), edit(5), edit(9)]);
        assert_eq!(plans.can_undo(), Some("edit at 9"));
        for plan in seen.iter().rev().skip(1) {
            assert!(plans.undo());
            assert_eq!(plans.now(), plan);
        }
        assert!(!plans.undo());
        for plan in &seen[1..] {
            assert!(plans.redo());
            assert_eq!(plans.now(), plan);
        }
        assert!(!plans.redo());
    }

    #[test]
    fn a_dropped_alternative_leaves_the_others_and_their_names() {
        let mut plan = Plan::default();
        plan.edit(edit(1));
        plan.shown = None;
        plan.edit(edit(2));
        plan.drop_alternative(0);
        assert_eq!(plan.shown, Some(0));
        assert_eq!(plan.alternatives[0].name, "alternative 2");
        plan.shown = None;
        plan.edit(edit(3));
        assert_eq!(plan.alternatives[1].name, "alternative 1");
    }
}
