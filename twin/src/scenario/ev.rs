//! EV chargers and the cars that come to them.

use super::energy::Shedding;
use super::series::{DateOrder, OtherYear, SeriesZone};
use super::units::{CarsPerDay, Efficiency, Fraction, Id, NonNegative, PositionM, Positive};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A group of equal chargers behind one feeder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chargers {
    /// The group's name.
    pub id: Id,
    /// How many.
    pub count: u32,
    /// Rated power of each at the socket.
    pub power_kw: Positive,
    /// What arrives in the car of what the socket takes from the site.
    #[serde(default = "Chargers::default_efficiency")]
    pub efficiency: Efficiency,
    /// What all of them together may draw; all at full power by default.
    #[serde(default)]
    pub site_limit_kw: Option<Positive>,
    /// The order in which cars are charged.
    #[serde(default)]
    pub strategy: ChargingStrategy,
    /// The cars.
    pub sessions: Sessions,
    /// When the group is switched off.
    #[serde(default)]
    pub shedding: Shedding,
    /// The group's position.
    #[serde(default)]
    pub position_m: Option<PositionM>,
}

impl Chargers {
    fn default_efficiency() -> Efficiency {
        Efficiency::of(0.92)
    }
}

/// The order in which cars are charged if power or chargers do not suffice for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargingStrategy {
    /// Immediately, in order of arrival.
    #[default]
    Immediate,
    /// Who leaves first.
    EarliestDeadlineFirst,
}

/// Where the cars come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Sessions {
    /// Drawn from ElaadNL's distributions of real sessions.
    Elaad {
        /// What kind of place it is.
        place: Place,
        /// Cars on a weekday, on average.
        per_weekday: CarsPerDay,
        /// Cars on a Saturday or Sunday, on average.
        #[serde(default)]
        per_weekend_day: CarsPerDay,
        /// The cars' maximum charging power, whatever the charger provides.
        #[serde(default = "default_vehicle_kw")]
        vehicle_kw: Positive,
    },
    /// The same vehicles every day: a bus depot.
    Fleet {
        /// How many vehicles.
        vehicles: u32,
        /// Local time of return, as in "18:30", of the mean vehicle.
        returns: jiff::civil::Time,
        /// Local time of departure on the next morning.
        leaves: jiff::civil::Time,
        /// Standard deviation of both, in minutes.
        #[serde(default)]
        spread_minutes: NonNegative,
        /// Energy that each requests in the evening, on average.
        energy_kwh: Positive,
        /// Standard deviation of that energy, as a share of it.
        #[serde(default)]
        energy_spread: Fraction,
        /// What a vehicle can take at most.
        #[serde(default = "default_vehicle_kw")]
        vehicle_kw: Positive,
        /// Whether they run on Saturdays and Sundays too.
        #[serde(default)]
        weekends: bool,
    },
    /// A CSV of sessions: `arrival,departure,energy_kwh[,vehicle_kw]`.
    Csv {
        /// The file, relative to the scenario's.
        path: PathBuf,
        /// The zone of times without an offset: "UTC", "+01:00", a name such as "Europe/Berlin",
        /// "local" or "standard" (the site's). By default the zone that the file names, else the
        /// site's clock.
        #[serde(default)]
        zone: Option<SeriesZone>,
        /// Which comes first in dates with slashes or dashes, where both orders fit every row.
        #[serde(default)]
        date_order: Option<DateOrder>,
        /// How a file of a whole year serves another one.
        #[serde(default)]
        other_year: OtherYear,
    },
}

impl Sessions {
    /// The maximum charging power of an unplanned car.
    pub(crate) fn vehicle_kw(&self) -> f64 {
        match self {
            Self::Elaad { vehicle_kw, .. } | Self::Fleet { vehicle_kw, .. } => vehicle_kw.get(),
            Self::Csv { .. } => default_vehicle_kw().get(),
        }
    }
}

fn default_vehicle_kw() -> Positive {
    Positive::of(11.0)
}

/// ElaadNL's kinds of locations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// At home.
    Home,
    /// In the street.
    Public,
    /// At a workplace.
    Workplace,
}
