//! What the browser is shown.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dioxus_auth0::port::Trip;
use ring::digest::{SHA256, digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::harness::*;

/// Comes back by `query` and follows to the last page.
async fn last_page(query: &str) -> (Answer, Answer) {
    let away = Desktop::new().leave().await;
    let (address, authority) = (away.address, away.authority.clone());
    let callback = request("GET", &format!("/callback?{query}"), &authority, &[]);
    let (onward, trip) = away.finish(&callback).await;
    assert!(matches!(trip, Ok(Trip::Back(_))), "{query}: {trip:?}");
    let path = onward
        .header("location")
        .expect("a place to go on to")
        .to_owned();
    let last = send(address, request("GET", &path, &authority, &[]).as_bytes()).await;
    (onward, last)
}

fn good() -> String {
    format!("code=c0de&state={STATE}")
}

#[tokio::test]
async fn l13_nothing_of_the_request_is_shown() {
    let (_, plain) = last_page(&format!("error=x&state={STATE}")).await;
    for text in [
        "<script>alert(1)</script>",
        "</title><h1>",
        "\"'><img src=x>",
        "a\r\nX-Evil: 1",
        "a\0b",
        "\u{202e}evil",
        "{{7*7}}",
        &"x".repeat(4_000),
    ] {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for name in ["error_description", "error_uri", "error"] {
            let other = if name == "error" {
                ""
            } else {
                "&error=access_denied"
            };
            let (onward, last) = last_page(&format!("{name}={text}{other}&state={STATE}")).await;
            assert_eq!(onward.status, 303);
            assert_eq!(
                last.text, plain.text,
                "the page is the same for every error"
            );
            assert!(!onward.text.contains("evil") && !onward.text.contains("alert"));
        }
    }
}

/// Longer than a request line may be, it is refused unread and without an echo.
#[tokio::test]
async fn l13_a_description_of_a_hundred_kilobytes_ends_nothing() {
    let mut away = Desktop::new().leave().await;
    let target = format!(
        "/callback?error=e&error_description={}&state={STATE}",
        "x".repeat(100_000)
    );
    let answer = away.get(&target, &[]).await;
    assert_eq!(answer.status, 414);
    assert!(!answer.text.contains("xxx"));
    away.comes_back().await;
}

#[tokio::test]
async fn l13_refusals_repeat_nothing() {
    let mut away = Desktop::new().leave().await;
    for target in ["/evil-evil", "/callback?code=evil-evil&state=evil-evil"] {
        let answer = away
            .get(target, &["X-Evil: evil-evil", "Cookie: evil-evil"])
            .await;
        assert!(!answer.text.contains("evil"), "{answer:?}");
    }
    away.comes_back().await;
}

#[tokio::test]
async fn l14_every_answer_has_the_headers_of_a_page_that_shares_nothing() {
    let mut answers = Vec::new();
    let mut away = Desktop::new().leave().await;
    answers.push(away.get("/", &[]).await);
    answers.push(away.get("/callback", &[]).await);
    answers.push(away.get(&format!("/{}", "a".repeat(9_000)), &[]).await);
    answers.push(away.get("/callback", &["Sec-Fetch-Dest: image"]).await);
    let (onward, last) = last_page(&good()).await;
    let (_, refused) = last_page(&format!("error=e&state={STATE}")).await;
    answers.extend([onward, last, refused]);
    for answer in answers {
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
            ("connection", "close"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer:?}");
        }
        let length = answer.body.len().to_string();
        assert_eq!(answer.header("content-length"), Some(length.as_str()));
        for name in [
            "server",
            "x-powered-by",
            "set-cookie",
            "access-control-allow-origin",
        ] {
            assert_eq!(answer.header(name), None, "{answer:?}");
        }
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe") && !policy.contains("script"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn l14_the_style_is_the_one_that_the_policy_allows() {
    let (_, last) = last_page(&good()).await;
    let (_, rest) = last.body.split_once("<style>").expect("a style");
    let (style, _) = rest.split_once("</style>").expect("its end");
    let digest = STANDARD.encode(digest(&SHA256, style.as_bytes()));
    let policy = last.header("content-security-policy").expect("a policy");
    assert!(policy.contains(&format!("'sha256-{digest}'")), "{policy}");
}

#[tokio::test]
async fn l15_the_browser_is_sent_on_to_an_address_without_a_query() {
    let (onward, last) = last_page(&good()).await;
    assert_eq!(onward.status, 303);
    assert_eq!(onward.header("location"), Some("/done"));
    assert_eq!(last.status, 200);
    assert!(last.body.contains("You can close this window"));
    assert!(!last.text.contains("c0de") && !last.text.contains(STATE));
}

#[tokio::test]
async fn l15_the_page_has_no_script_and_no_address() {
    for query in [good(), format!("error=e&state={STATE}")] {
        let (_, last) = last_page(&query).await;
        let page = last.body.to_lowercase();
        for part in [
            "<script",
            "javascript:",
            "http:",
            "https:",
            "//",
            "src=",
            "url(",
            "@import",
            " on",
            "<a ",
        ] {
            // "on" stands before an event's name; the words of the page have none.
            let found = page
                .match_indices(part)
                .any(|(at, _)| part != " on" || page[at..].find('=').is_some_and(|to| to < 12));
            assert!(!found, "{part} in {page}");
        }
        assert!(page.contains("<link rel=\"icon\" href=\"data:,\">"));
        assert!(page.contains("color-scheme: light dark"));
        assert!(page.contains("<html lang=\"en\">"));
    }
}

#[tokio::test]
async fn an_error_is_not_told_as_a_success() {
    let (_, last) = last_page(&good()).await;
    let (_, refused) = last_page(&format!("error=access_denied&state={STATE}")).await;
    assert_ne!(last.body, refused.body);
    assert!(refused.body.contains("You are not logged in"));
}

#[tokio::test]
async fn a_callback_that_is_itself_called_done_is_cleaned_too() {
    let desktop = Desktop::new();
    let away = desktop
        .leave_for(&format!("http://127.0.0.1:{}/done", free_port().await))
        .await;
    let (address, authority) = (away.address, away.authority.clone());
    let request_ = away.good_request();
    let (onward, _) = away.finish(&request_).await;
    assert_eq!(onward.header("location"), Some("/closed"));
    let last = send(
        address,
        request("GET", "/closed", &authority, &[]).as_bytes(),
    )
    .await;
    assert!(last.body.contains("You can close this window"));
}

#[tokio::test]
async fn the_port_closes_with_the_last_page() {
    let away = Desktop::new().leave().await;
    let (address, authority) = (away.address, away.authority.clone());
    let callback = away.good_request();
    let (_, trip) = away.finish(&callback).await;
    assert!(matches!(trip, Ok(Trip::Back(_))));
    assert!(is_open(address).await, "it waits for the browser");
    send(address, request("GET", "/done", &authority, &[]).as_bytes()).await;
    assert!(closes_within(address, Duration::from_millis(300)).await);
}

#[tokio::test]
async fn the_port_closes_soon_when_nobody_asks_for_the_last_page() {
    let away = Desktop::new().leave().await;
    let address = away.address;
    let callback = away.good_request();
    let (_, trip) = away.finish(&callback).await;
    assert!(matches!(trip, Ok(Trip::Back(_))));
    assert!(closes_within(address, Duration::from_millis(2_300)).await);
}

/// The browser itself, redirected by a provider, where Chromium is installed.
#[tokio::test]
async fn l15_chromium_ends_on_the_last_page() {
    let version = Command::new("chromium").arg("--version").output().await;
    if version.is_err() {
        return note("no chromium");
    }
    let away = Desktop::new().leave().await;
    let (provider, port) = hold().await;
    let back = format!("http://{}{}", away.authority, away.good_target());
    let redirect = async {
        let answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: {back}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        while let Ok((mut stream, _)) = provider.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    };
    let profile = tempfile::tempdir().expect("a directory");
    let chromium = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://127.0.0.1:{port}/"))
        .kill_on_drop(true)
        .output();
    let browse = async {
        tokio::select! {
            () = redirect => unreachable!("it serves for ever"),
            output = timeout(Duration::from_secs(60), chromium) => output,
        }
    };
    let (trip, output) =
        futures_util::future::join(timeout(Duration::from_secs(60), away.trip), browse).await;
    let output = output.expect("it ends").expect("it runs");
    assert!(matches!(trip, Ok(Ok(Trip::Back(_)))), "{trip:?}");
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(
        page.contains("<h1>You can close this window</h1>"),
        "{page}"
    );
    assert!(!page.contains("c0de"));
}

#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn note(why: &str) {
    eprintln!("not tested: {why}");
}
