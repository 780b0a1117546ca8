#include "partition/atoms/growth.hpp"

#include <algorithm>

#include "partition/hash.hpp"
#include "partition/parallel.hpp"

namespace gasket {

AtomGrowth::AtomGrowth(const AtomIndex& index, std::vector<AtomEdge> edges, std::vector<ExternalId> vertices)
    : edges_(std::move(edges)),
      ids_(std::move(vertices)),
      vertices_(ids_.size()),
      shared_(index.atoms.size() * index.atoms.size()),
      gains_(index.atoms.size()) {
  parallel::sort(std::span(edges_), std::less<>());
  parallel::sort(std::span(ids_), std::less<>());
  for (const AtomFacts& atom : index.atoms) load_.push_back(atom.edges);
  for (const AtomIndex::Shared& pair : index.shared) shared_[pair.first * load_.size() + pair.second] = pair.vertices;
  const EdgeCount all = index.edges + edges_.size();
  limit_ = (all + all / 10) / load_.size() + 1;
}

AtomGrowth::Vertex& AtomGrowth::find(ExternalId id) {
  return vertices_[static_cast<std::size_t>(std::ranges::lower_bound(ids_, id) - ids_.begin())];
}

std::vector<std::size_t> AtomGrowth::known_among(std::span<const ExternalId> ids) const {
  std::vector<std::size_t> found;
  for (const ExternalId id : ids)
    if (const auto at = std::ranges::lower_bound(ids_, id); at != ids_.end() && *at == id)
      found.push_back(static_cast<std::size_t>(at - ids_.begin()));
  return found;
}

void AtomGrowth::note(std::size_t vertex, AtomId atom, bool home) {
  vertices_[vertex].atoms.push_back(atom);
  vertices_[vertex].at_home |= home;
}

// Notes come from workers in any order.
void AtomGrowth::end_notes() {
  for (Vertex& vertex : vertices_) std::ranges::sort(vertex.atoms);
}

void AtomGrowth::place() {
  for (const AtomEdge& edge : edges_) {
    Vertex &source = find(edge.source), &target = find(edge.target);
    const AtomId atom = choose(source, target);
    enter(edge.source, source, atom);
    enter(edge.target, target, atom);
    gains_[atom].edges.push_back(edge);
    ++load_[atom];
  }
  for (std::size_t v = 0; v < ids_.size(); ++v)
    if (!vertices_[v].at_home)
      enter(ids_[v], vertices_[v], spread(mix(ids_[v]), static_cast<std::uint32_t>(load_.size())));
}

AtomId AtomGrowth::choose(const Vertex& source, const Vertex& target) const {
  std::vector<AtomId> atoms;
  std::ranges::set_intersection(source.atoms, target.atoms, std::back_inserter(atoms));
  if (!atoms.empty())
    if (const AtomId atom = lightest(atoms); load_[atom] < limit_) return atom;
  atoms.clear();
  std::ranges::set_union(source.atoms, target.atoms, std::back_inserter(atoms));
  if (!atoms.empty())
    if (const AtomId atom = lightest(atoms); load_[atom] < limit_) return atom;
  return lightest_of_all();
}

AtomId AtomGrowth::lightest(std::span<const AtomId> atoms) const {
  return *std::ranges::min_element(atoms, {}, [&](AtomId atom) { return load_[atom]; });
}

AtomId AtomGrowth::lightest_of_all() const {
  return static_cast<AtomId>(std::ranges::min_element(load_) - load_.begin());
}

void AtomGrowth::enter(ExternalId id, Vertex& vertex, AtomId atom) {
  const auto at = std::ranges::lower_bound(vertex.atoms, atom);
  if (at != vertex.atoms.end() && *at == atom) return;
  for (const AtomId other : vertex.atoms) ++shared_[std::min(atom, other) * load_.size() + std::max(atom, other)];
  vertex.atoms.insert(at, atom);
  if (vertex.at_home) {
    gains_[atom].ghosts.push_back(id);
    return;
  }
  vertex.at_home = true;
  ++new_vertices_;
  gains_[atom].vertices.push_back(id);
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
