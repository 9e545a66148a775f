//! Drawing on a small canvas: a plot's frame with its axes, dots, lines, bars, legends. Canvases are
//! about half a page wide, so that two stand side by side on a screen and one on a phone; letters
//! grow on a phone, and every drawing leaves them room.

use super::axis::Axis;
use super::rows::below;
use crate::html::markup::escape;

/// A canvas is this wide.
pub(super) const WIDTH: f64 = 900.0;
/// So many characters fit on a canvas, at the size they have on a phone.
pub(super) const FIT: usize = 44;
/// How many kinds of dots can be told apart.
pub(super) const KINDS: usize = 6;

/// Colours of things alike; each has a kind of dot, or a hatching, of its own too.
const HUES: [&str; KINDS] = ["blue", "orange", "green", "purple", "sky", "red"];
/// Fills of parts of a bar, hatched where a hatching of `ink::patterns` has that colour.
const FILLS: [&str; 8] = [
    "var(--blue)",
    "url(#rising-green)",
    "var(--sun)",
    "url(#dots-purple)",
    "url(#crosses-red)",
    "url(#bars-sky)",
    "var(--axis)",
    "var(--shade)",
];

/// The beginning of a drawing that says what it shows, no wider than its letters allow.
pub(super) fn open(width: f64, height: f64, label: &str) -> String {
    opened(width, height, label, &format!("max-width:{:.0}px", width * 0.64))
}

/// The beginning of a drawing that rather scrolls than becomes too small to read.
pub(super) fn open_wide(width: f64, height: f64, label: &str) -> String {
    let (least, most) = (width * 0.37, width * 0.64);
    opened(width, height, label, &format!("min-width:{least:.0}px;max-width:{most:.0}px"))
}

fn opened(width: f64, height: f64, label: &str, style: &str) -> String {
    let label = escape(label);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
         style=\"{style}\" aria-label=\"{label}\"><title>{label}</title>\n"
    )
}

/// A drawing with its title, a sentence on how to read it, and a legend. Unlike those of a run's
/// report it never scrolls: it fits.
pub(super) fn panel(title: &str, reading: &str, legend: &str, svg: &str) -> String {
    let (title, reading) = (escape(title), escape(reading));
    format!(
        "<figure class=\"panel\"><figcaption><strong>{title}</strong> <span>{reading}</span></figcaption>\n\
         {legend}{svg}</figure>\n"
    )
}

/// As [`panel`], for drawings begun with [`open_wide`].
pub(super) fn wide(title: &str, reading: &str, legend: &str, svg: &str) -> String {
    let name = escape(title);
    let svg = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\">{svg}</div>"
    );
    panel(title, reading, legend, &svg)
}

/// A legend: what is drawn beside each text, on a canvas of 56 by 28.
pub(super) fn legend(entries: &[(String, String)]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let items = entries.iter().map(|(drawn, text)| {
        format!(
            "<li><svg viewBox=\"0 0 56 28\" aria-hidden=\"true\">{drawn}</svg>{}</li>",
            escape(text)
        )
    });
    format!("<ul class=\"legend\">{}</ul>\n", items.collect::<String>())
}

/// The text, with its middle left out where it is longer than `most` characters: the ends of a path
/// tell most.
pub(super) fn clipped(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let tail = most.saturating_sub(1) * 2 / 3;
    let head = most.saturating_sub(1) - tail;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{start}\u{2026}{end}")
}

/// A line of text at a place; `anchor` is start, middle or end.
pub(super) fn text(x: f64, y: f64, anchor: &str, class: &str, text: &str) -> String {
    format!(
        "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\" class=\"letters{}{class}\">{}</text>",
        if class.is_empty() { "" } else { " " },
        escape(text)
    )
}

/// The colour of the n-th thing of several alike.
pub(super) fn hue(n: usize) -> String {
    format!("var(--{})", HUES[n % KINDS])
}

/// The fill of the n-th part of a bar.
pub(super) fn fill(n: usize) -> &'static str {
    FILLS[n % FILLS.len()]
}

/// A legend's sample of a fill.
pub(super) fn fill_key(n: usize) -> String {
    format!("<rect width=\"56\" height=\"28\" fill=\"{}\"/>", fill(n))
}

/// Dots of the n-th kind, in its colour and shape.
pub(super) fn dots(n: usize, at: impl Iterator<Item = (f64, f64)>) -> String {
    let (shape, stroke) = match n % KINDS {
        0 => ("h0", "stroke-width=\"11\" stroke-linecap=\"round\""),
        1 => ("m-5-5h10v10h-10z", "stroke-width=\"3\""),
        2 => ("m-7 0h14m-7-7v14", "stroke-width=\"3.5\""),
        3 => ("m0-8l8 13h-16z", "stroke-width=\"3\""),
        4 => ("m-6-6l12 12m-12 0l12-12", "stroke-width=\"3.5\""),
        _ => ("m0-8l8 8l-8 8l-8-8z", "stroke-width=\"3\""),
    };
    marks(shape, &format!("stroke=\"{}\" {stroke} stroke-opacity=\".8\"", hue(n)), at)
}

/// The same small shape at many places, in one path.
pub(super) fn marks(shape: &str, style: &str, at: impl Iterator<Item = (f64, f64)>) -> String {
    let path: String = at.map(|(x, y)| format!("M{x:.0} {y:.0}{shape}")).collect();
    if path.is_empty() {
        return path;
    }
    format!("<path fill=\"none\" {style} d=\"{path}\"/>\n")
}

/// A legend's sample of the n-th kind of dots.
pub(super) fn dot_key(n: usize) -> String {
    dots(n, [(28.0, 14.0)].into_iter())
}

/// A line through points, in the style given.
pub(super) fn line(style: &str, points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.enumerate() {
        path += &format!("{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" });
    }
    format!("<path fill=\"none\" {style} d=\"{path}\"/>\n")
}

/// A filled block between two corners, at least a hair wide.
pub(super) fn block(fill: &str, (x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> String {
    format!(
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>\n",
        x0.min(x1),
        y0.min(y1),
        (x1 - x0).abs().max(1.5),
        (y1 - y0).abs().max(1.5),
    )
}

/// The places that are chosen where `most` of `count` things are shown: evenly, both ends included.
pub(super) fn thinned(count: usize, most: usize) -> Vec<usize> {
    if count <= most || most < 2 {
        return (0..count.min(most)).collect();
    }
    // In wide integers: no count is too large.
    (0..most).map(|k| ((k as u128 * (count - 1) as u128) / (most - 1) as u128) as usize).collect()
}

/// The places that are chosen where `most` of `count` things are shown that may come in a rhythm,
/// as the runs of a crossed sweep do: as by chance, but always the same.
pub(super) fn sampled(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    // The finaliser of MurmurHash3: neighbours have nothing in common.
    let mixed = |k: usize| {
        let mut x = k as u64 + 1;
        x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        x ^ (x >> 33)
    };
    let mut all: Vec<(u64, usize)> = (0..count).map(|k| (mixed(k), k)).collect();
    all.sort_unstable();
    let mut chosen: Vec<usize> = all.into_iter().take(most).map(|(_, k)| k).collect();
    chosen.sort_unstable();
    chosen
}

/// A plot's frame.
#[derive(Debug)]
pub(super) struct Frame {
    x: Axis,
    y: Axis,
    left: f64,
    top: f64,
    bottom: f64,
    height: f64,
    body: String,
}

/// Where the plot ends on the right.
const RIGHT: f64 = WIDTH - 30.0;

impl Frame {
    /// Axes with their names: the y axis's above it, the x axis's below it.
    pub(super) fn new(x: Axis, y: Axis, x_name: &str, y_name: &str) -> Self {
        let left = (y.label_width() + 22.0).clamp(70.0, 320.0);
        let (top, bottom) = (62.0, 430.0);
        let mut frame =
            Self { left, top, bottom, height: bottom + 104.0, x, y, body: String::new() };
        let mut body = text(6.0, 32.0, "start", "", &clipped(y_name, FIT));
        let (mut grid, mut small) = (String::new(), String::new());
        for (value, label) in &frame.y.ticks {
            let y = frame.y_of(*value);
            grid += &format!("M{left:.0} {y:.1}H{RIGHT}");
            small += &text(left - 10.0, y + 10.0, "end", "", label);
        }
        for (value, _) in &frame.x.ticks {
            grid += &format!("M{:.1} {top}V{bottom}", frame.x_of(*value));
        }
        small += &below(&frame.x, |v| frame.x_of(v), bottom + 42.0, "");
        let axes = format!("M{left:.0} {top}V{bottom}H{RIGHT}");
        body += &format!(
            "<path fill=\"none\" stroke=\"var(--faint)\" stroke-width=\"2\" d=\"{grid}\"/>\
             <path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" d=\"{axes}\"/>\n{small}"
        );
        body += &text(RIGHT, bottom + 90.0, "end", "", &clipped(x_name, FIT));
        frame.body = body + "\n";
        frame
    }

    /// Where a value of the x axis lies on the canvas.
    pub(super) fn x_of(&self, value: f64) -> f64 {
        self.left + self.x.share(value) * (RIGHT - self.left)
    }

    /// Where a value of the y axis lies on the canvas.
    pub(super) fn y_of(&self, value: f64) -> f64 {
        self.bottom - self.y.share(value) * (self.bottom - self.top)
    }

    /// Where a point lies; `None` where a part is missing or outside.
    pub(super) fn place(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let inside = self.x.holds(x) && self.y.holds(y);
        inside.then(|| (self.x_of(x), self.y_of(y)))
    }

    /// Draws something over the axes.
    pub(super) fn add(&mut self, drawn: &str) {
        self.body += drawn;
    }

    /// The drawing.
    pub(super) fn end(self, label: &str) -> String {
        open(WIDTH, self.height, label) + &self.body + "</svg>\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_thin_evenly_and_keep_both_ends() {
        assert_eq!(thinned(3, 10), [0, 1, 2]);
        assert_eq!(thinned(11, 6), [0, 2, 4, 6, 8, 10]);
        assert_eq!(thinned(usize::MAX, 2), [0, usize::MAX - 1]);
        assert_eq!(thinned(5, 1), [0]);
        assert!(thinned(0, 5).is_empty());
    }

    #[test]
    fn pages_sample_without_rhythm() {
        assert_eq!(sampled(3, 10), [0, 1, 2]);
        let chosen = sampled(1200, 400);
        assert_eq!(chosen.len(), 400);
        for rhythm in [2, 3, 4, 5, 8] {
            let on = chosen.iter().filter(|k| *k % rhythm == 0).count() as f64 / 400.0;
            assert!((on - 1.0 / rhythm as f64).abs() < 0.06, "every {rhythm}: {on}");
        }
    }

    #[test]
    fn pages_clip_the_middle_of_long_names() {
        assert_eq!(clipped("batteries.b.capacity_kwh", 10), "bat\u{2026}ty_kwh");
        assert_eq!(clipped("short", 10), "short");
        assert_eq!(clipped("\u{1f50b}\u{1f50b}\u{1f50b}", 2), "\u{1f50b}\u{2026}");
    }
}
