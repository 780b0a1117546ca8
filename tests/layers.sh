#!/usr/bin/env bash
# The rule of layers: includes only go down. apps, bench, tests -> engine -> partition; <mpi.h> only in partition/comm/.
#   layers.sh SOURCE_ROOT    fails and names every line that breaks a rule
#   layers.sh --self-test    breaks each rule once in a scratch tree and fails unless it is noticed
set -uo pipefail

# forbid ROOT FOLDER PATTERN SENTENCE [EXCEPT]: no include in FOLDER may match PATTERN (except in the folder EXCEPT).
forbid() {
  local hits
  [[ -d $1/$2 ]] || return 0
  hits=$(cd "$1" && grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]([^>\"]*/)?$3" "$2" \
    --include='*.hpp' --include='*.cpp' --include='*.h' --include='*.ipp' | grep -v "^${5:-no exception}/")
  [[ -z $hits ]] && return 0
  printf '%s:\n%s\n' "$4" "$hits"
  broken=1
}

check() {
  broken=0
  forbid "$1" partition '(engine|apps)/' "partition/ must not include engine/ or apps/"
  forbid "$1" engine 'apps/' "engine/ must not include apps/"
  forbid "$1" partition 'mpi\.h[>"]' "only partition/comm/ may include <mpi.h>" partition/comm
  for folder in engine apps bench; do
    forbid "$1" "$folder" 'mpi\.h[>"]' "only partition/comm/ may include <mpi.h>"
  done
  for folder in partition engine apps; do
    forbid "$1" "$folder" '(bench|tests)/' "nothing includes bench/ or tests/"
  done
  return $broken
}

self_test() {
  local tree failures=0
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  mkdir -p "$tree"/{partition/comm,partition/io,engine,apps,bench,tests}
  echo '#include <mpi.h>' >"$tree/partition/comm/session.cpp"
  echo '#include "partition/comm/session.hpp"' >"$tree/engine/sync.hpp"
  printf '%s\n' '#include "engine/sync.hpp"' '// #include <mpi.h>' >"$tree/apps/main.cpp"
  check "$tree" || { echo "self-test: a correct tree is refused"; failures=1; }

  # breaks FILE LINE: this line in this file must be noticed, by name.
  breaks() {
    echo "$2" >"$tree/$1"
    if check "$tree" >"$tree/report"; then
      echo "self-test: not noticed in $1: $2"
      failures=1
    elif ! grep -qF "$1:1:$2" "$tree/report"; then
      echo "self-test: noticed, but the place is not named: $1"
      failures=1
    fi
    rm "$tree/$1"
  }
  breaks partition/io/a.hpp '#include "engine/sync.hpp"'
  breaks partition/io/a.hpp '#  include "../../engine/sync.hpp"'
  breaks partition/io/a.cpp '#include "apps/pagerank.hpp"'
  breaks engine/a.cpp '#include "apps/pagerank.hpp"'
  breaks partition/io/a.cpp '#include <mpi.h>'
  breaks partition/a.cpp '#include "mpi.h"'
  breaks engine/a.hpp '  #include <mpi.h>'
  breaks apps/a.cpp '#include <mpi.h>'
  breaks bench/a.cpp '#include <mpi.h>'
  breaks engine/a.hpp '#include "tests/support/oracle.hpp"'
  breaks partition/a.hpp '#include "bench/timer.hpp"'
  breaks apps/a.hpp '#include "bench/timer.hpp"'
  return $failures
}

case ${1:-} in
  --self-test) self_test ;;
  '') sed -n '2,4p' "$0"; exit 2 ;;
  *) check "$1" ;;
esac
