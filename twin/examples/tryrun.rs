#![allow(missing_docs, clippy::disallowed_methods)]
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::*;
use gridtwin_twin::*;
use std::collections::BTreeMap;
#[derive(Default)]
struct Sum {
    n: usize,
    f: BusFlows,
    res: f64,
    ev: BTreeMap<&'static str, usize>,
    tasks: BTreeMap<&'static str, u64>,
    lat: gridtwin_kernel::Histogram,
    soc: (f64, f64),
    verbose: bool,
    em: f64,
    co: f64,
    ex: f64,
}
impl Observer for Sum {
    fn sample(&mut self, s: &Sample) {
        self.n += 1;
        let h = s.step.as_hours_f64();
        let f = &s.flows;
        self.res = self.res.max(s.residual_kwh.abs());
        self.em += s.emitted_kg;
        self.ex += s.exported_kg;
        self.co += s.mix_g_per_kwh * (f.load_kw - f.unserved_kw) * h / 1000.0;
        macro_rules! add { ($($x:ident),*) => { $( self.f.$x += f.$x*h; )* } }
        add!(
            pv_kw,
            genset_kw,
            import_kw,
            discharge_kw,
            unserved_kw,
            load_kw,
            loads_kw,
            ev_kw,
            compute_kw,
            network_kw,
            export_kw,
            charge_kw,
            curtailed_kw
        );
    }
    fn event(&mut self, at: SimTime, e: &Event) {
        *self.ev.entry(e.kind.name()).or_default() += 1;
        if self.verbose
            && !matches!(
                e.kind,
                EventKind::Decided { .. }
                    | EventKind::CarArrived { .. }
                    | EventKind::CarLeft { .. }
            )
        {
            println!("{at:?} {:?}", e.kind);
        }
    }
    fn task(&mut self, t: &TaskRecord) {
        *self.tasks.entry(t.outcome.name()).or_default() += 1;
        if !t.outcome.is_lost() {
            self.lat.record(t.latency_ms());
        }
    }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let days = a.get(2).and_then(|d| d.parse().ok());
    let t = std::time::Instant::now();
    let s = match Scenario::load_with(std::path::Path::new(&a[1]), &[], days, None) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{e}");
            return;
        }
    };
    let mut twin = match Twin::new(&s) {
        Ok(t) => t,
        Err(e) => {
            eprintln!("{e}");
            return;
        }
    };
    println!("build {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let mut sum = Sum { verbose: a.get(3).is_some(), ..Default::default() };
    let c0 = twin.stored_carbon_g();
    let end = twin.end();
    twin.advance(end, &mut sum);
    println!("run {:?}", t.elapsed());
    println!(
        "{} {:#?} res {:e}\n{:?}\n{:?}\np50 {:?} p95 {:?} p99 {:?}",
        sum.n,
        sum.f,
        sum.res,
        sum.ev,
        sum.tasks,
        sum.lat.quantile(0.5),
        sum.lat.quantile(0.95),
        sum.lat.quantile(0.99)
    );
    println!(
        "emitted {} consumed {} exported {} stored {}",
        sum.em,
        sum.co,
        sum.ex,
        (twin.stored_carbon_g() - c0) / 1000.0
    );
    println!("last {:?}", twin.last_sample());
}
