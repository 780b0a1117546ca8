#!/usr/bin/env bash
# What summaries say: one thing in the singular, several in the plural, and no supersteps where there are none.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"

says() {  # words, ranks, arguments
  local words=$1
  shift
  on "$@" --threads 1 --progress never >out 2>&1
  if grep -qF -- "$words" out && ! grep -qE '(^|[^0-9])1 (vertices|[a-z ]*(edges|loops|updates|supersteps|ranks|threads|values))' out; then
    ok "$words"
  else
    fail "without '$words', or one of many: $*: $(cat out)"
  fi
}
printf '7 7 2\n' >one.txt
printf '1 2 1\n2 3 1\n' >two.txt
says '1 vertex, 1 directed edge, loaded' 1 wcc --graph one.txt
says '3 vertices, 2 undirected edges, loaded' 2 wcc --graph two.txt --undirected
says 'machine    1 rank x 1 thread' 1 wcc --graph two.txt
says 'components 1, the largest with 1 vertex' 1 wcc --graph one.txt --output out.values
says 'written    1 value to out.values' 1 wcc --graph one.txt --output out.values
says 'components 3 strong, the largest with 1 vertex' 2 scc --graph two.txt
says 'communities 1, the largest with 1 vertex' 1 cdlp --graph one.txt --iterations 1
says 'reached    1 of 1 vertex from 7' 1 bfs --graph one.txt --source 7
says 'dropped    1 self loop, 0 duplicates of 1 edge read' 1 kcore --graph one.txt --drop-self-loops
says 'degrees    highest in 1, out 1; 1 vertex without in-edges' 2 info --graph two.txt
says 'wrote one.gsk: 1 vertex, 1 directed edge' 1 convert --graph one.txt --output one.gsk
says 'graph      one.txt: 1 vertex, 1 directed edge' 1 partition --graph one.txt --strategies random --parts 1

for command in triangles lcc color; do
  says 'run        0.' 1 $command --graph two.txt
  grep -q superstep out && fail "$command has supersteps: $(cat out)"
done
finish
