#pragma once
// Measures what a run and its supersteps take, for their records.

#include <algorithm>

#include "engine/run_record.hpp"
#include "engine/step.hpp"
#include "partition/comm/communicator.hpp"

namespace gasket {

/// A run, from where the meter is made.
class RunMeter {
 public:
  explicit RunMeter(Communicator& comm) : comm_(comm), waited_before_(comm.waited()) {}

  /// Collective.
  void finish(RunRecord& record) const {
    record.seconds = watch_.seconds();
    record.waited = comm_.all_gather(comm_.waited() - waited_before_);
  }

 private:
  Stopwatch watch_;
  Communicator& comm_;
  double waited_before_;
};

/// A superstep of an algorithm that is no vertex program.
class StepMeter {
 public:
  explicit StepMeter(Communicator& comm)
      : comm_(comm), bytes_before_(comm.bytes_sent()), waited_before_(comm.waited()) {}

  /// Collective. `updates`: vertices, on all ranks, that got a new value.
  SuperstepRecord finish(std::uint64_t updates) const {
    struct Costs {
      std::uint64_t bytes;
      double compute, wait;
    };
    const double waited = comm_.waited() - waited_before_;
    const Costs mine{comm_.bytes_sent() - bytes_before_, watch_.seconds() - waited, waited};
    const Costs all = comm_.all_reduce(mine, [](const Costs& a, const Costs& b) {
      return Costs{a.bytes + b.bytes, std::max(a.compute, b.compute), std::max(a.wait, b.wait)};
    });
    SuperstepRecord step;
    step.active = step.updates = updates;
    step.bytes_sent = all.bytes;
    step.compute_seconds = all.compute;
    step.wait_seconds = all.wait;
    step.seconds = watch_.seconds();
    return step;
  }

 private:
  Stopwatch watch_;
  Communicator& comm_;
  std::uint64_t bytes_before_;
  double waited_before_;
};

}  // namespace gasket
