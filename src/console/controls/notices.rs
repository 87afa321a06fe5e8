//! Words for everyone: read from a form, planned for later, and as people will see them.
//!
//! Words that come at a time are a trigger that waits for it and shows them; their end is part of
//! them, so that it never takes away what somebody posted after them.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::command::OpsAction;
use stanchion_domain::limits::{NOTICE_BYTES_MAX, NOTICE_LANGUAGES_MAX};
use stanchion_domain::time::WallTime;

use super::ground::Ground;
use super::moments;
use crate::api::wire::place::words;
use crate::clock;
use crate::console::form::Form;

/// Words that come at a time.
pub(in crate::console) struct Planned<'t> {
    /// When.
    pub(super) from: WallTime,
    /// What they say.
    pub(super) notice: &'t Notice,
    /// When they go, if that was said.
    pub(super) until: Option<WallTime>,
}

/// Reads the form of a notice: now or later, for good or for a while.
///
/// # Errors
/// What is wrong, as a sentence.
pub(super) fn read(form: &Form, ground: &Ground<'_>) -> Result<OpsAction, String> {
    let notice = texts(form, ground, "text")?;
    let notice = notice.ok_or("A notice needs words in one language at least.")?;
    let from = moments::ahead(form, "from", "From", ground.now)?;
    let until = moments::ahead(form, "until", "Until", ground.now)?;
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        return Err("Until: the words go before they come.".to_owned());
    }
    Ok(match (from, until) {
        (None, None) => OpsAction::PostNotice(notice),
        (None, Some(until)) => OpsAction::PostNoticeUntil { notice, until },
        (Some(from), until) => OpsAction::SetTrigger(plan(from, notice, until)),
    })
}

/// The languages of a notice that have words; the first is the fallback.
///
/// # Errors
/// What is too much, as a sentence.
pub(super) fn texts(
    form: &Form,
    ground: &Ground<'_>,
    field: &str,
) -> Result<Option<Notice>, String> {
    let texts = ground.sale.look.languages().map(|language| {
        let text = form.text(&format!("{field}_{language}")).replace("\r\n", "\n");
        (language.to_owned(), text.trim().to_owned())
    });
    let texts: Vec<_> = texts.filter(|(_, text)| !text.is_empty()).collect();
    let (languages, notice) = (texts.len(), Notice { texts });
    let bytes = notice.written_bytes();
    if languages > NOTICE_LANGUAGES_MAX {
        return Err(format!("A notice has at most {NOTICE_LANGUAGES_MAX} languages."));
    }
    if bytes > NOTICE_BYTES_MAX {
        return Err(format!(
            "A notice has at most {NOTICE_BYTES_MAX} bytes, all languages together: this one has \
             {bytes}."
        ));
    }
    Ok((languages > 0).then_some(notice))
}

/// The words of a notice as a part of a sentence, in each language.
pub(super) fn quoted(notice: &Notice) -> String {
    let quoted = |(language, text): &(String, String)| format!("“{text}” ({language})");
    match notice.texts.as_slice() {
        [(_, text)] => format!("“{text}”"),
        texts => texts.iter().map(quoted).collect::<Vec<_>>().join(" / "),
    }
}

/// A trigger of its own for each: two people who plan at once do not replace each other's words.
fn plan(from: WallTime, notice: Notice, until: Option<WallTime>) -> Trigger {
    let deed = match until {
        None => Deed::PostNotice(notice),
        Some(until) => Deed::PostNoticeUntil { notice, until },
    };
    Trigger {
        id: format!("notice-{}", HEXLOWER.encode(&clock::random_bytes::<4>())),
        scope: Scope::Sale,
        condition: Condition::TimeReached(from),
        deeds: vec![deed],
    }
}

/// A trigger that only shows words at a time, as that.
pub(in crate::console) fn planned(trigger: &Trigger) -> Option<Planned<'_>> {
    let (Scope::Sale, Condition::TimeReached(from)) = (trigger.scope, trigger.condition) else {
        return None;
    };
    match trigger.deeds.as_slice() {
        [Deed::PostNotice(notice)] => Some(Planned { from, notice, until: None }),
        [Deed::PostNoticeUntil { notice, until }] => {
            Some(Planned { from, notice, until: Some(*until) })
        }
        _ => None,
    }
}

/// What is planned, the soonest first.
pub(super) fn list(ground: &Ground<'_>) -> Vec<Value> {
    let waiting = ground.operations().triggers.iter().filter(|(_, fired)| !fired);
    let mut all: Vec<_> = waiting
        .filter_map(|(trigger, _)| planned(trigger).map(|planned| (&trigger.id, planned)))
        .collect();
    all.sort_by_key(|(_, planned)| planned.from);
    let row = |(id, planned): (&String, Planned<'_>)| {
        json!({
            "id": id,
            "from": moment(planned.from),
            "until": planned.until.map(moment),
            "texts": texts_of(planned.notice, ground),
        })
    };
    all.into_iter().map(row).collect()
}

/// The words that are shown now.
pub(super) fn shown(ground: &Ground<'_>) -> Value {
    let operations = ground.operations();
    match &operations.notice {
        None => Value::Null,
        Some(notice) => json!({
            "texts": texts_of(notice, ground),
            "until": operations.notice_until.map(moment),
        }),
    }
}

fn texts_of(notice: &Notice, ground: &Ground<'_>) -> Vec<Value> {
    let text = |(language, text): &(String, String)| {
        let direction = ground.sale.look.direction(language);
        json!({ "language": language, "direction": direction, "text": text })
    };
    notice.texts.iter().map(text).collect()
}

/// An instant for a page: for machines, and in words.
pub(super) fn moment(at: WallTime) -> Value {
    json!({ "iso": clock::rfc3339(at), "told": moments::told(at) })
}

/// The languages that the page of a sale speaks, as fields of a form.
pub(super) fn languages(ground: &Ground<'_>) -> Vec<Value> {
    let look = &ground.sale.look;
    let field =
        |tag: &str| json!({ "tag": tag, "name": name_of(tag), "direction": look.direction(tag) });
    look.languages().map(field).collect()
}

/// The words of an action as people will see them, if it has any: where the waiting page shows
/// them in each language, and which languages fall back on which.
pub(super) fn preview(action: &OpsAction, ground: &Ground<'_>) -> Value {
    let Some(notice) = notice_in(action) else { return Value::Null };
    let look = &ground.sale.look;
    let texts = serde_json::to_string(&words(notice)).expect("words are text");
    let url = |language: &str| {
        let pairs = [("state", "waiting"), ("language", language), ("words", &texts)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/{}/preview?{query}", ground.sale.id)
    };
    let (mut seen, mut falls) = (Vec::new(), Vec::new());
    for language in look.languages() {
        let read = look.reads(notice, language).unwrap_or_default();
        if read == language {
            seen.push(json!({ "name": name_of(language), "url": url(language) }));
        } else {
            falls.push(format!("{} sees {}", name_of(language), name_of(read)));
        }
    }
    json!({ "seen": seen, "falls": falls })
}

fn notice_in(action: &OpsAction) -> Option<&Notice> {
    match action {
        OpsAction::PostNotice(notice) | OpsAction::PostNoticeUntil { notice, .. } => Some(notice),
        OpsAction::SetTrigger(trigger) => trigger.deeds.iter().find_map(|deed| match deed {
            Deed::PostNotice(notice) | Deed::PostNoticeUntil { notice, .. } => Some(notice),
            Deed::StopCalling | Deed::Redirect(_) => None,
        }),
        _ => None,
    }
}

/// What people call a language; its tag, if we do not know.
fn name_of(tag: &str) -> String {
    const NAMES: [(&str, &str); 12] = [
        ("ar", "Arabic"),
        ("de", "German"),
        ("en", "English"),
        ("es", "Spanish"),
        ("fa", "Persian"),
        ("fr", "French"),
        ("he", "Hebrew"),
        ("it", "Italian"),
        ("nl", "Dutch"),
        ("pl", "Polish"),
        ("pt", "Portuguese"),
        ("tr", "Turkish"),
    ];
    let known = NAMES.iter().find(|(known, _)| *known == tag);
    known.map_or(tag, |(_, name)| name).to_owned()
}
