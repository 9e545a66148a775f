//! What stands in the place of a unit in a header and is none that is read: it is refused, where a
//! header without any unit has the usual one. Not the units that are read, which are in `unit`.

use super::Kind;
use super::unit::{brackets, in_header};

/// Units of other things, or too rare to be read, in small letters.
const OTHERS: [&str; 50] = [
    "kvarh", "kvar", "var", "varh", "mvar", "mvarh", "kva", "mva", "va", "kvah", "j", "kj", "mj",
    "gj", "tj", "gwh", "twh", "gw", "tw", "m3", "m³", "nm3", "nm³", "°c", "°f", "k", "a", "ma",
    "ka", "v", "kv", "hz", "bar", "%", "l", "kcal", "btu", "mmbtu", "therm", "cosφ", "kwp", "ah",
    "w/m2", "w/m²", "lux", "m/s", "ws", "kws", "€c", "co2",
];
/// Money per nothing.
const MONEY: [&str; 10] = ["eur", "€", "usd", "$", "gbp", "£", "chf", "sek", "ct", "cent"];
/// What a unit is measured by, behind a slash.
const PER: [&str; 18] = [
    "kwh", "mwh", "gwh", "kwhe", "mwhe", "kw", "mw", "wh", "h", "d", "min", "15min", "15", "min15",
    "30min", "interval", "tco2", "t",
];

/// The unknown unit that a header names.
pub(super) fn unit(header: &str, kind: Kind<'_>) -> Option<String> {
    if in_header(header).is_some() {
        return None;
    }
    if let Some(percent) = percent(header) {
        return Some(percent.to_owned());
    }
    let (outside, inside) = brackets(header);
    let square = header.contains('[');
    let in_brackets = inside.iter().rev().find(|text| is_unit(text, kind, square));
    if let Some(text) = in_brackets {
        return Some(text.trim().to_owned());
    }
    let words = || outside.split(|c: char| c.is_whitespace() || matches!(c, '_' | ',' | ';' | ':'));
    let word = words().find(|word| {
        // A lone letter outside brackets is a name: `Load A`.
        word.chars().count() > 1 && is_unit(word, kind, false)
    });
    word.map(str::to_owned)
}

/// The per cent that a text is in. `19% VAT` is a rate, not a unit.
pub(super) fn percent(text: &str) -> Option<&'static str> {
    let sign = text.split('%').collect::<Vec<_>>();
    let before = sign.split_last().map_or(&[][..], |(_, before)| before);
    if before.iter().any(|b| !b.trim_end().ends_with(|c: char| c.is_ascii_digit())) {
        return Some("%");
    }
    let small = text.to_lowercase();
    let words: Vec<&str> =
        small.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    if words.windows(2).any(|pair| pair == ["per", "cent"]) {
        return Some("per cent");
    }
    ["percent", "percentage", "prozent", "pct"].into_iter().find(|word| words.contains(word))
}

fn is_unit(text: &str, kind: Kind<'_>, square: bool) -> bool {
    let small = text.trim().to_lowercase().replace([' ', '.'], "");
    let money = MONEY.contains(&small.as_str()) && !matches!(kind, Kind::Price { .. });
    if OTHERS.contains(&small.as_str()) || money {
        return true;
    }
    let small = small.replace("per", "/").replace("pro", "/");
    let measured = small.split('/').skip(1).any(|by| {
        let by = by.split([',', ';', '_']).next().unwrap_or_default();
        PER.contains(&by) || by.starts_with("viertelst") || by.starts_with("stunde")
    });
    // In square brackets stands a unit, unless it is a place such as DE-LU, or a number.
    let letters = small.chars().filter(|c| c.is_alphabetic()).count();
    let brief = square && (1..=5).contains(&letters) && !small.contains(['-', '|', '_']);
    let zone =
        ["utc", "cet", "cest", "mez", "mesz", "gmt", "total", "all"].contains(&small.as_str());
    measured || (brief && !zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_are_not_read_are_seen() {
        let price = Kind::Price { currency: "EUR" };
        for header in [
            "mEUR/kWh",
            "Preis [EUR/GWh]",
            "EUR/MWhe",
            "Price (EUR/MWh, EUR/tCO2)",
            "Preis xy/kWh",
            "[ct/MWh]",
        ] {
            assert!(unit(header, price).is_some(), "{header}");
        }
        for header in [
            "kWh/15min",
            "Verbrauch [kWh pro Viertelstunde]",
            "Blindarbeit kvarh",
            "MJ",
            "Energie [GWh]",
            "Strom [A]",
            "gas_m3",
            "Temperatur (°C)",
            "Kosten EUR",
            "S (kVA)",
        ] {
            assert!(unit(header, Kind::Power).is_some(), "{header}");
        }
        for header in [
            "load",
            "Load (total)",
            "Verbrauch [kW]",
            "Last [DE-LU]",
            "Load A",
            "load 1 (import/export)",
            "Netzlast (Summe)",
            "value",
        ] {
            assert_eq!(unit(header, Kind::Power), None, "{header}");
        }
        for kind in [price, Kind::Power, Kind::Carbon] {
            for (header, percent) in [
                ("Renewable energy percentage (RE%)", "%"),
                ("share [%]", "%"),
                ("renewable percentage", "percentage"),
                ("load_percent", "percent"),
                ("Anteil in Prozent", "prozent"),
                ("share, per cent", "per cent"),
            ] {
                assert_eq!(unit(header, kind).as_deref(), Some(percent), "{header}");
            }
        }
        for header in ["Preis inkl. 19 % MwSt", "Preis (19% MwSt) [EUR/MWh]", "ct per kWh"] {
            assert_eq!(unit(header, price), None, "{header}");
        }
        assert_eq!(unit("price_eur", price), None);
        assert_eq!(unit("carbon_intensity (direct)", Kind::Carbon), None);
    }
}
