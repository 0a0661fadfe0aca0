//! The `undertone` program; see the library's crate documentation for the map.

fn main() -> std::process::ExitCode {
    undertone::cli::main()
}
