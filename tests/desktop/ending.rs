//! How a wait ends: by one answer of many, by time, by the user, by another login.

use std::time::{Duration, Instant};

use dioxus_auth0::platform::desktop::PATIENCE;
use dioxus_auth0::port::{PortError, Trip};
use futures_util::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process;
use tokio::time::{sleep, timeout};

use crate::alone;
use crate::harness::*;

const AT_ONCE: Duration = Duration::from_millis(100);

#[tokio::test]
async fn l09_a_second_hit_is_a_page_and_no_second_answer() {
    let desktop = Desktop::new();
    let away = desktop.leave().await;
    let (address, callback) = (away.address, away.good_request());
    let (first, trip) = away.finish(&callback).await;
    assert!(matches!(trip, Ok(Trip::Back(_))));
    let second = send(address, callback.as_bytes()).await;
    assert_eq!(first.text, second.text);
    assert_eq!(desktop.returns.get(), 1);
}

#[tokio::test]
async fn l10_fifty_answers_at_once_are_one() {
    let desktop = Desktop::new();
    let away = desktop.leave().await;
    let (address, callback) = (away.address, away.good_request());
    let hits = (0..50).map(|_| send(address, callback.as_bytes()));
    let (answers, trip) = tokio::join!(join_all(hits), away.trip);
    assert!(matches!(trip, Ok(Trip::Back(_))));
    assert!(answers.iter().all(|answer| answer.status == 303));
    assert_eq!(desktop.returns.get(), 1);
}

#[tokio::test]
async fn l19_a_wait_ends_by_itself_and_closes_the_port() {
    let desktop = Desktop::new().patient_for(Duration::from_secs(1));
    let away = desktop.leave().await;
    let address = away.address;
    let started = Instant::now();
    assert_eq!(away.trip.await, Err(PortError::NobodyBack { seconds: 1 }));
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(started.elapsed() < Duration::from_millis(1_500));
    assert!(!is_open(address).await);
    assert_eq!(desktop.returns.get(), 0);
}

#[test]
fn l19_the_wait_is_five_minutes_unless_said_otherwise() {
    assert_eq!(PATIENCE, Duration::from_secs(300));
}

/// The client does so when its user cancels; that the login is forgotten then is tested with the tenant.
#[tokio::test]
async fn l20_dropping_the_trip_closes_the_port_at_once() {
    let mut away = Desktop::new().leave().await;
    away.wait().await;
    let address = away.address;
    // With a connection under way, which ends as well.
    let mut other = tokio::net::TcpStream::connect(address)
        .await
        .expect("it is open");
    away.wait().await;
    let started = Instant::now();
    drop(away.trip);
    assert!(!is_open(address).await);
    let rest = timeout(AT_ONCE, receive(&mut other))
        .await
        .expect("it is closed");
    assert_eq!(rest.status, 0);
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
}

#[tokio::test]
async fn l21_a_departure_or_trip_that_is_never_begun_gives_its_port_back() {
    let desktop = Desktop::new();
    let departure = desktop.depart(&[0]).await.expect("a free port");
    let address = Away::by(departure).address;
    assert!(
        !is_open(address).await,
        "the trip was dropped before it was polled"
    );

    let departure = desktop.depart(&[0]).await.expect("a free port");
    let uri: url::Url = departure.redirect_uri().parse().expect("a URL");
    let address = uri.socket_addrs(|| None).expect("an address")[0];
    assert!(is_open(address).await);
    drop(departure);
    assert!(!is_open(address).await);
}

#[tokio::test]
async fn l21_a_thousand_logins_leave_nothing_open() {
    alone::run(alone::command("ending::l21_alone")).await;
}

#[tokio::test]
#[ignore = "counts the open files of its process"]
async fn l21_alone() {
    let desktop = Desktop::new();
    let port = free_port().await;
    let mut before = 0;
    for cycle in 0..1_000 {
        let departure = desktop
            .depart(&[port])
            .await
            .expect("the port was given back");
        let mut away = Away::by(departure);
        let address = away.address;
        if cycle % 10 == 0 {
            away.comes_back().await;
        } else {
            away.during(is_open(address)).await;
            let started = Instant::now();
            drop(away);
            assert!(!is_open(address).await, "cycle {cycle}");
            assert!(started.elapsed() < AT_ONCE, "cycle {cycle}");
        }
        if cycle == 10 {
            before = open_files();
        }
    }
    drop(desktop);
    // What belongs to the last browser threads.
    sleep(Duration::from_millis(2_200)).await;
    assert!(
        open_files() <= before,
        "{} files, {before} before",
        open_files()
    );
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("this is Linux")
        .count()
}

#[tokio::test]
async fn l22_a_second_login_takes_the_port_and_the_first_is_cancelled() {
    let desktop = Desktop::new();
    let port = free_port().await;
    let departure = desktop.depart(&[port]).await.expect("it is free");
    let mut first = Away::with_state(departure, "the-first");
    first.wait().await;

    let departure = desktop
        .depart(&[port])
        .await
        .expect("the first has given it back");
    assert_eq!(first.trip.await, Ok(Trip::Cancelled));
    let mut second = Away::by(departure);
    let answer = second.get("/callback?code=c0de&state=the-first", &[]).await;
    assert_eq!(answer.status, 400);
    second.comes_back().await;
    assert_eq!(desktop.returns.get(), 1);
}

#[tokio::test]
async fn l22_a_login_follows_another_on_the_same_port() {
    let desktop = Desktop::new();
    let port = free_port().await;
    for _ in 0..5 {
        let departure = desktop
            .depart(&[port])
            .await
            .expect("the last one has given it back");
        Away::by(departure).comes_back().await;
    }
}

#[tokio::test]
async fn l23_of_two_logins_at_once_one_listens() {
    let desktop = Desktop::new();
    let ports = [free_port().await, free_port().await];
    let (first, second) = tokio::join!(desktop.depart(&ports), desktop.depart(&ports));
    let (first, second) = (first.expect("a port"), second.expect("a port"));
    assert_eq!(first.redirect_uri(), second.redirect_uri());
    let (first, second) = (Away::by(first), Away::by(second));
    assert_eq!(first.trip.await, Ok(Trip::Cancelled));
    let other = ([127, 0, 0, 1], ports[1]).into();
    assert!(!is_open(other).await);
    assert_eq!(desktop.shown(), [], "a login that is over opens no browser");
    second.comes_back().await;
}

/// Two that begin while the port of a login before them still serves its last page.
#[tokio::test]
async fn l23_of_two_logins_after_another_one_listens() {
    let desktop = Desktop::new();
    let ports = [free_port().await];
    Away::by(desktop.depart(&ports).await.expect("it is free"))
        .comes_back()
        .await;
    let (first, second) = tokio::join!(desktop.depart(&ports), desktop.depart(&ports));
    let away = [first, second].map(|departure| departure.map(Away::by));
    let mut ends = Vec::new();
    for away in away {
        let away = away.expect("a port");
        let end = timeout(Duration::from_millis(100), away.trip).await;
        ends.push(end.ok());
    }
    let is_cancelled = |end: &&Option<_>| **end == Some(Ok(Trip::Cancelled));
    assert_eq!(ends.iter().filter(is_cancelled).count(), 1, "{ends:?}");
}

#[tokio::test]
async fn l29_a_process_that_slept_through_its_wait_ends_it() {
    let said = stopped("ending::l29_alone", false).await;
    assert_eq!(said, "nobody");
}

#[tokio::test]
async fn l29_an_answer_that_came_while_the_process_slept_is_taken_or_timed_out() {
    let said = stopped("ending::l29_alone", true).await;
    assert!(["back", "nobody"].contains(&said.as_str()), "{said}");
}

/// Stops a process in the middle of its wait, until long after the end of that.
async fn stopped(name: &str, comes_back: bool) -> String {
    let mut command = alone::command(name);
    command.stdout(std::process::Stdio::piped());
    let mut child = process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let id = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut line = async |prefix: &str| loop {
        let line = timeout(Duration::from_secs(20), lines.next_line())
            .await
            .expect("no hang");
        let line = line.expect("it is text").expect("it says more");
        // The name of the test may stand before it, without a line's end.
        if let Some((_, rest)) = line.split_once(prefix) {
            break rest.to_owned();
        }
    };
    let address: std::net::SocketAddr = line("waits at ").await.parse().expect("an address");
    kill(Pid::from_raw(id), Signal::SIGSTOP).expect("it is ours");
    let answer = async {
        let request = request(
            "GET",
            &format!("/callback?code=c&state={STATE}"),
            &address.to_string(),
            &[],
        );
        if comes_back {
            // Nobody reads the answer if the wait was over.
            let mut stream = tokio::net::TcpStream::connect(address)
                .await
                .expect("the system answers");
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await;
            sleep(Duration::from_secs(3)).await;
        }
    };
    let wake = async {
        sleep(Duration::from_millis(2_500)).await;
        kill(Pid::from_raw(id), Signal::SIGCONT).expect("it is ours");
        line("ended as ").await
    };
    let (_, said) = tokio::join!(answer, wake);
    child.wait().await.expect("it ends");
    said
}

#[tokio::test]
#[ignore = "is stopped by its twin"]
#[expect(clippy::print_stdout, reason = "its twin reads it")]
async fn l29_alone() {
    let desktop = Desktop::new().patient_for(Duration::from_secs(1));
    let mut away = desktop.leave().await;
    away.during(sleep(Duration::from_millis(50))).await;
    println!("waits at {}", away.address);
    match away.trip.await {
        Ok(Trip::Back(_)) => println!("ended as back"),
        Err(PortError::NobodyBack { .. }) => println!("ended as nobody"),
        other => println!("ended as {other:?}"),
    }
}
