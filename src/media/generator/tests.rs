//! What every generator promises.
