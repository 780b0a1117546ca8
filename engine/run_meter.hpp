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
    struct Times {
      double seconds, waited;
    };
    record.waited.clear();
    for (const Times& rank : comm_.all_gather(Times{watch_.seconds(), comm_.waited() - waited_before_})) {
      record.seconds = std::max(record.seconds, rank.seconds);
      record.waited.push_back(rank.waited);
    }
  }

 private:
  Stopwatch watch_;
  Communicator& comm_;
  double waited_before_;
};

/// What a superstep costs one rank, or all.
struct StepCosts {
  std::uint64_t bytes = 0;       // sent
  double seconds = 0;            // of the rank that was at it longest: one that begins late keeps the others waiting
  double compute = 0, wait = 0;  // of the rank that computed longest

  /// One piece of work after the other.
  friend StepCosts operator+(const StepCosts& a, const StepCosts& b) {
    return {a.bytes + b.bytes, a.seconds + b.seconds, a.compute + b.compute, a.wait + b.wait};
  }
  /// Two ranks beside each other.
  static StepCosts of_both(const StepCosts& a, const StepCosts& b) {
    const StepCosts& slower = a.compute < b.compute ? b : a;
    return {a.bytes + b.bytes, std::max(a.seconds, b.seconds), slower.compute, slower.wait};
  }
  /// `here`: seconds of this rank, up to the end of the agreement on the costs.
  void note_in(SuperstepRecord& step, double here) const {
    step.bytes_sent = bytes;
    step.seconds = std::max(seconds, here);
    step.compute_seconds = compute;
    step.wait_seconds = wait;
  }
};

/// A superstep, from where the meter is made.
class StepMeter {
 public:
  explicit StepMeter(Communicator& comm)
      : comm_(comm), bytes_before_(comm.bytes_sent()), waited_before_(comm.waited()) {}

  double seconds() const { return watch_.seconds(); }
  /// Of this rank, until now.
  StepCosts costs() const {
    const double waited = comm_.waited() - waited_before_, seconds = watch_.seconds();
    return {comm_.bytes_sent() - bytes_before_, seconds, seconds - waited, waited};
  }
  /// The record of an algorithm that is no vertex program. Collective. `updates`: vertices, on all ranks, that got a new value.
  SuperstepRecord finish(std::uint64_t updates) const {
    SuperstepRecord step;
    const StepCosts all = comm_.all_reduce(costs(), StepCosts::of_both);
    all.note_in(step, seconds());
    step.active = step.updates = updates;
    return step;
  }

 private:
  Stopwatch watch_;
  Communicator& comm_;
  std::uint64_t bytes_before_;
  double waited_before_;
};

}  // namespace gasket
