//! What tests and pages do to a tenant's users and devices.

use serde_json::{Value, json};

use crate::error::Error;
use crate::password;
use crate::random;
use crate::store::{Decision, NewUser, User, object};
use crate::tenant::Shared;

/// How long a subject token lives.
const SUBJECT_TOKEN_SECONDS: i64 = 300;

pub(crate) fn add(app: &Shared, user: NewUser) -> Result<User, Error> {
    let hash = password::hash(&user.password, app.settings.password_cost)?;
    let user = user.into_user(hash, app.clock.now())?;
    app.store.insert_user(&user)?;
    Ok(user)
}

pub(crate) fn set_metadata(app: &Shared, id: &str, metadata: Value) -> Result<User, Error> {
    let metadata = match metadata {
        Value::Null => None,
        other => Some(object(other)?),
    };
    let now = app.clock.now();
    app.store.change_user(id, |user| {
        user.user_metadata = metadata;
        user.updated_at = now;
    })
}

pub(crate) fn approve_device(app: &Shared, user_code: &str, user: &str) -> Result<(), Error> {
    let user = known_user(app, user)?;
    let decision = Decision::Approved {
        user_id: user.user_id,
        sid: random::secret(),
        auth_time: app.clock.now(),
    };
    decide(app, user_code, decision)
}

pub(crate) fn decide(app: &Shared, user_code: &str, decision: Decision) -> Result<(), Error> {
    let now = app.clock.now();
    let waiting = app.store.waiting_device(&user_code.to_uppercase(), now)?;
    let (id, _) = waiting.ok_or(Error::UnknownUserCode)?;
    match app.store.decide(&id, decision, now)? {
        true => Ok(()),
        false => Err(Error::UnknownUserCode),
    }
}

pub(crate) fn subject_token(app: &Shared, user: &str) -> Result<String, Error> {
    let user = known_user(app, user)?;
    let claims = json!({
        "iss": app.issuer,
        "sub": user.user_id,
        "aud": subject_audience(app),
        "exp": app.clock.now() + SUBJECT_TOKEN_SECONDS,
    });
    let token = app.keys.sign(object(claims)?, None)?;
    token.ok_or(Error::Key { what: "used" })
}

/// What tells subject tokens from the tenant's other tokens.
pub(crate) fn subject_audience(app: &Shared) -> String {
    format!("{}oauth/token", app.issuer)
}

/// Finds a user by id or e-mail address.
fn known_user(app: &Shared, named: &str) -> Result<User, Error> {
    let by_id = app.store.user(named)?;
    let found = by_id.map_or_else(|| app.store.user_by_email(named), |user| Ok(Some(user)))?;
    found.ok_or_else(|| Error::UnknownUser {
        id: named.to_owned(),
    })
}
