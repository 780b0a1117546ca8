#pragma once
// The common part of oblivious, greedy and HDRF: each edge goes to the part of highest score
//
//   g(u) [u has a copy there] + g(v) [v has a copy there] + lambda (max - load) / (1 + max - min)
//
// among the parts that are not full. Parts with copies of both ends, of u alone, of v alone and of neither differ by
// load only, so of each kind just the least loaded is compared: O(copies of u and v + log p) per edge, not O(p).
//
// Every rank streams its own share, shuffled (edge_stream.hpp). From batch to batch (at most 65536 edges a rank) loads
// are added up, and new copies told to all where the strategy says so. State: parts / 8 bytes per vertex, on every
// rank, whatever the number of edges.

#include <bit>
#include <limits>

#include "partition/place/assigned_edges.hpp"
#include "partition/place/edge_stream.hpp"
#include "partition/place/part_loads.hpp"
#include "partition/place/replica_sets.hpp"

namespace gasket {

inline constexpr double kMostLoad = 1.05;  // times the equal share

/// What having a copy of u or v is worth: gains(u, v) -> that of u, that of v.
struct Gains {
  double u, v;
};

class GreedyChooser {
 public:
  explicit GreedyChooser(double lambda) : lambda_(lambda) {}

  PartId choose(const std::uint64_t* u, const std::uint64_t* v, std::size_t words, Gains gains,
                const PartLoads& loads) const {
    constexpr PartId none = ~PartId{0};
    PartId both = none, only_u = none, only_v = none;
    for (std::size_t w = 0; w < words; ++w) {
      const auto least = [&](std::uint64_t bits, PartId& best) {
        for (; bits != 0; bits &= bits - 1) {
          const auto q = static_cast<PartId>(64 * w + static_cast<std::size_t>(std::countr_zero(bits)));
          if (!loads.full(q) && (best == none || loads[q] < loads[best])) best = q;
        }
      };
      least(u[w] & v[w], both);
      least(u[w] & ~v[w], only_u);
      least(v[w] & ~u[w], only_v);
    }
    PartId best = loads.least();
    const double highest = loads.highest();
    const double scale = lambda_ / (1 + highest - loads[best]);
    const auto room = [&](PartId q) { return scale * (highest - loads[q]); };
    double score = room(best);
    const auto compare = [&](PartId q, double gain) {
      if (q == none) return;
      const double other = gain + room(q);
      if (other <= score) return;
      best = q;
      score = other;
    };
    compare(only_u, gains.u);
    compare(only_v, gains.v);
    compare(both, gains.u + gains.v);
    return best;
  }

 private:
  double lambda_;
};

/// Streams all edges; gains(u, v) -> Gains; prefetch(v) for what gains reads. Collective.
template <class GainsOf, class Prefetch>
std::unique_ptr<Placement> place_greedily(const PlacementInput& input, bool tell_copies, double lambda,
                                          const GainsOf& gains, const Prefetch& prefetch) {
  EdgeStream stream(*input.comm, input.edges, EdgeStream::Order::shuffled, input.seed);
  PartLoads loads(PartShares(input.parts, input.weights), stream.edges(), kMostLoad);
  ReplicaSets copies(input.vertices, input.parts);
  EdgeParts parts(input.edges);
  const GreedyChooser chooser(lambda);
  const bool tell = tell_copies && !stream.alone();
  if (tell) copies.keep_news();
  while (stream.next()) {
    const std::span<const StreamEdge> batch = stream.batch();
    if (!stream.alone()) {
      loads.exchange(*input.comm, batch.size(), input.comm->sum<EdgeCount>(batch.size()));
      if (tell) copies.exchange(*input.comm);
    }
    constexpr std::size_t ahead = 12;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (i + ahead < batch.size())
        for (const GlobalId v : {batch[i + ahead].source, batch[i + ahead].target}) {
          copies.prefetch(v);
          prefetch(v);
        }
      const auto [u, v, chunk, index] = batch[i];
      const PartId part = chooser.choose(copies.of(u), copies.of(v), copies.words(), gains(u, v), loads);
      loads.add(part);
      copies.insert(u, part);
      copies.insert(v, part);
      parts.at(chunk, index) = static_cast<std::uint16_t>(part);
    }
  }
  return std::make_unique<AssignedEdges>(input, std::move(parts));
}

}  // namespace gasket
