//! The tests' own way to a server does what stories rely on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::proxy::{Proxy, Way};

/// Both ends of a connection through a proxy.
struct Ends {
    proxy: Proxy,
    listener: TcpListener,
    client: TcpStream,
    server: TcpStream,
}

/// Long enough to see that nothing comes.
const SILENCE: Duration = Duration::from_millis(100);

fn connected() -> Ends {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let proxy = Proxy::to(listener.local_addr().expect("it is bound"));
    let client = TcpStream::connect(proxy.address()).expect("it listens");
    let (server, _) = listener.accept().expect("it leads here");
    for end in [&client, &server] {
        end.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    }
    Ends { proxy, listener, client, server }
}

fn arrives(from: &mut TcpStream, to: &mut TcpStream, text: &str) {
    from.write_all(text.as_bytes()).expect("open");
    read(to, text);
}

fn read(from: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    from.read_exact(&mut bytes).expect("it comes");
    assert_eq!(String::from_utf8_lossy(&bytes), text);
}

fn nothing_comes(to: &mut TcpStream) {
    to.set_read_timeout(Some(SILENCE)).expect("a socket");
    let read = to.read(&mut [0; 8]);
    assert!(read.is_err(), "{read:?}");
    to.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
}

#[test]
fn what_is_held_arrives_after_healing_even_if_its_sender_has_gone() {
    let Ends { mut proxy, listener: _listener, mut client, mut server } = connected();
    arrives(&mut client, &mut server, "one");
    arrives(&mut server, &mut client, "two");
    proxy.to_server(Way::Held);
    client.write_all(b"three").expect("open");
    arrives(&mut server, &mut client, "the other way is open");
    drop(client);
    nothing_comes(&mut server);
    proxy.heal();
    read(&mut server, "three");
    assert_eq!(server.read(&mut [0; 8]).expect("closed"), 0);
}

#[test]
fn what_is_lost_never_arrives_nor_does_anything_after_it() {
    let Ends { mut proxy, listener, mut client, mut server } = connected();
    proxy.to_client(Way::Lost);
    arrives(&mut client, &mut server, "one");
    server.write_all(b"two").expect("open");
    nothing_comes(&mut client);
    proxy.heal();
    server.write_all(b"three").expect("open");
    nothing_comes(&mut client);
    arrives(&mut client, &mut server, "four");
    let mut client = TcpStream::connect(proxy.address()).expect("it listens");
    let (mut server, _) = listener.accept().expect("it leads here");
    arrives(&mut server, &mut client, "five");
}

#[test]
fn who_is_refused_or_cut_off_knows_it_and_may_come_again() {
    let Ends { mut proxy, listener, mut client, mut server } = connected();
    arrives(&mut client, &mut server, "one");
    proxy.refuse();
    assert!(TcpStream::connect(proxy.address()).is_err());
    arrives(&mut client, &mut server, "two");
    proxy.both(Way::Held);
    client.write_all(b"three").expect("open");
    proxy.cut();
    assert_eq!(client.read(&mut [0; 8]).unwrap_or(0), 0);
    assert_eq!(server.read(&mut [0; 8]).unwrap_or(0), 0);
    proxy.heal();
    let mut client = TcpStream::connect(proxy.address()).expect("it listens again");
    let (mut server, _) = listener.accept().expect("it leads here");
    proxy.to_server(Way::Late(SILENCE));
    let begun = Instant::now();
    arrives(&mut client, &mut server, "four");
    assert!(begun.elapsed() >= SILENCE);
}
