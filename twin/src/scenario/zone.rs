//! The site's time zone, by its IANA name; and which name was meant where it is none.

use super::nearest::nearest;
use super::site::Site;
use jiff::tz::{TimeZone, TimeZoneDatabase};

impl Site {
    /// The zone that `time_zone` names, from the time zone data compiled into the program, so that a
    /// scenario has the same result on every machine. `None` where there is no such zone; a scenario
    /// that was read always has one.
    pub fn zone(&self) -> Option<TimeZone> {
        TimeZoneDatabase::bundled().get(&self.time_zone).ok()
    }
}

/// Abbreviations of clocks, which are no names of zones, with a zone that has such a clock.
const ABBREVIATIONS: [(&str, &str); 35] = [
    ("ACDT", "Australia/Adelaide"),
    ("ACST", "Australia/Adelaide"),
    ("AEDT", "Australia/Sydney"),
    ("AEST", "Australia/Sydney"),
    ("AKDT", "America/Anchorage"),
    ("AKST", "America/Anchorage"),
    ("ART", "America/Argentina/Buenos_Aires"),
    ("AWST", "Australia/Perth"),
    ("BRT", "America/Sao_Paulo"),
    ("BST", "Europe/London"),
    ("CAT", "Africa/Harare"),
    ("CDT", "America/Chicago"),
    ("CEST", "Europe/Berlin"),
    ("CST", "America/Chicago"),
    ("EAT", "Africa/Nairobi"),
    ("EDT", "America/New_York"),
    ("EEST", "Europe/Athens"),
    ("HKT", "Asia/Hong_Kong"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("MDT", "America/Denver"),
    ("MESZ", "Europe/Berlin"),
    ("MEZ", "Europe/Berlin"),
    ("MSK", "Europe/Moscow"),
    ("NZDT", "Pacific/Auckland"),
    ("NZST", "Pacific/Auckland"),
    ("PDT", "America/Los_Angeles"),
    ("PKT", "Asia/Karachi"),
    ("PST", "America/Los_Angeles"),
    ("SAST", "Africa/Johannesburg"),
    ("SGT", "Asia/Singapore"),
    ("WAT", "Africa/Lagos"),
    ("WEST", "Europe/Lisbon"),
    ("WIB", "Asia/Jakarta"),
];

/// Places whose standard time is this many minutes ahead of UTC.
const PLACES: [(i32, &str); 29] = [
    (-600, "Pacific/Honolulu"),
    (-540, "America/Anchorage"),
    (-480, "America/Los_Angeles"),
    (-420, "America/Denver"),
    (-360, "America/Chicago"),
    (-300, "America/New_York"),
    (-240, "America/Halifax"),
    (-210, "America/St_Johns"),
    (-180, "America/Sao_Paulo"),
    (-60, "Atlantic/Azores"),
    (0, "Europe/London"),
    (60, "Europe/Berlin"),
    (120, "Europe/Athens"),
    (180, "Africa/Nairobi"),
    (210, "Asia/Tehran"),
    (240, "Asia/Dubai"),
    (270, "Asia/Kabul"),
    (300, "Asia/Karachi"),
    (330, "Asia/Kolkata"),
    (345, "Asia/Kathmandu"),
    (360, "Asia/Dhaka"),
    (390, "Asia/Yangon"),
    (420, "Asia/Bangkok"),
    (480, "Asia/Shanghai"),
    (540, "Asia/Tokyo"),
    (570, "Australia/Adelaide"),
    (600, "Australia/Sydney"),
    (660, "Pacific/Noumea"),
    (720, "Pacific/Auckland"),
];

/// What to write for a name that no zone has.
pub(super) fn instead_of(wrong: &str) -> String {
    if let Some(minutes) = offset(wrong) {
        return at_offset(minutes);
    }
    let abbreviation = wrong.trim().to_uppercase();
    let known = ABBREVIATIONS.iter().find(|(short, _)| *short == abbreviation);
    if let Some((short, zone)) = known {
        return format!("{short} is an abbreviation: write the zone's IANA name, as in \"{zone}\"");
    }
    let zones: Vec<String> =
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    // "Berlin" is near to "Europe/Berlin".
    let city = zones.iter().find(|zone| {
        let city = zone.rsplit('/').next().unwrap_or_default();
        city.eq_ignore_ascii_case(&wrong.replace(' ', "_"))
    });
    let near = city.map(String::as_str);
    let near = near.or_else(|| nearest(wrong, zones.iter().map(String::as_str)));
    match near {
        Some(zone) => format!("did you mean `{zone}`?"),
        None => "write an IANA name, as in \"Europe/Berlin\" or \"America/New_York\"".to_owned(),
    }
}

/// Minutes ahead of UTC, as in `UTC+1`, `GMT-03:30`, `+0200` or `Z`.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim().to_uppercase();
    if text == "Z" {
        return Some(0);
    }
    let rest = ["UTC", "GMT"].iter().find_map(|base| text.strip_prefix(base)).unwrap_or(&text);
    let rest = rest.trim().replace('\u{2212}', "-");
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = rest[1..].trim();
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let within = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    within.then_some(sign * (60 * hours + minutes))
}

/// What to write for a clock this many minutes ahead of UTC.
fn at_offset(minutes: i32) -> String {
    let place = PLACES.iter().find(|(of, _)| *of == minutes).map(|(_, zone)| *zone);
    let place = place.map(|zone| format!("the zone's IANA name, as in \"{zone}\""));
    // Their signs are those of POSIX: behind UTC is positive.
    let fixed = match minutes {
        0 => Some("\"UTC\"".to_owned()),
        _ if minutes % 60 == 0 && (-12 * 60..=14 * 60).contains(&minutes) => {
            Some(format!("\"Etc/GMT{:+}\" (in these names the sign is reversed)", -minutes / 60))
        }
        _ => None,
    };
    match (place, fixed) {
        (Some(place), Some(fixed)) => {
            format!("write {place}, or {fixed} for no daylight-saving time")
        }
        (Some(only), None) | (None, Some(only)) => format!("write {only}"),
        (None, None) => {
            "write an IANA name, as in \"Europe/Berlin\" or \"America/New_York\"".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_answered_with_the_zones_that_have_it() {
        for (wrong, place, fixed) in [
            ("UTC+1", "Europe/Berlin", "Etc/GMT-1"),
            ("GMT+02:00", "Europe/Athens", "Etc/GMT-2"),
            ("UTC-5", "America/New_York", "Etc/GMT+5"),
            ("+0100", "Europe/Berlin", "Etc/GMT-1"),
            ("UTC+5:30", "Asia/Kolkata", ""),
            ("UTC+0", "Europe/London", "\"UTC\""),
        ] {
            let help = instead_of(wrong);
            assert!(help.contains(place) && help.contains(fixed), "{wrong}: {help}");
            assert_eq!(help.contains("Etc/"), fixed.contains("Etc/"), "{help}");
        }
    }

    #[test]
    fn an_abbreviation_is_answered_with_a_place() {
        assert!(instead_of("CEST").contains("Europe/Berlin"));
        assert!(instead_of("PST").contains("America/Los_Angeles"));
        assert_eq!(instead_of("Berlin"), "did you mean `Europe/Berlin`?");
        assert_eq!(instead_of("America/NewYork"), "did you mean `America/New_York`?");
    }

    #[test]
    fn every_zone_that_is_offered_exists() {
        let all = TimeZoneDatabase::bundled();
        for zone in PLACES.iter().map(|(_, zone)| zone) {
            assert!(all.get(zone).is_ok(), "{zone}");
        }
        for (short, zone) in ABBREVIATIONS {
            assert!(all.get(zone).is_ok() && all.get(short).is_err(), "{short} {zone}");
        }
        for hours in -14..=12 {
            let zone = format!("Etc/GMT{hours:+}");
            assert!(all.get(&zone).is_ok(), "{zone}");
        }
    }
}
