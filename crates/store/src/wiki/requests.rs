//! Requests to move a document into a wiki by those who may not do it themselves: filed, allowed
//! part by part, decided once.

use larkspur_model::id::{AppId, ObjectToken, SpaceId, TenantId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// What somebody may not do who asks for a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanting {
    /// Take the document away from where it lies.
    pub document: bool,
    /// Put it where it is to lie.
    pub target: bool,
}

impl Wanting {
    /// Whether there is anything.
    pub const fn any(self) -> bool {
        self.document || self.target
    }

    /// What of this is left once `other` is allowed.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self { document: self.document && !other.document, target: self.target && !other.target }
    }

    const fn number(self) -> i64 {
        self.document as i64 + 2 * self.target as i64
    }

    const fn from_number(number: i64) -> Self {
        Self { document: number & 1 != 0, target: number & 2 != 0 }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Somebody has yet to decide.
    Waiting,
    /// It was accepted; a task moves the document.
    Accepted,
    /// It was refused.
    Refused,
}

impl RequestState {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Accepted => 1,
            Self::Refused => 2,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        Ok(match number {
            0 => Self::Waiting,
            1 => Self::Accepted,
            2 => Self::Refused,
            _ => return Err(Error::corrupt("wiki_requests.state")),
        })
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRequest {
    /// Its number.
    pub id: i64,
    /// The tenant.
    pub tenant: TenantId,
    /// The app it was made through.
    pub app: AppId,
    /// Who asks: `user:…` or `app:cli_…`.
    pub requester: String,
    /// The document.
    pub object: ObjectToken,
    /// Where it is to lie.
    pub space: SpaceId,
    /// The node it is to lie under.
    pub parent: Option<ObjectToken>,
    /// What nobody has allowed yet.
    pub wanting: Wanting,
    /// What had to be allowed when it was filed.
    pub wanted: Wanting,
    /// Where it stands.
    pub state: RequestState,
    /// Who decided, and when.
    pub decided: Option<(String, Millis)>,
    /// When it was filed.
    pub created_ms: Millis,
}

macro_rules! columns {
    () => {
        "id, tenant, app, requester, object, space, parent, wanting, wanted, state, decided_by, \
         decided_ms, created_ms"
    };
}

fn read(row: &Row) -> Result<MoveRequest, Error> {
    let parent = row.text(6)?;
    Ok(MoveRequest {
        id: row.int(0)?,
        tenant: row.text(1)?.into(),
        app: row.text(2)?.into(),
        requester: row.text(3)?.to_owned(),
        object: row.text(4)?.into(),
        space: row.text(5)?.into(),
        parent: (!parent.is_empty()).then(|| parent.into()),
        wanting: Wanting::from_number(row.int(7)?),
        wanted: Wanting::from_number(row.int(8)?),
        state: RequestState::from_number(row.int(9)?)?,
        decided: row.opt_text(10)?.map(str::to_owned).zip(row.opt_int(11)?),
        created_ms: row.int(12)?,
    })
}

/// Files a request that waits, in place of an earlier one by the same for the same document.
pub fn file_request(transaction: &mut Transaction, request: &MoveRequest) {
    transaction.run(
        "INSERT INTO wiki_requests (id, tenant, app, requester, object, space, parent, wanting, \
         wanted, state, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, $9) \
         ON CONFLICT (object, requester) WHERE state = 0 DO UPDATE SET app = excluded.app, \
         space = excluded.space, parent = excluded.parent, wanting = excluded.wanting, \
         wanted = excluded.wanted, created_ms = excluded.created_ms",
        params![
            request.id,
            request.tenant.as_str(),
            request.app.as_str(),
            request.requester.as_str(),
            request.object.as_str(),
            request.space.as_str(),
            request.parent.as_ref().map_or("", ObjectToken::as_str),
            request.wanting.number(),
            request.created_ms
        ],
    );
}

/// The request `id`, of whatever tenant.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn request(db: &Db, id: i64) -> Result<Option<MoveRequest>, Error> {
    let sql = concat!("SELECT ", columns!(), " FROM wiki_requests WHERE id = $1");
    db.query_one(sql, params![id]).await?.as_ref().map(read).transpose()
}

/// Up to `limit` requests of `tenant`, the oldest first, those behind the number `after`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn requests(
    db: &Db,
    tenant: &TenantId,
    after: i64,
    limit: i64,
) -> Result<Vec<MoveRequest>, Error> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM wiki_requests WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    db.query(sql, params![tenant.as_str(), after, limit]).await?.iter().map(read).collect()
}

/// Notes that only `left` is wanting now of what was; [`Error::Conflict`] `request` where somebody
/// else decided at the same moment.
pub fn allow(transaction: &mut Transaction, request: &MoveRequest, left: Wanting) {
    transaction.require(
        "request",
        1,
        "UPDATE wiki_requests SET wanting = $3 WHERE id = $1 AND state = 0 AND wanting = $2",
        params![request.id, request.wanting.number(), left.number()],
    );
}

/// Who decides how.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// `user:…`, `app:cli_…` or `operator`.
    pub by: &'a str,
    /// Whether the move is to happen.
    pub accepts: bool,
    /// Now.
    pub now_ms: Millis,
}

/// Ends a request; [`Error::Conflict`] `request` where it was decided already, or changed since it
/// was read.
pub fn decide(transaction: &mut Transaction, request: &MoveRequest, decision: &Decision<'_>) {
    let state = if decision.accepts { RequestState::Accepted } else { RequestState::Refused };
    let left = if decision.accepts { Wanting::default() } else { request.wanting };
    transaction.require(
        "request",
        1,
        "UPDATE wiki_requests SET state = $3, wanting = $4, decided_by = $5, decided_ms = $6 \
         WHERE id = $1 AND state = 0 AND wanting = $2 AND space = $7 AND parent = $8",
        params![
            request.id,
            request.wanting.number(),
            state.number(),
            left.number(),
            decision.by,
            decision.now_ms,
            request.space.as_str(),
            request.parent.as_ref().map_or("", ObjectToken::as_str)
        ],
    );
}
