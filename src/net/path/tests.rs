#[path = "../../../tests/support/paths.rs"]
mod paths;

use super::Ambiguous::{
    self, AboveRoot, Character, Dots, NotUtf8, Percent, Rootless, Slash, Twice,
};
use super::*;
use paths::{open, readings, variants};

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
        let careless = bare(&form);
        let decided_open = open(&form) && careless.is_none_or(|path| open(&path));
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
fn what_some_readers_drop_is_dropped_however_it_is_written() {
    for alike in ["/", "/a/b", "/a/", "/a%C3%A9.x/.b", "/%20a/a%20b"] {
        assert_eq!(bare(alike), None, "{alike}");
    }
    for (form, found) in [
        ("/a;b/c%3Bd", "/a/c"),
        ("/a./b", "/a/b"),
        ("/a/b..", "/a/b"),
        ("/a%20/b%20.", "/a/b"),
        ("/a.%20;x./b.;c/", "/a/b/"),
    ] {
        assert_eq!(bare(form).as_deref(), Some(found), "{form}");
    }
}
