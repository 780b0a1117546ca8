// Weakly connected components against Boost.Graph and the vertex program: on named, random, long, flat and split
// graphs, directed and undirected, under several placements and orders of vertices, on 1 and 2 threads, with the names
// that ranks share joined by every rank and in rounds.
// ctest: TIMEOUT 900

#include <catch2/catch.hpp>
#include <set>

#include "apps/wcc.hpp"
#include "engine/component_names.hpp"
#include "engine/components.hpp"
#include "engine/output.hpp"
#include "engine/sync_engine.hpp"
#include "engine/union_find.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/far_from_masters.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

PlainGraph grid(ExternalId width, ExternalId height) {
  PlainGraph graph{"grid", {}};
  for (ExternalId y = 0; y < height; ++y)
    for (ExternalId x = 0; x < width; ++x) {
      if (x + 1 < width) graph.edges.push_back({y * width + x, y * width + x + 1});
      if (y + 1 < height) graph.edges.push_back({(y + 1) * width + x, y * width + x});
    }
  return graph;
}

// A path whose vertices are numbered in no order, with arcs in both directions.
PlainGraph scattered_path(std::uint32_t vertices) {
  PlainGraph graph{"scattered path", {}};
  std::vector<ExternalId> order;
  for (std::uint32_t v = 0; v < vertices; ++v) order.push_back(v);
  std::ranges::sort(order, {}, [](ExternalId v) { return mix(v); });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const bool forward = mix(i) % 2 == 0;
    graph.edges.push_back({order[forward ? i - 1 : i], order[forward ? i : i - 1]});
  }
  return graph;
}

// A giant component, whose vertices have the larger ids, and many small ones; arcs into and out of the giant.
PlainGraph giant_and_crumbs() {
  PlainGraph graph = random_graph(2000, 12000, 5);
  graph.name = "giant and crumbs";
  for (PlainEdge& edge : graph.edges) {
    edge.source += 3000;
    edge.target += 3000;
  }
  for (ExternalId v = 0; v < 2990; ++v) {
    const std::uint64_t random = mix(v);
    if (random % 4 == 0) graph.edges.push_back({v, v + 1 + random % 7});
    if (random % 32 == 1) graph.edges.push_back({v, 3000 + random % 2000});
    if (random % 32 == 2) graph.edges.push_back({3000 + random % 2000, v});
  }
  return graph;
}

// Two dense components, of which contiguous parts make each the giant of other ranks, and a third beside them that lies
// half with one and half with the other; `bridges` edges between the first two.
PlainGraph halves(std::uint32_t bridges) {
  PlainGraph graph = random_graph(1500, 6000, 6);
  graph.name = "halves";
  const std::size_t half = graph.edges.size();
  for (std::size_t i = 0; i < half; ++i)
    graph.edges.push_back({graph.edges[i].source + 2000, graph.edges[i].target + 2000});
  for (ExternalId v = 1500; v < 1999; ++v) {
    graph.edges.push_back({v, v + 2000});
    if (v > 1500) graph.edges.push_back({v - 1, v});
  }
  for (std::uint32_t b = 0; b < bridges; ++b) graph.edges.push_back({mix(b) % 1500, 2000 + mix(b + 100) % 1500});
  return graph;
}

// A long band of many layers, each joined with the next only, numbered in no order: nobody's first neighbours lead far.
PlainGraph band(std::uint32_t layers, std::uint32_t width) {
  PlainGraph graph{"band", {}};
  const auto id = [&](std::uint32_t layer, std::uint32_t i) {
    return (ExternalId{layer} * width + i) * 7919 % 1000003;
  };
  for (std::uint32_t layer = 1; layer < layers; ++layer)
    for (std::uint32_t i = 0; i < 2 * width; ++i)
      graph.edges.push_back(
          {id(layer - 1, i % width), id(layer, static_cast<std::uint32_t>(mix(layer * 131 + i) % width))});
  return graph;
}

// Low ids on one side, high ones on the other, and a loop at every vertex, which is its first neighbour on one side.
PlainGraph looped_sides() {
  PlainGraph graph{"looped sides", {}};
  for (ExternalId v = 0; v < 600; ++v) {
    graph.edges.push_back({v, v});
    for (std::uint64_t i = 0; i < 3; ++i) graph.edges.push_back({v % 300, 300 + mix(v * 3 + i) % 290});
  }
  return graph;
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(1000, 700, 2));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  graphs.push_back(random_graph(20000, 15000, 4));
  graphs.push_back(grid(60, 40));
  graphs.push_back(grid(3000, 2));
  graphs.push_back(scattered_path(5000));
  graphs.push_back(giant_and_crumbs());
  graphs.push_back(halves(0));
  graphs.push_back(halves(1));
  graphs.push_back(band(2500, 4));
  graphs.push_back(looped_sides());
  return graphs;
}

template <class T>
std::vector<T> collect(const DistributedGraph& graph, const BigArray<T>& values) {
  const ValueSlice<T> slice = slice_by_id(graph, values);
  return world().all_gather_spans(std::span<const T>(slice.values.span()));
}

struct How {
  bool undirected = false;
  std::string_view placement = "dbh";
  VertexOrder order = VertexOrder::automatic;
  AdjacencyNeed need = components_need();
  const PlacementInfo* strategy = nullptr;
};

DistributedGraph load(const PlainGraph& plain, const How& how) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = how.undirected;
  options.placement = how.placement;
  options.order = how.order;
  options.need = how.need;
  options.strategy = how.strategy;
  return load_graph(world(), source, options);
}

}  // namespace

TEST_CASE("components are exact") {
  for (const PlainGraph& plain : all_graphs()) {
    const std::vector<GlobalId> expected = Oracle(plain, true).components();
    for (const bool undirected : {false, true})
      for (const PlacementInfo& placement : placements().first(3))
        for (const VertexOrder order : {VertexOrder::input, VertexOrder::degree})
          for (const AdjacencyNeed need : {components_need(), AdjacencyNeed{true, false}, AdjacencyNeed{false, true}}) {
            const DistributedGraph graph = load(plain, {undirected, placement.name, order, need});
            for (const int threads : {1, 2})
              for (const std::uint64_t gathered : {0, 1 << 22}) {
                CAPTURE(plain.name, undirected, placement.name, static_cast<int>(order), threads, gathered);
                parallel::set_threads(threads);
                const auto narrow = find_components<std::uint32_t>(graph, {.gathered_pairs = gathered});
                CHECK(narrow.labels.size() == graph.masters());
                CHECK(std::ranges::equal(collect(graph, narrow.labels), expected));
                if (threads == 2) continue;
                const auto wide = find_components<std::uint64_t>(graph, {.gathered_pairs = gathered});
                CHECK(collect(graph, wide.labels) == expected);
              }
            parallel::set_threads(1);
          }
  }
}

TEST_CASE("components are exact wherever arcs lie") {
  for (const PlainGraph& plain : all_graphs()) {
    const std::vector<GlobalId> expected = Oracle(plain, true).components();
    for (const bool undirected : {false, true})
      for (const bool by_target : {true, false}) {
        CAPTURE(plain.name, undirected, by_target);
        How how{.undirected = undirected, .need = {by_target, !by_target}, .strategy = &own_strategy<FarFromMasters>};
        for (const Leads leads : {Leads::none, by_target ? Leads::by_target : Leads::by_source}) {
          CAPTURE(static_cast<int>(leads));
          How there = how;
          there.order = leads == Leads::none ? VertexOrder::input : VertexOrder::degree;
          there.need.leads = leads;
          const DistributedGraph far = load(plain, there);
          CHECK(collect(far, find_components<std::uint64_t>(far).labels) == expected);
        }
        if (!by_target) continue;
        how.strategy = nullptr;
        for (const std::string_view placement : {"source", "target", "hdrf", "cvc", "auto"}) {
          CAPTURE(placement);
          how.placement = placement;
          const DistributedGraph graph = load(plain, how);
          CHECK(collect(graph, find_components<std::uint64_t>(graph).labels) == expected);
        }
      }
  }
}

TEST_CASE("components of a large graph, with a row cut in pieces, are exact on any threads") {
  PlainGraph plain = random_graph(400000, 350000, 7);
  for (ExternalId leaf = 0; leaf < 300000; ++leaf) plain.edges.push_back({leaf, 500000});
  const std::vector<GlobalId> expected = Oracle(plain, true).components();
  for (const std::string_view placement : {"dbh", "contiguous"})
    for (const bool undirected : {false, true}) {
      const DistributedGraph graph = load(plain, {.undirected = undirected, .placement = placement});
      for (const int threads : {1, 2, 4}) {
        CAPTURE(placement, undirected, threads);
        parallel::set_threads(threads);
        CHECK(collect(graph, find_components<std::uint64_t>(graph).labels) == expected);
      }
      parallel::set_threads(1);
    }
}

TEST_CASE("components of one giant on all ranks are exact on any threads") {
  PlainGraph plain = random_graph(200000, 1000000, 9);
  for (ExternalId v = 0; v < 3000; ++v)
    plain.edges.push_back({300000 + v, v % 3 == 0 ? mix(v) % 200000 : 300000 + v / 2});
  const std::vector<GlobalId> expected = Oracle(plain, true).components();
  for (const std::string_view placement : {"contiguous", "target", "source"}) {
    const DistributedGraph graph = load(plain, {.undirected = true, .placement = placement});
    for (const int threads : {1, 2, 4}) {
      CAPTURE(placement, threads);
      parallel::set_threads(threads);
      CHECK(collect(graph, find_components<std::uint64_t>(graph).labels) == expected);
    }
    parallel::set_threads(1);
  }
}

TEST_CASE("components around the point where a giant comes to be are exact") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto vertices = static_cast<std::uint32_t>(100 + 40 * (seed % 7));
    const PlainGraph plain = random_graph(vertices, vertices * (6 + seed) / 20, 100 + seed);
    const std::vector<GlobalId> expected = Oracle(plain, true).components();
    for (const std::string_view placement : {"contiguous", "source", "target"})
      for (const VertexOrder order : {VertexOrder::input, VertexOrder::degree}) {
        CAPTURE(seed, placement, static_cast<int>(order));
        const DistributedGraph graph = load(plain, {.undirected = true, .placement = placement, .order = order});
        CHECK(collect(graph, find_components<std::uint64_t>(graph).labels) == expected);
      }
  }
}

TEST_CASE("components are those of the vertex program") {
  for (const bool undirected : {false, true}) {
    const DistributedGraph graph =
        load(giant_and_crumbs(), {.undirected = undirected, .need = adjacency_need<Wcc<std::uint32_t>>()});
    const auto program = run_sync(graph, Wcc<std::uint32_t>());
    CHECK(std::ranges::equal(find_components<std::uint32_t>(graph).labels, program.values));
  }
}

TEST_CASE("sets joined by several workers at once are the sets of the pairs") {
  constexpr LocalId kSize = 50000;
  for (const int threads : {1, 2, 4}) {
    parallel::set_threads(threads);
    UnionFind sets(kSize);
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> plain(kSize);
    const auto partner = [](LocalId v, std::uint32_t i) { return spread(mix(2 * v + i), kSize); };
    for (LocalId v = 0; v < kSize; ++v) {
      sets.begin(v, v);
      if (v % 3 == 0) boost::add_edge(v, partner(v, 0), plain);
      if (v % 2 == 0) boost::add_edge(v, partner(v, 1), plain);
    }
    parallel::for_ranges(kSize, 64, [&](std::size_t begin, std::size_t end) {
      for (auto v = static_cast<LocalId>(begin); v < end; ++v) {
        if (v % 3 == 0) sets.join(v, partner(v, 0));
        if (v % 2 == 0) sets.join(v, partner(v, 1));
      }
    });
    std::vector<LocalId> component(kSize);
    std::vector<LocalId> smallest(boost::connected_components(plain, component.data()), kSize);
    for (LocalId v = kSize; v-- > 0;) smallest[component[v]] = v;
    bool equal = true;
    for (LocalId v = 0; v < kSize; ++v) equal = equal && sets.flatten(v) == smallest[component[v]];
    CHECK(equal);
  }
  parallel::set_threads(1);
}

namespace {

// Each name but the last is paired with the next, on any rank.
template <class Name, class NameAt>
void check_chain(std::uint64_t count, const NameAt& name) {
  const auto mine = static_cast<std::uint64_t>(world().rank()), ranks = static_cast<std::uint64_t>(world().size());
  Name smallest = name(0);
  for (std::uint64_t i = 0; i < count; ++i) smallest = std::min(smallest, name(i));
  for (const std::uint64_t gathered : {std::uint64_t{0}, count}) {
    std::vector<NamePair<Name>> pairs;
    for (std::uint64_t i = mine; i + 1 < count; i += ranks)
      pairs.push_back({std::min(name(i), name(i + 1)), std::max(name(i), name(i + 1))});
    const JoinedNames<Name> joined(world(), std::move(pairs), gathered);
    CHECK(joined.rounds() < 20);
    std::vector<Name> names{name(mine), name(count - 1), 17, 17};
    joined.resolve(names);
    CHECK(names == std::vector<Name>{smallest, smallest, 17, 17});
  }
}

}  // namespace

TEST_CASE("a chain of names of any length is joined in few rounds") {
  check_chain<std::uint64_t>(20000, [](std::uint64_t i) { return mix(i); });
  // The last names of 32 bits, and of 64.
  check_chain<std::uint32_t>(3001, [](std::uint64_t i) { return ~static_cast<std::uint32_t>(i * 7 % 3001); });
  check_chain<std::uint64_t>(3001, [](std::uint64_t i) { return ~(i * 7 % 3001); });
}
