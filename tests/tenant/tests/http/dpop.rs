//! Tokens bound to a key.

use reqwest::Response;
use serde_json::{Value, json};
use tenant::{DpopNonces, Tenant};

use crate::common::*;
use crate::prover::{Proof, Prover};

type Spoil = fn(&mut Proof);

struct Bound {
    tenant: Tenant,
    browser: Browser,
    prover: Prover,
}

impl Bound {
    async fn open(nonces: DpopNonces) -> Self {
        let tenant = demo().dpop_nonces(nonces).start().await.unwrap();
        Self {
            browser: Browser::new(&tenant),
            tenant,
            prover: Prover::new(),
        }
    }

    fn token_url(&self) -> String {
        format!("{}oauth/token", self.tenant.issuer())
    }

    async fn code(&self) -> String {
        let params = with(
            params(&self.tenant),
            "scope",
            &format!("{SCOPE} offline_access"),
        );
        let response = self.browser.authorize(&params).await;
        match location(&response).starts_with(CALLBACK) {
            true => answer(&response)["code"].clone(),
            false => self.browser.code(&params, "ada@example.com").await,
        }
    }

    async fn send(&self, form: &[(&str, &str)], proofs: &[String]) -> Response {
        let mut request = self.browser.http.post(self.token_url()).form(form);
        for proof in proofs {
            request = request.header("dpop", proof);
        }
        request.send().await.unwrap()
    }

    async fn exchange(&self, code: &str, proofs: &[String]) -> Response {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
        ];
        self.send(&form, proofs).await
    }

    async fn refresh(&self, token: &Value, proofs: &[String]) -> (u16, Value) {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT),
            ("refresh_token", token.as_str().unwrap()),
        ];
        read(self.send(&form, proofs).await).await
    }

    fn proof(&self) -> Vec<String> {
        vec![self.prover.proof("POST", &self.token_url())]
    }

    async fn tokens(&self) -> Value {
        let (status, tokens) = read(self.exchange(&self.code().await, &self.proof()).await).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    async fn get(&self, url: &str, scheme: &str, token: &str, proof: Option<String>) -> Response {
        let request = self.browser.http.get(url);
        let mut request = request.header("authorization", format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        request.send().await.unwrap()
    }

    fn resources(&self) -> [String; 2] {
        [
            format!("{}userinfo", self.tenant.issuer()),
            format!(
                "{}users/{}",
                self.tenant.audience(),
                ADA.replace('|', "%7C")
            ),
        ]
    }
}

async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn nonce(response: &Response) -> String {
    response.headers()["dpop-nonce"].to_str().unwrap().into()
}

fn challenge(response: &Response) -> &str {
    response.headers()["www-authenticate"].to_str().unwrap()
}

#[tokio::test]
async fn a_proof_binds_the_tokens_to_its_key() {
    let bound = Bound::open(DpopNonces::default()).await;
    let tokens = bound.tokens().await;
    assert_eq!(tokens["token_type"], "DPoP");
    let claims = bound.browser.verified(&tokens["access_token"]).await;
    assert_eq!(claims["cnf"], json!({ "jkt": bound.prover.thumbprint() }));
    let token = tokens["access_token"].as_str().unwrap();
    for url in bound.resources() {
        let proof = bound.prover.sign(&bound.prover.bearing("GET", &url, token));
        let response = bound.get(&url, "dpop", token, Some(proof)).await;
        assert_eq!(response.status(), 200, "{url}");
        assert!(!response.headers().contains_key("dpop-nonce"));
    }
}

#[tokio::test]
async fn an_opaque_token_is_bound_too() {
    let bound = Bound::open(DpopNonces::default()).await;
    let params = with(params(&bound.tenant), "audience", "");
    let code = bound.browser.code(&params, "ada@example.com").await;
    let (_, tokens) = read(bound.exchange(&code, &bound.proof()).await).await;
    let token = tokens["access_token"].as_str().unwrap();
    let [url, _] = bound.resources();
    assert_eq!(bound.get(&url, "Bearer", token, None).await.status(), 401);
    let proof = bound.prover.sign(&bound.prover.bearing("GET", &url, token));
    let response = bound.get(&url, "DPoP", token, Some(proof)).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_spoilt_proof_gets_no_token_and_leaves_the_code() {
    let bound = Bound::open(DpopNonces::default()).await;
    let code = bound.code().await;
    let url = bound.token_url();
    let spoilt: [(&str, Spoil); 15] = [
        ("typ is not", |proof| proof.header["typ"] = "JWT".into()),
        ("alg is not", |proof| proof.header["alg"] = "none".into()),
        ("alg is not", |proof| proof.header["alg"] = "HS256".into()),
        ("critical", |proof| proof.header["crit"] = json!(["x"])),
        ("no jwk", |proof| proof.header["jwk"] = Value::Null),
        ("is private", |proof| proof.header["jwk"]["d"] = "AA".into()),
        ("not of P-256", |proof| {
            proof.header["jwk"]["crv"] = "P-384".into()
        }),
        ("signature", |proof| {
            proof.header["jwk"] = Prover::new().jwk()
        }),
        ("no jti", |proof| proof.claims["jti"] = "".into()),
        ("another htm", |proof| proof.claims["htm"] = "GET".into()),
        ("another htu", |proof| {
            proof.claims["htu"] = "http://x/".into()
        }),
        ("another htu", |proof| {
            let htu = format!("{}?a=b", proof.claims["htu"].as_str().unwrap());
            proof.claims["htu"] = htu.into();
        }),
        ("iat is not of now", |proof| {
            proof.claims["iat"] = (proof.claims["iat"].as_i64().unwrap() - 310).into();
        }),
        ("iat is not of now", |proof| {
            proof.claims["iat"] = (proof.claims["iat"].as_i64().unwrap() + 310).into();
        }),
        ("no iat", |proof| proof.claims["iat"] = Value::Null),
    ];
    for (what, spoil) in spoilt {
        let mut draft = bound.prover.draft("POST", &url);
        spoil(&mut draft);
        let refused = bound.exchange(&code, &[bound.prover.sign(&draft)]).await;
        let (status, body) = read(refused).await;
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("invalid_dpop_proof")),
            "{what}"
        );
        let description = body["error_description"].as_str().unwrap();
        assert!(description.contains(what), "{what}: {description}");
    }
    let two = [bound.proof(), bound.proof()].concat();
    assert_eq!(bound.exchange(&code, &two).await.status(), 400);
    let good = bound.proof();
    assert_eq!(bound.exchange("made-up", &good).await.status(), 403);
    assert_eq!(
        bound.exchange(&code, &good).await.status(),
        400,
        "a proof is good once"
    );
    assert_eq!(bound.exchange(&code, &bound.proof()).await.status(), 200);
}

#[tokio::test]
async fn the_time_of_a_proof_is_compared_with_the_tenants_clock() {
    let bound = Bound::open(DpopNonces::default()).await;
    bound.tenant.set_clock_offset(400);
    let (status, body) = read(bound.exchange("any", &bound.proof()).await).await;
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
}

#[tokio::test]
async fn a_refresh_token_needs_its_key_and_is_not_used_up_without_it() {
    let bound = Bound::open(DpopNonces::default()).await;
    let tokens = bound.tokens().await;
    let token = &tokens["refresh_token"];
    let (status, body) = bound.refresh(token, &[]).await;
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
    let other = Prover::new().proof("POST", &bound.token_url());
    let (status, body) = bound.refresh(token, &[other]).await;
    assert_eq!((status, &body["error"]), (403, &json!("invalid_grant")));
    let (status, tokens) = bound.refresh(token, &bound.proof()).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("DPoP")));
    let next = &tokens["refresh_token"];
    assert_eq!(bound.refresh(next, &[]).await.0, 400, "its successor too");
    assert_eq!(bound.refresh(next, &bound.proof()).await.0, 200);
}

#[tokio::test]
async fn without_a_proof_tokens_are_bearer_tokens() {
    let bound = Bound::open(DpopNonces {
        token: true,
        resources: true,
        renewed: true,
    })
    .await;
    let response = bound.exchange(&bound.code().await, &[]).await;
    assert!(!response.headers().contains_key("dpop-nonce"));
    let (status, tokens) = read(response).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("Bearer")));
    let token = tokens["access_token"].as_str().unwrap();
    for url in bound.resources() {
        assert_eq!(bound.get(&url, "Bearer", token, None).await.status(), 200);
        let proof = bound.prover.sign(&bound.prover.bearing("GET", &url, token));
        let response = bound.get(&url, "DPoP", token, Some(proof)).await;
        assert_eq!(response.status(), 401, "it is bound to no key");
    }
}

#[tokio::test]
async fn a_code_bound_at_authorize_needs_that_key() {
    let bound = Bound::open(DpopNonces::default()).await;
    bound.code().await;
    let url = bound.token_url();
    let params = with(
        params(&bound.tenant),
        "dpop_jkt",
        &bound.prover.thumbprint(),
    );
    let cases = [
        (vec![], 400, "invalid_dpop_proof"),
        (
            vec![Prover::new().proof("POST", &url)],
            403,
            "invalid_grant",
        ),
    ];
    for (proofs, status, error) in cases {
        let code = answer(&bound.browser.authorize(&params).await)["code"].clone();
        let (got, body) = read(bound.exchange(&code, &proofs).await).await;
        assert_eq!((got, &body["error"]), (status, &json!(error)));
    }
    let code = answer(&bound.browser.authorize(&params).await)["code"].clone();
    assert_eq!(bound.exchange(&code, &bound.proof()).await.status(), 200);
    let odd = with(params, "dpop_jkt", "short");
    let told = answer(&bound.browser.authorize(&odd).await);
    assert_eq!(told["error"], "invalid_request");
}

#[tokio::test]
async fn a_bound_token_opens_nothing_without_its_proof() {
    let bound = Bound::open(DpopNonces::default()).await;
    let tokens = bound.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    for url in bound.resources() {
        let draft = || bound.prover.bearing("GET", &url, token);
        let response = bound.get(&url, "Bearer", token, None).await;
        assert_eq!(response.status(), 401);
        assert!(challenge(&response).starts_with(r#"DPoP error="invalid_token""#));
        let response = bound.get(&url, "DPoP", token, None).await;
        assert!(challenge(&response).starts_with(r#"DPoP error="invalid_dpop_proof""#));

        let mut other_token = draft();
        other_token.claims["ath"] = bound.prover.thumbprint().into();
        let mut no_token = draft();
        no_token.claims.as_object_mut().unwrap().remove("ath");
        let mut other_method = draft();
        other_method.claims["htm"] = "PATCH".into();
        for spoilt in [other_token, no_token, other_method] {
            let proof = bound.prover.sign(&spoilt);
            let response = bound.get(&url, "DPoP", token, Some(proof)).await;
            assert_eq!(response.status(), 401);
            assert!(challenge(&response).contains(r#"error="invalid_dpop_proof""#));
        }
        let other = Prover::new();
        let proof = other.sign(&other.bearing("GET", &url, token));
        let response = bound.get(&url, "DPoP", token, Some(proof)).await;
        assert!(challenge(&response).contains(r#"error="invalid_token""#));

        let proof = bound.prover.sign(&draft());
        let response = bound.get(&url, "DPoP", token, Some(proof.clone())).await;
        assert_eq!(response.status(), 200);
        let again = bound.get(&url, "DPoP", token, Some(proof)).await;
        assert_eq!(again.status(), 401, "a proof is good once");
    }
}

#[tokio::test]
async fn a_demanded_nonce_is_good_until_the_tenant_makes_another() {
    let bound = Bound::open(DpopNonces {
        token: true,
        ..DpopNonces::default()
    })
    .await;
    let url = bound.token_url();
    let code = bound.code().await;
    let refused = bound.exchange(&code, &bound.proof()).await;
    let first = nonce(&refused);
    let (status, body) = read(refused).await;
    assert_eq!((status, &body["error"]), (400, &json!("use_dpop_nonce")));

    let with_first = || vec![bound.prover.with_nonce("POST", &url, &first)];
    let response = bound.exchange(&code, &with_first()).await;
    assert!(!response.headers().contains_key("dpop-nonce"));
    let (status, tokens) = read(response).await;
    assert_eq!(status, 200, "the code was not spent");
    let (status, tokens) = bound.refresh(&tokens["refresh_token"], &with_first()).await;
    assert_eq!(status, 200);

    bound.tenant.rotate_dpop_nonces();
    let (status, body) = bound.refresh(&tokens["refresh_token"], &with_first()).await;
    assert_eq!((status, &body["error"]), (400, &json!("use_dpop_nonce")));
    bound.tenant.set_dpop_nonces(DpopNonces::default());
    let (status, _) = bound
        .refresh(&tokens["refresh_token"], &bound.proof())
        .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn renewed_nonces_come_with_every_answer_and_the_last_two_are_good() {
    let bound = Bound::open(DpopNonces {
        token: true,
        resources: true,
        renewed: true,
    })
    .await;
    let url = bound.token_url();
    let first = nonce(&bound.exchange("any", &bound.proof()).await);
    let ask = async |nonce: &str| {
        let proof = bound.prover.with_nonce("POST", &url, nonce);
        bound.exchange("any", &[proof]).await
    };
    let answered = ask(&first).await;
    assert_eq!(answered.status(), 403);
    let second = nonce(&answered);
    assert_ne!(first, second);
    let answered = ask(&first).await;
    assert_eq!(answered.status(), 403, "the one before is good");
    let third = nonce(&answered);
    assert_eq!(ask(&first).await.status(), 400);
    assert_eq!(ask(&third).await.status(), 403);
}

#[tokio::test]
async fn resources_demand_nonces_by_a_challenge() {
    let bound = Bound::open(DpopNonces {
        resources: true,
        ..DpopNonces::default()
    })
    .await;
    let tokens = bound.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    for url in bound.resources() {
        let proof = bound.prover.sign(&bound.prover.bearing("GET", &url, token));
        let response = bound.get(&url, "DPoP", token, Some(proof)).await;
        assert_eq!(response.status(), 401);
        assert!(challenge(&response).starts_with(r#"DPoP error="use_dpop_nonce""#));
        let mut draft = bound.prover.bearing("GET", &url, token);
        draft.claims["nonce"] = nonce(&response).into();
        let proof = Some(bound.prover.sign(&draft));
        let response = bound.get(&url, "DPoP", token, proof).await;
        assert_eq!(response.status(), 200, "{url}");
    }
}

#[tokio::test]
async fn nonces_are_set_over_the_control_interface() {
    let bound = Bound::open(DpopNonces::default()).await;
    let at = |path: &str| format!("{}{path}", bound.tenant.control_url());
    let http = plain_client();
    let put = http.put(at("dpop_nonces")).json(&json!({ "token": true }));
    let whole = json!({ "token": true, "resources": false, "renewed": false });
    assert_eq!(read(put.send().await.unwrap()).await, (200, whole.clone()));
    let got = http.get(at("dpop_nonces")).send().await.unwrap();
    assert_eq!(read(got).await.1, whole);
    let refused = bound.exchange("any", &bound.proof()).await;
    assert_eq!(refused.status(), 400);
    let rotated = http.post(at("dpop_nonces/rotate")).send().await.unwrap();
    assert_eq!(rotated.status(), 204);
    let proof = bound
        .prover
        .with_nonce("POST", &bound.token_url(), &nonce(&refused));
    assert_eq!(bound.exchange("any", &[proof]).await.status(), 400);
}

#[tokio::test]
async fn discovery_names_the_algorithm() {
    let tenant = start().await;
    let url = format!("{}.well-known/openid-configuration", tenant.issuer());
    let metadata: Value = plain_client()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        metadata["dpop_signing_alg_values_supported"],
        json!(["ES256"])
    );
}
