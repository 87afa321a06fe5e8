//! Whole nights on fresh servers, each with another cap, faster than life.

use std::fs;
use std::time::Duration;

use super::sale::Sale;
use super::{Rehearsal, Tell};
use crate::checks::Verdict;
use crate::history::{Told, What};
use crate::measure::Operation;
use crate::night::{Night, Played, Worked};
use crate::report::page::page;
use crate::scenario::read::read_text;
use crate::scenario::{OwnServer, Scenario};

/// Caps that are tried, as multiples of the sale's own, highest last.
const CAPS: [f64; 4] = [0.25, 0.5, 1.0, 2.0];
/// The crowd of a rehearsal: how people are, when nothing is known about them.
const CROWD: &str = include_str!("crowd.toml");

/// When the sale opens in a crowd's evening.
const OPENS_AFTER: Duration = Duration::from_secs(180);
/// People of a night. Who waits does not change how shopping goes, as long as somebody does; how
/// many may wait is what the ceiling says.
const PEOPLE_MAX: u32 = 2_000;

/// One night that was played.
#[derive(Clone, Debug)]
pub struct NightPlayed {
    /// Most visitors in the shop at once.
    pub cap: u32,
    /// Units sold.
    pub sold: u64,
    /// Units there were to sell.
    pub capacity: u64,
    /// The share of holds refused because somebody else was faster, while there was still
    /// something.
    pub crowding: f64,
    /// When nine tenths of what was sold had been sold: minutes of the evening as people live it.
    pub sold_after_minutes: Option<f64>,
    /// How long a shopper was in the shop, at the median, in minutes as people live them.
    pub visit_minutes: Option<f64>,
    /// The 99th percentile of holds, in milliseconds.
    pub hold_p99_ms: f64,
    /// Names of promises that were broken.
    pub broken: Vec<String>,
    /// Why the harness is not to be believed.
    pub doubts: Vec<String>,
}

/// Plays the nights.
pub(super) async fn play(
    asked: &Rehearsal,
    sale: &Sale,
    tell: Tell<'_>,
) -> anyhow::Result<Vec<NightPlayed>> {
    let mut nights = Vec::new();
    for cap in caps(sale.cap) {
        let what = format!("a night with cap {cap}");
        tell(&what, None);
        let folder = tempfile::tempdir()?;
        let file = sale.hurried(asked.pace_of_life, cap, folder.path())?;
        let own = OwnServer { sale: file, set: Vec::new(), opens_after: None, standby: false };
        let scenario = crowd(asked, sale, own)?;
        let (server, worked) = (asked.server.clone(), Worked::Here { processes: 1 });
        let night = Night { scenario, server, worked, memory_bytes: None };
        let played = night.play(&mut |standing| tell(&what, Some(standing))).await?;
        fs::create_dir_all(&asked.out)?;
        fs::write(asked.out.join(format!("cap-{cap}.html")), page(&played.report)?)?;
        nights.push(look(asked, cap, &played));
    }
    Ok(nights)
}

/// The caps to try, each once.
fn caps(own: u32) -> Vec<u32> {
    let mut caps: Vec<_> =
        CAPS.iter().map(|times| ((f64::from(own) * times).round() as u32).max(1)).collect();
    caps.dedup();
    caps
}

/// The crowd of a rehearsal, so many, at this sale.
fn crowd(asked: &Rehearsal, sale: &Sale, own: OwnServer) -> anyhow::Result<Scenario> {
    let read = read_text(std::path::Path::new("crowd.toml"), CROWD);
    let mut scenario = read.map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
    scenario.name = format!("{}: a rehearsal", sale.name);
    scenario.target.sale.clone_from(&sale.id);
    scenario.pace_of_life = asked.pace_of_life;
    scenario.own = Some(OwnServer { opens_after: Some(OPENS_AFTER), ..own });
    Ok(scenario.with_people(asked.people.min(PEOPLE_MAX)))
}

fn look(asked: &Rehearsal, cap: u32, played: &Played) -> NightPlayed {
    let report = &played.report;
    let broken = report.findings.iter().filter(|finding| finding.verdict == Verdict::Broken);
    let last = report.boards.last();
    let minutes = |ms: u64| ms as f64 * asked.pace_of_life / 60_000.0;
    let sold = last.map_or(0, |board| board.counts.sold);
    let most = report.boards.iter().find(|board| board.counts.sold * 10 >= sold * 9 && sold > 0);
    let holds = report.measured.whole(Some(Operation::Hold), None);
    NightPlayed {
        cap,
        sold,
        capacity: last.map_or(0, |board| board.counts.capacity - board.counts.withheld),
        crowding: crowding(&played.history),
        sold_after_minutes: most.map(|board| minutes(board.at_ms)),
        visit_minutes: visit_ms(&played.history).map(minutes),
        hold_p99_ms: holds.map_or(0.0, |part| part.latency.quantile_ms(0.99)),
        broken: broken.map(|finding| finding.check.clone()).collect(),
        doubts: report.doubts.clone(),
    }
}

/// Of all holds that were tried while anything was left, the share that somebody else had taken.
fn crowding(history: &[Told]) -> f64 {
    let (mut held, mut faster) = (0_u32, 0_u32);
    for told in history {
        match &told.what {
            What::Held { .. } => held += 1,
            What::HoldRefused { code, .. }
                if ["unavailable", "in_baskets", "no_block"].contains(&code.as_str()) =>
            {
                faster += 1;
            }
            _ => {}
        }
    }
    f64::from(faster) / f64::from((held + faster).max(1))
}

/// From claim to leaving, at the median.
fn visit_ms(history: &[Told]) -> Option<u64> {
    let mut claimed = std::collections::BTreeMap::new();
    let mut visits = Vec::new();
    for told in history {
        match &told.what {
            What::Claimed { number } => {
                claimed.insert(*number, told.asked_us);
            }
            What::Left { number } => {
                if let Some(from_us) = claimed.remove(number) {
                    visits.push(told.asked_us.saturating_sub(from_us) / 1_000);
                }
            }
            _ => {}
        }
    }
    visits.sort_unstable();
    visits.get(visits.len() / 2).copied()
}
