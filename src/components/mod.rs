//! Buttons, guards and messages for any app. They know no route and bring no looks of their own:
//! classes and `data-state` attributes are theirs, the rest is the app's stylesheet.

mod avatar;
mod fix;
mod login_button;
mod logout_button;
mod notice;
mod problem;
mod require_auth;
mod signed_in;
mod signed_out;
mod work_button;

pub use avatar::Avatar;
pub(crate) use avatar::display_name;
pub(crate) use fix::fix;
pub(crate) use login_button::LoginHere;
pub use login_button::{LoginButton, SignUpButton};
pub use logout_button::LogoutButton;
pub use notice::Notice;
pub use problem::Problem;
pub use require_auth::RequireAuth;
pub use signed_in::SignedIn;
pub use signed_out::SignedOut;
