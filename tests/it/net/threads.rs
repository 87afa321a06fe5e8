//! Connections dealt to two threads, where all other stories here are on that of the test.

use super::*;

fn two() -> Server {
    Server::start(Settings { threads: 2, ..patient() })
}

async fn thread_of(raw: &mut Raw) -> String {
    raw.send("GET /thread HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
    let answer = raw.until("serve-").await;
    answer.rsplit("\r\n").next().expect("a body").to_owned()
}

#[tokio::test]
async fn a_connection_stays_on_its_thread_and_the_next_goes_to_the_one_with_fewest() {
    let server = two();
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut raw = server.connect().await;
        let thread = thread_of(&mut raw).await;
        open.push((raw, thread));
    }
    let mut threads: Vec<_> = open.iter().map(|(_, thread)| thread.as_str()).collect();
    threads.sort_unstable();
    assert_eq!(threads, ["serve-1", "serve-1", "serve-2", "serve-2"]);
    for (raw, thread) in &mut open {
        assert_eq!(thread_of(raw).await, *thread);
    }
    open.retain(|(_, thread)| thread == "serve-2");
    server.metric_becomes("stanchion_connections_open", 2).await;
    for _ in 0..2 {
        let mut raw = server.connect().await;
        let thread = thread_of(&mut raw).await;
        open.push((raw, thread));
    }
    let back = open.iter().filter(|(_, thread)| thread == "serve-1");
    assert_eq!(back.count(), 2);
}

#[tokio::test]
async fn what_is_under_way_on_either_is_finished_and_then_nothing_is_left() {
    let server = two();
    let mut idle = [server.connect().await, server.connect().await];
    for raw in &mut idle {
        thread_of(raw).await;
    }
    let mut held = [server.connect().await, server.connect().await];
    for raw in &mut held {
        raw.send("GET /held HTTP/1.1\r\nHost: arena.test\r\n\r\n").await;
        server.handler.reached.acquire().await.expect("open").forget();
    }
    server.shutdown.cancel();
    for raw in &mut idle {
        assert_eq!(raw.rest().await, "");
    }
    server.handler.held.add_permits(2);
    for raw in &mut held {
        assert!(raw.rest().await.ends_with("held"));
    }
    let report = timeout(BOUND, server.ended).await.expect("it ends").expect("no panic");
    assert_eq!(report, Report { cut: 0 });
}
