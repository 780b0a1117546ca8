// Loops of a team, one right after the other: every index once, everything written in one seen after it.

#include "partition/team.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "partition/hash.hpp"
#include "partition/parallel.hpp"
#include "tests/support/threads.hpp"

using namespace gasket;
using gasket::test::Threads;

namespace {

// As many cores as anybody asks for, whatever there are: else there would be no team of more members than cores.
struct ManyCores {
  ManyCores() { parallel::set_core_share(64); }
  ~ManyCores() { parallel::set_core_share(0); }
};

}  // namespace

TEST_CASE("the workers of a team come to its loops") {
  const ManyCores cores;
  const Threads workers(3);
  const parallel::Team team;
  CHECK(parallel::Team::member() == 0);
  std::atomic<int> here = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  parallel::for_each_index(3, [&](std::size_t) {
    ++here;
    while (here < 3 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  CHECK(here == 3);
  CHECK(std::chrono::steady_clock::now() < end);
}

TEST_CASE("short loops of a team, thousands of them, visit every index once") {
  const ManyCores cores;
  for (const int members : {2, 3, 5}) {
    CAPTURE(members);
    const Threads workers(members);
    const parallel::Team team;
    std::vector<std::uint64_t> sums(64), expected(64);  // no atomics: whoever visits an index is alone with it
    std::vector<int> visitors(64);
    bool in_range = true;
    for (std::uint64_t loop = 0; loop < 5000; ++loop) {
      const std::size_t count = mix(loop) % (sums.size() + 1);
      parallel::for_each_index(count, [&](std::size_t i) {
        sums[i] += mix(loop ^ i);
        visitors[i] = parallel::worker_index();
      });
      for (std::size_t i = 0; i < count; ++i) {
        expected[i] += mix(loop ^ i);
        in_range &= visitors[i] >= 0 && visitors[i] < members;
      }
      if (sums != expected) FAIL("loop " << loop << " of " << count);
    }
    CHECK(in_range);
  }
}

TEST_CASE("an exception in a team's loop reaches the caller, and the next loop is whole") {
  const ManyCores cores;
  const Threads workers(3);
  const parallel::Team team;
  for (int round = 0; round < 100; ++round) {
    std::vector<int> seen(20);
    CHECK_THROWS_AS(parallel::for_each_index(seen.size(),
                                             [&](std::size_t i) {
                                               if (i % 7 == 3) throw std::runtime_error("three");
                                               ++seen[i];
                                             }),
                    std::runtime_error);
    CHECK(std::accumulate(seen.begin(), seen.end(), 0) == 17);
    parallel::for_each_index(seen.size(), [&](std::size_t i) { seen[i] = 1; });
    CHECK(std::accumulate(seen.begin(), seen.end(), 0) == 20);
  }
}

TEST_CASE("a loop inside a loop of a team is done by who begins it") {
  const ManyCores cores;
  const Threads workers(3);
  const parallel::Team team;
  std::vector<int> seen(12 * 12);
  std::vector<char> alone(12, 1);
  for (int round = 0; round < 200; ++round)
    parallel::for_each_index(12, [&](std::size_t i) {
      const int outer = parallel::worker_index();
      parallel::for_each_index(12, [&](std::size_t k) {
        ++seen[12 * i + k];
        if (parallel::worker_index() != outer) alone[i] = 0;
      });
    });
  CHECK(seen == std::vector<int>(12 * 12, 200));
  CHECK(alone == std::vector<char>(12, 1));
}
