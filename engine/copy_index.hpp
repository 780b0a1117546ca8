#pragma once
// Of which masters which peers read copies: the broadcast side of the ghost plan, by master.

#include <cstdint>
#include <span>

#include "partition/big_array.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

class CopyIndex {
 public:
  struct Copy {
    std::uint32_t peer;      // index into the plan's peers
    std::uint32_t position;  // in the peer's list of read copies
  };

  CopyIndex() = default;
  /// Of the copies that arcs read under the flow. 8 bytes per copy and per master; nothing without peers.
  CopyIndex(const GhostPlan& plan, LocalId masters, Flow flow);

  /// Copies of all masters.
  std::size_t size() const { return copies_.size(); }
  std::span<const Copy> of(LocalId master) const {
    if (begins_.empty()) return {};
    return {copies_.data() + begins_[master], copies_.data() + begins_[master + 1]};
  }

 private:
  BigArray<std::uint64_t> begins_;
  BigArray<Copy> copies_;
};

}  // namespace gasket
