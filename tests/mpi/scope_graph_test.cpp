// The master-complete graph against the plain list of edges: every master finds all its edges, both ways, in canonical
// order, and both sides of a cut edge and of a ghost agree.

#include <catch2/catch.hpp>
#include <map>

#include "engine/gasket.hpp"
#include "engine/scope/scope.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

using Row = std::vector<std::tuple<GlobalId, bool, bool, double>>;  // neighbour, out, in, weight

std::vector<Row> expected_rows(const Oracle& oracle, bool undirected) {
  std::vector<Row> rows(oracle.count());
  for (const Oracle::Arc& arc : oracle.arcs) {
    const bool loop = arc.source == arc.target;
    if (undirected || loop) {
      rows[arc.source].push_back({arc.target, true, true, arc.weight});
    } else {
      rows[arc.source].push_back({arc.target, true, false, arc.weight});
      rows[arc.target].push_back({arc.source, false, true, arc.weight});
    }
  }
  for (Row& row : rows) std::ranges::sort(row);
  return rows;
}

struct Tagged {
  using Data = std::uint64_t;
  using EdgeData = double;
  static constexpr Consistency needs = Consistency::edge;
  Data init(const Vertex& v) const { return v.index * 3 + 1; }
  EdgeData init_edge(double weight) const { return weight; }
  template <class S>
  void update(S&) const {}
};

}  // namespace

TEST_CASE("every master has all its edges") {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const std::vector<Row> expected = expected_rows(oracle, undirected);
      for (const PlacementInfo& placement : placements()) {
        CAPTURE(plain.name, undirected, placement.name);
        MemorySource source(plain, {world().rank(), world().size()});
        LoadOptions options;
        options.undirected = undirected;
        options.placement = placement.name;
        const DistributedGraph graph = load_graph(world(), source, options);
        const ScopeGraph scope(graph);
        const ScopeStore<Tagged> store(scope, Tagged());

        for (LocalId v = 0; v < scope.masters(); ++v) {
          Row row;
          std::vector<ScopeGraph::Home> order;
          for (const ScopeGraph::Link& link : scope.links(v)) {
            row.push_back({scope.global_id(link.vertex()), link.out(), link.in(), scope.weight(link.edge())});
            order.push_back(scope.home(link.vertex()));
            REQUIRE(store.edge<false>(link.edge()) == scope.weight(link.edge()));
          }
          REQUIRE(std::ranges::is_sorted(order));
          std::ranges::sort(row);
          REQUIRE(row == expected[scope.global_id(v)]);
        }
        for (LocalId v = 0; v < scope.locals(); ++v) REQUIRE(store.data_alone(v) == scope.global_id(v) * 3 + 1);

        // Homes are where the masters are.
        std::map<ScopeGraph::Home, GlobalId> masters;
        struct Master {
          int rank;
          LocalId local;
          GlobalId id;
        };
        std::vector<Master> mine;
        for (LocalId v = 0; v < scope.masters(); ++v) mine.push_back({world().rank(), v, scope.global_id(v)});
        for (const Master& m : world().all_gather_spans(std::span<const Master>(mine)))
          masters[{m.rank, m.local}] = m.id;
        for (LocalId v = 0; v < scope.locals(); ++v) REQUIRE(masters.at(scope.home(v)) == scope.global_id(v));

        // Cut edges: both sides have the same in the same order.
        struct Cut {
          int low, high;
          std::uint64_t place, weight_bits;
          int from;
          auto operator<=>(const Cut&) const = default;
        };
        std::vector<Cut> cuts;
        for (const ScopeGraph::CutEdges& cut : scope.cut_edges())
          for (EdgeId e = cut.begin; e < cut.end; ++e) {
            REQUIRE(scope.cut_of(e)->rank == cut.rank);
            cuts.push_back({std::min(cut.rank, world().rank()), std::max(cut.rank, world().rank()), e - cut.begin,
                            std::bit_cast<std::uint64_t>(scope.weight(e)), world().rank()});
          }
        std::vector<Cut> all = world().all_gather_spans(std::span<const Cut>(cuts));
        std::ranges::sort(all);
        REQUIRE(all.size() % 2 == 0);
        for (std::size_t i = 0; i < all.size(); i += 2) {
          REQUIRE(all[i].place == all[i + 1].place);
          REQUIRE(all[i].weight_bits == all[i + 1].weight_bits);
          REQUIRE(all[i].from != all[i + 1].from);
        }
      }
    }
}
