//! TLS by rustls: loads a certificate chain and a key, and loads them again on demand.
//!
//! Offers HTTP/2 and HTTP/1.1. A file that is wrong is named; a reload that fails changes nothing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::settings::TlsFiles;

/// The names of the protocols offered, the preferred one first.
const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read as PEM.
    #[error("{}: cannot be read as PEM", file.display())]
    Pem {
        /// Which file.
        file: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
    /// A file has no certificate.
    #[error("{}: holds no certificate", file.display())]
    NoCertificate {
        /// Which file.
        file: PathBuf,
    },
    /// The certificate and the key do not make a pair, or are of a kind that is not supported.
    #[error("{} and {}: cannot be used together", certificate.display(), key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
}

/// The certificate in use.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    config: ArcSwap<ServerConfig>,
}

impl Tls {
    /// Loads both files.
    ///
    /// # Errors
    /// [`TlsFault`], naming the file.
    pub fn load(files: TlsFiles) -> Result<Self, TlsFault> {
        let config = ArcSwap::from_pointee(config_of(&files)?);
        Ok(Self { files, config })
    }

    /// Loads both files again, for connections to come.
    ///
    /// # Errors
    /// [`TlsFault`]; the old certificate stays.
    pub fn reload(&self) -> Result<(), TlsFault> {
        self.config.store(Arc::new(config_of(&self.files)?));
        Ok(())
    }

    /// Shakes hands. The caller sets the deadline.
    ///
    /// # Errors
    /// What the system or rustls said.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.config.load_full()).accept(stream).await
    }
}

/// Whether the peer chose HTTP/2.
pub(super) fn multiplexed(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(HTTP_2)
}

fn config_of(files: &TlsFiles) -> Result<ServerConfig, TlsFault> {
    let chain = chain_of(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|source| TlsFault::Pem { file: files.key.clone(), source })?;
    let pair = |source| TlsFault::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        source,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(pair)?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
    Ok(config)
}

fn chain_of(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let fault = |source| TlsFault::Pem { file: file.to_owned(), source };
    let chain: Vec<_> = CertificateDer::pem_file_iter(file)
        .map_err(fault)?
        .collect::<Result<_, _>>()
        .map_err(fault)?;
    if chain.is_empty() {
        return Err(TlsFault::NoCertificate { file: file.to_owned() });
    }
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_file_that_is_wrong_is_named_and_a_failed_reload_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = TlsFiles {
            certificate: folder.path().join("chain.pem"),
            key: folder.path().join("key.pem"),
        };
        let write = |file: &Path, text: &str| std::fs::write(file, text).expect("written");
        let (certificate, key) = pair();
        let (_, other_key) = pair();
        for (certificate, key, named) in [
            (None, None, "chain.pem"),
            (Some(""), None, "chain.pem"),
            (Some(certificate.as_str()), None, "key.pem"),
            (Some(&certificate), Some("no key"), "key.pem"),
            (Some(&certificate), Some(&other_key), "key.pem"),
        ] {
            certificate.inspect(|text| write(&files.certificate, text));
            key.inspect(|text| write(&files.key, text));
            let fault = Tls::load(files.clone()).expect_err("wrong files");
            assert!(fault.to_string().contains(named), "{fault}");
        }
        write(&files.key, &key);
        let tls = Tls::load(files.clone()).expect("a pair");
        let before = tls.config.load_full();
        write(&files.key, &other_key);
        assert!(tls.reload().is_err());
        assert!(Arc::ptr_eq(&before, &tls.config.load_full()));
        write(&files.key, &key);
        tls.reload().expect("a pair again");
        assert!(!Arc::ptr_eq(&before, &tls.config.load_full()));
    }
}
