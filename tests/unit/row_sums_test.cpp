#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "engine/row_sums.hpp"
#include "partition/parallel.hpp"

using namespace gasket;

namespace {

struct Sum {
  using Data = std::int64_t;
  using Accum = std::int64_t;
  static constexpr bool always_awake = true;
  Data init(const Vertex&) const { return 0; }
  Accum gather(const Edge<Data>& e) const { return e.from.ghost; }
  Data apply(const Vertex&, const Data&, const Accum& sum) const { return sum; }
};

// Rows of these lengths, of neighbours below `count`.
Adjacency random_rows(const std::vector<std::uint32_t>& lengths, LocalId count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Adjacency rows;
  rows.neighbours = BigArray<LocalId>(std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));
  for (LocalId& neighbour : rows.neighbours) neighbour = static_cast<LocalId>(random() % count);
  BigArray<std::uint32_t> with_end(lengths.size() + 1);
  std::ranges::copy(lengths, with_end.begin());
  rows.offsets = RowOffsets(std::move(with_end));
  return rows;
}

// Runs of every length that has a loop of its own, and one more, that begin and end at all places of a batch; and rows
// around the ends of groups of offsets.
std::vector<std::uint32_t> lengths_in_runs() {
  std::vector<std::uint32_t> lengths;
  for (std::uint32_t length = 0; length < 10; ++length) lengths.insert(lengths.end(), 150 + 31 * length, length);
  lengths.resize(4096 - 70, 3);
  lengths.resize(4096 + 70, 4);
  lengths.resize(8191, 4);
  lengths.push_back(5);
  lengths.resize(9001, 2);
  return lengths;
}

}  // namespace

TEST_CASE("rows of equal lengths are seen, and only those") {
  const std::vector<std::uint32_t> lengths = lengths_in_runs();
  const auto count = static_cast<LocalId>(lengths.size());
  const Adjacency rows = random_rows(lengths, count, 1);
  std::size_t even = 0;
  for (const std::size_t size : {1u, 2u, 63u, 64u})
    for (std::size_t begin = 0; begin + size <= count; ++begin) {
      const bool equal = std::all_of(lengths.begin() + static_cast<std::ptrdiff_t>(begin),
                                     lengths.begin() + static_cast<std::ptrdiff_t>(begin + size),
                                     [&](std::uint32_t length) { return length == lengths[begin]; });
      const bool one_group = begin / 4096 == (begin + size) / 4096;
      if (rows.offsets.are_even(begin, begin + size) != (equal && one_group)) FAIL(begin << " and " << size);
      even += equal && one_group ? 1 : 0;
    }
  CHECK(even > 20'000);
}

TEST_CASE("sums of rows are those of their arcs, wherever they begin") {
  const std::vector<std::uint32_t> lengths = lengths_in_runs();
  const auto count = static_cast<LocalId>(lengths.size());
  const Adjacency first = random_rows(lengths, count, 2),
                  second = random_rows(std::vector<std::uint32_t>(lengths.rbegin(), lengths.rend()), count, 3);
  std::vector<std::int64_t> ghosts(count);
  for (LocalId v = 0; v < count; ++v) ghosts[v] = std::int64_t{v} * v + 1;
  for (const RowSets& sets : {RowSets{&first, nullptr}, RowSets{&first, &second}}) {
    std::vector<std::int64_t> expected(count);
    for (const Adjacency* rows : sets)
      if (rows != nullptr)
        for (LocalId v = 0; v < count; ++v)
          for (const LocalId u : rows->row(v)) expected[v] += ghosts[u];
    for (const LocalId begin : {0u, 1u, 63u, 64u, 4000u, 8999u}) {
      std::vector<std::int64_t> sums(count, -1);
      pull_rows(Sum(), sets, begin, count, ghosts.data(), sums.data());
      CAPTURE(begin, sets[1] != nullptr);
      sums.resize(count - begin);
      CHECK(sums == std::vector<std::int64_t>(expected.begin() + begin, expected.end()));
    }
  }
}

TEST_CASE("sums of pieces and of pushed arcs are those of rows, of bools too") {
  struct Any : Sum {
    using Data = bool;
    using Accum = bool;
    Data init(const Vertex&) const { return false; }
    Accum gather(const Edge<Data>& e) const { return e.from.ghost; }
    Data apply(const Vertex&, const Data&, const Accum& sum) const { return sum; }
  };
  parallel::set_threads(2);
  // One row of many pieces, of which the last alone has the value.
  std::vector<std::uint32_t> lengths(1000, 1);
  lengths[500] = 10 * kBlockArcs;
  Adjacency rows = random_rows(lengths, 999, 4);
  rows.neighbours[rows.offsets[501] - 1] = 999;
  const RowCut cut = cut_rows({&rows, nullptr}, 0, 1000);
  REQUIRE(cut.pieces.size() == 10);
  const auto ghosts = std::make_unique<bool[]>(1000);
  ghosts[999] = true;
  const auto sums = std::make_unique<bool[]>(1000);
  sum_pieces(Any(), cut.pieces, ghosts.get(), sums.get(), [](LocalId) { return true; });
  CHECK(sums[500]);

  std::vector<std::int64_t> values(1000), pulled(1000), pushed(1000, 7);
  for (LocalId v = 0; v < 1000; ++v) values[v] = v;
  for (LocalId u = 0; u < 1000; ++u)
    for (const LocalId t : rows.row(u))
      if (t % 2 == 0) pulled[t] += values[u];
  push_sums(Sum(), {&rows, nullptr}, 1000, values.data(), pushed.data(), [](LocalId t) { return t % 2 == 0; });
  CHECK(pushed == pulled);
  parallel::set_threads(1);
}
