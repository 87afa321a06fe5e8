//! The files of certificates that a gate file names: whom we believe, and as whom we are believed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::super::node::{Node, Table};

/// A certificate chain, or a few.
const FILE_BYTES_MAX: u64 = 256 << 10;
const READABLE: &str = "check the path and who may read";

/// As whom the origin knows us: a certificate, with those that lead to its authority, and its key,
/// which is not printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Ours first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the first of them.
    pub key: Arc<PrivateKeyDer<'static>>,
}

/// Whose certificates are believed, PEM.
pub(super) fn read_authority(node: Node<'_>, folder: &Path) -> Option<Arc<[u8]>> {
    read_file(node, &folder.join(node.name()?)).map(Into::into)
}

/// As whom we ask, if the file says so. `secure`: the origin is asked over TLS.
pub(super) fn read_identity(
    table: &mut Table<'_>,
    folder: &Path,
    secure: bool,
) -> Option<Option<Identity>> {
    let (certificate, key) = match (table.get("certificate"), table.get("key")) {
        (None, None) => return Some(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(one), None) => {
            one.refuse("has no `key` beside it", "name both, or neither");
            return None;
        }
        (None, Some(one)) => {
            one.refuse("has no `certificate` beside it", "name both, or neither");
            return None;
        }
    };
    if !secure {
        certificate.refuse("has no meaning without TLS", "write https:// in `url`");
        return None;
    }
    let chain = read_chain(certificate, folder);
    let (chain, private) = (chain?, read_key(key, folder)?);
    let provider = aws_lc_rs::default_provider();
    if CertifiedKey::from_der(chain.clone(), private.clone_key(), &provider).is_err() {
        key.refuse("is not the key of `certificate`", "use the one that it was made with");
        return None;
    }
    Some(Some(Identity { chain, key: Arc::new(private) }))
}

fn read_chain(node: Node<'_>, folder: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let bytes = read_file(node, &folder.join(node.name()?))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    if chain.is_none() {
        node.refuse("holds no certificate", "use a file in PEM, the certificate first");
    }
    chain
}

fn read_key(node: Node<'_>, folder: &Path) -> Option<PrivateKeyDer<'static>> {
    let path = folder.join(node.name()?);
    let mode = fs::metadata(&path).map_or(0, |of| of.permissions().mode() & 0o777);
    // A group may read: that is how orchestrators hand secrets to a process that is not root.
    if mode & 0o007 != 0 {
        node.refuse(format!("has mode {mode:03o}, which lets others read it"), "use mode 600");
        return None;
    }
    let bytes = read_file(node, &path)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes).ok();
    if key.is_none() {
        node.refuse("holds no key", "use a file in PEM, without a password");
    }
    key
}

fn read_file(node: Node<'_>, path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = FILE_BYTES_MAX + 1;
    let read = |file: File| -> io::Result<usize> { file.take(most).read_to_end(&mut bytes) };
    match File::open(path).and_then(read) {
        Err(fault) => node.refuse(format!("cannot be read: {fault}"), READABLE),
        Ok(count) if count as u64 > FILE_BYTES_MAX => {
            node.refuse("is too large", format!("use at most {FILE_BYTES_MAX} bytes"));
        }
        Ok(_) => return Some(bytes),
    }
    None
}
