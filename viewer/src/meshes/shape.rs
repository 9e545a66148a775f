//! A heap of coloured faces that becomes one mesh. Every face has its own corners, so that edges
//! stay sharp. Units are metres; y is up. Not a thing of the site: those are put together beside.
//!
//! A colour's alpha says what kind of surface it is: see [`Lamp`].

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

/// What a surface does with its instance's glow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lamp {
    /// Nothing.
    None,
    /// It shines in its own colour.
    Status,
    /// As a status light, but an overlay never tints it: an edge that sets off what it surrounds.
    Rim,
    /// A window: it is lit, warm, where the glow is above this share.
    Window(f32),
}

/// A surface's colour: sRGB bytes and what it does with glow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint(pub [u8; 3], pub Lamp);

impl From<[u8; 3]> for Paint {
    fn from(rgb: [u8; 3]) -> Self {
        Self(rgb, Lamp::None)
    }
}

impl Paint {
    /// Shines in its own colour with the instance's glow.
    pub const fn status(rgb: [u8; 3]) -> Self {
        Self(rgb, Lamp::Status)
    }

    /// Shines in its own colour with the instance's glow, whatever the instance's tint.
    pub const fn rim(rgb: [u8; 3]) -> Self {
        Self(rgb, Lamp::Rim)
    }

    /// A dark pane that is lit where the instance's glow is above `threshold`.
    pub const fn window(threshold: f32) -> Self {
        Self([58, 74, 92], Lamp::Window(threshold))
    }

    fn vertex(self) -> [f32; 4] {
        let Self([r, g, b], lamp) = self;
        let linear = Color::srgb_u8(r, g, b).to_linear();
        let alpha = match lamp {
            Lamp::None => 1.0,
            Lamp::Status => 0.0,
            Lamp::Rim => 0.12,
            Lamp::Window(threshold) => 0.25 + 0.5 * threshold.clamp(0.0, 1.0),
        };
        [linear.red, linear.green, linear.blue, alpha]
    }
}

/// Coloured faces.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    colors: Vec<[f32; 4]>,
    indices: Vec<u32>,
}

impl Shape {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// As a mesh.
    pub fn mesh(self) -> Mesh {
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::default())
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colors)
            .with_inserted_indices(Indices::U32(self.indices))
    }

    fn face(&mut self, corners: &[Vec3], normal: Vec3, paint: Paint) {
        let first = self.positions.len() as u32;
        let color = paint.vertex();
        for corner in corners {
            self.positions.push(corner.to_array());
            self.normals.push(normal.to_array());
            self.colors.push(color);
        }
        for i in 1..corners.len() as u32 - 1 {
            self.indices.extend([first, first + i, first + i + 1]);
        }
    }

    /// A flat face with its corners counter-clockwise as seen from outside.
    pub fn flat(mut self, corners: &[Vec3], paint: impl Into<Paint>) -> Self {
        let normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]).normalize_or(Vec3::Y);
        self.face(corners, normal, paint.into());
        self
    }

    /// A box about a centre.
    pub fn cuboid(self, centre: Vec3, size: Vec3, paint: impl Into<Paint>) -> Self {
        self.turned_cuboid(centre, size, Quat::IDENTITY, paint)
    }

    /// A box that stands on a place.
    pub fn block(self, foot: Vec3, size: Vec3, paint: impl Into<Paint>) -> Self {
        self.cuboid(foot + Vec3::Y * size.y / 2.0, size, paint)
    }

    /// A box about a centre, turned about it.
    pub fn turned_cuboid(
        mut self,
        centre: Vec3,
        size: Vec3,
        turn: Quat,
        paint: impl Into<Paint>,
    ) -> Self {
        let paint = paint.into();
        let half = size / 2.0;
        for normal in [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z] {
            let (across, up) = match normal {
                n if n.x != 0.0 => (Vec3::NEG_Z * n.x, Vec3::Y),
                n if n.z != 0.0 => (Vec3::X * n.z, Vec3::Y),
                n => (Vec3::X, Vec3::NEG_Z * n.y),
            };
            let corner = |a: f32, b: f32| centre + turn * ((normal + across * a + up * b) * half);
            let corners =
                [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
            self.face(&corners, turn * normal, paint);
        }
        self
    }

    /// A round post with `radius` at its foot and `top` at its head, `height` high.
    pub fn post(
        mut self,
        foot: Vec3,
        radius: f32,
        top: f32,
        height: f32,
        sides: u32,
        paint: impl Into<Paint>,
    ) -> Self {
        let paint = paint.into();
        let at = |i: u32, r: f32, y: f32| {
            let angle = i as f32 / sides as f32 * std::f32::consts::TAU;
            foot + Vec3::new(angle.cos() * r, y, -angle.sin() * r)
        };
        for i in 0..sides {
            let corners = [
                at(i, radius, 0.0),
                at(i + 1, radius, 0.0),
                at(i + 1, top, height),
                at(i, top, height),
            ];
            let normal = (corners[1] - corners[0])
                .cross(corners[3] - corners[0] + Vec3::Y * 1e-4)
                .normalize_or(Vec3::Y);
            self.face(&corners, normal, paint);
        }
        if top > 0.01 {
            let cap: Vec<Vec3> = (0..sides).map(|i| at(i, top, height)).collect();
            self.face(&cap, Vec3::Y, paint);
        }
        self
    }

    /// A ball of low resolution, squashed to `size`.
    pub fn ball(mut self, centre: Vec3, size: Vec3, rings: u32, paint: impl Into<Paint>) -> Self {
        let paint = paint.into();
        let sectors = rings * 2;
        let at = |i: u32, j: u32| {
            let (phi, theta) = (
                i as f32 / sectors as f32 * std::f32::consts::TAU,
                j as f32 / rings as f32 * std::f32::consts::PI,
            );
            Vec3::new(theta.sin() * phi.cos(), theta.cos(), -theta.sin() * phi.sin())
        };
        for j in 0..rings {
            for i in 0..sectors {
                let corners = [at(i, j + 1), at(i + 1, j + 1), at(i + 1, j), at(i, j)];
                let normal = corners.iter().sum::<Vec3>().normalize_or(Vec3::Y);
                let placed = corners.map(|c| centre + c * size / 2.0);
                self.face(&placed, normal, paint);
            }
        }
        self
    }

    /// A gable roof over a rectangle: its ridge along x.
    pub fn gable(self, foot: Vec3, size: Vec3, roof: [u8; 3], wall: [u8; 3]) -> Self {
        let (w, h, d) = (size.x / 2.0, size.y, size.z / 2.0);
        let p = |x: f32, y: f32, z: f32| foot + Vec3::new(x, y, z);
        self.flat(&[p(-w, 0.0, d), p(w, 0.0, d), p(w, h, 0.0), p(-w, h, 0.0)], roof)
            .flat(&[p(w, 0.0, -d), p(-w, 0.0, -d), p(-w, h, 0.0), p(w, h, 0.0)], roof)
            .flat(&[p(w * 0.98, 0.0, d), p(w * 0.98, 0.0, -d), p(w * 0.98, h, 0.0)], wall)
            .flat(&[p(-w * 0.98, 0.0, -d), p(-w * 0.98, 0.0, d), p(-w * 0.98, h, 0.0)], wall)
    }

    /// All that has been put together so far, moved.
    pub fn moved(mut self, by: Vec3) -> Self {
        for position in &mut self.positions {
            *position = (Vec3::from_array(*position) + by).to_array();
        }
        self
    }

    /// With another's faces.
    pub fn and(mut self, other: Self) -> Self {
        let first = self.positions.len() as u32;
        self.positions.extend(other.positions);
        self.normals.extend(other.normals);
        self.colors.extend(other.colors);
        self.indices.extend(other.indices.iter().map(|i| i + first));
        self
    }
}
