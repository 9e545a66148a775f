//! One meter's reader: how it finds its number in a text message. Not Sparkplug's, whose messages
//! are binary.
use super::json::Once;
use super::number::{finite, number};
use super::shelly::Shelly;
use super::sml::Sml;
use super::tasmota::Tasmota;
use super::{Fault, Reason, What, alive, evcc, zigbee2mqtt};
use gridtwin_twin::scenario::{Meter, Payload};

/// A meter subscribed to a topic.
pub(super) struct Reader {
    /// Which meter.
    pub(super) meter: u32,
    factor: f64,
    how: How,
}

/// How it finds its number.
pub(super) enum How {
    /// The text is the number.
    Plain,
    /// Through these names and places.
    Json(Vec<Box<str>>),
    /// In a Shelly component's state.
    Shelly(Shelly),
    /// In Tasmota's `ENERGY`.
    Tasmota(Tasmota),
    /// In a smart meter's object.
    Sml(Sml),
    /// Under this name of Zigbee2MQTT's object.
    Zigbee2mqtt(&'static str),
    /// One of evcc's scalars.
    Evcc,
    /// No number: whether the meter's device is there.
    Alive,
}

impl Reader {
    /// A reader of this meter's messages.
    pub(super) fn new(meter: u32, factor: f64, how: How) -> Self {
        Self { meter, factor, how }
    }

    /// A message's value for this meter, in its base unit, if any.
    pub(super) fn read(&mut self, message: &mut Once<'_>) -> Result<Option<What>, Reason> {
        let value = match &mut self.how {
            How::Plain => number(message.text()).map(Some),
            How::Json(path) => {
                let root = message.root()?;
                let found = path.iter().try_fold(root, |value, step| value.step(step));
                found.ok_or(Reason::Missing)?.number()
            }
            How::Shelly(shelly) => shelly.read(message.object()?),
            How::Tasmota(tasmota) => tasmota.read(message.object()?),
            How::Sml(sml) => sml.read(message.object()?),
            How::Zigbee2mqtt(key) => zigbee2mqtt::read(message.object()?, key),
            How::Evcc => match evcc::read(message.text())? {
                What::Value(value) => Ok(Some(value)),
                What::Gone => return Ok(Some(What::Gone)),
            },
            How::Alive => return Ok(alive::is_gone(message).then_some(What::Gone)),
        };
        let Some(value) = value? else {
            return Ok(None);
        };
        finite(value * self.factor).map(|value| Some(What::Value(value)))
    }

    /// The meaning of an empty message: the retained value was deleted.
    pub(super) fn erased(&self) -> Option<What> {
        (!matches!(self.how, How::Alive)).then_some(What::Gone)
    }
}

impl How {
    /// How this meter's messages are read.
    ///
    /// # Errors
    /// A meter that cannot be read, and one of Sparkplug's, which is none of these.
    pub(super) fn new(meter: &Meter) -> Result<Self, Fault> {
        let quantity = meter.quantity;
        match &meter.payload {
            Payload::Plain => Ok(Self::Plain),
            Payload::Json { path } => {
                let steps: Vec<Box<str>> = path.split('.').map(Box::from).collect();
                let is_whole = steps.iter().all(|step| !step.is_empty());
                if is_whole { Ok(Self::Json(steps)) } else { Err(Fault::Path) }
            }
            Payload::Shelly { phase } => {
                Shelly::new(&meter.topic, *phase, quantity).map(Self::Shelly)
            }
            Payload::Tasmota { channel } => {
                Tasmota::new(quantity, *channel).map(Self::Tasmota).ok_or(Fault::NotMeasured)
            }
            Payload::TasmotaSml { object } => {
                Sml::new(quantity, object.as_deref()).map(Self::Sml).ok_or(Fault::NotMeasured)
            }
            Payload::Zigbee2mqtt => Ok(Self::Zigbee2mqtt(zigbee2mqtt::key(quantity))),
            Payload::Evcc => Ok(Self::Evcc),
            Payload::Sparkplug { .. } => Err(Fault::NotSparkplug),
        }
    }
}
