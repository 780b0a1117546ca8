// The .gsk format: what is written is read, by any number of ranks.

#include "partition/io/gsk.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "partition/error.hpp"
#include "tests/support/gsk_files.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/threads.hpp"

using namespace gasket;
using namespace gasket::test;

TEST_CASE("graphs of every kind come back, whatever the ranks and threads") {
  const ScratchFolder scratch;
  const bool directed = GENERATE(true, false), weighted = GENERATE(true, false), dense = GENERATE(true, false);
  const auto [vertices, edges] = GENERATE(
      table<std::uint64_t, std::uint64_t>({{1, 0}, {1, 3}, {7, 0}, {7, 3}, {50, 400}, {300000, 500}, {3000, 400000}}));
  const GskGraph graph = make_graph(vertices, edges, directed, weighted, dense);
  write_gsk(graph, scratch / "g.gsk");
  const auto expected = expected_edges(graph);

  const GskFile file((scratch / "g.gsk").string());
  CHECK(file.facts() == graph.facts);
  CHECK(file.edges() == expected.size());
  const auto source = open_gsk((scratch / "g.gsk").string(), {});
  CHECK(source->directed() == directed);
  CHECK(source->weighted() == weighted);
  CHECK(source->lists_vertices() == !dense);
  CHECK(source->vertex_count() == (dense ? std::optional(vertices) : std::nullopt));

  for (const int threads : {1, 2}) {
    const Threads scope(threads);
    for (const int ranks : {1, 2, 3, 7}) {
      INFO(ranks << " ranks, " << threads << " threads");
      const GskContent read = read_gsk(scratch / "g.gsk", ranks);
      CHECK((read.edges == expected));
      CHECK((read.ids == graph.ids));
    }
  }
}

TEST_CASE("rows are read straight into arrays, in any piece") {
  const ScratchFolder scratch;
  const GskGraph graph = make_graph(200000, 600000, true, true, false);
  write_gsk(graph, scratch / "g.gsk");
  const GskFile file((scratch / "g.gsk").string());
  const Threads scope(2);

  std::vector<EdgeCount> offsets(200001), expected{0};
  for (const EdgeCount degree : graph.degrees) expected.push_back(expected.back() + degree);
  std::vector<std::uint32_t> columns(600000);
  std::vector<double> weights(600000);
  std::vector<ExternalId> ids(200000);
  file.read_offsets(0, offsets);
  file.read_columns(0, columns);
  file.read_weights(0, weights);
  file.read_ids(0, ids);
  CHECK((offsets == expected));
  CHECK((std::ranges::equal(columns, graph.columns)));
  CHECK((std::memcmp(weights.data(), graph.weights.data(), 600000 * 8) == 0));
  CHECK((ids == graph.ids));

  for (const auto& [first, count] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 1}, {599999, 1}, {262143, 2}, {262144, 262144}, {5, 599000}, {1, 0}}) {
    std::vector<std::uint32_t> piece(count);
    file.read_columns(first, piece);
    CHECK((std::equal(piece.begin(), piece.end(), columns.begin() + static_cast<std::ptrdiff_t>(first))));
  }
  for (const EdgeCount arc : {0u, 1u, 77777u, 300000u, 599999u}) {
    const std::uint64_t row = file.row_of(arc);
    CHECK((offsets[row] <= arc && arc < offsets[row + 1]));
  }
  std::vector<std::uint64_t> wrong(1);
  CHECK_THROWS_AS(file.read_columns(0, wrong), Error);
}

TEST_CASE("the pieces in which rows are appended leave no trace") {
  const ScratchFolder scratch;
  const GskGraph graph = make_graph(5000, 100000, false, true, false);
  write_gsk(graph, scratch / "a.gsk", 1);
  write_gsk(graph, scratch / "b.gsk", 5000);
  CHECK((bytes_of(scratch / "a.gsk") == bytes_of(scratch / "b.gsk")));
  std::vector<std::uint32_t> narrow(graph.columns.begin(), graph.columns.end());
  GskWriter writer((scratch / "c.gsk").string(), graph.facts);
  writer.append_ids(graph.ids);
  writer.append_rows(graph.degrees, narrow, graph.weights);
  writer.finish();
  CHECK((bytes_of(scratch / "a.gsk") == bytes_of(scratch / "c.gsk")));
}

TEST_CASE("rows in an order of their own are the same graph") {
  const ScratchFolder scratch;
  const fs::path path = scratch / "g.gsk";
  constexpr std::uint64_t kCount = 300'000;
  for (const bool dense : {true, false}) {
    write_reversed_path(path, kCount, dense);
    const std::uint64_t unit = dense ? 1 : 1000;
    for (const int ranks : {1, 2, 3}) {
      const GskContent read = read_gsk(path, ranks);
      REQUIRE(read.edges.size() == kCount - 1);
      bool right = true;
      for (const auto& [u, v, bits] : read.edges)
        right &=
            u == v + unit && std::bit_cast<double>(bits) == static_cast<double>(kCount - 1 - std::min(u, v) / unit);
      CHECK(right);
    }
    const auto source = open_gsk(path.string(), {});
    REQUIRE(source->stores_rows() == VertexOrder::degree);
    CHECK_FALSE(open_gsk(path.string(), {0, 2})->stores_rows());
    const StoredRows rows = source->read_rows();
    CHECK(rows.edges == kCount - 1);
    CHECK(rows.by_source.rows() == kCount);
    CHECK(rows.global_ids[0] == kCount - 1);
    CHECK(rows.global_ids[kCount - 1] == 0);
    CHECK(rows.ids.size() == (dense ? 0 : kCount));
    CHECK(std::ranges::equal(rows.by_source.row(5), std::vector<LocalId>{4, 6}));
    CHECK(rows.by_source.weights[rows.by_source.offsets[5]] == 5);
  }
}

TEST_CASE("weights that are not wanted are not there") {
  const ScratchFolder scratch;
  const std::string path = (scratch / "g.gsk").string();
  write_reversed_path(path, 10, true);
  const auto source = open_gsk(path, {}, false);
  CHECK_FALSE(source->weighted());
  CHECK(source->read_rows().by_source.weights.empty());
  source->read_edges([](EdgeChunk&& chunk) { CHECK_FALSE(chunk.weighted()); });
}

TEST_CASE("a writer that is not finished, or not fed what it was promised, leaves nothing") {
  const ScratchFolder scratch;
  const std::string path = (scratch / "g.gsk").string();
  const std::vector<EdgeCount> degrees{1, 2};
  const std::vector<std::uint64_t> columns{1, 0, 1};
  const std::vector<double> weights{1, 2, 3};
  const GskFacts facts{.vertices = 2, .arcs = 3, .directed = true, .weighted = false, .dense_ids = true};
  const auto fails = [&](const GskFacts& promised, const std::function<void(GskWriter&)>& use) {
    GskWriter writer(path, promised);
    CHECK_THROWS_AS(use(writer), Error);
  };
  fails(facts, [&](GskWriter& w) { w.finish(); });
  fails(facts, [&](GskWriter& w) { w.append_rows(degrees, columns, weights); });
  fails(facts, [&](GskWriter& w) { w.append_rows(degrees, std::span(columns).first(2), {}); });
  fails(facts, [&](GskWriter& w) { w.append_rows(std::span(degrees).first(1), columns, {}); });
  fails(facts, [&](GskWriter& w) { w.append_ids(columns); });
  fails({1, 3, true, false, true}, [&](GskWriter& w) { w.append_rows(degrees, columns, {}); });
  fails({2, 2, true, false, true}, [&](GskWriter& w) { w.append_rows(degrees, columns, {}); });
  fails({2, 3, true, true, true}, [&](GskWriter& w) { w.append_rows(degrees, columns, {}); });
  fails({2, 3, true, false, false}, [&](GskWriter& w) { w.append_ids(columns); });
  fails({2, 3, true, false, false}, [&](GskWriter& w) {
    w.append_rows(degrees, columns, {});
    w.finish();
  });
  fails(facts, [&](GskWriter& w) { w.append_rows(degrees, std::vector<std::uint64_t>{0, 1, 2}, {}); });
  const GskFacts named{.vertices = 2, .arcs = 3, .named = true, .name_bytes = 3};
  const auto names = [](const std::string& first, const std::string& second) {
    NameList list(2, first.size() + second.size());
    list.add(first);
    list.add(second);
    return list;
  };
  fails(named, [&](GskWriter& w) { w.append_names(names("b", "a")); });
  fails(named, [&](GskWriter& w) { w.append_names(names("a", "a")); });
  fails(named, [&](GskWriter& w) { w.append_names(names("aa", "bb")); });
  fails(facts, [&](GskWriter& w) { w.append_names(names("a", "b")); });
  fails(named, [&](GskWriter& w) {
    w.append_names(names("a", "b"));
    w.append_rows(degrees, columns, {});
    w.finish();  // one character is missing
  });
  CHECK_THROWS_AS(GskWriter(path, {.vertices = ~0ull, .arcs = 1}), UsageError);
  CHECK_THROWS_AS(GskWriter(path, {.vertices = 0, .arcs = 1}), UsageError);
  CHECK_THROWS_AS(GskWriter("/dev/null", facts), InputError);
  CHECK_THROWS_AS(GskWriter((scratch / "none" / "g.gsk").string(), facts), InputError);
  CHECK(fs::is_empty(scratch.path()));
}
