//! Progress of long work, on stderr, where somebody may be looking.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts; invisible where stderr is no terminal.
pub(super) fn bar(total: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    // The template is ours and right; the default is a bar too.
    if let Ok(style) = ProgressStyle::with_template("{msg:>12} [{bar:30}] {pos}/{len} {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what);
    bar
}
