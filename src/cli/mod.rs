//! The command line: one file per command; errors end here, as a sentence and an exit code.
