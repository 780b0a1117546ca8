#pragma once
// Cuts that follow from who masters which vertex, by a table of 2 bytes per vertex on every rank.

#include <algorithm>

#include "partition/place/placement.hpp"

namespace gasket {

/// An edge goes to its target's master: an in-edge cut, which never reduces.
class OwnedVertices : public Placement {
 public:
  explicit OwnedVertices(BigArray<std::uint16_t> owners) : owners_(std::move(owners)) {}

  bool symmetric() const override { return false; }
  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId, GlobalId target, std::size_t i) { parts[i] = owners_[target]; });
  }
  void masters(GlobalId first, std::span<PartId> parts) const override {
    std::copy_n(owners_.begin() + first, parts.size(), parts.begin());
  }

 protected:
  BigArray<std::uint16_t> owners_;
};

}  // namespace gasket
