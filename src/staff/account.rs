//! One account: who, as what, and how they prove it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::code::CodeSecret;
use super::invitation::Invitation;
use crate::token::role::Role;

/// Bytes of a name; an actor of an ops change may have more.
pub const NAME_BYTES_MAX: usize = 60;

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Who, as the audit names them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Kept, and let in no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Set by accepting an invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) credentials: Option<Credentials>,
    /// Not accepted yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) invitation: Option<Invitation>,
}

/// What proves somebody.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    /// Argon2id, as a PHC string.
    pub(super) password: String,
    /// What the telephone knows, too.
    pub(super) secret: CodeSecret,
    /// The step of the newest code that was used: a code works once.
    pub(super) last_step: u64,
}

impl Account {
    /// Somebody who has to accept an invitation first.
    pub(super) fn invited(name: &str, role: Role, invitation: Invitation) -> Self {
        let name = name.to_owned();
        Self { name, role, disabled: false, credentials: None, invitation: Some(invitation) }
    }

    /// Whether this is the account of a name; capitals do not count.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether somebody can sign in with it.
    pub fn active(&self) -> bool {
        !self.disabled && self.credentials.is_some()
    }

    /// Whether an invitation waits to be accepted.
    pub fn waits(&self) -> bool {
        !self.disabled && self.invitation.is_some()
    }
}

/// A name as it is kept, if it can be one.
pub(super) fn tidy(name: &str) -> Option<&str> {
    let name = name.trim();
    let plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '_' | '@' | '-');
    let fits = !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(plain);
    fits.then_some(name)
}

/// Holds secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Credentials(…)")
    }
}
