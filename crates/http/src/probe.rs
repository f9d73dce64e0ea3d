//! What is asked about the server itself, by whoever keeps it running: whether it lives, whether it can do
//! its work, how much it does. No client of the platform asks any of it.

use http::header::AUTHORIZATION;
use http::request::Parts;
use larkspur_api::{Answer, ApiError, Services, codes, is_local};

use crate::Peer;

/// Who may read the numbers about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetricsFor {
    /// Whoever has the operator's token, and whoever calls from this very machine.
    #[default]
    Local,
    /// Whoever has the operator's token.
    Admin,
    /// Everybody who reaches the port.
    All,
}

/// A question about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    Health,
    Ready,
    Metrics,
}

/// The question that is asked at `path`.
pub(crate) fn at(path: &str) -> Option<Probe> {
    match path {
        "/healthz" => Some(Probe::Health),
        "/readyz" => Some(Probe::Ready),
        "/metrics" => Some(Probe::Metrics),
        _ => None,
    }
}

impl Probe {
    pub(crate) async fn answer(
        self,
        services: &Services,
        parts: &Parts,
        metrics: MetricsFor,
    ) -> Result<Answer, ApiError> {
        match self {
            Self::Health => Answer::data(&services.health().await?),
            Self::Ready => services.ready().await,
            Self::Metrics => {
                admit(services, parts, metrics).await?;
                services.metrics().await
            }
        }
    }
}

async fn admit(services: &Services, parts: &Parts, metrics: MetricsFor) -> Result<(), ApiError> {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let open = match metrics {
        MetricsFor::All => true,
        MetricsFor::Local => is_local(peer, &parts.headers),
        MetricsFor::Admin => false,
    };
    if open {
        return Ok(());
    }
    let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let admin = services.platform.is_admin(authorization).await;
    if admin.map_err(|error| codes::INTERNAL.caused_by(error))? {
        return Ok(());
    }
    Err(codes::ADMIN_ONLY.because(
        "send `Authorization: Bearer <LARKSPUR_ADMIN_TOKEN>`, or ask from the server's own machine; \
         the setting `metrics` says who may",
    ))
}
