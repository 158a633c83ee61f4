#!/usr/bin/env bash
# Runs the build commands of the examples and leaves the results where their manifests look for them.
# The committed ones, or those named: guests-examples.sh files hello. Needs the same tools as test/guests/build.sh.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root/examples"
PATH=$root/node_modules/.bin:$PATH
unset CARGO_TARGET_DIR # the commands look for the result in their own folder

# Panic messages hold source paths: those of the registry, not of this machine.
for dir in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do RUSTFLAGS+=" --remap-path-prefix=${dir%/}=/crates"; done
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$root=/spindle"

build() (
  sed -n 's/^command = "\(.*\)"$/\1/p' "$1/spin.toml" | while read -r command; do
    workdir=$(grep -F -A1 "$command" "$1/spin.toml" | sed -n 's/^workdir = "\(.*\)"$/\1/p')
    (cd "$1/$workdir" && bash -ec "$command" </dev/null)
  done
)

[ $# -gt 0 ] || set -- files hello kv-counter website # hello-python wants its own Python: see its README
for name in "$@"; do
  echo "$name"
  build "${name%/}"
done
