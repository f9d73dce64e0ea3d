//! The beginning of a connection on a port that speaks TLS: the handshake, or plain HTTP in its
//! place. Certificates come from above.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{AlertDescription, Error as TlsError};
use tokio_rustls::server::TlsStream;

/// How long a caller may take from connecting to the end of the handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The first byte of every TLS connection: a record of the handshake (RFC 8446, 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// How a connection began.
pub(crate) enum Opened {
    /// With a handshake.
    Tls(Box<TlsStream<TcpStream>>),
    /// With what looks like plain HTTP; nothing of it has been read.
    Plain(TcpStream),
}

/// Waits for the first byte and, if it is one of TLS, for the end of the handshake. `None` where
/// nothing came of it.
pub(crate) async fn open(stream: TcpStream, acceptor: &TlsAcceptor) -> Option<Opened> {
    match tokio::time::timeout(HANDSHAKE_TIME, begin(stream, acceptor)).await {
        Ok(Ok(opened)) => Some(opened),
        Ok(Err(error)) => {
            log(&error);
            None
        }
        Err(_) => {
            tracing::debug!("a TLS handshake took too long");
            None
        }
    }
}

async fn begin(stream: TcpStream, acceptor: &TlsAcceptor) -> io::Result<Opened> {
    let mut first = [HANDSHAKE_RECORD];
    stream.peek(&mut first).await?;
    if first[0].is_ascii_uppercase() {
        return Ok(Opened::Plain(stream));
    }
    acceptor.accept(stream).await.map(|stream| Opened::Tls(Box::new(stream)))
}

/// What a person setting up a client wants to find is logged where they look; the rest is noise of
/// a network.
fn log(error: &io::Error) {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<TlsError>());
    let distrust = matches!(
        cause,
        Some(TlsError::AlertReceived(
            AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown,
        ))
    );
    if distrust {
        tracing::warn!(
            "a client does not trust this server's certificate; \
             `larkspur ca trust-help` says how it learns to"
        );
    } else {
        tracing::debug!(%error, "no TLS handshake");
    }
}
