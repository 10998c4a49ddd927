//! Faults: an endpoint made slow, broken, lying or dead for a test.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A part of the tenant that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/.well-known/jwks.json`
    Jwks,
    /// `/authorize`
    Authorize,
    /// The login, sign-up and consent pages, `/u/…`, and those that let a device in, `/activate` and `/device/…`
    Pages,
    /// `/oauth/token`
    Token,
    /// `/oauth/device/code`
    DeviceCode,
    /// `/oauth/par`
    Par,
    /// `/oauth/revoke`
    Revoke,
    /// `/userinfo`
    UserInfo,
    /// `/v2/logout` and `/oidc/logout`
    Logout,
    /// `GET /api/v2/users/{id}`
    UserRead,
    /// `PATCH /api/v2/users/{id}`
    UserUpdate,
    /// `/orders`
    Orders,
    /// `/pictures/…`
    Pictures,
    /// `/dashboard`
    Dashboard,
}

impl Endpoint {
    pub(crate) fn of(method: &str, path: &str) -> Option<Self> {
        Some(match path {
            "/.well-known/openid-configuration" => Self::Discovery,
            "/.well-known/jwks.json" => Self::Jwks,
            "/authorize" => Self::Authorize,
            "/oauth/token" => Self::Token,
            "/oauth/device/code" => Self::DeviceCode,
            "/activate" | "/device/success" | "/device/denied" => Self::Pages,
            "/oauth/par" => Self::Par,
            "/oauth/revoke" => Self::Revoke,
            "/userinfo" => Self::UserInfo,
            "/v2/logout" | "/oidc/logout" => Self::Logout,
            "/orders" | "/orders/" => Self::Orders,
            _ if path.starts_with("/u/") => Self::Pages,
            _ if path.starts_with("/api/v2/users/") && method == "PATCH" => Self::UserUpdate,
            _ if path.starts_with("/api/v2/users/") => Self::UserRead,
            _ if path.starts_with("/pictures/") => Self::Pictures,
            _ if path.starts_with("/dashboard") => Self::Dashboard,
            _ => return None,
        })
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The right answer, after a wait.
    #[serde(with = "millis")]
    Slow(Duration),
    /// This status and body, and nothing done. A body that starts with `{` is sent as JSON.
    Status(u16, String),
    /// This status, header lines and body, and nothing done.
    Answer {
        /// The status.
        status: u16,
        /// Header names and values.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Status 200 with this body, and nothing done.
    Body {
        /// The `Content-Type`.
        content_type: String,
        /// The body.
        bytes: Vec<u8>,
    },
    /// The connection closed without an answer, and nothing done.
    HangUp,
    /// The request carried out and its answer lost: the connection closed afterwards.
    LoseAnswer,
    /// The request carried out at once and its right answer after a wait.
    #[serde(with = "millis")]
    Late(Duration),
    /// A redirect (302) to this URL, and nothing done.
    Redirect(String),
    /// The right JSON answer with these members replaced; `null` removes one.
    Patch(Value),
    /// The right token response with this done to its ID token.
    IdToken(Mutation),
}

/// What is done to an ID token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mutation {
    /// Sets a claim; the signature is right.
    Set(String, Value),
    /// Leaves a claim out; the signature is right.
    Remove(String),
    /// Appends `1` to a claim that is text; the signature is right.
    Append(String),
    /// Makes a claim that is text an array of it and these; the signature is right.
    Listed(String, Vec<String>),
    /// Lets the token have expired so many seconds before it was issued; the signature is right.
    Expired(i64),
    /// Signed by ES256, with the key that [modules](crate::Module) publish as a decoy.
    SignedEs256,
    /// Names this algorithm in the header. `HS256` is really signed, with the public modulus as the secret.
    Alg(String),
    /// `alg: none` and an empty signature.
    Unsigned,
    /// Signed by a key that is not the published one of this `kid`.
    BadSignature,
    /// A `kid` nobody publishes; the signature is right.
    WrongKid,
    /// No `kid`; the signature is right.
    NoKid,
    /// No ID token in the answer at all.
    Omit,
    /// Something that is no JWT.
    Garbage,
    /// Several of these, in order.
    All(Vec<Mutation>),
}

/// The faults in force. Cheap to look at; shared with the running tenant.
#[derive(Debug, Default)]
pub struct Faults {
    queues: Mutex<HashMap<Endpoint, Vec<Planned>>>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    left: Option<u32>,
}

impl Faults {
    /// Makes an endpoint fail, `times` times or until cleared, in place of what was planned for it.
    pub fn set(&self, endpoint: Endpoint, fault: Fault, times: Option<u32>) {
        self.clear_one(endpoint);
        self.then(endpoint, fault, times);
    }

    /// Adds a fault after those already planned for the endpoint.
    pub fn then(&self, endpoint: Endpoint, fault: Fault, times: Option<u32>) {
        self.lock()
            .entry(endpoint)
            .or_default()
            .push(Planned { fault, left: times });
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Ends the faults of one endpoint.
    pub fn clear_one(&self, endpoint: Endpoint) {
        self.lock().remove(&endpoint);
    }

    /// Takes the fault that hits the next request.
    pub(crate) fn strike(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut queues = self.lock();
        let queue = queues.get_mut(&endpoint)?;
        queue.retain(|planned| planned.left != Some(0));
        let next = queue.first_mut()?;
        if let Some(left) = &mut next.left {
            *left -= 1;
        }
        Some(next.fault.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Endpoint, Vec<Planned>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Ok(Duration::from_millis(u64::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_ends_and_the_next_one_follows() {
        let faults = Faults::default();
        faults.set(Endpoint::Token, Fault::HangUp, Some(1));
        faults.then(Endpoint::Token, Fault::LoseAnswer, Some(1));
        assert_eq!(faults.strike(Endpoint::Jwks), None);
        assert_eq!(faults.strike(Endpoint::Token), Some(Fault::HangUp));
        assert_eq!(faults.strike(Endpoint::Token), Some(Fault::LoseAnswer));
        assert_eq!(faults.strike(Endpoint::Token), None);
    }

    #[test]
    fn a_lasting_fault_lasts_until_cleared() {
        let faults = Faults::default();
        faults.set(Endpoint::Jwks, Fault::HangUp, None);
        assert!(faults.strike(Endpoint::Jwks).is_some());
        assert!(faults.strike(Endpoint::Jwks).is_some());
        faults.clear();
        assert!(faults.strike(Endpoint::Jwks).is_none());
    }
}
