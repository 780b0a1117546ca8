#pragma once
// Runs under many seeds, of which any can be had again alone.

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace gasket {

/// Calls body(seed) for the seeds 0 .. count-1, or with GASKET_SEED=n in the environment for n alone. A failed check says
/// which seed it was.
template <class Body>
void for_seeds(std::uint64_t count, const Body& body) {
  const char* const wanted = std::getenv("GASKET_SEED");
  const std::uint64_t first = wanted != nullptr ? std::stoull(wanted) : 0;
  for (std::uint64_t seed = first; seed < (wanted != nullptr ? first + 1 : count); ++seed) {
    INFO("GASKET_SEED=" << seed << " in the environment runs this one alone");
    body(seed);
  }
}

}  // namespace gasket
