// Components, strong components and communities of graphs whose ids lie around 2^31, 2^32, 2^63 and the last of 64
// bits: the vertices that name them are the right ones, as numbers and in the file that is written, though labels take
// 32 bits.

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "apps/label_groups.hpp"
#include "apps/wcc.hpp"
#include "engine/components.hpp"
#include "engine/gasket.hpp"
#include "engine/label_propagation.hpp"
#include "engine/strong_components.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/program_runs.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/slow_answers.hpp"
#include "tests/support/world.hpp"

using namespace gasket;
using gasket::test::load;

namespace {

constexpr ExternalId k31 = ExternalId{1} << 31, k32 = ExternalId{1} << 32, k63 = ExternalId{1} << 63;
constexpr ExternalId kLast = ~ExternalId{0};

// Few edges between ids of a list: some components, some cycles, and communities.
PlainGraph sparse_graph(const char* name, const std::vector<ExternalId>& ids) {
  PlainGraph graph{name, {}};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const ExternalId near = ids[(i + 1 + mix(i) % 4) % ids.size()], far = ids[mix(3 * i + 1) % ids.size()];
    if (mix(5 * i + 2) % 4 != 0) graph.edges.push_back({ids[i], near});
    if (mix(7 * i + 3) % 4 == 0) graph.edges.push_back({far, ids[i]});
  }
  return graph;
}

// The ids around `middle`, `step` apart.
std::vector<ExternalId> around(ExternalId middle, ExternalId step) {
  std::vector<ExternalId> ids;
  for (ExternalId i = 0; i < 160; ++i) ids.push_back(middle - 80 * step + i * step);
  return ids;
}

std::vector<PlainGraph> graphs() {
  std::vector<ExternalId> everywhere;
  for (ExternalId i = 0; i < 40; ++i)
    for (const ExternalId id : {i, k31 - 20 + i, k32 - 20 + i, k63 - 20 + i, kLast - i}) everywhere.push_back(id);
  return {sparse_graph("one after the other to 2^31", around(k31, 1)),
          sparse_graph("one after the other to 2^32", around(k32, 1)),
          sparse_graph("one after the other to 2^63", around(k63, 1)),
          sparse_graph("one after the other to the last", around(kLast - 79, 1)),
          sparse_graph("far apart around 2^31", around(k31, 1'000'003)),
          sparse_graph("far apart around 2^32", around(k32, 10'000'019)),
          sparse_graph("far apart around 2^63", around(k63, (ExternalId{1} << 56) + 1)),
          sparse_graph("everywhere", everywhere)};
}

std::string shared_path(const ScratchFolder& folder) {
  const std::string mine = (folder / "labels.txt").string();
  std::vector<char> path(mine.begin(), mine.end());
  world().broadcast(path, 0);
  return {path.begin(), path.end()};
}

// Labels by global id are those expected: of each vertex, by its id, the vertex that names its group, by that one's id.
void check_file(const DistributedGraph& graph, const BigArray<GlobalId>& labels, const std::vector<GlobalId>& expected,
                const std::vector<ExternalId>& ids, const std::string& path) {
  std::string lines;
  for (std::size_t v = 0; v < ids.size(); ++v) lines += fmt::format("{} {}\n", ids[v], ids[expected[v]]);
  write_vertices(graph, labels, path);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  CHECK(text.str() == lines);
  world().any(false);  // nobody writes on while somebody reads
}

// Of the masters, the ids of the vertices that name their groups.
void check_names(const DistributedGraph& graph, const BigArray<GlobalId>& labels, const std::vector<GlobalId>& expected,
                 const std::vector<ExternalId>& ids) {
  const BigArray<ExternalId> names = graph.ids().external(world(), labels.span());
  bool right = true;
  for (LocalId v = 0; v < graph.masters(); ++v) {
    const GlobalId global = graph.global_id(v);
    right = right && graph.external_id(v) == ids[global] && names[v] == ids[expected[global]];
  }
  CHECK(right);
}

// The largest group, of several the one of the smallest id.
ExternalId largest(const std::vector<GlobalId>& labels, const std::vector<ExternalId>& ids) {
  std::vector<std::size_t> sizes(labels.size());
  for (const GlobalId label : labels) ++sizes[label];
  return ids[static_cast<std::size_t>(std::ranges::max_element(sizes) - sizes.begin())];
}

template <class Label>
BigArray<GlobalId> widened(const BigArray<Label>& labels) {
  BigArray<GlobalId> wide(labels.size());
  std::ranges::copy(labels, wide.begin());
  return wide;
}

}  // namespace

TEST_CASE("groups are named by the right vertices wherever ids lie") {
  const ScratchFolder folder;
  const std::string path = shared_path(folder);
  for (const PlainGraph& plain : graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const std::vector<GlobalId> components = oracle.components(), strong = slow_strong_components(oracle),
                                  communities = slow_label_propagation(oracle, !undirected, 5);
      for (const std::string_view placement : {"dbh", "contiguous", "auto"}) {
        CAPTURE(plain.name, undirected, placement);
        const DistributedGraph graph = load(plain, undirected, placement);
        const auto check = [&](const BigArray<GlobalId>& labels, const std::vector<GlobalId>& expected) {
          check_file(graph, labels, expected, oracle.ids, path);
          check_names(graph, labels, expected, oracle.ids);
          const LabelGroups groups = count_groups(graph, labels, 1);
          const std::vector<GlobalId> first{groups.largest.front().label};
          CHECK(graph.ids().external(world(), first)[0] == largest(expected, oracle.ids));
        };
        check(widened(find_components<std::uint32_t>(graph, {.gathered_pairs = 0}).labels), components);
        check(find_components<std::uint64_t>(graph).labels, components);
        check(widened(run_sync(graph, Wcc<std::uint32_t>()).values), components);
        check(find_strong_components(graph).labels, strong);
        check(propagate_labels(graph, {.iterations = 5}).labels, communities);
        check(propagate_labels(graph, {.iterations = 5, .wide = true}).labels, communities);
      }
    }
}
