#pragma once
// How a run without supersteps is done.

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>

#include "engine/async/scheduler.hpp"

namespace gasket {

struct AsyncProgress {
  std::uint64_t updates = 0;    // of all ranks so far
  std::uint64_t scheduled = 0;  // vertices that wait or run
};

struct AsyncOptions {
  SchedulerKind scheduler = SchedulerKind::fifo;
  std::uint64_t max_updates = std::numeric_limits<std::uint64_t>::max();  // of all ranks, about
  std::chrono::microseconds interval{20'000};                             // between aggregates while all are busy
  double watchdog_seconds = 0;  // throws Error(lost_peer) when nothing has moved for so long; 0: never
  /// Told now and then, the same on every rank.
  std::function<void(const AsyncProgress&)> on_progress{};
};

}  // namespace gasket
