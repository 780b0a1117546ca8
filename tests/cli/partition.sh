#!/usr/bin/env bash
# gasket partition alone and under mpirun: the same figures from any number of ranks where a strategy says so, files of
# parts that --placement import reads back, weights, and what is refused.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"
run() { on "$@" --threads 1 --progress never; }  # ranks, arguments
refused() {  # code, words, ranks, arguments
  local code=$1 words=$2 got
  shift 2
  run "$@" >out 2>err
  got=$?
  ((got == code)) && grep -qF -- "$words" err && (($(grep -c '^gasket: ' err) == 1)) &&
    ok "refused: $(cat err)" || fail "$* gave $got: $(cat err)"
}

"$GASKET" generate uniform --vertices 3000 --edges 20000 --output all.txt >/dev/null || fail generate
sort -u all.txt >g.txt # equal edges get one part from a file
run 1 pagerank --graph g.txt --reproducible --output expected.txt >/dev/null || fail pagerank

# The same whatever the ranks: all but the seconds.
figures() { cut -d, -f1-16 "$1"; }
list=random,source,target,contiguous,block-cyclic,grid,pds,dbh,hybrid,cvc,metis
for ranks in 1 3; do
  run $ranks partition --graph g.txt --strategies $list --parts 4,7,100 --csv "$ranks.csv" >/dev/null || fail "$ranks ranks"
done
cmp -s <(figures 1.csv) <(figures 3.csv) && ok 'the same figures from 1 and 3 ranks' || fail 'other figures'

# An assignment saved is an assignment read, whoever reads it.
for strategy in hep hdrf contiguous fennel; do
  run 2 partition --graph g.txt --strategies $strategy --parts 3 --csv saved.csv --save-parts saved.parts >/dev/null ||
    fail "$strategy: not saved"
  for ranks in 1 3; do
    run $ranks partition --graph g.txt --strategies import:saved.parts --parts 3 --csv read.csv >/dev/null ||
      fail "$strategy: not read"
    cmp -s <(figures saved.csv | tail -n 1 | cut -d, -f3-) <(figures read.csv | tail -n 1 | cut -d, -f3-) &&
      ok "parts of $strategy read by $ranks ranks" || fail "parts of $strategy: other figures"
  done
  run 3 pagerank --graph g.txt --placement import:saved.parts --reproducible --output ranks.txt >/dev/null ||
    fail "pagerank on parts of $strategy"
  cmp -s expected.txt ranks.txt && ok "pagerank on parts of $strategy" || fail "$strategy: other ranks"
done

run 1 wcc --graph g.txt --placement import:saved.parts >out && grep -qF 'import:saved.parts is not used' out &&
  ok 'one rank says that it needs no parts' || fail "import on one rank: $(cat out)"

# What auto chose is what one can ask for again.
run 2 partition --graph g.txt --strategies auto --parts 3 --json auto.json >out || fail 'auto'
chosen=$(sed -n 's/.*"chosen": "\([a-z-]*\)".*/\1/p' auto.json)
[[ -n $chosen ]] && grep -q "^For 3 parts choose $chosen, " out && grep -q "^  took $chosen$" out &&
  ok "auto took $chosen" || fail "auto: $(cat out)"

# Unequal machines.
run 3 pagerank --graph g.txt --weights 4,1,1 --reproducible --output ranks.txt --report run.json >out || fail 'weights'
cmp -s expected.txt ranks.txt && grep -q '^weights    4, 1, 1' out && ok 'pagerank with weights' ||
  fail "weights: $(cat out)"
run 3 info --graph g.txt --weights 4,1,1 --placement hdrf >out || fail 'info with weights'
awk '$1 ~ /^[012]$/ && NF == 4 { arcs[$1] = $4 } END { exit !(arcs[0] > 3.7 * arcs[1] && arcs[0] < 4.3 * arcs[2]) }' out &&
  ok 'a rank of weight 4 has four times the arcs' || fail "arcs: $(cat out)"
run 2 bfs --graph g.txt --source 1 --weights probe >/dev/null && ok 'weights by a probe' || fail 'probe'
run 1 partition --graph g.txt --strategies dbh --parts 2,8 --weights 1,0.5 >/dev/null || fail 'partition with weights'

refused 2 'must be probe, or numbers' 1 pagerank --graph g.txt --weights 1,x
refused 2 'must be probe, or numbers' 2 pagerank --graph g.txt --weights 1,0
refused 2 '3 given for 2 ranks' 2 pagerank --graph g.txt --weights 1,1,1
refused 2 'must be a multiple' 1 partition --graph g.txt --parts 4 --weights 1,1,1
rm -f two.parts
refused 2 'source places the two arcs of an undirected edge each by itself' 2 partition --graph g.txt --undirected --strategies source --parts 3 --save-parts two.parts
refused 2 'load with --placement cvc' 1 partition --graph g.txt --undirected --strategies cvc --parts 4 --save-parts two.parts
# All edges of this file go with their targets, but their reverses do not.
for ((v = 1; v <= 400; ++v)); do echo "0 $v"; done >star.txt
refused 2 'hybrid places the two arcs' 2 partition --graph star.txt --undirected --strategies hybrid --parts 3 --save-parts two.parts
[[ ! -e two.parts ]] || fail 'a refused file of parts is there'
run 2 partition --graph g.txt --undirected --strategies target --parts 3 --save-parts two.parts >/dev/null || fail 'target'
[[ $(grep -vc '^#' two.parts) == $(grep -v '^#' g.txt | cut -d' ' -f1,2 | tr ' ' '\n' | sort -u | wc -l) ]] ||
  fail 'an edge cut is no list of vertices'
refused 2 '--strategies best: there is no such strategy' 2 partition --graph g.txt --strategies dbh,best
refused 2 'what is to be compared' 1 partition --graph g.txt --placement dbh
refused 2 '--csv and --json both name' 1 partition --graph g.txt --csv table --json table
refused 2 'must be numbers from 1 to' 1 partition --graph g.txt --parts 0
refused 3 'there is no folder' 2 partition --graph g.txt --html nowhere/lab.html
refused 3 'made for 3 parts, but there are only 2 here' 1 partition --graph g.txt --strategies import:saved.parts --parts 2
sed 's/ parts 3$/ parts 2/' saved.parts >lying.parts
refused 3 'part 2 is not one of' 1 partition --graph g.txt --strategies import:lying.parts --parts 2
refused 2 'a comma has nothing beside it' 1 partition --graph g.txt --parts 2,
refused 2 '--strategies: names nothing' 1 partition --graph g.txt --strategies ''
refused 2 'a comma has nothing beside it' 1 partition --graph g.txt --strategies dbh,,hdrf --parts 2
refused 2 "only atoms keep a placement" 1 convert --graph g.txt --placement hdrf --output g.gsk
head -n 50 saved.parts >short.parts
refused 3 'too short' 2 partition --graph g.txt --strategies import:short.parts --parts 3
finish
