//! Which unit the values of a file have: the scenario's, else the file's, else the usual one. Not how
//! a header writes it.

use super::unit::{Family, Header, Written};
use super::{Kind, refused, unknown};
use crate::energy::EnergyError;
use crate::record::ASSUMED;
use crate::scenario::{SeriesFile, SeriesUnit};
use std::path::Path;

/// The unit that was chosen.
pub(super) struct Unit {
    pub(super) unit: SeriesUnit,
    /// In words, with where it is known from.
    pub(super) said: String,
    /// Whether it is neither in the file nor in the scenario.
    pub(super) assumed: bool,
    pub(super) notes: Vec<String>,
}

/// The unit of the values: the scenario's, else the file's, else the usual one.
pub(super) fn choose_unit(
    path: &Path,
    place: (u64, u64),
    header: &Header,
    from: &str,
    file: &SeriesFile,
    kind: Kind<'_>,
) -> Result<Unit, EnergyError> {
    let mut notes = Vec::new();
    let said = header.read.as_ref();
    if let Some(unit) = file.unit {
        if !kind.takes(unit) {
            return Err(refused(
                path,
                place,
                format!("`unit: {unit:?}` in the scenario"),
                format!("a unit for {}", kind.value()),
                format!("set `unit` to one of {}", kind.choices()),
            ));
        }
        if let Some(said) = said.filter(|said| said.unit != unit) {
            let text = &said.text;
            notes.push(format!("the {from} says {text}, but the scenario's `unit` is used"));
        }
        let said = format!("{} (scenario)", unit.symbol());
        return Ok(Unit { unit, said, assumed: false, notes });
    }
    // `intensity_per_kwh` names no currency: it may be a carbon intensity as well.
    let vague = |said: &&Written| {
        kind == Kind::Carbon && said.unit.family() == Family::Price && said.currencies.is_empty()
    };
    let choices = format!("set `unit` to one of {}", kind.choices());
    if let (None, Some(text)) = (said, &header.unknown) {
        let found = format!("the unit {text} in the {from}");
        let expected = format!("a supported unit for {}: {}", kind.value(), kind.read());
        let advice = match unknown::percent(text) {
            Some(_) => format!(
                "set `column` to the name or number of a column of {}, not of percentages",
                kind.values()
            ),
            None => format!(
                "change the header, or {choices}; `scale` multiplies every value, where a \
                 conversion factor is needed"
            ),
        };
        return Err(refused(path, place, found, expected, advice));
    }
    let Some(said) = said.filter(|said| !vague(said)) else {
        let unit = kind.usual();
        let symbol = match kind {
            Kind::Price { currency } => format!("{currency}/kWh"),
            _ => unit.symbol().to_owned(),
        };
        notes.push(format!(
            "neither the file nor the scenario names a unit: the values are taken as {symbol}"
        ));
        return Ok(Unit { unit, said: format!("{symbol} {ASSUMED}"), assumed: true, notes });
    };
    let found = format!("the unit {} in the {from}", said.text);
    if !kind.takes(said.unit) {
        let expected = format!("a unit for {}", kind.value());
        return Err(refused(path, place, found, expected, choices));
    }
    if let Kind::Price { currency } = kind
        && !said.is_of(currency)
    {
        return Err(refused(
            path,
            place,
            found,
            format!("the scenario's currency {currency}"),
            "set `scale` to the exchange rate and set `unit`, or set the tariff's `currency` to \
             that of the file",
        ));
    }
    let text = format!("{} ({from})", said.text);
    Ok(Unit { unit: said.unit, said: text, assumed: false, notes })
}
