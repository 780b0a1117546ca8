#pragma once
// What an append adds to which atom: the rule of append.hpp, on one rank. Edges pass through: only vertices are kept.

#include <functional>
#include <span>
#include <vector>

#include "partition/atoms/atom_sets.hpp"
#include "partition/atoms/index.hpp"
#include "partition/atoms/journal.hpp"
#include "partition/big_array.hpp"

namespace gasket {

class AtomGrowth {
 public:
  struct Gain {
    std::vector<ExternalId> vertices;
    std::vector<ExternalId> ghosts;
    std::vector<AtomEdge> edges;
    bool empty() const { return vertices.empty() && ghosts.empty() && edges.empty(); }
  };
  /// Takes what an atom gets next. Called for several atoms at once.
  using Sink = std::function<void(AtomId, const Gain&)>;
  /// Edges that wait until the sink gets what there is.
  static constexpr std::size_t kWaiting = std::size_t{1} << 20;

  /// `vertices`: ascending, each once, all ends of the new edges and those that have none. `edges`: how many are to come.
  AtomGrowth(const AtomIndex& index, BigArray<ExternalId> vertices, EdgeCount edges, Sink sink);

  // First what the atoms know already.
  /// Which of the vertices here (by number) are among the ids. By several workers at once.
  std::vector<std::size_t> known_among(std::span<const ExternalId> ids) const;
  void note(std::size_t vertex, AtomId atom, bool home);

  /// Then every edge gets its atom, in ascending order. O(log ids + atoms that an end is in), O(atoms) where none has an
  /// end. Throws InputError for an end that is not among the ids.
  void place(const AtomEdge& edge);
  /// And vertices without an edge theirs; the sink has all then.
  void finish();

  std::uint64_t new_vertices() const { return new_vertices_; }
  /// Of all atoms, old and new.
  std::vector<AtomIndex::Shared> shared() const;

 private:
  std::size_t find(ExternalId id) const;
  AtomId choose(std::size_t source, std::size_t target) const;
  AtomId lightest_of_all() const;
  void enter(std::size_t vertex, AtomId atom);
  void hand_over();

  BigArray<ExternalId> ids_;
  AtomSets atoms_;          // of each
  std::size_t source_ = 0;  // of the last edge
  std::vector<EdgeCount> load_;
  EdgeCount limit_ = 0;
  std::vector<std::uint64_t> shared_;  // [smaller atom][larger atom]
  std::vector<Gain> gains_;
  std::size_t waiting_ = 0;
  std::uint64_t new_vertices_ = 0;
  Sink sink_;
};

}  // namespace gasket
