//! The twin's forecast as a document. Not how it is computed.

use super::documents::{Message, round};
use super::topics::forecast_topic;
use serde::Serialize;

/// A forecast by intervals of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast {
    /// When it was made, ISO 8601 in UTC.
    pub at: String,
    /// When its first interval begins, ISO 8601 in UTC.
    pub start: String,
    /// The length of an interval, s.
    pub step_s: u32,
    /// The currency of its prices, as in "EUR".
    pub currency: String,
    /// What is expected, interval by interval.
    pub intervals: Vec<Interval>,
}

/// What is expected over one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// The yield of all arrays, kW.
    pub pv_kw: Estimate,
    /// The draw of all loads and chargers, kW.
    pub load_kw: Estimate,
    /// The price of a kilowatt-hour imported.
    pub price_per_kwh: Estimate,
    /// The resulting carbon emissions, g.
    pub carbon_g_per_kwh: Estimate,
}

/// A number and how sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

#[derive(Serialize)]
struct Document<'a> {
    at: &'a str,
    start: &'a str,
    step_s: u32,
    currency: &'a str,
    pv_kw: Columns,
    load_kw: Columns,
    price_per_kwh: Columns,
    carbon_g_per_kwh: Columns,
}

/// One value an interval; null where a number is none.
#[derive(Serialize)]
struct Columns {
    mean: Vec<Option<f64>>,
    deviation: Vec<Option<f64>>,
}

/// The forecast as a message, retained: per quantity one array of means and one of deviations.
pub fn forecast_message(site: &str, forecast: &Forecast) -> Message {
    let columns = |of: fn(&Interval) -> Estimate, scale: f64| {
        let column = |value: fn(Estimate) -> f64| {
            let round = |interval: &Interval| round(value(of(interval)), scale);
            let known = |value: f64| value.is_finite().then_some(value);
            forecast.intervals.iter().map(|interval| known(round(interval))).collect()
        };
        Columns { mean: column(|e| e.mean), deviation: column(|e| e.deviation) }
    };
    let document = Document {
        at: &forecast.at,
        start: &forecast.start,
        step_s: forecast.step_s,
        currency: &forecast.currency,
        pv_kw: columns(|i| i.pv_kw, 1e3),
        load_kw: columns(|i| i.load_kw, 1e3),
        price_per_kwh: columns(|i| i.price_per_kwh, 1e5),
        carbon_g_per_kwh: columns(|i| i.carbon_g_per_kwh, 1e3),
    };
    Message::json(forecast_topic(site), &document, true)
}
