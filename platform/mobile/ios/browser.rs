//! The sheet that the system shows a login page in, and the browser of the user.
//!
//! A session that the app has cancelled may still say how it ended, when another is shown already: each page has a number,
//! and only the latest is listened to.

#![expect(
    unsafe_code,
    reason = "AuthenticationServices and UIKit are Objective-C, whose methods the compiler cannot check"
)]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use block2::RcBlock;
use objc2::rc::Retained;
use objc2::runtime::{Bool, ProtocolObject};
use objc2::{
    AnyThread, DefinedClass, MainThreadMarker, MainThreadOnly, available, define_class, msg_send,
};
use objc2_authentication_services::{
    ASPresentationAnchor, ASWebAuthenticationPresentationContextProviding,
    ASWebAuthenticationSession, ASWebAuthenticationSessionCallback,
    ASWebAuthenticationSessionErrorCode, ASWebAuthenticationSessionErrorDomain,
};
use objc2_foundation::{NSDictionary, NSError, NSObject, NSObjectProtocol, NSString, NSURL};
use objc2_ui_kit::{UIApplication, UIColor, UIWindow, UIWindowScene};
use url::Url;

use crate::platform::mobile::{Inbox, News};
use crate::port::PortError;

/// Shows one page at a time.
pub(super) struct Browser {
    inbox: Arc<Inbox>,
    /// The number of the page that is shown, or of none.
    latest: Arc<AtomicU64>,
    sheet: RefCell<Option<Sheet>>,
}

/// What must be held for as long as a session goes on: itself, and its window, which it holds weakly.
struct Sheet {
    session: Retained<ASWebAuthenticationSession>,
    _anchor: Retained<Anchor>,
}

impl Browser {
    /// Tells `inbox` what becomes of the pages that it shows.
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            latest: Arc::default(),
            sheet: RefCell::default(),
        }
    }

    /// Shows `url` until it leads to `redirect_uri`, in place of what is shown.
    pub(super) fn open(&self, url: &Url, redirect_uri: &Url) -> Result<(), PortError> {
        let main = MainThreadMarker::new().ok_or_else(|| none("this is not the main thread"))?;
        let page = NSURL::URLWithString(&NSString::from_str(url.as_str()))
            .ok_or_else(|| none("the system does not take the address"))?;
        self.close();
        let visit = Visit {
            page,
            number: self.latest.load(Ordering::Relaxed),
            latest: self.latest.clone(),
            inbox: self.inbox.clone(),
        };
        match show(main, &visit, redirect_uri) {
            Some(sheet) => drop(self.sheet.replace(Some(sheet))),
            None => visit.open_plainly(main),
        }
        Ok(())
    }

    /// Takes the sheet away. The browser of the user is theirs.
    pub(super) fn close(&self) {
        self.latest.fetch_add(1, Ordering::Relaxed);
        if let Some(sheet) = self.sheet.take() {
            // SAFETY: it asks for nothing, and a session that has ended ignores it.
            unsafe { sheet.session.cancel() };
        }
    }
}

/// Shows a page in a sheet, where the system can.
fn show(main: MainThreadMarker, visit: &Visit, redirect_uri: &Url) -> Option<Sheet> {
    let anchor = Anchor::new(main, window(main)?);
    let session = session(visit, redirect_uri)?;
    // SAFETY: the provider lives as long as the session does, both in the sheet.
    let is_shown = unsafe {
        session.setPresentationContextProvider(Some(ProtocolObject::from_ref(&*anchor)));
        session.start()
    };
    is_shown.then_some(Sheet {
        session,
        _anchor: anchor,
    })
}

/// Makes a session that catches `redirect_uri`, where the system has one that can: addresses of the web are caught since
/// iOS 17.4.
fn session(visit: &Visit, redirect_uri: &Url) -> Option<Retained<ASWebAuthenticationSession>> {
    let visited = visit.clone();
    let on_end = RcBlock::new(move |link: *mut NSURL, error: *mut NSError| {
        // SAFETY: the system passes objects that live through this call, or null.
        let (link, error) = unsafe { (link.as_ref(), error.as_ref()) };
        visited.end(link, error);
    });
    let on_end = RcBlock::as_ptr(&on_end);
    let session = ASWebAuthenticationSession::alloc();
    if redirect_uri.scheme() != "https" {
        let scheme = NSString::from_str(redirect_uri.scheme());
        // SAFETY: the block is valid, and the session copies it.
        #[expect(deprecated, reason = "what takes its place is there since iOS 17.4")]
        let session = unsafe {
            ASWebAuthenticationSession::initWithURL_callbackURLScheme_completionHandler(
                session,
                &visit.page,
                Some(&scheme),
                on_end,
            )
        };
        return Some(session);
    }
    if !available!(ios = 17.4) {
        return None;
    }
    let host = NSString::from_str(redirect_uri.host_str()?);
    let path = NSString::from_str(redirect_uri.path());
    // SAFETY: the class is there since iOS 17.4; the block is valid, and the session copies it.
    let session = unsafe {
        let callback = ASWebAuthenticationSessionCallback::callbackWithHTTPSHost_path(&host, &path);
        ASWebAuthenticationSession::initWithURL_callback_completionHandler(
            session,
            &visit.page,
            &callback,
            on_end,
        )
    };
    Some(session)
}

/// A page that is shown, and who wants to know what becomes of it.
#[derive(Clone)]
struct Visit {
    page: Retained<NSURL>,
    number: u64,
    latest: Arc<AtomicU64>,
    inbox: Arc<Inbox>,
}

impl Visit {
    /// Tells how a session ended.
    fn end(&self, link: Option<&NSURL>, error: Option<&NSError>) {
        let link = link.and_then(NSURL::absoluteString);
        let link = link.and_then(|link| Url::parse(&link.to_string()).ok());
        if let Some(link) = link {
            self.inbox.put(News::Link(link));
            return;
        }
        match (error.and_then(refusal), MainThreadMarker::new()) {
            _ if !self.is_latest() => {}
            (
                Some(
                    ASWebAuthenticationSessionErrorCode::PresentationContextNotProvided
                    | ASWebAuthenticationSessionErrorCode::PresentationContextInvalid,
                ),
                Some(main),
            ) => self.open_plainly(main),
            (Some(ASWebAuthenticationSessionErrorCode::CanceledLogin), _) => self.is_over(),
            _ => {
                // Neither its text nor its details: they may name the address.
                let (domain, code) = match error {
                    Some(error) => (error.domain().to_string(), error.code()),
                    None => ("no error, and no link".to_owned(), 0),
                };
                tracing::warn!("the login page ended with {domain} {code}");
                self.is_over();
            }
        }
    }

    /// Opens the page in the browser of the user, who comes back by a link that the system delivers.
    fn open_plainly(&self, main: MainThreadMarker) {
        let visit = self.clone();
        let on_opened = RcBlock::new(move |is_opened: Bool| {
            if !is_opened.as_bool() && visit.is_latest() {
                tracing::warn!("no browser opens the login page");
                visit.is_over();
            }
        });
        // SAFETY: no options are of no wrong type.
        unsafe {
            UIApplication::sharedApplication(main).openURL_options_completionHandler(
                &self.page,
                &NSDictionary::new(),
                Some(&on_opened),
            );
        }
    }

    fn is_latest(&self) -> bool {
        self.number == self.latest.load(Ordering::Relaxed)
    }

    fn is_over(&self) {
        self.inbox.put(News::Closed);
    }
}

/// Returns what a session refuses with, as far as it is its own word.
fn refusal(error: &NSError) -> Option<ASWebAuthenticationSessionErrorCode> {
    // SAFETY: it is a constant of the framework, which is linked.
    let own = unsafe { ASWebAuthenticationSessionErrorDomain };
    (*error.domain() == *own).then(|| ASWebAuthenticationSessionErrorCode(error.code()))
}

/// Paints what lies behind the page in the color of the system, which is another at night.
pub(in crate::platform) fn paint() {
    let Some(main) = MainThreadMarker::new() else {
        return;
    };
    for window in windows(main) {
        window.setBackgroundColor(Some(&UIColor::systemBackgroundColor()));
    }
}

/// Finds the window that the user looks at.
fn window(main: MainThreadMarker) -> Option<Retained<UIWindow>> {
    let windows = windows(main);
    let key = windows.iter().find(|window| window.isKeyWindow());
    key.or(windows.first()).cloned()
}

fn windows(main: MainThreadMarker) -> Vec<Retained<UIWindow>> {
    let scenes = UIApplication::sharedApplication(main).connectedScenes();
    scenes
        .iter()
        .filter_map(|scene| scene.downcast::<UIWindowScene>().ok())
        .flat_map(|scene| scene.windows().to_vec())
        .collect()
}

define_class!(
    /// Names the window that a sheet belongs to.
    // SAFETY: NSObject asks nothing of its subclasses, and this one drops nothing by itself.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[ivars = Retained<UIWindow>]
    struct Anchor;

    unsafe impl NSObjectProtocol for Anchor {}

    // SAFETY: the one method of the protocol has the signature that the system's headers give it.
    unsafe impl ASWebAuthenticationPresentationContextProviding for Anchor {
        #[unsafe(method_id(presentationAnchorForWebAuthenticationSession:))]
        fn anchor(&self, _session: &ASWebAuthenticationSession) -> Retained<ASPresentationAnchor> {
            Retained::into_super(Retained::into_super(Retained::into_super(
                self.ivars().clone(),
            )))
        }
    }
);

impl Anchor {
    fn new(main: MainThreadMarker, window: Retained<UIWindow>) -> Retained<Self> {
        let anchor = Self::alloc(main).set_ivars(window);
        // SAFETY: NSObject's `init` takes nothing and returns the object.
        unsafe { msg_send![super(anchor), init] }
    }
}

fn none(why: &str) -> PortError {
    PortError::Unavailable {
        what: "a browser",
        why: why.to_owned(),
    }
}
