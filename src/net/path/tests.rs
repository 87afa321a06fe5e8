use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::Ambiguous::{
    self, AboveRoot, Character, Dots, NotUtf8, Percent, Rootless, Slash, Twice,
};
use super::*;

/// What is open in these tests; everything else is protected.
fn open(path: &str) -> bool {
    path.starts_with("/assets/") || path == "/health"
}

/// Where careless servers would look for a path: they decode once more, drop parameters, take
/// backslashes for slashes, drop spaces and dots at the end, and resolve dots, in any combination.
fn readings(path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([path.to_owned()]);
    for _ in 0..3 {
        for one in found.clone() {
            found.insert(percent_decode_str(&one).decode_utf8_lossy().into_owned());
            found.insert(one.replace('\\', "/"));
            let cut = |marks: &[char]| {
                let ended = |part: &str| part.split(marks).next().unwrap_or_default().to_owned();
                one.split('/').map(ended).collect::<Vec<_>>().join("/")
            };
            found.insert(cut(&[';']));
            found.insert(cut(&['\0']));
            let trimmed = |part: &str| match part.trim_end_matches(' ') {
                dots @ ("." | "..") => dots.to_owned(),
                part => part.to_owned(),
            };
            found.insert(one.split('/').map(trimmed).collect::<Vec<_>>().join("/"));
            found.insert(resolved(&one));
        }
    }
    found
}

fn resolved(path: &str) -> String {
    let mut kept = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            kept.pop();
        } else {
            kept.push(part);
        }
    }
    format!("/{}", kept.join("/"))
}

/// Ways to write a way into the shop that begins at something open.
fn variants() -> BTreeSet<String> {
    const BEGINNINGS: [&str; 4] = ["/assets", "/assets/x", "/health", ""];
    const CLIMBS: [&str; 22] = [
        "..",
        "%2e%2e",
        "%2E%2e",
        ".%2e",
        "%2e.",
        "%252e%252e",
        "%25%32%65.",
        "..;",
        "..;a=b",
        "%2e%2e;x",
        "..%3b",
        "..%3Bx",
        "...",
        "..%20",
        ".. ",
        "..%00",
        "..%09",
        "%c0%ae%c0%ae",
        "%e0%80%ae.",
        "..%ff",
        ".",
        ";/..",
    ];
    const SLASHES: [&str; 13] = [
        "/", "//", "/./", "/%2e/", "%2f", "%2F", "%5c", "\\", "%252f", "%c0%af", "/;/", ";/",
        "/..;/",
    ];
    const SHOPS: [&str; 4] = ["shop/pay", "%73hop/pay", "shop", "shop;x=/pay"];
    let mut made = BTreeSet::new();
    for (beginning, climb) in BEGINNINGS.iter().flat_map(|one| CLIMBS.map(|climb| (one, climb))) {
        for (slash, shop) in SLASHES.iter().flat_map(|one| SHOPS.map(|shop| (one, shop))) {
            made.insert(format!("{beginning}{slash}{climb}{slash}{shop}"));
            made.insert(format!("{beginning}/{climb}{slash}{climb}/{shop}"));
        }
    }
    made
}

#[test]
fn no_way_of_writing_makes_something_open_of_what_is_protected() {
    let variants = variants();
    assert!(variants.len() > 500, "{}", variants.len());
    let (mut refused, mut tricks) = (0, 0);
    for variant in &variants {
        let Ok(form) = normal(variant) else {
            refused += 1;
            continue;
        };
        let bare = without_parameters(&form);
        let decided_open = open(&form) && bare.is_none_or(|bare| open(&bare));
        let reached = readings(&form).iter().any(|path| path.starts_with("/shop"));
        tricks += u32::from(reached);
        assert!(!(decided_open && reached), "{variant} is passed on as {form}");
    }
    assert!(refused > 500 && tricks > 100, "the table bites: {refused} refused, {tricks} tricks");
}

#[test]
fn a_form_is_the_form_of_itself() {
    let more = ["/a b", "/é", "/%C3%A9", "/%c3%a9/%7Eada", "/a%25b", "/{a}|\"^`<>", "/a;b/c;d"];
    for variant in variants().into_iter().chain(more.map(str::to_owned)) {
        let Ok(form) = normal(&variant) else { continue };
        assert_eq!(normal(&form).as_deref(), Ok(&*form), "{variant}");
    }
}

#[test]
fn every_path_has_the_form_that_all_read_alike() {
    for (path, form) in [
        ("/", "/"),
        ("//", "/"),
        ("/.", "/"),
        ("/a/..", "/"),
        ("/shop", "/shop"),
        ("/shop/", "/shop/"),
        ("/shop/.", "/shop/"),
        ("/shop/./pay", "/shop/pay"),
        ("/shop/x/..", "/shop/"),
        ("/shop/x/../pay", "/shop/pay"),
        ("//shop///pay//", "/shop/pay/"),
        ("/%73%68op", "/shop"),
        ("/%7Eada/%41", "/~ada/A"),
        ("/a%2e%2e/b", "/a../b"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/café", "/caf%C3%A9"),
        ("/a b", "/a%20b"),
        ("/a%20b", "/a%20b"),
        ("/a|b", "/a%7Cb"),
        ("/100%25", "/100%25"),
        ("/100%25-off", "/100%25-off"),
        ("/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,="),
        ("/%3a%40", "/%3A%40"),
        ("/a;b=c/d", "/a;b=c/d"),
        ("/.well-known/x", "/.well-known/x"),
        ("/..a/.b", "/..a/.b"),
        ("/a..", "/a.."),
    ] {
        assert_eq!(normal(path).as_deref(), Ok(form), "{path}");
    }
}

#[test]
fn what_two_readers_may_understand_differently_is_refused() {
    let cases: [(&[&str], Ambiguous); 8] = [
        (&["", "shop", "*", "http://a.test/", "%2fshop"], Rootless),
        (&["/a%2fb", "/a%2Fb", "/a\\b", "/a%5cb", "/%5C", "/..%2f", "/a/..%5c.."], Slash),
        (
            &["/a\0", "/a%00", "/a\nb", "/a%0d%0a", "/a%7f", "/a\u{7f}", "/a#b", "/a?b", "/%09"],
            Character,
        ),
        (&["/%", "/a%2", "/%zz", "/%%41", "/%u002e", "/a%-1", "/%é0"], Percent),
        (&["/%252e%252e/", "/a%2541", "/%25%32%65", "/%2525", "/%25252e"], Twice),
        (&["/%ff", "/%c0%ae", "/%c0%af", "/%e0%80%ae", "/a%c3", "/%ed%a0%80"], NotUtf8),
        (
            &[
                "/..;/x", "/.;", "/..;a=b/", "/..%3b", "/;/x", "/a/;b", "/...", "/..%20/", "/%20/",
                "/. ", "/%2e%2e;",
            ],
            Dots,
        ),
        (&["/..", "/../shop", "/a/../..", "/%2e%2e/", "//..", "/./../a"], AboveRoot),
    ];
    for (paths, why) in cases {
        for path in paths {
            let why = if *path == "%2fshop" { Slash } else { why };
            assert_eq!(normal(path), Err(why), "{path:?}");
        }
    }
}

#[test]
fn parameters_are_dropped_however_they_are_written() {
    assert_eq!(without_parameters("/a/b"), None);
    assert_eq!(without_parameters("/a;b/c%3Bd").as_deref(), Some("/a/c"));
}
