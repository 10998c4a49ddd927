//! Processes that end or stand still at any moment of a refresh.

use std::time::Duration;

use nix::sys::signal::Signal;
use tenant::{Endpoint, Fault};

use super::{ADA, OVER, Scene, all, is_token};
use crate::files::report;

const ROUNDS: u64 = 16;
const PROCESSES: usize = 4;

/// A number that follows another, as if by chance.
fn next(seed: u64) -> u64 {
    seed * 48_271 % 2_147_483_647
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_process_killed_or_frozen_at_any_moment_costs_the_others_one_login_at_most() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let slow = Fault::Slow(Duration::from_millis(20));
    scene.tenant.faults().set(Endpoint::Token, slow, None);
    let mut children = scene.followers(PROCESSES);
    let (mut logins, mut seed) = (0, 1);
    for round in 0..ROUNDS {
        seed = next(seed);
        scene.pass_a_day(&mut [&mut children]);
        scene.tenant.clear_requests();
        let mut unlucky = children.remove(0);
        unlucky.tell("tokens 3");
        std::thread::sleep(Duration::from_micros(seed % 40_000));
        let is_killed = round % 4 != 0;
        match is_killed {
            true => unlucky.kill(),
            false => unlucky.signal(Signal::SIGSTOP),
        }
        let mut answer = all(&mut children, "tokens 3");
        if answer == OVER {
            logins += 1;
            assert_eq!(children[0].ask(&format!("log in {ADA}")), "done");
            for child in &mut children {
                assert!(
                    child
                        .ask(&format!("until {ADA} 20000"))
                        .starts_with("since")
                );
            }
            answer = all(&mut children, "tokens 3");
        }
        assert!(is_token(&answer), "in round {round}: {answer}");
        let spent = scene.spent();
        let most = spent.last().copied().unwrap_or_default();
        assert!(most <= 2, "in round {round}: {spent:?}");
        if !is_killed {
            unlucky.signal(Signal::SIGCONT);
            let woken = unlucky.answer().expect("it lives");
            assert!(
                is_token(&woken) || woken == OVER,
                "in round {round}: {woken}"
            );
            assert!(
                unlucky
                    .ask(&format!("until {ADA} 20000"))
                    .starts_with("since")
            );
            assert_eq!(unlucky.ask("token"), answer, "in round {round}");
        }
        assert_eq!(all(&mut children, "tokens 3"), answer, "in round {round}");
        assert_eq!(scene.spent(), spent, "in round {round}");
        children.extend(scene.followers(1));
    }
    report(&format!(
        "{ROUNDS} holders killed or frozen at random, {logins} logins"
    ));
}
