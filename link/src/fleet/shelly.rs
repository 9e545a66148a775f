//! Status documents of Shelly devices of the second and later generations, one per component. Not
//! of the first generation, which has other topics.
//!
//! After the component pages of Shelly's API documentation (EM, EMData, EM1, EM1Data, Switch, PM1).

use super::document::{Document, Shown, or_null, pick, rounded, shown, split};
use super::sensor::{Reading, tidy};
use gridtwin_twin::scenario::{Payload, Phase, Quantity};
use serde_json::{Value, json};

/// What the meters' loads and sources are like, near enough.
const POWER_FACTOR: f64 = 0.97;

/// Energy of the last whole minutes, which a switch shows beside its total.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Minutes {
    minute: i64,
    total_mwh: f64,
    last_mwh: [f64; 3],
}

impl Minutes {
    fn note(&mut self, unix_s: i64, total_wh: f64) -> Value {
        let minute = unix_s.div_euclid(60);
        if self.minute == 0 {
            *self = Self { minute, total_mwh: total_wh * 1e3, last_mwh: [0.0; 3] };
        } else if minute != self.minute {
            let [newest, middle, _] = self.last_mwh;
            self.last_mwh = [(total_wh * 1e3 - self.total_mwh).max(0.0), newest, middle];
            self.minute = minute;
            self.total_mwh = total_wh * 1e3;
        }
        let by_minute: Vec<Value> = self.last_mwh.iter().map(|&mwh| rounded(mwh, 3)).collect();
        json!({ "total": rounded(total_wh, 3), "by_minute": by_minute, "minute_ts": minute * 60 })
    }
}

/// Writes the status of the component that the topic ends in.
pub(super) fn write(
    document: &mut Document,
    topic: &str,
    readings: &[Reading<'_>],
    unix_s: i64,
    line_v: f64,
    minutes: &mut [Minutes; 2],
) {
    let component = topic.rsplit('/').next().unwrap_or_default();
    let (name, id) = component.split_once(':').unwrap_or((component, "0"));
    document.insert("id".into(), Value::from(id.parse::<u16>().unwrap_or(0)));
    match name {
        "em" => three_phases(document, readings, line_v),
        "emdata" => three_counters(document, readings),
        "em1" => one_phase(document, readings, line_v),
        "em1data" => {
            document.insert("total_act_energy".into(), of(readings, Quantity::Energy));
            document.insert("total_act_ret_energy".into(), of(readings, Quantity::EnergyReturned));
        }
        _ => switch(document, name, readings, unix_s, line_v, minutes),
    }
}

fn of(readings: &[Reading<'_>], quantity: Quantity) -> Value {
    or_null(shown(readings, quantity).value)
}

/// Active and apparent power, current, power factor and voltage of one phase, each under its name.
fn phase(power_w: Option<f64>, voltage_v: Option<f64>) -> [(&'static str, Value); 6] {
    let apparent = power_w.map(|w| w.abs() / POWER_FACTOR);
    let current = match (apparent, voltage_v) {
        (Some(apparent), Some(voltage)) if voltage > 0.0 => Some(apparent / voltage),
        _ => None,
    };
    let round = |value: Option<f64>, decimals| value.map_or(Value::Null, |v| rounded(v, decimals));
    [
        ("current", round(current, 3)),
        ("voltage", or_null(voltage_v)),
        ("act_power", or_null(power_w)),
        ("aprt_power", round(apparent, 1)),
        ("pf", rounded(POWER_FACTOR, 2)),
        ("freq", rounded(50.0, 1)),
    ]
}

/// What is shown of one quantity in three phases and together.
fn of_phases(readings: &[Reading<'_>], quantity: Quantity) -> ([Shown; 3], Shown) {
    let at = |which: Phase| {
        let there = pick(
            readings,
            |meter| matches!(&meter.payload, Payload::Shelly { phase } if *phase == which),
        );
        shown(&there, quantity)
    };
    ([at(Phase::A), at(Phase::B), at(Phase::C)], at(Phase::All))
}

/// The parts and the whole, where what no meter reads is made up to fit.
fn whole_and_parts(
    (parts, whole): ([Shown; 3], Shown),
    decimals: i32,
) -> ([Option<f64>; 3], Option<f64>) {
    let mut values = parts.map(|part| part.value);
    let dead = parts.map(|part| part.metered && part.value.is_none());
    split(whole.value, &mut values);
    let scale = 10f64.powi(decimals);
    for (value, dead) in values.iter_mut().zip(dead) {
        *value = if dead { None } else { value.map(|v| tidy((v * scale).round() / scale)) };
    }
    let sum = || values.iter().flatten().sum::<f64>();
    let total =
        if whole.metered { whole.value } else { Some(tidy(whole.value.unwrap_or_else(sum))) };
    (values, total)
}

const LETTERS: [&str; 3] = ["a", "b", "c"];

fn three_phases(document: &mut Document, readings: &[Reading<'_>], line_v: f64) {
    let (powers, total) = whole_and_parts(of_phases(readings, Quantity::Power), 1);
    let (voltages, all) = of_phases(readings, Quantity::Voltage);
    let (mut current, mut apparent) = (0.0, 0.0);
    for ((letter, power), voltage) in LETTERS.iter().zip(powers).zip(voltages) {
        let metered = voltage.metered || all.metered;
        let volts = voltage.value.or(all.value).or((!metered).then_some(line_v));
        for (name, value) in phase(power, volts) {
            match name {
                "current" => current += value.as_f64().unwrap_or(0.0),
                "aprt_power" => apparent += value.as_f64().unwrap_or(0.0),
                _ => {}
            }
            document.insert(format!("{letter}_{name}"), value);
        }
    }
    document.insert("n_current".into(), Value::Null);
    document.insert("total_current".into(), rounded(current, 3));
    document.insert("total_act_power".into(), or_null(total));
    document.insert("total_aprt_power".into(), rounded(apparent, 1));
    document.insert("user_calibrated_phase".into(), json!([]));
}

fn three_counters(document: &mut Document, readings: &[Reading<'_>]) {
    for (quantity, each, all) in [
        (Quantity::Energy, "total_act_energy", "total_act"),
        (Quantity::EnergyReturned, "total_act_ret_energy", "total_act_ret"),
    ] {
        let (parts, total) = whole_and_parts(of_phases(readings, quantity), 2);
        for (letter, part) in LETTERS.iter().zip(parts) {
            document.insert(format!("{letter}_{each}"), or_null(part));
        }
        document.insert(all.into(), or_null(total));
    }
}

fn one_phase(document: &mut Document, readings: &[Reading<'_>], line_v: f64) {
    let power = shown(readings, Quantity::Power).value;
    for (name, value) in phase(power, voltage(readings, line_v)) {
        document.insert(name.into(), value);
    }
    document.insert("calibration".into(), "factory".into());
}

fn voltage(readings: &[Reading<'_>], line_v: f64) -> Option<f64> {
    let shown = shown(readings, Quantity::Voltage);
    if shown.metered { shown.value } else { Some(line_v) }
}

/// A switch with a meter, a meter alone, or what else has power and energy in this shape: its
/// total holds what was returned as well.
fn switch(
    document: &mut Document,
    name: &str,
    readings: &[Reading<'_>],
    unix_s: i64,
    line_v: f64,
    [both, back]: &mut [Minutes; 2],
) {
    let power = shown(readings, Quantity::Power).value;
    for (name, value) in phase(power, voltage(readings, line_v)) {
        match name {
            "act_power" => document.insert("apower".into(), value),
            "aprt_power" => continue,
            _ => document.insert(name.into(), value),
        };
    }
    let import = shown(readings, Quantity::Energy);
    let export = shown(readings, Quantity::EnergyReturned);
    let counts = !(import.metered && import.value.is_none());
    let returns = !(export.metered && export.value.is_none());
    if counts && returns {
        let (import, export) = (import.value.unwrap_or(0.0), export.value.unwrap_or(0.0));
        document.insert("aenergy".into(), both.note(unix_s, tidy(import + export)));
        document.insert("ret_aenergy".into(), back.note(unix_s, export));
    }
    if name != "pm1" {
        document.insert("source".into(), "init".into());
        document.insert("output".into(), Value::Bool(true));
        document.insert("temperature".into(), json!({ "tC": 41.3, "tF": 106.3 }));
    }
}
