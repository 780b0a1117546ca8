#!/usr/bin/env bash
# Builds everything and runs all tests, after installing what is missing. Arguments go to ctest:
#
#   scripts/test.sh                    all tests
#   scripts/test.sh -R pagerank        the tests whose name matches
#   scripts/test.sh -L mpi             the tests with a label (mpi, cli, compile_fail, house)
#   scripts/test.sh -C slow -L slow    those that take minutes
#
# The exit code is ctest's.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

case ${1:-} in
  -h | --help) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
esac

install_missing_packages
build_release all
prepare_mpi

say "running the tests"
code=0
ctest --test-dir "$build" -j "$(nproc)" --output-on-failure --no-tests=error "$@" | tee "$build/test.log" || code=$?
skipped=$(sed -n 's/^[[:space:]]*[0-9]* - \(.*\) (Skipped)$/\1/p' "$build/test.log" | sort -u | paste -sd ' ')
if ((code != 0)); then
  say "some tests failed (ctest exit code $code)"
elif [[ -n $skipped ]]; then
  say "no test failed; skipped for want of data or tools: $skipped"
else
  say "all tests passed"
fi
exit $code
