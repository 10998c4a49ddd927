//! The protocol: values in, values out.
