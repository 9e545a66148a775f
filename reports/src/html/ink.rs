//! Everything that has a colour on the page. A colour never stands alone: lines differ in their
//! dashes, areas in their hatching, and every plot has a legend. Hues are Okabe and Ito's, chosen to
//! be told apart by colour-blind readers; `style.css` holds them, for light and for dark, the palest
//! ones darker where a thin line has to stand out from white.

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Letters.
    Text,
    /// Axes and their marks.
    Axis,
    /// Grid lines.
    Faint,
    /// PV.
    Pv,
    /// Batteries that give.
    Discharge,
    /// The grid gives.
    Import,
    /// Gensets.
    Genset,
    /// Demand that is not met.
    Unserved,
    /// All demand.
    Demand,
    /// The highest demand of a stretch.
    Peak,
    /// Batteries that take.
    Charge,
    /// The grid takes.
    Export,
    /// What was in the batteries at the start.
    Initial,
    /// The grid is away.
    Outage,
    /// The intensity of consumption.
    Mix,
    /// The intensity of imports.
    GridMix,
    /// The intensity of what is stored.
    Stored,
    /// Half of all are below.
    P50,
    /// 95 % are below.
    P95,
    /// 99 % are below.
    P99,
    /// The n-th line of several alike.
    Line(u8),
    /// Between the least and the greatest of the n-th line.
    Band(u8),
    /// A voter runs.
    Up,
    /// A voter is silent.
    Down,
    /// A view changes.
    View,
    /// A promise is broken.
    Violation,
}

/// How many lines alike can be told apart.
pub(crate) const LINES: u8 = 6;

impl Ink {
    /// All of them, in a fixed order.
    fn all() -> impl Iterator<Item = Self> {
        use Ink::*;
        let singles = [
            Text, Axis, Faint, Pv, Discharge, Import, Genset, Unserved, Demand, Peak, Charge,
            Export, Initial, Outage, Mix, GridMix, Stored, P50, P95, P99, Up, Down, View,
            Violation,
        ];
        let series = (0..LINES).flat_map(|i| [Line(i), Band(i)]);
        singles.into_iter().chain(series)
    }

    /// The colour's name in `style.css`.
    fn variable(self) -> String {
        let name = match self {
            Self::Text => "ink",
            Self::Axis => "axis",
            Self::Faint => "faint",
            Self::Pv => "sun",
            Self::Discharge | Self::Charge | Self::Stored | Self::Up => "green",
            Self::Import | Self::GridMix | Self::P95 => "blue",
            Self::Genset => "purple",
            Self::Unserved | Self::Down | Self::Violation | Self::P99 => "red",
            Self::Demand | Self::View => "ink",
            Self::Peak => "axis",
            Self::Export | Self::P50 => "sky",
            Self::Initial => "axis",
            Self::Outage => "shade",
            Self::Mix => "orange",
            Self::Line(i) | Self::Band(i) => {
                ["blue", "orange", "green", "purple", "sky", "red"][usize::from(i % LINES)]
            }
        };
        format!("var(--{name})")
    }

    /// The hatching of its areas, one of [`PATTERNS`].
    fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Discharge => Some("rising"),
            Self::Charge => Some("falling"),
            Self::Genset | Self::Initial => Some("dots"),
            Self::Unserved | Self::Down => Some("crosses"),
            Self::Export => Some("bars"),
            _ => None,
        }
    }

    /// The dashes of its lines.
    fn dashes(self) -> Option<&'static str> {
        match self {
            Self::GridMix | Self::P95 | Self::Line(1) => Some("16 8"),
            Self::Stored | Self::P99 | Self::Line(2) => Some("4 7"),
            Self::Peak | Self::Line(3) => Some("3 10"),
            Self::Line(4) => Some("20 6 4 6"),
            Self::Line(5) => Some("28 8"),
            _ => None,
        }
    }

    /// What stands for it in a drawing until [`colour`] puts the real thing in its place.
    pub(crate) fn stand_in(self) -> (u8, u8, u8) {
        let index = Self::all().position(|ink| ink == self).unwrap_or(0) as u8;
        (1, 254, index)
    }

    /// Attributes of a fill.
    pub(crate) fn fill(self) -> String {
        match (self, self.pattern()) {
            (Self::Band(_), _) => format!("fill=\"{}\" fill-opacity=\".25\"", self.variable()),
            (_, Some(pattern)) => format!("fill=\"url(#{pattern}-{})\"", self.hue()),
            (_, None) => format!("fill=\"{}\"", self.variable()),
        }
    }

    fn hue(self) -> String {
        let variable = self.variable();
        variable.trim_start_matches("var(--").trim_end_matches(')').to_owned()
    }

    /// Attributes of a stroke.
    pub(crate) fn stroke(self) -> String {
        let dashes = self.dashes().map_or(String::new(), |d| format!(" stroke-dasharray=\"{d}\""));
        format!("stroke=\"{}\"{dashes}", self.variable())
    }
}

/// Puts colours, dashes and hatchings in the place of their stand-ins.
pub(crate) fn colour(mut svg: String) -> String {
    for ink in Ink::all() {
        let (r, g, b) = ink.stand_in();
        let stand_in = format!("\"#{r:02X}{g:02X}{b:02X}\"");
        if svg.contains(&stand_in) {
            svg = svg
                .replace(&format!("fill={stand_in}"), &ink.fill())
                .replace(&format!("stroke={stand_in}"), &ink.stroke());
        }
    }
    svg
}

/// The hatchings, to stand once on the page: an invisible drawing that others point into.
pub(crate) fn patterns() -> String {
    let shapes = [
        ("rising", "M-3 3L3-3M0 14L14 0M11 17L17 11"),
        ("falling", "M-3 11L3 17M0 0L14 14M11-3L17 3"),
        ("crosses", "M-3 3L3-3M0 14L14 0M11 17L17 11M-3 11L3 17M0 0L14 14M11-3L17 3"),
        ("dots", "M3 3h2v2h-2zM10 10h2v2h-2z"),
        ("bars", "M0 4H14M0 11H14"),
    ];
    let mut out = String::from(
        "<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\n",
    );
    let mut done: Vec<String> = Vec::new();
    for ink in Ink::all() {
        let Some(pattern) = ink.pattern() else {
            continue;
        };
        let id = format!("{pattern}-{}", ink.hue());
        let Some((_, shape)) = shapes.iter().find(|(name, _)| *name == pattern) else {
            continue;
        };
        if !done.contains(&id) {
            let colour = ink.variable();
            out += &format!(
                "<pattern id=\"{id}\" width=\"14\" height=\"14\" patternUnits=\"userSpaceOnUse\">\
                 <path d=\"M0 0H14V14H0Z\" fill=\"{colour}\"/>\
                 <path d=\"{shape}\" fill=\"none\" stroke=\"var(--hatch)\" stroke-width=\"2\"/></pattern>\n"
            );
            done.push(id);
        }
    }
    out + "</defs></svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_differ_and_are_all_replaced() {
        let all: Vec<_> = Ink::all().collect();
        for (i, ink) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|other| other.stand_in() != ink.stand_in()));
            let (r, g, b) = ink.stand_in();
            let drawn = colour(format!(
                "<a fill=\"#{r:02X}{g:02X}{b:02X}\" stroke=\"#{r:02X}{g:02X}{b:02X}\"/>"
            ));
            assert!(!drawn.contains('#') || drawn.contains("url(#"), "{drawn}");
        }
    }

    #[test]
    fn every_hatching_that_is_used_is_defined() {
        let defined = patterns();
        for ink in Ink::all().filter(|ink| ink.pattern().is_some()) {
            let id = ink.fill().replace("fill=\"url(#", "").replace(")\"", "");
            assert!(defined.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }

    /// WCAG 2.2's contrast of two colours written as `#rrggbb`.
    fn contrast(a: &str, b: &str) -> f64 {
        let light = |hex: &str| {
            let part = |i: usize| {
                let c = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
                if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) + 0.05
        };
        let (a, b) = (light(a), light(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn letters_and_lines_stand_out_in_light_dark_and_print() {
        let css = include_str!("style.css");
        let mut colours = std::collections::BTreeMap::new();
        let mut themes = 0;
        for block in css.split(":root {").skip(1) {
            let block = block.split('}').next().unwrap();
            let settings = block.split(';').filter_map(|s| s.trim().strip_prefix("--"));
            // A later theme overrides the first; what it leaves out stays as it was there.
            colours.extend(settings.filter_map(|s| s.split_once(": ")));
            themes += 1;
            for under in ["page", "card"] {
                let against = |name: &str| contrast(&full(colours[name]), &full(colours[under]));
                for letters in ["ink", "soft", "accent", "alarm"] {
                    assert!(
                        against(letters) >= 4.5,
                        "{letters} on {under}: {:.2}",
                        against(letters)
                    );
                }
                for lines in ["axis", "blue", "green", "red", "purple", "orange", "sky"] {
                    assert!(against(lines) >= 3.0, "{lines} on {under}: {:.2}", against(lines));
                }
            }
        }
        assert_eq!(themes, 3);
    }

    /// `#fff` as `#ffffff`.
    fn full(hex: &str) -> String {
        match hex.len() {
            4 => std::iter::once('#').chain(hex.chars().skip(1).flat_map(|c| [c, c])).collect(),
            _ => hex.to_owned(),
        }
    }
}
