//! What the batteries hold more or less at the end than at the start, and what that is worth. Without
//! it, a battery that starts half full would give its first charge away for nothing, and the larger
//! battery would look better for no other reason.

use super::Tally;

/// What a kWh in store is worth, and why: one that is missing at the end at what it takes to replace it,
/// one that was gained at what it cost to charge. Sunshine that is merely kept is so worth what its
/// export would have brought, and a battery earns nothing by ending the run full.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum StoredPrice {
    /// More is in store than at the start: what the batteries charged in the run cost on average, PV
    /// counted at the mean export price.
    AsCharged(f64),
    /// The mean import price over the run: each hour counts the same.
    MeanImport(f64),
    /// What the fuel of a genset's kWh cost, on average over the run.
    MeanFuel(f64),
    /// What the fuel of a genset's kWh costs at its rated power: no genset ran.
    RatedFuel(f64),
    /// Neither a grid nor a genset: nothing says what a kWh is worth.
    Unknown,
}

impl StoredPrice {
    /// In the currency, per kWh.
    pub(crate) fn per_kwh(self) -> f64 {
        match self {
            Self::AsCharged(price)
            | Self::MeanImport(price)
            | Self::MeanFuel(price)
            | Self::RatedFuel(price) => price,
            Self::Unknown => 0.0,
        }
    }
}

/// What the batteries could give at their terminals, kWh.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Stored {
    /// When the run began.
    pub(crate) start_kwh: f64,
    /// When it ended.
    pub(crate) end_kwh: f64,
}

impl Stored {
    /// How much more at the end than at the start; negative where it is less.
    pub(crate) fn change_kwh(self) -> f64 {
        self.end_kwh - self.start_kwh
    }
}

impl Tally {
    /// What the batteries could give at the start and now.
    pub(crate) fn stored(&self) -> Stored {
        let start_kwh = self.catalog.deliverable_start_kwh;
        Stored { start_kwh, end_kwh: self.energy.deliverable_kwh.unwrap_or(start_kwh) }
    }

    /// What a kWh in store is worth.
    pub(crate) fn stored_price(&self) -> StoredPrice {
        let (hours, made_kwh) = (self.energy.covered.as_hours_f64(), self.energy.kwh.genset_kw);
        let (charged_kwh, gained) = (self.energy.kwh.charge_kw, self.stored().change_kwh() > 0.0);
        if !self.catalog.has_grid && self.catalog.gensets.is_empty() {
            StoredPrice::Unknown
        } else if gained && charged_kwh > 0.0 {
            // What one is paid to take is not worth less than nothing.
            StoredPrice::AsCharged((self.energy.money.charged / charged_kwh).max(0.0))
        } else if self.catalog.has_grid {
            StoredPrice::MeanImport(if hours > 0.0 { self.energy.price_h / hours } else { 0.0 })
        } else if made_kwh > 0.0 {
            StoredPrice::MeanFuel(self.energy.money.fuel / made_kwh)
        } else {
            StoredPrice::RatedFuel(self.catalog.fuel_cost_per_kwh)
        }
    }

    /// What the change costs: positive where the batteries hold less at the end than at the start,
    /// negative, a credit, where they hold more. Where CO2 has a price, what they hold more or less of
    /// it has the same one: a first charge saves no emissions, either.
    pub(crate) fn stored_change_cost(&self) -> f64 {
        let carbon = self.energy.stored_kg() / 1000.0 * self.catalog.carbon_price_per_t;
        -self.stored().change_kwh() * self.stored_price().per_kwh() - carbon
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::{catalog, play};

    fn played(change: impl Fn(&mut gridtwin_twin::record::Catalog)) -> Tally {
        let mut site = catalog();
        change(&mut site);
        let mut tally = Tally::new(&site);
        play(&site, 0, &mut tally);
        tally
    }

    /// A site whose batteries give less at the end than at the start, or more.
    fn ending_with(kwh: f64, change: impl Fn(&mut gridtwin_twin::record::Catalog)) -> Tally {
        let mut tally = played(change);
        tally.energy.deliverable_kwh = Some(tally.catalog.deliverable_start_kwh + kwh);
        tally
    }

    #[test]
    fn a_kwh_that_is_missing_is_worth_what_it_takes_to_replace_it() {
        let grid = ending_with(-5.0, |_| ());
        // 0.28, and 0.42 for four hours of the day.
        let StoredPrice::MeanImport(price) = grid.stored_price() else { panic!("there is a grid") };
        assert!((price - (20.0 * 0.28 + 4.0 * 0.42) / 24.0).abs() < 1e-9, "{price}");
        let mut island = ending_with(-5.0, |site| site.has_grid = false);
        assert_eq!(island.stored_price(), StoredPrice::RatedFuel(0.4), "no genset ran");
        (island.energy.kwh.genset_kw, island.energy.money.fuel) = (20.0, 11.0);
        let StoredPrice::MeanFuel(price) = island.stored_price() else { panic!("a genset ran") };
        assert!((price - 0.55).abs() < 1e-9, "{price}");
        let mut idle = Tally::new(&catalog());
        idle.catalog.has_grid = false;
        assert_eq!(idle.stored_price(), StoredPrice::RatedFuel(0.4));
        assert_eq!(idle.stored().change_kwh(), 0.0, "nothing has happened yet");
    }

    #[test]
    fn a_kwh_that_was_gained_is_worth_what_it_cost_to_charge() {
        for has_grid in [true, false] {
            let tally = ending_with(5.0, |site| site.has_grid = has_grid);
            let StoredPrice::AsCharged(price) = tally.stored_price() else { panic!("a gain") };
            assert!((price - 0.12).abs() < 1e-12, "{price}");
        }
        let alone = ending_with(5.0, |site| {
            site.has_grid = false;
            site.gensets.clear();
        });
        assert_eq!(alone.stored_price(), StoredPrice::Unknown);
        assert_eq!(alone.stored_change_cost(), 0.0);
    }

    #[test]
    fn the_change_is_a_line_of_the_bill() {
        let tally = played(|_| ());
        let (summary, stored) = (tally.summary(), tally.stored());
        let get = |name: &str| summary.get(name).unwrap();
        assert_eq!(get("energy.stored_start_kwh"), 34.56);
        assert_eq!(get("energy.stored_end_kwh") - 34.56, get("energy.stored_change_kwh"));
        assert!(stored.change_kwh().abs() > 1.0, "the made-up site begins and ends alike");
        let cost = get("cost.stored_change");
        assert!((cost + stored.change_kwh() * tally.stored_price().per_kwh()).abs() < 1e-9);
        let lines = ["energy", "demand", "fixed", "fuel", "lost_load", "stored_change"];
        let sum: f64 = lines.iter().map(|line| get(&format!("cost.{line}"))).sum();
        assert!((sum - get("cost.export") - get("cost.total")).abs() < 1e-9);
    }
}
