//! TLS of the server: which names it answers to, the CA that vouches for it, the certificates it
//! shows. How connections are served is `larkspur-http`'s.

mod about;
mod authority;
mod certificates;
mod names;

use std::path::PathBuf;
use std::sync::Arc;

use larkspur_model::time::Clock;
use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;

pub use self::about::{About, day};
pub use self::authority::{Authority, public_path, secret_path};
pub use self::names::{Names, PLATFORM_HOSTS};

use self::certificates::{Brought, Minted};
use crate::config::{Config, TlsFiles};
use crate::trouble::{Attempt, Trouble};

/// How a server speaks TLS.
pub struct Tls {
    /// Protocol versions, ciphers, certificates.
    pub config: ServerConfig,
    /// The file with the certificate that clients must trust; `None` where there is no such file.
    pub ca_file: Option<PathBuf>,
}

impl Tls {
    /// Makes ready what the settings say. `clock` is the real one.
    ///
    /// # Errors
    /// A CA or a certificate that cannot be had.
    pub fn of(config: &Config, clock: Arc<dyn Clock>) -> Attempt<Self> {
        let (certificates, ca_file) = match &config.tls_files {
            Some(files) => (brought(files, clock)?, None),
            None => minted(config, clock)?,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|cause| Trouble::caused("TLS cannot be spoken", &cause).setup())?
            .with_no_client_auth()
            .with_cert_resolver(certificates);
        // Clients run in other folders.
        let ca_file = ca_file.map(|path| std::path::absolute(&path).unwrap_or(path));
        Ok(Self { config, ca_file })
    }
}

/// What stands in the certificate that the operator brought.
///
/// # Errors
/// Files that cannot be read or do not belong together, as text.
pub fn about_files(files: &TlsFiles) -> Result<About, String> {
    let pair = certificates::read_pair(&files.certificate, &files.key)?;
    About::read(&pair.cert[0])
}

/// Certificates as they are asked for.
type Certificates = Arc<dyn ResolvesServerCert>;

fn brought(files: &TlsFiles, clock: Arc<dyn Clock>) -> Attempt<Certificates> {
    let brought = Brought::read(&files.certificate, &files.key, clock).map_err(|cause| {
        Trouble::new(format!("the certificate cannot be used: {cause}"))
            .hint("tls_cert and tls_key name files in PEM, the certificate first in its chain")
            .setup()
    })?;
    Ok(Arc::new(brought))
}

/// Certificates by the server's own CA, and where the CA's own is for clients.
fn minted(config: &Config, clock: Arc<dyn Clock>) -> Attempt<(Certificates, Option<PathBuf>)> {
    let authority = Authority::of(config, clock.now_ms())?;
    let mut ca_file = (!config.memory).then(|| public_path(&config.data));
    if let Some(path) = &config.tls_ca_file {
        authority.publish(path)?;
        ca_file = Some(path.clone());
    }
    let minted = Minted::new(authority, Names::of(config)?, clock);
    Ok((Arc::new(minted), ca_file))
}

#[cfg(test)]
mod tests;
