//! Tasmota's telemetry: the `ENERGY` object of its sensor document, and what its smart-meter
//! reader makes of a meter's telegrams.
//!
//! Several channels make arrays of what is per channel; `Total` stays a sum unless the device
//! splits it (its option 129), which it does here where a scenario asks for one channel's energy.

use super::document::{Document, number, or_null, pick, rounded, shown, split};
use super::sensor::{Reading, tidy};
use gridtwin_twin::scenario::{Payload, Quantity};
use serde_json::{Value, json};

const POWER_FACTOR: f64 = 0.97;

/// What the device remembers between messages: its counts by day.
#[derive(Clone, Debug, Default)]
pub(super) struct Days {
    day: Option<i64>,
    /// What the totals were when the day began, kWh.
    began: Vec<f64>,
    yesterday: Vec<f64>,
    /// What they were at the last message.
    last: Vec<f64>,
}

impl Days {
    /// Yesterday and today in kWh and since the last message in Wh, for each total.
    fn note(&mut self, day: i64, totals: &[f64]) -> [Vec<f64>; 3] {
        if self.began.len() != totals.len() {
            *self = Self {
                day: Some(day),
                began: totals.to_vec(),
                yesterday: vec![0.0; totals.len()],
                last: totals.to_vec(),
            };
        }
        let since = |from: &[f64]| -> Vec<f64> {
            totals.iter().zip(from).map(|(total, from)| tidy((total - from).max(0.0))).collect()
        };
        if self.day != Some(day) {
            self.day = Some(day);
            self.yesterday = since(&self.began);
            self.began = totals.to_vec();
        }
        let today = since(&self.began);
        let period = since(&self.last).iter().map(|kwh| (kwh * 1e3).round()).collect();
        self.last = totals.to_vec();
        [self.yesterday.clone(), today, period]
    }
}

/// Writes the `ENERGY` object.
pub(super) fn write(
    document: &mut Document,
    readings: &[Reading<'_>],
    day: i64,
    started: &str,
    line_v: f64,
    days: &mut Days,
) {
    let channel = |reading: &Reading<'_>| match reading.meter.payload {
        Payload::Tasmota { channel } => channel,
        _ => None,
    };
    let channels = readings.iter().filter_map(channel).map(|c| usize::from(c) + 1).max();
    let of = |quantity: Quantity| -> (Vec<Option<f64>>, Option<f64>, bool) {
        let whole =
            shown(&pick(readings, |m| m.payload == Payload::Tasmota { channel: None }), quantity);
        let parts: Vec<_> = (0..channels.unwrap_or(0))
            .map(|at| {
                let there = pick(readings, |m| {
                    matches!(m.payload, Payload::Tasmota { channel: Some(c) } if usize::from(c) == at)
                });
                shown(&there, quantity)
            })
            .collect();
        let by_channel = parts.iter().any(|part| part.metered);
        let mut values: Vec<Option<f64>> = parts.iter().map(|part| part.value).collect();
        split(whole.value, &mut values);
        for (value, part) in values.iter_mut().zip(&parts) {
            if part.metered && part.value.is_none() {
                *value = None;
            }
        }
        let sum = || channels.map(|_| tidy(values.iter().flatten().sum()));
        let total = if whole.metered { whole.value } else { whole.value.or_else(sum) };
        (values, total, by_channel)
    };
    let several = |values: &[Option<f64>], whole: Option<f64>, decimals: i32| {
        let round = |value: &Option<f64>| value.map_or(Value::Null, |v| rounded(v, decimals));
        if channels.is_some() {
            Value::Array(values.iter().map(round).collect())
        } else {
            round(&whole)
        }
    };
    let mut energy = Document::new();
    energy.insert("TotalStartTime".into(), started.into());

    let (parts, total, by_channel) = of(Quantity::Energy);
    let totals: Vec<f64> = if by_channel {
        parts.iter().map(|part| part.unwrap_or(0.0)).collect()
    } else {
        vec![total.unwrap_or(0.0)]
    };
    let dead = if by_channel { parts.contains(&None) } else { total.is_none() };
    if !dead {
        let list = |values: &[f64]| match values {
            [one] if !by_channel => rounded(*one, 3),
            _ => Value::Array(values.iter().map(|&v| rounded(v, 3)).collect()),
        };
        let [yesterday, today, period] = days.note(day, &totals);
        energy.insert("Total".into(), list(&totals));
        energy.insert("Yesterday".into(), list(&yesterday));
        energy.insert("Today".into(), list(&today));
        energy.insert("Period".into(), list(&period));
    }
    let (parts, total, by_channel) = of(Quantity::EnergyReturned);
    if readings.iter().any(|r| r.meter.quantity == Quantity::EnergyReturned) {
        let value = if by_channel { several(&parts, total, 3) } else { or_null(total) };
        energy.insert("ExportActive".into(), value);
    }

    let (powers, power, _) = of(Quantity::Power);
    let (voltages, voltage, voltage_by_channel) = of(Quantity::Voltage);
    let metered = readings.iter().any(|r| r.meter.quantity == Quantity::Voltage);
    let line = if metered { None } else { Some(line_v.round()) };
    let voltage = if voltage_by_channel { None } else { voltage.filter(|_| metered).or(line) };
    let apparent = |w: Option<f64>| w.map(|w| w.abs() / POWER_FACTOR);
    let amperes = |w: Option<f64>, at: usize| {
        let volts = voltage.or_else(|| voltages.get(at).copied().flatten()).filter(|&v| v > 0.0);
        apparent(w).zip(volts).map(|(va, volts)| va / volts)
    };
    let each = |f: &dyn Fn(Option<f64>) -> Option<f64>| powers.iter().map(|&w| f(w)).collect();
    let apparents: Vec<Option<f64>> = each(&apparent);
    let reactive = |w: Option<f64>| w.map(|w| w.abs() * (POWER_FACTOR.powi(-2) - 1.0).sqrt());
    let reactives: Vec<Option<f64>> = each(&reactive);
    let currents: Vec<Option<f64>> =
        powers.iter().enumerate().map(|(at, &w)| amperes(w, at)).collect();
    energy.insert("Power".into(), several(&powers, power, 3));
    energy.insert("ApparentPower".into(), several(&apparents, apparent(power), 0));
    energy.insert("ReactivePower".into(), several(&reactives, reactive(power), 0));
    energy.insert(
        "Factor".into(),
        several(&vec![Some(POWER_FACTOR); powers.len()], Some(POWER_FACTOR), 2),
    );
    let voltage = if voltage_by_channel {
        Value::Array(voltages.iter().copied().map(or_null).collect())
    } else {
        or_null(voltage)
    };
    energy.insert("Voltage".into(), voltage);
    energy.insert("Current".into(), several(&currents, amperes(power, 0), 3));
    document.insert("ENERGY".into(), Value::Object(energy));
}

/// Writes the objects of smart-meter readers.
pub(super) fn write_sml(document: &mut Document, readings: &[Reading<'_>]) {
    for reading in readings {
        let Payload::TasmotaSml { object } = &reading.meter.payload else { continue };
        let name = object.as_deref().unwrap_or("SML");
        let key = match reading.meter.quantity {
            Quantity::Power => "power_curr",
            Quantity::Energy => "total_in",
            Quantity::EnergyReturned => "total_out",
            Quantity::Voltage => "volt_p1",
            Quantity::Soc => continue,
        };
        let object = document.entry(name).or_insert_with(|| json!({}));
        if let (Value::Object(object), Some(value)) =
            (object, reading.snapshot.and_then(|snapshot| snapshot.own))
        {
            object.insert(key.into(), number(value));
        }
    }
}
