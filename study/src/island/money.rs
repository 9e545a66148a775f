//! What components cost over a project's life: the net present cost, its parts, and the levelised cost
//! of what was served.
//!
//! Knows nothing of islands: a PV plant, a battery, a charger or a rack of servers is a [`Component`]
//! with a size, prices and a life; what its running costs a year comes from outside.
//!
//! Conventions (those of Microgrids.py, and of HOMER with real prices):
//! - The investment is paid at the start. Yearly costs are paid at the end of each year.
//! - A component is replaced whenever its life is over, at that very time, be it within a year; not at
//!   the project's end.
//! - At the end it is worth its price times the share of its last life that is left.
//! - Everything is discounted to the start at one rate, net of inflation.
//! - Fuel and energy may rise in price from year to year: the first year's price is today's.

use super::error::{Error, require, require_share, require_size};
use serde::{Deserialize, Serialize};

/// Parts of a year, or of a life, that count as rounding.
const SLACK: f64 = 1e-9;

/// How long the project lasts, and what later money is worth today.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Life of the project, in whole years.
    pub life_years: u32,
    /// Discount rate a year, net of inflation: 0.05 is 5 %.
    pub discount_rate: f64,
    /// By how much fuel and energy rise in price from year to year, beyond inflation: 0.02 is 2 %.
    /// What they cost in the first year is what the run says.
    #[serde(default)]
    pub escalation: f64,
    /// Price of a tonne of CO2, in the study's currency, on top of what the site is billed.
    #[serde(default)]
    pub carbon_price_per_t: f64,
}

impl Default for Project {
    /// 25 years at 5 %, prices as they are, and none for carbon.
    fn default() -> Self {
        Self { life_years: 25, discount_rate: 0.05, escalation: 0.0, carbon_price_per_t: 0.0 }
    }
}

/// One sized component and its prices, in whatever currency the study counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What it is called in the report.
    pub name: String,
    /// Its size, in the unit its prices are for (kW, kWh, pieces).
    pub size: f64,
    /// Price of one unit of size.
    pub unit_price: f64,
    /// Operation and maintenance of one unit of size, a year.
    pub om_per_unit_year: f64,
    /// Further running costs a year whatever the size; negative where it earns. Counted as O&M.
    #[serde(default)]
    pub operating_per_year: f64,
    /// Fuel or energy bought a year; negative where it is sold.
    #[serde(default)]
    pub fuel_per_year: f64,
    /// Price of the carbon that it emits a year.
    #[serde(default)]
    pub carbon_per_year: f64,
    /// Life, in years; infinite where it never wears.
    pub life_years: f64,
    /// Price of a replacement over the first price.
    #[serde(default = "whole")]
    pub replacement_share: f64,
    /// Resale price of a new one over the first price; what is left of the last life scales it.
    #[serde(default = "whole")]
    pub salvage_share: f64,
}

/// Present value of what something costs over the project's life, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Costs {
    /// Paid at the start.
    pub investment: f64,
    /// Paid for replacements.
    pub replacement: f64,
    /// Operation, maintenance and other running costs.
    pub om: f64,
    /// Fuel or energy bought.
    pub fuel: f64,
    /// Price of what is emitted.
    pub carbon: f64,
    /// What is left at the end: negative, or zero.
    pub salvage: f64,
}

/// What a set of components costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Money {
    /// Net present cost: all costs of all components.
    pub net_present_cost: f64,
    /// The net present cost spread evenly over the project's years.
    pub yearly_cost: f64,
    /// The yearly cost over the energy served a year; none where nothing is served.
    pub levelised_cost_per_kwh: Option<f64>,
    /// All components together.
    pub costs: Costs,
    /// Each component, in the order given: its name and its costs.
    pub components: Vec<(String, Costs)>,
}

/// The costs of `components` over the project, of which `served_kwh_per_year` is had every year.
///
/// The project and the components are taken as checked ([`Project::check`], [`Component::check`]);
/// others give numbers without meaning, but never a panic.
#[must_use]
pub fn evaluate(project: &Project, components: &[Component], served_kwh_per_year: f64) -> Money {
    let each: Vec<_> = components
        .iter()
        .map(|component| (component.name.clone(), component.costs(project)))
        .collect();
    let costs = each.iter().fold(Costs::default(), |sum, (_, costs)| sum.plus(costs));
    let net_present_cost = costs.total();
    let yearly_cost = net_present_cost / project.annuity(project.life_years);
    Money {
        net_present_cost,
        yearly_cost,
        levelised_cost_per_kwh: (served_kwh_per_year > 0.0)
            .then(|| yearly_cost / served_kwh_per_year),
        costs,
        components: each,
    }
}

impl Project {
    /// Checks that the project lasts 1 to 1,000 years and that the rate is more than -1, at most 10.
    ///
    /// # Errors
    /// [`Error::Parameter`] names what lies outside.
    pub fn check(&self) -> Result<(), Error> {
        require(
            (1..=1000).contains(&self.life_years),
            "life_years",
            f64::from(self.life_years),
            "a whole number of years from 1 to 1000",
        )?;
        require(
            self.discount_rate > -1.0 && self.discount_rate <= 10.0,
            "discount_rate",
            self.discount_rate,
            "more than -1 and at most 10 (5 % is 0.05)",
        )?;
        require(
            self.escalation > -1.0 && self.escalation <= 1.0,
            "escalation",
            self.escalation,
            "more than -1 and at most 1 a year (2 % is 0.02)",
        )?;
        require(
            self.carbon_price_per_t.is_finite() && self.carbon_price_per_t >= 0.0,
            "carbon_price_per_t",
            self.carbon_price_per_t,
            "a price of zero or above",
        )
    }

    /// What 1 of fuel or energy costs in a year, from 1 on.
    pub(super) fn risen(&self, year: u32) -> f64 {
        ((f64::from(year) - 1.0) * self.escalation.ln_1p()).exp()
    }

    /// Present value of what costs 1 in the first year and rises from year to year, paid at the end
    /// of each of the first `years` years: the sum of `(1 + e)^(y - 1) / (1 + d)^y`.
    pub(super) fn rising(&self, years: u32) -> f64 {
        if self.escalation == 0.0 {
            return self.annuity(years);
        }
        let real = (1.0 + self.discount_rate) / (1.0 + self.escalation) - 1.0;
        Self { discount_rate: real, ..*self }.annuity(years) / (1.0 + self.escalation)
    }

    /// Present value of 1 paid at the end of each of the first `years` years.
    #[must_use]
    pub fn annuity(&self, years: u32) -> f64 {
        self.present_sum(1.0, f64::from(years))
    }

    /// Present value of 1 paid `count` times, first after `interval_years`, then ever again after as
    /// many: the geometric sum in closed form, whatever the count.
    pub(super) fn present_sum(&self, interval_years: f64, count: f64) -> f64 {
        if count <= 0.0 {
            return 0.0;
        }
        let growth = interval_years * self.discount_rate.ln_1p();
        if growth == 0.0 { count } else { -(-growth * count).exp_m1() / growth.exp_m1() }
    }

    /// Present value of 1 paid when the project ends.
    fn present_at_end(&self) -> f64 {
        self.present(self.life_years)
    }

    /// Present value of 1 paid at the end of a year.
    pub(super) fn present(&self, year: u32) -> f64 {
        (-f64::from(year) * self.discount_rate.ln_1p()).exp()
    }
}

impl Component {
    /// Checks every number: sizes, prices and shares finite and not negative, a life of more than 0,
    /// yearly costs finite, a salvage share of at most 1.
    ///
    /// # Errors
    /// [`Error::Parameter`] names the component and what lies outside.
    pub fn check(&self) -> Result<(), Error> {
        let named = |field: &str| format!("{}.{field}", self.name);
        require_size(&named("size"), self.size)?;
        require_size(&named("unit_price"), self.unit_price)?;
        require_size(&named("om_per_unit_year"), self.om_per_unit_year)?;
        require_size(&named("replacement_share"), self.replacement_share)?;
        require_share(&named("salvage_share"), self.salvage_share)?;
        for (field, value) in [
            ("operating_per_year", self.operating_per_year),
            ("fuel_per_year", self.fuel_per_year),
            ("carbon_per_year", self.carbon_per_year),
        ] {
            require(value.is_finite(), &named(field), value, "finite")?;
        }
        require(self.life_years > 0.0, &named("life_years"), self.life_years, "more than 0")
    }

    /// The present value of its costs over the project.
    #[must_use]
    pub fn costs(&self, project: &Project) -> Costs {
        let price = self.unit_price * self.size;
        let years = project.annuity(project.life_years);
        let replacements = self.replacements(project);
        let left = self.left(project);
        Costs {
            investment: price,
            replacement: price
                * self.replacement_share
                * project.present_sum(self.life_years, replacements),
            om: self.om_per_year() * years,
            fuel: self.fuel_per_year * project.rising(project.life_years),
            carbon: self.carbon_per_year * years,
            salvage: -price * self.salvage_share * left * project.present_at_end(),
        }
    }

    /// Operation, maintenance and other running costs of a year.
    pub(super) fn om_per_year(&self) -> f64 {
        self.om_per_unit_year * self.size + self.operating_per_year
    }

    /// All that it costs to run it for the first year.
    #[must_use]
    pub fn first_year(&self) -> f64 {
        self.om_per_year() + self.fuel_per_year + self.carbon_per_year
    }

    /// Present value of all that was paid for it until the end of year `year`; nothing is sold.
    pub(super) fn paid_until(&self, project: &Project, year: u32) -> f64 {
        let price = self.unit_price * self.size;
        price
            + price
                * self.replacement_share
                * project.present_sum(self.life_years, self.replaced_until(project, year))
            + (self.om_per_year() + self.carbon_per_year) * project.annuity(year)
            + self.fuel_per_year * project.rising(year)
    }

    /// How often it has been replaced by the end of a year.
    pub(super) fn replaced_until(&self, project: &Project, year: u32) -> f64 {
        (f64::from(year) / self.life_years + SLACK).floor().min(self.replacements(project))
    }

    /// Which share of its last life is left when the project ends; all of it where it never wears.
    pub(super) fn left(&self, project: &Project) -> f64 {
        if !self.life_years.is_finite() {
            return 1.0;
        }
        let lives = 1.0 + self.replacements(project);
        (lives - f64::from(project.life_years) / self.life_years).max(0.0)
    }

    /// How often it is replaced before the project ends.
    fn replacements(&self, project: &Project) -> f64 {
        ((f64::from(project.life_years) / self.life_years - SLACK).ceil() - 1.0).max(0.0)
    }
}

impl Costs {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.investment + self.replacement + self.om + self.fuel + self.carbon + self.salvage
    }

    /// The sum of two costs, part by part.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            investment: self.investment + other.investment,
            replacement: self.replacement + other.replacement,
            om: self.om + other.om,
            fuel: self.fuel + other.fuel,
            carbon: self.carbon + other.carbon,
            salvage: self.salvage + other.salvage,
        }
    }
}

fn whole() -> f64 {
    1.0
}
