//! Typical days: how a load of a kind is divided over hours, weekdays and months. Made for gridtwin
//! by hand after what such loads commonly look like (offices after DOE's reference buildings, homes
//! after the BDEW H0 profile, in outline only: no number is copied). Only the shape counts: the
//! year's energy is the scenario's.

use crate::scenario::Shape;

/// A kind of load: relative values, of which only the ratios matter.
pub(crate) struct TypicalDays {
    /// Monday to Friday, by hour of the local clock.
    weekday: [f64; 24],
    /// Saturday and Sunday.
    weekend: [f64; 24],
    /// January to December of the northern hemisphere.
    month: [f64; 12],
}

impl TypicalDays {
    /// The value of an hour of the local clock, in a month 1 to 12 of the northern hemisphere.
    pub(crate) fn value(&self, weekend: bool, hour: usize, month: usize) -> f64 {
        let day = if weekend { &self.weekend } else { &self.weekday };
        day[hour.min(23)] * self.month[(month - 1).min(11)]
    }
}

/// The typical days of a kind of load; none for street lamps, which follow the sun.
pub(crate) fn typical_days(shape: Shape) -> Option<&'static TypicalDays> {
    match shape {
        Shape::Office => Some(&OFFICE),
        Shape::Residential => Some(&RESIDENTIAL),
        Shape::Industrial => Some(&INDUSTRIAL),
        Shape::Depot => Some(&DEPOT),
        Shape::Island => Some(&ISLAND),
        Shape::StreetLight => None,
    }
}

const OFFICE: TypicalDays = TypicalDays {
    weekday: [
        0.30, 0.30, 0.30, 0.30, 0.32, 0.38, 0.52, 0.74, 0.90, 0.97, 1.00, 1.00, 0.97, 1.00, 1.00,
        0.98, 0.95, 0.85, 0.66, 0.50, 0.42, 0.37, 0.33, 0.31,
    ],
    weekend: [
        0.29, 0.29, 0.29, 0.29, 0.29, 0.30, 0.31, 0.33, 0.35, 0.37, 0.38, 0.38, 0.38, 0.38, 0.37,
        0.36, 0.35, 0.33, 0.32, 0.31, 0.30, 0.30, 0.29, 0.29,
    ],
    // Cooling outweighs lighting.
    month: [1.00, 0.98, 0.95, 0.93, 0.97, 1.06, 1.12, 1.08, 1.03, 0.96, 0.96, 0.96],
};

const RESIDENTIAL: TypicalDays = TypicalDays {
    weekday: [
        0.36, 0.31, 0.28, 0.27, 0.28, 0.34, 0.54, 0.72, 0.66, 0.56, 0.53, 0.56, 0.62, 0.58, 0.53,
        0.54, 0.62, 0.80, 0.97, 1.00, 0.95, 0.84, 0.68, 0.49,
    ],
    weekend: [
        0.42, 0.36, 0.31, 0.29, 0.28, 0.30, 0.36, 0.50, 0.67, 0.78, 0.82, 0.87, 0.90, 0.82, 0.74,
        0.70, 0.74, 0.86, 0.98, 0.99, 0.93, 0.83, 0.69, 0.53,
    ],
    month: [1.18, 1.13, 1.06, 0.97, 0.90, 0.86, 0.85, 0.86, 0.91, 1.00, 1.11, 1.17],
};

const INDUSTRIAL: TypicalDays = TypicalDays {
    // Two shifts, from six to twenty-two, with a break at noon and at six.
    weekday: [
        0.25, 0.24, 0.24, 0.24, 0.28, 0.55, 0.90, 0.98, 1.00, 0.97, 1.00, 0.98, 0.85, 0.96, 1.00,
        0.98, 0.96, 0.93, 0.82, 0.92, 0.90, 0.80, 0.45, 0.30,
    ],
    weekend: [
        0.24, 0.23, 0.23, 0.23, 0.23, 0.24, 0.26, 0.28, 0.29, 0.29, 0.29, 0.28, 0.27, 0.26, 0.26,
        0.26, 0.25, 0.25, 0.25, 0.25, 0.25, 0.24, 0.24, 0.24,
    ],
    month: [1.02, 1.03, 1.03, 1.00, 1.00, 1.01, 0.95, 0.92, 1.02, 1.02, 1.02, 0.98],
};

const DEPOT: TypicalDays = TypicalDays {
    // Lit all night; buses leave before six and are washed and swept when they return.
    weekday: [
        0.60, 0.52, 0.50, 0.58, 0.82, 1.00, 0.88, 0.62, 0.48, 0.42, 0.40, 0.40, 0.40, 0.40, 0.42,
        0.46, 0.54, 0.66, 0.84, 0.95, 0.97, 0.92, 0.82, 0.70,
    ],
    weekend: [
        0.56, 0.50, 0.47, 0.50, 0.60, 0.70, 0.64, 0.50, 0.40, 0.36, 0.34, 0.34, 0.34, 0.34, 0.35,
        0.38, 0.43, 0.52, 0.64, 0.71, 0.73, 0.71, 0.66, 0.60,
    ],
    month: [1.13, 1.09, 1.03, 0.96, 0.92, 0.89, 0.89, 0.92, 0.96, 1.02, 1.08, 1.11],
};

const ISLAND: TypicalDays = TypicalDays {
    // Cold stores run all day; shops by day, homes in the evening, guests in summer.
    weekday: [
        0.55, 0.51, 0.49, 0.48, 0.48, 0.51, 0.60, 0.70, 0.76, 0.79, 0.81, 0.84, 0.85, 0.80, 0.76,
        0.75, 0.78, 0.86, 0.95, 1.00, 0.97, 0.88, 0.75, 0.63,
    ],
    weekend: [
        0.57, 0.53, 0.50, 0.49, 0.48, 0.50, 0.55, 0.63, 0.71, 0.77, 0.81, 0.86, 0.88, 0.83, 0.77,
        0.74, 0.76, 0.84, 0.94, 0.99, 0.96, 0.88, 0.76, 0.65,
    ],
    month: [1.03, 1.01, 0.96, 0.94, 0.93, 0.97, 1.10, 1.15, 1.00, 0.93, 0.96, 1.02],
};
