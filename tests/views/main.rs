//! Views and components without a browser: rendered to text, on events fired by hand.
