//! Who supplies what in a stretch of constant power: one pure function. It knows limits and orders;
//! it does not know why they are what they are, and it switches nobody off.

use gridtwin_scheduler::dispatch::SetPoints;

/// A power below this is rounding, kW.
const ROUNDING_KW: f64 = 1e-9;

/// What could be supplied or taken right now, kW.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Supply {
    /// PV before curtailment.
    pub(crate) pv_kw: f64,
    /// What the batteries do that are bound to a power, as their meters say; positive where they
    /// give. The limits below are those of the others.
    pub(crate) imposed_kw: f64,
    /// What gensets that run are to make, and between what they can follow.
    pub(crate) genset_kw: f64,
    pub(crate) genset_min_kw: f64,
    pub(crate) genset_max_kw: f64,
    /// What the batteries could give at most.
    pub(crate) discharge_limit_kw: f64,
    /// What the batteries could give above the policy's floor.
    pub(crate) discharge_above_floor_kw: f64,
    /// What the batteries could take at most.
    pub(crate) charge_limit_kw: f64,
    /// What the batteries could take below the policy's target.
    pub(crate) charge_below_target_kw: f64,
    /// What the grid could give; zero while it is gone.
    pub(crate) import_limit_kw: f64,
    /// What the grid could take; zero while it is gone, or while exporting costs money.
    pub(crate) export_limit_kw: f64,
    /// What the site is paid for importing a kWh; zero where it pays.
    pub(crate) import_earns_per_kwh: f64,
    /// What an exported kWh brings; zero where it costs.
    pub(crate) export_earns_per_kwh: f64,
}

impl Supply {
    /// What there is for those who can wait: the batteries as far as the policy lets them give, and
    /// gensets as they are set.
    pub(crate) fn without_reserve(&self, order: &SetPoints) -> Self {
        let free_kw = self.discharge_above_floor_kw.min(order.discharge_max_kw);
        Self {
            discharge_limit_kw: self.discharge_limit_kw.min(free_kw),
            genset_max_kw: self.genset_kw,
            ..*self
        }
    }
}

/// Who supplies what. Magnitudes but for the battery, kW.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Flows {
    /// Positive where the batteries discharge; those that are bound to a power apart, until
    /// [`Flows::make_up`].
    pub(crate) battery_kw: f64,
    pub(crate) genset_kw: f64,
    pub(crate) import_kw: f64,
    pub(crate) export_kw: f64,
    pub(crate) curtailed_kw: f64,
    /// Of it: PV held back while the site is paid to import what PV would have supplied.
    pub(crate) yielded_kw: f64,
    /// Demand that nobody can meet.
    pub(crate) shortfall_kw: f64,
}

impl Flows {
    /// Puts right what the batteries did not do of what was asked of them, because they were full
    /// or empty before the stretch was over: the grid takes it, or it is curtailed or lacking.
    pub(crate) fn make_up(&mut self, supply: &Supply, moved_kw: f64) {
        let lacking_kw = self.battery_kw + supply.imposed_kw - moved_kw;
        self.battery_kw = moved_kw;
        if lacking_kw.abs() < ROUNDING_KW {
            return;
        }
        if lacking_kw > 0.0 {
            // They gave less.
            let import_kw = lacking_kw.min((supply.import_limit_kw - self.import_kw).max(0.0));
            self.import_kw += import_kw;
            // PV that was held back is there to help.
            let back_kw = (lacking_kw - import_kw).min(self.yielded_kw);
            self.yielded_kw -= back_kw;
            self.curtailed_kw -= back_kw;
            self.shortfall_kw += lacking_kw - import_kw - back_kw;
        } else {
            // They took less: less is imported first, then more is exported.
            let spare_kw = -lacking_kw;
            let unimported_kw = spare_kw.min(self.import_kw);
            self.import_kw -= unimported_kw;
            let left_kw = spare_kw - unimported_kw;
            let export_kw = left_kw.min((supply.export_limit_kw - self.export_kw).max(0.0));
            self.export_kw += export_kw;
            self.curtailed_kw += left_kw - export_kw;
        }
    }
}

/// Meets `demand_kw`: PV and gensets first, then the batteries as ordered, then the grid, then
/// whatever else the batteries have, then whatever else the gensets can make. A surplus goes into
/// the batteries as ordered, then out to the grid; then gensets go down, and the rest is curtailed.
/// While the site is paid to import, PV yields to the grid where that pays.
pub(crate) fn balance(supply: &Supply, order: &SetPoints, demand_kw: f64) -> Flows {
    let mut flows = without_following(supply, order, demand_kw);
    let more_kw = flows.shortfall_kw.min((supply.genset_max_kw - supply.genset_kw).max(0.0));
    let less_kw = flows.curtailed_kw.min((supply.genset_kw - supply.genset_min_kw).max(0.0));
    flows.genset_kw = supply.genset_kw + more_kw - less_kw;
    flows.shortfall_kw -= more_kw;
    flows.curtailed_kw -= less_kw;
    if supply.import_earns_per_kwh > 0.0 {
        yield_to_grid(supply, &mut flows);
    }
    flows
}

/// Curtails PV in favour of imports, for which the site is paid, as far as the connection carries
/// it. What batteries do stays as it is. Where PV is exported for money besides, exporting ends
/// only if importing earns more.
fn yield_to_grid(supply: &Supply, flows: &mut Flows) {
    let used_kw = (supply.pv_kw - flows.curtailed_kw).max(0.0);
    let own_kw = (used_kw - flows.export_kw).max(0.0);
    let import_kw = own_kw.min((supply.import_limit_kw - flows.import_kw).max(0.0));
    let exported_kw = flows.export_kw.min(used_kw);
    let gain = import_kw * supply.import_earns_per_kwh;
    if gain <= exported_kw * supply.export_earns_per_kwh || exported_kw < flows.export_kw {
        return;
    }
    flows.export_kw = 0.0;
    flows.import_kw += import_kw;
    flows.curtailed_kw += exported_kw + import_kw;
    flows.yielded_kw = import_kw;
}

/// The balance while gensets make just what they are to.
fn without_following(supply: &Supply, order: &SetPoints, demand_kw: f64) -> Flows {
    let net_kw = supply.pv_kw + supply.imposed_kw + supply.genset_kw - demand_kw;
    let surplus_kw = net_kw.max(0.0);
    let deficit_kw = (-net_kw).max(0.0);

    let ordered_charge_kw = order.charge_min_kw.min(supply.charge_below_target_kw);
    let from_grid_kw =
        (ordered_charge_kw - surplus_kw).min(supply.import_limit_kw - deficit_kw).max(0.0);
    if from_grid_kw > 0.0 {
        return Flows {
            battery_kw: -(surplus_kw + from_grid_kw),
            import_kw: deficit_kw + from_grid_kw,
            ..Flows::default()
        };
    }
    if deficit_kw > 0.0 {
        let ordered_kw =
            deficit_kw.min(order.discharge_max_kw).min(supply.discharge_above_floor_kw);
        let import_kw = (deficit_kw - ordered_kw).min(supply.import_limit_kw);
        let discharge_kw = (deficit_kw - import_kw).min(supply.discharge_limit_kw.max(ordered_kw));
        return Flows {
            battery_kw: discharge_kw,
            import_kw,
            shortfall_kw: (deficit_kw - import_kw - discharge_kw).max(0.0),
            ..Flows::default()
        };
    }
    let charge_kw =
        surplus_kw.min(order.charge_max_kw.max(ordered_charge_kw)).min(supply.charge_limit_kw);
    let export_kw = (surplus_kw - charge_kw).min(supply.export_limit_kw);
    Flows {
        battery_kw: -charge_kw,
        export_kw,
        curtailed_kw: surplus_kw - charge_kw - export_kw,
        ..Flows::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FOLLOW: SetPoints = SetPoints {
        charge_max_kw: 1e9,
        charge_min_kw: 0.0,
        discharge_max_kw: 1e9,
        soc_floor: 0.0,
        soc_target: 1.0,
    };

    fn supply(pv_kw: f64) -> Supply {
        Supply {
            pv_kw,
            imposed_kw: 0.0,
            genset_kw: 0.0,
            genset_min_kw: 0.0,
            genset_max_kw: 0.0,
            discharge_limit_kw: 50.0,
            discharge_above_floor_kw: 50.0,
            charge_limit_kw: 40.0,
            charge_below_target_kw: 40.0,
            import_limit_kw: 100.0,
            export_limit_kw: 20.0,
            import_earns_per_kwh: 0.0,
            export_earns_per_kwh: 0.0,
        }
    }

    #[test]
    fn pv_yields_while_the_site_is_paid_to_import() {
        let paid = |pv_kw| Supply { import_earns_per_kwh: 0.05, ..supply(pv_kw) };
        // All PV is held back; the battery charges as it would have from the surplus.
        let flows = balance(&Supply { export_limit_kw: 0.0, ..paid(100.0) }, &FOLLOW, 30.0);
        assert_eq!((flows.battery_kw, flows.import_kw, flows.export_kw), (-40.0, 70.0, 0.0));
        assert_eq!((flows.curtailed_kw, flows.yielded_kw), (100.0, 70.0));
        // As far as the connection carries it.
        let narrow = Supply { import_limit_kw: 50.0, export_limit_kw: 0.0, ..paid(100.0) };
        let flows = balance(&narrow, &FOLLOW, 30.0);
        assert_eq!((flows.import_kw, flows.curtailed_kw), (50.0, 80.0));
        // Exports that bring more than imports earn go on: 20 kW at 0.2 against 70 kW at 0.05.
        let sold = Supply { export_earns_per_kwh: 0.2, ..paid(100.0) };
        let flows = balance(&sold, &FOLLOW, 30.0);
        assert_eq!((flows.import_kw, flows.export_kw, flows.curtailed_kw), (0.0, 20.0, 10.0));
        let cheap = Supply { export_earns_per_kwh: 0.1, ..paid(100.0) };
        assert_eq!(balance(&cheap, &FOLLOW, 30.0).import_kw, 70.0);
    }

    #[test]
    fn pv_that_was_held_back_helps_a_battery_that_gives_less() {
        let narrow = Supply { import_limit_kw: 60.0, import_earns_per_kwh: 0.1, ..supply(50.0) };
        let order = SetPoints { discharge_max_kw: 40.0, ..FOLLOW };
        let mut flows = balance(&narrow, &order, 90.0);
        assert_eq!((flows.battery_kw, flows.import_kw, flows.curtailed_kw), (40.0, 50.0, 50.0));
        flows.make_up(&narrow, 10.0);
        assert_eq!((flows.import_kw, flows.curtailed_kw, flows.shortfall_kw), (60.0, 30.0, 0.0));
    }

    #[test]
    fn a_deficit_takes_the_battery_then_the_grid() {
        let flows = balance(&supply(10.0), &FOLLOW, 100.0);
        assert_eq!((flows.battery_kw, flows.import_kw, flows.shortfall_kw), (50.0, 40.0, 0.0));
        let flows = balance(&supply(10.0), &FOLLOW, 200.0);
        assert_eq!((flows.battery_kw, flows.import_kw, flows.shortfall_kw), (50.0, 100.0, 40.0));
    }

    #[test]
    fn a_reserve_is_touched_only_where_the_grid_does_not_suffice() {
        let held = Supply { discharge_above_floor_kw: 0.0, ..supply(0.0) };
        assert_eq!(balance(&held, &FOLLOW, 90.0).battery_kw, 0.0);
        assert_eq!(balance(&held, &FOLLOW, 120.0).battery_kw, 20.0);
    }

    #[test]
    fn a_surplus_fills_the_battery_then_leaves_then_is_curtailed() {
        let flows = balance(&supply(100.0), &FOLLOW, 10.0);
        assert_eq!((flows.battery_kw, flows.export_kw, flows.curtailed_kw), (-40.0, 20.0, 30.0));
    }

    #[test]
    fn an_ordered_charge_comes_from_the_grid_within_its_limit() {
        let order = SetPoints { charge_min_kw: 30.0, discharge_max_kw: 0.0, ..FOLLOW };
        let flows = balance(&supply(0.0), &order, 80.0);
        assert_eq!((flows.battery_kw, flows.import_kw), (-20.0, 100.0));
    }

    proptest! {
        #[test]
        fn nothing_is_made_or_lost(
            pv in 0.0..300.0f64, imposed in -50.0..50.0f64, genset in 0.0..50.0f64, below in 0.0..1.0f64, room in 0.0..50.0f64,
            demand in 0.0..400.0f64,
            give in 0.0..80.0f64, above in 0.0..1.0f64, take in 0.0..80.0f64,
            import in 0.0..150.0f64, export in 0.0..50.0f64,
            paid in any::<bool>(), earns in 0.0..0.5f64, sold in 0.0..0.5f64,
            charge_max in 0.0..100.0f64, charge_min in 0.0..100.0f64, discharge_max in 0.0..100.0f64,
        ) {
            let supply = Supply {
                pv_kw: pv, imposed_kw: imposed, genset_kw: genset, genset_min_kw: genset * below,
                genset_max_kw: genset + room, discharge_limit_kw: give,
                discharge_above_floor_kw: give * above, charge_limit_kw: take, charge_below_target_kw: take,
                import_limit_kw: import, export_limit_kw: export,
                import_earns_per_kwh: if paid { earns } else { 0.0 }, export_earns_per_kwh: sold,
            };
            let order = SetPoints { charge_max_kw: charge_max, charge_min_kw: charge_min, discharge_max_kw: discharge_max, soc_floor: 0.0, soc_target: 1.0 };
            let f = balance(&supply, &order, demand);
            let residue = pv + imposed + f.genset_kw + f.battery_kw + f.import_kw + f.shortfall_kw - demand - f.export_kw - f.curtailed_kw;
            prop_assert!(residue.abs() < 1e-9, "{f:?}");
            prop_assert!(f.genset_kw >= genset * below - 1e-9 && f.genset_kw <= genset + room + 1e-9);
            prop_assert!(f.battery_kw <= give + 1e-9 && -f.battery_kw <= take + 1e-9);
            prop_assert!((0.0..=import + 1e-9).contains(&f.import_kw));
            prop_assert!((0.0..=export + 1e-9).contains(&f.export_kw));
            prop_assert!(f.curtailed_kw >= -1e-9 && f.shortfall_kw >= 0.0);
            // Nobody goes short while somebody could still give.
            if f.shortfall_kw > 1e-9 {
                prop_assert!((f.import_kw - import).abs() < 1e-9 && (f.battery_kw - give).abs() < 1e-9);
                prop_assert!((f.genset_kw - genset - room).abs() < 1e-9);
            }
            // Nothing is imported only to be exported, or curtailed unless it is paid for.
            prop_assert!(f.import_kw < 1e-9 || f.export_kw < 1e-9);
            prop_assert!(f.import_kw < 1e-9 || f.curtailed_kw < 1e-9 || paid);
            // Holding PV back pays.
            let earned = |f: &Flows| f.import_kw * supply.import_earns_per_kwh + f.export_kw * sold;
            let unpaid = balance(&Supply { import_earns_per_kwh: 0.0, ..supply }, &order, demand);
            prop_assert!(earned(&f) >= earned(&unpaid) - 1e-9);
            prop_assert!(f.battery_kw == unpaid.battery_kw && f.shortfall_kw == unpaid.shortfall_kw);
        }
    }
}
