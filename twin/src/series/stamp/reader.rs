//! A time stamp's parts, byte by byte: the date, the time of day, the offset. Not their order in files.

use super::{Date, Pass, TimeOfDay};

/// What is left of a text.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
}

impl Reader<'_> {
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.rest.first() == Some(&byte);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    pub(super) fn blanks(&mut self) -> bool {
        let before = self.rest.len();
        while self.take(b' ') {}
        self.rest.len() < before
    }

    /// Digits, and how many there are; at most `most`.
    fn digits(&mut self, most: usize) -> Option<(i32, usize)> {
        let count = self.rest.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        if count == 0 || count > 8 {
            return None;
        }
        let value = self.rest[..count].iter().fold(0, |all, b| all * 10 + i32::from(b - b'0'));
        self.rest = &self.rest[count..];
        Some((value, count))
    }

    pub(super) fn date(&mut self) -> Option<Date> {
        let (first, length) = self.digits(8)?;
        if length == 8 {
            let (year, month, day) = (first / 10_000, first / 100 % 100, first % 100);
            return in_years(year).then_some(Date::Known(year, month as u8, day as u8));
        }
        let separator = *self.rest.first()?;
        if !b"-/.".contains(&separator) || !(length == 4 || length <= 2) {
            return None;
        }
        self.take(separator);
        let (second, two) = self.digits(2)?;
        if !self.take(separator) || two == 0 {
            return None;
        }
        let (third, last) = self.digits(4)?;
        if length == 4 {
            let date = Date::Known(first, second as u8, third as u8);
            return (in_years(first) && last <= 2).then_some(date);
        }
        let year = match last {
            4 => third,
            2 => 2000 + third,
            _ => return None,
        };
        if !in_years(year) {
            return None;
        }
        Some(match separator {
            b'.' => Date::Known(year, second as u8, first as u8),
            _ => Date::Either(first as u8, second as u8, year),
        })
    }

    /// `A` or `B` behind an hour that is there twice, and no `AM`.
    fn pass(&mut self) -> Option<Pass> {
        let pass = match self.rest {
            [b'A' | b'a', b'M' | b'm', ..] => return None,
            [b'A' | b'a', ..] => Pass::First,
            [b'B' | b'b', ..] => Pass::Second,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        Some(pass)
    }

    /// `8:15`, `08:15:00.000`, `12:15 AM`, `0815`, `24:00`, `2A:15`.
    pub(super) fn time_of_day(&mut self) -> Option<TimeOfDay> {
        let (mut hour, length) = self.digits(4)?;
        let (mut minute, mut second) = (0, 0);
        let pass = if length <= 2 { self.pass() } else { None };
        if length >= 3 {
            (hour, minute) = (hour / 100, hour % 100);
        } else if self.take(b':') {
            (minute, _) = self.digits(2)?;
            if self.take(b':') {
                (second, _) = self.digits(2)?;
                if self.take(b'.') || self.take(b',') {
                    let decimals = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
                    self.rest = &self.rest[decimals..];
                }
            }
        }
        let blanks = self.rest.iter().take_while(|b| **b == b' ').count();
        let behind = &self.rest[blanks..];
        let afternoon = match behind {
            [b'A' | b'a', b'M' | b'm', ..] => Some(false),
            [b'P' | b'p', b'M' | b'm', ..] => Some(true),
            _ => None,
        };
        if let Some(afternoon) = afternoon {
            if pass.is_some() || !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
            self.rest = &behind[2..];
        }
        let whole = hour * 3600 + minute * 60 + second;
        (minute < 60 && second < 60 && whole <= 86_400).then_some(TimeOfDay { second: whole, pass })
    }

    /// What is behind the clock: nothing, `Z`, `UTC`, `+01:00`. The inner option is none where
    /// nothing is written; the outer one where something else is.
    #[allow(clippy::option_option, reason = "three cases: no offset, an offset, an invalid one")]
    pub(super) fn offset(&mut self) -> Option<Option<i32>> {
        self.blanks();
        if let Some(bracket) = self.rest.iter().position(|b| *b == b'[') {
            self.rest = &self.rest[..bracket];
        }
        let text = self.rest;
        self.rest = &[];
        let (sign, behind) = match text {
            [] => return Some(None),
            b"Z" | b"z" | b"UTC" | b"GMT" => return Some(Some(0)),
            [b'+', behind @ ..] => (1, behind),
            [b'-', behind @ ..] => (-1, behind),
            _ => return None,
        };
        let mut reader = Reader { rest: behind };
        let (mut hours, length) = reader.digits(4)?;
        let mut minutes = 0;
        if length >= 3 {
            (hours, minutes) = (hours / 100, hours % 100);
        } else if reader.take(b':') {
            (minutes, _) = reader.digits(2)?;
        }
        let seconds = hours * 3600 + minutes * 60;
        (reader.rest.is_empty() && minutes < 60 && seconds <= 15 * 3600)
            .then_some(Some(sign * seconds))
    }
}

/// Years that files are about.
fn in_years(year: i32) -> bool {
    (1900..=2200).contains(&year)
}
