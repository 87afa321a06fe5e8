//! Which keys sign the tokens of a sale, so that no process takes over that believes none of them.
//!
//! Redis holds fingerprints, never a key. A rotation adds a key and keeps the others: so two key
//! rings that have none in common are two different ones.

use std::sync::{Arc, LazyLock};

use redis::Script;

use super::keys::Keys;
use super::link::Link;
use super::settings::Settings;
use crate::journal::fault::JournalFault;

/// Adds fingerprints to those that are known, unless there are some and none of these is.
pub(super) const AGREE: &str = "#!lua
local common = redis.call('SCARD', KEYS[1]) == 0
for _, print in ipairs(ARGV) do
    common = common or redis.call('SISMEMBER', KEYS[1], print) == 1
end
if not common then return 0 end
redis.call('SADD', KEYS[1], unpack(ARGV))
return 1
";

static AGREE_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(AGREE));

/// Requires that the keys with these fingerprints are those of the processes that serve this sale;
/// if it has none yet, they are from now on. Who signs nothing agrees with everybody.
///
/// # Faults
/// [`JournalFault::OtherSigners`]; those of [`Link::ask`].
pub(super) fn agree(link: &mut Link, keys: &Keys, prints: &[String]) -> Result<(), JournalFault> {
    if prints.is_empty() {
        return Ok(());
    }
    let mut call = AGREE_SCRIPT.prepare_invoke();
    call.key(&keys.signers).arg(prints);
    let agreed: bool = link.ask("comparing who signs", |redis| call.invoke(redis))?;
    agreed.then_some(()).ok_or(JournalFault::OtherSigners)
}

/// Tells Redis that the processes that serve this sale have the keys with these fingerprints from
/// now on, as at a start: whoever is started with the newest of them is believed then.
///
/// # Faults
/// [`JournalFault::OtherSigners`]; those of reaching Redis.
pub fn tell(settings: &Settings, sale: &str, prints: &[String]) -> Result<(), JournalFault> {
    let mut link = Link::new(Arc::new(settings.clone()), settings.response_ms);
    agree(link.ensure()?, &Keys::new(&settings.prefix, sale), prints)
}
