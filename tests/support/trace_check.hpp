#pragma once
// The traces of all ranks, judged together.

#include "engine/scope/trace.hpp"
#include "partition/comm/communicator.hpp"

namespace gasket {

/// The same on all ranks. Collective.
inline TraceVerdict judge_all(Communicator& comm, const Trace& trace, Consistency level) {
  std::vector<TraceUpdate> updates;
  std::vector<TraceTouch> touches;
  for (const Trace::Worker& worker : trace.workers) {
    updates.insert(updates.end(), worker.updates.begin(), worker.updates.end());
    touches.insert(touches.end(), worker.touches.begin(), worker.touches.end());
  }
  return judge(comm.all_gather_spans(std::span<const TraceUpdate>(updates)),
               comm.all_gather_spans(std::span<const TraceTouch>(touches)), level);
}

}  // namespace gasket
