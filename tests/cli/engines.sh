#!/usr/bin/env bash
# Every engine gives the same answers, on 1 and 3 ranks; what makes no sense with an engine is refused with a sentence; the
# demonstration loses nothing under the levels that promise it.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"
run() { on "$@" --progress never; }  # ranks, arguments

"$GASKET" generate uniform --vertices 2000 --edges 9000 --weights --output g.txt >/dev/null 2>&1 ||
  awk 'BEGIN{srand(7); for (i = 0; i < 9000; ++i) print int(rand() * 2000), int(rand() * 2000), 1 + int(rand() * 9)}' >g.txt
source=$(grep -v '^#' g.txt | head -n 1 | cut -d' ' -f1 | cut -f1)

same() {  # name, arguments: exact answers of all engines
  local name=$1
  shift
  run 1 "$@" --graph g.txt --output "$name.sync" >/dev/null 2>err || fail "$name sync: $(cat err)"
  sort "$name.sync" >"$name.expected"
  for ranks in 1 3; do
    for engine in 'async' 'async --scheduler priority' 'async --scheduler sweep' 'locking' 'locking --consistency full --pipeline 10' 'chromatic'; do
      # shellcheck disable=SC2086
      run $ranks "$@" --graph g.txt --threads 1 --engine $engine --output "$name.out" >/dev/null 2>err ||
        fail "$name on $ranks ranks, $engine: $(cat err)"
      sort "$name.out" | cmp -s - "$name.expected" && ok "$name on $ranks ranks: $engine" ||
        fail "$name on $ranks ranks, $engine: other values"
    done
  done
}
same bfs bfs --source "$source"
same sssp sssp --source "$source"
same wcc wcc
same kcore kcore --undirected

# Distances that may leave the range of doubles, and do not: out of reach is who has no path.
printf '1 2 1e308\n2 3 1e307\n4 5 1e308\n' >wide.txt
printf '1 0\n2 1e+308\n3 1.1e+308\n4 Infinity\n5 Infinity\n' >wide.expected
for ranks in 1 3; do
  run $ranks sssp --graph wide.txt --source 1 --threads 1 --output wide.out >/dev/null 2>err || fail "wide: $(cat err)"
  cmp -s wide.out wide.expected && ok "the widest distances on $ranks ranks" || fail "wide: $(cat wide.out)"
done

run 1 pagerank --graph g.txt --tolerance 1e-12 --output p.sync >/dev/null 2>err || fail "pagerank sync: $(cat err)"
sort -k1,1 p.sync >p.expected
for engine in async locking chromatic; do
  run 3 pagerank --graph g.txt --threads 1 --tolerance 1e-9 --engine $engine --output p.out >/dev/null 2>err ||
    fail "pagerank $engine: $(cat err)"
  distance=$(sort -k1,1 p.out | join p.expected - | awk '{d = $2 - $3; s += d < 0 ? -d : d; n++} END {print (n > 0 && s < 1e-8 ? "near" : "far")}')
  [[ $distance == near ]] && ok "pagerank $engine" || fail "pagerank $engine: not within 1e-8"
done

refuses() {  # words, arguments
  local words=$1 got
  shift
  run 1 "$@" --graph g.txt >out 2>err
  got=$?
  [[ $got == 2 ]] && grep -qF -- "$words" err && ok "$(cat err)" || fail "$*: exit $got, $(cat err)"
}
refuses 'edge and full need --engine locking' wcc --engine async --consistency edge
refuses 'supersteps' wcc --consistency edge
refuses 'colours keep neighbours apart' wcc --engine chromatic --consistency vertex
refuses 'only the locking engine' wcc --engine async --pipeline 10
refuses 'must be one of sync, async' wcc --engine warp
refuses 'afforest' wcc --engine locking --algorithm afforest
refuses '--direction' wcc --engine locking --direction push
refuses '--iterations' pagerank --engine async --iterations 3
refuses 'async, locking, chromatic' bfs --source "$source" --scheduler priority
refuses 'async, locking, chromatic' kcore --undirected --pipeline 10
refuses 'it sweeps over the colours' sssp --source "$source" --engine chromatic --scheduler fifo
refuses 'only the locking engine' sssp --source "$source" --engine chromatic --pipeline 10
refuses 'edge and full need --engine locking' pagerank --engine async --consistency full
refuses 'must be one of vertex, edge, full' wcc --engine locking --consistency strong
refuses 'must be one of fifo, priority, sweep' wcc --engine async --scheduler lifo
refuses '--pipeline' wcc --engine locking --pipeline 0
refuses '--watchdog' wcc --engine async --watchdog soon
refuses 'only possible with --engine sync' pagerank --engine locking --variant ldbc
refuses 'only possible with --engine sync' pagerank --engine async --reproducible

# The report says who waited, what went where, and how often vertices ran.
run 3 wcc --graph g.txt --threads 1 --engine async --report async.json >summary.txt 2>err || fail "report: $(cat err)"
grep -q '^vertices .* ran ' summary.txt && grep -q '^rank 2 .* received .* idle ' summary.txt ||
  fail "report: $(cat summary.txt)"
run 3 wcc --graph g.txt --threads 1 --algorithm program --report sync.json >summary.txt 2>err || fail "report: $(cat err)"
grep -q '^waiting .* s, rank by rank' summary.txt || fail "report: $(cat summary.txt)"
for key in arcs idle_seconds_per_rank traffic_bytes updates_per_vertex_histogram; do
  grep -q "\"$key\"" async.json && ok "report: $key" || fail "report: no $key"
done
grep -q '"wait_seconds_per_rank"' sync.json && ok 'report: wait_seconds_per_rank' || fail 'report: no waits'
# So do algorithms that are no vertex programs.
for command in wcc 'scc --drop-self-loops' cdlp triangles lcc kcore color 'betweenness --sources 2'; do
  # shellcheck disable=SC2086
  run 3 $command --graph rmat:scale=10 --threads 1 >summary.txt 2>err || fail "$command: $(cat err)"
  grep -q '^waiting .* s, rank by rank' summary.txt && ok "waiting of $command" ||
    fail "$command says nothing of waiting: $(cat summary.txt)"
done

# A rank that stands still: the others say so and end with 5, whatever the engine. The runs take seconds at least, supersteps
# (which would be over in a tenth of one) for ever, so that none ends before its rank is stopped.
for engine in 'async --tolerance 1e-12' 'locking --tolerance 1e-12' 'chromatic --tolerance 1e-12' \
  'sync --tolerance 0 --iterations 1000000'; do
  # shellcheck disable=SC2086
  timeout 60 "$MPIRUN" -q -n 2 "$GASKET" pagerank --graph rmat:scale=17 --threads 1 --engine $engine \
    --watchdog 1 --progress always >out 2>err &
  limiter=$!
  victim=
  for ((i = 0; i < 600; ++i)); do
    if grep -aq 'running' err; then
      victim=$(pgrep -P "$(pgrep -P $limiter)" | tail -n 1)
      break
    fi
    sleep 0.05
  done
  kill -STOP "$victim" || fail "$engine: over before it could be stopped"
  wait $limiter
  got=$?
  [[ $got == 5 ]] && grep -q 'has not answered\|nothing has moved\|no other rank has sent' err &&
    ok "a rank that stands still, $engine" || fail "a rank that stands still, $engine: exit $got, $(tail -n 5 err)"
done

run 3 demo consistency --threads 1 >demo.txt 2>err || fail "demo: $(cat err)"
grep -q 'WRONG' demo.txt && fail "demo: $(grep WRONG demo.txt)"
[[ $(grep -c 'exact, as promised' demo.txt) == 4 ]] || fail "demo: $(cat demo.txt)"

run 1 color --graph g.txt --output c1 >/dev/null 2>err || fail "color: $(cat err)"
run 3 color --graph g.txt --threads 1 --output c3 >/dev/null 2>err || fail "color: $(cat err)"
sort c1 >c1.sorted
sort c3 | cmp -s - c1.sorted && ok 'color' || fail 'color: other colours on 3 ranks'
grep -v '^#' g.txt | awk 'NR == FNR {c[$1] = $2; next} $1 != $2 && c[$1] == c[$2] {bad++} END {exit bad > 0}' c1.sorted - ||
  fail 'color: neighbours of one colour'
finish
