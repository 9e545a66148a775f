//! All futures in one table, each against the base case, with the winner of each column.

use crate::model::Model;
use crate::{Action, number, style};
use egui::{Grid, RichText, ScrollArea, Ui};
use gridtwin_reports::Summary;

/// A column: its heading, its unit, and whether less is better.
struct Column {
    name: &'static str,
    unit: Unit,
    less_is_better: bool,
    of: fn(&Summary) -> Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Currency,
    Of(&'static str),
    Share,
}

const COLUMNS: [Column; 7] = [
    Column {
        name: "Cost",
        unit: Unit::Currency,
        less_is_better: true,
        of: |s| s.get("cost.total"),
    },
    Column {
        name: "Carbon",
        unit: Unit::Of("kg CO₂"),
        less_is_better: true,
        of: |s| s.get("carbon.operational_kg"),
    },
    Column {
        name: "Self-sufficiency",
        unit: Unit::Share,
        less_is_better: false,
        of: |s| s.get("energy.self_sufficiency"),
    },
    Column {
        name: "Unserved",
        unit: Unit::Of("kWh"),
        less_is_better: true,
        of: |s| s.get("energy.unserved_kwh"),
    },
    Column {
        name: "Latency, 95 %",
        unit: Unit::Of("ms"),
        less_is_better: true,
        of: |s| s.get("tasks.latency_ms_p95"),
    },
    Column {
        name: "Decisions",
        unit: Unit::Of(""),
        less_is_better: false,
        of: |s| groups(s, ".decided"),
    },
    Column {
        name: "Violations",
        unit: Unit::Of(""),
        less_is_better: true,
        of: |s| groups(s, ".violations"),
    },
];

/// A figure of all consensus groups together.
fn groups(summary: &Summary, what: &str) -> Option<f64> {
    let all = summary
        .metrics
        .iter()
        .filter(|m| m.name.starts_with("consensus.") && m.name.ends_with(what));
    all.map(|m| m.value).fold(None, |sum, value| match (sum, value) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    })
}

/// The best of some figures: its index. None where fewer than two are known, or all are the same.
fn winner(values: &[Option<f64>], less_is_better: bool) -> Option<usize> {
    let known = values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?)));
    let sign = if less_is_better { 1.0 } else { -1.0 };
    let mut ranked: Vec<(usize, f64)> = known.map(|(i, v)| (i, v * sign)).collect();
    ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (best, next) = (ranked.first()?, ranked.get(1)?);
    let alike = (best.1 - next.1).abs() <= 1e-9 * best.1.abs().max(1.0);
    (!alike).then_some(best.0)
}

/// Shows the table.
pub(crate) fn compare(ui: &mut Ui, model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        Grid::new("compare").striped(true).spacing([12.0, 6.0]).show(ui, |ui| {
            ui.label(RichText::new("Case").weak());
            for column in &COLUMNS {
                ui.label(RichText::new(heading(column, &model.catalog.currency)).weak());
            }
            ui.end_row();
            let values: Vec<Vec<Option<f64>>> = COLUMNS
                .iter()
                .map(|c| model.futures.iter().map(|f| f.summary.and_then(c.of)).collect())
                .collect();
            let winners: Vec<_> =
                COLUMNS.iter().zip(&values).map(|(c, v)| winner(v, c.less_is_better)).collect();
            for (i, future) in model.futures.iter().enumerate() {
                name(ui, model, i, &mut actions);
                for ((column, values), winner) in COLUMNS.iter().zip(&values).zip(&winners) {
                    cell(ui, column, values, i, *winner == Some(i));
                }
                if let Some(why) = future.failed {
                    ui.label(RichText::new(format!("⚠ {why}")).color(ui.visuals().error_fg_color));
                } else if future.summary.is_none() {
                    let share = future.known.as_hours_f64() / model.end.as_hours_f64().max(1e-9);
                    ui.label(
                        RichText::new(format!("{} simulated", number::percent(share.min(0.999))))
                            .weak(),
                    );
                }
                ui.end_row();
            }
        });
        if model.futures.len() < 2 {
            ui.add_space(8.0);
            ui.label(
                RichText::new("Make a change under What if to compare it here with the base case.")
                    .weak(),
            );
        }
    });
    actions
}

fn heading(column: &Column, currency: &str) -> String {
    match column.unit {
        Unit::Currency => format!("{}, {currency}", column.name),
        Unit::Of("") => column.name.to_owned(),
        Unit::Of(unit) => format!("{}, {unit}", column.name),
        Unit::Share => format!("{}, %", column.name),
    }
}

fn name(ui: &mut Ui, model: &Model, i: usize, actions: &mut Vec<Action>) {
    let name = model.futures[i].name;
    if i == 0 {
        ui.label(RichText::new(name).strong());
        return;
    }
    let shown = model.other == Some(i);
    let label = ui.selectable_label(shown, name).on_hover_text("Show it beside the base case");
    if label.clicked() {
        actions.push(Action::ShowOther((!shown).then_some(i)));
    }
}

fn cell(ui: &mut Ui, column: &Column, values: &[Option<f64>], i: usize, best: bool) {
    let Some(value) = values[i] else {
        ui.label(RichText::new("–").weak());
        return;
    };
    let scale = if column.unit == Unit::Share { 100.0 } else { 1.0 };
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            ui.label(RichText::new(number::human(value * scale)).strong());
            if best {
                let ink = style::ink(ui, crate::palette::GREEN);
                ui.label(RichText::new("★ best").color(ink).strong());
            }
        });
        if let Some(base) = values[0].filter(|_| i > 0) {
            let by = (value - base) * scale;
            let relative = match base {
                0.0 => String::new(),
                base if column.unit != Unit::Share => {
                    format!(" ({}\u{a0}%)", number::signed((value / base - 1.0) * 100.0))
                }
                _ => String::new(),
            };
            ui.label(RichText::new(format!("{}{relative}", number::signed(by))).weak().small());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::winner;

    #[test]
    fn the_best_wins_and_equals_do_not() {
        assert_eq!(winner(&[Some(3.0), Some(2.0)], true), Some(1));
        assert_eq!(winner(&[Some(3.0), Some(2.0)], false), Some(0));
        assert_eq!(winner(&[Some(2.0), Some(2.0)], true), None);
        assert_eq!(winner(&[Some(2.0), None], true), None);
        assert_eq!(winner(&[None, Some(5.0), Some(4.0)], true), Some(2));
    }
}
