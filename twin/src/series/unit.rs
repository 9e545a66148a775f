//! Units of files: found in headers, and turned into kW, currency per kWh and g/kWh. Not the values.

use super::{Kind, currency, unknown};
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
    /// The currencies that a price may be in, by their three letters; empty where none is named.
    pub(super) currencies: Vec<String>,
    /// As it stands in the header.
    pub(super) text: String,
}

impl Written {
    /// Whether a price may be in this currency.
    pub(super) fn is_of(&self, currency: &str) -> bool {
        let same = |known: &String| known.eq_ignore_ascii_case(currency);
        self.currencies.is_empty() || self.currencies.iter().any(same)
    }
}

/// What a header says of the unit.
pub(super) struct Header {
    /// The unit, where it is one that is read.
    pub(super) read: Option<Written>,
    /// What stands in the place of a unit and is none that is read.
    pub(super) unknown: Option<String>,
}

impl Header {
    /// Of a column's name and the lines of headers below it.
    pub(super) fn of(names: &[&str], kind: Kind<'_>) -> Self {
        let unknown = names.iter().find_map(|name| unknown::unit(name, kind));
        Self { read: names.iter().find_map(|name| in_header(name)), unknown }
    }

    /// Of a text that is a unit and nothing else.
    pub(super) fn of_unit(text: Option<&str>) -> Self {
        let read = text.and_then(whole);
        Self { unknown: text.filter(|_| read.is_none()).map(str::to_owned), read }
    }
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

    /// The units that headers name, as they are read.
    pub(super) fn read(self) -> &'static str {
        match self {
            Self::Power => "W, kW, MW, Wh, kWh or MWh",
            Self::Price { .. } => "EUR/kWh, EUR/MWh, ct/kWh and the like in other currencies",
            Self::Carbon => "g/kWh, kg/kWh, kg/MWh, t/MWh, lb/kWh or lb/MWh",
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

    /// What the values are, in words.
    pub(super) fn values(self) -> &'static str {
        match self {
            Self::Power => "powers or energies",
            Self::Price { .. } => "prices",
            Self::Carbon => "carbon intensities",
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
pub(super) fn brackets(header: &str) -> (String, Vec<String>) {
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
    let plain = plain.replace("per", "/").replace("pro", "/");
    let (unit, currencies) = of_plain(&plain)?;
    let currencies = currencies.iter().map(|name| name.to_uppercase()).collect();
    Some(Written { unit, currencies, text: text.trim().replace('_', " ") })
}

fn of_plain(plain: &str) -> Option<(SeriesUnit, Vec<&str>)> {
    use SeriesUnit::{
        CentPerKwh, GPerKwh, KgPerKwh, KgPerMwh, Kw, Kwh, LbPerKwh, LbPerMwh, Mw, Mwh, PerKwh,
        PerMwh, TPerMwh, W, Wh,
    };
    let simple = match plain {
        "w" | "watt" | "watts" | "wh/h" => Some(W),
        "kw" | "kilowatt" | "kwh/h" => Some(Kw),
        "mw" | "megawatt" | "mwh/h" => Some(Mw),
        "wh" | "wattstunden" => Some(Wh),
        "kwh" | "kilowattstunden" => Some(Kwh),
        "mwh" | "megawattstunden" => Some(Mwh),
        _ => None,
    };
    if let Some(unit) = simple {
        return Some((unit, Vec::new()));
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
        return Some((unit, Vec::new()));
    }
    if let Some(of) = currency::sub_unit(top) {
        return (slashed && !mega).then(|| (CentPerKwh, of.to_vec()));
    }
    let unit = if mega { PerMwh } else { PerKwh };
    if top.is_empty() && slashed {
        return Some((unit, Vec::new()));
    }
    if currency::is_known(top) || (slashed && currency::is_code(top)) {
        return Some((unit, vec![top]));
    }
    let of = currency::sign(top).filter(|_| slashed)?;
    Some((unit, of.to_vec()))
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
        let is_of = |header: &str, currency| in_header(header).unwrap().is_of(currency);
        assert!(is_of("[€/MWh]", "EUR") && !is_of("[€/MWh]", "CHF"));
        assert!(is_of("CHF/MWh", "CHF") && is_of("$/MWh", "USD") && is_of("$/MWh", "CAD"));
        assert!(is_of("ct/kWh", "EUR") && is_of("Rp./kWh", "CHF") && is_of("öre/kWh", "SEK"));
        for (header, currency) in [
            ("$/MWh", "EUR"),
            ("p/kWh", "EUR"),
            ("Rp./kWh", "EUR"),
            ("øre/kWh", "EUR"),
            ("gr/kWh", "EUR"),
            ("Kč/MWh", "EUR"),
            ("zł/MWh", "EUR"),
            ("R$/MWh", "EUR"),
            ("c€/kWh", "CHF"),
        ] {
            assert!(!is_of(header, currency), "{header}");
        }
    }
}
