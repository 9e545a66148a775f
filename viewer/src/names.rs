//! Names over things: of what is selected always, of everything where that is wished for and there
//! is room. Painted with the panels' brush over the scene.

use crate::scene::{Side, locate};
use bevy::prelude::Vec3;
use bevy_egui::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, pos2, vec2};
use gridtwin_player::Thing;
use gridtwin_twin::scenario::Scenario;
use std::sync::Arc;

const PAPER: Color32 = Color32::from_rgba_premultiplied(12, 16, 22, 190);
const MARKED: Color32 = Color32::from_rgb(230, 159, 0);

/// The names of a side's things, and where they hang.
#[derive(Clone, Debug, Default)]
pub struct Names {
    of: Option<Arc<Scenario>>,
    tags: Vec<(Thing, String, Vec3)>,
}

impl Names {
    /// Looks them up again where the side shows another scenario.
    pub fn follow(&mut self, side: &Side) {
        if self.of.as_ref().is_some_and(|old| Arc::ptr_eq(old, &side.scenario)) {
            return;
        }
        self.of = Some(Arc::clone(&side.scenario));
        let tag = |thing: Thing| {
            let (middle, _) = locate(&side.layout, thing)?;
            let height = side.layout.place(thing)?.body.height();
            let above = if matches!(thing, Thing::Pv(_)) { 0.5 } else { 1.5 };
            Some((thing, thing.name(&side.scenario), Vec3::new(middle.x, height + above, middle.z)))
        };
        self.tags.clear();
        self.tags.extend(Thing::all(&side.scenario).into_iter().filter_map(tag));
    }

    /// Writes them within `area`: the selected thing's first, and, with `all`, as many others as do
    /// not lie on one another. `project` says where a place of the world is seen, `size` how large
    /// the letters are.
    pub fn paint(
        &self,
        painter: &Painter,
        area: Rect,
        selected: Option<Thing>,
        all: bool,
        size: f32,
        project: impl Fn(Vec3) -> Option<Pos2>,
    ) {
        let painter = painter.with_clip_rect(area);
        let mut taken: Vec<Rect> = Vec::new();
        let first = self.tags.iter().filter(|(thing, ..)| Some(*thing) == selected);
        let others = self.tags.iter().filter(|(thing, ..)| all && Some(*thing) != selected);
        for (thing, name, at) in first.chain(others) {
            let Some(at) = project(*at).filter(|at| area.contains(*at)) else { continue };
            let marked = Some(*thing) == selected;
            let font = FontId::proportional(if marked { size * 1.15 } else { size });
            let text = painter.layout_no_wrap(name.clone(), font, Color32::from_gray(235));
            let at = at - vec2(0.0, size * 0.6);
            let paper =
                Align2::CENTER_BOTTOM.anchor_size(at, text.size() + vec2(size * 0.8, size * 0.3));
            if taken.iter().any(|other| other.intersects(paper)) {
                continue;
            }
            taken.push(paper);
            painter.rect_filled(paper, size * 0.25, PAPER);
            let foot = pos2(at.x, paper.bottom());
            let line = (1.0, if marked { MARKED } else { PAPER });
            painter.line_segment([foot, foot + vec2(0.0, size * 0.6)], line);
            if marked {
                let edge = paper.shrink(0.5);
                painter.rect_stroke(edge, size * 0.25, line, bevy_egui::egui::StrokeKind::Inside);
            }
            painter.galley(paper.center() - text.size() / 2.0, text, Color32::WHITE);
        }
    }
}
