#pragma once
// Workers that stay together for a while. Between two loops of a run they wait in place, so that a loop of a few
// microseconds is worth sharing: the frontier of a road network has a few thousand vertices, a few thousand times.
//
// Every worker first does its own part of the indices, the same part in every loop of the same length, so that what it
// touched is still in its cache; then it takes what others have left.

#include <cstddef>
#include <memory>

namespace gasket::parallel {

/// While one lives, the loops of its thread run on the same workers. Made by the thread that calls the loops; one at a
/// time. The workers are threads of the pool (oneTBB's); any of them that comes late only helps later. Where there are
/// fewer cores than threads, waiting in place would take the core from who works: then a Team does nothing.
class Team {
 public:
  Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  /// Calls function(context, i) for i in 0 .. count-1 on the team. False when the caller does not lead a team: then
  /// nothing was done. From inside a loop of the team the calls are made one after the other.
  static bool run(std::size_t count, void (*function)(const void*, std::size_t), const void* context);
  /// Which member of a team the calling thread is: 0 leads, -1 none.
  static int member();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the workers, who may leave later
};

}  // namespace gasket::parallel
