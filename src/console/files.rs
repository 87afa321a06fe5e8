//! Style and scripts of the console, as they are in the binary.
//!
//! Each name has a hash of the content in it: a browser keeps a file for good, and asks for another
//! name when another version runs. uPlot is somebody else's work, see `files/uplot.LICENSE`.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Reply, Shape};
use crate::board::json::Rendered;

/// The style of every page, for a file that is to open without us.
pub(super) const STYLE: &str = include_str!("files/console.css");
const CACHE: &str = "public, max-age=31536000, immutable";
/// Hexadecimal digits of the hash in a name.
const HASH_DIGITS: usize = 12;

/// A file as it is.
#[derive(Debug)]
pub struct Asset;

impl Shape for Asset {
    /// Each has its own.
    const MEDIA: Option<&'static str> = None;
}

/// Where the files are.
#[derive(Debug, Serialize)]
pub(super) struct Urls {
    style: String,
    script: String,
    times: String,
    chart: String,
    chart_style: String,
    performances: String,
    performance: String,
    seat_map: String,
}

struct File {
    url: String,
    media: &'static str,
    rendered: Rendered,
}

struct Files {
    urls: Urls,
    all: [File; 8],
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let all = [
        File::new("console", "css", STYLE.as_bytes()),
        File::new("live", "js", include_bytes!("files/live.js")),
        File::new("times", "js", include_bytes!("files/times.js")),
        File::new("uplot", "js", include_bytes!("files/uplot.js")),
        File::new("uplot", "css", include_bytes!("files/uplot.css")),
        File::new("performances", "js", include_bytes!("files/performances.js")),
        File::new("performance", "js", include_bytes!("files/performance.js")),
        File::new("seat-map", "js", include_bytes!("files/seat-map.js")),
    ];
    let [style, script, times, chart, chart_style, performances, performance, seat_map] =
        all.each_ref().map(|file| file.url.clone());
    let urls =
        Urls { style, script, times, chart, chart_style, performances, performance, seat_map };
    Files { urls, all }
});

/// Where the files are.
pub(super) fn urls() -> &'static Urls {
    &FILES.urls
}

/// One file.
pub fn serve(call: &Call) -> Result<Reply<Asset>, Problem> {
    let found = FILES.all.iter().find(|file| file.url == call.path());
    let file = found.ok_or_else(|| Problem::new("no_route"))?;
    let reply = Reply::rendered(call.headers(), &file.rendered, CACHE);
    Ok(reply.header(CONTENT_TYPE, HeaderValue::from_static(file.media)))
}

impl File {
    fn new(name: &str, ending: &str, bytes: &[u8]) -> Self {
        let hash = HEXLOWER.encode(&Sha256::digest(bytes));
        let (short, _) = hash.split_at(HASH_DIGITS);
        let version = u64::from_str_radix(short, 16).expect("twelve digits fit");
        Self {
            url: format!("/console/files/{name}-{short}.{ending}"),
            media: if ending == "js" { "text/javascript" } else { "text/css" },
            rendered: Rendered::new(bytes.to_vec(), version),
        }
    }
}
