//! Scenarios: keys in, requests out.
