//! The gate as browsers and other people's proxies meet it: real servers on real sockets, in front
//! of a shop that remembers what reached it.

mod app;
mod ask;
mod away;
mod browser;
mod cache;
mod caddy;
mod cards;
mod connector;
mod counter;
mod doctor;
mod envoy;
mod front;
mod haproxy;
mod hostile;
pub(crate) mod neighbour;
mod nginx;
mod ours;
mod pass;
mod rotation;
mod secure;
mod shop;
mod streams;
mod to;

use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;

use super::night::server::{LONG, Plan, SALE, Server, Site};

/// Far longer than anything here takes, even on a machine with other work.
const BOUND: Duration = Duration::from_secs(60);

/// A server with a gate, and the folders of its files.
struct Venue {
    server: Server,
    site: Site,
    _folder: TempDir,
}

impl Venue {
    /// Serves a sale that is open, for this many visitors at once, behind this gate.
    fn new(cap: u32, gate: &str) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), cap, gate)
    }

    /// The same, with its public listener on this address.
    fn at(public: SocketAddr, cap: u32, gate: &str) -> Self {
        Self::knowing(public, cap, gate, &[])
    }

    /// The same, with these settings in its environment.
    fn knowing(public: SocketAddr, cap: u32, gate: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("gate.toml");
        std::fs::write(&file, gate).expect("a file");
        let opens_at = Some("2020-01-01T00:00:00Z".to_owned());
        let more = format!("\n[gate]\nfile = \"{}\"\n", file.display());
        let site = Site::with(&Plan { cap, policy: LONG, opens_at }, &more);
        let mut command = site.command();
        command.env("STANCHION__PUBLIC__ADDRESS", public.to_string());
        let server = site.start_as(command.envs(settings.iter().copied()));
        Self { server, site, _folder: folder }
    }

    /// Its files and its log.
    fn site(&self) -> &Site {
        &self.site
    }

    /// What operators see of the sale.
    async fn desk(&self) -> serde_json::Value {
        let browser = browser::Browser::new(self.server.ops.to_string());
        let bearer = format!("Bearer {}", self.site.staff);
        let headers = [("authorization", bearer.as_str())];
        let path = format!("/v1/sales/{SALE}");
        let desk = browser.ask(http::Method::GET, &path, &headers, "").await;
        serde_json::from_str(&desk.text).expect("JSON")
    }

    /// The address of its public listener.
    fn address(&self) -> String {
        self.server.public.to_string()
    }
}
