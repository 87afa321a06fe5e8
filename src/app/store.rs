//! What keeps the journal of a sale: a store of this process alone, or one that others share.

use crate::config::{JournalMode, Settings};
use crate::journal::Journal;
use crate::journal::lease::Lease;
use crate::journal::local::LocalJournal;
use crate::journal::memory::MemoryJournal;
use crate::journal::redis::RedisSale;
use crate::token::keys::KeyRing;

use super::{AppFault, make_folder};

/// Where the journal of a sale is, opened.
pub enum Store {
    /// Here, and nobody else's: it is written at once.
    Own(Box<dyn Journal>),
    /// Where other processes write it, too, one at a time.
    Shared(Box<dyn Lease>),
}

/// Opens the store of a sale as the settings say. One that is elsewhere may not be there yet.
/// `keys` sign its tokens.
pub(super) fn open(settings: &Settings, keys: &KeyRing, sale: &str) -> Result<Store, AppFault> {
    match settings.journal {
        JournalMode::Memory => Ok(Store::Own(Box::new(MemoryJournal::default()))),
        JournalMode::Local => {
            let data = settings.data.join(sale);
            make_folder(&data)?;
            let journal = LocalJournal::open(&data);
            let journal = journal.map_err(|source| AppFault::journal(sale, source))?;
            Ok(Store::Own(Box::new(journal)))
        }
        JournalMode::Redis => {
            let data = settings.data.join(sale);
            make_folder(&data)?;
            let redis = settings.redis.as_ref().expect("this mode was checked to have one");
            let lease = RedisSale::new(redis, sale, &data, keys.prints());
            let lease = lease.map_err(|source| AppFault::journal(sale, source))?;
            Ok(Store::Shared(Box::new(lease)))
        }
    }
}
