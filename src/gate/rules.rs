//! Who needs a pass for what. Pure: a request comes in, what follows comes out.
//!
//! The first rule that fits decides, and what no rule speaks of is protected. A path is held
//! against them in its normal form, and once more without what stands behind semicolons: where the
//! two come apart, some server behind us would read something else than we decided on.

use std::net::IpAddr;

use http::{HeaderMap, Method};

use crate::files::gate::{Rule, Then};
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
pub fn decide<'r>(rules: &'r [Rule], asked: Request<'_>) -> Result<&'r Then, Ambiguous> {
    let then = first(rules, asked);
    match path::without_parameters(asked.path) {
        Some(bare) if first(rules, Request { path: &bare, ..asked }) != then => {
            Err(Ambiguous::Parameters)
        }
        _ => Ok(then),
    }
}

fn first<'r>(rules: &'r [Rule], asked: Request<'_>) -> &'r Then {
    const OTHERWISE: &Then = &Then::Protected { sale: None };
    rules.iter().find(|rule| fits(rule, asked)).map_or(OTHERWISE, |rule| &rule.then)
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
