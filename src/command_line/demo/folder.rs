//! The folder of a demonstration: its sale file and seat plan, and what the crowd remembers.
//!
//! The files are those of `config/`, carried in the binary; the sale file is completed with what
//! only a start knows, when the sale opens and where the shop is, so that it says the whole truth.
//! The journal beside them belongs to the server.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use stanchion_domain::sale::definition::Definition;

use crate::files::{Mode, sale};

const SALE: &str = include_str!("../../../config/demo/sale.toml");
const PLAN: &str = include_str!("../../../config/sales/theatre/plan.json");

/// The folder.
pub(super) struct Folder(PathBuf);

/// The sale file, as text and as what it says.
pub(super) struct SaleFile {
    pub(super) text: String,
    pub(super) definition: Definition,
}

impl Folder {
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Forgets the night that is in it.
    pub(super) fn clear(&self) -> anyhow::Result<()> {
        if !self.0.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&self.0).with_context(|| format!("cannot forget {}", self.0.display()))
    }

    /// Whether a night is in it.
    pub(super) fn known(&self) -> bool {
        self.kept_in_a_file() || self.redis().exists()
    }

    /// Refuses a night whose journal is not where this start would keep it.
    pub(super) fn check(&self, standby: bool) -> anyhow::Result<()> {
        let here = self.0.display();
        let other = if standby { self.kept_in_a_file() } else { self.redis().exists() };
        let (with, without) = if standby { ("no", "without") } else { ("a", "with") };
        ensure!(
            !other,
            "the night in {here} has {with} standby: go on {without} --standby, or begin a new \
             night with --fresh"
        );
        Ok(())
    }

    /// A file or folder in it.
    pub(super) fn inside(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the Redis of a night with a standby keeps the journal.
    pub(super) fn redis(&self) -> PathBuf {
        self.0.join("redis")
    }

    fn kept_in_a_file(&self) -> bool {
        self.journal().join("journal.redb").exists()
    }

    /// Where the server keeps the journal of the sale.
    pub(super) fn journal(&self) -> PathBuf {
        self.0.join("demo")
    }

    /// What the crowd remembers.
    pub(super) fn crowd(&self) -> PathBuf {
        self.0.join("crowd.jsonl")
    }

    /// Where the sale file finds its plan.
    pub(super) fn sales(&self) -> PathBuf {
        self.0.join("files/demo")
    }

    /// Writes the files of the sale. A night that is there already opens when it was to open.
    pub(super) fn write(&self, opens_at: Timestamp, shop: SocketAddr) -> anyhow::Result<SaleFile> {
        let path = self.sales().join("sale.toml");
        let opens_at = self.opens_at().unwrap_or(opens_at);
        let opening = format!("opens_at = {opens_at}\nshop_url = \"http://{shop}/\"");
        let text = format!("# Written at each start of `stanchion demo`.\n{opening}\n\n{SALE}");
        write(&path, &text)?;
        write(&self.0.join("files/sales/theatre/plan.json"), PLAN)?;
        let definition = sale::load(&path, Mode::Strict)?.definition;
        Ok(SaleFile { text, definition })
    }

    /// When the night that is there opens or opened.
    fn opens_at(&self) -> Option<Timestamp> {
        let file = self.known().then(|| self.sales().join("sale.toml"))?;
        let opens_at = sale::load(&file, Mode::Strict).ok()?.definition.opens_at?;
        Timestamp::from_millisecond(opens_at.0).ok()
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_that_is_there_keeps_its_opening_and_learns_where_the_shop_is() {
        let path = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(path.path());
        let write = |opens_at: &str, shop: &str| {
            let opens_at = opens_at.parse().expect("an instant");
            let file = folder.write(opens_at, shop.parse().expect("an address"));
            file.expect("a sale file").definition
        };
        let first = write("2026-11-21T20:00:00.25Z", "127.0.0.1:1");
        assert_eq!(first.shop_url.as_deref(), Some("http://127.0.0.1:1/"));
        let anew = write("2026-11-21T20:01:00Z", "127.0.0.1:1");
        assert_eq!(anew.opens_at.map(|at| at.0), Some(1_795_291_260_000), "no night was there");
        fs::create_dir_all(folder.journal()).expect("a folder");
        fs::write(folder.journal().join("journal.redb"), "").expect("a file");
        let again = write("2026-11-21T20:05:00Z", "127.0.0.1:2");
        assert_eq!(again.opens_at, anew.opens_at);
        assert!(folder.check(false).is_ok());
        let refused = folder.check(true).expect_err("its journal is a file").to_string();
        assert!(refused.contains("has no standby: go on without --standby"), "{refused}");
        assert_eq!(again.shop_url.as_deref(), Some("http://127.0.0.1:2/"));
    }
}
