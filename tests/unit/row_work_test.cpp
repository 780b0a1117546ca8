// Vertices are visited in their order, each once, and asked for before.

#include "engine/row_work.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

using namespace gasket;

namespace {

// What has been asked for, in the order in which it was.
struct Asked {
  std::vector<LocalId>& vertices;
  std::vector<LocalId>& rows;
  std::vector<LocalId>& loads;
  void vertex(LocalId v) const { vertices.push_back(v); }
  void ask(LocalId v) const { rows.push_back(v); }
  void load(LocalId v) const { loads.push_back(v); }
};

}  // namespace

TEST_CASE("vertices are asked for in stages before they are visited") {
  for (const std::size_t size : {0u, 1u, 4u, 5u, 16u, 17u, 24u, 25u, 100u}) {
    CAPTURE(size);
    std::vector<LocalId> ids(size), vertices, rows, loads, visited;
    std::iota(ids.begin(), ids.end(), LocalId{7});
    visit_ahead(ids, Asked{vertices, rows, loads}, [&](LocalId v) {
      // Where a row begins is asked for first of all.
      CHECK(vertices.size() >= rows.size());
      CHECK(rows.size() > visited.size());
      visited.push_back(v);
    });
    CHECK(visited == ids);
    CHECK(vertices == ids);
    CHECK(rows == ids);
    // The first are visited at once.
    CHECK(loads.size() == (size > 4 ? size - 4 : 0));
  }
}
