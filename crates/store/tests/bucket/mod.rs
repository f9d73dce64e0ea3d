//! A bucket served in this process over the loopback. What it must do is not said here.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;

/// A running server; its files go with it.
pub(crate) struct Bucket {
    /// Address of a folder in the bucket, as a configuration would say it.
    pub(crate) address: String,
    _files: TempDir,
}

/// Serves an empty bucket for as long as the test's runtime runs.
pub(crate) async fn serve() -> Bucket {
    let files = tempfile::tempdir().unwrap();
    std::fs::create_dir(files.path().join("larkspur")).unwrap();
    let service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(files.path()).unwrap()).build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let server = Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    let address = format!(
        "s3://larkspur/some/folder?endpoint=http://127.0.0.1:{port}&region=eu-west-1&anonymous=true"
    );
    Bucket { address, _files: files }
}
