//! A client of Redis that holds and releases with a script, over RESP, in one connection.

use anyhow::{Context, ensure};

use crate::line::Line;

/// One client of the script.
pub(crate) struct Script {
    line: Line,
    hold: Vec<u8>,
    release: Vec<u8>,
}

impl Script {
    pub(crate) async fn load(address: &str, number: u32) -> anyhow::Result<Self> {
        let mut line = Line::open(address).await?;
        let load = resp(&["SCRIPT", "LOAD", include_str!("../hold.lua")]);
        let loaded = line.ask(&load, resp_length).await?;
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

    pub(crate) async fn hold_and_release(&mut self) -> anyhow::Result<()> {
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
