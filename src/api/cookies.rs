//! The two cookies of a visitor: the place token and the pass token.
//!
//! `__Host-` cookies where there is TLS: no other host and no plain page can set them. HttpOnly, so
//! that no script reads them; SameSite=Lax, so that no other site's form sends them.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

use crate::token::{Kind, Token};

/// A visitor may close the browser and come back: a week, which is longer than any sale waits.
const COOKIE_SECONDS: u32 = 7 * 24 * 3_600;

/// How the cookies of one sale are called.
#[derive(Clone, Debug)]
pub struct CookieNames {
    place: Names,
    pass: Names,
}

#[derive(Clone, Debug)]
struct Names {
    /// Over TLS.
    secure: String,
    /// In the clear.
    plain: String,
}

impl CookieNames {
    /// The cookies of a sale.
    pub fn new(sale: &str) -> Self {
        Self { place: Names::new("place", sale), pass: Names::new("pass", sale) }
    }

    /// All names that they have, over TLS and in the clear.
    pub fn all(&self) -> [&str; 4] {
        let Self { place, pass } = self;
        [&place.secure, &place.plain, &pass.secure, &pass.plain].map(String::as_str)
    }

    /// The text of a cookie that came with a request.
    pub fn find<'h>(&self, headers: &'h HeaderMap, kind: Kind, secure: bool) -> Option<&'h str> {
        let name = self.name(kind, secure).as_bytes();
        headers.get_all(COOKIE).iter().find_map(|header| {
            // Not as text: the shop's own cookies, in the same field, may be anything.
            let mut pairs = header.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let found = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix(b"="))?;
            str::from_utf8(found).ok()
        })
    }

    /// Sets a cookie.
    pub fn set(&self, kind: Kind, token: &Token, secure: bool) -> HeaderValue {
        self.value(kind, token.as_str(), secure, COOKIE_SECONDS)
    }

    /// Takes a cookie away.
    pub fn clear(&self, kind: Kind, secure: bool) -> HeaderValue {
        self.value(kind, "", secure, 0)
    }

    fn value(&self, kind: Kind, text: &str, secure: bool, seconds: u32) -> HeaderValue {
        let name = self.name(kind, secure);
        let marked = if secure { "; Secure" } else { "" };
        let cookie =
            format!("{name}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{marked}");
        let mut value = HeaderValue::try_from(cookie).expect("ids and tokens are visible ASCII");
        value.set_sensitive(true);
        value
    }

    fn name(&self, kind: Kind, secure: bool) -> &str {
        let names = match kind {
            Kind::Place => &self.place,
            Kind::Pass => &self.pass,
        };
        if secure { &names.secure } else { &names.plain }
    }
}

impl Names {
    fn new(kind: &str, sale: &str) -> Self {
        Self { secure: format!("__Host-{kind}-{sale}"), plain: format!("{kind}-{sale}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_only_under_its_whole_name() {
        let names = CookieNames::new("gala");
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; xplace-gala=no;place-gala=yes ; b="));
        assert_eq!(names.find(&headers, Kind::Place, false), Some("yes"));
        assert_eq!(names.find(&headers, Kind::Place, true), None);
        assert_eq!(names.find(&headers, Kind::Pass, false), None);
    }

    #[test]
    fn a_cookie_is_found_beside_those_of_a_shop_that_are_no_text() {
        let names = CookieNames::new("gala");
        for line in ["name=Zo\u{eb}; pass-gala=yes", "pass-gala=yes; name=Zo\u{eb}"] {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
            assert_eq!(names.find(&headers, Kind::Pass, false), Some("yes"), "{line}");
        }
    }

    #[test]
    fn a_cookie_over_tls_is_for_this_host_alone() {
        let cleared = CookieNames::new("gala").clear(Kind::Pass, true);
        let text = cleared.to_str().expect("text");
        assert_eq!(text, "__Host-pass-gala=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
        assert!(cleared.is_sensitive());
    }
}
