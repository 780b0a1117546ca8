#pragma once
// MPI for the life of an object: the first thing main makes, the last that goes.

#include <memory>

#include "partition/comm/communicator.hpp"

namespace gasket {

class Session {
 public:
  /// Starts MPI with the settings Open MPI 4.1 needs, where the user has not set them (no single-copy through
  /// the kernel, waiting ranks give their core away, a run without mpirun starts no daemon).
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
  /// Name of this host.
  std::string host() const;

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
};

}  // namespace gasket
