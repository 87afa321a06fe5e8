//! A browser, as far as a gate is concerned: it keeps cookies, follows redirects, and fills in what
//! a page's form carries.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{BOUND, SALE};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// What browsers say they read.
const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A browser that knows one host.
pub(super) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    address: String,
    cookies: Mutex<Vec<(String, String)>>,
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Page {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where it leads.
    #[track_caller]
    pub(super) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{self:?}");
        self.header(LOCATION.as_str()).unwrap_or_else(|| panic!("it leads nowhere: {self:?}"))
    }

    /// What its forms carry.
    pub(super) fn carried(&self) -> Option<String> {
        let rest = self.text.split("name=\"to\" value=\"").nth(1)?;
        let value = rest.split('"').next()?;
        Some(value.replace("&#x2f;", "/").replace("&amp;", "&").replace("&#x27;", "'"))
    }
}

impl Browser {
    pub(super) fn new(address: impl Into<String>) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, address: address.into(), cookies: Mutex::default() }
    }

    /// Another browser with copies of this one's cookies whose names begin like this.
    pub(super) fn copy(&self, begins: &str) -> Self {
        let copy = Self::new(self.address.clone());
        let mut cookies = self.cookies.lock().expect("nobody panicked").clone();
        cookies.retain(|(name, _)| name.starts_with(begins));
        *copy.cookies.lock().expect("nobody panicked") = cookies;
        copy
    }

    /// Loads one page, without going where it leads.
    pub(super) async fn get(&self, path: &str) -> Page {
        self.ask(Method::GET, path, &[(ACCEPT.as_str(), PAGES)], "").await
    }

    /// Sends a form.
    pub(super) async fn post(&self, path: &str, form: &str) -> Page {
        let headers = [
            (ACCEPT.as_str(), PAGES),
            (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        self.ask(Method::POST, path, &headers, form).await
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header(HOST, &self.address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies = self.cookies.lock().expect("nobody panicked").clone();
        if !cookies.is_empty() {
            let pairs: Vec<_> =
                cookies.iter().map(|(name, text)| format!("{name}={text}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        let request = request.body(Full::from(body.to_owned())).expect("a request");
        let answer = timeout(BOUND, self.client.request(request)).await.expect("it answers");
        let (head, body) = answer.unwrap_or_else(|fault| panic!("{path}: {fault:?}")).into_parts();
        let bytes = body.collect().await.expect("a whole answer").to_bytes();
        for cookie in head.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().expect("text"));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: head.status, headers: head.headers, text }
    }

    /// What its cookies hold.
    pub(super) fn kept(&self) -> Vec<String> {
        let cookies = self.cookies.lock().expect("nobody panicked");
        cookies.iter().map(|(_, text)| text.clone()).collect()
    }

    /// Keeps a cookie, as a server sets one.
    pub(super) fn keep(&self, cookie: &str) {
        let (pair, _) = cookie.split_once(';').expect("a cookie has attributes");
        let (name, text) = pair.split_once('=').expect("a pair");
        let mut cookies = self.cookies.lock().expect("nobody panicked");
        cookies.retain(|(known, _)| known != name);
        if !text.is_empty() {
            cookies.push((name.to_owned(), text.to_owned()));
        }
    }

    /// Waits on a page until it is this visitor's turn, goes in, and says where that leads.
    pub(super) async fn wait_and_claim(&self, page: &str) -> String {
        let form = |page: &Page| {
            let to = page.carried().unwrap_or_default();
            form_urlencoded::Serializer::new(String::new()).append_pair("to", &to).finish()
        };
        let welcome = self.get(page).await;
        let joined = self.post(&format!("/{SALE}"), &form(&welcome)).await;
        let back = joined.location().to_owned();
        let called = timeout(BOUND, async {
            loop {
                let shown = self.get(&back).await;
                if shown.text.contains("id=\"claim-now\"") {
                    return shown;
                }
                sleep(PAUSE).await;
            }
        });
        let called = called.await.expect("it is their turn");
        let claimed = self.post(&format!("/{SALE}/claim"), &form(&called)).await;
        claimed.location().to_owned()
    }

    /// How many passes are called or active, once the board knows of one that is.
    pub(super) async fn slots(&self) -> u64 {
        let board = format!("/v1/sales/{SALE}/board");
        let known = timeout(BOUND, async {
            loop {
                let board: Value =
                    serde_json::from_str(&self.get(&board).await.text).expect("JSON");
                let count = |of: &str| board["queue"][of].as_u64().expect("a count");
                if count("active") > 0 {
                    return count("active") + count("called");
                }
                sleep(PAUSE).await;
            }
        });
        known.await.expect("the board knows")
    }
}
