//! Sends a file: in one call up to 20 MB, in parts above (contract, §4).

use std::io::SeekFrom;
use std::path::Path;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::{Client, Fault};
use crate::terminal::Meter;

/// The most bytes one upload call may carry.
pub const ONE_CALL_BYTES: u64 = 20_971_520;

impl Client {
    /// Uploads `path` as the source of an import and answers its token.
    pub(super) async fn upload_source(
        &self,
        path: &Path,
        file_name: &str,
        extra: &Value,
        meter: &Meter,
    ) -> Result<String, Fault> {
        let what = format!("uploading {}", path.display());
        let mut file = File::open(path)
            .await
            .map_err(|cause| Fault::local(format!("cannot read {}", path.display()), cause))?;
        let local = |cause| Fault::local(format!("cannot read {}", path.display()), cause);
        let size = file.metadata().await.map_err(local)?.len();
        meter.begin_bytes("uploading", size);
        let data = if size <= ONE_CALL_BYTES {
            let mut bytes = Vec::with_capacity(size as usize);
            file.read_to_end(&mut bytes).await.map_err(local)?;
            let data = self.upload_all(&what, file_name, bytes, extra).await?;
            meter.advance(size);
            data
        } else {
            self.upload_parts(&what, file, size, file_name, extra, meter).await?
        };
        meter.end_bytes();
        let token = data["file_token"].as_str();
        token
            .map(str::to_owned)
            .ok_or_else(|| Fault::strange(&what, "there is no file_token in it"))
    }

    async fn upload_all(
        &self,
        what: &str,
        file_name: &str,
        bytes: Vec<u8>,
        extra: &Value,
    ) -> Result<Value, Fault> {
        let (size, checksum) = (bytes.len(), adler32(&bytes));
        let bytes = bytes::Bytes::from(bytes);
        self.post_form(what, "/open-apis/drive/v1/medias/upload_all", async || {
            Ok(Form::new()
                .text("file_name", file_name.to_owned())
                .text("parent_type", "ccm_import_open")
                .text("size", size.to_string())
                .text("checksum", checksum.to_string())
                .text("extra", extra.to_string())
                .part("file", part(bytes.clone(), file_name)))
        })
        .await
    }

    async fn upload_parts(
        &self,
        what: &str,
        mut file: File,
        size: u64,
        file_name: &str,
        extra: &Value,
        meter: &Meter,
    ) -> Result<Value, Fault> {
        let body = json!({
            "file_name": file_name,
            "parent_type": "ccm_import_open",
            "parent_node": "",
            "size": size,
            "extra": extra.to_string(),
        });
        let prepare = "/open-apis/drive/v1/medias/upload_prepare";
        let plan = self.call(what, Method::POST, prepare, &[], Some(&body)).await?;
        let (Some(upload), Some(part_size), Some(parts)) = (
            plan["upload_id"].as_str(),
            plan["block_size"].as_u64().filter(|size| *size > 0),
            plan["block_num"].as_u64(),
        ) else {
            return Err(Fault::strange(what, "there is no plan in it"));
        };
        for seq in 0..parts {
            let local = |cause| Fault::local(what, cause);
            let start = seq * part_size;
            let length = part_size.min(size.saturating_sub(start));
            file.seek(SeekFrom::Start(start)).await.map_err(local)?;
            let mut bytes = Vec::with_capacity(length as usize);
            (&mut file).take(length).read_to_end(&mut bytes).await.map_err(local)?;
            let (length, checksum) = (bytes.len(), adler32(&bytes));
            let bytes = bytes::Bytes::from(bytes);
            self.post_form(what, "/open-apis/drive/v1/medias/upload_part", async || {
                Ok(Form::new()
                    .text("upload_id", upload.to_owned())
                    .text("seq", seq.to_string())
                    .text("size", length.to_string())
                    .text("checksum", checksum.to_string())
                    .part("file", part(bytes.clone(), "part")))
            })
            .await?;
            meter.advance(length as u64);
        }
        let body = json!({ "upload_id": upload, "block_num": parts });
        let finish = "/open-apis/drive/v1/medias/upload_finish";
        self.call(what, Method::POST, finish, &[], Some(&body)).await
    }
}

fn part(bytes: bytes::Bytes, file_name: &str) -> Part {
    let length = bytes.len() as u64;
    Part::stream_with_length(bytes, length).file_name(file_name.to_owned())
}

/// Adler-32, the checksum of the upload pages.
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    // The most additions after which neither sum has left 32 bits.
    const RUN: usize = 5_552;
    let (mut low, mut high) = (1_u32, 0_u32);
    for run in bytes.chunks(RUN) {
        for byte in run {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_zlib() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&vec![0xff; 1 << 20]), 0x8e88_ef11);
    }
}
