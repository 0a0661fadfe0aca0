#!/usr/bin/env bash
# Fuzzes with the compiler as it is:
#
#   tests/fuzz/run.sh SECONDS [TARGET]...   tries each target for so long; what it finds stays in target/fuzz/found
#   tests/fuzz/run.sh keep [TARGET]...      puts the shortest inputs for each branch it has reached into tests/fuzz/corpus
#
# Two that run side by side take different targets.
set -euo pipefail
cd "$(dirname "$0")/../.."
what=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(playlist flac mp3 mp4 ogg opus wav aiff journal wire words text)
work=$PWD/target/fuzz
kept=tests/fuzz/corpus
# No longer input is kept, since what is kept stays in the repository for good.
longest_kept=4096

# LibFuzzer's instrumentation is LLVM's own, which a stable compiler can be asked for.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
cargo build --release --manifest-path tests/fuzz/Cargo.toml --target-dir "$work/build" \
    --target "$(rustc -vV | sed -n 's/^host: //p')" --quiet
program=$(echo "$work"/build/*/release/fuzz)

# Where each begins, beside what is kept: what the tests have, cut short, since small files are tried oftener.
begin() { for file in "${@:2}"; do head -c 12000 "$file" > "$work/corpus/$1/$(basename "$file")"; done; }
media=tests/fixtures/media

for target in "${targets[@]}"; do
    export UNDERTONE_TARGET=$target
    learnt=$work/corpus/$target
    mkdir -p "$learnt" "$work/found" "$kept/$target"
    echo "== $target"
    if [ "$what" = keep ]; then
        "$program" -merge=1 -use_counters=0 -max_len="$longest_kept" "$kept/$target" "$learnt" 2>&1 | tail -n 1
        continue
    fi
    case $target in
        playlist) begin playlist tests/fixtures/playlists/*/*.toml playlists/*.toml ;;
        ogg) begin ogg $media/*.ogg $media/*.oga ;;
        mp4) begin mp4 $media/*.m4a ;;
        flac | mp3 | opus | wav | aiff) begin "$target" "$media"/*."$target" ;;
        words) begin words tests/scenarios/*.script ;;
    esac
    "$program" "$learnt" "$kept/$target" -max_total_time="$what" -max_len=16384 -rss_limit_mb=2048 -timeout=20 \
        -artifact_prefix="$work/found/$target-" -print_final_stats=1 2>&1 | tail -n 14 || true
done
