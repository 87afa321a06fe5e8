//! How coordinator and workers talk: messages of JSON over TCP, each with its length in front.
//!
//! The network between them has to be trusted: the shop's key goes over it. The secret keeps a
//! worker from making load for strangers, not from being overheard.

use std::collections::BTreeMap;
use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::share::{Share, Standing};
use crate::crowd::fate::Fate;
use crate::history::Told;
use crate::measure::figures::Measured;
use crate::measure::own::Used;

/// Workers and coordinator are of one version.
pub const FORMAT: u32 = 3;
/// Bytes of a message: a million of what was told, at about 200 bytes each.
const MESSAGE_BYTES_MAX: u32 = 256 << 20;

/// What a coordinator says.
#[derive(Debug, Deserialize, Serialize)]
pub enum ToWorker {
    /// First: who is there?
    Hello {
        /// [`FORMAT`].
        format: u32,
        /// Proves that the worker may work for us.
        secret: String,
    },
    /// What time is it?
    Ping,
    /// Live this share of the people.
    Begin {
        /// Who, and where.
        share: Box<Share>,
        /// The reading of the worker's clock at which the run begins, in microseconds.
        begins_us: u64,
    },
    /// No more visitors begin anything new; those who wait go home.
    End,
}

/// What a worker says.
#[derive(Debug, Deserialize, Serialize)]
pub enum FromWorker {
    /// Ready.
    Welcome {
        /// The name of the machine.
        machine: String,
        /// Cores.
        cores: u32,
    },
    /// The reading of the worker's clock, in microseconds.
    Pong {
        /// Since the worker started.
        at_us: u64,
    },
    /// How it goes.
    Progress(Standing),
    /// What was told since the last message.
    Told(Vec<Told>),
    /// All have gone, and everything told was said.
    Done {
        /// What was measured.
        measured: Box<Measured>,
        /// What it took.
        used: Used,
        /// What became of the people.
        fates: BTreeMap<Fate, u64>,
    },
    /// It cannot go on.
    Failed(String),
}

/// The half that speaks.
pub struct Mouth(OwnedWriteHalf);

/// The half that listens.
pub struct Ear(OwnedReadHalf);

/// Both halves of a connection.
pub fn halves(stream: TcpStream) -> (Mouth, Ear) {
    // A clock is read through it.
    let _ = stream.set_nodelay(true);
    let (ear, mouth) = stream.into_split();
    (Mouth(mouth), Ear(ear))
}

impl Mouth {
    /// Says something.
    ///
    /// # Errors
    /// If the other side is gone.
    pub async fn say(&mut self, what: &impl Serialize) -> io::Result<()> {
        let body = serde_json::to_vec(what)?;
        let length = u32::try_from(body.len()).ok().filter(|length| *length <= MESSAGE_BYTES_MAX);
        let length = length.ok_or_else(|| io::Error::other("a message is too long"))?;
        self.0.write_all(&length.to_be_bytes()).await?;
        self.0.write_all(&body).await
    }
}

impl Ear {
    /// Hears what is said next; nothing once the other side has hung up.
    ///
    /// # Errors
    /// If it breaks off in the middle, or is not what this program says.
    pub async fn hear<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let mut length = [0; 4];
        match self.0.read_exact(&mut length).await {
            Err(fault) if fault.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        };
        let length = u32::from_be_bytes(length);
        if length > MESSAGE_BYTES_MAX {
            return Err(io::Error::other("this is not a coordinator or worker of ours"));
        }
        let mut body = Vec::new();
        (&mut self.0).take(u64::from(length)).read_to_end(&mut body).await?;
        Ok(Some(serde_json::from_slice(&body)?))
    }
}
