use dioxus_auth0::json::JsonError;
use dioxus_auth0::provider::{Issuer, IssuerError, Metadata, MetadataError};
use serde_json::{Value, json};

const ISSUER: &str = "https://tenant.auth0.com/";

fn issuer() -> Issuer {
    Issuer::parse(ISSUER).unwrap()
}

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://tenant.auth0.com/authorize",
        "token_endpoint": "https://tenant.auth0.com/oauth/token",
        "jwks_uri": "https://tenant.auth0.com/.well-known/jwks.json",
        "userinfo_endpoint": "https://tenant.auth0.com/userinfo",
        "end_session_endpoint": "https://tenant.auth0.com/oidc/logout",
        "revocation_endpoint": "https://tenant.auth0.com/oauth/revoke",
        "device_authorization_endpoint": "https://tenant.auth0.com/oauth/device/code",
        "pushed_authorization_request_endpoint": "https://tenant.auth0.com/oauth/par",
        "require_pushed_authorization_requests": true,
        "dpop_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn with(member: &str, value: Value) -> Result<Metadata, MetadataError> {
    let mut document = document();
    document[member] = value;
    Metadata::parse(document.to_string().as_bytes(), &issuer())
}

fn insecure(scheme: &str, host: &str) -> IssuerError {
    IssuerError::Insecure {
        scheme: scheme.into(),
        host: host.into(),
    }
}

#[test]
fn a_domain_that_is_none_is_rejected() {
    for (domain, refused) in [
        ("", IssuerError::Empty),
        ("  ", IssuerError::Empty),
        (
            "http://tenant.auth0.com",
            insecure("http", "tenant.auth0.com"),
        ),
        (
            "http://127.0.0.1.evil.example",
            insecure("http", "127.0.0.1.evil.example"),
        ),
        (
            "http://localhost.evil.example",
            insecure("http", "localhost.evil.example"),
        ),
        ("http://10.0.0.1:4400", insecure("http", "10.0.0.1")),
        ("http://[::2]:4400", insecure("http", "[::2]")),
        (
            "ftp://tenant.auth0.com",
            insecure("ftp", "tenant.auth0.com"),
        ),
        (
            "tenant.auth0.com/path",
            IssuerError::Unexpected { part: "a path" },
        ),
        (
            "tenant.auth0.com?a=b",
            IssuerError::Unexpected { part: "a query" },
        ),
        (
            "tenant.auth0.com#a",
            IssuerError::Unexpected { part: "a fragment" },
        ),
        (
            "user@tenant.auth0.com",
            IssuerError::Unexpected {
                part: "a user name",
            },
        ),
        (
            "https://u:p@tenant.auth0.com",
            IssuerError::Unexpected {
                part: "a user name",
            },
        ),
    ] {
        assert_eq!(Issuer::from_domain(domain), Err(refused), "{domain}");
    }
    for domain in [
        "tenant auth0.com",
        "ten\\ant",
        "https://",
        "javascript:alert(1)",
        "tenant.auth0.com:99999",
        "a\tb",
    ] {
        let error = Issuer::from_domain(domain).unwrap_err();
        assert!(
            matches!(error, IssuerError::Url { .. }),
            "{domain}: {error:?}"
        );
    }
}

#[test]
fn a_domain_gives_the_issuer_auth0_writes() {
    for (domain, issuer) in [
        ("tenant.auth0.com", "https://tenant.auth0.com/"),
        (" Tenant.EU.auth0.com ", "https://tenant.eu.auth0.com/"),
        ("https://tenant.auth0.com", "https://tenant.auth0.com/"),
        ("https://tenant.auth0.com/", "https://tenant.auth0.com/"),
        ("tenant.auth0.com/", "https://tenant.auth0.com/"),
        ("tenant.auth0.com:8443", "https://tenant.auth0.com:8443/"),
        ("http://127.0.0.1:4400", "http://127.0.0.1:4400/"),
        ("http://localhost:4400/", "http://localhost:4400/"),
        ("http://[::1]:4400", "http://[::1]:4400/"),
    ] {
        assert_eq!(
            Issuer::from_domain(domain).unwrap().as_str(),
            issuer,
            "{domain}"
        );
    }
}

#[test]
fn an_issuer_is_kept_to_the_letter() {
    for text in [
        "https://accounts.example",
        "https://accounts.example/",
        "https://Accounts.example/realms/a",
    ] {
        assert_eq!(Issuer::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn an_issuer_that_is_none_is_rejected() {
    for text in [
        "",
        "accounts.example",
        "http://accounts.example",
        "https://a.example?x",
        "https://a.example#x",
        " https://a.example/",
        "https://a.example/\n",
    ] {
        assert!(Issuer::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn an_error_shows_no_query() {
    let error = Issuer::parse("::?token=s3cret").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

/// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest>
#[test]
fn the_discovery_address_loses_one_slash_and_keeps_the_path() {
    for (issuer, address) in [
        (
            "https://example.com",
            "https://example.com/.well-known/openid-configuration",
        ),
        (
            "https://example.com/",
            "https://example.com/.well-known/openid-configuration",
        ),
        (
            "https://example.com/issuer1",
            "https://example.com/issuer1/.well-known/openid-configuration",
        ),
        (
            "https://example.com/issuer1/",
            "https://example.com/issuer1/.well-known/openid-configuration",
        ),
    ] {
        assert_eq!(
            Issuer::parse(issuer).unwrap().discovery_url().as_str(),
            address
        );
    }
}

#[test]
fn metadata_of_another_issuer_are_rejected() {
    for found in [
        "https://tenant.auth0.com/INVALID",
        "https://tenant.auth0.com",
        "https://tenant.auth0.com//",
        "https://TENANT.auth0.com/",
        "",
    ] {
        let refused = MetadataError::Issuer {
            expected: ISSUER.into(),
            found: found.into(),
        };
        assert_eq!(with("issuer", found.into()), Err(refused));
    }
}

#[test]
fn metadata_without_a_needed_member_are_rejected() {
    for member in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
    ] {
        let refused = MetadataError::Json(JsonError::Missing {
            member,
            expected: "a string",
        });
        assert_eq!(with(member, Value::Null), Err(refused));
    }
}

#[test]
fn metadata_of_the_wrong_kind_are_rejected() {
    for member in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "end_session_endpoint",
        "revocation_endpoint",
        "device_authorization_endpoint",
        "pushed_authorization_request_endpoint",
        "require_pushed_authorization_requests",
        "dpop_signing_alg_values_supported",
        "code_challenge_methods_supported",
        "id_token_signing_alg_values_supported",
        "authorization_response_iss_parameter_supported",
    ] {
        let error = with(member, json!(1)).unwrap_err();
        let wrong = matches!(
            error,
            MetadataError::Json(JsonError::WrongType { member: found, .. }) if found == member
        );
        assert!(wrong, "{member}: {error:?}");
    }
    for document in ["[]", "\"x\"", "null"] {
        let error = Metadata::parse(document.as_bytes(), &issuer()).unwrap_err();
        assert!(matches!(
            error,
            MetadataError::Json(JsonError::NotAnObject { .. })
        ));
    }
}

#[test]
fn a_page_in_place_of_metadata_is_named() {
    let page = Metadata::parse(b"<!doctype html>", &issuer());
    assert_eq!(page, Err(MetadataError::Json(JsonError::Html)));
}

#[test]
fn an_endpoint_that_is_not_safe_is_rejected() {
    let members = [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "end_session_endpoint",
        "revocation_endpoint",
        "device_authorization_endpoint",
        "pushed_authorization_request_endpoint",
    ];
    let urls = [
        "http://tenant.auth0.com/x",
        "http://127.0.0.1:4400/x",
        "http://localhost/x",
        "javascript:alert(1)",
        "data:,x",
        "/relative",
        "https://user@tenant.auth0.com/x",
        "https://tenant.auth0.com/x#fragment",
        "https://ten\tant.auth0.com/x",
        "",
    ];
    for member in members {
        for url in urls {
            let error = with(member, url.into()).unwrap_err();
            let wrong = matches!(
                error,
                MetadataError::Endpoint { member: found, .. } if found == member
            );
            assert!(wrong, "{member} {url}: {error:?}");
        }
    }
}

#[test]
fn a_provider_without_s256_or_rs256_is_rejected() {
    for (member, expected) in [
        ("code_challenge_methods_supported", "S256"),
        ("id_token_signing_alg_values_supported", "RS256"),
    ] {
        for (list, found) in [(json!([]), ""), (json!(["plain", "ES256"]), "plain, ES256")] {
            let refused = MetadataError::Unsupported {
                member,
                expected,
                found: found.into(),
            };
            assert_eq!(with(member, list), Err(refused));
        }
        assert!(with(member, Value::Null).is_ok());
    }
}

#[test]
fn metadata_are_read_in_full() {
    let metadata = Metadata::parse(document().to_string().as_bytes(), &issuer()).unwrap();
    assert_eq!(metadata.issuer.as_str(), ISSUER);
    assert_eq!(
        metadata.token_endpoint.as_str(),
        "https://tenant.auth0.com/oauth/token"
    );
    assert!(metadata.authorization_response_iss_parameter_supported);
    assert!(metadata.require_pushed_authorization_requests);
    assert_eq!(
        metadata.dpop_signing_alg_values_supported,
        Some(vec!["ES256".to_owned()])
    );
    for (endpoint, address) in [
        (
            metadata.userinfo_endpoint,
            "https://tenant.auth0.com/userinfo",
        ),
        (
            metadata.end_session_endpoint,
            "https://tenant.auth0.com/oidc/logout",
        ),
        (
            metadata.revocation_endpoint,
            "https://tenant.auth0.com/oauth/revoke",
        ),
        (
            metadata.device_authorization_endpoint,
            "https://tenant.auth0.com/oauth/device/code",
        ),
        (
            metadata.pushed_authorization_request_endpoint,
            "https://tenant.auth0.com/oauth/par",
        ),
    ] {
        assert_eq!(endpoint.unwrap().as_str(), address);
    }
}

#[test]
fn metadata_that_promise_nothing_more_are_read() {
    let mut document = document();
    let members = document.as_object_mut().unwrap();
    members.retain(|member, _| {
        [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
        ]
        .contains(&&**member)
    });
    let metadata = Metadata::from_value(&document, &issuer()).unwrap();
    assert_eq!(metadata.device_authorization_endpoint, None);
    assert_eq!(metadata.pushed_authorization_request_endpoint, None);
    assert_eq!(metadata.dpop_signing_alg_values_supported, None);
    assert!(!metadata.require_pushed_authorization_requests);
    assert!(!metadata.authorization_response_iss_parameter_supported);
}

#[test]
fn a_token_endpoint_on_another_host_is_accepted() {
    let metadata = with("token_endpoint", "https://oauth2.example/token".into()).unwrap();
    assert_eq!(metadata.token_endpoint.host_str(), Some("oauth2.example"));
}

#[test]
fn a_tenant_on_this_machine_may_speak_http() {
    let issuer = Issuer::from_domain("http://127.0.0.1:4400").unwrap();
    let document = json!({
        "issuer": "http://127.0.0.1:4400/",
        "authorization_endpoint": "http://127.0.0.1:4400/authorize",
        "token_endpoint": "http://127.0.0.1:4400/oauth/token",
        "jwks_uri": "http://127.0.0.1:4400/.well-known/jwks.json",
    });
    let metadata = Metadata::from_value(&document, &issuer).unwrap();
    assert!(!metadata.authorization_response_iss_parameter_supported);
    assert_eq!(metadata.end_session_endpoint, None);

    let mut away = document;
    away["token_endpoint"] = "http://evil.example/".into();
    assert!(Metadata::from_value(&away, &issuer).is_err());
}

#[test]
fn what_the_cache_holds_reads_back_alike() {
    for metadata in [
        with("x", json!(1)).unwrap(),
        with("userinfo_endpoint", Value::Null).unwrap(),
        with("device_authorization_endpoint", Value::Null).unwrap(),
        with("pushed_authorization_request_endpoint", Value::Null).unwrap(),
        with("require_pushed_authorization_requests", false.into()).unwrap(),
        with("dpop_signing_alg_values_supported", Value::Null).unwrap(),
        with("dpop_signing_alg_values_supported", json!([])).unwrap(),
    ] {
        let again = Metadata::from_value(&metadata.to_value(), &issuer());
        assert_eq!(again, Ok(metadata));
    }
}
