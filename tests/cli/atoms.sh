#!/usr/bin/env bash
# gasket convert --atoms, append and info: the same files, unchanged, give the same answers at 1 to 4 ranks, before and
# after an append; what goes wrong leaves nothing behind and says one sentence.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"
sums() { (cd "$1" && sha256sum -- *) }

"$GASKET" generate rmat --scale 9 --edge-factor 8 --weights --output all.txt >/dev/null || fail 'no graph'
head -n 3500 all.txt >first.txt
tail -n +3501 all.txt >second.txt

# The same atoms from any number of ranks and threads.
on 1 convert --graph first.txt --undirected --atoms 12 --placement dbh --output first.atoms >out || fail 'convert'
grep -q 'wrote first.atoms: 12 atoms' out || fail "convert says $(cat out)"
on 3 convert --graph first.txt --undirected --atoms 12 --placement dbh --threads 2 --output again.atoms >/dev/null ||
  fail 'convert at 3 ranks'
cmp <(sums first.atoms) <(sums again.atoms) || fail 'atoms depend on ranks'
on 2 convert --graph first.txt --undirected --atoms 12 --placement dbh --output slash.atoms/ >/dev/null ||
  fail 'a slash behind the name of the folder'
cmp <(sums first.atoms) <(sums slash.atoms) || fail 'atoms depend on a slash'

# answers FILE OPTIONS... : what the plain file gives is what the atoms give, at every number of ranks
answers() {
  local plain=$1 ranks before
  "$GASKET" wcc --graph "$plain" --undirected --output wcc.txt >/dev/null || fail "wcc of $plain"
  "$GASKET" sssp --graph "$plain" --undirected --source 1 --output sssp.txt >/dev/null || fail "sssp of $plain"
  "$GASKET" pagerank --graph "$plain" --undirected --reproducible --output ranks.txt >/dev/null || fail 'pagerank'
  before=$(sums first.atoms)
  for ranks in 1 2 3 4; do
    on $ranks wcc --graph first.atoms --output got.txt >/dev/null && cmp got.txt wcc.txt || fail "wcc at $ranks of $plain"
  done
  on 3 sssp --graph first.atoms --source 1 --output got.txt >/dev/null && cmp got.txt sssp.txt || fail "sssp of $plain"
  on 4 pagerank --graph first.atoms --reproducible --report run.json --output got.txt >/dev/null &&
    cmp got.txt ranks.txt || fail "pagerank of $plain"
  grep -q '"name": "atoms"' run.json || fail 'the report does not say atoms'
  [[ $(sums first.atoms) == "$before" ]] || fail 'loading changed the files'
}
answers first.txt
on 2 append --graph first.atoms --edges second.txt >out || fail 'append'
grep -q "appended $(wc -l <second.txt) edges and" out || fail "append says $(cat out)"
answers all.txt
on 2 info --graph first.atoms >out || fail 'info'
grep -q 'atoms      12 by dbh, .* 1 append since' out || fail "info says $(cat out)"
[[ $(grep -cE '^ +[0-9]+ +[01] +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+  [0-9]+:[0-9]+' out) == 12 ]] || fail 'info lists no atoms'
# Atoms are a graph like any other: back to a file, and cut anew.
on 2 convert --graph first.atoms --output back.gsk >/dev/null || fail 'convert atoms to .gsk'
"$GASKET" wcc --graph back.gsk --output got.txt >/dev/null && cmp got.txt wcc.txt || fail 'wcc of back.gsk'
on 2 convert --graph first.atoms --atoms 5 --placement 2psl --output new.atoms >/dev/null || fail 'atoms to atoms'
on 3 wcc --graph new.atoms --output got.txt >/dev/null && cmp got.txt wcc.txt || fail 'wcc of new.atoms'

# More edges than the buffers hold: journals are the same from any ranks, and nothing is lost.
many=uniform:vertices=3000,edges=1100000
"$GASKET" generate uniform --vertices 3000 --edges 1100000 --output many.txt >/dev/null || fail 'generate'
"$GASKET" convert --graph first.txt --no-weights --atoms 12 --placement dbh --output one.atoms >/dev/null || fail 'convert'
cp -r one.atoms three.atoms
echo left >one.atoms/append-edges-7-0
"$GASKET" append --graph one.atoms --edges $many --threads 2 >/dev/null || fail 'append many'
on 3 append --graph three.atoms --edges $many --threads 1 >/dev/null || fail 'append many at 3 ranks'
cmp <(sums one.atoms) <(sums three.atoms) || fail 'what an append writes depends on ranks'
"$GASKET" convert --graph one.atoms --output back.txt >/dev/null || fail 'convert'
cut -d' ' -f1,2 first.txt | cat - many.txt | sort | cmp - <(sort back.txt) || fail 'an append of many edges lost some'

# Its estimate of memory is within a factor of 1.5, and does not grow with the edges.
honest() { # RANKS EDGES
  rm -rf three.atoms && cp -r one.atoms three.atoms
  on "$1" append --graph three.atoms --edges "$2" --threads 1 >out || fail "append $2"
  awk '/^memory/ {
      split("B KB MB GB", names); for (i in names) power[names[i]] = 1000 ^ (i - 1)
      estimate = $2 * power[$3]; peak = $8 * power[$9]
      good = estimate < 1.5 * peak && peak < 1.5 * estimate
    } END { exit !good }' out || fail "memory, $1 ranks: $2: $(grep '^memory' out)"
}
honest 1 uniform:vertices=2000000,edges=1000000
honest 2 uniform:vertices=2000000,edges=1000000
honest 1 uniform:vertices=30000,edges=3000000

# refuses CODE WORDS COMMAND... : at 1 and 3 ranks, one sentence, nothing left behind
refuses() {
  local code=$1 words=$2 ranks got launcher
  shift 2
  for ranks in 1 3; do
    rm -rf out.d && mkdir out.d
    launcher=("$MPIRUN" -q -n $ranks)
    ((ranks > 1)) || launcher=()
    timeout 60 "${launcher[@]}" "$GASKET" "$@" >stdout 2>stderr
    got=$?
    ((got == code)) || fail "$ranks ranks: exit code $got instead of $code: $*"
    [[ $(grep -c '^gasket: ' stderr) == 1 ]] || fail "$ranks ranks: not one message: $* $(cat stderr)"
    grep -F 'gasket: ' stderr | grep -qF -- "$words" || fail "$ranks ranks: a message without '$words': $(cat stderr)"
    [[ -z $(ls -A out.d) ]] || fail "$ranks ranks: left $(ls -A out.d) behind: $*"
  done
}
refuses 2 'cut into atoms already' wcc --graph first.atoms --placement hdrf
refuses 2 'drop duplicates when you convert' wcc --graph first.atoms --drop-duplicates --output out.d/x
refuses 2 '--atoms 0' convert --graph first.txt --atoms 0 --output out.d/a
refuses 2 '--atoms 5000' convert --graph first.txt --atoms 5000 --output out.d/a
refuses 2 '--placement' convert --graph first.txt --atoms 4 --placement best --output out.d/a
refuses 3 'first.atoms' convert --graph first.txt --atoms 4 --output first.atoms
refuses 3 'no/such' convert --graph first.txt --atoms 4 --output no/such/a
{ cat first.txt; echo '1 x'; } >bad.txt
refuses 3 'bad.txt:3501' convert --graph bad.txt --atoms 4 --output out.d/a
refuses 2 '--edges' append --graph first.atoms
refuses 3 'is no folder of atoms' append --graph first.txt --edges second.txt
before=$(sums first.atoms)
refuses 3 'bad.txt:3501' append --graph first.atoms --edges bad.txt
printf '1 2\n' >light.txt
refuses 3 'light.txt' append --graph first.atoms --edges light.txt
printf '1\n2\n' >list.v
printf '1 2 1\n2 3 1\n' >list.e
refuses 3 'an edge names vertex 3, which the vertex list does not have' append --graph first.atoms --edges list.v
refuses 4 'needs about' append --graph first.atoms --edges rmat:scale=22,weights=true --memory-limit 50M
grep -q 'on rank 0, more than --memory-limit 50.0 MB; append fewer at a time' stderr || fail "a limit: $(cat stderr)"
refuses 4 'to append anything needs' append --graph first.atoms --edges second.txt --memory-limit 1M
[[ $(sums first.atoms) == "$before" ]] || fail 'a refused append changed the files'
flock first.atoms/append.lock "$GASKET" append --graph first.atoms --edges second.txt 2>stderr && fail 'two appends at once'
grep -q 'first.atoms: another append is at work' stderr || fail "two appends: $(cat stderr)"
truncate -s -1 first.atoms/atom-007
refuses 3 'first.atoms/atom-007: too short' pagerank --graph first.atoms --output out.d/x
refuses 3 'first.atoms/atom-007: too short' append --graph first.atoms --edges second.txt
rm first.atoms/atom-007
refuses 3 'first.atoms/atom-007: no such file' pagerank --graph first.atoms --output out.d/x
rm first.atoms/index
refuses 3 'first.atoms/index: no such file' pagerank --graph first.atoms --output out.d/x

finish
