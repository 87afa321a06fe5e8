//! The console, as browsers see it: doors, roles, forms, and what they change.

use std::collections::BTreeMap;

use http::Method;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use stanchion::api::router;
use stanchion::clock::Clock;
use stanchion::staff::code::CodeSecret;
use stanchion::token::role::Role;
use totp_rs::Builder;

use super::sample::gala;
use super::{Answer, Ask, House, SALE};

pub(super) const PASSWORD: &str = "a quiet evening";
pub(super) const CONTROLS: &str = "/console/sales/gala/controls";

/// A browser, with its cookie and the code of its owner's telephone.
pub(super) struct Browser<'h> {
    pub(super) house: &'h House,
    pub(super) cookie: String,
    secret: CodeSecret,
}

impl House {
    pub(super) fn console(&self, method: Method, path: &str) -> Ask<'_> {
        Ask { api: &self.console, ..self.ask(method, path) }
    }

    pub(super) fn console_form(&self, path: &str, fields: &[(&str, &str)]) -> Ask<'_> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let ask = self.console(Method::POST, path).header("sec-fetch-site", "same-origin");
        ask.header("content-type", "application/x-www-form-urlencoded").text(body)
    }

    /// The code that a telephone shows now.
    fn code(&self, secret: &CodeSecret) -> String {
        let bytes = data_encoding::BASE32_NOPAD.decode(secret.text().as_bytes()).expect("base 32");
        let codes = Builder::new().with_secret(bytes).build().expect("160 bits");
        let at = u64::try_from(Clock::by_hand(self.hand.clone()).wall().0).expect("after 1970");
        codes.generate(at / 1_000).to_string()
    }

    /// Accepts an invitation and is let in.
    async fn welcome(&self, key: &str, name: &str) -> Browser<'_> {
        let path = format!("/console/welcome/{key}");
        let secret = self.people.invited(key).expect("an open link").secret;
        let shown = self.console(Method::GET, &path).send().await;
        assert_eq!(shown.status, 200, "{shown:?}");
        let code = self.code(&secret);
        let fields =
            [("name", name), ("password", PASSWORD), ("again", PASSWORD), ("code", code.as_str())];
        let let_in = self.console_form(&path, &fields).send().await;
        assert_eq!(let_in.header("location"), Some("/console"), "{let_in:?}");
        let cookie = cookie_of(&let_in);
        Browser { house: self, cookie, secret }
    }

    /// Ana, who came first.
    pub(super) async fn ana(&self) -> Browser<'_> {
        let key = self.people.invite_first().expect("nobody is there yet");
        self.welcome(&key, "Ana").await
    }
}

impl<'h> Browser<'h> {
    pub(super) async fn get(&self, path: &str) -> Answer {
        read(self.house.console(Method::GET, path).header("cookie", &self.cookie).send().await)
    }

    /// The code that the telephone of this person shows now.
    pub(super) fn code(&self) -> String {
        self.house.code(&self.secret)
    }

    /// The same person with another cookie.
    pub(super) fn with_cookie(&self, cookie: &str) -> Self {
        let (house, secret) = (self.house, self.secret.clone());
        Self { house, cookie: cookie.to_owned(), secret }
    }

    /// Sends a form with the token of this browser, if it has one.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/console").await;
        let token = between(&page.text, "name=\"form_token\" value=\"", "\"").unwrap_or("none");
        let all = [&[("form_token", token)], fields].concat();
        read(self.house.console_form(path, &all).header("cookie", &self.cookie).send().await)
    }

    /// Sends a form as the page at this path would.
    pub(super) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        assert!(!self.form_token().await.is_empty());
        self.post(path, fields).await
    }

    pub(super) async fn form_token(&self) -> String {
        let page = self.get("/console").await;
        let token = between(&page.text, "name=\"form_token\" value=\"", "\"");
        token.expect("a page with a form").to_owned()
    }

    /// Invites somebody, who accepts.
    pub(super) async fn invite(&self, name: &str, role: Role) -> Browser<'h> {
        let fields = [("action", "invite"), ("name", name), ("role", role.name())];
        let invited = self.send("/console/accounts", &fields).await;
        let key = between(&invited.text, "/console/welcome/", "<").expect("a link").to_owned();
        self.house.welcome(&key, name).await
    }
}

/// The one cookie of an answer, as a browser sends it back; it is for this host and no script.
fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers[SET_COOKIE].to_str().expect("text");
    for wanted in ["__Host-staff=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(set.contains(wanted), "{wanted} is not in it");
    }
    set.split(';').next().expect("a pair").to_owned()
}

/// An answer as a browser reads it, where templates escape more than they must.
fn read(answer: Answer) -> Answer {
    Answer { text: answer.text.replace("&#x2f;", "/"), ..answer }
}

pub(super) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_a_page_or_sends_a_form_before_they_signed_in() {
    let house = House::new(gala());
    house.ana().await;
    for route in router::console() {
        let path = route.path.replace("{sale}", "gala").replace("{key}", "none");
        let open = ["/console/sign-in", "/console/welcome/none", "/console/files/{file}"];
        if open.contains(&path.as_str()) {
            continue;
        }
        let answer = house.console(route.method.clone(), &path).send().await;
        let by_script = ["/live", "/plan", "/owner"];
        if by_script.iter().any(|end| path.ends_with(end)) {
            answer.is(401, "token_missing");
        } else {
            assert_eq!(answer.header("location"), Some("/console/sign-in"), "{path}: {answer:?}");
        }
    }
    let made_up = house.console(Method::GET, "/console").header("cookie", "__Host-staff=made-up");
    assert_eq!(made_up.send().await.headers[LOCATION], "/console/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_a_code_let_in_and_signing_out_ends_it() {
    let house = House::new(gala());
    let ana = house.ana().await;
    house.hand.pass_ms(30_000);
    let code = house.code(&ana.secret);
    let sign_in = async |password: &str, code: &str| {
        let fields = [("name", "ana"), ("password", password), ("code", code)];
        house.console_form("/console/sign-in", &fields).send().await
    };
    let wrong = sign_in("another evening", &code).await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text.contains("the password or the code is wrong"), "{wrong:?}");
    let let_in = sign_in(PASSWORD, &code).await;
    let browser = Browser { cookie: cookie_of(&let_in), ..ana };
    assert!(browser.get("/console").await.text.contains("Ana"));
    assert_eq!(sign_in(PASSWORD, &code).await.status, 403, "a code works once");
    let out = browser.send("/console/sign-out", &[]).await;
    assert_eq!(out.headers[LOCATION], "/console/sign-in");
    assert!(out.headers[SET_COOKIE].to_str().expect("text").contains("Max-Age=0"));
    assert_eq!(browser.get("/console").await.headers[LOCATION], "/console/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_waits_and_is_told_how_long() {
    let house = House::new(gala());
    house.ana().await;
    let fields = [("name", "Ana"), ("password", "another evening"), ("code", "123456")];
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(house.console_form("/console/sign-in", &fields).send().await);
    }
    let statuses: Vec<_> = told.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [403, 403, 403, 429, 429]);
    assert_eq!(told[4].header("retry-after"), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_page_changes_nothing() {
    let house = House::new(gala());
    let ana = house.ana().await;
    let token = ana.form_token().await;
    let fields = [("action", "invite"), ("name", "Eve"), ("role", "manager")];
    let ours = ("form_token", token.as_str());
    let cases: [(&str, Vec<(&str, &str)>); 4] = [
        ("same-origin", vec![]),
        ("same-origin", vec![("form_token", "made-up")]),
        ("cross-site", vec![ours]),
        ("same-site", vec![ours]),
    ];
    for (site, mut all) in cases {
        all.extend_from_slice(&fields);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&all).finish();
        let ask = house.console(Method::POST, "/console/accounts").header("cookie", &ana.cookie);
        let answer = ask.header("sec-fetch-site", site).text(body).send().await;
        assert_eq!(answer.status, 403, "{site} {all:?}");
    }
    assert_eq!(house.people.accounts().len(), 1);
    let foreign = house.console(Method::POST, "/console/sign-in");
    foreign.header("sec-fetch-site", "cross-site").send().await.is(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_sees_and_does_what_it_may_and_no_more() {
    let house = House::new(gala());
    let ana = house.ana().await;
    let mut browsers = BTreeMap::new();
    for role in [Role::Viewer, Role::BoxOffice, Role::Operator] {
        browsers.insert(role.name(), ana.invite(role.name(), role).await);
    }
    let cap = [("action", "set_cap"), ("cap", "7"), ("revision", "0"), ("step", "do")];
    for (role, page, form, accounts) in
        [("viewer", 403, 403, 403), ("box_office", 403, 403, 403), ("operator", 200, 303, 403)]
    {
        let browser = &browsers[role];
        for path in ["/console", "/console/sales/gala", "/console/book"] {
            assert_eq!(browser.get(path).await.status, 200, "{role} {path}");
        }
        assert_eq!(browser.get(CONTROLS).await.status.as_u16(), page, "{role}");
        assert_eq!(browser.send(CONTROLS, &cap).await.status.as_u16(), form, "{role}");
        assert_eq!(browser.get("/console/accounts").await.status.as_u16(), accounts, "{role}");
    }
    let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    assert_eq!(audit["entries"].as_array().map(Vec::len), Some(1));
    assert_eq!(audit["entries"][0]["actor"], "operator");
    let fields = [("action", "set_role"), ("name", "viewer"), ("role", "operator")];
    assert_eq!(ana.send("/console/accounts", &fields).await.status, 303);
    assert_eq!(browsers["viewer"].get("/console").await.headers[LOCATION], "/console/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_viewer_looks_and_does_nothing_else() {
    let house = House::new(gala());
    let ask = |key: &str, method, path: &str| {
        let ask = Ask { api: &house.ops, ..house.ask(method, path) };
        ask.bearer(key)
    };
    ask(&house.viewer, Method::GET, SALE).send().await.ok(200);
    ask(&house.viewer, Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    let change = async |key: &str, action: Value| {
        let body = json!({ "revision": 0, "reason": "", "action": action });
        ask(key, Method::POST, &format!("{SALE}/changes")).key().json(&body).send().await
    };
    let cap = json!({ "type": "set_cap", "cap": 7 });
    let told = change(&house.viewer, cap.clone()).await.is(403, "forbidden");
    assert_eq!(told["detail"], "viewer may not do this; ask: operator, manager");
    change(&house.box_office, cap).await.is(403, "forbidden");
    let end = json!({ "type": "end_pass", "pass": 9 });
    change(&house.viewer, end.clone()).await.is(403, "forbidden");
    change(&house.box_office, end).await.is(404, "not_found");
    let body = json!({ "reason": "x" });
    let hand_over = ask(&house.box_office, Method::POST, "/v1/handover").json(&body);
    hand_over.send().await.is(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_said_before_it_is_done_and_named_after() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let asked = [("action", "set_cap"), ("cap", "7"), ("reason", "slow shop"), ("revision", "1")];
    let sure = ana.send(CONTROLS, &asked).await;
    assert_eq!(sure.status, 202);
    assert!(sure.text.contains("to 7. 0 are called or in the shop"), "{}", sure.text);
    let mut done = asked.to_vec();
    done.push(("step", "do"));
    assert_eq!(ana.send(CONTROLS, &done).await.status, 303);
    let desk = house.ops(Method::GET, SALE).send().await.ok(200);
    assert_eq!((&desk["cap"], &desk["revision"]), (&json!(7), &json!(2)));
    let page = ana.get(CONTROLS).await.text;
    assert!(page.contains(" UTC</time> Ana set the cap to 7"), "{page}");
    assert!(page.contains("As of <time class=\"moment\"") && page.contains("slow shop"), "{page}");
    assert!(page.contains("name=\"cap\" inputmode=\"numeric\" value=\"7\""), "{page}");
    // Somebody else looked at the revision before.
    let bo = ana.invite("Bo", Role::Operator).await;
    let late = [("action", "set_cap"), ("cap", "9"), ("revision", "1"), ("step", "do")];
    let told = bo.send(CONTROLS, &late).await;
    assert!(told.text.contains("Meanwhile: Ana set the cap to 7."), "{}", told.text);
    assert!(told.text.contains("name=\"revision\" value=\"2\""));
    let again = [("action", "set_cap"), ("cap", "9"), ("revision", "2"), ("step", "do")];
    assert_eq!(bo.send(CONTROLS, &again).await.status, 303);
    let page = bo.get(CONTROLS).await.text;
    let undo = between(&page, "takes revision 3 back", "</form>");
    assert!(
        undo.is_some() && page.contains("{&quot;type&quot;:&quot;set_cap&quot;,&quot;cap&quot;:7}"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_everybody_feels_is_confirmed_in_words() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let url = "https://venue.example/later";
    let asked = [("action", "redirect"), ("url", url), ("revision", "1"), ("step", "do")];
    let told = ana.send(CONTROLS, &asked).await;
    assert!(told.text.contains("Nothing was done"), "{}", told.text);
    let mut typed = asked.to_vec();
    typed.push(("typed", "Everyone"));
    assert_eq!(ana.send(CONTROLS, &typed).await.status, 303);
    let bad = [("action", "redirect"), ("url", "javascript:alert(1)"), ("revision", "2")];
    let bad = [&bad[..], &[("step", "do"), ("typed", "everyone")]].concat();
    let told = ana.send(CONTROLS, &bad).await;
    assert!(told.text.contains("An address begins with https:// or http://"), "{}", told.text);
    let desk = house.ops(Method::GET, SALE).send().await.ok(200);
    assert_eq!(desk["redirect"], url);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_runs_what_somebody_typed_and_none_loads_from_elsewhere() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let evil = "</script><img src=x onerror=alert(1)>\"'";
    house
        .change(json!({ "type": "post_notice", "texts": [{ "language": "en", "text": evil }] }))
        .await
        .ok(200);
    let body = json!({ "revision": 2, "reason": evil, "action": { "type": "set_cap", "cap": 7 } });
    let changes = format!("{SALE}/changes");
    house.ops(Method::POST, &changes).key().json(&body).send().await.ok(200);
    for path in ["/console", "/console/sales/gala", CONTROLS, "/console/accounts", "/console/book"]
    {
        let page = ana.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text.contains("<img"), "{path}");
        assert!(!page.text.contains("style=") && !page.text.contains("<style"), "{path}");
        let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"));
        assert!(!policy.contains("unsafe") && page.headers["cache-control"] == "no-store");
        for url in page.text.split(['"', '\'']).filter(|text| text.contains("://")) {
            assert!(url == "https://", "{path} names {url}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_found_under_the_names_that_pages_say_and_kept_for_good() {
    let house = House::new(gala());
    let ana = house.ana().await;
    let page = ana.get("/console/sales/gala").await.text;
    let names: Vec<_> =
        page.split('"').filter(|text| text.starts_with("/console/files/")).collect();
    assert_eq!(names.len(), 4);
    for name in names {
        let file = house.console(Method::GET, name).send().await;
        assert_eq!(file.status, 200, "{name}");
        assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
        let media = if name.ends_with("css") { "text/css" } else { "text/javascript" };
        assert_eq!(file.headers["content-type"], media);
    }
    house.console(Method::GET, "/console/files/other.js").send().await.is(404, "no_route");
}
