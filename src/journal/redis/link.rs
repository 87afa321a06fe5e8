//! One connection to the primary, with a deadline for everything.
//!
//! After any failure the connection is closed: what the server still makes of what was sent is
//! unknown, and an answer that comes late must not be taken for that to the next question.

use std::sync::Arc;
use std::time::Duration;

use redis::{Client, Connection, ConnectionAddr, ConnectionInfo, IntoConnectionInfo};
use redis::{RedisConnectionInfo, RedisResult, TlsCertificates};

use super::faults::sort;
use super::settings::{Address, At, Password, Settings};
use crate::journal::fault::JournalFault;

/// Connects when it is told to, and is closed by the first failure.
pub(super) struct Link {
    settings: Arc<Settings>,
    /// How long an answer may take.
    patience: Duration,
    connection: Option<Connection>,
}

impl Link {
    /// A link that is not connected yet.
    pub(super) fn new(settings: Arc<Settings>, patience_ms: u64) -> Self {
        let patience = Duration::from_millis(patience_ms);
        Self { settings, patience, connection: None }
    }

    /// Connects anew to whatever is the primary now.
    ///
    /// # Faults
    /// Where and why nobody answers.
    pub(super) fn connect(&mut self) -> Result<(), JournalFault> {
        self.close();
        let address = primary(&self.settings)?;
        let Settings { username, password, .. } = &*self.settings;
        let mut speaker = RedisConnectionInfo::default().set_db(address.database);
        if let Some(username) = username {
            speaker = speaker.set_username(username);
        }
        let connection = open(&self.settings, &address, with(speaker, password.as_ref()))?;
        set_patience(&connection, self.patience)?;
        self.connection = Some(connection);
        Ok(())
    }

    /// How it is reached.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Connects if it is not.
    pub(super) fn ensure(&mut self) -> Result<&mut Self, JournalFault> {
        if !self.connected() {
            self.connect()?;
        }
        Ok(self)
    }

    pub(super) fn close(&mut self) {
        self.connection = None;
    }

    /// Asks something on the connection that there is. `doing` is said where it fails.
    ///
    /// # Faults
    /// Whatever the server refuses or the world prevents; the link is then closed.
    pub(super) fn ask<T>(
        &mut self,
        doing: &str,
        ask: impl FnOnce(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, JournalFault> {
        let Some(connection) = &mut self.connection else {
            return Err(JournalFault::Unreachable { what: "there is no connection".to_owned() });
        };
        ask(connection).map_err(|error| {
            self.connection = None;
            sort(doing, error)
        })
    }

    /// As [`Link::ask`], for a question whose answer may take so much longer.
    pub(super) fn ask_slow<T>(
        &mut self,
        (doing, more): (&str, Duration),
        ask: impl FnOnce(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, JournalFault> {
        let patience = self.patience;
        self.ask(doing, |connection| {
            connection.set_read_timeout(Some(patience + more))?;
            let answer = ask(connection)?;
            connection.set_read_timeout(Some(patience))?;
            Ok(answer)
        })
    }
}

/// The primary's address, by what is set or by what the first Sentinel says that answers.
fn primary(settings: &Settings) -> Result<Address, JournalFault> {
    let (sentinels, service, password) = match &settings.at {
        At::Server(address) => return Ok(address.clone()),
        At::Sentinels { sentinels, service, password } => (sentinels, service, password),
    };
    let mut last = JournalFault::Unreachable { what: "no Sentinel is named".to_owned() };
    for sentinel in sentinels {
        match resolve(settings, sentinel, password.as_ref(), service) {
            Ok(address) => return Ok(address),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

/// Asks one Sentinel. By hand, because the client's own way of asking them has no deadlines.
fn resolve(
    settings: &Settings,
    sentinel: &Address,
    password: Option<&Password>,
    service: &str,
) -> Result<Address, JournalFault> {
    let doing = format!("asking the Sentinel at {sentinel}");
    let speaker = with(RedisConnectionInfo::default(), password);
    let mut connection = open(settings, sentinel, speaker)?;
    set_patience(&connection, Duration::from_millis(settings.response_ms))?;
    let found: Option<(String, u16)> = redis::cmd("SENTINEL")
        .arg("GET-MASTER-ADDR-BY-NAME")
        .arg(service)
        .query(&mut connection)
        .map_err(|error| sort(&doing, error))?;
    let Some((host, port)) = found else {
        let what = format!("the Sentinel at {sentinel} knows no service {service:?}");
        return Err(JournalFault::Refused { what });
    };
    Ok(Address { host, port, ..sentinel.clone() })
}

fn open(
    settings: &Settings,
    address: &Address,
    speaker: RedisConnectionInfo,
) -> Result<Connection, JournalFault> {
    let (host, port) = (address.host.clone(), address.port);
    let place = if address.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let place = place.into_connection_info().map(|place| place.set_redis_settings(speaker));
    let client = place.and_then(|place| client(settings, place)).map_err(|error| {
        let what = format!("{address} cannot be asked as it is set up: {error}");
        JournalFault::Unsafe { what }
    })?;
    let connected = client.get_connection_with_timeout(Duration::from_millis(settings.connect_ms));
    connected.map_err(|error| sort(&format!("connecting to {address}"), error))
}

fn client(settings: &Settings, place: ConnectionInfo) -> RedisResult<Client> {
    match (&settings.authority, place.addr()) {
        (Some(authority), ConnectionAddr::TcpTls { .. }) => {
            let root_cert = Some(authority.to_vec());
            Client::build_with_tls(place, TlsCertificates { client_tls: None, root_cert })
        }
        _ => Client::open(place),
    }
}

fn with(speaker: RedisConnectionInfo, password: Option<&Password>) -> RedisConnectionInfo {
    match password {
        Some(Password(password)) => speaker.set_password(password),
        None => speaker,
    }
}

fn set_patience(connection: &Connection, patience: Duration) -> Result<(), JournalFault> {
    connection
        .set_read_timeout(Some(patience))
        .and_then(|()| connection.set_write_timeout(Some(patience)))
        .map_err(|error| sort("setting a deadline", error))
}
