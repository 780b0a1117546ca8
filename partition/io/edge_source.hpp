#pragma once
// Where edges come from: a text file, a binary file, a generator. All ranks open the same source; each reads
// its own share, so that the shares of all ranks are every edge exactly once.

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "partition/graph/adjacency.hpp"
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
  EdgeCount edges = 0;            // an undirected edge is one
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
  /// Set when the vertices are exactly the ids 0 .. n-1, also those without an edge.
  virtual std::optional<std::uint64_t> vertex_count() const { return std::nullopt; }
  /// Edges of all ranks together, where that is known before reading (a .gsk file; a generator, perhaps roughly).
  virtual std::optional<EdgeCount> edge_count() const { return std::nullopt; }
  /// True when the source lists its vertices (LDBC .v, sparse .gsk): an edge may then name no other.
  virtual bool lists_vertices() const { return false; }

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
};

/// A rank's place among its peers, for sources that split their input.
struct Share {
  int rank = 0;
  int ranks = 1;
};

}  // namespace gasket
