//! From bytes to text: UTF-8, UTF-16 with its byte-order mark, and Windows-1252, which holds all of
//! Latin-1. What is no text is refused. Not what the text says.

use super::refused;
use crate::energy::EnergyError;
use std::path::Path;

/// A file's text, and the name of its encoding where that is not UTF-8.
pub(crate) fn text_of(
    bytes: Vec<u8>,
    file: &Path,
) -> Result<(String, Option<&'static str>), EnergyError> {
    let utf16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => Some(u16::from_le_bytes as fn([u8; 2]) -> u16),
        Some([0xfe, 0xff]) => Some(u16::from_be_bytes as fn([u8; 2]) -> u16),
        _ => None,
    };
    if let Some(unit) = utf16 {
        let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        return match text {
            Ok(text) if bytes.len().is_multiple_of(2) && !text.contains('\0') => {
                Ok((text, Some("UTF-16")))
            }
            _ => Err(no_text(&bytes, bytes.len().saturating_sub(1), file)),
        };
    }
    if let Some(zero) = bytes.iter().position(|&byte| byte == 0) {
        return Err(no_text(&bytes, zero, file));
    }
    match String::from_utf8(bytes) {
        Ok(text) => match text.strip_prefix('\u{feff}') {
            Some(unmarked) => Ok((unmarked.to_owned(), None)),
            None => Ok((text, None)),
        },
        Err(error) => {
            let bytes = error.as_bytes();
            // A spreadsheet's own file, a picture, an archive: control characters that no text has.
            let odd = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
            match bytes.iter().position(odd) {
                Some(at) => Err(no_text(bytes, at, file)),
                None => Ok((bytes.iter().map(|&b| windows_1252(b)).collect(), Some("Latin-1"))),
            }
        }
    }
}

/// A file's text as [`text_of`] reads it; where it is no text, what of it is UTF-8.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    match text_of(bytes.to_vec(), Path::new("")) {
        Ok((text, _)) => text,
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A character of Windows-1252; the five bytes that it leaves free are those of Latin-1.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn no_text(bytes: &[u8], at: usize, file: &Path) -> EnergyError {
    let before = &bytes[..at.min(bytes.len())];
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    let byte = bytes.get(at).copied().unwrap_or_default();
    refused(
        file,
        (line, (at - start) as u64 + 1),
        format!("the byte 0x{byte:02X} (byte {} of the file), which is not text", at + 1),
        "text",
        "save the file as CSV in UTF-8: a spreadsheet's own format, as in .xlsx, is not CSV",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, Option<&'static str>), EnergyError> {
        text_of(bytes.to_vec(), Path::new("f.csv"))
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "Zählpunkt;Preis [€/MWh]\r\n1;2,5\r\n";
        let marked: Vec<u8> = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let le: Vec<u8> =
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> =
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let latin: Vec<u8> = text
            .chars()
            .map(|c| match c {
                '€' => 0x80,
                'ä' => 0xe4,
                c => c as u8,
            })
            .collect();
        assert_eq!(read(text.as_bytes()).unwrap(), (text.to_owned(), None));
        assert_eq!(read(&marked).unwrap(), (text.to_owned(), None));
        assert_eq!(read(&le).unwrap(), (text.to_owned(), Some("UTF-16")));
        assert_eq!(read(&be).unwrap(), (text.to_owned(), Some("UTF-16")));
        assert_eq!(read(&latin).unwrap(), (text.to_owned(), Some("Latin-1")));
    }

    #[test]
    fn what_is_no_text_is_refused_at_its_byte() {
        let told = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(told(b"kw\n1\n2\x00\n").starts_with("f.csv:3:2: found the byte 0x00 (byte 7"));
        assert!(told(b"PK\x03\x04\xff\xfe").contains("not CSV"));
        assert!(told(&[0xff, 0xfe, 0x31]).contains("not text"));
    }
}
