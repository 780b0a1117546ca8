#pragma once
// What counting triangles finds out, and what its two ways share.

#include <atomic>
#include <cstdint>

#include "partition/big_array.hpp"

namespace gasket {

/// Entries after which a row may reach into the next cache line.
inline constexpr std::size_t kRowLine = 12;

/// What is counted of the masters.
struct TriangleTally {
  BigArray<std::uint64_t> closed;   // arcs, or edges, between neighbours
  BigArray<std::uint32_t> degrees;  // different neighbours, or nothing
  std::uint64_t at_lowest = 0;      // of `closed`, what vertices got as the lowest corner: every triangle once
  std::uint64_t wedges = 0;         // pairs of neighbours of a vertex
};

inline std::uint64_t wedges_at(std::uint64_t degree) { return degree < 2 ? 0 : degree * (degree - 1) / 2; }

/// By several workers at once.
inline void add_shared(std::uint64_t& sum, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(sum).fetch_add(value, std::memory_order_relaxed);
}

}  // namespace gasket
