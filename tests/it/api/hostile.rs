//! What anybody wrote is text, wherever it is shown: names of files, words of staff, what buyers
//! and shops send. A page that runs it, or lets it out of its place, fails here.

use http::Method;
use serde_json::json;
use stanchion::token::role::Role;
use stanchion_domain::sale::definition::Definition;

use super::console::Browser;
use super::sample::gala;
use super::{Answer, House, SALE, seat, until};

/// Ends whatever it may stand in: an attribute, an element, a script, a style, a comment, a title.
const EVIL: &str = "\"'><xss a=\"</script></style></title></textarea>--><xss b='${1}{{1}}";

/// The sale with names that want out.
fn hostile() -> Definition {
    let mut sale = gala();
    sale.name = EVIL.to_owned();
    sale.shop_url = Some("javascript:alert(1)".to_owned());
    for zone in &mut sale.zones {
        zone.name = EVIL.to_owned();
        zone.prices.iter_mut().for_each(|price| price.name = EVIL.to_owned());
    }
    for performance in &mut sale.performances {
        performance.name = EVIL.to_owned();
        performance.pools.iter_mut().for_each(|pool| pool.name = EVIL.to_owned());
    }
    for plan in &mut sale.plans {
        plan.name = EVIL.to_owned();
        plan.sections.iter_mut().for_each(|section| section.name = EVIL.to_owned());
        plan.rows.iter_mut().for_each(|row| row.label = EVIL.to_owned());
        plan.seats.iter_mut().for_each(|seat| seat.label = EVIL.to_owned());
    }
    sale
}

/// Asserts that a page has nothing in it that it should not have.
#[track_caller]
fn is_clean(answer: &Answer, of: &str) {
    let page = &answer.text;
    for out in ["<xss", "\" a=\"", "javascript:"] {
        let at = page.find(out).map(|at| page.get(at.saturating_sub(80)..).unwrap_or_default());
        let near = at.map(|text| text.chars().take(200).collect::<String>());
        assert_eq!(near, None, "{of} lets {out} out");
    }
    let page = answer.header("content-type").is_none_or(|kind| kind.starts_with("text/html"));
    if page && answer.status == 200 {
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'") || of.contains("part="), "{of}: {policy}");
        assert!(!policy.contains("unsafe"), "{of}: {policy}");
    }
}

/// All pages of the sale that the console has, as its own tabs name them.
async fn tabs(ana: &Browser<'_>) -> Vec<String> {
    let page = ana.get("/console/sales/gala").await.text;
    let tabs =
        page.split("<nav class=\"tabs\"").nth(1).and_then(|rest| rest.split("</nav>").next());
    let links = tabs.expect("tabs").split("href=\"").skip(1);
    links.map(|link| link.split('"').next().expect("an end").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_anybody_wrote_gets_out_of_its_place_on_any_page() {
    let house = House::open(hostile()).await;
    let ana = house.ana().await;
    let texts = json!([{ "language": "en", "text": EVIL }, { "language": "de", "text": EVIL }]);
    house.change(json!({ "type": "post_notice", "texts": texts })).await.ok(200);
    let trigger = json!({ "id": EVIL, "when": { "available_at_most": 1 },
                          "deeds": [{ "post_notice": texts }] });
    let set = house.change(json!({ "type": "set_trigger", "trigger": trigger })).await;
    assert!(set.status == 200 || set.status == 422 || set.status == 400, "{set:?}");
    let revision = house.ops(Method::GET, SALE).send().await.ok(200)["revision"].clone();
    let body =
        json!({ "revision": revision, "reason": EVIL, "action": { "type": "set_cap", "cap": 7 } });
    let change = house.ops(Method::POST, &format!("{SALE}/changes")).key();
    change.json(&body).send().await.ok(200);
    let pass = house.enter().await;
    let basket = house.hold(&pass, json!([seat("A1"), super::standing(1)])).await.ok(201);
    let id = basket["id"].as_str().expect("an id");
    let path = format!("/baskets/{id}");
    house.post(&format!("{path}/checkout")).bearer(&pass).key().send().await.ok(200);
    let confirm = house.post(&format!("{path}/confirm")).bearer(&house.shop).key();
    confirm.json(&json!({ "payment": EVIL })).send().await.ok(200);
    // The book has it by now, as the writer of the book would put it.
    house.people.note_why(EVIL, EVIL, EVIL, EVIL);
    let typed: String = form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    let mut pages = tabs(&ana).await;
    pages.extend(["/console", "/console/book", "/console/accounts"].map(str::to_owned));
    let find = "/console/sales/gala/find?what=";
    pages
        .extend([id, &typed, &basket["pass"].to_string(), "1"].map(|what| format!("{find}{what}")));
    pages.push(format!("/console/sales/{typed}"));
    for page in &pages {
        is_clean(&ana.get(page).await, page);
    }
    let cookie = format!("__Host-place-gala={}", house.join().await);
    for (path, name, value) in [
        ("/gala", "cookie", cookie.as_str()),
        ("/gala", "accept-language", "de"),
        ("/gala", "accept-language", EVIL),
        ("/gala", "host", EVIL),
        ("/gala", "user-agent", EVIL),
        ("/gala", "cookie", EVIL),
        ("/gala?part=both", "cookie", &cookie),
        (&format!("/gala?said={typed}&was={typed}&part="), "cookie", &cookie),
        (&format!("/gala?said={typed}"), "cookie", &cookie),
        (&format!("/{typed}"), "accept", "text/html"),
    ] {
        is_clean(&house.ask(Method::GET, path).header(name, value).send().await, path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_wrong_values_is_answered_with_words_and_shows_none_of_them_raw() {
    let house = House::open(hostile()).await;
    let ana = house.ana().await;
    let forms: &[(&str, &[(&str, &str)])] = &[
        ("/console/sales/gala/controls", &[("action", EVIL)]),
        ("/console/sales/gala/controls", &[("action", "set_cap"), ("cap", EVIL)]),
        ("/console/sales/gala/controls", &[("action", "set_pace"), ("pace", EVIL)]),
        ("/console/sales/gala/controls", &[("action", "add_time"), ("minutes", EVIL)]),
        ("/console/sales/gala/controls", &[("action", "redirect"), ("url", "https://x\"><xss>")]),
        ("/console/sales/gala/controls", &[("action", "post_notice"), ("text_en", EVIL)]),
        ("/console/sales/gala/controls", &[("action", "open"), ("reason", EVIL)]),
        ("/console/sales/gala/find", &[("action", EVIL), ("number", EVIL)]),
        ("/console/sales/gala/find", &[("action", "end_pass"), ("number", EVIL)]),
        (
            "/console/sales/gala/find",
            &[("action", "end_pass"), ("number", "1"), ("reason", EVIL), ("typed", EVIL)],
        ),
        ("/console/accounts", &[("action", "invite"), ("name", EVIL), ("role", EVIL)]),
        ("/console/accounts", &[("action", "invite"), ("name", EVIL), ("role", "viewer")]),
        ("/console/accounts", &[("action", "set_role"), ("name", EVIL), ("role", "viewer")]),
    ];
    for (path, fields) in forms {
        let fields = [&[("revision", "1")], *fields].concat();
        let answer = ana.post(path, &fields).await;
        assert!(!answer.status.is_server_error(), "{path} {fields:?}: {answer:?}");
        is_clean(&answer, path);
    }
    let outside = [("name", EVIL), ("password", EVIL), ("again", EVIL), ("code", EVIL)];
    let key = ana.post("/console/accounts", &[("action", "invite"), ("name", "Bo")]).await;
    assert_eq!(key.status, 403, "a role is wanted: {key:?}");
    let typed: String = form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for path in ["/console/sign-in".to_owned(), format!("/console/welcome/{typed}")] {
        is_clean(&house.console_form(&path, &outside).send().await, &path);
    }
    let bo = ana.invite("Bo", Role::Viewer).await;
    assert!(bo.get("/console").await.text.contains("Bo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_address_that_is_none() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.test/",
        "/console",
        "https:///evil.test",
        "https://evil.test/\r\nSet-Cookie: a=b",
        "https://evil.test/\"><xss>",
        "https://evil.test/ x",
        "https://evil.test\\@venue.test/",
    ] {
        let refused = house.change(json!({ "type": "redirect", "url": url })).await;
        assert!(refused.status.is_client_error(), "{url}: {refused:?}");
        let revision = house.ops(Method::GET, SALE).send().await.ok(200)["revision"].to_string();
        let fields = [
            ("action", "redirect"),
            ("url", url),
            ("revision", revision.as_str()),
            ("typed", "everyone"),
            ("step", "do"),
        ];
        let refused = ana.post("/console/sales/gala/controls", &fields).await;
        // A form may trim what was typed around it.
        assert!(refused.text.contains("An address begins with"), "{url}: {refused:?}");
    }
    let page = until(async || Some(house.ask(Method::GET, "/gala").send().await)).await;
    assert!(!page.text.contains("evil.test"), "{}", page.text);
}
