#pragma once
// The external ids of all vertices, spread over the ranks: how results get back the names that the input gave.

#include <optional>
#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/types.hpp"

namespace gasket {

class VertexIds {
 public:
  VertexIds() = default;
  /// External ids are 0 .. vertices-1: nothing is stored.
  static VertexIds dense(GlobalId vertices);
  /// This rank holds the external ids of the vertices begins[rank] .. begins[rank + 1]-1, ascending.
  static VertexIds sparse(std::vector<GlobalId> begins, BigArray<ExternalId> slice);

  GlobalId count() const { return count_; }
  bool is_dense() const { return begins_.empty(); }

  /// The external ids of any vertices. Collective; each rank may ask for others. 16 bytes per asked id in all.
  BigArray<ExternalId> external(Communicator& comm, std::span<const GlobalId> vertices) const;
  /// The vertex of an external id, if there is one. Collective; all ranks ask for the same.
  std::optional<GlobalId> find(Communicator& comm, ExternalId id) const;

 private:
  GlobalId count_ = 0;
  std::vector<GlobalId> begins_;  // ranks + 1 entries; empty when dense
  BigArray<ExternalId> slice_;
};

}  // namespace gasket
