#!/usr/bin/env bash
# Runs gasket under mpirun, after installing and building what is missing.
#
#   scripts/run.sh                              PageRank of the road network in data/ on two ranks
#   scripts/run.sh -n 4 pagerank --graph my.txt any gasket command, on 4 ranks (default 2)
#   scripts/run.sh -n 8 --hostfile hosts ...    over several hosts; --host a,b does too
#
# Files are relative to where you are. The exit code is gasket's.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

ranks=2
mpirun_options=()
hosts=0
while (($#)); do
  case $1 in
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    -n | -np | --hostfile | --host)
      (($# > 1)) || fail "$1 needs a value" 2
      if [[ $1 == -n* ]]; then
        [[ $2 =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a number of ranks, not '$2'" 2
        ranks=$2
      else
        mpirun_options+=("$1" "$2")
        hosts=1
      fi
      shift 2 ;;
    *) break ;;
  esac
done
(($#)) || set -- pagerank --graph "$source/data/road-usa-NY.el.gz" --undirected --top 10 --progress always

install_missing_packages
build_release gasket
if ((hosts)); then
  # Between hosts Open MPI chooses the fastest network itself, and each host takes as many ranks as it has slots.
  prepare_mpi OMPI_MCA_rmaps_base_oversubscribe OMPI_MCA_pml OMPI_MCA_btl
else
  # gasket itself says what is wrong; mpirun would add a page about exit codes.
  mpirun_options+=(--quiet)
  prepare_mpi
fi

say "mpirun -n $ranks ${mpirun_options[*]} gasket $*"
mpirun -n "$ranks" "${mpirun_options[@]}" "$build/gasket" "$@" <&0 &
trap 'kill -TERM $!' TERM
trap : INT # mpirun gets the terminal's as well
code=0
wait $! || code=$?
while kill -0 $! 2>/dev/null; do # a signal ended the wait, not the run
  code=0
  wait $! || code=$?
done
# With 2 to 5 gasket has said why.
if ((code > 128)); then
  say "a rank or mpirun was ended by a signal (exit code $code)"
elif ((code == 1 || code > 5)); then
  say "mpirun ended with exit code $code"
fi
exit $code
