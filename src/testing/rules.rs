//! What a tenant's administrator decides.

use std::time::Duration;

/// How a [`MemoryProvider`](super::MemoryProvider) behaves towards everybody. The default is a tenant with strict
/// rotation and one API, its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The issuer, with a slash at the end.
    pub issuer: String,
    /// The one client that is known.
    pub client_id: String,
    /// The APIs that tokens are given for; the base of the URLs they answer at.
    pub audiences: Vec<String>,
    /// What becomes of a refresh token that is used.
    pub rotation: Rotation,
    /// The further APIs that every refresh token may be traded for (Auth0's multi-resource refresh tokens). The
    /// `audience` of a refresh that is not among them is ignored, as Auth0 does.
    pub further: Vec<Resource>,
    /// How long access tokens hold.
    pub access_token_lifetime: Duration,
    /// How long ID tokens hold.
    pub id_token_lifetime: Duration,
    /// How long a family of refresh tokens holds; a rotation does not prolong it.
    pub refresh_token_lifetime: Duration,
    /// How far the provider's clock is ahead of the machine's, in seconds; below zero when it is behind.
    pub ahead: i64,
    /// Whether callbacks bear `iss` ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)).
    pub sends_iss: bool,
    /// Whether a request must be pushed before the user is sent
    /// ([RFC 9126 §5](https://www.rfc-editor.org/rfc/rfc9126#section-5)).
    pub requires_pushed_requests: bool,
    /// Whether tokens are given to those alone who prove a key
    /// ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)). Whoever proves one gets tokens bound to it in any case.
    pub requires_proofs: bool,
    /// The nonce that every such proof must bear, here and at the APIs.
    pub dpop_nonce: Option<String>,
}

/// What becomes of a refresh token that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It stays good, and no answer brings another.
    Off,
    /// Another takes its place. To use it again ends every token of the login, whoever holds it.
    Strict,
    /// As [`Strict`](Self::Strict), but the one that was replaced last may be used again so long after that.
    Overlap(Duration),
}

/// An API that a refresh token may be traded for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The API.
    pub audience: String,
    /// What may be asked of it, separated by spaces.
    pub scope: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            issuer: "https://tenant.example/".into(),
            client_id: "client-1".into(),
            audiences: vec!["https://tenant.example/api/v2/".into()],
            rotation: Rotation::Strict,
            further: Vec::new(),
            access_token_lifetime: Duration::from_secs(7200),
            id_token_lifetime: Duration::from_secs(36_000),
            refresh_token_lifetime: Duration::from_secs(30 * 24 * 3600),
            ahead: 0,
            sends_iss: false,
            requires_pushed_requests: false,
            requires_proofs: false,
            dpop_nonce: None,
        }
    }
}

impl Rules {
    /// Returns the API at `audience`, if a refresh token may be traded for it.
    pub(super) fn further(&self, audience: &str) -> Option<&Resource> {
        let mut further = self.further.iter();
        further.find(|resource| resource.audience == audience)
    }

    /// Says whether there is an API at `audience`.
    pub(super) fn knows(&self, audience: &str) -> bool {
        let is_known = self.audiences.iter().any(|known| known == audience);
        is_known || self.further(audience).is_some()
    }

    /// Returns the API that answers at `url`: the one with the longest base.
    pub(super) fn api_at(&self, url: &str) -> Option<&str> {
        let further = self.further.iter().map(|resource| &resource.audience);
        let bases = self.audiences.iter().chain(further);
        let above = bases.filter(|base| url.starts_with(base.as_str()));
        above.max_by_key(|base| base.len()).map(String::as_str)
    }
}
