#pragma once
// A mixing function for spreading ids over parts: stateless, the same on every machine.

#include <cstdint>

namespace gasket {

/// The finaliser of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): a
/// bijection of 64-bit numbers in which every input bit moves about half of the output bits.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Maps a hash to 0 .. parts-1 without division, evenly.
constexpr std::uint32_t spread(std::uint64_t hash, std::uint32_t parts) {
  return static_cast<std::uint32_t>(((hash >> 32) * parts) >> 32);
}

}  // namespace gasket
