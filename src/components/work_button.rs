//! A button whose work takes a while.

use dioxus::prelude::*;

use crate::error::Error;
use crate::port::Task;

/// Does `work` when pressed, and is busy until it ends. While busy it keeps the focus but does nothing.
///
/// Errors are not its business: whoever does the work shows them.
#[component]
pub(crate) fn WorkButton(
    class: String,
    work: Callback<(), Task<'static, (), Error>>,
    children: Element,
) -> Element {
    let mut is_busy = use_signal(|| false);
    let press = move |_| {
        if is_busy.replace(true) {
            return;
        }
        spawn(async move {
            // The outcome reaches the page as a state; here only the end counts.
            let _ = work(()).await;
            is_busy.set(false);
        });
    };
    rsx! {
        button {
            r#type: "button",
            class,
            "data-state": if is_busy() { "busy" } else { "idle" },
            aria_busy: is_busy(),
            aria_disabled: is_busy(),
            onclick: press,
            {children}
        }
    }
}
