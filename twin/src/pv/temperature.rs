//! How warm a cell gets: one function per published model. Steady state: no thermal mass.

use serde::{Deserialize, Serialize};

/// How modules are mounted, with the coefficients of [`sapm_cell_c`] for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mount {
    /// Glass on both sides, on an open rack.
    #[default]
    OpenRackGlassGlass,
    /// Glass on both sides, close to a roof.
    CloseMountGlassGlass,
    /// Glass before polymer, on an open rack.
    OpenRackGlassPolymer,
    /// Glass before polymer, nothing but insulation behind: built into a roof.
    InsulatedBackGlassPolymer,
}

impl Mount {
    /// Every mount under the name that the command line uses.
    pub const NAMES: [(&str, Self); 4] = [
        ("open-rack-glass-glass", Self::OpenRackGlassGlass),
        ("close-mount-glass-glass", Self::CloseMountGlassGlass),
        ("open-rack-glass-polymer", Self::OpenRackGlassPolymer),
        ("insulated-back-glass-polymer", Self::InsulatedBackGlassPolymer),
    ];

    /// Coefficients a, b (per m/s) and the cell's excess over the back at 1000 W/m2, K.
    const fn sapm(self) -> (f64, f64, f64) {
        match self {
            Self::OpenRackGlassGlass => (-3.47, -0.0594, 3.0),
            Self::CloseMountGlassGlass => (-2.98, -0.0471, 1.0),
            Self::OpenRackGlassPolymer => (-3.56, -0.0750, 3.0),
            Self::InsulatedBackGlassPolymer => (-2.81, -0.0455, 0.0),
        }
    }
}

/// `T = Ta + G e^(a + b v) + G / 1000 dT`: D. L. King, W. E. Boyson and J. A. Kratochvil,
/// "Photovoltaic array performance model", SAND2004-3535, Eqs. 11 and 12. Wind at 10 m.
#[inline]
pub fn sapm_cell_c(poa_w_m2: f64, air_c: f64, wind_m_s: f64, mount: Mount) -> f64 {
    let (a, b, excess) = mount.sapm();
    air_c + poa_w_m2 * ((a + b * wind_m_s).exp() + excess / 1000.0)
}

/// `T = Ta + G / (u0 + u1 v)`: D. Faiman, "Assessing the outdoor operating temperature of
/// photovoltaic modules", Progress in Photovoltaics 16 (2008) 307; `u0` in W/m2/K (25.0 fitted
/// there), `u1` in W/m2/K per m/s (6.84).
pub fn faiman_c(poa_w_m2: f64, air_c: f64, wind_m_s: f64, u0: f64, u1: f64) -> f64 {
    air_c + poa_w_m2 / (u0 + u1 * wind_m_s)
}

/// `T = Ta + a G (1 - eta) / (uc + uv v)`: PVsyst 7 help, "Array thermal losses"; freestanding
/// modules have `uc` 29 W/m2/K and `uv` 0, absorption `a` 0.9, module efficiency 0.1.
pub fn pvsyst_cell_c(
    poa_w_m2: f64,
    air_c: f64,
    wind_m_s: f64,
    (uc, uv): (f64, f64),
    absorption: f64,
    efficiency: f64,
) -> f64 {
    air_c + poa_w_m2 * absorption * (1.0 - efficiency) / (uc + uv * wind_m_s)
}

/// `T = Ta + (NOCT - 20) G / 800`: R. G. Ross, "Flat-plate photovoltaic array design optimization",
/// 14th IEEE Photovoltaic Specialists Conference, 1980, 1126.
pub fn ross_c(poa_w_m2: f64, air_c: f64, noct_c: f64) -> f64 {
    air_c + (noct_c - 20.0) * poa_w_m2 / 800.0
}

/// The nominal operating temperature corrected for wind and for the power drawn:
/// `T = Ta + G / 800 (NOCT - 20) (1 - eta / 0.9) 9.5 / (5.7 + 3.8 * 0.51 v)`, for one storey and
/// modules well off the roof: P. Gilman et al., "SAM photovoltaic model technical reference update",
/// NREL/TP-6A20-67399, 2018, section 7.1.
pub fn noct_sam_c(poa_w_m2: f64, air_c: f64, wind_m_s: f64, noct_c: f64, efficiency: f64) -> f64 {
    let wind = 9.5 / (5.7 + 3.8 * 0.51 * wind_m_s);
    air_c + poa_w_m2 / 800.0 * (noct_c - 20.0) * (1.0 - efficiency / 0.9) * wind
}
