//! Starting, stopping and starting again.

use std::time::{Duration, Instant};

use tenant::{Endpoint, Error, Fault, NewUser, Store, Tenant};

use crate::common::*;

#[tokio::test]
async fn a_busy_port_is_named() {
    let tenant = start().await;
    let error = Tenant::builder()
        .port(tenant.port())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::PortBusy { port } if port == tenant.port()));
    assert!(error.to_string().contains(&tenant.port().to_string()));
}

#[tokio::test]
async fn a_stopped_tenant_is_down_and_comes_back_with_what_it_knew() {
    let store = Store::memory().unwrap();
    let tenant = demo().store(store.clone()).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let wide = with(params(&tenant), "scope", &format!("{SCOPE} offline_access"));
    let tokens = browser.tokens(&wide, "ada@example.com").await;
    let (port, url) = (
        tenant.port(),
        format!("{}.well-known/jwks.json", tenant.issuer()),
    );
    tenant.rotate_keys().unwrap();
    tenant.stop().await;
    assert!(
        plain_client()
            .get(&url)
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );

    let tenant = demo().store(store).port(port).start().await.unwrap();
    browser.verified(&tokens["id_token"]).await;
    assert!(
        answer(&browser.authorize(&params(&tenant)).await).contains_key("code"),
        "the session is known"
    );
    let refreshed = browser
        .refresh(tokens["refresh_token"].as_str().unwrap())
        .await;
    assert_eq!(refreshed.0, 200);
    assert_eq!(tenant.users().unwrap().len(), 3);
}

#[tokio::test]
async fn dropping_closes_connections_and_stopping_does_not_wait_for_slow_answers() {
    let tenant = start().await;
    let url = format!("{}.well-known/jwks.json", tenant.issuer());
    let http = plain_client();
    http.get(&url).send().await.unwrap().bytes().await.unwrap();
    drop(tenant);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(http.get(&url).send().await.is_err());

    let tenant = start().await;
    tenant
        .faults()
        .set(Endpoint::Jwks, Fault::Slow(Duration::from_secs(60)), None);
    let url = format!("{}.well-known/jwks.json", tenant.issuer());
    let waiting = tokio::spawn(async move { plain_client().get(url).send().await.is_err() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    tenant.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn a_file_store_keeps_its_own_key_and_users() {
    let path = std::env::temp_dir().join(format!("tenant-{}-{}.redb", std::process::id(), line!()));
    let _ = std::fs::remove_file(&path);
    let tenant = demo()
        .store(Store::open(&path).unwrap())
        .start()
        .await
        .unwrap();
    let kid = Browser::new(&tenant).jwks().await.keys[0]
        .common
        .key_id
        .clone()
        .unwrap();
    assert_ne!(kid, "published-test-key");
    tenant
        .add_user(NewUser::new("Alan@example.com", "Enigma-1").name("Alan Turing"))
        .unwrap();
    assert!(matches!(
        tenant.add_user(NewUser::new("alan@example.com", "x")),
        Err(Error::EmailTaken { .. })
    ));
    tenant.stop().await;

    let tenant = demo()
        .store(Store::open(&path).unwrap())
        .start()
        .await
        .unwrap();
    let again = Browser::new(&tenant).jwks().await.keys[0]
        .common
        .key_id
        .clone()
        .unwrap();
    assert_eq!(again, kid);
    assert!(
        tenant
            .users()
            .unwrap()
            .iter()
            .any(|user| user.name == "Alan Turing")
    );
    tenant.stop().await;
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_store_is_an_error() {
    let path = std::env::temp_dir().join(format!("tenant-{}-{}.redb", std::process::id(), line!()));
    std::fs::write(&path, "no store").unwrap();
    assert!(matches!(Store::open(&path), Err(Error::Store(_))));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn other_host_names_and_unknown_paths_are_turned_away() {
    let tenant = start().await;
    let http = plain_client();
    for host in [
        "evil.test",
        "127.0.0.1",
        "localhost:1",
        "127.0.0.1.evil.test:80",
    ] {
        let response = http
            .get(tenant.issuer())
            .header("host", host)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 421, "{host}");
    }
    let named = format!("http://localhost:{}/", tenant.port());
    let host = format!("localhost:{}", tenant.port());
    let response = http
        .get(named.replace("localhost", "127.0.0.1"))
        .header("host", host)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let missing = http
        .get(format!("{}nothing", tenant.issuer()))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
    for picture in ["../x", "abc.svg", "al.png", "%3C.svg"] {
        let url = format!("{}pictures/{picture}", tenant.issuer());
        assert_eq!(
            http.get(url).send().await.unwrap().status(),
            404,
            "{picture}"
        );
    }
}

#[tokio::test]
async fn what_ran_out_is_swept_at_the_next_start() {
    let store = Store::memory().unwrap();
    let tenant = demo().store(store.clone()).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let login = browser.begin(&params(&tenant)).await;
    let path = format!("{}?{}", login.url.path(), login.url.query().unwrap());
    let port = tenant.port();
    tenant.set_clock_offset(2 * 86_400);
    assert!(browser.open(&path).await.html.contains("ten minutes"));
    tenant.stop().await;

    let tenant = demo()
        .store(store)
        .port(port)
        .clock_offset(2 * 86_400)
        .start()
        .await
        .unwrap();
    assert!(browser.open(&path).await.html.contains("unknown here"));
    tenant.stop().await;
}
