#!/usr/bin/env bash
# The formats of others from the command line: real files where they are at hand, what `gasket info` says, strings as ids
# through every command that names vertices, and refusals by memory.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"

# expect NAME CODE WORDS COMMAND... : the exit code, and words in what was said
expect() {
  local name=$1 code=$2 words=$3 got
  shift 3
  timeout 60 "$@" >said 2>&1
  got=$?
  if ((got == code)) && grep -qF -- "$words" said; then
    ok "$name"
  else
    fail "$name: exit code $got instead of $code, or without '$words': $*"
    head -n 8 said
  fi
}
same() {
  if cmp -s "$2" "$3"; then
    ok "$1"
  else
    fail "$1"
    diff "$2" "$3" | head -n 5
  fi
}
two=("$MPIRUN" -q -n 2 "$GASKET")

printf '%%%%MatrixMarket matrix coordinate real symmetric\n4 4 3\n1 1 2\n2 1 0.5\n3 2 1.5\n' >m.mtx
expect 'info tells what a matrix says' 0 'Matrix Market, real symmetric: 4 vertices, 3 entries, ids from 1; undirected' "$GASKET" info --graph m.mtx
expect 'info tells what was done' 0 'each in both directions, as the source says; self loops kept; duplicates kept' "${two[@]}" info --graph m.mtx
expect 'ids from 1 are shown' 0 'ids        1 .. 4' "$GASKET" info --graph m.mtx
expect 'hops by ids from 1' 0 'reached    3 of 4 vertices from 3' "${two[@]}" bfs --graph m.mtx --source 3 --output hops
printf '1 2\n2 1\n3 0\n4 9223372036854775807\n' >expected
same 'results have ids from 1' hops expected
expect 'no vertex 0' 3 '--source 0: m.mtx has no such vertex' "$GASKET" bfs --graph m.mtx --source 0
expect 'a .gsk file keeps them' 0 'wrote m.gsk: 4 vertices' "$GASKET" convert --graph m.mtx --output m.gsk
expect 'hops from the .gsk file' 0 'reached' "${two[@]}" bfs --graph m.gsk --source 3 --output hops
same 'the same ids from it' hops expected
printf '1 2\n2 3\n3 1 5\n' >late.txt
expect 'a third column late' 3 'late.txt:3: expected two ids and no third column' "${two[@]}" info --graph late.txt

printf 'ann bob 1\nbob cy 2\ncy ann 4\nann dora 1\n' >names.txt
expect 'words are no numbers' 3 "names.txt:1: expected a source id of digits only, found 'ann'; --ids string" "$GASKET" wcc --graph names.txt
expect 'a source by name' 0 'from bob' "${two[@]}" sssp --graph names.txt --ids string --source bob --output distances --report run.json
printf 'ann 6\nbob 0\ncy 2\ndora 7\n' >expected
same 'results have names' distances expected
expect 'results with names are compared' 0 'valid: 4 vertices' "$GASKET" validate --rule epsilon --ids string expected distances
sed 's/dora 7/dora 8/' expected >wrong
expect 'a difference has a name' 1 'vertex dora: expected 7, found 8' "${two[@]}" validate --rule exact --ids string expected wrong
expect 'the record has the name' 0 '"source": "bob"' cat run.json
expect 'no such name' 3 '--source zoe: names.txt has no such vertex' "${two[@]}" bfs --graph names.txt --ids string --source zoe
expect 'top names' 0 '   ann  ' "${two[@]}" pagerank --graph names.txt --ids string --restart ann,cy --top 2
printf 'dora 2\nann\n' >who.txt
expect 'restart by names' 0 '  dora  ' "${two[@]}" pagerank --graph names.txt --ids string --personalise who.txt --top 4
printf 'zoe\n' >who.txt
expect 'a restart nobody has' 3 'who.txt:1: the graph has no vertex zoe' "${two[@]}" pagerank --graph names.txt --ids string --personalise who.txt
expect 'components by names' 0 '   ann  4' "${two[@]}" wcc --graph names.txt --ids string --top 1 --output components
printf 'ann ann\nbob ann\ncy ann\ndora ann\n' >expected
same 'components have names' components expected
expect 'an edge list of names' 0 '4 vertices' "${two[@]}" convert --graph names.txt --ids string --output copy.txt
sort names.txt >expected
same 'is the same edge list' copy.txt expected
expect 'names in .gsk' 0 '4 vertices' "${two[@]}" convert --graph names.txt --ids string --output copy.gsk
"$GASKET" convert --graph names.txt --ids string --output alone.gsk >/dev/null
same 'from any number of ranks' copy.gsk alone.gsk
for ranks in 1 2 3; do
  expect "a source by name, $ranks ranks, without --ids" 0 'from bob' "$MPIRUN" -q -n $ranks "$GASKET" sssp --graph copy.gsk --source bob --output distances --report run.json
  printf 'ann 6\nbob 0\ncy 2\ndora 7\n' >expected
  same 'results have the names' distances expected
  expect 'the record has the name' 0 '"source": "bob"' cat run.json
done
expect 'also when they are announced' 0 'strings, numbered' "${two[@]}" info --graph copy.gsk --ids string
expect 'no such name in it' 3 '--source zoe: copy.gsk has no such vertex' "${two[@]}" bfs --graph copy.gsk --source zoe
expect 'back to an edge list' 0 '4 vertices' "${two[@]}" convert --graph copy.gsk --output copy.txt
sort names.txt >expected
same 'of the same names' copy.txt expected
expect 'no names in atoms' 2 'have numbers as ids' "$GASKET" convert --graph names.txt --ids string --atoms 4 --output names.atoms
expect 'nor from a .gsk file' 2 'have numbers as ids' "${two[@]}" convert --graph copy.gsk --atoms 4 --output names.atoms
"$GASKET" convert --graph m.mtx --atoms 4 --output m.atoms >/dev/null
expect 'nor appended' 2 'its ids are strings; atoms keep numbers only' "${two[@]}" append --graph m.atoms --edges copy.gsk
expect 'numbers are no names' 2 'made from a graph whose ids are numbers' "${two[@]}" info --graph m.gsk --ids string
printf 'bob,"#tag"\n"#tag",carol\n"%%x",carol\n"//y",bob\n' >hash.csv
expect 'names like comments' 0 '5 vertices, 4 directed' "$GASKET" convert --graph hash.csv --ids string --output hash.gsk
expect 'are quoted' 0 '5 vertices, 4 directed' "$GASKET" convert --graph hash.gsk --output hash.txt
expect 'and read again' 0 '5 vertices, 4 directed' "$GASKET" info --graph hash.txt --ids string
printf 'New York,Los Angeles\n' >cities.csv
expect 'names with blanks are no four names' 3 'cities.csv:1: expected ids without blanks' "$GASKET" info --graph cities.csv --ids string
printf 'a, b\nb ,c\n' >commas.csv
expect 'blanks beside commas are nothing' 0 '3 vertices, 2 directed' "$GASKET" info --graph commas.csv --ids string
expect 'components of names are compared' 0 'valid: 4 vertices' "$GASKET" validate --rule equivalence --ids string components components
sed 's/^dora ann/dora dora/' components >other
expect 'and differ' 1 'vertex dora' "$GASKET" validate --rule equivalence --ids string components other
expect 'no names to generate' 2 'a graph to generate, whose ids are numbers' "$GASKET" info --graph rmat:scale=4 --ids string
for name in x.adjlist x.bin32 x.mtx.gz x.sg; do
  expect "no edge list called $name" 2 'read as something else by that name' "$GASKET" convert --graph names.txt --ids string --output $name
done
expect 'no names in a matrix' 2 'a format whose ids are numbers' "$GASKET" info --graph m.mtx --ids string

expect 'a memory limit' 4 'ranks would do' "${two[@]}" info --graph rmat:scale=22 --memory-limit 300M
expect 'also of text' 4 'ranks would do' "$GASKET" info --graph "$GASKET_SOURCE/data/road-usa-NY.el.gz" --memory-limit 38M
expect 'no number of ranks' 4 'no number of ranks would do' "$GASKET" info --graph rmat:scale=30 --memory-limit 1G
expect 'a limit that is none' 2 '--memory-limit much: must be a number of bytes' "$GASKET" info --graph m.mtx --memory-limit much
expect 'a limit that suffices' 0 'degrees' "$GASKET" info --graph m.mtx --memory-limit 1G
expect 'a limit on studying' 4 'ranks would do' "$GASKET" partition --graph rmat:scale=22 --parts 4 --strategies dbh --memory-limit 500M
expect 'a limit on generating' 4 'ranks would do' "$GASKET" generate rmat --scale 24 --output g.gsk --memory-limit 1G

# The estimate is within a factor of 1.5 of what a load takes.
honest() {
  local ranks=$1
  shift
  "$MPIRUN" -q -n "$ranks" "$GASKET" info --threads 1 --graph "$@" >said 2>&1
  if awk '/^memory/ {
        split("B KB MB GB", names); for (i in names) power[names[i]] = 1000 ^ (i - 1)
        estimate = $2 * power[$3]; peak = $11 * power[$12]
        good = estimate < 1.5 * peak && peak < 1.5 * estimate
      } END { exit !good }' said; then
    ok "memory, $ranks ranks: $*: $(grep '^memory' said)"
  else
    fail "memory, $ranks ranks: $*"
    head -n 8 said
  fi
}
"$GASKET" generate rmat --scale 17 --edge-factor 32 --output big.txt.gz >/dev/null
"$GASKET" generate rmat --scale 17 --edge-factor 32 --weights --output big.gsk >/dev/null
for ranks in 1 2; do
  honest $ranks rmat:scale=18,edge-factor=32
  honest $ranks big.txt.gz --undirected
  honest $ranks big.gsk
done
# Equal edges that a strategy may part are brought together first, and take three times their bytes there.
honest 2 uniform:vertices=100000,edges=6000000 --drop-duplicates --placement oblivious
honest 2 big.txt.gz --undirected --drop-duplicates --placement 2psl
# What strategies take is counted: rows, copies, all edges on rank 0, a file of parts.
"$GASKET" partition --graph big.gsk --strategies dbh --parts 2 --save-parts big.parts >/dev/null
for placement in hep fennel hdrf ginger import:big.parts; do honest 2 big.gsk --placement $placement; done

if [[ -d $data/mtx ]]; then
  expect 'jagmesh7' 0 '1138 vertices, 3156 undirected edges' "${two[@]}" info --graph "$data/mtx/jagmesh7.mtx" --drop-self-loops
  expect 'bcsstk13' 0 '2003 vertices, 42943 undirected edges with weights' "${two[@]}" info --graph "$data/mtx/bcsstk13.mtx"
  expect 'west0067' 0 '67 vertices, 294 directed edges with weights' "$GASKET" info --graph "$data/mtx/west0067.mtx"
  expect 'karate' 0 '34 vertices, 78 undirected edges' "$GASKET" info --graph "$data/mtx/karate.mtx"
  expect 'the LDBC example as a matrix' 0 'reached' "${two[@]}" sssp --graph "$data/mtx/ldbc-directed-example.mtx" --source 1 --output distances
  expect 'has the distances of LDBC' 0 '' "$GASKET" validate --rule epsilon "$data/ldbc/example/example-directed-SSSP" distances
  expect 'an adjacency list of LDBC' 0 'reached' "${two[@]}" bfs --graph "$data/ldbc/bfs/dir-input" --format adjlist --source 1 --output hops
  expect 'has the hops of LDBC' 0 '' "$GASKET" validate --rule exact "$data/ldbc/bfs/dir-output" hops
  expect 'PGP from METIS' 0 '10680 vertices, 24316 undirected edges' "${two[@]}" pagerank --graph "$data/metis/PGPgiantcompo.graph" --output metis
  expect 'PGP from an edge list' 0 '' "$GASKET" pagerank --undirected --graph "$data/nk-PGPgiantcompo/nk-PGPgiantcompo.el.gz" --output list
  awk '{print $1 + 1, $2}' list >shifted
  expect 'both have the same ranks' 0 '' "$GASKET" validate --rule epsilon shifted metis
fi

finish
