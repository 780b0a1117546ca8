#pragma once
// What an append adds to which atom: the rule of append.hpp, on one rank and in memory.

#include <span>
#include <vector>

#include "partition/atoms/index.hpp"
#include "partition/atoms/journal.hpp"

namespace gasket {

class AtomGrowth {
 public:
  struct Gain {
    std::vector<ExternalId> vertices;
    std::vector<ExternalId> ghosts;
    std::vector<AtomEdge> edges;
    bool empty() const { return vertices.empty() && ghosts.empty() && edges.empty(); }
  };

  /// `vertices`: each once, all ends of the edges and those that have none.
  AtomGrowth(const AtomIndex& index, std::vector<AtomEdge> edges, std::vector<ExternalId> vertices);

  // First what the atoms know already.
  /// Which of the vertices here (by number) are among the ids. By several workers at once.
  std::vector<std::size_t> known_among(std::span<const ExternalId> ids) const;
  void note(std::size_t vertex, AtomId atom, bool home);
  void end_notes();

  /// Then every edge gets its atom. O(edges) times the atoms that an end is in.
  void place();
  const std::vector<Gain>& gains() const { return gains_; }
  std::uint64_t new_vertices() const { return new_vertices_; }
  /// Of all atoms, old and new.
  std::vector<AtomIndex::Shared> shared() const;

 private:
  struct Vertex {
    std::vector<AtomId> atoms;
    bool at_home = false;  // somewhere
  };

  Vertex& find(ExternalId id);
  AtomId choose(const Vertex& source, const Vertex& target) const;
  AtomId lightest(std::span<const AtomId> atoms) const;
  AtomId lightest_of_all() const;
  void enter(ExternalId id, Vertex& vertex, AtomId atom);

  std::vector<AtomEdge> edges_;
  std::vector<ExternalId> ids_;  // ascending
  std::vector<Vertex> vertices_;
  std::vector<EdgeCount> load_;
  EdgeCount limit_ = 0;
  std::vector<std::uint64_t> shared_;  // [smaller atom][larger atom]
  std::vector<Gain> gains_;
  std::uint64_t new_vertices_ = 0;
};

}  // namespace gasket
