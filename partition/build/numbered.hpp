#pragma once
// The first stages of loading: a source's edges, by global id, before they are placed.

#include <functional>
#include <string_view>
#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct NumberedEdges {
  std::vector<EdgeChunk> edges;  // this rank's share by global id, in an order that no worker's speed has a say in
  bool narrow = true;            // all chunks are, or none
  GlobalId vertices = 0;
  VertexIds ids;
  LoadCounts counts;
};

/// Collective. Throws InputError (agreed) for what the source refuses and for a source without any vertex.
NumberedEdges read_numbered(Communicator& comm, EdgeSource& source, bool drop_self_loops,
                            const std::function<void(std::string_view)>& stage);

/// InputError (agreed): there is nothing in the source.
[[noreturn]] void refuse_empty(const EdgeSource& source);

}  // namespace gasket
