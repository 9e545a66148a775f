//! Time stamps with words in them, rewritten to those without: names of months and of weekdays, `CEST`
//! behind the clock, `Uhr`, the clock before the date, a spreadsheet's apostrophe. Not what they mean.

use super::zone_names;

/// Beginnings of the names of months in English, German, Dutch and French.
const MONTHS: [&[&str]; 12] = [
    &["jan"],
    &["feb", "fév"],
    &["mar", "mär", "maer", "mrz", "maa", "mrt"],
    &["apr", "avr"],
    &["may", "mai", "mei"],
    &["jun", "juin"],
    &["jul", "juil"],
    &["aug", "aoû"],
    &["sep"],
    &["oct", "okt"],
    &["nov"],
    &["dec", "dez", "déc"],
];
const WEEKDAYS: [&str; 14] =
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so"];
const WEEKDAY_NAMES: [&str; 16] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "tues",
    "thur",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
];
/// The same time stamp without words; none where there are no words that are known.
pub(super) fn plain(text: &str) -> Option<String> {
    let whole = text.trim();
    let text = whole.strip_prefix(['\'', '’']).unwrap_or(whole);
    if text.len() > 60 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    let mut month_named = false;
    for word in text.split(|c: char| c.is_whitespace() || c == ',') {
        let bare = word.trim_end_matches('.').to_lowercase();
        let is_weekday =
            WEEKDAYS.contains(&bare.as_str()) || WEEKDAY_NAMES.contains(&bare.as_str());
        if word.is_empty() || (words.is_empty() && is_weekday) || bare == "uhr" {
            continue;
        }
        if let Some(offset) = zone_names::behind_clock(&bare) {
            words.push(offset);
            continue;
        }
        if let Some(month) = month(&bare) {
            month_named = true;
            words.push(format!("m{month:02}"));
            continue;
        }
        // `02-Jun-2025`, `02/Jun/2025`, `2-Jun-25`.
        let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
        if let [first, name, last] = parts[..]
            && let Some(month) = month(&name.to_lowercase())
        {
            let (day, year) = if first.len() == 4 { (last, first) } else { (first, last) };
            words.push(date(day, month, year)?);
            continue;
        }
        words.push(word.to_owned());
    }
    if month_named {
        // `Jun 2 2025` or `2 Jun 2025`.
        let at = words.iter().position(|word| is_month(word))?;
        let month: u8 = words[at][1..].parse().ok()?;
        let (from, day) = match at.checked_sub(1) {
            Some(before) => (before, &words[before]),
            None => (at, words.get(at + 1)?),
        };
        let year = words.get(from + 2)?;
        let day = day.trim_end_matches(['.', 's', 't', 'n', 'd', 'r', 'h']);
        let written = date(day, month, year)?;
        words.splice(from..from + 3, [written]);
    }
    // The clock before the date.
    if words.len() >= 2 && words[0].contains(':') && words[1].contains(['.', '/', '-']) {
        words.swap(0, 1);
    }
    let rewritten = words.join(" ");
    (rewritten != whole).then_some(rewritten)
}

/// Whether a text that is no time stamp is meant as one: a clock, or three parts as a date has them.
pub(super) fn is_like_a_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |b: &u8| b.is_ascii_digit();
    let clock = bytes.windows(3).any(|w| digit(&w[0]) && w[1] == b':' && digit(&w[2]));
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let number = |part: &&str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    let known = |part: &&str| {
        let small = part.to_lowercase();
        number(part) || month(&small).is_some() || WEEKDAYS.contains(&small.as_str())
    };
    let numbers = parts.iter().filter(|part| number(part)).count();
    clock || (parts.len() >= 3 && numbers >= 2 && parts.iter().take(3).all(known))
}

fn is_month(word: &str) -> bool {
    word.len() == 3 && word.starts_with('m') && word[1..].bytes().all(|b| b.is_ascii_digit())
}

fn month(name: &str) -> Option<u8> {
    if name.len() < 3 || !name.chars().all(char::is_alphabetic) {
        return None;
    }
    let at = MONTHS.iter().position(|all| all.iter().any(|begin| name.starts_with(begin)))?;
    Some(at as u8 + 1)
}

fn date(day: &str, month: u8, year: &str) -> Option<String> {
    let day: u8 = day.parse().ok()?;
    let year: u32 = year.parse().ok()?;
    let year = if year < 100 { 2000 + year } else { year };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_rewritten() {
        for (text, expected) in [
            ("02.06.2025 01:15 CEST", "02.06.2025 01:15 +02:00"),
            ("02.06.2025 01:15 (Sommerzeit)", "02.06.2025 01:15 +02:00"),
            ("26.10.2025 02:15 Winterzeit", "26.10.2025 02:15 +01:00"),
            ("02-Jun-2025 01:15", "2025-06-02 01:15"),
            ("Mo 02.06.2025 01:15", "02.06.2025 01:15"),
            ("Mo., 02.06.2025 01:15 Uhr", "02.06.2025 01:15"),
            ("Jun 02 2025", "2025-06-02"),
            ("Jun 2, 2025 01:15", "2025-06-02 01:15"),
            ("Monday, June 2nd 2025 1:15 PM", "2025-06-02 1:15 PM"),
            ("2. Juni 2025 01:15", "2025-06-02 01:15"),
            ("01:15 02.06.2025", "02.06.2025 01:15"),
            ("'2025-06-02 01:15", "2025-06-02 01:15"),
        ] {
            assert_eq!(plain(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["hall", "", "m02"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_meant_as_a_time_is_seen() {
        for text in ["01:15:00.5 x", "2025-06-02 01h15", "32/06/2025"] {
            assert!(is_like_a_time(text), "{text}");
        }
        for text in ["DE-00123-4", "hall 3", "A", "ok"] {
            assert!(!is_like_a_time(text), "{text}");
        }
    }
}
