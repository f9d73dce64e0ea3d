//! A server with more people than one: users with tokens as a sign-in leaves them, a second app,
//! and whatever tokens a test wants that nobody would be given.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::admin_directory::operator;
use crate::app;

/// How long a token of this room holds.
const TOKEN_LIFE_MS: i64 = 7_200_000;
/// Numbers of the kinds of token, as they are stored.
pub(crate) const TENANT: i64 = 0;
pub(crate) const APP: i64 = 1;
pub(crate) const USER: i64 = 2;

/// The server, and the operator's client.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) operator: Client,
    pub(crate) tenant: String,
}

/// A user of the first app.
pub(crate) struct Person {
    pub(crate) user_id: String,
    pub(crate) open_id: String,
    pub(crate) union_id: String,
    pub(crate) client: Client,
}

impl World {
    pub(crate) async fn start() -> Result<Self> {
        Self::around(app().await?).await
    }

    /// People around a server that is there.
    pub(crate) async fn around(app: TestApp) -> Result<Self> {
        let operator = operator(&app)?;
        let path = format!("/larkspur/v1/apps/{}", app.app_id);
        let found = operator.get(&path).await?;
        let tenant = text(&found.data()?["app"], "tenant_id")?;
        Ok(Self { app, operator, tenant })
    }

    /// A new user of the first tenant who is no administrator, with a token through the first app.
    pub(crate) async fn person(&self, name: &str) -> Result<Person> {
        let email = format!("{name}@larkspur.test");
        let body = json!({"name": name, "user_id": name, "email": email, "tenant_id": self.tenant});
        self.operator.post("/larkspur/v1/users", &body).await?.data()?;
        let path = format!(
            "/larkspur/v1/users/{name}?tenant_id={}&app_id={}",
            self.tenant, self.app.app_id
        );
        let user = self.operator.get(&path).await?.data()?["user"].clone();
        let token = format!("u-{name}");
        self.keep(&token, USER, &self.app.app_id, &self.tenant, Some(name), TOKEN_LIFE_MS)?;
        Ok(Person {
            user_id: name.to_owned(),
            open_id: text(&user, "open_id")?,
            union_id: text(&user, "union_id")?,
            client: self.app.client.with_token(&token),
        })
    }

    /// A new app with these scopes (all for `None`), and a tenant token of it.
    pub(crate) async fn second_app(
        &self,
        tenant: &str,
        scopes: Option<&[&str]>,
    ) -> Result<(String, Client)> {
        let mut body = json!({"name": "second", "tenant_id": tenant});
        if let Some(scopes) = scopes {
            body["scopes"] = json!(scopes);
        }
        let made = self.operator.post("/larkspur/v1/apps", &body).await?;
        let (id, secret) =
            (text(&made.data()?["app"], "app_id")?, text(made.data()?, "app_secret")?);
        let client = Client::connect(&self.app.client.url, &id, &secret).await?;
        Ok((id, client))
    }

    /// The id the first app has in itself.
    pub(crate) async fn app_open_id(&self) -> Result<String> {
        let client = &self.app.client;
        let docs = json!([{"doc_token": root(client).await?, "doc_type": "folder"}]);
        let body = json!({"request_docs": docs});
        let metas = client.post("/open-apis/drive/v1/metas/batch_query", &body).await?;
        text(&metas.data()?["metas"][0], "owner_id")
    }

    /// Says who is in a chat.
    pub(crate) async fn chat(&self, id: &str, users: &[&str], apps: &[&str]) -> Result<()> {
        let body = json!({"tenant_id": self.tenant, "user_ids": users, "app_ids": apps});
        let path = format!("/larkspur/v1/chats/{id}/members");
        self.operator.call(reqwest::Method::PUT, &path, Some(&body)).await?.data()?;
        Ok(())
    }

    /// Keeps `token` as an issued one that holds for `life_ms` from now.
    pub(crate) fn keep(
        &self,
        token: &str,
        kind: i64,
        app: &str,
        tenant: &str,
        user: Option<&str>,
        life_ms: i64,
    ) -> Result<()> {
        let now_ms = self.app.clock.now_ms();
        let hash = Sha256::digest(token).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let database = rusqlite::Connection::open(self.app.data().join("larkspur.db"))?;
        database.busy_timeout(std::time::Duration::from_secs(20))?;
        // Slots tell tokens of one holder apart; any will do that no server counts up to.
        let slot = i64::from_str_radix(&hash[..12], 16)?;
        database.execute(
            "INSERT INTO tokens (hash, kind, app, tenant, user_id, slot, issued_ms, expires_ms, \
             scopes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            rusqlite::params![
                hash,
                kind,
                app,
                tenant,
                user,
                slot,
                now_ms,
                now_ms + life_ms,
                user.map(|_| "*")
            ],
        )?;
        Ok(())
    }
}

/// A text field that must be there.
pub(crate) fn text(value: &Value, field: &str) -> Result<String> {
    Ok(value[field].as_str().with_context(|| format!("no {field} in {value}"))?.to_owned())
}

/// The root folder of whoever `client` speaks for.
pub(crate) async fn root(client: &Client) -> Result<String> {
    let root = client.get("/open-apis/drive/explorer/v2/root_folder/meta").await?;
    text(root.data()?, "token")
}

/// A new folder in `parent`.
pub(crate) async fn folder(client: &Client, parent: &str, name: &str) -> Result<String> {
    let body = json!({"name": name, "folder_token": parent});
    let made = client.post("/open-apis/drive/v1/files/create_folder", &body).await?;
    text(made.data()?, "token")
}

/// A new file in `parent`.
pub(crate) async fn file(
    client: &Client,
    parent: &str,
    name: &str,
    bytes: &[u8],
) -> Result<String> {
    let size = bytes.len().to_string();
    let parts = [
        ("file_name", name),
        ("parent_type", "explorer"),
        ("parent_node", parent),
        ("size", &size),
        ("file", ""),
    ];
    let answer = client.form("/open-apis/drive/v1/files/upload_all", &parts, bytes).await?;
    text(answer.data()?, "file_token")
}

/// Imports a text as a document into `parent`.
pub(crate) async fn document(
    world: &World,
    client: &Client,
    parent: &str,
    (extension, kind): (&str, &str),
    name: &str,
    bytes: &[u8],
) -> Result<String> {
    let source =
        client.upload(&format!("{name}.{extension}"), extension, kind, bytes.to_vec()).await?;
    let body = json!({"file_extension": extension, "file_token": source, "type": kind,
                      "file_name": name, "point": {"mount_type": 1, "mount_key": parent}});
    let answer = client.post("/open-apis/drive/v1/import_tasks", &body).await?;
    let ticket = text(answer.data()?, "ticket")?;
    let result = client.imported(&ticket, world.app.patience()).await?;
    text(&result, "token")
}

/// Makes somebody a collaborator.
pub(crate) async fn share(
    client: &Client,
    token: &str,
    kind: &str,
    member: (&str, &str),
    perm: &str,
) -> Result<larkspur_tests::client::Answer> {
    let body = json!({"member_type": member.0, "member_id": member.1, "perm": perm});
    let path = format!("/open-apis/drive/v1/permissions/{token}/members?type={kind}");
    client.post(&path, &body).await
}

/// Waits for a folder's task; where it ended.
pub(crate) async fn task(world: &World, client: &Client, task_id: &str) -> Result<String> {
    let deadline = tokio::time::Instant::now() + world.app.patience();
    loop {
        let path = format!("/open-apis/drive/v1/files/task_check?task_id={task_id}");
        let status = text(client.get(&path).await?.data()?, "status")?;
        if status != "process" || tokio::time::Instant::now() > deadline {
            return Ok(status);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
