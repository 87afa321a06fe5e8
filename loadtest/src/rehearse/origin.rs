//! The venue's site: one of its pages asked for in rising numbers, until it slows down.
//!
//! Asks for nothing else, changes nothing there, and stops at the first step that hurts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::Tell;
use crate::history::clock::RunClock;
use crate::measure::notebook::Notebook;
use crate::measure::{Ended, Operation};
use crate::scenario::{Http, Phase, Wires};
use crate::web::Web;
use crate::web::ask::Ask;
use crate::web::browser::Browser;

/// Pages a second, in steps.
const STEPS: [u32; 10] = [1, 2, 5, 10, 20, 40, 80, 150, 300, 600];
/// The length of a step.
const STEP_SPAN: Duration = Duration::from_secs(4);
/// Visitors take a page as broken after this.
const ANSWER_SPAN: Duration = Duration::from_secs(10);
/// A page may take so long for one in a hundred …
const P99_MS_MAX: f64 = 2_000.0;
/// … and no more than so many times what it took alone.
const SLOWER_MAX: f64 = 4.0;

/// What a site bears.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The page.
    pub url: String,
    /// The most pages a second that were served in time.
    pub pages_per_second: u32,
    /// What half of them took then, in milliseconds.
    pub p50_ms: f64,
    /// What the next step failed by; nothing if there was none.
    pub limit: Option<String>,
}

/// Raises the load until the site slows down.
pub(super) async fn find(url: &str, tell: Tell<'_>) -> anyhow::Result<Origin> {
    let mut found = Origin { url: url.to_owned(), pages_per_second: 0, p50_ms: 0.0, limit: None };
    let mut alone_ms = None;
    for pages in STEPS {
        tell(&format!("{url}: {pages} pages a second"), None);
        let step = step(url, pages).await?;
        let alone = *alone_ms.get_or_insert(step.p50_ms);
        if let Some(limit) = step.limit(alone) {
            ensure!(found.pages_per_second > 0, "{url} does not bear one page a second: {limit}");
            found.limit = Some(format!("{pages} pages a second: {limit}"));
            break;
        }
        found.pages_per_second = pages;
        found.p50_ms = step.p50_ms;
    }
    Ok(found)
}

/// What one step brought.
struct Step {
    failed: u64,
    p50_ms: f64,
    p99_ms: f64,
}

impl Step {
    fn limit(&self, alone_ms: f64) -> Option<String> {
        if self.failed > 0 {
            return Some(format!("{} failed", self.failed));
        }
        if self.p99_ms > P99_MS_MAX {
            return Some(format!("one in a hundred took more than {:.0} ms", self.p99_ms));
        }
        (self.p50_ms > alone_ms * SLOWER_MAX && self.p50_ms > 100.0)
            .then(|| format!("half took more than {:.0} ms; {alone_ms:.0} ms alone", self.p50_ms))
    }
}

async fn step(url: &str, pages: u32) -> anyhow::Result<Step> {
    let (site, path) = split(url)?;
    let clock = RunClock::begin();
    let phases = [Phase { name: "step".to_owned(), from: Duration::ZERO }];
    let notebook = Arc::new(Notebook::new(&phases));
    let wires = Wires { http: Http::One, sources: Vec::new(), answer_span: ANSWER_SPAN };
    let web = Arc::new(Web::new(&[site], &wires, None, (clock, notebook.clone()))?);
    let mut asking = tokio::task::JoinSet::new();
    let count = u64::from(pages) * STEP_SPAN.as_secs();
    for at in 0..count {
        let intended_us = at * 1_000_000 / u64::from(pages);
        let (web, path) = (web.clone(), path.to_owned());
        asking.spawn(async move {
            tokio::time::sleep_until(web.clock().instant(intended_us).into()).await;
            let browser = Browser::new(&web, 0);
            let _ = browser.ask(&Ask::get(Operation::Shop, path), intended_us).await;
        });
    }
    asking.join_all().await;
    let measured = notebook.figures();
    let part = measured.whole(Some(Operation::Shop), None).context("pages were asked for")?;
    let well = part.endings.get(&Ended::Well).copied().unwrap_or(0);
    let (p50_ms, p99_ms) = (part.latency.quantile_ms(0.5), part.latency.quantile_ms(0.99));
    Ok(Step { failed: part.count() - well, p50_ms, p99_ms })
}

/// The site and the path of a page.
fn split(url: &str) -> anyhow::Result<(&str, &str)> {
    let host = url.find("://").context("the address of a page begins with http:// or https://")?;
    let host = host + "://".len();
    let path = url[host..].find('/').map_or(url.len(), |at| host + at);
    let (site, path) = url.split_at(path);
    Ok((site, if path.is_empty() { "/" } else { path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_site_and_a_path() {
        let both = |url| split(url).expect("it is good");
        assert_eq!(both("http://a.example"), ("http://a.example", "/"));
        assert_eq!(both("https://a.example/x?y=/z"), ("https://a.example", "/x?y=/z"));
        assert!(split("a.example").is_err());
    }
}
