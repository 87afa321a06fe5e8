//! All routes of the shop on one screen, and what each does.
//!
//! A form is answered with a redirect, so that a reload never sends it again; its key makes sure
//! that sending it twice does no harm either. No route changes anything on GET.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::form::is_id;
use super::live::time_left;
use super::pages::{Pages, Retry, View, secured};
use super::stanchion::{Stanchion, Trouble};
use super::visit::Visit;
use super::{rows, wanted};
use crate::command_line::demo::web::fresh_key;
use crate::command_line::demo::wire::basket::Basket;

/// A whole answer.
pub(super) type Answer = Response<Full<Bytes>>;

/// The shop.
pub(super) struct Routes {
    pub(super) stanchion: Stanchion,
    pub(super) pages: Pages,
}

/// What a route ends in.
pub(super) enum End {
    Page(View),
    SeeOther(String),
    /// For a script of ours.
    Json(Value),
}

impl Routes {
    /// Answers one request.
    pub(super) async fn respond(&self, request: Request<Incoming>) -> Answer {
        let Some(visit) = Visit::read(request, self.pages.sale()).await else {
            return plain(StatusCode::BAD_REQUEST, "This form cannot be read.");
        };
        match self.route(&visit).await {
            Some(Ok(End::Page(view))) => {
                self.pages.show(StatusCode::OK, &view, visit.host.as_deref())
            }
            Some(Ok(End::SeeOther(path))) => see_other(&path),
            Some(Ok(End::Json(value))) => self.pages.json(&value),
            Some(Err(trouble)) => {
                if let Trouble::Fault(fault) = &trouble {
                    tracing::warn!(%fault, path = visit.path, "a visitor could not be served");
                }
                let posted = visit.method == Method::POST;
                let fields = if posted { visit.form.fields() } else { &[] };
                let retry = Retry { posted, path: &visit.path, fields };
                self.pages.trouble(&trouble, &retry, visit.host.as_deref())
            }
            None => self
                .pages
                .asset(&visit.path)
                .unwrap_or_else(|| plain(StatusCode::NOT_FOUND, "There is no such page.")),
        }
    }

    /// `None` for an address or a method that is not there.
    async fn route(&self, visit: &Visit) -> Option<Result<End, Trouble>> {
        let path: Vec<_> = visit.path.split('/').skip(1).collect();
        Some(match (visit.method.as_str(), path.as_slice()) {
            ("GET", [""]) => self.welcome(visit).await,
            ("GET", ["performances", id]) if is_id(id) => self.choose(visit, id).await,
            ("GET", ["performances", id, "sections", at]) if is_id(id) => {
                self.section(visit, id, at.parse().ok()?).await
            }
            ("GET", ["performances", id, "map"]) if is_id(id) => self.map(visit, id).await,
            ("GET", ["performances", id, "seats"]) if is_id(id) => self.seats(visit, id).await,
            ("GET", ["visit"]) => self.look_at_visit(visit).await,
            ("POST", ["visit"]) => self.stay(visit).await,
            ("POST", ["holds"]) => self.hold(visit).await,
            ("GET", ["basket"]) => self.basket(visit).await,
            ("GET", ["baskets", id]) if is_id(id) => self.what_became(visit, id).await,
            ("GET", ["baskets", id, "card"]) if is_id(id) => self.card(visit, id).await,
            ("GET", ["baskets", id, "time"]) if is_id(id) => self.time_left(visit, id).await,
            ("POST", ["release"]) => self.release(visit).await,
            ("POST", ["cancel"]) => self.cancel(visit).await,
            ("POST", ["checkout"]) => self.check_out(visit).await,
            ("POST", ["pay"]) => self.pay(visit).await,
            ("GET", ["orders", id]) if is_id(id) => self.order(visit, id).await,
            ("POST", ["leave"]) => self.leave(visit).await,
            ("GET", ["goodbye"]) => Ok(End::Page(View::new("goodbye.html", json!({})))),
            _ => return None,
        })
    }

    /// What there is to choose from. Without a pass: the way to the queue.
    async fn welcome(&self, visit: &Visit) -> Result<End, Trouble> {
        let sale = self.stanchion.sale().await?;
        let Some(token) = &visit.pass else {
            return Ok(End::Page(View::new("outside.html", json!({"sale": sale}))));
        };
        let pass = self.stanchion.pass(token).await?;
        let performances = self.stanchion.performances().await?;
        let visit = time_left(&pass);
        let basket = self.live_basket(token, pass.basket).await?;
        let view = json!({
            "sale": sale, "performances": performances, "basket": basket, "key": fresh_key(),
            "visit": visit, "idle_span_ms": pass.idle_span_ms,
        });
        Ok(End::Page(View::new("welcome.html", view)))
    }

    /// The ways to choose: the best available, units of a pool, or a section to look into.
    async fn choose(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let pass = self.stanchion.pass(visit.token()?).await?;
        let performance = self.stanchion.performance(id).await?;
        let sections = match &performance.seating {
            Some(seating) => self.stanchion.plan(&seating.plan).await?.sections,
            None => Vec::new(),
        };
        let sections: Vec<_> = sections.into_iter().map(|section| section.name).collect();
        let view = json!({
            "sale": self.stanchion.sale().await?, "performance": performance,
            "sections": sections, "basket": pass.basket, "key": fresh_key(),
            "visit": time_left(&pass),
        });
        Ok(End::Page(View::new("choose.html", view)))
    }

    /// The seats of one section.
    async fn section(&self, visit: &Visit, id: &str, at: usize) -> Result<End, Trouble> {
        let token = visit.token()?;
        let pass = self.stanchion.pass(token).await?;
        let performance = self.stanchion.performance(id).await?;
        let Some(seating) = &performance.seating else { return Err(Trouble::of("not_found")) };
        let plan = self.stanchion.plan(&seating.plan).await?;
        let seats = self.stanchion.seats(token, id).await?;
        let sale = self.stanchion.sale().await?;
        let Some(section) = plan.sections.get(at) else { return Err(Trouble::of("not_found")) };
        let rows = rows::of_section(&plan, &seats, seating, at);
        let view = json!({
            "sale": sale, "performance": performance, "section": section.name, "rows": rows,
            "basket": pass.basket, "key": fresh_key(), "visit": time_left(&pass),
        });
        Ok(End::Page(View::new("section.html", view)))
    }

    async fn hold(&self, visit: &Visit) -> Result<End, Trouble> {
        let items = wanted::items(&visit.form).ok_or_else(|| Trouble::of("invalid"))?;
        // The basket that the visitor had when the page was made, not the one they have now: a
        // double click must ask the same question twice.
        let basket = visit.form.id("basket");
        self.stanchion.hold(&visit.wish()?, basket, &items).await?;
        Ok(End::SeeOther("/basket".to_owned()))
    }

    async fn basket(&self, visit: &Visit) -> Result<End, Trouble> {
        let token = visit.token()?;
        let pass = self.stanchion.pass(token).await?;
        let visit = time_left(&pass);
        let basket = self.live_basket(token, pass.basket).await?;
        let keys: Vec<_> = (0..2).map(|_| fresh_key()).collect();
        let view = json!({
            "sale": self.stanchion.sale().await?, "basket": basket, "keys": keys,
            "performances": self.stanchion.performances().await?, "visit": visit,
        });
        Ok(End::Page(View::new("basket.html", view)))
    }

    async fn release(&self, visit: &Visit) -> Result<End, Trouble> {
        let hold = visit.form.id("hold").ok_or_else(|| Trouble::of("invalid"))?;
        self.stanchion.release(&visit.wish()?, visit.basket()?, hold).await?;
        Ok(End::SeeOther("/basket".to_owned()))
    }

    async fn cancel(&self, visit: &Visit) -> Result<End, Trouble> {
        self.stanchion.cancel(&visit.wish()?, visit.basket()?).await?;
        Ok(End::SeeOther("/".to_owned()))
    }

    async fn check_out(&self, visit: &Visit) -> Result<End, Trouble> {
        let basket = visit.basket()?;
        self.stanchion.check_out(&visit.wish()?, basket).await?;
        Ok(End::SeeOther(format!("/baskets/{basket}/card")))
    }

    /// A pretended card page. A real one belongs to a payment provider: no card data ever passes
    /// through the shop or the server. It names its basket: whoever comes back to it after a
    /// payment that was never answered finds their order.
    async fn card(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let basket = self.stanchion.basket(visit.token()?, id).await?;
        if !basket.live() {
            return Ok(End::SeeOther(format!("/baskets/{id}")));
        }
        let keys: Vec<_> = (0..2).map(|_| fresh_key()).collect();
        Ok(End::Page(View::new("card.html", json!({"basket": basket, "keys": keys}))))
    }

    /// What a payment provider would call when the money is there. Needs no pass: money that was
    /// taken must count, whatever became of the visitor.
    async fn pay(&self, visit: &Visit) -> Result<End, Trouble> {
        let (basket, key) = (visit.basket()?, visit.key()?);
        // The same payment has the same reference, however often its message comes.
        let order = self.stanchion.confirm(key, basket, &format!("demo-{key}")).await?;
        // Only this answer knows; the order itself is like any other.
        let late = if order.late { "?late" } else { "" };
        Ok(End::SeeOther(format!("/orders/{}{late}", order.id)))
    }

    /// An order, for whoever knows its id: 128 random bits. The visitor may still be in the shop.
    async fn order(&self, visit: &Visit, id: &str) -> Result<End, Trouble> {
        let order = self.stanchion.order(id).await?;
        if order.state != "confirmed" {
            return Err(Trouble::of("not_found"));
        }
        let inside = match &visit.pass {
            Some(token) => self.stanchion.pass(token).await.is_ok(),
            None => false,
        };
        let view = json!({
            "sale": self.stanchion.sale().await?, "basket": order,
            "inside": inside, "key": fresh_key(), "late": visit.late,
            "performances": self.stanchion.performances().await?,
        });
        Ok(End::Page(View::new("order.html", view)))
    }

    async fn leave(&self, visit: &Visit) -> Result<End, Trouble> {
        self.stanchion.leave(&visit.wish()?).await?;
        Ok(End::SeeOther("/goodbye".to_owned()))
    }

    /// The visitor's basket, while it can still become an order.
    pub(super) async fn live_basket(
        &self,
        token: &str,
        id: Option<String>,
    ) -> Result<Option<Basket>, Trouble> {
        let Some(id) = id else { return Ok(None) };
        let basket = self.stanchion.basket(token, &id).await?;
        Ok(Some(basket).filter(Basket::live))
    }
}

fn see_other(path: &str) -> Answer {
    let answer = Response::builder().status(StatusCode::SEE_OTHER).header(LOCATION, path);
    secured(answer.body(Full::default()).expect("a checked path is a header value"))
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let answer = Response::builder().status(status).header(CONTENT_TYPE, "text/plain");
    secured(answer.body(Full::from(text)).expect("constant headers"))
}
