//! Opens a bucket from its address. The only place that knows S3.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;

use crate::error::Error;

/// Bytes of a part: S3 takes 5 MiB at least and 10,000 parts at most, which makes 80 GB.
pub(super) const PART_BYTES: usize = 8 << 20;

/// Opens `s3://bucket/folder?endpoint=…&region=…&virtual_host=true&anonymous=true`. Keys, and
/// what the address leaves out, come from the environment (`AWS_…`); an anonymous caller needs none.
pub(super) fn open(address: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let refuse = |reason: String| Error::BlobLocation { address: address.to_owned(), reason };
    let rest = address.strip_prefix("s3://").ok_or_else(|| refuse("not s3://".to_owned()))?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (bucket, folder) = place.split_once('/').unwrap_or((place, ""));
    // A process has one TLS provider; whoever came first has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        builder = match name {
            "endpoint" => builder
                .with_allow_http(value.starts_with("http://"))
                .with_endpoint(value.trim_end_matches('/')),
            "region" => builder.with_region(value),
            "virtual_host" => builder.with_virtual_hosted_style_request(value == "true"),
            "anonymous" => builder.with_skip_signature(value == "true"),
            _ => return Err(refuse(format!("unknown option {name}"))),
        };
    }
    let store = builder.build().map_err(|error| refuse(error.to_string()))?;
    Ok(match folder.trim_matches('/') {
        "" => Arc::new(store),
        folder => Arc::new(PrefixStore::new(store, folder)),
    })
}
