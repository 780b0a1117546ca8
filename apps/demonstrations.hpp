#pragma once
// Update programs that show whether a level of consistency is what it says.

#include <chrono>
#include <thread>

#include "engine/scope/scope.hpp"

namespace gasket {

/// Lets others come in between, also where all workers share one core. Where a machine is busy that takes milliseconds, so
/// after each time it is left out for an eighth as long: a program takes at most about nine times what it needs.
inline void dawdle(bool slow) {
  if (!slow) return;
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point next{};
  const Clock::time_point before = Clock::now();
  if (before < next) return;
  std::this_thread::yield();
  const Clock::time_point after = Clock::now();
  next = after + (after - before) / 8;
}

/// Adds one to a counter on every edge, each time a vertex runs, `rounds` times: a counter ends at the sum of the runs of
/// both ends. Slow: waits between reading and writing, so that a missing lock is seen.
struct EdgeCounter {
  using Data = std::uint32_t;
  using EdgeData = std::uint32_t;
  static constexpr Consistency needs = Consistency::vertex;  // uses unprotected writes: wrong below edge consistency
  static constexpr Consistency uses = Consistency::edge;
  std::uint32_t rounds = 5;
  bool slow = false;

  Data init(const Vertex&) const { return 0; }
  template <class S>
  void update(S& scope) const {
    for (const auto n : scope.neighbours()) {
      const std::uint32_t before = n.edge();
      dawdle(slow);
      n.unprotected_set_edge(before + 1);
    }
    scope.set(scope.data() + 1);
    if (scope.runs() + 1 < rounds) scope.signal();
  }
};

/// Gives a token to each neighbour that has fewer, and takes none: the sum stays.
struct TokenTransfer {
  using Data = std::uint64_t;
  static constexpr Consistency needs = Consistency::vertex;  // uses unprotected writes: wrong below full consistency
  std::uint32_t rounds = 8;
  bool slow = false;

  Data init(const Vertex& v) const { return v.index % 7 * 10; }
  template <class S>
  void update(S& scope) const {
    for (const auto n : scope.neighbours()) {
      const std::uint64_t mine = scope.data(), theirs = n.data();
      dawdle(slow);
      if (n.index() == scope.vertex().index || mine <= theirs) continue;
      scope.set(mine - 1);
      n.unprotected_set(theirs + 1);
    }
    if (scope.runs() + 1 < rounds) scope.signal();
  }
};

/// The least colour that no neighbour has; signals those who have the same.
struct GreedyColour {
  using Data = std::uint32_t;
  static constexpr Consistency needs = Consistency::edge;
  static constexpr Consistency uses = Consistency::edge;

  Data init(const Vertex&) const { return 0; }
  template <class S>
  void update(S& scope) const {
    std::vector<bool> taken(scope.degree() + 1);
    for (const auto n : scope.neighbours())
      if (n.index() != scope.vertex().index && n.data() < taken.size()) taken[n.data()] = true;
    scope.set(static_cast<Data>(std::ranges::find(taken, false) - taken.begin()));
  }
};

}  // namespace gasket
