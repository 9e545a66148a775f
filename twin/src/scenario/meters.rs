//! Meters: what is measured at the site, and the format of each meter. A live twin follows them
//! (`gridtwin link`); an offline run ignores them. Not how payloads are read.

use super::units::{Id, Positive};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One quantity of one device, as a meter publishes it by MQTT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    /// What is measured: the name of a PV array, battery, genset, load or charger group, or `grid`.
    pub device: Id,
    /// Which quantity is measured.
    #[serde(default)]
    pub quantity: Quantity,
    /// The MQTT topic of its messages, without wildcards. For Sparkplug:
    /// `spBv1.0/GROUP/NODE` or `spBv1.0/GROUP/NODE/DEVICE`, without the kind of message.
    pub topic: String,
    /// The format of its messages.
    #[serde(default)]
    pub payload: Payload,
    /// The unit of the published value; by default the unit of this format.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// The published value is multiplied by this.
    #[serde(default = "one")]
    pub scale: Positive,
    /// Which way the meter counts.
    #[serde(default)]
    pub sign: Sign,
    /// Without a reading for this long, the device follows its model instead, s.
    #[serde(default = "silent")]
    pub silent_s: Positive,
    /// The value at which an energy counter starts again at zero, in the counter's unit; by default
    /// a counter that falls is taken as reset.
    #[serde(default)]
    pub rolls_over_at: Option<Positive>,
}

/// What is measured.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Quantity {
    /// Active power: a generator's or an array's output, a load's or charger's draw, a battery's
    /// discharge (charging is negative), the grid's import (export is negative).
    #[default]
    Power,
    /// A counter of energy in the direction in which power is positive.
    Energy,
    /// A counter of energy in the other direction: what a battery was charged with, what was
    /// exported.
    EnergyReturned,
    /// A battery's state of charge.
    Soc,
    /// A battery's voltage at its terminals.
    Voltage,
}

/// The format of a meter's messages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Payload {
    /// A number and nothing else; kW, kWh, per cent or V.
    #[default]
    Plain,
    /// A number somewhere in a JSON text; kW, kWh, per cent or V.
    Json {
        /// Where: names and numbers with dots between them, as in "meters.0.power".
        path: String,
    },
    /// A Shelly of the second generation or later: the topic ends in its component, as in
    /// `PREFIX/status/em:0`, `emdata:0`, `switch:0`, `pm1:0`, `em1:0` or `em1data:0`; W and Wh.
    Shelly {
        /// Which of three phases.
        #[serde(default)]
        phase: Phase,
    },
    /// Tasmota's `tele/DEVICE/SENSOR` with an `ENERGY` object; W and kWh.
    Tasmota {
        /// Which channel, from 0, where there are several; by default their sum.
        #[serde(default)]
        channel: Option<u8>,
    },
    /// Tasmota's smart-meter reader: `total_in`, `total_out`, `power_curr`; W and kWh.
    TasmotaSml {
        /// The object that they are in, as the reader's script calls it.
        #[serde(default)]
        object: Option<String>,
    },
    /// Zigbee2MQTT's flat JSON: `power`, `energy`, `voltage`, `battery`; W, kWh, V.
    Zigbee2mqtt,
    /// One of evcc's topics, as in `evcc/site/pvPower`: a number, or nothing where there is none;
    /// W, kWh, per cent.
    Evcc,
    /// A metric of an Eclipse Sparkplug B node or device; kW, kWh, per cent or V.
    Sparkplug {
        /// Its name in the birth certificate.
        metric: String,
    },
}

/// One of three phases, or all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Their sum.
    #[default]
    All,
    /// The first.
    A,
    /// The second.
    B,
    /// The third.
    C,
}

/// A unit that meters count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Watts.
    #[serde(rename = "W")]
    W,
    /// Kilowatts.
    #[serde(rename = "kW")]
    Kw,
    /// Megawatts.
    #[serde(rename = "MW")]
    Mw,
    /// Watt-hours.
    #[serde(rename = "Wh")]
    Wh,
    /// Kilowatt-hours.
    #[serde(rename = "kWh")]
    Kwh,
    /// Megawatt-hours.
    #[serde(rename = "MWh")]
    Mwh,
    /// Per cent.
    Percent,
    /// A share between 0 and 1.
    Share,
    /// Volts.
    V,
    /// Thousandths of a volt.
    #[serde(rename = "mV")]
    Mv,
}

/// Which way a meter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// In the direction of the quantity.
    #[default]
    Same,
    /// In the opposite direction: the sign of the reading is reversed.
    Reversed,
}

fn one() -> Positive {
    Positive::of(1.0)
}
fn silent() -> Positive {
    Positive::of(300.0)
}

impl Quantity {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Energy => "energy",
            Self::EnergyReturned => "exported energy",
            Self::Soc => "state of charge",
            Self::Voltage => "voltage",
        }
    }

    /// The unit of its readings, after the meter's unit, scale and sign.
    pub fn base(self) -> Unit {
        match self {
            Self::Power => Unit::Kw,
            Self::Energy | Self::EnergyReturned => Unit::Kwh,
            Self::Soc => Unit::Share,
            Self::Voltage => Unit::V,
        }
    }
}

impl Unit {
    /// How much of the quantity's base unit it is (kW, kWh, share, V), and which base unit that is.
    pub fn in_base(self) -> (f64, Self) {
        match self {
            Self::W => (1e-3, Self::Kw),
            Self::Kw => (1.0, Self::Kw),
            Self::Mw => (1e3, Self::Kw),
            Self::Wh => (1e-3, Self::Kwh),
            Self::Kwh => (1.0, Self::Kwh),
            Self::Mwh => (1e3, Self::Kwh),
            Self::Percent => (0.01, Self::Share),
            Self::Share => (1.0, Self::Share),
            Self::V => (1.0, Self::V),
            Self::Mv => (1e-3, Self::V),
        }
    }
}

impl Payload {
    /// The unit that this kind of payload writes a quantity in, where the meter names no other.
    pub fn unit(&self, quantity: Quantity) -> Unit {
        let watts = matches!(
            self,
            Self::Shelly { .. }
                | Self::Tasmota { .. }
                | Self::TasmotaSml { .. }
                | Self::Zigbee2mqtt
                | Self::Evcc
        );
        match quantity {
            Quantity::Power if watts => Unit::W,
            Quantity::Power => Unit::Kw,
            Quantity::Energy | Quantity::EnergyReturned => match self {
                Self::Shelly { .. } => Unit::Wh,
                _ => Unit::Kwh,
            },
            Quantity::Soc => Unit::Percent,
            Quantity::Voltage => Unit::V,
        }
    }
}

impl Meter {
    /// The power of a device by a topic, in the default unit of its payload; the other fields are
    /// for `..` to fill in.
    pub fn new(device: Id, topic: impl Into<String>) -> Self {
        Self {
            device,
            quantity: Quantity::default(),
            topic: topic.into(),
            payload: Payload::default(),
            unit: None,
            scale: one(),
            sign: Sign::default(),
            silent_s: silent(),
            rolls_over_at: None,
        }
    }

    /// The factor from the written number to the quantity's base unit (kW, kWh, share, V), with its
    /// sign.
    pub fn factor(&self) -> f64 {
        let unit = self.unit.unwrap_or_else(|| self.payload.unit(self.quantity));
        let sign = match self.sign {
            Sign::Same => 1.0,
            Sign::Reversed => -1.0,
        };
        unit.in_base().0 * self.scale.get() * sign
    }
}

/// As in "power of roof-1".
impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.quantity.name(), self.device)
    }
}
