// The same graph in every format is the same graph: vertices by the file's ids, arcs and weights, on any ranks and
// threads. What is wrong with a file is said with its place; no damage brings a rank down.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

#include "engine/output.hpp"
#include "partition/io/atomic_file.hpp"
#include "partition/io/open.hpp"
#include "partition/io/text_source.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "tests/support/format_writers.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/world.hpp"

using namespace gasket;
using test::WrittenEdge;
using test::WrittenGraph;

namespace {

// A folder in which rank 0 writes what all read.
class SharedFolder {
 public:
  SharedFolder() {
    std::vector<char> path;
    if (world().rank() == 0) {
      folder_.emplace();
      const std::string text = folder_->path().string();
      path.assign(text.begin(), text.end());
    }
    world().broadcast(path, 0);
    path_ = std::string(path.begin(), path.end());
  }
  std::string write(const std::string& name, const std::string& bytes) const {
    world().sum(0);  // after everybody's reading
    const std::string path = path_ + "/" + name;
    if (world().rank() == 0) {
      std::filesystem::remove(path);
      if (path.ends_with(".gz") || path.ends_with(".zst")) {
        AtomicFile file(path);
        file.write(bytes);
        file.commit();
      } else {
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      }
    }
    world().sum(0);
    return path;
  }

 private:
  std::optional<ScratchFolder> folder_;
  std::string path_;
};

WrittenGraph random_graph(std::uint64_t vertices, std::size_t edges, std::uint32_t seed, bool undirected) {
  std::mt19937 random(seed);
  std::set<std::pair<std::uint64_t, std::uint64_t>> taken;
  WrittenGraph graph{vertices, {}};
  while (graph.edges.size() < edges) {
    std::uint64_t u = random() % (vertices - 2) + 1, v = random() % (vertices - 2) + 1;  // the last two have no edge
    if (undirected && u > v) std::swap(u, v);
    if (u != v && taken.insert({u, v}).second)
      graph.edges.push_back({u, v, static_cast<std::int32_t>(random() % 100 + 1)});
  }
  return graph;
}

struct Loaded {
  std::vector<ExternalId> vertices;
  std::vector<WrittenEdge> arcs;  // weight 0 where there are none
  bool directed = false, weighted = false;

  bool operator==(const Loaded&) const = default;
};

// What all ranks hold together.
Loaded gather(const DistributedGraph& graph) {
  Communicator& comm = world();
  Loaded all;
  all.directed = graph.directed();
  all.weighted = graph.weighted();
  all.vertices = comm.all_gather_spans(graph.external_ids());
  std::sort(all.vertices.begin(), all.vertices.end());
  const BigArray<ExternalId> ids = graph.ids().external(comm, graph.global_ids());
  std::vector<WrittenEdge> mine;
  const Adjacency& rows = graph.by_target();
  for (LocalId v = 0; v < rows.rows(); ++v)
    for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i)
      mine.push_back(
          {ids[rows.neighbours[i]], ids[v], graph.weighted() ? static_cast<std::int32_t>(rows.weights[i]) : 0});
  all.arcs = comm.all_gather_spans(std::span<const WrittenEdge>(mine));
  std::sort(all.arcs.begin(), all.arcs.end());
  return all;
}

Loaded load(EdgeSource& source, const std::string& placement = "dbh") {
  LoadOptions options;
  options.placement = placement;
  return gather(load_graph(world(), source, options));
}

Loaded expected_of(const WrittenGraph& graph, bool directed, bool weighted, std::uint64_t first = 1,
                   bool with_lone = true) {
  Loaded all{{}, {}, directed, weighted};
  std::set<ExternalId> vertices;
  for (std::uint64_t v = 0; with_lone && v < graph.vertices; ++v) vertices.insert(v + first);
  for (const WrittenEdge& e : graph.edges) {
    const WrittenEdge shown{e.source + first - 1, e.target + first - 1, weighted ? e.weight : 0};
    vertices.insert(shown.source);
    vertices.insert(shown.target);
    all.arcs.push_back(shown);
    if (!directed) all.arcs.push_back({shown.target, shown.source, shown.weight});
  }
  std::sort(all.arcs.begin(), all.arcs.end());
  all.vertices.assign(vertices.begin(), vertices.end());
  return all;
}

// Loads a text in small blocks and large, plain and compressed.
void check_text(const SharedFolder& folder, const std::string& name, const std::string& text, bool weights,
                const Loaded& expected) {
  struct Way {
    std::string suffix;
    std::size_t block;
    int threads;
  };
  for (const Way& way :
       {Way{"", 16, 1}, Way{"", 200, 2}, Way{"", 1u << 20, 1}, Way{".gz", 16, 2}, Way{".zst", 1u << 20, 1}}) {
    CAPTURE(name + way.suffix, way.block, way.threads);
    const std::string path = folder.write(name + way.suffix, text);
    parallel::set_threads(way.threads);
    const auto source =
        open_text({.path = path, .read_weights = weights, .block_bytes = way.block}, {world().rank(), world().size()});
    CHECK(load(*source, way.block == 16 ? "random" : "dbh") == expected);
  }
  parallel::set_threads(1);
}

void check_file(const SharedFolder& folder, const std::string& name, const std::string& bytes, bool weights,
                const Loaded& expected) {
  const std::string path = folder.write(name, bytes);
  CAPTURE(name, weights);
  const auto source = open_source(world(), {.path = path, .weights = weights});
  CHECK(load(*source) == expected);
}

// The message of the error that loading ends with, the same on all ranks; "loaded" when it does not.
std::string error_of(const std::string& path, bool weights, const std::string& format = "auto", bool names = false) {
  try {
    const auto source = open_source(world(), {.path = path, .format = format, .names = names, .weights = weights});
    load_graph(world(), *source, {});
  } catch (const InputError& error) {
    CHECK(error.agreed());
    return error.what();
  }
  return "loaded";
}

}  // namespace

TEST_CASE("a directed graph is the same in every format") {
  const SharedFolder folder;
  const WrittenGraph graph = random_graph(40, 150, 1, false);
  const Loaded plain = expected_of(graph, true, false), weighted = expected_of(graph, true, true);
  const Loaded used = expected_of(graph, true, true, 1, false);
  check_text(folder, "g.txt", "# c\n" + edge_list(graph, " ", true), true, used);
  check_text(folder, "g.csv", "source,target,weight\n" + edge_list(graph, ",", true), true, used);
  check_text(folder, "real.mtx", matrix_market(graph, "real", "general"), true, weighted);
  check_text(folder, "integer.mtx", matrix_market(graph, "integer", "general"), false, plain);
  check_text(folder, "banner.data", matrix_market(graph, "pattern", "general"), true, plain);
  check_text(folder, "g.gr", dimacs(graph), true, weighted);
  check_text(folder, "problem.data", dimacs(graph), false, plain);
  check_text(folder, "g.adjlist", adjacency_list(graph, false), true, plain);
  check_text(folder, "colon.adjlist", adjacency_list(graph, true), true, plain);

  check_file(folder, "g.sg", test::gapbs(graph, true, false), false, expected_of(graph, true, false, 0));
  check_file(folder, "g.wsg", test::gapbs(graph, true, true), true, expected_of(graph, true, true, 0));
  check_file(folder, "g.wsg", test::gapbs(graph, true, true), false, expected_of(graph, true, false, 0));
  const Loaded bare = expected_of(graph, true, false, 1, false);
  check_file(folder, "g.bin32", test::pairs<std::uint32_t, float>(graph, false), true, bare);
  check_file(folder, "g.bin64", test::pairs<std::uint64_t, double>(graph, false), false, bare);
  check_file(folder, "g.wbin32", test::pairs<std::uint32_t, float>(graph, true), true, used);
  check_file(folder, "g.wbin64", test::pairs<std::uint64_t, double>(graph, true), true, used);
}

TEST_CASE("an undirected graph is the same in every format that can say so") {
  const SharedFolder folder;
  const WrittenGraph graph = random_graph(40, 120, 2, true);
  const Loaded plain = expected_of(graph, false, false), weighted = expected_of(graph, false, true);
  check_text(folder, "real.mtx", matrix_market(graph, "real", "symmetric"), true, weighted);
  check_text(folder, "pattern.mtx", matrix_market(graph, "pattern", "symmetric"), true, plain);
  check_text(folder, "g.graph", metis(graph, ""), true, plain);
  check_text(folder, "0.graph", metis(graph, "0"), false, plain);
  check_text(folder, "1.graph", metis(graph, "1"), true, weighted);
  check_text(folder, "001.graph", metis(graph, "001"), false, plain);
  check_text(folder, "11.metis", metis(graph, "11", 1), true, weighted);
  check_text(folder, "110.metis", metis(graph, "110", 3), true, plain);
  check_text(folder, "111.metis", metis(graph, "111", 2), true, weighted);
  check_file(folder, "g.sg", test::gapbs(graph, false, false), false, expected_of(graph, false, false, 0));
  check_file(folder, "g.wsg", test::gapbs(graph, false, true), true, expected_of(graph, false, true, 0));
}

TEST_CASE("a skew-symmetric matrix has two arcs per entry, and self loops are edges of a symmetric one") {
  const SharedFolder folder;
  const std::string skew = "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 2\n2 1 5\n3 2 -7\n";
  check_text(folder, "skew.mtx", skew, true, {{1, 2, 3}, {{1, 2, -5}, {2, 1, 5}, {2, 3, 7}, {3, 2, -7}}, true, true});
  const std::string loop = "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 2\n3 2\n";
  check_text(folder, "loop.mtx", loop, false, {{1, 2, 3}, {{2, 2, 0}, {2, 3, 0}, {3, 2, 0}}, false, false});
  check_text(folder, "loop.graph", "3 2\n\n2 3\n2\n", false,
             {{1, 2, 3}, {{2, 2, 0}, {2, 3, 0}, {3, 2, 0}}, false, false});
}

TEST_CASE("LDBC properties say whether a graph is directed and weighted, and where its files are") {
  const SharedFolder folder;
  const WrittenGraph graph = random_graph(30, 60, 3, true);
  std::string vertices;
  for (std::uint64_t v = 1; v <= graph.vertices; ++v) vertices += fmt::format("{}\n", v);
  folder.write("the-vertices", vertices);
  folder.write("the-edges.gz", edge_list(graph, " ", true));
  const auto properties = [&](const std::string& directed, const std::string& names, std::size_t edges) {
    return fmt::format(
        "# a graph\ngraph.g.vertex-file = the-vertices\ngraph.g.edge-file = the-edges\ngraph.g.meta.vertices = 30\n"
        "graph.g.meta.edges = {}\ngraph.g.directed = {}\n{}graph.g.bfs.source-vertex = 1\n",
        edges, directed, names);
  };
  const std::string weights = "graph.g.edge-properties.names = weight\ngraph.g.edge-properties.types = real\n";
  check_file(folder, "g.properties", properties("false", weights, 60), true, expected_of(graph, false, true));
  check_file(folder, "g.properties", properties("true", weights, 60), true, expected_of(graph, true, true));
  check_file(folder, "g.properties", properties("true", weights, 60), false, expected_of(graph, true, false));
  const std::string path = folder.write("g.properties", properties("true", weights, 61));
  CHECK_THAT(error_of(path, true), Catch::Contains("g.properties:5: announces 61 edges"));
  folder.write("g.properties", properties("perhaps", weights, 60));
  CHECK_THAT(error_of(path, true), Catch::Contains("g.properties:6: expected true or false, found 'perhaps'"));
  folder.write("g.properties", properties("true", "", 60));
  CHECK_THAT(error_of(path, true), Catch::Contains("the-edges.gz:1: expected two ids and no third column"));
  folder.write("g.properties", "graph.g.edge-file = nowhere\n");
  CHECK_THAT(error_of(path, true), Catch::Contains("g.properties:1: names 'nowhere', which is not there"));
}

TEST_CASE("strings as ids are numbered in the order of their bytes, on any ranks") {
  const SharedFolder folder;
  const WrittenGraph graph = random_graph(300, 2000, 4, false);
  const auto name = [](std::uint64_t v) {
    return fmt::format("{}:{}/\xc3\xa4", "zyx"[v % 3], std::string(v % 7, 'q') + std::to_string(v));
  };
  std::string edges, rows;
  std::set<std::string> names;
  std::vector<std::tuple<std::string, std::string, std::int32_t>> expected;
  for (const WrittenEdge& e : graph.edges) {
    edges += fmt::format("{}\t\"{}\"\t{}\n", name(e.source), name(e.target), e.weight);
    rows += fmt::format("{}: {}\n", name(e.source), name(e.target));
    names.insert({name(e.source), name(e.target)});
    expected.emplace_back(name(e.source), name(e.target), e.weight);
  }
  std::sort(expected.begin(), expected.end());
  const std::vector<std::string> order(names.begin(), names.end());
  for (const std::string file : {"g.tsv", "g.tsv.gz", "g.adjlist"}) {
    const bool list = file.ends_with("adjlist");
    const std::string path = folder.write(file, list ? rows : edges);
    for (const std::size_t block : {std::size_t{50}, std::size_t{1} << 20}) {
      CAPTURE(file, block);
      const auto source = open_text({.path = path, .read_weights = true, .names = true, .block_bytes = block},
                                    {world().rank(), world().size()});
      const DistributedGraph loaded = load_graph(world(), *source, {});
      REQUIRE(loaded.ids().are_names());
      REQUIRE(loaded.vertices() == order.size());
      std::vector<GlobalId> all(order.size());
      std::iota(all.begin(), all.end(), GlobalId{0});
      const IdTexts texts = loaded.ids().texts(world(), all);
      for (std::size_t v = 0; v < order.size(); ++v)
        if (texts[v] != order[v]) FAIL(texts[v] << " instead of " << order[v]);
      const Loaded arcs = gather(loaded);
      std::vector<std::tuple<std::string, std::string, std::int32_t>> found;
      for (const WrittenEdge& arc : arcs.arcs) found.emplace_back(order[arc.source], order[arc.target], arc.weight);
      std::sort(found.begin(), found.end());
      auto wanted = expected;
      if (list)
        for (auto& edge : wanted) std::get<2>(edge) = 0;
      CHECK(found == wanted);
      CHECK(loaded.ids().find(world(), order[17]) == 17);
      CHECK_FALSE(loaded.ids().find(world(), "nobody"));
      const std::string output = folder.write("ids", "");
      write_vertices(loaded, BigArray<GlobalId>(loaded.global_ids().first(loaded.masters())), output);
      std::string lines, text;
      for (const std::string& id : order) lines += id + " " + id + "\n";
      std::ifstream in(output);
      std::getline(in, text, '\0');
      CHECK(text == lines);
    }
  }
  const std::string quotes = folder.write("quotes.csv", "Source,Target\n\"Ada L\",Bob\n");
  CHECK_THAT(error_of(quotes, false, "auto", true),
             Catch::Contains("quotes.csv:2: expected a source id without separators"));
  const std::string lone = folder.write("lone.adjlist", "a b\nc\n");
  const auto source = open_source(world(), {.path = lone, .names = true});
  CHECK(load_graph(world(), *source, {}).vertices() == 3);
}

TEST_CASE("what is wrong with a file is said with its place") {
  const SharedFolder folder;
  const std::string banner = "%%MatrixMarket matrix coordinate ";
  struct Bad {
    std::string name, text, words;
  };
  const Bad cases[] = {
      {"a.mtx", "1 2\n", ":1: expected the banner"},
      {"b.mtx", "%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n", ":1: is a dense array"},
      {"c.mtx", banner + "complex general\n1 1 1\n1 1 0 1\n", ":1: has complex values"},
      {"d.mtx", banner + "real hermitian\n1 1 1\n1 1 0\n", ":1: expected general, symmetric or skew-symmetric"},
      {"e.mtx", banner + "real general\n2 3 1\n1 1 0\n", ":2: is a matrix of 2 rows and 3 columns"},
      {"f.mtx", banner + "real general\n% c\n2 2\n", ":3: expected rows, columns and entries"},
      {"g.mtx", banner + "real general\n", "expected a line with rows, columns and entries"},
      {"h.mtx", banner + "real general\n2 2 2\n1 1 1\n", ":2: announces 2 edges, the file has 1"},
      {"i.mtx", banner + "real general\n2 2 1\n1 1 1\n2 2 1\n", ":2: announces 1 edges, the file has 2"},
      {"j.mtx", banner + "real general\n2 2 2\n1 1 1\n2 3 1\n", ":4: expected a row and a column from 1 to 2, found 3"},
      {"k.mtx", banner + "real general\n2 2 2\n1 1 1\n0 1 1\n", ":4: expected a row and a column from 1 to 2, found 0"},
      {"l.mtx", banner + "real symmetric\n2 2 1\n1 2 1\n", ":3: expected an entry of the lower triangle"},
      {"m.mtx", banner + "real skew-symmetric\n2 2 1\n2 2 1\n", ":3: expected an entry below the diagonal"},
      {"n.mtx", banner + "pattern general\n2 2 1\n1 2 7\n",
       ":3: expected a row and a column, for the values are pattern"},
      {"o.mtx", banner + "real general\n2 2 2\n1 2 7\n2 1\n", ":4: expected a weight in the third column"},
      {"a.gr", "a 1 2 3\n", ":1: expected a problem line"},
      {"b.gr", "c\np max 2 1\na 1 2 3\n", ":2: is a DIMACS problem of another kind, 'max'"},
      {"c.gr", "p sp 2\n", ":1: expected 'p sp VERTICES ARCS'"},
      {"d.gr", "c\n", "expected a problem line"},
      {"e.gr", "p sp 2 2\na 1 2 3\n", ":1: announces 2 edges, the file has 1"},
      {"f.gr", "p sp 2 2\na 1 2 3\ne 2 1 3\n", ":3: expected an arc"},
      {"g.gr", "p sp 2 2\na 1 2 3\na 2 5 3\n", ":3: expected vertices from 1 to 2, found 5"},
      {"h.gr", "p sp 2 2\na 1 2 3\na 2 1\n", ":3: expected a weight in the third column"},
      {"a.graph", "3\n", ":1: expected 'VERTICES EDGES"},
      {"b.graph", "3 2 5\n", ":1: expected FMT"},
      {"c.graph", "3 2 0 1\n", ":1: expected as NCON"},
      {"d.graph", "% c\n3 2\n2\n1 3\n", ":2: announces 3 vertices, the file has lines for 2"},
      {"e.graph", "3 2\n2\n1 3\n2\n1\n", ":5: expected no line behind that of vertex 3"},
      {"f.graph", "3 2\n2\n% c\n1 4\n2\n", ":4: expected neighbours from 1 to 3, found 4"},
      {"g.graph", "3 2\n2\n1 x\n2\n", ":3: expected the id of a neighbour, found 'x'"},
      {"h.graph", "3 2 1\n2 5\n1 5 3\n2 4\n",
       ":3: expected the weight of an edge, which the header announces, found the end"},
      {"i.graph", "3 3\n2\n1 3\n2\n", ":1: announces 3 edges"},
      {"j.graph", "3 2\n2 3\n1\n2\n", ":1: the file has an edge on the line of one of its ends only"},
      {"k.graph", "3 2 1\n2 5\n1 5 3 6\n2 7\n", "or with two different weights"},
      {"l.graph", "3 2 10\nx 2\n1 1 3\n1 2\n", ":2: expected a weight of the vertex"},
      {"a.adjlist", "1 2\n3 4 x\n", ":2: expected the id of a neighbour, found 'x'"},
      {"b.adjlist", "1 2\nu: 4\n", ":2: expected a vertex id, found 'u:'"},
      {"c.adjlist", "1 2\n1:: 4\n", ":2: expected the id of a neighbour, found ':'"},
      {"third.txt", "1 2\n2 3\n3 4 5\n", ":3: expected two ids and no third column"},
      {"words.txt", "1 2\nann bob\n",
       ":2: expected a source id of digits only, found 'ann'; --ids string takes any words"},
      {"cut.bin32", "1234567", "has 7 bytes, expected a multiple of 8"},
      {"cut.bin64", "12345678", "has 8 bytes, expected a multiple of 16"},
      {"cut.sg", "12345678", "is not a .sg file"},
      {"odd.sg", std::string(17, '\xff'), "its header makes no sense"},
  };
  for (const Bad& bad : cases) {
    CAPTURE(bad.name);
    const std::string path = folder.write(bad.name, bad.text);
    const std::string error = error_of(path, true);
    CHECK_THAT(error, Catch::StartsWith(path));
    CHECK_THAT(error, Catch::Contains(bad.words));
    if (bad.name[0] > 'e' || bad.name.ends_with("sg") || bad.name.find(".bin") != std::string::npos) continue;
    const std::string packed = folder.write(bad.name + ".gz", bad.text);
    CHECK_THAT(error_of(packed, true), Catch::Contains(bad.words));
  }
}

TEST_CASE("a file that was cut or damaged is refused or read, and brings nothing down") {
  const SharedFolder folder;
  const WrittenGraph graph = random_graph(20, 40, 5, true);
  const std::pair<std::string, std::string> files[] = {
      {"g.mtx", matrix_market(graph, "real", "symmetric")},
      {"g.gr", dimacs(graph)},
      {"g.graph", metis(graph, "11", 1)},
      {"g.adjlist", adjacency_list(graph, true)},
      {"g.sg", test::gapbs(graph, false, false)},
      {"g.wsg", test::gapbs(graph, true, true)},
      {"g.wbin32", test::pairs<std::uint32_t, float>(graph, true)},
  };
  for (const auto& [name, bytes] : files) {
    CAPTURE(name);
    const bool binary = name.ends_with("sg");
    const bool counted = name != "g.adjlist" && name != "g.wbin32";
    for (std::size_t size = 0; size < bytes.size(); size += binary ? 11 : 5) {
      // Without its last line or more, a text that counts is incomplete; a binary file without its last byte.
      const bool incomplete = counted && (binary || bytes.find('\n', size) + 1 < bytes.size());
      const std::string error = error_of(folder.write(name, bytes.substr(0, size)), true);
      if (incomplete && error == "loaded") FAIL("cut to " << size << " bytes and loaded");
    }
    std::mt19937 random(6);
    for (int trial = 0; trial < 30; ++trial) {
      std::string damaged = bytes;
      for (std::uint32_t i = 0; i < 1 + random() % 3; ++i)
        damaged[random() % damaged.size()] =
            static_cast<char>(random() % 3 == 0 ? random() : "0123456789 \n:.-%c"[random() % 17]);
      error_of(folder.write(name, damaged), true);
    }
  }
}
