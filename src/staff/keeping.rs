//! What managers do to accounts: invite, say what somebody may do, shut out, let in again.
//!
//! Nobody changes their own account, so one manager who can sign in is always left. What is taken
//! away is gone at once: whoever is signed in is signed out.

use super::account::{Account, tidy};
use super::invitation::Invitation;
use super::{ACCOUNTS_MAX, Staff, StaffRefusal, lock};
use crate::token::role::{Duty, Role};

impl Staff {
    /// Invites somebody: the key of their link.
    ///
    /// # Errors
    /// [`StaffRefusal`]: `Role`, `Name`, `Taken`, `TooMany`, `Disk`.
    pub fn invite(&self, actor: &str, name: &str, role: Role) -> Result<String, StaffRefusal> {
        let name = tidy(name).ok_or(StaffRefusal::Name)?;
        let (invitation, key) = Invitation::new(self.clock.wall());
        self.change(|accounts| {
            Self::require(accounts, actor, Duty::KeepAccounts)?;
            if accounts.iter().any(|account| account.is(name)) {
                return Err(StaffRefusal::Taken);
            }
            if accounts.len() >= ACCOUNTS_MAX {
                return Err(StaffRefusal::TooMany);
            }
            accounts.push(Account::invited(name, role, invitation));
            Ok(())
        })?;
        self.note(actor, "invite", &format!("{name} as {}", role.name()));
        Ok(key)
    }

    /// Takes password and second factor away, as after a lost telephone, and invites anew: the key
    /// of the link.
    ///
    /// # Errors
    /// As [`Staff::set_role`].
    pub fn invite_again(&self, actor: &str, name: &str) -> Result<String, StaffRefusal> {
        let (invitation, key) = Invitation::new(self.clock.wall());
        self.alter(actor, name, |account| {
            account.credentials = None;
            account.invitation = Some(invitation);
        })?;
        self.note(actor, "invite_again", name);
        Ok(key)
    }

    /// Says what somebody may do.
    ///
    /// # Errors
    /// [`StaffRefusal`]: `Role`, `Yourself`, `Unknown`, `Disk`.
    pub fn set_role(&self, actor: &str, name: &str, role: Role) -> Result<(), StaffRefusal> {
        self.alter(actor, name, |account| account.role = role)?;
        self.note(actor, "set_role", &format!("{name} to {}", role.name()));
        Ok(())
    }

    /// Shuts somebody out, or lets them in again.
    ///
    /// # Errors
    /// As [`Staff::set_role`].
    pub fn set_disabled(
        &self,
        actor: &str,
        name: &str,
        disabled: bool,
    ) -> Result<(), StaffRefusal> {
        self.alter(actor, name, |account| account.disabled = disabled)?;
        self.note(actor, if disabled { "disable" } else { "enable" }, name);
        Ok(())
    }

    fn alter(
        &self,
        actor: &str,
        name: &str,
        alter: impl FnOnce(&mut Account),
    ) -> Result<(), StaffRefusal> {
        self.change(|accounts| {
            Self::require(accounts, actor, Duty::KeepAccounts)?;
            if name.eq_ignore_ascii_case(actor) {
                return Err(StaffRefusal::Yourself);
            }
            let account = accounts.iter_mut().find(|account| account.is(name));
            alter(account.ok_or(StaffRefusal::Unknown)?);
            let manages = |account: &Account| account.active() && account.role == Role::Manager;
            assert!(accounts.iter().any(manages), "whoever did this is a manager still");
            Ok(())
        })?;
        lock(&self.signed_in).end_all(name);
        Ok(())
    }

    /// Uses a code up, so that it works once; `false` if somebody was faster. A disk that does not
    /// write lets operators in all the same: they are needed most then.
    pub(super) fn spend(&self, name: &str, step: u64) -> bool {
        let _one = lock(&self.changing);
        let mut accounts = Vec::clone(&self.accounts.load());
        let account = accounts.iter_mut().find(|account| account.is(name) && account.active());
        let kept = account.and_then(|account| account.credentials.as_mut());
        let Some(kept) = kept.filter(|kept| kept.last_step < step) else { return false };
        kept.last_step = step;
        if let Err(fault) = self.file.replace(&accounts) {
            tracing::error!(%fault, "that a code was used is known until the next start only");
        }
        self.accounts.store(accounts.into());
        true
    }
}
