//! What a shop shows to strangers: the way it is connected, and whether anything gets around it.

use anyhow::Context;
use http::{Method, StatusCode, Uri};
use serde_json::Value;

use super::Findings;
use super::ask::{Answer, Asker, Question, at, origin};
use crate::api::cookies::CookieNames;

/// A token that nobody signed, in the letters that a real one has.
const FORGED: &str = "AQEAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// The same for shops that check passes by themselves: `{"alg":"none"}`, and claims without end.
const FORGED_JWT: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.";
/// The same for connectors.
const FORGED_QUEUEIT: &str = "e_x~q_00000000-0000-0000-0000-000000000000~ts_4102444800~ce_true\
                              ~rt_queue~h_0000000000000000000000000000000000000000000000000000000000000000";
/// What an inner proxy might believe of a stranger.
const CLAIMED: [(&str, &str); 8] = [
    ("x-original-uri", "/favicon.ico"),
    ("x-original-url", "/favicon.ico"),
    ("x-rewrite-url", "/favicon.ico"),
    ("x-forwarded-uri", "/favicon.ico"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-stanchion-pass", "1"),
    ("x-original-method", "OPTIONS"),
    ("x-http-method-override", "OPTIONS"),
];

/// How a shop is connected, as whoever has no pass sees it.
pub(super) struct Way {
    kind: Kind,
    /// The queue's own address: scheme, host, port.
    pub(super) queue: String,
    /// The sale, if the way to it says so.
    pub(super) sale: Option<String>,
    /// Where visitors are sent first.
    pub(super) first: Uri,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The gate in front, or a proxy that asks.
    Gate,
    /// The shop checks passes by itself.
    Pass,
    /// The shop has a connector of a hosted waiting room.
    Connector,
}

impl Way {
    pub(super) fn said(&self) -> String {
        let first = &self.first;
        match self.kind {
            Kind::Gate => format!("a shop behind the gate: visitors wait at {first}"),
            Kind::Pass => format!("a shop that checks passes by itself: visitors go to {first}"),
            Kind::Connector => format!("a shop with a connector: visitors go to {first}"),
        }
    }

    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    fn of(first: Uri) -> Option<Self> {
        let query = first.query().unwrap_or_default();
        let has =
            |name: &str| form_urlencoded::parse(query.as_bytes()).any(|(found, _)| found == name);
        let (sale, rest) = first.path().trim_start_matches('/').split_once('/').map_or_else(
            || (first.path().trim_start_matches('/'), ""),
            |(sale, rest)| (sale, rest),
        );
        let kind = match rest {
            "go" if has("to") && has("bound") => Kind::Pass,
            _ if has("c") && has("e") => Kind::Connector,
            "" if !sale.is_empty() => Kind::Gate,
            _ => return None,
        };
        let sale = (kind != Kind::Connector).then(|| sale.to_owned());
        Some(Self { kind, queue: origin(&first), sale, first })
    }

    /// The way that an answer to a stranger leads.
    ///
    /// # Errors
    /// In words, if it leads to no queue. Any page may be a path of one segment, the one where
    /// people log in, too: so a sale has to name itself there.
    async fn found(asker: &Asker, page: &Uri, answer: &Answer) -> anyhow::Result<Self> {
        let way = answer.leads_to(page).and_then(Self::of).with_context(|| {
            let status = answer.status;
            format!("{page} answers {status}, which neither shows the page nor leads to a queue")
        })?;
        if let (Kind::Gate, Some(sale)) = (way.kind, &way.sale) {
            let named = interface(asker, &way.queue, sale).await;
            named.with_context(|| format!("{page} leads to {}, which is no queue", way.first))?;
        }
        Ok(way)
    }
}

/// What the interface of a sale says.
///
/// # Errors
/// In words, if the sale does not name itself there.
pub(super) async fn interface(asker: &Asker, queue: &str, sale: &str) -> anyhow::Result<Answer> {
    let about: Uri = format!("{queue}/v1/sales/{sale}").parse()?;
    let answer = asker.ask(&Question::get(&about)).await.with_context(|| about.to_string())?;
    let told: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let named = told.is_some_and(|told| told["id"] == sale);
    anyhow::ensure!(
        answer.status.is_success() && named,
        "{about} answers {}, and is no sale: if it should be, route /v1/ of this host to \
         Stanchion, too",
        answer.status
    );
    Ok(answer)
}

/// Finds out how a shop is connected. `None` if the page is shown to anybody.
///
/// # Errors
/// In words, if the page answers with neither.
pub(super) async fn way(asker: &Asker, page: &Uri) -> anyhow::Result<Option<Way>> {
    let answer = asker.ask(&Question::get(page)).await.with_context(|| page.to_string())?;
    if answer.status.is_success() {
        return Ok(None);
    }
    Way::found(asker, page, &answer).await.map(Some)
}

/// Tries to get around the gate.
pub(super) async fn probe(asker: &Asker, page: &Uri, way: &Way, findings: &mut Findings) {
    if page.scheme_str() == Some("http") {
        findings.unknown("the address has no TLS: cookies can be read on the way");
    }
    match asker.ask(&Question::get(page)).await {
        Ok(answer) if answer.header("cache-control").contains("no-store") => {
            findings.good("no cache may keep the redirect to the queue");
        }
        Ok(_) => findings.wrong(
            "the redirect to the queue has no `cache-control: no-store`: a cache in front would \
             send visitors with a pass there, too",
        ),
        Err(fault) => findings.wrong(&format!("the page answered once and then not: {fault:#}")),
    }
    let mut tries = Tries::default();
    for (what, uri) in variants(page) {
        tries.note(asker, &what, &Question::get(&uri)).await;
    }
    tries.tell(findings, "other writing of its path");
    let mut tries = Tries::default();
    for method in [Method::HEAD, Method::POST, Method::PUT] {
        let what = format!("{method} instead of GET");
        let question = Question { method, ..Question::get(page) };
        tries.note(asker, &what, &question).await;
    }
    tries.tell(findings, "other method");
    let mut tries = Tries::default();
    for claim in CLAIMED {
        let what = format!("the header field {}: {}", claim.0, claim.1);
        let question = Question { headers: &[claim], ..Question::get(page) };
        tries.note(asker, &what, &question).await;
    }
    tries.tell(findings, "header field that only a proxy may say");
    let mut tries = Tries::default();
    for (name, text) in forged(way) {
        let (what, cookie) = (format!("the made-up cookie {name}"), format!("{name}={text}"));
        let question = Question { headers: &[("cookie", &cookie)], ..Question::get(page) };
        tries.note(asker, &what, &question).await;
    }
    let mark = if page.query().is_some() { '&' } else { '?' };
    for token in [format!("stanchion={FORGED_JWT}"), format!("queueittoken={FORGED_QUEUEIT}")] {
        let Ok(uri) = format!("{page}{mark}{token}").parse::<Uri>() else { continue };
        let what = format!("the made-up token {token}");
        tries.note(asker, &what, &Question::get(&uri)).await;
    }
    tries.tell(findings, "made-up cookie or token");
}

/// Whether a page that needs no pass is shown without one.
pub(super) async fn stays_open(asker: &Asker, page: &Uri, findings: &mut Findings) {
    match asker.ask(&Question::get(page)).await {
        Ok(answer) if Way::found(asker, page, &answer).await.is_ok() => {
            findings.wrong(&format!("{page} needs a pass and should not: give it a rule"));
        }
        Ok(answer) => findings.good(&format!("{page} needs no pass ({})", answer.status)),
        Err(fault) => findings.wrong(&format!("{page}: {fault:#}")),
    }
}

/// Whether the shop's own server shows the page to whoever knows its address. Good is only what
/// turns away everybody who is not the gate; anything else may lead to the page by one step more.
pub(super) async fn behind(asker: &Asker, behind: &Uri, page: &Uri, findings: &mut Findings) {
    match asker.reaches(behind).await {
        Ok(true) => {}
        Ok(false) => return findings.good("the shop's server is out of reach from here"),
        Err(fault) => return findings.unknown(&format!("the shop's server: {fault:#}")),
    }
    let path = page.path_and_query().map_or("/", |path| path.as_str());
    let Some(direct) = at(behind, path) else { return };
    // As the gate asks; it may also have been told to say the server's own name.
    let named = past(asker, behind, page).await;
    let direct = past(asker, behind, &direct).await;
    if [&named, &direct].into_iter().flatten().any(|answer| answer.status.is_success()) {
        return findings.open(
            "the shop's server shows the page to whoever knows its address: have it check \
             X-Stanchion-Proof or a client certificate, or let no other address reach it",
        );
    }
    match named {
        Ok(answer) if refuses(&answer) => {
            findings.good(&format!("the shop's server answers {}", answer.status));
        }
        Ok(answer) => findings.unknown(&format!(
            "the shop's server answers {} to whoever knows its address, which may be one step \
             from the page: have it answer 403 to what has no X-Stanchion-Proof, or want a client \
             certificate, or let no other address reach it",
            answer.status
        )),
        Err(fault) if asker.had_no_certificate(&fault) => {
            findings.good("the shop's server wants a client certificate");
        }
        Err(fault) => findings.unknown(&format!(
            "the shop's server can be reached, and gave no answer: {fault:#}; ask it in another way"
        )),
    }
}

/// Asks a server for a page as the gate would, but without any proof.
async fn past(asker: &Asker, server: &Uri, page: &Uri) -> anyhow::Result<Answer> {
    let proto = [("x-forwarded-proto", page.scheme_str().unwrap_or("https"))];
    asker.ask(&Question { past: Some(server), headers: &proto, ..Question::get(page) }).await
}

/// Whether a server turns away who shows it no proof and no certificate.
fn refuses(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
        // How nginx refuses who has no client certificate, after it has shaken hands.
        StatusCode::BAD_REQUEST => {
            String::from_utf8_lossy(&answer.body).contains("No required SSL certificate was sent")
        }
        _ => false,
    }
}

/// What came of asking in several manners.
#[derive(Default)]
struct Tries {
    asked: usize,
    silent: usize,
    shown: Vec<String>,
}

impl Tries {
    async fn note(&mut self, asker: &Asker, what: &str, question: &Question<'_>) {
        self.asked += 1;
        match asker.ask(question).await {
            Ok(answer) if answer.status.is_success() => self.shown.push(what.to_owned()),
            Ok(_) => {}
            Err(_) => self.silent += 1,
        }
    }

    fn tell(self, findings: &mut Findings, what: &str) {
        for what in &self.shown {
            findings.open(&format!("it is shown without a pass by {what}"));
        }
        if self.shown.is_empty() {
            findings
                .good_as_far_as_known(&format!("no {what} shows it"), (self.silent, self.asked));
        }
    }
}

/// Other writings of a page's path, which somebody could read as the same page.
fn variants(page: &Uri) -> Vec<(String, Uri)> {
    let path = page.path();
    let query = page.query().map(|query| format!("?{query}")).unwrap_or_default();
    let rest = path.trim_start_matches('/');
    let first = rest
        .bytes()
        .next()
        .map(|byte| format!("/%{byte:02X}{}", rest.get(1..).unwrap_or_default()));
    let shouted = format!("/{}", rest.to_ascii_uppercase());
    let written = [
        Some(format!("//{rest}")),
        Some(format!("/./{rest}")),
        Some(format!("/assets/../{rest}")),
        Some(format!("/assets/..%2f{rest}")),
        Some(format!("/assets;/../{rest}")),
        Some(format!("{path};.css")),
        Some(format!("{path}%3f.css")),
        Some(format!("{path}%00.css")),
        Some(format!("{path}/")),
        first,
        (shouted != path).then_some(shouted),
    ];
    let written = written.into_iter().flatten().filter(|other| other != path);
    written
        .filter_map(|other| Some((other.clone(), at(page, &format!("{other}{query}"))?)))
        .collect()
}

/// Cookies that would open the shop, if nobody looked at them.
fn forged(way: &Way) -> Vec<(String, &'static str)> {
    let sale = way.sale.as_deref().unwrap_or("gala");
    let names = CookieNames::new(sale);
    let ours = names.all().map(|name| (name.to_owned(), FORGED));
    let shops = ("stanchion_pass".to_owned(), FORGED_JWT);
    ours.into_iter().chain([shops]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way_of(first: &str) -> Option<(Kind, String, Option<String>)> {
        let way = Way::of(first.parse().expect("an address"))?;
        Some((way.kind, way.queue, way.sale))
    }

    #[test]
    fn a_way_is_known_by_where_strangers_are_sent() {
        let (shop, queue) = ("https://shop.test".to_owned(), "https://queue.test:1".to_owned());
        let gala = || Some("gala".to_owned());
        let found = way_of("https://shop.test/gala?to=/shows/1");
        assert!(found == Some((Kind::Gate, shop, gala())));
        let found = way_of("https://queue.test:1/gala/go?to=https%3A%2F%2Fshop.test%2F&bound=x");
        assert!(found == Some((Kind::Pass, queue.clone(), gala())));
        let found = way_of("https://queue.test:1/connector/?c=venue&e=gala&ver=v3&t=x");
        assert!(found == Some((Kind::Connector, queue, None)));
        for other in
            ["https://shop.test/", "https://shop.test/login/now?to=/", "https://a.test/b/go"]
        {
            assert!(way_of(other).is_none(), "{other}");
        }
    }

    #[test]
    fn other_writings_are_addresses_and_differ_from_the_page() {
        let page: Uri = "https://shop.test/shows/1?seat=2".parse().expect("an address");
        let found = variants(&page);
        assert!(found.len() >= 11, "{}", found.len());
        for (what, uri) in found {
            assert_ne!(uri.path(), page.path(), "{what}");
            assert_eq!(uri.query(), page.query(), "{what}");
        }
    }
}
