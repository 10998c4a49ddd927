//! The way out: URLs that end the session at the provider.

use url::Url;

use crate::secret::{IdToken, State};

/// The longest logout URL that is written with a hint, in bytes; servers refuse longer ones.
const MAX_URL: usize = 8_192;

/// Writes Auth0's [`/v2/logout`](https://auth0.com/docs/api/authentication/logout/auth-0-logout) URL.
///
/// `federated` also logs out of the identity provider behind Auth0.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::logout;
///
/// let issuer = "https://tenant.auth0.com/".parse()?;
/// let url = logout::auth0_logout_url(&issuer, "client", Some("http://127.0.0.1:8080"), false);
/// assert_eq!(
///     url.as_str(),
///     "https://tenant.auth0.com/v2/logout?client_id=client&returnTo=http%3A%2F%2F127.0.0.1%3A8080"
/// );
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn auth0_logout_url(
    issuer: &Url,
    client_id: &str,
    return_to: Option<&str>,
    federated: bool,
) -> Url {
    let mut url = issuer.clone();
    url.set_path("/v2/logout");
    url.set_query(None);
    url.set_fragment(None);
    let mut query = url.query_pairs_mut();
    query.append_pair("client_id", client_id);
    if let Some(return_to) = return_to {
        query.append_pair("returnTo", return_to);
    }
    if federated {
        query.append_key_only("federated");
    }
    drop(query);
    url
}

/// Writes the logout request of
/// [OpenID Connect RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout).
///
/// If the URL would exceed 8 kB, the ID token stays out; `client_id` says enough.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::logout;
///
/// let endpoint = "https://provider.example/logout".parse()?;
/// let url = logout::end_session_url(&endpoint, None, "client", Some("http://127.0.0.1:8080"), None);
/// assert_eq!(
///     url.as_str(),
///     "https://provider.example/logout?client_id=client\
///      &post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8080"
/// );
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn end_session_url(
    endpoint: &Url,
    id_token_hint: Option<&IdToken>,
    client_id: &str,
    post_logout_redirect_uri: Option<&str>,
    state: Option<&State>,
) -> Url {
    let mut url = endpoint.clone();
    let mut query = url.query_pairs_mut();
    if let Some(hint) = id_token_hint {
        query.append_pair("id_token_hint", hint.expose());
    }
    query.append_pair("client_id", client_id);
    if let Some(uri) = post_logout_redirect_uri {
        query.append_pair("post_logout_redirect_uri", uri);
    }
    if let Some(state) = state {
        query.append_pair("state", state.expose());
    }
    drop(query);

    if id_token_hint.is_some() && url.as_str().len() > MAX_URL {
        return end_session_url(endpoint, None, client_id, post_logout_redirect_uri, state);
    }
    url
}
