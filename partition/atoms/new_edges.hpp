#pragma once
// What a source brings to an append, in ascending order whatever the ranks and threads, without being held in memory:
// every rank sorts what it reads, a buffer at a time, into files in the folder, and rank 0 merges them.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "partition/atoms/journal.hpp"
#include "partition/atoms/sorted_runs.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

class NewEdges {
 public:
  /// Edges that a worker sorts at a time.
  static constexpr std::size_t kBuffer = std::size_t{1} << 18;
  /// What a worker's buffers take.
  static constexpr std::size_t kWorkerBytes = kBuffer * (sizeof(AtomEdge) + 2 * sizeof(ExternalId));

  /// Reads the source to the end. Collective. Throws (agreed) what the source refuses, InputError when the folder cannot
  /// be written, ResourceError when the disk is full. On the disk: 24 bytes per edge and 8 per end that is new to its
  /// buffer, until this is destroyed, which all ranks must have come to.
  NewEdges(Communicator& comm, EdgeSource& source, const std::string& folder, bool drop_self_loops);
  ~NewEdges();
  /// Takes away what one that was killed has left in the folder. When no other is at work there.
  static void remove_leftovers(const std::string& folder);

  // Of all ranks, the same on every rank.
  EdgeCount edges() const { return edges_; }
  std::uint64_t self_loops_dropped() const { return self_loops_dropped_; }

  /// The ends of all edges and what the source lists, each once, ascending. Local, where the folder is. Throws
  /// InputError for an edge that names a vertex which the source does not have.
  BigArray<ExternalId> vertices() const;
  /// All edges, ascending. Local, where the folder is.
  void for_each(const std::function<void(const AtomEdge&)>& visit) const;

 private:
  enum Kind : std::size_t { kEdges, kEnds, kListed, kKinds };
  class Sorter;

  void read(EdgeSource& source, Sorter& sorter);
  std::string path(Kind kind, int rank) const;
  std::vector<std::string> paths(Kind kind) const;
  // Calls visit(id, is it in a list) for all ids, ascending; an id may come several times.
  template <class Visit>
  void for_each_id(const Visit& visit) const;

  std::string folder_;
  int token_;  // tells the files of two that do not know of each other apart: some file systems have no locks
  std::string source_;
  int ranks_;
  bool only_listed_;
  ExternalId first_ = 0;
  std::optional<std::uint64_t> count_;  // set: the vertices are first_ .. first_ + count_ - 1
  EdgeCount edges_ = 0;
  std::uint64_t self_loops_dropped_ = 0;
  std::vector<std::unique_ptr<RunFile>> mine_;  // by kind
  std::vector<SortedRun> runs_[kKinds];         // of all ranks
};

}  // namespace gasket
