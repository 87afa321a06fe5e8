//! Accounts: who may come in, and as what. For managers.

use http::StatusCode;
use serde_json::{Value, json};

use super::doors::sentence;
use super::form::Form;
use super::guard::{self, in_words, staff};
use super::pages::Page;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::staff::account::Account;
use crate::staff::{Staff, StaffRefusal, Who};
use crate::token::role::{Duty, Role};

const HERE: &str = "/console/accounts";

/// Everybody.
pub fn page(call: &Call) -> Result<Reply<Html>, Problem> {
    match guard::admit(call, Duty::KeepAccounts) {
        Ok(who) => Ok(shown(call, &who, Told::default())),
        Err(turned) => turned.answer(call),
    }
}

/// Changes one account, or invites somebody.
pub async fn change(call: Call) -> Result<Reply<Html>, Problem> {
    let (who, form) = match guard::admit_form(&call, Duty::KeepAccounts) {
        Ok(admitted) => admitted,
        Err(turned) => return turned.answer(&call),
    };
    let (actor, name) = (who.name.clone(), form.text("name").trim().to_owned());
    let asked = Asked::read(&form);
    let done = staff(&call).work(move |staff| asked.act(staff, &actor)).await;
    Ok(match done {
        Ok(None) => Reply::see_other(HERE),
        // Shown once, so there is nothing to be sent back to.
        Ok(Some(key)) => shown(&call, &who, Told { name, key: Some(key), wrong: None }),
        Err(refusal) => shown(&call, &who, Told { name, key: None, wrong: Some(refusal) }),
    })
}

/// What is asked for.
enum Asked {
    Invite(String, Option<Role>),
    InviteAgain(String),
    SetRole(String, Option<Role>),
    Disable(String, bool),
    Nothing,
}

/// What the page says besides.
#[derive(Default)]
struct Told {
    name: String,
    key: Option<String>,
    wrong: Option<StaffRefusal>,
}

impl Asked {
    fn read(form: &Form) -> Self {
        let (name, role) = (form.text("name").to_owned(), Role::named(form.text("role")));
        match form.text("action") {
            "invite" => Self::Invite(name, role),
            "invite_again" => Self::InviteAgain(name),
            "set_role" => Self::SetRole(name, role),
            "disable" => Self::Disable(name, true),
            "enable" => Self::Disable(name, false),
            _ => Self::Nothing,
        }
    }

    /// Does it; the key of a link if it made one.
    fn act(self, staff: &Staff, actor: &str) -> Result<Option<String>, StaffRefusal> {
        let role = |role: Option<Role>| role.ok_or(StaffRefusal::Role);
        match self {
            Self::Invite(name, asked) => staff.invite(actor, &name, role(asked)?).map(Some),
            Self::InviteAgain(name) => staff.invite_again(actor, &name).map(Some),
            Self::SetRole(name, asked) => staff.set_role(actor, &name, role(asked)?).map(|()| None),
            Self::Disable(name, disabled) => {
                staff.set_disabled(actor, &name, disabled).map(|()| None)
            }
            Self::Nothing => Ok(None),
        }
    }
}

fn shown(call: &Call, who: &Who, told: Told) -> Reply<Html> {
    let accounts = staff(call).accounts();
    let accounts: Vec<_> = accounts.iter().map(|account| row(account, who)).collect();
    let roles: Vec<_> = Role::ALL.iter().map(|role| named(*role)).collect();
    let status = if told.wrong.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let values = json!({
        "title": "Accounts",
        "accounts": accounts,
        "roles": roles,
        "invited": told.key.as_ref().map(|_| &told.name),
        "link": told.key.map(|key| format!("{}/console/welcome/{key}", origin(call))),
        "wrong": told.wrong.as_ref().map(sentence),
    });
    Page::of(call, who).status(status).show("accounts.html", &values)
}

fn row(account: &Account, who: &Who) -> Value {
    json!({
        "name": account.name,
        "role": named(account.role),
        "state": match () {
            () if account.disabled => "shut out",
            () if account.active() => "can sign in",
            () if account.waits() => "invited",
            () => "no link",
        },
        "disabled": account.disabled,
        "mine": account.is(&who.name),
    })
}

fn named(role: Role) -> Value {
    json!({ "name": role.name(), "words": in_words(role) })
}

/// How the manager reached us, and so how the invited person will.
fn origin(call: &Call) -> String {
    let scheme = if call.secure() { "https" } else { "http" };
    let host = call.head.uri.authority().map(http::uri::Authority::as_str);
    format!("{scheme}://{}", host.or_else(|| call.header("host")).unwrap_or_default())
}
