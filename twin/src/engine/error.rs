//! What can go wrong when a scenario becomes a world.

use crate::edge::EdgeError;
use crate::energy::EnergyError;
use crate::scenario::ScenarioError;
use crate::weather::WeatherError;

/// Why a scenario cannot run.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// The scenario says something impossible: with its place.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The weather file cannot be used.
    #[error(transparent)]
    Weather(#[from] WeatherError),
    /// A load, a tariff, carbon or cars cannot be used.
    #[error(transparent)]
    Energy(#[from] EnergyError),
    /// Devices, servers or links cannot work.
    #[error(transparent)]
    Edge(#[from] EdgeError),
}
