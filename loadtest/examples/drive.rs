//! How much load this machine makes on one core, without a server worth the name.
//!
//! `drive URL PEOPLE SECONDS [2]` lets so many people at once ask a server that answers every request
//! with the same place: first each as soon as they were answered, then a crowd of visitors as they
//! are told. Uses one core. `floor` of the server's benches is such a server, given a file with
//!
//! ```text
//! 200
//! content-type: application/json
//!
//! {"number":1,"state":"waiting","poll_after_ms":1000,"token":"t"}
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};
use stanchion_loadtest::crowd::{self, Ground, Share};
use stanchion_loadtest::history::clock::RunClock;
use stanchion_loadtest::measure::Operation;
use stanchion_loadtest::measure::notebook::Notebook;
use stanchion_loadtest::scenario::person::Person;
use stanchion_loadtest::scenario::{Http, Wires};
use stanchion_loadtest::web::Web;
use stanchion_loadtest::web::ask::Ask;
use stanchion_loadtest::web::browser::Browser;
use stanchion_loadtest::web::descriptors;
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::print_stdout, reason = "whoever runs it wants the figures")]
fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("drive URL PEOPLE SECONDS");
    let (url, people, seconds) = (next()?, next()?.parse()?, next()?.parse()?);
    println!("descriptors: {}", descriptors::raise()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let span = Duration::from_secs(seconds);
    for http in [Http::One, Http::Two] {
        let sources = (1..5).map(|at| std::net::Ipv4Addr::new(127, 0, 0, at).into()).collect();
        let wires = Wires { http, sources, answer_span: Duration::from_secs(30) };
        println!(
            "{http:?}, back to back: {}",
            runtime.block_on(drive(&url, &wires, people, span))?
        );
        println!("{http:?}, a crowd: {}", runtime.block_on(live(&url, &wires, people, span))?);
    }
    Ok(())
}

fn way(url: &str, wires: &Wires) -> anyhow::Result<(Arc<Web>, Arc<Notebook>)> {
    let notebook = Arc::new(Notebook::default());
    let web = Web::new(&[url], wires, None, (RunClock::begin(), notebook.clone()))?;
    Ok((Arc::new(web), notebook))
}

async fn drive(url: &str, wires: &Wires, people: u32, span: Duration) -> anyhow::Result<String> {
    let (web, _) = way(url, wires)?;
    let (asked, lost) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (began, cpu) = (Instant::now(), cpu());
    let mut asking = tokio::task::JoinSet::new();
    for who in 0..people {
        let (web, asked, lost) = (web.clone(), asked.clone(), lost.clone());
        asking.spawn(async move {
            let browser = Browser::new(&web, who);
            let ask = Ask::get(Operation::Poll, "/v1/sales/s/places/me").bearer("t");
            while began.elapsed() < span {
                let told = browser.ask(&ask, web.clock().now_us()).await;
                asked.fetch_add(1, Ordering::Relaxed);
                lost.fetch_add(u64::from(told.is_err()), Ordering::Relaxed);
            }
        });
    }
    asking.join_all().await;
    let (asked, lost) = (asked.load(Ordering::Relaxed), lost.load(Ordering::Relaxed));
    Ok(figures(asked, began, cpu) + &format!(", {lost} lost"))
}

async fn live(url: &str, wires: &Wires, people: u32, span: Duration) -> anyhow::Result<String> {
    let (web, notebook) = way(url, wires)?;
    let (began, cpu) = (Instant::now(), cpu());
    let stop = CancellationToken::new();
    let people =
        (0..people).map(|who| Person::plain(who, u64::from(who) * 1_000_000 / u64::from(people)));
    let ground = Ground { web: web.clone(), gate: None, sale: "s".to_owned(), api_key: None };
    let share = Share { people: people.collect(), ground, tally: Arc::default() };
    let tally = share.tally.clone();
    let watch = async {
        tokio::time::sleep(span).await;
        let waiting = tally.counts()["waiting"];
        stop.cancel();
        waiting
    };
    let (_, waiting) = tokio::join!(crowd::run(share, &notebook, &stop), watch);
    let asked = tally.asked();
    let late_ms = notebook.lateness_p99_ms();
    let shown = format!(", {waiting} waiting, at most {late_ms:.1} ms late");
    Ok(figures(asked, began, cpu) + &shown + &format!(", {} shortages", web.shortages()))
}

fn figures(asked: u64, began: Instant, cpu_before: Duration) -> String {
    let (wall, cpu) = (began.elapsed().as_secs_f64(), (cpu() - cpu_before).as_secs_f64());
    let asked = asked as f64;
    let (a_second, us, by_core) = (asked / wall, cpu * 1e6 / asked, asked / cpu);
    format!("{a_second:.0} requests/s, {us:.1} us of processor each: {by_core:.0}/s a core")
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("a process has used some time")
}
