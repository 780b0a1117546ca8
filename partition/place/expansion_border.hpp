#pragma once
// The border of a growing part, by number of edges to the outside: an array of queues. Numbers from 64 on share a queue
// with up to an eighth more, where the order hardly matters. Of equals the longest waiting comes first: the last first
// gives a tenth more copies on road networks. Entries stay behind when a number falls, and are skipped when met.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace gasket {

class ExpansionBorder {
 public:
  using Vertex = std::uint32_t;

  /// The queue of vertices with `outside` edges.
  static std::uint32_t level(std::uint32_t outside) {
    if (outside < kExact) return outside;
    const auto width = static_cast<std::uint32_t>(std::bit_width(outside));
    return kExact + (width - 7) * 8 + ((outside >> (width - 4)) & 7);
  }

  void clear() {
    for (Queue& queue : queues_) queue.clear();
    lowest_ = 0;
  }
  void put(Vertex v, std::uint32_t level) {
    queues_[level].waiting.push_back(v);
    lowest_ = std::min(lowest_, level);
  }
  /// A vertex of the lowest level, at which current(v, level) says it still is; false when there is none. Tells
  /// coming(vertices) which are likely to be next.
  template <class Current, class Coming>
  bool take(Vertex& v, const Current& current, const Coming& coming) {
    for (; lowest_ < kLevels; ++lowest_) {
      Queue& queue = queues_[lowest_];
      while (queue.next < queue.waiting.size()) {
        v = queue.waiting[queue.next++];
        if (!current(v, lowest_)) continue;
        std::array<Vertex, kComing> next;
        coming(std::span<const Vertex>(next.data(), look_ahead(next)));
        return true;
      }
      queue.clear();
    }
    return false;
  }

 private:
  struct Queue {
    std::vector<Vertex> waiting;
    std::size_t next = 0;

    void clear() {
      waiting.clear();
      next = 0;
    }
  };
  static constexpr std::size_t kComing = 5;
  static constexpr std::uint32_t kExact = 64;
  static constexpr std::uint32_t kLevels = kExact + 26 * 8;

  std::size_t look_ahead(std::span<Vertex> next) const {
    std::size_t found = 0;
    for (std::uint32_t level = lowest_; level < std::min(lowest_ + 16, kLevels) && found < next.size(); ++level) {
      const std::span<const Vertex> waiting = std::span(queues_[level].waiting).subspan(queues_[level].next);
      for (std::size_t i = 0; i < waiting.size() && found < next.size(); ++i) next[found++] = waiting[i];
    }
    return found;
  }

  Queue queues_[kLevels];
  std::uint32_t lowest_ = 0;
};

}  // namespace gasket
