//! quiet
