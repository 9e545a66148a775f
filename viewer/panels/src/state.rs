//! What the panels remember from frame to frame: which are open, what has been typed, what was
//! worked out for the charts. Not the site, and not the playhead.

use crate::controls::Drafts;
use crate::files::{Ask, FileState};
use crate::model::Model;
use crate::time_bar::TimeState;
use crate::toasts::Toasts;
use crate::tree::TreeState;
use crate::{Action, charts, command_palette, what_if};

/// What the lower pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Sources above, uses below.
    #[default]
    Power,
    /// State of charge.
    Charge,
    /// Price and carbon.
    Money,
    /// Latency percentiles, and tasks.
    Latency,
    /// Decisions and view changes.
    Decisions,
    /// The alternative less the base case.
    Difference,
    /// Day and hour.
    Heat,
    /// From sources to uses.
    Flow,
    /// All futures in a table.
    Compare,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::Power,
        Self::Charge,
        Self::Money,
        Self::Latency,
        Self::Decisions,
        Self::Difference,
        Self::Heat,
        Self::Flow,
        Self::Compare,
    ];

    /// What stands on it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "Power",
            Self::Charge => "Charge",
            Self::Money => "Price and carbon",
            Self::Latency => "Latency",
            Self::Decisions => "Decisions",
            Self::Difference => "Difference",
            Self::Heat => "Heat map",
            Self::Flow => "Energy flow",
            Self::Compare => "Compare",
        }
    }
}

/// What the panels remember.
#[derive(Debug)]
pub struct PanelState {
    /// Whether the tree is open.
    pub tree_open: bool,
    /// Whether the inspector, or what-if, is open.
    pub side_open: bool,
    /// Whether the lower pane is open.
    pub lower_open: bool,
    /// What the lower pane shows.
    pub tab: Tab,
    /// Whether the pane on the right shows what-if rather than the inspector.
    pub what_if: bool,
    /// Whether the keys are shown.
    pub keys_open: bool,
    pub(crate) tree: TreeState,
    pub(crate) time: TimeState,
    pub(crate) drafts: Drafts,
    pub(crate) what_if_state: what_if::WhatIfState,
    pub(crate) charts: charts::ChartState,
    pub(crate) palette: command_palette::PaletteState,
    pub(crate) files: FileState,
    pub(crate) toasts: Toasts,
    /// Whether the window was small in the last frame; the panes are then closed at first.
    pub(crate) small: Option<bool>,
}

impl Default for PanelState {
    fn default() -> Self {
        Self {
            tree_open: true,
            side_open: true,
            lower_open: true,
            tab: Tab::Power,
            what_if: false,
            keys_open: false,
            tree: TreeState::default(),
            time: TimeState::default(),
            drafts: Drafts::default(),
            what_if_state: what_if::WhatIfState::default(),
            charts: charts::ChartState::default(),
            palette: command_palette::PaletteState::default(),
            files: FileState::default(),
            toasts: Toasts::default(),
            small: None,
        }
    }
}

impl PanelState {
    /// Tells the user that something went wrong; it stays until it is dismissed.
    pub fn tell_error(&mut self, text: impl Into<String>) {
        self.toasts.push(text.into(), true);
    }

    /// Tells the user that something is done; it stays until it is dismissed.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.toasts.push(text.into(), false);
    }

    /// Carries out what concerns the panels alone. Whether it did.
    pub(crate) fn take(&mut self, action: &Action) -> bool {
        match action {
            Action::Palette(open) => self.palette.set_open(*open),
            Action::Keys(open) => self.keys_open = *open,
            _ => return false,
        }
        true
    }

    pub(crate) fn has_open_window(&self) -> bool {
        self.palette.is_open() || self.keys_open || self.files.is_open()
    }

    /// Closes what lies on top. Whether there was something.
    pub(crate) fn close_top(&mut self) -> bool {
        let open = self.has_open_window();
        if self.palette.is_open() {
            self.palette.set_open(false);
        } else if self.files.is_open() {
            self.files.close();
        } else {
            self.keys_open = false;
        }
        open
    }

    pub(crate) fn ask(&mut self, ask: Ask, model: &Model) -> Vec<Action> {
        self.files.open(ask, model);
        Vec::new()
    }

    /// On a small window only one pane is open at a time.
    fn only(&mut self) {
        if self.small == Some(true) {
            (self.tree_open, self.side_open, self.lower_open) = (false, false, false);
        }
    }

    pub(crate) fn toggle_tree(&mut self) -> Vec<Action> {
        let open = !self.tree_open;
        self.only();
        self.tree_open = open;
        Vec::new()
    }

    pub(crate) fn toggle_side(&mut self, what_if: bool) -> Vec<Action> {
        let open = !(self.side_open && self.what_if == what_if);
        self.only();
        self.side_open = open;
        self.what_if = what_if;
        Vec::new()
    }

    pub(crate) fn toggle_lower(&mut self, tab: Option<Tab>) -> Vec<Action> {
        let open = !(self.lower_open && tab.is_none_or(|tab| tab == self.tab));
        self.only();
        self.lower_open = open;
        self.tab = match tab {
            Some(tab) => tab,
            None if self.tab == Tab::Compare && open => Tab::Power,
            None => self.tab,
        };
        Vec::new()
    }
}
