#!/usr/bin/env bash
# A file with a line "// expect: SENTENCE" must fail to compile, saying the SENTENCE and only one failed static
# assertion. A file named ok_*.cpp must compile.
#   compile_fail.sh FILE COMPILER FLAG...
set -u
file=$1
shift
output=$("$@" -fsyntax-only "$file" 2>&1)
status=$?

fail() {
  printf '%s: %s\n\nThe compiler said:\n%s\n' "${file##*/}" "$1" "$output"
  exit 1
}

if [[ ${file##*/} == ok_* ]]; then
  ((status == 0)) || fail "does not compile, but should"
  exit 0
fi

sentence=$(sed -n 's|^// expect: *||p' "$file")
[[ -n $sentence ]] || fail "has no line '// expect: SENTENCE'"
((status != 0)) || fail "compiles, but should not"
grep -qF -- "$sentence" <<<"$output" || fail "fails without the sentence '$sentence'"
count=$(grep -cE 'static assertion failed|static_assert failed' <<<"$output")
((count == 1)) || fail "fails $count static assertions instead of one"
