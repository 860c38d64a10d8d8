#!/usr/bin/env bash
# install_test.sh BUILD SOURCE LIBTORCH COMPILER: installs BUILD into an empty folder, builds examples/embed against it, draws from a run, encodes and trains.
set -euo pipefail
build=$1 source=$2 libtorch=$3 compiler=$4
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
fail() { echo "install: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$room/prefix" >/dev/null
if grep -rnE "$source|$build|$room|$libtorch" "$room/prefix/lib/cmake"; then fail "an installed CMake file holds an absolute path"; fi

mv "$room/prefix" "$room/moved" # nothing may depend on where it was installed
"$room/moved/bin/figment" train vae --data fashion-mnist --out "$room/runs" --set training.images=512 --json >/dev/null
run=$(echo "$room"/runs/*-vae)

cmake -S "$source/examples/embed" -B "$room/embed" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$room/moved" -DLIBTORCH_ROOT="$libtorch" >/dev/null
cmake --build "$room/embed" >/dev/null
"$room/embed/sample" "$run" "$room/samples.png"
[ "$(head -c 8 "$room/samples.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "the example wrote no PNG"

status=0
said=$("$room/embed/sample" "$room" "$room/none.png" 2>&1) || status=$?
[ $status = 2 ] && [[ $said == *"is no run"* ]] || fail "a folder that is no run must be a sentence and exit 2, got $status: $said"

[ "$("$room/embed/encode" "$run" "$room/samples.png" | wc -l)" = 40 ] || fail "the example must print forty latent dimensions"
trained=$("$room/embed/train" "$room/own")
"$room/embed/sample" "$trained" "$room/own.png" || fail "a run of tensors in memory must draw"
