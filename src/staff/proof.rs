//! Proving who one is: by an invitation once, by password and code from then on.
//!
//! Each of these takes long; [`Staff::work`] is where to call them.

use super::account::{Account, Credentials, tidy};
use super::code::CodeSecret;
use super::invitation::Invitation;
use super::{ACCOUNTS_MAX, Staff, StaffRefusal, lock, password};
use crate::net::source::Source;
use crate::token::role::Role;

/// Whose tries are counted where nobody has the name.
const NOBODY: &str = "";

/// Signing in.
#[derive(Clone)]
pub struct Attempt {
    /// Who.
    pub name: String,
    /// What they know.
    pub password: String,
    /// What their telephone shows.
    pub code: String,
    /// From where.
    pub source: Source,
}

/// Accepting an invitation.
#[derive(Clone)]
pub struct Accepting {
    /// The key of the link.
    pub key: String,
    /// Who, if nobody said so before: the first account.
    pub name: String,
    /// What they choose.
    pub password: String,
    /// What their telephone shows.
    pub code: String,
    /// From where.
    pub source: Source,
}

/// What an invitation shows.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Who, if that is known: `None` for the first account.
    pub name: Option<String>,
    /// For the telephone.
    pub secret: CodeSecret,
}

impl Staff {
    /// A link for the first account, if there is none; the one before it counts no more. Says its
    /// key.
    pub fn invite_first(&self) -> Option<String> {
        if !self.accounts.load().is_empty() {
            return None;
        }
        let (invitation, key) = Invitation::new(self.clock.wall());
        *lock(&self.first) = Some(invitation);
        Some(key)
    }

    /// What the key of a link is for.
    ///
    /// # Errors
    /// [`StaffRefusal::Link`]
    pub fn invited(&self, key: &str) -> Result<Invited, StaffRefusal> {
        let now = self.clock.wall();
        let accounts = self.accounts.load();
        if accounts.is_empty() {
            let first = lock(&self.first).clone().filter(|first| first.opened_by(key, now));
            let first = first.ok_or(StaffRefusal::Link)?;
            return Ok(Invited { name: None, secret: first.secret });
        }
        let opens =
            |account: &&Account| invitation(account).is_some_and(|it| it.opened_by(key, now));
        let account = accounts.iter().find(opens).ok_or(StaffRefusal::Link)?;
        let secret = invitation(account).map(|invitation| invitation.secret.clone());
        Ok(Invited { name: Some(account.name.clone()), secret: secret.ok_or(StaffRefusal::Link)? })
    }

    /// Accepts an invitation and signs in: the key for the browser.
    ///
    /// # Errors
    /// [`StaffRefusal`]: `Link`, `Name`, `Password`, `Code`, `Wait`, `Disk`.
    pub fn accept(&self, asked: &Accepting) -> Result<String, StaffRefusal> {
        let invited = self.invited(&asked.key)?;
        let name = invited.name.as_deref().or_else(|| tidy(&asked.name));
        let name = name.ok_or(StaffRefusal::Name)?.to_owned();
        if !password::good(&asked.password) {
            return Err(StaffRefusal::Password);
        }
        self.count(NOBODY, asked.source)?;
        let step = invited.secret.step(&asked.code, self.clock.wall());
        let last_step = step.ok_or(StaffRefusal::Code)?;
        let password = password::hash(&asked.password);
        let credentials = Credentials { password, secret: invited.secret, last_step };
        self.change(|accounts| {
            // Two who accept the same link at once: the second finds it used.
            self.still_open(accounts, &asked.key)?;
            settle(accounts, &name, credentials)
        })?;
        *lock(&self.first) = None;
        lock(&self.lockouts).forgive(NOBODY, asked.source);
        self.note(&name, "accept_invitation", &name);
        Ok(self.let_in(&name))
    }

    /// Signs somebody in: the key for the browser.
    ///
    /// # Errors
    /// [`StaffRefusal::Wait`], [`StaffRefusal::Wrong`]; the latter says no more, and takes as long
    /// whatever is wrong.
    pub fn sign_in(&self, attempt: &Attempt) -> Result<String, StaffRefusal> {
        let accounts = self.accounts.load_full();
        let account = accounts.iter().find(|account| account.is(attempt.name.trim()));
        let whose = account.map_or(NOBODY, |account| account.name.as_str());
        self.count(whose, attempt.source)?;
        let account = account.filter(|account| account.active());
        let kept = account.and_then(|account| account.credentials.as_ref());
        let known = kept.map(|kept| kept.password.as_str());
        let fits = password::fits(known, &attempt.password);
        let step = kept.and_then(|kept| kept.secret.step(&attempt.code, self.clock.wall()));
        // A code is used up by who knows the password, and by nobody else.
        let proven = step.is_some_and(|step| fits && self.spend(whose, step));
        if !proven {
            self.note(if whose.is_empty() { "nobody" } else { whose }, "sign_in_failed", whose);
            return Err(StaffRefusal::Wrong);
        }
        lock(&self.lockouts).forgive(whose, attempt.source);
        self.note(whose, "sign_in", whose);
        Ok(self.let_in(whose))
    }

    pub(super) fn let_in(&self, name: &str) -> String {
        lock(&self.signed_in).begin(name, self.clock.monotonic_ms())
    }

    fn count(&self, name: &str, source: Source) -> Result<(), StaffRefusal> {
        let counted = lock(&self.lockouts).count(name, source, self.clock.monotonic_ms());
        counted.map_err(|wait_ms| StaffRefusal::Wait { wait_ms })
    }

    fn still_open(&self, accounts: &[Account], key: &str) -> Result<(), StaffRefusal> {
        let now = self.clock.wall();
        let first = lock(&self.first).clone().filter(|_| accounts.is_empty());
        let mut open = accounts.iter().filter_map(invitation).chain(first.as_ref());
        let found = open.any(|invitation| invitation.opened_by(key, now));
        found.then_some(()).ok_or(StaffRefusal::Link)
    }
}

/// The invitation that can be accepted.
fn invitation(account: &Account) -> Option<&Invitation> {
    account.invitation.as_ref().filter(|_| !account.disabled)
}

/// Gives credentials to an account, or makes the first one.
fn settle(
    accounts: &mut Vec<Account>,
    name: &str,
    credentials: Credentials,
) -> Result<(), StaffRefusal> {
    if accounts.is_empty() {
        let (name, role) = (name.to_owned(), Role::Manager);
        accounts.push(Account { name, role, disabled: false, credentials: None, invitation: None });
    }
    let account = accounts.iter_mut().find(|account| account.is(name));
    let account = account.ok_or(StaffRefusal::Link)?;
    (account.credentials, account.invitation) = (Some(credentials), None);
    assert!(accounts.len() <= ACCOUNTS_MAX, "accounts are limited");
    Ok(())
}
