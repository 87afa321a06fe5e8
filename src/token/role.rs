//! What members of staff, and machines with a key of theirs, may do: the one table of roles.
//!
//! Whoever lets somebody do something asks here, and nowhere else.

use serde::{Deserialize, Serialize};

/// What somebody is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks at everything, and changes nothing.
    Viewer,
    /// Looks, and helps single visitors.
    BoxOffice,
    /// Leads the night.
    Operator,
    /// Leads the night, says what is sold, and who may come in.
    Manager,
}

/// What is done, as far as roles tell it apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Duty {
    /// Read a sale: its figures, its lists, who did what.
    Look,
    /// Do something for one visitor: end a pass, take an order back.
    Serve,
    /// Lead the sale: cap, pace, calling, words, redirect, time, triggers, seats kept off sale.
    Steer,
    /// Hand the sales over to another process.
    HandOver,
    /// Say what is sold: apply a changed sale file.
    Define,
    /// Go on without records that are lost.
    AcceptLoss,
    /// Say who may come in, and as what.
    KeepAccounts,
}

impl Role {
    /// All of them, by how much they may do.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::BoxOffice, Self::Operator, Self::Manager];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::BoxOffice => "box_office",
            Self::Operator => "operator",
            Self::Manager => "manager",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether this role may do that.
    pub fn may(self, duty: Duty) -> bool {
        duty.roles().contains(&self)
    }
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Look,
        Self::Serve,
        Self::Steer,
        Self::HandOver,
        Self::Define,
        Self::AcceptLoss,
        Self::KeepAccounts,
    ];

    /// Who may do it.
    pub fn roles(self) -> &'static [Role] {
        use Role::{BoxOffice, Manager, Operator, Viewer};
        match self {
            Self::Look => &[Viewer, BoxOffice, Operator, Manager],
            Self::Serve => &[BoxOffice, Operator, Manager],
            Self::Steer | Self::HandOver => &[Operator, Manager],
            Self::Define | Self::AcceptLoss | Self::KeepAccounts => &[Manager],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_may_do_everything_and_a_viewer_nothing_but_look() {
        assert!(Duty::ALL.iter().all(|duty| Role::Manager.may(*duty)));
        let viewed = Duty::ALL.iter().filter(|duty| Role::Viewer.may(**duty)).collect::<Vec<_>>();
        assert_eq!(viewed, [&Duty::Look]);
        assert!(Role::BoxOffice.may(Duty::Serve) && !Role::BoxOffice.may(Duty::Steer));
        assert!(Role::Operator.may(Duty::Steer) && !Role::Operator.may(Duty::KeepAccounts));
    }

    #[test]
    fn a_role_is_known_by_its_name_and_by_no_other() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("Manager"), None);
    }
}
