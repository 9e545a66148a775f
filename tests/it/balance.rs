//! Energy balances in every interval of a year within 1e-9 kWh, from figures that are metered apart:
//! what the flows say, what the batteries hold, and what each consumer drew. Carbon is conserved:
//! what was emitted is consumed, exported, or still in a battery.

use crate::common::scenario;
use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::{Scenario, Twin};

/// Sums and greatest deviations over a run.
#[derive(Default)]
struct Audit {
    intervals: usize,
    greatest_residual_kwh: f64,
    greatest_told_kwh: f64,
    greatest_parts_kwh: f64,
    emitted_kg: f64,
    consumed_kg: f64,
    exported_kg: f64,
    served_kwh: f64,
    from_kwh: f64,
}

impl Observer for Audit {
    fn sample(&mut self, s: &Sample) {
        let h = s.step.as_hours_f64();
        let f = &s.flows;
        let in_kw = f.pv_kw + f.genset_kw + f.import_kw + f.discharge_kw + f.unserved_kw;
        let out_kw = f.load_kw + f.export_kw + f.charge_kw + f.curtailed_kw;
        let kinds_kw = f.loads_kw + f.ev_kw + f.compute_kw + f.network_kw;
        let parts_kw = [
            s.pv_kw.iter().sum::<f64>() - f.pv_kw,
            s.gensets_kw.iter().sum::<f64>() - f.genset_kw,
            s.loads_kw.iter().sum::<f64>() - f.loads_kw,
            s.chargers_kw.iter().sum::<f64>() - f.ev_kw,
            s.batteries.iter().map(|b| b.power_kw).sum::<f64>() - (f.discharge_kw - f.charge_kw),
            kinds_kw - f.load_kw,
        ];
        self.intervals += 1;
        self.greatest_residual_kwh = self.greatest_residual_kwh.max(((in_kw - out_kw) * h).abs());
        self.greatest_told_kwh = self.greatest_told_kwh.max(s.residual_kwh.abs());
        for part_kw in parts_kw {
            self.greatest_parts_kwh = self.greatest_parts_kwh.max((part_kw * h).abs());
        }
        let served_kwh = (f.load_kw - f.unserved_kw) * h;
        self.emitted_kg += s.emitted_kg;
        self.exported_kg += s.exported_kg;
        self.consumed_kg += s.mix_g_per_kwh * served_kwh / 1000.0;
        self.served_kwh += served_kwh;
        self.from_kwh += s.consumed_from.total_kwh();
    }
}

fn audit(name: &str, days: u32) {
    let scenario = Scenario::load_with(&scenario(name), &[], Some(days), None).unwrap();
    let mut twin = Twin::new(&scenario).unwrap();
    let stored_before_g = twin.stored_carbon_g();
    let mut audit = Audit::default();
    let end = twin.end();
    twin.advance(end, &mut audit);
    assert_eq!(audit.intervals as u32, days * 86_400 / scenario.step_s, "{name}");
    assert!(audit.greatest_residual_kwh < 1e-9, "{name}: {} kWh", audit.greatest_residual_kwh);
    assert!(audit.greatest_told_kwh < 1e-9, "{name}: {} kWh", audit.greatest_told_kwh);
    assert!(audit.greatest_parts_kwh < 1e-9, "{name}: {} kWh", audit.greatest_parts_kwh);
    let stored_kg = (twin.stored_carbon_g() - stored_before_g) / 1000.0;
    let gone_kg = audit.consumed_kg + audit.exported_kg + stored_kg;
    let scale = audit.emitted_kg.max(1.0);
    assert!((audit.emitted_kg - gone_kg).abs() < 1e-6 * scale, "{name}: {gone_kg} of {scale} kg");
    let traced = (audit.from_kwh - audit.served_kwh).abs() / audit.served_kwh;
    assert!(traced < 1e-9, "{name}: {traced} of consumption is not traced");
}

#[test]
fn a_year_of_a_supermarket_balances() {
    audit("greensboro", 365);
}

#[test]
fn an_island_with_a_genset_balances() {
    audit("island", 60);
}

#[test]
fn a_depot_behind_a_small_connection_balances() {
    audit("depot", 30);
}

#[test]
fn a_blackout_balances() {
    audit("blackout", 5);
}

#[test]
fn a_campus_balances() {
    audit("campus", 30);
}
