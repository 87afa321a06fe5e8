//! Triggers: read from a form, told in words, and tried against now.

use serde_json::{Value, json};
use stanchion_domain::board::status::{Counts, StatusKind};
use stanchion_domain::board::trigger::{Condition, Deed, Scope, Trigger};
use stanchion_domain::sale::operations::{ACTOR_TRIGGER, Phase};
use stanchion_domain::time::WallTime;

use super::ground::Ground;
use super::{asked, moments, notices};
use crate::console::form::Form;

/// Performances and price zones that the form suggests; it takes the ids of all.
const SUGGESTED_MAX: usize = 200;
const STATUSES: [StatusKind; 4] =
    [StatusKind::OnSale, StatusKind::Low, StatusKind::InBaskets, StatusKind::SoldOut];

/// Reads the form of a trigger.
///
/// # Errors
/// What is wrong, as a sentence.
pub(super) fn read(form: &Form, ground: &Ground<'_>) -> Result<Trigger, String> {
    let id = form.text("name").trim().to_owned();
    if id.is_empty() {
        return Err("Name: a trigger needs a name.".to_owned());
    }
    let trigger = Trigger {
        id,
        scope: scope(form, ground)?,
        condition: condition(form, ground)?,
        deeds: deeds(form, ground)?,
    };
    if trigger.deeds.is_empty() {
        return Err("Say what the trigger does: words, calling, or an address.".to_owned());
    }
    Ok(trigger)
}

fn scope(form: &Form, ground: &Ground<'_>) -> Result<Scope, String> {
    let (names, id) = (ground.names(), form.text("part").trim());
    match form.text("watches") {
        "performance" => names
            .performance(id)
            .map(Scope::Performance)
            .ok_or_else(|| format!("There is no performance “{id}”.")),
        "zone" => {
            names.zone(id).map(Scope::Zone).ok_or_else(|| format!("There is no price zone “{id}”."))
        }
        _ if id.is_empty() => Ok(Scope::Sale),
        _ => Err(format!("Say whether “{id}” is a performance or a price zone.")),
    }
}

fn condition(form: &Form, ground: &Ground<'_>) -> Result<Condition, String> {
    let whole = |name: &str| {
        form.number::<u32>(name).ok_or_else(|| "When: a whole number is wanted.".to_owned())
    };
    Ok(match form.text("when") {
        "status" => {
            let found = STATUSES.into_iter().find(|kind| kind.name() == form.text("status"));
            Condition::StatusIs(found.ok_or("When: there is no such status.")?)
        }
        "available" => Condition::AvailableAtMost(whole("units")?.into()),
        "sold" => match whole("percent")? {
            percent @ 0..=100 => Condition::SoldAtLeastPermille(percent * 10),
            _ => return Err("When: at most 100 % can be sold.".to_owned()),
        },
        "time" => {
            let at = moments::ahead(form, "at", "When", ground.now)?;
            Condition::TimeReached(at.ok_or("When: a date and a time are wanted.")?)
        }
        _ => return Err("When: choose what it waits for.".to_owned()),
    })
}

/// Words first, so that nobody is sent away without them.
fn deeds(form: &Form, ground: &Ground<'_>) -> Result<Vec<Deed>, String> {
    let words = notices::texts(form, ground, "words")?.map(Deed::PostNotice);
    let stop = (form.text("stop_calling") == "yes").then_some(Deed::StopCalling);
    let url = form.text("elsewhere").trim();
    let elsewhere = match url {
        "" => None,
        url => Some(Deed::Redirect(asked::address(url)?)),
    };
    Ok(words.into_iter().chain(stop).chain(elsewhere).collect())
}

/// The triggers that are set; words that are planned stand elsewhere until they are shown.
pub(super) fn list(ground: &Ground<'_>) -> Vec<Value> {
    let set = ground.operations().triggers.iter();
    let here = set.filter(|(trigger, fired)| *fired || notices::planned(trigger).is_none());
    let row = |(trigger, fired): &(Trigger, bool)| {
        json!({
            "id": trigger.id,
            "told": told(trigger, ground),
            "fired": fired,
            "fired_at": fired_at(trigger, ground).filter(|_| *fired).map(notices::moment),
            "now": against(trigger, ground),
        })
    };
    here.map(row).collect()
}

/// When it acted, as far as the newest changes tell.
fn fired_at(trigger: &Trigger, ground: &Ground<'_>) -> Option<WallTime> {
    let mut newest = ground.operations().audit.iter().rev();
    let deed = newest.find(|entry| entry.actor == ACTOR_TRIGGER && entry.reason == trigger.id);
    deed.map(|entry| entry.now.wall)
}

/// What the form suggests.
pub(super) fn parts(ground: &Ground<'_>) -> Vec<Value> {
    let definition = ground.definition();
    let zones = definition.zones.iter().map(|zone| (&zone.id, &zone.name));
    let performances = definition.performances.iter().map(|one| (&one.id, &one.name));
    let parts = zones.chain(performances).take(SUGGESTED_MAX);
    parts.map(|(id, name)| json!({ "id": id, "name": name })).collect()
}

/// What a trigger waits for, and what it does then.
pub(super) fn told(trigger: &Trigger, ground: &Ground<'_>) -> String {
    format!("Once {}: {}.", awaited(trigger, ground), done_by(trigger))
}

/// What a trigger would do now.
pub(super) fn against(trigger: &Trigger, ground: &Ground<'_>) -> String {
    let by_time = matches!(trigger.condition, Condition::TimeReached(_));
    if ground.operations().phase == Phase::Before && !by_time {
        return "Against now: the sale is not open yet, it would not act before.".to_owned();
    }
    if !by_time && !ground.is_fact(trigger.scope) {
        let why = "reports of the venue's own system are missing or stale";
        return format!("Against now: nobody knows, {why}; it would not act before.");
    }
    let counts = ground.counts(trigger.scope);
    let (now, wanted) = measured(trigger.condition, &counts, ground.now);
    if trigger.condition.met(&counts, ground.now) {
        format!(
            "Against now: {now}, it waits for {wanted}: it would act at once, and {}.",
            done_by(trigger)
        )
    } else {
        format!("Against now: {now}, it waits for {wanted}: it would not act yet.")
    }
}

fn measured(condition: Condition, counts: &Counts, now: WallTime) -> (String, String) {
    match condition {
        Condition::StatusIs(kind) => {
            let now = counts.status(None).kind().map_or("not known", status);
            (format!("the status is “{now}”"), format!("“{}”", status(kind)))
        }
        Condition::AvailableAtMost(units) => {
            (format!("{} are available", counts.available), format!("{units} or fewer"))
        }
        Condition::SoldAtLeastPermille(share) => {
            let sold = (counts.sold * 1_000).checked_div(counts.capacity).unwrap_or_default();
            (format!("{} % is sold", percent(sold)), format!("{} % or more", percent(share.into())))
        }
        Condition::TimeReached(at) => (format!("it is {}", moments::told(now)), moments::told(at)),
    }
}

fn awaited(trigger: &Trigger, ground: &Ground<'_>) -> String {
    let part = part(trigger.scope, ground);
    match trigger.condition {
        Condition::StatusIs(kind) => format!("the status of {part} is “{}”", status(kind)),
        Condition::AvailableAtMost(units) => format!("{units} or fewer of {part} are available"),
        Condition::SoldAtLeastPermille(share) => {
            format!("{} % or more of {part} is sold", percent(share.into()))
        }
        Condition::TimeReached(at) => format!("it is {}", moments::told(at)),
    }
}

fn part(scope: Scope, ground: &Ground<'_>) -> String {
    let definition = ground.definition();
    match scope {
        Scope::Sale => "the whole sale".to_owned(),
        Scope::Performance(at) => format!("performance “{}”", definition.performance(at).name),
        Scope::Zone(at) => {
            let name = definition.zones.get(at.at()).map(|zone| zone.name.as_str());
            format!("price zone “{}”", name.unwrap_or_default())
        }
    }
}

/// What a trigger does, as the end of a sentence.
fn done_by(trigger: &Trigger) -> String {
    let deeds = trigger.deeds.iter().map(|deed| match deed {
        Deed::PostNotice(notice) => format!("show {}", notices::quoted(notice)),
        Deed::PostNoticeUntil { notice, until } => {
            format!("show {} until {}", notices::quoted(notice), moments::told(*until))
        }
        Deed::StopCalling => "stop calling".to_owned(),
        Deed::Redirect(url) => format!("send everyone to {url}"),
    });
    deeds.collect::<Vec<_>>().join(", ")
}

/// A status as people read it.
fn status(kind: StatusKind) -> &'static str {
    match kind {
        StatusKind::OnSale => "on sale",
        StatusKind::Low => "few left",
        StatusKind::InBaskets => "all in baskets",
        StatusKind::SoldOut => "sold out",
    }
}

/// Thousandths as hundredths, with a digit after the point where there is one.
fn percent(permille: u64) -> String {
    match (permille / 10, permille % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}
