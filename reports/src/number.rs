//! Numbers as text, the same text for the same number on every machine: for files (a point, no
//! grouping, never NaN) and for readers (few digits, thin spaces between thousands).

use std::io::Write;

const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

/// Appends an integer.
pub(crate) fn integer(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends an integer with leading zeros up to `width` digits.
pub(crate) fn padded(out: &mut Vec<u8>, value: u64, width: usize) {
    let mut scale = 10u64.pow(width as u32 - 1);
    while scale > value && scale > 1 {
        out.push(b'0');
        scale /= 10;
    }
    integer(out, value);
}

/// Appends `value` rounded to at most `decimals` (0 to 18) places, without trailing zeros; nothing
/// where it is not finite.
pub(crate) fn fixed(out: &mut Vec<u8>, value: f64, decimals: usize) {
    let scaled = (value.abs() * POWERS[decimals]).round();
    if scaled.is_nan() || scaled >= 1e18 {
        return shortest(out, value);
    }
    let (mut scaled, mut decimals) = (scaled as u64, decimals);
    if value < 0.0 && scaled > 0 {
        out.push(b'-');
    }
    while decimals > 0 && scaled.is_multiple_of(10) {
        scaled /= 10;
        decimals -= 1;
    }
    let unit = 10u64.pow(decimals as u32);
    integer(out, scaled / unit);
    if decimals > 0 {
        out.push(b'.');
        padded(out, scaled % unit, decimals);
    }
}

/// Appends `value` rounded to about `digits` significant digits, as a plain decimal number.
pub(crate) fn significant(out: &mut Vec<u8>, value: f64, digits: usize) {
    fixed(out, value, decimals_for(value.abs(), digits));
}

/// How many places show `digits` significant digits of a magnitude.
fn decimals_for(magnitude: f64, digits: usize) -> usize {
    if magnitude >= 1.0 {
        let before = POWERS.iter().take_while(|p| magnitude >= **p).count();
        return digits.saturating_sub(before);
    }
    let zeros = (1..POWERS.len()).take_while(|k| magnitude * POWERS[*k] < 1.0);
    (digits + zeros.count()).min(18)
}

/// Appends the shortest text that reads back as the same number; nothing where it is not finite.
pub fn shortest(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        let value = if value == 0.0 { 0.0 } else { value };
        // Writing to memory cannot fail.
        let _ = match value.abs() {
            m if m != 0.0 && !(1e-7..1e21).contains(&m) => write!(out, "{value:e}"),
            _ => write!(out, "{value}"),
        };
    }
}

/// For readers: about three significant digits, whole numbers from 1000 on, a narrow no-break space
/// between thousands, a true minus sign; "none" where it is not finite.
pub fn human(value: f64) -> String {
    human_digits(value, 3)
}

/// As [`human`], with so many significant digits.
pub(crate) fn human_digits(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "none".to_owned();
    }
    let magnitude = value.abs();
    if magnitude >= 1e15 {
        return format!("{value:.2e}");
    }
    if magnitude > 0.0 && magnitude < 1e-6 {
        return format!("{value:.1e}").replace('-', "\u{2212}");
    }
    let decimals = decimals_for(magnitude, digits).min(9);
    let mut text = Vec::new();
    fixed(&mut text, magnitude, if magnitude == 0.0 { 0 } else { decimals });
    let text: String = text.into_iter().map(char::from).collect();
    let (whole, rest) = text.split_once('.').map_or((&text[..], None), |(w, r)| (w, Some(r)));
    let minus = if value < 0.0 && text != "0" { "\u{2212}" } else { "" };
    let rest = rest.map_or(String::new(), |r| format!(".{r}"));
    format!("{minus}{}{rest}", grouped(whole))
}

/// For readers: an amount of money, to the hundredth.
pub(crate) fn money(value: f64) -> String {
    if value.is_nan() || value.abs() >= 1e15 {
        return human(value);
    }
    let text = format!("{:.2}", value.abs());
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let minus = if value < 0.0 && text != "0.00" { "\u{2212}" } else { "" };
    format!("{minus}{}.{cents}", grouped(whole))
}

/// For readers: a count.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

/// For readers: a share as per cent.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "none".to_owned();
    }
    // What is not whole never reads as 100 %, nor as 0 %.
    let per_cent = share * 100.0;
    match per_cent {
        p if p > 99.95 && p < 100.0 => ">\u{202f}99.9\u{202f}%".to_owned(),
        p if p > 0.0 && p < 0.05 => "<\u{202f}0.1\u{202f}%".to_owned(),
        p => format!("{}\u{202f}%", human((p * 10.0).round() / 10.0)),
    }
}

/// For readers: a length of time.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round();
    if !seconds.is_finite() {
        "none".to_owned()
    } else if seconds < 1.0 {
        format!("{} ms", human(seconds * 1e3))
    } else if whole < 60.0 {
        format!("{} s", human(seconds))
    } else if whole < 3600.0 {
        let (m, s) = ((whole / 60.0).floor(), whole % 60.0);
        if s == 0.0 { format!("{m} min") } else { format!("{m} min {s} s") }
    } else {
        let minutes = (seconds / 60.0).round();
        let (h, m) = ((minutes / 60.0).floor(), minutes % 60.0);
        if h >= 48.0 && h % 24.0 == 0.0 {
            format!("{} days", h / 24.0)
        } else if h >= 48.0 {
            format!("{} days {} h", (h / 24.0).floor(), h % 24.0)
        } else if m == 0.0 {
            format!("{h} h")
        } else {
            format!("{h} h {m} min")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(f: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(&mut out);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn fixed_is_within_half_a_place(v in -1e6..1e6f64, decimals in 0usize..9) {
            let read: f64 = text(|o| fixed(o, v, decimals)).parse().unwrap();
            prop_assert!((read - v).abs() <= 0.5 / POWERS[decimals] + 4.0 * f64::EPSILON * v.abs(), "{v} read as {read}");
        }

        #[test]
        fn significant_keeps_its_digits(v in prop::num::f64::POSITIVE) {
            let v = v.clamp(1e-10, 1e10);
            let read: f64 = text(|o| significant(o, v, 6)).parse().unwrap();
            prop_assert!((read / v - 1.0).abs() < 1e-5, "{v} read as {read}");
        }

        #[test]
        fn shortest_reads_back(v in prop::num::f64::NORMAL) {
            prop_assert_eq!(text(|o| shortest(o, v)).parse::<f64>().unwrap(), v);
        }
    }

    #[test]
    fn files_have_no_nan_and_no_negative_zero() {
        assert_eq!(text(|o| shortest(o, f64::NAN)), "");
        assert_eq!(text(|o| fixed(o, f64::INFINITY, 3)), "");
        assert_eq!(text(|o| shortest(o, -0.0)), "0");
        assert_eq!(text(|o| fixed(o, -0.0001, 2)), "0");
        assert_eq!(text(|o| fixed(o, 12.3400, 4)), "12.34");
        assert_eq!(text(|o| padded(o, 7, 3)), "007");
    }

    #[test]
    fn readers_get_few_digits() {
        assert_eq!(human(1234567.0), "1\u{202f}234\u{202f}567");
        assert_eq!(human(0.012345), "0.0123");
        assert_eq!(human(-2.4681), "\u{2212}2.47");
        assert_eq!(human(f64::NAN), "none");
        assert_eq!(percent(0.99999), ">\u{202f}99.9\u{202f}%");
        assert_eq!(percent(1.0), "100\u{202f}%");
        assert_eq!(duration(3725.0), "1 h 2 min");
        assert_eq!(money(-12345.6), "\u{2212}12\u{202f}345.60");
        assert_eq!(duration(65.0), "1 min 5 s");
    }
}
