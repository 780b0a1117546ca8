# What the scripts here begin with: an empty folder of their own, gone at the end; a count of what failed; runs on any
# number of ranks. The last line of a script is `finish`.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
data=${GASKET_DATA:-$GASKET_SOURCE/../shared/data}
failures=0

ok() { printf 'ok      %s\n' "$*"; }
fail() {
  printf 'FAILED  %s\n' "$*"
  failures=$((failures + 1))
}
finish() {
  echo "$failures failed"
  exit $((failures > 0))
}
skip() {
  echo "skipped: $*"
  exit 77
}

# on RANKS ARGUMENTS... : gasket, alone as most people begin, or under mpirun
on() {
  local ranks=$1
  shift
  local launcher=("$MPIRUN" -q -n "$ranks")
  ((ranks > 1)) || launcher=()
  timeout 120 "${launcher[@]}" "$GASKET" "$@"
}
