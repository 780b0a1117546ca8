// What load_graph promises, checked from the outside on small graphs: the parts of all ranks are gathered and held
// against the plain list of edges. Under every placement and policy, however the source deals its edges. ctest: TIMEOUT
// 300

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "engine/gasket.hpp"
#include "partition/io/generate.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

enum class Deal { first_rank, round_robin, blocks };

// Deals the edges of a graph to the ranks, with or without weights, in chunks of any length.
class DealtSource final : public EdgeSource {
 public:
  DealtSource(const PlainGraph& graph, bool weighted = true, Deal deal = Deal::round_robin, std::size_t chunk = 5)
      : graph_(graph), weighted_(weighted), deal_(deal), chunk_(chunk) {}

  std::optional<std::uint64_t> vertices{};  // what vertex_count() says
  std::optional<bool> says_directed{};
  int failing_rank = -1;

  std::string describe() const override { return graph_.name; }
  bool weighted() const override { return weighted_; }
  std::optional<bool> directed() const override { return says_directed; }
  std::optional<std::uint64_t> vertex_count() const override { return vertices; }
  bool lists_vertices() const override { return !graph_.listed.empty(); }
  void read_vertices(const VertexSink& sink) override {
    for (std::size_t i = 0; i < graph_.listed.size(); ++i)
      if (is_mine(i, graph_.listed.size())) sink(std::span(&graph_.listed[i], 1));
  }
  void read_edges(const ChunkSink& sink) override {
    if (world().rank() == failing_rank) throw InputError("line 12 is bad");
    std::vector<PlainEdge> mine;
    for (std::size_t i = 0; i < graph_.edges.size(); ++i)
      if (is_mine(i, graph_.edges.size())) mine.push_back(graph_.edges[i]);
    for (std::size_t begin = 0; begin < mine.size(); begin += chunk_)
      sink(chunk_of(std::span(mine).subspan(begin, std::min(chunk_, mine.size() - begin))));
  }

 private:
  bool is_mine(std::size_t index, std::size_t count) const {
    const auto rank = static_cast<std::size_t>(world().rank()), ranks = static_cast<std::size_t>(world().size());
    if (deal_ == Deal::first_rank) return rank == 0;
    return deal_ == Deal::round_robin ? index % ranks == rank : index * ranks / count == rank;
  }
  EdgeChunk chunk_of(std::span<const PlainEdge> edges) const {
    EdgeChunk chunk;
    const auto fill = [&]<class Id>(BigArray<Id>& pairs) {
      pairs = BigArray<Id>(2 * edges.size());
      for (std::size_t i = 0; i < edges.size(); ++i) {
        pairs[2 * i] = static_cast<Id>(edges[i].source);
        pairs[2 * i + 1] = static_cast<Id>(edges[i].target);
      }
    };
    if (std::ranges::all_of(edges, [](const PlainEdge& e) { return (e.source | e.target) >> 32 == 0; }))
      fill(chunk.narrow);
    else
      fill(chunk.wide);
    if (weighted_) {
      chunk.weights = BigArray<double>(edges.size());
      for (std::size_t i = 0; i < edges.size(); ++i) chunk.weights[i] = edges[i].weight;
    }
    return chunk;
  }

  const PlainGraph& graph_;
  bool weighted_;
  Deal deal_;
  std::size_t chunk_;
};

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

template <class T>
std::vector<T> from_all_ranks(const std::vector<T>& mine) {
  return world().all_gather_spans(std::span<const T>(mine));
}

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
  arcs = from_all_ranks(arcs);
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
  masters = from_all_ranks(masters);
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
      owned.push_back({peer.rank, comm.rank(), group_of(peer.copies, at), at, graph.global_id(peer.masters[at])});
    }
  }
  CHECK(next == graph.locals());
  held = from_all_ranks(held);
  owned = from_all_ranks(owned);
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

// Everything this rank holds, as one list of numbers: equal lists are equal graphs.
std::vector<std::uint64_t> contents(const DistributedGraph& graph) {
  std::vector<std::uint64_t> all{graph.masters(), graph.locals(), graph.edges(), graph.arcs()};
  const auto append = [&](const auto& values) {
    for (const auto& value : values) all.push_back(static_cast<std::uint64_t>(value));
  };
  append(graph.global_ids());
  for (LocalId v = 0; v < graph.locals(); ++v) all.push_back(graph.by_target().offsets[v]);
  append(graph.by_target().neighbours);
  for (EdgeCount i = 0; i < graph.by_target().weights.size(); ++i)
    all.push_back(std::bit_cast<std::uint64_t>(graph.by_target().weights[i]));
  for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) {
    append(std::initializer_list<std::size_t>{static_cast<std::size_t>(peer.rank), peer.ghosts.targets,
                                              peer.ghosts.both, peer.ghosts.sources, peer.ghosts.end});
    append(peer.masters);
  }
  return all;
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

TEST_CASE("neither the dealing of the edges, nor chunks, nor pieces, nor threads change a graph") {
  Communicator& comm = world();
  const std::size_t usual = comm.piece_limit();
  for (const PlainGraph& plain : {random_graph(400, 1500, 8), random_graph(300, 900, 9, std::uint64_t{1} << 50)})
    for (const PlacementInfo& placement : placements().first(3))
      for (const bool undirected : {false, true}) {
        LoadOptions options;
        options.undirected = undirected;
        options.order = VertexOrder::degree;
        options.placement = placement.name;
        DealtSource first(plain);
        const auto reference = contents(load_graph(comm, first, options));
        for (const Deal deal : {Deal::first_rank, Deal::round_robin, Deal::blocks})
          for (const std::size_t chunk : {1, 64, 100'000})
            for (const std::size_t limit : {std::size_t{16}, std::size_t{1000}, usual})
              for (const int threads : {1, 3}) {
                if (limit == 16 && chunk != 64) continue;  // slow, and once is enough
                CAPTURE(plain.name, placement.name, undirected, static_cast<int>(deal), chunk, limit, threads);
                comm.set_piece_limit(limit);
                parallel::set_threads(threads);
                DealtSource source(plain, true, deal, chunk);
                const bool same = contents(load_graph(comm, source, options)) == reference;
                CHECK(same);
                comm.set_piece_limit(usual);
                parallel::set_threads(1);
              }
      }
}

TEST_CASE("ordered by degree, masters and ghosts of a role go from high to low, and equal ones by id") {
  const PlainGraph plain = random_graph(400, 3000, 8);
  for (const PlacementInfo& placement : placements().first(3)) {
    CAPTURE(placement.name);
    LoadOptions options;
    options.placement = placement.name;
    options.order = VertexOrder::degree;
    DealtSource source(plain);
    const DistributedGraph graph = load_graph(world(), source, options);
    struct Degree {
      GlobalId vertex;
      std::uint32_t degree;
    };
    std::vector<Degree> mine;
    for (LocalId v = 0; v < graph.masters(); ++v)
      mine.push_back({graph.global_id(v), graph.in_degree(v) + graph.out_degree(v)});
    std::map<GlobalId, std::uint32_t> degree;
    for (const Degree& d : from_all_ranks(mine)) degree[d.vertex] = d.degree;
    const auto check_range = [&](std::size_t begin, std::size_t end) {
      for (std::size_t v = begin + 1; v < end; ++v) {
        const GlobalId a = graph.global_id(static_cast<LocalId>(v - 1)), b = graph.global_id(static_cast<LocalId>(v));
        CHECK(2 * degree[b] <= 3 * degree[a]);  // a group is half an octave
        if (degree[a] == degree[b]) CHECK(a < b);
      }
    };
    check_range(0, graph.masters());
    for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) {
      check_range(peer.ghosts.targets, peer.ghosts.both);
      check_range(peer.ghosts.both, peer.ghosts.sources);
      check_range(peer.ghosts.sources, peer.ghosts.end);
    }
  }
}

TEST_CASE("left to itself, a graph without locality is ordered by degree and a mesh keeps its order") {
  const auto order_of = [](const char* generator) {
    const auto source = open_generator(parse_generator(generator), {world().rank(), world().size()});
    LoadOptions options;
    options.undirected = true;
    return load_graph(world(), *source, options).order();
  };
  CHECK(order_of("rmat:scale=16") == VertexOrder::degree);
  CHECK(order_of("grid:rows=300,cols=300") == VertexOrder::input);
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

TEST_CASE("contiguous placement gives every rank a range of ids and all in-edges of its masters") {
  const PlainGraph plain = random_graph(400, 1500, 8, 3);
  DealtSource source(plain);
  LoadOptions options;
  options.placement = "contiguous";
  const DistributedGraph graph = load_graph(world(), source, options);
  for (LocalId v = 1; v < graph.masters(); ++v) CHECK(graph.global_id(v) == graph.global_id(v - 1) + 1);
  for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) CHECK(peer.ghosts.written(Flow::forward).size() == 0);
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
