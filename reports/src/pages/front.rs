//! The page of an optimisation: the Pareto front, the sizes along it, and the winner against a base
//! case. Every objective is one of which less is better.

use super::shell::{at, number, word};
use super::{Fact, Quantity, plots, shell};
use crate::Error;
use crate::html::markup::{Table, escape};
use crate::number::{count, money};

/// An optimisation, worked out and ready to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontPage {
    /// The study's name.
    pub name: String,
    /// What it is for, in a sentence or two; may be empty.
    pub description: String,
    /// What a reader has to know before the figures: a size without a price, a week that stands for
    /// a year. Shown first of all.
    pub warnings: Vec<String>,
    /// Base scenario, version, search, number of evaluations and so on, in the order shown.
    pub facts: Vec<Fact>,
    /// The objectives to minimise: cost, carbon, unserved energy, latency.
    pub objectives: Vec<Quantity>,
    /// The sizes that are chosen: PV in kW, battery in kWh, ..
    pub sizes: Vec<Quantity>,
    /// What else is chosen: policy, protocol, ..
    pub choices: Vec<String>,
    /// How many candidates were evaluated, also those that are not in `candidates`.
    pub evaluated: u64,
    /// Objectives of the candidates that were evaluated, one value for each objective, NaN where
    /// missing; the page draws two thousand of them, chosen at random.
    pub candidates: Vec<Vec<f64>>,
    /// The same of those that break a limit: however good, none of them is in the front.
    pub violating: Vec<Vec<f64>>,
    /// The Pareto front. Drawn in this order; the table shows the first two hundred.
    pub front: Vec<FrontMember>,
    /// For each objective the member of `front` that has least of it, as an index.
    pub winners: Vec<Option<usize>>,
    /// The member of `front` that is the best compromise, as an index.
    pub compromise: Option<usize>,
    /// The figures that designs are compared by, in the order shown: investment, operating cost,
    /// net present cost, levelised cost, payback, residual value, carbon, unserved energy, latency,
    /// as far as they are known.
    pub figures: Vec<Quantity>,
    /// The parts that costs are made of: investment, replacement, O&M, fuel, salvage, ..
    pub cost_parts: Vec<String>,
    /// The unit of the parts, for instance "EUR, present value over 20 years".
    pub cost_unit: String,
    /// What the designs are compared with.
    pub base: Option<Design>,
    /// The winner, and others worth a look, the winner first.
    pub designs: Vec<Design>,
    /// The candidates that a reader looks at first, with the base case.
    pub listed: NumberTable,
    /// The winner's cash flow against the base case, year by year.
    pub cash: NumberTable,
    /// The winner by two models side by side.
    pub apart: Option<NumberTable>,
    /// How the figures are worked out, a sentence each: shown at the page's end.
    pub method: Vec<String>,
}

/// A table whose cells are written already; nothing is shown where it has neither note nor rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberTable {
    /// What it shows, in a sentence or two.
    pub note: String,
    /// The head of its first column.
    pub first: String,
    /// The heads of the others; one that begins with `~` stands over words.
    pub heads: Vec<Quantity>,
    /// Its rows: what they are called, and their cells.
    pub rows: Vec<(String, Vec<String>)>,
}

impl NumberTable {
    /// A number as a cell.
    pub fn number(value: f64) -> String {
        number(value)
    }

    fn draw(&self, title: &str) -> String {
        let mut out = match self.note.as_str() {
            "" => String::new(),
            note => shell::none(note),
        };
        if !self.rows.is_empty() {
            let heads: Vec<String> = self.heads.iter().map(Quantity::full).collect();
            let heads =
                std::iter::once(self.first.as_str()).chain(heads.iter().map(String::as_str));
            let mut table = Table::new(title, &heads.collect::<Vec<_>>());
            for (name, cells) in &self.rows {
                let class = if name == "winner" { "change" } else { "" };
                let cells: Vec<String> =
                    std::iter::once(name.clone()).chain(cells.iter().cloned()).collect();
                table.row_of(class, &cells);
            }
            out += &table.end();
        }
        out
    }
}

/// One member of the Pareto front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMember {
    /// The candidate's number or name.
    pub label: String,
    /// One value for each objective.
    pub objectives: Vec<f64>,
    /// One value for each size.
    pub sizes: Vec<f64>,
    /// One text for each choice.
    pub choices: Vec<String>,
}

/// A design in full: the base case, the winner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    /// For instance "Base case" or "Least cost".
    pub name: String,
    /// One value for each of the page's sizes.
    pub sizes: Vec<f64>,
    /// One text for each of the page's choices.
    pub choices: Vec<String>,
    /// One value for each of the page's figures; `None` where it has no meaning (payback of the
    /// base case).
    pub figures: Vec<Option<f64>>,
    /// One amount for each of the page's cost parts, negative where it is earned (salvage).
    pub costs: Vec<f64>,
}

/// So many members of the front are listed.
const LISTED: usize = 200;

/// The page of an optimisation.
///
/// # Errors
/// A plot that could not be drawn.
pub fn front_page(page: &FrontPage) -> Result<String, Error> {
    let sections = [
        ("designs", against(page), designs(page)),
        ("candidates", "Costs and savings of the candidates", page.listed.draw("Candidates")),
        ("front", "The Pareto front", front(page)),
        ("models", "The hourly model and the twin", apart(page)),
        ("appendix-cash", "Appendix: cash flow year by year", page.cash.draw("Cash flow")),
        ("appendix-costs", "Appendix: breakdown of the costs", costs(page)),
        ("appendix-sizes", "Appendix: sizes along the front", sizes(page)),
        ("appendix-members", "Appendix: members of the front", members(page)),
        ("appendix-method", "Appendix: method", shell::method(&page.method)),
    ];
    let top = shell::Top {
        kicker: "gridtwin optimisation",
        name: &page.name,
        description: &page.description,
        facts: &page.facts,
        lead: tiles(page),
    };
    Ok(shell::page(&top, &sections))
}

/// The front, where there are two objectives to draw it between.
fn front(page: &FrontPage) -> String {
    if page.objectives.len() < 2 { String::new() } else { plots::objectives(page) }
}

/// Sizes along the front; of a single member there is nothing to draw.
fn sizes(page: &FrontPage) -> String {
    if page.front.len() < 2 { String::new() } else { plots::sizes(page) }
}

fn apart(page: &FrontPage) -> String {
    page.apart.as_ref().map_or_else(String::new, |table| table.draw("The winner in both models"))
}

/// Who won: the member of the front, and what for. The same member may have won twice.
pub(super) fn winners(page: &FrontPage) -> Vec<(String, usize)> {
    let named = page.objectives.iter().zip(&page.winners);
    named
        .map(|(objective, winner)| (format!("Least {}", objective.name), *winner))
        .chain([("Compromise".to_owned(), page.compromise)])
        .filter_map(|(title, winner)| winner.filter(|w| *w < page.front.len()).map(|w| (title, w)))
        .collect()
}

/// What a member of the front is made of, in a line.
fn made_of(page: &FrontPage, member: &FrontMember) -> String {
    let sizes = page.sizes.iter().enumerate().map(|(i, size)| {
        let value = number(at(&member.sizes, i));
        format!("{} {value} {}", size.name, size.unit).trim_end().to_owned()
    });
    let choices = page
        .choices
        .iter()
        .enumerate()
        .map(|(i, name)| format!("{name} {}", word(&member.choices, i)));
    sizes.chain(choices).collect::<Vec<_>>().join(", ")
}

fn tiles(page: &FrontPage) -> String {
    let winners = winners(page);
    let warnings: String = page
        .warnings
        .iter()
        .map(|text| format!("<p class=\"warning\"><strong>Note</strong> {}</p>\n", escape(text)))
        .collect();
    if winners.is_empty() {
        return warnings;
    }
    let mut out = warnings + "<section aria-label=\"Winners\" class=\"tiles\">\n";
    for (title, index) in winners {
        let member = &page.front[index];
        let of = page.objectives.iter().position(|o| title == format!("Least {}", o.name));
        let value = match of {
            Some(i) => format!(
                "{} <span>{}</span>",
                escape(&number(at(&member.objectives, i))),
                escape(&page.objectives[i].unit)
            ),
            None => escape(&member.label),
        };
        let others =
            (page.objectives.iter().enumerate()).filter(|(i, _)| Some(*i) != of).map(|(i, o)| {
                let value = number(at(&member.objectives, i));
                format!("{} {value} {}", o.name, o.unit).trim_end().to_owned()
            });
        let others: Vec<String> = others.collect();
        let label = match of {
            Some(_) => format!("{}: ", member.label),
            None => String::new(),
        };
        let note = match others.is_empty() {
            true => format!("{label}{}", made_of(page, member)),
            false => format!("{label}{}; {}", made_of(page, member), others.join(", ")),
        };
        out += &format!(
            "<div class=\"tile\"><p class=\"name\">{}</p><p class=\"value\">{value}</p>\
             <p class=\"note\">{}</p></div>\n",
            escape(&title),
            escape(&note)
        );
    }
    out + "</section>\n"
}

fn against(page: &FrontPage) -> &'static str {
    match (&page.base, page.designs.len()) {
        (Some(_), 1) => "The winner against the base case",
        (Some(_), 2..) => "The winners against the base case",
        _ => "The winners in full",
    }
}

/// Every design in full, side by side, and how far the winner is from the base case.
fn designs(page: &FrontPage) -> String {
    let all: Vec<&Design> = page.base.iter().chain(&page.designs).collect();
    if all.is_empty() {
        return String::new();
    }
    let pair = page.base.as_ref().zip(page.designs.first());
    let mut heads = vec!["Figure".to_owned(), "~Unit".to_owned()];
    // The columns hold words where choices stand in them; all are aligned as numbers.
    heads.extend(all.iter().map(|design| design.name.clone()));
    if let Some((_, winner)) = pair {
        heads.push(match page.designs.len() {
            1 => "Difference".to_owned(),
            _ => format!("Difference, {}", winner.name),
        });
        heads.push("in %".to_owned());
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new("Designs side by side", &heads);
    let mut row = |name: &Quantity, value: &dyn Fn(&Design) -> Option<f64>| {
        let mut cells = vec![name.name.clone(), name.unit.clone()];
        cells.extend(all.iter().map(|design| shell::maybe(value(design))));
        if let Some((base, winner)) = pair {
            let known = value(base).zip(value(winner));
            let known = known.filter(|(a, b)| a.is_finite() && b.is_finite());
            let (difference, share) = known.map_or((f64::NAN, f64::NAN), |(base, winner)| {
                (winner - base, (winner - base) / base.abs() * 100.0)
            });
            cells.extend([shell::signed(difference), shell::signed(share)]);
        }
        table.row(&cells);
    };
    for (i, size) in page.sizes.iter().enumerate() {
        row(size, &|design| design.sizes.get(i).copied());
    }
    for (i, figure) in page.figures.iter().enumerate() {
        row(figure, &|design| design.figures.get(i).copied().flatten());
    }
    for (i, choice) in page.choices.iter().enumerate() {
        let mut cells = vec![choice.clone(), String::new()];
        cells.extend(all.iter().map(|design| word(&design.choices, i)));
        if let Some((base, winner)) = pair {
            let same = word(&base.choices, i) == word(&winner.choices, i);
            cells.extend([if same { "same" } else { "changed" }.to_owned(), String::new()]);
        }
        table.row(&cells);
    }
    table.end()
}

/// The parts of every design's costs, drawn and as a table.
fn costs(page: &FrontPage) -> String {
    let all: Vec<&Design> = page.base.iter().chain(&page.designs).collect();
    if all.is_empty() {
        return String::new();
    }
    let out = plots::costs(page, &all);
    let mut heads = vec!["Part"];
    heads.extend(all.iter().map(|design| design.name.as_str()));
    let title = shell::with_unit("Breakdown of the costs", &page.cost_unit);
    let mut table = Table::new(&title, &heads);
    for (i, part) in page.cost_parts.iter().enumerate() {
        let amounts = all.iter().map(|design| money(at(&design.costs, i)));
        table.row(&std::iter::once(part.clone()).chain(amounts).collect::<Vec<_>>());
    }
    if !page.cost_parts.is_empty() {
        let totals = all.iter().map(|design| money(plots::total(page, design)));
        let cells: Vec<String> = std::iter::once("Total".to_owned()).chain(totals).collect();
        table.row_of("sum", &cells);
    }
    out + &table.end()
}

fn members(page: &FrontPage) -> String {
    if page.front.is_empty() {
        return shell::none("No candidate is on the front.");
    }
    let mut heads = vec!["Candidate".to_owned()];
    heads.extend(page.objectives.iter().chain(&page.sizes).map(Quantity::full));
    heads.extend(page.choices.iter().map(|choice| format!("~{choice}")));
    heads.push("~Best in".to_owned());
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new("Members of the front", &heads);
    let winners = winners(page);
    for (index, member) in page.front.iter().take(LISTED).enumerate() {
        let mut cells = vec![member.label.clone()];
        cells.extend((0..page.objectives.len()).map(|i| number(at(&member.objectives, i))));
        cells.extend((0..page.sizes.len()).map(|i| number(at(&member.sizes, i))));
        cells.extend((0..page.choices.len()).map(|i| word(&member.choices, i)));
        let won = winners.iter().filter(|(_, w)| *w == index).map(|(title, _)| title.as_str());
        cells.push(won.collect::<Vec<_>>().join(", "));
        let class = if cells.last().is_some_and(|won| won.is_empty()) { "" } else { "change" };
        table.row_of(class, &cells);
    }
    let text = match page.front.len() {
        n if n > LISTED => {
            format!("The table lists the first {LISTED} of {} members.", count(n as u64))
        }
        1 => "One candidate is best in every objective.".to_owned(),
        n => {
            format!(
                "{} members: no member is better than another one in every objective.",
                count(n as u64)
            )
        }
    };
    shell::none(&text) + &table.end()
}
