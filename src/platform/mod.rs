//! The operating system's favours, each with a "not here" answer.
