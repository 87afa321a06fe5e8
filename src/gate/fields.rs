//! Which header fields pass the gate, in either direction, and which are added.
//!
//! What belongs to one connection goes first, then what a visitor could pretend, then ours are
//! added: so no `Connection` field can name ours away. Pure; sends nothing.

use std::io::{self, Write};
use std::net::IpAddr;

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, Entry, HOST, HeaderMap, HeaderName, HeaderValue,
    SET_COOKIE, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts as RequestParts;
use http::response::Parts as ResponseParts;
use http::uri::Authority;
use http::{Method, Request, Response, Version};

use super::origin::Asks;

/// By which servers and applications let themselves be told who asks, from where and how, for which
/// host, or for another path than the one that was decided on; and `Proxy`, which a script takes
/// for a setting. Each stands for itself and for all names that go on from it with a hyphen. In
/// order, and none goes on from another, so one search finds it.
const TOLD: [&str; 54] = [
    "ali-cdn-real-ip",
    "cdn-src-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "cf-visitor",
    "client-cert",
    "client-ip",
    "cloudfront-forwarded-proto",
    "cloudfront-viewer-address",
    "do-connecting-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "fly-forwarded",
    "forwarded",
    "front-end-https",
    "http-x-forwarded",
    "incap-client-ip",
    "oxygen-buyer-ip",
    "proxy",
    "remote",
    "ssl-client",
    "true-client-ip",
    "wl-proxy",
    "x-appengine",
    "x-arr",
    "x-auth-request",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-cert",
    "x-client-ip",
    "x-client-verify",
    "x-cluster-client-ip",
    "x-envoy",
    "x-forwarded",
    "x-host",
    "x-http-host-override",
    "x-https",
    "x-nf-client-connection-ip",
    "x-original",
    "x-originating-ip",
    "x-override-url",
    "x-proxyuser-ip",
    "x-real",
    "x-remote",
    "x-rewrite-url",
    "x-scheme",
    "x-script-name",
    "x-ssl",
    "x-stanchion",
    "x-sucuri-clientip",
    "x-url-scheme",
    "x-vercel-forwarded",
    "x-webauth",
];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Bytes of an address, at most.
const ADDRESS_BYTES_MAX: usize = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".len();

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const SWITCHES: HeaderValue = HeaderValue::from_static("upgrade");

/// What a request gets on its way to the origin.
#[derive(Debug)]
pub(super) struct Added<'a> {
    pub(super) asks: &'a Asks,
    /// The Host that the origin is to see; `None`: the visitor's.
    pub(super) host: Option<&'a HeaderValue>,
    /// A WebSocket is asked for.
    pub(super) tunnels: bool,
}

/// Makes the header fields of a request those that the origin sees.
pub(super) fn towards(head: &mut RequestParts, added: Added<'_>) {
    let Added { asks, host, tunnels } = added;
    let sent_host = sent_host(head);
    let headers = &mut head.headers;
    strip(headers, told);
    strip_cookies(headers, &asks.own_cookies);
    if let Some(host) = host.or(sent_host.as_ref()) {
        headers.insert(HOST, host.clone());
    }
    if let Some(host) = sent_host {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(FORWARDED_FOR, address(asks.peer.asker.to_canonical()));
    let scheme = if asks.secure { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme));
    if tunnels {
        headers.insert(CONNECTION, SWITCHES);
        headers.insert(UPGRADE, WEBSOCKET);
    }
}

/// Makes the header fields of an answer those that the visitor sees.
pub(super) fn back(head: &mut ResponseParts, asks: &Asks) {
    let headers = &mut head.headers;
    strip(headers, |name| of_connection(name) || name.starts_with("x-stanchion-"));
    strip_set_cookies(headers, &asks.own_cookies);
    if head.status == http::StatusCode::SWITCHING_PROTOCOLS {
        headers.insert(CONNECTION, SWITCHES);
        headers.insert(UPGRADE, WEBSOCKET);
    }
    if asks.pass.is_some() {
        let private = HeaderValue::from_static("private");
        headers.entry(http::header::CACHE_CONTROL).or_insert(private);
    }
}

/// Whether a request asks for a WebSocket, as RFC 6455 has it. Nothing else is switched to: with
/// HTTP/2 in the clear, say, one could ask the origin for what nobody here decided on.
pub(super) fn asks_for_tunnel<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && switches(request.headers())
}

/// Whether an answer switches to a WebSocket.
pub(super) fn is_tunnel<B>(answer: &Response<B>) -> bool {
    switches(answer.headers())
}

fn switches(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(UPGRADE).iter();
    let one = (named.next(), named.next());
    matches!(one, (Some(name), None) if name.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && tokens(headers).any(|token| token.eq_ignore_ascii_case(b"upgrade"))
}

/// Whether everybody agrees where the body of an answer ends: chunks or one length, not both.
pub(super) fn framed_once<B>(answer: &Response<B>) -> bool {
    let mut codings = answer.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => {
            coding.as_bytes().eq_ignore_ascii_case(b"chunked")
                && !answer.headers().contains_key(CONTENT_LENGTH)
        }
        _ => false,
    }
}

/// The host that a visitor named: the two that there may be were found to be the same.
fn sent_host(head: &RequestParts) -> Option<HeaderValue> {
    let named = |authority: &Authority| HeaderValue::try_from(authority.as_str()).ok();
    head.headers.get(HOST).cloned().or_else(|| head.uri.authority().and_then(named))
}

/// An address as a field has it.
fn address(address: IpAddr) -> HeaderValue {
    let mut text = [0; ADDRESS_BYTES_MAX];
    let mut room = &mut text[..];
    let written = match address {
        // By hand: to format it costs more than all that is taken out of most requests.
        IpAddr::V4(address) => write_octets(&mut room, address.octets()),
        IpAddr::V6(address) => write!(room, "{address}"),
    };
    written.expect("there is room for any");
    let length = ADDRESS_BYTES_MAX - room.len();
    HeaderValue::from_bytes(&text[..length]).expect("an address is a header value")
}

fn write_octets(room: &mut &mut [u8], octets: [u8; 4]) -> io::Result<()> {
    for (at, octet) in octets.into_iter().enumerate() {
        if at > 0 {
            room.write_all(b".")?;
        }
        room.write_all(itoa::Buffer::new().format(octet).as_bytes())?;
    }
    Ok(())
}

/// What `Connection` names.
fn tokens(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(CONNECTION).iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Whether a field could tell the origin what only we may tell; with underscores too, since many
/// applications are handed both as one variable.
fn told(name: &str) -> bool {
    let plain;
    let name = if name.contains('_') {
        plain = name.replace('_', "-");
        &plain
    } else {
        name
    };
    is_told(name) || of_connection(name) || name == CONTENT_LENGTH.as_str()
}

/// Whether a name is one of [`TOLD`], or goes on from one.
fn is_told(name: &str) -> bool {
    let after = TOLD.partition_point(|known| *known <= name);
    let known = after.checked_sub(1).and_then(|at| TOLD.get(at));
    let rest = known.and_then(|known| name.strip_prefix(known));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Whether a field belongs to one connection (RFC 9110, section 7.6.1), whatever `Connection` names
/// besides. `Expect` is answered here, and how a body is framed is told anew.
fn of_connection(name: &str) -> bool {
    match name {
        "connection" | "keep-alive" | "http2-settings" | "te" | "trailer" | "transfer-encoding"
        | "upgrade" | "expect" => true,
        _ => name.starts_with("proxy-"),
    }
}

/// Takes out what `Connection` names, and what is unwanted besides. A length is no field of a
/// connection, whoever names it.
fn strip(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    let named: Vec<_> = tokens(headers).filter(|token| !is(token, &CONTENT_LENGTH)).collect();
    let named = |name: &HeaderName| named.iter().any(|token| is(token, name));
    let gone = headers.keys().filter(|name| unwanted(name.as_str()) || named(name));
    for name in gone.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
}

/// Whether a token is the name of a field.
fn is(token: &[u8], name: &HeaderName) -> bool {
    token.eq_ignore_ascii_case(name.as_str().as_bytes())
}

/// Takes our cookies out of those of a visitor, and writes the rest into one field, as HTTP/1 has
/// it.
fn strip_cookies(headers: &mut HeaderMap, own: &[String]) {
    let Entry::Occupied(lines) = headers.entry(COOKIE) else { return };
    let (_, lines) = lines.remove_entry_mult();
    let mut kept = Vec::new();
    for line in lines {
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            if !pair.is_empty() && !names_own(pair, own) {
                kept.extend_from_slice(if kept.is_empty() { b"" } else { b"; " });
                kept.extend_from_slice(pair);
            }
        }
    }
    if !kept.is_empty() {
        let value = HeaderValue::from_bytes(&kept);
        let mut value = value.expect("parts of header values are one");
        value.set_sensitive(true);
        headers.insert(COOKIE, value);
    }
}

fn strip_set_cookies(headers: &mut HeaderMap, own: &[String]) {
    let Entry::Occupied(lines) = headers.entry(SET_COOKIE) else { return };
    if !lines.iter().any(|line| names_own(line.as_bytes(), own)) {
        return;
    }
    let (_, lines) = lines.remove_entry_mult();
    let kept: Vec<_> = lines.filter(|line| !names_own(line.as_bytes(), own)).collect();
    for line in kept {
        headers.append(SET_COOKIE, line);
    }
}

/// Whether a cookie has a name of ours; one without a name is taken by what browsers send back.
fn names_own(pair: &[u8], own: &[String]) -> bool {
    let pair = pair.trim_ascii();
    let pair = pair.strip_prefix(b"=").unwrap_or(pair).trim_ascii_start();
    let end = pair.iter().position(|byte| matches!(byte, b'=' | b';')).unwrap_or(pair.len());
    let name = pair.get(..end).unwrap_or(pair).trim_ascii_end();
    own.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

#[cfg(test)]
mod tests;
