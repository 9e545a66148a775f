//! Refined numbers and names: a value that exists is within its range, because the deserialiser
//! refuses every other one where its position in the file is still known.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::fmt;

macro_rules! refined {
    ($(#[$doc:meta])* $name:ident, $test:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
        pub struct $name(f64);

        impl $name {
            /// The value, if it is in range, and no larger or smaller than anything can be.
            pub fn new(value: f64) -> Option<Self> {
                let within: fn(f64) -> bool = $test;
                let sane = value.is_finite() && beyond(value, within).is_none();
                (sane && within(value)).then_some(Self(value))
            }

            /// A constant of the program: out of range is a bug of ours, found when it is compiled
            /// into a test.
            #[allow(dead_code, reason = "not every type has a constant in the program")]
            pub(crate) fn of(value: f64) -> Self {
                Self::new(value).unwrap_or_else(|| panic!("{value} is not {}", $what))
            }

            /// The plain number.
            pub fn get(self) -> f64 {
                self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = f64::deserialize(deserializer)?;
                let within: fn(f64) -> bool = $test;
                let expected = match beyond(value, within) {
                    Some(limit) if within(value) => limit,
                    _ => $what,
                };
                let found = short(value);
                let share = $what.starts_with("a share between") || $what.starts_with("an efficiency");
                let remedy = match beyond(value, within) {
                    Some(_) if value.is_finite() && within(value) => DIGITS.to_owned(),
                    _ if share => of_per_cent(value),
                    _ => String::new(),
                };
                let wrong = || {
                    D::Error::custom(format_args!("found {found}, expected {expected}{remedy}"))
                };
                Self::new(value).ok_or_else(wrong)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// No quantity of a site is larger, in any unit.
pub(crate) const LARGEST: f64 = 1e12;
/// What is above zero is not smaller: nothing that it divides overflows.
const SMALLEST: f64 = 1e-12;

/// What to do about such a number.
const DIGITS: &str = "; check its digits, its decimal point and its unit";

/// The limit beyond which a number lies that no site has.
fn beyond(value: f64, within: fn(f64) -> bool) -> Option<&'static str> {
    let tiny = value != 0.0 && value.abs() < SMALLEST && !within(0.0);
    if value > LARGEST {
        Some("a number of at most 1e12")
    } else if value < -LARGEST {
        Some("a number of at least -1e12")
    } else if tiny {
        Some("a number of at least 1e-12")
    } else {
        None
    }
}

/// What to write for a share that was given in per cent, behind a semicolon; nothing for what is none.
pub(crate) fn of_per_cent(value: f64) -> String {
    let share = (value * 1e6).round() / 1e8;
    match value {
        _ if (2.0..=100.0).contains(&value) => format!("; {value} % is written {share}"),
        _ => String::new(),
    }
}

/// A number as messages show it: 1e308, not 308 digits.
pub(crate) fn short(value: f64) -> String {
    let plain = value == 0.0 || (1e-6..1e15).contains(&value.abs());
    if plain || !value.is_finite() { value.to_string() } else { format!("{value:e}") }
}

refined!(
    /// A finite number, between -1e12 and 1e12.
    Finite, |_| true, "a finite number"
);
refined!(
    /// A number above zero: 1e-12 to 1e12.
    Positive, |v| v > 0.0, "a number above zero"
);
refined!(
    /// A zero or more, at most 1e12.
    NonNegative, |v| v >= 0.0, "zero or more"
);
refined!(
    /// A share between 0 and 1, both included.
    Fraction, |v| (0.0..=1.0).contains(&v), "a share between 0 and 1"
);
refined!(
    /// An efficiency: above 0, at most 1.
    Efficiency, |v| v > 0.0 && v <= 1.0, "an efficiency above 0 and at most 1"
);
refined!(
    /// How clear the sky is on average.
    Clearness, |v| (-1.0..=1.0).contains(&v),
    "a clearness of the sky between -1 (overcast) and 1 (desert)"
);
refined!(
    /// A geographical latitude in degrees, north positive.
    Latitude, |v| (-90.0..=90.0).contains(&v), "a latitude between -90 and 90 degrees"
);
refined!(
    /// A geographical longitude in degrees, east positive.
    Longitude, |v| (-180.0..=180.0).contains(&v), "a longitude between -180 and 180 degrees"
);
refined!(
    /// A tilt in degrees: 0 is flat, 90 upright.
    Tilt, |v| (0.0..=90.0).contains(&v), "a tilt between 0 (flat) and 90 (upright) degrees"
);
refined!(
    /// A compass direction in degrees: 0 north, 90 east, 180 south.
    Azimuth, |v| (0.0..=360.0).contains(&v), "an azimuth between 0 and 360 degrees (180 is south)"
);

refined!(
    /// A height above the sea in metres.
    Altitude, |v| (-500.0..=9000.0).contains(&v),
    "an altitude between -500 and 9000 m above sea level"
);
refined!(
    /// A mean temperature of a place in degrees C.
    Temperature, |v| (-60.0..=60.0).contains(&v), "a temperature between -60 and 60 degrees C"
);
refined!(
    /// How far temperatures at a place swing about their mean, in degrees C.
    TemperatureSwing, |v| (0.0..=60.0).contains(&v),
    "a temperature swing between 0 and 60 degrees C"
);
refined!(
    /// A mean wind speed in m/s.
    WindSpeed, |v| (0.0..=60.0).contains(&v), "a mean wind speed between 0 and 60 m/s"
);
refined!(
    /// Linke's turbidity of the air.
    Turbidity, |v| (1.0..=20.0).contains(&v),
    "a Linke turbidity between 1 (clean, dry air) and 20"
);
refined!(
    /// The temperature coefficient of a PV module: its relative change of power per degree C.
    TemperatureCoefficient, |v| (-0.05..=0.05).contains(&v),
    "a coefficient between -0.05 and 0.05 per degree C: -0.47 %/K is written -0.0047"
);
refined!(
    /// Power usage effectiveness: the power of a data centre per watt of its computers.
    PowerUsageEffectiveness, |v| (1.0..=100.0).contains(&v),
    "a power usage effectiveness (PUE) between 1 (no cooling or other overhead) and 100"
);
refined!(
    /// Delay of a message in milliseconds: an hour at most.
    DelayMs, |v| (0.0..=3_600_000.0).contains(&v), "a delay of 0 to 3600000 ms (one hour)"
);
refined!(
    /// Seconds between two blocks of a consensus group.
    BlockS, |v| v >= 0.01, "a block interval of 0.01 s or more"
);
refined!(
    /// Cars a day on average.
    CarsPerDay, |v| (0.0..=100_000.0).contains(&v), "0 to 100000 cars per day"
);
refined!(
    /// Random failures a year on average.
    OutagesPerYear, |v| (0.0..=100_000.0).contains(&v), "0 to 100000 outages per year"
);
refined!(
    /// Days between two refills of a fuel tank.
    RefillDays, |v| (0.04..=36_600.0).contains(&v),
    "0.04 (about an hour) to 36600 days between two refills"
);

refined!(
    /// A change from year to year, as a share.
    YearlyChange, |v| v > -1.0 && v < 1.0,
    "a yearly change above -1 and below 1: 2 % per year is written 0.02"
);

impl Default for YearlyChange {
    fn default() -> Self {
        Self(0.0)
    }
}

impl Default for Finite {
    fn default() -> Self {
        Self(0.0)
    }
}

refined!(
    /// The duration of an outage that is assessed: an hour to a year.
    OutageHours, |v| (1.0..=8760.0).contains(&v), "a duration of 1 to 8760 hours (one year)"
);

impl Default for CarsPerDay {
    fn default() -> Self {
        Self(0.0)
    }
}

impl Default for DelayMs {
    fn default() -> Self {
        Self(0.0)
    }
}

impl Default for NonNegative {
    fn default() -> Self {
        Self(0.0)
    }
}

impl Default for Fraction {
    fn default() -> Self {
        Self(0.0)
    }
}

impl Default for Clearness {
    fn default() -> Self {
        Self(0.0)
    }
}

/// The name of a device or another entry of the scenario: 1 to 64 letters of any alphabet, digits,
/// `-`, `_` and `.`. It appears in file names, in CSV headers and in MQTT topics.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Id(String);

/// The most bytes of a name: it becomes a part of a file's name.
const MOST_BYTES: usize = 192;

fn may_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

impl Id {
    /// The name, if it is one.
    pub fn new(name: &str) -> Option<Self> {
        let long_enough = (1..=64).contains(&name.chars().count()) && name.len() <= MOST_BYTES;
        (long_enough && name.chars().all(may_name)).then(|| Self(name.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Another name that is allowed, near to one that is not.
    pub(super) fn instead_of(name: &str) -> Option<Self> {
        let name: String = name.trim().chars().map(|c| if may_name(c) { c } else { '-' }).collect();
        Self::new(name.trim_matches('-'))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(&name).ok_or_else(|| {
            let expected = "expected 1 to 64 letters, digits, '-', '_' or '.'";
            let shown: String = name.chars().take(80).collect();
            match Self::instead_of(&name) {
                Some(other) => D::Error::custom(format_args!(
                    "found the name {shown:?}, {expected}; write \"{other}\""
                )),
                None => D::Error::custom(format_args!("found the name {shown:?}, {expected}")),
            }
        })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place on the site in metres: east, north, up from the site's origin.
pub type PositionM = (f64, f64, f64);

/// A time of day at which something ends. "24:00" means the same as "00:00": the end of the day.
pub(crate) fn end_of_day<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<jiff::civil::Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim() {
        "24:00" | "24:00:00" => Ok(jiff::civil::Time::midnight()),
        text => text.parse().map_err(D::Error::custom),
    }
}

/// A list of fixed length, which may stand in `[..]` as well as in the `(..)` of a tuple.
pub(crate) fn list_of<'de, const N: usize, T, D>(deserializer: D) -> Result<[T; N], D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Items<const N: usize, T>(std::marker::PhantomData<T>);

    impl<'de, const N: usize, T: Deserialize<'de>> serde::de::Visitor<'de> for Items<N, T> {
        type Value = [T; N];

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of {N} values")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<[T; N], A::Error> {
            let mut items = Vec::with_capacity(N);
            while let Some(item) = seq.next_element()? {
                items.push(item);
            }
            let found = items.len();
            items.try_into().map_err(|_| A::Error::invalid_length(found, &self))
        }
    }

    deserializer.deserialize_any(Items(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_no_site_has_are_refused_in_few_digits() {
        let told = |text: &str| ron::from_str::<NonNegative>(text).map_err(|e| e.code.to_string());
        assert_eq!(told("1e12"), Ok(NonNegative(1e12)));
        assert_eq!(
            told("1e308"),
            Err(format!("found 1e308, expected a number of at most 1e12{DIGITS}"))
        );
        let told = |text: &str| ron::from_str::<Finite>(text).map_err(|e| e.code.to_string());
        assert_eq!(
            told("-1e13"),
            Err(format!("found -10000000000000, expected a number of at least -1e12{DIGITS}"))
        );
        let told = |text: &str| ron::from_str::<Positive>(text).map_err(|e| e.code.to_string());
        assert_eq!(
            told("1e-300"),
            Err(format!("found 1e-300, expected a number of at least 1e-12{DIGITS}"))
        );
        assert_eq!(told("0"), Err("found 0, expected a number above zero".into()));
        let told = |text: &str| ron::from_str::<Latitude>(text).map_err(|e| e.code.to_string());
        assert!(told("1e300").is_err_and(|e| e.contains("1e300, expected a latitude between")));
        assert_eq!(NonNegative::new(1e13), None);
    }
}
