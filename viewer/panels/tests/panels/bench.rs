//! A desk to test at: a player that has lived through a campus's two days, the panels, and what was
//! asked of the window.

use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use gridtwin_kernel::SimTime;
use gridtwin_panels::{Action, Desk, Model, PanelState, Shown, show};
use gridtwin_player::{Player, Thing};
use gridtwin_twin::scenario::{Change, Scenario};
use std::path::Path;

/// All that a window would hold.
pub(crate) struct Bench {
    pub(crate) player: Player,
    pub(crate) desk: Desk,
    pub(crate) panels: PanelState,
    pub(crate) shown: Option<Shown>,
    pub(crate) actions: Vec<Action>,
}

/// A scenario of the repository, for so many days.
pub(crate) fn scenario(name: &str, days: u32) -> Scenario {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    Scenario::load_with(&root.join(format!("{name}.ron")), &[], Some(days), None).unwrap()
}

/// The campus, lived through, with the playhead at noon of the first day.
pub(crate) fn campus() -> Bench {
    of(&scenario("campus", 2))
}

pub(crate) fn of(scenario: &Scenario) -> Bench {
    let mut player = Player::new(scenario).unwrap();
    player.finish();
    player.seek(hours(12.0));
    player.settle();
    Bench {
        player,
        desk: Desk::default(),
        panels: PanelState::default(),
        shown: None,
        actions: Vec::new(),
    }
}

/// The campus with a battery twice as large from ten o'clock on beside it.
pub(crate) fn campus_and_larger_battery() -> Bench {
    let mut bench = campus();
    bench.player.seek(hours(10.0));
    let path = "batteries.container.capacity_kwh".to_owned();
    bench.player.what_if(Change::Set { path, value: "1000".to_owned() }).unwrap();
    bench.player.finish();
    bench.player.seek(hours(20.0));
    bench.player.settle();
    bench
}

pub(crate) fn hours(hours: f64) -> SimTime {
    SimTime::from_secs_f64(hours * 3600.0)
}

pub(crate) fn find(bench: &Bench, name: &str) -> Thing {
    Thing::find(bench.player.scenario(), name).unwrap()
}

/// A window of this size in which the panels are shown.
pub(crate) fn open(bench: Bench, width: f32, height: f32) -> Harness<'static, Bench> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(width, height))
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(12)
        .build_ui_state(
            |ui, bench: &mut Bench| {
                let model = Model::of(&bench.player, &bench.desk);
                let shown = show(ui, &model, &mut bench.panels);
                for action in &shown.actions {
                    if let Action::Select(thing) = action {
                        bench.desk.selection = *thing;
                    }
                }
                bench.actions.extend(shown.actions.iter().cloned());
                bench.shown = Some(shown);
            },
            bench,
        );
    harness.run_steps(4);
    harness
}

/// Clicks on what has this name, and tells what was asked of the window then.
pub(crate) fn click(harness: &mut Harness<'static, Bench>, name: &str) -> Vec<Action> {
    harness.state_mut().actions.clear();
    control(harness, name).click();
    harness.run_steps(3);
    std::mem::take(&mut harness.state_mut().actions)
}

/// What can be used under this name, rather than the text beside it.
pub(crate) fn control<'w>(harness: &'w Harness<'static, Bench>, name: &'w str) -> Node<'w> {
    let text = |node: &Node| node.accesskit_node().role() == egui::accesskit::Role::Label;
    let mut named = harness.query_all_by_label(name).filter(|node| !text(node));
    named.next().unwrap_or_else(|| harness.get_by_label(name))
}
