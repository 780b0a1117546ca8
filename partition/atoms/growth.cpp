#include "partition/atoms/growth.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "partition/error.hpp"
#include "partition/hash.hpp"
#include "partition/parallel.hpp"

namespace gasket {

AtomGrowth::AtomGrowth(const AtomIndex& index, BigArray<ExternalId> vertices, EdgeCount edges, Sink sink)
    : ids_(std::move(vertices)),
      atoms_(ids_.size()),
      shared_(index.atoms.size() * index.atoms.size()),
      gains_(index.atoms.size()),
      sink_(std::move(sink)) {
  for (const AtomFacts& atom : index.atoms) load_.push_back(atom.edges);
  for (const AtomIndex::Shared& pair : index.shared) shared_[pair.first * load_.size() + pair.second] = pair.vertices;
  const EdgeCount all = index.edges + edges;
  limit_ = (all + all / 10) / load_.size() + 1;
}

std::size_t AtomGrowth::find(ExternalId id) const {
  return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
}

std::vector<std::size_t> AtomGrowth::known_among(std::span<const ExternalId> ids) const {
  std::vector<std::size_t> found;
  for (const ExternalId id : ids)
    if (const std::size_t at = find(id); at < ids_.size() && ids_[at] == id) found.push_back(at);
  return found;
}

void AtomGrowth::note(std::size_t vertex, AtomId atom, bool home) {
  atoms_.insert(vertex, atom);
  if (home) atoms_.set_at_home(vertex);
}

void AtomGrowth::place(const AtomEdge& edge) {
  while (source_ < ids_.size() && ids_[source_] < edge.source) ++source_;
  const std::size_t source = source_, target = find(edge.target);
  for (const auto& [at, id] : {std::pair(source, edge.source), std::pair(target, edge.target)})
    if (at >= ids_.size() || ids_[at] != id)
      throw InputError("the edges to append have changed while they were sorted");
  const AtomId atom = choose(source, target);
  enter(source, atom);
  enter(target, atom);
  gains_[atom].edges.push_back(edge);
  ++load_[atom];
  if (++waiting_ == kWaiting) hand_over();
}

void AtomGrowth::finish() {
  for (std::size_t v = 0; v < ids_.size(); ++v) {
    if (atoms_.at_home(v)) continue;
    enter(v, spread(mix(ids_[v]), static_cast<std::uint32_t>(load_.size())));
    if (++waiting_ == kWaiting) hand_over();
  }
  hand_over();
}

// Walks both sets, which ascend, and keeps the lightest atom that is in both and the lightest that is in either.
AtomId AtomGrowth::choose(std::size_t source, std::size_t target) const {
  const std::span<const AtomSets::Atom> a = atoms_[source], b = atoms_[target];
  std::optional<AtomId> both, either;
  const auto consider = [&](std::optional<AtomId>& best, AtomId atom) {
    if (!best || load_[atom] < load_[*best]) best = atom;
  };
  for (auto i = a.begin(), j = b.begin(); i != a.end() || j != b.end();) {
    const bool from_a = i != a.end() && (j == b.end() || *i <= *j), from_b = j != b.end() && (i == a.end() || *j <= *i);
    const AtomId atom = from_a ? *i : *j;
    consider(either, atom);
    if (from_a && from_b) consider(both, atom);
    if (from_a) ++i;
    if (from_b) ++j;
  }
  if (both && load_[*both] < limit_) return *both;
  if (either && load_[*either] < limit_) return *either;
  return lightest_of_all();
}

AtomId AtomGrowth::lightest_of_all() const {
  return static_cast<AtomId>(std::ranges::min_element(load_) - load_.begin());
}

void AtomGrowth::enter(std::size_t vertex, AtomId atom) {
  if (!atoms_.insert(vertex, atom)) return;
  for (const AtomId other : atoms_[vertex])
    if (other != atom) ++shared_[std::min(atom, other) * load_.size() + std::max(atom, other)];
  if (atoms_.at_home(vertex)) {
    gains_[atom].ghosts.push_back(ids_[vertex]);
    return;
  }
  atoms_.set_at_home(vertex);
  ++new_vertices_;
  gains_[atom].vertices.push_back(ids_[vertex]);
}

void AtomGrowth::hand_over() {
  waiting_ = 0;
  parallel::for_each_index(gains_.size(), [&](std::size_t a) {
    if (gains_[a].empty()) return;
    sink_(static_cast<AtomId>(a), gains_[a]);
    gains_[a] = {};
  });
}

std::vector<AtomIndex::Shared> AtomGrowth::shared() const {
  std::vector<AtomIndex::Shared> pairs;
  const auto atoms = static_cast<AtomId>(load_.size());
  for (AtomId a = 0; a < atoms; ++a)
    for (AtomId b = a + 1; b < atoms; ++b)
      if (const std::uint64_t vertices = shared_[std::size_t{a} * atoms + b]; vertices > 0)
        pairs.push_back({a, b, vertices});
  return pairs;
}

}  // namespace gasket
