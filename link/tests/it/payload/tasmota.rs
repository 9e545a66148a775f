//! Tasmota's energy sensors and smart-meter readers.
use super::meter::{meter, near, one, read};
use gridtwin_link::payload::{Intake, Reason, What};
use gridtwin_twin::scenario::{Payload, Quantity};

const PLUG: &str = include_str!("../../fixtures/tasmota_plug.json");
const TWO_RELAYS: &str = include_str!("../../fixtures/tasmota_two_relays.json");
const THREE_PHASES: &str = include_str!("../../fixtures/tasmota_three_phases.json");
const SML: &str = include_str!("../../fixtures/tasmota_sml.json");
const SML_UNNAMED: &str = include_str!("../../fixtures/tasmota_sml_unnamed.json");
const SML_NEW_NAMES: &str = include_str!("../../fixtures/tasmota_sml_new_names.json");
const TOPIC: &str = "tele/plug/SENSOR";

fn tasmota(channel: Option<u8>, quantity: Quantity, text: &str) -> Result<Option<What>, Reason> {
    read(TOPIC, Payload::Tasmota { channel }, quantity, text)
}

fn sml(object: Option<&str>, quantity: Quantity, text: &str) -> Result<Option<What>, Reason> {
    let object = object.map(String::from);
    read(TOPIC, Payload::TasmotaSml { object }, quantity, text)
}

#[test]
fn a_plug_gives_watts_and_kilowatt_hours() {
    near(tasmota(None, Quantity::Power, PLUG), 0.067);
    near(tasmota(None, Quantity::Energy, PLUG), 16.548);
    near(tasmota(None, Quantity::Voltage, PLUG), 217.0);
    near(tasmota(Some(0), Quantity::Power, PLUG), 0.067);
    assert_eq!(tasmota(None, Quantity::EnergyReturned, PLUG), Ok(None));
    assert_eq!(tasmota(Some(1), Quantity::Power, PLUG), Err(Reason::NoChannel));
}

#[test]
fn of_several_channels_it_is_the_sum_or_the_one_asked_for() {
    near(tasmota(None, Quantity::Power, THREE_PHASES), 0.408);
    near(tasmota(Some(1), Quantity::Power, THREE_PHASES), 0.232);
    near(tasmota(None, Quantity::Energy, THREE_PHASES), 32.5);
    near(tasmota(None, Quantity::EnergyReturned, THREE_PHASES), 8.75);
    near(tasmota(Some(0), Quantity::EnergyReturned, THREE_PHASES), 8.25);
    assert_eq!(tasmota(Some(3), Quantity::Power, THREE_PHASES), Err(Reason::NoChannel));
}

#[test]
fn voltages_are_not_summed() {
    near(tasmota(None, Quantity::Voltage, THREE_PHASES), 250.0);
    near(tasmota(Some(1), Quantity::Voltage, THREE_PHASES), 249.0);
    // One voltage for both relays.
    near(tasmota(Some(1), Quantity::Voltage, TWO_RELAYS), 229.0);
}

#[test]
fn a_total_of_both_relays_is_not_taken_for_that_of_one() {
    near(tasmota(Some(1), Quantity::Power, TWO_RELAYS), 0.030);
    near(tasmota(None, Quantity::Energy, TWO_RELAYS), 5.1);
    assert_eq!(tasmota(Some(0), Quantity::Energy, TWO_RELAYS), Err(Reason::NoChannel));
}

#[test]
fn values_may_be_texts() {
    near(tasmota(None, Quantity::Power, r#"{"ENERGY":{"Power":"45"}}"#), 0.045);
    near(tasmota(None, Quantity::Power, r#"{"ENERGY":{"Power":["45","5"]}}"#), 0.05);
}

#[test]
fn a_sum_with_a_part_missing_is_not_made() {
    assert_eq!(tasmota(None, Quantity::Power, r#"{"ENERGY":{"Power":[45,null]}}"#), Ok(None));
    assert_eq!(tasmota(None, Quantity::Power, r#"{"ENERGY":{"Power":[]}}"#), Ok(None));
}

#[test]
fn the_answer_to_a_status_command_is_read_too() {
    near(tasmota(None, Quantity::Power, &format!(r#"{{"StatusSNS":{PLUG}}}"#)), 0.067);
    near(sml(None, Quantity::Power, &format!(r#"{{"StatusSNS":{SML}}}"#)), 1.757);
}

#[test]
fn other_sensors_say_nothing_and_other_shapes_are_refused() {
    let warm = r#"{"Time":"2025-02-01T22:52:09","AM2301":{"Temperature":15.5},"TempUnit":"C"}"#;
    assert_eq!(tasmota(None, Quantity::Power, warm), Ok(None));
    assert_eq!(sml(None, Quantity::Power, warm), Ok(None));
    for text in [r#"{"ENERGY":5}"#, r#"{"ENERGY":{"Power":true}}"#, "5"] {
        assert_eq!(tasmota(None, Quantity::Power, text), Err(Reason::WrongShape), "{text}");
    }
    let nan = r#"{"ENERGY":{"Power":nan}}"#;
    assert_eq!(tasmota(None, Quantity::Power, nan), Err(Reason::NotJson));
}

#[test]
fn a_device_that_is_offline_has_gone() {
    let meter = meter(TOPIC, Payload::Tasmota { channel: None }, Quantity::Power);
    let mut intake = Intake::new(&[meter]);
    assert_eq!(intake.subscriptions(), ["tele/plug/LWT", TOPIC]);
    assert_eq!(one(&mut intake, "tele/plug/LWT", "Online"), Ok(None));
    assert_eq!(one(&mut intake, "tele/plug/LWT", "Offline"), Ok(Some(What::Gone)));
}

#[test]
fn a_smart_meter_is_found_by_what_it_holds() {
    near(sml(None, Quantity::Power, SML), 1.757);
    near(sml(None, Quantity::Energy, SML), 28125.2512);
    near(sml(None, Quantity::EnergyReturned, SML), 1310.5);
    near(sml(None, Quantity::Voltage, SML), 231.2);
    near(sml(Some("SML"), Quantity::Power, SML), 1.757);
    assert_eq!(sml(Some("MT175"), Quantity::Power, SML), Ok(None));
}

#[test]
fn its_object_may_have_an_empty_name_and_its_fields_capitals() {
    near(sml(None, Quantity::Power, SML_UNNAMED), -0.13639);
    near(sml(Some(""), Quantity::Energy, SML_UNNAMED), 2173.5);
}

#[test]
fn newer_scripts_have_other_names() {
    near(sml(None, Quantity::Power, SML_NEW_NAMES), -0.42);
    near(sml(None, Quantity::Energy, SML_NEW_NAMES), 9755.0);
    near(sml(None, Quantity::EnergyReturned, SML_NEW_NAMES), 12399.0);
}

#[test]
fn two_smart_meters_must_be_told_apart() {
    let two = r#"{"Time":"","Main":{"total_in":1},"Heat":{"total_in":2}}"#;
    assert_eq!(sml(None, Quantity::Energy, two), Err(Reason::Ambiguous));
    near(sml(Some("Heat"), Quantity::Energy, two), 2.0);
}

#[test]
fn a_field_that_comes_by_itself_says_nothing_of_the_others() {
    let power = r#"{"Time":"2025-07-31T16:11:21","SML":{"Power_curr":12}}"#;
    near(sml(None, Quantity::Power, power), 0.012);
    assert_eq!(sml(None, Quantity::Energy, power), Ok(None));
}

#[test]
fn the_plugs_own_meter_is_not_taken_for_the_utilitys() {
    let both = r#"{"Time":"","ENERGY":{"Total":3,"Power":5},"SML":{"total_in":1,"power_curr":7}}"#;
    near(sml(None, Quantity::Power, both), 0.007);
    near(tasmota(None, Quantity::Power, both), 0.005);
}
