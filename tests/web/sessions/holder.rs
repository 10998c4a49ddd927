//! A tab that is gone, or stands still, while it renews the session for all.
