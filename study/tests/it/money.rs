//! What the money promises: payments at their times, worth what the textbook says.

use crate::support::assert_close;
use gridtwin_study::island::{
    Component, Mix, Operation, Payback, Prices, Project, cash_flow, evaluate, island_components,
    island_money, payback_years,
};
use proptest::prelude::*;

fn component(unit_price: f64, om_per_unit_year: f64, life_years: f64) -> Component {
    Component {
        name: "thing".into(),
        size: 2.0,
        unit_price,
        om_per_unit_year,
        operating_per_year: 0.0,
        fuel_per_year: 0.0,
        carbon_per_year: 0.0,
        life_years,
        replacement_share: 1.0,
        salvage_share: 1.0,
    }
}

fn project(life_years: u32, discount_rate: f64) -> Project {
    Project { life_years, discount_rate, ..Project::default() }
}

#[test]
fn payments_are_discounted_from_their_own_times() {
    let project = project(10, 0.1);
    let thing = Component {
        operating_per_year: 3.0,
        fuel_per_year: -1.0,
        replacement_share: 0.5,
        salvage_share: 0.8,
        ..component(100.0, 5.0, 4.0)
    };
    let costs = thing.costs(&project);
    let at = |year: f64| 1.1_f64.powf(-year);
    let years: f64 = (1..=10).map(|year| at(f64::from(year))).sum();
    assert_eq!(costs.investment, 200.0);
    assert_close("replacement", costs.replacement, 100.0 * (at(4.0) + at(8.0)), 1e-12);
    assert_close("om", costs.om, 13.0 * years, 1e-12);
    assert_close("fuel", costs.fuel, -years, 1e-12);
    assert_close("salvage", costs.salvage, -160.0 * 0.5 * at(10.0), 1e-12);
    let money = evaluate(&project, &[thing.clone(), thing], 100.0);
    assert_close("npc", money.net_present_cost, 2.0 * costs.total(), 1e-12);
    let lcoe = money.levelised_cost_per_kwh.unwrap();
    assert_close("lcoe", lcoe, 2.0 * costs.total() / years / 100.0, 1e-12);
}

#[test]
fn without_discounting_money_is_only_added_up() {
    let money = evaluate(&project(10, 0.0), &[component(100.0, 5.0, 4.0)], 50.0);
    assert_eq!(money.costs.replacement, 400.0);
    assert_eq!(money.costs.om, 100.0);
    assert_eq!(money.costs.salvage, -100.0);
    assert_eq!(money.yearly_cost, 60.0);
    assert_eq!(money.levelised_cost_per_kwh, Some(1.2));
}

#[test]
fn a_life_that_ends_with_the_project_is_not_renewed() {
    for life_years in [25.0, 5.0, 25.0 / 3.0, 25.0 / 7.0] {
        let costs = component(100.0, 0.0, life_years).costs(&project(25, 0.0));
        let replacements = (25.0 / life_years - 1.0_f64).round();
        assert_eq!(costs.replacement, 200.0 * replacements, "a life of {life_years} years");
        assert!(costs.salvage.abs() < 1e-9);
    }
}

#[test]
fn what_never_wears_keeps_its_price_to_the_end() {
    let costs = component(100.0, 0.0, f64::INFINITY).costs(&project(20, 0.05));
    assert_eq!(costs.replacement, 0.0);
    assert_close("salvage", costs.salvage, -200.0 * 1.05_f64.powi(-20), 1e-12);
}

#[test]
fn nothing_served_has_no_levelised_cost() {
    assert_eq!(evaluate(&project(5, 0.05), &[], 0.0).levelised_cost_per_kwh, None);
}

#[test]
fn the_battery_dies_of_its_years_or_of_its_cycles_whichever_comes_first() {
    let prices = Prices::ouessant();
    let mix = Mix { battery_kwh: 1.0, ..Mix::default() };
    let life = |storage_cycles| {
        let operation = Operation { duration_h: 8760.0, storage_cycles, ..Operation::default() };
        island_components(&prices, &mix, &operation)[1].life_years
    };
    assert_eq!(life(0.0), 15.0);
    assert_eq!(life(100.0), 15.0);
    assert_eq!(life(300.0), 10.0);
}

#[test]
fn a_month_of_traces_stands_for_a_year_of_such_months() {
    let year = Operation {
        duration_h: 8760.0,
        served_energy_kwh: 1200.0,
        genset_hours_h: 1200.0,
        genset_fuel_l: 360.0,
        storage_cycles: 240.0,
        ..Operation::default()
    };
    let month = Operation {
        duration_h: 730.0,
        served_energy_kwh: 100.0,
        genset_hours_h: 100.0,
        genset_fuel_l: 30.0,
        storage_cycles: 20.0,
        ..Operation::default()
    };
    let mix = Mix { genset_kw: 1.0, battery_kwh: 2.0, pv_kw: 3.0, wind_kw: 4.0 };
    let money = |operation| island_money(&project(25, 0.05), &Prices::ouessant(), &mix, operation);
    assert_close("npc", money(&month).net_present_cost, money(&year).net_present_cost, 1e-12);
    let lcoe = |operation| money(operation).levelised_cost_per_kwh.unwrap();
    assert_close("lcoe", lcoe(&month), lcoe(&year), 1e-12);
}

#[test]
fn a_dearer_plant_that_saves_every_year_is_paid_back_when_savings_reach_its_price() {
    let base = [Component { fuel_per_year: 100.0, ..component(0.0, 0.0, 20.0) }];
    let solar = [Component { fuel_per_year: 20.0, ..component(100.0, 0.0, 20.0) }];
    let Payback { simple_years, discounted_years } =
        payback_years(&project(20, 0.1), &base, &solar);
    assert_eq!(simple_years, Some(2.5));
    // 200 from 80 a year: 198.95 after three years, the rest in the fourth.
    let three = 80.0 / 1.1 + 80.0 / 1.21 + 80.0 / 1.331;
    let expected = 3.0 + (200.0 - three) / (80.0 / 1.4641);
    assert_close("discounted", discounted_years.unwrap(), expected, 1e-12);
}

#[test]
fn replacements_count_in_the_payback_and_salvage_does_not() {
    let base = [Component { fuel_per_year: 50.0, ..component(0.0, 0.0, 20.0) }];
    // 200 at once and 200 more after year 3: even after (200 + 200) / 50 years.
    let battery = [component(100.0, 0.0, 3.0)];
    let payback = payback_years(&project(6, 0.0), &base, &battery);
    assert_eq!(payback.simple_years, None);
    let payback = payback_years(&project(20, 0.0), &base, &[component(100.0, 0.0, 11.0)]);
    assert_eq!(payback.simple_years, Some(4.0));
}

#[test]
fn a_replacement_that_undoes_the_payback_postpones_it() {
    let base = [Component { fuel_per_year: 60.0, ..component(0.0, 0.0, 20.0) }];
    // 200 are back after 3.3 years, 200 more after year 4 only after 6.7, and again after year 8.
    let battery = [component(100.0, 0.0, 4.0)];
    let years = |life| payback_years(&project(life, 0.0), &base, &battery).simple_years;
    assert_close("four years", years(4).unwrap(), 200.0 / 60.0, 1e-12);
    assert_eq!(years(6), None);
    assert_close("eight years", years(8).unwrap(), 400.0 / 60.0, 1e-12);
    assert_eq!(years(9), None);
    // Cheaper to buy, dearer to run: ahead for two years only.
    let dear = [component(50.0, 0.0, 20.0)];
    let worn = [Component { fuel_per_year: 50.0, ..component(0.0, 0.0, 20.0) }];
    assert_eq!(payback_years(&project(20, 0.0), &dear, &worn).simple_years, None);
    assert_eq!(payback_years(&project(2, 0.0), &dear, &worn).simple_years, Some(0.0));
}

#[test]
fn a_plant_that_costs_no_more_has_nothing_to_pay_back() {
    let cheap = [component(10.0, 1.0, 20.0)];
    let dear = [component(20.0, 1.0, 20.0)];
    let project = project(20, 0.05);
    assert_eq!(payback_years(&project, &dear, &cheap).simple_years, Some(0.0));
    assert_eq!(payback_years(&project, &cheap, &dear).simple_years, None);
}

#[test]
fn prices_out_of_range_are_refused_by_name() {
    let mut prices = Prices::ouessant();
    assert!(prices.check().is_ok());
    prices.battery.life_cycles = 0.0;
    assert!(prices.check().unwrap_err().to_string().starts_with("battery.life_cycles is 0"));
    let thing = component(f64::NAN, 0.0, 1.0);
    assert!(thing.check().unwrap_err().to_string().starts_with("thing.unit_price is NaN"));
    assert!(component(1.0, 0.0, 1.0).check().is_ok());
    assert!(project(0, 0.05).check().is_err());
    assert!(project(25, -1.0).check().is_err());
    assert!(project(25, 5.0).check().is_ok());
}

proptest! {
    #[test]
    fn the_closed_form_is_the_sum_payment_by_payment(
        life_years in 0.3..40.0, years in 1_u32..60, rate in prop_oneof![Just(0.0), -0.05..0.3],
    ) {
        let costs = component(1.0, 1.0, life_years).costs(&project(years, rate));
        let at = |time: f64| (1.0_f64 + rate).powf(-time);
        let mut replacement = 0.0;
        let mut last = 0.0;
        while last + life_years < f64::from(years) - 1e-6 {
            last += life_years;
            replacement += 2.0 * at(last);
        }
        let left = (last + life_years - f64::from(years)) / life_years;
        let yearly: f64 = (1..=years).map(|year| 2.0 * at(f64::from(year))).sum();
        prop_assume!(left > 1e-5 && left < 1.0 - 1e-5);
        prop_assert!((costs.replacement - replacement).abs() <= 1e-9 * (1.0 + replacement));
        prop_assert!((costs.om - yearly).abs() <= 1e-9 * yearly);
        prop_assert!((costs.salvage + 2.0 * left * at(f64::from(years))).abs() <= 1e-9 * yearly);
    }

    /// All that is paid, less what is left, is the net present cost; so a plant that pays back at all
    /// within the project, and wears no faster, is not dearer over it.
    #[test]
    fn a_plant_paid_back_without_replacements_is_worth_building(
        price in 1.0..1000.0, saving in 0.0..100.0, rate in 0.0..0.2,
    ) {
        let project = project(25, rate);
        let base = [Component { fuel_per_year: saving, ..component(0.0, 0.0, 25.0) }];
        let plant = [component(price, 0.0, 25.0)];
        let cost = |components: &[Component]| evaluate(&project, components, 1.0).net_present_cost;
        let paid_back = payback_years(&project, &base, &plant).discounted_years.is_some();
        prop_assert_eq!(paid_back, cost(&plant) <= cost(&base) + 1e-9);
    }
}

#[test]
fn rising_prices_and_carbon_are_paid_from_year_to_year() {
    let project = Project { escalation: 0.03, carbon_price_per_t: 0.0, ..project(10, 0.05) };
    let thing =
        Component { fuel_per_year: 100.0, carbon_per_year: 20.0, ..component(0.0, 0.0, 10.0) };
    let costs = thing.costs(&project);
    let fuel: f64 = (1..=10).map(|y| 100.0 * 1.03_f64.powi(y - 1) / 1.05_f64.powi(y)).sum();
    let carbon: f64 = (1..=10).map(|y| 20.0 / 1.05_f64.powi(y)).sum();
    assert_close("fuel", costs.fuel, fuel, 1e-12);
    assert_close("carbon", costs.carbon, carbon, 1e-12);
    assert_close("total", costs.total(), fuel + carbon, 1e-12);
    assert_eq!(thing.first_year(), 120.0);
    // Prices that rise as fast as money loses its worth: each year costs the same today.
    let even = Project { escalation: 0.05, ..project };
    assert_close("even", thing.costs(&even).fuel, 10.0 * 100.0 / 1.05, 1e-12);
}

#[test]
fn a_cash_flow_says_when_it_is_paid_back() {
    // 1,000 for 200 a year: five years, and with 5 % a year 5.89.
    let project = project(10, 0.05);
    let base = [Component { fuel_per_year: 200.0, ..component(0.0, 0.0, 10.0) }];
    let mix = [component(500.0, 0.0, 10.0)];
    let flow = cash_flow(&project, &base, &mix);
    assert_eq!(flow.len(), 11);
    assert_eq!((flow[0].net, flow[1].net, flow[5].cumulative), (-1000.0, 200.0, 0.0));
    let payback = payback_years(&project, &base, &mix);
    assert_eq!(payback.simple_years, Some(5.0));
    let discounted = payback.discounted_years.unwrap();
    assert!(flow[5].discounted_cumulative < 0.0 && flow[6].discounted_cumulative > 0.0);
    assert!((5.0..6.0).contains(&discounted), "{discounted}");
}

proptest! {
    #[test]
    fn a_cash_flow_adds_up_to_the_difference_of_net_present_costs(
        prices in [0.0..1e4_f64, 0.0..1e4],
        lives in [0.3..40.0_f64, 0.3..40.0],
        om in [0.0..50.0_f64, 0.0..50.0],
        fuel in [-500.0..500.0_f64, -500.0..500.0],
        carbon in [0.0..50.0_f64, 0.0..50.0],
        salvage in 0.0..1.0_f64,
        years in 1_u32..40,
        rate in -0.02..0.2_f64,
        escalation in -0.05..0.1_f64,
    ) {
        let project = Project { escalation, ..project(years, rate) };
        let [base, mix] = [0, 1].map(|i| [Component {
            fuel_per_year: fuel[i],
            carbon_per_year: carbon[i],
            salvage_share: salvage,
            ..component(prices[i], om[i], lives[i])
        }]);
        let flow = cash_flow(&project, &base, &mix);
        let worth = |of: &[Component]| evaluate(&project, of, 1.0).net_present_cost;
        let gained = worth(&base) - worth(&mix);
        let scale = worth(&base).abs() + worth(&mix).abs() + 1.0;
        let last = flow.last().unwrap();
        prop_assert!((last.discounted_cumulative - gained).abs() <= 1e-9 * scale);
        let plain = Project { discount_rate: 0.0, ..project };
        let flow = cash_flow(&plain, &base, &mix);
        for year in &flow {
            prop_assert!((year.net - year.discounted).abs() <= 1e-9 * scale * 100.0);
        }
    }
}
