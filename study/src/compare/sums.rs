//! Which metrics grow with the length of a run: those of runs that are not equally long are compared
//! by the day.

use super::Group;

/// The metric that says how long a run lasts.
const DAYS: &str = "run.days";

/// Whether a metric adds up over the days of a run: energy, money, carbon and counts do; shares, means,
/// peaks and states do not.
pub(super) fn adds_up(name: &str, unit: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let of_each = name.contains("_per_")
        || ["stored_start_kwh", "stored_end_kwh"].contains(&last)
        || last.ends_with("_share");
    let of_outages = name.starts_with("resilience.");
    if of_each || of_outages || last.contains("residual") || last == "still_there" {
        return false;
    }
    let counted = ["tasks.", "consensus.", "ev."].iter().any(|group| name.starts_with(group));
    match unit {
        "kWh" | "kg" | "J" | "g" | "h" => true,
        "" => counted,
        _ => name.starts_with("cost."),
    }
}

/// Makes figures of a day of what adds up, where not all runs are equally long; says so then.
pub(super) fn by_the_day(groups: &mut [Group]) -> Option<String> {
    let days = |group: &Group| -> Vec<Option<f64>> {
        let at = group.metrics.iter().position(|(name, _)| name == DAYS);
        let told = |values: &Vec<Option<f64>>| at.and_then(|at| values.get(at).copied().flatten());
        let of = |values: &Vec<Option<f64>>| told(values).or(group.days);
        group.runs.values().map(of).collect()
    };
    let all: Vec<Vec<Option<f64>>> = groups.iter().map(days).collect();
    let mut known: Vec<f64> = all.iter().flatten().copied().flatten().collect();
    known.sort_by(f64::total_cmp);
    let (first, last) = (*known.first()?, *known.last()?);
    if last - first <= 1e-9 || first <= 0.0 {
        return None;
    }
    for (group, days) in groups.iter_mut().zip(&all) {
        for (at, (name, unit)) in group.metrics.iter_mut().enumerate() {
            if !adds_up(name, unit) {
                continue;
            }
            for (values, days) in group.runs.values_mut().zip(days) {
                if let Some(value) = values.get_mut(at) {
                    *value = value.zip(*days).map(|(value, days)| value / days);
                }
            }
            *unit = if unit.is_empty() { "1/d".to_owned() } else { format!("{unit}/d") };
        }
    }
    let lengths: Vec<String> = groups
        .iter()
        .zip(&all)
        .map(|(group, days)| {
            let days = days.iter().copied().flatten().next().unwrap_or_default();
            let unit = if days == 1.0 { "day" } else { "days" };
            format!("{} {} {unit}", group.name, gridtwin_reports::human(days))
        })
        .collect();
    Some(format!(
        "the runs have different lengths ({}), so sums are given per day. Compare with care: \
         monthly charges cost more per day in a short run, and the runs may cover different \
         seasons",
        lengths.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::super::Pairing;
    use super::*;

    #[test]
    fn sums_are_told_from_shares_peaks_and_states() {
        for (name, unit) in [
            ("energy.import_kwh", "kWh"),
            ("cost.total", "EUR"),
            ("carbon.operational_kg", "kg"),
            ("tasks.missed", ""),
            ("consensus.a.energy_j", "J"),
            ("energy.grid_outage_h", "h"),
        ] {
            assert!(adds_up(name, unit), "{name}");
        }
        for (name, unit) in [
            ("run.days", "d"),
            ("energy.self_sufficiency", ""),
            ("energy.highest_import_kw", "kW"),
            ("energy.balance_residual_kwh", "kWh"),
            ("energy.stored_end_kwh", "kWh"),
            ("carbon.intensity_g_per_kwh", "g/kWh"),
            ("tasks.energy_j_per_task", "J"),
            ("tasks.latency_ms_p95", "ms"),
            ("ev.still_there", ""),
            ("resilience.survived_h_mean", "h"),
        ] {
            assert!(!adds_up(name, unit), "{name}");
        }
    }

    #[test]
    fn runs_of_one_length_are_left_alone_and_others_told_by_the_day() {
        let group = |name: &str, days: f64, kwh: f64| Group {
            name: name.to_owned(),
            metrics: [("run.days", "d"), ("energy.import_kwh", "kWh"), ("energy.share", "")]
                .map(|(name, unit)| (name.to_owned(), unit.to_owned()))
                .into(),
            runs: [(Pairing::default(), vec![Some(days), Some(kwh), Some(0.5)])].into(),
            ..Group::default()
        };
        let mut same = [group("a", 7.0, 70.0), group("b", 7.0, 77.0)];
        assert_eq!(by_the_day(&mut same), None);
        assert_eq!(same[1].runs[&Pairing::default()][1], Some(77.0));
        let mut other = [group("a", 7.0, 70.0), group("b", 14.0, 154.0)];
        let told = by_the_day(&mut other).unwrap();
        assert!(told.contains("a 7 days, b 14 days"), "{told}");
        assert_eq!(
            other.each_ref().map(|of| of.runs[&Pairing::default()][1]),
            [Some(10.0), Some(11.0)]
        );
        assert_eq!(other[0].metrics[1].1, "kWh/d");
        assert_eq!(other[0].runs[&Pairing::default()][2], Some(0.5));
    }
}
