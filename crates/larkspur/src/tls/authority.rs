//! The CA of one server: made once, kept in one file, able to sign the names it was made for and
//! nothing else. A stolen key of it cannot pose as the rest of the web.

use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use larkspur_model::time::{HOUR_MS, Millis};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PublicKeyData, SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::about::{About, day, moment};
use super::names::Names;
use crate::config::Config;
use crate::trouble::{Attempt, Trouble};

const DAY_MS: Millis = 24 * HOUR_MS;
/// How long a CA lives.
const CA_LIFE_MS: Millis = 3_652 * DAY_MS;
/// How long a server's certificate lives. Apple's systems refuse more than 825 days.
pub(super) const LEAF_LIFE_MS: Millis = 90 * DAY_MS;
/// Certificates begin this much before they are made: clocks of clients are not all right.
const HEAD_START_MS: Millis = DAY_MS;

/// Certificate and key of a CA.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// Key and certificate, as kept.
    secret_pem: String,
    /// The certificate alone, for clients.
    pub pem: String,
    /// What stands in the certificate.
    pub about: About,
}

/// Where the CA of a data folder lies: key and certificate in one file, so that there is never one
/// without the other.
pub fn secret_path(data: &Path) -> PathBuf {
    data.join("tls").join("authority.pem")
}

/// Where clients find its certificate.
pub fn public_path(data: &Path) -> PathBuf {
    data.join("tls").join("ca.pem")
}

impl Authority {
    /// Makes a CA that can sign `names`. Its key comes from the cipher library, never from a seed.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn make(names: &Names, now_ms: Millis) -> Attempt<Self> {
        let trouble = |cause: &rcgen::Error| Trouble::caused("no CA can be made", cause);
        let key = KeyPair::generate().map_err(|cause| trouble(&cause))?;
        let mut params = identity(&key);
        params.not_before = moment(now_ms - HEAD_START_MS);
        params.not_after = moment(now_ms + CA_LIFE_MS);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let hosts = names.hosts.iter().cloned().map(GeneralSubtree::DnsName);
        let addresses =
            names.addresses.iter().map(|address| GeneralSubtree::IpAddress(one(*address)));
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: hosts.chain(addresses).collect(),
            excluded_subtrees: Vec::new(),
        });
        let made = params.self_signed(&key).map_err(|cause| trouble(&cause))?;
        Self::parse(&format!("{}{}", key.serialize_pem(), made.pem()))
            .map_err(|cause| Trouble::new(format!("no CA can be made: {cause}")))
    }

    /// Reads a CA as it is kept: key and certificate, one after the other.
    fn parse(secret_pem: &str) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(secret_pem.as_bytes())
            .map_err(|cause| format!("no certificate in it: {cause}"))?;
        let key =
            KeyPair::from_pem(secret_pem).map_err(|cause| format!("no key in it: {cause}"))?;
        let about = About::read(&certificate)?;
        if about.public_key != key.subject_public_key_info() {
            return Err("its key is not that of its certificate".to_owned());
        }
        let pem = secret_pem
            .find("-----BEGIN CERTIFICATE-----")
            .map(|at| secret_pem[at..].to_owned())
            .ok_or("its certificate does not come last")?;
        let issuer = Issuer::new(identity(&key), key);
        Ok(Self { issuer, certificate, secret_pem: secret_pem.to_owned(), pem, about })
    }

    /// The CA of a data folder, if it has one.
    ///
    /// # Errors
    /// A file that cannot be read or is no CA.
    pub fn find(data: &Path) -> Attempt<Option<Self>> {
        let path = secret_path(data);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => {
                return Err(Trouble::caused(format!("cannot read {}", path.display()), &cause)
                    .hint("it belongs to whoever ran the server first; run it as the same user")
                    .setup());
            }
        };
        Self::parse(&text).map(Some).map_err(|cause| {
            Trouble::new(format!("{} is no CA: {cause}", path.display()))
                .hint("restore it, or make a new one, which clients then have to trust: `larkspur ca new --replace`")
                .setup()
        })
    }

    /// The CA of a server: the one in its data folder, made now if there is none; with `memory` a
    /// new one that goes with the process.
    ///
    /// # Errors
    /// A CA that cannot be kept, has ended, or cannot sign what the settings name.
    pub fn of(config: &Config, now_ms: Millis) -> Attempt<Self> {
        let names = Names::of(config)?;
        if config.memory {
            return Self::make(&names, now_ms);
        }
        let authority = match Self::find(&config.data)? {
            Some(found) => found,
            None => match Self::make(&names, now_ms)?.keep(&config.data, false)? {
                Some(kept) => kept,
                // Another process was faster.
                None => Self::find(&config.data)?.ok_or_else(|| {
                    Trouble::new("the CA was taken away while the server started").setup()
                })?,
            },
        };
        authority.check(&names, now_ms)?;
        authority.publish(&public_path(&config.data))?;
        Ok(authority)
    }

    fn check(&self, names: &Names, now_ms: Millis) -> Attempt {
        let hint = "make a new one, which clients then have to trust: `larkspur ca new --replace`";
        if self.about.ends_ms <= now_ms {
            return Err(Trouble::new(format!("the CA ended on {}", day(self.about.ends_ms)))
                .hint(hint)
                .setup());
        }
        let beyond = names.beyond(&self.about.names);
        if beyond.is_empty() {
            return Ok(());
        }
        Err(Trouble::new(format!("the CA was not made for {beyond}, so it cannot sign for it"))
            .hint(format!("{hint}\nwith the same --tls and --tls-name; or leave the name out"))
            .setup())
    }

    /// Keeps it in a data folder, in place of one that is there only if `replace`. `None` where
    /// another is there.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn keep(self, data: &Path, replace: bool) -> Attempt<Option<Self>> {
        let path = secret_path(data);
        let folder = data.join("tls");
        crate::server::data_folder(&folder)?;
        let written = write_beside(&folder, &self.secret_pem).and_then(|file| {
            let kept = if replace { file.persist(&path) } else { file.persist_noclobber(&path) };
            kept.map(drop).map_err(|error| error.error)
        });
        match written {
            Ok(()) => {
                self.publish(&public_path(data))?;
                Ok(Some(self))
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
            Err(cause) => Err(cannot_write(&path, &cause)),
        }
    }

    /// Writes the certificate for clients, readable by everybody, unless it stands there already.
    ///
    /// # Errors
    /// A place that cannot be written.
    pub fn publish(&self, path: &Path) -> Attempt {
        if std::fs::read_to_string(path).is_ok_and(|text| text == self.pem) {
            return Ok(());
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        write_beside(folder.unwrap_or_else(|| Path::new(".")), &self.pem)
            .and_then(|file| {
                #[cfg(unix)]
                file.as_file()
                    .set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
                file.persist(path).map(drop).map_err(|error| error.error)
            })
            .map_err(|cause| cannot_write(path, &cause))
    }

    /// A certificate for `names` that this CA has signed, with the key to it.
    ///
    /// # Errors
    /// A system without randomness.
    pub(super) fn sign(
        &self,
        names: &Names,
        now_ms: Millis,
    ) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
        // A key of its own gives each certificate a number of its own, which browsers insist on.
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        if let Some(host) = names.hosts.iter().next() {
            params.distinguished_name.push(DnType::CommonName, host.as_str());
        }
        for host in &names.hosts {
            params.subject_alt_names.push(SanType::DnsName(host.as_str().try_into()?));
        }
        params.subject_alt_names.extend(names.addresses.iter().copied().map(SanType::IpAddress));
        params.not_before = moment(now_ms - HEAD_START_MS);
        params.not_after = moment((now_ms + LEAF_LIFE_MS).min(self.about.ends_ms));
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let signed = params.signed_by(&key, &self.issuer)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok((signed.der().clone(), key.into()))
    }

    /// The certificate.
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }
}

/// What follows from the key: whose certificate it is, and what the key is for. Certificates that it
/// signs name their issuer so.
fn identity(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    // A part of the key keeps CAs of several servers apart in the lists of clients.
    let number: Vec<String> =
        params.key_identifier(key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Larkspur");
    params
        .distinguished_name
        .push(DnType::CommonName, format!("Larkspur local CA {}", number.concat()));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// That address and no other.
fn one(address: IpAddr) -> CidrSubnet {
    match address {
        IpAddr::V4(address) => CidrSubnet::from_v4_prefix(address.octets(), 32),
        IpAddr::V6(address) => CidrSubnet::from_v6_prefix(address.octets(), 128),
    }
}

/// A file in `folder`, on disk, for its owner alone, that only needs its name.
fn write_beside(folder: &Path, text: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".larkspur-tls-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn cannot_write(path: &Path, cause: &std::io::Error) -> Trouble {
    Trouble::caused(format!("cannot write {}", path.display()), cause).setup()
}
