// Sums by tiles against sums of the rows in double precision, where stripes of targets are cut into several parts:
// floats keep six digits however many terms a target has, and whatever the part they are in.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "engine/tiled_sums.hpp"
#include "partition/parallel.hpp"

using namespace gasket;

namespace {

template <class Value>
struct Sum {
  using Data = Value;
  using Accum = Value;
  static constexpr bool always_awake = true;
  Data init(const Vertex&) const { return 0; }
  Accum gather(const Edge<Data>& e) const { return e.from.ghost; }
  Data apply(const Vertex&, const Data&, const Accum& sum) const { return sum; }
};

// A stripe of 2^16 targets of which a few have very many arcs, from sources of one stripe or of both; and one of few
// arcs behind it.
constexpr LocalId kVertices = 2 * TiledRows::kSide;
constexpr LocalId kCrowded = 5;  // so many targets
constexpr std::size_t kTermsEach = 1'500'000;

Adjacency crowded_rows() {
  std::mt19937_64 random(7);
  BigArray<std::uint32_t> lengths(std::size_t{kVertices} + 1);
  for (LocalId v = 0; v < kVertices; ++v) lengths[v] = v < kCrowded ? kTermsEach : v % 3;
  std::size_t arcs = 0;
  for (const std::uint32_t length : lengths) arcs += length;
  Adjacency rows;
  rows.offsets = RowOffsets(std::move(lengths));
  rows.neighbours = BigArray<LocalId>(arcs);
  for (LocalId v = 0; v < kVertices; ++v)
    for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i)
      rows.neighbours[i] = static_cast<LocalId>(random() % (v % 2 == 0 ? TiledRows::kSide : kVertices));
  return rows;
}

// Nearly equal terms, so that rounding them one after the other would err to the same side.
template <class Value>
std::vector<Value> values() {
  std::vector<Value> ghosts;
  for (LocalId v = 0; v < kVertices; ++v) ghosts.push_back(Value(0.1) + static_cast<Value>(v % 8) * Value(1e-4));
  return ghosts;
}

template <class Value>
std::vector<double> sums_of_rows(const Adjacency& rows, const std::vector<Value>& ghosts) {
  std::vector<double> sums(rows.rows());
  for (LocalId v = 0; v < rows.rows(); ++v)
    for (const LocalId u : rows.row(v)) sums[v] += ghosts[u];
  return sums;
}

// As an engine does it: the sums of targets that lie in one part are handed over, those of others are added up.
template <class Value>
std::vector<double> sums_of_tiles(TiledSums<Sum<Value>>& tiles, const std::vector<Value>& ghosts) {
  BigArray<Value> accums(kVertices);
  std::vector<double> sums(kVertices, -1);
  parallel::for_each_index(tiles.parts(), [&](std::size_t part) {
    tiles.sum(part, Sum<Value>(), ghosts.data(), accums, [&](LocalId begin, LocalId end, const auto* whole) {
      for (LocalId v = begin; v < end; ++v) sums[v] = static_cast<Value>(whole[v - begin]);
    });
  });
  tiles.add_partial_sums(0, tiles.parts(), accums);
  tiles.for_each_shared([&](LocalId begin, LocalId end) {
    for (LocalId v = begin; v < end; ++v) sums[v] = accums[v];
  });
  return sums;
}

// How many are off, those that are no number among them.
std::size_t off(const std::vector<double>& sums, const std::vector<double>& expected, double bound) {
  std::size_t count = 0;
  for (std::size_t v = 0; v < sums.size(); ++v) count += std::abs(sums[v] - expected[v]) <= bound * expected[v] ? 0 : 1;
  return count;
}

template <class Value>
void check_sums(const Adjacency& rows, double bound) {
  const std::vector<Value> ghosts = values<Value>();
  const std::vector<double> expected = sums_of_rows(rows, ghosts);
  for (const int threads : {1, 2}) {
    parallel::set_threads(threads);
    TiledSums<Sum<Value>> tiles(rows, false);
    CAPTURE(sizeof(Value), threads);
    for (int superstep = 0; superstep < 2; ++superstep)  // what the first leaves behind is not in the second
      CHECK(off(sums_of_tiles(tiles, ghosts), expected, bound) == 0);
    parallel::set_threads(1);
  }
}

}  // namespace

TEST_CASE("a crowded stripe of several parts is crowded in each, and has all of its arcs once") {
  const TiledRows tiled(crowded_rows(), false);
  REQUIRE(tiled.parts().size() > 3);
  for (const TiledRows::Part& part : tiled.parts()) {
    CHECK(part.crowded == (part.begin == 0));
    CHECK(part.whole() == (part.begin > 0));
  }
}

TEST_CASE("sums of crowded stripes in several parts keep the digits of floats") {
  const Adjacency rows = crowded_rows();
  // A sum of doubles is rounded once per part, and added to those of other parts.
  check_sums<float>(rows, 4 * 0x1p-24);
  check_sums<double>(rows, 1e-10);
}

TEST_CASE("a row of one arc too many makes its stripe crowded") {
  for (const std::uint32_t longest : {TiledRows::kCrowd, TiledRows::kCrowd + 1}) {
    BigArray<std::uint32_t> lengths(std::size_t{kVertices} + 1);
    lengths[TiledRows::kSide + 1] = longest;
    Adjacency rows;
    rows.offsets = RowOffsets(std::move(lengths));
    rows.neighbours = BigArray<LocalId>(longest);
    const TiledRows tiled(rows, false);
    REQUIRE(tiled.parts().size() == 2);
    CHECK_FALSE(tiled.parts()[0].crowded);
    CHECK(tiled.parts()[1].crowded == (longest > TiledRows::kCrowd));
  }
}
