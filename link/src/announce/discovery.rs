//! How Home Assistant finds what the twin publishes: one retained message a quantity. Not the
//! quantities themselves, which are in the state.
//!
//! After Home Assistant's pages on MQTT discovery and the MQTT sensor, and its sensor entity's
//! tables of units and state classes. What was `object_id` before its release 2026.4 is
//! `default_entity_id`.

use super::documents::Message;
use super::topics::{OFFLINE, ONLINE, availability_topic, discovery_safe, state_topic};
use serde::Serialize;

/// The site's data for Home Assistant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteInfo {
    /// The site's id, part of all topics.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The twin's version.
    pub version: String,
    /// The currency of its prices, as in "EUR"; without one, prices are not announced.
    pub currency: Option<String>,
    /// Whether it has a battery.
    pub has_battery: bool,
    /// Its devices.
    pub devices: Vec<DeviceInfo>,
}

/// A device's data for Home Assistant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Its id in the scenario.
    pub id: String,
    /// What it is, as in "pv".
    pub kind: String,
    /// Whether it has a state of charge.
    pub has_soc: bool,
}

#[derive(Serialize)]
struct Config<'a> {
    name: &'a str,
    unique_id: &'a str,
    default_entity_id: String,
    state_topic: String,
    value_template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_class: Option<&'a str>,
    state_class: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_of_measurement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_category: Option<&'a str>,
    suggested_display_precision: u8,
    availability_topic: String,
    payload_available: &'a str,
    payload_not_available: &'a str,
    qos: u8,
    device: &'a Device,
    origin: Origin<'a>,
}

#[derive(Serialize)]
struct Device {
    identifiers: [String; 1],
    name: String,
    manufacturer: &'static str,
    model: String,
    sw_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    via_device: Option<String>,
}

#[derive(Serialize)]
struct Origin<'a> {
    name: &'a str,
    sw_version: &'a str,
}

/// One quantity: where it is in the state and what Home Assistant makes of it.
struct Sensor<'a> {
    key: &'a str,
    name: &'a str,
    class: Option<&'a str>,
    increasing: bool,
    unit: Option<&'a str>,
    digits: u8,
    diagnostic: bool,
}

impl<'a> Sensor<'a> {
    fn power(key: &'a str, name: &'a str) -> Self {
        Self {
            key,
            name,
            class: Some("power"),
            increasing: false,
            unit: Some("kW"),
            digits: 2,
            diagnostic: false,
        }
    }

    fn energy(key: &'a str, name: &'a str) -> Self {
        let unit = Some("kWh");
        Self { class: Some("energy"), increasing: true, unit, digits: 1, ..Self::power(key, name) }
    }

    fn battery(name: &'a str) -> Self {
        Self { class: Some("battery"), unit: Some("%"), digits: 0, ..Self::power("soc", name) }
    }

    fn count(key: &'a str, name: &'a str) -> Self {
        let diagnostic = true;
        Self { class: None, unit: None, digits: 0, diagnostic, ..Self::power(key, name) }
    }
}

/// The messages that announce everything in the state of this site, retained. `prefix` is Home
/// Assistant's discovery prefix, by default "homeassistant".
pub fn discovery(prefix: &str, site: &SiteInfo) -> Vec<Message> {
    let id = format!("gridtwin_{}", discovery_safe(&site.id));
    let hub = Device {
        identifiers: [id.clone()],
        name: site.name.clone(),
        manufacturer: "gridtwin",
        model: "Digital twin".to_owned(),
        sw_version: site.version.clone(),
        via_device: None,
    };
    let mut messages = Vec::new();
    let mut sensors = vec![
        Sensor::power("pv_kw", "PV power"),
        Sensor::power("load_kw", "Load power"),
        Sensor::power("charging_kw", "Charging power"),
        Sensor::power("genset_kw", "Genset power"),
        Sensor::power("import_kw", "Import power"),
        Sensor::power("export_kw", "Export power"),
        Sensor::energy("pv_kwh", "PV energy"),
        Sensor::energy("load_kwh", "Load energy"),
        Sensor::energy("import_kwh", "Import energy"),
        Sensor::energy("export_kwh", "Export energy"),
    ];
    if site.has_battery {
        sensors.push(Sensor::power("battery_kw", "Battery power"));
        sensors.push(Sensor::battery("Battery charge"));
        sensors.push(Sensor::energy("charged_kwh", "Battery energy in"));
        sensors.push(Sensor::energy("discharged_kwh", "Battery energy out"));
    }
    sensors.push(Sensor {
        class: None,
        unit: Some("gCO2/kWh"),
        digits: 0,
        ..Sensor::power("carbon_g_per_kwh", "Carbon intensity")
    });
    let price_unit = site.currency.as_ref().map(|currency| format!("{currency}/kWh"));
    if let Some(unit) = &price_unit {
        let unit = Some(unit.as_str());
        let price = Sensor::power("price_per_kwh", "Price");
        sensors.push(Sensor { class: None, unit, digits: 4, ..price });
    }
    sensors.push(Sensor::count("alarms", "Alarms"));
    sensors.push(Sensor::count("meters.good", "Good meters"));
    sensors.push(Sensor::count("meters.late", "Late meters"));
    sensors.push(Sensor::count("meters.silent", "Silent meters"));
    for sensor in &sensors {
        let template = template(&format!("value_json.{}", sensor.key), sensor);
        let unique = format!("{id}_{}", sensor.key.replace('.', "_"));
        messages.push(message(prefix, site, &unique, sensor, template, &hub));
    }
    for device in &site.devices {
        let own = format!("{id}_device_{}", discovery_safe(&device.id));
        let block = Device {
            identifiers: [own.clone()],
            name: format!("{} {}", site.name, device.id),
            manufacturer: "gridtwin",
            model: device.kind.clone(),
            sw_version: site.version.clone(),
            via_device: Some(id.clone()),
        };
        let mut sensors = vec![Sensor::power("power_kw", "Power")];
        if device.has_soc {
            sensors.push(Sensor::battery("Charge"));
        }
        for sensor in &sensors {
            let place = format!(
                "(value_json.devices | selectattr('id', 'equalto', {}) | map(attribute='{}') | first | default(none))",
                literal(&device.id),
                sensor.key
            );
            let unique = format!("{own}_{}", sensor.key);
            let template = template(&place, sensor);
            messages.push(message(prefix, site, &unique, sensor, template, &block));
        }
    }
    messages
}

/// A template that extracts a number, or none if there is none.
fn template(place: &str, sensor: &Sensor<'_>) -> String {
    if sensor.class == Some("battery") {
        format!(
            "{{% set share = {place} %}}{{{{ (share * 100) | round(1) if share is number else none }}}}"
        )
    } else {
        format!("{{{{ {place} }}}}")
    }
}

/// A string as Jinja reads it between quotes: anything out of the ordinary by its code.
fn literal(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') {
            quoted.push(c);
        } else {
            quoted.push_str(&format!("\\U{:08x}", u32::from(c)));
        }
    }
    quoted.push('\'');
    quoted
}

fn message(
    prefix: &str,
    site: &SiteInfo,
    unique_id: &str,
    sensor: &Sensor<'_>,
    value_template: String,
    device: &Device,
) -> Message {
    let config = Config {
        name: sensor.name,
        unique_id,
        default_entity_id: format!("sensor.{}", entity(unique_id)),
        state_topic: state_topic(&site.id),
        value_template,
        device_class: sensor.class,
        state_class: if sensor.increasing { "total_increasing" } else { "measurement" },
        unit_of_measurement: sensor.unit,
        entity_category: sensor.diagnostic.then_some("diagnostic"),
        suggested_display_precision: sensor.digits,
        availability_topic: availability_topic(&site.id),
        payload_available: ONLINE,
        payload_not_available: OFFLINE,
        qos: 1,
        device,
        origin: Origin { name: "gridtwin", sw_version: &site.version },
    };
    Message::json(format!("{prefix}/sensor/{unique_id}/config"), &config, true)
}

/// The part of an entity's id after its domain: small letters, digits and single underscores.
fn entity(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for c in id.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_owned()
}
