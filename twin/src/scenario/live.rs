//! Values set during a run: the scenario with one of them changed, and what must stay because the
//! past depends on it. Not what the engine does with them.

use super::check::{check_change, check_in_flight};
use super::error::ScenarioError;
use super::load::understand;
use super::overrides::{Override, apply};
use super::{Change, Id, Scenario};

/// Why a value cannot be set: what was found, what was expected, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) help: String,
    /// Whether the value is to blame, and not its place.
    pub(crate) of_value: bool,
}

impl Refusal {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), of_value: false }
    }

    /// An error's message without its place, which is where the change is written.
    fn of(error: &ScenarioError) -> Self {
        match error {
            ScenarioError::Invalid(problems) => {
                let (message, help) = problems.first();
                Self::new(message, help)
            }
            ScenarioError::Unreadable { reason, help, .. } => Self::new(reason, help),
        }
    }

    /// All of it in one line.
    pub(crate) fn sentence(&self) -> String {
        match self.help.as_str() {
            "" => self.message.clone(),
            help => format!("{}; {help}", self.message),
        }
    }
}

impl Scenario {
    /// The scenario with one value changed during a run. It goes through the same text, reading and
    /// checking as values of `--set`; the text around it stays as the user wrote it.
    ///
    /// # Errors
    /// A path that leads nowhere, a value that cannot be, or something that cannot change in flight.
    pub(crate) fn with_set(&self, path: &str, value: &str) -> Result<Self, Refusal> {
        let change = Override::change(path, value).map_err(|message| {
            let message = match (path.trim(), value.trim()) {
                ("", _) => "found an empty path, expected a path, as in \
                            `batteries.main.capacity_kwh`"
                    .to_owned(),
                (_, "") => format!("found an empty value for `{path}`"),
                _ => message,
            };
            Refusal::new(message, "give the path of a field and its new value")
        })?;
        let source = apply(&self.source, &change).map_err(|error| Refusal::of(&error))?;
        let of_value = |error| Refusal { of_value: true, ..Refusal::of(&error) };
        let set = understand(source).map_err(of_value)?;
        let problems = check_in_flight(&set);
        if !problems.is_empty() {
            return Err(of_value(ScenarioError::new(&set.source, problems)));
        }
        match frozen(self, &set) {
            None => Ok(set),
            Some(what) => Err(Refusal::new(
                format!("{what} cannot change during a run"),
                "save the scenario with the change, and run it from the start",
            )),
        }
    }
}

impl Scenario {
    /// Whether a change that sets no value can be made: what it names is there.
    ///
    /// # Errors
    /// What is not, with the nearest right name.
    pub(crate) fn allows(&self, change: &Change) -> Result<(), Refusal> {
        let problems = check_change(self, change);
        if problems.is_empty() {
            return Ok(());
        }
        Err(Refusal::of(&ScenarioError::new(&self.source, problems)))
    }
}

/// What differs and must not.
fn frozen(old: &Scenario, new: &Scenario) -> Option<String> {
    let whole = [
        ("the name", old.name == new.name),
        ("the site", old.site == new.site),
        ("the start", old.start == new.start),
        ("the length (`days`)", old.days == new.days),
        ("the time step", old.step_s == new.step_s),
        ("the random seed", old.seed == new.seed),
        ("the task streams", old.tasks == new.tasks),
        ("the list of faults", old.faults == new.faults),
        ("the list of changes", old.changes == new.changes),
        ("the list of meters", old.meters == new.meters),
        ("the settings in `resilience`", old.resilience == new.resilience),
        ("whether the site has a grid connection", old.grid.is_some() == new.grid.is_some()),
        ("whether the scenario has a cloud", old.cloud.is_some() == new.cloud.is_some()),
    ];
    let whole = whole.into_iter().find(|(_, same)| !same).map(|(what, _)| what.to_owned());
    whole.or_else(|| names(old, new)).or_else(|| parts(old, new))
}

/// Nothing is added, taken out, renamed or moved within its list.
fn names(old: &Scenario, new: &Scenario) -> Option<String> {
    fn ids<'a, T>(list: &'a [T], id: impl Fn(&'a T) -> &'a Id) -> Vec<&'a Id> {
        list.iter().map(id).collect()
    }
    fn same<T>(old: &[T], new: &[T], id: impl Fn(&T) -> &Id) -> bool {
        ids(old, &id) == ids(new, &id)
    }
    let ends = |s: &Scenario| -> Vec<(Id, Id)> {
        s.links.iter().map(|link| (link.from.clone(), link.to.clone())).collect()
    };
    let lists = [
        ("PV arrays", same(&old.pv, &new.pv, |x| &x.id)),
        ("batteries", same(&old.batteries, &new.batteries, |x| &x.id)),
        ("gensets", same(&old.gensets, &new.gensets, |x| &x.id)),
        ("loads", same(&old.loads, &new.loads, |x| &x.id)),
        ("charger groups", same(&old.chargers, &new.chargers, |x| &x.id)),
        ("device fleets", same(&old.devices, &new.devices, |x| &x.id)),
        ("edge servers", same(&old.edge_servers, &new.edge_servers, |x| &x.id)),
        ("switches", same(&old.switches, &new.switches, |x| &x.id)),
        ("consensus groups", same(&old.consensus, &new.consensus, |x| &x.id)),
        ("links", ends(old) == ends(new)),
    ];
    let other = lists.into_iter().find(|(_, same)| !same);
    let cloud =
        old.cloud.as_ref().map(|cloud| &cloud.id) == new.cloud.as_ref().map(|cloud| &cloud.id);
    match other {
        Some((what, _)) => Some(format!("the list of {what}")),
        None if !cloud => Some("the cloud's name".to_owned()),
        None => None,
    }
}

/// Values of parts that were drawn, or spent, when the run began.
fn parts(old: &Scenario, new: &Scenario) -> Option<String> {
    for (a, b) in old.batteries.iter().zip(&new.batteries) {
        if a.soc_start != b.soc_start || a.stored_g_per_kwh != b.stored_g_per_kwh {
            return Some(format!("the initial charge of `{}`", a.id));
        }
    }
    for (a, b) in old.gensets.iter().zip(&new.gensets) {
        if a.tank_l != b.tank_l || a.refill_every_days != b.refill_every_days {
            return Some(format!("the tank of `{}`", a.id));
        }
        if a.random_failures != b.random_failures {
            return Some(format!("the random failures of `{}`", a.id));
        }
    }
    for (a, b) in old.chargers.iter().zip(&new.chargers) {
        if a.sessions != b.sessions {
            return Some(format!("the charging sessions of `{}`", a.id));
        }
    }
    for (a, b) in old.devices.iter().zip(&new.devices) {
        if a.count != b.count {
            return Some(format!("the number of devices in `{}`", a.id));
        }
        if a.supply != b.supply {
            return Some(format!("the power source of `{}`", a.id));
        }
    }
    let currency = |s: &Scenario| s.grid.as_ref().map(|grid| grid.tariff.currency.clone());
    if currency(old) != currency(new) {
        return Some("the currency".to_owned());
    }
    let by_month = |s: &Scenario| {
        let tariff = s.grid.as_ref().map(|grid| &grid.tariff);
        tariff.map(|t| (t.demand_price_per_kw, t.fixed_per_month, t.part_months, t.additions.vat))
    };
    if by_month(old) != by_month(new) {
        return Some("a monthly charge or its VAT".to_owned());
    }
    let rises = |s: &Scenario| s.grid.as_ref().map(|grid| grid.tariff.escalation_per_year);
    if rises(old) != rises(new) {
        return Some("the yearly escalation of prices".to_owned());
    }
    let outages =
        |s: &Scenario| s.grid.as_ref().map(|grid| (grid.outages.clone(), grid.random_outages));
    if outages(old) != outages(new) {
        return Some("the planned and random grid outages".to_owned());
    }
    None
}
