//! The one resource of Auth0's Management API that a user may reach with their own token: themselves.
//!
//! `GET` and `PATCH /api/v2/users/{id}` of the
//! [Management API](https://auth0.com/docs/api/management/v2/users/get-users-by-id).

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiRequest};
use crate::json;

/// The scope that lets a user read their own profile.
pub const READ_CURRENT_USER: &str = "read:current_user";

/// The scope that lets a user change their own metadata.
pub const UPDATE_CURRENT_USER_METADATA: &str = "update:current_user_metadata";

/// What the Management API says about a user, as far as this library knows how to show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserProfile {
    /// What the user may change about themselves, if anything was ever put there.
    pub user_metadata: Option<Map<String, Value>>,
}

/// Asks for the profile of the user `sub`.
///
/// # Examples
///
/// ```
/// let request = dioxus_auth0::management::get_user("auth0|5f7c");
/// assert_eq!(request.path(), "users/auth0%7C5f7c");
/// ```
pub fn get_user(sub: &str) -> ApiRequest {
    ApiRequest::get(user_path(sub)).scope(READ_CURRENT_USER)
}

/// Puts `user_metadata` in place of the user's, member by member.
///
/// The API merges the first level of members, so those of `before` that are gone are sent as `null`.
pub fn update_user_metadata(
    sub: &str,
    before: &Map<String, Value>,
    user_metadata: &Map<String, Value>,
) -> ApiRequest {
    let mut members = user_metadata.clone();
    for gone in before
        .keys()
        .filter(|key| !user_metadata.contains_key(*key))
    {
        members.insert(gone.clone(), Value::Null);
    }
    let body = json::record([("user_metadata", Value::Object(members))]);
    ApiRequest::patch(user_path(sub), body).scope(UPDATE_CURRENT_USER_METADATA)
}

impl UserProfile {
    /// Reads the API's answer to a request about the user `sub`.
    ///
    /// # Errors
    ///
    /// [`ApiError::Malformed`] when the answer is about somebody else or has another shape.
    pub fn read(answer: &Value, sub: &str) -> Result<Self, ApiError> {
        if answer["user_id"].as_str() != Some(sub) {
            return Err(malformed("it is not about the user who is signed in"));
        }
        match &answer["user_metadata"] {
            Value::Null => Ok(Self::default()),
            Value::Object(members) if members.is_empty() => Ok(Self::default()),
            Value::Object(members) => Ok(Self {
                user_metadata: Some(members.clone()),
            }),
            _ => Err(malformed("user_metadata is not an object")),
        }
    }
}

fn malformed(problem: &str) -> ApiError {
    ApiError::Malformed {
        problem: problem.to_owned(),
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 §2.3.
fn user_path(sub: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut path = String::from("users/");
    for byte in sub.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push('%');
            path.push(char::from(HEX[usize::from(byte >> 4)]));
            path.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    path
}
