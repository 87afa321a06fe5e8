//! Ways to write a path that begins at something open and leads to something protected, and what
//! careless servers make of one.
#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

/// What is open in these tests; everything else is protected.
pub(crate) fn open(path: &str) -> bool {
    path.starts_with("/assets/") || path == "/health"
}

/// Where careless servers would look for a path: they decode once more, drop parameters, take
/// backslashes for slashes and capitals for small letters, drop spaces and dots at the end of a
/// name, and resolve dots, in any combination.
pub(crate) fn readings(path: &str) -> BTreeSet<String> {
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
            found.insert(one.to_ascii_lowercase());
            let trimmed = |part: &str| match part.trim_end_matches(' ') {
                dots @ ("." | "..") => dots.to_owned(),
                part => part.trim_end_matches(['.', ' ']).to_owned(),
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
pub(crate) fn variants() -> BTreeSet<String> {
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
    const SHOPS: [&str; 7] = [
        "shop/pay",
        "%73hop/pay",
        "shop",
        "shop;x=/pay",
        "SHOP/pay",
        "shop./pay",
        "Shop.%20;x/pay",
    ];
    let mut made = BTreeSet::new();
    for (beginning, climb) in BEGINNINGS.iter().flat_map(|one| CLIMBS.map(|climb| (one, climb))) {
        for (slash, shop) in SLASHES.iter().flat_map(|one| SHOPS.map(|shop| (one, shop))) {
            made.insert(format!("{beginning}{slash}{climb}{slash}{shop}"));
            made.insert(format!("{beginning}/{climb}{slash}{climb}/{shop}"));
        }
    }
    made
}
