#include "engine/copy_index.hpp"

#include <numeric>

namespace gasket {

CopyIndex::CopyIndex(const GhostPlan& plan, LocalId masters, Flow flow) {
  if (plan.peers.empty()) return;
  begins_ = BigArray<std::uint64_t>::on_whole_pages(std::size_t{masters} + 1);
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
  copies_ = BigArray<Copy>::on_whole_pages(total);
  for_each_copy([&](LocalId master, Copy copy) { copies_[--begins_[master]] = copy; });
}

}  // namespace gasket
