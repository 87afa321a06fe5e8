//! The waiting page without a script, as a browser walks through it.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stanchion::files::theme::{self, Theme};
use stanchion::page::look::Look;
use stanchion_domain::command::{Command, Ops, OpsAction};
use stanchion_domain::limits;
use stanchion_domain::sale::definition::{Definition, Performance};
use stanchion_domain::time::{Span, WallTime};
use tempfile::TempDir;

use super::mirror::{HOUR, left, mirrored};
use super::sample::gala;
use super::{Answer, House, standing, until};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl House {
    async fn page(&self, cookie: &str) -> Answer {
        self.ask(Method::GET, "/gala").header("cookie", cookie).send().await
    }

    async fn form(&self, path: &str, cookie: &str) -> Answer {
        let form = self.ask(Method::POST, path).header("cookie", cookie);
        form.header("sec-fetch-site", "same-origin").send().await
    }
}

/// A link as the page writes it.
fn link(address: &str) -> String {
    format!("href=\"{}\"", address.replace('/', "&#x2f;"))
}

/// The cookie an answer sets, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    set.split(';').next().expect("a pair").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_let_back_in_before_the_opening_is_told_of_no_turn() {
    let house = House::new(gala());
    let token = house.join().await;
    house.delete("/places/me").bearer(&token).send().await.ok(204);
    house.change(json!({ "type": "restore_place", "number": 1 })).await.ok(200);
    assert_eq!(house.place(&token).await["state"], "returning");
    let page = house.page(&format!("__Host-place-gala={token}")).await.text;
    assert!(page.contains("has not opened yet") && !page.contains("while you were away"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_script_looks_again_with_what_it_showed_and_without_what_was_said_once() {
    let house = House::new(gala());
    let place = cookie(&house.form("/gala", "").await);
    let page = house.ask(Method::GET, "/gala?said=code_invalid").header("cookie", &place);
    let page = page.send().await.text;
    assert!(page.contains("This code is not good"), "{page}");
    assert!(page.contains("; url=&#x2f;gala?was=early\"></noscript>"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lets_a_call_pass_without_a_script_reads_that_they_missed_it() {
    let mut sale = gala();
    sale.policy.claim_span = Span::from_seconds(2);
    let house = House::new(sale);
    let place = cookie(&house.form("/gala", "").await);
    house.change(json!({ "type": "open" })).await.ok(200);
    let calls = until(async || {
        let page = house.page(&place).await.text;
        page.contains("Go in now").then_some(page)
    });
    let called = calls.await;
    assert!(called.contains("; url=&#x2f;gala?was=called\"></noscript>"), "{called}");
    house.change(json!({ "type": "pause_calling" })).await.ok(200);
    until(async || {
        let again = house.ask(Method::GET, "/gala?was=called").header("cookie", &place);
        again.send().await.text.contains("you are next again").then_some(())
    })
    .await;
    let anew = house.page(&place).await.text;
    assert!(!anew.contains("you are next again"), "nobody told it of a call: {anew}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_joins_waits_claims_and_leaves_without_a_script() {
    let house = House::new(gala());
    let first = format!("__Host-place-gala={}", house.join().await);
    let front = house.page(&first).await.text;
    assert!(front.contains("<dt>Your queue number</dt><dd id=\"number\">1</dd>"), "{front}");
    assert!(front.contains(">nobody, you are next</dd>"), "{front}");
    let welcome = house.page("").await;
    assert!(welcome.text.contains("Join the queue"));
    let joined = house.form("/gala", "").await;
    assert_eq!((joined.status.as_u16(), joined.header("location")), (303, Some("/gala")));
    let place = cookie(&joined);
    let again = house.form("/gala", &place).await;
    assert!(again.header("set-cookie").is_none(), "who has a place keeps it");
    let waiting = house.page(&place).await;
    assert!(waiting.text.contains("has not opened yet"), "{}", waiting.text);
    assert!(waiting.text.contains("<dd id=\"number\">2</dd>"), "{}", waiting.text);
    assert!(waiting.text.contains("<dd id=\"position\">1</dd>"), "{}", waiting.text);
    assert!(waiting.text.contains("Reloading this page is harmless"));
    assert!(!waiting.text.contains("999"), "{}", waiting.text);
    house.change(json!({ "type": "open" })).await.ok(200);
    let called = until(async || {
        let page = house.page(&place).await;
        page.text.contains("Go in now").then_some(page)
    })
    .await;
    assert!(called.text.contains("id=\"claim\""));
    let claimed = house.form("/gala/claim", &place).await;
    assert!(cookie(&claimed).starts_with("__Host-pass-gala="));
    let inside = house.page(&place).await;
    assert!(inside.text.contains(&link("https://shop.test/gala")), "{}", inside.text);
    let left = house.form("/gala/leave", &place).await;
    assert_eq!(left.status, 303);
    let ended = house.page(&place).await;
    assert!(ended.text.contains("You are no longer in the queue"), "{}", ended.text);
    let number = "<dd id=\"number\">2</dd>";
    assert!(ended.text.contains(number), "to ask for it back: {}", ended.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_the_shop_sees_when_their_visit_ends_and_stays_by_a_button_alone() {
    let house = House::new(gala());
    let token = house.join().await;
    house.change(json!({ "type": "open" })).await.ok(200);
    let place = format!("__Host-place-gala={token}");
    until(async || (house.place(&token).await["state"] == "called").then_some(())).await;
    let pass = cookie(&house.form("/gala/claim", &place).await);
    let inside = house.page(&place).await.text;
    assert!(inside.contains("id=\"idle\"") && inside.contains("I am still here"), "{inside}");
    let ends_at = async || {
        let told = house.place(&token).await;
        assert!((1..=300_000).contains(&told["idle_in_ms"].as_u64().expect("a span")), "{told}");
        told["idle_until_at"].as_str().expect("a moment").parse::<Timestamp>().expect("a moment")
    };
    let (_, pass) = pass.split_once('=').expect("a pair");
    let (first, from) = (ends_at().await, Timestamp::now());
    // Signs of life are kept to the second.
    until(async || {
        house.get("/passes/me?silent").bearer(pass).send().await.ok(200);
        assert!(ends_at().await < first + SECOND, "who only looks says nothing");
        (Timestamp::now() > from + SECOND * 3).then_some(())
    })
    .await;
    let stayed = house.form("/gala/stay", &place).await;
    assert_eq!((stayed.status.as_u16(), stayed.header("location")), (303, Some("/gala")));
    assert!(ends_at().await > first + SECOND);
    let asked = house.get("/passes/me?silent").bearer(pass).send().await.ok(200);
    assert!((1..=300_000).contains(&asked["idle_in_ms"].as_u64().expect("a span")), "{asked}");
    assert_eq!((&asked["basket"], &asked["time_running"]), (&json!(null), &json!(true)));
    let out = house.form("/gala/stay", "").await;
    assert_eq!(out.status.as_u16(), 303, "who has no place only sees the page");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_wrote_is_text_and_nothing_is_loaded_from_elsewhere() {
    let house = House::new(gala());
    let texts = json!([
        { "language": "en", "text": "<script>alert(1)</script>" },
        { "language": "de", "text": "Guten Abend" },
    ]);
    house.change(json!({ "type": "post_notice", "texts": texts })).await.ok(200);
    let page = house.page("").await;
    assert!(page.text.contains("&lt;script&gt;alert(1)"), "{}", page.text);
    assert!(page.text.contains("The &lt;b&gt;Gala&lt;"), "{}", page.text);
    let policy = page.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'nonce-"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let nonce = nonce.expect("a nonce");
    assert_eq!(page.text.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    assert!(!page.text.contains(" src=") && !page.text.contains("@import"));
    assert_ne!(house.page("").await.header("content-security-policy"), Some(policy.as_str()));
    let german = house.ask(Method::GET, "/gala").header("accept-language", "de-AT, en;q=0.5");
    let german = german.send().await.text;
    assert!(german.contains("Guten Abend") && german.contains("Anstellen"), "{german}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_the_sale_has_its_words() {
    let house = House::open(gala()).await;
    let has = async |words: &str| house.page("").await.text.contains(words);
    assert!(has("Matinee").await && has("28 available").await && has("€20 to €50").await);
    house.change(json!({ "type": "pause_calling" })).await.ok(200);
    assert!(has("Nobody is being called").await);
    house.change(json!({ "type": "redirect", "url": "https://else.test/x" })).await.ok(200);
    assert!(has(&link("https://else.test/x")).await);
    house.change(json!({ "type": "close" })).await.ok(200);
    assert!(has("The sale is closed").await);
    assert!(!has("Join the queue").await);
    let refused = house.form("/gala", "").await;
    assert_eq!(refused.header("location"), Some("/gala?said=not_open"));
    let told = house.ask(Method::GET, "/gala?said=not_open").send().await;
    assert!(told.text.contains("That did not work"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_moves_to_another_browser_without_a_script() {
    let house = House::new(gala());
    let old = cookie(&house.form("/gala", "").await);
    let shown = house.form("/gala/move", &old).await;
    assert_eq!(shown.status, 200);
    let code = shown.text.split("class=\"code\">").nth(1).and_then(|rest| rest.get(..9));
    let code = code.expect("a code of eight letters and a dash");
    let welcome = house.page("").await.text;
    let key = welcome.split("name=\"key\" value=\"").nth(1).and_then(|rest| rest.get(..32));
    let sent = format!("code={}&key={}", code.to_lowercase(), key.expect("a key"));
    let send = async |sent: &str| {
        let form = house.ask(Method::POST, "/gala/arrive").header("sec-fetch-site", "same-origin");
        form.text(sent).send().await
    };
    let arrived = send(&sent).await;
    assert_eq!((arrived.status.as_u16(), arrived.header("location")), (303, Some("/gala")));
    let new = cookie(&arrived);
    assert_eq!(cookie(&send(&sent).await), new, "sent twice is sent once");
    let there = house.page(&new).await.text;
    assert!(there.contains("<dd id=\"number\">1</dd>"), "{there}");
    let here = house.page(&old).await.text;
    assert!(here.contains("Your place is on your other device"), "{here}");
    assert!(!here.contains("id=\"number\""), "{here}");
    let other = format!("code={code}&key={:032x}", 7);
    assert_eq!(send(&other).await.header("location"), Some("/gala?said=code_invalid"));
    let told = house.ask(Method::GET, "/gala?said=code_invalid").send().await;
    assert!(told.text.contains("This code is not good"), "{}", told.text);
    assert_eq!(house.form("/gala/move", "").await.status, 303, "no place, no code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_an_operator_changes_is_on_the_page_at_once() {
    let house = House::open(gala()).await;
    let left = async || both(&house, "").await;
    let before = left().await;
    assert!(before.text.contains("€20 to €50"), "{}", before.text);
    let mut definition = gala();
    for price in definition.zones.iter_mut().flat_map(|zone| &mut zone.prices) {
        price.amount_minor += 100;
    }
    let action = OpsAction::Redefine(Arc::new(definition));
    let (actor, reason) = ("Ada".to_owned(), "dearer".to_owned());
    let change = Command::Ops(Ops { revision: 1, actor, reason, action });
    house.engine.ask(change, None).await.expect("it may");
    let after = left().await;
    assert!(after.text.contains("€21 to €51"), "{}", after.text);
    assert_ne!(after.header("etag"), before.header("etag"), "nobody keeps the old ones");
    assert!(house.page("").await.text.contains("€21 to €51"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused() {
    let house = House::new(gala());
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.test", 403),
        ("origin", "null", 403),
        ("origin", "https://arena.test", 303),
    ] {
        let form = house.ask(Method::POST, "/gala").header("host", "arena.test");
        let answer = form.header(name, value).send().await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
    }
}

/// Both parts of the page as its script asks for them.
async fn both(house: &House, cookie: &str) -> Answer {
    house.ask(Method::GET, "/gala?part=both").header("cookie", cookie).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_gets_both_parts_of_the_page_by_themselves() {
    let house = House::new(gala());
    let place = format!("__Host-place-gala={}", house.join().await);
    let whole = house.page(&place).await;
    let parts = both(&house, &place).await;
    assert!(parts.text.starts_with("<div id=\"now\" data-scene=\"early\""), "{}", parts.text);
    assert!(parts.text.contains("<section id=\"left\"") && parts.text.contains("Matinee"));
    assert_eq!(parts.header("cache-control"), Some("no-store"));
    assert!(whole.text.contains("<script nonce=") && !parts.text.contains("<script"));
    let (_, left) = parts.text.split_once("<section").expect("two parts");
    assert!(whole.text.contains(left), "the page shows the same");
    for part in ["main", "left", "footer", ""] {
        let path = format!("/gala?part={part}");
        assert_eq!(house.ask(Method::GET, &path).send().await.status, 404, "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_told_nothing_while_neither_what_is_left_nor_what_operators_set_is_new() {
    let house = House::open(gala()).await;
    let version = both(&house, "").await.header("etag").expect("a version").to_owned();
    let again = async || {
        let ask = house.ask(Method::GET, "/gala?part=both").header("if-none-match", &version);
        ask.send().await
    };
    let same = again().await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    house.change(json!({ "type": "pause_calling" })).await.ok(200);
    let paused = again().await;
    assert!(paused.text.contains("Nobody is being called"), "{paused:?}");
    house.change(json!({ "type": "resume_calling" })).await.ok(200);
    let pass = house.enter().await;
    house.hold(&pass, json!([standing(1)])).await.ok(201);
    until(async || again().await.text.contains("27 available").then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_parts_are_of_one_board_however_often_it_changes() {
    let house = House::open(mirrored(HOUR)).await;
    let figure = |text: &str, [before, after]: [&str; 2]| {
        let rest = text.split(before).nth(1)?;
        rest.split(after).next()?.parse::<u64>().ok()
    };
    for few in 2..=12_u32 {
        let zones = [("fri", "a", [few, 0, 500 - few, 0]), ("fri", "standing", [0, 0, 100, 0])];
        let zones = zones.into_iter().chain([("matinee", "standing", [0, 0, 50, 0])]);
        let zones = zones.map(|(at, zone, counts)| left(at, zone, few.into(), counts));
        house.report(zones.collect()).await.ok(200);
        // The board follows when it will: whatever is seen until then belongs together.
        until(async || {
            let text = both(&house, "").await.text;
            let words = figure(&text, ["Only ", " tickets are left"]);
            let table = figure(&text, ["<span class=\"available-low\">", " left"]);
            assert_eq!(words, table, "{text}");
            (words == Some(few.into())).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_page_is_below_forty_kilobytes_however_much_there_is_to_list() {
    let mut sale = gala();
    let one = sale.performances.pop().expect("a performance");
    let name = "&".repeat(limits::NAME_BYTES_MAX);
    sale.performances = (0..300_u32)
        .map(|at| Performance { id: format!("p{at}"), name: name.clone(), ..one.clone() })
        .collect();
    let house = House::new(sale);
    let text = "\"".repeat(200);
    let texts = json!([{ "language": "en", "text": text }]);
    house.change(json!({ "type": "post_notice", "texts": texts })).await.ok(200);
    let place = format!("__Host-place-gala={}", house.join().await);
    for language in ["en", "de", "fr", "es"] {
        let page = house.ask(Method::GET, "/gala").header("accept-language", language);
        let page = page.header("cookie", &place).send().await.text;
        assert!(page.len() < 40_000, "{language}: {} bytes", page.len());
        assert!(page.contains("29"), "the rest is counted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_gzip_gets_the_page_in_it() {
    let house = House::new(gala());
    let page = || house.ask(Method::GET, "/gala");
    let plain = page().send().await;
    assert_eq!(plain.header("content-encoding"), None);
    let packed = page().header("accept-encoding", "gzip, br").send().await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    for answer in [&plain, &packed] {
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("accept-encoding")));
    }
    // No text, so a character of it is a byte or more.
    let (plain, packed) = (plain.text.len(), packed.text.chars().count());
    assert!(packed < plain / 2, "{packed} of {plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_every_state_in_every_language_and_the_public_does_not() {
    let house = House::new(gala());
    let list = house.ops(Method::GET, "/gala/preview").send().await.text;
    let links: Vec<_> = list.split("href=\"").skip(1).map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 150, "{}", links.len());
    for link in links.into_iter().flatten() {
        let page = house.ops(Method::GET, &link.replace("&amp;", "&")).send().await;
        assert_eq!(page.status, 200, "{link}");
        let (text, scheme) = (&page.text, link.rsplit('=').next().expect("a scheme"));
        assert!(text.contains(&format!("data-scheme=\"{scheme}\"")), "{link}: {text}");
        assert!(!text.contains("<script") && !text.contains("undefined"), "{link}: {text}");
    }
    let public = house.ask(Method::GET, "/gala/preview").send().await;
    assert_eq!(public.status, 404);
}

/// A house whose pages look as a theme says, which stands in a folder with its files.
fn dressed(theme: &str, files: &[(&str, &[u8])]) -> House {
    let folder = TempDir::new().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let path = folder.path().join("theme.toml");
    std::fs::write(&path, theme).expect("a file");
    let theme = theme::load(&path).expect("a good theme");
    House::with(gala(), 1_000_000, Look::new(theme, "gala").expect("good words"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_shows_its_logo_its_colours_its_font_and_its_words() {
    let logo: &[u8] = b"<svg onload=\"alert(1)\"></svg>";
    let theme = "logo = \"logo.svg\"\nwords = \".\"\n[light]\ndeed = \"#7a0019\"\n\
                 [[fonts]]\nfile = \"a.woff2\"\n[texts.en]\njoin = \"<script>alert(1)</script>\"\n";
    let hebrew = "join = להצטרף לתור\n".as_bytes();
    let files = [("logo.svg", logo), ("a.woff2", b"wOF2"), ("he.ftl", hebrew)];
    let house = dressed(theme, &files);
    let page = house.page("").await;
    assert!(page.text.contains("--deed: #7a0019"), "{}", page.text);
    assert!(page.text.contains("&lt;script&gt;alert(1)&lt;"), "{}", page.text);
    assert_eq!(page.text.matches("<script").count(), 1, "ours");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("img-src 'self'; font-src 'self'"), "{policy}");
    let text = page.text.replace("&#x2f;", "/");
    let names = text.split("/gala/look/").skip(1);
    let names: BTreeSet<_> = names.filter_map(|rest| rest.split(['"', ')']).next()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    for name in names {
        let file = house.ask(Method::GET, &format!("/gala/look/{name}")).send().await;
        assert_eq!(file.status, 200);
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert!(file.header("content-security-policy").expect("a policy").ends_with("sandbox"));
    }
    assert_eq!(house.ask(Method::GET, "/gala/look/other.svg").send().await.status, 404);
    let hebrew = house.ask(Method::GET, "/gala").header("accept-language", "he-IL");
    let hebrew = hebrew.send().await.text;
    assert!(hebrew.contains("<html lang=\"he\" dir=\"rtl\">"), "{hebrew}");
    assert!(hebrew.contains("להצטרף לתור") && hebrew.contains("What is left"), "{hebrew}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_script_reads_the_time_of_the_venue() {
    let time_zone = TimeZone::get("Asia/Kolkata").expect("a zone");
    let theme = Theme { time_zone, ..Theme::default() };
    let opens_at = Some(WallTime(1_800_044_040_000));
    let sale = Definition { opens_at, ..gala() };
    let house = House::with(sale, 1_000_000, Look::new(theme, "gala").expect("good words"));
    let page = house.page("").await.text;
    let wanted = "<time datetime=\"2027-01-15T20:14:00Z\" data-form=\"day\">2027-01-16 01:44 IST<";
    assert!(page.contains(wanted), "{page}");
}

#[test]
fn a_message_that_there_is_not_is_named_with_its_file() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("theme.toml");
    std::fs::write(folder.path().join("it.ftl"), "jion = x\n").expect("a file");
    std::fs::write(&path, "words = \".\"\n[texts.xx1]\njoin = \"{\"\n").expect("a file");
    let theme = theme::load(&path).expect("its files can be read");
    let problems = Look::new(theme, "gala").err().expect("mistakes").to_string();
    assert!(problems.contains("it.ftl: jion: there is no such message"), "{problems}");
    assert!(problems.contains("texts.xx1"), "{problems}");
}
