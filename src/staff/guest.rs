//! A guest: whoever has the link is let in, as long as this process lives.
//!
//! For demonstrations, where an account would stand between people and what they want to see.
//! Nothing of a guest is on disk, and a guest never keeps accounts: who may come in later is not
//! for them to say.

use subtle::ConstantTimeEq;

use super::invitation::{hash_of, new_key};
use super::{Staff, StaffRefusal};
use crate::token::role::Role;

/// Their name in every audit. The parentheses keep it apart: no account can have them.
pub const NAME: &str = "Guest (demo)";
/// What they may do: all that a night needs.
pub const ROLE: Role = Role::Operator;

/// The link of the guest: only the hash of its key is kept.
pub(super) struct Guest([u8; 32]);

impl Staff {
    /// Lets guests in from now on: the key of their link, `None` if there is one already.
    pub fn welcome_guests(&self) -> Option<String> {
        let key = new_key();
        self.guest.set(Guest(hash_of(&key))).ok().map(|()| key)
    }

    /// Whether guests are let in.
    pub fn welcomes_guests(&self) -> bool {
        self.guest.get().is_some()
    }

    /// Whether this is the key of the guests' link.
    pub fn is_guest_key(&self, key: &str) -> bool {
        self.guest.get().is_some_and(|guest| bool::from(guest.0.ct_eq(&hash_of(key))))
    }

    /// Lets a guest in: the key for the browser.
    ///
    /// # Errors
    /// [`StaffRefusal::Link`]
    pub fn let_guest_in(&self, key: &str) -> Result<String, StaffRefusal> {
        if !self.is_guest_key(key) {
            return Err(StaffRefusal::Link);
        }
        self.note(NAME, "sign_in", NAME);
        Ok(self.let_in(NAME))
    }
}
