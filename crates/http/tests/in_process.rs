//! Requests through the router without a socket, on a server in memory whose clock stands still and
//! which does no work: what can be told before a conversion runs.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground breaks away")]

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use larkspur_api::{JobParts, Services, Settings};
use larkspur_convert::{Converter, ConverterConfig};
use larkspur_engine::{Engine, EngineParts};
use larkspur_http::{Body, RateRule, RateRules, Router, RouterOptions, router};
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, MINUTE_MS, VirtualClock};
use larkspur_platform::{Platform, PlatformParts};
use larkspur_push::Courier;
use larkspur_rehearsal::Rehearsal;
use larkspur_store::blobs::{BlobLocation, Blobs};
use larkspur_store::{Db, Store};
use serde_json::{Value, json};

struct Server {
    router: Router,
    clock: Arc<VirtualClock>,
    token: String,
    app: String,
}

async fn server() -> Server {
    server_with(&RouterOptions::default()).await
}

async fn server_with(options: &RouterOptions) -> Server {
    let clock = Arc::new(VirtualClock::frozen(1_795_244_399_000));
    let shared: Arc<dyn Clock> = clock.clone();
    let ids = Arc::new(Ids::from_seed(1));
    let store = Store {
        db: Db::open_temporary().await.unwrap(),
        blobs: Blobs::open(&BlobLocation::Temporary).unwrap(),
    };
    let parts = PlatformParts {
        db: store.db.clone(),
        clock: shared.clone(),
        real_clock: shared.clone(),
        ids: ids.clone(),
    };
    let platform = Platform::open(parts).await.unwrap();
    let made = platform.bootstrap().await.unwrap();
    let secret = made.app_secret.unwrap();
    let token = platform.tenant_token(made.app_id.as_str(), secret.expose()).await.unwrap();
    // Nothing here ever works a task off, so no child is ever started.
    let converter = Converter::new(ConverterConfig::new("no-such-program"));
    let job_parts = JobParts {
        store: store.clone(),
        converter: Arc::new(converter),
        clock: shared.clone(),
        ids: ids.clone(),
    };
    let engine = Engine::new(
        EngineParts {
            store: store.clone(),
            clock: shared.clone(),
            real_clock: shared.clone(),
            ids: Arc::clone(&ids),
            settings: larkspur_engine::Settings::default(),
        },
        larkspur_api::jobs(&job_parts),
    );
    let courier = Courier::idle(&engine, &store.db, shared.clone(), ids);
    let services = Services::new(
        job_parts,
        engine,
        Arc::new(platform),
        Arc::new(courier),
        Arc::new(Rehearsal::new()),
        clock.clone(),
        Settings::default(),
    );
    Server {
        router: router(Arc::new(services), Vec::new(), options),
        clock,
        token: token.token.expose().to_owned(),
        app: made.app_id.0,
    }
}

impl Server {
    async fn send(
        &self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
    ) -> Response<Body> {
        let request = request
            .header("authorization", format!("Bearer {}", self.token))
            .header("host", "drive.example:8484")
            .body(Full::new(body.into()))
            .unwrap();
        self.router.handle(request).await
    }

    async fn json(&self, method: &str, path: &str, body: impl Into<Bytes>) -> (u16, Value) {
        let response = self.send(Request::builder().method(method).uri(path), body).await;
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        assert_eq!(response.headers()["x-tt-logid"].len(), 34);
        assert_eq!(response.headers()["x-request-id"], response.headers()["x-tt-logid"]);
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let mut body = String::new();
        for (name, value) in fields {
            write!(
                body,
                "--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .unwrap();
        }
        body.push_str("--XX--\r\n");
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("content-type", "multipart/form-data; boundary=\"XX\"");
        let response = self.send(request, body).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }
}

const EXTRA: &str = r#"{ "file_extension": "md", "obj_type": "docx" }"#;
const UPLOAD: &str = "/open-apis/drive/v1/medias/upload_all";

#[tokio::test]
async fn an_import_is_queued_and_polled_by_who_made_it() {
    let server = server().await;
    let (status, answer) = server
        .form(
            UPLOAD,
            &[
                ("file", "# hi"),
                ("extra", EXTRA),
                ("file_name", "a.md"),
                ("parent_node", ""),
                ("parent_type", "ccm_import_open"),
                ("checksum", ""),
                ("size", "4"),
            ],
        )
        .await;
    assert_eq!((status, &answer["code"]), (200, &json!(0)), "{answer}");
    let token = answer["data"]["file_token"].as_str().unwrap();
    let body = json!({"file_extension": "md", "file_token": token, "type": "docx"}).to_string();
    let (status, answer) = server.json("POST", "/open-apis/drive/v1/import_tasks", body).await;
    assert_eq!(status, 200, "{answer}");
    let ticket = answer["data"]["ticket"].as_str().unwrap();
    let (status, answer) =
        server.json("GET", &format!("//open-apis/drive/v1/import_tasks/{ticket}"), "{}").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["data"]["result"],
        json!({"ticket": ticket, "type": "docx", "job_status": 1, "job_error_msg": ""})
    );
}

#[tokio::test]
async fn a_source_expires_after_five_minutes_and_is_downloaded_in_parts_before() {
    let server = server().await;
    let (_, answer) = server
        .form(
            UPLOAD,
            &[
                ("file_name", "页 1.md"),
                ("parent_type", "ccm_import_open"),
                ("extra", EXTRA),
                ("size", "10"),
                ("file", "0123456789"),
            ],
        )
        .await;
    let token = answer["data"]["file_token"].as_str().unwrap();
    let path = format!("/open-apis/drive/v1/medias/{token}/download");
    let response =
        server.send(Request::builder().uri(&*path).header("range", "bytes=3-5"), "").await;
    assert_eq!(response.status(), 206);
    assert_eq!(response.headers()["content-range"], "bytes 3-5/10");
    assert_eq!(response.headers()["content-type"], "text/markdown");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "345");
    let response =
        server.send(Request::builder().uri(&*path).header("range", "bytes=10-"), "").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-range"]),
        (416, &http::HeaderValue::from_static("bytes */10"))
    );
    assert_eq!(response.headers()["connection"], "close");
    server.clock.advance(5 * MINUTE_MS);
    let (status, answer) = server.json("GET", &path, "").await;
    assert_eq!((status, &answer["code"]), (404, &json!(1_061_007)));
}

#[tokio::test]
async fn paths_methods_and_bodies_that_do_not_fit_have_their_codes() {
    let server = server().await;
    for (method, path, body, status, code) in [
        ("GET", "/open-apis/none", "", 404, 99_991_201),
        ("PUT", "/open-apis/drive/v1/import_tasks", "", 405, 99_991_301),
        ("POST", "/open-apis/drive/v1/import_tasks", "{", 400, 9499),
        ("POST", "/open-apis/drive/v1/import_tasks", r#"{"type":1}"#, 400, 99_992_402),
        ("POST", UPLOAD, "no form", 400, 1_061_002),
        ("GET", "/open-apis/drive/v1/import_tasks/12", "", 400, 1_069_904),
        ("GET", "/open-apis/drive/v1/export_tasks/12", "", 400, 99_992_402),
        ("GET", "/open-apis/docx/v1/documents/x", "", 400, 1_770_001),
        ("GET", "/open-apis/sheets/v2/spreadsheets/x/values/Q7%21A1:B2", "", 400, 90_214),
        ("GET", "/open-apis/sheets/v2/spreadsheets/x/values/Q7!2:B2", "", 400, 90_202),
        ("GET", "/open-apis/drive/v1/export_tasks/file/x/download", "", 400, 1_060_001),
    ] {
        let (got, answer) = server.json(method, path, body).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{method} {path}: {answer}");
        assert_eq!(answer["error"]["log_id"].as_str().unwrap().len(), 34);
    }
    let (status, answer) = server.json("GET", "/healthz", "").await;
    assert_eq!((status, &answer["data"]["status"]), (200, &json!("ok")));
}

#[tokio::test]
async fn tokens_are_handed_out_flat_and_refused_with_http_200() {
    let server = server().await;
    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    for body in [r#"{"app_id":"cli_none","app_secret":"x"}"#, "{}", "[]", "x"] {
        let (status, answer) = server.json("POST", path, body).await;
        assert_eq!(status, 200, "{answer}");
        assert!([10_003, 10_014].contains(&answer["code"].as_i64().unwrap()), "{answer}");
        assert!(answer.get("tenant_access_token").is_none());
    }
}

#[tokio::test]
async fn folders_are_made_and_listed_under_the_callers_host() {
    let server = server().await;
    let path = "/open-apis/drive/v1/files/create_folder";
    let body = json!({"name": "季度", "folder_token": ""}).to_string();
    let (status, answer) = server.json("POST", path, body).await;
    assert_eq!(status, 200, "{answer}");
    let folder = answer["data"]["token"].as_str().unwrap();
    assert_eq!(answer["data"]["url"], format!("http://drive.example:8484/drive/folder/{folder}"));
    let (_, answer) = server.json("GET", "/open-apis/drive/v1/files?folder_token=", "").await;
    assert_eq!(answer["data"]["files"][0]["name"], "季度");
    assert_eq!(answer["data"]["has_more"], false);
    let long = json!({"name": "x".repeat(257), "folder_token": ""}).to_string();
    let (status, answer) = server.json("POST", path, long).await;
    assert_eq!((status, &answer["code"]), (400, &json!(1_061_002)));
}

#[tokio::test]
async fn calls_beyond_a_ceiling_are_refused_until_the_clock_moves_on() {
    let rates = RateRules { default: RateRule::Documented, ..RateRules::default() };
    let server =
        server_with(&RouterOptions { rates, explain: true, ..RouterOptions::default() }).await;
    let get = || Request::builder().method("GET").uri("/open-apis/drive/v1/files");
    for _ in 0..20 {
        assert_eq!(server.send(get(), "").await.status(), 200);
    }
    let refused = server.send(get(), "").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["x-ogw-ratelimit-limit"], "20");
    assert_eq!(refused.headers()["x-ogw-ratelimit-reset"], "1");
    let why = "rate: 20 calls a second are the ceiling; come back in 1 s";
    assert_eq!(refused.headers()["x-larkspur-why"], why);
    let bytes = refused.into_body().collect().await.unwrap().to_bytes();
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(answer["code"], 99_991_400);
    server.clock.advance(1_000);
    assert_eq!(server.send(get(), "").await.status(), 200);
}

#[tokio::test]
async fn without_ceilings_calls_are_never_too_many() {
    let server = server().await;
    for _ in 0..50 {
        assert_eq!(server.json("GET", "/open-apis/drive/v1/files", "").await.0, 200);
    }
    let refused = server.send(Request::builder().uri("/open-apis/none"), "").await;
    assert!(!refused.headers().contains_key("x-larkspur-why"));
}

#[tokio::test]
async fn calls_are_recorded_and_looked_at_for_the_app_that_made_them() {
    let server = server().await;
    server.form(UPLOAD, &[("file_name", "a.md"), ("size", "x")]).await;
    let get = "/open-apis/drive/v1/import_tasks/1";
    for _ in 0..2 {
        assert_eq!(server.json("GET", get, "").await.0, 400);
    }
    let path = format!("/larkspur/v1/apps/{}/requests", server.app);
    let (status, answer) = server.json("GET", &path, "").await;
    assert_eq!(status, 200, "{answer}");
    let items = answer["data"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert_eq!(items[0]["path"], get);
    assert_eq!((&items[0]["code"], &items[0]["layer"]), (&json!(1_069_904), &json!("request")));
    assert_eq!(items[0]["answer"]["code"], 1_069_904);
    assert_eq!(items[2]["request"][0], json!({"name": "file_name", "size_bytes": 4}));
    assert!(!answer.to_string().contains(&server.token));

    let path = format!("/larkspur/v1/apps/{}/findings", server.app);
    let (_, answer) = server.json("GET", &path, "").await;
    let findings = answer["data"]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{answer}");
    assert_eq!(findings[0]["rule"], "refusal-repeated");
    assert_eq!(server.json("DELETE", &path, "").await.0, 200);
    let (_, answer) = server.json("GET", &path, "").await;
    assert_eq!(answer["data"]["findings"], json!([]));

    let (status, answer) = server.json("GET", "/larkspur/v1/apps/cli_x/requests", "").await;
    assert_eq!((status, &answer["code"]), (404, &json!(88_020_404)));
}
