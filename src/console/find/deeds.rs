//! What the box office does for one visitor, as a form asks for it.

use stanchion_domain::command::OpsAction;
use stanchion_domain::id::{BasketId, Number};
use stanchion_domain::time::Span;

use super::look::path;
use crate::api::letters::Letters;
use crate::api::wire::basket::{Id, code_of, read_id};
use crate::console::form::Form;

const MINUTE_MS: u64 = 60_000;

/// A deed that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// What.
    pub(super) deed: Deed,
    /// The revision that was looked at.
    pub(super) revision: u64,
    /// Why.
    pub(super) reason: String,
    /// Whether it was said, and is to be done.
    pub(super) done: bool,
    typed: String,
}

/// What can be done for one visitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    /// Let somebody back in whose place has ended.
    Restore(Number),
    /// Give a code by which a place goes on elsewhere.
    GiveCode(Number),
    /// End a pass.
    EndPass(Number),
    /// Give a basket more minutes.
    Extend(BasketId, u32),
    /// Take an order back.
    Cancel(BasketId),
}

impl Asked {
    /// Reads a form.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub(super) fn read(form: &Form) -> Result<Self, String> {
        let number = || form.number("number").map(Number).ok_or("Load the page again.");
        let basket = || read_id(form.text("basket")).ok_or("Load the page again.");
        let deed = match form.text("action") {
            "restore_place" => Deed::Restore(number()?),
            "give_code" => Deed::GiveCode(number()?),
            "end_pass" => Deed::EndPass(number()?),
            "extend_basket" => Deed::Extend(basket()?, form.minutes()?),
            "cancel_order" => Deed::Cancel(basket()?),
            _ => return Err("Nothing was done: there is no such button.".to_owned()),
        };
        let revision = form.number("revision").ok_or("Load the page again.")?;
        Ok(Self {
            deed,
            revision,
            reason: form.text("reason").trim().to_owned(),
            done: form.text("step") == "do",
            typed: form.text("typed").trim().to_owned(),
        })
    }

    /// Whether what cannot be taken back was confirmed in words.
    ///
    /// # Errors
    /// What is missing, as a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.deed.typed() {
            Some(wanted) if Letters::read(&self.typed) != Letters::read(&wanted) => {
                Err(format!("Nothing was done: type “{wanted}” to confirm it."))
            }
            _ => Ok(()),
        }
    }
}

impl Deed {
    /// The change it is; giving a code changes nothing of the sale.
    pub(super) fn action(self) -> Option<OpsAction> {
        Some(match self {
            Self::Restore(number) => OpsAction::RestorePlace(number),
            Self::EndPass(number) => OpsAction::EndPass(number),
            Self::Extend(basket, minutes) => {
                let span = Span(u64::from(minutes).saturating_mul(MINUTE_MS));
                OpsAction::ExtendBasket { basket, span }
            }
            Self::Cancel(basket) => OpsAction::CancelOrder(basket),
            Self::GiveCode(_) => return None,
        })
    }

    /// What is typed before an order is taken back: its own letters, so that it is no other.
    pub(super) fn typed(self) -> Option<String> {
        match self {
            Self::Cancel(order) => Some(code_of(order).to_string()),
            _ => None,
        }
    }

    /// What the form of the second step carries along.
    pub(super) fn fields(self) -> Vec<(String, String)> {
        let (action, name, value) = match self {
            Self::Restore(number) => ("restore_place", "number", number.0.to_string()),
            Self::GiveCode(number) => ("give_code", "number", number.0.to_string()),
            Self::EndPass(number) => ("end_pass", "number", number.0.to_string()),
            Self::Extend(basket, _) => ("extend_basket", "basket", Id::from(basket).to_string()),
            Self::Cancel(order) => ("cancel_order", "basket", Id::from(order).to_string()),
        };
        let mut fields = vec![("action", action.to_owned()), (name, value)];
        if let Self::Extend(_, minutes) = self {
            fields.push(("minutes", minutes.to_string()));
        }
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The page of what it is done to.
    pub(super) fn path(self, sale: &str) -> String {
        match self {
            Self::Restore(number) | Self::GiveCode(number) | Self::EndPass(number) => {
                path(sale, &number.0.to_string())
            }
            Self::Extend(basket, _) | Self::Cancel(basket) => {
                path(sale, &Id::from(basket).to_string())
            }
        }
    }
}

/// Whether an action was done to a place or its pass.
pub(super) fn about_place(action: &OpsAction, number: Number) -> bool {
    match action {
        OpsAction::RestorePlace(other) | OpsAction::EndPass(other) => *other == number,
        _ => false,
    }
}

/// Whether an action was done to a basket or its order.
pub(super) fn about_basket(action: &OpsAction, basket: BasketId) -> bool {
    match action {
        OpsAction::ExtendBasket { basket: other, .. } | OpsAction::CancelOrder(other) => {
            *other == basket
        }
        _ => false,
    }
}
