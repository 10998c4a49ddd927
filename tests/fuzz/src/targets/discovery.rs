//! The discovery document.

use dioxus_auth0::provider::{Issuer, Metadata};
use url::{Host, Url};

use crate::world::ISSUER;

/// What is accepted speaks of the issuer asked, sends secrets nowhere unsafe, and is read back from the cache as it was.
pub fn run(bytes: &[u8]) {
    for issuer in [ISSUER, "http://127.0.0.1:4400/"] {
        let issuer = Issuer::parse(issuer).expect("a literal issuer is one");
        let Ok(metadata) = Metadata::parse(bytes, &issuer) else {
            continue;
        };
        assert_eq!(metadata.issuer, issuer);
        let is_local = issuer.url().scheme() == "http";
        for url in endpoints(&metadata) {
            assert_safe(url, is_local);
        }
        let again = Metadata::from_value(&metadata.to_value(), &issuer);
        assert_eq!(again.as_ref(), Ok(&metadata));
        let text = metadata.to_value().to_string();
        assert_eq!(Metadata::parse(text.as_bytes(), &issuer), Ok(metadata));
    }
}

fn endpoints(metadata: &Metadata) -> impl Iterator<Item = &Url> {
    let required = [
        &metadata.authorization_endpoint,
        &metadata.token_endpoint,
        &metadata.jwks_uri,
    ];
    let optional = [
        &metadata.userinfo_endpoint,
        &metadata.end_session_endpoint,
        &metadata.revocation_endpoint,
        &metadata.device_authorization_endpoint,
        &metadata.pushed_authorization_request_endpoint,
    ];
    required.into_iter().chain(optional.into_iter().flatten())
}

/// Asserts that secrets may be sent there: https, or http to this machine where that is allowed.
pub(crate) fn assert_safe(url: &Url, may_be_local: bool) {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_safe = url.scheme() == "https" || may_be_local && url.scheme() == "http" && is_loopback;
    assert!(is_safe, "{url}");
    assert!(url.has_host() && url.fragment().is_none(), "{url}");
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{url}"
    );
}
