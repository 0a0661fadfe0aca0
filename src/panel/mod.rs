//! The terminal panel: a therapist's hand in the dark.
