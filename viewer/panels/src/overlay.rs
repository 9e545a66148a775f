//! What colours the world, one quantity at a time, and its legend. Not the colouring itself, which
//! is the scene's.

/// What colours the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlay {
    /// Nothing: things have their own colours.
    #[default]
    None,
    /// What gives and what takes, in kW.
    Power,
    /// Batteries' states of charge, and cars'.
    Charge,
    /// Carbon intensity of what each thing runs on.
    Carbon,
    /// Latency of the tasks that each place finished.
    Latency,
    /// How busy servers, chargers and arrays are, against what they can.
    Load,
    /// Roles in a consensus group: leader, member, behind, silent.
    Consensus,
}

impl Overlay {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Power,
        Self::Charge,
        Self::Carbon,
        Self::Latency,
        Self::Load,
        Self::Consensus,
    ];

    /// As the command line says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Power => "power",
            Self::Charge => "charge",
            Self::Carbon => "carbon",
            Self::Latency => "latency",
            Self::Load => "load",
            Self::Consensus => "consensus",
        }
    }

    /// The overlay of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|overlay| overlay.name() == name)
    }

    /// What its legend says.
    pub fn legend(self) -> Legend {
        match self {
            Self::None => Legend::Nothing,
            Self::Power => Legend::Diverging {
                what: "power",
                unit: "share of rating",
                low: "consumes",
                high: "supplies",
            },
            Self::Charge => {
                Legend::Scale { what: "state of charge", unit: "%", from: 0.0, to: 100.0 }
            }
            Self::Carbon => {
                Legend::Scale {
                    what: "carbon intensity", unit: "g CO₂/kWh", from: 0.0, to: 600.0
                }
            }
            Self::Latency => {
                Legend::Scale { what: "task latency", unit: "ms", from: 0.0, to: 1000.0 }
            }
            Self::Load => Legend::Scale { what: "load", unit: "% of rating", from: 0.0, to: 100.0 },
            Self::Consensus => Legend::Roles,
        }
    }
}

/// What a legend shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Legend {
    /// There is none.
    Nothing,
    /// A scale from a number to a number.
    Scale {
        /// The quantity.
        what: &'static str,
        /// Its unit.
        unit: &'static str,
        /// At the lower end, dark blue.
        from: f32,
        /// At the upper end, yellow.
        to: f32,
    },
    /// A scale around nothing.
    Diverging {
        /// The quantity.
        what: &'static str,
        /// Its unit.
        unit: &'static str,
        /// What the lower end means.
        low: &'static str,
        /// What the upper end means.
        high: &'static str,
    },
    /// The roles of [`crate::palette::Role`].
    Roles,
}
