#pragma once
// What a run without supersteps tells about itself.

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "partition/comm/communicator.hpp"

namespace gasket {

struct AsyncRecord {
  struct Rank {
    std::uint64_t updates = 0;
    std::uint64_t arcs = 0;
    double idle_seconds = 0;              // its network thread had nothing to do
    std::vector<std::uint64_t> bytes_to;  // each rank
  };
  std::uint64_t updates = 0;
  std::uint64_t arcs = 0;  // over which a value was taken or offered: gathers, relaxations; 0 where nobody counts
  double seconds = 0;
  std::uint64_t beats = 0;
  bool converged = false;  // nobody was scheduled, or the program said so; false when a limit ended the run
  std::vector<Rank> ranks;
  std::vector<std::uint64_t> histogram;  // vertices that ran 0 times, once, 2-3, 4-7, ... times
};

/// Puts together what every rank knows of itself. Collective.
inline void collect(Communicator& comm, const AsyncRecord::Rank& mine, AsyncRecord& record) {
  record.ranks.clear();
  record.updates = record.arcs = 0;
  struct Plain {
    std::uint64_t updates;
    std::uint64_t arcs;
    double idle_seconds;
  };
  for (const Plain& rank : comm.all_gather(Plain{mine.updates, mine.arcs, mine.idle_seconds})) {
    record.ranks.push_back({rank.updates, rank.arcs, rank.idle_seconds, {}});
    record.updates += rank.updates;
    record.arcs += rank.arcs;
  }
  const std::vector<std::uint64_t> bytes = comm.all_gather_spans(std::span<const std::uint64_t>(mine.bytes_to));
  const auto ranks = static_cast<std::ptrdiff_t>(record.ranks.size());
  for (std::ptrdiff_t r = 0; r < ranks; ++r)
    record.ranks[static_cast<std::size_t>(r)].bytes_to.assign(bytes.begin() + r * ranks,
                                                              bytes.begin() + (r + 1) * ranks);
}

/// The histogram of updates per vertex over all ranks. Collective.
inline std::vector<std::uint64_t> update_histogram(Communicator& comm, std::span<const std::uint32_t> runs) {
  constexpr std::size_t kBins = 33;
  std::vector<std::uint64_t> bins(kBins);
  for (const std::uint32_t r : runs) ++bins[static_cast<std::size_t>(std::bit_width(r))];
  comm.all_reduce_in_place(std::span(bins), [](std::uint64_t a, std::uint64_t b) { return a + b; });
  while (!bins.empty() && bins.back() == 0) bins.pop_back();
  return bins;
}

}  // namespace gasket
