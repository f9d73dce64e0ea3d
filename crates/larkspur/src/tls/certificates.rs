//! Which certificate a caller is shown: one signed on demand by the server's own CA, or the one
//! that the operator brought.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use larkspur_model::time::{Clock, Millis, SECOND_MS};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::authority::{Authority, LEAF_LIFE_MS};
use super::names::Names;

/// Certificates are made anew when this much of their life is left.
const RENEW_MS: Millis = LEAF_LIFE_MS / 3;
/// How often files of the operator's are looked at for a change.
const LOOK_AGAIN_MS: Millis = 10 * SECOND_MS;

/// Certificates of the server's own CA, by the host that a caller names.
pub(super) struct Minted {
    authority: Authority,
    names: Names,
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<Option<String>, Leaf>>,
}

struct Leaf {
    key: Arc<CertifiedKey>,
    renew_at_ms: Millis,
}

impl Minted {
    /// `clock` is the real one: callers judge dates by theirs.
    pub(super) fn new(authority: Authority, names: Names, clock: Arc<dyn Clock>) -> Self {
        Self { authority, names, clock, kept: Mutex::default() }
    }

    /// The certificate for a caller who names `host`, or none.
    pub(super) fn certificate(&self, host: Option<&str>) -> Option<Arc<CertifiedKey>> {
        let host = host.map(str::to_ascii_lowercase);
        let wanted = match &host {
            None => self.names.local(),
            Some(host) if self.names.hosts.contains(host) => {
                // Who says `localhost` may as well be shown the addresses.
                let local = self.names.local();
                if local.hosts.contains(host) { local } else { Names::only(host) }
            }
            Some(host) => {
                tracing::warn!(
                    host,
                    "a client asked for a host that is not served; --tls-name adds one"
                );
                return None;
            }
        };
        let now_ms = self.clock.now_ms();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = kept.get(&host).filter(|leaf| now_ms < leaf.renew_at_ms) {
            return Some(Arc::clone(&leaf.key));
        }
        let signed = self.authority.sign(&wanted, now_ms).map_err(|cause| cause.to_string());
        let key = signed.and_then(|(certificate, key)| certified(vec![certificate], &key));
        match key {
            Ok(key) => {
                let key = Arc::new(key);
                let renew_at_ms = now_ms + LEAF_LIFE_MS - RENEW_MS;
                kept.insert(host, Leaf { key: Arc::clone(&key), renew_at_ms });
                Some(key)
            }
            Err(cause) => {
                tracing::error!(cause, "no certificate can be made");
                None
            }
        }
    }
}

impl Names {
    fn only(host: &str) -> Self {
        Self { hosts: std::iter::once(host.to_owned()).collect(), ..Self::default() }
    }
}

impl ResolvesServerCert for Minted {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.certificate(hello.server_name())
    }
}

impl fmt::Debug for Minted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Minted").field("names", &self.names).finish_non_exhaustive()
    }
}

/// The certificate that the operator brought, read again when its files change.
pub(super) struct Brought {
    certificate: PathBuf,
    key: PathBuf,
    clock: Arc<dyn Clock>,
    shown: Mutex<Shown>,
}

struct Shown {
    key: Arc<CertifiedKey>,
    version: Version,
    looked_at_ms: Millis,
}

/// What tells one version of the files from the next.
type Version = [Option<(SystemTime, u64)>; 2];

impl Brought {
    /// Reads both files.
    ///
    /// # Errors
    /// Files that cannot be read or do not belong together.
    pub(super) fn read(
        certificate: &Path,
        key: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let version = version(certificate, key);
        let shown = Shown {
            key: Arc::new(read_pair(certificate, key)?),
            version,
            looked_at_ms: clock.now_ms(),
        };
        let shown = Mutex::new(shown);
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), clock, shown })
    }

    /// The certificate of now. Files that no longer fit change nothing: whoever replaces two files
    /// does so one after the other.
    pub(super) fn current(&self) -> Arc<CertifiedKey> {
        let now_ms = self.clock.now_ms();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ms - shown.looked_at_ms < LOOK_AGAIN_MS {
            return Arc::clone(&shown.key);
        }
        shown.looked_at_ms = now_ms;
        let version = version(&self.certificate, &self.key);
        if version != shown.version {
            shown.version = version;
            match read_pair(&self.certificate, &self.key) {
                Ok(key) => {
                    tracing::info!("the certificate was read again");
                    shown.key = Arc::new(key);
                }
                Err(cause) => {
                    tracing::warn!(cause, "the new certificate cannot be used; the old one stays");
                }
            }
        }
        Arc::clone(&shown.key)
    }
}

impl ResolvesServerCert for Brought {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for Brought {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Brought").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn version(certificate: &Path, key: &Path) -> Version {
    [certificate, key].map(|path| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len()))
    })
}

/// A chain and its key, as the operator's files have them.
pub(super) fn read_pair(certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let broken = |path: &Path, cause: &dyn fmt::Display| format!("{}: {cause}", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|cause| broken(certificate, &cause))?;
    if chain.is_empty() {
        return Err(broken(certificate, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|cause| broken(key, &cause))?;
    certified(chain, &private).map_err(|cause| broken(key, &cause))
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: &PrivateKeyDer<'static>,
) -> Result<CertifiedKey, String> {
    let key = any_supported_type(key).map_err(|cause| cause.to_string())?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(|_| "it is not the key of the certificate".to_owned())?;
    Ok(certified)
}
