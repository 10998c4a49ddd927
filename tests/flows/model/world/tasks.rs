//! Futures that are polled by hand, each when it is woken or when a step says so.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use dioxus_auth0::Error;

use super::{Alarm, Done, Kind, Task, Work, World};

impl World {
    pub(super) fn spawn(
        &mut self,
        tab: usize,
        work: Work,
        future: impl Future<Output = Done> + 'static,
    ) {
        self.tasks.push(Task {
            tab,
            work,
            future: Box::pin(future),
            alarm: Arc::new(Alarm(AtomicBool::new(true))),
        });
    }

    pub(super) fn run(&mut self, rounds: usize) {
        for _ in 0..rounds {
            if !self.run_once(&mut Vec::new()) {
                return;
            }
        }
    }

    /// Polls everybody once who is woken, and says whether anybody was.
    pub(super) fn run_once(&mut self, got: &mut Vec<Result<String, Error>>) -> bool {
        let mut was_any = false;
        let mut index = 0;
        while index < self.tasks.len() {
            let count = self.tasks.len();
            if self.tasks[index].alarm.0.load(Ordering::Relaxed) && self.is_awake(index) {
                was_any = true;
                got.extend(self.poll_once(index));
            }
            index += usize::from(self.tasks.len() == count);
        }
        was_any
    }

    pub(super) fn poll(&mut self, index: usize) {
        if self.is_awake(index) {
            self.poll_once(index);
        }
    }

    fn is_awake(&self, index: usize) -> bool {
        let number = self.tasks[index].tab;
        self.tabs
            .iter()
            .any(|tab| tab.number == number && !tab.is_frozen)
    }

    fn poll_once(&mut self, index: usize) -> Option<Result<String, Error>> {
        let task = &mut self.tasks[index];
        let (number, work) = (task.tab, task.work);
        if work == Work::LogIn {
            self.expect_login(number);
        }
        let task = &mut self.tasks[index];
        task.alarm.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(task.alarm.clone());
        let Poll::Ready(done) = task.future.as_mut().poll(&mut Context::from_waker(&waker)) else {
            return None;
        };
        self.tasks.remove(index);
        if let Work::Ask(ask) = work {
            self.record.answered(ask);
        }
        let Done::Token(asked_by, got) = done else {
            return None;
        };
        if let Ok(token) = &got
            && self.record.sub_of(token) != asked_by
        {
            self.record.violated(format!(
                "{asked_by:?} asked, and got {token} of somebody else"
            ));
        }
        Some(got)
    }

    /// A login takes the place of what is there.
    fn expect_login(&self, number: usize) {
        let tab = self.tabs.iter().find(|tab| tab.number == number);
        match self.kind {
            Kind::Apart => {
                let sid = tab.and_then(|tab| tab.sid());
                sid.into_iter().for_each(|sid| self.record.excuse(&sid));
            }
            Kind::Strict | Kind::Overlap => self.record.excuse_all(),
        }
    }
}
