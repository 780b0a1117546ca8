#pragma once
// A set of vertices, one bit each: an eighth of a megabyte per million, which stays in the cache.

#include "partition/big_array.hpp"

namespace gasket {

class VertexBits {
 public:
  explicit VertexBits(std::size_t vertices) : words_((vertices + 63) / 64) {}
  bool operator[](std::uint32_t v) const { return words_[v / 64] >> (v % 64) & 1; }
  void set(std::uint32_t v) { words_[v / 64] |= std::uint64_t{1} << (v % 64); }
  void clear(std::uint32_t v) { words_[v / 64] &= ~(std::uint64_t{1} << (v % 64)); }

 private:
  BigArray<std::uint64_t> words_;
};

}  // namespace gasket
