//! What a task waits for: [events](https://developer.mozilla.org/docs/Web/API/EventTarget/addEventListener) and a
//! [timer](https://developer.mozilla.org/docs/Web/API/Window/setTimeout).

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::EventTarget;

use super::window;

/// Rings whenever one of its events happens or its timer runs out, until it is dropped. Several rings that nobody heard
/// are one.
pub(super) struct Bell {
    rung: Rc<Rung>,
    ring: Closure<dyn Fn()>,
    listens: Vec<(EventTarget, &'static str)>,
    timer: Option<i32>,
}

#[derive(Default)]
struct Rung {
    is_rung: Cell<bool>,
    waiting: Cell<Option<Waker>>,
}

impl Bell {
    /// Hangs up a bell that nothing rings yet.
    pub(super) fn new() -> Self {
        let rung = Rc::<Rung>::default();
        let ring = Closure::new({
            let rung = rung.clone();
            move || {
                rung.is_rung.set(true);
                if let Some(waiting) = rung.waiting.take() {
                    waiting.wake();
                }
            }
        });
        Self {
            rung,
            ring,
            listens: Vec::new(),
            timer: None,
        }
    }

    /// Lets it ring whenever `event` happens to `target`, from now on.
    pub(super) fn at(mut self, target: &EventTarget, event: &'static str) -> Self {
        let ring = self.ring.as_ref().unchecked_ref();
        // Nothing but a listener that is no function throws.
        let _ = target.add_event_listener_with_callback(event, ring);
        self.listens.push((target.clone(), event));
        self
    }

    /// Lets it ring once more in so many milliseconds, instead of whenever its timer was set to before.
    pub(super) fn ring_in(&mut self, milliseconds: f64) {
        self.stop_timer();
        let ring = self.ring.as_ref().unchecked_ref();
        let set = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(ring, milliseconds as i32);
        self.timer = set.ok();
    }

    fn stop_timer(&mut self) {
        if let Some(timer) = self.timer.take() {
            window().clear_timeout_with_handle(timer);
        }
    }
}

impl Stream for Bell {
    type Item = ();

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
        if self.rung.is_rung.take() {
            return Poll::Ready(Some(()));
        }
        self.rung.waiting.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.stop_timer();
        let ring = self.ring.as_ref().unchecked_ref();
        for (target, event) in &self.listens {
            let _ = target.remove_event_listener_with_callback(event, ring);
        }
    }
}
