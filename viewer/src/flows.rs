//! Power along the feeders: arrows that run the way it flows, wider and faster with its kW, in the
//! colour of its carbon intensity. Where they are is a function of the instant alone.

use crate::overlay::{carbon_g_per_kwh, power_kw};
use crate::scene::{On, Plot, Side, Stage, Wish, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_panels::{Overlay, palette};

/// An arrow on a feeder.
#[derive(Component, Clone, Copy, Debug)]
pub struct Arrow {
    /// Which of the layout's pieces.
    pub piece: usize,
    /// From its outer end, in metres, at rest.
    rest: f32,
}

/// What the arrows run on.
#[derive(Component)]
pub(crate) struct Bed;

/// What flows in a piece: kW towards the switchboard, and its intensity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// Positive towards the switchboard.
    pub power_kw: f64,
    /// Of what flows.
    pub carbon_g_per_kwh: f64,
    /// Given into the piece from its outer end, and the carbon of that.
    given: (f64, f64),
}

/// Metres between two arrows where there is room, on a small site.
const PITCH: f32 = 8.0;
/// Metres across what the arrows run on, on a small site.
const BED_WIDTH: f32 = 2.4;
/// More arrows than this are not drawn: they stand further apart instead.
const MOST: f32 = 900.0;
/// Below this a feeder is at rest.
const LEAST_KW: f64 = 0.05;

/// How large arrows are drawn: a large site is seen from further off.
fn scale(side: &Side) -> f32 {
    (side.layout.radius / 75.0).clamp(1.0, 2.2)
}

fn pitch(side: &Side) -> f32 {
    let total: f32 = side.layout.feeders.pieces.iter().map(|p| p.from.distance(p.to)).sum();
    (PITCH * scale(side)).max(total / MOST)
}

pub(crate) fn spawn(yard: &mut Yard, plot: &Plot) {
    let layout = plot.side.layout.clone();
    let (matte, bed, chevron) =
        (yard.kit.matte.clone(), yard.kit.bed.clone(), yard.kit.chevron.clone());
    let (pitch, scale) = (pitch(plot.side), scale(plot.side));
    for (piece, feeder) in layout.feeders.pieces.iter().enumerate() {
        let length = feeder.from.distance(feeder.to);
        if length < 0.3 {
            continue;
        }
        let along = feeder.to - feeder.from;
        let turn = Quat::from_rotation_y((-along.y).atan2(along.x));
        let middle = (feeder.from + feeder.to) / 2.0;
        let ground = Transform::from_xyz(middle.x, 0.12, middle.y)
            .with_rotation(turn)
            .with_scale(Vec3::new(length, 1.0, BED_WIDTH * scale));
        plot.part(&mut yard.commands, None, &bed, &matte, ground).insert((
            Bed,
            Look::glowing(0.15).tag(),
            NotShadowCaster,
        ));
        let count = (length / pitch).round().max(1.0) as usize;
        for i in 0..count {
            let rest = (i as f32 + 0.5) / count as f32 * length;
            plot.part(&mut yard.commands, None, &chevron, &matte, Transform::default()).insert((
                Arrow { piece, rest },
                Visibility::Hidden,
                NotShadowCaster,
            ));
        }
    }
    let board = yard.kit.switchboard.clone();
    let at = Transform::from_xyz(layout.feeders.bus.x, 0.0, layout.feeders.bus.y);
    plot.part(&mut yard.commands, None, &board, &matte, at).insert(Look::glowing(0.8).tag());
}

/// Reckons what flows in each piece, into room that is used again.
pub fn flows(side: &Side, flows: &mut Vec<Flow>) {
    flows.clear();
    let mix = side.view.sample.mix_g_per_kwh;
    for feeder in &side.layout.feeders.pieces {
        let mut flow = feeder.beyond.map_or(Flow::default(), |piece| flows[piece]);
        for &place in &feeder.joins {
            let thing = side.layout.places[place].thing;
            let kw = power_kw(side, thing).unwrap_or(0.0);
            flow.power_kw += kw;
            if kw > 0.0 {
                let carbon = f64::from(carbon_g_per_kwh(side, thing).unwrap_or(0.0));
                flow.given.0 += kw;
                flow.given.1 += kw * carbon;
            }
        }
        flow.carbon_g_per_kwh = if flow.power_kw > 0.0 && flow.given.0 > 0.0 {
            flow.given.1 / flow.given.0
        } else {
            mix
        };
        flows.push(flow);
    }
}

/// How wide an arrow is, and how fast it runs, in steps so that it does not leap with every kW.
fn width(kw: f64) -> f32 {
    (1.3 + 0.26 * kw.sqrt() as f32).min(4.6)
}

fn steps(kw: f64) -> f64 {
    (1.0 + kw / 4.0).log2().floor().clamp(1.0, 6.0)
}

/// Runs the arrows.
pub(crate) fn show(
    stage: Res<Stage>,
    wish: Res<Wish>,
    mut known: Local<[Vec<Flow>; 2]>,
    mut arrows: Query<(&On, &Arrow, &mut MeshTag, &mut Transform, &mut Visibility)>,
) {
    for (side, known) in stage.sides.iter().zip(known.iter_mut()) {
        flows(side, known);
    }
    let pitches = [0, 1].map(|i| stage.sides.get(i).map_or(PITCH, pitch));
    let scales = [0, 1].map(|i| stage.sides.get(i).map_or(1.0, scale));
    // Seconds of the wall's at the speed that is played.
    let wall_s = stage.at().as_secs_f64() / wish.speed.max(1e-3);
    let quiet = !matches!(wish.overlay, Overlay::None | Overlay::Power | Overlay::Carbon);
    for (on, arrow, mut tag, mut transform, mut visibility) in &mut arrows {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let Some(flow) = known[on.0].get(arrow.piece).copied() else { continue };
        let kw = flow.power_kw.abs();
        if kw < LEAST_KW || quiet {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        }
        visibility.set_if_neq(Visibility::Inherited);
        let feeder = &side.layout.feeders.pieces[arrow.piece];
        let length = feeder.from.distance(feeder.to);
        let pitch = f64::from(pitches[on.0]);
        let shift = ((wall_s * 1.1 * steps(kw) / pitch).fract() * pitch) as f32;
        let inward = flow.power_kw > 0.0;
        let run = if inward { arrow.rest + shift } else { arrow.rest - shift }.rem_euclid(length);
        let way = if inward { feeder.to - feeder.from } else { feeder.from - feeder.to };
        let at = feeder.from.lerp(feeder.to, run / length);
        let size = width(kw) * scales[on.0];
        let wanted = Transform::from_xyz(at.x, 0.24, at.y)
            .with_rotation(Quat::from_rotation_y((-way.y).atan2(way.x)))
            .with_scale(Vec3::new((size * 1.1).max(1.8), size.min(2.4), size));
        transform.set_if_neq(wanted);
        let color = palette::cividis((flow.carbon_g_per_kwh / 600.0) as f32);
        tag.set_if_neq(Look::tinted(color, 1.0, 0.6).tag());
    }
}
