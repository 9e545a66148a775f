//! The place, the time and the sky.

use super::units::{
    Altitude, Clearness, Latitude, Longitude, Temperature, TemperatureSwing, Turbidity, WindSpeed,
    list_of,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where the site is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Degrees, north positive.
    pub latitude_deg: Latitude,
    /// Degrees, east positive.
    pub longitude_deg: Longitude,
    /// Height above the sea in metres.
    #[serde(default)]
    pub altitude_m: Option<Altitude>,
    /// IANA time zone, as in "America/New_York": tariffs and load shapes follow its clock.
    pub time_zone: String,
}

/// Where the weather comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Weather {
    /// A made-up sky over the site: clear sky times a seeded cloud process.
    Synthetic {
        /// Linke turbidity from January to December; about 2 in clean mountain air, 3 in the
        /// country, 5 in a hazy city. By default haziest in the site's summer: in July in the north,
        /// in January in the south.
        #[serde(default)]
        linke_turbidity: MonthlyTurbidity,
        /// How clear the sky tends to be: 0 as in North Carolina, 0.5 a desert's edge, -0.3 the
        /// North Sea's coast, -0.6 the Aleutians.
        #[serde(default)]
        clearness: Clearness,
        /// Mean temperature of the year.
        #[serde(default = "default_mean_temperature_c")]
        mean_temperature_c: Temperature,
        /// Half the difference between the warmest and the coldest month's mean.
        #[serde(default = "default_seasonal_swing_c")]
        seasonal_swing_c: TemperatureSwing,
        /// Half the difference between afternoon and dawn on a clear day.
        #[serde(default = "default_daily_swing_c")]
        daily_swing_c: TemperatureSwing,
        /// Standard deviation of warm and cold spells.
        #[serde(default = "default_spells_c")]
        spells_c: TemperatureSwing,
        /// Mean wind speed at 10 m.
        #[serde(default = "default_mean_wind_m_s")]
        mean_wind_m_s: WindSpeed,
    },
    /// A file: TMY3, EPW, PVGIS, NSRDB or plain CSV, recognised by its content. The path is relative to
    /// the scenario's.
    File {
        /// The file.
        path: PathBuf,
    },
}

impl Default for Weather {
    fn default() -> Self {
        Self::Synthetic {
            linke_turbidity: MonthlyTurbidity::default(),
            clearness: Clearness::default(),
            mean_temperature_c: default_mean_temperature_c(),
            seasonal_swing_c: default_seasonal_swing_c(),
            daily_swing_c: default_daily_swing_c(),
            spells_c: default_spells_c(),
            mean_wind_m_s: default_mean_wind_m_s(),
        }
    }
}

/// Linke turbidity of every month, January first.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct MonthlyTurbidity {
    months: [Turbidity; 12],
    /// Whether nobody wrote them: the default follows the site's seasons.
    #[serde(skip)]
    by_default: bool,
}

impl MonthlyTurbidity {
    /// The default's months of a site in the north.
    const NORTH: [f64; 12] = [2.6, 2.8, 3.1, 3.4, 3.6, 3.8, 3.9, 3.8, 3.5, 3.1, 2.8, 2.6];
}

impl Default for MonthlyTurbidity {
    fn default() -> Self {
        Self { months: Self::NORTH.map(Turbidity::of), by_default: true }
    }
}

impl<'de> Deserialize<'de> for MonthlyTurbidity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { months: list_of(deserializer)?, by_default: false })
    }
}

impl PartialEq for MonthlyTurbidity {
    fn eq(&self, other: &Self) -> bool {
        self.months == other.months
    }
}

impl std::ops::Deref for MonthlyTurbidity {
    type Target = [Turbidity; 12];

    fn deref(&self) -> &[Turbidity; 12] {
        &self.months
    }
}

impl Weather {
    /// Turns what is left to the default to the seasons of a site at this latitude: six months later
    /// in the south.
    pub(super) fn follow_seasons(&mut self, latitude_deg: f64) {
        if let Self::Synthetic { linke_turbidity, .. } = self
            && linke_turbidity.by_default
        {
            linke_turbidity.months = MonthlyTurbidity::NORTH.map(Turbidity::of);
            if latitude_deg < 0.0 {
                linke_turbidity.months.rotate_left(6);
            }
        }
    }
}

fn default_mean_temperature_c() -> Temperature {
    Temperature::of(12.0)
}
fn default_seasonal_swing_c() -> TemperatureSwing {
    TemperatureSwing::of(10.0)
}
fn default_daily_swing_c() -> TemperatureSwing {
    TemperatureSwing::of(5.0)
}
fn default_spells_c() -> TemperatureSwing {
    TemperatureSwing::of(3.5)
}
fn default_mean_wind_m_s() -> WindSpeed {
    WindSpeed::of(3.0)
}
