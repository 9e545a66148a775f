//! What the twin publishes by MQTT: its topics, the documents on them, Home Assistant's discovery,
//! and set points with their safeguards. Not an MQTT client.

mod alarm;
mod dead_man;
mod discovery;
mod documents;
mod forecast;
mod order;
mod setpoint;
mod state;
mod topics;

pub use alarm::{Alarm, alarm_message};
pub use dead_man::DeadMan;
pub use discovery::{DeviceInfo, SiteInfo, discovery};
pub use documents::Message;
pub use forecast::{Estimate, Forecast, Interval, forecast_message};
pub use order::{Order, setpoint_message};
pub use setpoint::{Control, ControlOptions, Limits, MeterHealth, SetPoint, Wish};
pub use state::{DeviceState, MeterCounts, SiteState, Source, state_message};
pub use topics::{
    OFFLINE, ONLINE, alarm_topic, availability_message, availability_topic, forecast_topic,
    setpoint_topic, state_topic, topic_safe,
};
