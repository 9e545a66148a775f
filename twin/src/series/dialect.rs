//! How a CSV file is written: what separates its fields, and which sign stands before decimals. Not
//! what the fields mean.

/// Separator and decimal sign of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What separates fields; none where a line is one field.
    pub(crate) separator: Option<u8>,
    /// Whether numbers may have a comma for their decimal sign.
    pub(crate) decimal_comma: bool,
}

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberProblem {
    /// It is none at all, or not finite.
    NotANumber,
    /// A number far beyond every quantity of a microgrid.
    TooLarge,
    /// It has a separator of thousands, or a sign that may be one.
    Thousands,
}

impl NumberProblem {
    /// What to do about it.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::NotANumber => "write a number, as in 12.5",
            Self::TooLarge => "correct the value: no more than 1e15 is accepted",
            Self::Thousands => {
                "the point or comma may be a separator of thousands: save the file without such \
                 separators, and with the same decimal sign in all numbers"
            }
        }
    }
}

impl Dialect {
    /// The dialect of a text, from its first lines; `columns` says that more than one is asked for.
    pub(crate) fn of(text: &str, columns: bool) -> Self {
        let lines: Vec<&str> = data_lines(text).take(200).collect();
        let with = |separator: u8| {
            // Titles may stand above the first line that has it.
            let has = |line: &&str| outside_quotes(line, separator);
            let Some(first) = lines.iter().position(has) else { return false };
            let hits = lines[first..].iter().filter(|line| has(line)).count();
            hits * 10 >= (lines.len() - first) * 9 && hits * 2 >= lines.len()
        };
        for separator in [b';', b'\t', b'|'] {
            if with(separator) {
                return Self { separator: Some(separator), decimal_comma: true };
            }
        }
        // `1,5` on every line below at most one line of a name: a column with decimal commas.
        let numbers = match lines.first() {
            Some(first) if !first.contains(',') => &lines[1..],
            _ => &lines[..],
        };
        let one_column = !numbers.is_empty() && numbers.iter().all(|line| is_decimal_comma(line));
        if one_column && !columns {
            return Self { separator: None, decimal_comma: true };
        }
        Self { separator: Some(b','), decimal_comma: true }
    }

    /// A finite number. `quoted` tells that it stood in quotes: only there can it hold the
    /// separator.
    pub(crate) fn number(self, text: &str) -> Result<f64, NumberProblem> {
        let bytes = text.as_bytes();
        let comma = bytes.contains(&b',');
        let plain = bytes.first().is_some_and(|b| b.is_ascii_digit() || b"+-.".contains(b));
        if !comma
            && plain
            && let Ok(value) = text.parse::<f64>()
        {
            return within_range(value);
        }
        self.unusual(text)
    }

    #[cold]
    fn unusual_kind(text: &str) -> NumberProblem {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let other = |c: char| {
            !c.is_ascii_digit()
                && !matches!(c, ',' | '.' | '\'' | '’' | '-' | '+')
                && !c.is_whitespace()
        };
        if digits > 3 && !text.contains(other) {
            NumberProblem::Thousands
        } else {
            NumberProblem::NotANumber
        }
    }

    fn unusual(self, text: &str) -> Result<f64, NumberProblem> {
        // A minus of typographers.
        let text = &text.replace('\u{2212}', "-");
        let plain = |c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | '+' | 'e' | 'E');
        let commas = text.matches(',').count();
        if commas > 1 || !text.contains(|c: char| c.is_ascii_digit()) || !text.chars().all(plain) {
            return Err(Self::unusual_kind(text));
        }
        if let Some((_, decimals)) = text.split_once(',') {
            // Between commas, in quotes, `1,234` is rather a thousand than one and a quarter.
            let three = decimals.len() == 3 && decimals.bytes().all(|b| b.is_ascii_digit());
            if !self.decimal_comma || (self.separator == Some(b',') && three) {
                return Err(NumberProblem::Thousands);
            }
        }
        match text.replace(',', ".").parse::<f64>() {
            Ok(value) => within_range(value),
            Err(_) => Err(NumberProblem::NotANumber),
        }
    }
}

/// No quantity of a microgrid is beyond this in any unit; sums of such values stay finite.
const LARGEST: f64 = 1e15;

fn within_range(value: f64) -> Result<f64, NumberProblem> {
    match value {
        _ if !value.is_finite() => Err(NumberProblem::NotANumber),
        _ if value.abs() > LARGEST => Err(NumberProblem::TooLarge),
        _ => Ok(value),
    }
}

/// Lines that are neither empty nor comments.
fn data_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn outside_quotes(line: &str, separator: u8) -> bool {
    let mut quoted = false;
    line.bytes().any(|byte| {
        quoted ^= byte == b'"';
        byte == separator && !quoted
    })
}

/// Whether a line is one number with a comma, as in `1,5`.
fn is_decimal_comma(line: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = line.strip_prefix('-').unwrap_or(line);
    digits(number) || number.split_once(',').is_some_and(|(a, b)| digits(a) && digits(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_seen_in_the_data() {
        let of = |text: &str| Dialect::of(text, false).separator;
        assert_eq!(of("a;b\n1,5;2,5\n"), Some(b';'));
        assert_eq!(of("# a;b;c\na,b\n1,2\n"), Some(b','));
        assert_eq!(of("a\tb\n1\t2\n"), Some(b'\t'));
        assert_eq!(of("\"a;b\",c\n1,2\n1,3\n1,4\n"), Some(b','));
        assert_eq!(of("1,5\n2,5\n3\n"), None);
        assert_eq!(of("kW\n1,5\n2,5\n"), None);
        assert_eq!(Dialect::of("1,5\n2,5\n", true).separator, Some(b','));
        assert_eq!(of("1.5\n2.5\n"), Some(b','));
    }

    #[test]
    fn thousands_are_refused_and_never_read_as_decimals() {
        let semicolon = Dialect { separator: Some(b';'), decimal_comma: true };
        let comma = Dialect { separator: Some(b','), decimal_comma: true };
        assert_eq!(semicolon.number("1,5"), Ok(1.5));
        assert_eq!(semicolon.number("-0,25"), Ok(-0.25));
        assert_eq!(semicolon.number("\u{2212}0,25"), Ok(-0.25));
        assert_eq!(semicolon.number("1.5e3"), Ok(1500.0));
        assert_eq!(comma.number("1,5"), Ok(1.5));
        for text in ["1.234,5", "1,234,567", "1.234.567", "1 234,5", "1'234.5", "1\u{a0}234,5"] {
            assert_eq!(semicolon.number(text), Err(NumberProblem::Thousands), "{text}");
        }
        assert_eq!(comma.number("1,234"), Err(NumberProblem::Thousands));
        for text in ["inf", "NaN", "twelve", "", "1e999", "--1", "1-2", "0x10"] {
            assert_eq!(semicolon.number(text), Err(NumberProblem::NotANumber), "{text}");
        }
        for text in ["1e300", "-2000000000000000", "1,7e16"] {
            assert_eq!(semicolon.number(text), Err(NumberProblem::TooLarge), "{text}");
        }
    }
}
