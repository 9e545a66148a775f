//! The worked case of Microgrids.py, island of Ouessant, held to every number that it prints.
//!
//! The numbers were made by Microgrids.py itself; the inputs are in the shared data.

use crate::support::{assert_close, shared};
use gridtwin_study::island::{
    Column, Columns, Mix, Money, Operation, Prices, Project, Site, Traces, Wind, island_money,
    operate,
};

const SHARE: f64 = 1e-6;
const MIX: Mix = Mix { genset_kw: 1800.0, battery_kwh: 5000.0, pv_kw: 3000.0, wind_kw: 900.0 };
const PROJECT: Project =
    Project { life_years: 25, discount_rate: 0.05, escalation: 0.0, carbon_price_per_t: 0.0 };

fn reference_columns() -> Columns {
    Columns {
        load: Column::new("load_kw", 1.0),
        pv: Some(Column::new("pv_per_kwp", 1.0)),
        wind: Some(Wind::PerKw(Column::new("cf_wind", 1.0))),
        step_h: 1.0,
    }
}

fn assert_money(money: &Money) {
    let costs = &money.costs;
    let lcoe = money.levelised_cost_per_kwh.expect("energy was served");
    for (name, ours, theirs) in [
        ("lcoe", lcoe, 0.229248128699),
        ("npc", money.net_present_cost, 21890027.7291),
        ("cost_total", costs.total(), 21890027.7291),
        ("cost_investment", costs.investment, 9220000.0),
        ("cost_replacement", costs.replacement, 2788220.22523),
        ("cost_om", costs.om, 4498223.3477),
        ("cost_fuel", costs.fuel, 5658609.47086),
        ("cost_salvage", costs.salvage, -275025.314708),
    ] {
        assert_close(name, ours, theirs, SHARE);
    }
}

#[test]
fn the_worked_case_runs_and_costs_what_microgrids_py_says() {
    let Some(path) = shared("refs/microgrids_py_inputs.csv") else { return };
    let traces = Traces::read(&path, &reference_columns()).unwrap();
    assert_eq!(traces.len(), 8760);
    let operation = operate(&Site::ouessant(), &traces, &MIX);
    for (name, ours, theirs) in [
        ("served_energy", operation.served_energy_kwh, 6774979.0),
        ("shed_energy", operation.shed_energy_kwh, 0.0),
        ("shed_max", operation.shed_max_kw, 0.0),
        ("shed_hours", operation.shed_hours_h, 0.0),
        ("shed_duration_max", operation.shed_duration_max_h, 0.0),
        ("shed_rate", operation.shed_rate, 0.0),
        ("gen_energy", operation.genset_energy_kwh, 1672884.36189),
        ("gen_hours", operation.genset_hours_h, 3310.0),
        ("gen_fuel", operation.genset_fuel_l, 401492.246854),
        ("storage_cycles", operation.storage_cycles, 188.654040784),
        ("storage_char_energy", operation.storage_charge_kwh, 990433.714114),
        ("storage_dis_energy", operation.storage_discharge_kwh, 896106.693722),
        ("storage_loss_energy", operation.storage_loss_kwh, 94327.0203918),
        ("spilled_energy", operation.spilled_energy_kwh, 1041263.9003),
        ("spilled_max", operation.spilled_max_kw, 2644.94824349),
        ("spilled_rate", operation.spilled_rate, 0.166931130222),
        ("renew_potential_energy", operation.renewable_potential_kwh, 6237685.5588),
        ("renew_energy", operation.renewable_energy_kwh, 5196421.6585),
        ("renew_rate", operation.renewable_rate, 0.753079033619),
    ] {
        assert_close(name, ours, theirs, SHARE);
    }
    assert_money(&island_money(&PROJECT, &Prices::ouessant(), &MIX, &operation));
}

#[test]
fn the_worked_case_costs_the_same_from_its_published_operation_alone() {
    let operation = Operation {
        duration_h: 8760.0,
        served_energy_kwh: 6774979.0,
        genset_hours_h: 3310.0,
        genset_fuel_l: 401492.246854,
        storage_cycles: 188.654040784,
        ..Operation::default()
    };
    let money = island_money(&PROJECT, &Prices::ouessant(), &MIX, &operation);
    assert_money(&money);
    let names: Vec<_> = money.components.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["genset", "battery", "pv", "wind"]);
}

#[test]
fn the_measured_year_of_ouessant_holds_the_load_and_sun_of_the_worked_case() {
    let (Some(measured), Some(reference)) =
        (shared("data/island/ouessant_2016.csv"), shared("refs/microgrids_py_inputs.csv"))
    else {
        return;
    };
    let columns = Columns {
        load: Column::new("Load", 1.0),
        pv: Some(Column::new("Ppv1k", 0.001)),
        wind: None,
        step_h: 1.0,
    };
    let measured = Traces::read(&measured, &columns).unwrap();
    let reference = Traces::read(&reference, &reference_columns()).unwrap();
    assert_eq!(measured.load_kw(), reference.load_kw());
    for (ours, theirs) in measured.pv_per_kw().iter().zip(reference.pv_per_kw()) {
        assert_close("pv_per_kw", *ours, *theirs, 1e-9);
    }
    assert_eq!(measured.wind_kwh_per_kw(), 0.0);
}
