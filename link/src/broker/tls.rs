//! CA certificates and the client's certificate for TLS: PEM files for rustls. Not the check of a
//! broker's certificate (see `trouble`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::{ClientConfig, RootCertStore};

/// PEM files for an encrypted connection. All are optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Certificates of the authorities that may have signed the broker's. Without it, the ones
    /// that this system trusts.
    pub ca: Option<PathBuf>,
    /// The client certificate, followed by any intermediate certificates up to its CA. Needs `key`.
    pub cert: Option<PathBuf>,
    /// The private key of `cert`.
    pub key: Option<PathBuf>,
}

/// Why the TLS files can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file can't be read or is no PEM.
    #[error("can't read {what} from {path}: {why}")]
    File {
        /// What should be there.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A certificate without a key or the other way round.
    #[error(
        "a client certificate needs its private key, and vice versa: give both --cert and --key, or neither"
    )]
    Half,
    /// The system has no CA certificates.
    #[error("this system has no CA certificates: give the broker's CA certificate (--ca)")]
    NoRoots,
    /// The certificate and the key don't fit each other, or rustls can't use them.
    #[error("can't use the client certificate {path}: {why}")]
    Client {
        /// The certificate's file.
        path: PathBuf,
        /// The error of rustls.
        why: String,
    },
    /// Rustls refuses the settings.
    #[error("can't set up TLS: {0}")]
    Setup(String),
}

impl Tls {
    /// Whether any file is given.
    pub fn is_given(&self) -> bool {
        self.ca.is_some() || self.cert.is_some() || self.key.is_some()
    }

    /// The files as rustls wants them.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = &self.ca {
            for certificate in certificates(path, "the CA certificate")? {
                roots.add(certificate).map_err(|error| TlsError::File {
                    what: "the CA certificate",
                    path: path.clone(),
                    why: error.to_string(),
                })?;
            }
        } else {
            // A system certificate that rustls cannot parse is skipped.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(TlsError::NoRoots);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Setup(error.to_string()))?
            .with_root_certificates(roots);
        let config = match (&self.cert, &self.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(cert), Some(key)) => {
                let chain = certificates(cert, "the client certificate")?;
                let key = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| unreadable(key, "the private key", &error))?;
                builder.with_client_auth_cert(chain, key).map_err(|error| TlsError::Client {
                    path: cert.clone(),
                    why: error.to_string(),
                })?
            }
            _ => return Err(TlsError::Half),
        };
        Ok(Arc::new(config))
    }
}

fn certificates(path: &Path, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(path, what, &error))?;
    if found.is_empty() {
        return Err(unreadable(path, what, &pem::Error::NoItemsFound));
    }
    Ok(found)
}

fn unreadable(path: &Path, what: &'static str, error: &pem::Error) -> TlsError {
    let why = match error {
        // Never the content: a misplaced key would be in the message.
        pem::Error::NoItemsFound => {
            format!("the file contains no such PEM block (-----BEGIN {}", begin(what))
        }
        pem::Error::Io(error) => error.to_string(),
        _ => "it is not a complete PEM file".to_owned(),
    };
    TlsError::File { what, path: path.to_owned(), why }
}

fn begin(what: &str) -> &'static str {
    if what.contains("key") { "PRIVATE KEY-----)" } else { "CERTIFICATE-----)" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_missing_empty_or_mixed_up_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let cert = rcgen::CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let path = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let good = path("cert.pem", &cert.pem());
        let good_key = path("key.pem", &key.serialize_pem());
        let other_key = path("other.pem", &rcgen::KeyPair::generate().unwrap().serialize_pem());
        let empty = path("empty.pem", "");
        let torn = path("torn.pem", "-----BEGIN CERTIFICATE-----\nhush");
        let gone = Some(folder.path().join("gone.pem"));
        let says = |ca: &Option<PathBuf>, cert: &Option<PathBuf>, key: &Option<PathBuf>| {
            let tls = Tls { ca: ca.clone(), cert: cert.clone(), key: key.clone() };
            tls.config().map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(says(&good, &good, &good_key), Ok(()));
        assert_eq!(says(&good, &None, &None), Ok(()));
        assert!(says(&gone, &None, &None).unwrap_err().contains("gone.pem: No such file"));
        assert!(says(&empty, &None, &None).unwrap_err().contains("contains no such PEM block"));
        let message = says(&torn, &None, &None).unwrap_err();
        assert!(message.contains("not a complete PEM") && !message.contains("hush"), "{message}");
        assert!(says(&good, &good, &None).unwrap_err().contains("private key"));
        assert!(says(&good, &good, &good).unwrap_err().contains("PRIVATE KEY"));
        assert!(says(&good, &good, &other_key).unwrap_err().contains("can't use the client"));
    }
}
