//! The configuration file.

use dioxus_auth0::config::{Config, Settings};
use serde_json::Value;

use super::discovery::assert_safe;
use crate::secrecy::told;

/// What is accepted has no key that means nothing, and is a configuration with a safe provider or says which key is wrong.
pub fn run(bytes: &[u8]) {
    let settings = match Settings::parse(bytes) {
        Ok(settings) => settings,
        Err(error) => {
            let told = told(&error);
            assert!(!told.contains('\n') || told.len() < 4 * bytes.len() + 1_000);
            return;
        }
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file: Value = serde_json::from_slice(text).expect("what is accepted is JSON");
    let is = |key: &str, read: Option<&str>| {
        assert_eq!(file[key].as_str(), read, "{key}");
    };
    is("domain", settings.domain.as_deref());
    is("issuer", settings.issuer.as_deref());
    is("audience", settings.audience.as_deref());
    is("scope", settings.scope.as_deref());
    is("organization", settings.organization.as_deref());
    is("redirectUri", settings.redirect_uri.as_deref());
    is("apiUrl", settings.api_url.as_deref());
    assert_eq!(
        file["clientId"].as_str().unwrap_or_default(),
        settings.client_id
    );
    let is_on = |key: &str| file[key].as_bool().unwrap_or(false);
    assert_eq!(is_on("useDpop"), settings.use_dpop);
    assert_eq!(is_on("useRefreshTokens"), settings.use_refresh_tokens);

    match Config::new(&settings) {
        Ok(config) => {
            assert_safe(config.issuer.url(), true);
            assert!(!config.client_id.trim().is_empty());
            assert!(config.scope.contains("openid"));
            assert!(!config.loopback_ports.is_empty());
            if let Some(url) = &config.api_url {
                assert!(matches!(url.scheme(), "http" | "https") && url.has_host());
            }
        }
        Err(error) => assert!(error.key().is_some(), "{error}"),
    }
}
