//! From the shop to the queue and back, and everything after that.

use http::Method;

use super::{SALE, Street, WANTED, token_of};
use crate::gate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_lets_in_who_has_waited() {
    let street = Street::new(10);
    let visitor = street.visitor();
    let sent = visitor.shop.get(WANTED).await;
    let sent = sent.header("location").expect("to the queue").to_owned();
    let begins =
        format!("https://{}/wait/?c=arena&e=hamlet2026&ver=javascript-5.0.1", street.queue);
    assert!(sent.starts_with(&begins), "{sent}");
    let waits = visitor.open(&sent).await.location().to_owned();
    assert!(waits.starts_with(&format!("/{SALE}?to=/wait/%3Fc%3Darena%26")), "{waits}");

    let (way, page) = visitor.wait_and_enter().await;
    let [back, handed, shown] = &way[..] else { panic!("{way:#?}") };
    assert!(back.contains("/wait/?c=arena&e=hamlet2026&t="), "{back}");
    assert!(handed.starts_with(&format!("{}&queueittoken=e_", visitor.wanted())), "{handed}");
    // The sale lets who is in be silent for two hours: half of it is the cookie's.
    assert!(handed.contains("~ce_false~cv_60~rt_queue~h_"), "{handed}");
    assert_eq!((page.status.as_u16(), shown), (200, &visitor.wanted()));
    let queue_id = token_of(handed).split('~').find_map(|part| part.strip_prefix("q_"));
    let queue_id = queue_id.expect("a queue id");
    assert_eq!(page.text, format!("GET {WANTED} by {queue_id}\n"));
    for path in ["/shows/2", "/basket"] {
        let next = visitor.shop.get(path).await;
        assert_eq!((next.status.as_u16(), next.text), (200, format!("GET {path} by {queue_id}\n")));
    }
    let paid = visitor.shop.post("/pay", "").await;
    assert_eq!((paid.status.as_u16(), paid.text), (200, format!("POST /pay by {queue_id}\n")));

    // A link that was passed on, and a cookie that was copied, are the same pass.
    let friend = street.visitor();
    let (_, shared) = friend.follow(handed).await;
    let thief = visitor.shop.copy("QueueITAccepted");
    let copied = thief.get("/shows/3").await;
    assert!(shared.text.contains(queue_id) && copied.text.contains(queue_id), "{shared:?}");
    assert_eq!(visitor.queue.slots().await, 1);
    assert_eq!(street.counted("stanchion_connector_tokens_total").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_told_where_to_go_and_its_page_comes_back() {
    let street = Street::new(10);
    let visitor = street.visitor();
    let page = percent_encoding::utf8_percent_encode(
        &visitor.wanted(),
        percent_encoding::NON_ALPHANUMERIC,
    )
    .to_string();
    let asks = [("x-queueit-ajaxpageurl", page.as_str()), ("accept", "application/json")];
    let told = visitor.shop.ask(Method::GET, "/api/seats", &asks, "").await;
    assert_eq!(told.status, 200, "a script follows no redirect to another host: {told:?}");
    let to = told.header("x-queueit-redirect").expect("where to go");
    let to = percent_encoding::percent_decode_str(to).decode_utf8().expect("an address");
    let waits = visitor.open(&to).await.location().to_owned();
    let back = visitor.queue.wait_and_claim(&waits).await;
    let (way, page) = visitor.follow(&format!("http://{}{back}", street.queue)).await;
    assert_eq!((page.status.as_u16(), way.last()), (200, Some(&visitor.wanted())));
    let told = visitor.shop.ask(Method::GET, "/api/seats", &asks, "").await;
    assert!(told.text.starts_with("GET /api/seats by "), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_where_the_gate_file_does_not_say() {
    let street = Street::new(10);
    let queue = Browser::new(street.queue.to_string());
    let room = "c=arena&e=hamlet2026";
    for (query, status) in [
        (format!("{room}&t=https%3A%2F%2Fevil.test%2F"), 400),
        (format!("{room}&t=%2F%2Fevil.test"), 400),
        (format!("{room}&t=%2Fshows"), 400),
        (format!("{room}&t=http%3A%2F%2F{}.evil.test%2F", street.shop), 400),
        ("c=arena&e=Hamlet2026".to_owned(), 404),
        ("c=arena&e=other".to_owned(), 404),
        ("c=other&e=hamlet2026".to_owned(), 404),
        (String::new(), 404),
    ] {
        for path in ["/wait/", "/wait/error/hash/", "/wait/error/connector/sessionstate/"] {
            let answer = queue.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, status, "{path}?{query}: {answer:?}");
        }
    }
    let unknown = queue.get(&format!("/wait/error/else/?{room}")).await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    // Whoever says nothing is sent where the sale file says, if that is a shop of the gate file.
    let nowhere = queue.get(&format!("/wait/?{room}")).await;
    assert_eq!(nowhere.status, 400, "{nowhere:?}");
}
