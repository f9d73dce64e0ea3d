//! The accept loop: title-case header names (the official Python SDK looks names up by exact case),
//! time-outs against slow callers, a bound on connections, and an orderly end. All listeners, plain
//! ones and those that speak TLS, share one loop and one bound.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use larkspur_api::Scheme;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use crate::tls::{self, Opened};
use crate::{Body, Router, fault};

/// Who is at the other end of a request's connection; the accept loop puts it there.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Where callers are heard, and how they are spoken to.
pub struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// A listener that speaks plain HTTP.
    pub const fn plain(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }

    /// A listener that speaks TLS as `config` says. HTTP/2 is not offered: its header names have no
    /// capitals.
    pub fn tls(tcp: TcpListener, mut config: ServerConfig) -> Self {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { tcp, tls: Some(TlsAcceptor::from(Arc::new(config))) }
    }
}

/// Bounds of the server.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Connections served at a time, over all listeners; further ones wait to be accepted.
    pub most_connections: usize,
    /// How long a caller may take to send a request's head, and how long an idle connection is kept.
    pub head_timeout: Duration,
    /// How long running requests may go on after the shutdown was asked for.
    pub grace: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            most_connections: 10_000,
            head_timeout: Duration::from_mins(1),
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves `router` on `listeners` until `shutdown` ends; then stops accepting, lets running requests
/// finish within the grace, and returns.
pub async fn serve(
    listeners: Vec<Listener>,
    router: Router,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.title_case_headers(true)
        .timer(TokioTimer::new())
        .header_read_timeout(options.head_timeout)
        .max_headers(100);
    let slots = Arc::new(Semaphore::new(options.most_connections.max(1)));
    let graceful = GracefulShutdown::new();
    let stopping = CancellationToken::new();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut turn = 0;
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listeners, &mut turn, &slots) => accepted,
        };
        let Some((stream, acceptor, slot)) = accepted else { continue };
        // Answers are small and whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            http: http.clone(),
            router: router.clone(),
            watcher: graceful.watcher(),
            peer: stream.peer_addr().ok().map(Peer),
            _slot: slot,
        };
        match acceptor {
            None => drop(tokio::spawn(connection.plain(stream))),
            Some(acceptor) => {
                let stopped = stopping.clone().cancelled_owned();
                tokio::spawn(connection.tls(stream, acceptor.clone(), stopped));
            }
        }
    }
    drop(listeners);
    stopping.cancel();
    if tokio::time::timeout(options.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still running when the grace ended");
    }
    Ok(())
}

type Accepted<'a> = (TcpStream, Option<&'a TlsAcceptor>, OwnedSemaphorePermit);

async fn accept<'a>(
    listeners: &'a [Listener],
    turn: &mut usize,
    slots: &Arc<Semaphore>,
) -> Option<Accepted<'a>> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    let (listener, accepted) = poll_fn(|context| poll_accept(listeners, turn, context)).await;
    match accepted {
        Ok(stream) => Some((stream, listener.tls.as_ref(), slot)),
        Err(error) => {
            // Mostly "too many open files": time has to pass before another try can succeed.
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// The next connection of any listener; `turn` is where the search begins, so that a busy one does
/// not silence the others.
fn poll_accept<'a>(
    listeners: &'a [Listener],
    turn: &mut usize,
    context: &mut Context<'_>,
) -> Poll<(&'a Listener, io::Result<TcpStream>)> {
    *turn += 1;
    for offset in 0..listeners.len() {
        let listener = &listeners[(*turn + offset) % listeners.len()];
        if let Poll::Ready(accepted) = listener.tcp.poll_accept(context) {
            return Poll::Ready((listener, accepted.map(|(stream, _)| stream)));
        }
    }
    Poll::Pending
}

/// What serves one connection.
struct Connection {
    http: http1::Builder,
    router: Router,
    watcher: Watcher,
    peer: Option<Peer>,
    _slot: OwnedSemaphorePermit,
}

impl Connection {
    async fn plain(self, stream: TcpStream) {
        let router = self.router.clone();
        self.serve(stream, move |request| {
            let router = router.clone();
            async move { router.handle(request).await }
        })
        .await;
    }

    async fn tls(self, stream: TcpStream, acceptor: TlsAcceptor, stopped: impl Future) {
        let opened = tokio::select! {
            _ = stopped => None,
            opened = tls::open(stream, &acceptor) => opened,
        };
        let router = self.router.clone();
        match opened {
            None => {}
            Some(Opened::Tls(stream)) => {
                self.serve(*stream, move |mut request| {
                    let router = router.clone();
                    request.extensions_mut().insert(Scheme::Https);
                    async move { router.handle(request).await }
                })
                .await;
            }
            Some(Opened::Plain(stream)) => {
                self.serve(stream, move |request| {
                    let router = router.clone();
                    async move { router.refuse_plain(request).await }
                })
                .await;
            }
        }
    }

    /// HTTP on `stream` until either side ends it; each request is answered by `answer`.
    async fn serve<F>(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        answer: impl Fn(Request<Incoming>) -> F + Send,
    ) where
        F: Future<Output = Response<Body>> + Send,
    {
        let peer = self.peer;
        let service = service_fn(move |mut request: Request<Incoming>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            let answered = answer(request);
            async move { fault::unless_severed(answered.await) }
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(%error, "connection ended");
        }
    }
}
