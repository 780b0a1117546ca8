#include "partition/place/gathered_edges.hpp"

#include "partition/comm/exchange.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {
namespace {

BigArray<std::uint32_t> copy_pairs(std::span<const EdgeChunk> edges) {
  std::size_t size = 0, at = 0;
  for (const EdgeChunk& chunk : edges) size += 2 * chunk.size();
  BigArray<std::uint32_t> pairs(size);
  for (const EdgeChunk& chunk : edges)
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) {
      pairs[at++] = static_cast<std::uint32_t>(source);
      pairs[at++] = static_cast<std::uint32_t>(target);
    });
  return pairs;
}

}  // namespace

GatheredEdges::GatheredEdges(const PlacementInput& input) : input_(input) {
  refuse_wide(input);
  const auto is_wide = [](const EdgeChunk& chunk) { return !chunk.wide.empty(); };
  if (input.comm->size() == 1 && std::ranges::none_of(input.edges, is_wide)) {
    for (const EdgeChunk& chunk : input.edges) pairs_.push_back(chunk.narrow.span());
    return;
  }
  std::vector<BigArray<std::uint32_t>> outgoing(static_cast<std::size_t>(input.comm->size()));
  outgoing[0] = copy_pairs(input.edges);
  received_ = exchange(*input.comm, std::move(outgoing));
  for (const auto& list : received_) pairs_.push_back(list.span());
}

EdgeParts GatheredEdges::give_back(PartLists parts) const {
  if (received_.empty()) return EdgeParts(std::move(parts));
  parts.resize(static_cast<std::size_t>(input_.comm->size()));
  const BigArray<std::uint16_t> all = std::move(exchange(*input_.comm, std::move(parts))[0]);
  EdgeParts mine(input_.edges);
  std::size_t next = 0;
  for (std::size_t c = 0; c < input_.edges.size(); next += input_.edges[c].size(), ++c)
    std::copy_n(all.begin() + next, input_.edges[c].size(), mine.of(c).begin());
  return mine;
}

}  // namespace gasket
