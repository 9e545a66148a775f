//! Power and states of charge over time.

use super::Context;
use super::chart::{Mark, Points};
use super::history::{History, Track};
use super::ink::{Ink, LINES};
use super::markup::{Key, figure, legend};
use crate::Error;
use crate::number::duration;

/// Both plots.
pub(super) fn section(context: &Context<'_>) -> Result<String, Error> {
    Ok(power(context)? + &charge(context)?)
}

/// A line of a track's means, broken where nothing is known.
pub(super) fn line(history: &History, track: &Track, scale: f64) -> Vec<Points> {
    pieces(history, |b| track.mean(b).map(|v| v * scale))
}

fn pieces(history: &History, value: impl Fn(usize) -> Option<f64>) -> Vec<Points> {
    let mut pieces: Vec<Points> = vec![Vec::new()];
    for b in 0..history.blocks {
        match (value(b), pieces.last_mut()) {
            (Some(v), Some(piece)) => piece.push((history.middle_h(b), v)),
            (None, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
            _ => {}
        }
    }
    pieces
}

fn power(context: &Context<'_>) -> Result<String, Error> {
    let h = context.history;
    let above = [
        (Ink::Pv, "PV used", &h.pv_used),
        (Ink::Discharge, "Battery discharge", &h.discharge),
        (Ink::Import, "Grid import", &h.import),
        (Ink::Genset, "Genset", &h.genset),
        (Ink::Unserved, "Not served", &h.unserved),
    ];
    let below =
        [(Ink::Charge, "Battery charge", &h.charge), (Ink::Export, "Grid export", &h.export)];
    let stacked = |tracks: &[(Ink, &'static str, &Track)], sign: f64| {
        let mut base = vec![0.0; h.blocks];
        let mut out = Vec::new();
        for (ink, name, track) in tracks.iter().filter(|(_, _, t)| t.ever()) {
            let at = |base: &[f64]| -> Points {
                base.iter().enumerate().map(|(b, v)| (h.middle_h(b), *v)).collect()
            };
            let lower = at(&base);
            (0..h.blocks).for_each(|b| base[b] += sign * track.mean(b).unwrap_or(0.0).max(0.0));
            out.push((Mark::Area(*ink, lower, at(&base)), (Key::Area(*ink), (*name).to_owned())));
        }
        (out, base)
    };
    let (upper, top) = stacked(&above, 1.0);
    let (lower, bottom) = stacked(&below, -1.0);
    let peaks = h.block > context.catalog.step * 12;
    let highest_demand = |b: usize| h.load.range(b).map(|(_, max)| max);
    let mut high = top.iter().copied().fold(h.load.highest(), f64::max);
    if peaks {
        high = (0..h.blocks).filter_map(highest_demand).fold(high, f64::max);
    }
    let low = bottom.iter().copied().fold(0.0, f64::min);
    let label =
        "Mean power over time: sources are drawn above zero, battery charging and export below";
    let mut chart = context.over_time(label, "kW", low, high);
    chart.height = 620;
    // Read from top to bottom, as the bands lie.
    let mut keys: Vec<_> = upper.iter().rev().map(|(_, key)| key.clone()).collect();
    keys.push((Key::Line(Ink::Demand), "Demand".to_owned()));
    keys.extend(lower.iter().map(|(_, key)| key.clone()));
    chart.marks.extend(upper.into_iter().chain(lower).map(|(mark, _)| mark));
    chart.marks.push(Mark::Line(Ink::Demand, line(h, &h.load, 1.0)));
    if peaks {
        chart.marks.push(Mark::Line(Ink::Peak, pieces(h, highest_demand)));
        keys.push((Key::Line(Ink::Peak), "Highest demand".to_owned()));
    }
    keys.extend(context.outage_key());
    let block = duration(h.block.as_secs_f64());
    let reading = format!(
        "Means over {block}. Sources are above zero, battery charging and exports below zero."
    );
    Ok(figure("Power", &reading, &legend(&keys), &chart.draw(&keys)?))
}

fn charge(context: &Context<'_>) -> Result<String, Error> {
    let h = context.history;
    if h.soc.is_empty() {
        return Ok("<p>This scenario has no battery.</p>\n".to_owned());
    }
    let mut chart = context.over_time("State of charge of each battery over time", "%", 0.0, 100.0);
    let mut keys = Vec::new();
    for (i, (track, (name, kwh))) in h.soc.iter().zip(&context.catalog.batteries).enumerate() {
        let n = (i % usize::from(LINES)) as u8;
        // One battery's least and greatest charge fit behind its line; more would hide each other.
        if h.block > context.catalog.step * 12 && h.soc.len() == 1 {
            let range = |pick: fn((f64, f64)) -> f64| -> Points {
                let value = |b| track.range(b).map(|r| (h.middle_h(b), pick(r) * 100.0));
                (0..h.blocks).filter_map(value).collect()
            };
            chart.marks.push(Mark::Area(Ink::Band(n), range(|r| r.0), range(|r| r.1)));
            keys.push((Key::Area(Ink::Band(n)), "Lowest to highest".to_owned()));
        }
        chart.marks.push(Mark::Line(Ink::Line(n), line(h, track, 100.0)));
        let size = crate::number::human(*kwh);
        keys.push((Key::Line(Ink::Line(n)), format!("{name}, {size} kWh")));
    }
    keys.extend(context.outage_key());
    let reading = "State of charge of each battery, in per cent of its capacity.";
    Ok(figure("Batteries", reading, &legend(&keys), &chart.draw(&keys)?))
}
