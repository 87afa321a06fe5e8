//! What a form of the controls asks for.

use stanchion_domain::board::trigger::Notice;
use stanchion_domain::command::OpsAction;
use stanchion_domain::time::Span;

use crate::console::form::Form;

/// What is typed before something that everybody in the queue feels at once.
pub(super) const CONFIRMATION: &str = "everyone";
/// Languages that the form of a notice has fields for.
const LANGUAGES: [&str; 4] = ["en", "fr", "de", "es"];
const MINUTE_MS: u64 = 60_000;

/// A change that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The revision that was looked at.
    pub(super) revision: u64,
    /// Why.
    pub(super) reason: String,
    wanted: Wanted,
    typed: String,
    done: bool,
}

#[derive(Clone, Debug)]
enum Wanted {
    Cap(String),
    Pace(String),
    Notice(Vec<(String, String)>),
    Redirect(String),
    AddTime(String),
    Plain(&'static str),
}

/// What needs nothing beside its name.
const PLAIN: &[(&str, OpsAction)] = &[
    ("open", OpsAction::Open),
    ("close", OpsAction::Close),
    ("pause_calling", OpsAction::PauseCalling),
    ("resume_calling", OpsAction::ResumeCalling),
    ("withdraw_notice", OpsAction::WithdrawNotice),
    ("end_redirect", OpsAction::EndRedirect),
    ("freeze_time", OpsAction::FreezeTime),
    ("resume_time", OpsAction::ResumeTime),
];

impl Asked {
    /// Reads a form.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub(super) fn read(form: &Form) -> Result<Self, String> {
        let text = |name: &str| form.text(name).trim().to_owned();
        let wanted = match form.text("action") {
            "set_cap" => Wanted::Cap(text("cap")),
            "set_pace" => Wanted::Pace(text("pace")),
            "post_notice" => Wanted::Notice(notice(form)),
            "redirect" => Wanted::Redirect(text("url")),
            "add_time" => Wanted::AddTime(text("minutes")),
            other => {
                let plain = PLAIN.iter().find(|(name, _)| *name == other);
                let (name, _) = plain.ok_or("There is no such control.")?;
                Wanted::Plain(name)
            }
        };
        let revision = form.number("revision").ok_or("Load the page again.")?;
        let done = form.text("step") == "do";
        let asked = Self { revision, reason: text("reason"), wanted, typed: text("typed"), done };
        asked.shape()?;
        Ok(asked)
    }

    /// The action.
    ///
    /// # Errors
    /// What is wrong, as a sentence; also if something grave was not confirmed in words.
    pub(super) fn action(&self) -> Result<OpsAction, String> {
        if self.done && self.typed_wrong() {
            return Err(format!("Nothing was done: type “{CONFIRMATION}” to confirm it."));
        }
        self.shape()
    }

    /// The action, whether it is confirmed or not.
    pub(super) fn shape(&self) -> Result<OpsAction, String> {
        let whole = |text: &str, what: &str| {
            text.parse::<u32>().map_err(|_| format!("{what}: a whole number is wanted."))
        };
        Ok(match &self.wanted {
            Wanted::Cap(cap) => OpsAction::SetCap(whole(cap, "Cap")?),
            Wanted::Pace(pace) => OpsAction::SetPace(whole(pace, "Pace")?),
            Wanted::Notice(texts) if texts.is_empty() => {
                return Err("A notice needs words in one language at least.".to_owned());
            }
            Wanted::Notice(texts) => OpsAction::PostNotice(Notice { texts: texts.clone() }),
            Wanted::Redirect(url) => OpsAction::Redirect(url.clone()),
            Wanted::AddTime(minutes) => {
                let minutes = u64::from(whole(minutes, "Minutes")?);
                OpsAction::AddTime(Span(minutes.saturating_mul(MINUTE_MS)))
            }
            Wanted::Plain(name) => {
                let plain = PLAIN.iter().find(|(known, _)| known == name);
                plain.map(|(_, action)| action.clone()).ok_or("There is no such control.")?
            }
        })
    }

    /// Whether everybody in the queue feels it at once, or it cannot be taken back.
    pub(super) fn grave(&self) -> bool {
        matches!(self.wanted, Wanted::Redirect(_) | Wanted::Plain("close"))
    }

    /// Whether the word that confirms it is missing.
    pub(super) fn typed_wrong(&self) -> bool {
        self.grave() && !self.typed.eq_ignore_ascii_case(CONFIRMATION)
    }

    /// What the form of the second step carries along.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        match &self.wanted {
            Wanted::Cap(cap) => vec![field("action", "set_cap"), field("cap", cap)],
            Wanted::Pace(pace) => vec![field("action", "set_pace"), field("pace", pace)],
            Wanted::Redirect(url) => vec![field("action", "redirect"), field("url", url)],
            Wanted::AddTime(minutes) => {
                vec![field("action", "add_time"), field("minutes", minutes)]
            }
            Wanted::Plain(name) => vec![field("action", name)],
            Wanted::Notice(texts) => {
                let texts =
                    texts.iter().map(|(language, text)| (format!("text_{language}"), text.clone()));
                std::iter::once(field("action", "post_notice")).chain(texts).collect()
            }
        }
    }
}

/// The languages of a notice that have words; the first is the fallback.
fn notice(form: &Form) -> Vec<(String, String)> {
    let texts = LANGUAGES.iter().map(|language| {
        let text = form.text(&format!("text_{language}")).replace("\r\n", "\n");
        ((*language).to_owned(), text.trim().to_owned())
    });
    texts.filter(|(_, text)| !text.is_empty()).collect()
}
