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
work=${TMPDIR:-/tmp}/spindle-guests-build # where a build leaves its path in the result, it is this one
mkdir -p "$out" "$cache" "$work"

# Panic messages hold source paths: those of the registry, not of this machine.
remap() {
  local dir flags=
  for dir in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do flags+=" --remap-path-prefix=${dir%/}=/crates"; done
  echo "$flags --remap-path-prefix=$root=/spindle"
}

rust_target() {
  rustup target list --installed 2>/dev/null | grep -qx "$1" || rustup target add "$1"
}

cargo_build() {
  rust_target "$2"
  (cd "$here" && RUSTFLAGS=$(remap) cargo build --quiet --locked --release --target "$2" -p "$1" ${3:-})
}

rust_base() { sed -E 's/-(module|p2|plain)$//' <<<"$1"; }

# A preview 1 module plus the adapter: what `spin build` projects and wasm-tools produce, four core modules.
# Other ways from the same source, by suffix:
#   -module  the module before that, which Spin takes too: by its producers section, so that is left in
#   -p2      the component that rustc itself makes, and the only way to one of WASI 0.3 or to std::net
#   -plain   the same without the default features of the package
build_rust() {
  local base adapter=--wasi-reactor file
  base=$(rust_base "$1")
  file=${base//-/_}
  [ ! -f "$here/$base/src/main.rs" ] || adapter=--wasi-command file=$base
  case $1 in
    *-p2 | sp3 | r3 | m3 | s4 | rnet) cargo_build "$base" wasm32-wasip2 && cp "$CARGO_TARGET_DIR/wasm32-wasip2/release/$file.wasm" "$out/$1.wasm" ;;
    *-plain) cargo_build "$base" wasm32-wasip2 --no-default-features && cp "$CARGO_TARGET_DIR/wasm32-wasip2/release/$file.wasm" "$out/$1.wasm" ;;
    *-module) CARGO_PROFILE_RELEASE_STRIP=debuginfo cargo_build "$base" wasm32-wasip1 && cp "$CARGO_TARGET_DIR/wasm32-wasip1/release/$file.wasm" "$out/$1.wasm" ;;
    *) cargo_build "$base" wasm32-wasip1 &&
      "${jco[@]}" new "$CARGO_TARGET_DIR/wasm32-wasip1/release/$file.wasm" "$adapter" -o "$out/$1.wasm" >/dev/null ;;
  esac
}

# npm packages of the JavaScript guests, outside the repository.
js_toolchain() {
  local folder=$cache/js
  if ! cmp -s "$here/js-toolchain/package.json" "$folder/package.json"; then
    rm -rf "$folder" && mkdir -p "$folder"
    cp "$here/js-toolchain/package.json" "$folder/draft.json"
    (cd "$folder" && mv draft.json package.json && npm install --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null) ||
      { rm -rf "$folder"; return 1; }
  fi
  cp "$here/js-toolchain/componentize.mjs" "$folder/"
}

# Kept packed: 12 to 19 MB of language engine each.
pack() {
  "$node" -e "const z = require('node:zlib'), fs = require('node:fs'), c = z.constants; const b = fs.readFileSync(process.argv[1]);
    fs.writeFileSync(process.argv[2], z.brotliCompressSync(b, { params: { [c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_LGWIN]: 24, [c.BROTLI_PARAM_SIZE_HINT]: b.length } }))" "$1" "$out/$2.wasm.br"
}

# Plain componentize-js.
build_js() {
  js_toolchain
  rm -rf "${work:?}/$1" && mkdir -p "$work/$1" && cp "$here/$1/hello.js" "$work/$1/"
  (cd "$cache/js" && "$node" componentize.mjs "$work/$1/hello.js" "$work/$1.wasm")
  pack "$work/$1.wasm" "$1"
}

# What `spin build` runs in a TypeScript project: a bundler, then j2w of the Spin build tools.
build_spin_js() {
  js_toolchain
  local project=$work/$1
  rm -rf "$project" && mkdir -p "$project" && cp -r "$here/$1/." "$project" && ln -s "$cache/js/node_modules" "$project/node_modules"
  (cd "$project" && node_modules/.bin/esbuild src/index.ts --bundle --format=esm --target=es2022 --outfile=build/bundle.js \
    '--external:fermyon:*' '--external:spin:*' '--external:wasi:*' --minify-whitespace --log-level=warning && "$node" node_modules/@spinframework/build-tools/dist/index.js -i build/bundle.js -o component.wasm >/dev/null)
  pack "$project/component.wasm" "$1"
}

# A private Python with componentize-py.
py_toolchain() {
  local python=$cache/py/bin/python
  if ! cmp -s "$here/py-requirements.txt" "$cache/py/requirements.txt"; then
    rm -rf "$cache/py" && python3 -m venv "$cache/py" && "$python" -m pip install -q -r "$here/py-requirements.txt"
    cp "$here/py-requirements.txt" "$cache/py/requirements.txt"
  fi
}

# With the wasi packages of jco beside the guest's own world.
build_py() {
  local project=$work/$1
  py_toolchain
  rm -rf "$project" && mkdir -p "$project" && cp -r "$here/$1/." "$project" && mkdir "$project/wit/deps"
  cp -r "$root"/node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12/* "$project/wit/deps/"
  (cd "$project" && "$cache/py/bin/componentize-py" -q -d wit -w "$1" componentize app -o component.wasm)
  pack "$project/component.wasm" "$1"
}

# The same with Spin's SDK, whose worlds come with it.
build_spin_py() {
  local project=$work/$1 venv=$cache/py-spin
  if ! cmp -s "$here/py-spin-requirements.txt" "$venv/requirements.txt"; then
    rm -rf "$venv" && python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q -r "$here/py-spin-requirements.txt"
    cp "$here/py-spin-requirements.txt" "$venv/requirements.txt"
  fi
  rm -rf "$project" && mkdir -p "$project" && cp "$here/$1/app.py" "$project/"
  # The tool finds the SDK's worlds by the environment that is active.
  (cd "$project" && VIRTUAL_ENV=$venv "$venv/bin/componentize-py" -q -w spin:up/http-trigger@4.1.0 componentize app -o component.wasm)
  pack "$project/component.wasm" "$1"
}

# The part of examples/polyglot that is too large to be kept there.
build_polyglot() {
  local example=$root/examples/polyglot
  py_toolchain
  (cd "$example/python" && "$cache/py/bin/componentize-py" -q -d ../wit -w python componentize app -o ../wasm/python.wasm)
  pack "$example/wasm/python.wasm" "$1"
}

# Component text, or a core module plus its types.
build_wat() { "$node" "$here/wat/build.mjs" "$1" "$out/$1.wasm"; }

is_wat() {
  local base=${1%-utf16}
  base=${base%-latin1}
  [ -f "$here/wat/$1.wat" ] || [ -f "$here/wat/$base.core.wat" ]
}

build() {
  local name=$1
  if [ -f "$here/$(rust_base "$name")/Cargo.toml" ]; then build_rust "$name"
  elif [ "$name" = polyglot-python ]; then build_polyglot "$name"
  elif is_wat "$name"; then build_wat "$name"
  elif [ -f "$here/$name/hello.js" ]; then build_js "$name"
  elif [ "$name" = pyspin ]; then build_spin_py "$name"
  elif [ -f "$here/$name/app.py" ]; then build_py "$name"
  elif [ -f "$here/$name/src/index.ts" ]; then build_spin_js "$name"
  else echo "no guest named $name" >&2; return 1; fi
  ls -s --block-size=1 "$out/$name".wasm* | sed "s|$out/||"
}

if [ $# -gt 0 ]; then names=("$@"); else
  names=()
  for file in "$here"/*/{Cargo.toml,hello.js,src/index.ts,app.py}; do
    name=${file#"$here/"}
    name=${name%%/*}
    [ "$name" = support ] || names+=("$name")
  done
  for file in "$here"/wat/*.wat; do names+=("$(basename "${file%.wat}" .core)"); done
  names+=(roundtrip-utf16 roundtrip-latin1 rhello-p2 shello-module s2-module rcommand-module rwagi-module rwagi-p2 rprobe-module sp3-plain polyglot-python)
fi
for name in "${names[@]}"; do build "$name"; done
"$node" "$here/list.mjs"
