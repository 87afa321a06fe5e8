//! A client of Redis that holds and releases with a script, over RESP, in one connection, and
//! waits for replicas if it is told to.

use anyhow::{Context, ensure};

use crate::line::Line;

/// How long a client waits for replicas.
const WAIT_MS: &str = "1000";

/// One client of the script.
pub(crate) struct Script {
    line: Line,
    hold: Vec<u8>,
    release: Vec<u8>,
    /// Replicas that have to have it before it counts.
    replicas: u32,
}

impl Script {
    pub(crate) async fn load(address: &str, number: u32, replicas: u32) -> anyhow::Result<Self> {
        let mut line = Line::open(address).await?;
        let load = resp(&["SCRIPT", "LOAD", include_str!("../hold.lua")]);
        let loaded = line.ask(&load, resp_length).await?;
        let loaded = String::from_utf8_lossy(loaded);
        let digest = loaded.lines().nth(1).context("a script has a digest")?;
        let basket = format!("basket:{number}");
        let call = |units, deadline| {
            let mut call = resp(&[
                "EVALSHA",
                digest,
                "3",
                "pool",
                "deadlines",
                &basket,
                units,
                deadline,
                "1000000",
            ]);
            if replicas > 0 {
                call.extend(resp(&["WAIT", &replicas.to_string(), WAIT_MS]));
            }
            call
        };
        let (hold, release) = (call("2", "1800000000000"), call("0", "0"));
        Ok(Self { line, hold, release, replicas })
    }

    pub(crate) async fn hold_and_release(&mut self) -> anyhow::Result<()> {
        for request in [&self.hold, &self.release] {
            let answers = 1 + usize::from(self.replicas > 0);
            let answer = self.line.ask(request, |read| lengths(read, answers)).await?;
            let done = answer.first() == Some(&b':') && answer.get(1) != Some(&b'-');
            ensure!(done, "declined: {}", String::from_utf8_lossy(answer));
            if self.replicas > 0 {
                let waited = resp_length(answer).and_then(|first| answer.get(first + 1..));
                let waited = String::from_utf8_lossy(waited.unwrap_or_default());
                let have: u32 = waited.trim().parse().context("WAIT answers with a number")?;
                ensure!(have >= self.replicas, "only {have} replicas have it");
            }
        }
        Ok(())
    }
}

/// Bytes of so many answers, one after the other.
fn lengths(read: &[u8], answers: usize) -> Option<usize> {
    (0..answers).try_fold(0, |length, _| Some(length + resp_length(read.get(length..)?)?))
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
