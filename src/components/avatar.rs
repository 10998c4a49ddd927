//! A user's picture.

use dioxus::prelude::*;

use crate::user::User;

/// Shows the user's picture, or their initials where there is none or it cannot be loaded.
///
/// The picture's host learns nothing of the page: no referrer is sent.
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::components::Avatar;
/// use dioxus_auth0::use_auth0;
///
/// #[component]
/// fn Me() -> Element {
///     match use_auth0().user() {
///         Some(user) => rsx! { Avatar { user } },
///         None => rsx! {},
///     }
/// }
/// # use std::rc::Rc;
/// # use dioxus_auth0::{auth::AuthContextProvider, platform::memory::MemoryAuth};
/// # fn App() -> Element {
/// #     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
/// #     rsx! { AuthContextProvider { context: auth, Me {} } }
/// # }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert!(dioxus_ssr::render(&dom).contains(">AL<"));
/// ```
#[component]
pub fn Avatar(
    /// Whose picture it is.
    user: User,
    /// Its width and height in CSS pixels.
    #[props(default = 96)]
    size: u16,
) -> Element {
    let mut broken = use_signal(String::new);
    let name = display_name(&user).to_owned();
    let picture = user.picture().map(str::to_owned);
    match picture {
        Some(picture) if *broken.read() != picture => rsx! {
            img {
                class: "avatar",
                src: "{picture}",
                alt: "Picture of {name}",
                width: "{size}",
                height: "{size}",
                referrerpolicy: "no-referrer",
                onerror: move |_| broken.set(picture.clone()),
            }
        },
        _ => rsx! {
            span {
                class: "avatar",
                role: "img",
                aria_label: "Picture of {name}",
                "data-size": "{size}",
                {initials(&name)}
            }
        },
    }
}

/// The best there is to call the user by.
pub(crate) fn display_name(user: &User) -> &str {
    [user.name(), user.nickname(), user.email()]
        .into_iter()
        .flatten()
        .find(|name| !name.trim().is_empty())
        .unwrap_or(user.sub())
}

/// The first letters of the first and the last word. The stylesheet makes them capitals: Unicode's tables of letters
/// and cases would be a fiftieth of the bundle.
fn initials(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| !letter.is_ascii_punctuation()));
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("  grace  brewster murray hopper "), "gh");
        assert_eq!(initials("(ada)"), "a");
        assert_eq!(initials("<script> !"), "s");
        assert_eq!(initials("émile zola"), "éz");
        assert_eq!(initials("!"), "");
    }
}
