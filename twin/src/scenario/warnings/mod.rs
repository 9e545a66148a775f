//! What is legal and improbable: slips that no range can refuse, such as prices in cents, an array
//! that faces away from the sun or a policy that can never act. Warnings, not errors: whoever means
//! it runs it. One table of rules, each a small function from the scenario to warnings.

mod clock;
mod edge;
mod files;
mod money;
mod numbers;
mod outside;
mod place;
mod plant;
mod policies;
mod prices;
mod sizes;
mod stored;
mod supply;

#[cfg(test)]
mod tests;

use super::Scenario;
use super::source::{Location, Source};
use std::fmt;

/// A warning: a value that is allowed, but probably a mistake or without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its place in the scenario file, as in `site.ron:7:30`.
    pub place: String,
    /// What was found, and why it is probably a mistake.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "; {}", self.remedy) }
    }
}

/// What a rule has found: the path of the value that it is about, and what to say.
struct Doubt {
    path: String,
    message: String,
    remedy: String,
}

fn doubt(path: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Doubt {
    Doubt { path: path.into(), message: message.into(), remedy: remedy.into() }
}

type Rule = fn(&Scenario) -> Vec<Doubt>;

/// All rules, by name.
const RULES: [(&str, Rule); 50] = [
    ("loads above the import limit", supply::peak),
    ("outage outside the run", outside::outages),
    ("fault outside the run", outside::faults),
    ("change outside the run", outside::changes),
    ("charging sessions outside the run", outside::sessions),
    ("time that the clock skips", outside::skipped),
    ("decimal point that may separate thousands", numbers::thousands),
    ("array that faces away from the sun", place::azimuth),
    ("longitude far from the time zone", clock::longitude),
    ("latitude and longitude swapped", clock::region),
    ("time zone with an unexpected offset", clock::fixed),
    ("weather of another year", place::weather_year),
    ("price in cents", money::cents),
    ("carbon intensity in another unit", money::carbon_unit),
    ("price period that never applies", money::shadowed),
    ("price thresholds outside all prices", money::thresholds),
    ("price thresholds in another unit", prices::thresholds),
    ("price period that starts and ends at the same time", prices::no_length),
    ("price factor below 0.1 or above 10", prices::factor),
    ("price of carbon out of range", prices::carbon),
    ("price below zero", prices::negative),
    ("unknown currency code", prices::currency),
    ("price file above any real tariff", prices::series),
    ("price file below any real market", files::low_prices),
    ("load file without a unit", files::no_unit),
    ("load file with weeks of zeros", files::zeros),
    ("sessions that no car can charge", outside::large_sessions),
    ("exports without a price", plant::free_exports),
    ("power that no microgrid has", sizes::power),
    ("battery capacity that no microgrid has", sizes::energy),
    ("load that no microgrid has", sizes::load),
    ("clock rate that no processor has", sizes::clocks),
    ("import limit of zero", plant::no_import),
    ("export limit of zero", plant::no_export),
    ("PV far above the load", plant::much_pv),
    ("load of zero", plant::no_load),
    ("chargers without cars", plant::no_cars),
    ("battery with a high C-rate", stored::c_rate),
    ("genset thresholds outside the batteries' usable range", stored::gensets),
    ("shedding threshold outside the batteries' usable range", stored::shedding),
    ("reserve outside the batteries' usable range", stored::reserve),
    ("charging target outside the batteries' usable range", stored::target),
    ("battery policy without a battery", policies::no_battery),
    ("battery policy without a grid", policies::no_grid),
    ("offloading without a server or a cloud", policies::nowhere),
    ("servers unused by the offload policy", policies::unused_servers),
    ("server that nothing can reach", edge::unreachable),
    ("switch without links", edge::lone_switches),
    ("deadline shorter than transfer or computation", edge::deadlines),
    ("task stream without tasks", edge::no_tasks),
];

impl Scenario {
    /// Values that are allowed but probably mistakes or without effect, each with its place, in the
    /// file's order.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut all: Vec<Doubt> = RULES.iter().flat_map(|(_, rule)| rule(self)).collect();
        all.sort_by_key(|doubt| self.source.span_of(&doubt.path).start);
        let told = all.into_iter().map(|doubt| Warning {
            place: place_of(&self.source, &doubt.path),
            message: doubt.message,
            remedy: doubt.remedy,
        });
        told.collect()
    }
}

/// A path's place as it stands before a message.
fn place_of(source: &Source, path: &str) -> String {
    match source.locate(path) {
        Location::File { line, column, .. } => format!("{}:{line}:{column}", source.name()),
        Location::Outside(label) => label,
    }
}
