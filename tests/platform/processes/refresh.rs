//! One refresh for all who need a token, in however many processes.

use std::time::Instant;

use super::{ADA, Scene, all, is_token};
use crate::files::report;

const PROCESSES: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn f18_the_callers_of_eight_processes_make_one_request_each_time_the_token_is_over() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut children = scene.children(PROCESSES);
    let mut before = all(&mut children, "tokens 5");
    assert!(is_token(&before));
    assert_eq!(scene.spent(), [0; 0], "the login's token is good");
    for day in 1..=3 {
        scene.pass_a_day(&mut [&mut children]);
        scene.tenant.clear_requests();
        let start = Instant::now();
        let token = all(&mut children, "tokens 5");
        assert!(is_token(&token) && token != before, "{token}");
        assert_eq!(scene.spent(), [1], "on day {day}");
        assert_eq!(all(&mut children, "tokens 5"), token);
        assert_eq!(scene.spent(), [1], "on day {day}");
        report(&format!(
            "{PROCESSES} processes, 5 callers each, one request, {:?}",
            start.elapsed()
        ));
        before = token;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_processes_that_need_tokens_for_different_apis_wait_for_each_other() {
    let scene = Scene::new_with_mrrt().await;
    scene.log_in(ADA);
    let mut children = scene.children(PROCESSES);
    scene.pass_a_day(&mut [&mut children]);
    scene.tenant.clear_requests();
    let audience = scene.tenant.orders_audience();
    let other = format!("token {audience} read:orders");
    for (turn, child) in children.iter_mut().enumerate() {
        child.tell(if turn % 2 == 0 { "token" } else { &other });
    }
    for (turn, child) in children.iter_mut().enumerate() {
        let answer = child.answer().expect("the child lives");
        let is_right = match turn % 2 {
            0 => is_token(&answer),
            _ => answer.contains("for ") && answer.contains("read:orders"),
        };
        assert!(is_right, "{answer}");
    }
    assert_eq!(scene.spent(), [1, 1], "one for each api, in turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_processes_that_wake_together_make_one_request_and_one_that_starts_late_none() {
    let scene = Scene::new().await;
    scene.log_in(ADA);
    let mut children = scene.followers(4);
    scene.pass_a_day(&mut [&mut children]);
    let token = all(&mut children, "tokens 3");
    let mut late = scene.children(1);
    assert_eq!(all(&mut late, "tokens 3"), token);
    assert_eq!(scene.spent(), [1]);
}
