// What load_graph promises, checked from the outside on small graphs: the parts of all ranks are gathered and held
// against the plain list of edges. Under every placement and policy.
// ctest: TIMEOUT 300

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/gasket.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/dealt_source.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/world.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

struct Arc {
  GlobalId source = 0;
  GlobalId target = 0;
  double weight = 0;  // 0 in a graph without weights
  auto operator<=>(const Arc&) const = default;
};

// The graph that must come out, worked out with sets and sorting.
struct Expected {
  Expected(const PlainGraph& plain, bool weighted, const LoadOptions& options) {
    std::set<ExternalId> names(plain.listed.begin(), plain.listed.end());
    for (const PlainEdge& e : plain.edges) names.insert({e.source, e.target});
    ids.assign(names.begin(), names.end());
    std::map<ExternalId, GlobalId> index;
    for (const ExternalId id : ids) index.emplace(id, index.size());
    for (const PlainEdge& e : plain.edges) {
      Arc arc{index[e.source], index[e.target], weighted ? e.weight : 0};
      if (options.drop_self_loops && arc.source == arc.target) {
        ++self_loops_dropped;
        continue;
      }
      if (options.undirected && arc.source > arc.target) std::swap(arc.source, arc.target);
      arcs.push_back(arc);
    }
    std::ranges::sort(arcs);
    if (options.drop_duplicates) {
      const auto last = std::unique(arcs.begin(), arcs.end(), [](const Arc& a, const Arc& b) {
        return a.source == b.source && a.target == b.target;  // the lightest comes first and stays
      });
      duplicates_dropped = static_cast<EdgeCount>(arcs.end() - last);
      arcs.erase(last, arcs.end());
    }
    edges = arcs.size();
    if (options.undirected)
      for (std::size_t i = 0; i < edges; ++i)
        if (arcs[i].source != arcs[i].target) arcs.push_back({arcs[i].target, arcs[i].source, arcs[i].weight});
    std::ranges::sort(arcs);
  }

  std::vector<ExternalId> ids;
  std::vector<Arc> arcs;
  EdgeCount edges = 0;
  EdgeCount self_loops_dropped = 0;
  EdgeCount duplicates_dropped = 0;
};

// The arcs of all ranks; `by_target` says what the rows are keyed by. Checks the order within rows.
std::vector<Arc> all_arcs(const DistributedGraph& graph, const Adjacency& rows, bool by_target) {
  REQUIRE(rows.rows() == graph.locals());
  REQUIRE(rows.weights.size() == (graph.weighted() ? rows.arcs() : 0));
  REQUIRE(rows.offsets[0] == 0);
  REQUIRE(rows.offsets[rows.rows()] == rows.arcs());
  std::vector<Arc> arcs;
  bool sorted = true;
  for (LocalId v = 0; v < rows.rows(); ++v)
    for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i) {
      const LocalId u = rows.neighbours[i];
      REQUIRE(u < graph.locals());
      const double weight = graph.weighted() ? rows.weights[i] : 0;
      if (i > rows.offsets[v]) {
        const LocalId before = rows.neighbours[i - 1];
        sorted = sorted && (before < u || (before == u && (!graph.weighted() || rows.weights[i - 1] <= weight)));
      }
      const GlobalId row = graph.global_id(v), neighbour = graph.global_id(u);
      arcs.push_back(by_target ? Arc{neighbour, row, weight} : Arc{row, neighbour, weight});
    }
  CHECK(sorted);
  arcs = from_all(arcs);
  std::ranges::sort(arcs);
  return arcs;
}

void check_whole(const DistributedGraph& graph, const Expected& expected) {
  CHECK(graph.vertices() == expected.ids.size());
  CHECK(graph.edges() == expected.edges);
  CHECK(graph.arcs() == expected.arcs.size());
  CHECK(graph.counts().edges_read == expected.edges + expected.self_loops_dropped + expected.duplicates_dropped);
  CHECK(graph.counts().self_loops_dropped == expected.self_loops_dropped);
  CHECK(graph.counts().duplicates_dropped == expected.duplicates_dropped);
  if (graph.has_by_target()) CHECK(all_arcs(graph, graph.by_target(), true) == expected.arcs);
  if (graph.has_by_source()) CHECK(all_arcs(graph, graph.by_source(), false) == expected.arcs);
}

void check_masters(const DistributedGraph& graph, const Expected& expected) {
  struct Master {
    GlobalId vertex;
    ExternalId id;
    std::uint32_t in_degree, out_degree;
    auto operator<=>(const Master&) const = default;
  };
  std::vector<Master> masters;
  for (LocalId v = 0; v < graph.masters(); ++v) {
    masters.push_back({graph.global_id(v), graph.external_id(v), graph.in_degree(v), graph.out_degree(v)});
  }
  if (graph.order() == VertexOrder::input) CHECK(std::ranges::is_sorted(masters, {}, &Master::vertex));
  masters = from_all(masters);
  std::ranges::sort(masters);
  std::vector<Master> wanted;
  for (GlobalId v = 0; v < expected.ids.size(); ++v) wanted.push_back({v, expected.ids[v], 0, 0});
  for (const Arc& arc : expected.arcs) {
    ++wanted[arc.source].out_degree;
    ++wanted[arc.target].in_degree;
  }
  CHECK(masters == wanted);  // each vertex once, hence one master each
}

// The groups of the ghosts are what the local arcs make of them, and both sides of the plan list the same vertices.
void check_ghosts(const DistributedGraph& graph) {
  enum : int { target_only, both, source_only };
  std::vector<char> is_source(graph.locals()), is_target(graph.locals());
  const Adjacency& rows = graph.has_by_target() ? graph.by_target() : graph.by_source();
  for (LocalId v = 0; v < rows.rows(); ++v)
    for (const LocalId u : rows.row(v)) {
      is_source[graph.has_by_target() ? u : v] = 1;
      is_target[graph.has_by_target() ? v : u] = 1;
    }

  struct Copy {
    int holder, owner, group;
    std::uint64_t position;
    GlobalId vertex;
    auto operator<=>(const Copy&) const = default;
  };
  std::vector<Copy> held, owned;
  const Communicator& comm = graph.communicator();
  std::size_t next = graph.masters();
  int last_step = 0;
  for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) {
    const int step = (peer.rank - comm.rank() + comm.size()) % comm.size();
    CHECK(step > last_step);  // ring order, never oneself
    last_step = step;
    CHECK(peer.ghosts.end - peer.ghosts.targets + peer.masters.size() > 0);

    CHECK(peer.ghosts.targets == next);  // the ghosts of all peers follow each other without a gap
    next = peer.ghosts.end;
    CHECK(peer.copies.targets == 0);
    CHECK(peer.copies.end == peer.masters.size());
    const auto group_of = [](const GhostPlan::Groups& groups, std::size_t at) {
      return at < groups.both ? target_only : at < groups.sources ? both : source_only;
    };
    for (std::size_t at = peer.ghosts.targets; at < peer.ghosts.end; ++at) {
      const auto ghost = static_cast<LocalId>(at);
      const int group = group_of(peer.ghosts, at);
      CHECK((is_source[ghost] != 0) == (group != target_only));
      CHECK((is_target[ghost] != 0) == (group != source_only));
      if (graph.order() == VertexOrder::input && at > peer.ghosts.targets && group == group_of(peer.ghosts, at - 1))
        CHECK(graph.global_id(ghost - 1) < graph.global_id(ghost));
      held.push_back({comm.rank(), peer.rank, group, at - peer.ghosts.targets, graph.global_id(ghost)});
    }
    for (std::size_t at = 0; at < peer.masters.size(); ++at) {
      REQUIRE(peer.masters[at] < graph.masters());
      if (at > 0 && group_of(peer.copies, at) == group_of(peer.copies, at - 1))
        CHECK(peer.masters[at] > peer.masters[at - 1]);
      owned.push_back({peer.rank, comm.rank(), group_of(peer.copies, at), at, graph.global_id(peer.masters[at])});
    }
  }
  CHECK(next == graph.locals());
  held = from_all(held);
  owned = from_all(owned);
  std::ranges::sort(held);
  std::ranges::sort(owned);
  CHECK(held == owned);
}

void check_quality(const DistributedGraph& graph) {
  const Adjacency& rows = graph.has_by_target() ? graph.by_target() : graph.by_source();
  const auto balance = [](std::uint64_t mine) {
    double most = 0, total = 0;
    for (const std::uint64_t part : world().all_gather(mine)) {
      most = std::max(most, static_cast<double>(part));
      total += static_cast<double>(part);
    }
    return total == 0 ? 1 : most / (total / world().size());
  };
  const PlacementQuality& quality = graph.quality();
  CHECK(quality.edge_balance == Approx(balance(rows.arcs())).epsilon(1e-12));
  CHECK(quality.vertex_balance == Approx(balance(graph.locals())).epsilon(1e-12));
  CHECK(quality.master_balance == Approx(balance(graph.masters())).epsilon(1e-12));
  const auto copies = static_cast<double>(world().sum<std::uint64_t>(graph.locals()));
  CHECK(quality.replication_factor == Approx(copies / static_cast<double>(graph.vertices())).epsilon(1e-12));
}

void check_ids(const DistributedGraph& graph, const Expected& expected) {
  CHECK(graph.ids().count() == expected.ids.size());
  Communicator& comm = world();
  for (const GlobalId v : {GlobalId{0}, GlobalId{expected.ids.size() / 2}, GlobalId{expected.ids.size() - 1}})
    CHECK(graph.ids().find(comm, expected.ids[v]) == v);
  for (const ExternalId id :
       {ExternalId{0}, ExternalId{4}, expected.ids.back() / 2, expected.ids.back() + 1, ~ExternalId{0}}) {
    const auto at = std::ranges::lower_bound(expected.ids, id);
    const bool is_there = at != expected.ids.end() && *at == id;
    CHECK(graph.ids().find(comm, id).has_value() == is_there);
  }
  // Each rank asks for others, in any order, some twice, rank 0 for none.
  std::vector<GlobalId> asked;
  for (std::size_t i = 0; i < 3 * static_cast<std::size_t>(comm.rank()); ++i)
    asked.push_back((i * 7 + 3) % expected.ids.size());
  const BigArray<ExternalId> answers = graph.ids().external(comm, asked);
  REQUIRE(answers.size() == asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) CHECK(answers[i] == expected.ids[asked[i]]);
}

void check_all(const DistributedGraph& graph, const Expected& expected) {
  check_whole(graph, expected);
  check_masters(graph, expected);
  check_ghosts(graph);
  check_quality(graph);
  check_ids(graph, expected);
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(
      {"duplicates in both orders", {{1, 2, 4}, {1, 2, 3}, {2, 1, 2}, {1, 2, 3}, {3, 3, 2}, {3, 3, 1}, {2, 3, 0}}});
  graphs.push_back({"the highest id alone", {{~ExternalId{0}, ~ExternalId{0}}}});
  graphs.push_back(random_graph(60, 200, 7));
  graphs.push_back(random_graph(400, 1500, 8, 3));
  graphs.push_back(random_graph(300, 900, 9, std::uint64_t{1} << 50));
  return graphs;
}

}  // namespace

TEST_CASE("a loaded graph is the input's, whole and once, under every placement and policy") {
  for (const PlainGraph& plain : all_graphs())
    for (const PlacementInfo& placement : placements())
      for (int policy = 0; policy < 32; ++policy) {
        // Three stand for all, but for how equal edges meet.
        const bool all_policies =
            placement.name == "dbh" || placement.name == "random" || placement.name == "contiguous";
        if (!all_policies && (policy & (4 | 2 | 16)) != 4) continue;
        const bool weighted = (policy & 8) != 0;
        LoadOptions options;
        options.undirected = (policy & 1) != 0;
        options.drop_self_loops = (policy & 2) != 0;
        options.drop_duplicates = (policy & 4) != 0;
        options.order = (policy & 16) != 0 ? VertexOrder::degree : VertexOrder::input;
        options.placement = placement.name;
        CAPTURE(plain.name, placement.name, weighted, options.undirected, options.drop_self_loops,
                options.drop_duplicates, options.order);
        DealtSource source(plain, weighted);
        const DistributedGraph graph = load_graph(world(), source, options);
        CHECK(graph.directed() == !options.undirected);
        CHECK(graph.weighted() == weighted);
        CHECK(graph.order() == options.order);
        check_all(graph, Expected(plain, weighted, options));
      }
}

TEST_CASE("only the rows that were asked for are kept, and they are the same") {
  const PlainGraph plain = random_graph(200, 800, 11);
  for (const PlacementInfo& placement : placements().first(3))
    for (const bool undirected : {false, true})
      for (const AdjacencyNeed need :
           {AdjacencyNeed{true, true}, AdjacencyNeed{true, false}, AdjacencyNeed{false, true}}) {
        CAPTURE(placement.name, undirected, need.by_target, need.by_source);
        LoadOptions options;
        options.undirected = undirected;
        options.placement = placement.name;
        options.need = need;
        DealtSource source(plain);
        const DistributedGraph graph = load_graph(world(), source, options);
        CHECK((graph.has_by_target() || !need.by_target));
        CHECK((graph.has_by_source() || !need.by_source));
        if (!undirected) {
          CHECK(graph.has_by_target() == need.by_target);
          CHECK(graph.has_by_source() == need.by_source);
        }
        check_all(graph, Expected(plain, true, options));
      }
}

TEST_CASE("a source may count its vertices, and say how its edges are meant") {
  const PlainGraph plain{"counted", {{0, 6, 1}, {6, 3, 2}, {3, 0, 3}}};
  PlainGraph listed = plain;
  for (ExternalId v = 0; v < 12; ++v) listed.listed.push_back(v);
  for (const PlacementInfo& placement : placements().first(3)) {
    CAPTURE(placement.name);
    DealtSource source(plain);
    source.vertices = 12;
    source.says_directed = false;
    LoadOptions options;
    options.placement = placement.name;
    const DistributedGraph graph = load_graph(world(), source, options);
    CHECK_FALSE(graph.directed());
    options.undirected = true;
    check_all(graph, Expected(listed, true, options));
  }
}

TEST_CASE("what cannot be loaded is refused with the same error on every rank") {
  const auto refused = [](DealtSource& source, const std::string& placement, ExitCode code, const std::string& words) {
    LoadOptions options;
    options.placement = placement;
    try {
      load_graph(world(), source, options);
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(error.code() == code);
      CHECK((error.agreed() || code == ExitCode::usage));
      CHECK_THAT(error.what(), Catch::Contains(words));
    }
  };
  const PlainGraph nothing{"nothing", {}};
  DealtSource empty(nothing);
  refused(empty, "random", ExitCode::bad_input, "nothing");
  const PlainGraph pair{"pair", {{1, 2}, {2, 1}, {1, 2}, {2, 1}}};
  DealtSource misplaced(pair);
  refused(misplaced, "alphabetical", ExitCode::usage, "contiguous");
  for (int rank = 0; rank < world().size(); ++rank) {
    DealtSource failing(pair);
    failing.failing_rank = rank;
    refused(failing, "dbh", ExitCode::bad_input, "line 12 is bad");
  }
  DealtSource overcounted(pair);
  overcounted.vertices = 2;
  refused(overcounted, "dbh", ExitCode::bad_input, "pair");
  const PlainGraph unlisted{"unlisted", {{1, 2}, {2, 77}, {2, 1}}, {1, 2, 3}};
  DealtSource stranger(unlisted);
  refused(stranger, "dbh", ExitCode::bad_input, "77");
  const PlainGraph far{"far", {{1, 2}, {2, ~ExternalId{0}}}, {1, 2, 3}};
  DealtSource far_stranger(far);
  refused(far_stranger, "dbh", ExitCode::bad_input, "18446744073709551615");
}
