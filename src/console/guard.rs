//! Who may see a page and send a form.
//!
//! A form counts only if it comes from a page of ours (the browser says where it comes from) and
//! carries the token that this very browser was given.

use std::sync::Arc;

use http::StatusCode;
use subtle::ConstantTimeEq;

use super::form::{Form, browser_key};
use super::pages::Page;
use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::api::state::OpenSale;
use crate::staff::{Staff, Who};
use crate::token::role::{Duty, Role};

/// Where people prove who they are.
pub(super) const SIGN_IN: &str = "/console/sign-in";
/// Where they are let in to.
pub(super) const HOME: &str = "/console";

/// Why somebody is not let in.
#[derive(Debug)]
pub(super) enum Turned {
    /// Nobody is signed in.
    Out,
    /// Their role does not allow it.
    Role(Who, Duty),
    /// The form is not one that we gave to this browser.
    Form(Who),
    /// There is no such sale, or none is served here.
    Sale(Who, Problem),
}

/// The people of the console.
///
/// # Panics
/// Never: its routes are served where there is a console.
pub(super) fn staff(call: &Call) -> &Arc<Staff> {
    call.state.console().expect("the routes of the console are served with its people")
}

/// Who looks at a page.
///
/// # Errors
/// [`Turned`], if they may not.
pub(super) fn admit(call: &Call, duty: Duty) -> Result<Who, Turned> {
    let who = browser_key(call).and_then(|key| staff(call).who(key)).ok_or(Turned::Out)?;
    if who.role.may(duty) { Ok(who) } else { Err(Turned::Role(who, duty)) }
}

/// Who sends a form, and what it says.
///
/// # Errors
/// [`Turned`], if they may not, or if it is not from a page of ours.
pub(super) fn admit_form(call: &Call, duty: Duty) -> Result<(Who, Form), Turned> {
    let who = admit(call, duty)?;
    let form = Form::of(call);
    let token = form.text("form_token").as_bytes();
    let ours = bool::from(token.ct_eq(who.form_token.as_bytes()));
    if ours && auth::require_same_site(call).is_ok() {
        Ok((who, form))
    } else {
        Err(Turned::Form(who))
    }
}

/// Who looks at a page of a sale, and the sale.
///
/// # Errors
/// [`Turned`], if they may not, or there is none.
pub(super) fn admit_to_sale(call: &Call, duty: Duty) -> Result<(Who, &Arc<OpenSale>), Turned> {
    let who = admit(call, duty)?;
    match call.sale() {
        Ok(sale) => Ok((who, sale)),
        Err(problem) => Err(Turned::Sale(who, problem)),
    }
}

/// Who sends a form of a page of a sale, what it says, and the sale.
///
/// # Errors
/// As for [`admit_form`] and [`admit_to_sale`].
pub(super) fn admit_form_to_sale(
    call: &Call,
    duty: Duty,
) -> Result<(Who, Form, &Arc<OpenSale>), Turned> {
    let (who, form) = admit_form(call, duty)?;
    match call.sale() {
        Ok(sale) => Ok((who, form, sale)),
        Err(problem) => Err(Turned::Sale(who, problem)),
    }
}

impl Turned {
    /// What they see instead.
    pub(super) fn answer(self, call: &Call) -> Result<Reply<Html>, Problem> {
        let forbidden = |who: &Who, title: &str, told: &str| {
            Page::of(call, who).status(StatusCode::FORBIDDEN).trouble(title, told, HOME)
        };
        Ok(match self {
            Self::Out => Reply::see_other(SIGN_IN),
            Self::Sale(who, problem) => no_sale(Page::of(call, &who), &problem),
            Self::Form(who) => {
                let told = "It did not come from a page of this console. Nothing was changed: load \
                            the page again, and send it from there.";
                forbidden(&who, "This form does not count", told)
            }
            Self::Role(who, duty) => {
                let roles: Vec<_> = duty.roles().iter().map(|role| in_words(*role)).collect();
                let told = format!("This is for: {}. Ask one of them.", roles.join(", "));
                forbidden(&who, "Your role does not allow this", &told)
            }
        })
    }
}

/// What to say where there is no such sale, or none is served here.
fn no_sale(page: Page<'_>, problem: &Problem) -> Reply<Html> {
    let page = page.status(StatusCode::NOT_FOUND);
    match problem.code() {
        "standby" => page.trouble(
            "This server stands by",
            "Another one serves the sales. This one follows, and takes over when it falls silent.",
            HOME,
        ),
        _ => page.trouble("No such sale", "It is not served here.", HOME),
    }
}

/// A role as people read it.
pub(super) fn in_words(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::BoxOffice => "box office",
        Role::Operator => "operator",
        Role::Manager => "manager",
    }
}
