//! Triggers, both ways: as they are set, and as operators read them.

use serde::{Deserialize, Serialize};
use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::sale::definition::Definition;
use utoipa::ToSchema;

use super::place::{WordsBody, words};
use super::time::Moment;
use crate::api::names::Names;
use crate::api::problem::Problem;

/// A condition that acts once when it is met.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriggerBody {
    /// Its id.
    pub id: String,
    /// Watches this performance alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance: Option<String>,
    /// Watches this price zone alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What it waits for.
    pub when: ConditionBody,
    /// What it does then, in order.
    pub deeds: Vec<DeedBody>,
}

/// What a trigger waits for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConditionBody {
    /// This status.
    StatusIs(StatusKindBody),
    /// At most so many units available.
    AvailableAtMost(u64),
    /// At least this share sold, in thousandths.
    SoldAtLeastPermille(u32),
    /// This instant.
    TimeReached(Moment),
}

/// A status without its figures.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusKindBody {
    /// Enough are available.
    OnSale,
    /// Few are left.
    Low,
    /// None are free; some may come back.
    InBaskets,
    /// Everything is sold.
    SoldOut,
}

/// What a trigger does.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeedBody {
    /// Post these words.
    PostNotice(Vec<WordsBody>),
    /// Post words for some time.
    PostNoticeUntil(PassingBody),
    /// Stop calling.
    StopCalling,
    /// Send everyone in the queue there.
    Redirect(String),
}

/// Words that are taken away again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassingBody {
    /// In one or more languages; the first is the fallback.
    pub texts: Vec<WordsBody>,
    /// When they are taken away, if they are still shown then.
    pub until: Moment,
}

/// From words to a trigger.
///
/// # Errors
/// `not_found`, `invalid`
pub fn read_trigger(body: TriggerBody, names: &Names) -> Result<Trigger, Problem> {
    let scope = match (&body.performance, &body.zone) {
        (None, None) => Scope::Sale,
        (Some(id), None) => {
            let found = names.performance(id);
            Scope::Performance(found.ok_or_else(|| Problem::not_found("performance"))?)
        }
        (None, Some(id)) => Scope::Zone(names.zone(id).ok_or_else(|| Problem::not_found("zone"))?),
        (Some(_), Some(_)) => {
            return Err(Problem::invalid("a trigger watches a performance or a zone"));
        }
    };
    let condition = match body.when {
        ConditionBody::StatusIs(kind) => Condition::StatusIs(read_status(kind)),
        ConditionBody::AvailableAtMost(units) => Condition::AvailableAtMost(units),
        ConditionBody::SoldAtLeastPermille(share) => Condition::SoldAtLeastPermille(share),
        ConditionBody::TimeReached(at) => Condition::TimeReached(at.0),
    };
    let deeds = body.deeds.into_iter().map(|deed| match deed {
        DeedBody::PostNotice(texts) => Deed::PostNotice(notice(texts)),
        DeedBody::PostNoticeUntil(PassingBody { texts, until }) => {
            Deed::PostNoticeUntil { notice: notice(texts), until: until.0 }
        }
        DeedBody::StopCalling => Deed::StopCalling,
        DeedBody::Redirect(url) => Deed::Redirect(url),
    });
    Ok(Trigger { id: body.id, scope, condition, deeds: deeds.collect() })
}

fn read_status(kind: StatusKindBody) -> StatusKind {
    match kind {
        StatusKindBody::OnSale => StatusKind::OnSale,
        StatusKindBody::Low => StatusKind::Low,
        StatusKindBody::InBaskets => StatusKind::InBaskets,
        StatusKindBody::SoldOut => StatusKind::SoldOut,
    }
}

/// From words to a notice.
pub fn notice(texts: Vec<WordsBody>) -> Notice {
    Notice { texts: texts.into_iter().map(|words| (words.language, words.text)).collect() }
}

/// A trigger in words.
pub fn trigger_body(trigger: &Trigger, definition: &Definition) -> TriggerBody {
    let (performance, zone) = match trigger.scope {
        Scope::Sale => (None, None),
        Scope::Performance(at) => (Some(definition.performance(at).id.clone()), None),
        Scope::Zone(at) => (None, definition.zones.get(at.at()).map(|zone| zone.id.clone())),
    };
    let deeds = trigger.deeds.iter().map(|deed| match deed {
        Deed::PostNotice(notice) => DeedBody::PostNotice(words(notice)),
        Deed::PostNoticeUntil { notice, until } => {
            let (texts, until) = (words(notice), Moment(*until));
            DeedBody::PostNoticeUntil(PassingBody { texts, until })
        }
        Deed::StopCalling => DeedBody::StopCalling,
        Deed::Redirect(url) => DeedBody::Redirect(url.clone()),
    });
    TriggerBody {
        id: trigger.id.clone(),
        performance,
        zone,
        when: match trigger.condition {
            Condition::StatusIs(kind) => ConditionBody::StatusIs(status_body(kind)),
            Condition::AvailableAtMost(units) => ConditionBody::AvailableAtMost(units),
            Condition::SoldAtLeastPermille(share) => ConditionBody::SoldAtLeastPermille(share),
            Condition::TimeReached(at) => ConditionBody::TimeReached(Moment(at)),
        },
        deeds: deeds.collect(),
    }
}

fn status_body(kind: StatusKind) -> StatusKindBody {
    match kind {
        StatusKind::OnSale => StatusKindBody::OnSale,
        StatusKind::Low => StatusKindBody::Low,
        StatusKind::InBaskets => StatusKindBody::InBaskets,
        StatusKind::SoldOut => StatusKindBody::SoldOut,
    }
}
