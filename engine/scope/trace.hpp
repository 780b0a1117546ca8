#pragma once
// What happened, in enough detail to prove afterwards that a run was serialisable: each update with the time it had its
// scope, and every vertex it read or wrote with the version of its data.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/scope/consistency.hpp"
#include "partition/types.hpp"

namespace gasket {

/// A vertex in a scope. Versions count the writes of a vertex; an update counts as a write of its own vertex.
struct TraceTouch {
  GlobalId vertex = 0;
  std::uint32_t read = 0;     // the version that was read
  std::uint32_t written = 0;  // the version that was made; equal to `read` where nothing was written
};

struct TraceUpdate {
  GlobalId vertex = 0;
  std::int64_t begin = 0;  // nanoseconds of one clock, while the scope was held
  std::int64_t end = 0;
  std::uint64_t touches = 0;  // how many of the touches are its own; they follow each other
};

/// Of one rank. Memory: 32 bytes per update, 16 per vertex in its scope.
struct Trace {
  struct Worker {
    std::vector<TraceUpdate> updates;
    std::vector<TraceTouch> touches;
  };
  std::vector<Worker> workers;
};

/// What is wrong with a run; empty when it was serialisable.
struct TraceVerdict {
  std::uint64_t updates = 0;
  std::uint64_t overlaps =
      0;  // pairs of updates at the same time that the level keeps apart (at least; neighbours in time)
  std::uint64_t lost_writes = 0;  // versions that two updates made
  bool cyclic = false;            // no serial order of the updates explains what they read
  std::string first;              // what was found first, in a sentence
  bool serialisable() const { return overlaps == 0 && lost_writes == 0 && !cyclic; }
};

/// Judges all updates of all ranks. Under edge consistency a vertex is written by its own update and read by its
/// neighbours', under full consistency written by all that have it in their scope; under vertex consistency nothing is
/// promised of neighbours, and the run is judged as if edge consistency had been. The conflict graph (Bernstein, Hadzilacos,
/// Goodman, Concurrency Control and Recovery in Database Systems, 1987, section 2.2) has an edge from the writer of a
/// version to its readers, and from those to the writer of the next. O(touches log touches).
TraceVerdict judge(std::span<const TraceUpdate> updates, std::span<const TraceTouch> touches, Consistency level);

}  // namespace gasket
