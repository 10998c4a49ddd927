//! Which origins may read answers.

use crate::common::*;

async fn ask(method: &str, url: &str, origin: &str) -> reqwest::header::HeaderMap {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let response = plain_client()
        .request(method, url)
        .header("origin", origin)
        .send()
        .await
        .unwrap();
    response.headers().clone()
}

#[tokio::test]
async fn only_registered_origins_may_read() {
    let tenant = start().await;
    let paths = [
        "oauth/token",
        "userinfo",
        "api/v2/users/x",
        ".well-known/jwks.json",
    ];
    for path in paths {
        let url = format!("{}{path}", tenant.issuer());
        for origin in [
            "http://evil.test",
            "http://127.0.0.1:8081",
            "null",
            "http://127.0.0.1:8080.evil.test",
        ] {
            for method in ["GET", "OPTIONS"] {
                let headers = ask(method, &url, origin).await;
                assert!(
                    !headers.contains_key("access-control-allow-origin"),
                    "{method} {path} {origin}"
                );
            }
        }
        let headers = ask("OPTIONS", &url, ORIGIN).await;
        assert_eq!(headers["access-control-allow-origin"], ORIGIN, "{path}");
        assert!(headers["vary"].to_str().unwrap().contains("origin"));
        assert!(!headers.contains_key("access-control-allow-credentials"));
        let allowed = headers["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .to_owned();
        for name in ["authorization", "content-type", "dpop"] {
            assert!(allowed.contains(name), "{path} {name}");
        }
        let methods = headers["access-control-allow-methods"].to_str().unwrap();
        assert_eq!(
            methods.contains("PATCH"),
            path.starts_with("api/"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn pages_are_for_no_origin() {
    let tenant = start().await;
    for path in ["authorize", "dashboard", "u/login", "v2/logout"] {
        let headers = ask("GET", &format!("{}{path}", tenant.issuer()), ORIGIN).await;
        assert!(
            !headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn refusals_can_be_read_too() {
    let tenant = start().await;
    let headers = ask("GET", &format!("{}api/v2/users/x", tenant.issuer()), ORIGIN).await;
    assert_eq!(headers["access-control-allow-origin"], ORIGIN);
    tenant.faults().set(
        tenant::Endpoint::Discovery,
        tenant::Fault::Status(503, "busy".into()),
        None,
    );
    let url = format!("{}.well-known/openid-configuration", tenant.issuer());
    assert_eq!(
        ask("GET", &url, ORIGIN).await["access-control-allow-origin"],
        ORIGIN
    );
}

#[tokio::test]
async fn pages_may_read_what_a_refusal_says_of_the_next_try() {
    let tenant = start().await;
    for path in ["oauth/token", "oauth/par", "userinfo", "api/v2/users/x"] {
        let headers = ask("POST", &format!("{}{path}", tenant.issuer()), ORIGIN).await;
        let exposed = headers["access-control-expose-headers"].to_str().unwrap();
        let exposed: Vec<_> = exposed.split(", ").collect();
        for name in [
            "dpop-nonce",
            "www-authenticate",
            "retry-after",
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
        ] {
            assert!(exposed.contains(&name), "{path} {name}");
        }
    }
}
