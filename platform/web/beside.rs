//! A [popup](https://developer.mozilla.org/docs/Web/API/Window/open) or a hidden
//! [frame](https://developer.mozilla.org/docs/Web/HTML/Reference/Elements/iframe) in which the provider is asked while
//! the app stays where it is.
//!
//! The app comes up there too, at the redirect URI. It knows the place by a mark for this `state` that was left in the
//! place's `sessionStorage`: that outlives what clears a window's name and cuts it off from its opener. It sends the
//! answer to whoever waits on the [`BroadcastChannel`](web_sys::BroadcastChannel) of this `state`, and is gone.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::Promise;
use url::Url;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlIFrameElement, MessageEvent, Storage, Window};

use super::channel::Open;
use super::{WebClock, unavailable, window};
use crate::port::{Beside, Clock, Departure, PortError, Task, Trip};
use crate::secret::State;

/// What marks and channels are called, before the `state`.
const PREFIX: &str = "dioxus-auth0.beside.";

/// What a popup shows until the provider's page is there.
const OPENING: &str = "Opening the login page…";

/// The size of a popup, in CSS pixels.
const SIZE: [i32; 2] = [400, 600];

/// How often to look whether the user has left a popup, and how many times in a row count: an answer may be on its way.
const LOOK: Duration = Duration::from_millis(200);
const LOOKS: u32 = 4;

/// A place beside the app, and the way back from there.
pub(super) struct BesideDeparture {
    redirect_uri: String,
    /// What the way back is called, where the URL does not say it.
    name: Option<String>,
    place: Place,
    patience: Duration,
}

impl BesideDeparture {
    /// Opens a popup now, or lets a frame be made when it has somewhere to go.
    pub(super) fn open(
        place: Beside,
        redirect_uri: String,
        patience: Duration,
    ) -> Result<Self, PortError> {
        Ok(Self {
            redirect_uri,
            name: None,
            place: Place::open(place)?,
            patience,
        })
    }
}

impl Departure for BesideDeparture {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn waits(&self) -> bool {
        true
    }

    fn await_answer(&mut self, state: &State) {
        self.name = Some([PREFIX, state.expose()].concat());
    }

    fn go(mut self: Box<Self>, url: Url) -> Task<'static, Trip> {
        Box::pin(async move {
            // A script would run as this page's own.
            let name = self.name.take().or_else(|| name(&url));
            let name = name.filter(|_| url.scheme().starts_with("http"));
            let way = name.and_then(|name| Open::new(&name));
            let way = way.ok_or_else(|| self.place.lacks(&JsValue::UNDEFINED))?;
            let gone = self.place.go(&url, &way.name);
            gone.map_err(|thrown| self.place.lacks(&thrown))?;
            let answer = pin!(answer(&way));
            let end = pin!(self.place.end(self.patience));
            match select(answer, end).await {
                Either::Left((answer, _)) => Ok(Trip::Back(answer)),
                Either::Right((end, _)) => end,
            }
        })
    }
}

/// Where the provider is asked. It is gone when this is dropped.
enum Place {
    Popup(Window),
    Frame(Option<Frame>),
}

struct Frame {
    element: HtmlIFrameElement,
    mark: String,
}

impl Place {
    fn open(place: Beside) -> Result<Self, PortError> {
        if place == Beside::Frame {
            return Ok(Self::Frame(None));
        }
        let opened = window().open_with_url_and_target_and_features("", "_blank", &features());
        let popup = opened.ok().flatten().ok_or(PortError::PopupBlocked)?;
        if let Some(document) = popup.document() {
            document.set_title(OPENING);
            if let Some(body) = document.body() {
                body.set_text_content(Some(OPENING));
            }
        }
        Ok(Self::Popup(popup))
    }

    /// Leads it to `url`, and leaves `mark` there for the way back. No page before that stays in its history.
    fn go(&mut self, url: &Url, mark: &str) -> Result<(), JsValue> {
        match self {
            // The user may have closed it by now, and is heard of soon.
            Self::Popup(popup) if popup.closed()? => Ok(()),
            Self::Popup(popup) => {
                leave(popup, mark)?;
                popup.location().replace(url.as_str())
            }
            Self::Frame(frame) => {
                leave(&window(), mark)?;
                let document = window().document().ok_or(JsValue::UNDEFINED)?;
                let body = document.body().ok_or(JsValue::UNDEFINED)?;
                let element = document.create_element("iframe")?;
                let element: HtmlIFrameElement = element.unchecked_into();
                element.set_hidden(true);
                element.set_src(url.as_str());
                body.append_child(&element)?;
                let mark = mark.to_owned();
                *frame = Some(Frame { element, mark });
                Ok(())
            }
        }
    }

    /// Waits until nobody can come back from there any more.
    async fn end(&self, patience: Duration) -> Result<Trip, PortError> {
        let start = WebClock.monotonic();
        let mut looks = 0;
        while looks < LOOKS {
            let left = (start + patience).saturating_sub(WebClock.monotonic());
            if left.is_zero() {
                return Err(PortError::NobodyBack {
                    seconds: patience.as_secs(),
                });
            }
            WebClock.sleep(left.min(LOOK)).await;
            looks = if self.is_left() { looks + 1 } else { 0 };
        }
        Ok(Trip::Cancelled)
    }

    /// Says whether the user has closed it and is back.
    ///
    /// A page with a [`Cross-Origin-Opener-Policy`](https://html.spec.whatwg.org/#cross-origin-opener-policies) is cut off
    /// and looks closed from here although the user is still there, or is just coming back. But then this page has no
    /// focus, and gets it when they close the popup.
    fn is_left(&self) -> bool {
        let Self::Popup(popup) = self else {
            return false;
        };
        let has_focus = || window().document().map(|document| document.has_focus());
        popup.closed().unwrap_or(true) && has_focus().is_none_or(|has| has.unwrap_or(true))
    }

    fn lacks(&self, thrown: &JsValue) -> PortError {
        let place = match self {
            Self::Popup(_) => Beside::Popup,
            Self::Frame(_) => Beside::Frame,
        };
        unavailable(place.as_str(), thrown)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            // One that is closed already stays so.
            Self::Popup(popup) => drop(popup.close()),
            Self::Frame(frame) => {
                if let Some(Frame { element, mark }) = frame.take() {
                    element.remove();
                    if let Some(storage) = storage(&window()) {
                        let _ = storage.remove_item(&mark);
                    }
                }
            }
        }
    }
}

/// Hands the answer `url` over to the page that this one is beside, if it is, and goes away.
pub(super) fn hand_over(url: &Url) -> bool {
    let (Some(name), Some(storage)) = (name(url), storage(&window())) else {
        return false;
    };
    if !matches!(storage.get_item(&name), Ok(Some(_))) {
        return false;
    }
    let _ = storage.remove_item(&name);
    if let Some(open) = Open::new(&name) {
        open.post(&url.as_str().into());
    }
    // A popup closes; a frame cannot, and is taken away by its page. Where neither comes about, nothing is left here that
    // could go on.
    let _ = window().close();
    let _ = window().location().replace("about:blank");
    true
}

/// Waits for the answer whose `state` names the channel.
async fn answer(way: &Open) -> Url {
    loop {
        let told = Promise::new(&mut |told, _| way.channel.set_onmessage(Some(&told)));
        if let Ok(event) = JsFuture::from(told).await
            && let Some(text) = event.unchecked_into::<MessageEvent>().data().as_string()
            && let Ok(url) = Url::parse(&text)
            && name(&url).as_ref() == Some(&way.name)
        {
            return url;
        }
    }
}

/// What the mark and the channel of the trip to or from `url` are called.
fn name(url: &Url) -> Option<String> {
    let (_, state) = url.query_pairs().find(|(name, _)| name == "state")?;
    Some([PREFIX, &state].concat())
}

fn leave(place: &Window, mark: &str) -> Result<(), JsValue> {
    storage(place).ok_or(JsValue::UNDEFINED)?.set_item(mark, "")
}

fn storage(place: &Window) -> Option<Storage> {
    place.session_storage().ok().flatten()
}

/// In the middle of this window.
fn features() -> String {
    let [width, height] = SIZE;
    // Without a fraction of a pixel.
    let number = |found: Result<JsValue, JsValue>| Some(found.ok()?.as_f64()? as i32);
    let middle = |start, length, own| match (number(start), number(length)) {
        (Some(start), Some(length)) => start + (length - own) / 2,
        _ => 0,
    };
    let window = window();
    let left = middle(window.screen_x(), window.outer_width(), width);
    let top = middle(window.screen_y(), window.outer_height(), height);
    format!("popup,width={width},height={height},left={left},top={top}")
}
