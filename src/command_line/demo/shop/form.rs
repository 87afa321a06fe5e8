//! What a browser sends: a form and two headers.
//!
//! All of it comes from outside: whatever becomes part of an address is checked here.

use cookie::Cookie;
use http::HeaderMap;
use http::header::{COOKIE, HOST, ORIGIN};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

/// Bytes of a form: 50 seats of 100 bytes.
const FORM_BYTES_MAX: usize = 8 * 1024;
/// Letters of an id: a basket has 32, a performance up to 64.
const ID_LETTERS_MAX: usize = 64;

/// The fields of a form, in their order.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body; `None` if it is too long or breaks off.
    pub(super) async fn read(body: Incoming) -> Option<Self> {
        let bytes = Limited::new(body, FORM_BYTES_MAX).collect().await.ok()?.to_bytes();
        Some(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }

    /// The first field of this name, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
    }

    /// All fields of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.text(name)?.parse().ok()
    }

    /// An id that may stand in an address.
    pub(super) fn id(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| is_id(text))
    }

    /// Every field, to put the same question again.
    pub(super) fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Whether a text can stand in an address without changing its meaning.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:".contains(letter);
    // Two dots would mean a step up.
    (1..=ID_LETTERS_MAX).contains(&text.len()) && text.chars().all(plain) && !text.starts_with('.')
}

/// The pass token, from the cookie that the server set: a cookie belongs to a host and is sent to
/// all of its ports. With TLS its name would begin with `__Host-`.
pub(super) fn pass(headers: &HeaderMap, sale: &str) -> Option<String> {
    let name = format!("pass-{sale}");
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut cookies = cookies.flat_map(Cookie::split_parse).flatten();
    Some(cookies.find(|cookie| cookie.name() == name)?.value().to_owned())
}

/// Whether a form comes from a page of ours. Browsers say where a form comes from; who says
/// nothing is no browser, and no other page can make it send the cookie.
pub(super) fn from_own_page(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    origin.is_some() && origin == host
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_id_cannot_lead_anywhere_else() {
        for (text, id) in [
            ("0123456789abcdef0123456789abcdef", true),
            ("2027-02-05-18:00", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("a?b", false),
            ("a%2fb", false),
            ("a b", false),
        ] {
            assert_eq!(is_id(text), id, "{text:?}");
        }
        assert!(!is_id(&"a".repeat(65)));
    }

    #[test]
    fn the_pass_is_the_cookie_of_its_sale() {
        let mut headers = HeaderMap::new();
        assert_eq!(pass(&headers, "demo"), None);
        let cookies = "place-demo=a; pass-other=b; pass-demo=c.d_e-f";
        headers.insert(COOKIE, HeaderValue::from_static(cookies));
        assert_eq!(pass(&headers, "demo").as_deref(), Some("c.d_e-f"));
    }

    #[test]
    fn a_form_of_another_page_is_not_ours() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8081"));
        for (origin, ours) in [
            ("http://127.0.0.1:8081", true),
            ("http://127.0.0.1:9999", false),
            ("https://shop.example", false),
            ("null", false),
        ] {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
            assert_eq!(from_own_page(&headers), ours, "{origin}");
        }
    }
}
