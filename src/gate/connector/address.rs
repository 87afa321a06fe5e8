//! The addresses by which a connector comes here, and those it is sent to. Pure.
//!
//! It has addresses of its own below a prefix that the gate file names; the router has them below
//! one of ours, without a slash at the end.

use crate::files::gate::Connector;
use crate::page::target::Target;

/// What the router's addresses begin with.
const HERE: &str = "/v1/connector";
/// Where connectors fetch their configuration, whatever their prefix.
const STATUS: &str = "status/integrationconfig/";
/// The query parameter in which a connector finds its token.
pub const TOKEN: &str = "queueittoken";

/// Where the router has a path; `None` if it is none of a connector's.
pub fn inside(connector: &Connector, path: &str) -> Option<String> {
    let bare = path.strip_prefix('/')?;
    let rest = match connector.prefix.as_str() {
        "" => Some(bare),
        prefix => bare.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')),
    };
    let known = |rest: &&str| {
        let begins = ["error/", "cancel/", STATUS];
        rest.is_empty() || begins.iter().any(|begins| rest.starts_with(begins))
    };
    let status = Some(bare).filter(|bare| bare.starts_with(STATUS));
    match rest.filter(known).or(status)? {
        "" => Some(HERE.to_owned()),
        rest => Some(format!("{HERE}/{}", rest.trim_end_matches('/'))),
    }
}

/// The address by which a connector sends a visitor to this waiting room who wants to go there, as
/// short as it can be.
pub fn entry(connector: &Connector, room: &str, target: &Target) -> String {
    let slash = if connector.prefix.is_empty() { "" } else { "/" };
    let Connector { prefix, customer, .. } = connector;
    format!("/{prefix}{slash}?c={customer}&e={room}&t={}", target.in_query())
}

/// A page of the shop, with this token and no other.
pub fn with_token(target: &Target, token: &str) -> String {
    let (path, query) = target.as_str().split_once('?').unwrap_or((target.as_str(), ""));
    let kept = query.split('&').filter(|pair| {
        !pair.is_empty()
            && pair.split('=').next().is_none_or(|key| !key.eq_ignore_ascii_case(TOKEN))
    });
    let added = format!("{TOKEN}={token}");
    let pairs: Vec<_> = kept.chain([added.as_str()]).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::files::gate::Cookie;

    fn connector(prefix: &str) -> Connector {
        Connector {
            customer: "arena".to_owned(),
            prefix: prefix.to_owned(),
            rooms: BTreeMap::new(),
            cookie: Cookie::Fixed,
            integrations: None,
        }
    }

    #[test]
    fn addresses_below_the_prefix_are_the_routers() {
        for (prefix, path, wanted) in [
            ("wait", "/wait/", Some("/v1/connector")),
            ("wait", "/wait", None),
            ("wait", "/wait/error/hash/", Some("/v1/connector/error/hash")),
            ("wait", "/wait/cancel/multiple/arena", Some("/v1/connector/cancel/multiple/arena")),
            ("wait", "/wait/assets/logo.svg", None),
            ("wait", "/waiting/", None),
            ("wait", "/", None),
            ("wait", "/error/hash/", None),
            ("a/b", "/a/b/", Some("/v1/connector")),
            ("", "/", Some("/v1/connector")),
            ("", "/error/ip/", Some("/v1/connector/error/ip")),
            ("", "/gala", None),
        ] {
            assert_eq!(inside(&connector(prefix), path).as_deref(), wanted, "{prefix} {path}");
        }
        let status = "/status/integrationconfig/secure/arena";
        let wanted = format!("{HERE}{status}");
        assert_eq!(inside(&connector("wait"), status), Some(wanted.clone()));
        assert_eq!(inside(&connector("wait"), &format!("/wait{status}")), Some(wanted));
    }

    #[test]
    fn a_token_takes_the_place_of_another_and_leaves_the_rest_as_it_is() {
        for (target, wanted) in [
            ("https://shop.test", "https://shop.test/?queueittoken=T"),
            ("https://shop.test/a?", "https://shop.test/a?queueittoken=T"),
            ("https://shop.test/a?x=1&y", "https://shop.test/a?x=1&y&queueittoken=T"),
            (
                "https://shop.test/a?x=%26&queueittoken=old&y=%20&QueueItToken=",
                "https://shop.test/a?x=%26&y=%20&queueittoken=T",
            ),
        ] {
            let target = Target::read(target, &["https://shop.test".to_owned()]);
            assert_eq!(with_token(&target.expect("a target"), "T"), wanted);
        }
    }

    #[test]
    fn a_visitor_comes_back_by_a_short_address() {
        let origins = ["https://shop.test".to_owned()];
        let target = Target::read("https://shop.test/a?x=1&y=2", &origins).expect("a target");
        let address = entry(&connector("wait"), "gala2026", &target);
        assert_eq!(address, "/wait/?c=arena&e=gala2026&t=https%3A//shop.test/a%3Fx%3D1%26y%3D2");
        assert!(entry(&connector(""), "gala2026", &target).starts_with("/?c=arena&"));
    }
}
