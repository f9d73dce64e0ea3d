//! What stands in a certificate: the few fields of X.509 that people are shown and the CA is
//! checked by (RFC 5280, 4.1).

use std::net::IpAddr;

use larkspur_model::time::Millis;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use yasna::models::ObjectIdentifier;
use yasna::tags::{TAG_GENERALIZEDTIME, TAG_UTCTIME};
use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader, BERReaderSeq, Tag};

use super::names::Names;

/// `id-ce-subjectAltName`.
const ALTERNATIVE_NAMES: [u64; 4] = [2, 5, 29, 17];
/// `id-ce-nameConstraints`.
const NAME_CONSTRAINTS: [u64; 4] = [2, 5, 29, 30];
/// `dNSName` of a `GeneralName`.
const HOST: u64 = 2;
/// `iPAddress` of a `GeneralName`.
const ADDRESS: u64 = 7;

/// What stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Whose it is.
    pub subject: String,
    /// SHA-256 of the certificate, as browsers and `openssl` show it.
    pub fingerprint: String,
    /// When it begins.
    pub begins_ms: Millis,
    /// When it ends.
    pub ends_ms: Millis,
    /// What it may sign, for a CA with such limits; whom it speaks for, for others.
    pub names: Names,
    /// Its public key, DER.
    pub(super) public_key: Vec<u8>,
}

impl About {
    /// Reads a certificate.
    ///
    /// # Errors
    /// What is none.
    pub fn read(certificate: &CertificateDer<'_>) -> Result<Self, String> {
        let digest = Sha256::digest(certificate);
        let digest: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let read = yasna::parse_der(certificate, |reader| {
            reader.read_sequence(|parts| {
                let about = parts.next().read_sequence(|parts| to_be_signed(parts))?;
                parts.next().read_der()?;
                parts.next().read_der()?;
                Ok(about)
            })
        });
        let about = read.map_err(|cause| format!("it is no certificate: {cause}"))?;
        Ok(Self { fingerprint: digest.join(":"), ..about })
    }
}

fn to_be_signed(parts: &mut BERReaderSeq<'_, '_>) -> ASN1Result<About> {
    let skipped = |reader: BERReader<'_, '_>| reader.read_der().map(drop);
    parts.read_optional(|version| version.read_tagged(Tag::context(0), skipped))?;
    for _number_algorithm_issuer in 0..3 {
        parts.next().read_der()?;
    }
    let validity =
        |parts: &mut BERReaderSeq<'_, '_>| Ok((moment_of(parts.next())?, moment_of(parts.next())?));
    let (begins_ms, ends_ms) = parts.next().read_sequence(validity)?;
    let subject = subject(parts.next())?;
    let public_key = parts.next().read_der()?;
    for number in [1, 2] {
        let tag = Tag::context(number);
        parts.read_optional(|unique_id| {
            unique_id.read_tagged_implicit(tag, |id| id.read_bitvec_bytes().map(drop))
        })?;
    }
    let mut names = Names::default();
    parts.read_optional(|reader| {
        reader.read_tagged(Tag::context(3), |reader| {
            reader.read_sequence_of(|reader| {
                reader.read_sequence(|parts| extension(parts, &mut names))
            })
        })
    })?;
    Ok(About { subject, fingerprint: String::new(), begins_ms, ends_ms, names, public_key })
}

fn extension(parts: &mut BERReaderSeq<'_, '_>, names: &mut Names) -> ASN1Result<()> {
    let kind = parts.next().read_oid()?;
    parts.read_optional(|critical| critical.read_bool().map(drop))?;
    let value = parts.next().read_bytes()?;
    if kind == ObjectIdentifier::from_slice(&ALTERNATIVE_NAMES) {
        return yasna::parse_der(&value, |reader| {
            reader.read_sequence_of(|reader| general_name(reader, names))
        });
    }
    if kind != ObjectIdentifier::from_slice(&NAME_CONSTRAINTS) {
        return Ok(());
    }
    yasna::parse_der(&value, |reader| {
        reader.read_sequence(|parts| {
            parts.read_optional(|reader| {
                reader.read_tagged_implicit(Tag::context(0), |permitted| {
                    permitted.read_sequence_of(|subtree| {
                        subtree.read_sequence(|parts| general_name(parts.next(), names))
                    })
                })
            })?;
            parts.read_optional(|excluded| excluded.read_der().map(drop)).map(drop)
        })
    })
}

/// Notes a name; one of another kind is left out.
fn general_name(reader: BERReader<'_, '_>, names: &mut Names) -> ASN1Result<()> {
    let name = reader.read_tagged_der()?;
    if name.tag() == Tag::context(HOST) {
        names.hosts.insert(String::from_utf8_lossy(name.value()).to_ascii_lowercase());
    } else if name.tag() == Tag::context(ADDRESS) {
        names.addresses.extend(address(name.value()));
    }
    Ok(())
}

/// An address; within constraints a mask follows it.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 | 8 => Some(IpAddr::from(*bytes.first_chunk::<4>()?)),
        16 | 32 => Some(IpAddr::from(*bytes.first_chunk::<16>()?)),
        _ => None,
    }
}

/// The texts of a name, such as organisation and common name.
fn subject(reader: BERReader<'_, '_>) -> ASN1Result<String> {
    let mut texts = Vec::new();
    reader.read_sequence_of(|reader| {
        reader.read_set_of(|reader| {
            reader.read_sequence(|parts| {
                parts.next().read_oid()?;
                let text = parts.next().read_tagged_der()?;
                texts.push(String::from_utf8_lossy(text.value()).into_owned());
                Ok(())
            })
        })
    })?;
    Ok(texts.join(", "))
}

fn moment_of(reader: BERReader<'_, '_>) -> ASN1Result<Millis> {
    let moment = match reader.lookahead_tag()? {
        TAG_UTCTIME => *reader.read_utctime()?.datetime(),
        TAG_GENERALIZEDTIME => *reader.read_generalized_time()?.datetime(),
        _ => return Err(ASN1Error::new(ASN1ErrorKind::Invalid)),
    };
    Ok(moment.unix_timestamp() * 1_000)
}

/// The day of a moment, for people.
pub fn day(at_ms: Millis) -> String {
    moment(at_ms).date().to_string()
}

pub(super) fn moment(at_ms: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at_ms / 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
