#include "engine/copy_index.hpp"

#include <algorithm>
#include <numeric>

namespace gasket {

CopyIndex::CopyIndex(const GhostPlan& plan, LocalId masters, Flow flow) : peers_(plan.peers.size()) {
  if (plan.peers.empty()) return;
  begins_ = BigArray<std::uint64_t>(std::size_t{masters} + 1);
  const auto for_each_copy = [&](const auto& visit) {
    for (std::uint32_t i = 0; i < plan.peers.size(); ++i) {
      const GhostPlan::Range read = plan.peers[i].copies.read(flow);
      for (std::size_t p = read.begin; p < read.end; ++p)
        visit(plan.peers[i].masters[p], Copy{i, static_cast<std::uint32_t>(p - read.begin)});
    }
  };
  std::size_t total = 0;
  for_each_copy([&](LocalId master, Copy) {
    ++begins_[master];
    ++total;
  });
  std::inclusive_scan(begins_.begin(), begins_.end(), begins_.begin());
  copies_ = BigArray<Copy>(total);
  for_each_copy([&](LocalId master, Copy copy) { copies_[--begins_[master]] = copy; });
}

std::vector<std::vector<std::uint32_t>> CopyIndex::positions_of(std::span<const LocalId> masters) const {
  std::vector<std::vector<std::uint32_t>> positions(peers_);
  for (const LocalId v : masters)
    for (const Copy& copy : of(v)) positions[copy.peer].push_back(copy.position);
  for (std::vector<std::uint32_t>& list : positions) {
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
  }
  return positions;
}

}  // namespace gasket
