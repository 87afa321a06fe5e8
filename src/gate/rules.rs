//! Who needs a pass for what. Pure: a request comes in, what follows comes out.
//!
//! The first rule that fits decides, and what no rule speaks of is protected. A path is held
//! against them in its normal form, and again as careless servers read it, who take capitals for
//! small letters, or drop what stands behind a semicolon and dots and spaces at the end of a name:
//! the reading that closes most decides.
//!
//! A card page is an exception: only a rule for that page, or one that refuses, goes before it.

use std::cmp::Ordering;
use std::iter;
use std::net::IpAddr;

use http::{HeaderMap, Method};

use crate::files::gate::{Gate, Rule, Then};
use crate::net::path::{self, Ambiguous};

/// What the rules look at.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The path in its normal form, without its query.
    pub path: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The host, perhaps with a port.
    pub host: &'a str,
    /// All header fields.
    pub headers: &'a HeaderMap,
    /// Who asks; of IPv6 through a proxy, the first 64 bits.
    pub address: IpAddr,
}

/// Whether two texts are the same.
type Same = fn(&str, &str) -> bool;

/// Capitals are taken for small letters.
const ALIKE: Same = str::eq_ignore_ascii_case;

/// What follows for a request; `own`: whose pass opens what is protected and names no sale.
///
/// # Errors
/// [`Ambiguous::Sales`] if it depends on how it is read whose pass that is.
pub fn decide<'g>(gate: &'g Gate, own: &str, asked: Request<'_>) -> Result<&'g Then, Ambiguous> {
    let bare = path::bare(asked.path);
    let mut decided = &Then::Open;
    for path in iter::once(asked.path).chain(bare.as_deref()) {
        for same in [str::eq, ALIKE] {
            let then = first(gate, Request { path, ..asked }, same);
            match closes(then).cmp(&closes(decided)) {
                Ordering::Greater => decided = then,
                Ordering::Equal if opened_by(then, own) != opened_by(decided, own) => {
                    return Err(Ambiguous::Sales);
                }
                _ => {}
            }
        }
    }
    Ok(decided)
}

/// How much a decision closes, beside the others.
fn closes(then: &Then) -> u8 {
    match then {
        Then::Open => 0,
        Then::Protected { .. } => 1,
        Then::Card => 2,
        Then::Refused => 3,
    }
}

/// The sale whose pass opens it.
fn opened_by<'t>(then: &'t Then, own: &'t str) -> Option<&'t str> {
    match then {
        Then::Protected { sale } => Some(sale.as_deref().unwrap_or(own)),
        _ => None,
    }
}

fn first<'g>(gate: &'g Gate, asked: Request<'_>, same: Same) -> &'g Then {
    const OTHERWISE: &Then = &Then::Protected { sale: None };
    const CARD: &Then = &Then::Card;
    let rule = gate.rules.iter().find(|rule| fits(rule, asked, same));
    let goes_before = |card: &str| {
        rule.is_some_and(|rule| rule.then == Then::Refused || begins(&rule.path, card, ALIKE))
    };
    let mut cards = gate.cards.paths.iter();
    match cards.any(|(card, more)| is_card(asked.path, card, *more) && !goes_before(card)) {
        true => CARD,
        false => rule.map_or(OTHERWISE, |rule| &rule.then),
    }
}

/// Whether a path is that of a card page, or goes on from it. In any letters: some servers take
/// capitals for small ones, and nobody misses what is a card page to them alone.
fn is_card(path: &str, card: &str, more: bool) -> bool {
    begins(path, card, ALIKE) && (more || path.len() == card.len())
}

fn begins(path: &str, with: &str, same: Same) -> bool {
    path.get(..with.len()).is_some_and(|begin| same(begin, with))
}

fn fits(rule: &Rule, asked: Request<'_>, same: Same) -> bool {
    let path = match rule.begins {
        true => begins(asked.path, &rule.path, same),
        false => same(asked.path, &rule.path),
    };
    path && (rule.methods.is_empty() || rule.methods.contains(asked.method))
        && rule.host.as_ref().is_none_or(|host| same_host(host, asked.host))
        && rule.header.as_ref().is_none_or(|(name, text)| {
            let mut fields = asked.headers.get_all(name).iter();
            fields.any(|field| field.to_str().is_ok_and(|field| field.contains(text)))
        })
        && (rule.from.is_empty() || rule.from.iter().any(|network| network.holds(asked.address)))
}

/// Whether a host that was asked for is the one of a rule, whatever its port.
fn same_host(host: &str, asked: &str) -> bool {
    let bare = match asked.rsplit_once(':') {
        // What stands in brackets has colons of its own.
        Some((bare, port)) if !port.contains(']') => bare,
        _ => asked,
    };
    bare.strip_suffix('.').unwrap_or(bare).eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests;
