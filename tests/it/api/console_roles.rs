//! What each role may do, everywhere: every route of the console and of the ops interface, and
//! every action behind them, for everybody there is.
//!
//! The tables here say what each is; who may do that is in `token::role`. A route or an action that
//! is not in a table fails.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use stanchion::api::route::{Route, Who};
use stanchion::api::router;
use stanchion::token::role::{Duty, Role};

use super::console::{Browser, between};
use super::sample::gala;
use super::{Answer, Ask, House, SALE, seat};

/// Who may come through a route.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    /// Everybody, signed in or not.
    Open,
    /// Whoever may do this.
    For(Duty),
    /// By what is asked: see the actions.
    ByAction,
}

use Door::{ByAction, For, Open};
use Duty::{AcceptLoss, Define, HandOver, KeepAccounts, Look, Serve, Steer};

/// The console.
const PAGES: &[(&str, &str, Door)] = &[
    ("GET", "/console", For(Look)),
    ("GET", "/console/sales/{sale}", For(Look)),
    ("GET", "/console/sales/{sale}/live", For(Look)),
    ("GET", "/console/sales/{sale}/controls", For(Steer)),
    ("POST", "/console/sales/{sale}/controls", For(Steer)),
    ("GET", "/console/sales/{sale}/performances", For(Look)),
    ("GET", "/console/sales/{sale}/performances/{performance}", For(Look)),
    ("POST", "/console/sales/{sale}/performances/{performance}", For(Steer)),
    ("GET", "/console/sales/{sale}/performances/{performance}/plan", For(Look)),
    ("GET", "/console/sales/{sale}/performances/{performance}/live", For(Look)),
    ("GET", "/console/sales/{sale}/performances/{performance}/owner", For(Look)),
    ("GET", "/console/sales/{sale}/find", For(Look)),
    ("POST", "/console/sales/{sale}/find", For(Serve)),
    ("GET", "/console/sales/{sale}/after", For(Look)),
    // But for the orders: see `tables_are_for_who_may_see_them_are_noted_and_hold_no_formula`.
    ("GET", "/console/sales/{sale}/after/{table}", For(Look)),
    ("GET", "/console/book", For(Look)),
    ("GET", "/console/accounts", For(KeepAccounts)),
    ("POST", "/console/accounts", For(KeepAccounts)),
    ("GET", "/console/sign-in", Open),
    ("POST", "/console/sign-in", Open),
    ("POST", "/console/sign-out", For(Look)),
    ("GET", "/console/welcome/{key}", Open),
    ("POST", "/console/welcome/{key}", Open),
    ("GET", "/console/files/{file}", Open),
];

/// The interface of operators.
const OPERATIONS: &[(&str, &str, Door)] = &[
    ("GET", "/v1/sales", For(Look)),
    ("GET", "/v1/sales/{sale}", For(Look)),
    ("POST", "/v1/sales/{sale}/changes", ByAction),
    ("POST", "/v1/sales/{sale}/definition", For(Define)),
    ("GET", "/v1/sales/{sale}/audit", For(Look)),
    ("GET", "/v1/sales/{sale}/places/{number}", For(Look)),
    ("POST", "/v1/sales/{sale}/places/{number}/moves", For(Serve)),
    ("GET", "/v1/sales/{sale}/passes", For(Look)),
    ("GET", "/v1/sales/{sale}/baskets", For(Look)),
    ("GET", "/v1/sales/{sale}/orders", For(Look)),
    ("GET", "/v1/sales/{sale}/baskets/{basket}", For(Look)),
    ("GET", "/v1/sales/{sale}/performances", For(Look)),
    ("POST", "/v1/handover", For(HandOver)),
    ("POST", "/v1/takeover", For(AcceptLoss)),
    ("GET", "/{sale}/preview", Open),
    ("GET", "/{sale}/look/{name}", Open),
    ("GET", "/livez", Open),
    ("GET", "/writerz", Open),
    ("GET", "/readyz", Open),
    ("GET", "/metrics", For(Look)),
    ("GET", "/openapi.json", Open),
];

/// The buttons of the console, by where their forms are sent.
const BUTTONS: &[(&str, Duty, &[&str])] = &[
    (
        "/console/sales/gala/controls",
        Steer,
        &[
            "open",
            "close",
            "pause_calling",
            "resume_calling",
            "call_for_what_is_left",
            "set_cap",
            "set_pace",
            "post_notice",
            "withdraw_notice",
            "redirect",
            "end_redirect",
            "freeze_time",
            "resume_time",
            "add_time",
            "set_trigger",
            "remove_trigger",
        ],
    ),
    (
        "/console/sales/gala/find",
        Serve,
        &["restore_place", "give_code", "end_pass", "extend_basket", "cancel_order"],
    ),
    (
        "/console/accounts",
        KeepAccounts,
        &["invite", "invite_again", "set_role", "disable", "enable"],
    ),
];

/// Every action of the ops interface.
fn actions() -> Vec<(Duty, Value)> {
    let units = json!({ "performance": "fri", "seats": ["A1"] });
    let none = "00000000000000000000000000000001";
    let notice = json!([{ "language": "en", "text": "Hello" }]);
    let later = "2040-01-01T12:00:00Z";
    let trigger = json!({ "id": "t", "when": { "available_at_most": 1 },
                          "deeds": ["stop_calling"] });
    vec![
        (Steer, json!({ "type": "open" })),
        (Steer, json!({ "type": "pause_calling" })),
        (Steer, json!({ "type": "resume_calling" })),
        (Steer, json!({ "type": "call_for_what_is_left", "on": true })),
        (Steer, json!({ "type": "set_cap", "cap": 7 })),
        (Steer, json!({ "type": "set_pace", "per_minute": 7 })),
        (Steer, json!({ "type": "post_notice", "texts": notice })),
        (Steer, json!({ "type": "post_notice_until", "texts": notice, "until": later })),
        (Steer, json!({ "type": "withdraw_notice" })),
        (Steer, json!({ "type": "redirect", "url": "https://venue.example/" })),
        (Steer, json!({ "type": "end_redirect" })),
        (Steer, json!({ "type": "freeze_time" })),
        (Steer, json!({ "type": "resume_time" })),
        (Steer, json!({ "type": "add_time", "add_ms": 1_000 })),
        (Steer, json!({ "type": "withhold", "what": units, "kind": "killed" })),
        (Steer, json!({ "type": "restore", "what": units })),
        (Steer, json!({ "type": "set_trigger", "trigger": trigger })),
        (Steer, json!({ "type": "remove_trigger", "id": "t" })),
        (Serve, json!({ "type": "end_pass", "pass": 9 })),
        (Serve, json!({ "type": "restore_place", "number": 9 })),
        (Serve, json!({ "type": "cancel_order", "basket": none })),
        (Serve, json!({ "type": "extend_basket", "basket": none, "add_ms": 1_000 })),
        (Steer, json!({ "type": "close" })),
    ]
}

/// Everything that is served is in a table, and nothing else is.
fn check_tables(routes: &[Route], table: &[(&str, &str, Door)]) {
    let served = routes.iter().map(|route| (route.method.to_string(), route.path.to_owned()));
    let told = table.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()));
    let (served, told): (BTreeSet<_>, BTreeSet<_>) = (served.collect(), told.collect());
    let new: Vec<_> = served.symmetric_difference(&told).collect();
    assert!(new.is_empty(), "say in the table who may do this: {new:?}");
}

fn address(path: &str) -> String {
    let path = path.replace("{sale}", "gala").replace("{number}", "1");
    let path = path.replace("{performance}", "fri").replace("{table}", "curves.csv");
    path.replace("{basket}", "none").replace("{key}", "none").replace("{name}", "none")
}

/// Whether an answer says that somebody may not, or has to prove who they are first.
fn turned_away(answer: &Answer) -> bool {
    let sent_off = answer.status == 303 && answer.header("location") == Some("/console/sign-in");
    answer.status == 401 || answer.status == 403 || sent_off
}

/// One browser of each role, and nobody's.
async fn browsers(house: &House) -> Vec<(Option<Role>, Browser<'_>)> {
    let ana = house.ana().await;
    let mut all = Vec::new();
    for role in [Role::Viewer, Role::BoxOffice, Role::Operator] {
        all.push((Some(role), ana.invite(role.name(), role).await));
    }
    all.push((None, ana.with_cookie("__Host-staff=made-up")));
    all.push((Some(Role::Manager), ana));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_and_every_form_is_for_its_roles() {
    check_tables(&router::console(), PAGES);
    let house = House::new(gala());
    let browsers = browsers(&house).await;
    for (method, path, door) in PAGES {
        let post = *method == "POST";
        for (role, browser) in &browsers {
            let ends = path.ends_with("/sign-out") && role.is_some();
            if ends || (post && *door == Open) {
                // Signing in and out have tests of their own.
                continue;
            }
            let path = address(path);
            // No action at all: who may do it is told what is missing.
            let answer = match post {
                true => browser.post(&path, &[]).await,
                false => house.stopped_early(browser, &path).await,
            };
            let may = match door {
                For(duty) => role.is_some_and(|role| role.may(*duty)),
                Open | ByAction => true,
            };
            assert_eq!(turned_away(&answer), !may, "{method} {path} as {role:?}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_button_is_for_its_roles() {
    let house = House::new(gala());
    let browsers = browsers(&house).await;
    for (path, duty, actions) in BUTTONS {
        for action in *actions {
            for (role, browser) in &browsers {
                // Not said to be done: whoever may is asked whether they mean it, or what is wrong.
                let answer = browser.post(path, &[("action", action), ("name", "nobody")]).await;
                let may = role.is_some_and(|role| role.may(*duty));
                let refused = turned_away(&answer) && !answer.text.contains("class=\"wrong\"");
                assert_eq!(refused, !may, "{action} of {path} as {role:?}: {answer:?}");
            }
        }
    }
    let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    assert_eq!(audit["entries"], json!([]), "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_button_that_a_page_has_is_in_the_table() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    ana.invite("Bo", Role::Viewer).await;
    let pass = house.enter().await;
    let basket = house.hold(&pass, json!([seat("A1")])).await.ok(201);
    let find = |what: &str| format!("/console/sales/gala/find?what={}", what.replace('"', ""));
    let pages = [
        "/console".to_owned(),
        "/console/sales/gala".to_owned(),
        "/console/sales/gala/controls".to_owned(),
        find(&basket["id"].to_string()),
        find(&basket["pass"].to_string()),
        "/console/book".to_owned(),
        "/console/accounts".to_owned(),
    ];
    for path in pages {
        let page = ana.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        for form in page.text.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if !form.contains("method=\"post\"") {
                continue;
            }
            let to = between(form, "action=\"", "\"").expect("a form says where it goes");
            let to = to.split('?').next().unwrap_or_default();
            if to == "/console/sign-out" {
                continue;
            }
            let known = BUTTONS.iter().find(|(known, ..)| *known == to);
            let (_, _, known) = known.unwrap_or_else(|| panic!("{path}: a form to {to}"));
            for action in form.split("name=\"action\" value=\"").skip(1) {
                let action = action.split('"').next().unwrap_or_default();
                assert!(known.contains(&action), "{path}: say who may do {action}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_for_its_roles() {
    check_tables(&router::ops(), OPERATIONS);
    for route in router::ops() {
        let (.., door) = OPERATIONS.iter().find(|(_, path, _)| *path == route.path).expect("there");
        assert_eq!(route.who == Who::Operator, *door != Open, "{} in the document", route.path);
    }
    let house = House::new(gala());
    house.join().await;
    for (method, path, door) in OPERATIONS {
        let method: Method = method.parse().expect("a method");
        for (role, key) in house.keys_of_all() {
            let ask = house.ask(method.clone(), &address(path));
            let mut ask = Ask { api: &house.ops, ..ask }.key();
            if let Some(key) = key {
                ask = ask.bearer(key);
            }
            if method == Method::POST {
                ask = ask.json(&body_for(path));
            }
            let answer = ask.send().await;
            let may = match door {
                For(duty) => role.is_some_and(|role| role.may(*duty)),
                ByAction => role.is_some_and(|role| role.may(Steer)),
                Open => true,
            };
            assert_eq!(turned_away(&answer), !may, "{method} {path} as {role:?}: {answer:?}");
            assert!(!answer.status.is_server_error() || *path == "/readyz", "{path}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_is_for_its_roles() {
    let house = House::new(gala());
    let document = Ask { api: &house.ops, ..house.ask(Method::GET, "/openapi.json") };
    let document = document.send().await.ok(200);
    let named = document["components"]["schemas"]["ActionBody"]["oneOf"].as_array().cloned();
    let named = named.expect("the document has all actions");
    let type_of = |schema: &Value| {
        let name = &schema["properties"]["type"]["enum"][0];
        name.as_str().expect("each has a type").to_owned()
    };
    let told = |(_, action): &(Duty, Value)| action["type"].as_str().expect("text").to_owned();
    let told: BTreeSet<_> = actions().iter().map(told).collect();
    let mut named: BTreeSet<_> = named.iter().map(type_of).collect();
    assert!(named.remove("redefine"), "it is asked for by an operation of its own");
    let untold: Vec<_> = named.symmetric_difference(&told).collect();
    assert!(untold.is_empty(), "say in the table who may do this: {untold:?}");
    for (duty, action) in actions() {
        for (role, key) in house.keys_of_all() {
            let Some(key) = key else { continue };
            let seen = house.ops(Method::GET, SALE).send().await.ok(200);
            let body = json!({ "revision": seen["revision"], "reason": "x", "action": action });
            let ask = house.ask(Method::POST, &format!("{SALE}/changes"));
            let ask = Ask { api: &house.ops, ..ask }.bearer(key).key().json(&body);
            let answer = ask.send().await;
            let may = role.is_some_and(|role| role.may(duty));
            assert_eq!(turned_away(&answer), !may, "{action} as {role:?}: {answer:?}");
            assert!(answer.status != 400, "an action that is understood: {answer:?}");
        }
    }
}

/// What makes sense, and does as little as can be.
fn body_for(path: &str) -> Value {
    match path {
        "/v1/sales/{sale}/changes" => {
            json!({ "revision": 9, "reason": "x", "action": { "type": "set_cap", "cap": 7 } })
        }
        "/v1/sales/{sale}/definition" => json!({ "revision": 9, "reason": "x", "file": "x" }),
        "/v1/takeover" => json!({ "reason": "x", "accept_loss": true }),
        _ => json!({ "reason": "x" }),
    }
}

impl House {
    /// The key of each role, a shop's, one that nobody has, and none.
    fn keys_of_all(&self) -> [(Option<Role>, Option<&str>); 7] {
        [
            (Some(Role::Viewer), Some(&self.viewer)),
            (Some(Role::BoxOffice), Some(&self.box_office)),
            (Some(Role::Operator), Some(&self.operator)),
            (Some(Role::Manager), Some(&self.staff)),
            (None, Some(&self.shop)),
            (None, Some("sk_none_none")),
            (None, None),
        ]
    }

    /// The answer to a browser; of a stream, its head.
    async fn stopped_early(&self, browser: &Browser<'_>, path: &str) -> Answer {
        let ask = self.console(Method::GET, path).header("cookie", &browser.cookie);
        let (head, body) = ask.answered(1).await;
        let text = body.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Answer { status: head.status, headers: head.headers, text: text.unwrap_or_default() }
    }
}
