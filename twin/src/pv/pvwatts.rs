//! PVWatts: modules and inverter each with one efficiency and one coefficient.
//!
//! A. P. Dobos, "PVWatts version 5 manual", NREL/TP-6A20-62641, 2014.

/// Direct current of an array, in the unit of its rating: `G / 1000 P (1 + gamma (T - 25))`
/// (section 9), `gamma` per kelvin.
#[inline]
pub fn pvwatts_dc(poa_w_m2: f64, cell_c: f64, rated: f64, gamma_per_k: f64) -> f64 {
    poa_w_m2 * 0.001 * rated * (1.0 + gamma_per_k * (cell_c - 25.0))
}

/// Alternating current of an inverter that takes at most `dc_limit`, in the unit of both:
/// `eta / 0.9637 (-0.0162 z - 0.0059 / z + 0.9858)` with `z = dc / dc_limit`, held at
/// `efficiency dc_limit` above and at zero below (section 11).
#[inline]
pub fn pvwatts_ac(dc: f64, dc_limit: f64, efficiency: f64) -> f64 {
    if dc <= 0.0 || dc_limit <= 0.0 {
        return 0.0;
    }
    let load = dc / dc_limit;
    let share = efficiency / 0.9637 * (-0.0162 * load - 0.0059 / load + 0.9858);
    (share * dc).min(efficiency * dc_limit).max(0.0)
}
