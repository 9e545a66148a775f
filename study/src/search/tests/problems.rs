//! Problems to search: what the tests share.

use crate::search::{Candidate, Score, Space, Variable};

pub(super) fn size(count: u32, least: f64, most: f64) -> Variable {
    let last = f64::from(count - 1);
    let level = |number: u32| least + (most - least) * f64::from(number) / last;
    Variable::Size { levels: (0..count).map(level).collect() }
}

pub(super) fn space(variables: Vec<Variable>) -> Space {
    Space::new(variables).expect("a sound space")
}

/// PV, battery, genset and how the battery is used: yearly cost, emissions and energy not served of
/// a made-up site. Kinks wherever something is full or empty.
pub(super) fn site(candidate: &Candidate) -> [f64; 3] {
    let v = candidate.values();
    let (pv_kw, battery_kwh, genset_kw) = (v[0], v[1], v[2]);
    let policy = candidate.choice(3).unwrap_or_default();
    let (keep, wear, eager) = [(0.92, 1.0, 1.0), (0.88, 0.7, 0.9), (0.95, 1.6, 1.0)][policy];
    let (mut fuel_kwh, mut unserved_kwh, mut moved_kwh) = (0.0, 0.0, 0.0);
    for (sun, load_kwh) in [(5.5, 90.0), (3.0, 110.0), (4.2, 70.0), (1.2, 130.0), (0.6, 100.0)] {
        let made_kwh = pv_kw * sun;
        let direct_kwh = f64::min(made_kwh, 0.45 * load_kwh);
        let stored_kwh = f64::min(eager * (made_kwh - direct_kwh), battery_kwh) * keep;
        let left_kwh = f64::max(load_kwh - direct_kwh - stored_kwh, 0.0);
        let burnt_kwh = f64::min(left_kwh, genset_kw * 14.0);
        fuel_kwh += burnt_kwh;
        unserved_kwh += left_kwh - burnt_kwh;
        moved_kwh += stored_kwh;
    }
    let build = 95.0 * pv_kw + 48.0 * battery_kwh + 60.0 * genset_kw;
    let cost = build + 73.0 * (0.42 * fuel_kwh + 0.03 * wear * moved_kwh);
    [cost, 73.0 * 0.8 * fuel_kwh + 40.0 * pv_kw + 60.0 * battery_kwh, unserved_kwh]
}

pub(super) fn site_space(pv: u32, battery: u32, genset: u32) -> Space {
    space(vec![
        size(pv, 0.0, 60.0),
        size(battery, 0.0, 150.0),
        size(genset, 0.0, 12.0),
        Variable::Choice { count: 3 },
    ])
}

/// Cost and emissions; at most 8 kWh not served.
pub(super) fn constrained_site(candidate: &Candidate) -> Result<Score, String> {
    let [cost, emissions, unserved_kwh] = site(candidate);
    let violation = f64::max(unserved_kwh - 8.0, 0.0);
    Ok(Score { objectives: vec![cost, emissions], violation })
}

/// Cost, emissions and what is not served.
pub(super) fn free_site(candidate: &Candidate) -> Result<Score, String> {
    Ok(Score::free(site(candidate).to_vec()))
}

/// Binh and Korn 1997.
pub(super) fn bnh(candidate: &Candidate) -> Result<Score, String> {
    let v = candidate.values();
    let (x, y) = (v[0], v[1]);
    let first = f64::max((x - 5.0).powi(2) + y * y - 25.0, 0.0);
    let second = f64::max(7.7 - (x - 8.0).powi(2) - (y + 3.0).powi(2), 0.0);
    let objectives = vec![4.0 * (x * x + y * y), (x - 5.0).powi(2) + (y - 5.0).powi(2)];
    Ok(Score { objectives, violation: first + second })
}

/// Srinivas and Deb 1994, as in the paper on NSGA-II, table V.
pub(super) fn srn(candidate: &Candidate) -> Result<Score, String> {
    let v = candidate.values();
    let (x, y) = (v[0], v[1]);
    let first = f64::max(x * x + y * y - 225.0, 0.0);
    let second = f64::max(x - 3.0 * y + 10.0, 0.0);
    let objectives = vec![2.0 + (x - 2.0).powi(2) + (y - 1.0).powi(2), 9.0 * x - (y - 1.0).powi(2)];
    Ok(Score { objectives, violation: first / 225.0 + second / 10.0 })
}

/// Schaffer 1987.
pub(super) fn sch(candidate: &Candidate) -> Result<Score, String> {
    let x = candidate.values()[0];
    Ok(Score::free(vec![x * x, (x - 2.0) * (x - 2.0)]))
}

fn zdt(candidate: &Candidate, shape: fn(f64, f64) -> f64) -> Result<Score, String> {
    let v = candidate.values();
    let g = 1.0 + 9.0 * v[1..].iter().sum::<f64>() / (v.len() - 1) as f64;
    Ok(Score::free(vec![v[0], g * shape(v[0], g)]))
}

/// Zitzler, Deb and Thiele 2000.
pub(super) fn zdt1(candidate: &Candidate) -> Result<Score, String> {
    zdt(candidate, |f, g| 1.0 - (f / g).sqrt())
}

/// Zitzler, Deb and Thiele 2000.
pub(super) fn zdt3(candidate: &Candidate) -> Result<Score, String> {
    zdt(candidate, |f, g| {
        let share = f / g;
        1.0 - share.sqrt() - share * (10.0 * std::f64::consts::PI * f).sin()
    })
}

/// Three objectives on an eighth of a sphere, with a choice that pushes away from it: after DTLZ2
/// (Deb, Thiele, Laumanns and Zitzler 2002).
pub(super) fn sphere(candidate: &Candidate) -> Result<Score, String> {
    let v = candidate.values();
    let off = (v[2] - 0.5).powi(2) + [0.0, 0.3, 0.1, 0.6][candidate.choice(3).unwrap_or_default()];
    let (a, b) = (v[0] * std::f64::consts::FRAC_PI_2, v[1] * std::f64::consts::FRAC_PI_2);
    let r = 1.0 + off;
    Ok(Score::free(vec![r * a.cos() * b.cos(), r * a.cos() * b.sin(), r * a.sin()]))
}
