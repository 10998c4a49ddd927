//! The answer to a message of OAuth: what it must be before a word of it counts.

use serde_json::Value;

use crate::json::{self, JsonError, excerpt};
use crate::oidc::refusal::Refused;

/// Says what is wrong with the form of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// A status other than success, without a refusal in the body.
    #[error("expected http status 200, found {0}")]
    Status(u16),
    /// A success of another media type.
    #[error("expected content type \"application/json\", found \"{found}\"")]
    ContentType {
        /// What it was.
        found: String,
    },
    /// The body is not the JSON expected.
    #[error("the body is not as expected")]
    Json(#[from] JsonError),
    /// A way of using tokens that this crate does not know.
    #[error("expected token type \"Bearer\" or \"DPoP\", found \"{found}\"")]
    TokenType {
        /// What it was.
        found: String,
    },
    /// A token of another kind than was asked for ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)).
    #[error("expected an access token, found \"{found}\" in \"issued_token_type\"")]
    IssuedTokenType {
        /// What it was.
        found: String,
    },
    /// A token of characters that fit in no header.
    #[error("expected visible ascii characters in \"{member}\", found others")]
    Characters {
        /// The member's name.
        member: &'static str,
    },
}

/// What came in place of a success.
pub(super) enum Failure {
    /// The provider said no, in the words of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
    Refused(Box<Refused>),
    /// It said nothing that can be understood.
    Malformed(AnswerError),
}

/// Reads the body of a success: JSON, without an `error` in it.
pub(super) fn read(answer: &http::Response<Vec<u8>>) -> Result<Value, Failure> {
    let status = answer.status();
    let body = json::parse(answer.body());
    if let Ok(body) = &body
        && let Some(refused) = Refused::read(body, status.as_u16())
    {
        return Err(Failure::Refused(Box::new(refused)));
    }
    if !status.is_success() {
        return Err(Failure::Malformed(AnswerError::Status(status.as_u16())));
    }
    let body = body.map_err(AnswerError::Json);
    let body = body.and_then(|body| check_content_type(answer).map(|()| body));
    body.map_err(Failure::Malformed)
}

fn check_content_type(answer: &http::Response<Vec<u8>>) -> Result<(), AnswerError> {
    match media_type(answer) {
        None => Ok(()),
        Some(found) if found.eq_ignore_ascii_case("application/json") => Ok(()),
        Some(_) => Err(foreign_content_type(answer)),
    }
}

/// Gives the media type of an answer, without its parameters, if it has one.
pub(super) fn media_type(answer: &http::Response<Vec<u8>>) -> Option<&str> {
    let text = content_type(answer)?;
    Some(text.split(';').next().unwrap_or_default().trim())
}

/// Says what media type was found in place of JSON.
pub(super) fn foreign_content_type(answer: &http::Response<Vec<u8>>) -> AnswerError {
    AnswerError::ContentType {
        found: excerpt(content_type(answer).unwrap_or_default()),
    }
}

fn content_type(answer: &http::Response<Vec<u8>>) -> Option<&str> {
    let header = answer.headers().get(http::header::CONTENT_TYPE)?;
    Some(header.to_str().unwrap_or_default())
}
