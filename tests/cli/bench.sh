#!/usr/bin/env bash
# The benchmarks run: every kernel at 1 and 2 ranks prints lines of JSON with equal answers, and compare.py makes its
# tables, files and plot. Exit code 77 (skipped) without python3 or without the benchmarks.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"
kernels=$(dirname "$GASKET")/bench/kernels
compare="$GASKET_SOURCE/bench/compare.py"
command -v python3 >/dev/null || skip 'no python3'
[[ -x $kernels ]] || skip "no $kernels; the benchmarks are not built"

# check WORDS COMMAND... : succeeds
check() {
  local words=$1
  shift
  if timeout 120 "$@" >log 2>&1; then
    ok "$words"
  else
    fail "$words: $*"
    tail -n 8 log
  fi
}

seq 1 300 | awk '{print $1, $1 % 17, $1 % 5 + 0.5; print $1, $1 + 1, 2}' >graph.txt
same_answers='
import json, math, sys
one, two = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
assert len(one) == len(two) == 3, "trials"
for a, b in zip(one, two):
    assert (a["ranks"], b["ranks"]) == (1, 2) and a["seconds"] > 0 and a["peak_rss_bytes"] > 0
    assert b["bytes_sent"] > 0 and a.get("source") == b.get("source")
    assert math.isclose(a["checksum"], b["checksum"], rel_tol=1e-5), (a, b)
'
for kernel in pagerank:double pagerank:float bfs: sssp: wcc:; do
  for ranks in 1 2; do
    check "$kernel at $ranks ranks" "$MPIRUN" -q -n $ranks "$kernels" --graph graph.txt --undirected --simple \
      --kernel "${kernel%:*}" --values "${kernel#*:}" --trials 3 --sources 3 --threads 1
    mv log "lines.$ranks"
    check "its JSON" python3 -m json.tool --json-lines "lines.$ranks"
  done
  check "$kernel gives the same at 1 and 2 ranks" python3 -c "$same_answers" lines.1 lines.2
done
check "stream" "$kernels" --kernel stream --stream-mib 1
mv log stream.json
check "its JSON" python3 -m json.tool stream.json

python=(python3 "$compare" --kernels-binary "$kernels" --rounds 2 --stream-mib 1 --threads 1)
check "compare.py" "${python[@]}" --graph rmat:scale=8 --undirected --json rows.json --csv rows.csv \
  --kernels pagerank,bfs,wcc,bfs
check "its JSON" python3 -m json.tool rows.json
check "its CSV" python3 -c 'import csv; assert len(list(csv.DictReader(open("rows.csv")))) == 3'
check "triangles are counted without supersteps" "${python[@]}" --graph rmat:scale=8 --undirected --kernels triangles \
  --json none.json
check "which its JSON says" grep -q '"superstep_seconds": null' none.json
mkdir empty
check "compare.py says which peers are missing" "${python[@]}" --graph rmat:scale=8 --undirected --kernels wcc \
  --gapbs "$work/empty"
mv log skipped
check "in a line" grep '^skipped: .*empty' skipped
refuses() {
  local words=$1
  shift
  "$@" >log 2>&1
  local code=$?
  if ((code == 2)) && grep -q -e "$words" log; then ok "refused: $words"; else fail "$* ended with $code"; fi
}
refuses 'no such file or folder' "${python[@]}" --graph rmat:scale=8 --gapbs "$work/nowhere"
refuses "there is no 'walk'" "${python[@]}" --graph rmat:scale=8 --kernels wcc,walk
refuses 'neither .*nowhere.gsk nor .*nowhere.w.gsk' "${python[@]}" --graph "$work/nowhere"
refuses 'delta walk=.*no such --graph' "${python[@]}" --graph rmat:scale=8 --delta 2,walk=3
refuses 'no folder' "${python[@]}" --graph rmat:scale=8 --json "$work/nowhere/rows.json"
refuses 'kernel is missing' "$kernels" --graph graph.txt
refuses 'above 0' "$kernels" --kernel sssp --graph graph.txt --delta 0
refuses 'at least 1' "$kernels" --kernel wcc --graph graph.txt --threads 0
check "compare.py --scaling" "${python[@]}" --scaling --ranks 2 --scales 6-7 --kernels pagerank
"$GASKET" pagerank --graph graph.txt --threads 1 --report one.json >/dev/null
"$MPIRUN" -q -n 2 "$GASKET" pagerank --graph graph.txt --threads 1 --report two.json >/dev/null
check "compare.py --profile" python3 "$compare" --profile one.json two.json --svg profile.svg
check "its SVG" python3 -c 'import xml.dom.minidom as x; assert x.parse("profile.svg").getElementsByTagName("rect")'

# Times of a report are those of one rank each: they add up, for vertex programs and others.
for command in 'pagerank --iterations 3' wcc scc cdlp triangles lcc kcore color 'betweenness --sources 2'; do
  # shellcheck disable=SC2086
  "$MPIRUN" -q -n 3 "$GASKET" $command --graph rmat:scale=10 --threads 1 --report times.json >/dev/null
  check "times of $command" python3 - times.json <<'CHECK'
import json, sys
report = json.load(open(sys.argv[1]))
assert 0 < max(report["wait_seconds_per_rank"]) <= report["phases"]["run_seconds"]
for step in report["iterations"]:
    assert step["compute_seconds"] >= 0 and step["wait_seconds"] >= 0
    assert step["compute_seconds"] + step["wait_seconds"] <= step["seconds"] * (1 + 1e-9)
CHECK
done

finish
