//! Numbers for readers: three significant digits, a thin space between thousands, a true minus
//! sign, and the unit behind. The one place where the panels format a number.

/// About three significant digits; "–" where there is no number.
pub(crate) fn human(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let magnitude = value.abs();
    if magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-6) {
        return format!("{value:.1e}").replace('-', "\u{2212}");
    }
    let decimals = match magnitude {
        0.0 => 0,
        m => (2 - m.log10().floor() as i32).clamp(0, 9) as usize,
    };
    let mut text = format!("{magnitude:.decimals$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    let minus = if value < 0.0 && text != "0" { "\u{2212}" } else { "" };
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    format!("{minus}{}{rest}", grouped(whole))
}

/// [`human`] with a unit behind.
pub(crate) fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        _ if !value.is_finite() => "–".to_owned(),
        "kW" => power(value),
        "kWh" => energy(value),
        // What is counted says so itself.
        "" | "tasks" | "decisions" | "view changes" => human(value),
        "°" => format!("{}°", human(value)),
        _ => format!("{}\u{a0}{unit}", human(value)),
    }
}

/// A power in kW, as W, kW or MW.
pub(crate) fn power(kw: f64) -> String {
    scaled(kw, ["W", "kW", "MW"])
}

/// An energy in kWh, as Wh, kWh or MWh.
pub(crate) fn energy(kwh: f64) -> String {
    scaled(kwh, ["Wh", "kWh", "MWh"])
}

fn scaled(kilo: f64, units: [&str; 3]) -> String {
    let (value, unit) = match kilo.abs() {
        m if m < 0.0005 => (0.0, units[1]),
        m if m < 0.9995 => (kilo * 1e3, units[0]),
        m if m < 9999.5 => (kilo, units[1]),
        _ => (kilo / 1e3, units[2]),
    };
    if kilo.is_finite() { format!("{}\u{a0}{unit}", human(value)) } else { "–".to_owned() }
}

/// A share as per cent.
pub(crate) fn percent(share: f64) -> String {
    format!("{}\u{a0}%", human((share * 1000.0).round() / 10.0))
}

/// A difference: always with its sign.
pub(crate) fn signed(value: f64) -> String {
    let text = human(value);
    if value > 0.0 && text != "0" { format!("+{text}") } else { text }
}

/// A speed of the play, as in "300×".
pub(crate) fn speed(speed: f64) -> String {
    format!("{}×", human(speed))
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + 4);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_get_three_digits_and_a_unit() {
        assert_eq!(human(1_234_567.0), "1\u{202f}234\u{202f}567");
        assert_eq!(human(0.012345), "0.0123");
        assert_eq!(human(-2.4681), "\u{2212}2.47");
        assert_eq!(human(250.0), "250");
        assert_eq!(human(f64::NAN), "–");
        assert_eq!(power(0.0226), "22.6\u{a0}W");
        assert_eq!(power(-12_345.0), "\u{2212}12.3\u{a0}MW");
        assert_eq!(power(1e-9), "0\u{a0}kW");
        assert_eq!(percent(0.12345), "12.3\u{a0}%");
        assert_eq!(signed(3.0), "+3");
        assert_eq!(with_unit(0.31, "EUR/kWh"), "0.31\u{a0}EUR/kWh");
    }
}
