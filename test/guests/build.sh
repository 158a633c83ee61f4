#!/usr/bin/env bash
# Builds the guests of the tests from source into fixtures/. All of them, or those named: build.sh rhello jshello
# Needs cargo (rustup adds the wasm target), Node with the repository's node_modules, and python3 for the Python guests.
# What it downloads goes to the cargo registry and to ${SPINDLE_GUEST_CACHE:-~/.cache/spindle-guests}; a second run is cheap.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${SPINDLE_GUEST_CACHE:-$HOME/.cache/spindle-guests}
out=$here/fixtures
node=${NODE:-$root/node_modules/.bin/node}
jco=("$node" "$root/node_modules/@bytecodealliance/jco/dist/jco.js")
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
mkdir -p "$out" "$cache"

rust_target() {
  rustup target list --installed 2>/dev/null | grep -qx "$1" || rustup target add "$1"
}

# A preview 1 module plus the reactor adapter: what `spin build` projects and wasm-tools produce, four core modules.
build_rust() {
  rust_target wasm32-wasip1
  (cd "$here" && cargo build --quiet --locked --release --target wasm32-wasip1 -p "$1")
  "${jco[@]}" new "$CARGO_TARGET_DIR/wasm32-wasip1/release/${1//-/_}.wasm" --wasi-reactor -o "$out/$1.wasm" >/dev/null
}

rust_guests() { sed -n 's/^members = \[\(.*\)\]/\1/p' "$here/Cargo.toml" | tr -d '", ' | tr ',' '\n'; }

build() {
  local name=$1
  if [ -f "$here/$name/Cargo.toml" ]; then build_rust "$name"
  else echo "no guest named $name" >&2; return 1; fi
  ls -s --block-size=1 "$out/$name".wasm* | sed "s|$out/||"
}

if [ $# -gt 0 ]; then names=("$@"); else
  names=()
  for file in "$here"/*/Cargo.toml; do
    name=$(basename "$(dirname "$file")")
    [ "$name" = support ] || names+=("$name")
  done
fi
for name in "${names[@]}"; do build "$name"; done
