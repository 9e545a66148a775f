//! What a point of a study, or a candidate of an optimisation, sets in its scenario. A size of 0
//! means that the thing is not installed: it is taken out of the scenario.

use crate::design::Value;
use gridtwin_twin::scenario::Override;

/// Lists of things that have a size, and the field that is their size.
const SIZES: [(&str, &str); 4] = [
    ("batteries", "capacity_kwh"),
    ("pv", "dc_kw"),
    ("gensets", "capacity_kw"),
    ("chargers", "count"),
];

/// What these paths and values set, in this order, and then what they take out.
///
/// # Errors
/// A path or a value that is none.
pub(crate) fn overrides<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<Vec<Override>, String> {
    let (mut set, mut out) = (Vec::new(), Vec::new());
    for (path, value) in pairs {
        match absent(path, value) {
            Some(thing) => out.push(thing),
            None => set.push(format!("{path}={value}").parse()?),
        }
    }
    if !out.is_empty() {
        // A meter of what is not there would be refused, and a study follows no meters.
        set.push("meters=[]".parse()?);
    }
    // Things that are named by their index go from the last to the first, so that the others keep
    // theirs.
    out.sort_unstable();
    set.extend(out.iter().rev().map(|thing| Override::without(thing)));
    Ok(set)
}

/// The thing that is not installed where this value stands at this path.
pub(crate) fn absent<'a>(path: &'a str, value: &Value) -> Option<&'a str> {
    if value.number() != Some(0.0) {
        return None;
    }
    SIZES.iter().find_map(|(list, size)| {
        let thing = path.strip_suffix(size)?.strip_suffix('.')?;
        thing.strip_prefix(list)?.starts_with(['.', '[']).then_some(thing)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_of_zero_takes_the_thing_out_and_any_other_zero_is_set() {
        let zero = Value::from(0.0);
        assert_eq!(absent("batteries.main.capacity_kwh", &zero), Some("batteries.main"));
        assert_eq!(absent("pv[0].dc_kw", &zero), Some("pv[0]"));
        assert_eq!(absent("chargers.a.b.count", &zero), Some("chargers.a.b"));
        assert_eq!(absent("batteries.main.charge_kw", &zero), None);
        assert_eq!(absent("batteries.main.capacity_kwh", &Value::from(1.0)), None);
        assert_eq!(absent("grid.import_limit_kw", &zero), None);
        let pairs = [("pv.a.dc_kw", &zero), ("days", &Value::from(3.0))];
        let all: Vec<String> = overrides(pairs).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(all, ["days=3", "meters=[]", "without pv.a"]);
    }
}
