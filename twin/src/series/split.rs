//! A line into its fields, without blanks and quotes around them, and whether a field is written as
//! missing. Not what the fields mean.

/// Whether a field is written as missing.
pub(super) fn is_missing(text: &str) -> bool {
    let known = |name: &&str| text.eq_ignore_ascii_case(name);
    text.is_empty()
        || text.len() <= 8
            && [
                "-", "--", "NaN", "NA", "N/A", "n.a.", "null", "none", "nd", "#N/A", "#NV",
                "#WERT!", "#VALUE!", "#DIV/0!", "k.A.", "?",
            ]
            .iter()
            .any(known)
}

/// Splits a line at its separators; fields are without blanks and quotes around them. `begins` is
/// where the line begins in the text.
///
/// # Errors
/// Where in the line a quote stands that is never closed.
pub(super) fn split_line(
    line: &str,
    begins: u32,
    separator: Option<u8>,
    fields: &mut Vec<(u32, u32)>,
) -> Result<(), usize> {
    let bytes = line.as_bytes();
    let Some(separator) = separator else {
        let from = line.len() - line.trim_start().len();
        fields.push((begins + from as u32, begins + line.trim_end().len() as u32));
        return Ok(());
    };
    let blank = |byte: u8| byte == b' ' || (byte == b'\t' && separator != b'\t');
    let mut at = 0;
    loop {
        while at < bytes.len() && blank(bytes[at]) {
            at += 1;
        }
        let (from, mut to);
        if bytes.get(at) == Some(&b'"') {
            let opened = at;
            at += 1;
            from = at;
            loop {
                match bytes.get(at) {
                    None => return Err(opened),
                    Some(b'"') if bytes.get(at + 1) == Some(&b'"') => at += 2,
                    Some(b'"') => break,
                    Some(_) => at += 1,
                }
            }
            to = at;
            at += 1;
            let rest = at;
            while at < bytes.len() && bytes[at] != separator {
                at += 1;
            }
            // `"1" kW`: what is behind the quote belongs to the field.
            if !line[rest..at].trim().is_empty() {
                to = at;
            }
        } else {
            from = at;
            while at < bytes.len() && bytes[at] != separator {
                at += 1;
            }
            to = at;
        }
        let text = &line[from..to];
        let (cut, whole) = (text.len() - text.trim_start().len(), text.trim_end().len());
        fields.push((begins + (from + cut.min(whole)) as u32, begins + (from + whole) as u32));
        if at >= bytes.len() {
            return Ok(());
        }
        at += 1;
    }
}
