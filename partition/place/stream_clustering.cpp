#include "partition/place/stream_clustering.hpp"

#include <algorithm>
#include <bit>

#include "partition/place/part_loads.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

StreamClustering::StreamClustering(const PlacementInput& input)
    : input_(input), vertices_(input.vertices), volume_(input.vertices) {
  std::uint64_t total = 0;
  for (GlobalId v = 0; v < input.vertices; ++v) {
    vertices_[v] = {static_cast<std::uint32_t>(v), input.degrees[v]};
    volume_[v] = input.degrees[v];
    total += input.degrees[v];
  }
  limit_ = std::max<std::uint64_t>(total / input.parts, 1);
}

void StreamClustering::stream(EdgeStream& stream) {
  log_ = !stream.alone();
  while (stream.next()) {
    for (const EdgeRun& run : stream.runs())
      with_ends(input_.edges[run.chunk], run, [&](const auto* ends) { meet_all(ends, run.count); });
    if (log_) exchange();
  }
}

template <class Id>
void StreamClustering::meet_all(const Id* ends, std::size_t count) {
  constexpr std::size_t ahead = 12;
  for (std::size_t i = 0; i < count; ++i) {
    // First the vertices, then, when they are there, their clusters.
    if (i + 2 * ahead < count) {
      prefetch_to_write(&vertices_[ends[2 * (i + 2 * ahead)]]);
      prefetch_to_write(&vertices_[ends[2 * (i + 2 * ahead) + 1]]);
    }
    if (i + ahead < count) {
      prefetch_to_write(&volume_[vertices_[ends[2 * (i + ahead)]].cluster]);
      prefetch_to_write(&volume_[vertices_[ends[2 * (i + ahead) + 1]].cluster]);
    }
    meet(ends[2 * i], ends[2 * i + 1]);
  }
}

inline void StreamClustering::meet(GlobalId u, GlobalId v) {
  const auto [a, du] = vertices_[u];
  const auto [b, dv] = vertices_[v];
  const std::uint64_t at_a = volume_[a], at_b = volume_[b];
  const bool u_moves = at_a - du <= at_b - dv;
  const std::uint64_t grown = std::max({at_a, at_b, u_moves ? at_b + du : at_a + dv});
  // Where nobody moves, a vertex of no degree moves to where it is: no processor could predict whether.
  const bool stays = (a == b) | (grown > limit_);
  const GlobalId who = u_moves ? u : v;
  const std::uint32_t from = u_moves ? a : b, to = (u_moves != stays) ? b : a;
  const std::uint64_t degree = stays ? 0 : u_moves ? du : dv;
  if (log_ && !stays) moves_.push_back({static_cast<std::uint32_t>(who), from});
  volume_[from] -= degree;
  volume_[to] += degree;
  vertices_[who].cluster = to;
}

inline void StreamClustering::move(GlobalId v, std::uint32_t to) {
  Vertex& vertex = vertices_[v];
  volume_[vertex.cluster] -= vertex.degree;
  volume_[to] += vertex.degree;
  vertex.cluster = to;
}

// Takes the own moves back, and makes those of all ranks in rank order: every rank comes to the same clusters.
void StreamClustering::exchange() {
  std::vector<Move> mine;
  for (std::size_t i = moves_.size(); i-- > 0;) {
    mine.push_back({moves_[i].vertex, vertices_[moves_[i].vertex].cluster});
    move(moves_[i].vertex, moves_[i].cluster);
  }
  std::ranges::reverse(mine);
  moves_.clear();
  for (const Move& m : input_.comm->all_gather_spans(std::span<const Move>(mine)))
    if (volume_[m.cluster] + vertices_[m.vertex].degree <= limit_) move(m.vertex, m.cluster);
}

BigArray<std::uint16_t> StreamClustering::pack(const PartShares& shares) const {
  std::vector<std::uint32_t> by_size[65];
  for (std::size_t c = 0; c < vertices_.size(); ++c)
    if (volume_[c] > 0) by_size[std::bit_width(volume_[c])].push_back(static_cast<std::uint32_t>(c));
  PartLoads loads(shares, 0, 1);
  BigArray<std::uint16_t> of_cluster(vertices_.size());
  for (int size = 64; size > 0; --size)
    for (const std::uint32_t c : by_size[size]) {
      const std::uint64_t volume = volume_[c];
      const PartId part = shares.equal() ? loads.least() : loads.least_with(volume);
      loads.add(part, volume);
      of_cluster[c] = static_cast<std::uint16_t>(part);
    }
  BigArray<std::uint16_t> parts(vertices_.size());
  for (std::size_t v = 0; v < vertices_.size(); ++v) parts[v] = of_cluster[vertices_[v].cluster];
  return parts;
}

}  // namespace gasket
