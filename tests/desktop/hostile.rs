//! Many connections, slow ones, and a system that has no more to give.

use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep, timeout};

use crate::alone;
use crate::harness::*;

#[tokio::test]
async fn l16_two_hundred_slow_connections_do_not_keep_the_user_out() {
    let mut away = Desktop::new().leave().await;
    let address = away.address;
    let open = futures_util::future::join_all((0..200).map(|_| TcpStream::connect(address)));
    let slow: Result<Vec<_>, _> = away.during(open).await.into_iter().collect();
    let mut slow = slow.expect("the port is open");
    let request = away.good_request();
    let drip = async {
        let mut second = interval(Duration::from_secs(1));
        for byte in request.as_bytes().chunks(1).take(3) {
            second.tick().await;
            for stream in &mut slow {
                // Those that were turned away take nothing more.
                let _ = stream.write_all(byte).await;
            }
        }
    };
    away.during(drip).await;
    let started = Instant::now();
    away.comes_back().await;
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn l16_a_connection_ends_after_five_seconds_however_busy_it_is() {
    let mut away = Desktop::new().leave().await;
    let mut stream = TcpStream::connect(away.address).await.expect("it is open");
    let started = Instant::now();
    let drip = async {
        let mut tick = interval(Duration::from_millis(200));
        let mut rest = [0];
        loop {
            tick.tick().await;
            if stream.write_all(b"G").await.is_err() {
                break;
            }
            if timeout(Duration::from_millis(1), stream.read(&mut rest))
                .await
                .is_ok()
            {
                break;
            }
        }
    };
    let ended = away.during(timeout(Duration::from_secs(7), drip)).await;
    assert!(ended.is_ok(), "it goes on");
    assert!(
        started.elapsed() > Duration::from_millis(4_500),
        "{:?}",
        started.elapsed()
    );
    away.comes_back().await;
}

#[tokio::test]
async fn l16_connections_are_limited_and_the_oldest_goes_first() {
    let mut away = Desktop::new().leave().await;
    let mut streams = Vec::new();
    for _ in 0..65 {
        streams.push(TcpStream::connect(away.address).await.expect("it is open"));
    }
    away.during(sleep(Duration::from_millis(300))).await;
    let mut open = Vec::new();
    for stream in &mut streams {
        let mut byte = [0];
        open.push(
            timeout(Duration::from_millis(1), stream.read(&mut byte))
                .await
                .is_err(),
        );
    }
    assert!(!open[0], "the oldest is closed");
    assert!(open[1..].iter().all(|open| *open), "{open:?}");
    away.comes_back().await;
}

#[tokio::test]
async fn l16_a_system_without_more_files_is_waited_for() {
    alone::run(alone::command("hostile::l16_alone")).await;
}

#[tokio::test]
#[ignore = "takes its process's files away"]
async fn l16_alone() {
    let mut away = Desktop::new().leave().await;
    away.wait().await;
    // The client's socket is there before the limit; the listener's side of it is not.
    let address = away.address;
    let mut stream = TcpStream::connect(address).await.expect("it is open");
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, 3, most).expect("less is allowed");
    let request = away.good_request();
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is sent");

    let before = cpu_ticks();
    away.during(sleep(Duration::from_secs(1))).await;
    let spent = cpu_ticks() - before;
    assert!(
        spent < 20,
        "{spent} hundredths of a second were spent asking again"
    );

    setrlimit(Resource::RLIMIT_NOFILE, 256, most).expect("the old is allowed");
    let trip = timeout(Duration::from_secs(1), &mut away.trip).await;
    assert!(matches!(trip, Ok(Ok(_))), "{trip:?}");
    assert_eq!(receive(&mut stream).await.status, 303);
}

/// The processor time of this process, in hundredths of a second. Its file is opened through one that is open already.
fn cpu_ticks() -> u64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("it is known");
    let times = [usage.user_time(), usage.system_time()];
    let ticks = times.map(|time| time.tv_sec() * 100 + time.tv_usec() / 10_000);
    u64::try_from(ticks.iter().sum::<i64>()).expect("time is positive")
}
