//! Dispatch: what the batteries are to do in the next interval. A policy orders within limits; who
//! keeps the balance when things turn out otherwise is the twin.

/// What a dispatch policy may see at the start of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteView {
    /// State of charge of all batteries together, 0 to 1.
    pub soc: f64,
    /// Energy between the batteries' empty and full, kWh.
    pub capacity_kwh: f64,
    /// Greatest charging power of all batteries together, kW.
    pub charge_limit_kw: f64,
    /// Greatest discharging power of all batteries together, kW.
    pub discharge_limit_kw: f64,
    /// Length of the interval, hours.
    pub step_h: f64,
    /// PV expected in the interval, kW.
    pub pv_kw: f64,
    /// Demand expected in the interval, kW.
    pub demand_kw: f64,
    /// The grid, where it is there.
    pub grid: Option<GridView>,
}

/// What a policy may see of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridView {
    /// Full price of an imported kWh in the interval, additions and VAT included. Below zero, the
    /// site is paid to import.
    pub price_per_kwh: f64,
    /// The same without what all prices are multiplied by for the sake of a question (a factor, a yearly
    /// rise): what a policy's thresholds are compared with, since they would rise as well.
    pub unscaled_price_per_kwh: f64,
    /// What an exported kWh brings in the interval. Below zero, exporting costs money: the twin then
    /// exports nothing.
    pub export_price_per_kwh: f64,
    /// Carbon intensity in the interval.
    pub carbon_g_per_kwh: f64,
    /// Greatest power in, kW.
    pub import_limit_kw: f64,
}

/// What the batteries are to do, all together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetPoints {
    /// They take up to this much of a surplus, kW.
    pub charge_max_kw: f64,
    /// They take at least this much, from the grid where there is no surplus, kW.
    pub charge_min_kw: f64,
    /// They give up to this much where the site lacks it, kW.
    pub discharge_max_kw: f64,
    /// They neither give below this state of charge while the grid is there...
    pub soc_floor: f64,
    /// ...nor are filled from the grid above this one.
    pub soc_target: f64,
}

/// A policy for the batteries.
pub trait DispatchPolicy {
    /// What they are to do in the interval that begins.
    fn decide(&mut self, view: &SiteView) -> SetPoints;
}

/// The policies, to be chosen by name. Cloned with the twin.
#[derive(Clone, Debug, PartialEq)]
pub enum Dispatch {
    /// See [`SelfConsumption`].
    SelfConsumption(SelfConsumption),
    /// See [`TimeOfUse`].
    TimeOfUse(TimeOfUse),
    /// See [`BackupReserve`].
    BackupReserve(BackupReserve),
}

impl DispatchPolicy for Dispatch {
    fn decide(&mut self, view: &SiteView) -> SetPoints {
        match self {
            Self::SelfConsumption(policy) => policy.decide(view),
            Self::TimeOfUse(policy) => policy.decide(view),
            Self::BackupReserve(policy) => policy.decide(view),
        }
    }
}

/// Charge from the surplus, discharge where the site lacks power. While the site is paid to import,
/// the batteries keep what they have: discharging would replace imports that earn money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelfConsumption;

impl DispatchPolicy for SelfConsumption {
    fn decide(&mut self, view: &SiteView) -> SetPoints {
        let paid_to_import = view.grid.is_some_and(|grid| grid.price_per_kwh < 0.0);
        SetPoints {
            charge_max_kw: view.charge_limit_kw,
            charge_min_kw: 0.0,
            discharge_max_kw: if paid_to_import { 0.0 } else { view.discharge_limit_kw },
            soc_floor: 0.0,
            soc_target: 1.0,
        }
    }
}

/// In addition, charge from the grid when the price is low or below zero, and discharge only when it
/// is high. Without the grid it is [`SelfConsumption`]. Thresholds are compared with the unscaled price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeOfUse {
    /// Charge where a kWh costs this or less, or less than nothing.
    pub charge_below_price: f64,
    /// Discharge at this price per kWh or above.
    pub discharge_above_price: f64,
    /// Fill up to this state of charge.
    pub target_soc: f64,
    /// Fill up from the grid with this much at most, kW.
    pub charge_kw: f64,
}

impl DispatchPolicy for TimeOfUse {
    fn decide(&mut self, view: &SiteView) -> SetPoints {
        let follow = SelfConsumption.decide(view);
        let Some(grid) = view.grid else { return follow };
        let price = grid.unscaled_price_per_kwh;
        let paid_to_import = grid.price_per_kwh < 0.0;
        let cheap = price <= self.charge_below_price || paid_to_import;
        let dear = price >= self.discharge_above_price.max(0.0) && !paid_to_import;
        SetPoints {
            charge_min_kw: if cheap && !dear {
                fill_kw(view, &grid, self.target_soc, self.charge_kw)
            } else {
                0.0
            },
            discharge_max_kw: if dear { view.discharge_limit_kw } else { 0.0 },
            soc_target: self.target_soc,
            ..follow
        }
    }
}

/// What fills the batteries up to a target from the grid: as fast as it takes within the interval,
/// with `charge_kw` at most, within what the connection has left for it.
fn fill_kw(view: &SiteView, grid: &GridView, target_soc: f64, charge_kw: f64) -> f64 {
    let lacking_kw = (target_soc - view.soc).max(0.0) * view.capacity_kwh / view.step_h;
    let spare_kw = (grid.import_limit_kw + view.pv_kw - view.demand_kw).max(0.0);
    lacking_kw.min(view.charge_limit_kw).min(spare_kw).min(charge_kw)
}

/// Self-consumption that keeps a reserve for when the grid fails, and fills it up from the grid
/// where it is lacking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackupReserve {
    /// State of charge that is kept while the grid is there.
    pub reserve_soc: f64,
    /// Fill up from the grid with this much at most, kW.
    pub charge_kw: f64,
}

impl DispatchPolicy for BackupReserve {
    fn decide(&mut self, view: &SiteView) -> SetPoints {
        let follow = SelfConsumption.decide(view);
        let Some(grid) = view.grid else { return follow };
        SetPoints {
            charge_min_kw: fill_kw(view, &grid, self.reserve_soc, self.charge_kw),
            soc_floor: self.reserve_soc,
            soc_target: self.reserve_soc,
            ..follow
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(soc: f64, price: Option<f64>) -> SiteView {
        SiteView {
            soc,
            capacity_kwh: 100.0,
            charge_limit_kw: 50.0,
            discharge_limit_kw: 40.0,
            step_h: 0.5,
            pv_kw: 0.0,
            demand_kw: 10.0,
            grid: price.map(|price_per_kwh| GridView {
                price_per_kwh,
                unscaled_price_per_kwh: price_per_kwh,
                export_price_per_kwh: 0.05,
                carbon_g_per_kwh: 300.0,
                import_limit_kw: 200.0,
            }),
        }
    }

    const TOU: TimeOfUse = TimeOfUse {
        charge_below_price: 0.1,
        discharge_above_price: 0.4,
        target_soc: 0.9,
        charge_kw: f64::INFINITY,
    };

    #[test]
    fn time_of_use_fills_up_cheap_and_gives_back_dear() {
        let cheap = { TOU }.decide(&view(0.5, Some(0.1)));
        assert_eq!((cheap.charge_min_kw, cheap.discharge_max_kw), (50.0, 0.0));
        let dear = { TOU }.decide(&view(0.5, Some(0.4)));
        assert_eq!((dear.charge_min_kw, dear.discharge_max_kw), (0.0, 40.0));
        let between = { TOU }.decide(&view(0.5, Some(0.2)));
        assert_eq!((between.charge_min_kw, between.discharge_max_kw), (0.0, 0.0));
    }

    #[test]
    fn while_importing_is_paid_for_nothing_is_discharged_and_time_of_use_charges() {
        let paid = SelfConsumption.decide(&view(0.5, Some(-0.01)));
        assert_eq!((paid.charge_max_kw, paid.discharge_max_kw), (50.0, 0.0));
        let mut reserve = BackupReserve { reserve_soc: 0.4, charge_kw: 6.0 };
        assert_eq!(reserve.decide(&view(0.5, Some(-0.01))).discharge_max_kw, 0.0);
        // Whatever the threshold says: a price below zero is low.
        let mut picky = TimeOfUse { charge_below_price: -0.1, ..TOU };
        let paid = picky.decide(&view(0.5, Some(-0.01)));
        assert_eq!((paid.charge_min_kw, paid.discharge_max_kw), (50.0, 0.0));
        assert_eq!(picky.decide(&view(0.5, Some(0.05))).charge_min_kw, 0.0);
        assert_eq!(SelfConsumption.decide(&view(0.5, None)).discharge_max_kw, 40.0);
    }

    #[test]
    fn time_of_use_makes_no_peak_of_its_own() {
        let mut gentle = TimeOfUse { charge_kw: 7.0, ..TOU };
        assert_eq!(gentle.decide(&view(0.5, Some(0.1))).charge_min_kw, 7.0);
    }

    #[test]
    fn time_of_use_stops_at_its_target() {
        let nearly = { TOU }.decide(&view(0.85, Some(0.1)));
        assert!((nearly.charge_min_kw - 10.0).abs() < 1e-9, "{nearly:?}");
        assert_eq!({ TOU }.decide(&view(0.95, Some(0.1))).charge_min_kw, 0.0);
    }

    #[test]
    fn a_reserve_is_for_when_the_grid_is_gone() {
        let mut policy = BackupReserve { reserve_soc: 0.4, charge_kw: 6.0 };
        assert_eq!(policy.decide(&view(0.5, Some(0.2))).soc_floor, 0.4);
        assert_eq!(policy.decide(&view(0.5, None)).soc_floor, 0.0);
        assert_eq!(policy.decide(&view(0.5, Some(0.2))).charge_min_kw, 0.0);
        assert_eq!(policy.decide(&view(0.2, Some(0.2))).charge_min_kw, 6.0, "it is filled up");
        assert_eq!(policy.decide(&view(0.2, None)).charge_min_kw, 0.0);
    }
}
