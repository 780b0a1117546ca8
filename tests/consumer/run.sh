#!/usr/bin/env bash
# Installs a build into an empty prefix, then builds the project beside this file against it and runs it on two ranks.
#   run.sh BUILD_DIR CMAKE MPIRUN CMAKE_OPTION...
set -euo pipefail
build=$1 cmake=$2 mpirun=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$cmake" --install "$build" --prefix "$scratch/prefix" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
cp -r "$here" "$scratch/project" # as a stranger has it: nothing of the source tree around it
"$cmake" -S "$scratch/project" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/prefix" "$@"
"$cmake" --build "$scratch/build"
"$mpirun" -n 2 "$scratch/build/consumer"
"$mpirun" -n 2 "$scratch/build/own_placement"
