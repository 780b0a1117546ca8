#include "partition/build/drop_duplicates.hpp"

#include <algorithm>

#include "partition/build/route.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18;

struct Entry {
  GlobalId source = 0;
  GlobalId target = 0;
  double weight = 0;

  auto operator<=>(const Entry&) const = default;
};
static_assert(sizeof(Entry) == kSortedEdgeBytes);

EdgeChunk chunk_of(std::span<const Entry> edges, bool narrow, bool weighted) {
  EdgeChunk chunk;
  const auto fill = [&](auto& ends) {
    ends = std::remove_cvref_t<decltype(ends)>(2 * edges.size());
    for (std::size_t i = 0; i < edges.size(); ++i) {
      ends[2 * i] = static_cast<std::remove_cvref_t<decltype(ends[0])>>(edges[i].source);
      ends[2 * i + 1] = static_cast<std::remove_cvref_t<decltype(ends[0])>>(edges[i].target);
    }
  };
  if (narrow)
    fill(chunk.narrow);
  else
    fill(chunk.wide);
  if (weighted) {
    chunk.weights = BigArray<double>(edges.size());
    for (std::size_t i = 0; i < edges.size(); ++i) chunk.weights[i] = edges[i].weight;
  }
  return chunk;
}

}  // namespace

EdgeCount drop_duplicates(Communicator& comm, NumberedEdges& input, bool undirected, bool weighted) {
  const auto by_hash = find_placement("random").make({.comm = &comm, .parts = static_cast<PartId>(comm.size())});
  Arcs arcs = route(comm, std::move(input.edges), input.narrow, weighted, undirected, *by_hash);
  std::size_t count = 0;
  for (const EdgeChunk& chunk : arcs.blocks) count += chunk.size();
  BigArray<Entry> edges(count);
  std::size_t at = 0;
  for (EdgeChunk& chunk : arcs.blocks) {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      if (undirected && target < source) std::swap(source, target);
      edges[at++] = {source, target, weighted ? chunk.weights[i] : 0};
    });
    chunk = EdgeChunk();
  }
  parallel::sort(edges.span(), std::less<>());
  const auto end = std::unique(edges.begin(), edges.end(), [](const Entry& a, const Entry& b) {
    return a.source == b.source && a.target == b.target;
  });
  const auto kept = static_cast<std::size_t>(end - edges.begin());
  // From the end on, so that what has become a chunk is freed.
  input.edges.clear();
  input.edges.resize((kept + kChunk - 1) / kChunk);
  for (std::size_t c = input.edges.size(); c-- > 0;) {
    edges.shrink(std::min(kept, (c + 1) * kChunk));
    input.edges[c] = chunk_of(edges.span().subspan(c * kChunk), input.narrow, weighted);
  }
  return comm.sum<EdgeCount>(count - kept);
}

}  // namespace gasket
