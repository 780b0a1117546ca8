// Every set of positions survives encoding, in the shortest form; damaged bytes are refused.

#include <catch2/catch.hpp>

#include "engine/codec.hpp"
#include "partition/hash.hpp"

using namespace gasket;

namespace {

struct Nothing {};

template <class T>
void round_trip(std::size_t length, const std::vector<std::uint32_t>& positions) {
  std::vector<std::byte> bytes;
  const auto value = [](std::uint32_t p) {
    if constexpr (std::is_empty_v<T>)
      return T{};
    else
      return static_cast<T>(mix(p));
  };
  encode<T>(length, positions, value, bytes);
  CHECK(bytes.size() <= max_encoded(length, std::is_empty_v<T> ? 0 : sizeof(T)));
  std::vector<std::uint32_t> seen;
  decode<T>(length, bytes, [&](std::size_t p, const T& v) {
    seen.push_back(static_cast<std::uint32_t>(p));
    if constexpr (!std::is_empty_v<T>) CHECK(v == value(static_cast<std::uint32_t>(p)));
  });
  CHECK(seen == positions);
  // Cut short or made longer, it is refused or (an empty message) says nothing.
  const bool gaps_only = std::is_empty_v<T> && !bytes.empty() && bytes[0] == static_cast<std::byte>(Encoding::gaps);
  if (bytes.size() > 1 && !gaps_only) {  // gaps without values may end anywhere: their length is the message's
    CHECK_THROWS_AS(decode<T>(length, std::span(bytes).first(bytes.size() - 1), [](std::size_t, const T&) {}), Error);
    if (bytes[0] != static_cast<std::byte>(Encoding::gaps)) {
      bytes.push_back(std::byte{1});
      CHECK_THROWS_AS(decode<T>(length, bytes, [](std::size_t, const T&) {}), Error);
    }
  }
}

std::vector<std::uint32_t> sample(std::size_t length, double density, std::uint64_t seed) {
  std::vector<std::uint32_t> positions;
  for (std::uint32_t p = 0; p < length; ++p)
    if (static_cast<double>(mix(seed + p) >> 11) * 0x1p-53 < density) positions.push_back(p);
  return positions;
}

}  // namespace

TEST_CASE("positions and values survive at every density and length") {
  for (const std::size_t length : {1u, 2u, 7u, 8u, 9u, 64u, 1000u, 20000u})
    for (const double density : {0.0, 0.001, 0.01, 0.1, 0.124, 0.126, 0.5, 0.97, 1.0}) {
      const auto positions = sample(length, density, length);
      round_trip<std::uint64_t>(length, positions);
      round_trip<std::uint32_t>(length, positions);
      round_trip<Nothing>(length, positions);
    }
}

TEST_CASE("the form is the shortest") {
  const auto size = [](std::size_t length, const std::vector<std::uint32_t>& positions) {
    std::vector<std::byte> bytes;
    encode<std::uint32_t>(
        length, positions, [](std::uint32_t p) { return p; }, bytes);
    return bytes.size();
  };
  const std::size_t n = 8000;
  CHECK(size(n, {}) == 0);
  CHECK(size(n, sample(n, 1.0, 1)) == 1 + 4 * n);
  const auto half = sample(n, 0.5, 1);
  CHECK(size(n, half) == 1 + n / 8 + 4 * half.size());
  const auto few = sample(n, 0.01, 1);
  CHECK(size(n, few) <= 1 + 6 * few.size());  // at most two bytes for where each is
}
