//! The records of the store, as they are kept.

use serde::{Deserialize, Serialize};

use crate::authorize::AuthorizeRequest;
use crate::clock::Seconds;

/// A browser's login at the tenant, kept under the hash of its cookie.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) user_id: String,
    pub(crate) sid: String,
    pub(crate) auth_time: Seconds,
    pub(crate) expires: Seconds,
}

/// One visit of `/authorize`, kept until the browser leaves for the application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) request: AuthorizeRequest,
    /// The hash of the browser's own cookie: nobody else may continue.
    pub(crate) browser: String,
    pub(crate) created: Seconds,
    pub(crate) stage: Stage,
    /// The form last sent in vain, to be shown again.
    pub(crate) objection: Option<Objection>,
}

/// What was wrong with a form, and what of it the user need not type again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Objection {
    pub(crate) problem: Problem,
    pub(crate) email: String,
    pub(crate) name: String,
}

/// Why a form was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Problem {
    WrongPassword,
    EmailMalformed,
    EmailTaken,
    PasswordWeak,
}

/// How far a transaction has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    Login,
    Consent {
        user_id: String,
        sid: String,
        auth_time: Seconds,
    },
    Used,
}

/// The organization a user logged in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What a user allowed an application, in one login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) sid: String,
    pub(crate) auth_time: Seconds,
    /// Whether ID tokens carry `auth_time`, which OIDC asks for with `max_age`.
    pub(crate) tells_auth_time: bool,
    pub(crate) organization: Option<Membership>,
    /// Who acts for the user ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)).
    pub(crate) actor: Option<String>,
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scope.iter().any(|held| held == scope)
    }
}

/// An authorization code, kept under its hash and kept on after use to notice a second one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CodeRecord {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    /// Whether the authorization request named the redirect URI; then the token request must too.
    pub(crate) redirect_uri_named: bool,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) expires: Seconds,
    pub(crate) used: bool,
    pub(crate) family: String,
    /// The thumbprint of the key the code is bound to
    /// ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).
    pub(crate) key: Option<String>,
}

/// All refresh tokens descended from one login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) grant: Grant,
    pub(crate) generation: u64,
    pub(crate) rotated_at: Seconds,
    pub(crate) expires: Seconds,
    pub(crate) revoked: bool,
    /// The thumbprint of the key that uses of these tokens must prove
    /// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
    pub(crate) key: Option<String>,
}

/// One refresh token, kept under its hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshRecord {
    pub(crate) family: String,
    pub(crate) generation: u64,
}

/// An access token without audience, good for `/userinfo` alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OpaqueToken {
    pub(crate) grant: Grant,
    pub(crate) expires: Seconds,
    /// The thumbprint of the key the token is bound to.
    pub(crate) key: Option<String>,
}

/// Why a grant was not honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownCode,
    WrongVerifier,
    WrongRedirect {
        sent: Option<String>,
        expected: String,
    },
    UnknownRefreshToken,
    UnknownDevice,
    ExpiredDevice,
    PendingDevice,
    DeniedDevice,
    /// The device asked before this many seconds were over.
    EarlyDevice {
        interval: Seconds,
    },
    NoProof,
    WrongKey,
    MfaRequired,
}
