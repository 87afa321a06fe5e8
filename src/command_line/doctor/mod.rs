//! `stanchion doctor`: asks a shop and its queue as strangers would, and says what is still open.
//!
//! Knows no configuration: what it says is what anybody on its side of the network would find. It
//! takes no place in the queue, and sends nothing that a shop could take for an order.

mod ask;
mod blind;
mod queue;
mod shop;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use http::Uri;

use super::serve::runtime;
use super::{EXIT_REFUSED, EXIT_WELL};
use ask::Asker;

#[derive(Args)]
pub(super) struct Asked {
    /// A page of the shop that needs a pass, as a browser has it: https://shop.example.org/shows/1.
    #[arg(value_parser = page)]
    page: Uri,
    /// The shop's own server, which nobody is to reach but through the gate: its scheme, host and
    /// port.
    #[arg(long, value_name = "ADDRESS", value_parser = page)]
    behind: Option<Uri>,
    /// A page that needs no pass: an image, the call of a payment service. May be given several
    /// times.
    #[arg(long = "open", value_name = "PAGE", value_parser = page)]
    open: Vec<Uri>,
    /// Whose certificates are believed besides (PEM), where those of the system are not enough.
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
    /// Seconds to wait for an answer.
    #[arg(long, default_value_t = 10)]
    patience: u64,
}

/// What was found.
#[derive(Default)]
struct Findings {
    open: usize,
    wrong: usize,
    unknown: usize,
}

impl Findings {
    /// As it should be.
    fn good(&self, said: &str) {
        println!("  good     {said}");
    }

    /// As it should be, if so many of the questions about it had all got an answer.
    fn good_as_far_as_known(&mut self, said: &str, (silent, asked): (usize, usize)) {
        if silent == 0 {
            self.good(said);
        } else {
            self.unknown(&format!("{said}, as far as is known: {silent} of {asked} got no answer"));
        }
    }

    /// Somebody gets in without a pass.
    fn open(&mut self, said: &str) {
        self.open += 1;
        println!("  OPEN     {said}");
    }

    /// It does not work as it should.
    fn wrong(&mut self, said: &str) {
        self.wrong += 1;
        println!("  WRONG    {said}");
    }

    /// Cannot be known from outside.
    fn unknown(&mut self, said: &str) {
        self.unknown += 1;
        println!("  look     {said}");
    }
}

pub(super) fn run(asked: &Asked) -> anyhow::Result<u8> {
    let authority = asked.authority.as_ref();
    let authority = authority
        .map(|file| std::fs::read(file).with_context(|| format!("cannot read {}", file.display())));
    let asker = Asker::new(authority.transpose()?.as_deref(), Duration::from_secs(asked.patience))?;
    runtime()?.block_on(probe(asked, &asker))
}

fn page(text: &str) -> Result<Uri, String> {
    let page: Option<Uri> = text.parse().ok();
    let whole =
        |page: &Uri| matches!(page.scheme_str(), Some("http" | "https")) && page.host().is_some();
    page.filter(whole).ok_or_else(|| "begin it with https:// and a host".to_owned())
}

async fn probe(asked: &Asked, asker: &Asker) -> anyhow::Result<u8> {
    let mut findings = Findings::default();
    println!("{}", asked.page);
    let way = shop::way(asker, &asked.page).await?;
    if let Some(way) = &way {
        println!("  this is  {}", way.said());
        shop::probe(asker, &asked.page, way, &mut findings).await;
    } else {
        findings.open("the page is shown to whoever asks: nothing asks for a pass here");
    }
    for page in &asked.open {
        shop::stays_open(asker, page, &mut findings).await;
    }
    if let Some(behind) = &asked.behind {
        println!("{behind}");
        shop::behind(asker, behind, &asked.page, &mut findings).await;
    }
    if let Some(way) = &way {
        println!("{}", way.queue);
        queue::probe(asker, way, &mut findings).await;
    }
    let Findings { open, wrong, unknown } = findings;
    println!("{open} open, {wrong} wrong, {unknown} to look at");
    Ok(if open + wrong == 0 { EXIT_WELL } else { EXIT_REFUSED })
}
