//! A turn that is given up frees its slot; nobody can give up another's.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ROOM, SALE, Street, Visitor, token_of};
use crate::gate::browser::Page;

impl Visitor<'_> {
    /// Asks the queue for this path of its connector, as who comes from there.
    async fn gives_up(&self, path: &str, from: &str) -> Page {
        let back = self.street.at_shop("/goodbye");
        let back = utf8_percent_encode(&back, NON_ALPHANUMERIC);
        let mark = if path.contains('?') { '&' } else { '?' };
        let path = format!("/wait/cancel/{path}{mark}r={back}");
        self.queue.ask(Method::GET, &path, &[("accept", "text/html"), ("referer", from)], "").await
    }

    /// Whether they have a pass.
    async fn is_in(&self) -> bool {
        let pass = self.queue.get(&format!("/v1/sales/{SALE}/passes/me")).await;
        pass.status == 200
    }

    /// Comes from the shop, waits, goes in, and says their queue id.
    async fn enter(&self) -> String {
        let (way, _) = self.wait_and_enter().await;
        let id = token_of(&way[1]).split('~').find_map(|part| part.strip_prefix("q_"));
        id.expect("a queue id").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_the_shop_makes_room_for_the_next() {
    let street = Street::new(1);
    let first = street.visitor();
    first.enter().await;
    let left = first.shop.get("/leave").await;
    let to = left.header("location").expect("to the queue").to_owned();
    let begins = format!("https://{}/wait/cancel/multiple/arena?wrl={ROOM}~", street.queue);
    assert!(to.starts_with(&begins), "{to}");
    let back = first.open(&to).await;
    assert_eq!(back.location(), street.at_shop("/leave"));
    assert!(!first.is_in().await);
    let next = street.visitor();
    let (_, page) = next.wait_and_enter().await;
    assert_eq!(page.status, 200, "the one slot is free");
    // They are out of the shop as well, and may wait again.
    let (way, _) = first.follow(&first.wanted()).await;
    assert!(way.last().is_some_and(|at| at.contains(&format!("/{SALE}?to="))), "{way:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_shop_and_the_visitor_together_give_up_a_turn() {
    let street = Street::new(10);
    let (visitor, stranger) = (street.visitor(), street.visitor());
    let (id, others) = (visitor.enter().await, stranger.enter().await);
    let goodbye = street.at_shop("/goodbye");
    let mine = format!("arena/{ROOM}/{id}");
    for (asks, path, from) in [
        // A link or a picture on some page.
        (&visitor, format!("arena/{ROOM}"), "https://evil.test/"),
        (&visitor, format!("arena/{ROOM}"), ""),
        (&visitor, format!("multiple/arena?wrl={ROOM}"), "https://evil.test/"),
        // With the queue id of somebody else, or none.
        (&visitor, format!("arena/{ROOM}/{others}"), &*street.at_shop("/")),
        (&visitor, format!("multiple/arena?wrl={ROOM}~{}", id.replace('-', "")), ""),
        // The queue id in another browser.
        (&stranger, mine.clone(), &*street.at_shop("/")),
    ] {
        let answer = asks.gives_up(&path, from).await;
        assert_eq!(answer.location(), goodbye, "{path}");
        assert!(visitor.is_in().await && stranger.is_in().await, "{path} from {from}");
    }
    visitor.gives_up(&mine, "").await;
    assert!(!visitor.is_in().await);
    // Older connectors name no queue id: then the browser says that it comes from the shop.
    stranger.gives_up(&format!("arena/{ROOM}/"), &street.at_shop("/")).await;
    assert!(!stranger.is_in().await);

    for path in ["arena/hamlet2026?r=https%3A%2F%2Fevil.test%2F", "arena/hamlet2026"] {
        let answer = visitor.queue.get(&format!("/wait/cancel/{path}")).await;
        assert_eq!(answer.location(), format!("/{SALE}"), "{path}");
    }
    for path in ["arena/other", "other/hamlet2026", "multiple/arena?wrl=other_else~x"] {
        let answer = visitor.queue.get(&format!("/wait/cancel/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}
