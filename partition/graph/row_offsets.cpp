#include "partition/graph/row_offsets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {

RowOffsets::RowOffsets(BigArray<std::uint32_t> lengths) : within_(std::move(lengths)) {
  constexpr std::size_t kGroup = std::size_t{1} << kGroupBits;
  longest_ = parallel::reduce_ranges<std::uint32_t>(
      within_.size(), std::size_t{1} << 16, 0,
      [&](std::size_t begin, std::size_t end) {
        return *std::max_element(within_.begin() + begin, within_.begin() + end);
      },
      [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); });
  groups_ = BigArray<EdgeCount>((within_.size() + kGroup - 1) / kGroup);
  parallel::for_each_index(groups_.size(), [&](std::size_t g) {
    EdgeCount next = 0;
    for (std::size_t row = g * kGroup; row < std::min(within_.size(), (g + 1) * kGroup); ++row)
      next += std::exchange(within_[row], static_cast<std::uint32_t>(next));
    groups_[g] = next;
  });
  EdgeCount next = 0;
  for (EdgeCount& group : groups_) {
    if (group >> 32 != 0)
      throw ResourceError(
          fmt::format("{} vertices next to each other have {} arcs; at most 2^32 - 1 are possible", kGroup, group));
    group = std::exchange(next, next + group);
  }
}

}  // namespace gasket
