// Where load_graph puts what: the same however the source deals its edges, in the order of ids or of degrees, and under
// contiguous placement in ranges.
// ctest: TIMEOUT 300

#include <bit>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "engine/gasket.hpp"
#include "partition/io/generate.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/dealt_source.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/world.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

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
    for (const Degree& d : from_all(mine)) degree[d.vertex] = d.degree;
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

TEST_CASE(
    "where they are asked for, rows in the order of degrees have leads: neighbours that are high among their rank's") {
  PlainGraph plain = random_graph(400, 3000, 8);
  plain.edges.push_back({1'000'000, 1'000'000});
  for (const PlacementInfo& placement : placements().first(3))
    for (const bool undirected : {false, true})
      for (const Leads asked : {Leads::none, Leads::by_target, Leads::by_source})
        for (const VertexOrder order : {VertexOrder::input, VertexOrder::degree}) {
          CAPTURE(placement.name, undirected, static_cast<int>(asked), static_cast<int>(order));
          LoadOptions options;
          options.undirected = undirected;
          options.placement = placement.name;
          options.order = order;
          options.need.leads = asked;
          DealtSource source(plain);
          const DistributedGraph graph = load_graph(world(), source, options);
          const auto place = [&](LocalId v) {
            LocalId begin = 0;
            const auto consider = [&](std::size_t from) {
              if (from <= v) begin = std::max(begin, static_cast<LocalId>(from));
            };
            consider(v < graph.masters() ? 0 : graph.masters());
            for (const GhostPlan::Peer& peer : graph.ghost_plan().peers)
              for (const std::size_t from : {peer.ghosts.targets, peer.ghosts.both, peer.ghosts.sources})
                consider(from);
            return v - begin;
          };
          const bool one_set = &graph.by_target() == &graph.by_source();
          for (const Leads which : {Leads::by_target, Leads::by_source}) {
            const Adjacency* rows = which == Leads::by_target ? &graph.by_target() : &graph.by_source();
            const bool has = order == VertexOrder::degree && (asked == which || (one_set && asked != Leads::none));
            REQUIRE(rows->leads.size() == (has ? rows->rows() : 0));
            for (LocalId v = 0; v < rows->leads.size(); ++v) {
              const LocalId lead = rows->leads[v];
              bool is_neighbour = false, alone = true, highest = true, masters_alone = false;
              for (const LocalId u : rows->row(v)) {
                if (u == v) continue;
                alone = false;
                is_neighbour |= u == lead;
                masters_alone |= v >= graph.masters() && u < graph.masters();
              }
              for (const LocalId u : rows->row(v))
                if (u != v && (!masters_alone || u < graph.masters())) highest &= place(lead) <= place(u);
              CHECK((alone ? lead == v : is_neighbour && highest));
            }
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

TEST_CASE("contiguous placement gives every rank a range of ids and all in-edges of its masters") {
  const PlainGraph plain = random_graph(400, 1500, 8, 3);
  DealtSource source(plain);
  LoadOptions options;
  options.placement = "contiguous";
  const DistributedGraph graph = load_graph(world(), source, options);
  for (LocalId v = 1; v < graph.masters(); ++v) CHECK(graph.global_id(v) == graph.global_id(v - 1) + 1);
  for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) CHECK(peer.ghosts.written(Flow::forward).size() == 0);
}
