// Bitmaps against a plain vector of flags, at sizes around words.

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "partition/bitmap.hpp"
#include "partition/hash.hpp"
#include "tests/support/threads.hpp"

using namespace gasket;
using gasket::test::Threads;

namespace {

struct Flags {
  Bitmap bitmap;
  std::vector<bool> plain;
};

Flags random_flags(std::size_t size, std::uint64_t seed) {
  Flags flags{Bitmap(size), std::vector<bool>(size)};
  for (std::size_t i = 0; i < size; ++i)
    if (mix(seed + i) % 3 == 0) {
      flags.bitmap.insert(i);
      flags.plain[i] = true;
    }
  return flags;
}

void check_same(const Bitmap& bitmap, const std::vector<bool>& plain) {
  std::vector<bool> seen(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) seen[i] = bitmap.contains(i);
  CHECK(seen == plain);
}

void check_difference(std::size_t size, std::size_t last) {
  CAPTURE(size, last);
  Flags into = random_flags(size, 1);
  const Flags now = random_flags(size, 2), before = random_flags(size, 3);
  into.bitmap.assign_difference(now.bitmap, before.bitmap, last);
  for (std::size_t i = 0; i < last; ++i) into.plain[i] = now.plain[i] && !before.plain[i];
  check_same(into.bitmap, into.plain);
}

}  // namespace

TEST_CASE("the difference of two bitmaps, up to an id") {
  for (const std::size_t size : {1u, 63u, 64u, 65u, 128u, 1000u})
    for (const std::size_t last : {std::size_t{0}, size / 2, size / 64 * 64, size - 1, size})
      check_difference(size, last);
  const Threads threads(4);
  check_difference((std::size_t{1} << 21) + 77, (std::size_t{1} << 21) - 123);  // several workers' ranges
}

TEST_CASE("a copy of a bitmap") {
  Flags into = random_flags(777, 1);
  const Flags other = random_flags(777, 2);
  into.bitmap.assign(other.bitmap);
  check_same(into.bitmap, other.plain);
}

TEST_CASE("words of ids that are missing cover a range and nothing else") {
  const Flags flags = random_flags(300, 4);
  for (const auto& [begin, end] : {std::pair{0, 300}, std::pair{5, 6}, std::pair{64, 128}, std::pair{63, 129},
                                   std::pair{70, 70}, std::pair{200, 300}}) {
    std::vector<std::size_t> seen, expected;
    flags.bitmap.for_each_missing_word(static_cast<std::size_t>(begin), static_cast<std::size_t>(end),
                                       [&](std::size_t base, std::uint64_t bits) {
                                         for_each_bit(bits, [&](std::size_t i) { seen.push_back(base + i); });
                                       });
    for (int i = begin; i < end; ++i)
      if (!flags.plain[static_cast<std::size_t>(i)]) expected.push_back(static_cast<std::size_t>(i));
    CHECK(seen == expected);
  }
}

TEST_CASE("many ids are looked up at once") {
  const Flags flags = random_flags(500, 5);
  std::array<LocalId, 64> ids;
  for (std::size_t k = 0; k < ids.size(); ++k) ids[k] = static_cast<LocalId>(mix(k) % 500);
  for (const std::size_t count : {0u, 1u, 31u, 63u, 64u}) {
    const std::uint64_t bits = flags.bitmap.contains_each(ids.data(), count);
    for (std::size_t k = 0; k < 64; ++k) CHECK((bits >> k & 1) == (k < count && flags.plain[ids[k]] ? 1 : 0));
  }
}
