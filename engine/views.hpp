#pragma once
// What a vertex program sees: a vertex and an edge, by value, built where they are used so that whatever a program does
// not look at is never loaded.

#include "partition/types.hpp"

namespace gasket {

/// A vertex as its master sees it.
struct Vertex {
  ExternalId id = 0;            // as in the input
  GlobalId index = 0;           // 0 .. count-1, in ascending order of id
  GlobalId count = 0;           // vertices in the graph
  std::uint32_t in_degree = 0;  // in the whole graph; undirected: in = out = edges at the vertex
  std::uint32_t out_degree = 0;
  LocalId local = 0;  // where arrays of the masters have its entry: for what a program brings along about vertices
};

/// For programs that do not look at edge data.
struct NoEdgeData {};

/// One end of an edge: the ghost of the vertex there (the projection that neighbours see).
template <class Ghost>
struct End {
  const Ghost& ghost;
};

/// An edge, oriented the way the value flows: from the vertex that gives to the one that receives.
template <class Ghost, class EdgeData = NoEdgeData>
struct Edge {
  End<Ghost> from;
  EdgeData data;
};

/// Which edges of a vertex a program gathers over or scatters over.
enum class EdgeDirection { in, out, both };

}  // namespace gasket
