//! HTML in small pieces: escaping, tables, figures, legends.

use super::ink::Ink;

/// Text as it may stand between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What no page may hold.
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A table: the first column names the rows, the others hold numbers unless told otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    caption: String,
    out: String,
    words: Vec<bool>,
    rows: usize,
}

/// More rows or items than this are folded away.
pub(crate) const FOLDED_FROM: usize = 24;

/// What a reader can open: shut at first, and on paper only its summary.
pub(crate) fn folded(summary: &str, body: &str) -> String {
    format!("<details class=\"folded\"><summary>{}</summary>\n{body}</details>\n", escape(summary))
}

/// Items as a list, folded away under their title and number where there are many.
pub(crate) fn list(title: &str, items: &[String]) -> String {
    let body: String = items.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    let body = format!("<ul>\n{body}</ul>\n");
    if items.len() <= FOLDED_FROM {
        return body;
    }
    folded(&format!("{title}: {}", crate::number::count(items.len() as u64)), &body)
}

impl Table {
    /// A table with these heads; a head that begins with `~` is that of a column of words.
    pub(crate) fn new(caption: &str, heads: &[&str]) -> Self {
        let mut out = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
            escape(caption)
        );
        let mut words = Vec::new();
        for (i, head) in heads.iter().enumerate() {
            let is_words = i == 0 || head.starts_with('~');
            let class = if is_words { " class=\"words\"" } else { "" };
            // A long name may be broken where its parts meet.
            let head = escape(head.trim_start_matches('~'));
            let head = head.replace('.', ".<wbr/>").replace('_', "_<wbr/>");
            out += &format!("<th scope=\"col\"{class}>{head}</th>");
            words.push(is_words);
        }
        out += "</tr></thead><tbody>\n";
        Self { caption: caption.to_owned(), out, words, rows: 0 }
    }

    /// A row of texts.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.row_of("", cells);
    }

    /// A row of a class of `style.css`.
    pub(crate) fn row_of(&mut self, class: &str, cells: &[String]) {
        self.rows += 1;
        self.out +=
            &if class.is_empty() { "<tr>".to_owned() } else { format!("<tr class=\"{class}\">") };
        for (i, cell) in cells.iter().enumerate() {
            let words = self.words.get(i).copied().unwrap_or(false);
            let class = if words { " class=\"words\"" } else { "" };
            let cell = escape(cell);
            self.out += &match i {
                0 => format!("<th scope=\"row\"{class}>{cell}</th>"),
                _ => format!("<td{class}>{cell}</td>"),
            };
        }
        self.out += "</tr>\n";
    }

    /// The table, folded away under its caption and the number of its rows where there are more than
    /// a reader wants to scroll past; on paper, only that line is left.
    pub(crate) fn end_folded(self) -> String {
        if self.rows <= FOLDED_FROM {
            return self.end();
        }
        let summary = format!("{}: {} rows", self.caption, crate::number::count(self.rows as u64));
        folded(&summary, &self.end())
    }

    /// The table, or nothing where it has no row.
    pub(crate) fn end(self) -> String {
        if self.rows == 0 {
            return String::new();
        }
        self.out + "</tbody></table></div>\n"
    }
}

/// How a legend shows an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// As an area.
    Area(Ink),
    /// As a line.
    Line(Ink),
    /// As an upright mark.
    Mark(Ink),
}

/// A legend, in the order of the drawing.
pub(crate) fn legend(entries: &[(Key, String)]) -> String {
    let mut out = String::from("<ul class=\"legend\">");
    for (key, text) in entries {
        let sample = match key {
            Key::Area(ink) => format!("<rect width=\"56\" height=\"28\" {}/>", ink.fill()),
            Key::Line(ink) => format!("<path d=\"M0 14H56\" stroke-width=\"5\" {}/>", ink.stroke()),
            Key::Mark(ink) => format!("<path d=\"M28 0V28\" stroke-width=\"6\" {}/>", ink.stroke()),
        };
        out += &format!(
            "<li><svg viewBox=\"0 0 56 28\" aria-hidden=\"true\">{sample}</svg>{}</li>",
            escape(text)
        );
    }
    out + "</ul>\n"
}

/// A drawing with its title, a sentence on how to read it, and a legend.
pub(crate) fn figure(title: &str, reading: &str, legend: &str, svg: &str) -> String {
    let (title, reading) = (escape(title), escape(reading));
    format!(
        "<figure><figcaption><strong>{title}</strong> <span>{reading}</span></figcaption>\n{legend}\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\">{svg}</div></figure>\n"
    )
}

/// The beginning of a drawing: what it shows, and in words what can be seen in it.
pub(crate) fn open_svg(width: u32, height: u32, label: &str, description: &str) -> String {
    let (label, description) = (escape(label), escape(description));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"{label}\"><title>{label}</title><desc>{description}</desc>\n"
    )
}
