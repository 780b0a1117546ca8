// Every set of positions survives encoding, in the shortest form; damaged bytes are refused.

#include <catch2/catch.hpp>

#include "engine/codec.hpp"
#include "partition/hash.hpp"

using namespace gasket;

namespace {

struct Nothing {};

// The words of a bitmap of a list.
std::vector<std::uint64_t> words_of(std::size_t length, const std::vector<std::uint32_t>& positions) {
  std::vector<std::uint64_t> words((length + 63) / 64);
  for (const std::uint32_t p : positions) words[p / 64] |= std::uint64_t{1} << (p % 64);
  return words;
}

bool is(std::byte first, Encoding form) {
  return (static_cast<std::uint8_t>(first) & ~kOneValue) == static_cast<std::uint8_t>(form);
}

// `alike`: of so many positions from the first on the values are equal.
template <class T>
void round_trip(std::size_t length, const std::vector<std::uint32_t>& positions, std::size_t alike = 0) {
  std::vector<std::byte> bytes;
  const std::uint32_t differ_from = alike < positions.size() ? positions[alike] : static_cast<std::uint32_t>(length);
  const auto value = [&](std::uint32_t p) {
    if constexpr (std::is_empty_v<T>)
      return T{};
    else
      return static_cast<T>(mix(p < differ_from ? 0 : p));
  };
  encode<T>(length, PositionList(positions), value, bytes);
  std::vector<std::byte> from_bits;
  encode<T>(length, PositionBits(words_of(length, positions)), value, from_bits);
  CHECK(from_bits == bytes);
  CHECK(bytes.size() <= max_encoded(length, std::is_empty_v<T> ? 0 : sizeof(T)));
  std::vector<std::uint32_t> seen;
  decode<T>(length, bytes, [&](std::size_t p, const T& v) {
    seen.push_back(static_cast<std::uint32_t>(p));
    if constexpr (!std::is_empty_v<T>) CHECK(v == value(static_cast<std::uint32_t>(p)));
  });
  CHECK(seen == positions);
  // Cut short or made longer, it is refused or (an empty message) says nothing.
  const bool gaps_only = std::is_empty_v<T> && !bytes.empty() && is(bytes[0], Encoding::gaps);
  if (bytes.size() > 1 && !gaps_only) {  // gaps without values may end anywhere: their length is the message's
    CHECK_THROWS_AS(decode<T>(length, std::span(bytes).first(bytes.size() - 1), [](std::size_t, const T&) {}), Error);
    const bool one = (static_cast<std::uint8_t>(bytes[0]) & kOneValue) != 0;
    if (one || !is(bytes[0], Encoding::gaps)) {
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
      for (const std::size_t alike : {std::size_t{1}, positions.size() / 2, positions.size()}) {
        round_trip<std::uint64_t>(length, positions, alike);
        round_trip<std::uint8_t>(length, positions, alike);
      }
    }
}

TEST_CASE("equal values travel once") {
  const std::size_t n = 8000;
  const auto size = [&](const std::vector<std::uint32_t>& positions, std::uint32_t other) {
    std::vector<std::byte> bytes;
    encode<std::uint32_t>(
        n, PositionList(positions), [&](std::uint32_t p) { return p == other ? 1u : 7u; }, bytes);
    return bytes.size();
  };
  const auto all = sample(n, 1.0, 1), half = sample(n, 0.5, 1), few = sample(n, 0.01, 1);
  CHECK(size(all, n) == 1 + 4);
  CHECK(size(all, n - 1) == 1 + 4 * n);
  CHECK(size(half, n) == 1 + n / 8 + 4);
  CHECK(size(few, n) <= 1 + 1 + 2 * few.size() + 4);
  CHECK(size(few, few.back()) > 4 * few.size());
  CHECK(size({5}, n) == 1 + 1 + 4);
}

TEST_CASE("the form is the shortest") {
  const auto size = [](std::size_t length, const std::vector<std::uint32_t>& positions) {
    std::vector<std::byte> bytes;
    encode<std::uint32_t>(
        length, PositionList(positions), [](std::uint32_t p) { return p; }, bytes);
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
