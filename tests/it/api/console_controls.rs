//! The controls of the console, as browsers press them: calling for what is left, triggers, words
//! that are planned, and how each is taken back.

use http::Method;
use http::header::CONTENT_SECURITY_POLICY;
use serde_json::{Value, json};
use stanchion::files::theme::{Texts, Theme};
use stanchion::page::look::Look;
use stanchion::token::role::Role;

use super::console::{Browser, CONTROLS, between};
use super::sample::gala;
use super::{House, SALE, until};

type Fields<'f> = &'f [(&'f str, &'f str)];

/// A trigger on the Friday, of which 28 units are available.
const FEW: [(&str, &str); 7] = [
    ("action", "set_trigger"),
    ("name", "few"),
    ("watches", "performance"),
    ("part", "fri"),
    ("when", "available"),
    ("units", "5"),
    ("stop_calling", "yes"),
];

impl House {
    async fn desk(&self) -> Value {
        self.ops(Method::GET, SALE).send().await.ok(200)
    }
}

impl Browser<'_> {
    /// What the controls answer to a form that was filled in.
    async fn tries(&self, house: &House, fields: Fields<'_>) -> String {
        let revision = house.desk().await["revision"].to_string();
        let told =
            self.send(CONTROLS, &[fields, &[("revision", revision.as_str())]].concat()).await;
        assert_eq!(told.status, 202, "{told:?}");
        plain(&told.text)
    }

    /// Asks for something, reads what it will do, and does it.
    async fn steers(&self, house: &House, fields: Fields<'_>) -> String {
        let told = self.tries(house, fields).await;
        let sure = between(&told, "Is this what you mean?", "</section>");
        self.confirms(sure.unwrap_or_else(|| panic!("nothing to confirm: {told}"))).await;
        told
    }

    /// Takes the newest change back, in both steps; says what that would do.
    async fn undoes(&self) -> String {
        let page = plain(&self.get(CONTROLS).await.text);
        let form = between(&page, "<h2>What was done</h2>", "</form>").expect("it is there");
        let (asked, revision) = (field(form, "asked"), field(form, "revision"));
        let fields = [("asked", asked.as_str()), ("revision", revision.as_str())];
        let told = plain(&self.send(CONTROLS, &fields).await.text);
        let sure = between(&told, "Is this what you mean?", "</section>");
        self.confirms(sure.unwrap_or_else(|| panic!("nothing to take back: {told}"))).await;
        told
    }

    async fn confirms(&self, form: &str) {
        let (asked, revision) = (field(form, "asked"), field(form, "revision"));
        let fields = [("asked", asked.as_str()), ("revision", revision.as_str())];
        let sure = [&fields[..], &[("step", "do"), ("typed", "everyone")]].concat();
        let done = self.send(CONTROLS, &sure).await;
        assert_eq!(done.status, 303, "{}", plain(&done.text));
    }
}

/// A page as it is read: what templates escape in attributes and texts.
fn plain(page: &str) -> String {
    let page = page.replace("&quot;", "\"").replace("&#x27;", "'");
    page.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The value of a hidden field of a form; an action in it is JSON, whose quotes were escaped.
fn field(form: &str, name: &str) -> String {
    let value = between(form, &format!("name=\"{name}\" value=\""), "\">\n");
    value.unwrap_or_else(|| panic!("no {name} in {form}")).to_owned()
}

fn trigger_ids(desk: &Value) -> Vec<&str> {
    let triggers = desk["triggers"].as_array().expect("a list");
    triggers.iter().filter_map(|trigger| trigger["id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn calling_for_what_is_left_is_tried_against_now_done_and_taken_back() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let pass = house.enter().await;
    house.hold(&pass, json!([{ "performance": "fri", "seat": "A1" }])).await.ok(201);
    house.enter().await;
    let on = [("action", "call_for_what_is_left")];
    let told = until(async || {
        let told = ana.tries(&house, &on).await;
        told.contains("28 are available and 2 shoppers are inside, 1 of them").then_some(told)
    });
    let told = told.await;
    assert!(told.contains("with this, 27 could be called now"), "{told}");
    assert!(told.contains("The cap alone leaves room for 498."), "{told}");
    assert_eq!(house.desk().await["call_for_what_is_left"], false);
    ana.steers(&house, &on).await;
    let desk = house.desk().await;
    assert_eq!(desk["call_for_what_is_left"], true);
    let page = ana.get(CONTROLS).await.text;
    assert!(page.contains("No more are called than what is left can serve"), "{page}");
    assert!(page.contains("Ana set calling to what is left"), "{page}");
    let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
    let newest = audit["entries"].as_array().and_then(|entries| entries.last());
    let action = newest.map(|entry| entry["action"].clone());
    assert_eq!(action, Some(json!({ "type": "call_for_what_is_left", "on": true })));
    // Who looked before is told, and what is so already is refused in words.
    let bo = ana.invite("Bo", Role::Operator).await;
    let late = [on[0], ("revision", "1"), ("step", "do")];
    let told = bo.send(CONTROLS, &late).await.text;
    assert!(told.contains("Meanwhile: Ana set calling to what is left."), "{told}");
    let revision = desk["revision"].to_string();
    let again = [on[0], ("revision", revision.as_str()), ("step", "do")];
    let told = bo.send(CONTROLS, &again).await.text;
    assert!(told.contains("Nothing was changed"), "{told}");
    ana.undoes().await;
    assert_eq!(house.desk().await["call_for_what_is_left"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_is_tried_against_now_acts_once_and_is_taken_back() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let words = ("words_en", "Almost gone");
    let told = ana.steers(&house, &[&FEW[..], &[words]].concat()).await;
    let what = "Once 5 or fewer of performance “Friday” are available: show “Almost gone”, stop \
                calling.";
    assert!(told.contains(what), "{told}");
    let not_yet = "Against now: 28 are available, it waits for 5 or fewer: it would not act yet.";
    assert!(told.contains(not_yet), "{told}");
    assert_eq!(trigger_ids(&house.desk().await), ["few"]);
    assert!(ana.get(CONTROLS).await.text.contains(not_yet));
    let mut more = FEW.to_vec();
    more[5] = ("units", "28");
    let told = ana.steers(&house, &more).await;
    assert!(told.contains("it would act at once, and stop calling."), "{told}");
    assert!(told.contains(&format!("It replaces one of this name: {what}")), "{told}");
    let acted = async || house.desk().await["calling_paused"].as_bool().filter(|paused| *paused);
    until(acted).await;
    let page = ana.get(CONTROLS).await.text;
    assert!(page.contains("It has acted, at <time"), "{page}");
    ana.undoes().await;
    assert_eq!(house.desk().await["calling_paused"], false, "what a trigger did is taken back");
    let told = ana.steers(&house, &[("action", "remove_trigger"), ("id", "few")]).await;
    assert!(told.contains("It has acted, and what it did stays."), "{told}");
    assert!(trigger_ids(&house.desk().await).is_empty());
    let told = ana.undoes().await;
    assert!(told.contains("it would act at once"), "{told}");
    assert_eq!(trigger_ids(&house.desk().await), ["few"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_was_replaced_or_set_anew_is_taken_back_to_what_was() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    ana.steers(&house, &FEW).await;
    let mut fewer = FEW.to_vec();
    fewer[5] = ("units", "2");
    ana.steers(&house, &fewer).await;
    let limit = async || house.desk().await["triggers"][0]["when"]["available_at_most"].clone();
    assert_eq!(limit().await, 2);
    ana.undoes().await;
    assert_eq!(limit().await, 5);
    let other = [("name", "later"), ("when", "time"), ("at", "2040-01-01T12:00")];
    let other = [&[("action", "set_trigger"), ("stop_calling", "yes")], &other[..]].concat();
    let told = ana.steers(&house, &other).await;
    assert!(told.contains("Once it is 2040-01-01 12:00 UTC: stop calling."), "{told}");
    ana.undoes().await;
    assert_eq!(trigger_ids(&house.desk().await), ["few"]);
    let elsewhere = [("elsewhere", "https://venue.example/")];
    let told = ana.tries(&house, &[&FEW[..], &elsewhere].concat()).await;
    assert!(told.contains("Type “everyone” to confirm"), "it may send everyone away: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_trigger_or_notice_is_refused_in_words() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let with = |name: &'static str, value: &'static str| {
        let mut fields = FEW.to_vec();
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        fields
    };
    let percent = [&with("when", "sold")[..], &[("percent", "101")]].concat();
    let past = [&with("when", "time")[..], &[("at", "2020-01-01T12:00")]].concat();
    let notice =
        |at: Fields<'static>| [&[("action", "post_notice"), ("text_en", "Hello")][..], at].concat();
    for (fields, wanted) in [
        (with("name", " "), "a trigger needs a name"),
        (with("part", "sunday"), "There is no performance “sunday”."),
        (with("watches", "zone"), "There is no price zone “fri”."),
        (with("watches", "sale"), "Say whether “fri” is a performance or a price zone."),
        (with("when", ""), "choose what it waits for"),
        (with("units", "few"), "When: a whole number is wanted."),
        (with("stop_calling", "no"), "Say what the trigger does"),
        (percent, "at most 100 % can be sold"),
        (past, "When: 2020-01-01 12:00 UTC is past."),
        (notice(&[("from", "2020-01-01T12:00"), ("from_offset", "60")]), "11:00 UTC is past."),
        (notice(&[("until", "2020-01-01T12:00")]), "Until: 2020-01-01 12:00 UTC is past."),
        (
            notice(&[("from", "2040-01-02T12:00"), ("until", "2040-01-01T12:00")]),
            "Until: the words go before they come.",
        ),
        (notice(&[("from", "soon")]), "From: a date and a time are wanted."),
        (vec![("action", "post_notice")], "words in one language at least"),
        (vec![("action", "dance")], "There is no such control."),
        (vec![("asked", "{}")], "Load the page again."),
    ] {
        let told = ana.tries(&house, &fields).await;
        assert!(told.contains(wanted), "{fields:?} {told}");
        assert!(!told.contains("Is this what you mean?"), "{fields:?}");
    }
    assert_eq!(house.desk().await["revision"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_before_it_is_asked_for() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let long = "a".repeat(761);
    let elsewhere = [&FEW[..], &[("elsewhere", "javascript:alert(1)")]].concat();
    for (fields, wanted) in [
        (vec![("action", "set_cap"), ("cap", "-1")], "Cap: a whole number from 0 to 100,000."),
        (vec![("action", "set_cap"), ("cap", "100001")], "Cap: a whole number from 0 to 100,000."),
        (vec![("action", "set_pace"), ("pace", "99999999999")], "from 0 to 6,000,000."),
        (vec![("action", "add_time"), ("minutes", "0")], "a whole number from 1 to 1,440."),
        (vec![("action", "add_time"), ("minutes", "100000")], "a whole number from 1 to 1,440."),
        (vec![("action", "redirect"), ("url", "http://")], "An address begins with"),
        (vec![("action", "redirect"), ("url", "https://a b")], "An address begins with"),
        (elsewhere, "An address begins with"),
        (
            vec![("action", "post_notice"), ("text_en", long.as_str())],
            "A notice has at most 760 bytes",
        ),
    ] {
        let told = ana.tries(&house, &fields).await;
        assert!(told.contains(wanted), "{fields:?} {told}");
        assert!(!told.contains("Is this what you mean?"), "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_or_a_pace_of_nothing_is_told_as_calling_nobody() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    for (action, what, told, now) in [
        ("set_cap", "0", "Set the cap from 500 to 0: nobody is called.", "the cap is 0"),
        ("set_pace", "5", "0 wait, and nobody is called: the cap is 0.", "the cap is 0"),
        ("set_pace", "0", "Set the pace from 5 to 0: nobody is called.", "the cap is 0"),
        ("set_cap", "9", "0 wait, and nobody is called: the pace is 0.", "the pace is 0"),
    ] {
        let field = if action == "set_cap" { "cap" } else { "pace" };
        let said = ana.steers(&house, &[("action", action), (field, what)]).await;
        assert!(said.contains(told), "{said}");
        let page = ana.get(CONTROLS).await.text;
        let health = format!("<p class=\"health held\">Nobody is called: {now}</p>");
        assert!(page.contains(&health) && page.contains(&format!("Off: {now}.")), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_planned_seen_as_people_will_see_them_and_taken_back() {
    let texts = Texts { file: "ar.ftl".into(), language: "ar".into(), messages: String::new() };
    let theme = Theme { texts: vec![texts], ..Theme::default() };
    let look = Look::new(theme, "gala").expect("it can be read");
    let house = House::with(gala(), 1_000, look);
    let ana = house.ana().await;
    let asked = [
        ("action", "post_notice"),
        ("text_en", "A pause of ten minutes"),
        ("text_ar", "استراحة"),
        ("from", "2040-06-01T21:15"),
        ("from_offset", "60"),
        ("until", "2040-06-01T21:25"),
        ("until_offset", "60"),
    ];
    let told = ana.steers(&house, &asked).await;
    assert!(told.contains("At 2040-06-01 20:15 UTC (in "), "{told}");
    assert!(told.contains("Take them away at 2040-06-01 20:25 UTC, if they are still"), "{told}");
    for falls in ["German sees English", "French sees English", "Spanish sees English"] {
        assert!(told.contains(falls), "{falls}: {told}");
    }
    let urls = told.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let seen: Vec<_> = urls.filter(|url| url.starts_with("/gala/preview")).collect();
    assert_eq!(seen.len(), 2, "{told}");
    let english = house.ops(Method::GET, seen[0]).send().await;
    assert!(english.text.contains("A pause of ten minutes"), "{english:?}");
    let policy = english.headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
    assert!(policy.ends_with("frame-ancestors 'self'"), "{policy}");
    let arabic = house.ops(Method::GET, seen[1]).send().await.text;
    assert!(arabic.contains("<p class=\"notice\" lang=\"ar\" dir=\"rtl\">استراحة</p>"), "{arabic}");
    let page = plain(&ana.get(CONTROLS).await.text);
    let planned = between(&page, "<ul class=\"planned\">", "</ul>").expect("a list");
    assert!(planned.contains(">2040-06-01 20:15 UTC</time>, until <time"), "{planned}");
    assert!(planned.contains("lang=\"ar\" dir=\"rtl\""), "{planned}");
    let logged = "Ana planned a notice for 2040-06-01 20:15 UTC: “A pause of ten minutes” (en) / \
                  “استراحة” (ar)";
    assert!(page.contains(logged), "{page}");
    assert!(page.contains("None is set."), "it stands among the words alone: {page}");
    let desk = house.desk().await;
    let ids = trigger_ids(&desk);
    let told = ana.steers(&house, &[("action", "remove_trigger"), ("id", ids[0])]).await;
    assert!(told.contains("Take the planned words back: they will not be shown."), "{told}");
    assert!(trigger_ids(&house.desk().await).is_empty());
    ana.undoes().await;
    let again = house.desk().await;
    assert_eq!(again["triggers"], desk["triggers"]);
    let (wrong, path) = (house.ops(Method::GET, "/gala/preview?state=waiting&words=x"), "words");
    assert!(wrong.send().await.is(400, "malformed").to_string().contains(path));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_plan_words_or_set_a_trigger_at_once_do_not_overwrite_each_other() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let bo = ana.invite("Bo", Role::Operator).await;
    let plan = [("action", "post_notice"), ("from", "2040-01-01T12:00"), ("revision", "1")];
    let [a, b] = ["Of Ana", "Of Bo"].map(|words| [&plan[..], &[("text_en", words)]].concat());
    let (of_ana, of_bo) = (ana.send(CONTROLS, &a).await.text, bo.send(CONTROLS, &b).await.text);
    ana.confirms(&plain(&of_ana)).await;
    let of_bo = plain(&of_bo);
    let asked = field(&of_bo[of_bo.find("Is this").expect("a question")..], "asked");
    let late = [("asked", asked.as_str()), ("revision", "1"), ("step", "do")];
    let told = plain(&bo.send(CONTROLS, &late).await.text);
    assert!(told.contains("Meanwhile: Ana planned a notice for 2040-01-01 12:00 UTC"), "{told}");
    bo.confirms(between(&told, "Is this what you mean?", "</section>").expect("asked")).await;
    let desk = house.desk().await.to_string();
    assert!(desk.contains("Of Ana") && desk.contains("Of Bo"), "{desk}");
    ana.steers(&house, &FEW).await;
    let late = [&FEW[..], &[("revision", "3"), ("step", "do")]].concat();
    let told = plain(&bo.send(CONTROLS, &late).await.text);
    assert!(told.contains("Meanwhile: Ana set the trigger few."), "{told}");
    assert!(told.contains("It replaces one of this name"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_change_is_taken_back_to_what_was_so_before() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let elsewhere = |url| [("action", "redirect"), ("url", url)];
    let words = |text| [("action", "post_notice"), ("text_en", text)];
    let plain = |name| [("action", name)];
    let cases: [(Fields<'_>, Fields<'_>, &str); 12] = [
        (&[], &[("action", "set_cap"), ("cap", "7")], "cap"),
        (&[], &[("action", "set_pace"), ("pace", "9")], "pace_per_minute"),
        (&[], &plain("pause_calling"), "calling_paused"),
        (&plain("pause_calling"), &plain("resume_calling"), "calling_paused"),
        (&[], &plain("freeze_time"), "time"),
        (&plain("freeze_time"), &plain("resume_time"), "time"),
        (&[], &words("First"), "notice"),
        (&words("First"), &words("Second"), "notice"),
        (&[], &plain("withdraw_notice"), "notice"),
        (&[], &elsewhere("https://one.example/"), "redirect"),
        (&elsewhere("https://one.example/"), &elsewhere("https://two.example/"), "redirect"),
        (&[], &plain("end_redirect"), "redirect"),
    ];
    for (before, change, part) in cases {
        if !before.is_empty() {
            ana.steers(&house, before).await;
        }
        // Sale time goes on; whether it runs is what counts.
        let of = |mut desk: Value| {
            desk["time"].as_object_mut().expect("an object").remove("sale_time_ms");
            desk[part].clone()
        };
        let was = of(house.desk().await);
        ana.steers(&house, change).await;
        assert_ne!(of(house.desk().await), was, "{change:?}");
        ana.undoes().await;
        assert_eq!(of(house.desk().await), was, "{change:?} is taken back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_whose_end_has_come_are_gone_and_the_log_says_why() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let texts = json!([{ "language": "en", "text": "For a moment" }]);
    let past = "2020-01-01T12:00:00Z";
    let post = json!({ "type": "post_notice_until", "texts": texts, "until": past });
    house.change(post).await.ok(200);
    let newest = until(async || {
        let audit = house.ops(Method::GET, &format!("{SALE}/audit")).send().await.ok(200);
        audit["entries"].as_array()?.last().filter(|entry| entry["actor"] == "time").cloned()
    });
    let newest = newest.await;
    assert_eq!(newest["action"], json!({ "type": "withdraw_notice" }));
    assert_eq!(house.desk().await.get("notice"), None);
    let told = ana.undoes().await;
    assert!(told.contains("en: For a moment"), "{told}");
    let desk = house.desk().await;
    assert_eq!(desk["notice"], texts);
    assert_eq!(desk.get("notice_until"), None, "an end that has come does not come again");
    let later = [("action", "post_notice"), ("text_en", "Soon"), ("until", "2040-01-01T12:00")];
    ana.steers(&house, &later).await;
    assert_eq!(house.desk().await["notice_until"], "2040-01-01T12:00:00.000Z");
    assert!(ana.get(CONTROLS).await.text.contains("It is taken away at <time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_or_word_of_a_trigger_is_run_by_a_page() {
    let house = House::open(gala()).await;
    let ana = house.ana().await;
    let evil = "'\"><img src=x onerror=alert(1)>";
    let mut fields = FEW.to_vec();
    fields[1] = ("name", evil);
    fields.push(("words_en", evil));
    let revision = house.desk().await["revision"].to_string();
    fields.push(("revision", &revision));
    let sure = ana.send(CONTROLS, &fields).await;
    assert!(sure.text.contains("Is this what you mean?") && !sure.text.contains("<img"));
    fields.push(("step", "do"));
    assert_eq!(ana.send(CONTROLS, &fields).await.status, 303);
    let page = ana.get(CONTROLS).await.text;
    assert!(page.contains("onerror") && !page.contains("<img"), "{page}");
}
