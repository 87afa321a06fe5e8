//! The files of certificates that a gate file names: whom we believe, and as whom we are believed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::super::node::{Node, Table};

/// A certificate chain, or a few.
const FILE_BYTES_MAX: u64 = 256 << 10;
const READABLE: &str = "check the path and who may read";

/// As whom the origin knows us: a certificate, with those that lead to its authority, and its key,
/// which is not printed. Clones are the same one: what one of them loads anew, all of them have.
#[derive(Clone, Debug)]
pub struct Identity {
    files: Arc<Files>,
    now: Arc<ArcSwap<CertifiedKey>>,
}

/// Where an identity is loaded from.
#[derive(PartialEq, Eq, Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// A file of an identity that is of no use.
#[derive(Debug, thiserror::Error)]
#[error("{}: {wrong}; {remedy}", file.display())]
pub struct Unfit {
    /// Which file.
    pub file: PathBuf,
    /// What is wrong.
    pub wrong: String,
    /// What to do.
    pub remedy: String,
}

impl Identity {
    /// Loads a certificate and its key.
    ///
    /// # Errors
    /// [`Unfit`], naming the file.
    pub fn load(certificate: PathBuf, key: PathBuf) -> Result<Self, Unfit> {
        let files = Files { certificate, key };
        let now = Arc::new(ArcSwap::from_pointee(files.load()?));
        Ok(Self { files: Arc::new(files), now })
    }

    /// Loads both files again, for connections to come.
    ///
    /// # Errors
    /// [`Unfit`]; nothing has changed then.
    pub fn reload(&self) -> Result<(), Unfit> {
        self.now.store(Arc::new(self.files.load()?));
        Ok(())
    }

    /// What is shown to the origin now.
    pub fn now(&self) -> Arc<CertifiedKey> {
        self.now.load_full()
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files
    }
}

impl Eq for Identity {}

impl Files {
    fn load(&self) -> Result<CertifiedKey, Unfit> {
        let chain = chain_of(&self.certificate)?;
        let key = key_of(&self.key)?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|_| {
            let wrong = "is not the key of `certificate`";
            unfit(&self.key, wrong, "use the one that it was made with")
        })
    }
}

fn unfit(file: &Path, wrong: impl Into<String>, remedy: impl Into<String>) -> Unfit {
    Unfit { file: file.to_owned(), wrong: wrong.into(), remedy: remedy.into() }
}

/// Whose certificates are believed, PEM.
pub(super) fn read_authority(node: Node<'_>, folder: &Path) -> Option<Arc<[u8]>> {
    match read_file(&folder.join(node.name()?)) {
        Ok(bytes) => Some(bytes.into()),
        Err(Unfit { wrong, remedy, .. }) => {
            node.refuse(wrong, remedy);
            None
        }
    }
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
    let (chain, private) = (folder.join(certificate.name()?), folder.join(key.name()?));
    match Identity::load(chain.clone(), private) {
        Ok(identity) => Some(Some(identity)),
        Err(Unfit { file, wrong, remedy }) => {
            let of = if file == chain { certificate } else { key };
            of.refuse(wrong, remedy);
            None
        }
    }
}

fn chain_of(file: &Path) -> Result<Vec<CertificateDer<'static>>, Unfit> {
    let bytes = read_file(file)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let remedy = "use a file in PEM, the certificate first";
    chain.ok_or_else(|| unfit(file, "holds no certificate", remedy))
}

fn key_of(file: &Path) -> Result<PrivateKeyDer<'static>, Unfit> {
    let mode = fs::metadata(file).map_or(0, |of| of.permissions().mode() & 0o777);
    // A group may read: that is how orchestrators hand secrets to a process that is not root.
    if mode & 0o007 != 0 {
        let wrong = format!("has mode {mode:03o}, which lets others read it");
        return Err(unfit(file, wrong, "use mode 600"));
    }
    let key = PrivateKeyDer::from_pem_slice(&read_file(file)?);
    key.map_err(|_| unfit(file, "holds no key", "use a file in PEM, without a password"))
}

fn read_file(path: &Path) -> Result<Vec<u8>, Unfit> {
    let mut bytes = Vec::new();
    let most = FILE_BYTES_MAX + 1;
    let read = |file: File| -> io::Result<usize> { file.take(most).read_to_end(&mut bytes) };
    match File::open(path).and_then(read) {
        Err(fault) => Err(unfit(path, format!("cannot be read: {fault}"), READABLE)),
        Ok(count) if count as u64 > FILE_BYTES_MAX => {
            Err(unfit(path, "is too large", format!("use at most {FILE_BYTES_MAX} bytes")))
        }
        Ok(_) => Ok(bytes),
    }
}
