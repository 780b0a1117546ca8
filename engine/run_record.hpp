#pragma once
// What a run tells about itself.

#include <cstdint>
#include <vector>

namespace gasket {

enum class Direction { automatic, push, pull };

/// One superstep. Computing and waiting are of the rank that computed longest, all seconds of the one that was at it
/// longest, bytes of all ranks. Values that changed in a superstep are sent in it, those that vertices began with in the
/// first; none after the limit of supersteps.
struct SuperstepRecord {
  double seconds = 0;
  double compute_seconds = 0;
  double wait_seconds = 0;
  std::uint64_t active = 0;   // vertices that changed
  std::uint64_t updates = 0;  // vertices that applied
  std::uint64_t bytes_sent = 0;
  std::uint64_t values_sent = 0;          // to or from ghosts
  std::uint64_t values_skipped = 0;       // ghosts that nothing travelled for
  Direction direction = Direction::pull;  // of rank 0
};

struct RunRecord {
  std::vector<SuperstepRecord> supersteps;
  double seconds = 0;
  std::uint64_t updates = 0;
  std::vector<double> waited;  // seconds, by rank: for messages and for the others, all in all
  bool converged = false;      // nobody was awake, or the program said so; false when the limit of supersteps ended the run
};

}  // namespace gasket
