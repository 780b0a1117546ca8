#include "partition/build/route.hpp"

#include <algorithm>

#include "partition/comm/exchange.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::size_t kRoundBytes = std::size_t{64} << 20;

// The edges of one round, sorted by destination.
struct Buckets {
  std::vector<BigArray<std::uint32_t>> narrow;
  std::vector<BigArray<std::uint64_t>> wide;
  std::vector<BigArray<double>> weights;
};

// `indices`: of the chunks of the round among all.
Buckets sort_by_rank(std::vector<EdgeChunk>& round, std::span<const std::size_t> indices, std::size_t ranks,
                     bool narrow, bool weighted, const Placement& placement) {
  // Per chunk: the part of each edge, and how many go to each rank; then where each chunk's edges begin there.
  std::vector<BigArray<PartId>> parts(round.size());
  std::vector<std::vector<std::size_t>> at(round.size(), std::vector<std::size_t>(ranks));
  parallel::for_each_index(round.size(), [&](std::size_t c) {
    parts[c] = BigArray<PartId>(round[c].size());
    placement.place(round[c], indices[c], parts[c].span());
    for (const PartId part : parts[c]) ++at[c][part];
  });
  Buckets buckets;
  for (std::size_t r = 0; r < ranks; ++r) {
    std::size_t size = 0;
    for (auto& begins : at) begins[r] = std::exchange(size, size + begins[r]);
    if (narrow)
      buckets.narrow.emplace_back(2 * size);
    else
      buckets.wide.emplace_back(2 * size);
    if (weighted) buckets.weights.emplace_back(size);
  }
  parallel::for_each_index(round.size(), [&](std::size_t c) {
    const auto deal = [&](const auto& pairs, auto& into) {
      std::vector<std::size_t> next = at[c];
      for (std::size_t i = 0; i < parts[c].size(); ++i) {
        const PartId part = parts[c][i];
        const std::size_t position = next[part]++;
        into[part][2 * position] = pairs[2 * i];
        into[part][2 * position + 1] = pairs[2 * i + 1];
        if (weighted) buckets.weights[part][position] = round[c].weights[i];
      }
    };
    if (narrow)
      deal(round[c].narrow, buckets.narrow);
    else
      deal(round[c].wide, buckets.wide);
    round[c] = EdgeChunk();
  });
  return buckets;
}

}  // namespace

Arcs route(Communicator& comm, std::vector<EdgeChunk> chunks, bool narrow, bool weighted, bool undirected,
           const Placement& placement) {
  Arcs arcs;
  const bool add_reverse = undirected && !placement.symmetric();
  arcs.both_ways = undirected && placement.symmetric();
  if (comm.size() == 1) {
    arcs.blocks = std::move(chunks);
    arcs.both_ways = undirected;
    return arcs;
  }
  const auto ranks = static_cast<std::size_t>(comm.size());
  while (comm.any(!chunks.empty())) {
    std::vector<EdgeChunk> round;
    std::vector<std::size_t> indices;
    for (std::size_t bytes = 0; !chunks.empty() && bytes < kRoundBytes; chunks.pop_back()) {
      bytes += chunks.back().size() * ((narrow ? 8 : 16) + (weighted ? 8 : 0)) * (add_reverse ? 2 : 1);
      if (add_reverse) round.push_back(reversed(chunks.back()));
      round.push_back(std::move(chunks.back()));
      indices.resize(round.size(), chunks.size() - 1);
    }
    Buckets buckets = sort_by_rank(round, indices, ranks, narrow, weighted, placement);
    std::vector<EdgeChunk> received(ranks);
    const auto receive = [&](auto outgoing, auto member) {
      auto incoming = exchange(comm, std::move(outgoing));
      for (std::size_t r = 0; r < ranks; ++r) received[r].*member = std::move(incoming[r]);
    };
    if (narrow)
      receive(std::move(buckets.narrow), &EdgeChunk::narrow);
    else
      receive(std::move(buckets.wide), &EdgeChunk::wide);
    if (weighted) receive(std::move(buckets.weights), &EdgeChunk::weights);
    for (EdgeChunk& chunk : received)
      if (chunk.size() > 0) arcs.blocks.push_back(std::move(chunk));
  }
  return arcs;
}

}  // namespace gasket
