//! The `ENERGY` object of Tasmota's `tele/DEVICE/SENSOR`. Not its smart-meter reader: see `sml`.
//!
//! Source: tasmota.github.io, "Power monitoring" and "Commands", and the energy driver's own
//! format. Powers are in W, counters in kWh. A field is a number, or a list with one for each
//! channel; `Total` is one number for all channels unless SetOption129 is on, `Voltage` unless the
//! channels have voltages of their own. Where the device measures both directions with the
//! firmware's own counter, `Total` falls while it exports: the scenario should then follow the
//! power instead, or the device count in hardware (SetOption72).
use super::Reason;
use super::json::Value;
use gridtwin_twin::scenario::Quantity;

/// Which field, and which channel of it.
pub(super) struct Tasmota {
    keys: &'static [&'static str],
    channel: Option<u8>,
    is_voltage: bool,
}

impl Tasmota {
    /// None for what Tasmota does not measure.
    pub(super) fn new(quantity: Quantity, channel: Option<u8>) -> Option<Self> {
        let keys: &[&str] = match quantity {
            Quantity::Power => &["Power"],
            Quantity::Energy => &["Total", "ImportActive"],
            Quantity::EnergyReturned => &["ExportActive"],
            Quantity::Voltage => &["Voltage"],
            Quantity::Soc => return None,
        };
        Some(Self { keys, channel, is_voltage: quantity == Quantity::Voltage })
    }

    /// The message's value, if any: without a channel the sum of all (of voltages the mean), unless
    /// one of them is `null`.
    pub(super) fn read(&self, root: Value<'_>) -> Result<Option<f64>, Reason> {
        let Some(energy) = sensors(root).get("ENERGY") else {
            return Ok(None);
        };
        let energy = energy.object()?;
        let Some(field) = self.keys.iter().find_map(|key| energy.get(key)) else {
            return Ok(None);
        };
        match self.channel {
            Some(channel) if field.is_array() => {
                field.item(channel.into()).ok_or(Reason::NoChannel)?.number()
            }
            None if field.is_array() => {
                let (mut sum, mut count) = (0.0, 0_u32);
                for item in field.children() {
                    let Some(value) = item.number()? else {
                        return Ok(None);
                    };
                    sum += value;
                    count += 1;
                }
                let parts = if self.is_voltage { count.max(1) } else { 1 };
                Ok((count > 0).then(|| sum / f64::from(parts)))
            }
            None => field.number(),
            Some(_) if self.is_voltage => field.number(),
            // One number beside several powers is their sum.
            Some(0) if !energy.get("Power").is_some_and(Value::is_array) => field.number(),
            Some(_) => Err(Reason::NoChannel),
        }
    }
}

/// The sensors' readings, which the answer to a `Status 8` or `Status 10` command wraps once more.
pub(super) fn sensors(root: Value<'_>) -> Value<'_> {
    root.get("StatusSNS").unwrap_or(root)
}
