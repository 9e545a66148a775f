//! Shelly's components.
use super::meter::{meter, near, one, read};
use gridtwin_link::payload::{Fault, Intake, Reason, What, check};
use gridtwin_twin::scenario::{Payload, Phase, Quantity};

const EM: &str = include_str!("../../fixtures/shelly_em.json");
const EM_ONE_PHASE: &str = include_str!("../../fixtures/shelly_em_one_phase.json");
const EMDATA: &str = include_str!("../../fixtures/shelly_emdata.json");
const EM1: &str = include_str!("../../fixtures/shelly_em1.json");
const EM1DATA: &str = include_str!("../../fixtures/shelly_em1data.json");
const SWITCH: &str = include_str!("../../fixtures/shelly_switch.json");
const SWITCH_ONE_WAY: &str = include_str!("../../fixtures/shelly_switch_one_way.json");
const PM1: &str = include_str!("../../fixtures/shelly_pm1.json");

fn shelly(
    component: &str,
    phase: Phase,
    quantity: Quantity,
    text: &str,
) -> Result<Option<What>, Reason> {
    read(&format!("house/status/{component}"), Payload::Shelly { phase }, quantity, text)
}

#[test]
fn a_three_phase_meter_gives_its_sum_and_each_phase() {
    near(shelly("em:0", Phase::All, Quantity::Power, EM), 0.5);
    near(shelly("em:0", Phase::B, Quantity::Power, EM), -0.1542);
    near(shelly("em:0", Phase::C, Quantity::Voltage, EM), 229.8);
    near(shelly("em:0", Phase::All, Quantity::Voltage, EM), (231.4 + 230.1 + 229.8) / 3.0);
}

#[test]
fn a_phase_that_is_not_there_says_nothing() {
    near(shelly("em:0", Phase::All, Quantity::Power, EM_ONE_PHASE), 0.48);
    near(shelly("em:0", Phase::All, Quantity::Voltage, EM_ONE_PHASE), 230.4);
    assert_eq!(shelly("em:0", Phase::B, Quantity::Power, EM_ONE_PHASE), Ok(None));
}

#[test]
fn counters_are_in_watt_hours() {
    near(shelly("emdata:0", Phase::All, Quantity::Energy, EMDATA), 83.21925);
    near(shelly("emdata:0", Phase::All, Quantity::EnergyReturned, EMDATA), 2.60025);
    near(shelly("emdata:0", Phase::A, Quantity::Energy, EMDATA), 40.2105);
    near(shelly("emdata:0", Phase::B, Quantity::EnergyReturned, EMDATA), 2.48);
    near(shelly("em1data:0", Phase::All, Quantity::Energy, EM1DATA), 2776.17511);
    near(shelly("em1data:0", Phase::All, Quantity::EnergyReturned, EM1DATA), 571.58487);
}

#[test]
fn single_phase_components_give_power_and_voltage() {
    near(shelly("em1:0", Phase::All, Quantity::Power, EM1), -0.9512);
    near(shelly("em1:12", Phase::All, Quantity::Voltage, EM1), 237.6);
    near(shelly("switch:0", Phase::All, Quantity::Power, SWITCH), -0.3505);
    near(shelly("switch:0", Phase::All, Quantity::Voltage, SWITCH), 233.6);
    near(shelly("pm1:0", Phase::All, Quantity::Power, PM1), 1.7801);
}

#[test]
fn a_switchs_total_is_what_was_drawn_and_what_was_returned_together() {
    near(shelly("switch:0", Phase::All, Quantity::Energy, SWITCH), 6.00025);
    near(shelly("switch:0", Phase::All, Quantity::EnergyReturned, SWITCH), 4.00025);
    near(shelly("pm1:0", Phase::All, Quantity::Energy, PM1), 3.551682);
    let only_returned = r#"{"aenergy":{"total":4000},"ret_aenergy":{"total":4000.001}}"#;
    near(shelly("pm1:0", Phase::All, Quantity::Energy, only_returned), 0.0);
}

#[test]
fn a_switch_that_counts_one_way_only_has_returned_nothing_to_tell() {
    near(shelly("switch:0", Phase::All, Quantity::Energy, SWITCH_ONE_WAY), 6.532712);
    assert_eq!(shelly("switch:0", Phase::All, Quantity::EnergyReturned, SWITCH_ONE_WAY), Ok(None));
}

#[test]
fn what_was_returned_is_remembered_when_a_message_leaves_it_out() {
    let topic = "house/status/switch:0";
    let payload = Payload::Shelly { phase: Phase::All };
    let mut intake = Intake::new(&[meter(topic, payload, Quantity::Energy)]);
    near(one(&mut intake, topic, SWITCH), 6.00025);
    near(one(&mut intake, topic, r#"{"id":0,"aenergy":{"total":10010.25}}"#), 6.01);
}

#[test]
fn an_update_of_other_fields_says_nothing() {
    for text in [r#"{"id":0,"output":false}"#, r#"{"id":0,"apower":null}"#, "{}"] {
        assert_eq!(shelly("switch:0", Phase::All, Quantity::Power, text), Ok(None), "{text}");
    }
    assert_eq!(shelly("em:0", Phase::All, Quantity::Power, r#"{"id":0}"#), Ok(None));
}

#[test]
fn another_shape_is_refused() {
    for (text, reason) in [
        ("12.5", Reason::WrongShape),
        ("[]", Reason::WrongShape),
        (r#"{"apower":{}}"#, Reason::WrongShape),
        (r#"{"apower":true}"#, Reason::WrongShape),
        ("on", Reason::NotJson),
    ] {
        assert_eq!(shelly("switch:0", Phase::All, Quantity::Power, text), Err(reason), "{text}");
    }
}

#[test]
fn a_phase_of_a_single_phase_component_is_a_fault() {
    let payload = Payload::Shelly { phase: Phase::A };
    let meter = meter("house/status/switch:0", payload, Quantity::Power);
    assert_eq!(check(&meter), Err(Fault::NoPhases));
}

#[test]
fn a_shelly_that_is_offline_has_gone() {
    let payload = Payload::Shelly { phase: Phase::All };
    let meter = meter("a/house/status/em:0", payload, Quantity::Power);
    let mut intake = Intake::new(&[meter]);
    assert_eq!(intake.subscriptions(), ["a/house/online", "a/house/status/em:0"]);
    assert_eq!(one(&mut intake, "a/house/online", "true"), Ok(None));
    assert_eq!(one(&mut intake, "a/house/online", "false"), Ok(Some(What::Gone)));
    assert_eq!(one(&mut intake, "a/house/online", ""), Ok(None));
}
