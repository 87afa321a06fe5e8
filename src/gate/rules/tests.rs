use http::HeaderName;

use super::*;

fn rule(path: &str, then: Then) -> Rule {
    let (path, begins) = path.strip_suffix('*').map_or((path, false), |path| (path, true));
    let (methods, from) = Default::default();
    Rule { path: path.to_owned(), begins, methods, host: None, header: None, from, then }
}

fn decided(rules: &[Rule], path: &str) -> Result<Then, Ambiguous> {
    decided_by(&Gate { rules: rules.to_vec(), ..Gate::default() }, path)
}

fn decided_by(gate: &Gate, path: &str) -> Result<Then, Ambiguous> {
    let (method, headers) = (&Method::GET, &HeaderMap::new());
    let address = "198.51.100.9".parse().expect("an address");
    decide(gate, OWN, Request { path, method, host: "shop.test", headers, address }).cloned()
}

const OWN: &str = "tonight";
const OURS: Then = Then::Protected { sale: None };

#[test]
fn the_first_rule_that_fits_decides_and_nothing_else_is_open() {
    let rules = [
        rule("/assets/private/*", Then::Refused),
        rule("/assets/*", Then::Open),
        rule("/health", Then::Open),
        rule("/late/*", Then::Protected { sale: Some("late".to_owned()) }),
    ];
    for (path, then) in [
        ("/", OURS),
        ("/shop", OURS),
        ("/assets", OURS),
        ("/ASSETS/x", OURS),
        ("/assets/x", Then::Open),
        ("/assets/", Then::Open),
        ("/assets/private/x", Then::Refused),
        ("/health", Then::Open),
        ("/health/", OURS),
        ("/healthy", OURS),
        ("/late/x", Then::Protected { sale: Some("late".to_owned()) }),
    ] {
        assert_eq!(decided(&rules, path), Ok(then), "{path}");
    }
    assert_eq!(decided(&[], "/assets/x"), Ok(OURS));
}

#[test]
fn of_all_ways_to_read_a_path_the_one_that_closes_most_decides() {
    let late = |sale: &str| Then::Protected { sale: Some(sale.to_owned()) };
    let rules = [
        rule("/office/*", Then::Refused),
        rule("/Shop/*", OURS),
        rule("/late/*", late("late")),
        rule("/early/*", late(OWN)),
        rule("/L*", OURS),
        rule("/E*", OURS),
        rule("/*", Then::Open),
    ];
    for (path, then) in [
        ("/office;x/pay", Then::Refused),
        ("/office%3Bx/pay", Then::Refused),
        ("/office./pay", Then::Refused),
        ("/office%20/pay", Then::Refused),
        ("/OFFICE/pay", Then::Refused),
        ("/Office.;x/pay", Then::Refused),
        ("/shop/pay", OURS),
        ("/SHOP%20;x/pay", OURS),
        ("/Shop/pay;jsessionid=1", OURS),
        ("/late/x", late("late")),
        ("/Early/x", OURS),
        ("/News;page=2", Then::Open),
        ("/news/about%20us.", Then::Open),
    ] {
        assert_eq!(decided(&rules, path), Ok(then), "{path}");
    }
    assert_eq!(decided(&rules, "/Late/x"), Err(Ambiguous::Sales));
    let open = [rule("/health", Then::Open)];
    for path in ["/health;x", "/health.", "/HEALTH"] {
        assert_eq!(decided(&open, path), Ok(OURS), "{path}");
    }
}

#[test]
fn a_card_page_is_not_passed_on_but_by_a_rule_for_it() {
    let paths = [("/pay/", true), ("/card", false)].map(|(path, more)| (path.to_owned(), more));
    let rules = vec![
        rule("/pay/back", Then::Open),
        rule("/pay/office/*", Then::Refused),
        rule("/card", OURS),
        rule("/p*", Then::Open),
        rule("/*", Then::Refused),
    ];
    let mut gate = Gate { rules, ..Gate::default() };
    gate.cards.paths = paths.into();
    for (path, then) in [
        ("/pay/", Then::Card),
        ("/pay/by/card", Then::Card),
        ("/PAY/by", Then::Refused),
        ("/pay", Then::Open),
        ("/paying", Then::Open),
        ("/pay/back", Then::Open),
        ("/pay/back/", Then::Card),
        ("/pay/office/x", Then::Refused),
        ("/card", OURS),
        ("/cardiff", Then::Refused),
        ("/Card", Then::Refused),
    ] {
        assert_eq!(decided_by(&gate, path), Ok(then), "{path}");
    }
    gate.rules.clear();
    assert_eq!(decided_by(&gate, "/Card"), Ok(Then::Card));
    assert_eq!(decided_by(&gate, "/PAY/by"), Ok(Then::Card));
    assert_eq!(decided_by(&gate, "/card/"), Ok(OURS));
    assert_eq!(decided_by(&gate, "/pay/by;x=1"), Ok(Then::Card));
    assert_eq!(decided_by(&gate, "/pay;x/by"), Ok(Then::Card));
}

#[test]
fn a_rule_looks_at_method_host_header_and_address_together() {
    let rules = vec![Rule {
        methods: vec![Method::GET, Method::HEAD],
        host: Some("shop.test".to_owned()),
        header: Some((HeaderName::from_static("user-agent"), "Googlebot".to_owned())),
        from: vec!["10.0.0.0/8".parse().expect("a network")],
        ..rule("/*", Then::Open)
    }];
    let gate = Gate { rules, ..Gate::default() };
    let found = |method: Method, host, agent: &'static str, address: &str| {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("user-agent"),
            http::HeaderValue::from_static(agent),
        )]);
        let address = address.parse().expect("an address");
        let asked = Request { path: "/x", method: &method, host, headers: &headers, address };
        decide(&gate, OWN, asked) == Ok(&Then::Open)
    };
    let bot = "Mozilla/5.0 (compatible; Googlebot/2.1)";
    for host in ["shop.test", "SHOP.test:8443", "shop.test."] {
        assert!(found(Method::GET, host, bot, "10.1.2.3"), "{host}");
    }
    assert!(found(Method::HEAD, "shop.test", bot, "::ffff:10.1.2.3"));
    assert!(!found(Method::POST, "shop.test", bot, "10.1.2.3"));
    assert!(!found(Method::GET, "other.test", bot, "10.1.2.3"));
    assert!(!found(Method::GET, "", bot, "10.1.2.3"));
    assert!(!found(Method::GET, "shop.test", "Googleb", "10.1.2.3"));
    assert!(!found(Method::GET, "shop.test", bot, "11.1.2.3"));
}
