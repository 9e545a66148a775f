//! The README's commands run as they stand there, in order. Only their size is cut down: the scenarios
//! of this test last a day, its studies have few levels and one seed, and a few numbers of runs are
//! lower. Blocks marked `<!-- readme test: parse only -->` are not run, as they need a window, a broker
//! or a cluster: their commands and flags must exist. Lines of cargo are left out, since this is it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// Before a block of which no line is run.
const PARSE_ONLY: &str = "<!-- readme test: parse only -->";

/// Pieces of commands, and what is run in their place.
const SMALLER: [(&str, &str); 4] = [
    ("--requests 20000", "--requests 200"),
    ("--requests 1000", "--requests 100"),
    ("--runs 10000", "--runs 20"),
    // The default run was made by `cargo run --release`.
    ("cargo run --release", "gridtwin"),
];

/// A block of the README.
struct Block {
    language: String,
    parse_only: bool,
    text: String,
}

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("the README")
}

fn blocks(text: &str) -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    let (mut open, mut marked) = (false, false);
    for line in text.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => {
                let language = language.trim().to_owned();
                all.push(Block { language, parse_only: marked, text: String::new() });
                open = true;
            }
            (Some(_), true) => (open, marked) = (false, false),
            (None, true) => {
                let block = all.last_mut().expect("an open block");
                block.text += line;
                block.text.push('\n');
            }
            (None, false) if line.trim() == PARSE_ONLY => marked = true,
            (None, false) if line.trim().is_empty() => {}
            (None, false) => marked = false,
        }
    }
    assert!(!open, "a block of the README is not closed");
    all
}

/// The commands of a block: lines that end in a backslash go on, comments are taken away.
fn commands(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    let plain = joined.lines().map(|line| line.split(" #").next().unwrap_or_default().trim());
    plain.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// A folder in which the README's commands find what a clone has, cut down.
fn clone() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&root.join("assets"), &folder.path().join("assets"), &|_, text| text);
    copy(&root.join("scenarios"), &folder.path().join("scenarios"), &|path, text| {
        let study = path.parent().is_some_and(|folder| folder.ends_with("studies"));
        if study { smaller_study(&text) } else { shorter(&text) }
    });
    folder
}

fn copy(from: &Path, to: &Path, change: &dyn Fn(&Path, String) -> String) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, change);
        } else if path.extension().is_some_and(|ending| ending == "ron") {
            let text = std::fs::read_to_string(&path).expect("a text");
            std::fs::write(target, change(&path, text)).expect("a file");
        } else {
            std::fs::copy(&path, target).expect("a file");
        }
    }
}

/// A scenario of one day.
fn shorter(text: &str) -> String {
    let day = numbers_after(text, "\n    days: ", "1");
    assert!(
        day != text || text.contains("\n    days: 1,"),
        "a scenario says how long it is: {text}"
    );
    day
}

/// A study with one seed, two samples, two levels of each range, and single days.
fn smaller_study(text: &str) -> String {
    let mut text = text.to_owned();
    for (before, number) in
        [("replicates: ", "1"), ("samples: ", "2"), ("count: ", "2"), ("days: Some(", "1")]
    {
        text = numbers_after(&text, before, number);
    }
    text = numbers_after(&text, " days: ", "1");
    if text.contains("site: Twin((") && !text.contains(" days: ") {
        text = text.replacen("site: Twin((", "site: Twin((\n        days: 1,", 1);
    }
    text
}

/// The text with another number wherever one stands behind these words.
fn numbers_after(text: &str, before: &str, number: &str) -> String {
    let mut pieces = text.split(before);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        out += before;
        out += if rest.len() < piece.len() { number } else { "" };
        out += rest;
    }
    out
}

fn run(folder: &Path, line: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_gridtwin")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell.args(["-c", line]).current_dir(folder);
    shell.env("PATH", format!("{}:{path}", binary.display()));
    shell.output().expect("bash starts")
}

#[test]
#[allow(clippy::disallowed_methods, reason = "prints how long each command takes")]
fn every_block_of_the_readme_runs_in_order() {
    let folder = clone();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for block in blocks(&readme()).iter().filter(|block| block.language == "sh") {
        if block.parse_only {
            continue;
        }
        for command in commands(&block.text) {
            let mut line = command.clone();
            for (piece, smaller) in SMALLER {
                line = line.replace(piece, smaller);
            }
            let began = std::time::SystemTime::now();
            let output = run(folder.path(), &line);
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            let seconds = began.elapsed().map_or(0.0, |time| time.as_secs_f64());
            println!("{seconds:6.1} s  {line}");
            ran += 1;
            if output.status.code() != Some(0) {
                wrong.push(format!("{command}\n{message}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 25, "only {ran} commands were found");
    the_snippet_fits(folder.path());
}

/// What the Python snippet opens is there, with its columns. Not Python itself.
fn the_snippet_fits(folder: &Path) {
    let text = readme();
    let snippet = blocks(&text).into_iter().find(|block| block.language == "python");
    let snippet = snippet.expect("a Python snippet").text;
    let quoted: Vec<&str> = snippet.split('"').skip(1).step_by(2).collect();
    let (file, columns) = quoted.split_first().expect("a file");
    let csv = std::fs::read_to_string(folder.join(file)).expect("the snippet's file");
    let header: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    for column in columns {
        assert!(header.contains(column), "{column} is not in {header:?}");
    }
}

#[test]
fn every_command_and_flag_of_the_readme_exists() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for block in blocks(&readme()).iter().filter(|block| block.language == "sh") {
        for command in commands(&block.text) {
            let words = command.replace('\'', " ");
            let Some((_, after)) = words.split_once("gridtwin ") else { continue };
            let words: Vec<&str> = after.split_whitespace().collect();
            let count = if words.first() == Some(&"consensus") { 2 } else { 1 };
            let name = words[..count.min(words.len())].join(" ");
            if name.starts_with('-') {
                continue;
            }
            seen += 1;
            let help = helps.entry(name.clone()).or_insert_with(|| {
                let output = run(folder.path(), &format!("gridtwin {name} --help"));
                match output.status.code() {
                    Some(0) => String::from_utf8_lossy(&output.stdout).into_owned(),
                    _ => String::new(),
                }
            });
            let flags = words.iter().filter(|word| word.starts_with("--"));
            for flag in flags {
                let flag = flag.split('=').next().unwrap_or_default();
                let known = |line: &str| line.split([' ', ',', '=', '[']).any(|word| word == flag);
                if !help.lines().any(known) {
                    wrong.push(format!("{command}: {name} has no {flag}"));
                }
            }
            if help.is_empty() {
                wrong.push(format!("{command}: there is no command {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 35, "only {seen} commands were found");
}

#[test]
fn files_that_the_readme_links_to_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = readme();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let missing: Vec<&str> = links
        .filter(|link| !link.starts_with("http"))
        .filter(|link| !root.join(link).exists())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_readme_is_cut_down_by_rules_that_still_apply() {
    let text = readme();
    for (piece, _) in SMALLER {
        assert!(text.contains(piece), "{piece} is not in the README any more");
    }
    assert_eq!(numbers_after("a: 12, b: 3, a: x", "a: ", "1"), "a: 1, b: 3, a: x");
    assert_eq!(commands("a \\\n  b # c\n# d\ne\n"), ["a    b", "e"]);
}
