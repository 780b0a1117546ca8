#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "engine/tiled_rows.hpp"
#include "partition/parallel.hpp"

using namespace gasket;

namespace {

struct Arc {
  LocalId target, source;
  auto operator<=>(const Arc&) const = default;
};

// Rows of the first member of each arc.
Adjacency rows_of(std::vector<Arc> arcs, LocalId count) {
  std::ranges::sort(arcs);
  BigArray<std::uint32_t> lengths(std::size_t{count} + 1);
  Adjacency rows;
  rows.neighbours = BigArray<LocalId>(arcs.size());
  for (std::size_t i = 0; i < arcs.size(); ++i) {
    ++lengths[arcs[i].target];
    rows.neighbours[i] = arcs[i].source;
  }
  rows.offsets = RowOffsets(std::move(lengths));
  return rows;
}

// Every tile's arcs lie in it and ascend by groups of sources: of 16 in a large tile, of more the fewer arcs it has. All arcs,
// as pairs.
std::vector<Arc> arcs_in(const TiledRows& tiled) {
  std::vector<Arc> arcs;
  for (const TiledRows::Part& part : tiled.parts())
    for (const TiledRows::Tile& tile : tiled.tiles(part)) {
      CHECK(tile.begin < tile.end);
      const auto width =
          std::clamp<EdgeCount>((EdgeCount{1} << 17) / std::bit_floor(tile.end - tile.begin), 16, TiledRows::kSide);
      const auto group = [&](EdgeCount i) { return TiledRows::source(tiled.arcs()[i]) / width; };
      for (EdgeCount i = tile.begin; i < tile.end; ++i) {
        const std::uint32_t arc = tiled.arcs()[i];
        if (i > tile.begin && group(i - 1) > group(i)) FAIL("not ascending");
        if (part.begin + TiledRows::target(arc) >= part.end) FAIL("beyond the part");
        arcs.push_back({part.begin + TiledRows::target(arc), tile.sources + TiledRows::source(arc)});
      }
    }
  std::ranges::sort(arcs);
  return arcs;
}

}  // namespace

TEST_CASE("tiles hold the arcs of the rows") {
  std::mt19937_64 random(3);
  for (const LocalId count : {1u, 1000u, 65536u, 65537u, 200'000u})
    for (const int threads : {1, 2}) {
      CAPTURE(count, threads);
      parallel::set_threads(threads);
      std::vector<Arc> arcs;
      for (int i = 0; i < 300'000; ++i)
        arcs.push_back({static_cast<LocalId>(random() % count), static_cast<LocalId>(random() % count)});
      for (int i = 0; i < 1000; ++i) arcs.push_back({count - 1, 0});  // a long row of equal arcs
      std::vector<Arc> turned;
      for (const Arc& arc : arcs) turned.push_back({arc.source, arc.target});
      std::ranges::sort(arcs);
      CHECK(arcs_in(TiledRows(rows_of(arcs, count), false)) == arcs);
      CHECK(arcs_in(TiledRows(rows_of(turned, count), true)) == arcs);
      parallel::set_threads(1);
    }
}

TEST_CASE("very many arcs between few vertices are several parts") {
  std::mt19937_64 random(4);
  std::vector<Arc> arcs;
  for (int i = 0; i < 5'000'000; ++i)
    arcs.push_back({static_cast<LocalId>(random() % 1000), static_cast<LocalId>(random() % 1000)});
  arcs.push_back({70'000, 70'001});
  const TiledRows tiled(rows_of(arcs, 70'002), false);
  REQUIRE(tiled.parts().size() == 4);
  for (const TiledRows::Part& part : tiled.parts()) {
    EdgeCount held = 0;
    for (const TiledRows::Tile& tile : tiled.tiles(part)) held += tile.end - tile.begin;
    CHECK(held <= EdgeCount{1} << 21);
    CHECK(part.whole() == (part.begin > 0));
  }
  std::ranges::sort(arcs);
  CHECK(arcs_in(tiled) == arcs);
}

TEST_CASE("rows without arcs have parts without tiles") {
  const TiledRows tiled(rows_of({}, 100'000), false);
  REQUIRE(tiled.parts().size() == 2);
  CHECK(tiled.parts()[1].end == 100'000);
  CHECK(tiled.tiles(tiled.parts()[0]).empty());
  CHECK(TiledRows(rows_of({}, 0), true).empty());
}

TEST_CASE("locality tells a mesh from a uniform graph") {
  std::mt19937_64 random(3);
  const LocalId count = 400'000;
  std::vector<Arc> mesh, uniform;
  for (LocalId v = 0; v + 1000 < count; ++v)
    for (const LocalId step : {1u, 1000u}) mesh.push_back({v, v + step});
  for (int i = 0; i < 3'000'000; ++i)
    uniform.push_back({static_cast<LocalId>(random() % count), static_cast<LocalId>(random() % count)});
  CHECK(lines_per_arc(rows_of(mesh, count), 8) < 0.15);
  CHECK(lines_per_arc(rows_of(uniform, count), 8) > 0.5);
}
