//! Following meters: where there is a reading of the interval that comes, the site lives by it instead
//! of its model, for that interval and no longer. Not how readings are made of messages.

use super::{ChangeError, Twin};
use crate::record::EventKind;
use crate::scenario::Metered;

impl Twin {
    /// Lets the coming interval follow its meters. A power that cannot be (an array or a load below
    /// zero) is taken as zero; a battery or charger is held to its own limits.
    ///
    /// # Errors
    /// A reading that is not a finite number, or the run is over; nothing is changed then.
    pub fn follow(&mut self, metered: &Metered) -> Result<(), ChangeError> {
        if self.now >= self.fixed.end {
            return Err(ChangeError::new("the run is over; go back to an earlier time"));
        }
        if !metered.is_finite() {
            return Err(ChangeError::new("found a reading that is not a finite number"));
        }
        for (i, soc) in metered.soc.iter().enumerate() {
            if let Some(soc) = soc {
                self.set_soc(i, *soc);
            }
        }
        let positive = |kw: &Option<f64>| kw.map(|kw| kw.max(0.0));
        self.metered = Metered {
            pv_kw: metered.pv_kw.iter().map(positive).collect(),
            loads_kw: metered.loads_kw.iter().map(positive).collect(),
            ..Metered::default()
        };
        for i in 0..self.bank.len() {
            let kw = metered.batteries_kw.get(i).copied().flatten();
            self.bank.impose(i, kw.filter(|_| self.grid_up));
        }
        for (i, garage) in self.garages.iter_mut().enumerate() {
            garage.impose(metered.chargers_kw.get(i).copied().flatten());
        }
        Ok(())
    }

    /// What was metered is over.
    pub(super) fn follow_models(&mut self) {
        self.metered = Metered::default();
        self.bank.release();
        for garage in &mut self.garages {
            garage.impose(None);
        }
    }

    /// Records something that was found from outside and changes nothing by itself: a meter that is
    /// silent, a reading that cannot be.
    pub(super) fn note(&mut self, text: &str) {
        self.tell(self.now, EventKind::Noted { text: text.to_owned() });
    }

    /// An array's power before curtailment in the interval that is being lived, kW.
    pub(super) fn array_kw(&self, array: usize) -> f64 {
        let modelled = || self.fixed.traces.pv_kw[array][self.interval.index];
        if self.pv_faulted[array] { 0.0 } else { self.metered.pv(array).unwrap_or_else(modelled) }
    }

    /// A load's demand in the interval that is being lived, kW.
    pub(super) fn load_kw(&self, load: usize) -> f64 {
        let modelled = || self.fixed.traces.loads_kw[load][self.interval.index];
        self.metered.load(load).unwrap_or_else(modelled)
    }

    /// A battery's state of charge now; 0 where there is no such battery.
    pub fn state_of_charge(&self, battery: usize) -> f64 {
        self.bank.batteries().get(battery).map_or(0.0, |battery| battery.soc())
    }

    /// The model's power of an array before curtailment, kW, interval by interval over the run.
    pub fn pv_course_kw(&self, array: usize) -> &[f64] {
        &self.fixed.traces.pv_kw[array]
    }

    /// The model's demand of a load, kW, interval by interval over the run.
    pub fn load_course_kw(&self, load: usize) -> &[f64] {
        &self.fixed.traces.loads_kw[load]
    }

    /// The full price of an imported kWh, with additions and VAT, interval by interval over the run.
    pub fn price_course_per_kwh(&self) -> &[f64] {
        &self.fixed.traces.price_per_kwh
    }

    /// What an exported kWh brings, interval by interval over the run; below zero, exporting costs.
    pub fn export_price_course_per_kwh(&self) -> &[f64] {
        &self.fixed.traces.export_price_per_kwh
    }

    /// The intensity of what is imported, interval by interval over the run.
    pub fn grid_course_g_per_kwh(&self) -> &[f64] {
        &self.fixed.traces.grid_g_per_kwh
    }
}
