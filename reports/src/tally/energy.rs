//! Energy, carbon and money of a run: sums over its intervals.

use gridtwin_kernel::Span;
use gridtwin_twin::record::{BusFlows, Money, Sample, Sources};

/// What the intervals add up to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Energy {
    /// The time that the samples cover.
    pub(crate) covered: Span,
    /// The bus flows as energies: the fields' `_kw` are kWh here.
    pub(crate) kwh: BusFlows,
    /// The greatest residual of any interval, as a magnitude.
    pub(crate) worst_residual_kwh: f64,
    /// Where consumption came from.
    pub(crate) consumed: Sources,
    /// Imports and fuel.
    pub(crate) emitted_kg: f64,
    /// Of it: imports.
    pub(crate) imported_kg: f64,
    /// With exports.
    pub(crate) exported_kg: f64,
    /// Imports less exports at the marginal rate; none where there is no such rate.
    pub(crate) marginal_kg: Option<f64>,
    /// Grams of what was consumed, storage traced: the mix's intensity times consumption.
    pub(crate) consumed_g: f64,
    /// Sums; the prices are the highest.
    pub(crate) money: Money,
    /// Curtailed beyond what the PV gave: a genset's surplus, kWh.
    pub(crate) genset_curtailed_kwh: f64,
    /// The highest mean import of an interval.
    pub(crate) highest_import_kw: f64,
    /// The import price times hours: over [`Energy::covered`], the mean price of the run.
    pub(crate) price_h: f64,
    /// What all batteries could give at their terminals at the end; `None` before any interval.
    pub(crate) deliverable_kwh: Option<f64>,
}

impl Energy {
    /// Adds one interval.
    pub(crate) fn add(&mut self, sample: &Sample) {
        let hours = sample.step.as_hours_f64();
        self.covered += sample.step;
        for (sum, kw) in fields_mut(&mut self.kwh).into_iter().zip(fields(&sample.flows)) {
            *sum += kw * hours;
        }
        // `max` would pass over NaN, which is the worst of all.
        let residual = sample.residual_kwh.abs();
        if residual.is_nan() || residual > self.worst_residual_kwh {
            self.worst_residual_kwh = residual;
        }
        self.highest_import_kw = self.highest_import_kw.max(sample.flows.import_kw);
        for (sum, kwh) in
            sources_mut(&mut self.consumed).into_iter().zip(sources(&sample.consumed_from))
        {
            *sum += kwh;
        }
        self.emitted_kg += sample.emitted_kg;
        self.imported_kg += sample.imported_kg();
        self.exported_kg += sample.exported_kg;
        if let Some(kg) = sample.marginal_kg {
            *self.marginal_kg.get_or_insert(0.0) += kg;
        }
        self.consumed_g += sample.mix_g_per_kwh * total(&sample.consumed_from);
        let (sum, of) = (&mut self.money, &sample.money);
        sum.price_per_kwh = sum.price_per_kwh.max(of.price_per_kwh);
        sum.export_price_per_kwh = sum.export_price_per_kwh.max(of.export_price_per_kwh);
        sum.import += of.import;
        sum.energy += of.energy;
        sum.grid_fee += of.grid_fee;
        sum.tax += of.tax;
        sum.margin += of.margin;
        sum.vat += of.vat;
        sum.carbon += of.carbon;
        sum.export += of.export;
        sum.fuel += of.fuel;
        sum.charged += of.charged;
        sum.lost_load += of.lost_load;
        self.price_h += sample.money.price_per_kwh * hours;
        self.deliverable_kwh = Some(sample.batteries.iter().map(|b| b.deliverable_kwh).sum());
        let flows = &sample.flows;
        self.genset_curtailed_kwh += (flows.curtailed_kw - flows.pv_kw).max(0.0) * hours;
    }

    /// Whether all that was curtailed was PV.
    pub(crate) fn only_pv_curtailed(&self) -> bool {
        self.genset_curtailed_kwh <= 1e-9 * self.kwh.curtailed_kw
    }

    /// All that was consumed, kWh.
    pub(crate) fn consumed_kwh(&self) -> f64 {
        total(&self.consumed)
    }

    /// Carbon of what was consumed, storage traced, kg.
    pub(crate) fn consumed_kg(&self) -> f64 {
        self.consumed_g / 1000.0
    }

    /// Carbon that the batteries hold more than at the start, kg; negative where they hold less:
    /// emitted - consumed - exported.
    pub(crate) fn stored_kg(&self) -> f64 {
        self.emitted_kg - self.consumed_kg() - self.exported_kg
    }

    /// The share of consumption that the site's own renewables made, storage traced. Fuel is not
    /// its own. `None` where nothing was consumed.
    pub(crate) fn self_sufficiency(&self) -> Option<f64> {
        share(self.consumed.own_renewable_kwh(), self.consumed_kwh())
    }

    /// The same over all demand, met or not.
    pub(crate) fn self_sufficiency_of_demand(&self) -> Option<f64> {
        share(self.consumed.own_renewable_kwh(), self.kwh.load_kw)
    }

    /// The share of consumption that renewables made, here or on the grid.
    pub(crate) fn renewable_share(&self, grid_renewable_share: f64) -> Option<f64> {
        share(self.consumed.renewable_kwh(grid_renewable_share), self.consumed_kwh())
    }

    /// The same over all demand, met or not.
    pub(crate) fn renewable_share_of_demand(&self, grid_renewable_share: f64) -> Option<f64> {
        share(self.consumed.renewable_kwh(grid_renewable_share), self.kwh.load_kw)
    }

    /// The mean intensity of consumption, storage traced. `None` where nothing was consumed.
    pub(crate) fn intensity_g_per_kwh(&self) -> Option<f64> {
        let consumed = self.consumed_kwh();
        (consumed > 0.0).then(|| self.consumed_g / consumed)
    }
}

/// `part` of `all`, where there is anything; rounding does not lift it above 1.
fn share(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| (part / all).clamp(0.0, 1.0))
}

/// What the record tells of an interval's imports.
pub(crate) trait Imported {
    /// Carbon of the interval's imports, kg.
    fn imported_kg(&self) -> f64;
}

impl Imported for Sample {
    fn imported_kg(&self) -> f64 {
        self.flows.import_kw * self.step.as_hours_f64() * self.grid_g_per_kwh / 1000.0
    }
}

/// Names of the flows, as in `timeseries.csv`.
pub(crate) const FLOWS: [&str; 13] = [
    "pv",
    "genset",
    "import",
    "discharge",
    "unserved",
    "load",
    "loads",
    "ev",
    "compute",
    "network",
    "export",
    "charge",
    "curtailed",
];

/// What each of them is.
pub(crate) const FLOW_MEANINGS: [&str; 13] = [
    "Output of PV before curtailment",
    "Output of gensets",
    "Import from the grid",
    "Discharge of batteries",
    "Demand that was not served",
    "Total demand, served or not",
    "Demand of the loads alone (without cars, computing, network)",
    "Demand of electric cars",
    "Demand of servers and devices, consensus included",
    "Demand of switches and links",
    "Export to the grid",
    "Charging of batteries",
    "Curtailed output (it could not be used, stored or exported, or its export would have cost money)",
];

/// The flows in the order of [`FLOWS`].
pub(crate) fn fields(f: &BusFlows) -> [f64; 13] {
    [
        f.pv_kw,
        f.genset_kw,
        f.import_kw,
        f.discharge_kw,
        f.unserved_kw,
        f.load_kw,
        f.loads_kw,
        f.ev_kw,
        f.compute_kw,
        f.network_kw,
        f.export_kw,
        f.charge_kw,
        f.curtailed_kw,
    ]
}

fn fields_mut(f: &mut BusFlows) -> [&mut f64; 13] {
    [
        &mut f.pv_kw,
        &mut f.genset_kw,
        &mut f.import_kw,
        &mut f.discharge_kw,
        &mut f.unserved_kw,
        &mut f.load_kw,
        &mut f.loads_kw,
        &mut f.ev_kw,
        &mut f.compute_kw,
        &mut f.network_kw,
        &mut f.export_kw,
        &mut f.charge_kw,
        &mut f.curtailed_kw,
    ]
}

/// PV, grid, genset, initial.
pub(crate) fn sources(s: &Sources) -> [f64; 4] {
    [s.pv_kwh, s.grid_kwh, s.genset_kwh, s.initial_kwh]
}

fn sources_mut(s: &mut Sources) -> [&mut f64; 4] {
    [&mut s.pv_kwh, &mut s.grid_kwh, &mut s.genset_kwh, &mut s.initial_kwh]
}

/// The sum over all sources.
pub(crate) fn total(s: &Sources) -> f64 {
    sources(s).iter().sum()
}
