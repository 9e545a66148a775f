//! A scenario's bytes as text: encodings, and what to say where there is no such file. Not what the
//! text means.

use super::error::{Problem, ScenarioError};
use super::nearest::nearest;
use std::path::{Component, Path, PathBuf};

/// How many folders beside a missing file are looked into.
const MOST_FOLDERS: usize = 200;
/// The largest file that is read.
const MOST_BYTES: u64 = 64 << 20;

/// The text of a file, as far as it is text, and what is wrong with it if it is none. UTF-8 with or
/// without a byte order mark, and UTF-16 as Windows' Notepad writes it. A pipe is read to its end, and
/// can be read once only.
pub(super) fn read(path: &Path, kind: &str) -> Result<(String, Option<Problem>), ScenarioError> {
    let failed = |error| unreadable(path, kind, &error);
    let about = std::fs::metadata(path).map_err(failed)?;
    let refused = |reason: String, help: &str| {
        Err(ScenarioError::Unreadable { path: path.to_owned(), reason, help: help.to_owned() })
    };
    if is_device(&about) {
        let reason = format!("this is a device, expected a {kind} file or a pipe");
        return refused(reason, "save the text to a file, and give the path of that file");
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST_BYTES + 1), &mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        let reason =
            format!("found a file above 64 MB, expected a {kind}, a text file of a few kB");
        return refused(reason, "keep tables of values in separate files, as in Csv(path: ..)");
    }
    Ok(decode(bytes, kind))
}

/// Whether this is neither a file nor a folder nor a pipe: a terminal, a disk, `/dev/zero`.
#[cfg(unix)]
fn is_device(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let kind = about.file_type();
    kind.is_char_device() || kind.is_block_device() || kind.is_socket()
}

/// Whether this is neither a file nor a folder.
#[cfg(not(unix))]
fn is_device(about: &std::fs::Metadata) -> bool {
    !about.is_file() && !about.is_dir()
}

/// The folder from which the paths in a file count: its own, and the current one where the text comes
/// through a pipe, as from `/dev/stdin`.
pub(super) fn folder_of(path: &Path) -> &Path {
    let here = Path::new("");
    let by_number = ["/dev/stdin", "/dev/fd", "/proc"].iter().any(|of| path.starts_with(of));
    let piped = || std::fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir());
    if by_number || piped() { here } else { path.parent().unwrap_or(here) }
}

/// The file that was probably meant by one that is not there, as it is named from a folder: of the same
/// name in the folder above, or as [`near`] has it.
pub(super) fn near_from(folder: &Path, path: &Path) -> Option<PathBuf> {
    let above = path.file_name().map(|name| folder.join("..").join(name));
    let meant = above.filter(|file| file.is_file()).or_else(|| near(path))?;
    let (from, to) = (whole(folder), whole(&meant));
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    Some(up.chain(to.components().skip(shared)).collect())
}

/// A whole path without `.` and `..` in it, whatever links there are.
fn whole(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
}

fn decode(bytes: Vec<u8>, kind: &str) -> (String, Option<Problem>) {
    if let Some(text) = utf16(&bytes) {
        return (with_line_feeds(text), None);
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let unmarked = text.strip_prefix('\u{feff}').map(str::to_owned);
            (with_line_feeds(unmarked.unwrap_or(text)), None)
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let byte = error.as_bytes()[good];
            let problem = Problem::new(
                good..good + 1,
                format!("found the byte 0x{byte:02X}, expected text in UTF-8"),
                format!("save the file as UTF-8, or choose another file: a {kind} is a text file"),
            );
            (text, Some(problem))
        }
    }
}

/// A text whose lines end with carriage returns alone, as old Macs wrote them, with line feeds.
fn with_line_feeds(text: String) -> String {
    match text.contains('\r') && !text.contains('\n') {
        true => text.replace('\r', "\n"),
        false => text,
    }
}

/// The text of bytes in UTF-16: with a byte order mark, or without one where the first character is
/// plain ASCII, as that of every scenario is.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (little, rest) = match *bytes {
        [0xFF, 0xFE, ref rest @ ..] => (true, rest),
        [0xFE, 0xFF, ref rest @ ..] => (false, rest),
        [1..=0x7F, 0, ..] => (true, bytes),
        [0, 1..=0x7F, ..] => (false, bytes),
        _ => return None,
    };
    let (pairs, odd) = rest.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match little {
        true => u16::from_le_bytes(*pair),
        false => u16::from_be_bytes(*pair),
    });
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.ok().filter(|_| odd.is_empty())
}

fn unreadable(path: &Path, kind: &str, error: &std::io::Error) -> ScenarioError {
    use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
    let reason = match error.kind() {
        NotFound => "there is no such file".to_owned(),
        IsADirectory => format!("this is a folder, expected a {kind} file"),
        PermissionDenied => "you do not have permission to read this file".to_owned(),
        _ => error.to_string(),
    };
    let help = match error.kind() {
        NotFound => near(path).map(|near| format!("did you mean `{}`?", near.display())),
        IsADirectory => files_in(path),
        PermissionDenied => Some("check its owner and permissions".to_owned()),
        _ => None,
    };
    let help = help.unwrap_or_else(|| {
        "give the path of a RON file, or create one with `gridtwin new NAME`".to_owned()
    });
    ScenarioError::Unreadable { path: path.to_owned(), reason, help }
}

/// The files of a folder that was named in the place of a file.
fn files_in(folder: &Path) -> Option<String> {
    const SHOWN: usize = 8;
    let names = ron_files(folder);
    let shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| folder.join(name).display().to_string()).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("choose one of its files: {}{more}", shown.join(", ")))
}

/// The file that was probably meant: of the same name in a folder near by, with or without its
/// ending; or else of the most similar name, first in the folder that was named.
fn near(path: &Path) -> Option<PathBuf> {
    let named = path.file_name()?.to_str()?;
    let wanted = match named.ends_with(".ron") {
        true => named.to_owned(),
        false => format!("{named}.ron"),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let folders = folders_near(folder);
    let exact = folders.iter().map(|folder| folder.join(&wanted)).find(|file| file.is_file());
    let similar = |folder: &PathBuf| {
        let names = ron_files(folder);
        nearest(&wanted, names.iter().map(String::as_str)).map(|name| folder.join(name))
    };
    exact.or_else(|| folders.iter().find_map(similar))
}

/// The folder itself, and where else a scenario may lie: `scenarios` here or above, and the folders
/// one level below this one.
fn folders_near(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    for base in ["", "..", "../.."] {
        for inner in ["scenarios", "scenarios/studies"] {
            all.push(Path::new(base).join(inner));
        }
    }
    for around in [folder, Path::new("")] {
        let here = if around.as_os_str().is_empty() { Path::new(".") } else { around };
        let mut inner: Vec<_> = std::fs::read_dir(here)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name()))
            .filter(|name| !name.to_string_lossy().starts_with('.'))
            .take(MOST_FOLDERS)
            .map(|name| around.join(name))
            .filter(|path| path.is_dir())
            .collect();
        inner.sort();
        all.extend(inner);
        all.push(around.to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|folder| seen.insert(folder.clone()));
    all
}

/// The names of a folder's RON files, in order.
fn ron_files(folder: &Path) -> Vec<String> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(here).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".ron")).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_in_either_order_with_and_without_its_mark() {
        let text = "(name: \"Bücherei\")\r\n";
        for (mark, little) in [(true, true), (true, false), (false, true), (false, false)] {
            let marked = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
            let bytes = marked.encode_utf16().flat_map(|unit| match little {
                true => unit.to_le_bytes(),
                false => unit.to_be_bytes(),
            });
            assert_eq!(decode(bytes.collect(), "scenario"), (text.to_owned(), None));
        }
        assert_eq!(decode("\u{feff}(a: 1)".into(), "scenario").0, "(a: 1)");
        assert_eq!(decode(b"// x\r(a: 1)\r".to_vec(), "scenario").0, "// x\n(a: 1)\n");
        assert!(decode(b"(a: 1\xff)".to_vec(), "scenario").1.is_some());
        assert_eq!(decode(Vec::new(), "scenario"), (String::new(), None));
    }
}
