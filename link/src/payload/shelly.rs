//! The state of one component of a Shelly of the second generation or later, as it publishes it to
//! `PREFIX/status/COMPONENT:ID` when "generic status update over MQTT" is on. Not the RPC
//! notifications of `PREFIX/events/rpc`.
//!
//! Source: shelly-api-docs.shelly.cloud, Gen2+ components EM, EMData, EM1, EM1Data, Switch, PM1,
//! Cover and Light. Powers are in W, counters in Wh.
use super::json::Value;
use super::{Fault, Reason};
use gridtwin_twin::scenario::{Phase, Quantity};

/// The place of a quantity in a component's state.
pub(super) enum Shelly {
    /// Under this name.
    Key(&'static str),
    /// The mean of what stands under these names.
    Mean([&'static str; 3]),
    /// What was drawn, of a counter that counts both directions together: its total less what was
    /// returned, Wh. Where a message leaves out what was returned, that has not changed.
    Drawn {
        /// What was last known to be returned, Wh.
        returned_wh: f64,
    },
    /// What was returned, by itself.
    Returned,
}

impl Shelly {
    /// # Errors
    /// A topic that does not end in a component with meters, or a phase or quantity that this
    /// component does not have.
    pub(super) fn new(topic: &str, phase: Phase, quantity: Quantity) -> Result<Self, Fault> {
        let component = topic.rsplit('/').next().unwrap_or(topic);
        let (kind, id) = component.split_once(':').ok_or(Fault::NotShelly)?;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Fault::NotShelly);
        }
        match kind {
            "em" => em(phase, quantity),
            "emdata" => emdata(phase, quantity),
            "em1" | "em1data" | "switch" | "pm1" | "cover" | "light" if phase != Phase::All => {
                Err(Fault::NoPhases)
            }
            "em1" => match quantity {
                Quantity::Power => Ok(Self::Key("act_power")),
                Quantity::Voltage => Ok(Self::Key("voltage")),
                _ => Err(Fault::NotMeasured),
            },
            "em1data" => match quantity {
                Quantity::Energy => Ok(Self::Key("total_act_energy")),
                Quantity::EnergyReturned => Ok(Self::Key("total_act_ret_energy")),
                _ => Err(Fault::NotMeasured),
            },
            "switch" | "pm1" | "cover" | "light" => match quantity {
                Quantity::Power => Ok(Self::Key("apower")),
                Quantity::Voltage => Ok(Self::Key("voltage")),
                Quantity::Energy => Ok(Self::Drawn { returned_wh: 0.0 }),
                Quantity::EnergyReturned => Ok(Self::Returned),
                Quantity::Soc => Err(Fault::NotMeasured),
            },
            _ => Err(Fault::NotShelly),
        }
    }

    /// A component's value, if any: a missing phase is `null`.
    pub(super) fn read(&mut self, root: Value<'_>) -> Result<Option<f64>, Reason> {
        match self {
            Self::Key(key) => field(root, key),
            Self::Mean(keys) => {
                let (mut sum, mut count) = (0.0, 0_u32);
                for key in keys {
                    if let Some(value) = field(root, key)? {
                        sum += value;
                        count += 1;
                    }
                }
                Ok((count > 0).then(|| sum / f64::from(count)))
            }
            Self::Drawn { returned_wh } => {
                if let Some(value) = total(root, "ret_aenergy")? {
                    *returned_wh = value;
                }
                Ok(total(root, "aenergy")?.map(|total| (total - *returned_wh).max(0.0)))
            }
            Self::Returned => total(root, "ret_aenergy"),
        }
    }
}

fn em(phase: Phase, quantity: Quantity) -> Result<Shelly, Fault> {
    match quantity {
        Quantity::Power => Ok(Shelly::Key(match phase {
            Phase::All => "total_act_power",
            Phase::A => "a_act_power",
            Phase::B => "b_act_power",
            Phase::C => "c_act_power",
        })),
        Quantity::Voltage => Ok(match phase {
            Phase::All => Shelly::Mean(["a_voltage", "b_voltage", "c_voltage"]),
            Phase::A => Shelly::Key("a_voltage"),
            Phase::B => Shelly::Key("b_voltage"),
            Phase::C => Shelly::Key("c_voltage"),
        }),
        _ => Err(Fault::NotMeasured),
    }
}

fn emdata(phase: Phase, quantity: Quantity) -> Result<Shelly, Fault> {
    match quantity {
        Quantity::Energy => Ok(Shelly::Key(match phase {
            Phase::All => "total_act",
            Phase::A => "a_total_act_energy",
            Phase::B => "b_total_act_energy",
            Phase::C => "c_total_act_energy",
        })),
        Quantity::EnergyReturned => Ok(Shelly::Key(match phase {
            Phase::All => "total_act_ret",
            Phase::A => "a_total_act_ret_energy",
            Phase::B => "b_total_act_ret_energy",
            Phase::C => "c_total_act_ret_energy",
        })),
        _ => Err(Fault::NotMeasured),
    }
}

fn field(root: Value<'_>, key: &str) -> Result<Option<f64>, Reason> {
    root.get(key).map_or(Ok(None), Value::number)
}

fn total(root: Value<'_>, counter: &str) -> Result<Option<f64>, Reason> {
    root.get(counter).map_or(Ok(None), |counter| field(counter, "total"))
}
