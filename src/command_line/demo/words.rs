//! What the demonstration says at its beginning and at its end.

use std::net::SocketAddr;

use super::crowd::ledger::Verdict;
use super::crowd::tally::Tally;
use super::folder::Folder;
use super::night::{Asked, Keys};
use super::served::Ended;

/// Ways into the console.
pub(super) struct Links {
    /// Whoever opens it leads the night as a guest.
    pub(super) guest: Option<String>,
    /// Whoever opens it makes the first account, while there is none.
    pub(super) first: Option<String>,
}

/// Broken promises that are named one by one.
const NAMED_MAX: usize = 10;

/// `staying`: how many of the crowd come back, if a night was there already.
pub(super) fn greet(asked: &Asked, staying: Option<usize>) {
    let folder = asked.data.display();
    match staying {
        Some(staying) if staying > 0 && asked.crowd > 0 => {
            println!("Going on with the night in {folder}: {staying} of the crowd come back.");
        }
        Some(_) => println!("Going on with the night in {folder}; --fresh begins a new one."),
        None => println!("A night in the theatre: the sale opens in {} s.", asked.opens_in),
    }
}

/// `links`: into the console, if there is one.
pub(super) fn say_where(
    asked: &Asked,
    keys: &Keys,
    [public, ops, shop]: [SocketAddr; 3],
    links: Option<&Links>,
) {
    println!();
    println!("  to queue      http://{public}/demo");
    println!("  to shop       http://{shop}/      (when it is your turn)");
    if let Some(link) = links.and_then(|links| links.guest.as_deref()) {
        println!("  to lead       {link}");
    }
    if let Some(link) = links.and_then(|links| links.first.as_deref()) {
        println!("  to manage     {link}");
        println!("                (makes the first account; needs an authenticator app)");
    }
    println!("  to operate    http://{ops}/v1/sales/demo      with the bearer token");
    println!("                {}", keys.staff.text);
    if asked.standby {
        println!("  Two servers: these addresses lead to the one that writes.");
        println!("  `kill -9` its pid, and the other one takes over.");
    }
    println!("  Ctrl-C stops; the same command goes on where it was.");
    println!();
}

/// What there is to do in a night that begins, and what happens in it by itself.
pub(super) fn say_what_happens() {
    println!("  Five minutes, to do all of it once:");
    println!("    1. Open the queue and join. When it is your turn, go in, choose two seats, pay.");
    println!("       Whoever joins in the first two minutes waits for less than one.");
    println!("    2. Open the link to lead in another window, come in, choose the sale.");
    println!("       Under Controls lower the cap, and post a notice in two languages.");
    println!("    3. See in the queue what they who wait read: the notice, and then what is left.");
    println!("    4. Stop sale time under Controls; read and print the night under After.");
    println!();
    println!("  What happens by itself, about so long after the start:");
    println!("    0:20  the sale opens");
    println!("    2:00  half of the house is sold");
    println!("    3:00  few seats are left, and those who still come wait for what comes back");
    println!("    4:45  all is sold: everybody who waits is told so, and the crowd goes home");
    println!();
}

/// What became of what was acknowledged to the crowd.
pub(super) fn say_what_became(verdict: &Verdict, tally: &Tally) {
    println!("The crowd says: {verdict}.");
    let rose = tally.lost_positions.get();
    println!("Positions that rose or places that were lost: {rose}.");
}

/// The same, for a night in which servers were killed: a sentence for each promise.
pub(super) fn say_what_stands(verdict: &Verdict, tally: &Tally) {
    let Verdict { orders, found, seats, places, .. } = verdict;
    if orders == found {
        println!(
            "Every order that a buyer was told of is there with the same seats: {orders} orders, \
             {seats} seats."
        );
    } else {
        println!("LOST: of {orders} orders that buyers were told of, {found} are there as told.");
    }
    let lost = tally.lost_positions.get();
    if verdict.numbers_doubled.is_empty() && lost == 0 {
        println!("Every place kept its number: {places} places.");
    } else {
        let doubled = verdict.numbers_doubled.len();
        println!("LOST: {lost} places were lost or fell back; {doubled} numbers were given twice.");
    }
    match verdict.doubled.len() {
        0 => println!("No seat was sold twice."),
        doubled => println!("SOLD TWICE: {doubled} seats."),
    }
    verdict.broken().take(NAMED_MAX).for_each(|what| println!("  {what}"));
}

pub(super) fn say_the_end(ended: Ended, folder: &Folder) {
    ended.takeovers.iter().for_each(|takeover| println!("{takeover}."));
    if let Some(report) = &ended.journal {
        println!("The journal is sound: {report}.");
    }
    println!("Stopped. The same command goes on with this night; --fresh begins a new one.");
    if ended.journal.is_none() {
        println!("`stanchion verify {}` checks its journal.", folder.journal().display());
    }
}
