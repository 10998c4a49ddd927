//! What a phone must be able to do for a login.

use std::sync::Arc;

use url::Url;

use super::Inbox;
use crate::port::PortError;

/// A phone, as far as a login needs it.
pub trait Phone {
    /// Names the system as Auth0's redirect URIs do: `android` or `ios`.
    fn system(&self) -> &'static str;

    /// Returns the app's identifier, such as `com.example.app`, if the system tells.
    fn identifier(&self) -> Option<String>;

    /// Shows `url` in the system's browser, never in a web view of the app
    /// ([RFC 8252 §8.12](https://www.rfc-editor.org/rfc/rfc8252#section-8.12)), and returns at once.
    ///
    /// What becomes of it **must** come to the [`inbox`](Self::inbox), links to `redirect_uri` among them. It takes the place
    /// of whatever was opened before, of which nothing **may** be told from then on but links.
    ///
    /// # Errors
    ///
    /// [`PortError::NoBrowser`] when the phone has none.
    fn open(&self, url: &Url, redirect_uri: &Url) -> Result<(), PortError>;

    /// Closes what [`open`](Self::open) shows, where the system lets the app. That **must not** be told as
    /// [`News::Closed`].
    fn close(&self);

    /// Returns where links arrive: one for the life of the process, since the system delivers to that and not to a window.
    fn inbox(&self) -> Arc<Inbox>;
}

/// What a phone tells.
#[derive(Clone, PartialEq, Eq)]
pub enum News {
    /// The app was opened with a link. Any app and any page can do that.
    Link(Url),
    /// The user closed the browser that was opened last, as far as the system tells.
    Closed,
}
