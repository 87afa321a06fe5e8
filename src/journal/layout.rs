//! What of the domain is in the journal: the fields of each type in their order, and the tag of
//! each variant. To add a field or to change an order is a new format; a new variant with a new
//! tag is not, except that older versions refuse it.

use stanchion_domain::board::status::StatusKind;
use stanchion_domain::board::trigger::{Condition, Deed, Notice, Scope, Trigger};
use stanchion_domain::change::{Change, Decided, Held, Line, Taken};
use stanchion_domain::command::{OpsAction, Report, Units};
use stanchion_domain::id::{BasketId, HoldId, Number, PerformanceIndex, PlaceMark, PlanIndex};
use stanchion_domain::id::{
    PoolIndex, PriceIndex, RequestKey, RowIndex, SeatIndex, SectionIndex, ZoneIndex,
};
use stanchion_domain::plan::{Point, Row, Seat, SeatFlags, SeatPlan, Section};
use stanchion_domain::sale::definition::{Definition, Mirror, Performance, Policy, Pool, Price};
use stanchion_domain::sale::definition::{PriceZone, Seating, Shown, Withheld};
use stanchion_domain::time::{Now, SaleTime, Span, WallTime};

use std::ops::Range;
use std::sync::Arc;

use super::codec::{fields, variants, wraps};
use super::mirrored::Mirrored;

wraps! {
    Number(u32)
    PerformanceIndex(u16)
    SeatIndex(u32)
    PoolIndex(u16)
    ZoneIndex(u16)
    PriceIndex(u8)
    PlanIndex(u16)
    SectionIndex(u16)
    RowIndex(u32)
    HoldId(u32)
    BasketId(u128)
    PlaceMark(u64)
    SaleTime(u64)
    Span(u64)
    WallTime(i64)
}

fields! {
    Decided { now: Now, request: Option<RequestKey>, change: Change }
    Now { sale: SaleTime, wall: WallTime }
    RequestKey { key: u128, body: u64 }
}

variants! {
    Change {
        24 = Created(definition: Arc<Definition> as Mirrored),
        1 = Created(definition: Arc<Definition>),
        2 = Started,
        3 = Resumed,
        4 = Marked { issued: u32 },
        5 = Reserved { until: u32 },
        6 = Opened,
        7 = Called { numbers: Vec<Number>, front: u32, claim_until: SaleTime },
        8 = ClaimsMissed { numbers: Vec<Number> },
        9 = Claimed { number: Number },
        10 = Left { number: Number },
        11 = IdledOut { numbers: Vec<Number> },
        12 = Held(held: Held),
        13 = Released { basket: BasketId, hold: HoldId },
        14 = BasketReleased { basket: BasketId },
        15 = BasketExpired { basket: BasketId },
        16 = CheckedOut { basket: BasketId, deadline_at: SaleTime },
        17 = Confirmed { basket: BasketId, payment: String, late: bool },
        18 = PaymentLost { basket: BasketId, payment: String },
        19 = Operated { actor: String, reason: String, action: Box<OpsAction> },
        20 = TriggerFired { trigger: String },
        21 = PaymentRepeated { basket: BasketId },
        22 = Moved { number: Number, to: PlaceMark },
        23 = NoticeEnded,
        25 = Reported { newer: Arc<[Report]>, same: Arc<[(PerformanceIndex, ZoneIndex)]> },
        26 = WentStale { zones: Vec<(PerformanceIndex, ZoneIndex)> },
    }
}

fields! {
    Held {
        basket: BasketId,
        pass: Number,
        hold: HoldId,
        lines: Arc<[Line]>,
        deadline_at: SaleTime,
    }
    Line {
        performance: PerformanceIndex,
        what: Taken,
        zone: ZoneIndex,
        price: PriceIndex,
        amount_minor: u64,
        house: bool,
    }
    Report {
        performance: PerformanceIndex,
        zone: ZoneIndex,
        version: u64,
        available: u32,
        held: u32,
        sold: u32,
        withheld: u32,
    }
}

variants! {
    Taken {
        1 = Seat(seat: SeatIndex),
        2 = Pool(pool: PoolIndex, units: u32),
    }
    OpsAction {
        1 = Open,
        2 = Close,
        3 = PauseCalling,
        4 = ResumeCalling,
        5 = SetCap(cap: u32),
        6 = SetPace(per_minute: u32),
        7 = PostNotice(notice: Notice),
        8 = WithdrawNotice,
        9 = Redirect(url: String),
        10 = EndRedirect,
        11 = FreezeTime,
        12 = ResumeTime,
        13 = AddTime(span: Span),
        14 = Withhold { what: Units, kind: Withheld },
        15 = Restore { what: Units },
        16 = SetTrigger(trigger: Trigger),
        17 = RemoveTrigger(trigger: String),
        18 = EndPass(pass: Number),
        19 = CancelOrder(basket: BasketId),
        25 = Redefine(definition: Arc<Definition> as Mirrored),
        20 = Redefine(definition: Arc<Definition>),
        21 = ExtendBasket { basket: BasketId, span: Span },
        22 = RestorePlace(number: Number),
        23 = CallForWhatIsLeft(on: bool),
        24 = PostNoticeUntil { notice: Notice, until: WallTime },
    }
    Units {
        1 = Seats { performance: PerformanceIndex, seats: Vec<SeatIndex> },
        2 = Pool { performance: PerformanceIndex, pool: PoolIndex, units: u32 },
    }
    Withheld { 1 = House, 2 = Killed }
}

fields! {
    Notice { texts: Vec<(String, String)> }
    Trigger { id: String, scope: Scope, condition: Condition, deeds: Vec<Deed> }
}

variants! {
    Scope {
        1 = Sale,
        2 = Performance(performance: PerformanceIndex),
        3 = Zone(zone: ZoneIndex),
    }
    Condition {
        1 = StatusIs(status: StatusKind),
        2 = AvailableAtMost(units: u64),
        3 = SoldAtLeastPermille(share: u32),
        4 = TimeReached(at: WallTime),
    }
    StatusKind { 1 = OnSale, 2 = Low, 3 = InBaskets, 4 = SoldOut }
    Deed {
        1 = PostNotice(notice: Notice),
        2 = StopCalling,
        3 = Redirect(url: String),
        4 = PostNoticeUntil { notice: Notice, until: WallTime },
    }
}

fields! {
    Definition {
        id: String,
        name: String,
        currency: String,
        opens_at: Option<WallTime>,
        shop_url: Option<String>,
        plans: Vec<SeatPlan>,
        zones: Vec<PriceZone>,
        performances: Vec<Performance>,
        policy: Policy,
        triggers: Vec<Trigger>;
        mirror: None,
    }
    Mirror { stale_span: Span }
    SeatPlan {
        id: String,
        name: String,
        categories: Vec<String>,
        sections: Vec<Section>,
        rows: Vec<Row>,
        seats: Vec<Seat>,
        focal_point: Option<Point>,
    }
    Section { name: String, rows: Range<u32>, focal_point: Option<Point> }
    Row { label: String, section: SectionIndex, seats: Range<u32>, breaks: Vec<SeatIndex> }
    Seat {
        id: String,
        label: String,
        row: RowIndex,
        category: u16,
        at: Point,
        flags: SeatFlags,
    }
    SeatFlags { accessible: bool, companion: bool, restricted_view: bool }
    Point { x: i32, y: i32 }
    PriceZone { id: String, name: String, prices: Vec<Price>, focal_point: Option<Point> }
    Price { id: String, name: String, amount_minor: u64 }
    Performance {
        id: String,
        name: String,
        starts_at: Option<WallTime>,
        seating: Option<Seating>,
        pools: Vec<Pool>,
    }
    Seating {
        plan: PlanIndex,
        zone_of_category: Vec<ZoneIndex>,
        withheld: Vec<(SeatIndex, Withheld)>,
    }
    Pool { id: String, name: String, zone: ZoneIndex, capacity: u32, withheld: u32 }
    Policy {
        cap: u32,
        pace_per_minute: u32,
        call_for_what_is_left: bool,
        claim_span: Span,
        idle_span: Span,
        presence_span: Span,
        grace_span: Span,
        grace_basket_span: Span,
        hold_span: Span,
        checkout_span: Span,
        basket_span_max: Span,
        basket_units_max: u32,
        visitor_units_max: u32,
        shown: Shown,
        wait_shown: bool,
    }
}

variants! {
    Shown { 1 = Number, 2 = Band, 3 = Progress, 4 = Nothing }
}
