#pragma once
// What all ranks tell each other while they work on their own: a collective that none waits in. A beat carries the counters
// by which the end is proved, and whatever else the engine wants known of every rank.
//
// The end: Mattern's four-counter method (Algorithms for distributed termination detection, Distributed Computing 2, 1987,
// section 4). The sums of batches sent and received of two beats that follow each other are all equal and every rank was
// idle in both: then nothing was under way when the first ended. A batch counts as received when all its records are
// handed on, and a rank with records that wait to be sent is not idle.

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "partition/comm/communicator.hpp"

namespace gasket {

template <class Extra>
class Heartbeat {
 public:
  struct Beat {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    bool idle = false;
    Extra extra{};
  };
  using Clock = std::chrono::steady_clock;

  Heartbeat(Communicator& comm, std::chrono::microseconds interval)
      : comm_(comm), interval_(interval), all_(static_cast<std::size_t>(comm.size())) {}

  /// To be called often. Calls mine() -> Beat when a beat is due: at once when this rank is idle, else after the interval.
  /// True when a beat has ended: all() has every rank's.
  template <class Mine>
  bool poll(bool idle, const Mine& mine) {
    if (!under_way_) {
      if (ended_ || (!idle && Clock::now() - last_ < interval_)) return false;
      mine_ = mine();
      gathering_ = comm_.start_all_gather(mine_, std::span(all_));
      under_way_ = true;
    }
    if (!comm_.test(gathering_)) return false;
    under_way_ = false;
    last_ = Clock::now();
    ++beats_;
    judge();
    return true;
  }

  std::span<const Beat> all() const { return all_; }
  std::uint64_t beats() const { return beats_; }
  /// The same on all ranks after the same beat; no beat begins once it is true.
  bool ended() const { return ended_; }
  /// Ends the beats for another reason, after a beat in which all ranks could see it.
  void end() { ended_ = true; }

 private:
  void judge() {
    std::uint64_t sent = 0, received = 0;
    bool quiet = true;
    for (const Beat& beat : all_) {
      sent += beat.sent;
      received += beat.received;
      quiet = quiet && beat.idle;
    }
    quiet = quiet && sent == received;
    ended_ = quiet && was_quiet_ && sent == last_sent_;
    was_quiet_ = quiet;
    last_sent_ = sent;
  }

  Communicator& comm_;
  std::chrono::microseconds interval_;
  Beat mine_;
  std::vector<Beat> all_;
  Pending gathering_;
  Clock::time_point last_{};
  std::uint64_t beats_ = 0;
  std::uint64_t last_sent_ = 0;
  bool under_way_ = false;
  bool was_quiet_ = false;
  bool ended_ = false;
};

}  // namespace gasket
