#pragma once
// Where the copies of a few masters are in the lists of the ghost plan. The lists are searched until that has taken about as
// long as to make an index by master, which then answers: one search of a graph may need a handful of look-ups, shortest
// paths over a mesh one per vertex.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/copy_index.hpp"
#include "partition/bitmap.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

class CopyLookup {
 public:
  /// Of the copies that arcs read under the flow. Memory: a bit per master; once there is an index, its 8 bytes per copy and
  /// per master too. Nothing without peers. The plan has to outlive it.
  CopyLookup(const GhostPlan& plan, LocalId masters, Flow flow);

  /// Copies of all masters.
  std::size_t size() const { return copies_; }
  bool has_index() const { return index_.has_value(); }
  bool has_copies(LocalId master) const { return shared_.size() > 0 && shared_.contains(master); }
  /// By peer: where the copies of these masters, which may be repeated, are in its list of read copies, ascending, each
  /// once. O(log copies) per master and peer, or O(1) per copy with the index.
  std::vector<std::vector<std::uint32_t>> positions_of(std::span<const LocalId> masters);

 private:
  // Copies and masters that an index takes in while one list is searched.
  static constexpr std::uint64_t kIndexedPerSearch = 64;

  void search(LocalId master, std::vector<std::vector<std::uint32_t>>& positions) const;

  const GhostPlan& plan_;
  Flow flow_;
  LocalId masters_;
  std::size_t copies_ = 0;
  Bitmap shared_;  // masters that have copies
  std::uint64_t searches_ = 0;
  std::optional<CopyIndex> index_;
};

}  // namespace gasket
