#!/usr/bin/env bash
# The LDBC example, validation and p2p-31 graphs through the commands a user would type: run, then `gasket validate`
# against the outputs that LDBC and others published. Exit code 77 (skipped) without the data.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"
[[ -d $data/ldbc ]] || skip "no $data/ldbc; set GASKET_DATA"

# check RULE EXPECTED COMMAND... : at 1 and 3 ranks
check() {
  local rule=$1 expected=$2 ranks
  shift 2
  for ranks in 1 3; do
    if "$MPIRUN" -n $ranks "$GASKET" "$@" --output out >log 2>&1 &&
      "$GASKET" validate --rule "$rule" "$expected" out >>log 2>&1; then
      ok "$ranks ranks: $*"
    else
      fail "$ranks ranks: $*"
      tail -n 5 log
    fi
    rm -f out
  done
}

for direction in directed undirected; do
  g=$data/ldbc/example/example-$direction flag=()
  source=1
  [[ $direction == undirected ]] && flag=(--undirected) source=2
  check exact "$g-BFS" bfs --graph "$g" "${flag[@]}" --source $source
  check epsilon "$g-SSSP" sssp --graph "$g" "${flag[@]}" --source $source
  check equivalence "$g-WCC" wcc --graph "$g" "${flag[@]}"
  check epsilon "$g-PR" pagerank --graph "$g" "${flag[@]}" --variant ldbc --iterations 2
  check exact "$g-CDLP" cdlp --graph "$g" "${flag[@]}" --iterations 2
  check epsilon "$g-LCC" lcc --graph "$g" "${flag[@]}"
done

# The validation graphs for BFS are adjacency lists: every line is a vertex and its neighbours.
for direction in dir undir; do
  flag=()
  [[ $direction == undir ]] && flag=(--undirected --drop-duplicates)
  awk '{for (i = 2; i <= NF; ++i) print $1, $i}' "$data/ldbc/bfs/$direction-input" >"$work/g.e"
  tr ' ' '\n' <"$data/ldbc/bfs/$direction-input" | sort -nu | sed '/^$/d' >"$work/g.v"
  check exact "$data/ldbc/bfs/$direction-output" bfs --graph "$work/g" "${flag[@]}" --source 1 --placement contiguous
  flag=()
  [[ $direction == undir ]] && flag=(--undirected)
  check epsilon "$data/ldbc/sssp/$direction-output" sssp --graph "$data/ldbc/sssp/$direction-input" "${flag[@]}" --source 1
done

g=$data/p2p-31/p2p-31
check exact "$g-BFS.gz" bfs --graph "$g" --undirected --source 6
check exact "$g-BFS-directed.gz" bfs --graph "$g" --source 6 --placement random
check epsilon "$g-SSSP.gz" sssp --graph "$g" --undirected --source 6 --placement contiguous
check epsilon "$g-SSSP-directed.gz" sssp --graph "$g" --source 6
check equivalence "$g-WCC.gz" wcc --graph "$g"
check epsilon "$g-PR.gz" pagerank --graph "$g" --undirected --variant ldbc --iterations 10
check exact "$g-CDLP.gz" cdlp --graph "$g" --undirected --iterations 10
check epsilon "$g-LCC.gz" lcc --graph "$g" --undirected

finish
