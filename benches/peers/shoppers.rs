//! Shoppers who hold and release, over HTTP or over RESP, as many at once and with one client.
//!
//! `shoppers http ADDRESS SALE COUNT SECONDS` and `shoppers redis ADDRESS COUNT SECONDS`. Each
//! shopper has a connection and one request under way. Prints one line: pairs of a hold and a
//! release, seconds, and answers that were none. Knows none of the server's code.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Holds two units of one hot pool, or releases them: what the domain checks, as a script.
/// `KEYS`: the pool, the deadlines, a basket. `ARGV`: units (0 releases), deadline, the pool's most.
const SCRIPT: &str = "\
local units = tonumber(ARGV[1]) \
if units == 0 then \
  local held = redis.call('GET', KEYS[3]) \
  if not held then return -1 end \
  redis.call('DEL', KEYS[3]) \
  redis.call('ZREM', KEYS[2], KEYS[3]) \
  return redis.call('DECRBY', KEYS[1], held) \
end \
if redis.call('EXISTS', KEYS[3]) == 1 then return -2 end \
local taken = tonumber(redis.call('GET', KEYS[1]) or '0') \
if taken + units > tonumber(ARGV[3]) then return -3 end \
redis.call('SET', KEYS[3], units) \
redis.call('ZADD', KEYS[2], ARGV[2], KEYS[3]) \
return redis.call('INCRBY', KEYS[1], units)";

#[expect(clippy::print_stdout, reason = "whoever drives it reads the figures")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let (pairs, took) = match asked[..] {
        ["http", address, sale, count, seconds] => {
            let mut shoppers = Vec::new();
            for _ in 0..count.parse()? {
                shoppers.push(Visitor::arrive(address, sale).await?);
            }
            let (shoppers, figures) =
                shop(shoppers, seconds.parse()?, Visitor::hold_and_release).await?;
            for mut shopper in shoppers {
                shopper.http("DELETE", "passes/me", "").await?;
            }
            figures
        }
        ["redis", address, count, seconds] => {
            let mut shoppers = Vec::new();
            for number in 0..count.parse()? {
                shoppers.push(Script::load(address, number).await?);
            }
            shop(shoppers, seconds.parse()?, Script::hold_and_release).await?.1
        }
        _ => {
            bail!("shoppers http ADDRESS SALE COUNT SECONDS | shoppers redis ADDRESS COUNT SECONDS")
        }
    };
    println!("pairs {pairs} seconds {:.3}", took.as_secs_f64());
    Ok(())
}

/// Lets everybody hold and release until the time is over: how often they did, and in what time.
async fn shop<S: 'static>(
    shoppers: Vec<S>,
    seconds: u64,
    pair: impl AsyncFn(&mut S) -> anyhow::Result<()> + Copy + 'static,
) -> anyhow::Result<(Vec<S>, (u64, Duration))> {
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = shoppers
        .into_iter()
        .map(|mut shopper| {
            local.spawn_local(async move {
                let mut pairs = 0_u64;
                while Instant::now() < until {
                    pair(&mut shopper).await?;
                    pairs += 1;
                }
                anyhow::Ok((shopper, pairs))
            })
        })
        .collect();
    let mut done = (Vec::new(), 0);
    local
        .run_until(async {
            for task in tasks {
                let (shopper, pairs) = task.await??;
                done.0.push(shopper);
                done.1 += pairs;
            }
            anyhow::Ok(())
        })
        .await?;
    Ok((done.0, (done.1, began.elapsed())))
}

/// A connection with what was read of the answer under way.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends a request, and reads until `length` knows how long the answer is and it is all here.
    async fn ask(
        &mut self,
        request: &[u8],
        length: impl Fn(&[u8]) -> Option<usize>,
    ) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            let count = self.stream.read_buf(&mut self.read).await?;
            ensure!(count > 0, "the connection was closed");
            if length(&self.read).is_some_and(|length| length <= self.read.len()) {
                return Ok(&self.read);
            }
        }
    }
}

/// A visitor with a pass.
struct Visitor {
    line: Line,
    sale: String,
    token: String,
    keys: u64,
}

impl Visitor {
    /// Joins, waits for the call, claims.
    async fn arrive(address: &str, sale: &str) -> anyhow::Result<Self> {
        let line = Line::open(address).await?;
        let mut visitor = Self { line, sale: sale.to_owned(), token: String::new(), keys: 0 };
        let joined = visitor.http("POST", "places", "").await?;
        visitor.token =
            text_of(&joined, "token").context("a joined visitor has a token")?.to_owned();
        for _ in 0..400 {
            let answer = visitor.http("POST", "passes", "").await?;
            if let Some(token) = text_of(&answer, "token") {
                visitor.token = token.to_owned();
                return Ok(visitor);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("not called within 10 s: does the cap let everybody in?")
    }

    async fn hold_and_release(&mut self) -> anyhow::Result<()> {
        let items = r#"{"items":[{"performance":"night","pool":"standing","units":2}]}"#;
        let basket = self.http("POST", "baskets", items).await?;
        let id = text_of(&basket, "id").with_context(|| format!("no basket: {basket}"))?;
        let released = self.http("DELETE", &format!("baskets/{id}"), "").await?;
        ensure!(released.starts_with("HTTP/1.1 204"), "not released: {released}");
        Ok(())
    }

    async fn http(&mut self, method: &str, path: &str, body: &str) -> anyhow::Result<String> {
        self.keys += 1;
        let (sale, token, key) = (&self.sale, &self.token, self.keys);
        let authorization = match token.as_str() {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        let request = format!(
            "{method} /v1/sales/{sale}/{path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\
             Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n\
             {body}",
            body.len(),
        );
        let answer = self.line.ask(request.as_bytes(), http_length).await?;
        Ok(String::from_utf8_lossy(answer).into_owned())
    }
}

/// Bytes of an answer, once its head is there.
fn http_length(read: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(read).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Some(head.len() + 4 + length.map_or(Some(0), |length| length.parse().ok())?)
}

/// The first text of this name in a JSON body.
fn text_of<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = answer.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(text, _)| text)
}

/// One client of the script.
struct Script {
    line: Line,
    hold: Vec<u8>,
    release: Vec<u8>,
}

impl Script {
    async fn load(address: &str, number: u32) -> anyhow::Result<Self> {
        let mut line = Line::open(address).await?;
        let loaded = line.ask(&resp(&["SCRIPT", "LOAD", SCRIPT]), resp_length).await?;
        let loaded = String::from_utf8_lossy(loaded);
        let digest = loaded.lines().nth(1).context("a script has a digest")?;
        let basket = format!("basket:{number}");
        let call = |units, deadline| {
            resp(&[
                "EVALSHA",
                digest,
                "3",
                "pool",
                "deadlines",
                &basket,
                units,
                deadline,
                "1000000",
            ])
        };
        Ok(Self { hold: call("2", "1800000000000"), release: call("0", "0"), line })
    }

    async fn hold_and_release(&mut self) -> anyhow::Result<()> {
        for request in [&self.hold, &self.release] {
            let answer = self.line.ask(request, resp_length).await?;
            let done = answer.first() == Some(&b':') && answer.get(1) != Some(&b'-');
            ensure!(done, "declined: {}", String::from_utf8_lossy(answer));
        }
        Ok(())
    }
}

/// A command as RESP writes it.
fn resp(parts: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", parts.len());
    for part in parts {
        text += &format!("${}\r\n{part}\r\n", part.len());
    }
    text.into_bytes()
}

/// Bytes of an answer that is a number, a fault, or one text.
fn resp_length(read: &[u8]) -> Option<usize> {
    let line = read.windows(2).position(|two| two == b"\r\n")? + 2;
    match read.first()? {
        b'$' => {
            let length: usize = std::str::from_utf8(&read[1..line - 2]).ok()?.parse().ok()?;
            Some(line + length + 2)
        }
        _ => Some(line),
    }
}
