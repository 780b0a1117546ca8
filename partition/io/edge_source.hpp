#pragma once
// Where edges come from: a text file, a binary file, a generator. All ranks open the same source; each reads
// its own share, so that the shares of all ranks are every edge exactly once.

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "partition/comm/communicator.hpp"
#include "partition/graph/adjacency.hpp"
#include "partition/graph/name_list.hpp"
#include "partition/graph/name_table.hpp"
#include "partition/graph/vertex_order.hpp"
#include "partition/io/edge_chunk.hpp"

namespace gasket {

/// Takes a chunk of edges; called by several worker threads at once.
using ChunkSink = std::function<void(EdgeChunk&&)>;
/// Takes external ids of vertices that exist whether or not they have edges; called by several workers at once.
using VertexSink = std::function<void(std::span<const ExternalId>)>;

/// A whole graph as one rank wants to have it.
struct StoredRows {
  Adjacency by_source;  // an undirected graph has both arcs of an edge
  VertexOrder order = VertexOrder::input;
  BigArray<GlobalId> global_ids;  // of the rows
  BigArray<ExternalId> ids;       // of all vertices, ascending; empty when they are 0 .. n-1
  NameList names;                 // of all vertices, ascending; empty when ids are numbers
  EdgeCount edges = 0;            // an undirected edge is one
};

/// How large a graph is, as far as can be told before it is read.
struct SourceSize {
  double edges = 0;
  double vertices = 0;
  double highest_id = 0;
  double id_bytes = 0;    // of an id's text
  bool names = false;     // ids are strings in a text
  double kept_names = 0;  // bytes of the strings that a stored graph calls its vertices by
};

class EdgeSource {
 public:
  virtual ~EdgeSource() = default;

  /// For messages: the path, or the generator with its parameters.
  virtual std::string describe() const = 0;
  /// Whether read() delivers weights. Known before reading, the same on every rank.
  virtual bool weighted() const = 0;
  /// What the source itself says about direction, when it does (a .gsk file, a generator).
  virtual std::optional<bool> directed() const { return std::nullopt; }
  /// Set when the vertices are exactly n consecutive ids, also those without an edge.
  virtual std::optional<std::uint64_t> vertex_count() const { return std::nullopt; }
  /// The smallest of them.
  virtual ExternalId first_id() const { return 0; }
  /// What the source says of itself, for people: "Matrix Market, real symmetric: 10 vertices, 17 entries". One line, or
  /// nothing.
  virtual std::string said() const { return {}; }
  /// Edges of all ranks together, where that is known before reading (a .gsk file; a generator, perhaps roughly).
  virtual std::optional<EdgeCount> edge_count() const { return std::nullopt; }
  /// About how much it is; may read pieces of a file. Local. Throws InputError as reading does.
  virtual SourceSize estimate_size() const {
    const auto edges = static_cast<double>(edge_count().value_or(0));
    const double vertices = vertex_count() ? static_cast<double>(*vertex_count()) : edges / 8;
    return {.edges = edges, .vertices = vertices, .highest_id = vertices};
  }
  /// True when the source lists its vertices (LDBC .v, sparse .gsk): an edge may then name no other.
  virtual bool lists_vertices() const { return false; }
  /// True when the source names vertices that may have no edge, and does not name all (an adjacency list):
  /// read_vertices then delivers them, after read_edges.
  virtual bool names_lone_vertices() const { return false; }

  /// Set when vertices are called by strings: edges then carry this rank's numbers for them in this table, which is full
  /// once all are read.
  virtual NameTable* names() { return nullptr; }

  /// True when vertices are called by strings and the source has numbered them: 0 .. n-1, as the strings ascend.
  virtual bool stores_names() const { return false; }
  /// Those strings, of this rank's share of the vertices: shares follow each other as ranks do. Local. Throws InputError.
  virtual NameList read_names() { return {}; }

  /// True when the share of each rank is to be its part of the graph (atoms): edges stay where they are read.
  virtual bool placed() const { return false; }
  /// Before reading: how much each rank is to get, relative to the others, one positive number per rank; all the same
  /// unless it is called. Only sources that are placed care.
  virtual void share_out(std::span<const double>) {}

  /// Set when the source stores rows in an order that an engine may want, and all are this rank's share: that order.
  virtual std::optional<VertexOrder> stores_rows() const { return std::nullopt; }
  /// What it stores. Local, on all workers. Throws InputError when that is not a graph.
  virtual StoredRows read_rows() { return {}; }

  /// Delivers this rank's share of the listed vertices. Local, on all workers.
  virtual void read_vertices(const VertexSink&) {}
  /// Delivers this rank's share of the edges in chunks. Local (no communication), on all workers.
  /// Throws InputError that names file and line of the first bad line of the share.
  virtual void read_edges(const ChunkSink& sink) = 0;

  /// Before read_edges: what a rank must know of the others' shares to read its own. Collective. Errors are agreed.
  virtual void prepare(Communicator&) {}
  /// After read_edges: whether all shares together are what the source announces. Collective. Throws InputError, agreed.
  virtual void check_read(Communicator&) {}
};

/// A rank's place among its peers, for sources that split their input.
struct Share {
  int rank = 0;
  int ranks = 1;
};

}  // namespace gasket
