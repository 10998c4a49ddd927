//! What an app may say about itself.

use std::time::Duration;

use dioxus_auth0::config::{CacheLocation, Config, ConfigError, Flavour, Settings};
use url::Url;

use crate::world::settings;

#[test]
fn a_file_that_cannot_be_used_names_what_is_wrong() {
    let key = |text: &str| {
        let error = Settings::parse(text.as_bytes()).expect_err(text);
        error.key().map(str::to_owned)
    };
    assert_eq!(key(r#"{"domian": "x.auth0.com"}"#), Some("domian".into()));
    assert_eq!(key(r#"{"domain": 1}"#), Some("domain".into()));
    assert_eq!(
        key(r#"{"useRefreshTokens": "yes"}"#),
        Some("useRefreshTokens".into())
    );
    assert_eq!(key(r#"{"useDpop": 1}"#), Some("useDpop".into()));
    assert_eq!(
        key(r#"{"refreshTokenOverlap": -1}"#),
        Some("refreshTokenOverlap".into())
    );
    assert_eq!(
        key(r#"{"cacheLocation": "cookie"}"#),
        Some("cacheLocation".into())
    );
    for ports in [r#""14410""#, "[65536]", "[-1]", "[1.5]", r#"["1"]"#] {
        let text = format!(r#"{{"loopbackPorts": {ports}}}"#);
        assert_eq!(key(&text), Some("loopbackPorts".into()), "{ports}");
    }
    let html = Settings::parse(b"<!DOCTYPE html><html>");
    assert_eq!(html, Err(ConfigError::Html));
    for text in ["", "{", "[]", "null", r#"{"domain":"a","domain":"b"}"#] {
        let error = Settings::parse(text.as_bytes());
        assert!(
            matches!(error, Err(ConfigError::Json { .. })),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn a_file_may_say_where_sessions_are_kept_and_how_they_are_renewed() {
    let file = r#"{
        "domain": "tenant.example", "clientId": "abc", "cacheLocation": "localStorage", "apiUrl": "https://api.example/",
        "useMrrt": true, "useDpop": true, "useFrame": true, "renewAhead": true, "refreshTokenOverlap": 180
    }"#;
    let config = Settings::parse(file.as_bytes()).and_then(|settings| Config::new(&settings));
    let config = config.expect("the file is right");
    assert_eq!(config.cache, CacheLocation::LocalStorage);
    assert_eq!(
        config.api_url.as_ref().map(Url::as_str),
        Some("https://api.example/")
    );
    assert_eq!(config.refresh_token_overlap, Duration::from_secs(180));
    assert!(config.use_mrrt && config.use_dpop && config.use_frame && config.renew_ahead);

    let file = r#"{"domain": "tenant.example", "clientId": "abc", "apiUrl": "ftp://api.example/"}"#;
    let config = Settings::parse(file.as_bytes()).and_then(|settings| Config::new(&settings));
    assert_eq!(config.expect_err("ftp is no API").key(), Some("apiUrl"));
}

#[test]
fn settings_without_a_usable_provider_or_client_are_refused() {
    let key = |change: fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        let error = Config::new(&settings).expect_err("the settings are wrong");
        error.key().map(str::to_owned)
    };
    assert_eq!(
        key(|s| s.domain = Some(String::new())).as_deref(),
        Some("domain")
    );
    assert_eq!(key(|s| s.domain = None).as_deref(), Some("domain"));
    assert_eq!(
        key(|s| s.issuer = Some("https://x.example/".into())).as_deref(),
        Some("issuer")
    );
    assert_eq!(
        key(|s| s.client_id = " ".into()).as_deref(),
        Some("clientId")
    );
    for domain in [
        "http://tenant.example",
        "ftp://tenant.example",
        "tenant.example/path?q=1",
        "a b",
    ] {
        let settings = Settings {
            domain: Some(domain.into()),
            ..settings()
        };
        let error = Config::new(&settings);
        let is_named = matches!(error, Err(ConfigError::Issuer { key: "domain", .. }));
        assert!(is_named, "{domain}: {error:?}");
    }
    for uri in ["/callback", "https://app.example/#/callback", ""] {
        let settings = Settings {
            redirect_uri: Some(uri.into()),
            ..settings()
        };
        let error = Config::new(&settings);
        assert!(
            matches!(error, Err(ConfigError::RedirectUri { .. })),
            "{uri}: {error:?}"
        );
    }
}

#[test]
fn plain_http_is_for_loopback_alone() {
    for domain in [
        "http://127.0.0.1:4400",
        "http://localhost:4400",
        "http://[::1]:4400",
    ] {
        let settings = Settings {
            domain: Some(domain.into()),
            ..settings()
        };
        let config = Config::new(&settings).expect(domain);
        assert_eq!(config.issuer.as_str(), [domain, "/"].concat());
        assert_eq!(config.flavour, Flavour::Auth0);
    }
}

#[test]
fn a_scope_replaces_the_default_and_openid_is_always_there() {
    let scope = |scope: Option<&str>, use_refresh_tokens| {
        let settings = Settings {
            scope: scope.map(str::to_owned),
            use_refresh_tokens,
            ..settings()
        };
        let config = Config::new(&settings).expect("the settings are right");
        config.scope.to_string()
    };
    assert_eq!(scope(None, false), "openid profile email");
    assert_eq!(scope(Some("read:orders"), false), "openid read:orders");
    assert_eq!(scope(Some(""), false), "openid");
    assert_eq!(
        scope(Some("email openid email"), true),
        "openid email offline_access"
    );
}

#[test]
fn no_leeway_means_none() {
    let leeway = |leeway| {
        let settings = Settings {
            leeway,
            ..settings()
        };
        Config::new(&settings)
            .expect("the settings are right")
            .leeway
    };
    assert_eq!(leeway(None), Duration::from_secs(60));
    assert_eq!(leeway(Some(Duration::ZERO)), Duration::ZERO);
}
