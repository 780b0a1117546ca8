// The .gsk format: what is written is read, by any number of ranks, and no damage passes.

#include "partition/io/gsk.hpp"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <mutex>
#include <sstream>
#include <tuple>
#include <vector>

#include "partition/error.hpp"
#include "partition/parallel.hpp"
#include "partition/random.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;
namespace fs = std::filesystem;

namespace {

using Edge = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // the weight as bits

struct Graph {
  GskFacts facts;
  std::vector<ExternalId> ids;
  std::vector<EdgeCount> degrees;
  std::vector<std::uint64_t> columns;
  std::vector<double> weights;
};

// Some graph with empty rows, self loops, repeated arcs and odd weights.
Graph make_graph(std::uint64_t vertices, std::uint64_t edges, bool directed, bool weighted, bool dense) {
  const RandomStream random(vertices + edges);
  std::vector<Edge> arcs;
  for (std::uint64_t i = 0; i < edges; ++i) {
    const std::uint64_t u = random_below(random(3 * i), vertices), v = random_below(random(3 * i + 1), vertices);
    double weight = random_unit(random(3 * i + 2)) * 1e3 - 500;
    if (i == 1) weight = -0.0;
    if (i == 2) weight = std::numeric_limits<double>::denorm_min();
    if (i == 3) weight = std::numeric_limits<double>::infinity();
    const std::uint64_t bits = weighted ? std::bit_cast<std::uint64_t>(weight) : 0;
    arcs.emplace_back(u, v, bits);
    if (!directed && u != v) arcs.emplace_back(v, u, bits);
  }
  std::ranges::stable_sort(arcs, {}, [](const Edge& e) { return std::get<0>(e); });
  Graph graph;
  graph.facts = {vertices, arcs.size(), directed, weighted, dense};
  graph.degrees.resize(vertices);
  for (const auto& [u, v, bits] : arcs) {
    ++graph.degrees[u];
    graph.columns.push_back(v);
    if (weighted) graph.weights.push_back(std::bit_cast<double>(bits));
  }
  if (!dense)
    for (std::uint64_t v = 0; v < vertices; ++v) graph.ids.push_back(v * v * 1000003 + 17);
  return graph;
}

// Appends the rows in pieces of `piece` rows.
void write(const Graph& graph, const fs::path& path, std::size_t piece = 1000) {
  GskWriter writer(path.string(), graph.facts);
  const std::span<const EdgeCount> degrees(graph.degrees);
  std::size_t arc = 0;
  for (std::size_t row = 0; row < degrees.size(); row += piece) {
    const auto some = degrees.subspan(row, std::min(piece, degrees.size() - row));
    std::size_t arcs = 0;
    for (const EdgeCount degree : some) arcs += degree;
    writer.append_rows(
        some, std::span(graph.columns).subspan(arc, arcs),
        std::span(graph.weights).subspan(graph.weights.empty() ? 0 : arc, graph.weights.empty() ? 0 : arcs));
    arc += arcs;
  }
  for (std::size_t i = 0; i < graph.ids.size(); i += piece)
    writer.append_ids(std::span(graph.ids).subspan(i, std::min(piece, graph.ids.size() - i)));
  writer.finish();
}

// The edges a reader must deliver, sorted.
std::vector<Edge> expected_edges(const Graph& graph) {
  std::vector<Edge> edges;
  std::size_t arc = 0;
  const auto name = [&](std::uint64_t v) { return graph.ids.empty() ? v : graph.ids[v]; };
  for (std::uint64_t u = 0; u < graph.degrees.size(); ++u)
    for (EdgeCount k = 0; k < graph.degrees[u]; ++k, ++arc)
      if (graph.facts.directed || u <= graph.columns[arc])
        edges.emplace_back(name(u), name(graph.columns[arc]),
                           graph.weights.empty() ? 0 : std::bit_cast<std::uint64_t>(graph.weights[arc]));
  std::ranges::sort(edges);
  return edges;
}

struct Read {
  std::vector<Edge> edges;
  std::vector<ExternalId> ids;
};

Read read_all(const fs::path& path, int ranks = 1) {
  Read read;
  std::mutex guard;
  for (int rank = 0; rank < ranks; ++rank) {
    const auto source = open_gsk(path.string(), {rank, ranks});
    source->read_vertices([&](std::span<const ExternalId> ids) {
      const std::lock_guard lock(guard);
      read.ids.insert(read.ids.end(), ids.begin(), ids.end());
    });
    source->read_edges([&](EdgeChunk&& chunk) {
      const std::lock_guard lock(guard);
      chunk.for_each([&](std::uint64_t u, std::uint64_t v, std::size_t i) {
        read.edges.emplace_back(u, v, chunk.weighted() ? std::bit_cast<std::uint64_t>(chunk.weights[i]) : 0);
      });
    });
  }
  std::ranges::sort(read.edges);
  std::ranges::sort(read.ids);
  return read;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void put_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// The message of the InputError that reading throws; empty when it throws none.
std::string refusal(const fs::path& path) {
  try {
    read_all(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

// Makes a change to a file and puts the checksums right again, so that only the content is wrong.
void forge(const fs::path& path, const std::function<void(std::string&)>& change) {
  const std::string good = bytes_of(path);
  const auto number = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, good.data() + at, 8);
    return value;
  };
  std::string bytes = good;
  change(bytes);
  const auto put = [&](std::size_t at, std::uint64_t value) { std::memcpy(bytes.data() + at, &value, 8); };
  const std::size_t table = number(168), table_bytes = number(176);
  std::size_t entry = table;
  for (std::size_t section = 0; section < 7; ++section) {
    const std::size_t offset = number(56 + 16 * section), size = number(64 + 16 * section);
    for (std::size_t at = 0; at < size; at += 1 << 20, entry += 8)
      put(entry, XXH3_64bits(bytes.data() + offset + at, std::min<std::size_t>(1 << 20, size - at)));
  }
  put(184, XXH3_64bits(bytes.data() + table, table_bytes));
  put(248, XXH3_64bits(bytes.data(), 248));
  put_bytes(path, bytes);
}

template <class T>
void poke(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

struct Threads {
  explicit Threads(int count) { parallel::set_threads(count); }
  ~Threads() { parallel::set_threads(1); }
};

}  // namespace

TEST_CASE("graphs of every kind come back, whatever the ranks and threads") {
  const ScratchFolder scratch;
  const bool directed = GENERATE(true, false), weighted = GENERATE(true, false), dense = GENERATE(true, false);
  const auto [vertices, edges] = GENERATE(
      table<std::uint64_t, std::uint64_t>({{1, 0}, {1, 3}, {7, 0}, {7, 3}, {50, 400}, {300000, 500}, {3000, 400000}}));
  const Graph graph = make_graph(vertices, edges, directed, weighted, dense);
  write(graph, scratch / "g.gsk");
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
      const Read read = read_all(scratch / "g.gsk", ranks);
      CHECK((read.edges == expected));
      CHECK((read.ids == graph.ids));
    }
  }
}

TEST_CASE("rows are read straight into arrays, in any piece") {
  const ScratchFolder scratch;
  const Graph graph = make_graph(200000, 600000, true, true, false);
  write(graph, scratch / "g.gsk");
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
  const Graph graph = make_graph(5000, 100000, false, true, false);
  write(graph, scratch / "a.gsk", 1);
  write(graph, scratch / "b.gsk", 5000);
  CHECK((bytes_of(scratch / "a.gsk") == bytes_of(scratch / "b.gsk")));
  std::vector<std::uint32_t> narrow(graph.columns.begin(), graph.columns.end());
  GskWriter writer((scratch / "c.gsk").string(), graph.facts);
  writer.append_ids(graph.ids);
  writer.append_rows(graph.degrees, narrow, graph.weights);
  writer.finish();
  CHECK((bytes_of(scratch / "a.gsk") == bytes_of(scratch / "c.gsk")));
}

TEST_CASE("every flipped bit is noticed") {
  const ScratchFolder scratch;
  const bool directed = GENERATE(true, false);
  const fs::path bad = scratch / "bad.gsk";
  write(make_graph(20, 30, directed, directed, !directed), bad);
  const std::string good = bytes_of(bad);
  std::fstream file(bad, std::ios::binary | std::ios::in | std::ios::out);
  const auto set = [&](std::size_t at, int byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte)).flush();
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      set(at, good[at] ^ (1 << bit));
      const std::string message = refusal(bad);
      if (!message.starts_with(bad.string() + ": ")) FAIL("byte " << at << " bit " << bit << ": '" << message << "'");
    }
    set(at, good[at]);
  }
  CHECK(refusal(bad).empty());
}

TEST_CASE("a flipped byte in any block is noticed by the rank that reads it") {
  const ScratchFolder scratch;
  write(make_graph(300000, 600000, true, true, false), scratch / "g.gsk");
  const std::string good = bytes_of(scratch / "g.gsk");
  const fs::path bad = scratch / "bad.gsk";
  const Threads scope(2);
  for (std::size_t at = 256; at < good.size(); at += 499979) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 16);
    put_bytes(bad, bytes);
    for (const int ranks : {1, 3}) {
      INFO("byte " << at << " of " << good.size() << ", " << ranks << " ranks");
      CHECK_THROWS_WITH(read_all(bad, ranks), Catch::Contains("bad.gsk: damaged: "));
    }
  }
}

TEST_CASE("every truncation and every extension is noticed") {
  const ScratchFolder scratch;
  const fs::path bad = scratch / "bad.gsk";
  write(make_graph(10, 12, false, true, false), bad);
  const std::string good = bytes_of(bad);
  for (std::size_t size = good.size(); size-- > 0;) {
    fs::resize_file(bad, size);
    const std::string message = refusal(bad);
    INFO(size << " bytes: " << message);
    CHECK((message.find(size == 0 ? "is empty" : "truncated: has ") != std::string::npos));
  }
  for (const std::size_t more : {1u, 8u, 4096u}) {
    put_bytes(bad, good + std::string(more, '\0'));
    CHECK_THAT(refusal(bad), Catch::Contains("something was added"));
  }
}

TEST_CASE("what is no .gsk file is said in words") {
  const ScratchFolder scratch;
  write(make_graph(10, 12, true, false, true), scratch / "g.gsk");
  const fs::path bad = scratch / "bad.gsk";
  CHECK_THAT(refusal(scratch / "none.gsk"), Catch::Contains("none.gsk: no such file"));
  CHECK_THAT(refusal(scratch.path()), Catch::Contains("is a directory, expected a .gsk file"));
  put_bytes(bad, "1 2\n");
  CHECK_THAT(refusal(bad), Catch::EndsWith("bad.gsk: is not a .gsk file"));
  put_bytes(bad, std::string(5000, 'x'));
  CHECK_THAT(refusal(bad), Catch::EndsWith("bad.gsk: is not a .gsk file"));
  fs::copy_file(scratch / "g.gsk", bad, fs::copy_options::overwrite_existing);
  forge(bad, [](std::string& bytes) { poke<std::uint32_t>(bytes, 8, 1); });
  CHECK_THAT(refusal(bad), Catch::Contains("has version 1 of the .gsk format; this gasket reads version 3"));
  forge(bad, [](std::string& bytes) { poke<std::uint32_t>(bytes, 8, 4); });
  CHECK_THAT(refusal(bad), Catch::Contains("has version 4 of the .gsk format"));
  std::string text = bytes_of(scratch / "g.gsk");
  text.erase(4, 1);  // "\r\n" became "\n"
  put_bytes(bad, text);
  CHECK_THAT(refusal(bad), Catch::Contains("line ends"));
}

TEST_CASE("a file with right checksums and wrong content is refused, not believed") {
  const ScratchFolder scratch;
  const fs::path bad = scratch / "bad.gsk";
  const auto forged = [&](const fs::path& good, const std::function<void(std::string&)>& change) {
    fs::copy_file(good, bad, fs::copy_options::overwrite_existing);
    forge(bad, change);
    return refusal(bad);
  };
  const fs::path dense = scratch / "dense.gsk", sparse = scratch / "sparse.gsk";
  write(make_graph(10, 12, true, false, true), dense);
  write(make_graph(10, 12, true, true, false), sparse);
  const std::size_t offsets = 256, columns = 256 + 8 * 11, ids = 256;
  CHECK(forged(dense, [](std::string&) {}).empty());
  CHECK(forged(sparse, [](std::string&) {}).empty());
  // Counts that no file holds: refused before memory is asked for.
  for (const std::uint64_t absurd : {std::uint64_t{11}, std::uint64_t{1} << 32, std::uint64_t{1} << 47,
                                     std::uint64_t{1} << 61, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    for (const std::size_t field : {24, 32, 40, 48, 56, 72, 80, 120, 128, 136, 144}) {
      INFO("field at " << field << " is " << absurd);
      const std::string message = forged(dense, [&](std::string& bytes) { poke(bytes, field, absurd); });
      CHECK_THAT(message, Catch::StartsWith(bad.string() + ": "));
    }
  }
  CHECK_THAT(forged(dense, [](std::string& b) { poke<std::uint32_t>(b, 12, 128); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [](std::string& b) { poke<std::uint32_t>(b, 16, 8); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [](std::string& b) { poke<std::uint32_t>(b, 20, 8); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [](std::string& b) { poke<char>(b, 200, 1); }), Catch::Contains("contradicts"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint32_t>(b, columns, 10); }),
             Catch::Contains("a vertex that does not exist"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint64_t>(b, offsets, 1); }),
             Catch::Contains("row offsets"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint64_t>(b, offsets + 24, ~0ull); }),
             Catch::Contains("row offsets"));
  CHECK_THAT(forged(dense, [&](std::string& b) { poke<std::uint64_t>(b, offsets + 80, 11); }),
             Catch::Contains("row offsets"));
  CHECK_THAT(forged(sparse, [&](std::string& b) { poke<std::uint64_t>(b, ids, ~0ull); }), Catch::Contains("ids"));
}

namespace {

// The path 0 - 1 - ... - n-1 with its rows the other way round.
void write_reversed_path(const fs::path& path, std::uint64_t count, bool dense) {
  const GskFacts facts{count, 2 * (count - 1), false, true, dense, true};
  GskWriter writer(path.string(), facts);
  for (std::uint64_t row = 0; row < count; ++row) {
    const std::uint64_t vertex = count - 1 - row;
    writer.append_order(std::span(&vertex, 1));
    std::vector<std::uint64_t> columns;
    std::vector<double> weights;
    for (const std::uint64_t neighbour : {row - 1, row + 1})
      if (neighbour < count) {
        columns.push_back(neighbour);
        weights.push_back(static_cast<double>(std::max(row, neighbour)));
      }
    const EdgeCount degree = columns.size();
    writer.append_rows(std::span(&degree, 1), std::span<const std::uint64_t>(columns), weights);
    const ExternalId id = row * 1000;
    if (!dense) writer.append_ids(std::span(&id, 1));
  }
  writer.finish();
}

}  // namespace

TEST_CASE("rows in an order of their own are the same graph") {
  const ScratchFolder scratch;
  const fs::path path = scratch / "g.gsk";
  constexpr std::uint64_t kCount = 300'000;
  for (const bool dense : {true, false}) {
    write_reversed_path(path, kCount, dense);
    const std::uint64_t unit = dense ? 1 : 1000;
    for (const int ranks : {1, 2, 3}) {
      const Read read = read_all(path, ranks);
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

TEST_CASE("stored rows that no engine could use are refused") {
  const ScratchFolder scratch;
  const fs::path good = scratch / "good.gsk", bad = scratch / "bad.gsk";
  write_reversed_path(good, 10, true);
  const auto refusal_of_rows = [&](const std::function<void(std::string&)>& change) -> std::string {
    fs::copy_file(good, bad, fs::copy_options::overwrite_existing);
    forge(bad, change);
    try {
      open_gsk(bad.string(), {})->read_rows();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const std::size_t order = 256, columns = 256 + 4 * 10 + 8 * 11 + 8 * 18;
  CHECK(refusal_of_rows([](std::string&) {}).empty());
  CHECK_THAT(refusal_of_rows([&](std::string& b) { poke<std::uint32_t>(b, order, 3); }),
             Catch::EndsWith("damaged: two rows are of the same vertex"));
  CHECK_THAT(refusal_of_rows([&](std::string& b) { poke<std::uint32_t>(b, order, 10); }),
             Catch::EndsWith("damaged: a row is of a vertex that does not exist"));
  CHECK_THAT(refusal_of_rows([&](std::string& b) { poke<std::uint32_t>(b, columns + 4, 9); }),
             Catch::EndsWith("damaged: the arcs of a row do not ascend"));
}

TEST_CASE("an undirected graph without all reverse arcs, or with another number of edges, is refused") {
  const ScratchFolder scratch;
  const fs::path good = scratch / "good.gsk", bad = scratch / "bad.gsk";
  const auto refusal_of_rows = [](const fs::path& path) -> std::string {
    try {
      open_gsk(path.string(), {})->read_rows();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  write_reversed_path(good, 10, true);
  fs::copy_file(good, bad);
  forge(bad, [](std::string& b) { poke<std::uint64_t>(b, 40, 10); });
  CHECK_THAT(refusal_of_rows(bad), Catch::EndsWith("damaged: the header counts 10 edges, the rows have 9"));

  const GskFacts facts{3, 3, false, false, true};
  {
    GskWriter writer(bad.string(), facts);  // 0 - 1, 0 - 2, 1 - 2, one arc each
    writer.append_rows(std::vector<EdgeCount>{2, 1, 0}, std::vector<std::uint64_t>{1, 2, 2}, {});
    writer.finish();
  }
  CHECK_THAT(refusal_of_rows(bad), Catch::EndsWith("damaged: an arc of the undirected graph has no reverse"));
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

// Vertices in a row, each with an arc to the next; called by `names`.
void write_named_path(const std::string& path, const std::vector<std::string>& names, std::size_t piece) {
  GskFacts facts{.vertices = names.size(), .arcs = names.size() - 1, .named = true};
  for (const std::string& name : names) facts.name_bytes += name.size();
  GskWriter writer(path, facts);
  for (std::size_t begin = 0; begin < names.size(); begin += piece) {
    const std::size_t end = std::min(begin + piece, names.size());
    NameList list(end - begin, facts.name_bytes);
    for (std::size_t i = begin; i < end; ++i) list.add(names[i]);
    list.shrink();
    writer.append_names(list);
  }
  std::vector<EdgeCount> degrees(names.size(), 1);
  std::vector<std::uint64_t> columns;
  for (std::uint64_t v = 1; v < names.size(); ++v) columns.push_back(v);
  degrees.back() = 0;
  writer.append_rows(degrees, columns, {});
  writer.finish();
}

TEST_CASE("names come back, whatever the ranks and the pieces they were written in") {
  const ScratchFolder scratch;
  const std::string path = (scratch / "n.gsk").string(), again = (scratch / "again.gsk").string();
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{200000}}) {
    std::vector<std::string> names{""};  // also a name
    for (std::size_t v = 1; v < count; ++v) names.push_back(std::string(v % 9, '\xc3') + std::to_string(v));
    std::ranges::sort(names);
    write_named_path(path, names, 1 << 20);
    write_named_path(again, names, 333);
    CHECK((bytes_of(path) == bytes_of(again)));
    CHECK(names_by_strings(path));
    for (const int ranks : {1, 2, 3, 7}) {
      std::vector<std::string> found;
      for (int rank = 0; rank < ranks; ++rank) {
        const auto source = open_gsk(path, {rank, ranks});
        CHECK(source->stores_names());
        CHECK(source->vertex_count() == count);
        const NameList share = source->read_names();
        for (std::size_t i = 0; i < share.size(); ++i) found.emplace_back(share[i]);
      }
      CHECK((found == names));
    }
    CHECK(open_gsk(path, {})->read_rows().names.size() == count);
  }
  const Graph numbers = make_graph(5, 5, true, false, true);
  write(numbers, scratch / "g.gsk");
  CHECK_FALSE(names_by_strings((scratch / "g.gsk").string()));
  CHECK_FALSE(names_by_strings((scratch / "none.gsk").string()));
}

TEST_CASE("names that cannot be are refused") {
  const ScratchFolder scratch;
  const fs::path path = scratch / "n.gsk", bad = scratch / "bad.gsk";
  write_named_path(path.string(), {"ann", "bob", "cy", "dora"}, 4);
  // 5 offsets of 8 bytes and 3 columns of 4 lie behind the header.
  constexpr std::size_t kEnds = 256 + 40 + 12, kNames = kEnds + 32;
  const auto refusal = [&](const std::function<void(std::string&)>& change, int ranks) -> std::string {
    fs::copy_file(path, bad, fs::copy_options::overwrite_existing);
    forge(bad, change);
    try {
      for (int rank = 0; rank < ranks; ++rank) open_gsk(bad.string(), {rank, ranks})->read_names();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  for (const int ranks : {1, 2, 3, 4}) {
    CAPTURE(ranks);
    CHECK(refusal([](std::string&) {}, ranks) == "");
    CHECK_THAT(refusal([](std::string& b) { b[kNames + 3] = 'A'; }, ranks),
               Catch::EndsWith("bad.gsk: damaged: the names do not ascend"));
    CHECK_THAT(refusal([](std::string& b) { b.replace(kNames, 6, "bobbob"); }, ranks),
               Catch::EndsWith("damaged: the names do not ascend"));
    const std::string ends = "damaged: the ends of the names do not ascend to the number of their characters";
    CHECK_THAT(refusal([](std::string& b) { poke<std::uint64_t>(b, kEnds + 8, 9); }, ranks), Catch::EndsWith(ends));
    CHECK_THAT(refusal([](std::string& b) { poke<std::uint64_t>(b, kEnds + 24, 11); }, ranks), Catch::EndsWith(ends));
    CHECK_THAT(refusal([](std::string& b) { poke<std::uint64_t>(b, kEnds + 24, ~0ull); }, ranks),
               Catch::EndsWith(ends));
  }
  CHECK_THAT(refusal([](std::string& b) { poke<std::uint32_t>(b, 12, 1 | 4); }, 1),
             Catch::EndsWith("damaged: it claims 4 vertices and 3 arcs"));  // names, and no word of them
}

TEST_CASE("forged offsets crash no rank") {
  const ScratchFolder scratch;
  const Graph graph = make_graph(300000, 1000, true, false, true);
  const RandomStream random(3);
  write(graph, scratch / "g.gsk", 300000);
  for (std::uint64_t round = 0; round < 30; ++round) {
    fs::copy_file(scratch / "g.gsk", scratch / "bad.gsk", fs::copy_options::overwrite_existing);
    forge(scratch / "bad.gsk", [&](std::string& bytes) {
      for (std::uint64_t i = 0; i < 10; ++i)
        poke<std::uint64_t>(
            bytes, 256 + 8 * random_below(random(20 * round + 2 * i), 300001),
            i % 2 == 0 ? random(20 * round + 2 * i + 1) : random_below(random(20 * round + 2 * i + 1), 1001));
      // Also the entries that begin blocks, where rows are looked for.
      poke<std::uint64_t>(bytes, 256 + (1 << 20), random(round) % 1500);
    });
    bool refused = false;
    for (int rank = 0; rank < 4; ++rank) {
      try {
        open_gsk((scratch / "bad.gsk").string(), {rank, 4})->read_edges([](EdgeChunk&&) {});
      } catch (const InputError&) {
        refused = true;
      }
    }
    CHECK(refused);
  }
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
