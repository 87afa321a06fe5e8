//! The frames of the HTTP event stream, as bytes. Knows neither board nor followers.

use std::time::Duration;

use bytes::Bytes;

/// A comment, which browsers ignore.
pub fn ping() -> Bytes {
    Bytes::from_static(b":\n\n")
}

/// The first frame: after how long a browser may connect again when the stream breaks. Give each
/// visitor another span, so that they do not all come back at once.
pub fn hello(retry_after: Duration) -> Bytes {
    format!("retry: {}\n\n", retry_after.as_millis()).into()
}

/// The last frame: this server is about to stop, and another will answer after that span.
pub fn goodbye(retry_after: Duration) -> Bytes {
    let retry_ms = retry_after.as_millis();
    format!("retry: {retry_ms}\nevent: goodbye\ndata: {{\"retry_ms\":{retry_ms}}}\n\n").into()
}

/// A head as a frame. The JSON is one line.
pub(super) fn head_frame(version: u64, head: &[u8]) -> Bytes {
    assert!(!head.contains(&b'\n') && !head.contains(&b'\r'), "one line of data");
    let mut frame = format!("event: head\nid: {version}\ndata: ").into_bytes();
    frame.extend_from_slice(head);
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

/// The version that a `Last-Event-ID` header names; none if it is not one that we could have sent.
pub fn last_seen(header: &str) -> Option<u64> {
    header.trim().parse().ok()
}
