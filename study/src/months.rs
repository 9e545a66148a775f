//! Which months of the site's calendar a run touches: those that are billed.

use gridtwin_twin::Scenario;

/// How many months a run touches, and whether it covers each of them from its first to its last day.
pub(crate) fn touched(scenario: &Scenario) -> (u32, bool) {
    let midnight = scenario.start.date().at(0, 0, 0, 0);
    let days = scenario.days + u32::from(scenario.start != midnight);
    let (mut date, mut months) = (scenario.start.date(), 1);
    for _ in 1..days {
        let Ok(next) = date.tomorrow() else { break };
        months += u32::from(next.month() != date.month());
        date = next;
    }
    let begins = scenario.start == midnight && scenario.start.date().day() == 1;
    (months, begins && date.day() == date.days_in_month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_by_the_calendar() {
        let scenario = |start: &str, days: u32| {
            let text = format!(
                "(name: \"s\", site: (latitude_deg: 48, longitude_deg: 11, time_zone: \"Europe/Berlin\"), \
                 start: \"{start}\", days: {days})"
            );
            Scenario::parse(&text, "s.ron").unwrap()
        };
        for (start, days, expected) in [
            ("2024-01-01", 366, (12, true)),
            ("2024-06-17", 365, (13, false)),
            ("2024-06-01", 30, (1, true)),
            ("2024-06-01", 29, (1, false)),
            ("2024-05-31", 2, (2, false)),
            ("2024-06-01T12:00", 30, (2, false)),
        ] {
            assert_eq!(touched(&scenario(start, days)), expected, "{start} {days}");
        }
    }
}
