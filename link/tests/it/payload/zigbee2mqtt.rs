//! Zigbee2MQTT's flat objects.
use super::meter::{meter, near, one, read};
use gridtwin_link::payload::{Intake, Reason, What};
use gridtwin_twin::scenario::{Payload, Quantity, Unit};

const PLUG: &str = include_str!("../../fixtures/zigbee2mqtt_plug.json");
const BATTERY: &str = include_str!("../../fixtures/zigbee2mqtt_battery.json");
const TOPIC: &str = "zigbee2mqtt/kitchen/plug";

fn zigbee(quantity: Quantity, text: &str) -> Result<Option<What>, Reason> {
    read(TOPIC, Payload::Zigbee2mqtt, quantity, text)
}

#[test]
fn a_plug_gives_watts_kilowatt_hours_and_volts() {
    near(zigbee(Quantity::Power, PLUG), 0.0645);
    near(zigbee(Quantity::Energy, PLUG), 12.07);
    near(zigbee(Quantity::EnergyReturned, PLUG), 0.42);
    near(zigbee(Quantity::Voltage, PLUG), 229.0);
}

#[test]
fn a_battery_is_in_per_cent_and_its_voltage_in_what_the_scenario_says() {
    near(zigbee(Quantity::Soc, BATTERY), 0.835);
    let mut meter = meter(TOPIC, Payload::Zigbee2mqtt, Quantity::Voltage);
    meter.unit = Some(Unit::Mv);
    near(one(&mut Intake::new(&[meter]), TOPIC, BATTERY), 2.95);
}

#[test]
fn null_and_what_is_left_out_say_nothing() {
    assert_eq!(zigbee(Quantity::Power, BATTERY), Ok(None));
    assert_eq!(zigbee(Quantity::Power, r#"{"action":"single"}"#), Ok(None));
    assert_eq!(zigbee(Quantity::Power, r#"{"power":"low"}"#), Err(Reason::NotNumber));
}

#[test]
fn a_device_that_is_offline_has_gone() {
    let mut intake = Intake::new(&[meter(TOPIC, Payload::Zigbee2mqtt, Quantity::Power)]);
    let topic = "zigbee2mqtt/kitchen/plug/availability";
    assert_eq!(intake.subscriptions(), [TOPIC, topic]);
    for gone in ["offline", r#"{"state":"offline"}"#] {
        assert_eq!(one(&mut intake, topic, gone), Ok(Some(What::Gone)), "{gone}");
    }
    for here in ["online", r#"{"state":"online"}"#, "{", r#"{"state":5}"#] {
        assert_eq!(one(&mut intake, topic, here), Ok(None), "{here}");
    }
}
