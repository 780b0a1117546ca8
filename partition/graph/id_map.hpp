#pragma once
// From the ids a file uses to dense global ids, on all ranks together. A vertex's global id is the position of its
// external id in ascending order: it depends on the input alone, not on ranks, threads or timing, and it keeps the
// locality that the input's numbering has.
//
// Three cases, from cheap to dear: ids that are already 0 .. n-1 stay; ids from a range not much larger than the graph
// go through a bitmap of the range that every rank holds while loading; any other 64-bit ids are sorted across ranks
// (sample sort: each rank sends its distinct ids to the rank that owns their interval and is told their numbers).
// Traffic of the last case: 16 bytes per distinct id and rank.

#include <span>
#include <string>
#include <vector>

#include "partition/graph/name_table.hpp"
#include "partition/graph/ranked_bitmap.hpp"
#include "partition/graph/vertex_ids.hpp"
#include "partition/io/edge_chunk.hpp"

namespace gasket {

/// InputError: an edge names a vertex that is not among those which the source lists, or beyond those it counts.
[[noreturn]] void refuse_unlisted(const std::string& source, ExternalId id);
[[noreturn]] void refuse_beyond(const std::string& source, ExternalId first, GlobalId vertices, ExternalId id);

class IdMap {
 public:
  /// For a source that says its vertices are first .. first + vertices - 1. Collective. Throws InputError (agreed) when
  /// an edge names another.
  static IdMap fixed(Communicator& comm, ExternalId first, GlobalId vertices, std::span<const EdgeChunk> edges,
                     const std::string& source);
  /// Finds the ids in the edges and in `listed` of all ranks. With `only_listed` an edge that names an id not listed
  /// is an InputError (agreed). Collective.
  static IdMap discover(Communicator& comm, std::span<const EdgeChunk> edges,
                        std::span<const BigArray<ExternalId>> listed, bool only_listed, const std::string& source);

  /// For edges whose ids are the table's numbers for strings. Collective. The table is cleared.
  static IdMap of_names(Communicator& comm, NameTable& names);

  GlobalId vertices() const { return vertices_; }
  /// Whether global ids fit 32 bits; the chunks that translate leaves are then narrow.
  bool narrow() const { return vertices_ <= (GlobalId{1} << 32); }
  /// Replaces external by global ids. Local; by several workers at once, each its own chunk.
  void translate(EdgeChunk& chunk) const;
  /// What stays of the map once all edges are translated. Collective.
  VertexIds into_vertex_ids(Communicator& comm) &&;

 private:
  enum class Kind { identity, bitmap, sorted, named };

  void discover_in_range(Communicator& comm, ExternalId highest, std::span<const EdgeChunk> edges,
                         std::span<const BigArray<ExternalId>> listed, bool only_listed, const std::string& source);
  void discover_any(Communicator& comm, std::span<const EdgeChunk> edges, std::span<const BigArray<ExternalId>> listed,
                    bool only_listed, const std::string& source);
  void index_keys();
  bool keeps_ids() const { return kind_ == Kind::identity && first_ == 0; }
  GlobalId global_of(ExternalId id) const;
  template <class From, class To>
  void rewrite(const BigArray<From>& from, BigArray<To>& to) const;

  Kind kind_ = Kind::identity;
  ExternalId first_ = 0;  // identity: what is taken off every id
  GlobalId vertices_ = 0;
  RankedBitmap bitmap_;
  // sorted: the ids this rank's edges use, ascending, with their numbers, and an index by leading bits
  BigArray<ExternalId> keys_;
  BigArray<GlobalId> numbers_;
  BigArray<std::uint64_t> first_key_;  // first position in keys_ whose (key - keys_[0]) >> shift_ is at least i
  int shift_ = 0;
  NameList names_;  // named: those of the slice that this rank owns; numbers_ then goes by the table's numbers
  // sorted and named: the slice of all ids that this rank owns
  std::vector<GlobalId> begins_;
  BigArray<ExternalId> owned_;
};

}  // namespace gasket
