# Sourced by run.sh and test.sh: installs what is missing, builds, and prepares the environment of mpirun.
# Sets source (the source root) and build (the release build).
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$source/build/release

# Everything gasket needs, as Debian 12 packages.
packages=(
  g++ cmake ninja-build
  openmpi-bin libopenmpi-dev libtbb-dev libboost-graph1.81-dev
  zlib1g-dev libzstd-dev libxxhash-dev libmetis-dev libfmt-dev libcereal-dev nlohmann-json3-dev libcxxopts-dev libpng-dev catch2
)

say() { printf 'gasket: %s\n' "$*" >&2; }

fail() {
  say "$1"
  exit "${2:-1}"
}

install_missing_packages() {
  local missing=() as_root=()
  if ! command -v dpkg-query >/dev/null; then
    say "this is not Debian: expecting the equivalents of ${packages[*]}"
    return
  fi
  mapfile -t missing < <(comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort))
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "these packages are missing: ${missing[*]}. There is no sudo here; as root, run: apt-get install ${missing[*]}" 4
    as_root=(sudo)
    [[ -t 0 ]] || as_root=(sudo -n) # without a terminal nobody can type a password
    "${as_root[@]}" true || fail "sudo is refused; as root, run: apt-get install ${missing[*]}" 4
  fi
  say "installing ${missing[*]}"
  local log apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -y -q -o Dpkg::Use-Pty=0)
  log=$(mktemp)
  if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install the packages (its last lines are above)" 4
  fi
  rm -f "$log"
}

# As many compilers at once as there are cores, and no more than fit in memory at 1.5 GB each.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}

# build_release TARGET...: configures and builds; says how far it is, and more only when something fails.
build_release() {
  local log jobs
  jobs=$(build_jobs)
  say "building in $build ($jobs at a time)"
  log=$(mktemp)
  if ! {
    cmake -S "$source" --preset release -DGASKET_WERROR="${GASKET_WERROR:-OFF}" >"$log" 2>&1 &&
      cmake --build "$build" -j "$jobs" --target "$@" 2>&1 | tee -a "$log" | quarters
  }; then
    grep -nE 'error|Error|FAILED' "$log" | head -n 40 >&2
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "the build failed"
  fi
  rm -f "$log"
}

# Of ninja's "[done/all] step" lines, a line per quarter.
quarters() {
  awk -F '[][/]' '/^\[[0-9]+\/[0-9]+\]/ && $3 >= 8 {
    quarter = int(4 * $2 / $3)
    if (quarter > last) { printf "gasket: built %d of %d\n", $2, $3 > "/dev/stderr"; last = quarter }
  }'
}

# prepare_mpi [NAME...]: the settings of openmpi.env but those named, where the user has not set them.
prepare_mpi() {
  local name value
  while IFS='=' read -r name value; do
    if [[ $name == OMPI_* && ! -v $name && " $* " != *" $name "* ]]; then export "$name=$value"; fi
  done <"$source/scripts/openmpi.env"
  if ((EUID == 0)); then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
}
