//! Sources as text: found, stripped of comments and strings, and searched for paths.
//!
//! No parser of Rust: rustfmt keeps the sources regular enough for a reader of letters.

use std::path::{Path, PathBuf};

/// One source file.
pub(super) struct File {
    /// Its path from the root of the repository.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
    /// The same with comments and the insides of strings blanked, line by line as long.
    pub(super) code: String,
}

/// A path in the code: its segments after the root, with the line where it begins.
pub(super) type Found = (usize, Vec<String>);

/// Every Rust file below a folder of the repository, in order.
pub(super) fn sources(folder: &str) -> Vec<File> {
    let read = |path: String| {
        let text = text(&path);
        let code = without_comments_and_strings(&text);
        File { path, text, code }
    };
    files(folder, "rs").into_iter().map(read).collect()
}

/// Every Rust file below any of these folders, folder by folder.
pub(super) fn all_sources(folders: &[&str]) -> Vec<File> {
    folders.iter().flat_map(|folder| sources(folder)).collect()
}

/// Every file below a folder whose name ends so, in order.
pub(super) fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut folders = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let short = path.strip_prefix(root()).expect("below the root");
                found.push(short.to_str().expect("names are text").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The text of a file of the repository.
pub(super) fn text(path: &str) -> String {
    let read = std::fs::read_to_string(root().join(path));
    read.unwrap_or_else(|fault| panic!("{path} cannot be read: {fault}"))
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Fails with everything that was found, and the rule.
pub(super) fn fail_on(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

impl File {
    /// Whether it is only there for tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// The module it makes: `src/engine/writer.rs` is `engine`, `writer`.
    pub(super) fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let parts = path.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main"));
        parts.map(str::to_owned).collect()
    }

    /// Every path in the code that begins with this root, `use` groups taken apart.
    pub(super) fn paths(&self, root: &str) -> Vec<Found> {
        let mut found = Vec::new();
        let start = format!("{root}::");
        for (at, _) in self.code.match_indices(&start) {
            let before = self.code[..at].chars().next_back();
            if before.is_none_or(|letter| !letter.is_alphanumeric() && !"_:".contains(letter)) {
                let line = self.code[..at].lines().count().max(1);
                let mut rest = &self.code[at + start.len()..];
                let mut paths = Vec::new();
                expand(&mut rest, &[], &mut paths);
                found.extend(paths.into_iter().map(|path| (line, path)));
            }
        }
        found
    }

    /// Every path that leaves the top-level module through `super`.
    pub(super) fn paths_by_super(&self) -> Vec<Found> {
        let depth = self.module().len();
        self.paths(&vec!["super"; depth].join("::"))
    }
}

/// Reads one tree of a path: `a::b`, `a::{b, c::d}`; the rest stays behind it.
fn expand(rest: &mut &str, above: &[String], found: &mut Vec<Vec<String>>) {
    *rest = rest.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        *rest = group;
        loop {
            *rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',');
            if let Some(after) = rest.strip_prefix('}') {
                *rest = after;
                return;
            }
            let length = rest.len();
            expand(rest, above, found);
            if rest.len() == length {
                return;
            }
        }
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '*');
    let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after;
    let mut path = above.to_vec();
    path.push(name.to_owned());
    match rest.strip_prefix("::") {
        Some(deeper) => {
            *rest = deeper;
            expand(rest, &path, found);
        }
        None => {
            let renamed = rest.trim_start().strip_prefix("as ");
            if let Some(after) = renamed {
                *rest = after.trim_start_matches(|letter: char| letter.is_alphanumeric());
            }
            found.push(path);
        }
    }
}

/// Blanks what is no code. Keeps every line break, so that lines keep their numbers.
fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let blank = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let inside = hashes + 2;
            rest[inside..].find(&end).map_or(rest.len(), |at| inside + at + end.len())
        } else if letter == '"' {
            string_length(rest)
        } else if ["'\"'", "'\\''", "'\\\"'"].iter().any(|quoted| rest.starts_with(quoted)) {
            rest[1..].find('\'').map_or(1, |at| at + 2)
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        code.extend(rest[..blank].chars().map(|lost| if lost == '\n' { '\n' } else { ' ' }));
        rest = &rest[blank..];
    }
    code
}

/// The number of `#` if a raw string begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// Bytes of a string that begins here, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn groups_of_imports_are_taken_apart() {
    let text =
        "use crate::{board::{seats, store::Board}, clock};\n// crate::no\nlet x = \"crate::no\";";
    let code = without_comments_and_strings(text);
    let file = File { path: "src/engine/mod.rs".into(), text: text.into(), code };
    let found: Vec<_> = file.paths("crate").iter().map(|(_, path)| path.join("::")).collect();
    assert_eq!(found, ["board::seats", "board::store::Board", "clock"]);
}
