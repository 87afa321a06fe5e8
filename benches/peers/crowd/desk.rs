//! An operator, who posts one notice after the other.

use std::net::Ipv4Addr;

use anyhow::Context;
use http::Method;
use serde_json::json;

use crate::door::{Door, request};

/// An operator.
pub(crate) struct Desk {
    door: Door,
    key: String,
    path: String,
    revision: u64,
}

impl Desk {
    pub(crate) async fn open(ops: &str, key: &str, sale: &str) -> anyhow::Result<Self> {
        let mut door = Door::open(ops, Ipv4Addr::LOCALHOST).await?;
        let path = format!("/v1/sales/{sale}");
        let sale = door.ask(request(Method::GET, &path, key, None)?).await?;
        let revision = sale["revision"].as_u64().context("a sale has a revision")?;
        Ok(Self { door, key: key.to_owned(), path: path + "/changes", revision })
    }

    /// Posts a notice that says which one it is.
    pub(crate) async fn post(&mut self, number: u32) -> anyhow::Result<()> {
        let texts = json!([{ "language": "en", "text": format!("change {number}") }]);
        let action = json!({ "type": "post_notice", "texts": texts });
        let change = json!({ "revision": self.revision, "reason": "bench", "action": action });
        let post = request(Method::POST, &self.path, &self.key, Some(&change))?;
        let changed = self.door.ask(post).await?;
        self.revision = changed["revision"].as_u64().context("a change has a revision")?;
        Ok(())
    }
}
