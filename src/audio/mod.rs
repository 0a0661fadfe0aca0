//! The engine: a control half that may allocate and fail, a render half that only computes.
