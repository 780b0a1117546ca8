// Buckets beside a map: the same members, whatever the distance between buckets and whoever put them in.

#include "engine/buckets.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

#include "tests/support/threads.hpp"

using namespace gasket;
using gasket::test::Threads;

namespace {

std::vector<LocalId> drained(Buckets& buckets, std::uint64_t bucket) {
  std::vector<LocalId> all;
  buckets.drain(bucket, [&](std::span<const LocalId> some) { all.insert(all.end(), some.begin(), some.end()); });
  std::ranges::sort(all);
  return all;
}

}  // namespace

TEST_CASE("buckets give what was put into them, the lowest first") {
  const Threads workers(3);
  std::mt19937_64 random(5);
  for (const std::uint64_t reach : {1u, 3u, 1000u, 5000u, 1000000u}) {
    CAPTURE(reach);
    Buckets buckets;
    std::map<std::uint64_t, std::vector<LocalId>> expected;
    const auto put = [&](std::uint64_t bucket) {
      const auto v = static_cast<LocalId>(random());
      buckets.push(buckets.bin(random() % 3), bucket, v);
      expected[bucket].push_back(v);
    };
    for (int i = 0; i < 50; ++i) put(random() % reach);
    std::uint64_t taken = 0;
    while (!expected.empty()) {
      const std::uint64_t lowest = buckets.lowest();
      REQUIRE(lowest == expected.begin()->first);
      std::vector<LocalId> members = std::move(expected.begin()->second);
      expected.erase(expected.begin());
      std::ranges::sort(members);
      REQUIRE(drained(buckets, lowest) == members);
      // Each makes room for more, of which some come into the bucket at hand; in the end there is none.
      taken += members.size();
      if (taken < 20'000)
        for (std::size_t i = 0; i < 1 + members.size() % 7; ++i) put(lowest + random() % reach);
    }
    CHECK(buckets.lowest() == Buckets::none);
    for (std::size_t worker = 0; worker < 3; ++worker) CHECK(buckets.bin(worker).spare.size() <= 16);
  }
}

TEST_CASE("a priority beyond all numbers is the last bucket's") {
  Buckets buckets;
  buckets.push(buckets.bin(0), Buckets::none, 1);
  buckets.push(buckets.bin(0), 5000, 2);
  CHECK(drained(buckets, buckets.lowest()) == std::vector<LocalId>{2});
  CHECK(buckets.lowest() == Buckets::none - 1);
  CHECK(drained(buckets, Buckets::none - 1) == std::vector<LocalId>{1});
}
