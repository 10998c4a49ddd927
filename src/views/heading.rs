//! The main heading of a page, with what belongs to it: the title, and the focus after a change of page.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::prelude::*;

use crate::platform::page;

const ID: &str = "heading";

/// The address of the page shown last, empty before the first: when it changes, the focus follows to the new heading.
#[derive(Clone, Default)]
pub(crate) struct Visited(Rc<RefCell<String>>);

/// The main heading of the page called `title`.
#[component]
pub(crate) fn Heading(title: String, children: Element) -> Element {
    use_effect(move || {
        page::set_title(&[&title, " · dioxus-auth0"].concat());
        if let Some(Visited(visited)) = try_consume_context() {
            let here = history().current_route();
            let before = visited.replace(here.clone());
            if !before.is_empty() && before != here {
                page::focus(ID);
            }
        }
    });
    rsx! {
        h1 { id: ID, tabindex: "-1", {children} }
    }
}
