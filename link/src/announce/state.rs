//! The state of the site at one moment. Not its past, and not its future.

use super::documents::{Message, fine, maybe, thousandths};
use super::topics::state_topic;
use serde::Serialize;

/// The state of the site. Numbers that are not known are null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SiteState {
    /// When, ISO 8601 in UTC.
    pub at: String,
    /// What all arrays yield, kW.
    #[serde(serialize_with = "thousandths")]
    pub pv_kw: f64,
    /// What all loads draw, chargers apart, kW.
    #[serde(serialize_with = "thousandths")]
    pub load_kw: f64,
    /// What all chargers draw, kW.
    #[serde(serialize_with = "thousandths")]
    pub charging_kw: f64,
    /// The power of all batteries, negative while charging, kW.
    #[serde(serialize_with = "thousandths")]
    pub battery_kw: f64,
    /// The power of all gensets, kW.
    #[serde(serialize_with = "thousandths")]
    pub genset_kw: f64,
    /// The power imported from the grid, kW; never negative.
    #[serde(serialize_with = "thousandths")]
    pub import_kw: f64,
    /// What the grid takes, kW; never negative.
    #[serde(serialize_with = "thousandths")]
    pub export_kw: f64,
    /// How full the batteries are together, a share between 0 and 1.
    #[serde(serialize_with = "maybe")]
    pub soc: Option<f64>,
    /// What has been yielded since the twin began, kWh; never falls while it runs.
    #[serde(serialize_with = "thousandths")]
    pub pv_kwh: f64,
    /// What loads and chargers have drawn since then, kWh.
    #[serde(serialize_with = "thousandths")]
    pub load_kwh: f64,
    /// What has been imported since then, kWh.
    #[serde(serialize_with = "thousandths")]
    pub import_kwh: f64,
    /// What has been exported since then, kWh.
    #[serde(serialize_with = "thousandths")]
    pub export_kwh: f64,
    /// What batteries were charged with since then, kWh.
    #[serde(serialize_with = "thousandths")]
    pub charged_kwh: f64,
    /// What batteries gave since then, kWh.
    #[serde(serialize_with = "thousandths")]
    pub discharged_kwh: f64,
    /// The carbon that a kilowatt-hour imported now brings with it, g.
    #[serde(serialize_with = "maybe")]
    pub carbon_g_per_kwh: Option<f64>,
    /// What a kilowatt-hour imported now costs, in the site's currency.
    #[serde(serialize_with = "fine")]
    pub price_per_kwh: Option<f64>,
    /// How many alarms are active.
    pub alarms: u32,
    /// How the meters are.
    pub meters: MeterCounts,
    /// Each device.
    pub devices: Vec<DeviceState>,
}

/// One device at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceState {
    /// Its id in the scenario.
    pub id: String,
    /// What it is: "pv", "battery", "load", "charger", "genset" or "grid".
    pub kind: String,
    /// Its power by the sign of its kind, kW: an array's yield, a load's draw, a battery's
    /// discharge, the grid's import.
    #[serde(serialize_with = "thousandths")]
    pub power_kw: f64,
    /// A battery's state of charge, a share between 0 and 1; null for all else.
    #[serde(serialize_with = "maybe")]
    pub soc: Option<f64>,
    /// The source of its power value.
    pub source: Source,
    /// How good its meter's last reading was, as "good", "late" or "frozen"; null without a meter.
    pub quality: Option<String>,
}

/// The source of a device's power value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// It was measured.
    Meter,
    /// It has no meter, or its meter is silent: it was simulated.
    Model,
}

/// How many meters are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MeterCounts {
    /// With a good reading within their limit.
    pub good: u32,
    /// Meters whose last reading was late or of poor quality.
    pub late: u32,
    /// Without a reading within their limit.
    pub silent: u32,
}

/// The state as a message, retained.
pub fn state_message(site: &str, state: &SiteState) -> Message {
    Message::json(state_topic(site), state, true)
}
