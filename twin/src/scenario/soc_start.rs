//! A battery's state of charge at the start: a number, or the one at which the run ends. Not how the
//! second is found, which is the engine's (`engine::cyclic`).

use super::units::Fraction;
use ron::value::RawValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// A battery's state of charge at the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SocStart {
    /// This share of its capacity.
    Share(Fraction),
    /// What it holds at the run's end.
    Cyclic,
}

impl SocStart {
    /// The share, where the scenario gives it.
    pub fn share(self) -> Option<Fraction> {
        match self {
            Self::Share(share) => Some(share),
            Self::Cyclic => None,
        }
    }
}

/// Written as it is read: `0.5` or `Cyclic`.
impl Serialize for SocStart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Share(share) => share.serialize(serializer),
            Self::Cyclic => serializer.serialize_unit_variant("SocStart", 1, "Cyclic"),
        }
    }
}

impl<'de> Deserialize<'de> for SocStart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get_ron().trim();
        if text == "Cyclic" {
            return Ok(Self::Cyclic);
        }
        let number = ron::from_str(text).ok();
        number.and_then(Fraction::new).map(Self::Share).ok_or_else(|| {
            D::Error::custom(format_args!(
                "found {text}, expected a share between 0 and 1, or `Cyclic` for the state of \
                 charge at which the run ends"
            ))
        })
    }
}

impl fmt::Display for SocStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => share.fmt(f),
            Self::Cyclic => f.write_str("Cyclic"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SocStart, String> {
        ron::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_share_or_cyclic_and_nothing_else() {
        assert_eq!(read("0.3"), Ok(SocStart::Share(Fraction::of(0.3))));
        assert_eq!(read("1"), Ok(SocStart::Share(Fraction::of(1.0))));
        assert_eq!(read("Cyclic"), Ok(SocStart::Cyclic));
        for wrong in ["1.5", "-0.1", "cyclic", "\"Cyclic\"", "NaN", "(0.5)", "Cyclic()"] {
            let message = read(wrong).unwrap_err();
            assert!(message.contains("or `Cyclic`"), "{wrong}: {message}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for start in [SocStart::Share(Fraction::of(0.25)), SocStart::Cyclic] {
            let text = crate::scenario::load::ron_options().to_string(&start).unwrap();
            assert_eq!(read(&text), Ok(start));
        }
    }
}
