//! What keeps a browser signed in to the console, and what ends it: time, managers, other sites.

use http::Method;
use stanchion::token::role::Role;

use super::console::Browser;
use super::sample::gala;
use super::{Answer, House, SALE};

const CONTROLS: &str = "/console/sales/gala/controls";
const CAP: [(&str, &str); 4] =
    [("action", "set_cap"), ("cap", "7"), ("revision", "0"), ("step", "do")];
const MINUTE_MS: u32 = 60_000;

impl House {
    /// What was changed of the sale.
    async fn changes(&self) -> usize {
        let audit = self.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
        audit["entries"].as_array().map_or(0, Vec::len)
    }
}

impl Browser<'_> {
    async fn is_in(&self) -> bool {
        self.get("/console").await.status == 200
    }
}

/// A form as a browser sends it that says where it comes from.
async fn sent_from(browser: &Browser<'_>, headers: &[(&str, &str)], token: &str) -> Answer {
    let fields = [&[("form_token", token)], &CAP[..]].concat();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let ask = browser.house.console(Method::POST, CONTROLS).header("cookie", &browser.cookie);
    let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
    ask.text(body).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_hour_of_silence_and_the_end_of_a_shift_sign_out() {
    let house = House::new(gala());
    let ana = house.ana().await;
    house.hand.pass_ms(29 * MINUTE_MS);
    assert!(ana.is_in().await, "and that was a sign of life");
    house.hand.pass_ms(29 * MINUTE_MS);
    assert!(ana.is_in().await);
    house.hand.pass_ms(30 * MINUTE_MS);
    assert!(!ana.is_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_stays_for_longer_than_a_shift_whatever_they_do() {
    let house = House::new(gala());
    let ana = house.ana().await;
    for _ in 1..48 {
        house.hand.pass_ms(15 * MINUTE_MS);
        assert!(ana.is_in().await);
    }
    house.hand.pass_ms(15 * MINUTE_MS);
    assert!(!ana.is_in().await, "twelve hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_counts_with_its_own_token_and_from_our_own_pages_alone() {
    let house = House::new(gala());
    let ana = house.ana().await;
    let bo = ana.invite("Bo", Role::Manager).await;
    let (mine, theirs) = (ana.form_token().await, bo.form_token().await);
    assert_ne!(mine, theirs);
    let here = [("host", "ops.test"), ("origin", "https://ops.test")];
    let refused: [(&[(&str, &str)], &str); 7] = [
        (&here, &theirs),
        (&here, ""),
        (&here, "made-up"),
        (&[("host", "ops.test"), ("origin", "https://evil.test")], &mine),
        (&[("host", "ops.test"), ("origin", "null")], &mine),
        (&[("host", "ops.test"), ("origin", "https://ops.test.evil.test")], &mine),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://ops.test")], &mine),
    ];
    for (headers, token) in refused {
        let answer = sent_from(&ana, headers, token).await;
        assert_eq!(answer.status, 403, "{headers:?} {answer:?}");
        assert!(answer.text.contains("This form does not count"), "{headers:?}");
    }
    assert_eq!(house.changes().await, 0);
    assert_eq!(sent_from(&ana, &here, &mine).await.status, 303);
    assert_eq!(house.changes().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_role_or_an_account_is_out_at_once_on_pages_that_are_open() {
    let house = House::new(gala());
    let ana = house.ana().await;
    for (name, field) in [("Bo", ("action", "set_role")), ("Cy", ("action", "disable"))] {
        let who = ana.invite(name, Role::Operator).await;
        let token = who.form_token().await;
        let fields = [field, ("name", name), ("role", "viewer")];
        assert_eq!(ana.send("/console/accounts", &fields).await.status, 303);
        let late = sent_from(&who, &[("sec-fetch-site", "same-origin")], &token).await;
        assert_eq!(late.header("location"), Some("/console/sign-in"), "{name}: {late:?}");
        let stream = house.console(Method::GET, "/console/sales/gala/live");
        stream.header("cookie", &who.cookie).send().await.is(401, "token_missing");
    }
    assert_eq!(house.changes().await, 0, "what was open changed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_on_an_account_keeps_out_nobody_who_comes_from_elsewhere() {
    let house = House::new(gala());
    let ana = house.ana().await;
    let bo = ana.invite("Bo", Role::Viewer).await;
    house.hand.pass_ms(MINUTE_MS);
    let sign_in = |name: &str, password: &str, code: &str| {
        let fields = [("name", name), ("password", password), ("code", code)];
        house.console_form("/console/sign-in", &fields)
    };
    for _ in 0..9 {
        sign_in("Ana", "another evening", "123456").answered(2).await;
    }
    let (flood, _) = sign_in("Ana", "another evening", "123456").answered(2).await;
    assert_eq!(flood.status, 429);
    let (head, _) = sign_in("Ana", super::console::PASSWORD, &ana.code()).answered(1).await;
    assert_eq!(head.headers["location"], "/console", "her own desk");
    let (head, _) = sign_in("Bo", super::console::PASSWORD, &bo.code()).answered(2).await;
    assert_eq!(head.headers["location"], "/console", "another account at the desk of the flood");
}
