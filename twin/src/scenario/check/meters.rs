//! Meters: what they measure is there and can be measured, topics are topics, and no two say the
//! same of one device.

use super::Checker;
use super::names::{Kind, Names};
use crate::scenario::{Meter, Payload, Quantity};

/// What may carry a meter.
const METERED: &[Kind] = &[Kind::Pv, Kind::Battery, Kind::Load, Kind::Chargers];

pub(super) fn check(checker: &mut Checker, names: &Names) {
    let meters = &checker.scenario.meters;
    for (i, meter) in meters.iter().enumerate() {
        let field = |name: &str| format!("meters[{i}].{name}");
        device(checker, names, &field("device"), meter);
        topic(checker, &field("topic"), meter);
        quantity(checker, &field("quantity"), meter);
        if let Some(unit) = meter.unit
            && unit.in_base().1 != meter.quantity.base()
        {
            let message = format!(
                "found a unit that does not fit the measured quantity, {}",
                meter.quantity.name()
            );
            let help = "power is in W, kW or MW, energy in Wh, kWh or MWh, a state of charge in \
                        Percent or Share, a voltage in V or mV";
            checker.report(&field("unit"), message, help);
        }
        if let Payload::Json { path } = &meter.payload
            && path.split('.').any(str::is_empty)
        {
            let help = "separate names and indices with single dots, as in \"meters.0.power\"";
            let message = format!("found the JSON path {path:?}, which has an empty part");
            checker.report(&field("payload"), message, help);
        }
        let same =
            |other: &&Meter| other.device == meter.device && other.quantity == meter.quantity;
        if meters[..i].iter().find(same).is_some() {
            let message = format!("found two meters for the {meter}");
            checker.report(
                &field("device"),
                message,
                "remove one of them: each quantity of a device has one meter",
            );
        }
    }
}

fn device(checker: &mut Checker, names: &Names, path: &str, meter: &Meter) {
    let grid = &checker.scenario.grid;
    if meter.device.as_str() == "grid" {
        if grid.is_none() {
            let message = "found a meter of the grid, but no grid connection";
            checker.report(path, message, "add a `grid`, or remove the meter");
        }
        return;
    }
    names.expect(checker, path, &meter.device, METERED);
}

fn topic(checker: &mut Checker, path: &str, meter: &Meter) {
    let topic = &meter.topic;
    let bad = |c: char| matches!(c, '+' | '#') || c.is_control();
    if topic.is_empty() || topic.len() > 512 || topic.contains(bad) {
        let message = format!("found {topic:?}, expected an MQTT topic without wildcards");
        let help = "write one topic of 1 to 512 bytes, without the wildcards + and #";
        checker.report(path, message, help);
    }
    if matches!(meter.payload, Payload::Sparkplug { .. }) {
        let parts: Vec<&str> = topic.split('/').collect();
        let named = parts.iter().all(|part| !part.is_empty());
        if !(named && parts[0] == "spBv1.0" && (3..=4).contains(&parts.len())) {
            let message = format!("found {topic:?}, expected a Sparkplug topic");
            let help = "write spBv1.0/GROUP/NODE or spBv1.0/GROUP/NODE/DEVICE, without the \
                        message type";
            checker.report(path, message, help);
        }
    }
}

fn quantity(checker: &mut Checker, path: &str, meter: &Meter) {
    let s = checker.scenario;
    let battery = s.batteries.iter().any(|battery| battery.id == meter.device);
    let both_ways = battery || meter.device.as_str() == "grid";
    let fits = match meter.quantity {
        Quantity::Power | Quantity::Energy => true,
        Quantity::EnergyReturned => both_ways,
        Quantity::Soc | Quantity::Voltage => battery,
    };
    if !fits {
        let message =
            format!("found a meter for the {} of `{}`", meter.quantity.name(), meter.device);
        let help = match meter.quantity {
            Quantity::EnergyReturned => {
                "only batteries and the grid can return energy: change `quantity` or `device`"
            }
            _ => "only batteries have this quantity: change `quantity` or `device`",
        };
        checker.report(path, message, help);
    }
}
