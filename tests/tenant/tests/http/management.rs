//! `/api/v2/users/{id}`.

use serde_json::{Value, json};
use tenant::{Mutation, Tenant};

use crate::common::*;

struct Api {
    tenant: Tenant,
    browser: Browser,
    token: String,
}

impl Api {
    async fn open(scope: &str) -> Self {
        Self::of(start().await, scope).await
    }

    async fn of(tenant: Tenant, scope: &str) -> Self {
        let browser = Browser::new(&tenant);
        let tokens = browser
            .tokens(&with(params(&tenant), "scope", scope), "ada@example.com")
            .await;
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        Self {
            tenant,
            browser,
            token,
        }
    }

    fn url(&self, id: &str) -> String {
        format!("{}users/{}", self.tenant.audience(), id.replace('|', "%7C"))
    }

    async fn get(&self, id: &str, token: &str) -> (u16, Value) {
        let response = self
            .browser
            .http
            .get(self.url(id))
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn patch(&self, body: &str) -> (u16, Value) {
        let request = self
            .browser
            .http
            .patch(self.url(ADA))
            .bearer_auth(&self.token);
        let request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    fn metadata(&self) -> Value {
        let users = self.tenant.users().unwrap();
        json!(
            users
                .iter()
                .find(|user| user.user_id == ADA)
                .unwrap()
                .user_metadata
        )
    }
}

#[tokio::test]
async fn without_a_good_token_the_answer_is_401() {
    let api = Api::open(SCOPE).await;
    let missing = api.browser.http.get(api.url(ADA)).send().await.unwrap();
    assert_eq!(missing.status(), 401);
    let body: Value = missing.json().await.unwrap();
    assert_eq!(
        (&body["statusCode"], &body["error"]),
        (&json!(401), &json!("Unauthorized"))
    );

    assert_eq!(api.get(ADA, "made-up").await.1["message"], "Invalid token");
    assert_eq!(api.get(ADA, &format!("{}x", api.token)).await.0, 401);
    let (head, rest) = api.token.split_once('.').unwrap();
    assert!(!head.is_empty());
    assert_eq!(
        api.get(ADA, &format!("eyJhbGciOiJub25lIn0.{rest}")).await.0,
        401
    );

    let basic = api
        .browser
        .http
        .get(api.url(ADA))
        .header("authorization", "Basic eDp5")
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), 400);

    api.tenant.set_clock_offset(86_401);
    let (status, body) = api.get(ADA, &api.token).await;
    assert_eq!(status, 401);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("Expired token")
    );
}

#[tokio::test]
async fn a_token_for_another_audience_is_not_taken() {
    let tenant = demo()
        .api("https://api.test/", ["read:current_user"])
        .start()
        .await
        .unwrap();
    let browser = Browser::new(&tenant);
    let tokens = browser
        .tokens(
            &with(params(&tenant), "audience", "https://api.test/"),
            "ada@example.com",
        )
        .await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let api = Api {
        tenant,
        browser,
        token,
    };
    let (status, body) = api.get(ADA, &api.token).await;
    assert_eq!(status, 401);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("Bad audience")
    );
}

#[tokio::test]
async fn scopes_and_the_subject_bound_what_a_token_opens() {
    let api = Api::open("openid read:current_user").await;
    let (status, body) = api.patch(r#"{"user_metadata":{"a":1}}"#).await;
    assert_eq!(status, 403);
    assert_eq!(body["errorCode"], "insufficient_scope");
    assert_eq!(
        body["message"],
        "Insufficient scope, expected any of: update:current_user_metadata"
    );
    for id in [GRACE, "auth0|nobody"] {
        assert_eq!(api.get(id, &api.token).await.0, 403, "{id}");
    }
    assert_eq!(api.get(ADA, &api.token).await.0, 200);
    assert_eq!(api.metadata()["theme"], "dark");

    let api = Api::open("openid update:current_user_metadata").await;
    assert_eq!(
        api.get(ADA, &api.token).await.1["errorCode"],
        "insufficient_scope"
    );
    assert_eq!(api.patch(r#"{"user_metadata":{"a":1}}"#).await.0, 200);
}

#[tokio::test]
async fn malformed_changes_change_nothing() {
    let api = Api::open(SCOPE).await;
    let before = api.metadata();
    let cases = [
        ("{", 400, "JSON"),
        ("[]", 400, "Expected type object but found type array"),
        ("{}", 400, "Too few properties"),
        (
            r#"{"user_metadata":"x"}"#,
            400,
            "Expected type object but found type string",
        ),
        (
            r#"{"user_metadata":null}"#,
            400,
            "Expected type object but found type null",
        ),
        (
            r#"{"name":"x"}"#,
            400,
            "Additional properties not allowed: name",
        ),
        (
            r#"{"user_metadata":{"a":1},"app_metadata":{}}"#,
            400,
            "app_metadata",
        ),
    ];
    for (body, status, text) in cases {
        let (got, answer) = api.patch(body).await;
        assert_eq!(got, status, "{body}");
        assert!(
            answer["message"].as_str().unwrap().contains(text),
            "{answer}"
        );
        assert_eq!(answer["statusCode"], status);
    }
    let huge = format!(r#"{{"user_metadata":{{"a":"{}"}}}}"#, "x".repeat(1_100_000));
    assert_eq!(api.patch(&huge).await.0, 413);
    let form = api
        .browser
        .http
        .patch(api.url(ADA))
        .bearer_auth(&api.token)
        .body("a=b")
        .send()
        .await
        .unwrap();
    assert_eq!(form.status(), 415);
    assert_eq!(api.metadata(), before);
}

#[tokio::test]
async fn a_change_merges_at_the_first_level_and_answers_the_whole_user() {
    let api = Api::open(SCOPE).await;
    api.patch(r#"{"user_metadata":{"address":{"home":"a","work":"b"}}}"#)
        .await;
    let (status, user) = api
        .patch(r#"{"user_metadata":{"theme":"light","newsletter":null,"address":{"home":"c"}}}"#)
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        user["user_metadata"],
        json!({ "theme": "light", "address": { "home": "c" } })
    );
    assert_eq!(user["user_id"], ADA);
    assert_eq!(user["identities"][0]["user_id"], "ada000000000000000000001");
    let (_, user) = api.patch(r#"{"user_metadata":{}}"#).await;
    assert!(user.get("user_metadata").is_none());

    let api = Api::of(
        demo().empty_metadata_clears(false).start().await.unwrap(),
        SCOPE,
    )
    .await;
    api.patch(r#"{"user_metadata":{"theme":"light"}}"#).await;
    let (_, user) = api.patch(r#"{"user_metadata":{}}"#).await;
    assert_eq!(user["user_metadata"]["theme"], "light");
}

#[tokio::test]
async fn a_user_without_metadata_has_no_such_member() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let tokens = browser.tokens(&params(&tenant), "grace@example.com").await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let api = Api {
        tenant,
        browser,
        token,
    };
    let (status, user) = api.get(GRACE, &api.token).await;
    assert_eq!(status, 200);
    assert!(user.get("user_metadata").is_none());
    assert_eq!(user["logins_count"], 1);
    let response = api
        .browser
        .http
        .get(format!("{}?fields=user_id,name", api.url(GRACE)));
    let some: Value = response
        .bearer_auth(&api.token)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(some, json!({ "user_id": GRACE, "name": "Grace Hopper" }));
}

#[tokio::test]
async fn a_mutated_id_token_leaves_the_access_token_good() {
    let tenant = start().await;
    let fault = tenant::Fault::IdToken(Mutation::BadSignature);
    tenant.faults().set(tenant::Endpoint::Token, fault, Some(1));
    let api = Api::of(tenant, SCOPE).await;
    assert_eq!(api.get(ADA, &api.token).await.0, 200);
}
