#pragma once
// A random permutation of 0 .. n-1 that needs no table.
//
// On the next power of two, rounds of "multiply by an odd number, add, fold the upper half of the bits into the lower"
// mix all bits, and each step can be undone, so that the whole is a bijection. Values that fall outside 0 .. n-1 are
// sent round again until one falls inside (cycle walking: Black, Rogaway: Ciphers with Arbitrary Finite Domains, CT-RSA
// 2002).

#include <algorithm>
#include <bit>
#include <cstdint>

#include "partition/random.hpp"

namespace gasket {

class Permutation {
 public:
  /// Of 0 .. size-1, size at least 1.
  constexpr Permutation(std::uint64_t size, const RandomStream& random) : size_(size) {
    const int bits = std::max(1, static_cast<int>(std::bit_width(size - 1)));
    mask_ = ~std::uint64_t{0} >> (64 - bits);
    shift_ = (bits + 1) / 2;
    for (std::uint64_t r = 0; r < kRounds; ++r) {
      multiply_[r] = random(2 * r) | 1;
      add_[r] = random(2 * r + 1);
    }
  }

  /// Where `x` (below size) goes. O(1): at most two walks on average.
  constexpr std::uint64_t operator()(std::uint64_t x) const {
    do {
      for (int r = 0; r < kRounds; ++r) {
        x = (x * multiply_[r] + add_[r]) & mask_;
        x ^= x >> shift_;
      }
    } while (x >= size_);
    return x;
  }

 private:
  static constexpr int kRounds = 3;
  std::uint64_t size_;
  std::uint64_t mask_;
  int shift_;
  std::uint64_t multiply_[kRounds] = {};
  std::uint64_t add_[kRounds] = {};
};

}  // namespace gasket
