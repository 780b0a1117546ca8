// Arcs become rows as sorting them whole would make them: flat graphs and hubs, first, last and in the middle, with and
// without weights and duplicates, by either end, on 1 and 3 threads.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string_view>
#include <tuple>
#include <vector>

#include "partition/build/rows.hpp"
#include "partition/hash.hpp"
#include "partition/parallel.hpp"

using namespace gasket;

namespace {

struct Edge {
  LocalId source, target;
  double weight;
};

struct Input {
  std::string_view name;
  LocalId rows;
  std::vector<Edge> edges;
};

// `count` edges, of which those for which hub(i) is below `rows` end there.
template <class Hub>
Input edges_with(std::string_view name, LocalId rows, std::size_t count, const Hub& hub) {
  Input input{name, rows, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t random = mix(i), end = hub(i);
    input.edges.push_back({static_cast<LocalId>(random % rows),
                           static_cast<LocalId>(end < rows ? end : (random >> 32) % rows),
                           static_cast<double>(mix(random) % 100)});
  }
  return input;
}

std::vector<Input> inputs() {
  const auto no_hub = [](std::size_t) { return ~std::uint64_t{0}; };
  std::vector<Input> all;
  all.push_back({"nothing", 0, {}});
  all.push_back({"no edges", 5, {}});
  all.push_back({"one vertex", 1, {{0, 0, 1}, {0, 0, 3}, {0, 0, 2}}});
  all.push_back(edges_with("small", 10, 400, no_hub));
  all.push_back(edges_with("flat", 200000, 300000, no_hub));
  all.push_back(
      edges_with("around the last row that stands alone", 4097, 200000, [](std::size_t i) { return 4090 + i % 7; }));
  all.push_back(
      edges_with("hubs first", 100000, 600000, [](std::size_t i) { return mix(i) % (1 + mix(i + 1) % 5000); }));
  all.push_back(edges_with("a hub in the middle", 100000, 500000,
                           [](std::size_t i) { return i % 5 == 0 ? ~std::uint64_t{0} : 65432; }));
  all.push_back(edges_with("a hub last", 9000, 300000, [](std::size_t) { return 8999; }));
  return all;
}

Arcs arcs_of(const Input& input, bool weighted) {
  constexpr std::size_t kBlock = 70000;
  Arcs arcs;
  for (std::size_t begin = 0; begin < input.edges.size(); begin += kBlock) {
    const std::size_t size = std::min(kBlock, input.edges.size() - begin);
    EdgeChunk& chunk = arcs.blocks.emplace_back();
    chunk.narrow = BigArray<std::uint32_t>(2 * size);
    chunk.weights = BigArray<double>(weighted ? size : 0);
    for (std::size_t i = 0; i < size; ++i) {
      const Edge& edge = input.edges[begin + i];
      chunk.narrow[2 * i] = edge.source;
      chunk.narrow[2 * i + 1] = edge.target;
      if (weighted) chunk.weights[i] = edge.weight;
    }
  }
  return arcs;
}

using Row = std::vector<std::tuple<LocalId, LocalId, double>>;  // row, neighbour, weight

Row expected(const Input& input, RowKey key, bool weighted, bool drop) {
  Row all;
  for (const Edge& edge : input.edges) {
    const auto [row, neighbour] =
        key == RowKey::target ? std::pair(edge.target, edge.source) : std::pair(edge.source, edge.target);
    all.emplace_back(row, neighbour, weighted ? edge.weight : 0);
  }
  std::ranges::sort(all);
  if (drop) {
    const auto same = [](const auto& a, const auto& b) {
      return std::get<0>(a) == std::get<0>(b) && std::get<1>(a) == std::get<1>(b);
    };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
  }
  return all;
}

Row listed(const Adjacency& rows) {
  Row all;
  for (LocalId v = 0; v < rows.rows(); ++v)
    for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i)
      all.emplace_back(v, rows.neighbours[i], rows.weights.empty() ? 0 : rows.weights[i]);
  return all;
}

}  // namespace

TEST_CASE("arcs are sorted into rows") {
  for (const Input& input : inputs())
    for (const int threads : {1, 3})
      for (const RowKey key : {RowKey::target, RowKey::source})
        for (const bool weighted : {false, true})
          for (const bool drop : {false, true}) {
            CAPTURE(input.name, threads, static_cast<int>(key), weighted, drop);
            parallel::set_threads(threads);
            const Adjacency rows = build_rows(arcs_of(input, weighted), input.rows, key, weighted, drop);
            parallel::set_threads(1);
            CHECK(rows.rows() == input.rows);
            CHECK((listed(rows) == expected(input, key, weighted, drop)));
          }
}

TEST_CASE("rows are transposed") {
  for (const Input& input : inputs())
    for (const bool weighted : {false, true}) {
      CAPTURE(input.name, weighted);
      const Adjacency rows = build_rows(arcs_of(input, weighted), input.rows, RowKey::target, weighted, false);
      CHECK((listed(transpose(rows)) == expected(input, RowKey::source, weighted, false)));
    }
}

TEST_CASE("a row too long for one worker's memory is sorted") {
  Input input = edges_with("a very long row", 3, (std::size_t{1} << 22) + 5, [](std::size_t) { return 1; });
  for (std::size_t i = 0; i < input.edges.size(); ++i) input.edges[i].source = static_cast<LocalId>(mix(i) % 3);
  parallel::set_threads(2);
  const Adjacency rows = build_rows(arcs_of(input, false), input.rows, RowKey::target, false, false);
  parallel::set_threads(1);
  CHECK((listed(rows) == expected(input, RowKey::target, false, false)));
}
