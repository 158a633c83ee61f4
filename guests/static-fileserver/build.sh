#!/usr/bin/env bash
# Builds static-fileserver.wasm, and puts it where apps of this repository have their copy.
# Needs cargo; rustup adds the wasm target. The result is the same, byte for byte, on each build.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${SPINDLE_GUEST_CACHE:-$HOME/.cache/spindle-guests}/target}

# Panic messages hold source paths: those of the registry, not of this machine.
for dir in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do RUSTFLAGS+=" --remap-path-prefix=${dir%/}=/crates"; done
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$root=/spindle"

rustup target list --installed 2>/dev/null | grep -qx wasm32-wasip2 || rustup target add wasm32-wasip2
(cd "$here" && cargo build --quiet --locked --release --target wasm32-wasip2)
cp "$CARGO_TARGET_DIR/wasm32-wasip2/release/static_fileserver.wasm" "$here/static-fileserver.wasm"
for folder in examples/website/wasm templates/static-fileserver/content; do
  copy=$root/$folder/static-fileserver.wasm
  # Some are links to the original.
  [ ! -e "$copy" ] || [ "$copy" -ef "$here/static-fileserver.wasm" ] || cp "$here/static-fileserver.wasm" "$copy"
done
ls -s --block-size=1 "$here/static-fileserver.wasm"
