//! The app on a phone: a finger in place of a mouse, a notch in the screen, a keyboard over half of it.
//!
//! Wherever somebody stops on their way the page is looked at in both schemes of colors, and held to `rules.js`. The
//! pictures are kept in the directory `phone` among the temporary files of the target directory.

mod hand;
mod look;
mod notices;
mod problems;
mod tenant;
mod way;
