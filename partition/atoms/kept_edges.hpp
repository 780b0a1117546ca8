#pragma once
// The placement of a graph whose source has placed it: edges stay on the rank that read them. One rule of masters holds
// however atoms are dealt: masters follow the edges (master_choice.hpp), and a vertex without any is where it hashes to.

#include <algorithm>

#include "partition/hash.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

class KeptEdges final : public Placement {
 public:
  KeptEdges(PartId here, PartId parts) : here_(here), parts_(parts) {}

  bool symmetric() const override { return true; }
  void place(const EdgeChunk&, std::size_t, std::span<PartId> parts) const override { std::ranges::fill(parts, here_); }
  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = spread(mix(first + i), parts_);
  }
  bool masters_follow_edges() const override { return true; }

 private:
  PartId here_;
  PartId parts_;
};

}  // namespace gasket
