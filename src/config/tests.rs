use std::path::Path;

use super::*;
use crate::journal::redis::settings::{At, Durability, Password};
use crate::net::settings::{Deadlines, Settings as Listener};

fn flags(flags: &[&str]) -> Sources {
    Sources { flags: flags.iter().map(|flag| (*flag).to_owned()).collect(), ..Sources::default() }
}

fn variables(variables: &[(&str, &str)]) -> Sources {
    let owned = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Sources { environment: owned.collect(), ..Sources::default() }
}

fn file(folder: &Path, text: &str) -> Sources {
    let file = folder.join("stanchion.toml");
    std::fs::write(&file, text).expect("written");
    Sources { file: Some(file), ..Sources::default() }
}

fn mistakes(sources: &Sources) -> String {
    load(sources).expect_err("mistakes").to_string()
}

#[track_caller]
fn check_mistake(flag: &str, said: &str) {
    let text = mistakes(&flags(&[flag]));
    assert!(text.contains(said), "{flag}: {text}");
    assert!(text.starts_with("1 mistake "), "{flag}: {text}");
}

#[test]
fn the_built_in_defaults_are_those_of_the_code() {
    let settings = load(&Sources::default()).expect("the defaults are right");
    let public = Listener { address: settings.public.address, ..Listener::default() };
    assert_eq!(settings.public, public);
    assert_eq!(settings.ops.deadlines, Deadlines::default());
    assert_eq!(settings.board_streams_per_source_max, settings.public.connections_per_source_max);
    assert!(!settings.behind_tls);
    assert_eq!(settings.rates.join.burst.get(), crate::net::limits::JOIN_BURST);
    assert_eq!(settings.rates.join.per_minute.get(), crate::net::limits::JOIN_PER_MINUTE);
    assert_eq!(settings.rates.guess.burst.get(), crate::net::limits::GUESS_BURST);
    assert_eq!(settings.rates.guess.per_minute.get(), crate::net::limits::GUESS_PER_MINUTE);
    assert!(settings.public.address.ip().is_loopback() && settings.ops.address.ip().is_loopback());
    let file = |keys: &TokenKeys| match keys {
        TokenKeys::File(file) => file.clone(),
        TokenKeys::Given(_) => panic!("none is given"),
    };
    assert_eq!(file(&settings.secrets.token_keys), Path::new("data/token.keys"));
}

#[test]
fn proxies_are_networks_and_each_that_is_none_is_named() {
    check_mistake("public.proxies=10.0.0.0/8, ten", "\"ten\" is no address of IPv4 or IPv6");
    check_mistake("ops.proxies=10.0.0.0/99", "\"10.0.0.0/99\" has no such length");
    let settings = load(&flags(&["public.proxies=10.0.0.0/8, ::1"])).expect("they are right");
    let known = |text: &str| settings.public.proxies.know(text.parse().expect("an address"));
    assert!(known("10.9.9.9") && known("::1") && !known("192.0.2.1"));
}

#[test]
fn flags_win_over_the_environment_which_wins_over_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sources =
        file(folder.path(), "[limits]\nheaders_max = 10\nhead_ms = 1000\nidle_ms = 1000\n");
    let layer = variables(&[
        ("STANCHION__LIMITS__HEADERS_MAX", "20"),
        ("stanchion__limits__head_ms", "2000"),
    ]);
    sources.environment = layer.environment;
    sources.flags = flags(&["limits.headers_max=30"]).flags;
    let public = load(&sources).expect("all is right").public;
    let spans_ms = [public.deadlines.head_ms, public.deadlines.idle_ms];
    assert_eq!((public.headers_max, spans_ms), (30, [2_000, 1_000]));
}

#[test]
fn all_mistakes_come_at_once_each_with_its_place_key_and_range() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sources = file(folder.path(), "[limits]\nheaders_max = -1\nhead_ms = \"soon\"\n");
    sources.environment = variables(&[("STANCHION__JOURNAL__MODE", "paper")]).environment;
    sources.flags = flags(&["public.address=here", "queue", "public.adress=127.0.0.1:1"]).flags;
    let text = mistakes(&sources);
    for said in [
        "6 mistakes in the settings",
        "stanchion.toml: limits.headers_max: \"-1\" is not a whole number from 8 to 99",
        "stanchion.toml: limits.head_ms: \"soon\" is not a whole number from 100 to 3600000",
        "environment variable STANCHION__JOURNAL__MODE: journal.mode: \"paper\" is none of: local",
        "flag public.address: public.address: \"here\" is not an address with a port",
        "flag: queue: has no value",
        "public.adress: there is no such setting; did you mean public.address?",
    ] {
        assert!(text.contains(said), "{said:?} is missing from\n{text}");
    }
}

#[test]
fn what_must_hold_between_settings_is_checked() {
    for (flag, said) in [
        ("public.tls_key=key.pem", "public.tls_certificate: is needed beside a key"),
        ("ops.tls_certificate=chain.pem", "ops.tls_key: is needed beside a certificate"),
        ("public.connections_max=10", "must not be more than public.connections_max"),
        ("ops.address=127.0.0.1:8080", "must differ from public.address"),
        ("limits.target_bytes_max=16384", "must be less than limits.head_bytes_max"),
        ("log.level=info,x=loud", "is not a list of directives"),
        ("data.directory=", "must name a directory"),
        ("sales=no-such-sale.toml", "no-such-sale.toml is not a file"),
        ("queue=3", "there is no such setting"),
        ("rates.join_burst.most=3", "there is no such setting"),
        ("public.connections_max=0", "is not a whole number from 1 to 1000000"),
        ("limits.drain_ms=3600001", "is not a whole number from 0 to 3600000"),
        ("zebra=3", "zebra: there is no such setting"),
        ("journal.mode=redis", "journal.redis.url: must name a Redis"),
        ("journal.redis.url=redis://:hush@h:1", "must not hold a name or a password"),
        ("journal.redis.url=rediss://h:1/#insecure", "without a check of the certificate"),
        ("journal.redis.url=h:1", "must be redis://host:port"),
        ("journal.redis.sentinels=redis://h:1", "journal.redis.service: is needed beside"),
        ("journal.redis.durability=maybe", "is none of: always, everysec, replicas"),
        ("journal.redis.replicas=0", "is not a whole number from 1 to 16"),
        ("journal.redis.lease_ms=1700", "must be at least 1800"),
        ("journal.redis.username=shop", "needs secrets.redis_password beside it"),
        ("journal.redis.prefix={a}", "must be 1 to 64 of: letters, digits"),
        ("journal.redis.tls_authority=no.pem", "no.pem: "),
        ("secrets.redis_password=hush", "may only come from the environment"),
        ("secrets.redis_password_file=no-such-file", "no-such-file: "),
    ] {
        check_mistake(flag, said);
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_a_mistake_beside_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sources = file(folder.path(), "[limits\ncap = 1");
    sources.flags = flags(&["limits.headers_max=many"]).flags;
    let text = mistakes(&sources);
    assert!(text.starts_with("2 mistakes") && text.contains("stanchion.toml: "), "{text}");
    sources.file = Some(folder.path().join("absent.toml"));
    let text = mistakes(&sources);
    assert!(text.contains("absent.toml: cannot be read: "), "{text}");
}

#[test]
fn a_secret_comes_from_the_environment_or_a_file_of_its_own_and_is_never_printed() {
    const NAME: &str = "STANCHION__SECRETS__TOKEN_KEYS";
    let key = KeyRing::new().text();
    let secret = key.trim().split_once(':').expect("an entry").1;
    let settings = load(&variables(&[(NAME, &key)])).expect("a ring");
    assert!(matches!(settings.secrets.token_keys, TokenKeys::Given(_)));
    assert!(!format!("{settings:?}").contains(secret));

    let by_flag = flags(&[&format!("secrets.token_keys={}", key.trim())]);
    let wrong = variables(&[(NAME, &format!("0:{secret}x"))]);
    for (sources, said) in [(&by_flag, "may only come from the environment"), (&wrong, "entry 1")] {
        let text = mistakes(sources);
        assert!(text.contains(said) && !text.contains(secret), "{text}");
        assert!(!format!("{sources:?}").contains(secret));
    }
}

#[test]
fn api_keys_are_read_and_a_wrong_line_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("api.keys");
    let new = crate::token::api_key::NewApiKey::make("shop").expect("a name");
    let by_flag = flags(&[&format!("secrets.api_keys_file={}", path.display())]);
    std::fs::write(&path, format!("{}\n", new.line)).expect("written");
    let settings = load(&by_flag).expect("a key");
    let holder = settings.secrets.api_keys.check(&new.text).map(|holder| holder.name.as_str());
    assert_eq!(holder, Some("shop"));
    std::fs::write(&path, format!("{}\nwrong\n", new.line)).expect("written");
    let text = mistakes(&by_flag);
    assert!(text.contains("api.keys: line 2 is not"), "{text}");
}

#[test]
fn a_redis_is_read_whole_and_its_password_is_never_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("password");
    std::fs::write(&path, "opensesame\n").expect("written");
    let text = format!(
        "[journal]\nmode = \"redis\"\n[journal.redis]\nsentinels = [\"redis://a:1\", \
         \"redis://b:2\"]\nservice = \"main\"\ndurability = \"replicas\"\nreplicas = 2\n\
         [secrets]\nredis_password_file = {path:?}\n"
    );
    let settings = load(&file(folder.path(), &text)).expect("all is right");
    let redis = settings.redis.as_ref().expect("one is named");
    assert_eq!(redis.durability, Durability::Replicas { count: 2, wait_ms: 500 });
    assert!(matches!(&redis.at, At::Sentinels { sentinels, .. } if sentinels.len() == 2));
    assert_eq!(redis.password, Some(Password("opensesame".to_owned())));
    assert!(!format!("{settings:?}").contains("opensesame"));
    let both = flags(&["journal.redis.url=redis://h:1", "journal.redis.sentinels=redis://h:1"]);
    assert!(mistakes(&both).contains("give one of the two"));
    let secret = mistakes(&flags(&["journal.redis.url=redis://me:hush@h:1"]));
    assert!(!secret.contains("hush"), "{secret}");
}

#[test]
fn a_gate_file_is_read_with_the_settings_and_its_mistakes_are_named_with_their_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.toml");
    let flag = format!("gate.file={}", path.display());
    assert!(load(&Sources::default()).expect("the defaults are right").gate.is_none());
    std::fs::write(&path, "sale = \"gala\"\n").expect("written");
    let gate = load(&flags(&[&flag])).expect("all is right").gate.expect("a gate");
    assert_eq!((gate.sale.as_deref(), gate.origin.is_none()), (Some("gala"), true));
    std::fs::write(&path, "\n[[rules]]\npath = \"x\"\nthen = \"opn\"\n").expect("written");
    let said = mistakes(&flags(&[&flag]));
    assert!(said.starts_with("2 mistakes"), "{said}");
    assert!(said.contains("gate.toml:3:1: rules[0].path: \"x\" does not begin"), "{said}");
    assert!(said.contains("gate.toml:4:1: rules[0].then: \"opn\" is nothing"), "{said}");
}

#[test]
fn a_counter_needs_a_key_that_never_stands_in_the_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.toml");
    std::fs::write(&path, "[counter]\nissuer = \"us\"\n").expect("written");
    let gate = path.display().to_string();
    let file = ("STANCHION__GATE__FILE", &*gate);
    let said = mistakes(&variables(&[file]));
    assert!(said.contains("secrets.counter_key_file: is needed for [counter]"), "{said}");
    let said = mistakes(&variables(&[file, ("STANCHION__SECRETS__COUNTER_KEY", "hush")]));
    assert!(said.contains("is no private RSA key") && !said.contains("hush"), "{said}");
}

#[test]
fn a_connector_needs_the_secret_that_its_shop_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.toml");
    let lines = "[connector]\ncustomer = \"arena\"\n[connector.waiting_rooms]\ngala = \"gala\"\n";
    std::fs::write(&path, lines).expect("written");
    let sources = |secret: &str| {
        let mut sources = variables(&[("STANCHION__SECRETS__CONNECTOR", secret)]);
        sources.flags.push(format!("gate.file={}", path.display()));
        sources
    };
    assert!(mistakes(&sources("")).contains("secrets.connector: is missing"));
    assert!(mistakes(&sources("short")).contains("must have at least 32 bytes"));
    let long = "0123456789abcdef0123456789abcdef";
    let secrets = load(&sources(long)).expect("all is right").secrets;
    assert!(secrets.connector.is_some_and(|keys| keys.tokens.is(long)));
    check_mistake(&format!("secrets.connector={long}"), "may only come from the environment");
}

#[test]
fn the_secret_of_the_gate_is_long_and_never_stands_in_the_settings() {
    let variable = "STANCHION__SECRETS__GATE_ORIGIN";
    let said = mistakes(&variables(&[(variable, "short")]));
    assert!(said.contains("must have at least 32 bytes") && !said.contains("short"), "{said}");
    let long = "0123456789abcdef0123456789abcdef";
    let secrets = load(&variables(&[(variable, long)])).expect("all is right").secrets;
    assert!(secrets.gate_origin.is_some() && !format!("{secrets:?}").contains(long));
    check_mistake(&format!("secrets.gate_origin={long}"), "may only come from the environment");
}
