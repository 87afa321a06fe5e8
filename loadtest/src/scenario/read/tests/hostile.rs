//! Files that mean ill, or were hit by accident: refused, never a panic, and in reasonable time.

use super::*;

#[test]
fn deep_files_are_refused() {
    for deep in [
        format!(
            "[[timeline]]\nat = \"1m\"\nchange = {}1{}",
            "[".repeat(90_000),
            "]".repeat(90_000)
        ),
        format!("[{}]\nx = 1", vec!["a"; 50_000].join(".")),
        format!("x = {}", "{ a = ".repeat(50_000)),
    ] {
        assert!(read_here(&format!("{SMALL}\n{deep}")).is_err());
    }
}

#[test]
fn large_files_are_refused_unread() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("large.toml");
    let text = format!("# {}", "x".repeat(limits::FILE_BYTES_MAX as usize));
    fs::write(&path, text).expect("a file can be written");
    assert!(read(&path).expect_err("it is too large").to_string().contains("is too large"));
    fs::write(&path, b"name = \"\xff\"").expect("a file can be written");
    assert!(read(&path).expect_err("it is no text").to_string().contains("cannot be read"));
    assert!(read(folder.path()).is_err(), "a folder is no file");
}

#[test]
fn mistakes_are_listed_up_to_a_limit_and_then_counted() {
    let many: String = (0..5_000).map(|at| format!("wrong_{at} = 1\n")).collect();
    let mistakes = read_here(&format!("{many}{SMALL}")).expect_err("it is wrong");
    assert_eq!(mistakes.listed.len(), limits::MISTAKES_LISTED_MAX);
    assert_eq!(mistakes.more, 5_000 - limits::MISTAKES_LISTED_MAX);
}

#[test]
fn odd_numbers_are_refused() {
    for (key, value) in [
        ("pace_of_life", "nan"),
        ("pace_of_life", "inf"),
        ("pace_of_life", "-0.5"),
        ("pace_of_life", "0x10"),
        ("pace_of_life", "1e400"),
        ("seed", "1.5"),
        ("seed", "-1"),
        ("seed", "99999999999999999999999999"),
        ("seed", "0xffffffffffffffff"),
        ("span_max", "30"),
        ("span_max", "07:32:00"),
        ("span_max", "\"25h\""),
    ] {
        let found = mistakes(&format!("{key} = {value}\n{SMALL}"));
        assert!(found[0].contains(&format!("{key}: ")), "{key} = {value}: {found:?}");
    }
}

/// Something to put into a scenario at random.
fn scrap() -> impl Strategy<Value = String> {
    let keys = super::documents::all_keys();
    let values = [
        "nan",
        "-inf",
        "1e308",
        "-1",
        "0",
        "4294967296",
        "9223372036854775807",
        "\"\"",
        "\"1h\"",
        "\"5ms\"",
        "[]",
        "[[]]",
        "{}",
        "true",
        "1979-05-27",
        "\"\\u0000\"",
        "\"\u{202e}\"",
        "[1, 0.5]",
        "{ share = nan, span = [\"5s\", \"1s\"] }",
        "\"24h\"",
        "1000000",
        "\"..\"",
    ];
    prop_oneof![
        (proptest::sample::select(keys), proptest::sample::select(values.to_vec()))
            .prop_map(|(key, value)| format!("\n{key} = {value}\n")),
        proptest::sample::select(vec![
            "[[arrivals]]\n",
            "[[kinds]]\n",
            "[kinds.waits]\n",
            "[own]\n",
            "[[phases]]\n",
            "\"",
            "[[timeline]]\n",
            "[[thresholds]]\n",
            "'''",
            "=",
            "[",
            "}",
            "\n",
            "\r",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_text_makes_it_panic(
        scraps in proptest::collection::vec(
            (any::<prop::sample::Index>(), scrap(), 0..30_usize),
            1..8,
        ),
        shipped in any::<prop::sample::Index>(),
    ) {
        let shipped_texts = super::shipped::texts();
        let (path, text) = shipped.get(&shipped_texts);
        let mut letters: Vec<char> = text.chars().collect();
        for (at, scrap, cut) in scraps {
            let at = at.index(letters.len() + 1);
            let until = (at + cut).min(letters.len());
            letters.splice(at..until, scrap.chars());
        }
        match read_text(path, &letters.into_iter().collect::<String>()) {
            Ok(night) => {
                let people = crate::scenario::waves::people(&night.arrivals);
                prop_assert!((1..=limits::PEOPLE_MAX).contains(&people));
                let night = night.with_people(50).as_played();
                for (who, at) in (0..).zip(crate::scenario::waves::instants(&night)) {
                    crate::scenario::people::draw(&night, who, at);
                }
            }
            Err(mistakes) => prop_assert!(!mistakes.is_empty() && !mistakes.to_string().is_empty()),
        }
    }
}
