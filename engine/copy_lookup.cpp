#include "engine/copy_lookup.hpp"

#include <algorithm>

namespace gasket {

CopyLookup::CopyLookup(const GhostPlan& plan, LocalId masters, Flow flow)
    : plan_(plan), flow_(flow), masters_(masters), shared_(plan.peers.empty() ? 0 : masters) {
  for (const GhostPlan::Peer& peer : plan.peers) {
    const GhostPlan::Range read = peer.copies.read(flow);
    copies_ += read.size();
    for (std::size_t p = read.begin; p < read.end; ++p) shared_.insert(peer.masters[p]);
  }
}

std::vector<std::vector<std::uint32_t>> CopyLookup::positions_of(std::span<const LocalId> masters) {
  std::vector<std::vector<std::uint32_t>> positions(plan_.peers.size());
  note_searches(masters.size() * plan_.peers.size());
  for (const LocalId v : masters) {
    if (!has_copies(v)) continue;
    if (index_.size() == 0) {
      search(v, positions);
    } else {
      for (const CopyIndex::Copy& copy : index_.of(v)) positions[copy.peer].push_back(copy.position);
    }
  }
  for (std::vector<std::uint32_t>& list : positions) {
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
  }
  return positions;
}

void CopyLookup::note_searches(std::uint64_t count) {
  if (index_.size() > 0 || copies_ == 0) return;
  searches_ += count;
  if (kIndexedPerSearch * searches_ > copies_ + masters_) index_ = CopyIndex(plan_, masters_, flow_);
}

// A list ascends within each of its three groups (ghost_plan.hpp), and a master is in one of them.
void CopyLookup::search(LocalId master, std::vector<std::vector<std::uint32_t>>& positions) const {
  for (std::size_t i = 0; i < plan_.peers.size(); ++i) {
    const GhostPlan::Peer& peer = plan_.peers[i];
    const GhostPlan::Groups& groups = peer.copies;
    const GhostPlan::Range read = groups.read(flow_);
    const std::span<const LocalId> list = peer.masters;
    for (const auto [begin, end] :
         {GhostPlan::Range{groups.targets, groups.both}, {groups.both, groups.sources}, {groups.sources, groups.end}}) {
      if (begin < read.begin || end > read.end) continue;
      const std::span<const LocalId> group = list.subspan(begin, end - begin);
      const auto at = std::ranges::lower_bound(group, master);
      if (at == group.end() || *at != master) continue;
      const std::size_t position = begin - read.begin + static_cast<std::size_t>(at - group.begin());
      positions[i].push_back(static_cast<std::uint32_t>(position));
      break;
    }
  }
}

}  // namespace gasket
