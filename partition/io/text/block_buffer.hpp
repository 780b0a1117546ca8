#pragma once
// Memory for a block, reused by its worker: it grows when a line is longer than a block, and never shrinks.

#include <cstddef>
#include <cstring>
#include <utility>

#include "partition/big_array.hpp"
#include "partition/io/text/block_parser.hpp"

namespace gasket::text {

class BlockBuffer {
 public:
  char* data() { return bytes_.data(); }

  /// Makes room for `size` bytes, a '\n' after them and the padding; keeps the first `kept` bytes.
  void reserve(std::size_t size, std::size_t kept) {
    const std::size_t needed = size + 1 + kBlockPadding;
    if (needed <= bytes_.size()) return;
    BigArray<char> larger(needed);
    if (kept > 0) std::memcpy(larger.data(), bytes_.data(), kept);
    bytes_ = std::move(larger);
  }

 private:
  BigArray<char> bytes_;
};

}  // namespace gasket::text
