use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// Everything a gate file can say.
pub(super) const WHOLE: &str = include_str!("../../../config/gate.toml");

fn read_gate(text: &str) -> Result<Gate, Problems> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.toml");
    fs::write(folder.path().join("authority.pem"), "PEM").expect("a file");
    fs::write(&path, text).expect("a file");
    load(&path)
}

/// The problems of a file, without the folder it was in.
fn refused(text: &str) -> String {
    let problems = read_gate(text).expect_err("refused");
    assert!(problems.listed.iter().all(|problem| problem.position.is_some()), "{problems}");
    let told = problems.to_string();
    let lines = told.lines().map(|line| line.find("gate.toml").map_or(line, |at| &line[at..]));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn an_empty_file_protects_everything() {
    let gate = read_gate("").expect("good");
    assert_eq!(Gate { file: String::new(), ..gate }, Gate::default());
}

#[test]
fn the_example_is_good_and_says_everything() {
    let gate = read_gate(WHOLE).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(gate.sale.as_deref(), Some("gala"));
    let origin = gate.origin.expect("an origin");
    assert_eq!(origin.url.to_string(), "http://127.0.0.1:9000/");
    assert_eq!((origin.host, origin.authority, origin.connections_max), (None, None, 256));
    assert_eq!(origin.probe, "/");
    let spans = [origin.connect_ms, origin.answer_ms, origin.idle_ms, origin.stream_idle_ms];
    assert_eq!(spans, [2_000, 30_000, 60_000, 300_000]);
    assert_eq!(gate.origins, ["https://shop.example.org"]);
    let usual = Cards::usual();
    assert_eq!(gate.cards, Cards { at: Some("https://pay.example.org".to_owned()), ..usual });
    assert_eq!(gate.app_status, http::StatusCode::OK);
    let counter = gate.counter.expect("a counter");
    assert_eq!((counter.sale.as_deref(), counter.api_key), (Some("gala"), false));
    assert_eq!(counter.issuer, "https://queue.example.org/v1/counter");
    let rule = gate.rules.first().expect("a rule");
    assert_eq!((rule.path.as_str(), rule.begins, &rule.then), ("/assets/", true, &Then::Open));
    assert_eq!(rule.methods, [http::Method::GET, http::Method::HEAD]);
}

#[test]
fn an_origin_may_have_a_name_and_an_authority_of_its_own() {
    let text = "[origin]\nurl = \"https://10.0.0.7:8443\"\nhost = \"shop.internal:8443\"\n\
                authority = \"authority.pem\"\nconnections_max = 7\n\
                [targets]\norigins = [\"HTTPS://Shop.Example.org:444\"]\n";
    let gate = read_gate(text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(gate.origins, ["https://shop.example.org:444"]);
    let origin = gate.origin.expect("an origin");
    assert_eq!(origin.host.expect("a host"), "shop.internal:8443");
    assert_eq!(origin.authority.as_deref(), Some(b"PEM".as_slice()));
}

#[test]
fn card_pages_are_those_that_shops_usually_have_or_those_that_are_named() {
    let cards = |more: &str| {
        let text = format!("[origin]\nurl = \"http://a.test\"\n[cards]\n{more}");
        read_gate(&text).unwrap_or_else(|problems| panic!("{problems}")).cards
    };
    assert_eq!(cards(""), Cards::usual());
    assert_eq!(read_gate("[origin]\nurl = \"http://a.test\"\n").expect("good").cards, cards(""));
    assert_eq!(cards("paths = []"), Cards::default());
    let named = cards("paths = [\"/zahlung/*\", \"/karte\"]\nat = \"https://Karte.test/\"");
    assert_eq!(named.paths, [("/zahlung/".to_owned(), true), ("/karte".to_owned(), false)]);
    assert_eq!(named.at.as_deref(), Some("https://karte.test"));
    assert_eq!(read_gate("").expect("good").cards, Cards::default(), "nothing is passed on");
    let documents = include_str!("../../../docs/gate.md");
    for (path, begins) in Cards::usual().paths {
        let more = if begins { "*" } else { "" };
        assert!(documents.contains(&format!("`{path}{more}`")), "docs/gate.md lacks {path}");
        assert!(WHOLE.contains(&format!("\"{path}{more}\"")), "config/gate.toml lacks {path}");
    }
}

#[test]
fn no_rule_is_for_a_host_that_the_shop_does_not_see() {
    let gate = |host: &str, then: &str| {
        let origin = format!("[origin]\nurl = \"http://a.test\"\nhost = \"{host}\"\n");
        let rule = "[[rules]]\npath = \"/*\"\nhost = \"news.example.org\"\nthen";
        format!("{origin}{rule} = \"{then}\"\n")
    };
    for then in ["open", "protected", "refused"] {
        assert_eq!(
            refused(&gate("shop.internal", then)),
            "gate.toml:6:1: rules[0].host: is what a visitor writes, and the shop sees \
             `origin.host` instead; leave it out, or leave `origin.host` out\n"
        );
        read_gate(&gate("keep", then)).unwrap_or_else(|problems| panic!("{problems}"));
    }
}

#[test]
fn no_rule_that_is_good_is_left_out() {
    let rule = |then: &str| format!("[[rules]]\npath = \"/*\"\nthen = \"{then}\"\n");
    let text = ["protected", "refused", "open", "protected\"\nsale = \"gala"].map(rule).concat();
    let gate = read_gate(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let found: Vec<_> = gate.rules.into_iter().map(|rule| rule.then).collect();
    let of = |sale: Option<&str>| Then::Protected { sale: sale.map(str::to_owned) };
    assert_eq!(found, [of(None), Then::Refused, Then::Open, of(Some("gala"))]);
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let text = r#"
sail = "gala"
sale = "the gala"

[origin]
host = "a b"
url = "http://127.0.0.1:9000/shop"
answer_ms = 5
connections_max = 0
authority = "none.pem"
probe = "alive"
retries = 3

[[rules]]
path = "assets/*"
then = "opened"

[[rules]]
path = "/a*b"
methods = ["get", 7]
header = { name = "who asks", contains = "x" }
then = "open"

[[rules]]
path = "/a//b"
methods = []
from = ["10.0.0.0/33", "ten"]
host = "shop.test:80"
then = "open"
sale = "gala"

[[rules]]
path = "/a/../b"

[[rules]]
path = "/caf%c3%a9"
header = { name = "user-agent" }
then = "refused"

[[rules]]
path = "/%2e%2e/x"
then = "open"

[[rules]]
path = "/a;b"
then = "open"

[[rules]]
path = "/a b"
then = 7

[targets]
origins = ["shop.example.org", "https://shop.example.org/x", "ftp://a.test", "https://me@a.test"]
origin = []
"#;
    assert_eq!(refused(text), include_str!("golden/gate.txt"));
}

#[test]
fn hostile_and_damaged_files_are_refused_in_words() {
    for (text, wanted) in [
        ("[[rules]]\npath = \"/a\"\n", "`then` is missing"),
        ("[[rules]]\nthen = \"open\"\n", "`path` is missing"),
        ("[rules]\n", "is a table, not a list"),
        ("rules = [1]\n", "is a whole number, not a table"),
        ("[origin]\n", "`url` is missing"),
        ("[counter]\n", "`issuer` is missing"),
        ("[cards]\npaths = \"/card\"\n", "is a text, not a list"),
        ("[cards]\npaths = [\"card\"]\n", "does not begin with a slash"),
        ("[cards]\nat = \"pay.test\"\n", "is no address of a server"),
        ("[cards]\npath = []\n", "the key `path` is unknown"),
        ("[apps]\nstatus = 204\n", "204 is no status for it; use 200, 202 or 429"),
        ("[apps]\nstate = 200\n", "`state`"),
        ("origin = \"http://a.test\"\n", "is a text, not a table"),
        ("[[rules]]\npath = \"/a\\u0000\"\nthen = \"open\"\n", "control characters"),
        ("[[rules]]\npath = \"/%\"\nthen = \"open\"\n", "only what needs it is encoded"),
        ("[[rules]]\npath = \"/%5C\"\nthen = \"open\"\n", "only what needs it is encoded"),
        ("[[rules]]\npath = \"/é\"\nthen = \"open\"\n", "it has to be encoded"),
        ("sale = \"", "not readable as TOML"),
        ("[[rules]", "not readable as TOML"),
    ] {
        let told = refused(text);
        assert!(told.contains(wanted), "{text:?}: {told}");
    }
    let many = "[[rules]]\npath = \"/a\"\nthen = \"open\"\n".repeat(RULES_MAX + 1);
    assert!(refused(&many).contains("use at most 200"));
    let long = format!("[[rules]]\npath = \"/{}\"\nthen = \"open\"\n", "a".repeat(1 << 20));
    assert!(refused(&long).contains("use at most 1024"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.toml");
    fs::write(&path, b"sale = \"\xff\"").expect("a file");
    assert!(load(&path).expect_err("no text").to_string().contains("is not UTF-8"));
}

#[test]
fn only_sales_that_are_served_are_named() {
    let rule = |sale: &str| {
        format!("[[rules]]\npath = \"/late/*\"\nthen = \"protected\"\nsale = \"{sale}\"\n")
    };
    let check = |text: &str, served: &[&str]| {
        let gate = read_gate(text).expect("good");
        gate.check_sales(&served.iter().copied().collect()).map_err(|wrong| wrong.to_string())
    };
    assert_eq!(check("", &["gala"]), Ok(()));
    assert_eq!(check(&format!("sale = \"gala\"\n{}", rule("late")), &["gala", "late"]), Ok(()));
    assert!(check("", &["gala", "late"]).is_err_and(|told| told.contains("`sale` is missing")));
    assert!(
        check("sale = \"ball\"", &["gala"]).is_err_and(|told| told.contains("\"ball\" is not"))
    );
    let counter = "[counter]\nissuer = \"us\"\nsale = \"late\"\n";
    assert!(check(counter, &["gala"]).is_err_and(|told| told.contains("counter.sale")));
    assert!(check(&rule("late"), &["gala"]).is_err_and(|told| told.contains("rules[0].sale")));
}

/// A certificate and its key beside the gate file, and what the file says of them.
fn read_identity(certificate: &str, key: &str, mode: u32, lines: &str) -> Result<Gate, Problems> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    write("own.pem", certificate);
    let key = write("own.key", key);
    fs::set_permissions(key, fs::Permissions::from_mode(mode)).expect("ours");
    load(&write("gate.toml", &format!("[origin]\n{lines}")))
}

#[test]
fn who_we_are_to_the_origin_is_loaded_anew_as_a_pair_or_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = || rcgen::generate_simple_self_signed(["gate".to_owned()]).expect("made");
    let (own, next) = (made(), made());
    let [certificate, key] = ["own.pem", "own.key"].map(|name| folder.path().join(name));
    fs::write(&certificate, own.cert.pem()).expect("a file");
    fs::write(&key, own.signing_key.serialize_pem()).expect("a file");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("ours");
    let identity = Identity::load(certificate.clone(), key.clone()).expect("a pair");
    let shown = |of: &rcgen::CertifiedKey<rcgen::KeyPair>| identity.now().cert[0] == *of.cert.der();
    let half = next.cert.pem();
    let (half, _) = half.split_at(half.len() / 2);
    for (written, told) in [
        (half, "own.pem: holds no certificate; use a file in PEM"),
        ("", "own.pem: holds no certificate"),
        (&next.cert.pem(), "own.key: is not the key of `certificate`"),
    ] {
        fs::write(&certificate, written).expect("a file");
        let fault = identity.clone().reload().expect_err(told).to_string();
        assert!(fault.contains(told) && shown(&own), "{fault}");
    }
    fs::write(&key, next.signing_key.serialize_pem()).expect("a file");
    identity.clone().reload().expect("a pair");
    assert!(shown(&next), "all clones have it");
}

#[test]
fn who_we_are_to_the_origin_is_a_certificate_with_its_own_key_that_nobody_else_reads() {
    let made = || rcgen::generate_simple_self_signed(["gate".to_owned()]).expect("made");
    let (own, other) = (made(), made());
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let both = "certificate = \"own.pem\"\nkey = \"own.key\"\n";
    let secure = "url = \"https://shop.test\"\n";
    let whole = format!("{secure}{both}");
    let gate = read_identity(&certificate, &key, 0o640, &whole).expect("good");
    let identity = gate.origin.and_then(|origin| origin.identity).expect("one");
    assert_eq!(identity.now().cert.len(), 1);
    assert!(!format!("{identity:?}").contains("PRIVATE"));
    let other = other.signing_key.serialize_pem();
    let plain = format!("url = \"http://shop.test\"\n{both}");
    let (one, lone) = ("certificate = \"own.pem\"\n", "key = \"own.key\"\n");
    for (certificate, key, mode, lines, told) in [
        (&certificate, &other, 0o600, &whole, ":4:1: origin.key: is not the key of `certificate`"),
        (&certificate, &key, 0o644, &whole, ":4:1: origin.key: has mode 644, which lets others"),
        (&certificate, &certificate, 0o600, &whole, ":4:1: origin.key: holds no key"),
        (&key, &key, 0o600, &whole, ":3:1: origin.certificate: holds no certificate"),
        (&certificate, &key, 0o600, &plain, ":3:1: origin.certificate: has no meaning without TLS"),
        (&certificate, &key, 0o600, &format!("{secure}{one}"), "certificate: has no `key` beside"),
        (&certificate, &key, 0o600, &format!("{secure}{lone}"), "key: has no `certificate` beside"),
    ] {
        let problems = read_identity(certificate, key, mode, lines).expect_err(told).to_string();
        assert!(problems.contains(told), "{problems}");
    }
}
