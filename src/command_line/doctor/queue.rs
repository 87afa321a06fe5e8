//! What the queue shows to strangers: that it works through whatever stands in front of it, and
//! that nothing of it is open that should not be.

use http::{StatusCode, Uri};
use serde_json::Value;

use super::Findings;
use super::ask::{Answer, Asker, Question, at, origin};
use super::shop::{Kind, Way, interface};
use crate::clock::Clock;

/// Clocks that differ by more make tokens begin or end at the wrong time.
const CLOCK_OFF_MS_MAX: u64 = 30_000;
/// What belongs to the ops listener.
const OPS: [&str; 3] = ["/readyz", "/metrics", "/console"];
/// Where nobody may be sent.
const ELSEWHERE: &str = "https://elsewhere.invalid/";

/// Asks for everything that visitors need, and for what they may not have.
pub(super) async fn probe(asker: &Asker, way: &Way, findings: &mut Findings) {
    let Ok(queue) = way.queue.parse::<Uri>() else { return };
    let sale = match &way.sale {
        Some(sale) => Some(sale.clone()),
        None => sent_to(asker, &way.first).await,
    };
    let Some(sale) = sale else {
        findings.wrong(&format!("{} leads to no waiting page", way.first));
        return;
    };
    page(asker, &queue, &sale, findings).await;
    clock_of(asker, &queue, &sale, findings).await;
    stream(asker, &queue, &sale, findings).await;
    nowhere_else(asker, &queue, &sale, findings).await;
    if way.is(Kind::Pass) {
        keys(asker, &queue, findings).await;
    }
    ops(asker, &queue, findings).await;
}

/// The sale at whose page a redirect of a connector ends.
async fn sent_to(asker: &Asker, first: &Uri) -> Option<String> {
    let answer = asker.ask(&Question::get(first)).await.ok()?;
    let page = answer.leads_to(first)?;
    Some(page.path().trim_matches('/').to_owned())
}

async fn page(asker: &Asker, queue: &Uri, sale: &str, findings: &mut Findings) {
    let Some(page) = at(queue, &format!("/{sale}")) else { return };
    let (one, two) =
        (asker.ask(&Question::get(&page)).await, asker.ask(&Question::get(&page)).await);
    let (one, two) = match (one, two) {
        (Ok(one), Ok(two)) => (one, two),
        (Err(fault), _) | (_, Err(fault)) => {
            return findings.wrong(&format!("the waiting page does not answer: {fault:#}"));
        }
    };
    if !one.status.is_success() || !one.header("content-type").starts_with("text/html") {
        return findings.wrong(&format!("{page} answers {}, and is no waiting page", one.status));
    }
    findings.good(&format!("the waiting page is at {page}"));
    // Each has a nonce of its own.
    if one.body == two.body {
        findings.wrong(
            "two visitors got the same waiting page: a cache in front keeps it, though it says \
             `no-store`",
        );
    } else {
        findings.good("no cache in front keeps the waiting page");
    }
}

async fn clock_of(asker: &Asker, queue: &Uri, sale: &str, findings: &mut Findings) {
    let answer = match interface(asker, &origin(queue), sale).await {
        Ok(answer) => answer,
        Err(fault) => return findings.wrong(&format!("{fault:#}")),
    };
    findings.good("the interface of the sale answers");
    let Ok(told) = jiff::fmt::rfc2822::parse(answer.header("date")) else { return };
    let off_ms = Clock::machine().wall().0.abs_diff(told.timestamp().as_millisecond());
    if off_ms > CLOCK_OFF_MS_MAX {
        let off_s = off_ms / 1_000;
        findings.wrong(&format!("its clock and the one of this machine are {off_s} s apart"));
    } else {
        findings.good("its clock agrees with the one of this machine");
    }
}

async fn stream(asker: &Asker, queue: &Uri, sale: &str, findings: &mut Findings) {
    let Some(stream) = at(queue, &format!("/v1/sales/{sale}/board/stream")) else { return };
    let question = Question { first: true, ..Question::get(&stream) };
    match asker.ask(&question).await {
        Ok(answer) if answer.header("content-type").starts_with("text/event-stream") => {
            findings.good("changes of the board arrive as they happen");
        }
        Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
            findings.unknown("no more streams may be opened from here just now");
        }
        Ok(answer) => {
            findings.wrong(&format!("{stream} answers {}, and is no stream", answer.status));
        }
        Err(fault) => findings.wrong(&format!(
            "the stream of the board: {fault:#}; something in front may keep it until it ends"
        )),
    }
}

async fn nowhere_else(asker: &Asker, queue: &Uri, sale: &str, findings: &mut Findings) {
    let to: String = form_urlencoded::byte_serialize(ELSEWHERE.as_bytes()).collect();
    let bound = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";
    let paths = [format!("/{sale}?to={to}"), format!("/{sale}/go?to={to}&bound={bound}")];
    let (mut followed, mut silent) = (false, 0);
    for path in &paths {
        let Some(page) = at(queue, path) else { continue };
        let Ok(answer) = asker.ask(&Question::get(&page)).await else {
            silent += 1;
            continue;
        };
        let shown = String::from_utf8_lossy(&answer.body).contains("elsewhere.invalid");
        followed |= shown || answer.header("location").contains("elsewhere.invalid");
    }
    if followed {
        findings.open("whoever makes up a link to the waiting page sends visitors anywhere");
    } else {
        let said = "nobody is sent to a host that is not named";
        findings.good_as_far_as_known(said, (silent, paths.len()));
    }
}

async fn keys(asker: &Asker, queue: &Uri, findings: &mut Findings) {
    let Some(page) = at(queue, "/.well-known/jwks.json") else { return };
    let signs = |answer: &Answer| {
        let set: Option<Value> = serde_json::from_slice(&answer.body).ok();
        set.is_some_and(|set| set["keys"][0]["crv"] == "Ed25519")
    };
    match asker.ask(&Question::get(&page)).await {
        Ok(answer) if signs(&answer) => findings.good("shops find the keys of passes"),
        Ok(answer) => findings.wrong(&format!("{page} answers {} without keys", answer.status)),
        Err(fault) => findings.wrong(&format!("{page}: {fault:#}")),
    }
}

async fn ops(asker: &Asker, queue: &Uri, findings: &mut Findings) {
    let (mut open, mut silent) = (false, 0);
    for path in OPS {
        let Some(page) = at(queue, path) else { continue };
        match asker.ask(&Question::get(&page)).await {
            Ok(answer) if ours(path, &answer) => {
                open = true;
                let said = "is there for everybody: it belongs to the ops listener";
                findings.open(&format!("{page} {said}"));
            }
            Ok(_) => {}
            Err(_) => silent += 1,
        }
    }
    if !open {
        let said = "nothing of the ops listener is to be seen here";
        findings.good_as_far_as_known(said, (silent, OPS.len()));
    }
}

/// Whether an answer is that of our ops listener, and not a page of the shop's with this name.
fn ours(path: &str, answer: &Answer) -> bool {
    let text = String::from_utf8_lossy(&answer.body);
    match path {
        "/readyz" => text.contains("\"sales\""),
        "/metrics" => text.contains("stanchion_"),
        _ => answer.header("location").starts_with("/console/"),
    }
}
