//! What a year of dispatch promises: the order of merit, exact sums by hand, balance at every step.

use crate::support::assert_close;
use gridtwin_study::island::{
    Hour, Mix, Prices, Project, Site, Traces, hours, island_money, operate,
};
use proptest::prelude::*;

fn traces(load: &[f64], pv: &[f64]) -> Traces {
    Traces::new(load.to_vec(), pv.to_vec(), vec![0.0; load.len()], 1.0).unwrap()
}

fn lossless() -> Site {
    let mut site = Site::ouessant();
    site.battery.loss_factor = 0.0;
    site
}

#[test]
fn sun_serves_first_then_the_battery_then_the_genset_then_load_is_shed() {
    let traces = traces(&[10.0, 10.0, 10.0, 10.0], &[1.0, 0.0, 0.0, 0.0]);
    let mix = Mix { genset_kw: 6.0, battery_kwh: 12.0, pv_kw: 30.0, wind_kw: 0.0 };
    let year: Vec<Hour> = hours(&lossless(), &traces, &mix).collect();
    let row = |hour: &Hour| {
        [
            hour.charge_kw,
            hour.discharge_kw,
            hour.genset_kw,
            hour.shed_kw,
            hour.spilled_kw,
            hour.stored_kwh,
        ]
    };
    assert_eq!(row(&year[0]), [12.0, 0.0, 0.0, 0.0, 8.0, 12.0]);
    assert_eq!(row(&year[1]), [0.0, 10.0, 0.0, 0.0, 0.0, 2.0]);
    assert_eq!(row(&year[2]), [0.0, 2.0, 6.0, 2.0, 0.0, 0.0]);
    assert_eq!(row(&year[3]), [0.0, 0.0, 6.0, 4.0, 0.0, 0.0]);

    let sums = operate(&lossless(), &traces, &mix);
    assert_eq!(sums.served_energy_kwh, 34.0);
    assert_eq!((sums.shed_energy_kwh, sums.shed_max_kw), (6.0, 4.0));
    assert_eq!((sums.shed_hours_h, sums.shed_duration_max_h), (2.0, 2.0));
    assert_eq!(sums.shed_rate, 6.0 / 40.0);
    assert_eq!((sums.genset_energy_kwh, sums.genset_hours_h), (12.0, 2.0));
    assert_eq!(sums.storage_cycles, 1.0);
    assert_eq!((sums.spilled_energy_kwh, sums.spilled_max_kw), (8.0, 8.0));
    assert_eq!((sums.renewable_potential_kwh, sums.renewable_energy_kwh), (30.0, 22.0));
    assert_close("fuel", sums.genset_fuel_l, 12.0 * 0.24, 1e-12);
    assert_close("co2", sums.fuel_co2_kg, 12.0 * 0.24 * 2.68, 1e-12);
}

#[test]
fn the_battery_loses_its_share_on_the_way_in_and_on_the_way_out() {
    let traces = traces(&[0.0, 5.0], &[10.0, 0.0]);
    let mix = Mix { battery_kwh: 100.0, pv_kw: 1.0, ..Mix::default() };
    let year: Vec<Hour> = hours(&Site::ouessant(), &traces, &mix).collect();
    assert_close("stored", year[0].stored_kwh, 9.5, 1e-12);
    assert_close("left", year[1].stored_kwh, 9.5 - 5.25, 1e-12);
    let sums = operate(&Site::ouessant(), &traces, &mix);
    assert_close("loss", sums.storage_loss_kwh, 0.75, 1e-12);
}

#[test]
fn the_longest_shedding_counts_steps_without_a_break() {
    let traces = traces(&[1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0], &[0.0; 8]);
    let sums = operate(&Site::ouessant(), &traces, &Mix::default());
    assert_eq!((sums.shed_hours_h, sums.shed_duration_max_h), (6.0, 3.0));
}

#[test]
fn a_running_genset_burns_its_intercept_for_every_hour_and_rated_kilowatt() {
    let mut site = Site::ouessant();
    site.genset.fuel_intercept_l_per_kw_h = 0.08;
    let traces = traces(&[5.0, 0.0, 3.0], &[0.0; 3]);
    let sums = operate(&site, &traces, &Mix { genset_kw: 10.0, ..Mix::default() });
    assert_close("fuel", sums.genset_fuel_l, 0.08 * 10.0 * 2.0 + 0.24 * 8.0, 1e-12);
}

#[test]
fn a_genset_at_its_least_load_charges_the_battery_and_dumps_the_rest() {
    let mut site = lossless();
    site.genset.min_load_ratio = 0.5;
    let traces = traces(&[1.0, 1.0, 9.0], &[0.0; 3]);
    let mix = Mix { genset_kw: 10.0, battery_kwh: 3.0, ..Mix::default() };
    let year: Vec<Hour> = hours(&site, &traces, &mix).collect();
    // 5 kW made: 1 served, 3 charged (1C), 1 dumped.
    assert_eq!((year[0].genset_kw, year[0].charge_kw, year[0].dumped_kw), (5.0, 3.0, 1.0));
    // The battery serves alone.
    assert_eq!((year[1].genset_kw, year[1].discharge_kw), (0.0, 1.0));
    // 2 kWh left, 7 kW above the least load.
    assert_eq!((year[2].genset_kw, year[2].discharge_kw, year[2].shed_kw), (7.0, 2.0, 0.0));
    let sums = operate(&site, &traces, &mix);
    assert_eq!((sums.genset_dumped_kwh, sums.spilled_energy_kwh), (1.0, 0.0));
    assert_eq!((sums.genset_energy_kwh, sums.genset_hours_h), (12.0, 2.0));
}

#[test]
fn nothing_built_sheds_everything_and_divides_by_nothing() {
    let traces = traces(&[2.0, 3.0], &[1.0, 1.0]);
    let sums = operate(&Site::ouessant(), &traces, &Mix::default());
    assert_eq!((sums.served_energy_kwh, sums.shed_energy_kwh, sums.shed_rate), (0.0, 5.0, 1.0));
    assert_eq!((sums.storage_cycles, sums.spilled_rate, sums.renewable_rate), (0.0, 0.0, 0.0));
    assert_eq!((sums.genset_fuel_l, sums.genset_hours_h), (0.0, 0.0));
}

#[test]
fn without_load_everything_is_stored_or_spilled() {
    let mix = Mix { genset_kw: 5.0, battery_kwh: 1.0, pv_kw: 2.0, wind_kw: 0.0 };
    let sums = operate(&lossless(), &traces(&[0.0], &[1.0]), &mix);
    assert_eq!((sums.storage_charge_kwh, sums.spilled_energy_kwh), (1.0, 1.0));
    assert_eq!((sums.shed_rate, sums.genset_hours_h), (0.0, 0.0));
}

#[test]
fn a_step_of_a_quarter_hour_counts_a_quarter_of_the_energy() {
    let quarter = Traces::new(vec![8.0; 4], vec![1.0; 4], vec![0.5; 4], 0.25).unwrap();
    let mix = Mix { genset_kw: 5.0, battery_kwh: 0.0, pv_kw: 1.0, wind_kw: 2.0 };
    let sums = operate(&Site::ouessant(), &quarter, &mix);
    assert_eq!((sums.duration_h, sums.genset_hours_h), (1.0, 1.0));
    assert_eq!((sums.genset_energy_kwh, sums.shed_energy_kwh), (5.0, 1.0));
    assert_eq!((sums.renewable_potential_kwh, sums.served_energy_kwh), (2.0, 7.0));
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let mut site = Site::ouessant();
    site.battery.loss_factor = 1.0;
    assert!(site.check().unwrap_err().to_string().starts_with("battery.loss_factor is 1"));
    let mut site = Site::ouessant();
    site.battery.soc_min = 0.2;
    assert!(site.check().unwrap_err().to_string().starts_with("battery.soc_start is 0"));
    let mut site = Site::ouessant();
    site.genset.min_load_ratio = f64::NAN;
    assert!(site.check().is_err());
    assert!(Site::ouessant().check().is_ok());
    assert!(Mix { pv_kw: -1.0, ..Mix::default() }.check().is_err());
    assert!(Mix { wind_kw: f64::INFINITY, ..Mix::default() }.check().is_err());
}

#[test]
fn traces_refuse_what_is_not_a_year() {
    let refused = |load: Vec<f64>, pv: Vec<f64>, step_h| {
        let wind = vec![0.0; load.len()];
        Traces::new(load, pv, wind, step_h).unwrap_err().to_string()
    };
    assert!(refused(vec![], vec![], 1.0).contains("empty"));
    assert!(refused(vec![1.0], vec![1.0, 2.0], 1.0).contains("2 of pv_per_kw"));
    assert!(refused(vec![1.0, -2.0], vec![0.0; 2], 1.0).starts_with("load_kw, row 2: -2"));
    assert!(refused(vec![1.0], vec![f64::NAN], 1.0).starts_with("pv_per_kw, row 1: NaN"));
    assert!(refused(vec![f64::INFINITY], vec![0.0], 1.0).contains("row 1"));
    assert!(refused(vec![1.0], vec![0.0], 0.0).starts_with("step_h"));
}

#[test]
fn numbers_without_meaning_give_numbers_without_meaning_and_never_a_panic() {
    let traces = traces(&[2.0, 0.0, 3.0], &[0.0, 1.0, 0.0]);
    for bad in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        let mut site = Site::ouessant();
        site.battery.loss_factor = bad;
        site.genset.min_load_ratio = bad;
        let mix = Mix { genset_kw: bad, battery_kwh: bad, pv_kw: bad, wind_kw: bad };
        let operation = operate(&site, &traces, &mix);
        let project = Project { discount_rate: bad, ..Project::default() };
        let money = island_money(&project, &Prices::ouessant(), &mix, &operation);
        assert_eq!(money.components.len(), 4);
    }
}

fn any_traces() -> impl Strategy<Value = Traces> {
    let row = (0.0..100.0, prop_oneof![Just(0.0), 0.0..1.0], 0.0..1.0);
    (prop::collection::vec(row, 1..200), prop_oneof![Just(1.0), 0.1..3.0]).prop_map(
        |(rows, step_h)| {
            let column = |pick: fn(&(f64, f64, f64)) -> f64| rows.iter().map(pick).collect();
            Traces::new(column(|row| row.0), column(|row| row.1), column(|row| row.2), step_h)
                .unwrap()
        },
    )
}

fn size(most: f64) -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.0..most]
}

fn any_mix() -> impl Strategy<Value = Mix> {
    (size(120.0), size(500.0), size(200.0), size(200.0)).prop_map(
        |(genset_kw, battery_kwh, pv_kw, wind_kw)| Mix { genset_kw, battery_kwh, pv_kw, wind_kw },
    )
}

fn any_site() -> impl Strategy<Value = Site> {
    let battery = (0.0..2.0, 0.0..2.0, 0.0..0.5, 0.0..0.5, 0.0..1.0);
    (battery, prop_oneof![Just(0.0), 0.0..1.0], 0.5..1.0).prop_map(
        |((charge, discharge, loss, soc_min, start), min_load_ratio, pv_derating)| {
            let mut site = Site::ouessant();
            site.battery.charge_rate_per_h = charge;
            site.battery.discharge_rate_per_h = discharge;
            site.battery.loss_factor = loss;
            site.battery.soc_min = soc_min;
            site.battery.soc_start = soc_min + (1.0 - soc_min) * start;
            site.genset.min_load_ratio = min_load_ratio;
            site.pv_derating = pv_derating;
            site
        },
    )
}

proptest! {
    #[test]
    fn every_step_balances_and_keeps_every_limit(
        site in any_site(), traces in any_traces(), mix in any_mix(),
    ) {
        prop_assert!(site.check().is_ok() && mix.check().is_ok());
        let (battery, step_h) = (site.battery, traces.step_h());
        let mut stored_kwh = battery.soc_start * mix.battery_kwh;
        for hour in hours(&site, &traces, &mix) {
            let gives = hour.renewable_kw + hour.genset_kw + hour.discharge_kw + hour.shed_kw;
            let takes = hour.load_kw + hour.charge_kw + hour.spilled_kw + hour.dumped_kw;
            prop_assert!((gives - takes).abs() < 1e-9, "{hour:?}");

            let change_kwh = step_h
                * ((1.0 - battery.loss_factor) * hour.charge_kw
                    - (1.0 + battery.loss_factor) * hour.discharge_kw);
            prop_assert!((stored_kwh + change_kwh - hour.stored_kwh).abs() < 1e-9, "{hour:?}");
            stored_kwh = hour.stored_kwh;

            prop_assert!(stored_kwh >= battery.soc_min * mix.battery_kwh);
            prop_assert!(stored_kwh <= mix.battery_kwh);
            prop_assert!(hour.charge_kw <= battery.charge_rate_per_h * mix.battery_kwh);
            prop_assert!(hour.discharge_kw <= battery.discharge_rate_per_h * mix.battery_kwh);
            prop_assert!(hour.charge_kw == 0.0 || hour.discharge_kw == 0.0);
            prop_assert!(hour.genset_kw <= mix.genset_kw);
            let least_kw = site.genset.min_load_ratio * mix.genset_kw;
            prop_assert!(hour.genset_kw == 0.0 || hour.genset_kw >= least_kw);
            prop_assert!(hour.shed_kw == 0.0 || hour.genset_kw == mix.genset_kw);
            prop_assert!(hour.shed_kw == 0.0 || hour.spilled_kw + hour.dumped_kw == 0.0);
            for power_kw in [
                hour.genset_kw, hour.charge_kw, hour.discharge_kw, hour.shed_kw, hour.spilled_kw,
                hour.dumped_kw,
            ] {
                prop_assert!(power_kw >= 0.0, "{hour:?}");
            }
        }
    }

    #[test]
    fn the_sums_are_those_of_the_hours_and_balance_over_the_year(
        site in any_site(), traces in any_traces(), mix in any_mix(),
    ) {
        let sums = operate(&site, &traces, &mix);
        let year: Vec<Hour> = hours(&site, &traces, &mix).collect();
        let energy = |power: fn(&Hour) -> f64| year.iter().map(power).sum::<f64>() * traces.step_h();
        let most = |power: fn(&Hour) -> f64| year.iter().map(power).fold(0.0, f64::max);
        let time = |power: fn(&Hour) -> f64| {
            year.iter().filter(|hour| power(hour) > 0.0).count() as f64 * traces.step_h()
        };
        let longest = year.split(|hour| hour.shed_kw <= 0.0).map(<[Hour]>::len).max().unwrap_or(0);
        for (ours, theirs) in [
            (sums.shed_energy_kwh, energy(|hour| hour.shed_kw)),
            (sums.shed_max_kw, most(|hour| hour.shed_kw)),
            (sums.shed_hours_h, time(|hour| hour.shed_kw)),
            (sums.shed_duration_max_h, longest as f64 * traces.step_h()),
            (sums.genset_energy_kwh, energy(|hour| hour.genset_kw)),
            (sums.genset_hours_h, time(|hour| hour.genset_kw)),
            (sums.genset_dumped_kwh, energy(|hour| hour.dumped_kw)),
            (sums.storage_charge_kwh, energy(|hour| hour.charge_kw)),
            (sums.storage_discharge_kwh, energy(|hour| hour.discharge_kw)),
            (sums.spilled_energy_kwh, energy(|hour| hour.spilled_kw)),
            (sums.spilled_max_kw, most(|hour| hour.spilled_kw)),
            (sums.renewable_potential_kwh, energy(|hour| hour.renewable_kw)),
            (
                sums.served_energy_kwh + sums.storage_loss_kwh + sums.genset_dumped_kwh
                    + sums.storage_end_kwh - site.battery.soc_start * mix.battery_kwh,
                sums.renewable_energy_kwh + sums.genset_energy_kwh,
            ),
        ] {
            prop_assert!((ours - theirs).abs() < 1e-6, "{ours} and {theirs} in {sums:?}");
        }
    }

    /// True at 1C, whole hours and without a least load, where power never limits the battery before
    /// energy does. With a slower battery it is not: the larger one may have given its energy away
    /// before a peak.
    #[test]
    fn more_of_anything_never_sheds_more(
        traces in any_traces(), mix in any_mix(), more in any_mix(),
    ) {
        let traces = Traces::new(
            traces.load_kw().to_vec(), traces.pv_per_kw().to_vec(), traces.wind_per_kw().to_vec(), 1.0,
        ).unwrap();
        let shed = |mix: &Mix| operate(&Site::ouessant(), &traces, mix).shed_energy_kwh;
        let base_kwh = shed(&mix);
        for larger in [
            Mix { genset_kw: mix.genset_kw + more.genset_kw, ..mix },
            Mix { battery_kwh: mix.battery_kwh + more.battery_kwh, ..mix },
            Mix { pv_kw: mix.pv_kw + more.pv_kw, ..mix },
            Mix { wind_kw: mix.wind_kw + more.wind_kw, ..mix },
        ] {
            prop_assert!(shed(&larger) <= base_kwh + 1e-9, "{larger:?}");
        }
    }
}
