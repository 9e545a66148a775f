//! A number written as text. Stricter than Rust's own reader in what counts as a number, and with
//! a reason where it is none.
use super::Reason;

/// The number that a text is, as in "230.5", "-1.2e3" or " +7 ", with white space around it.
///
/// # Errors
/// A comma, anything that is not a decimal number, and what is not finite as a double.
pub(super) fn number(text: &str) -> Result<f64, Reason> {
    let text = text.trim_ascii();
    let strange = |byte: &u8| !matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    match text.bytes().find(strange) {
        None => {}
        Some(_) if is_not_finite(text) => return Err(Reason::NotFinite),
        Some(b',') => return Err(Reason::Comma),
        Some(_) => return Err(Reason::NotNumber),
    }
    finite(text.parse().map_err(|_| Reason::NotNumber)?)
}

/// The value, if it is finite; without the sign of a negative zero.
pub(super) fn finite(value: f64) -> Result<f64, Reason> {
    if value.is_finite() { Ok(value + 0.0) } else { Err(Reason::NotFinite) }
}

fn is_not_finite(text: &str) -> bool {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    ["nan", "inf", "infinity"].iter().any(|word| bare.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_devices_write_them_are_read() {
        for (text, value) in [
            ("230.5", 230.5),
            (" 230.5\r\n", 230.5),
            ("+7", 7.0),
            ("-0.25", -0.25),
            ("1.2e3", 1200.0),
            ("1E-3", 1e-3),
            (".5", 0.5),
            ("5.", 5.0),
            ("007", 7.0),
        ] {
            assert_eq!(number(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_negative_zero_is_a_zero() {
        assert_eq!(number("-0.0").map(f64::is_sign_positive), Ok(true));
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", Reason::NotNumber),
            (" ", Reason::NotNumber),
            ("1,5", Reason::Comma),
            ("1.234,5", Reason::Comma),
            ("NaN", Reason::NotFinite),
            ("-inf", Reason::NotFinite),
            ("Infinity", Reason::NotFinite),
            ("1e400", Reason::NotFinite),
            ("unavailable", Reason::NotNumber),
            ("unknown", Reason::NotNumber),
            ("null", Reason::NotNumber),
            ("true", Reason::NotNumber),
            ("230 V", Reason::NotNumber),
            ("1 2", Reason::NotNumber),
            ("1.2.3", Reason::NotNumber),
            ("--1", Reason::NotNumber),
            ("e5", Reason::NotNumber),
            ("-", Reason::NotNumber),
            ("0x10", Reason::NotNumber),
            ("1_000", Reason::NotNumber),
            ("١٢", Reason::NotNumber),
        ] {
            assert_eq!(number(text), Err(reason), "{text}");
        }
    }
}
