//! What an instance looks like beyond its mesh, in the 32 bits that Bevy hands to the shader: so
//! that a colour never makes a material, and a kind of thing stays one draw. `tint.wgsl` reads it.

use bevy::mesh::MeshTag;
use gridtwin_panels::palette::Rgb;

/// How an instance is tinted, how it glows, how much of its own colour it has lost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Another colour.
    pub tint: Rgb,
    /// How much of it, 0 to 1.
    pub amount: f32,
    /// How much its lamps and windows shine, 0 to 1.
    pub glow: f32,
    /// How much of its own colour is gone, 0 to 1.
    pub grey: f32,
    /// Whether it is striped: silent, broken, without power.
    pub marked: bool,
}

impl Look {
    /// As it is, with its lamps at `glow`.
    pub fn glowing(glow: f32) -> Self {
        Self { glow, ..Self::default() }
    }

    /// In one colour.
    pub fn tinted(tint: Rgb, amount: f32, glow: f32) -> Self {
        Self { tint, amount, glow, ..Self::default() }
    }

    /// In 32 bits: colour 5-6-5, then amount, glow and grey with 5 bits each, then the mark.
    pub fn tag(self) -> MeshTag {
        fn five(share: f32) -> u32 {
            (share.clamp(0.0, 1.0) * 31.0).round() as u32
        }
        let channel = |value: u8, steps: u32| (u32::from(value) * steps + 127) / 255;
        let [r, g, b] = self.tint;
        MeshTag(
            channel(r, 31)
                | channel(g, 63) << 5
                | channel(b, 31) << 11
                | five(self.amount) << 16
                | five(self.glow) << 21
                | five(self.grey) << 26
                | u32::from(self.marked) << 31,
        )
    }

    /// What a tag says, as exactly as it can.
    pub fn of(tag: MeshTag) -> Self {
        let bits = |shift: u32, count: u32| (tag.0 >> shift) & ((1 << count) - 1);
        let channel = |shift, count: u32| (bits(shift, count) * 255 / ((1 << count) - 1)) as u8;
        let share = |shift| bits(shift, 5) as f32 / 31.0;
        Self {
            tint: [channel(0, 5), channel(5, 6), channel(11, 5)],
            amount: share(16),
            glow: share(21),
            grey: share(26),
            marked: bits(31, 1) == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_survives_its_32_bits() {
        let look = Look { tint: [255, 0, 132], amount: 1.0, glow: 0.5, grey: 0.0, marked: true };
        let again = Look::of(look.tag());
        assert!(again.marked && again.amount == 1.0 && again.grey == 0.0);
        assert!((again.glow - 0.5).abs() < 0.02);
        for (a, b) in again.tint.into_iter().zip(look.tint) {
            assert!(a.abs_diff(b) <= 8, "{again:?}");
        }
    }
}
