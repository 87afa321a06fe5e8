//! What a form of the controls asks for.

use stanchion_domain::board::trigger::{Deed, Trigger};
use stanchion_domain::command::OpsAction;
use stanchion_domain::limits::{CAP_MAX, PACE_PER_MINUTE_MAX, URL_BYTES_MAX};
use stanchion_domain::sale::deeds::check_url;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::Span;

use super::ground::Ground;
use super::{notices, triggers, words};
use crate::api::wire::action::{ActionBody, action_body, read_action};
use crate::console::form::Form;

/// What is typed before something that everybody in the queue feels at once.
pub(super) const CONFIRMATION: &str = "everyone";
const MINUTE_MS: u64 = 60_000;

/// A change that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The revision that was looked at.
    pub(super) revision: u64,
    /// Why.
    pub(super) reason: String,
    /// What.
    pub(super) action: OpsAction,
    /// Whether it shall be done, or only told.
    pub(super) done: bool,
    typed: String,
}

/// What needs nothing beside its name.
const PLAIN: &[(&str, OpsAction)] = &[
    ("open", OpsAction::Open),
    ("close", OpsAction::Close),
    ("pause_calling", OpsAction::PauseCalling),
    ("resume_calling", OpsAction::ResumeCalling),
    ("call_for_what_is_left", OpsAction::CallForWhatIsLeft(true)),
    ("call_up_to_the_cap", OpsAction::CallForWhatIsLeft(false)),
    ("withdraw_notice", OpsAction::WithdrawNotice),
    ("end_redirect", OpsAction::EndRedirect),
    ("freeze_time", OpsAction::FreezeTime),
    ("resume_time", OpsAction::ResumeTime),
];

impl Asked {
    /// Reads a form: one that somebody filled in, or one that carries along what was read before.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub(super) fn read(form: &Form, ground: &Ground<'_>) -> Result<Self, String> {
        let text = |name: &str| form.text(name).trim().to_owned();
        let revision = form.number("revision").ok_or("Load the page again.")?;
        let action = match form.text("asked") {
            "" => filled_in(form, ground)?,
            carried => read_carried(carried, ground)?,
        };
        let done = form.text("step") == "do";
        Ok(Self { revision, reason: text("reason"), action, done, typed: text("typed") })
    }

    /// Whether everybody in the queue feels it at once, or it cannot be taken back.
    pub(super) fn grave(&self) -> bool {
        let elsewhere =
            |trigger: &Trigger| trigger.deeds.iter().any(|deed| matches!(deed, Deed::Redirect(_)));
        match &self.action {
            OpsAction::Redirect(_) | OpsAction::Close => true,
            OpsAction::SetTrigger(trigger) => elsewhere(trigger),
            _ => false,
        }
    }

    /// Whether it is said twice, where that is needed.
    ///
    /// # Errors
    /// What to do, as a sentence.
    pub(super) fn confirmed(&self) -> Result<(), String> {
        if self.grave() && !self.typed.eq_ignore_ascii_case(CONFIRMATION) {
            return Err(format!("Nothing was done: type “{CONFIRMATION}” to confirm it."));
        }
        Ok(())
    }
}

/// The field in which a form of the next step carries an action along.
pub(super) fn carried(action: &OpsAction, definition: &Definition) -> (String, String) {
    let text = serde_json::to_string(&action_body(action, definition));
    ("asked".to_owned(), text.expect("an action is text"))
}

fn read_carried(carried: &str, ground: &Ground<'_>) -> Result<OpsAction, String> {
    let body: ActionBody = serde_json::from_str(carried).map_err(|_| "Load the page again.")?;
    read_action(body, &ground.names()).map_err(|problem| words::problem(&problem))
}

fn filled_in(form: &Form, ground: &Ground<'_>) -> Result<OpsAction, String> {
    Ok(match form.text("action") {
        "set_cap" => OpsAction::SetCap(form.whole("cap", "Cap", 0..=CAP_MAX)?),
        "set_pace" => OpsAction::SetPace(form.whole("pace", "Pace", 0..=PACE_PER_MINUTE_MAX)?),
        "add_time" => OpsAction::AddTime(Span(u64::from(form.minutes()?) * MINUTE_MS)),
        "redirect" => OpsAction::Redirect(address(form.text("url").trim())?),
        "post_notice" => notices::read(form, ground)?,
        "set_trigger" => OpsAction::SetTrigger(triggers::read(form, ground)?),
        "remove_trigger" => OpsAction::RemoveTrigger(form.text("id").to_owned()),
        name => {
            let plain = PLAIN.iter().find(|(known, _)| *known == name);
            plain.map(|(_, action)| action.clone()).ok_or("There is no such control.")?
        }
    })
}

/// Where everyone may be sent.
///
/// # Errors
/// What is wanted, as a sentence.
pub(super) fn address(url: &str) -> Result<String, String> {
    check_url(url).map(|()| url.to_owned()).map_err(|_| {
        format!(
            "An address begins with https:// or http:// and names a host; it has at most \
             {URL_BYTES_MAX} plain letters and no spaces."
        )
    })
}
