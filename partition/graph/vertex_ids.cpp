#include "partition/graph/vertex_ids.hpp"

#include <algorithm>

#include "partition/comm/exchange.hpp"

namespace gasket {

VertexIds VertexIds::dense(GlobalId vertices) {
  VertexIds ids;
  ids.count_ = vertices;
  return ids;
}

VertexIds VertexIds::sparse(std::vector<GlobalId> begins, BigArray<ExternalId> slice) {
  VertexIds ids;
  ids.count_ = begins.back();
  ids.begins_ = std::move(begins);
  ids.slice_ = std::move(slice);
  return ids;
}

BigArray<ExternalId> VertexIds::external(Communicator& comm, std::span<const GlobalId> vertices) const {
  BigArray<ExternalId> result{vertices};
  if (is_dense()) return result;

  const auto ranks = static_cast<std::size_t>(comm.size());
  const auto holder = [&](GlobalId v) {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins_, v) - begins_.begin()) - 1;
  };
  std::vector<std::size_t> sizes(ranks), filled(ranks);
  for (const GlobalId v : vertices) ++sizes[holder(v)];
  std::vector<BigArray<std::uint64_t>> asked;
  for (const std::size_t size : sizes) asked.emplace_back(size);
  for (const GlobalId v : vertices) {
    const std::size_t r = holder(v);
    asked[r][filled[r]++] = v;
  }
  std::vector<BigArray<std::uint64_t>> answers = exchange(comm, std::move(asked));
  const GlobalId mine = begins_[static_cast<std::size_t>(comm.rank())];
  for (BigArray<std::uint64_t>& list : answers)
    for (std::uint64_t& v : list) v = slice_[v - mine];
  answers = exchange(comm, std::move(answers));
  std::ranges::fill(filled, 0);
  for (ExternalId& id : result) {
    const std::size_t r = holder(id);
    id = answers[r][filled[r]++];
  }
  return result;
}

std::optional<GlobalId> VertexIds::find(Communicator& comm, ExternalId id) const {
  if (is_dense()) return id < count_ ? std::optional(id) : std::nullopt;
  const auto found = std::lower_bound(slice_.begin(), slice_.end(), id);
  const bool here = found != slice_.end() && *found == id;
  const GlobalId vertex =
      here ? begins_[static_cast<std::size_t>(comm.rank())] + static_cast<GlobalId>(found - slice_.begin()) : count_;
  const GlobalId answer = comm.min(vertex);
  return answer < count_ ? std::optional(answer) : std::nullopt;
}

}  // namespace gasket
