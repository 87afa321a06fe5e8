//! The section of secrets: from files of their own, or from the environment.

use std::path::Path;
use std::sync::Arc;

use super::reader::Reader;
use super::{Secrets, TokenKeys};
use crate::files::gate::Gate;
use crate::gate::proof::ProofKey;
use crate::journal::redis::settings::Password;
use crate::token::api_key::ApiKeys;
use crate::token::connector::{Keys as ConnectorKeys, Secret};
use crate::token::keys::KeyRing;
use crate::token::rsa::RsaSigner;

/// By which tokens for a connector are signed.
const CONNECTOR: &str = "secrets.connector";

/// The section; `None` if a setting is missing or wrong.
pub(super) fn secrets(reader: &mut Reader, data: Option<&Path>) -> Option<Secrets> {
    let token_keys = token_keys(reader, data);
    let api_keys = key_list(reader, "secrets.api_keys_file");
    let staff_keys = key_list(reader, "secrets.staff_keys_file");
    let gate_origin = gate_origin(reader);
    let counter_key = counter_key(reader);
    let connector = connector(reader);
    Some(Secrets {
        token_keys: token_keys?,
        api_keys: api_keys?,
        staff_keys: staff_keys?,
        gate_origin: gate_origin?,
        counter_key: counter_key?,
        connector: connector?,
    })
}

fn token_keys(reader: &mut Reader, data: Option<&Path>) -> Option<TokenKeys> {
    const KEY: &str = "secrets.token_keys";
    let text = reader.text(KEY)?;
    let file = reader.path("secrets.token_keys_file");
    if text.is_empty() {
        return file.or_else(|| Some(data?.join("token.keys"))).map(TokenKeys::File);
    }
    if !reader.private(KEY) {
        reader.wrong(KEY, "may only come from the environment; use secrets.token_keys_file");
    }
    match KeyRing::read(&text) {
        Ok(ring) => Some(TokenKeys::Given(ring)),
        Err(fault) => {
            reader.wrong(KEY, fault.to_string());
            None
        }
    }
}

/// What the shop behind us knows, too.
fn gate_origin(reader: &mut Reader) -> Option<Option<ProofKey>> {
    const KEY: &str = "secrets.gate_origin";
    let Some(Password(secret)) = password(reader, KEY)? else { return Some(None) };
    let key = ProofKey::new(secret.as_bytes());
    key.map(Some).map_err(|fault| reader.wrong(KEY, fault.to_string())).ok()
}

/// Signs tokens for clients of a retired waiting room.
fn counter_key(reader: &mut Reader) -> Option<Option<RsaSigner>> {
    const KEY: &str = "secrets.counter_key";
    let Some(Password(pem)) = password(reader, KEY)? else { return Some(None) };
    RsaSigner::read(&pem).map(Some).map_err(|fault| reader.wrong(KEY, fault.to_string())).ok()
}

/// What a connector that a shop runs already knows, too.
fn connector(reader: &mut Reader) -> Option<Option<ConnectorKeys>> {
    let tokens = secret(reader, CONNECTOR);
    let integrations = secret(reader, "secrets.connector_api_key");
    let (tokens, integrations) = (tokens?, integrations?);
    Some(tokens.map(|tokens| ConnectorKeys { tokens, integrations }))
}

fn secret(reader: &mut Reader, key: &str) -> Option<Option<Secret>> {
    let Some(Password(text)) = password(reader, key)? else { return Some(None) };
    Secret::new(&text).map(Some).map_err(|fault| reader.wrong(key, fault.to_string())).ok()
}

/// What the gate file speaks of and only a secret makes possible.
pub(super) fn fit(
    reader: &mut Reader,
    secrets: Option<&Secrets>,
    gate: Option<&Option<Arc<Gate>>>,
) {
    let (Some(secrets), Some(Some(gate))) = (secrets, gate) else { return };
    if gate.connector.is_some() && secrets.connector.is_none() {
        let wrong = "is missing: the gate file has a connector; the shop knows the same secret";
        reader.wrong(CONNECTOR, wrong);
    }
    if gate.counter.is_some() && secrets.counter_key.is_none() {
        reader.wrong("secrets.counter_key_file", "is needed for [counter] of the gate file");
    }
}

fn key_list(reader: &mut Reader, key: &str) -> Option<ApiKeys> {
    let Some(file) = reader.path(key) else { return Some(ApiKeys::default()) };
    let read = std::fs::read_to_string(&file).map_err(|fault| fault.to_string());
    let keys = read.and_then(|text| ApiKeys::read(&text).map_err(|fault| fault.to_string()));
    keys.map_err(|wrong| reader.wrong(key, format!("{}: {wrong}", file.display()))).ok()
}

/// A password from the environment, or from the file that the same key with `_file` names;
/// `Some(None)` if there is none.
pub(super) fn password(reader: &mut Reader, key: &str) -> Option<Option<Password>> {
    let given = reader.text(key)?;
    if !given.is_empty() && !reader.private(key) {
        reader.wrong(key, format!("may only come from the environment; use {key}_file"));
        return None;
    }
    let by_file = format!("{key}_file");
    let Some(file) = reader.path(&by_file).filter(|_| given.is_empty()) else {
        return Some(Some(Password(given)).filter(|password| !password.0.is_empty()));
    };
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(Some(Password(text.trim_end_matches(['\r', '\n']).to_owned()))),
        Err(fault) => {
            reader.wrong(&by_file, format!("{}: {fault}", file.display()));
            None
        }
    }
}
