//! Signing keys.

use crate::common::*;

#[tokio::test]
async fn tokens_of_the_key_before_verify_until_it_is_retired() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let old = browser.tokens(&params(&tenant), "ada@example.com").await;
    let kid = tenant.rotate_keys().unwrap();
    assert_eq!(browser.jwks().await.keys.len(), 2);
    browser.verified(&old["id_token"]).await;

    let code = answer(&browser.authorize(&params(&tenant)).await)["code"].clone();
    let (_, new) = browser.exchange(&code).await;
    let header = jsonwebtoken::decode_header(new["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(header.kid.as_deref(), Some(kid.as_str()));
    browser.verified(&new["id_token"]).await;

    tenant.retire_old_keys().unwrap();
    assert_eq!(browser.jwks().await.keys.len(), 1);
    let unknown = browser.verify(old["id_token"].as_str().unwrap()).await;
    assert_eq!(unknown.unwrap_err(), "unknown kid");
}

#[tokio::test]
async fn published_keys_say_what_they_are_for() {
    let tenant = start().await;
    let url = format!("{}.well-known/jwks.json", tenant.issuer());
    let jwks: serde_json::Value = plain_client()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let key = &jwks["keys"][0];
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"]),
        (&"RSA".into(), &"sig".into(), &"RS256".into())
    );
    assert_eq!(key["e"], "AQAB");
    assert_eq!(key["n"].as_str().unwrap().len(), 342, "2048 bits");
    assert!(key.get("d").is_none());
}

#[tokio::test]
async fn metadata_names_what_is_there() {
    let tenant = demo()
        .authorization_response_iss(true)
        .start()
        .await
        .unwrap();
    let url = format!("{}.well-known/openid-configuration", tenant.issuer());
    let metadata: serde_json::Value = plain_client()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(metadata["issuer"], tenant.issuer());
    assert!(tenant.issuer().ends_with('/'));
    assert_eq!(
        metadata["token_endpoint"],
        format!("{}oauth/token", tenant.issuer())
    );
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
}
