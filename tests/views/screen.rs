//! Somebody in front of a page: looks, presses, writes, waits.

use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

use dioxus::core::{Event, ScopeId, VirtualDom};
use dioxus::history::{History, MemoryHistory};
use dioxus::html::geometry::{ClientPoint, Coordinates, ElementPoint, PagePoint, ScreenPoint};
use dioxus::html::input_data::{MouseButton, MouseButtonSet};
use dioxus::html::{
    Modifiers, PlatformEventData, SerializedFormData, SerializedHtmlEventConverter,
};
use dioxus::html::{SerializedImageData, SerializedMouseData};
use dioxus::prelude::*;
use dioxus_auth0::auth::{Aside, AuthContextProvider, AuthState, ContextHandle};
use dioxus_auth0::platform::memory::{Asked, MemoryAuth};

use crate::page::{Found, Page};

pub(crate) struct Screen {
    dom: VirtualDom,
    page: Page,
    pub(crate) auth: Rc<MemoryAuth>,
    pub(crate) history: Rc<MemoryHistory>,
}

impl Screen {
    /// Shows `view` at `path`, with `auth` above it.
    pub(crate) async fn show(view: fn() -> Element, path: &str, auth: MemoryAuth) -> Self {
        let auth = Rc::new(auth);
        let scene = Scene {
            view,
            context: auth.clone().into(),
        };
        let dom = VirtualDom::new(Stage).with_root_context(scene);
        Self::start(dom, path, auth).await
    }

    /// Shows `dom` at `path`.
    pub(crate) async fn start(dom: VirtualDom, path: &str, auth: Rc<MemoryAuth>) -> Self {
        dioxus::html::set_event_converter(Box::new(SerializedHtmlEventConverter));
        let history = Rc::new(MemoryHistory::with_initial_path(path));
        let dom = dom.with_root_context(history.clone() as Rc<dyn History>);
        let mut screen = Self {
            dom,
            page: Page::new(),
            auth,
            history,
        };
        screen.dom.rebuild(&mut screen.page);
        screen.settle().await;
        screen
    }

    /// Waits until nothing more happens.
    pub(crate) async fn settle(&mut self) {
        let pause = Duration::from_millis(20);
        while tokio::time::timeout(pause, self.dom.wait_for_work())
            .await
            .is_ok()
        {
            self.dom.render_immediate(&mut self.page);
        }
    }

    pub(crate) async fn set_state(&mut self, state: AuthState) {
        let auth = self.auth.clone();
        self.dom.in_scope(ScopeId::APP, || auth.set_state(state));
        self.settle().await;
    }

    pub(crate) async fn set_aside(&mut self, aside: Aside) {
        let auth = self.auth.clone();
        self.dom.in_scope(ScopeId::APP, || auth.set_aside(aside));
        self.settle().await;
    }

    pub(crate) fn body(&self) -> Found<'_> {
        self.page.body()
    }

    /// The text a reader sees.
    pub(crate) fn text(&self) -> String {
        self.body().text()
    }

    /// The page as HTML, escaped as a browser would get it.
    pub(crate) fn html(&self) -> String {
        dioxus_ssr::render(&self.dom)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.auth.asked()
    }

    /// The first button or link that says `text`.
    pub(crate) fn control(&self, text: &str) -> Found<'_> {
        self.find_control(text)
            .unwrap_or_else(|| panic!("no control says {text:?} in: {}", self.text()))
    }

    pub(crate) fn has_control(&self, text: &str) -> bool {
        self.find_control(text).is_some()
    }

    fn find_control(&self, text: &str) -> Option<Found<'_>> {
        let body = self.body();
        let controls = body.all("button").into_iter().chain(body.all("a"));
        controls.into_iter().find(|control| control.text() == text)
    }

    /// Presses the button or link that says `text`, as a browser would: a disabled one cannot be pressed, and one that
    /// submits a form does.
    pub(crate) async fn press(&mut self, text: &str) {
        self.press_only(text);
        self.settle().await;
    }

    /// Presses and looks at once, before anything that waits has gone on.
    pub(crate) fn press_only(&mut self, text: &str) {
        let control = self.control(text);
        assert_eq!(control.attribute("disabled"), None, "{text} is disabled");
        if control.attribute("type") == Some("submit") {
            let id = control.listener("submit").expect("a form that listens");
            return self.fire(
                "submit",
                SerializedFormData::new(String::new(), Vec::new()),
                id,
            );
        }
        let id = control.listener("click").expect("a control that listens");
        self.fire("click", left_click(), id);
        self.dom.render_immediate(&mut self.page);
    }

    /// Replaces what stands in the text field.
    pub(crate) async fn write(&mut self, text: &str) {
        let id = self.body().only("textarea").listener("input");
        let data = SerializedFormData::new(text.to_owned(), Vec::new());
        self.fire("input", data, id.expect("a field that listens"));
        self.settle().await;
    }

    /// Submits the form, as scripts can even when its button is disabled.
    pub(crate) async fn submit(&mut self) {
        let id = self.body().only("form").listener("submit");
        let data = SerializedFormData::new(String::new(), Vec::new());
        self.fire("submit", data, id.expect("a form that listens"));
        self.settle().await;
    }

    /// Lets the only picture fail to load.
    pub(crate) async fn break_picture(&mut self) {
        let id = self.body().only("img").listener("error");
        let data: SerializedImageData =
            serde_json::from_str(r#"{"load_error":true}"#).expect("the event's own field");
        self.fire("error", data, id.expect("a picture that listens"));
        self.settle().await;
    }

    fn fire(&self, name: &str, data: impl Any, id: dioxus::core::ElementId) {
        let data = PlatformEventData::new(Box::new(data));
        let event = Event::new(Rc::new(data) as Rc<dyn Any>, true);
        self.dom.runtime().handle_event(name, event, id);
    }
}

/// What is shown, and the login above it.
#[derive(Clone)]
struct Scene {
    view: fn() -> Element,
    context: ContextHandle,
}

#[component]
fn Stage() -> Element {
    let Scene {
        view: View,
        context,
    } = use_context();
    rsx! {
        AuthContextProvider { context, View {} }
    }
}

fn left_click() -> SerializedMouseData {
    let nowhere = Coordinates::new(
        ScreenPoint::zero(),
        ClientPoint::zero(),
        ElementPoint::zero(),
        PagePoint::zero(),
    );
    SerializedMouseData::new(
        Some(MouseButton::Primary),
        MouseButtonSet::empty(),
        nowhere,
        Modifiers::empty(),
    )
}
