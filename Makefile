# Two commands; both install the system packages that they miss (see .ci/packages).

build_needs = pkg-config libasound2-dev cmake g++
# The program asks the sound server by pactl where its sound goes.
play_needs = pulseaudio-utils
test_needs = pulseaudio pulseaudio-utils tmux dbus

.PHONY: play test

# A session with built-in music, in the panel.
play:
	@.ci/packages $(build_needs) $(play_needs)
	cargo build --release
	cargo run --release --quiet -- play low-tide

# Form, lints, tests.
test:
	@.ci/packages $(build_needs) $(test_needs)
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo test
