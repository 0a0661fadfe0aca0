//! The session process: builds the parts and connects them; one queue, one deadline.
