//! The board beside the journal, for readers who ask Redis and not us.
//!
//! ```text
//! <prefix>:{<sale>}:board            string: the head of the board, as the interface gives it
//! <prefix>:{<sale>}:board            channel: the same, whenever it changes
//! <prefix>:{<sale>}:board:version    string: which version that is
//! <prefix>:{<sale>}:performances     hash: id of a performance -> what is left of it
//! ```
//! Nothing of this is ever read here: the journal alone is the truth.

use std::sync::{Arc, LazyLock};

use redis::Script;

use super::keys::Keys;
use super::link::Link;
use super::settings::Settings;
use crate::journal::fault::JournalFault;

/// Performances written at once: 150 KB, in less than a millisecond of Redis.
const PERFORMANCES_AT_ONCE: usize = 500;

/// Shows a part of a version, unless a newer one is shown. A head comes with the last part, and is
/// told to whoever listens.
pub(super) const SHOW: &str = "#!lua
if tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
if ARGV[2] == 'whole' then redis.call('DEL', KEYS[3]) end
for at = 4, #ARGV, 2 do
    redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
end
if ARGV[3] ~= '' then
    redis.call('SET', KEYS[1], ARGV[3])
    redis.call('PUBLISH', KEYS[1], ARGV[3])
end
return 1
";

static SHOW_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(SHOW));

/// Where the board of one sale is shown.
pub struct Showcase {
    keys: Arc<Keys>,
    link: Link,
}

/// What is shown at once.
pub struct Showing<'a> {
    /// The version, higher than every one before.
    pub version: u64,
    /// The head as JSON, if it changed.
    pub head: Option<&'a [u8]>,
    /// Whether these are all the performances, and those shown before go.
    pub whole: bool,
    /// Performances that changed: id and JSON.
    pub performances: Vec<(&'a str, &'a [u8])>,
}

impl Showcase {
    /// A connection of its own, not made yet.
    pub fn new(settings: &Settings, sale: &str) -> Self {
        let keys = Arc::new(Keys::new(&settings.prefix, sale));
        let link = Link::new(Arc::new(settings.clone()), settings.response_ms);
        Self { keys, link }
    }

    /// Shows a version; says whether it did, since a process that took over may show newer ones.
    ///
    /// # Faults
    /// Those of reaching Redis; then a part of it may be shown. Show all of it next.
    pub fn show(&mut self, showing: &Showing<'_>) -> Result<bool, JournalFault> {
        let parts: Vec<_> = showing.performances.chunks(PERFORMANCES_AT_ONCE).collect();
        let parts = if parts.is_empty() { vec![&[][..]] } else { parts };
        for (at, part) in parts.iter().enumerate() {
            let head = showing.head.filter(|_| at + 1 == parts.len());
            let whole = showing.whole && at == 0;
            if !self.show_part((showing.version, whole), head, part)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn show_part(
        &mut self,
        (version, whole): (u64, bool),
        head: Option<&[u8]>,
        performances: &[(&str, &[u8])],
    ) -> Result<bool, JournalFault> {
        let Keys { board, board_version, performances: all, .. } = &*self.keys;
        let mut call = SHOW_SCRIPT.prepare_invoke();
        call.key(board).key(board_version).key(all).arg(version);
        call.arg(if whole { "whole" } else { "" }).arg(head.unwrap_or_default());
        for (id, json) in performances {
            call.arg(id).arg(json);
        }
        self.link.ensure()?.ask("showing the board", |redis| call.invoke(redis))
    }
}
