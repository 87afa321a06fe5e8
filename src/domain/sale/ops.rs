//! Decides what operators ask. Each ops change names the revision it was made against.

use super::Sale;
use super::deeds::{check_notice, check_trigger, check_url};
use super::operations::Phase;
use crate::board::trigger::Trigger;
use crate::change::{Change, Line, Taken};
use crate::command::{Ops, OpsAction, Units};
use crate::id::{BasketId, Number, PerformanceIndex, PoolIndex, SeatIndex, ZoneIndex};
use crate::inventory::baskets::BasketState;
use crate::inventory::seats::SeatState;
use crate::limits;
use crate::queue::standing::Standing;
use crate::refusal::{Code, Refusal};
use crate::sale::definition::Withheld;
use crate::time::Span;

pub(super) type Verdict = Result<(), Code>;

impl Sale {
    pub(super) fn decide_ops(&self, ops: &Ops) -> Result<Change, Refusal> {
        let newest = self.operations.revision;
        if ops.revision != newest {
            return Err(Refusal::whole(Code::StaleRevision { newest }));
        }
        let named = !ops.actor.is_empty() && ops.actor.len() <= limits::ACTOR_BYTES_MAX;
        require(named, Code::Invalid { what: "actor" })
            .and(require(
                ops.reason.len() <= limits::REASON_BYTES_MAX,
                Code::Invalid { what: "reason" },
            ))
            .and_then(|()| self.check_action(&ops.action))
            .map_err(Refusal::whole)?;
        Ok(Change::Operated {
            actor: ops.actor.clone(),
            reason: ops.reason.clone(),
            action: Box::new(ops.action.clone()),
        })
    }

    fn check_action(&self, action: &OpsAction) -> Verdict {
        self.require_own_units(action)?;
        let operations = &self.operations;
        match action {
            OpsAction::Open => require_state(operations.phase == Phase::Before, "open"),
            OpsAction::Close => require_state(operations.phase != Phase::Closed, "closed"),
            OpsAction::PauseCalling => require_state(!operations.calling_paused, "paused"),
            OpsAction::ResumeCalling => require_state(operations.calling_paused, "calling"),
            OpsAction::SetCap(cap) => {
                require(*cap <= limits::CAP_MAX, at_most("cap", limits::CAP_MAX))
            }
            OpsAction::SetPace(pace) => {
                let most = limits::PACE_PER_MINUTE_MAX;
                require(*pace <= most, at_most("pace_per_minute", most))
            }
            OpsAction::CallForWhatIsLeft(on) => {
                let so = if *on { "calling for what is left" } else { "calling up to the cap" };
                require_state(operations.call_for_what_is_left != *on, so)
            }
            OpsAction::PostNotice(notice) | OpsAction::PostNoticeUntil { notice, until: _ } => {
                check_notice(notice)
            }
            OpsAction::WithdrawNotice => require_state(operations.notice.is_some(), "no notice"),
            OpsAction::Redirect(url) => check_url(url),
            OpsAction::EndRedirect => require_state(operations.redirect.is_some(), "no redirect"),
            OpsAction::FreezeTime => require_state(!operations.frozen, "frozen"),
            OpsAction::ResumeTime => require_state(operations.frozen, "running"),
            OpsAction::AddTime(span) => check_more(*span),
            OpsAction::ExtendBasket { basket, span } => {
                self.check_live(*basket).and_then(|()| check_more(*span))
            }
            OpsAction::RestorePlace(number) => self.check_restore_place(*number),
            OpsAction::Withhold { what, kind: _ } => self.check_withhold(what),
            OpsAction::Restore { what } => self.check_restore(what),
            OpsAction::SetTrigger(trigger) => self.check_set_trigger(trigger),
            OpsAction::RemoveTrigger(id) => {
                let known = operations.triggers.iter().any(|(kept, _)| kept.id == *id);
                require(known, Code::NotFound { what: "trigger" })
            }
            OpsAction::EndPass(number) => {
                require(self.passes.get(*number).is_some(), Code::NotFound { what: "pass" })
            }
            OpsAction::CancelOrder(order) => self.check_cancel(*order),
            OpsAction::Redefine(definition) => self.check_redefine(definition),
        }
    }

    /// Units, baskets and orders are the venue's own, where its own system keeps the seats.
    fn require_own_units(&self, action: &OpsAction) -> Verdict {
        let of_units = matches!(
            action,
            OpsAction::Withhold { .. }
                | OpsAction::Restore { .. }
                | OpsAction::CancelOrder(_)
                | OpsAction::ExtendBasket { .. }
        );
        require(!of_units || !self.definition.mirrored(), Code::Mirrored)
    }

    fn check_cancel(&self, order: BasketId) -> Verdict {
        let order = self.baskets.by_id(order).ok_or(Code::NotFound { what: "order" })?;
        require_state(matches!(order.state, BasketState::Confirmed { .. }), "not an order")
    }

    fn check_live(&self, basket: BasketId) -> Verdict {
        let basket = self.baskets.by_id(basket).ok_or(Code::NotFound { what: "basket" })?;
        require_state(basket.live(), "not live")
    }

    fn check_restore_place(&self, number: Number) -> Verdict {
        match self.line.standing(number) {
            Standing::Spent => Ok(()),
            Standing::Unissued => Err(Code::NotFound { what: "place" }),
            Standing::Waiting { .. } | Standing::Returning { .. } => {
                Err(Code::WrongState { state: "in the queue" })
            }
            Standing::Called => Err(Code::WrongState { state: "in the shop" }),
        }
    }

    fn check_withhold(&self, what: &Units) -> Verdict {
        self.check_units(what)?;
        let free = self.lines_of(what).iter().all(|line| self.stock.can_take(line));
        require(free, Code::Unavailable { killed: false })
    }

    fn check_restore(&self, what: &Units) -> Verdict {
        self.check_units(what)?;
        let withheld: u32 = self.withheld_lines_of(what).iter().map(|(line, _)| line.units()).sum();
        require(withheld == units_of(what), Code::WrongState { state: "not withheld" })
    }

    fn check_units(&self, what: &Units) -> Verdict {
        let units = units_of(what) as usize;
        require(units > 0, Code::Invalid { what: "units" })?;
        let most = limits::WITHHOLD_UNITS_MAX;
        require(units <= most, at_most("units_per_change", most as u32))?;
        let known = |performance: PerformanceIndex| {
            require(
                performance.at() < self.definition.performances.len(),
                Code::NotFound { what: "performance" },
            )
        };
        match what {
            Units::Seats { performance, seats } => {
                known(*performance)?;
                let map = self.stock.performance(*performance).seats.as_ref();
                let map = map.ok_or(Code::NotFound { what: "seating" })?;
                let exist = seats.iter().all(|seat| map.get(*seat).is_some());
                require(exist, Code::NotFound { what: "seat" })?;
                let rising = seats.windows(2).all(|pair| pair[0] < pair[1]);
                require(rising, Code::Invalid { what: "seats must ascend, each once" })
            }
            Units::Pool { performance, pool, .. } => {
                known(*performance)?;
                let pool = self.definition.pool(*performance, *pool);
                require(pool.is_some(), Code::NotFound { what: "pool" })
            }
        }
    }

    /// What an operator names, as lines of available units.
    pub(super) fn lines_of(&self, what: &Units) -> Vec<Line> {
        match what {
            Units::Seats { performance, seats } => (seats.iter())
                .map(|seat| {
                    let zone = self.definition.zone_of_seat(*performance, *seat);
                    let zone = zone.expect("a checked seat has a zone");
                    Line::bare(*performance, Taken::Seat(*seat), zone)
                })
                .collect(),
            Units::Pool { performance, pool, units } => {
                vec![Line::bare(
                    *performance,
                    Taken::Pool(*pool, *units),
                    self.zone_of_pool(*performance, *pool),
                )]
            }
        }
    }

    /// Those of the named units that are withheld, with their kind; killed pool units come first.
    pub(super) fn withheld_lines_of(&self, what: &Units) -> Vec<(Line, Withheld)> {
        match what {
            Units::Seats { performance, seats } => {
                let map = self.stock.performance(*performance).seats.as_ref();
                let map = map.expect("checked seats have a map");
                let kind = |seat: SeatIndex| match map.get(seat) {
                    Some(SeatState::Withheld(kind)) => Some(kind),
                    _ => None,
                };
                let lines = self.lines_of(what).into_iter().zip(seats);
                lines.filter_map(|(line, seat)| kind(*seat).map(|kind| (line, kind))).collect()
            }
            Units::Pool { performance, pool, units } => {
                let stock = &self.stock.performance(*performance).pools[pool.at()];
                let killed = (stock.counts.withheld - stock.house).min(u64::from(*units)) as u32;
                let house = stock.house.min(u64::from(*units - killed)) as u32;
                let zone = self.zone_of_pool(*performance, *pool);
                let line = |units| Line::bare(*performance, Taken::Pool(*pool, units), zone);
                [(line(killed), Withheld::Killed), (line(house), Withheld::House)]
                    .into_iter()
                    .filter(|(line, _)| line.units() > 0)
                    .collect()
            }
        }
    }

    fn zone_of_pool(&self, performance: PerformanceIndex, pool: PoolIndex) -> ZoneIndex {
        self.definition.pool(performance, pool).expect("a checked pool exists").zone
    }

    /// Whether one more trigger, or one in place of another, can be set.
    fn check_set_trigger(&self, trigger: &Trigger) -> Verdict {
        let kept = &self.operations.triggers;
        let new = !kept.iter().any(|(kept, _)| kept.id == trigger.id);
        let room = !new || kept.len() < limits::TRIGGERS_MAX;
        require(room, at_most("triggers", limits::TRIGGERS_MAX as u32))?;
        check_trigger(&self.definition, trigger)
    }
}

/// More time for deadlines: some, and not too much at once.
fn check_more(span: Span) -> Verdict {
    let most = limits::ADD_TIME_MS_MAX;
    require((1..=most).contains(&span.0), at_most("add_time_ms", most as u32))
}

fn units_of(what: &Units) -> u32 {
    match what {
        Units::Seats { seats, .. } => u32::try_from(seats.len()).unwrap_or(u32::MAX),
        Units::Pool { units, .. } => *units,
    }
}

pub(super) fn require(good: bool, code: Code) -> Verdict {
    if good { Ok(()) } else { Err(code) }
}

fn require_state(good: bool, state: &'static str) -> Verdict {
    require(good, Code::WrongState { state })
}

pub(super) fn at_most(limit: &'static str, most: u32) -> Code {
    Code::LimitReached { limit, most: u64::from(most) }
}
