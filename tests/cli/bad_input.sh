#!/usr/bin/env bash
# Whatever is wrong with the input: one message with the place, the documented exit code on every rank, no hang, and
# nothing under the name of the output.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"

# refuses CODE WORDS COMMAND... : at 1 and 4 ranks
refuses() {
  local code=$1 words=$2 ranks got problem
  shift 2
  for ranks in 1 4; do
    rm -rf out.d && mkdir out.d
    on $ranks "$@" >stdout 2>stderr
    got=$?
    problem=
    ((got == code)) || problem="exit code $got instead of $code"
    [[ $(grep -c '^gasket: ' stderr) == 1 ]] || problem="$(grep -c '^gasket: ' stderr) messages instead of one"
    grep -F 'gasket: ' stderr | grep -qF -- "$words" || problem="a message without '$words'"
    [[ -z $(ls -A out.d) ]] || problem="left $(ls -A out.d) behind"
    grep -q 'signal' stderr && problem="died of a signal"
    if [[ -n $problem ]]; then
      fail "$ranks ranks: $*: $problem"
      head -n 5 stderr
    else
      ok "$ranks ranks: $(grep -F 'gasket: ' stderr)"
    fi
  done
}
pagerank() { refuses "$1" "$2" pagerank --output out.d/ranks.txt --report out.d/run.json --graph "${@:3}"; }

pagerank 3 'missing.txt' missing.txt
mkdir folder
pagerank 3 'folder: is a directory' folder
: >empty.txt
pagerank 3 'empty.txt' empty.txt
printf '# only a comment\n' >comment.txt
pagerank 3 'comment.txt' comment.txt
head -c 5000 "$GASKET" >binary.txt
pagerank 3 'binary.txt' binary.txt
seq 1 4000 | awk '{print $1, $1 + 1}' >good.txt
{ cat good.txt; echo 17; } >one_column.txt
pagerank 3 'one_column.txt:4001' one_column.txt
{ head -n 99 good.txt; echo '-3 4'; cat good.txt; } >negative.txt
pagerank 3 'negative.txt:100' negative.txt
{ cat good.txt; echo '1 18446744073709551616'; } >too_big.txt
pagerank 3 'too_big.txt:4001' too_big.txt
{ cat good.txt; echo '1 2x'; } >letters.txt
pagerank 3 'letters.txt:4001' letters.txt
# The first bad line of the file, whichever rank meets it.
seq 1 1500000 | awk '{print $1 % 300000 == 200001 ? "x" : $1 " " $1 + 1}' | gzip -1 >late.txt.gz
pagerank 3 'late.txt.gz:200001' late.txt.gz
{ awk '{print $0, 1.5}' good.txt; echo '5 6 heavy'; } >weights.txt
refuses 3 'weights.txt:4001' sssp --source 1 --output out.d/x --graph weights.txt
refuses 3 'good.txt' sssp --source 1 --output out.d/x --graph good.txt
{ echo '1 2 0.5'; echo '2 3 -1'; } >negative_weight.txt
refuses 3 'negative_weight.txt:2: expected a weight of 0 or more, found -1' sssp --source 1 --output out.d/x --graph negative_weight.txt
{ awk '{print $0, 1.5}' good.txt; echo '# far down'; echo '5 6 -2'; } | gzip >negative_weight.txt.gz
refuses 3 'negative_weight.txt.gz:4002: expected' sssp --source 1 --output out.d/x --graph negative_weight.txt.gz
printf '# names\nann bob 1\n\nbob cy -2\n' >negative_names.txt
refuses 3 'negative_names.txt:4: expected' sssp --source ann --ids string --output out.d/x --graph negative_names.txt
printf '3 2 1\n2 1\n1 1 3 -5\n2 -5\n' >negative.graph
refuses 3 'negative.graph:3: expected' sssp --source 1 --output out.d/x --graph negative.graph
printf '2 2 1\n1 -5 2 -0.25\n1 -0.25\n' >loop.graph
refuses 3 'loop.graph:2: expected a weight of 0 or more, found -0.25' sssp --source 1 --drop-self-loops --output out.d/x --graph loop.graph
"$GASKET" convert --graph negative_weight.txt --output negative_weight.gsk >/dev/null
refuses 3 'negative_weight.gsk: has the weight -1' sssp --source 1 --output out.d/x --graph negative_weight.gsk
# A distance that no double holds is not taken for a vertex out of reach.
printf '1 2 1e308\n2 3 1e308\n' >far.txt
for engine in sync async chromatic; do
  refuses 3 'distances from 1 exceed 1.8e+308' sssp --source 1 --engine $engine --output out.d/x --graph far.txt
done
seq 1 10 >pair.v && seq 1 9 | awk '{print $1, $1 + 1}' >pair.e
refuses 2 'pair.e: is the graph itself' bfs --source 1 --graph pair --output pair.e
refuses 2 'pair.v: is the graph itself' bfs --source 1 --graph pair.e --report ./pair.v
echo 1 >begin.txt
refuses 2 'begin.txt: is the file that --personalise reads' pagerank --graph good.txt --personalise begin.txt --output begin.txt
refuses 2 'is the file that --personalise' pagerank --graph good.txt --personalise begin.txt --report ./begin.txt
refuses 3 'gone.parts: no such file' wcc --graph good.txt --placement import:gone.parts --output out.d/x
refuses 3 'out.d: is a directory' wcc --graph good.txt --placement import:out.d --output out.d/x
long=$(printf 'n%.0s' $(seq 300))
refuses 3 'cannot write nnn' bfs --graph good.txt --source 1 --output $long
ln -s loop loop
refuses 3 'cannot write loop: ' bfs --graph good.txt --source 1 --report loop
refuses 2 'only possible with --engine sync' pagerank --graph good.txt --damping 1 --engine async --output out.d/x
refuses 2 '--graph: names no file' bfs --graph= --source 1 --output out.d/x
printf '0;1;1.5\n1;2;2,75\n' >comma.csv
refuses 3 "comma.csv:2: expected a weight with a decimal point, found '2,75'" sssp --graph comma.csv --source 0 --output out.d/x
mkfifo parts.pipe
refuses 3 'parts.pipe: is a pipe' wcc --graph good.txt --placement import:parts.pipe --output out.d/x
refuses 2 'is the file that --placement reads' wcc --graph good.txt --placement import:begin.txt --output begin.txt
"$GASKET" convert --graph good.txt --atoms 2 --output good.atoms >/dev/null
refuses 2 'lies in the folder of the graph' wcc --graph good.atoms --output good.atoms/atom-000
refuses 2 'direction' kcore --graph good.txt --direction push
refuses 2 'both name' bfs --source 1 --graph good.txt --output out.d/x --report out.d/../out.d/x
refuses 2 'delta' sssp --source 1 --graph missing.txt --delta wide --output out.d/x
refuses 2 'epsilon' validate --rule exact --epsilon 1 good.txt good.txt
refuses 3 '77777' bfs --source 77777 --output out.d/x --graph good.txt
gzip -k good.txt && head -c 4000 good.txt.gz >cut.txt.gz
pagerank 3 'cut.txt.gz' cut.txt.gz
"$GASKET" convert --graph good.txt --output good.txt.zst >/dev/null && head -c 2000 good.txt.zst >cut.txt.zst
pagerank 3 'cut.txt.zst' cut.txt.zst
"$GASKET" convert --graph good.txt --output good.gsk >/dev/null
head -c 9000 good.gsk >cut.gsk
pagerank 3 'cut.gsk' cut.gsk
cp good.gsk flipped.gsk && printf '\xff' | dd of=flipped.gsk bs=1 seek=20000 conv=notrunc status=none
pagerank 3 'flipped.gsk' flipped.gsk
printf '1 2\n' >pair.e && printf '1\n' >pair.v
pagerank 3 'pair' pair.e

printf '%%%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n' >matrix.mtx
pagerank 3 'matrix.mtx:1: is a dense array' matrix.mtx
printf '3 2\n2\n1 3\n' >short.graph
pagerank 3 'short.graph:1: announces 3 vertices' short.graph
printf '1\n2\n' >lone.v
pagerank 3 'lone.e' lone.v
pagerank 4 'GB' complete:vertices=10000000
mkfifo pipe.txt
pagerank 3 'pipe.txt' pipe.txt

pagerank 2 'twice' good.txt --top 1 --top 2
pagerank 2 '--placement' good.txt --placement best
pagerank 2 'tyop' good.txt --tyop
pagerank 2 '--threads' good.txt --threads 0
pagerank 2 '--damping' good.txt --damping 1.5
pagerank 2 '--iterations' good.txt --iterations -1
pagerank 2 '--format' good.txt --format docx
pagerank 2 '--variant' good.txt --variant mine
pagerank 3 '77777' good.txt --restart 1,77777
pagerank 2 'twice' good.txt --restart 1,2,1
pagerank 2 '--restart' good.txt --restart 1,,2
pagerank 2 'powergraph' good.txt --restart 1 --variant powergraph
pagerank 2 '--reproducible' good.txt --restart 1 --reproducible
pagerank 2 'float' good.txt --restart 1 --values float
pagerank 3 'no weights' good.txt --weighted
pagerank 3 'negative_weight.txt:2: expected a weight of 0 or more' negative_weight.txt --weighted
printf '1 2 0\n2 3 0\n' >weights_of_0.txt
pagerank 3 'weights_of_0.txt: the weights of all' weights_of_0.txt --weighted
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 0\n' >no_edges.mtx
"$GASKET" pagerank --weighted --graph no_edges.mtx --output no_edges.out >log 2>&1 && grep -q '^3 0.333' no_edges.out &&
  ok 'weighted ranks of a graph without edges' || fail "no edges: $(cat log)"
pagerank 3 'nobody.txt' good.txt --personalise nobody.txt
printf '5\n77777 1\n' >who.txt
pagerank 3 'who.txt:2: the graph has no vertex 77777' good.txt --personalise who.txt
printf '5\n6 -1\n' >less.txt
pagerank 3 'less.txt:2: the weight -1' good.txt --personalise less.txt
printf '5 0\n' >nothing.txt
pagerank 3 'nothing.txt: all weights are 0' good.txt --personalise nothing.txt
printf '#\n' >nobody.txt
pagerank 3 'nobody.txt: names no vertex' good.txt --personalise nobody.txt
pagerank 2 'one of them' good.txt --personalise who.txt --restart 5
refuses 2 '--graph' pagerank
refuses 2 'pagernak' pagernak
refuses 2 '--source' bfs --graph good.txt
refuses 2 '--undirected=yes: takes no value' bfs --source 1 --undirected=yes --output out.d/x --graph good.txt
refuses 2 '--undirected=10: takes no value' bfs --source=1 --undirected=10 --output out.d/x --graph good.txt
refuses 3 '77777' betweenness --source 77777 --output out.d/x --graph good.txt
refuses 2 '--sources' betweenness --source 1 --sources 5 --output out.d/x --graph good.txt
refuses 2 '--normalised' betweenness --source 1 --normalised --output out.d/x --graph good.txt
refuses 2 '--sources 1: must be a whole number from 2 to 18446744073709551615, or all' betweenness --sources 1 --output out.d/x --graph good.txt
refuses 2 '--sources N' betweenness --output out.d/x --graph path:vertices=10001
refuses 2 'scale' generate rmat --scale 99 --output out.d/g.gsk
refuses 3 'no/such/folder' pagerank --graph good.txt --output no/such/folder/x
refuses 3 'folder' pagerank --graph good.txt --output folder

finish
