//! What a TOML file is for, told by its keys: people name files as they like.

use ::toml::de::DeTable;

/// What a TOML file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// It defines a sale.
    Sale,
    /// It says how a shop is connected.
    Gate,
    /// It has the settings of a server.
    Settings,
    /// It tells the load tester whom to send.
    Scenario,
}

/// Keys at the top of a file that no other kind has there.
const KEYS: [(FileKind, &[&str]); 4] = [
    (
        FileKind::Sale,
        &[
            "currency",
            "id",
            "inventory",
            "opens_at",
            "performances",
            "plans",
            "policy",
            "series",
            "shop_url",
            "theme",
            "time_zone",
            "triggers",
            "zones",
        ],
    ),
    (
        FileKind::Gate,
        &["apps", "cards", "connector", "counter", "origin", "pass", "rules", "sale", "targets"],
    ),
    (
        FileKind::Settings,
        &[
            "console", "data", "gate", "journal", "limits", "log", "ops", "public", "rates",
            "sales", "secrets",
        ],
    ),
    (FileKind::Scenario, &["arrivals", "kinds", "own", "pace_of_life", "seed", "span_max"]),
];

/// What a text is for: the kind of which it has the most keys. Of none, or of two alike: a sale,
/// whose reader says what is wrong.
pub fn kind_of(text: &str) -> FileKind {
    let (root, _) = DeTable::parse_recoverable(text);
    let count = |keys: &[&str]| {
        root.get_ref().keys().filter(|key| keys.contains(&key.get_ref().as_ref())).count()
    };
    let counted = KEYS.map(|(kind, keys)| (count(keys), kind));
    let most = counted.iter().map(|(count, _)| *count).max().unwrap_or_default();
    let mut first = counted.iter().filter(|(count, _)| *count == most);
    match (first.next(), first.next()) {
        (Some((_, kind)), None) => *kind,
        _ => FileKind::Sale,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_files_that_come_along_are_what_they_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (file, kind) in [
            ("config/default.toml", FileKind::Settings),
            ("config/gate.toml", FileKind::Gate),
            ("config/demo/sale.toml", FileKind::Sale),
            ("config/sales/mirrored/sale.toml", FileKind::Sale),
            ("config/sales/theatre/sale.toml", FileKind::Sale),
            ("loadtest/scenarios/arena.toml", FileKind::Scenario),
            ("loadtest/scenarios/abandoned.toml", FileKind::Scenario),
        ] {
            let text = fs::read_to_string(root.join(file)).expect("it is there");
            assert_eq!(kind_of(&text), kind, "{file}");
        }
    }

    #[test]
    fn one_key_is_enough_and_what_is_anything_is_a_sale() {
        for (text, kind) in [
            ("sale = \"gala\"\n[origin]\nurl = 3", FileKind::Gate),
            ("[[rules]]\npath = \"/*\"\nthen = \"open\"", FileKind::Gate),
            ("[gate]\nfile = \"gate.toml\"", FileKind::Settings),
            ("", FileKind::Sale),
            ("id = \"a\"\norigin = 3", FileKind::Sale),
            ("surprise = 1", FileKind::Sale),
            ("no TOML", FileKind::Sale),
        ] {
            assert_eq!(kind_of(text), kind, "{text}");
        }
    }
}
