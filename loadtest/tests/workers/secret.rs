//! A worker makes load for nobody but its own coordinator.

use stanchion_loadtest::night::coordinator::greet;
use stanchion_loadtest::night::talk::{FORMAT, FromWorker, ToWorker, halves};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

use super::own::{Folder, SECRET, program};

#[tokio::test]
async fn a_worker_refuses_another_secret_and_another_format() {
    let folder = Folder::new();
    let secret = folder.write("secret", SECRET);
    let mut work = program();
    work.args(["work", "--listen", "127.0.0.1:0", "--secret-file"]).arg(secret);
    let mut work = work.spawn().expect("it can be started");
    let mut lines = BufReader::new(work.stdout.take().expect("it is piped")).lines();
    let line = lines.next_line().await.expect("text").expect("it says where it listens");
    let address = line.rsplit(' ').next().expect("an address").to_owned();
    for (format, secret, welcome) in [
        (FORMAT, "another secret of some length", false),
        (FORMAT, "", false),
        (FORMAT + 1, SECRET, false),
        (FORMAT, SECRET, true),
    ] {
        let stream = TcpStream::connect(&address).await.expect("it listens");
        let (mut mouth, mut ear) = halves(stream);
        let hello = ToWorker::Hello { format, secret: secret.to_owned() };
        mouth.say(&hello).await.expect("it hears");
        let said = ear.hear::<FromWorker>().await.expect("it is ours");
        match said {
            Some(FromWorker::Welcome { .. }) => assert!(welcome, "{format} {secret:?}"),
            Some(FromWorker::Failed(_)) => assert!(!welcome, "{format} {secret:?}"),
            said => panic!("{format} {secret:?}: {said:?}"),
        }
    }
    let refused = greet(&address, "another secret of some length").await.err();
    let why = format!("{:#}", refused.expect("it is refused"));
    assert!(why.contains(&address) && why.contains("secret"), "{why}");
    assert!(greet(&address, SECRET).await.is_ok());
}

#[tokio::test]
async fn a_secret_that_can_be_guessed_is_not_taken() {
    let folder = Folder::new();
    let secret = folder.write("secret", "1234");
    let mut work = program();
    work.args(["work", "--listen", "127.0.0.1:0", "--secret-file"]).arg(secret);
    let ended = work.output().await.expect("it can be run");
    assert_eq!(ended.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("at least 16 characters"));
}
