#pragma once
// How the vertices of a rank are ordered.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace gasket {

enum class VertexOrder {
  automatic,  // the loader chooses by a sample
  input,      // masters ascend by global id
  degree,     // in groups of about equal degree, the highest first; ascending by global id inside a group
};

/// The group of a degree: half octaves, the highest degrees in group 0, the vertices without arcs in the last.
inline constexpr std::size_t kDegreeGroups = 65;
inline std::uint8_t degree_group(std::uint32_t degree) {
  if (degree == 0) return kDegreeGroups - 1;
  const int octave = static_cast<int>(std::bit_width(degree)) - 1;
  const std::uint32_t upper_half = octave == 0 ? 0 : degree >> (octave - 1) & 1;
  return static_cast<std::uint8_t>(kDegreeGroups - 2 - (2 * static_cast<std::uint32_t>(octave) + upper_half));
}

}  // namespace gasket
