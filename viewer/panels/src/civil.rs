//! Time as the site's clocks show it: reading what a user types, writing an instant, and the marks
//! of a time axis. Not the playhead.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::Catalog;
use jiff::Zoned;
use jiff::civil::{Date, Time, Weekday};

/// As in "Tue 18 Jun 2024 14:05".
pub(crate) fn long(catalog: &Catalog, at: SimTime) -> String {
    catalog.local_time(at).strftime("%a %-d %b %Y %H:%M").to_string()
}

/// As in "Tue 18 Jun 14:05".
pub(crate) fn short(catalog: &Catalog, at: SimTime) -> String {
    catalog.local_time(at).strftime("%a %-d %b %H:%M").to_string()
}

/// The instant at which the site's clocks show this; the start where that lies before it.
pub(crate) fn instant(catalog: &Catalog, date: Date, time: Time) -> Option<SimTime> {
    let zoned = date.to_datetime(time).to_zoned(catalog.time_zone.clone()).ok()?;
    Some(of_zoned(catalog, &zoned))
}

fn of_zoned(catalog: &Catalog, zoned: &Zoned) -> SimTime {
    let since = zoned.timestamp().as_nanosecond() - catalog.start.as_nanosecond();
    SimTime(u64::try_from(since).unwrap_or(0))
}

/// The first and the last instant of the local day of `at`.
pub(crate) fn day_of(catalog: &Catalog, at: SimTime) -> (SimTime, SimTime) {
    let date = catalog.local_time(at).date();
    let from = instant(catalog, date, Time::midnight()).unwrap_or(at);
    let next = date.tomorrow().ok().and_then(|d| instant(catalog, d, Time::midnight()));
    (from, next.unwrap_or(from + Span::DAY))
}

/// The instant that a text means, seen from `now`: "14:30" and "noon" on this day, "Tue 14:30" on
/// the next such day, "18 Jun 12:00" or "2024-06-18 12:00", "+2h", "-30min", "start", "end". What
/// lies outside the run becomes its start or end; nothing where it means nothing.
pub(crate) fn parse(text: &str, catalog: &Catalog, now: SimTime, end: SimTime) -> Option<SimTime> {
    let text = text.trim().to_lowercase();
    let at = match text.as_str() {
        "start" => SimTime::ZERO,
        "end" => end,
        "now" => now,
        _ => match relative(&text) {
            Some((back, span)) if back => SimTime(now.0.saturating_sub(span.0)),
            Some((_, span)) => now + span,
            None => absolute(&text, catalog, now, end)?,
        },
    };
    Some(at.min(end))
}

fn relative(text: &str) -> Option<(bool, Span)> {
    let back = text.starts_with(['-', '\u{2212}']);
    let rest = text.strip_prefix(['+', '-', '\u{2212}'])?.trim();
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let value: f64 = rest[..digits].parse().ok()?;
    let seconds = match rest[digits..].trim() {
        "s" | "sec" => 1.0,
        "m" | "min" | "minutes" => 60.0,
        "" | "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return None,
    };
    Some((back, Span::from_secs_f64(value * seconds)))
}

fn absolute(text: &str, catalog: &Catalog, now: SimTime, end: SimTime) -> Option<SimTime> {
    let here = catalog.local_time(now).date();
    let (mut date, mut time) = (None, None);
    let (mut day, mut month, mut year, mut weekday) = (None, None, None, None);
    // As in 2024-06-18T12:00.
    let mut words = text.replace(',', " ");
    if words.is_char_boundary(10) && words.get(10..11) == Some("t") {
        words.replace_range(10..11, " ");
    }
    let mut nth_day = false;
    for word in words.split_whitespace().filter(|w| *w != "at") {
        let parsed_time = clock(word);
        if let Ok(found) = Date::strptime("%Y-%m-%d", word) {
            date = Some(found);
        } else if parsed_time.is_some() && time.is_none() {
            time = parsed_time;
        } else if word == "day" {
            nth_day = true;
        } else if word == "today" {
            date = Some(here);
        } else if word == "tomorrow" {
            date = here.tomorrow().ok();
        } else if word == "yesterday" {
            date = here.yesterday().ok();
        } else if let Some(found) = weekday_of(word) {
            weekday = Some(found);
        } else if let Some(found) = month_of(word) {
            month = Some(found);
        } else {
            let number: i16 = word.trim_end_matches('.').parse().ok()?;
            if number > 31 { year = Some(number) } else { day = Some(number) }
        }
    }
    if nth_day {
        let first = catalog.local_time(SimTime::ZERO).date();
        let days = jiff::Span::new().days(i64::from(day.take()?) - 1);
        date = first.checked_add(days).ok();
    }
    if let Some(day) = day {
        let month = month.unwrap_or(here.month());
        let wanted = |year| Date::new(year, month, i8::try_from(day).ok()?).ok();
        // Without a year: the one in which the run has this day.
        let first = catalog.local_time(SimTime::ZERO).date();
        let last = catalog.local_time(end).date();
        let found = match year {
            Some(year) => wanted(year),
            None => (first.year()..=last.year())
                .filter_map(wanted)
                .find(|d| (first..=last).contains(d))
                .or_else(|| wanted(first.year())),
        };
        date = Some(found?);
    } else if let Some(weekday) = weekday {
        let ahead = here.weekday().until(weekday);
        date = here.checked_add(jiff::Span::new().days(i64::from(ahead))).ok();
    }
    if date.is_none() && time.is_none() {
        return None;
    }
    instant(catalog, date.unwrap_or(here), time.unwrap_or(Time::midnight()))
}

fn clock(word: &str) -> Option<Time> {
    match word {
        "noon" | "midday" => return Time::new(12, 0, 0, 0).ok(),
        "midnight" => return Some(Time::midnight()),
        _ => {}
    }
    let (word, later) = match (word.strip_suffix("pm"), word.strip_suffix("am")) {
        (Some(hour), _) => (hour, Some(12)),
        (_, Some(hour)) => (hour, Some(0)),
        _ => (word, None),
    };
    let mut parts = word.split(':');
    let mut next = || parts.next().map(|p| p.parse::<i8>().ok());
    let hour = next()??;
    let minute = match next() {
        Some(minute) => minute?,
        None if later.is_some() => 0,
        None => return None,
    };
    let second = next().unwrap_or(Some(0))?;
    let hour = later.map_or(hour, |later| hour % 12 + later);
    Time::new(hour, minute, second, 0).ok()
}

fn weekday_of(word: &str) -> Option<Weekday> {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let index = days.iter().position(|day| word.len() >= 3 && day.starts_with(word))?;
    Weekday::from_monday_zero_offset(index as i8).ok()
}

fn month_of(word: &str) -> Option<i8> {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let index = months.iter().position(|month| word.len() >= 3 && month.starts_with(word))?;
    Some(index as i8 + 1)
}

/// A mark of a time axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Hours since the start.
    pub(crate) hours: f64,
    /// What stands there.
    pub(crate) label: String,
    /// Whether a day, or a month of a long run, begins there.
    pub(crate) major: bool,
}

/// Marks between two instants, given in hours since the start, at most about `most` of them, at
/// round times of the site's clocks.
pub(crate) fn ticks(catalog: &Catalog, from_h: f64, to_h: f64, most: usize) -> Vec<Tick> {
    let wanted = (to_h - from_h) / most.max(1) as f64;
    if !(wanted > 0.0 && wanted.is_finite()) {
        return Vec::new();
    }
    let hour_steps = [1.0 / 60.0, 1.0 / 12.0, 1.0 / 6.0, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0];
    match hour_steps.into_iter().find(|step| *step >= wanted) {
        Some(step) => within_days(catalog, from_h, to_h, step),
        None => whole_days(catalog, from_h, to_h, (wanted / 24.0).ceil()),
    }
}

fn at_hours(hours: f64) -> SimTime {
    SimTime::from_secs_f64(hours * 3600.0)
}

fn within_days(catalog: &Catalog, from_h: f64, to_h: f64, step: f64) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let (mut day, _) = day_of(catalog, at_hours(from_h));
    let first = catalog.local_time(SimTime::ZERO);
    // The start may lie within a day, whose midnight then lies before all time.
    let mut begin = if day == SimTime::ZERO {
        -(f64::from(first.hour()) + f64::from(first.minute()) / 60.0)
    } else {
        day.as_hours_f64()
    };
    while begin <= to_h {
        let (_, next) = day_of(catalog, day);
        let until = next.as_hours_f64();
        let mut hours = begin;
        while hours < until - 1e-6 && hours <= to_h {
            if hours >= from_h && hours >= 0.0 {
                let local = catalog.local_time(at_hours(hours));
                let major = hours == begin && begin >= 0.0;
                let format = if major { "%a %-d %b" } else { "%H:%M" };
                ticks.push(Tick { hours, label: local.strftime(format).to_string(), major });
            }
            hours += step;
        }
        if next <= day {
            break;
        }
        (day, begin) = (next, until);
    }
    ticks
}

fn whole_days(catalog: &Catalog, from_h: f64, to_h: f64, days: f64) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let start = catalog.local_time(at_hours(from_h)).date();
    let until = catalog.local_time(at_hours(to_h)).date();
    let mut push = |date: Date, major: bool, format: &str| {
        if let Some(at) = instant(catalog, date, Time::midnight()) {
            let hours = at.as_hours_f64();
            let before = ticks.last().is_some_and(|t: &Tick| hours <= t.hours);
            if hours >= from_h && hours <= to_h && !before {
                ticks.push(Tick { hours, label: date.strftime(format).to_string(), major });
            }
        }
    };
    let months = days > 15.0;
    let step = [1i8, 2, 3, 5, 7, 10, 15].into_iter().find(|s| f64::from(*s) >= days).unwrap_or(31);
    let month_step = (days / 30.5).ceil().max(1.0) as i8;
    let mut date = start;
    while date <= until {
        if months {
            if date.day() == 1 && (date.month() - 1) % month_step.min(12) == 0 {
                push(date, date.month() == 1, if date.month() == 1 { "%b %Y" } else { "%b" });
            }
        } else if date.day() == 1 {
            push(date, true, "%-d %b");
        } else if (date.day() - 1) % step == 0 && date.day() < 30 {
            push(date, false, "%-d %b");
        }
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    ticks
}

/// What stands at one mark of [`ticks`].
pub(crate) fn tick_label(
    catalog: &Catalog,
    hours: f64,
    from_h: f64,
    to_h: f64,
    most: usize,
) -> String {
    let local = catalog.local_time(at_hours(hours));
    let midnight = local.hour() == 0 && local.minute() == 0;
    let spacing_h = (to_h - from_h) / most.max(1) as f64;
    let format = match () {
        () if spacing_h > 15.0 * 24.0 && local.month() == 1 => "%b %Y",
        () if spacing_h > 15.0 * 24.0 => "%b",
        () if spacing_h > 12.0 => "%-d %b",
        () if midnight => "%a %-d %b",
        () => "%H:%M",
    };
    local.strftime(format).to_string()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use gridtwin_twin::Twin;
    use gridtwin_twin::scenario::Scenario;

    /// A site in Berlin's time, around a night on which the clocks are set.
    pub(crate) fn catalog(start: &str, days: u32) -> (Catalog, SimTime) {
        let text = format!(
            "(name: \"a\", site: (latitude_deg: 49, longitude_deg: 8, time_zone: \"Europe/Berlin\"), \
             start: \"{start}\", days: {days}, grid: (import_limit_kw: 1))"
        );
        let twin = Twin::new(&Scenario::parse(&text, "a").unwrap()).unwrap();
        (twin.catalog().clone(), twin.end())
    }

    #[test]
    fn clocks_that_are_set_are_followed() {
        let (catalog, end) = catalog("2024-03-30", 3);
        // The night of the 31st has no hour from two to three.
        let noon = parse("31 Mar 12:00", &catalog, SimTime::ZERO, end).unwrap();
        assert_eq!(noon.as_hours_f64(), 35.0);
        assert_eq!(short(&catalog, noon), "Sun 31 Mar 12:00");
        let (from, until) = day_of(&catalog, noon);
        assert_eq!((until - from).as_hours_f64(), 23.0);
    }

    #[test]
    fn what_means_no_time_is_none() {
        let (catalog, end) = catalog("2024-06-17", 7);
        for text in
            ["", "banana", "25:00", "31 Feb", "12:61", "+", "+3 parsecs", "day", "99", "day 99999"]
        {
            let at = parse(text, &catalog, SimTime::ZERO, end);
            assert!(at.is_none() || text == "day 99999", "{text}: {at:?}");
        }
    }

    #[test]
    fn marks_stand_at_round_times_and_are_not_too_many() {
        let (catalog, end) = catalog("2024-03-30", 366);
        for (to, most) in [(0.5, 5), (6.0, 8), (72.0, 10), (1000.0, 12), (end.as_hours_f64(), 14)] {
            let ticks = ticks(&catalog, 0.0, to, most);
            assert!((2..=most + 14).contains(&ticks.len()), "{to}: {}", ticks.len());
            assert!(ticks.windows(2).all(|w| w[0].hours < w[1].hours));
            for tick in ticks {
                let local = catalog.local_time(at_hours(tick.hours));
                assert_eq!(local.second(), 0, "{to}: {local}");
            }
        }
    }
}
