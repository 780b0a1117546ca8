#include "partition/build/leads.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "partition/parallel.hpp"

namespace gasket {
namespace {

// Begins of the ranges of local ids that are each in the order of degrees, and where the last ends.
std::vector<LocalId> ordered_ranges(LocalId masters, LocalId locals, const GhostPlan& ghosts) {
  std::vector<LocalId> begins{0, masters};
  for (const GhostPlan::Peer& peer : ghosts.peers)
    for (const std::size_t begin : {peer.ghosts.targets, peer.ghosts.both, peer.ghosts.sources})
      begins.push_back(static_cast<LocalId>(begin));
  begins.push_back(locals);
  std::ranges::sort(begins);
  begins.erase(std::ranges::unique(begins).begin(), begins.end());
  return begins;
}

LocalId lead_of(LocalId v, std::span<const LocalId> row, std::span<const LocalId> begins) {
  LocalId lead = v, place = std::numeric_limits<LocalId>::max();
  for (auto at = row.begin(); at != row.end();) {
    if (*at == v) {
      ++at;
      continue;
    }
    const auto range_end = std::ranges::upper_bound(begins, *at);
    if (const LocalId here = *at - *(range_end - 1); here < place) {
      place = here;
      lead = *at;
    }
    if (range_end + 1 == begins.end()) break;
    at = std::lower_bound(at, row.end(), *range_end);
  }
  return lead;
}

}  // namespace

BigArray<LocalId> find_leads(const Adjacency& rows, LocalId masters, const GhostPlan& ghosts) {
  const std::vector<LocalId> begins = ordered_ranges(masters, rows.rows(), ghosts);
  BigArray<LocalId> leads(rows.rows());
  parallel::for_ranges(leads.size(), std::size_t{1} << 14, [&](std::size_t first, std::size_t last) {
    for (auto v = static_cast<LocalId>(first); v < last; ++v) {
      const std::span<const LocalId> row = rows.row(v);
      const bool ghost_of_master = v >= masters && !row.empty() && row.front() < masters;
      leads[v] = ghost_of_master ? row.front() : lead_of(v, row, begins);
    }
  });
  return leads;
}

}  // namespace gasket
