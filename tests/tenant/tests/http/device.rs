//! Devices that are let in elsewhere.

use std::time::Duration;

use serde_json::{Value, json};
use tenant::{Application, Builder, DEMO_PASSWORD, Endpoint, Fault, Tenant};

use crate::common::*;
use crate::prover::Prover;

const TV: &str = "tv";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn with_tv(first_party: bool) -> Builder {
    let tv = Application::new(TV).name("Telly").device_code(true);
    demo().application(tv.first_party(first_party))
}

struct Device {
    tenant: Tenant,
    http: reqwest::Client,
    codes: Value,
}

impl Device {
    async fn open(builder: Builder) -> Self {
        let tenant = builder.start().await.unwrap();
        let http = plain_client();
        let form = [
            ("client_id", TV.to_owned()),
            (
                "scope",
                "openid profile offline_access read:orders".to_owned(),
            ),
            ("audience", tenant.orders_audience()),
        ];
        let (status, codes) = send(&http, &tenant, "oauth/device/code", &form, None).await;
        assert_eq!(status, 200, "{codes}");
        Self {
            tenant,
            http,
            codes,
        }
    }

    fn code(&self) -> &str {
        self.codes["user_code"].as_str().unwrap()
    }

    async fn poll_with(&self, client: &str, proof: Option<String>) -> (u16, Value) {
        let form = [
            ("grant_type", GRANT),
            ("client_id", client),
            ("device_code", self.codes["device_code"].as_str().unwrap()),
        ];
        send(&self.http, &self.tenant, "oauth/token", &form, proof).await
    }

    async fn poll(&self) -> (u16, Value) {
        self.poll_with(TV, None).await
    }

    async fn hears(&self, status: u16, error: &str) {
        let (got, body) = self.poll().await;
        assert_eq!((got, &body["error"]), (status, &json!(error)));
    }
}

async fn send<K: AsRef<str>, V: AsRef<str>>(
    http: &reqwest::Client,
    tenant: &Tenant,
    path: &str,
    form: &[(K, V)],
    proof: Option<String>,
) -> (u16, Value) {
    let form: Vec<_> = form.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
    let mut request = http.post(format!("{}{path}", tenant.issuer())).form(&form);
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_codes_say_where_and_how_long() {
    let device = Device::open(with_tv(true)).await;
    let (codes, issuer) = (&device.codes, device.tenant.issuer());
    let code = device.code();
    let is_letter = |byte: u8| b"BCDFGHJKLMNPQRSTVWXZ".contains(&byte);
    assert_eq!((code.len(), &code[4..5]), (9, "-"));
    assert!(code.replace('-', "").bytes().all(is_letter), "{code}");
    assert_eq!(codes["verification_uri"], format!("{issuer}activate"));
    assert_eq!(
        codes["verification_uri_complete"],
        format!("{issuer}activate?user_code={code}")
    );
    assert_eq!(
        (&codes["expires_in"], &codes["interval"]),
        (&json!(900), &json!(5))
    );

    let url = format!("{issuer}.well-known/openid-configuration");
    let metadata = plain_client().get(url).send().await.unwrap();
    let metadata: Value = metadata.json().await.unwrap();
    assert_eq!(
        metadata["device_authorization_endpoint"],
        format!("{issuer}oauth/device/code")
    );
}

#[tokio::test]
async fn only_applications_that_may_get_codes() {
    let tenant = with_tv(true).start().await.unwrap();
    let http = plain_client();
    let cases = [
        (CLIENT, "", 403, "unauthorized_client"),
        ("nobody", "", 401, "access_denied"),
        (TV, "https://nobody.test/", 403, "access_denied"),
    ];
    for (client, audience, status, error) in cases {
        let form = [("client_id", client), ("audience", audience)];
        let (got, body) = send(&http, &tenant, "oauth/device/code", &form, None).await;
        assert_eq!((got, &body["error"]), (status, &json!(error)), "{client}");
    }
    let form = [
        ("grant_type", GRANT),
        ("client_id", CLIENT),
        ("device_code", "x"),
    ];
    let (status, body) = send(&http, &tenant, "oauth/token", &form, None).await;
    assert_eq!(
        (status, &body["error"]),
        (403, &json!("unauthorized_client"))
    );
    let form = [
        ("grant_type", GRANT),
        ("client_id", TV),
        ("device_code", "x"),
    ];
    let (status, body) = send(&http, &tenant, "oauth/token", &form, None).await;
    assert_eq!((status, &body["error"]), (403, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_user_lets_the_device_in_on_the_page() {
    let device = Device::open(with_tv(false)).await;
    device.hears(403, "authorization_pending").await;
    let browser = Browser::new(&device.tenant);
    let page = browser
        .open(&format!("/activate?user_code={}", device.code()))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains(device.code()));
    let go_on = [("decision", "go_on")];
    let login = browser.submit_in_vain(&page, &go_on).await;
    assert!(login.html.contains("Telly"));
    let form = [("email", "ada@example.com"), ("password", DEMO_PASSWORD)];
    let consent = browser.submit_in_vain(&login, &form).await;
    assert!(consent.html.contains("Read your orders"));
    let response = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_eq!(location(&response), "/device/success");
    let done = browser.open("/device/success").await;
    assert!(done.html.contains("connected"));

    device.tenant.set_clock_offset(5);
    let (status, tokens) = device.poll().await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["scope"], "openid profile offline_access read:orders");
    let claims = browser.verified(&tokens["id_token"]).await;
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!(ADA), &json!(TV)));
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", TV),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(browser.token(&refresh).await.0, 200);
    device.tenant.set_clock_offset(10);
    device.hears(403, "invalid_grant").await;
}

#[tokio::test]
async fn a_session_needs_the_code_alone() {
    let device = Device::open(with_tv(true)).await;
    let browser = Browser::new(&device.tenant);
    browser
        .code(&params(&device.tenant), "ada@example.com")
        .await;
    let page = browser.open("/activate").await;
    let typed = device.code().to_lowercase().replace('-', " ");
    let form = [("user_code", typed.as_str()), ("decision", "go_on")];
    let response = browser.submit(&page, &form).await;
    assert_eq!(location(&response), "/device/success");
    assert_eq!(device.poll().await.0, 200);
}

#[tokio::test]
async fn a_user_may_deny_at_every_step() {
    let at_the_code = Device::open(with_tv(true)).await;
    let browser = Browser::new(&at_the_code.tenant);
    let path = format!("/activate?user_code={}", at_the_code.code());
    let page = browser.open(&path).await;
    let response = browser.submit(&page, &[("decision", "deny")]).await;
    assert_eq!(location(&response), "/device/denied");
    at_the_code.hears(403, "access_denied").await;

    let at_the_consent = Device::open(with_tv(false)).await;
    let browser = Browser::new(&at_the_consent.tenant);
    let path = format!("/activate?user_code={}", at_the_consent.code());
    let page = browser.open(&path).await;
    let login = browser
        .submit_in_vain(&page, &[("decision", "go_on")])
        .await;
    let form = [("email", "ada@example.com"), ("password", DEMO_PASSWORD)];
    let consent = browser.submit_in_vain(&login, &form).await;
    let denied = browser
        .submit_in_vain(&consent, &[("decision", "deny")])
        .await;
    assert!(denied.html.contains("not connected"));
    at_the_consent.hears(403, "access_denied").await;

    let blocked = Device::open(with_tv(true)).await;
    let browser = Browser::new(&blocked.tenant);
    let page = browser
        .open(&format!("/activate?user_code={}", blocked.code()))
        .await;
    let login = browser
        .submit_in_vain(&page, &[("decision", "go_on")])
        .await;
    let form = [
        ("email", "mallory@example.com"),
        ("password", DEMO_PASSWORD),
    ];
    let response = browser.submit(&login, &form).await;
    assert_eq!(location(&response), "/device/denied");
    blocked.hears(403, "access_denied").await;
}

#[tokio::test]
async fn a_wrong_code_or_a_foreign_form_lets_nobody_in() {
    let device = Device::open(with_tv(true)).await;
    let browser = Browser::new(&device.tenant);
    let page = browser.open("/activate").await;
    let form = [("user_code", "AAAA-AAAA"), ("decision", "go_on")];
    let response = browser.submit(&page, &form).await;
    assert_eq!(response.status(), 400);
    let html = response.text().await.unwrap();
    assert!(html.contains("No device waits") && html.contains("AAAA-AAAA"));
    let linked = browser.open("/activate?user_code=AAAA-AAAA").await;
    assert_eq!(linked.status, 400);

    let mut form = page.hidden();
    form.insert("csrf".into(), "forged".into());
    form.insert("user_code".into(), device.code().into());
    assert_eq!(browser.post(&page, &form).await.status(), 403);
    device.hears(403, "authorization_pending").await;
}

#[tokio::test]
async fn a_device_that_asks_too_early_is_slowed_down_for_good() {
    let device = Device::open(with_tv(true).device_interval(Duration::from_secs(2))).await;
    assert_eq!(device.codes["interval"], 2);
    device.hears(403, "authorization_pending").await;
    device.hears(429, "slow_down").await;
    device.tenant.set_clock_offset(4);
    device.hears(429, "slow_down").await;
    device.tenant.set_clock_offset(17);
    device.hears(403, "authorization_pending").await;
    device.tenant.approve_device(device.code(), ADA).unwrap();
    device.tenant.set_clock_offset(20);
    device.hears(429, "slow_down").await;
    device.tenant.set_clock_offset(40);
    assert_eq!(device.poll().await.0, 200);
}

#[tokio::test]
async fn codes_expire_and_that_is_said_once() {
    let lifetime = Duration::from_secs(30);
    let device = Device::open(with_tv(true).device_code_lifetime(lifetime)).await;
    assert_eq!(device.codes["expires_in"], 30);
    device.tenant.set_clock_offset(31);
    assert!(device.tenant.approve_device(device.code(), ADA).is_err());
    device.hears(403, "expired_token").await;
    device.hears(403, "invalid_grant").await;
}

#[tokio::test]
async fn a_device_code_is_its_clients_own() {
    let other = Application::new("radio").device_code(true);
    let device = Device::open(with_tv(true).application(other)).await;
    device.tenant.approve_device(device.code(), ADA).unwrap();
    let (status, body) = device.poll_with("radio", None).await;
    assert_eq!((status, &body["error"]), (403, &json!("invalid_grant")));
    assert_eq!(device.poll().await.0, 200);
}

#[tokio::test]
async fn a_devices_tokens_can_be_bound_to_a_key() {
    let device = Device::open(with_tv(true)).await;
    device
        .tenant
        .approve_device(device.code(), "ada@example.com")
        .unwrap();
    let prover = Prover::new();
    let url = format!("{}oauth/token", device.tenant.issuer());
    let proof = prover.proof("POST", &url);
    let (status, tokens) = device.poll_with(TV, Some(proof)).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("DPoP")));
    let browser = Browser::new(&device.tenant);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", TV),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(
        browser.token(&refresh).await.0,
        400,
        "the refresh token too"
    );
}

#[tokio::test]
async fn a_test_decides_without_a_browser() {
    let device = Device::open(with_tv(true)).await;
    let at = |path: &str| format!("{}devices/{path}", device.tenant.control_url());
    let approve = async |code: &str, user: &str| {
        let url = at(&format!("{code}/approve"));
        let request = device.http.post(url).json(&json!({ "user": user }));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(approve(device.code(), "nobody@example.com").await, 404);
    assert_eq!(approve("AAAA-AAAA", ADA).await, 404);
    assert_eq!(approve(device.code(), "grace@example.com").await, 204);
    assert_eq!(approve(device.code(), ADA).await, 404, "it is decided");
    let (_, tokens) = device.poll().await;
    let browser = Browser::new(&device.tenant);
    assert_eq!(browser.verified(&tokens["id_token"]).await["sub"], GRACE);

    let device = Device::open(with_tv(true)).await;
    let url = format!(
        "{}devices/{}/deny",
        device.tenant.control_url(),
        device.code()
    );
    assert_eq!(device.http.post(url).send().await.unwrap().status(), 204);
    device.hears(403, "access_denied").await;
    let device = Device::open(with_tv(true)).await;
    device.tenant.deny_device(device.code()).unwrap();
    device.hears(403, "access_denied").await;
}

#[tokio::test]
async fn the_device_endpoint_can_fail() {
    let tenant = with_tv(true).start().await.unwrap();
    let fault = Fault::Status(503, "{}".into());
    tenant.faults().set(Endpoint::DeviceCode, fault, Some(1));
    let form = [("client_id", TV)];
    let (status, _) = send(&plain_client(), &tenant, "oauth/device/code", &form, None).await;
    assert_eq!(status, 503);
}
