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
  if (!index_ && kIndexedPerSearch * searches_ > copies_ + masters_) index_ = CopyIndex(plan_, masters_, flow_);
  for (const LocalId v : masters) {
    if (!has_copies(v)) continue;
    if (!index_) {
      search(v, positions);
      searches_ += plan_.peers.size();
    } else {
      for (const CopyIndex::Copy& copy : index_->of(v)) positions[copy.peer].push_back(copy.position);
    }
  }
  for (std::vector<std::uint32_t>& list : positions) {
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
  }
  return positions;
}

// A list ascends within each of its three groups, and a master is in one of them.
void CopyLookup::search(LocalId master, std::vector<std::vector<std::uint32_t>>& positions) const {
  for (std::size_t i = 0; i < plan_.peers.size(); ++i) {
    const GhostPlan::Peer& peer = plan_.peers[i];
    const GhostPlan::Range read = peer.copies.read(flow_);
    std::size_t begin = read.begin;
    for (const std::size_t end : {peer.copies.both, peer.copies.sources, peer.copies.end}) {
      if (end <= begin || end > read.end) continue;
      const auto group = std::span(peer.masters).subspan(begin, end - begin);
      if (const auto at = std::ranges::lower_bound(group, master); at != group.end() && *at == master) {
        const std::size_t position = begin - read.begin + static_cast<std::size_t>(at - group.begin());
        positions[i].push_back(static_cast<std::uint32_t>(position));
        break;
      }
      begin = end;
    }
  }
}

}  // namespace gasket
