#!/usr/bin/env bash
# Fuzzes every target for so many seconds each, with the compiler as it is: tests/fuzz/run.sh SECONDS [TARGET]...
# What it finds stays in target/fuzz/found, and what it learnt in target/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
work=$PWD/target/fuzz
mkdir -p "$work/found"

# LibFuzzer's instrumentation is LLVM's own, which a stable compiler can be asked for.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
cargo build --release --manifest-path tests/fuzz/Cargo.toml --target-dir "$work/build" \
    --target "$(rustc -vV | sed -n 's/^host: //p')" --quiet
built=$(echo "$work"/build/*/release)

# Where each begins: what the tests have, cut short, since small files are tried oftener.
begin() { mkdir -p "$work/corpus/$1"; for file in "${@:2}"; do head -c 12000 "$file" > "$work/corpus/$1/$(basename "$file")"; done; }
media=tests/fixtures/media
begin playlist tests/fixtures/playlists/*/*.toml playlists/*.toml
begin flac $media/*.flac; begin mp3 $media/*.mp3; begin mp4 $media/*.m4a; begin ogg $media/*.ogg $media/*.oga
begin opus $media/*.opus; begin wav $media/*.wav; begin aiff $media/*.aiff
begin journal tests/fuzz/seeds/journal-*; begin wire tests/fuzz/seeds/wire-*
begin words tests/scenarios/*.script tests/fuzz/seeds/words-*; begin text tests/fuzz/seeds/words-*

for target in "${@:-playlist flac mp3 mp4 ogg opus wav aiff journal wire words text}"; do
    for corpus in $target; do
        case $corpus in flac|mp3|mp4|ogg|opus|wav|aiff) program=media ;; *) program=$corpus ;; esac
        echo "== $corpus"
        "$built/$program" "$work/corpus/$corpus" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=2048 \
            -timeout=20 -artifact_prefix="$work/found/$corpus-" -print_final_stats=1 2>&1 | tail -n 14 || true
    done
done
