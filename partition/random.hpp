#pragma once
// Random numbers without state: number i of a stream is a pure function of the stream's key and i, so that any rank or
// thread can make any part of a stream and all agree on it.
//
// The numbers are those of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA
// 2014), entered at position i: one multiplication and one mix() each.

#include <cstdint>

#include "partition/hash.hpp"

namespace gasket {

class RandomStream {
 public:
  /// Streams of one seed for different purposes (`use`: any small number) have nothing in common.
  constexpr explicit RandomStream(std::uint64_t seed, std::uint64_t use = 0) : key_(mix(mix(seed) + use)) {}

  /// 64 random bits. O(1).
  constexpr std::uint64_t operator()(std::uint64_t i) const { return mix(key_ + i * 0x9e3779b97f4a7c15u); }

 private:
  std::uint64_t key_;
};

/// Maps 64 random bits to 0 .. bound-1 without division (bound > 0); each value is off its probability by at most
/// 2^-64.
constexpr std::uint64_t random_below(std::uint64_t bits, std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{bits} * bound) >> 64);
}

/// Maps 64 random bits to a multiple of 2^-53 in [0, 1).
constexpr double random_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace gasket
