//! Prices against each other: thresholds in another unit than the prices, factors and prices of carbon
//! outside the range of real ones, periods without length, unknown currency codes.

use super::money::{HIGHEST_PRICE, LIKE_EURO, prices_of_run, short};
use super::{Doubt, doubt};
use crate::scenario::{Dispatch, Scenario, Tariff};
use jiff::civil::Time;

/// Between these a factor on all prices is a what-if; beyond it is a slip.
const FACTORS: [f64; 2] = [0.1, 10.0];
/// Between these lie the prices of a tonne of CO2, if it has one.
const CARBON_PRICES: [f64; 2] = [1.0, 1000.0];
/// No kWh from a file of prices costs more once everything is added.
const HIGHEST_FULL_PRICE: f64 = 5.0;

fn tariff(s: &Scenario) -> Option<&Tariff> {
    s.grid.as_ref().map(|grid| &grid.tariff)
}

/// Whether a threshold is far from all prices and would be among them if it, or they, were in
/// hundredths or per MWh: what it would then be, and which unit that is.
fn in_other_unit(threshold: f64, [low, high]: [f64; 2]) -> Option<(f64, &'static str)> {
    if threshold <= 0.0 || high <= 0.0 {
        return None;
    }
    // Prices of zero and below say nothing of a unit.
    let lowest = if low > 0.0 { 0.5 * low } else { 0.1 * high };
    let among = |(other, _): &(f64, &str)| (lowest..=2.0 * high).contains(other);
    let units = [(100.0, "in hundredths of"), (1000.0, "per MWh, in")];
    if threshold > 5.0 * high {
        units.map(|(factor, unit)| (threshold / factor, unit)).into_iter().find(among)
    } else if low > 0.0 && threshold < 0.2 * low {
        units.map(|(factor, unit)| (threshold * factor, unit)).into_iter().find(among)
    } else {
        None
    }
}

/// A threshold of a policy in cents where prices are in euros, or the reverse.
pub(super) fn thresholds(s: &Scenario) -> Vec<Doubt> {
    let (Some(tariff), Dispatch::TimeOfUse { charge_below_price, discharge_above_price, .. }) =
        (tariff(s), &s.policies.dispatch)
    else {
        return Vec::new();
    };
    let Some(range) = prices_of_run(s, tariff) else { return Vec::new() };
    let thresholds = [
        ("charge_below_price", charge_below_price.get()),
        ("discharge_above_price", discharge_above_price.get()),
    ];
    let found = thresholds.into_iter().filter_map(|(field, value)| {
        let (other, unit) = in_other_unit(value, range)?;
        let message = format!(
            "found {value}, but in this run a kWh costs {} to {} {}: the units seem to differ",
            short(range[0]),
            short(range[1]),
            tariff.currency
        );
        let of = if other > value { "the prices are" } else { "the threshold is" };
        let remedy = format!("write {} if {of} {unit} {}", short(other), tariff.currency);
        Some(doubt(format!("policies.dispatch.{field}"), message, remedy))
    });
    found.collect()
}

/// Whether [`thresholds`] warns of a threshold already.
pub(super) fn is_in_other_unit(threshold: f64, range: [f64; 2]) -> bool {
    in_other_unit(threshold, range).is_some()
}

pub(super) fn no_length(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = tariff(s) else { return Vec::new() };
    let lists = [("periods", &tariff.periods), ("export_periods", &tariff.export_periods)];
    let all = lists.into_iter().flat_map(|(list, periods)| {
        periods.iter().enumerate().map(move |(i, period)| (list, i, period))
    });
    // From midnight to midnight is a whole day, and meant so.
    let same = all.filter(|(.., of)| of.from == of.until && of.from != Time::midnight());
    let found = same.map(|(list, i, period)| {
        let at = period.from.strftime("%H:%M");
        let message = format!(
            "found the period {:?} from {at} until {at}: it lasts 24 hours, until {at} of the next day",
            period.name
        );
        let remedy = "check `until`; for a whole day write from: \"00:00\", until: \"24:00\"";
        doubt(format!("grid.tariff.{list}[{i}].until"), message, remedy)
    });
    found.collect()
}

pub(super) fn factor(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = tariff(s) else { return Vec::new() };
    let factor = tariff.price_factor.get();
    let [low, high] = FACTORS;
    if (low..=high).contains(&factor) {
        return Vec::new();
    }
    let message = match factor {
        0.0 => "found price_factor 0: all energy is then free".to_owned(),
        _ => format!("found price_factor {factor}: all energy prices are multiplied by it"),
    };
    let remedy = "1 leaves prices as they are, 1.3 makes them 30 % higher";
    vec![doubt("grid.tariff.price_factor", message, remedy)]
}

pub(super) fn carbon(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = tariff(s) else { return Vec::new() };
    let price = tariff.carbon_price_per_t.get();
    let [low, high] = CARBON_PRICES;
    let remedy = if price > 0.0 && price < low {
        format!("the price is per tonne of CO2: write {} if yours is per kg", price * 1000.0)
    } else if price > high && LIKE_EURO.contains(&tariff.currency.as_str()) {
        "the price is per tonne of CO2: check for a missing decimal point".to_owned()
    } else {
        return Vec::new();
    };
    let message = format!(
        "found {price} {} per tonne of CO2, outside the range of real prices",
        tariff.currency
    );
    vec![doubt("grid.tariff.carbon_price_per_t", message, remedy)]
}

pub(super) fn negative(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = tariff(s) else { return Vec::new() };
    let price = tariff.price_per_kwh.get();
    if price >= 0.0 || tariff.import_series.is_some() {
        return Vec::new();
    }
    let message = format!(
        "found price_per_kwh {price}: the site is paid for every kWh that it takes from the grid"
    );
    let remedy = format!("the price of imported energy is a positive number: write {}", -price);
    vec![doubt("grid.tariff.price_per_kwh", message, remedy)]
}

pub(super) fn currency(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = tariff(s) else { return Vec::new() };
    let found = tariff.currency.as_str();
    if ["€", "$", "£", "¥"].contains(&found) || CODES.split(' ').any(|code| code == found) {
        return Vec::new();
    }
    let upper = found.trim().to_uppercase();
    let remedy = match CODES.split(' ').find(|code| **code == upper || upper.starts_with(*code)) {
        Some(code) => format!("write \"{code}\""),
        None => "write a code of three letters, as in \"EUR\", \"USD\" or \"GBP\"".to_owned(),
    };
    let message = format!("found the currency {found:?}, which is not an ISO 4217 code");
    vec![doubt("grid.tariff.currency", message, remedy)]
}

/// Prices from a file, with everything that is added to them.
pub(super) fn series(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = tariff(s) else { return Vec::new() };
    if !LIKE_EURO.contains(&tariff.currency.as_str()) {
        return Vec::new();
    }
    let Some(all) = super::files::prices_of_file(s) else { return Vec::new() };
    let full = all.import_per_kwh.iter().zip(&all.energy_per_kwh);
    let Some((full, energy)) = full.max_by(|a, b| a.0.total_cmp(b.0)) else { return Vec::new() };
    if *full <= HIGHEST_FULL_PRICE {
        return Vec::new();
    }
    let currency = &tariff.currency;
    let message = format!(
        "found prices of up to {} {currency} per kWh, {} with grid fee, taxes, margin and VAT: above any real tariff",
        short(*energy),
        short(*full)
    );
    let remedy = match *energy > HIGHEST_PRICE {
        true => "check the file's unit (`unit`), its `scale` and `price_factor`",
        false => "check `additions`: they are per kWh",
    };
    vec![doubt("grid.tariff.import_series", message, remedy)]
}

/// The codes of ISO 4217 of money that is in use.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD \
    BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN \
    ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR \
    ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL \
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN \
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP \
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV \
    WST XAF XCD XOF XPF YER ZAR ZMW ZWG";
