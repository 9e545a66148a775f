//! Colours that everyone can tell apart, in sRGB bytes: Okabe and Ito's eight (2008) for kinds, the
//! cividis scale (Nuñez, Anderton and Renslow 2018) for amounts. Shared by panels and scene, and
//! never the only way in which something is told.

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// Okabe and Ito's orange.
pub const ORANGE: Rgb = [230, 159, 0];
/// Okabe and Ito's sky blue.
pub const SKY: Rgb = [86, 180, 233];
/// Okabe and Ito's bluish green.
pub const GREEN: Rgb = [0, 158, 115];
/// Okabe and Ito's yellow.
pub const YELLOW: Rgb = [240, 228, 66];
/// Okabe and Ito's blue.
pub const BLUE: Rgb = [0, 114, 178];
/// Okabe and Ito's vermillion.
pub const VERMILLION: Rgb = [213, 94, 0];
/// Okabe and Ito's reddish purple.
pub const PURPLE: Rgb = [204, 121, 167];
/// What has nothing to say under an overlay.
pub const GREY: Rgb = [128, 128, 128];

/// Cividis at steps of an eighth.
const CIVIDIS: [Rgb; 9] = [
    [0, 32, 77],
    [0, 54, 110],
    [62, 75, 107],
    [94, 96, 110],
    [124, 123, 120],
    [155, 148, 119],
    [188, 175, 111],
    [222, 203, 94],
    [255, 234, 70],
];

/// A place on the cividis scale; what lies outside 0 to 1 has the end's colour.
pub fn cividis(share: f32) -> Rgb {
    let place = share.clamp(0.0, 1.0) * (CIVIDIS.len() - 1) as f32;
    let below = (place as usize).min(CIVIDIS.len() - 2);
    mix(CIVIDIS[below], CIVIDIS[below + 1], place - below as f32)
}

/// A place on the scale from vermillion (-1, takes) over grey to blue (1, gives).
pub fn diverging(share: f32) -> Rgb {
    let end = if share < 0.0 { VERMILLION } else { BLUE };
    mix([225, 225, 225], end, share.abs().min(1.0))
}

fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    let channel =
        |i: usize| (f32::from(a[i]) + (f32::from(b[i]) - f32::from(a[i])) * share).round() as u8;
    [channel(0), channel(1), channel(2)]
}

/// What a server is in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It leads the latest view.
    Leader,
    /// It votes.
    Member,
    /// It has power and lags behind the latest view.
    Behind,
    /// It is silent.
    Silent,
    /// It is in no group.
    Outside,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Leader, Self::Member, Self::Behind, Self::Silent, Self::Outside];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leader => "leads",
            Self::Member => "votes",
            Self::Behind => "in an older view",
            Self::Silent => "down",
            Self::Outside => "in no group",
        }
    }

    /// Its colour.
    pub fn color(self) -> Rgb {
        match self {
            Self::Leader => YELLOW,
            Self::Member => GREEN,
            Self::Behind => PURPLE,
            Self::Silent => VERMILLION,
            Self::Outside => GREY,
        }
    }
}
