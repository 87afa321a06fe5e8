//! All routes of both listeners. The dispatcher and the OpenAPI documents are made from this.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::VARY;
use http::{HeaderMap, HeaderValue, Response};

use super::call::Call;
use super::counter::{self, number, tokens};
use super::ops::{self, books, change, health, overview, paging, places, role};
use super::problem::Problem;
use super::reply::{Document, Json, Reply};
use super::route::{Key, Route, Who, delete, get, post};
use super::wire::counter::ErrorBody;
use super::{basket, board, mirror, moving, openapi, queue, sale};
use crate::board::json;
use crate::console::{
    accounts, after, controls, doors, figures, files, find, history, performance, performances,
};
use crate::gate::connector::{self, cancel, integrations};
use crate::gate::go;
use crate::metrics::http::Route as Counted;
use crate::net::reply::OutBody;
use crate::page::{self, away, preview};

/// Where the console is, if there is one.
pub const CONSOLE: &str = "/console";
const DOCUMENT_CACHE: &str = "public, max-age=300";

/// What the rules may answer to a hold.
const HOLD: &[&str] = &[
    "unavailable",
    "in_baskets",
    "sold_out",
    "no_block",
    "limit_reached",
    "not_entitled",
    "not_open",
    "mirrored",
    "invalid",
    "not_found",
    "basket_open",
    "wrong_state",
    "expired",
    "no_pass",
];
/// What the rules may answer to any other change of a live basket.
const BASKET: &[&str] = &["no_pass", "not_found", "wrong_state", "expired", "mirrored"];
/// What the rules may answer to a payment.
const CONFIRM: &[&str] =
    &["not_found", "wrong_state", "expired", "seat_lost", "invalid", "mirrored"];
/// What the rules may answer to the reports of a venue's own system.
const REPORT: &[&str] = &["not_found", "wrong_state", "limit_reached", "invalid"];
/// What the rules may answer to an ops change.
const CHANGE: &[&str] = &[
    "stale_revision",
    "wrong_state",
    "limit_reached",
    "not_found",
    "unavailable",
    "in_baskets",
    "invalid",
    "mirrored",
    "expired",
    "gone",
];
/// What clients of a retired waiting room may be told besides.
const COUNTER: &[&str] = &["no_route", "standby", "forbidden", "rate_limited"];
/// The same where a place is given.
const COUNTER_JOIN: &[&str] =
    &["no_route", "standby", "forbidden", "rate_limited", "later", "not_open"];
/// The same where a turn is claimed.
const COUNTER_CLAIM: &[&str] =
    &["no_route", "standby", "forbidden", "rate_limited", "malformed", "key_reused"];
/// What a connector may be answered.
const CONNECTOR: &[&str] =
    &["no_route", "not_found", "no_sale", "standby", "malformed", "pass_refused"];
/// A version, to be told only what changed.
const SINCE: &[(&str, &str)] = &[("since", "only what changed after this version")];

/// A look that is no sign of life.
const SILENT: &[(&str, &str)] =
    &[("silent", "said without a value: asking does not keep the pass alive")];

/// A part of the page, for its own script.
const PART: &[(&str, &str)] =
    &[("part", "`both`: the visitor's part and what is left, of one board")];
/// What a preview shows.
const PREVIEW: &[(&str, &str)] = &[
    ("state", "the state to show; without it, a list of all"),
    ("language", "the language it speaks"),
    ("scheme", "`light` or `dark`"),
    ("words", "a notice to show: a list of `language` and `text`, as JSON"),
];

/// What visitors and shops reach.
#[rustfmt::skip]
pub fn public() -> Vec<Route> {
    vec![
        get("/v1/sales/{sale}", "readSale", "A sale: phase, prices, plans, limits")
            .now(sale::read).shared().counts(Counted::Board),
        // The queue.
        post("/v1/sales/{sale}/places", "join", "Join the queue, or find your place again")
            .now(queue::join).says(&[200, 201]).or(&["later", "rate_limited", "not_open"])
            .counts(Counted::Join),
        get("/v1/sales/{sale}/places/me", "readPlace", "Where you stand, and when to ask again")
            .now(queue::me).by(Who::Place).counts(Counted::Place),
        delete("/v1/sales/{sale}/places/me", "giveUpPlace", "Give your place up")
            .later(queue::give_up).by(Who::Place).key(Key::Optional).says(&[204])
            .counts(Counted::Place),
        post("/v1/sales/{sale}/places/me/moves", "offerPlace",
            "A code by which your place moves to another device")
            .now(moving::offer).by(Who::Place).says(&[201]).or(&["gone", "busy"])
            .counts(Counted::Place),
        post("/v1/sales/{sale}/moves", "movePlace", "Go on with a place on this device")
            .told(moving::arrive).key(Key::Required)
            .or(&["code_invalid", "gone", "limit_reached", "rate_limited"])
            .counts(Counted::Join),
        post("/v1/sales/{sale}/passes", "claimPass", "Claim your turn")
            .later(queue::claim).by(Who::Place).key(Key::Optional).or(&["not_called", "gone"])
            .counts(Counted::Basket),
        get("/v1/sales/{sale}/passes/me", "readPass", "Your pass; asking keeps it alive")
            .now(queue::pass).by(Who::Pass).query(SILENT).or(&["no_pass"]).counts(Counted::Basket),
        delete("/v1/sales/{sale}/passes/me", "leaveShop",
            "Leave the shop; a live basket is given back")
            .later(queue::leave_shop).by(Who::Pass).key(Key::Optional).says(&[204])
            .counts(Counted::Basket),
        // What is left.
        get("/v1/sales/{sale}/board", "readBoard", "What everybody may know")
            .now(board::head).shared().counts(Counted::Board),
        get("/v1/sales/{sale}/board/stream", "followBoard", "The board as an HTTP event stream")
            .now(board::follow).shared().or(&["busy", "rate_limited"]).counts(Counted::Stream),
        get("/v1/sales/{sale}/performances", "readPerformances",
            "Counts and status of all performances")
            .now(board::performances).shared().query(SINCE).counts(Counted::Board),
        get("/v1/sales/{sale}/performances/{performance}", "readPerformance",
            "Counts and status of one")
            .now(board::performance).shared().or(&["not_found"]).counts(Counted::Board),
        get("/v1/sales/{sale}/performances/{performance}/seats", "readSeats",
            "The state of every seat")
            .now(board::seats).by(Who::Pass).query(SINCE).or(&["not_found", "no_pass"])
            .counts(Counted::Seats),
        get("/v1/sales/{sale}/plans/{plan}", "readPlan", "A seat plan")
            .now(board::plan).shared().or(&["not_found"]).counts(Counted::Seats),
        // Baskets.
        post("/v1/sales/{sale}/baskets", "openBasket",
            "Hold seats and pool units in a new basket, all or nothing")
            .told(basket::open).by(Who::Pass).key(Key::Required).says(&[201]).or(HOLD)
            .counts(Counted::Basket),
        get("/v1/sales/{sale}/baskets/{basket}", "readBasket", "A basket or an order")
            .now(basket::read).by(Who::Pass).or(&["not_found"]).counts(Counted::Basket),
        post("/v1/sales/{sale}/baskets/{basket}/holds", "addHold",
            "Hold more in a basket, all or nothing")
            .told(basket::add).by(Who::Pass).key(Key::Required).says(&[201]).or(HOLD)
            .counts(Counted::Basket),
        delete("/v1/sales/{sale}/baskets/{basket}/holds/{hold}", "releaseHold",
            "Give one hold back")
            .later(basket::release_hold).by(Who::Pass).key(Key::Required).or(BASKET)
            .counts(Counted::Basket),
        post("/v1/sales/{sale}/baskets/{basket}/checkout", "checkOut", "Go to the card page")
            .later(basket::check_out).by(Who::Pass).key(Key::Required).or(BASKET)
            .counts(Counted::Basket),
        post("/v1/sales/{sale}/baskets/{basket}/confirm", "confirmBasket", "The payment was made")
            .told(basket::confirm).by(Who::Shop).key(Key::Required).or(CONFIRM)
            .counts(Counted::Basket),
        delete("/v1/sales/{sale}/baskets/{basket}", "releaseBasket", "Give the whole basket back")
            .later(basket::release).by(Who::Pass).key(Key::Required).says(&[204]).or(BASKET)
            .counts(Counted::Basket),
        // What the venue's own system keeps.
        post("/v1/sales/{sale}/mirror", "reportLeft",
            "Say what is left, where your own system keeps the seats")
            .told(mirror::report).by(Who::Shop).or(REPORT).takes(mirror::BODY_BYTES_MAX)
            .counts(Counted::Basket),
        // The waiting page and its forms.
        get("/{sale}", "showPage", "The waiting page")
            .now(page::show).query(PART).or(&["not_found"]).counts(Counted::Page),
        get("/{sale}/look/{name}", "readLook", "The venue's logo or font")
            .now(page::asset).or(&["not_found"]).counts(Counted::Page),
        post("/{sale}", "joinFromPage", "Join from the page")
            .later(page::join).by(Who::Browser).says(&[303])
            .or(&["later", "rate_limited", "not_open"]).counts(Counted::Page),
        post("/{sale}/claim", "claimFromPage", "Claim your turn from the page")
            .later(page::claim).by(Who::Browser).says(&[303]).counts(Counted::Page),
        post("/{sale}/stay", "stayFromPage", "Say from the page that you are still in the shop")
            .now(page::stay).by(Who::Browser).says(&[303]).counts(Counted::Page),
        post("/{sale}/leave", "leaveFromPage", "Give up from the page")
            .later(page::leave).by(Who::Browser).says(&[303]).counts(Counted::Page),
        post("/{sale}/move", "moveFromPage", "Show a code by which your place moves")
            .later(page::moving::offer).by(Who::Browser).says(&[200, 303]).counts(Counted::Page),
        post("/{sale}/arrive", "arriveFromPage", "Go on with a place in this browser")
            .later(page::moving::arrive).by(Who::Browser).says(&[303]).counts(Counted::Page),
        get("/{sale}/go", "goToShop", "On to the shop, with a pass that it checks by itself")
            .now(go::go).query(go::QUERY).says(&[303])
            .or(&["no_route", "malformed", "not_found"]).counts(Counted::Gate),
        get(go::KEYS, "readKeys", "The keys by which shops check passes")
            .now(go::keys).shared().counts(Counted::Machine),
        // For clients of a retired waiting room; only where the gate file has [counter].
        post("/v1/counter/assign_queue_num", "assignNumber", "A place in the queue, named by a UUID")
            .told(number::assign).shared().instead::<Json<ErrorBody>>(&[400]).or(COUNTER_JOIN)
            .counts(Counted::Join),
        get("/v1/counter/queue_num", "readNumber", "The number of a place")
            .now(number::number).shared().query(counter::PLACE)
            .instead::<Json<ErrorBody>>(&[202, 400]).or(COUNTER).counts(Counted::Place),
        get("/v1/counter/serving_num", "readServing", "The number up to which all were called")
            .now(number::serving).shared().query(counter::SALE)
            .instead::<Json<ErrorBody>>(&[400]).or(COUNTER).counts(Counted::Board),
        get("/v1/counter/waiting_num", "readWaiting", "How many wait")
            .now(number::waiting).shared().query(counter::SALE)
            .instead::<Json<ErrorBody>>(&[400]).or(COUNTER).counts(Counted::Board),
        get("/v1/counter/queue_pos_expiry", "readExpiry", "How long a turn can be claimed still")
            .now(number::expiry).shared().query(counter::PLACE)
            .instead::<Json<ErrorBody>>(&[202, 400, 404, 410]).or(COUNTER).counts(Counted::Place),
        post("/v1/counter/generate_token", "generateToken", "Claim a turn, for signed tokens")
            .told(tokens::generate).shared()
            .instead::<Json<ErrorBody>>(&[202, 400, 410]).or(COUNTER_CLAIM).counts(Counted::Basket),
        get("/v1/counter/public_key", "readKey", "The key by which those tokens are checked")
            .now(tokens::public_key).shared().query(counter::SALE)
            .instead::<Json<ErrorBody>>(&[400]).or(COUNTER).counts(Counted::Board),
        // Connectors that shops run already: docs/connectors.md.
        get("/v1/connector", "enterByConnector", "On to a shop's page, with a token for its connector")
            .now(connector::enter).query(connector::QUERY).says(&[303]).or(CONNECTOR)
            .counts(Counted::Gate),
        get("/v1/connector/error/{reason}", "enterAgain", "The same after a token was refused")
            .now(connector::enter_again).query(connector::QUERY).says(&[303]).or(CONNECTOR)
            .counts(Counted::Gate),
        get("/v1/connector/error/connector/{reason}", "enterWithCookie",
            "The same after a connector's cookie was refused")
            .now(connector::enter_again).query(connector::QUERY).says(&[303]).or(CONNECTOR)
            .counts(Counted::Gate),
        get("/v1/connector/cancel/{customer}/{room}", "giveUpTurn", "A turn is done with")
            .later(cancel::one).query(cancel::ONE).says(&[303]).or(CONNECTOR)
            .counts(Counted::Gate),
        get("/v1/connector/cancel/{customer}/{room}/{queue_id}", "giveUpTurnOf",
            "The turn of this id is done with")
            .later(cancel::one).query(cancel::ONE).says(&[303]).or(CONNECTOR)
            .counts(Counted::Gate),
        get("/v1/connector/cancel/multiple/{customer}", "giveUpTurns", "Turns are done with")
            .later(cancel::several).query(cancel::SEVERAL).says(&[303]).or(CONNECTOR)
            .counts(Counted::Gate),
        get("/v1/connector/status/integrationconfig/secure/{customer}", "readIntegrations",
            "Which pages need a pass of which waiting room, to who has the API key")
            .now(integrations::secured)
            .or(&["no_route", "token_missing", "token_invalid", "rate_limited"])
            .counts(Counted::Machine),
        get("/v1/connector/status/integrationconfig/{customer}", "readOpenIntegrations",
            "The same to anybody, if the gate file says so")
            .now(integrations::open).or(&["no_route"]).counts(Counted::Machine),
        get("/openapi.json", "describe", "This document")
            .now(public_document).shared().counts(Counted::Machine),
    ]
}

/// What operators and machines reach.
#[rustfmt::skip]
pub fn ops() -> Vec<Route> {
    vec![
        get("/v1/sales", "listSales", "All sales in short")
            .now(overview::list).by(Who::Operator).or(&["standby"]).counts(Counted::Console),
        get("/v1/sales/{sale}", "readSale", "Everything operators set and see")
            .now(overview::read).by(Who::Operator).counts(Counted::Console),
        post("/v1/sales/{sale}/changes", "change",
            "Change something; names the revision and a reason")
            .told(change::make).by(Who::Operator).key(Key::Required).or(CHANGE)
            .takes(change::BODY_BYTES_MAX).counts(Counted::Console),
        post("/v1/sales/{sale}/definition", "redefine",
            "Apply a changed sale file, or show what it would change")
            .told(change::redefine).by(Who::Operator).key(Key::Optional).query(change::DRY_RUN)
            .or(CHANGE).takes(change::FILE_BYTES_MAX).counts(Counted::Console),
        get("/v1/sales/{sale}/audit", "readAudit", "Who did what")
            .now(books::audit).by(Who::Operator).query(paging::PART).or(&["invalid"])
            .counts(Counted::Console),
        get("/v1/sales/{sale}/places/{number}", "readPlace", "A visitor's place by its number")
            .later(places::read).by(Who::Operator).or(&["not_found"]).counts(Counted::Console),
        post("/v1/sales/{sale}/places/{number}/moves", "offerPlace",
            "A code by which a visitor gets their place back, on any device")
            .now(places::offer).by(Who::Operator).says(&[201]).or(&["not_found", "gone", "busy"])
            .counts(Counted::Console),
        get("/v1/sales/{sale}/passes", "readPasses", "Passes called and active")
            .now(books::passes).by(Who::Operator).query(paging::PART).or(&["invalid"])
            .counts(Counted::Console),
        get("/v1/sales/{sale}/baskets", "readBaskets", "Baskets by state")
            .now(books::baskets).by(Who::Operator).query(books::BASKETS).or(&["invalid"])
            .counts(Counted::Console),
        get("/v1/sales/{sale}/orders", "readOrders", "Confirmed baskets")
            .now(books::orders).by(Who::Operator).query(paging::PART).or(&["invalid"])
            .counts(Counted::Console),
        get("/v1/sales/{sale}/baskets/{basket}", "readBasket", "A basket or an order")
            .later(books::basket).by(Who::Operator).or(&["not_found"]).counts(Counted::Console),
        get("/v1/sales/{sale}/performances", "readPerformances",
            "Counts and status of all performances")
            .now(ops::performances).by(Who::Operator).query(SINCE).counts(Counted::Console),
        post("/v1/handover", "handOver",
            "Hand all sales over to whoever stands by, and end")
            .told(role::hand_over).by(Who::Operator).or(&["wrong_state", "invalid"])
            .counts(Counted::Console),
        post("/v1/takeover", "takeOver",
            "Take over although acknowledged records are missing")
            .told(role::take_over).by(Who::Operator).or(&["wrong_state", "invalid"])
            .counts(Counted::Console),
        get("/{sale}/preview", "previewPage", "Every state of the waiting page, with sample data")
            .now(preview::show).query(PREVIEW).or(&["malformed", "not_found"]).counts(Counted::Console),
        get("/{sale}/look/{name}", "readLook", "The venue's logo or font")
            .now(page::asset).or(&["not_found"]).counts(Counted::Console),
        get("/livez", "live", "Whether the process answers")
            .now(health::live).counts(Counted::Machine),
        get("/writerz", "writer", "Whether every sale is written here, even if just now it cannot be")
            .now(health::writer).or(&["standby", "stopping"]).counts(Counted::Machine),
        get("/readyz", "ready", "Whether every sale is written here and can be")
            .now(health::ready).or(&["down", "standby", "stopping"]).counts(Counted::Machine),
        get("/metrics", "measure", "Metrics in the text format of Prometheus")
            .now(health::metrics).by(Who::Operator).counts(Counted::Machine),
        get("/openapi.json", "describe", "This document")
            .now(ops_document).counts(Counted::Machine),
    ]
}

/// What people see on the ops listener, if there is a console. Not part of its description: these
/// are pages, and forms that their own pages send.
#[rustfmt::skip]
pub fn console() -> Vec<Route> {
    vec![
        get(CONSOLE, "showSales", "All sales")
            .now(figures::sales).by(Who::Staff).counts(Counted::Console),
        get("/console/sales/{sale}", "showNow", "One sale as it is now")
            .now(figures::now).by(Who::Staff).counts(Counted::Console),
        get("/console/sales/{sale}/live", "followNow", "The same, as it changes")
            .now(figures::live).by(Who::Staff).or(&["token_missing", "busy"])
            .counts(Counted::Stream),
        get("/console/sales/{sale}/controls", "showControls", "What can be changed")
            .now(controls::page).by(Who::Staff).counts(Counted::Console),
        post("/console/sales/{sale}/controls", "control", "Say what a change does, or do it")
            .later(controls::change).by(Who::Staff).counts(Counted::Console),
        get("/console/sales/{sale}/performances", "showPerformances", "All performances")
            .now(performances::page).by(Who::Staff).query(performances::QUERY)
            .counts(Counted::Console),
        get("/console/sales/{sale}/performances/{performance}", "showPerformance",
            "One performance: counts, seats, what is kept off sale")
            .now(performance::page).by(Who::Staff).query(performance::QUERY)
            .counts(Counted::Console),
        post("/console/sales/{sale}/performances/{performance}", "keepOffSale",
            "Say what keeping off sale or putting back does, or do it")
            .later(performance::change).by(Who::Staff).takes(performance::FORM_BYTES_MAX)
            .counts(Counted::Console),
        get("/console/sales/{sale}/performances/{performance}/plan", "drawPlan", "Its seat plan")
            .now(performance::plan).by(Who::Staff).or(&["token_missing", "not_found"])
            .counts(Counted::Console),
        get("/console/sales/{sale}/performances/{performance}/live", "followSeats",
            "The state of every seat, as operators see it")
            .now(performance::live).by(Who::Staff).query(performance::SINCE)
            .or(&["token_missing", "not_found"]).counts(Counted::Console),
        get("/console/sales/{sale}/performances/{performance}/owner", "readOwner",
            "Which basket or order has a seat")
            .now(performance::owner).by(Who::Staff).query(performance::SEAT)
            .or(&["token_missing", "not_found"]).counts(Counted::Console),
        get("/console/sales/{sale}/after", "showAfter", "The night as a report; `?save` as a file")
            .later(after::page).by(Who::Staff).counts(Counted::Console),
        get("/console/sales/{sale}/after/{table}", "takeTable", "A table of the night, as CSV")
            .later(after::table).by(Who::Staff).counts(Counted::Console),
        get("/console/sales/{sale}/find", "showFound", "A place, a basket or an order")
            .later(find::page).by(Who::Staff).query(find::WHAT).counts(Counted::Console),
        post("/console/sales/{sale}/find", "serve", "Say what is done for one visitor, or do it")
            .later(find::change).by(Who::Staff).counts(Counted::Console),
        get("/console/book", "showBook", "What staff did")
            .later(history::page).by(Who::Staff).counts(Counted::Console),
        get("/console/accounts", "showAccounts", "Who may come in")
            .now(accounts::page).by(Who::Staff).counts(Counted::Console),
        post("/console/accounts", "changeAccount", "Say who may come in")
            .later(accounts::change).by(Who::Staff).counts(Counted::Console),
        get("/console/sign-in", "showSignIn", "The page for signing in")
            .now(doors::sign_in_page).by(Who::Staff).counts(Counted::Console),
        post("/console/sign-in", "signIn", "Sign in")
            .later(doors::sign_in).by(Who::Staff).counts(Counted::Console),
        post("/console/sign-out", "signOut", "Sign out")
            .later(doors::sign_out).by(Who::Staff).counts(Counted::Console),
        get("/console/welcome/{key}", "showWelcome", "The page of an invitation")
            .now(doors::welcome_page).by(Who::Staff).counts(Counted::Console),
        post("/console/welcome/{key}", "acceptInvitation", "Accept an invitation")
            .later(doors::welcome).by(Who::Staff).counts(Counted::Console),
        get("/console/files/{file}", "readFile", "Style and scripts")
            .now(files::serve).or(&["no_route"]).counts(Counted::Console),
    ]
}

/// What is said of an address at which nothing answers: people are led to a page, if there is one
/// for them, or told that there is none.
pub fn astray(problem: Problem, asked: &HeaderMap, page: Option<String>) -> Response<OutBody> {
    match page.filter(|_| away::reads_pages(asked)) {
        Some(page) => {
            let reply = Reply::see_other(&page);
            reply.header(VARY, HeaderValue::from_static("accept")).response
        }
        None => away::astray(problem, asked).response(),
    }
}

/// The public listener's description.
fn public_document(call: &Call) -> Result<Reply<Document>, Problem> {
    static PUBLIC: LazyLock<Bytes> =
        LazyLock::new(|| json::write(&openapi::document("Stanchion", &public())).into());
    Ok(Reply::ready(call.headers(), PUBLIC.clone(), &sale::etag_of(&PUBLIC), DOCUMENT_CACHE))
}

/// The ops listener's description.
fn ops_document(call: &Call) -> Result<Reply<Document>, Problem> {
    static OPS: LazyLock<Bytes> =
        LazyLock::new(|| json::write(&openapi::document("Stanchion operations", &ops())).into());
    Ok(Reply::ready(call.headers(), OPS.clone(), &sale::etag_of(&OPS), DOCUMENT_CACHE))
}
