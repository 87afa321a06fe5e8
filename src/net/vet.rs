//! Declines requests that two readers could understand differently, and those that are too large.
//!
//! How a request of HTTP/1 is framed has been looked at before (see [`super::framing`]). What this
//! file sees: a missing or a second Host, a Host that is no host, a target that names another one.
//! HTTP/1.0 needs none: some that ask whether a server is there name none.

use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, StatusCode, Version};

use super::framing::ending::LARGE_HOST;
use super::framing::refused::STAND_IN_HOST;
use super::problem::{Declined, HOST_MISSING};
use super::settings::Settings;

const HEAD_TOO_LARGE: Declined = Declined {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    code: "headers_too_large",
    detail: "send fewer header fields",
};
const TARGET_TOO_LONG: Declined = Declined {
    status: StatusCode::URI_TOO_LONG,
    code: "target_too_long",
    detail: "send a shorter address",
};
const NO_TUNNELS: Declined = Declined {
    status: StatusCode::METHOD_NOT_ALLOWED,
    code: "method_not_allowed",
    detail: "tunnels are not offered here",
};
const HOST_INVALID: Declined = Declined::bad("host_invalid", "send a host, with a port if need be");
const HOST_DIFFERS: Declined = Declined::bad("host_differs", "name the same host everywhere");
const FRAMING_AMBIGUOUS: Declined =
    Declined::bad("framing_ambiguous", "send a request that can be read in one way only");

/// Looks at a request's head.
///
/// # Errors
/// What it is declined with.
pub(super) fn vet(head: &Parts, settings: &Settings) -> Result<(), Declined> {
    if head.method == Method::CONNECT {
        return Err(NO_TUNNELS);
    }
    if target_bytes(head) > settings.target_bytes_max {
        return Err(TARGET_TOO_LONG);
    }
    if head.headers.len() > settings.headers_max || head_bytes(head) > settings.head_bytes_max {
        return Err(HEAD_TOO_LARGE);
    }
    vet_host(head)
}

fn vet_host(head: &Parts) -> Result<(), Declined> {
    if is_plain(head) {
        return Ok(());
    }
    let hosts = head.headers.get_all(HOST);
    if hosts.iter().next_back().is_some_and(|host| host == LARGE_HOST) {
        return Err(HEAD_TOO_LARGE);
    }
    let mut hosts = hosts.iter();
    let host = hosts.next().map(authority).transpose()?;
    if hosts.next().is_some() {
        return Err(HOST_MISSING);
    }
    match (host, head.uri.authority()) {
        (None, None) if head.version == Version::HTTP_11 || head.version == Version::HTTP_2 => {
            Err(HOST_MISSING)
        }
        // RFC 9112, section 3.2.2: a Host is needed even beside a target that names one.
        (None, Some(_)) if head.version == Version::HTTP_11 => Err(HOST_MISSING),
        (_, Some(named)) if named.as_str().contains('@') => Err(HOST_INVALID),
        (Some(host), Some(named)) if host != *named => Err(HOST_DIFFERS),
        _ => Ok(()),
    }
}

/// Whether there is one Host, of nothing but letters, digits, dots and hyphens, perhaps with a
/// port, and no other host is named: what nearly every request looks like, told without a copy.
fn is_plain(head: &Parts) -> bool {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (Some(host), None, None) = (hosts.next(), hosts.next(), head.uri.authority()) else {
        return false;
    };
    let mut parts = host.as_bytes().splitn(2, |byte| *byte == b':');
    let name = parts.next().unwrap_or_default();
    let port = parts.next().unwrap_or(b"80");
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    !name.is_empty() && name.iter().all(of_name) && of_port(port)
}

fn authority(host: &HeaderValue) -> Result<Authority, Declined> {
    if host == STAND_IN_HOST {
        return Err(FRAMING_AMBIGUOUS);
    }
    let authority: Authority = host.as_bytes().try_into().map_err(|_| HOST_INVALID)?;
    let named = !authority.host().is_empty() && !authority.as_str().contains('@');
    let port = authority.as_str().strip_prefix(authority.host()).unwrap_or("@");
    let plain =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| of_port(port.as_bytes()));
    if named && plain { Ok(authority) } else { Err(HOST_INVALID) }
}

fn of_port(port: &[u8]) -> bool {
    (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit)
}

fn target_bytes(head: &Parts) -> usize {
    let authority = head.uri.authority().map_or(0, |authority| authority.as_str().len());
    authority + head.uri.path_and_query().map_or(0, |target| target.as_str().len())
}

fn head_bytes(head: &Parts) -> usize {
    // A name, a colon, a space, a value, and the end of the line.
    let line = |(name, value): (&http::HeaderName, &HeaderValue)| {
        name.as_str().len() + value.as_bytes().len() + 4
    };
    target_bytes(head) + head.headers.iter().map(line).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(version: Version, uri: &str, hosts: &[&str]) -> Option<&'static str> {
        let mut request = http::Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        vet(&head, &Settings::default()).err().map(|declined| declined.code)
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        use Version as V;
        for (version, uri, hosts, declined) in [
            (V::HTTP_11, "/", &["arena.test"][..], None),
            (V::HTTP_11, "/", &["arena.test:8080"], None),
            (V::HTTP_11, "/", &["[2001:db8::1]:80"], None),
            (V::HTTP_10, "/", &[], None),
            (V::HTTP_2, "https://arena.test/", &[], None),
            (V::HTTP_2, "https://arena.test/", &["ARENA.test"], None),
            (V::HTTP_11, "http://arena.test/", &["arena.test"], None),
            (V::HTTP_11, "/", &[], Some("host_missing")),
            (V::HTTP_11, "http://arena.test/", &[], Some("host_missing")),
            (V::HTTP_2, "/", &[], Some("host_missing")),
            (V::HTTP_11, "/", &["a.test", "a.test"], Some("host_missing")),
            (V::HTTP_10, "/", &["a.test", "b.test"], Some("host_missing")),
            (V::HTTP_11, "http://arena.test/", &["other.test"], Some("host_differs")),
            (V::HTTP_2, "https://arena.test/", &["other.test"], Some("host_differs")),
            (V::HTTP_11, "/", &[""], Some("host_invalid")),
            (V::HTTP_11, "/", &["a b"], Some("host_invalid")),
            (V::HTTP_11, "/", &["a:b"], Some("host_invalid")),
            (V::HTTP_11, "/", &["a:"], Some("host_invalid")),
            (V::HTTP_11, "/", &["?ambiguous"], Some("framing_ambiguous")),
            (V::HTTP_11, "/", &["me@arena.test"], Some("host_invalid")),
            (V::HTTP_11, "/", &["arena.test/path"], Some("host_invalid")),
        ] {
            assert_eq!(check(version, uri, hosts), declined, "{version:?} {uri} {hosts:?}");
        }
    }
}
