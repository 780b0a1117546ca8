#!/usr/bin/env bash
# Commands without mpirun that start and end beside each other do not disturb each other.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"

printf '1 2\n2 3\n' >two.txt
failed=$(seq 80 | xargs -P 8 -I{} sh -c '"$GASKET" bfs --graph two.txt --source 1 --threads 1 --output {}.out >/dev/null 2>{}.err || echo {}')
if [[ -z $failed ]]; then
  ok '80 runs, 8 at a time'
else
  fail "of 80 runs, 8 at a time, these failed: $failed: $(head -n 3 "$(echo "$failed" | head -n 1).err")"
fi
finish
