#include "partition/comm/session.hpp"

#include <fmt/format.h>
#include <mpi.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <vector>

#include "partition/comm/mpi_check.hpp"
#include "partition/comm/mpi_transport.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

int cores_of_host() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

void set_default(const char* name, const char* value) { setenv(name, value, /*overwrite=*/0); }

}  // namespace

Session::Mpi::Mpi(int& argc, char**& argv) {
  set_default("OMPI_MCA_btl_vader_single_copy_mechanism", "none");  // 2-3 times faster than through the kernel
  set_default("OMPI_MCA_mpi_yield_when_idle", "1");                 // 70 times faster when cores are short
  if (std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr && std::getenv("PMIX_RANK") == nullptr) {
    // Started without mpirun: no daemon and no network to look for, which halves the time to start.
    set_default("OMPI_MCA_ess_singleton_isolated", "1");
    set_default("OMPI_MCA_orte_create_session_dirs",
                "0");  // one folder for all of them: they would remove each other's
    set_default("OMPI_MCA_pml", "ob1");
    set_default("OMPI_MCA_btl", "self");
  }
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_FUNNELED)
    throw Error(ExitCode::resources, "this MPI allows no threads (MPI_THREAD_FUNNELED is needed)");
}

Session::Mpi::~Mpi() { MPI_Finalize(); }

namespace {

// This rank's share of the host's cores: of each core it may run on, one part in as many as there are such ranks.
double share_cores(MPI_Comm host, int ranks) {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return parallel::available_cores();
  std::vector<cpu_set_t> all(static_cast<std::size_t>(ranks));
  check_mpi(MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, host), "MPI_Allgather");
  double share = 0;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &mine))
      share += 1.0 / static_cast<double>(
                         std::ranges::count_if(all, [&](const cpu_set_t& set) { return CPU_ISSET(core, &set); }));
  return share;
}

}  // namespace

Session::Session(int& argc, char**& argv)
    : mpi_(argc, argv), transport_(std::make_unique<MpiTransport>()), communicator_(*transport_) {
  MPI_Comm host = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host), "MPI_Comm_split_type");
  check_mpi(MPI_Comm_size(host, &ranks_on_host_), "MPI_Comm_size");
  fair_cores_ = share_cores(host, ranks_on_host_);
  check_mpi(MPI_Comm_free(&host), "MPI_Comm_free");
  parallel::set_core_share(fair_cores_);
  parallel::set_threads(fair_threads());
}

Session::~Session() = default;

int Session::fair_threads() const { return std::max(1, static_cast<int>(fair_cores_ + 1e-9)); }

std::optional<std::string> Session::thread_warning(int threads, bool asked) const {
  const int bound = parallel::available_cores(), cores = cores_of_host();
  if (bound < cores && threads > bound)
    return fmt::format(
        "{} threads asked for, but this rank is bound to {} of {} cores; start mpirun with --bind-to none", threads,
        bound, cores);
  if (!asked && bound < cores / ranks_on_host_)
    return fmt::format(
        "each rank is bound to {} of {} cores and uses {} thread{}; start mpirun with --bind-to none to use all", bound,
        cores, threads, threads == 1 ? "" : "s");
  if (asked && threads * ranks_on_host_ > cores)
    return fmt::format("{} rank{} of {} thread{} share{} the {} cores of this host", ranks_on_host_,
                       ranks_on_host_ == 1 ? "" : "s", threads, threads == 1 ? "" : "s", ranks_on_host_ == 1 ? "s" : "",
                       cores);
  return std::nullopt;
}

std::string Session::host() const {
  char name[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  check_mpi(MPI_Get_processor_name(name, &length), "MPI_Get_processor_name");
  return {name, static_cast<std::size_t>(length)};
}

void Session::set_patience(double seconds) { static_cast<MpiTransport&>(*transport_).set_patience(seconds); }

void Session::abort(ExitCode code) {
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
  std::terminate();
}

}  // namespace gasket
