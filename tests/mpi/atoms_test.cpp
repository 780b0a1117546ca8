// Atoms: a graph that was placed once loads at any number of ranks, with its answers; appending comes to the same as
// placing the whole anew; the index tells the truth; whatever byte is damaged, all ranks refuse with one sentence.

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/gasket.hpp"
#include "partition/atoms/append.hpp"
#include "partition/atoms/atom_sets.hpp"
#include "partition/atoms/deal.hpp"
#include "partition/atoms/journal.hpp"
#include "partition/atoms/source.hpp"
#include "partition/atoms/write.hpp"
#include "partition/hash.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;

namespace {

namespace fs = std::filesystem;

Share share() { return {world().rank(), world().size()}; }

// A folder of rank 0, the same on all ranks.
class SharedFolder {
 public:
  SharedFolder() {
    const std::string mine = scratch_.path().string();
    std::vector<char> name(mine.begin(), mine.end());
    world().broadcast(name, 0);
    path_.assign(name.begin(), name.end());
  }
  ~SharedFolder() { world().any(false); }  // nobody reads any more
  std::string operator/(const std::string& name) const { return (fs::path(path_) / name).string(); }

 private:
  ScratchFolder scratch_;
  std::string path_;
};

AtomIndex convert(const PlainGraph& plain, const std::string& folder, const AtomOptions& options) {
  MemorySource source(plain, share());
  return write_atoms(world(), source, options, folder).index;
}

AppendResult append(const PlainGraph& plain, const std::string& folder) {
  MemorySource source(plain, share());
  const AppendResult result = append_edges(world(), source, folder, {});
  world().any(false);
  return result;
}

DistributedGraph load(const std::string& folder, bool undirected = false) {
  std::unique_ptr<EdgeSource> source;
  world().agree([&] { source = open_atoms(folder, share(), true); });
  LoadOptions options;
  options.undirected = undirected;
  return load_graph(world(), *source, options);
}

void check_answers(const DistributedGraph& graph, const Oracle& oracle) {
  const auto ranks = collect(graph, run_sync(graph, PageRank{.tolerance = 1e-8}).values);
  const auto expected = oracle.pagerank(0.85, true);
  REQUIRE(ranks.size() == expected.size());
  double distance = 0;
  for (std::size_t v = 0; v < ranks.size(); ++v) distance += std::abs(ranks[v] - expected[v]);
  CHECK(distance < 1e-7);
  CHECK(std::ranges::equal(collect(graph, run_sync(graph, Wcc<std::uint32_t>()).values), oracle.components()));
  CHECK(std::ranges::equal(collect(graph, run_sync(graph, Sssp{.source = 0}).values), oracle.sssp(0)));
}

// What an atom's journal says.
struct AtomContent {
  std::set<ExternalId> homes, ghosts, ends;
  EdgeCount edges = 0;
};

std::vector<AtomContent> read_journals(const std::string& folder, const AtomIndex& index) {
  std::vector<AtomContent> atoms(index.atoms.size());
  for (AtomId a = 0; a < atoms.size(); ++a) {
    const Journal journal(folder, index, a);
    for (const Journal::Block& block : journal.blocks()) {
      if (block.kind == RecordKind::edges) {
        journal.read_edges(block).for_each([&](ExternalId source, ExternalId target, std::size_t) {
          atoms[a].ends.insert(source);
          atoms[a].ends.insert(target);
          ++atoms[a].edges;
        });
      } else {
        for (const ExternalId id : journal.read_ids(block))
          CHECK((block.kind == RecordKind::vertices ? atoms[a].homes : atoms[a].ghosts).insert(id).second);
      }
    }
  }
  return atoms;
}

// The index against the journals: homes, ghosts, and what each pair of atoms shares.
void check_index(const std::string& folder, const std::vector<ExternalId>& ids) {
  if (world().rank() != 0) return;
  const AtomIndex index = read_atom_index(folder);
  const std::vector<AtomContent> atoms = read_journals(folder, index);
  std::vector<ExternalId> homes;
  std::vector<std::set<ExternalId>> all(atoms.size());
  for (std::size_t a = 0; a < atoms.size(); ++a) {
    homes.insert(homes.end(), atoms[a].homes.begin(), atoms[a].homes.end());
    all[a] = atoms[a].homes;
    for (const ExternalId id : atoms[a].ghosts) {
      CHECK(atoms[a].ends.contains(id));
      CHECK(all[a].insert(id).second);
    }
    for (const ExternalId id : atoms[a].ends) CHECK(all[a].contains(id));
  }
  std::ranges::sort(homes);
  CHECK(homes == ids);
  std::vector<AtomIndex::Shared> shared;
  for (AtomId a = 0; a < atoms.size(); ++a)
    for (AtomId b = a + 1; b < atoms.size(); ++b) {
      std::vector<ExternalId> both;
      std::ranges::set_intersection(all[a], all[b], std::back_inserter(both));
      if (!both.empty()) shared.push_back({a, b, both.size()});
    }
  CHECK(index.shared == shared);
}

PlainGraph joined(const PlainGraph& a, const PlainGraph& b) {
  PlainGraph whole{a.name + " and more", a.edges, a.listed};
  whole.edges.insert(whole.edges.end(), b.edges.begin(), b.edges.end());
  whole.listed.insert(whole.listed.end(), b.listed.begin(), b.listed.end());
  return whole;
}

PlainGraph mesh(ExternalId side) {
  PlainGraph graph{"mesh", {}};
  for (ExternalId y = 0; y < side; ++y)
    for (ExternalId x = 0; x < side; ++x) {
      if (x + 1 < side) graph.edges.push_back({y * side + x, y * side + x + 1});
      if (y + 1 < side) graph.edges.push_back({y * side + x, (y + 1) * side + x});
    }
  return graph;
}

// The sentence with which all ranks refuse the folder.
std::string refusal(const std::string& folder) {
  try {
    load(folder);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::bad_input);
    CHECK(error.agreed());
    return error.what();
  }
  return "";
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Rank 0 writes, all see it.
void put(const std::string& path, const std::string& bytes) {
  world().any(false);
  if (world().rank() == 0) std::ofstream(path, std::ios::binary) << bytes;
  world().any(false);
}

void copy_folder(const std::string& from, const std::string& to) {
  world().any(false);
  if (world().rank() == 0) fs::copy(from, to);
  world().any(false);
}

}  // namespace

TEST_CASE("atoms load at any number of ranks, and answers are those of the graph") {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(200, 1500, 2));
  graphs.push_back(random_graph(300, 900, 3, std::uint64_t{1} << 40));
  const std::string placements[] = {"hep", "contiguous", "random"};
  std::size_t turn = 0;
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const SharedFolder folder;
      // All combinations come up, though not for every graph.
      const std::string placement = placements[turn % 3];
      const AtomId atoms = plain.edges.size() > 500 ? 24 : 1 + static_cast<AtomId>(turn * 5 % 8);
      parallel::set_threads(1 + static_cast<int>(turn++ / 2 % 2));
      CAPTURE(plain.name, undirected, atoms, placement);
      convert(plain, folder / "g", {.atoms = atoms, .undirected = undirected, .placement = placement});
      const Oracle oracle(plain, undirected);
      check_index(folder / "g", oracle.ids);
      const DistributedGraph graph = load(folder / "g");
      parallel::set_threads(1);
      CHECK(graph.directed() == !undirected);
      CHECK(graph.edges() == plain.edges.size());
      for (LocalId v = 0; v < graph.masters(); ++v) CHECK(graph.external_id(v) == oracle.ids[graph.global_id(v)]);
      check_structure(graph, oracle);
      if (plain.edges.size() > 500) check_answers(graph, oracle);
    }
}

TEST_CASE("every strategy can cut a graph into atoms") {
  const PlainGraph plain = random_graph(150, 800, 4);
  const Oracle oracle(plain, true);
  for (const PlacementInfo& placement : gasket::placements()) {
    CAPTURE(placement.name);
    const SharedFolder folder;
    convert(plain, folder / "g", {.atoms = 13, .undirected = true, .placement = std::string(placement.name)});
    check_index(folder / "g", oracle.ids);
    check_structure(load(folder / "g"), oracle);
  }
}

TEST_CASE("duplicates and self loops are dropped before a graph is cut") {
  PlainGraph plain = random_graph(60, 900, 5);
  std::map<std::pair<ExternalId, ExternalId>, double> lightest;
  for (const PlainEdge& e : plain.edges) {
    if (e.source == e.target) continue;
    const auto [at, is_new] = lightest.try_emplace(std::minmax(e.source, e.target), e.weight);
    if (!is_new) at->second = std::min(at->second, e.weight);
  }
  PlainGraph thin{"thin", {}};
  for (const auto& [ends, weight] : lightest) thin.edges.push_back({ends.first, ends.second, weight});
  const SharedFolder folder;
  const AtomIndex index =
      convert(plain, folder / "g", {.atoms = 9, .undirected = true, .drop_self_loops = true, .drop_duplicates = true});
  CHECK(index.edges == thin.edges.size());
  check_structure(load(folder / "g"), Oracle(thin, true));
  // Later equal edges may lie in different atoms.
  MemorySource unused(plain, share());
  const auto source = open_atoms(folder / "g", share(), true);
  LoadOptions options;
  options.drop_duplicates = true;
  CHECK_THROWS_AS(load_graph(world(), *source, options), UsageError);
}

TEST_CASE("appending comes to what placing the whole anew would") {
  constexpr std::uint64_t k63 = std::uint64_t{1} << 63;
  struct Case {
    PlainGraph first, second, third;
  };
  std::vector<Case> cases = {
      {random_graph(200, 800, 6), random_graph(260, 400, 7), random_graph(100, 5, 8)},
      {random_graph(200, 800, 9, 1 << 20), random_graph(150, 300, 10, k63 / 200), random_graph(9, 9, 11, k63 / 10)},
      {{"nothing but a vertex", {}, {7}}, {"an edge", {{7, 3, 2}}}, {"its reverse", {{3, 7, 1}}}},
      {{"one edge", {{1, 2, 1}}}, {"two lone vertices", {}, {0, 9}}, {"their edge", {{0, 9, 1}, {9, 9, 3}}}},
      {mesh(12), {"a tail", {{143, 144}, {144, 145}, {145, 146}}}, {"a cut", {{0, 146, 1}}}},
  };
  for (const Case& c : cases)
    for (const bool undirected : {false, true}) {
      CAPTURE(c.first.name, c.second.name, undirected);
      const SharedFolder folder;
      convert(c.first, folder / "g", {.atoms = 7, .undirected = undirected});
      const Oracle before(c.first, undirected), after(joined(c.first, c.second), undirected);
      const AppendResult result = append(c.second, folder / "g");
      if (world().rank() == 0) {
        CHECK(result.edges == c.second.edges.size());
        CHECK(result.vertices == after.count() - before.count());
      }
      append(c.third, folder / "g");
      const Oracle oracle(joined(joined(c.first, c.second), c.third), undirected);
      check_index(folder / "g", oracle.ids);
      const DistributedGraph graph = load(folder / "g");
      check_structure(graph, oracle);
      if (c.first.edges.size() > 500) check_answers(graph, oracle);
    }
}

TEST_CASE("an append that was cut short has not happened") {
  const PlainGraph first = random_graph(100, 400, 12), second = random_graph(130, 200, 13);
  const SharedFolder folder;
  const std::string graph = folder / "g";
  convert(first, graph, {.atoms = 5});
  copy_folder(graph, folder / "old");
  append(second, graph);
  // All journals have grown, the index was never replaced.
  put(index_path(graph), content(index_path(folder / "old")));
  check_structure(load(graph), Oracle(first, false));
  // Something half written stands behind the journals.
  put(journal_path(graph, 2), content(journal_path(graph, 2)) + "half a blo");
  check_structure(load(graph), Oracle(first, false));
  const PlainGraph other = random_graph(140, 100, 14);
  append(other, graph);
  check_structure(load(graph), Oracle(joined(first, other), false));
  check_index(graph, Oracle(joined(first, other), false).ids);
}

TEST_CASE("appended edges do not pile up in one atom, and an append must suit the graph") {
  PlainGraph chain{"chain", {}};
  for (ExternalId v = 0; v < 4000; ++v) chain.edges.push_back({v, v + 1});
  const SharedFolder folder;
  convert({"one edge", {{0, 1}}}, folder / "g", {.atoms = 24, .undirected = true});
  append(chain, folder / "g");
  for (const AtomFacts& atom : read_atom_index(folder / "g").atoms) CHECK(atom.edges < 200);
  CHECK(load(folder / "g").quality().edge_balance < 1.15);

  const std::string weightless = folder / "edges.txt";
  put(weightless, "1 2\n");
  const auto source = open_source(world(), {.path = weightless, .weights = true});
  CHECK_THROWS_AS(append_edges(world(), *source, folder / "g", {}), InputError);
}

TEST_CASE("sets of atoms of any size are kept apart") {
  constexpr std::size_t kVertices = 300;
  AtomSets sets(kVertices);
  std::vector<std::set<AtomId>> expected(kVertices);
  for (std::uint64_t i = 0; i < 40'000; ++i) {
    const std::size_t v = spread(mix(3 * i), kVertices) / (1 + i % 7);  // some get many
    const AtomId atom = spread(mix(3 * i + 1), kMostAtoms >> (v % 13));
    CHECK(sets.insert(v, atom) == expected[v].insert(atom).second);
    if (i % 11 == 0) sets.set_at_home(v / 2);
  }
  for (std::size_t v = 0; v < kVertices; ++v) CHECK(std::ranges::equal(sets[v], expected[v]));
  for (AtomId atom = 0; atom < kMostAtoms; ++atom) sets.insert(7, atom);
  CHECK(sets[7].size() == kMostAtoms);
  CHECK(std::ranges::equal(sets[8], expected[8]));
  CHECK(sets.at_home(0));
  CHECK_FALSE(sets.at_home(kVertices - 1));
}

TEST_CASE("ranks get equal shares of connected atoms") {
  const PlainGraph plain = mesh(96);
  const SharedFolder folder;
  const AtomIndex index = convert(plain, folder / "g", {.atoms = 48, .undirected = true});
  const DistributedGraph graph = load(folder / "g");
  CHECK(graph.quality().edge_balance < 1.08);
  CHECK(graph.quality().master_balance < 1.12);
  if (world().rank() != 0) return;
  const std::vector<AtomContent> atoms = read_journals(folder / "g", index);
  const auto copies = [&](const std::vector<std::uint32_t>& ranks, std::size_t count) {
    std::vector<std::set<ExternalId>> of_rank(count);
    for (std::size_t a = 0; a < atoms.size(); ++a) of_rank[ranks[a]].insert(atoms[a].ends.begin(), atoms[a].ends.end());
    double sum = 0;
    for (const auto& vertices : of_rank) sum += static_cast<double>(vertices.size());
    return sum / static_cast<double>(index.vertices);
  };
  for (const std::size_t ranks : {2u, 3u, 4u, 8u}) {
    std::vector<std::uint32_t> random;
    for (AtomId a = 0; a < atoms.size(); ++a) random.push_back(spread(mix(a), static_cast<std::uint32_t>(ranks)));
    const double dealt = copies(deal_atoms(index, std::vector<double>(ranks, 1)), ranks);
    CAPTURE(ranks, dealt, copies(random, ranks));
    CHECK(dealt - 1 < 0.6 * (copies(random, ranks) - 1));
  }
}

TEST_CASE("unequal ranks get unequal shares") {
  const SharedFolder folder;
  convert(mesh(64), folder / "g", {.atoms = 128, .undirected = true});
  const auto source = open_atoms(folder / "g", share(), false);
  std::vector<double> weights;
  for (int r = 0; r < world().size(); ++r) weights.push_back(1 + r);
  source->share_out(weights);
  const DistributedGraph graph = load_graph(world(), *source, {});
  CHECK_FALSE(graph.weighted());
  double sum = 0;
  for (const double weight : weights) sum += weight;
  const double mine = weights[static_cast<std::size_t>(world().rank())] / sum;
  const double got = static_cast<double>(graph.by_target().arcs()) / static_cast<double>(graph.arcs());
  CHECK(got < 1.08 * mine);
  CHECK(got > 0.8 * mine);
}

TEST_CASE("whatever byte of a folder is damaged, all ranks refuse it by name") {
  const SharedFolder folder;
  const std::string graph = folder / "g";
  PlainGraph plain = random_graph(20, 40, 15, std::uint64_t{1} << 35);
  for (ExternalId v = 0; v < 25; ++v) plain.listed.push_back(v << 35);
  convert(plain, graph, {.atoms = 3});
  append({"more", {{1, 2, 3}, {2, 5, 1}}}, graph);
  REQUIRE(refusal(graph).empty());
  for (const std::string& path : {index_path(graph), journal_path(graph, 0), journal_path(graph, 2)}) {
    CAPTURE(path);
    const std::string good = content(path);
    const std::size_t step = world().size() == 1 ? 1 : 29;  // every byte on one rank, some on several
    for (std::size_t at = 0; at < good.size(); at += step) {
      CAPTURE(at);
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
      put(path, bad);
      REQUIRE(refusal(graph).find(path) != std::string::npos);
      put(path, good.substr(0, at));
      REQUIRE(refusal(graph).find(path) != std::string::npos);
    }
    put(path, good);
  }
  put(index_path(graph), content(index_path(graph)) + "\n");
  CHECK(refusal(graph).find(index_path(graph)) != std::string::npos);
}

TEST_CASE("files that are missing, of another graph, in another's place or of another version are told apart") {
  const SharedFolder folder;
  const std::string graph = folder / "g", other = folder / "other";
  convert(random_graph(50, 200, 16), graph, {.atoms = 4});
  convert(random_graph(50, 200, 17), other, {.atoms = 4});
  const std::string index = content(index_path(graph)), atom = content(journal_path(graph, 1));
  const auto refused = [&](const std::string& path, const std::string& bytes, const std::string& words) {
    const std::string good = content(path);
    put(path, bytes);
    const std::string sentence = refusal(graph);
    CAPTURE(sentence, words);
    CHECK(sentence.find(path) == 0);
    CHECK(sentence.find(words) != std::string::npos);
    put(path, good);
  };
  refused(journal_path(graph, 1), content(journal_path(other, 1)), "an atom of another graph");
  refused(journal_path(graph, 1), content(journal_path(graph, 2)), "is atom 2 of the graph, expected atom 1");
  refused(journal_path(graph, 1), atom.substr(0, atom.size() - 1), "too short");
  refused(journal_path(graph, 1), "1 2\n", "is not an atom");
  std::string version = atom;
  version[8] = 9;
  refused(journal_path(graph, 1), version, "version 9");
  version = index;
  version[version.find("version 1") + 8] = '7';
  refused(index_path(graph), version, "version 7");
  refused(index_path(graph), "1 2\n", "is not an index of atoms");
  refused(index_path(graph), index.substr(0, index.size() / 2), "cut off");

  if (world().rank() == 0) fs::remove(journal_path(graph, 3));
  world().any(false);
  CHECK(refusal(graph) == journal_path(graph, 3) + ": no such file");
  if (world().rank() == 0) fs::remove(index_path(graph));
  world().any(false);
  CHECK(refusal(graph) == index_path(graph) + ": no such file");
  CHECK(looks_like_atoms(graph));

  const PlainGraph plain = random_graph(10, 20, 18);
  const std::string there = folder / "other", nowhere = folder / "no/such/g";
  CHECK_THROWS_AS(convert(plain, there, {.atoms = 2}), InputError);
  CHECK_THROWS_AS(convert(plain, nowhere, {.atoms = 2}), InputError);
  CHECK_THROWS_AS(convert(plain, folder / "many", {.atoms = kMostAtoms + 1}), UsageError);
  CHECK_FALSE(fs::exists(folder / "many"));
}
