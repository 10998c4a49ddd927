//! A machine that stops at a stage of its refresh, until it is told to go on.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus_auth0::port::{Held, Http, HttpRequest, HttpResponse, Lock, Platform, Storage, Task};

use super::worker::{next_line, say};

/// Where a process is to stop until it is told to go on.
#[derive(Clone, Default)]
pub(crate) struct Pause(Rc<RefCell<Option<String>>>);

impl Pause {
    pub(crate) fn at(&self, stage: &str) {
        self.0.replace(Some(stage.to_owned()));
    }

    /// Says that the stage is reached, and stands still until the next line.
    fn reach(&self, stage: &str) {
        if self.0.borrow().as_deref() == Some(stage) {
            self.0.take();
            say(&format!("at {stage}"));
            next_line();
        }
    }
}

/// The ports of a machine that stops where `pause` says.
pub(crate) fn pausing(ports: Platform, pause: &Pause) -> Platform {
    let files: Rc<dyn Storage> = Rc::new(PausingStorage {
        storage: ports.usual_storage,
        pause: pause.clone(),
    });
    Platform {
        lock: Rc::new(PausingLock {
            lock: ports.lock,
            pause: pause.clone(),
        }),
        http: Rc::new(PausingHttp {
            http: ports.http,
            pause: pause.clone(),
        }),
        local_storage: files.clone(),
        usual_storage: files,
        ..ports
    }
}

struct PausingStorage {
    storage: Rc<dyn Storage>,
    pause: Pause,
}

impl Storage for PausingStorage {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        self.storage.get(key)
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        self.storage.set(key, text)
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        self.pause.reach("write");
        self.storage.swap(key, from, to)
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        self.storage.remove(key)
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        self.storage.keys(prefix)
    }
}

struct PausingLock {
    lock: Rc<dyn Lock>,
    pause: Pause,
}

impl Lock for PausingLock {
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held> {
        Box::pin(async move {
            let held = self.lock.hold(name).await;
            self.pause.reach("locked");
            held
        })
    }
}

struct PausingHttp {
    http: Rc<dyn Http>,
    pause: Pause,
}

impl Http for PausingHttp {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        let is_token = request.uri().path() == "/oauth/token";
        Box::pin(async move {
            if is_token {
                self.pause.reach("send");
            }
            let response = self.http.send(request).await;
            if is_token {
                self.pause.reach("answer");
            }
            response
        })
    }
}
