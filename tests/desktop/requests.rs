//! Which request counts, and that all others leave the wait as it was.

use std::time::Duration;

use dioxus_auth0::port::Trip;
use tokio::time::sleep;

use crate::harness::*;

async fn is_refused(request: impl Fn(&Away) -> String, status: u16, what: &str) {
    let desktop = Desktop::new();
    let mut away = desktop.leave().await;
    let answer = away.send(request(&away)).await;
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    away.wait().await;
    assert_eq!(desktop.returns.get(), 0, "{what}");
    away.comes_back().await;
    assert_eq!(desktop.returns.get(), 1, "{what}");
}

async fn query_is_refused(query: &str) {
    let target = |away: &Away| request("GET", &format!("/callback{query}"), &away.authority, &[]);
    is_refused(target, 400, query).await;
}

#[tokio::test]
async fn l05_another_path_is_not_found_and_the_wait_goes_on() {
    for path in [
        "/",
        "/favicon.ico",
        "//callback",
        "/callback/",
        "/callback%00",
        "/Callback",
        "/callback/..",
        "/./callback",
        "/%63allback",
        "/callback;a",
        "/done",
        "/exit",
    ] {
        let target = format!("{path}?code=c0de&state={STATE}");
        is_refused(
            |away| request("GET", &target, &away.authority, &[]),
            404,
            path,
        )
        .await;
    }
}

#[tokio::test]
async fn l06_another_method_is_refused_without_leave_for_other_origins() {
    for method in [
        "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW", "get",
    ] {
        let desktop = Desktop::new();
        let mut away = desktop.leave().await;
        let headers = [
            "Origin: https://evil.example",
            "Access-Control-Request-Private-Network: true",
        ];
        let request = request(method, &away.good_target(), &away.authority, &headers);
        let answer = away.send(request).await;
        assert_eq!(answer.status, 405, "{method}: {answer:?}");
        assert_eq!(answer.header("allow"), Some("GET"), "{method}");
        let is_cors = |(name, _): &(String, String)| name.starts_with("access-control");
        assert!(!answer.headers.iter().any(is_cors), "{method}: {answer:?}");
        away.comes_back().await;
    }
}

#[tokio::test]
async fn l07_a_wrong_state_is_answered_and_not_consumed() {
    query_is_refused("?code=c0de&state=st4te-of-another").await;
    query_is_refused("?code=c0de&state=st4te-of-the-tesT").await;
    query_is_refused("?code=c0de&state=st4te-of-the-tes").await;
    query_is_refused("?code=c0de&state=st4te-of-the-test1").await;
    query_is_refused("?error=access_denied&state=wrong").await;
}

#[tokio::test]
async fn l07_no_state_is_answered_and_not_consumed() {
    for query in [
        "",
        "?",
        "?code=c0de",
        "?code=c0de&state=",
        "?code=c0de&State=st4te-of-the-test",
        "?error=a",
    ] {
        query_is_refused(query).await;
    }
}

#[tokio::test]
async fn l07_a_state_that_stands_there_twice_is_not_consumed() {
    query_is_refused(&format!("?code=c0de&state={STATE}&state={STATE}")).await;
    query_is_refused(&format!("?code=c0de&state={STATE}&state=")).await;
    query_is_refused(&format!("?code=c0de&state={STATE}&st%61te=other")).await;
}

#[tokio::test]
async fn l07_the_real_answer_a_second_later_succeeds() {
    let mut away = Desktop::new().leave().await;
    let answer = away.get("/callback?code=evil&state=guessed", &[]).await;
    assert_eq!(answer.status, 400);
    away.during(sleep(Duration::from_secs(1))).await;
    away.comes_back().await;
}

#[tokio::test]
async fn l08_an_error_with_the_right_state_is_an_answer() {
    let away = Desktop::new().leave().await;
    let target = format!("/callback?error=access_denied&error_description=no&state={STATE}");
    let expected = away.redirect_uri.join(&target).expect("a URL");
    let request = request("GET", &target, &away.authority, &[]);
    let (answer, trip) = away.finish(&request).await;
    assert_eq!(answer.status, 303);
    assert_eq!(trip, Ok(Trip::Back(expected)));
}

#[tokio::test]
async fn l08_neither_code_nor_error_is_no_answer() {
    query_is_refused(&format!("?state={STATE}")).await;
    query_is_refused(&format!("?state={STATE}&code=")).await;
    query_is_refused(&format!("?state={STATE}&error=&code=")).await;
    query_is_refused(&format!("?state={STATE}&code=a&code=b")).await;
    query_is_refused(&format!("?state={STATE}&error=a&error=b")).await;
}

#[tokio::test]
async fn l11_another_host_is_refused() {
    for host in [
        "evil.example:PORT",
        "127.0.0.1:1",
        "127.0.0.1",
        "localhost:PORT",
        "LOCALHOST:PORT",
        "127.0.0.1:PORT.evil.example",
        "127.0.0.1.evil.example:PORT",
        "user@127.0.0.1:PORT",
        "2130706433:PORT",
        "127.1:PORT",
        "[::1]:PORT",
        "",
    ] {
        let written = |away: &Away| {
            let port = away.address.port().to_string();
            request(
                "GET",
                &away.good_target(),
                &host.replace("PORT", &port),
                &[],
            )
        };
        is_refused(written, 403, host).await;
    }
}

#[tokio::test]
async fn l11_no_host_two_hosts_and_a_host_in_the_target_are_refused() {
    let without = |away: &Away| format!("GET {} HTTP/1.1\r\n\r\n", away.good_target());
    is_refused(without, 403, "none").await;
    let older = |away: &Away| format!("GET {} HTTP/1.0\r\n\r\n", away.good_target());
    is_refused(older, 403, "none, HTTP/1.0").await;
    let twice = |away: &Away| {
        let again = format!("Host: {}", away.authority);
        request("GET", &away.good_target(), &away.authority, &[&again])
    };
    is_refused(twice, 403, "two").await;
    let absolute = |away: &Away| {
        let target = format!("http://{}{}", away.authority, away.good_target());
        request("GET", &target, &away.authority, &[])
    };
    is_refused(absolute, 403, "absolute form").await;
    let proxied = |away: &Away| {
        let target = format!("http://evil.example{}", away.good_target());
        request("GET", &target, &away.authority, &[])
    };
    is_refused(proxied, 403, "absolute form of another").await;
}

#[tokio::test]
async fn l12_what_is_no_page_in_a_tab_is_refused() {
    for header in [
        "Sec-Fetch-Dest: image",
        "Sec-Fetch-Dest: iframe",
        "Sec-Fetch-Dest: empty",
        "Sec-Fetch-Dest: script",
        "Sec-Fetch-Dest: ",
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Dest: image",
        "Sec-Purpose: prefetch",
        "Sec-Purpose: prefetch;prerender",
        "Sec-Purpose: Prefetch;anonymous-client-ip",
        "Purpose: prefetch",
        "X-Moz: prefetch",
        "Purpose: preview",
    ] {
        let written = |away: &Away| request("GET", &away.good_target(), &away.authority, &[header]);
        is_refused(written, 403, header).await;
    }
}

#[tokio::test]
async fn l12_a_redirect_in_a_tab_is_taken() {
    let away = Desktop::new().leave().await;
    let headers = [
        "Sec-Fetch-Dest: document",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-User: ?1",
    ];
    let request = request("GET", &away.good_target(), &away.authority, &headers);
    let (answer, trip) = away.finish(&request).await;
    assert_eq!(answer.status, 303);
    assert!(matches!(trip, Ok(Trip::Back(_))));
}

/// Whoever does not see the browser does not know the state, and the code is nothing without it.
#[tokio::test]
async fn l24_a_guessed_code_without_the_state_is_ignored() {
    let mut away = Desktop::new().leave().await;
    for guess in 0..200 {
        let answer = away
            .get(&format!("/callback?code=c0de&state={guess:032x}"), &[])
            .await;
        assert_eq!(answer.status, 400);
    }
    away.comes_back().await;
}

#[tokio::test]
async fn l25_percent_encoding_is_undone_once() {
    for state in ["a+b", "a b", "a%b", "ä/?&=#", "%2B"] {
        let desktop = Desktop::new();
        let departure = desktop.depart(&[0]).await.expect("a free port");
        let encoded: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
        let twice: String = url::form_urlencoded::byte_serialize(encoded.as_bytes()).collect();
        let mut away = Away::with_state(departure, &encoded);
        let answer = away
            .get(&format!("/callback?code=c&state={twice}"), &[])
            .await;
        // A state without a character to encode is the same twice.
        assert_eq!(answer.status, 400, "{state}");
        let target = format!("/callback?code=c&state={encoded}");
        let request = request("GET", &target, &away.authority, &[]);
        let (answer, trip) = away.finish(&request).await;
        assert_eq!(answer.status, 303, "{state}");
        assert!(matches!(trip, Ok(Trip::Back(_))), "{state}");
    }
}

#[tokio::test]
async fn l25_a_code_reaches_the_client_as_it_was_sent() {
    for code in ["a+b", "a%2Bb", "%ff%fe", "a%252Bb", "%00", "a/b?c"] {
        let away = Desktop::new().leave().await;
        let target = format!("/callback?code={code}&state={STATE}");
        let request = request("GET", &target, &away.authority, &[]);
        let (_, trip) = away.finish(&request).await;
        let Ok(Trip::Back(url)) = trip else {
            panic!("{code}: {trip:?}");
        };
        assert_eq!(url.query(), target.split_once('?').map(|(_, query)| query));
    }
}

#[tokio::test]
async fn l25_a_fragment_is_ignored() {
    let away = Desktop::new().leave().await;
    let target = format!("{}#code=evil&state=evil", away.good_target());
    let expected = away.redirect_uri.join(&away.good_target()).expect("a URL");
    let request = request("GET", &target, &away.authority, &[]);
    let (_, trip) = away.finish(&request).await;
    assert_eq!(trip, Ok(Trip::Back(expected)));
}

/// `response_mode=form_post` is never asked for, so a POST is nobody's answer, whatever its `Origin`.
#[tokio::test]
async fn l31_a_form_that_is_posted_is_refused_from_every_origin() {
    for origin in ["https://tenant.example", "https://evil.example", "null"] {
        let written = |away: &Away| {
            let body = format!("code=c0de&state={STATE}");
            let head = request(
                "POST",
                "/callback",
                &away.authority,
                &[
                    &format!("Origin: {origin}"),
                    "Sec-Fetch-Dest: document",
                    "Content-Type: application/x-www-form-urlencoded",
                    &format!("Content-Length: {}", body.len()),
                ],
            );
            head + &body
        };
        is_refused(written, 405, origin).await;
    }
}
