#include "partition/place/degrees.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

#include "partition/parallel.hpp"

namespace gasket {

BigArray<std::uint32_t> count_degrees(Communicator& comm, std::span<const EdgeChunk> edges, GlobalId vertices,
                                      DegreesWanted wanted, bool undirected) {
  if (wanted == DegreesWanted::none) return {};
  BigArray<std::uint32_t> degrees(vertices);
  const bool sources = wanted == DegreesWanted::total || undirected;
  const auto count = [&](const auto& bump) {
    parallel::for_each_index(edges.size(), [&](std::size_t i) {
      edges[i].for_each([&](GlobalId source, GlobalId target, std::size_t) {
        bump(degrees[target]);
        if (sources) bump(degrees[source]);
      });
    });
  };
  EdgeCount here = 0;
  for (const EdgeChunk& chunk : edges) here += chunk.size();
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  if (parallel::threads() == 1)
    count([](std::uint32_t& degree) { degree += degree < most ? 1 : 0; });
  else if (2 * here < most)
    count(
        [](std::uint32_t& degree) { std::atomic_ref<std::uint32_t>(degree).fetch_add(1, std::memory_order_relaxed); });
  else  // so many that one might wrap
    count([](std::uint32_t& degree) {
      const std::atomic_ref<std::uint32_t> shared(degree);
      std::uint32_t seen = shared.load(std::memory_order_relaxed);
      while (seen < most && !shared.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed)) {
      }
    });
  if (comm.size() > 1)
    comm.all_reduce_in_place(degrees.span(), [](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t sum = std::uint64_t{a} + b;
      return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, most));
    });
  return degrees;
}

}  // namespace gasket
