use super::*;

fn read(text: &str) -> Option<String> {
    let origins = ["https://shop.example.org", "http://127.0.0.1:8082"].map(str::to_owned);
    Target::read(text, &origins).map(|target| target.as_str().to_owned())
}

/// What has been sent to other people's redirects.
#[rustfmt::skip]
const PAYLOADS: &[&str] = &[
    "", "evil.test", "www.evil.test/x", "//evil.test", "///evil.test", "////evil.test",
    "//evil.test/..", "//evil.test/%2e%2e", "///evil.test/..", "//evil.test/%2f..", "//evil%E3%80%82test",
    "/\\evil.test", "\\/evil.test", "\\\\evil.test", "/\\/evil.test", "/\\\\evil.test", "\\evil.test",
    "//\\evil.test", "/\t/evil.test", "/\n/evil.test", "/\r/evil.test", "\t//evil.test", "\n//evil.test",
    " //evil.test", "/%09/evil.test", "/%0a/evil.test", "/%0d/evil.test", "/%00/evil.test",
    "/%5cevil.test", "/%5Cevil.test", "/%2fevil.test", "/%2Fevil.test", "/%2f%2fevil.test",
    "%2f%2fevil.test", "%5c%5cevil.test", "/x%2f..%2f..//evil.test", "/..//evil.test", "/../evil.test",
    "/%2e%2e//evil.test", "/.%2e/evil.test", "/..;/evil.test", "/;//evil.test", "/;@evil.test/..;",
    "/%252f%252fevil.test", "/%255cevil.test", "/%c0%afevil.test", "/%ff", "/%", "/%zz",
    "http://evil.test", "https://evil.test", "HTTPS://EVIL.TEST", "https:evil.test", "https:/evil.test",
    "https:///evil.test", "https:\\\\evil.test", "http:evil.test", "ftp://evil.test", "ws://evil.test",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "javascript://%0aalert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "about:blank",
    "blob:https://evil.test/1", "mailto:me@evil.test", "tel:110", "intent://evil.test#x",
    "https://shop.example.org@evil.test", "https://shop.example.org:443@evil.test",
    "https://shop.example.org.evil.test", "https://shop.example.orgevil.test", "https://shop.example.org:8443/",
    "https://shop.example.org:443/", "https://shop.example.org#@evil.test", "https://shop.example.org\\@evil.test",
    "https://shop.example.org\\.evil.test", "https://shop.example.org%2eevil.test", "https://shop.example.org;x",
    "https://shop.example.org%00.evil.test", "https://shop.example.org\t.evil.test", "https://shop.example.org//evil.test",
    "https://evil.test/https://shop.example.org", "https://evil.test?https://shop.example.org/",
    "https://evil.test#https://shop.example.org/", "https://me@shop.example.org/", "http://shop.example.org/",
    "https://shop.example", "https://xshop.example.org/", "https://.shop.example.org/", "https://shop.example.org./",
    "https://shop.example.org/../x", "https://shop.example.org/%5c", "https://shop.example.org/a\\b",
    "http://127.0.0.1:8083/", "http://127.0.0.1:80820/", "http://127.0.0.1/", "http://2130706433:8082/",
    "http://[::1]:8082/", "http://127.0.0.1:8082@evil.test/", "//127.0.0.1:8082/", "//shop.example.org/",
    "/\u{85}/evil.test", "/\u{7f}", "/x\r\nSet-Cookie: a=b", "/x\nLocation: //evil.test", "/a#//evil.test",
    "?to=/x", "#x", "./x", "../x", "x/y", "@evil.test", ":80", "〱evil.test", "ｈttps://evil.test",
];

#[test]
fn nothing_that_leads_elsewhere_is_followed() {
    assert!(PAYLOADS.len() >= 100, "{}", PAYLOADS.len());
    for payload in PAYLOADS {
        assert_eq!(read(payload), None, "{payload:?}");
    }
    assert_eq!(read(&format!("/{}", "a".repeat(TARGET_BYTES_MAX))), None, "too long");
}

#[test]
fn a_page_that_is_refused_leads_to_the_front_page_of_a_named_origin_or_nowhere() {
    let origins = ["https://shop.example.org".to_owned()];
    let front = |text: &str| Target::front(text, &origins).map(|target| target.0);
    for payload in PAYLOADS {
        let found = front(payload);
        assert!(found.is_none_or(|found| found == "https://shop.example.org/"), "{payload:?}");
    }
    for (text, found) in [
        ("https://shop.example.org//evil.test", true),
        ("HTTPS://Shop.example.org/a%2Fb?c", true),
        ("https://shop.example.org?a\\b", true),
        ("https://shop.example.org", true),
        ("https://shop.example.org@evil.test/", false),
        ("https://shop.example.org\\@evil.test/", false),
        ("https://shop.example.org.evil.test/", false),
        ("https://shop.example.org:8443/", false),
        ("//evil.test/https://shop.example.org/", false),
    ] {
        assert_eq!(front(text).is_some(), found, "{text:?}");
    }
}

#[test]
fn a_page_of_this_host_or_of_one_that_is_named_is_gone_back_to() {
    for (text, wanted) in [
        ("/", "/"),
        ("/shop", "/shop"),
        ("/shop?a=1&b=/x//y", "/shop?a=1&b=/x//y"),
        ("/shop?next=https://evil.test", "/shop?next=https://evil.test"),
        ("/shop?", "/shop?"),
        ("/a//b/./c/../d", "/a/b/d"),
        ("/.//evil.test", "/evil.test"),
        ("/x/..//evil.test", "/evil.test"),
        ("/%2e//evil.test", "/evil.test"),
        ("/@evil.test", "/@evil.test"),
        ("/https://evil.test", "/https:/evil.test"),
        ("/x y?a b=\"'<>", "/x%20y?a%20b=%22%27%3C%3E"),
        ("/café?ü=ß", "/caf%C3%A9?%C3%BC=%C3%9F"),
        ("https://shop.example.org", "https://shop.example.org/"),
        ("https://shop.example.org?a", "https://shop.example.org/?a"),
        ("HTTPS://Shop.Example.ORG/a/../b?c", "https://shop.example.org/b?c"),
        ("http://127.0.0.1:8082/x", "http://127.0.0.1:8082/x"),
    ] {
        assert_eq!(read(text).as_deref(), Some(wanted), "{text:?}");
    }
}

#[test]
fn a_target_is_read_the_same_again_after_it_was_carried() {
    for text in ["/shop?a=1&b=%20%26+c", "/caf%C3%A9?ü", "https://shop.example.org/x?y=1&z"] {
        let origins = ["https://shop.example.org".to_owned()];
        let target = Target::read(text, &origins).expect("a target");
        let query = format!("to={}&said=left", target.in_query());
        let carried = form_urlencoded::parse(query.as_bytes()).next().expect("a pair").1;
        assert_eq!(Target::read(&carried, &origins), Some(target));
    }
}
