//! The people of the console: their accounts, how they prove themselves, and what they did.
//!
//! Owns the file of accounts and the book beside it. Knows no HTTP, no page and no sale. What takes
//! long (a hash, a file) is done away from requests, two at once: see [`Staff::work`]; what every
//! request asks ([`Staff::who`]) waits for none of it.
//! Invariant: once there is an account, there is a manager who can sign in.

pub mod account;
pub mod book;
pub mod code;
pub mod guest;
pub mod lockout;
pub mod password;
mod file;
mod invitation;
mod keeping;
mod proof;
mod signed_in;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use account::Account;
use book::{Book, Entry};
use file::AccountFile;
use guest::Guest;
use invitation::Invitation;
use lockout::Lockouts;
use signed_in::SignedIn;

use crate::clock::{self, Clock};
use crate::token::role::{Duty, Role};

pub use file::StaffFault;
pub use proof::{Accepting, Attempt, Invited};

/// Accounts of one server: a venue with three shifts.
pub const ACCOUNTS_MAX: usize = 64;
/// Hashes at once: 19 MiB and 19 ms each, and visitors are served by the same cores.
const WORK_MAX: usize = 2;
/// Who acts when nobody does, as the book names it.
const SERVER: &str = "server";

/// The people of the console of one server.
pub struct Staff {
    clock: Clock,
    file: AccountFile,
    /// As they are in the file, for every reader.
    accounts: ArcSwap<Vec<Account>>,
    /// One change at a time; held while the file is replaced.
    changing: Mutex<()>,
    /// For whoever comes first, while there is no account.
    first: Mutex<Option<Invitation>>,
    /// For demonstrations; otherwise nobody is one.
    guest: OnceLock<Guest>,
    signed_in: Mutex<SignedIn>,
    lockouts: Mutex<Lockouts>,
    /// What staff did.
    pub book: Book,
    working: Arc<Semaphore>,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// Their name, as the audit has it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What their forms carry, so that no other page can send one for them.
    pub form_token: String,
}

/// Why something is not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StaffRefusal {
    /// Name, password or code.
    #[error("the name, the password or the code is wrong, or the code was used before")]
    Wrong,
    /// Too many of those.
    #[error("that was wrong too often: wait {} s", wait_ms.div_ceil(1_000))]
    Wait {
        /// Until the next try counts.
        wait_ms: u64,
    },
    /// The code alone, where there is nothing to guess.
    #[error("the code is wrong: see whether the clock of the telephone is right")]
    Code,
    /// A link that was used, replaced, or is too old.
    #[error("this link was used, or is older than an hour: ask for a new one")]
    Link,
    /// A password that is too easy, or too long.
    #[error(
        "the password needs {} characters or more, and at most {} bytes",
        password::LETTERS_MIN,
        password::BYTES_MAX
    )]
    Password,
    /// A name that cannot be one.
    #[error("a name has 1 to {} letters, digits, spaces and . _ @ -", account::NAME_BYTES_MAX)]
    Name,
    /// A name that somebody has.
    #[error("somebody has this name")]
    Taken,
    /// As many as there may be.
    #[error("there are {ACCOUNTS_MAX} accounts already")]
    TooMany,
    /// A name that nobody has.
    #[error("nobody has this name")]
    Unknown,
    /// An own account is changed by somebody else, so that one manager is always left.
    #[error("your own account is changed by another manager")]
    Yourself,
    /// The role does not allow it.
    #[error("your role does not allow that")]
    Role,
    /// The disk.
    #[error("the accounts cannot be written now: see the log")]
    Disk,
}

impl Staff {
    /// Opens the accounts and the book of a data folder; neither has to be there. A damaged book is
    /// set aside: a night does not wait for it.
    ///
    /// # Errors
    /// [`StaffFault`], naming the file.
    pub fn open(folder: &Path, clock: Clock) -> Result<Arc<Self>, StaffFault> {
        let file = AccountFile::new(folder.join("staff.json"));
        let accounts = file.load()?;
        let (book, damage) = Book::open_or_begin(folder.join(book::FILE))?;
        let staff = Self {
            accounts: ArcSwap::from_pointee(accounts),
            changing: Mutex::default(),
            first: Mutex::default(),
            guest: OnceLock::new(),
            signed_in: Mutex::default(),
            lockouts: Mutex::default(),
            book,
            working: Arc::new(Semaphore::new(WORK_MAX)),
            clock,
            file,
        };
        if let Some(damage) = damage {
            tracing::error!(damage, "the book of what staff did is damaged, and set aside");
            staff.note(SERVER, "begin_book", &damage);
        }
        Ok(Arc::new(staff))
    }

    /// Does what takes long away from requests, at most two such things at once.
    ///
    /// # Panics
    /// If the work does.
    pub async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> T {
        let permit = self.working.clone().acquire_owned().await.expect("it is never closed");
        let staff = self.clone();
        let done = spawn_blocking(move || {
            let _permit = permit;
            work(&staff)
        });
        done.await.expect("work does not panic")
    }

    /// Who is signed in under the key of a cookie; asking is a sign of life.
    pub fn who(&self, key: &str) -> Option<Who> {
        let (name, form_token) = lock(&self.signed_in).find(key, self.clock.monotonic_ms())?;
        if name == guest::NAME {
            return Some(Who { name, role: guest::ROLE, form_token });
        }
        let accounts = self.accounts.load();
        let account = accounts.iter().find(|account| account.is(&name) && account.active())?;
        Some(Who { name, role: account.role, form_token })
    }

    /// Everybody.
    pub fn accounts(&self) -> Arc<Vec<Account>> {
        self.accounts.load_full()
    }

    /// Ends what was begun by signing in.
    pub fn sign_out(&self, key: &str) {
        if let Some(name) = lock(&self.signed_in).end(key) {
            self.note(&name, "sign_out", &name);
        }
    }

    /// Writes into the book what somebody did to what.
    pub fn note(&self, actor: &str, did: &str, about: &str) {
        self.note_why(actor, did, about, "");
    }

    /// The same, and why.
    pub fn note_why(&self, actor: &str, did: &str, about: &str, reason: &str) {
        let at = clock::rfc3339(self.clock.wall()).unwrap_or_default();
        let entry = Entry {
            at,
            actor: actor.to_owned(),
            did: did.to_owned(),
            about: about.to_owned(),
            reason: reason.to_owned(),
            ..Entry::default()
        };
        self.book.append([entry]);
    }

    /// Changes the accounts: all of it or nothing, and on disk before anybody is told.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Vec<Account>) -> Result<T, StaffRefusal>,
    ) -> Result<T, StaffRefusal> {
        let _one = lock(&self.changing);
        let mut accounts = Vec::clone(&self.accounts.load());
        let done = change(&mut accounts)?;
        assert!(accounts.len() <= ACCOUNTS_MAX, "accounts are limited");
        self.file.replace(&accounts).map_err(|fault| {
            tracing::error!(%fault, source = ?std::error::Error::source(&fault), "accounts");
            StaffRefusal::Disk
        })?;
        self.accounts.store(Arc::new(accounts));
        Ok(done)
    }

    /// Whether somebody may do that now, whatever they could when they asked.
    fn require(accounts: &[Account], name: &str, duty: Duty) -> Result<(), StaffRefusal> {
        let account = accounts.iter().find(|account| account.is(name) && account.active());
        let may = account.is_some_and(|account| account.role.may(duty));
        may.then_some(()).ok_or(StaffRefusal::Role)
    }
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Staff").field("accounts", &self.accounts.load().len()).finish()
    }
}

/// What is kept under these locks is whole between any two lines.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
