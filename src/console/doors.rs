//! Coming in and going out: sign in, accept an invitation, sign out.

use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};
use serde_json::json;

use super::form::{Form, browser_key, clear_cookie, set_cookie};
use super::guard::{self, HOME, SIGN_IN, in_words, staff};
use super::pages::Page;
use super::picture;
use crate::api::auth;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::{Html, Reply};
use crate::staff::{Accepting, Attempt, StaffRefusal, guest};
use crate::token::role::Duty;

/// The page for signing in.
pub fn sign_in_page(call: &Call) -> Result<Reply<Html>, Problem> {
    if guard::admit(call, Duty::Look).is_ok() {
        return Ok(Reply::see_other(HOME));
    }
    Ok(sign_in_again(call, "", None))
}

/// Signs in.
pub async fn sign_in(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let form = Form::of(&call);
    let attempt = Attempt {
        name: form.text("name").trim().to_owned(),
        password: form.text("password").to_owned(),
        code: form.text("code").to_owned(),
        source: call.peer.source,
    };
    let name = attempt.name.clone();
    match staff(&call).work(move |staff| staff.sign_in(&attempt)).await {
        Ok(key) => Ok(let_in(&call, &key)),
        Err(refusal) => Ok(sign_in_again(&call, &name, Some(&refusal))),
    }
}

/// The page of an invitation, or of the guests' link.
pub fn welcome_page(call: &Call) -> Result<Reply<Html>, Problem> {
    let key = call.segment("key");
    if staff(call).is_guest_key(&key) {
        let values = json!({ "key": key, "name": guest::NAME, "role": in_words(guest::ROLE) });
        return Ok(Page::outside(call).show("guest.html", &values));
    }
    Ok(welcome_again(call, "", None))
}

/// Accepts an invitation, or lets a guest in.
pub async fn welcome(call: Call) -> Result<Reply<Html>, Problem> {
    auth::require_same_site(&call)?;
    let key = call.segment("key").into_owned();
    if staff(&call).is_guest_key(&key) {
        return Ok(match staff(&call).work(move |staff| staff.let_guest_in(&key)).await {
            Ok(key) => let_in(&call, &key),
            Err(refusal) => welcome_again(&call, "", Some(sentence(&refusal))),
        });
    }
    let form = Form::of(&call);
    let name = form.text("name").trim().to_owned();
    if form.text("password") != form.text("again") {
        return Ok(welcome_again(&call, &name, Some("The two passwords differ.".to_owned())));
    }
    let asked = Accepting {
        key,
        name: name.clone(),
        password: form.text("password").to_owned(),
        code: form.text("code").to_owned(),
        source: call.peer.source,
    };
    match staff(&call).work(move |staff| staff.accept(&asked)).await {
        Ok(key) => Ok(let_in(&call, &key)),
        Err(refusal) => Ok(welcome_again(&call, &name, Some(sentence(&refusal)))),
    }
}

/// Signs out.
pub async fn sign_out(call: Call) -> Result<Reply<Html>, Problem> {
    if let Err(turned) = guard::admit_form(&call, Duty::Look) {
        return turned.answer(&call);
    }
    if let Some(key) = browser_key(&call).map(str::to_owned) {
        staff(&call).work(move |staff| staff.sign_out(&key)).await;
    }
    Ok(Reply::see_other(SIGN_IN).header(SET_COOKIE, clear_cookie(&call)))
}

fn let_in(call: &Call, key: &str) -> Reply<Html> {
    Reply::see_other(HOME).header(SET_COOKIE, set_cookie(call, key))
}

fn sign_in_again(call: &Call, name: &str, refusal: Option<&StaffRefusal>) -> Reply<Html> {
    let status = match refusal {
        None => StatusCode::OK,
        Some(StaffRefusal::Wait { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::FORBIDDEN,
    };
    let guests = staff(call).welcomes_guests();
    let values = json!({ "name": name, "wrong": refusal.map(sentence), "guests": guests });
    let reply = Page::outside(call).status(status).show("sign_in.html", &values);
    match refusal {
        Some(StaffRefusal::Wait { wait_ms }) => {
            reply.header(RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1_000)))
        }
        _ => reply,
    }
}

fn welcome_again(call: &Call, name: &str, wrong: Option<String>) -> Reply<Html> {
    let invited = match staff(call).invited(&call.segment("key")) {
        Ok(invited) => invited,
        Err(refusal) => {
            let page = Page::outside(call).status(StatusCode::NOT_FOUND);
            return page.trouble("This link does not count", &sentence(&refusal), SIGN_IN);
        }
    };
    let known = invited.name.as_deref();
    let url = invited.secret.url(known.unwrap_or("console"));
    let status = if wrong.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let values = json!({
        "known": known,
        "name": name,
        "key": call.segment("key"),
        "secret": spaced(&invited.secret.text()),
        "picture": picture::qr(&url),
        "letters_min": crate::staff::password::LETTERS_MIN,
        "wrong": wrong,
    });
    Page::outside(call).status(status).show("welcome.html", &values)
}

/// Four letters and a gap: so it is read from a screen and typed.
fn spaced(secret: &str) -> String {
    let letters: Vec<_> = secret.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// A refusal as a sentence.
pub(super) fn sentence(refusal: &StaffRefusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
