//! What reaches the system's browser, and what becomes of a login whose browser does not open.

use std::io;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dioxus_auth0::platform::desktop::DesktopNavigator;
use dioxus_auth0::port::{Navigator, PortError, WayBack};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::alone;
use crate::harness::*;

/// Addresses that hostile metadata could bring, each with a good state.
const HOSTILE: &[&str] = &[
    "file:///etc/passwd?state=s",
    "file://server/share/a.exe?state=s",
    "javascript:alert(1)//?state=s",
    "data:text/html,a?state=s",
    "vbscript:a?state=s",
    "ms-msdt:/id?state=s",
    "search-ms:query=a&state=s",
    "smb://server/a?state=s",
    "ssh://-oProxyCommand=a/?state=s",
    "ftp://tenant.example/?state=s",
    "about:blank?state=s",
    "chrome://settings/?state=s",
    "view-source:https://tenant.example/?state=s",
    "http://tenant.example/authorize?state=s",
    "http://192.168.0.1/authorize?state=s",
    "http://localhost.evil.example/?state=s",
    "http://127.0.0.1.evil.example/?state=s",
    "https://user@tenant.example/?state=s",
    "https://tenant.example@evil.example/?state=s",
    "https://:word@tenant.example/?state=s",
    "https://tenant.example/$(calc)?state=s",
    "https://tenant.example/?state=s&a=`calc`",
    "https://tenant.example/a|calc?state=s",
    "https://tenant.example/?state=s|calc",
    "https://tenant.example/a;calc?state=s",
    "https://tenant.example/?state=s;calc",
    "https://tenant.example/a'?state=s",
    "https://tenant.example/(a)?state=s",
    "https://tenant.example/!a?state=s",
    "https://tenant.example/?state=s&a=^b",
    "https://tenant.example/?state=s&a={b}",
    "https://tenant.example/?state=s&a=b\\c",
    "https://tenant.example/?state=s#$a",
];

/// Texts that are no URL to begin with, or that parsing makes harmless.
const TEXTS: &[&str] = &[
    "-a",
    "--help",
    "-https://tenant.example/",
    " ",
    "calc.exe",
    "C:\\a.exe",
    "\\\\server\\a",
    "//a",
];

#[tokio::test]
async fn l26_only_pages_of_a_provider_reach_the_browser() {
    for text in HOSTILE {
        let desktop = Desktop::new();
        let url: Url = text.parse().expect(text);
        let departure = desktop.depart(&[0]).await.expect("a free port");
        let redirect_uri: Url = departure.redirect_uri().parse().expect("a URL");
        let refused = timeout(Duration::from_secs(1), departure.go(url.clone())).await;
        let refused = refused.expect(text);
        is_refusal(refused.map(|_| ()), text);
        is_refusal(
            desktop.navigator.leave(&url, WayBack::default()).await,
            text,
        );
        sleep(Duration::from_millis(5)).await;
        assert_eq!(desktop.shown(), [], "{text}");
        let address = redirect_uri.socket_addrs(|| None).expect("an address")[0];
        assert!(!is_open(address).await, "{text}");
    }
}

fn is_refusal(result: Result<(), PortError>, text: &str) {
    let what = "the system browser";
    match result {
        Err(PortError::Unavailable { what: found, why }) => {
            assert_eq!(found, what, "{text}");
            assert!(!why.contains("state=") && !why.contains("tenant"), "{why}");
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn l26_what_is_no_url_has_no_type_to_reach_the_browser_by() {
    for text in TEXTS {
        assert!(
            text.parse::<Url>().is_err() || !text.starts_with("http"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn l26_white_space_and_quotes_reach_the_browser_encoded_or_not_at_all() {
    for part in ["a b", "a\"b", "a<b>c", "a\tb", "a\nb", "ä", "\u{202e}"] {
        let desktop = Desktop::new();
        let url: Url = format!("https://tenant.example/{part}?state=s&a={part}")
            .parse()
            .expect("a URL");
        let _ = desktop.navigator.leave(&url, WayBack::default()).await;
        for shown in desktop.shown() {
            let is_plain = |c: char| c.is_ascii_graphic() && !"\"<>".contains(c);
            assert!(shown.as_str().chars().all(is_plain), "{shown}");
        }
    }
}

#[tokio::test]
async fn l26_the_addresses_of_real_providers_reach_the_browser() {
    for text in [
        "https://tenant.eu.auth0.com/authorize?response_type=code&scope=openid+profile&state=s",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?prompt=a%20b&state=s",
        "https://x.b2clogin.com/tfp/x.onmicrosoft.com/b2c_1_a/oauth2/v2.0/authorize?p=b2c_1_a&state=s",
        "https://accounts.example:8443/realms/a~b/auth?x=a*b,c:d@e/f&state=s",
        "http://127.0.0.1:4400/authorize?state=s",
        "http://[::1]:4400/authorize?state=s",
        "http://localhost:4400/authorize?state=s",
    ] {
        let desktop = Desktop::new();
        let url: Url = text.parse().expect(text);
        assert_eq!(
            desktop.navigator.leave(&url, WayBack::default()).await,
            Ok(()),
            "{text}"
        );
        assert_eq!(desktop.shown(), [url], "{text}");
    }
}

#[tokio::test]
async fn an_address_without_one_state_is_not_waited_for() {
    for query in ["", "?state=", "?state=a&state=b", "?State=a"] {
        let desktop = Desktop::new();
        let departure = desktop.depart(&[0]).await.expect("a free port");
        let url = format!("https://tenant.example/authorize{query}")
            .parse()
            .expect("a URL");
        assert!(departure.go(url).await.is_err(), "{query}");
        assert_eq!(desktop.shown(), []);
    }
}

#[tokio::test]
async fn l27_a_browser_that_does_not_open_leaves_the_wait_as_it_is() {
    let desktop = Desktop::with_browser(Arc::default(), |_| Err(io::ErrorKind::NotFound.into()));
    let mut away = desktop.leave().await;
    away.during(sleep(Duration::from_millis(100))).await;
    away.comes_back().await;
}

#[tokio::test]
async fn l27_a_browser_that_panics_leaves_the_wait_as_it_is() {
    let desktop = Desktop::with_browser(Arc::default(), |_| panic!("on purpose"));
    let mut away = desktop.leave().await;
    away.during(sleep(Duration::from_millis(100))).await;
    away.comes_back().await;
}

/// Text browsers stay until they are closed; the user interface must not.
#[tokio::test]
async fn l27_a_browser_that_takes_its_time_holds_nobody_up() {
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let desktop = Desktop::with_browser(Arc::default(), move |_| {
        let _ = held.lock().expect("nobody panics").recv();
        Ok(())
    });
    let mut away = desktop.leave().await;
    let started = Instant::now();
    away.wait().await;
    away.comes_back().await;
    assert!(started.elapsed() < Duration::from_secs(1));
    drop(release);
}

#[tokio::test]
async fn leaving_by_a_browser_that_does_not_open_is_an_error_without_the_address() {
    let desktop =
        Desktop::with_browser(Arc::default(), |url| Err(io::Error::other(url.to_string())));
    let url = "https://tenant.example/v2/logout?id_token_hint=s3cret"
        .parse()
        .expect("a URL");
    let error = desktop
        .navigator
        .leave(&url, WayBack::default())
        .await
        .expect_err("it fails");
    let said = format!("{error} {error:?}");
    assert!(
        !said.contains("s3cret") && !said.contains("tenant"),
        "{said}"
    );
}

#[tokio::test]
async fn the_browser_of_the_environment_is_asked_first() {
    let directory = tempfile::tempdir().expect("a directory");
    let (script, shown) = (
        directory.path().join("browser"),
        directory.path().join("shown"),
    );
    std::fs::write(
        &script,
        format!("#!/bin/sh\nprintf %s \"$1\" > {}\n", shown.display()),
    )
    .expect("it is written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&script, mode).expect("it is ours");
    let mut command = alone::command("opening::browser_alone");
    command.env("BROWSER", &script).env(SHOWN, &shown);
    alone::run(command).await;
    let shown = std::fs::read_to_string(shown).expect("the script has run");
    assert_eq!(shown, authorize(STATE).as_str());
}

const SHOWN: &str = "BROWSER_TEST_SHOWN";

#[tokio::test]
#[ignore = "needs the browser of its twin"]
async fn browser_alone() {
    let shown = std::env::var(SHOWN).expect("its twin says where");
    let navigator = DesktopNavigator::new();
    let way_back = WayBack {
        loopback_ports: &[0],
        ..WayBack::default()
    };
    let departure = navigator.depart(way_back).await.expect("a port");
    let mut away = Away::by(departure);
    let written = async {
        while std::fs::read_to_string(&shown).unwrap_or_default().len()
            < authorize(STATE).as_str().len()
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let written = away.during(timeout(Duration::from_secs(10), written)).await;
    assert!(written.is_ok(), "it is not asked");
    away.comes_back().await;
}

#[tokio::test]
async fn a_machine_without_a_browser_says_so_and_waits_all_the_same() {
    let mut command = alone::command("opening::no_browser_alone");
    command.env_remove("BROWSER").env("PATH", "/nowhere");
    alone::run(command).await;
}

#[tokio::test]
#[ignore = "needs a machine without programs"]
async fn no_browser_alone() {
    let navigator = DesktopNavigator::new();
    let url = "https://tenant.example/v2/logout?client_id=a"
        .parse()
        .expect("a URL");
    let error = navigator
        .leave(&url, WayBack::default())
        .await
        .expect_err("nothing can open it");
    assert!(!error.to_string().contains("tenant"), "{error}");
    let way_back = WayBack {
        loopback_ports: &[0],
        ..WayBack::default()
    };
    let mut away = Away::by(navigator.depart(way_back).await.expect("a port"));
    away.wait().await;
    away.comes_back().await;
}
