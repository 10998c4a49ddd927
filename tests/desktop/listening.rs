//! Where the listener listens, and where not.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use dioxus_auth0::Error;
use dioxus_auth0::config::ConfigError;
use dioxus_auth0::port::{Navigator, PortError, Trip, WayBack};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process;

use crate::alone;
use crate::harness::*;

/// The address that this host has in its network, if it is in one. Nothing is sent.
fn other_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

#[tokio::test]
async fn l01_only_loopback_is_listened_on() {
    let mut away = Desktop::new().leave().await;
    assert!(away.address.ip().is_loopback());
    let port = away.address.port();
    let others = ["127.0.0.2", "::1"].map(|ip| ip.parse().expect("an address"));
    for ip in others.into_iter().chain(other_address()) {
        let is_open = away.during(is_open(SocketAddr::new(ip, port))).await;
        assert!(!is_open, "{ip} answers");
    }
    away.comes_back().await;
}

#[tokio::test]
async fn l02_ports_are_tried_in_order() {
    let desktop = Desktop::new();
    let (_holder, taken) = hold().await;
    let (free, later) = (free_port().await, free_port().await);
    let departure = desktop
        .depart(&[taken, free, later])
        .await
        .expect("one is free");
    let expected = format!("http://127.0.0.1:{free}/callback");
    assert_eq!(departure.redirect_uri(), expected);
    Away::by(departure).comes_back().await;
}

#[tokio::test]
async fn l02_when_every_port_is_taken_they_are_named_and_no_browser_opens() {
    let desktop = Desktop::new();
    let (_one, first) = hold().await;
    let (_two, second) = hold().await;
    let refused = desktop.depart(&[first, second]).await.map(|_| ());
    let redirect_uris =
        format!("http://127.0.0.1:{first}/callback, http://127.0.0.1:{second}/callback");
    assert_eq!(refused, Err(PortError::PortsTaken { redirect_uris }));
    assert!(desktop.shown().is_empty());
}

#[tokio::test]
async fn l03_the_port_is_open_before_the_browser_and_the_same_socket_serves() {
    let desktop = Desktop::new();
    let departure = desktop.depart(&[0]).await.expect("a free port");
    assert!(
        desktop.shown().is_empty(),
        "nothing is shown before the URL exists"
    );
    let mut away = Away::by(departure);
    assert!(desktop.shown().is_empty(), "nor before somebody waits");

    // Sent before anybody waits: only a socket that is never closed in between still has it.
    let mut early = TcpStream::connect(away.address)
        .await
        .expect("the port is open");
    let request = away.good_request();
    early
        .write_all(request.as_bytes())
        .await
        .expect("it takes it");
    let trip = (&mut away.trip).await;
    assert!(matches!(trip, Ok(Trip::Back(_))), "{trip:?}");
    assert_eq!(receive(&mut early).await.status, 303);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(desktop.shown(), [authorize(STATE)]);
}

/// On a machine without 127.0.0.1: the address of loopback was taken from it, in a network namespace.
#[tokio::test]
async fn l04_a_machine_without_ipv4_comes_back_by_ipv6() {
    let setup = "ip address del 127.0.0.1/8 dev lo";
    match alone::in_network(setup, "listening::l04_v6_alone") {
        Some(command) => alone::run(command).await,
        None => note(
            "this user may not have a network of their own; the unit tests of `address` remain",
        ),
    }
}

#[tokio::test]
#[ignore = "needs a network without 127.0.0.1"]
async fn l04_v6_alone() {
    let away = Desktop::new().leave().await;
    assert_eq!(away.address.ip().to_string(), "::1");
    assert!(away.redirect_uri.as_str().starts_with("http://[::1]:"));
    away.comes_back().await;
}

#[tokio::test]
async fn l04_a_machine_without_ipv6_comes_back_by_ipv4() {
    let setup = "ip address del ::1/128 dev lo";
    match alone::in_network(setup, "listening::l04_v4_alone") {
        Some(command) => alone::run(command).await,
        None => note("this user may not have a network of their own"),
    }
}

#[tokio::test]
#[ignore = "needs a network without ::1"]
async fn l04_v4_alone() {
    let away = Desktop::new().leave().await;
    assert_eq!(away.address.ip().to_string(), "127.0.0.1");
    away.comes_back().await;
}

#[tokio::test]
async fn l04_a_registered_ipv6_redirect_uri_is_listened_on() {
    let desktop = Desktop::new();
    let redirect_uri = format!("http://[::1]:{}/back", free_port().await);
    let away = desktop.leave_for(&redirect_uri).await;
    assert_eq!(away.redirect_uri.as_str(), redirect_uri);
    away.comes_back().await;
}

#[tokio::test]
async fn a_registered_redirect_uri_is_the_only_way_back() {
    let desktop = Desktop::new();
    let (_holder, port) = hold().await;
    let redirect_uri = format!("http://127.0.0.1:{port}/a/b");
    let way_back = WayBack {
        redirect_uri: Some(&redirect_uri),
        loopback_ports: &[0],
        ..WayBack::default()
    };
    let refused = desktop.navigator.depart(way_back).await.map(|_| ());
    let redirect_uris = redirect_uri.clone();
    assert_eq!(refused, Err(PortError::PortsTaken { redirect_uris }));

    drop(_holder);
    let mut away = desktop.leave_for(&redirect_uri).await;
    let target = format!("/callback?code=c0de&state={STATE}");
    assert_eq!(away.get(&target, &[]).await.status, 404);
    away.comes_back().await;
}

#[tokio::test]
async fn a_redirect_uri_elsewhere_is_the_developers_to_mend() {
    let found = "https://app.example/callback".to_owned();
    let way_back = WayBack {
        redirect_uri: Some(&found),
        loopback_ports: &[0],
        ..WayBack::default()
    };
    let refused = Desktop::new().navigator.depart(way_back).await;
    let error = Error::from(refused.map(|_| ()).expect_err("it cannot be listened on"));
    assert_eq!(error, Error::Config(ConfigError::NotLoopback { found }));
}

/// The holder is a program of another user where this one may start such, as root may.
#[tokio::test]
async fn l30_a_port_that_another_process_holds_is_left_to_it() {
    let port = free_port().await;
    let script = format!(
        "import socket; s = socket.create_server(('127.0.0.1', {port})); print('held', flush=True); c, _ = s.accept(); print('visited')"
    );
    let holder = |uid: Option<u32>| {
        let mut command = Command::new("/usr/bin/env");
        command
            .args(["python3", "-c", &script])
            .stdout(Stdio::piped());
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        process::Command::from(command).kill_on_drop(true).spawn()
    };
    let nobody = 65_534;
    let Ok(mut holder) = holder(Some(nobody)).or_else(|_| holder(None)) else {
        return note("no python3 to hold the port");
    };
    let stdout = holder.stdout.take().expect("it is piped");
    let mut said = BufReader::new(stdout).lines();
    if said.next_line().await.ok().flatten().as_deref() != Some("held") {
        return note("python3 does not run here");
    }

    let desktop = Desktop::new();
    let next = free_port().await;
    let departure = desktop.depart(&[port, next]).await.expect("one is free");
    assert!(departure.redirect_uri().contains(&next.to_string()));
    Away::by(departure).comes_back().await;
    holder.kill().await.expect("it was running");
    assert_eq!(
        said.next_line().await.ok().flatten(),
        None,
        "nobody spoke to the holder"
    );
}

#[tokio::test]
async fn l32_no_port_answers_under_two_addresses() {
    let desktop = Desktop::new();
    let port = free_port().await;
    let mut away = desktop
        .leave_for(&format!("http://[::1]:{port}/callback"))
        .await;
    for ip in ["127.0.0.1", "[::ffff:127.0.0.1]"] {
        let address = format!("{ip}:{port}").parse().expect("an address");
        assert!(!away.during(is_open(address)).await, "{ip} answers");
    }
    for host in [
        "[::ffff:127.0.0.1]",
        "[::1%25lo]",
        "[::1%lo]",
        "[0:0:0:0:0:0:0:1]",
    ] {
        let target = away.good_target();
        let request = request("GET", &target, &format!("{host}:{port}"), &[]);
        assert_eq!(away.send(request).await.status, 403, "{host}");
    }
    away.comes_back().await;
}

#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn note(why: &str) {
    eprintln!("not tested: {why}");
}
