#pragma once
// What strategies leave behind that decide about every edge in advance: the part of each edge of this rank, 2 bytes.

#include <algorithm>
#include <vector>

#include "partition/parallel.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// The parts of the edges of PlacementInput::edges, chunk by chunk.
class EdgeParts {
 public:
  explicit EdgeParts(std::span<const EdgeChunk> edges) {
    for (const EdgeChunk& chunk : edges) parts_.emplace_back(chunk.size());
  }
  /// `parts`: of each chunk.
  explicit EdgeParts(std::vector<BigArray<std::uint16_t>> parts) : parts_(std::move(parts)) {}
  std::uint16_t& at(std::size_t chunk, std::size_t index) { return parts_[chunk][index]; }
  std::span<std::uint16_t> of(std::size_t chunk) { return parts_[chunk].span(); }
  std::span<const std::uint16_t> of(std::size_t chunk) const { return parts_[chunk].span(); }

 private:
  std::vector<BigArray<std::uint16_t>> parts_;
};

/// Masters follow the edges; a vertex without any is mastered where it hashes to.
class AssignedEdges final : public Placement {
 public:
  AssignedEdges(const PlacementInput& input, EdgeParts parts)
      : part_of_hash_(input.parts, input.weights), seed_(mix(input.seed)), parts_(std::move(parts)) {}

  bool symmetric() const override { return true; }
  void place(const EdgeChunk&, std::size_t index, std::span<PartId> parts) const override {
    std::ranges::copy(parts_.of(index), parts.begin());
  }
  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = part_of_hash_(mix((first + i) ^ seed_));
  }
  bool masters_follow_edges() const override { return true; }

 private:
  HashedParts part_of_hash_;
  std::uint64_t seed_;
  EdgeParts parts_;
};

}  // namespace gasket
