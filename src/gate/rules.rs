//! Who needs a pass for what. Pure: a request comes in, what follows comes out.
//!
//! The first rule that fits decides, and what no rule speaks of is protected. A path is held
//! against them in its normal form, and once more without what stands behind semicolons: where the
//! two come apart, some server behind us would read something else than we decided on.
//!
//! A card page is an exception: only a rule for that page, or one that refuses, goes before it.

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

/// What follows for a request.
///
/// # Errors
/// [`Ambiguous::Parameters`] if that depends on how semicolons are read.
pub fn decide<'g>(gate: &'g Gate, asked: Request<'_>) -> Result<&'g Then, Ambiguous> {
    let then = first(gate, asked);
    match path::without_parameters(asked.path) {
        Some(bare) if first(gate, Request { path: &bare, ..asked }) != then => {
            Err(Ambiguous::Parameters)
        }
        _ => Ok(then),
    }
}

fn first<'g>(gate: &'g Gate, asked: Request<'_>) -> &'g Then {
    const OTHERWISE: &Then = &Then::Protected { sale: None };
    const CARD: &Then = &Then::Card;
    let rule = gate.rules.iter().find(|rule| fits(rule, asked));
    let goes_before = |card: &str| {
        rule.is_some_and(|rule| rule.then == Then::Refused || begins(&rule.path, card))
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
    begins(path, card) && (more || path.len() == card.len())
}

fn begins(path: &str, with: &str) -> bool {
    path.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with))
}

fn fits(rule: &Rule, asked: Request<'_>) -> bool {
    let path = match rule.begins {
        true => asked.path.starts_with(&rule.path),
        false => asked.path == rule.path,
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
