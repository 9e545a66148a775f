//! All panels around the scene: what the window shows each frame. Where each stands, and nothing of
//! what they show.

use crate::model::Model;
use crate::state::{PanelState, Tab};
use crate::{
    Action, charts, command_palette, compare, files, inspector, keys, keys_window, legend, menu,
    style, time_bar, toasts, tree, what_if,
};
use egui::{Align2, Frame, Margin, Panel, Rect, RichText, Stroke, Ui, vec2};

/// Below this width only the time bar stands around the scene, and one pane at a time.
const SMALL: f32 = 900.0;

/// What came of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What the user wants.
    pub actions: Vec<Action>,
    /// What is left free for the scene.
    pub scene: Rect,
    /// Where each future is to be drawn: the base case, and on the right the alternative if one is
    /// shown.
    pub views: (Rect, Option<Rect>),
}

/// Shows all panels in a `Ui` that covers the window, and obeys the keys.
pub fn show(ui: &mut Ui, model: &Model, state: &mut PanelState) -> Shown {
    let styled = egui::Id::new("gridtwin panels are styled");
    let before = ui.data_mut(|d| std::mem::replace(d.get_temp_mut_or_default(styled), true));
    if !before {
        style::install(ui.ctx());
        ui.ctx().set_theme(egui::ThemePreference::Dark);
        ui.set_style(ui.ctx().global_style());
    }
    let small = ui.available_width() < SMALL;
    if state.small.replace(small) != Some(small) {
        let open = !small;
        (state.tree_open, state.side_open, state.lower_open) =
            (open, open, open && ui.available_height() > 520.0);
    }
    let mut actions = keys::handle(ui, model, state);
    let bar = panel_frame(ui, Margin::symmetric(8, 3));
    let pane = panel_frame(ui, Margin::symmetric(8, 6));
    Panel::top("menu").frame(bar).show(ui, |ui| actions.extend(menu::menu(ui, model, state)));
    Panel::bottom("time").frame(pane).show(ui, |ui| {
        actions.extend(time_bar::time_bar(ui, model, &mut state.time));
    });
    let width = ui.available_width();
    if state.tree_open {
        Panel::left("tree")
            .frame(pane)
            .default_size(if small { 220.0 } else { 276.0 })
            .size_range(150.0..=(width * 0.45).max(151.0))
            .show(ui, |ui| actions.extend(tree::tree(ui, model, &mut state.tree)));
    }
    if state.side_open {
        Panel::right("side")
            .frame(pane)
            .default_size(if small { 260.0 } else { 300.0 })
            .size_range(200.0..=(width * 0.55).max(201.0))
            .show(ui, |ui| side(ui, model, state, &mut actions));
    }
    if state.lower_open {
        let height = ui.available_height();
        Panel::bottom("lower")
            .frame(pane)
            .resizable(true)
            .default_size((height * if small { 0.62 } else { 0.42 }).clamp(110.0, 300.0))
            .size_range(90.0..=(height * 0.8).max(91.0))
            .show(ui, |ui| lower(ui, model, state, &mut actions));
    }
    let scene = ui.available_rect_before_wrap();
    let views = split(ui, model, scene);
    legend::legend(ui, model.desk.overlay, scene);
    toasts::toasts(ui, model, &mut state.toasts, scene);
    if let Some(ask) = state.what_if_state.ask.take() {
        actions.extend(state.ask(ask, model));
    }
    actions.extend(files::files(ui, model, &mut state.files));
    keys_window::keys_window(ui, state);
    actions.extend(command_palette::command_palette(ui, model, state));
    actions.retain(|action| !state.take(action));
    Shown { actions, scene, views }
}

fn panel_frame(ui: &Ui, margin: Margin) -> Frame {
    Frame::new().fill(ui.visuals().panel_fill).inner_margin(margin)
}

fn side(ui: &mut Ui, model: &Model, state: &mut PanelState, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.selectable_value(&mut state.what_if, false, "ℹ Inspector");
        ui.selectable_value(&mut state.what_if, true, "✏ What if");
    });
    ui.separator();
    actions.extend(if state.what_if {
        what_if::what_if(ui, model, &mut state.drafts, &mut state.what_if_state)
    } else {
        inspector::inspector(ui, model, &mut state.drafts)
    });
}

fn lower(ui: &mut Ui, model: &Model, state: &mut PanelState, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        egui::ScrollArea::horizontal().auto_shrink([false, true]).show(ui, |ui| {
            for tab in Tab::ALL {
                ui.selectable_value(&mut state.tab, tab, tab.name());
            }
        });
    });
    match state.tab {
        Tab::Compare => actions.extend(compare::compare(ui, model)),
        tab => actions.extend(charts::charts(ui, model, tab, &mut state.charts)),
    }
    ui.take_available_space();
}

/// The scene's halves, each with the name of its future where there are two.
fn split(ui: &Ui, model: &Model, scene: Rect) -> (Rect, Option<Rect>) {
    let Some((_, other)) = model.shown_other() else { return (scene, None) };
    let middle = scene.center().x.round();
    let (left, right) = scene.split_left_right_at_x(middle);
    ui.painter().vline(middle, scene.y_range(), Stroke::new(2.0, ui.visuals().panel_fill));
    for (rect, name, line) in
        [(left, model.base().name, "solid line in charts"), (right, other.name, "dashed line")]
    {
        egui::Area::new(egui::Id::new(("future", line)))
            .order(egui::Order::Middle)
            .interactable(false)
            .pivot(Align2::CENTER_TOP)
            .fixed_pos(rect.center_top() + vec2(0.0, 8.0))
            .show(ui.ctx(), |ui| {
                style::glass(ui).show(ui, |ui| {
                    ui.horizontal(|ui| {
                        ui.label(RichText::new(name).strong());
                        ui.label(RichText::new(line).weak().small());
                    });
                });
            });
    }
    (left, Some(right))
}
