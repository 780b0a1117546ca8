#pragma once
// MPI for the life of an object: the first thing main makes, the last that goes.

#include <memory>
#include <optional>
#include <string>

#include "partition/comm/communicator.hpp"

namespace gasket {

class Session {
 public:
  /// Starts MPI with the settings Open MPI 4.1 needs, where the user has not set them (no single-copy through
  /// the kernel, waiting ranks give their core away, a run without mpirun starts no daemon).
  /// Also gives this rank its fair share of the host's cores as worker threads (parallel::set_threads).
  /// Throws Error when MPI gives less than MPI_THREAD_FUNNELED.
  Session(int& argc, char**& argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Communicator& communicator() { return communicator_; }
  int rank() const { return communicator_.rank(); }
  int size() const { return communicator_.size(); }
  /// Ranks that share this host, this one included.
  int ranks_on_host() const { return ranks_on_host_; }
  /// Worker threads that suit this rank: the cores it is bound to, or else its share of the host's.
  int fair_threads() const;
  /// What the user should know about running that many threads here (`asked`: the number was the user's), if anything:
  /// mpirun binds each of one or two ranks to one core unless told otherwise, and threads beyond it only get in each
  /// other's way.
  std::optional<std::string> thread_warning(int threads, bool asked) const;
  /// Name of this host.
  std::string host() const;

  /// From now on a rank that has waited for others that long throws Error(lost_peer), not agreed; 0: never.
  void set_patience(double seconds);

  /// Ends the whole job at once, for errors that the other ranks do not know of. Prints nothing itself.
  [[noreturn]] void abort(ExitCode code);

 private:
  struct Mpi {
    Mpi(int& argc, char**& argv);
    ~Mpi();
  };
  Mpi mpi_;
  std::unique_ptr<Transport> transport_;
  Communicator communicator_;
  int ranks_on_host_ = 1;
  double fair_cores_ = 1;  // this rank's share of the cores that it and its neighbours may run on
};

}  // namespace gasket
