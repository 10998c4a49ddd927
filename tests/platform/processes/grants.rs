//! The grants that take no browser, and those that take more than one token, end to end over HTTP.

use std::time::Duration;

use serde_json::json;
use tenant::{Endpoint, Fault, Tenant};

use super::{ADA, Scene, is_token};
use crate::files::world::{application, tenant_of};

const LEGACY: &str = "urn:example:legacy-token";

impl Scene {
    /// One whose refresh tokens buy tokens for the orders as well.
    pub(super) async fn new_with_mrrt() -> Self {
        let application = application().refreshes_for("/orders/", ["read:orders"]);
        let tenant = tenant_of(application, Tenant::builder()).await;
        let orders = json!(tenant.orders_audience());
        Self::of(tenant, &[("useMrrt", json!(true)), ("apiUrl", orders)])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_let_in_by_its_user_and_refreshes_like_any_other() {
    let tenant = Tenant::builder().device_interval(Duration::from_secs(1));
    let tenant = tenant_of(application().device_code(true), tenant).await;
    let scene = Scene::of(tenant, &[]);
    let mut device = scene.child();
    let mut other = scene.followers(1).remove(0);
    let code = device.ask("device");
    assert!(!code.starts_with("error"), "{code}");
    device.tell("confirmed");
    scene.until("it asks", || scene.asked("/oauth/token") > 0);
    scene.tenant.approve_device(&code, ADA).expect("it waits");
    let answer = device.answer().expect("it lives");
    assert!(
        answer.starts_with("SignedIn") && answer.ends_with("None"),
        "{answer}"
    );
    assert_eq!(device.ask("who"), ADA);
    assert!(
        other
            .ask(&format!("until {ADA} 20000"))
            .starts_with("since")
    );
    assert_eq!(device.ask("user"), "Ada Lovelace");

    let mut both = [device, other];
    scene.pass_a_day(&mut [&mut both]);
    assert!(is_token(&super::all(&mut both, "tokens 3")));
    assert_eq!(scene.spent(), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_refused_says_so_and_nobody_is_signed_in() {
    let tenant = Tenant::builder().device_interval(Duration::from_secs(1));
    let tenant = tenant_of(application().device_code(true), tenant).await;
    let scene = Scene::of(tenant, &[]);
    let mut device = scene.child();
    let code = device.ask("device");
    device.tell("confirmed");
    scene.tenant.deny_device(&code).expect("it waits");
    assert_eq!(device.answer().as_deref(), Some("error access_denied"));
    assert_eq!(device.ask("who"), "nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_making_is_traded_for_a_session_in_every_process() {
    let tenant = Tenant::builder().token_exchange_profile(LEGACY);
    let tenant = tenant_of(application().token_exchange(true), tenant).await;
    let scene = Scene::of(tenant, &[]);
    let mut child = scene.child();
    let mut other = scene.followers(1).remove(0);
    assert_eq!(
        child.ask(&format!("exchange garbage {LEGACY}")),
        "error invalid_request"
    );
    assert_eq!(child.ask("who"), "nobody");
    let subject = scene.tenant.subject_token(ADA).expect("ada is known");
    let answer = child.ask(&format!("exchange {subject} {LEGACY}"));
    assert!(
        answer.starts_with("SignedIn") && answer.ends_with("None"),
        "{answer}"
    );
    assert!(
        other
            .ask(&format!("until {ADA} 20000"))
            .starts_with("since")
    );
    assert_eq!(other.ask("token"), child.ask("token"));
    assert_eq!(other.ask("user"), "Ada Lovelace");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_says_of_the_user_now_is_shown_in_every_process() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut children = scene.followers(3);
    let changed = json!({ "name": "Ada King", "email": "ada@king.example" });
    let faults = scene.tenant.faults();
    faults.set(Endpoint::UserInfo, Fault::Patch(changed), Some(1));
    assert_eq!(children[0].ask("user"), "Ada King");
    for child in &mut children {
        assert!(
            child
                .ask("until ada@king.example 20000")
                .starts_with("since")
        );
    }
    assert_eq!(scene.child().ask("who"), "ada@king.example");
    assert_eq!(scene.asked("/userinfo"), 1);
    scene.pass_a_day(&mut [&mut children]);
    assert!(is_token(&super::all(&mut children, "tokens 3")));
    assert_eq!(scene.spent(), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_orders_are_read_with_a_token_that_the_refresh_token_of_another_api_has_bought() {
    let scene = Scene::new_with_mrrt().await;
    scene.log_in(ADA);
    let audience = scene.tenant.orders_audience();
    let mut child = scene.child();
    let orders = child.ask(&format!("orders {audience}"));
    assert!(
        orders.starts_with('{') || orders.starts_with('['),
        "{orders}"
    );
    assert_eq!(scene.spent(), [1]);
    // The next process has it already.
    let mut next = scene.child();
    assert_eq!(next.ask(&format!("orders {audience}")), orders);
    assert_eq!(scene.spent(), [1]);
    assert_eq!(scene.asked("/orders/") + scene.asked("/orders"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_pushed_requests_alone_gets_one_and_no_other() {
    for use_dpop in [false, true] {
        let tenant = Tenant::builder().require_pushed_requests();
        let tenant = tenant_of(application(), tenant).await;
        let scene = Scene::of(tenant, &[("useDpop", json!(use_dpop))]);
        scene.log_in(ADA);
        assert_eq!(scene.asked("/oauth/par"), 1);
        let requests = scene.tenant.requests();
        let authorize = requests.iter().find(|one| one.path == "/authorize");
        let query = &authorize.expect("the user was there").query;
        assert!(query.contains(&"request_uri".to_owned()), "{query:?}");
        assert!(!query.contains(&"code_challenge".to_owned()), "{query:?}");
        assert_eq!(scene.child().ask("user"), "Ada Lovelace");
    }
}
