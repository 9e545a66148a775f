//! The camera on the site: orbiting, framing, two of them locked together side by side.

use super::stage::{Stage, Wish};
use crate::layout::Layout;
use bevy::camera::visibility::RenderLayers;
use bevy::camera::{Exposure, RenderTarget, Viewport};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::pbr::{DistanceFog, FogFalloff};
use bevy::post_process::bloom::Bloom;
use bevy::prelude::*;
use bevy::render::view::{ColorGrading, ColorGradingGlobal};
use bevy_panorbit_camera::PanOrbitCamera;
use gridtwin_player::Thing;

use super::SkyKind;

/// A camera on the site, and the side that it shows.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteCamera(pub usize);

/// Brings something into view, once: set it, and the camera goes there.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Default)]
pub enum Framing {
    /// It stays where the user put it.
    #[default]
    Done,
    /// The whole site.
    Site,
    /// One thing.
    Thing(Thing),
    /// A place that was kept: focus, yaw, pitch, radius.
    At(Vec3, f32, f32, f32),
}

/// Where the camera wants to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    focus: Vec3,
    yaw: f32,
    pitch: f32,
    radius: f32,
}

const FIELD_OF_VIEW: f32 = 0.74;

/// Where a thing is: the middle of it, and how far it reaches.
pub fn locate(layout: &Layout, thing: Thing) -> Option<(Vec3, f32)> {
    let place = layout.place(thing)?;
    let height = place.body.height();
    let reach = (place.size.length() / 2.0).max(height / 2.0);
    Some((Vec3::new(place.at.x, height / 2.0, place.at.y), reach))
}

/// The whole site from the south-east, or one thing from nearer.
pub(super) fn frame(layout: &Layout, framing: Framing, aspect: f32) -> Option<View> {
    match framing {
        Framing::Done => None,
        Framing::Site => Some(fit(layout, aspect)),
        Framing::Thing(thing) => {
            let (focus, reach) = locate(layout, thing)?;
            let radius = if thing == Thing::Cloud { reach * 4.0 } else { (reach * 3.6).max(26.0) };
            Some(View { focus, yaw: 0.5, pitch: 0.30, radius })
        }
        Framing::At(focus, yaw, pitch, radius) => Some(View { focus, yaw, pitch, radius }),
    }
}

/// The nearest view of the site from the south-east in which everything is to be seen.
fn fit(layout: &Layout, aspect: f32) -> View {
    let (yaw, pitch) = (0.40, 0.30);
    let turn = Quat::from_rotation_y(yaw) * Quat::from_rotation_x(-pitch);
    let (right, up, back) = (turn * Vec3::X, turn * Vec3::Y, turn * Vec3::Z);
    let tan = (FIELD_OF_VIEW / 2.0).tan();
    let corners = || {
        layout.places.iter().filter(|place| place.thing != Thing::Cloud).flat_map(|place| {
            let foot = place.footprint();
            [
                (foot.min.x, foot.min.y),
                (foot.max.x, foot.min.y),
                (foot.min.x, foot.max.y),
                (foot.max.x, foot.max.y),
            ]
            .map(|(x, z)| Vec3::new(x, 1.0, z))
        })
    };
    let mut focus = Vec3::new(layout.centre.x, 2.0, layout.centre.y);
    let mut radius = layout.radius * 2.2;
    // Step by step: put the middle of what is seen into the middle, and go as near as it allows.
    for _ in 0..12 {
        let eye = focus + back * radius;
        let (mut low, mut high) = (Vec2::splat(f32::MAX), Vec2::splat(f32::MIN));
        for corner in corners() {
            let ray = corner - eye;
            let depth = (-ray.dot(back)).max(1.0);
            let seen = Vec2::new(ray.dot(right) / (tan * aspect), ray.dot(up) / tan) / depth;
            low = low.min(seen);
            high = high.max(seen);
        }
        if low.x > high.x {
            break;
        }
        let middle = (low + high) / 2.0;
        // Somewhat below the middle, for the sky's sake.
        let shift = Vec2::new(middle.x, middle.y + 0.16) * radius * tan;
        focus += right * shift.x * aspect * 0.8;
        let level = Vec3::new(-back.x, 0.0, -back.z).normalize_or(Vec3::NEG_Z);
        focus += level * shift.y / pitch.sin() * 0.5;
        let reach = ((high.x - low.x) / 1.80).max((high.y - low.y) / 1.36);
        radius = (radius * (1.0 + (reach - 1.0) * 0.8)).clamp(28.0, 6000.0);
    }
    View { focus, yaw, pitch, radius }
}

/// What makes a camera one of the scene: `side` 0 for the base case. Without a target it draws into
/// the primary window.
pub fn camera(side: usize, sky: SkyKind, target: Option<RenderTarget>) -> impl Bundle {
    (
        SiteCamera(side),
        Camera3d::default(),
        Camera { order: side as isize, ..default() },
        target.unwrap_or_default(),
        Projection::from(PerspectiveProjection {
            fov: FIELD_OF_VIEW,
            near: 0.5,
            far: 40_000.0,
            ..default()
        }),
        Exposure { ev100: 13.0 },
        Tonemapping::TonyMcMapface,
        // The tone mapping takes some colour away.
        ColorGrading {
            global: ColorGradingGlobal { post_saturation: 1.18, ..default() },
            ..default()
        },
        Bloom { intensity: 0.08, ..Bloom::NATURAL },
        RenderLayers::from_layers(&[0, side + 1]),
        PanOrbitCamera {
            pitch_upper_limit: Some(1.5),
            pitch_lower_limit: Some(0.04),
            zoom_lower_limit: 8.0,
            zoom_upper_limit: Some(3000.0),
            ..default()
        },
        DistanceFog {
            color: Color::NONE,
            falloff: match sky {
                SkyKind::Gradient => FogFalloff::from_visibility_squared(3500.0),
                SkyKind::Atmosphere => FogFalloff::from_visibility_squared(1e9),
            },
            ..default()
        },
    )
}

/// Keeps as many cameras as there are sides, each in its viewport, the second where the first is.
pub(super) fn keep_cameras(
    mut commands: Commands,
    stage: Res<Stage>,
    wish: Res<Wish>,
    sky: Res<SkyKind>,
    mut cameras: Query<(
        Entity,
        &SiteCamera,
        &mut Camera,
        &RenderTarget,
        &Transform,
        &mut PanOrbitCamera,
    )>,
) {
    let sides = stage.sides.len();
    let mut first: Option<(PanOrbitCamera, Transform, RenderTarget)> = None;
    let mut seen = 0;
    for (entity, of, mut camera, target, place, mut orbit) in &mut cameras {
        if of.0 >= sides {
            commands.entity(entity).despawn();
            continue;
        }
        seen += 1;
        // The panels were laid out for the window as it was in the frame before: where it has become
        // smaller since, what they left for the scene reaches beyond it.
        let target_size = camera.physical_target_size();
        let viewport = wish.viewports[of.0].map(|rect| viewport_within(rect, target_size));
        let same = match (&camera.viewport, &viewport) {
            (Some(a), Some(b)) => {
                a.physical_position == b.physical_position && a.physical_size == b.physical_size
            }
            (None, None) => true,
            _ => false,
        };
        if !same {
            camera.viewport = viewport;
        }
        let enabled = !wish.pointer_taken;
        if orbit.enabled != enabled {
            orbit.enabled = enabled;
        }
        if of.0 == 0 {
            first = Some((*orbit, *place, target.clone()));
        }
    }
    if let Some((orbit, place, target)) = first
        && seen < sides
    {
        commands.spawn(camera(1, *sky, Some(target))).insert((orbit, place));
    }
}

/// The viewport for an area of the target, cut off at the target's edges: a renderer ends the program
/// over one that reaches beyond them. At least a pixel remains.
fn viewport_within(area: URect, target_size: Option<UVec2>) -> Viewport {
    let mut viewport = Viewport {
        physical_position: area.min,
        physical_size: area.size().max(UVec2::ONE),
        ..default()
    };
    if let Some(size) = target_size {
        viewport.clamp_to_size(size.max(UVec2::ONE));
    }
    viewport
}

/// Where the two cameras were, so that the one that was moved leads.
#[derive(Default)]
pub(super) struct Locked([Option<[f32; 6]>; 2]);

/// Moves both cameras together: whichever the user turns, the other follows.
pub(super) fn lock_cameras(
    mut locked: Local<Locked>,
    mut cameras: Query<(&SiteCamera, &mut PanOrbitCamera)>,
) {
    if cameras.iter().len() < 2 {
        return;
    }
    let key = |orbit: &PanOrbitCamera| {
        let f = orbit.target_focus;
        [f.x, f.y, f.z, orbit.target_yaw, orbit.target_pitch, orbit.target_radius]
    };
    let mut leader = None;
    for (of, orbit) in &cameras {
        let now = key(orbit);
        if locked.0[of.0].is_some_and(|before| before != now) && leader.is_none() {
            leader = Some(now);
        }
    }
    for (of, mut orbit) in &mut cameras {
        if let Some(now) = leader
            && key(&orbit) != now
        {
            orbit.target_focus = Vec3::new(now[0], now[1], now[2]);
            (orbit.target_yaw, orbit.target_pitch, orbit.target_radius) = (now[3], now[4], now[5]);
        }
        locked.0[of.0] = Some(key(&orbit));
    }
}

/// Brings what was asked for into view.
pub(super) fn go(
    stage: Res<Stage>,
    wish: Res<Wish>,
    mut framing: ResMut<Framing>,
    mut cameras: Query<(&Camera, &mut PanOrbitCamera, &mut Transform), With<SiteCamera>>,
) {
    if *framing == Framing::Done || cameras.is_empty() {
        return;
    }
    let Some(side) = stage.sides.first() else { return };
    let aspect = cameras
        .iter()
        .find_map(|(camera, ..)| camera.logical_viewport_size())
        .map_or(16.0 / 9.0, |size| size.x / size.y.max(1.0));
    let wanted = frame(&side.layout, *framing, aspect);
    *framing = Framing::Done;
    let Some(view) = wanted else { return };
    for (_, mut orbit, mut transform) in &mut cameras {
        orbit.target_focus = view.focus;
        orbit.target_yaw = view.yaw;
        orbit.target_pitch = view.pitch;
        orbit.target_radius = view.radius;
        if wish.reduced_motion || !orbit.initialized {
            orbit.focus = view.focus;
            orbit.yaw = Some(view.yaw);
            orbit.pitch = Some(view.pitch);
            orbit.radius = Some(view.radius);
        }
        if !orbit.initialized {
            let turn = Quat::from_rotation_y(view.yaw) * Quat::from_rotation_x(-view.pitch);
            *transform = Transform::from_translation(view.focus + turn * Vec3::Z * view.radius)
                .with_rotation(turn);
        }
        orbit.force_update = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewport_never_reaches_beyond_its_target() {
        let area = URect::new(200, 40, 1200, 690);
        let within = |width, height| {
            let of = viewport_within(area, Some(UVec2::new(width, height)));
            (of.physical_position, of.physical_size)
        };
        assert_eq!(within(1280, 720), (UVec2::new(200, 40), UVec2::new(1000, 650)));
        assert_eq!(within(1180, 720), (UVec2::new(200, 40), UVec2::new(980, 650)));
        assert_eq!(within(800, 500), (UVec2::new(200, 40), UVec2::new(600, 460)));
        for (width, height) in [(1, 1), (0, 0), (200, 40), (199, 700), (1280, 30)] {
            let (corner, size) = within(width, height);
            let end = corner + size;
            assert!(size.x > 0 && size.y > 0, "{width}x{height}: {size}");
            assert!(end.x <= width.max(1) && end.y <= height.max(1), "{width}x{height}: {end}");
        }
    }
}
