use tempfile::TempDir;

use super::*;

fn read_theme(text: &str, files: &[(&str, &[u8])]) -> Result<Theme, Problems> {
    let folder = TempDir::new().expect("a folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    let path = folder.path().join("theme.toml");
    fs::write(&path, text).expect("a file");
    load(&path)
}

#[test]
fn a_theme_has_colours_a_logo_fonts_and_words() {
    let text = "logo = \"logo.svg\"\nwords = \"words\"\n\
                fonts = [{ file = \"a.woff2\", weight = 700 }]\n[light]\ndeed = \"#7a0019\"\n[texts.en]\njoin = \"Line up\"\n";
    let files: [(&str, &[u8]); 3] = [
        ("logo.svg", b"<svg/>"),
        ("a.woff2", b"wOF2x"),
        ("words/it.ftl", b"join = Mettiti in fila\n"),
    ];
    let theme = read_theme(text, &files).expect("a good theme");
    assert_eq!(theme.light.colours()[4], "#7a0019");
    assert_eq!(theme.dark, Palette::DARK);
    assert!(theme.logo);
    let kinds: Vec<_> = theme.assets.iter().map(|asset| asset.kind).collect();
    assert_eq!(kinds, [Kind::Svg, Kind::Woff2]);
    assert_eq!(theme.fonts, [Font { weight: 700 }]);
    let languages: Vec<_> = theme.texts.iter().map(|text| text.language.as_str()).collect();
    assert_eq!(languages, ["it", "en"]);
    assert_eq!(theme.texts[1].messages, "join = Line up\n");
}

#[test]
fn an_empty_theme_is_our_own() {
    assert_eq!(read_theme("", &[]).expect("a good theme"), Theme::default());
}

#[test]
fn all_mistakes_are_listed_each_with_its_place_and_its_ratio() {
    let text = "logo = \"logo.gif\"\ncolour = 1\nfonts = [{ file = \"none.woff2\" }]\n\
                [light]\nink = \"#cccccc\"\non_deed = \"reddish\"\n[dark]\ndeed = \"#151515\"\n";
    let problems = read_theme(text, &[("logo.gif", b"GIF89a")]).expect_err("mistakes");
    let listed = problems.to_string();
    for wanted in [
        "logo: is neither SVG nor PNG",
        "`colour` is unknown",
        "fonts[0].file: cannot be read",
        "`ink` #cccccc on `paper` #fbfaf7 has a contrast of 1.5",
        "`ink` #cccccc on `word` #fff1bd has a contrast of 1.4",
        "\"reddish\" is no colour",
        "`deed` #151515 on `paper` #14181d has a contrast of 1.0",
        "`on_deed` #0c2217 on `deed` #151515 has a contrast of 1.0",
        "theme.toml:4:2: light",
    ] {
        assert!(listed.contains(wanted), "{wanted}\n{listed}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let large = vec![0x89; LOGO_BYTES_MAX + 1];
    let problems = read_theme("logo = \"l.png\"\n", &[("l.png", &large)]).expect_err("too large");
    assert!(problems.to_string().contains("use at most 65536"), "{problems}");
}
