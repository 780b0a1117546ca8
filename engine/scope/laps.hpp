#pragma once
// Keeps scopes that have all they need at hand from running far ahead of those that wait for other ranks: what they would do
// meanwhile is done with values that are about to change, and has to be done again (PageRank on two ranks took ever more
// updates, the longer the pipeline). A lap is as many scopes as there are vertices here; none begins while a scope of the
// lap before last is on its way.

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <optional>

namespace gasket {

/// By all workers.
class Laps {
 public:
  using Lap = std::size_t;  // 0 or 1, in turns

  explicit Laps(std::size_t length) : length_(std::max<std::size_t>(length, 1)) {}

  /// The lap of another scope; none when it has to wait.
  std::optional<Lap> begin() {
    const std::lock_guard lock(guard_);
    if (begun_ == length_) {
      if (under_way_[1 - now_] > 0) return std::nullopt;
      now_ = 1 - now_;
      begun_ = 0;
    }
    ++begun_;
    ++under_way_[now_];
    return now_;
  }
  void end(Lap lap) {
    const std::lock_guard lock(guard_);
    --under_way_[lap];
  }
  /// There was no scope to begin.
  void give_back(Lap lap) {
    const std::lock_guard lock(guard_);
    --under_way_[lap];
    if (lap == now_) --begun_;
  }

 private:
  const std::size_t length_;
  std::mutex guard_;
  Lap now_ = 0;
  std::size_t begun_ = 0;  // in this lap
  std::array<std::size_t, 2> under_way_{};
};

}  // namespace gasket
