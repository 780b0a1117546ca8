#include "partition/io/edge_chunk.hpp"

#include <type_traits>

namespace gasket {

EdgeChunk reversed(const EdgeChunk& chunk) {
  EdgeChunk other;
  const auto swap_pairs = [](const auto& from, auto& to) {
    to = std::remove_cvref_t<decltype(from)>(from.size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < from.size(); i += 2) {
      if (from[i] == from[i + 1]) continue;  // a self loop is one arc
      to[kept++] = from[i + 1];
      to[kept++] = from[i];
    }
    to.shrink(kept);
  };
  swap_pairs(chunk.narrow, other.narrow);
  swap_pairs(chunk.wide, other.wide);
  if (chunk.weighted()) {
    other.weights = BigArray<double>(other.size());
    std::size_t kept = 0;
    chunk.for_each([&](std::uint64_t s, std::uint64_t t, std::size_t i) {
      if (s != t) other.weights[kept++] = chunk.weights[i];
    });
  }
  return other;
}

}  // namespace gasket
