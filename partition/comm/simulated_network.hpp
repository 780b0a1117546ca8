#pragma once
// A network of virtual ranks in one process, for tests: the same protocol code that runs over MPI runs here under a
// scheduler that is driven by a seed. Messages between two ranks keep their order, as MPI's do; everything else (when a
// message arrives, who runs next) varies with the seed and repeats with it.
//
// Each virtual rank is a thread, but only the one that holds the baton runs; it passes it on whenever it waits.

#include <cstdint>
#include <functional>
#include <memory>

#include "partition/comm/communicator.hpp"

namespace gasket {

class SimulatedNetwork {
 public:
  struct Options {
    int ranks = 2;
    std::uint64_t seed = 0;
    /// A message can be received after up to this many turns of its receiver.
    std::uint32_t longest_delay = 8;
    /// This rank gets only one of `slowness` of the turns it would have; -1: none is slow.
    int slow_rank = -1;
    std::uint64_t slowness = 4;
    /// Passed to each rank's communicator.
    std::size_t piece_limit = Communicator::kPieceLimit;
  };
  explicit SimulatedNetwork(const Options& options);
  ~SimulatedNetwork();

  /// What a body throws to die without a word, as a killed process does: the others go on and hear nothing more of it.
  struct Killed {};

  /// Runs body once per virtual rank and returns when all have ended. When one throws, the others are stopped and the
  /// first exception is thrown here; so is std::runtime_error when all ranks wait and nothing is under way.
  void run(const std::function<void(Communicator&)>& body);

 private:
  class Baton;
  class RankTransport;
  std::unique_ptr<Baton> baton_;
  Options options_;
};

}  // namespace gasket
