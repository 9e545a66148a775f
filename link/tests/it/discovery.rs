//! What Home Assistant is told, against a table of what it takes (`home_assistant.json`).

use gridtwin_link::announce::{
    DeviceInfo, DeviceState, Message, SiteInfo, SiteState, Source, availability_message,
    availability_topic, discovery, state_message, state_topic,
};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

fn site() -> SiteInfo {
    let device = |id: &str, kind: &str, has_soc| DeviceInfo {
        id: id.to_owned(),
        kind: kind.to_owned(),
        has_soc,
    };
    SiteInfo {
        id: "campus".to_owned(),
        name: "Campus".to_owned(),
        version: "0.1.0".to_owned(),
        currency: Some("EUR".to_owned()),
        has_battery: true,
        devices: vec![
            device("roof-library", "pv", false),
            device("container", "battery", true),
            device("grid", "grid", false),
        ],
    }
}

fn table() -> Value {
    serde_json::from_str(include_str!("../home_assistant.json")).unwrap()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn has(set: &Value, value: &Value) -> bool {
    set.as_array().unwrap().contains(value)
}

/// What Home Assistant would refuse, or would not take as it was meant.
fn complaints(message: &Message) -> Vec<String> {
    let table = table();
    let mut out = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            out.push(format!("{what} in {}", message.topic));
        }
    };
    let config: Value = serde_json::from_slice(&message.payload).unwrap();
    check(message.retain, "not retained");
    check(keys(&config).is_subset(&strings(&table["keys"])), "unknown key");
    check(strings(&table["required"]).is_subset(&keys(&config)), "missing key");
    check(strings(&table["required_here"]).is_subset(&keys(&config)), "missing key of ours");
    let class = &config["device_class"];
    let (unit, state) = (&config["unit_of_measurement"], &config["state_class"]);
    check(has(&table["state_classes"], state), "unknown state class");
    if let Some(class) = class.as_str() {
        let rules = &table["device_classes"][class];
        check(rules.is_object(), "unknown device class");
        if rules.is_object() {
            check(has(&rules["units"], unit), "unit does not fit the device class");
            check(has(&rules["states"], state), "state class does not fit the device class");
        }
    }
    check(unit.is_null() || unit.as_str().is_some_and(|unit| !unit.is_empty()), "empty unit");
    let category = &config["entity_category"];
    check(category.is_null() || has(&table["entity_categories"], category), "entity category");
    let device = &config["device"];
    check(keys(device).is_subset(&strings(&table["device_keys"])), "unknown device key");
    let identifiers = device["identifiers"].as_array();
    check(identifiers.is_some_and(|ids| !ids.is_empty()), "device without identifiers");
    let origin = &config["origin"];
    check(keys(origin).is_subset(&strings(&table["origin_keys"])), "unknown origin key");
    check(strings(&table["origin_required"]).is_subset(&keys(origin)), "missing origin key");
    check(config["qos"].is_null() || config["qos"].as_u64().is_some_and(|qos| qos <= 2), "QoS");
    for key in ["state_topic", "availability_topic"] {
        let topic = config[key].as_str().unwrap_or_default();
        check(is_legal(topic), "illegal topic");
    }
    let parts: Vec<&str> = message.topic.split('/').collect();
    let fit = |part: &&str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    let shape = matches!(parts[..], ["homeassistant", "sensor", _, "config"]);
    check(shape && parts.iter().all(fit), "discovery topic");
    let entity = config["default_entity_id"].as_str().unwrap_or_default();
    let name = entity.strip_prefix("sensor.").unwrap_or_default();
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    check(!name.is_empty() && name.chars().all(small), "entity id");
    check(!name.starts_with('_') && !name.ends_with('_') && !name.contains("__"), "entity id");
    out
}

/// Whether a topic can be published by.
fn is_legal(topic: &str) -> bool {
    let bad = |c: char| matches!(c, '+' | '#') || c.is_control();
    !topic.is_empty() && topic.len() < 65_536 && !topic.contains(bad) && !topic.starts_with('$')
}

fn unique(messages: &[Message], key: &str) -> bool {
    let value = |m: &Message| serde_json::from_slice::<Value>(&m.payload).unwrap()[key].to_string();
    let all: BTreeSet<String> = messages.iter().map(value).collect();
    all.len() == messages.len()
}

#[test]
fn home_assistant_takes_every_message() {
    let messages = discovery("homeassistant", &site());
    assert_eq!(messages.len(), 24);
    for message in &messages {
        assert_eq!(complaints(message), [""; 0]);
    }
    assert!(unique(&messages, "unique_id"));
    assert!(unique(&messages, "default_entity_id"));
}

#[test]
fn the_table_refuses_what_home_assistant_would() {
    let sound = discovery("homeassistant", &site()).remove(0);
    for (key, value) in [
        ("unit_of_measurement", "kWh".into()),
        ("state_class", "total".into()),
        ("device_class", "electricity".into()),
        ("object_id", "x".into()),
        ("device", serde_json::json!({})),
        ("state_topic", "a/#".into()),
        ("default_entity_id", "sensor.roof-1".into()),
    ] {
        let mut config: Value = serde_json::from_slice(&sound.payload).unwrap();
        config[key] = value;
        let payload = serde_json::to_vec(&config).unwrap();
        assert_ne!(complaints(&Message { payload, ..sound.clone() }), [""; 0], "{key}");
    }
}

#[test]
fn energies_may_be_used_in_the_energy_dashboard() {
    let mut energies = 0;
    for message in discovery("homeassistant", &site()) {
        let config: Value = serde_json::from_slice(&message.payload).unwrap();
        if config["device_class"] == "energy" {
            energies += 1;
            assert_eq!(config["state_class"], "total_increasing");
            assert_eq!(config["unit_of_measurement"], "kWh");
        }
    }
    assert_eq!(energies, 6);
}

#[test]
fn all_go_unavailable_with_the_twin() {
    let will = availability_message("campus", false);
    assert_eq!((will.topic.as_str(), will.retain), ("gridtwin/campus/availability", true));
    for message in discovery("homeassistant", &site()) {
        let config: Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(config["availability_topic"], availability_topic("campus"));
        assert_eq!(config["payload_not_available"].as_str().unwrap().as_bytes(), will.payload);
        let birth = availability_message("campus", true);
        assert_eq!(config["payload_available"].as_str().unwrap().as_bytes(), birth.payload);
        assert_eq!(config["state_topic"], state_topic("campus"));
    }
}

fn state(devices: &[&str]) -> Value {
    let device = |id: &&str| DeviceState {
        id: (*id).to_owned(),
        kind: "pv".to_owned(),
        power_kw: 1.0,
        soc: Some(0.5),
        source: Source::Meter,
        quality: None,
    };
    let state = SiteState {
        soc: Some(0.5),
        devices: devices.iter().map(device).collect(),
        ..SiteState::default()
    };
    serde_json::from_slice(&state_message("campus", &state).payload).unwrap()
}

#[test]
fn every_template_finds_its_field_in_the_state() {
    let state = state(&["roof-library", "container", "grid"]);
    for message in discovery("homeassistant", &site()) {
        let config: Value = serde_json::from_slice(&message.payload).unwrap();
        let template = config["value_template"].as_str().unwrap();
        let (_, rest) = template.split_once("value_json.").unwrap();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_.".contains(c))).unwrap();
        let pointer = format!("/{}", rest[..end].replace('.', "/"));
        let found = state.pointer(&pointer).unwrap_or_else(|| panic!("{template}"));
        if pointer == "/devices" {
            let id = template.split_once("'equalto', '").unwrap().1.split('\'').next().unwrap();
            let key = template.split_once("attribute='").unwrap().1.split('\'').next().unwrap();
            let device = found.as_array().unwrap().iter().find(|d| d["id"] == id).unwrap();
            assert!(device[key].is_number(), "{template}");
        }
        // A share becomes per cent.
        let percent = config["unit_of_measurement"] == "%";
        assert_eq!(template.contains("* 100"), percent, "{template}");
    }
}

#[test]
fn prices_and_batteries_are_announced_where_there_are_any() {
    let mut bare = site();
    bare.currency = None;
    bare.has_battery = false;
    bare.devices.clear();
    let all: Vec<String> =
        discovery("homeassistant", &bare).into_iter().map(|message| message.topic).collect();
    assert!(!all.iter().any(|topic| topic.contains("price") || topic.contains("soc")));
    assert!(all.iter().any(|topic| topic == "homeassistant/sensor/gridtwin_campus_pv_kw/config"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_makes_a_message_that_is_refused(
        id in ".{0,30}",
        devices in prop::collection::btree_set(".{0,12}", 0..6),
    ) {
        let mut site = site();
        site.id = id;
        site.devices = devices
            .into_iter()
            .map(|id| DeviceInfo { id, kind: "load".to_owned(), has_soc: true })
            .collect();
        let messages = discovery("homeassistant", &site);
        for message in &messages {
            prop_assert_eq!(complaints(message), [""; 0]);
        }
        prop_assert!(unique(&messages, "unique_id"));
    }
}
