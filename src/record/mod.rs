//! The record of a session: journal, resume, report.
