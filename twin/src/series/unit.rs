//! Units of files: found in headers, and turned into kW, currency per kWh and g/kWh. Not the values.

use super::Kind;
use crate::scenario::SeriesUnit;

/// The exact pound in grams.
pub const G_PER_LB: f64 = 453.59237;

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Power,
    Energy,
    Price,
    Carbon,
}

/// A unit as a header writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) unit: SeriesUnit,
    /// The currency of a price, where it is named by its three letters or a sign of its own.
    pub(super) currency: Option<String>,
    /// As it stands in the header.
    pub(super) text: String,
}

impl SeriesUnit {
    pub(super) fn family(self) -> Family {
        match self {
            Self::W | Self::Kw | Self::Mw => Family::Power,
            Self::Wh | Self::Kwh | Self::Mwh => Family::Energy,
            Self::PerKwh | Self::PerMwh | Self::CentPerKwh => Family::Price,
            Self::GPerKwh
            | Self::KgPerKwh
            | Self::KgPerMwh
            | Self::TPerMwh
            | Self::LbPerKwh
            | Self::LbPerMwh => Family::Carbon,
        }
    }

    /// How many kW, kWh, currency per kWh or g/kWh it is.
    pub(super) fn factor(self) -> f64 {
        match self {
            Self::Kw | Self::Kwh | Self::PerKwh | Self::GPerKwh | Self::KgPerMwh => 1.0,
            Self::W | Self::Wh | Self::PerMwh => 1e-3,
            Self::Mw | Self::Mwh | Self::KgPerKwh | Self::TPerMwh => 1e3,
            Self::CentPerKwh => 1e-2,
            Self::LbPerKwh => G_PER_LB,
            Self::LbPerMwh => G_PER_LB / 1e3,
        }
    }

    /// As it is written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::W => "W",
            Self::Kw => "kW",
            Self::Mw => "MW",
            Self::Wh => "Wh",
            Self::Kwh => "kWh",
            Self::Mwh => "MWh",
            Self::PerKwh => "per kWh",
            Self::PerMwh => "per MWh",
            Self::CentPerKwh => "cent/kWh",
            Self::GPerKwh => "g/kWh",
            Self::KgPerKwh => "kg/kWh",
            Self::KgPerMwh => "kg/MWh",
            Self::TPerMwh => "t/MWh",
            Self::LbPerKwh => "lb/kWh",
            Self::LbPerMwh => "lb/MWh",
        }
    }
}

impl Kind<'_> {
    /// Whether values in this unit make sense here.
    pub(super) fn takes(self, unit: SeriesUnit) -> bool {
        match self {
            Self::Power => matches!(unit.family(), Family::Power | Family::Energy),
            Self::Price { .. } => unit.family() == Family::Price,
            Self::Carbon => unit.family() == Family::Carbon,
        }
    }

    /// The unit where neither the file nor the scenario names one.
    pub(super) fn usual(self) -> SeriesUnit {
        match self {
            Self::Power => SeriesUnit::Kw,
            Self::Price { .. } => SeriesUnit::PerKwh,
            Self::Carbon => SeriesUnit::GPerKwh,
        }
    }

    /// The units that make sense here, as a scenario names them.
    pub(super) fn choices(self) -> &'static str {
        match self {
            Self::Power => "W, Kw, Mw, Wh, Kwh or Mwh",
            Self::Price { .. } => "PerKwh, PerMwh or CentPerKwh",
            Self::Carbon => "GPerKwh, KgPerKwh, KgPerMwh, TPerMwh, LbPerKwh or LbPerMwh",
        }
    }

    /// What a value is, in words.
    pub(super) fn value(self) -> &'static str {
        match self {
            Self::Power => "a power",
            Self::Price { .. } => "a price",
            Self::Carbon => "a carbon intensity",
        }
    }

    /// The unit of all figures after reading.
    pub(super) fn unit(self) -> String {
        match self {
            Self::Power => "kW".to_owned(),
            Self::Price { currency } => format!("{currency}/kWh"),
            Self::Carbon => "g/kWh".to_owned(),
        }
    }
}

/// The unit that a header names: in brackets, or as some of its words.
pub(super) fn in_header(header: &str) -> Option<Written> {
    let (outside, inside) = brackets(header);
    inside.iter().rev().find_map(|text| whole(text)).or_else(|| in_words(&outside))
}

/// What stands in brackets, and the rest.
fn brackets(header: &str) -> (String, Vec<String>) {
    let (mut outside, mut inside) = (String::new(), Vec::new());
    let mut open: Option<String> = None;
    for c in header.chars() {
        match (c, open.as_mut()) {
            ('(' | '[' | '{', None) => open = Some(String::new()),
            (')' | ']' | '}', Some(_)) => {
                inside.extend(open.take());
                outside.push(' ');
            }
            (c, Some(text)) => text.push(c),
            (c, None) => outside.push(c),
        }
    }
    inside.extend(open);
    (outside, inside)
}

/// The longest run of words that is a unit.
fn in_words(text: &str) -> Option<Written> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | ',' | ';' | ':'))
        .filter(|word| !word.is_empty())
        .take(24)
        .collect();
    let count = words.len();
    for length in (1..=count).rev() {
        for from in (0..=count - length).rev() {
            let run = &words[from..from + length];
            // A lone W is a unit at the end only: `Wind W`, not `W tower`.
            let lone = length == 1 && run[0].eq_ignore_ascii_case("w") && from + 1 < count;
            if let Some(written) = whole(&run.join(" ")).filter(|_| !lone) {
                return Some(written);
            }
        }
    }
    None
}

/// The unit that a text is.
pub(super) fn whole(text: &str) -> Option<Written> {
    let mut plain = String::new();
    for c in text.trim().chars() {
        match c {
            '₂' => plain.push('2'),
            '€' => plain.push_str("eur"),
            '£' => plain.push_str("gbp"),
            c if c.is_whitespace() || matches!(c, '_' | '-' | '*' | '·' | '.') => {}
            c => plain.extend(c.to_lowercase()),
        }
    }
    let (unit, currency) = of_plain(&plain.replace("per", "/"))?;
    Some(Written { unit, currency, text: text.trim().replace('_', " ") })
}

fn of_plain(plain: &str) -> Option<(SeriesUnit, Option<String>)> {
    use SeriesUnit::{
        CentPerKwh, GPerKwh, KgPerKwh, KgPerMwh, Kw, Kwh, LbPerKwh, LbPerMwh, Mw, Mwh, PerKwh,
        PerMwh, TPerMwh, W, Wh,
    };
    let simple = match plain {
        "w" | "watt" | "watts" => Some(W),
        "kw" | "kilowatt" => Some(Kw),
        "mw" | "megawatt" => Some(Mw),
        "wh" => Some(Wh),
        "kwh" => Some(Kwh),
        "mwh" => Some(Mwh),
        _ => None,
    };
    if let Some(unit) = simple {
        return Some((unit, None));
    }
    let (top, mega) = match (plain.strip_suffix("kwh"), plain.strip_suffix("mwh")) {
        (Some(top), _) => (top, false),
        (_, Some(top)) => (top, true),
        _ => return None,
    };
    let slashed = top.ends_with('/');
    let top = top.trim_end_matches('/');
    let mass = ["co2equivalent", "co2eq", "co2e", "co2", "eq"]
        .iter()
        .find_map(|gas| top.strip_suffix(*gas).or_else(|| top.strip_prefix(*gas)))
        .unwrap_or(top);
    let carbon = match (mass, mega) {
        ("g" | "gram" | "grams", false) => Some(GPerKwh),
        ("kg", false) => Some(KgPerKwh),
        ("kg", true) => Some(KgPerMwh),
        ("t" | "ton" | "tonne" | "tonnes" | "tons", true) => Some(TPerMwh),
        ("lb" | "lbs" | "pound" | "pounds", false) => Some(LbPerKwh),
        ("lb" | "lbs" | "pound" | "pounds", true) => Some(LbPerMwh),
        _ => None,
    };
    if let Some(unit) = carbon.filter(|_| slashed || mass != top) {
        return Some((unit, None));
    }
    if matches!(top, "ct" | "cent" | "cents" | "c" | "¢" | "p" | "pence" | "eurct" | "cteur") {
        return (slashed && !mega).then_some((CentPerKwh, None));
    }
    let unit = if mega { PerMwh } else { PerKwh };
    if top.is_empty() && slashed {
        return Some((unit, None));
    }
    const KNOWN: [&str; 16] = [
        "eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "czk", "aud", "cad", "jpy", "inr",
        "cny", "brl", "nzd",
    ];
    if KNOWN.contains(&top)
        || (slashed && top.len() == 3 && top.bytes().all(|b| b.is_ascii_lowercase()))
    {
        return Some((unit, Some(top.to_uppercase())));
    }
    let sign = matches!(top, "$" | "euro" | "euros" | "dollar" | "dollars" | "us$" | "¥" | "kr");
    (sign && slashed).then_some((unit, top.starts_with("euro").then(|| "EUR".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use SeriesUnit::*;

    #[test]
    fn headers_name_their_units() {
        let unit = |header: &str| in_header(header).map(|written| written.unit);
        for (header, expected) in [
            ("Verbrauch [kW]", Kw),
            ("kW", Kw),
            ("kw", Kw),
            ("load_kw", Kw),
            ("Netzlast [MWh] Originalauflösungen", Mwh),
            ("consumption_kwh", Kwh),
            ("Energy (Wh)", Wh),
            ("Active power W", W),
            ("Day-ahead Preis [EUR/MWh]", PerMwh),
            ("Deutschland/Luxemburg [€/MWh] Originalauflösungen", PerMwh),
            ("Day-ahead Price (EUR/MWh)", PerMwh),
            ("price_eur_mwh", PerMwh),
            ("price_per_kwh_eur", PerKwh),
            ("Preis in ct/kWh", CentPerKwh),
            ("EUR / MWh", PerMwh),
            ("$/kWh", PerKwh),
            ("Carbon Intensity gCO₂eq/kWh (direct)", GPerKwh),
            ("Carbon Intensity gCO₂eq/kWh (Life cycle)", GPerKwh),
            ("carbon_kg_per_kwh", KgPerKwh),
            ("lb/MWh", LbPerMwh),
            ("lbs_co2_per_mwh", LbPerMwh),
            ("co2 (tCO2/MWh)", TPerMwh),
            ("kgCO2e/MWh", KgPerMwh),
        ] {
            assert_eq!(unit(header), Some(expected), "{header}");
        }
        for header in ["kilo", "Status", "W tower", "price", "carbon_intensity", "time", "Month"] {
            assert_eq!(unit(header), None, "{header}");
        }
        let currency = |header: &str| in_header(header).and_then(|written| written.currency);
        assert_eq!(currency("[€/MWh]").as_deref(), Some("EUR"));
        assert_eq!(currency("CHF/MWh").as_deref(), Some("CHF"));
        assert_eq!(currency("$/MWh"), None);
    }
}
