// How atoms are dealt to ranks: balanced, connected, the same every time; and the index as text.

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "partition/atoms/deal.hpp"
#include "partition/hash.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;

namespace {

// Atoms as the cells of a square, each sharing ten vertices with its neighbours.
AtomIndex square(AtomId side, std::uint64_t spread_of_sizes) {
  AtomIndex index;
  for (AtomId a = 0; a < side * side; ++a) {
    const std::uint64_t edges = 1000 + mix(a) % (spread_of_sizes + 1);
    index.atoms.push_back({.vertices = 500, .ghosts = 40, .edges = edges, .bytes = 10000, .digest = mix(a)});
    index.edges += edges;
    index.vertices += 500;
    if (a % side + 1 < side) index.shared.push_back({a, a + 1, 10});
    if (a / side + 1 < side) index.shared.push_back({a, a + side, 10});
  }
  return index;
}

// Weight over what a rank should have, of the fullest.
double overload(const AtomIndex& index, const std::vector<std::uint32_t>& ranks, const std::vector<double>& shares) {
  std::vector<double> load(shares.size());
  double total = 0;
  for (std::size_t a = 0; a < ranks.size(); ++a) {
    load[ranks[a]] += static_cast<double>(weight_of(index.atoms[a]));
    total += static_cast<double>(weight_of(index.atoms[a]));
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  double worst = 0;
  for (std::size_t r = 0; r < load.size(); ++r) worst = std::max(worst, load[r] / (total * shares[r] / sum));
  return worst;
}

std::uint64_t cut(const AtomIndex& index, const std::vector<std::uint32_t>& ranks) {
  std::uint64_t cut = 0;
  for (const AtomIndex::Shared& pair : index.shared) cut += ranks[pair.first] != ranks[pair.second] ? pair.vertices : 0;
  return cut;
}

}  // namespace

TEST_CASE("dealt atoms are balanced and connected") {
  for (const std::uint64_t sizes : {0, 200}) {
    const AtomIndex index = square(16, sizes);
    for (const std::size_t ranks : {1u, 2u, 3u, 4u, 7u, 16u}) {
      const std::vector<double> shares(ranks, 1);
      const auto dealt = deal_atoms(index, shares);
      CAPTURE(sizes, ranks, overload(index, dealt, shares), cut(index, dealt));
      CHECK(overload(index, dealt, shares) < 1.05);
      CHECK(deal_atoms(index, shares) == dealt);
      // Straight cuts into so many strips come to 160 shared vertices each; at 16 ranks, a 4 x 4 square to 960.
      CHECK(cut(index, dealt) <= (ranks < 16 ? 200 * (ranks - 1) : 1450));
    }
  }
}

TEST_CASE("unequal ranks get what they want, few atoms go one by one") {
  const AtomIndex index = square(10, 300);
  for (const std::vector<double>& shares : {std::vector<double>{1, 2}, {5, 1, 1}, {0.1, 0.2, 0.3, 0.4}}) {
    const auto dealt = deal_atoms(index, shares);
    CAPTURE(shares.size());
    CHECK(overload(index, dealt, shares) < 1.08);
  }
  for (const AtomId side : {1u, 2u, 3u}) {
    auto dealt = deal_atoms(square(side, 0), std::vector<double>(9, 1));
    std::ranges::sort(dealt);
    for (AtomId a = 0; a < dealt.size(); ++a) CHECK(dealt[a] == a);
  }
}

TEST_CASE("atoms of very different sizes, and atoms that share nothing") {
  AtomIndex index = square(8, 0);
  index.atoms[5].edges = 20000;
  const std::vector<double> shares(3, 1);
  // The large atom alone is a little less than a third of all.
  CHECK(overload(index, deal_atoms(index, shares), shares) < 1.05);
  index.shared.clear();
  CHECK(overload(index, deal_atoms(index, shares), shares) < 1.05);
  for (AtomFacts& atom : index.atoms) atom = AtomFacts();
  const auto dealt = deal_atoms(index, shares);
  for (std::uint32_t r = 0; r < 3; ++r) CHECK(std::ranges::count(dealt, r) >= 21);
}

TEST_CASE("an index is read back as it was written") {
  const ScratchFolder folder;
  AtomIndex index = square(9, 1000);
  index.graph = ~std::uint64_t{0};
  index.appends = 3;
  index.directed = false;
  index.weighted = true;
  index.placement = "import:some parts";
  write_atom_index(index, folder.path().string());
  CHECK((read_atom_index(folder.path().string()) == index));
  index.atoms = {{}};
  index.shared.clear();
  index.vertices = index.edges = 0;
  write_atom_index(index, folder.path().string());
  CHECK((read_atom_index(folder.path().string()) == index));
}
