#pragma once
// The common part of oblivious, greedy and HDRF: each edge goes to the part of highest score
//
//   g(u) [u has a copy there] + g(v) [v has a copy there] + lambda (max - load) / (1 + max - min)
//
// among the parts that are not full. Parts with copies of both ends, of u alone, of v alone and of neither differ by
// load only, so of each kind just the least loaded is compared, found by bit slices (sliced_loads.hpp) and without
// branches, which no processor could predict: O(log of how far loads differ) per edge for each 64 parts.
//
// Every rank streams its own share, shuffled (edge_stream.hpp). From batch to batch (at most 65536 edges a rank) loads
// are added up, and new copies told to all where the strategy says so. State: parts / 8 bytes per vertex, on every
// rank, whatever the number of edges.

#include <array>
#include <bit>

#include "partition/place/assigned_edges.hpp"
#include "partition/place/edge_stream.hpp"
#include "partition/place/replica_sets.hpp"
#include "partition/place/sliced_loads.hpp"

namespace gasket {

inline constexpr double kMostLoad = 1.05;  // times the equal share

/// What having a copy of u or v is worth: gains(u, v) -> that of u, that of v.
struct Gains {
  double u, v;
};

class GreedyChooser {
 public:
  GreedyChooser(double lambda, const SlicedLoads& loads) : lambda_(fixed(lambda)), loads_(loads) {}

  /// Of up to 64 parts.
  PartId choose(std::uint64_t u, std::uint64_t v, Gains gains) const {
    Sets sets = kinds(u, v, 0);
    loads_.keep_least(0, sets);
    return best({{first(sets[any], 0), first(sets[only_u], 0), first(sets[only_v], 0), first(sets[both], 0)}}, gains);
  }
  /// Of any number; `least`: the least loaded of all.
  PartId choose(std::span<const std::uint64_t> u, std::span<const std::uint64_t> v, Gains gains, PartId least) const {
    Candidates found = {};
    found[any] = {least, true};
    for (std::size_t w = 0; w < u.size(); ++w) {
      if ((u[w] | v[w]) == 0) continue;
      Sets sets = kinds(u[w], v[w], w);
      loads_.keep_least(w, sets);
      for (std::size_t kind = only_u; kind < kKinds; ++kind) {
        const Candidate here = first(sets[kind], w);
        if (here.exists && (!found[kind].exists || loads_.room(here.part) > loads_.room(found[kind].part)))
          found[kind] = here;
      }
    }
    return best(found, gains);
  }

 private:
  enum Kind : std::size_t { any, only_u, only_v, both, kKinds };
  using Sets = std::array<std::uint64_t, kKinds>;
  struct Candidate {
    PartId part = 0;
    bool exists = false;
  };
  using Candidates = std::array<Candidate, kKinds>;

  static std::int64_t fixed(double x) { return static_cast<std::int64_t>(x * (1 << 20)); }

  Sets kinds(std::uint64_t u, std::uint64_t v, std::size_t word) const {
    const std::uint64_t open = loads_.open(word);
    return {loads_.all(word), u & ~v & open, v & ~u & open, u & v & open};
  }
  static Candidate first(std::uint64_t set, std::size_t word) {
    return {static_cast<PartId>(64 * word + (static_cast<std::size_t>(std::countr_zero(set)) & 63)), set != 0};
  }
  // Compares scores times the denominator; of equal ones the first kind.
  PartId best(const Candidates& candidates, Gains gains) const {
    const std::int64_t scale = loads_.unit() + loads_.room(candidates[any].part);
    const std::int64_t gain[kKinds] = {0, fixed(gains.u), fixed(gains.v), fixed(gains.u + gains.v)};
    PartId part = 0;
    std::int64_t highest = -1;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const Candidate c = candidates[kind];
      const std::int64_t score = c.exists ? gain[kind] * scale + lambda_ * loads_.room(c.part) : -1;
      part = score > highest ? c.part : part;
      highest = score > highest ? score : highest;
    }
    return part;
  }

  std::int64_t lambda_;
  const SlicedLoads& loads_;
};

struct StreamEnds {
  GlobalId source, target;
};

/// Streams all edges; gains(u, v) -> Gains; prefetch(v) for what gains reads. Collective.
template <class GainsOf, class Prefetch>
std::unique_ptr<Placement> place_greedily(const PlacementInput& input, bool tell_copies, double lambda,
                                          const GainsOf& gains, const Prefetch& prefetch) {
  EdgeStream stream(*input.comm, input.edges, EdgeStream::Order::shuffled, input.seed);
  const PartShares shares(input.parts, input.weights);
  PartLoads loads(shares, stream.edges(), kMostLoad);
  SlicedLoads sliced(shares, loads);
  ReplicaSets copies(input.vertices, input.parts);
  EdgeParts parts(input.edges);
  const GreedyChooser chooser(lambda, sliced);
  const bool tell = tell_copies && !stream.alone();
  if (tell) copies.keep_news();

  std::vector<StreamEnds> batch;
  std::vector<std::uint16_t> placed;
  const auto place_batch = [&](const auto& choose) {
    constexpr std::size_t ahead = 12;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (i + ahead < batch.size())
        for (const GlobalId v : {batch[i + ahead].source, batch[i + ahead].target}) {
          copies.prefetch(v);
          prefetch(v);
        }
      const auto [u, v] = batch[i];
      const PartId part = choose(u, v);
      sliced.add(part);
      copies.insert(u, part);
      copies.insert(v, part);
      placed[i] = static_cast<std::uint16_t>(part);
    }
  };
  while (stream.next()) {
    if (!stream.alone()) {
      loads.exchange(*input.comm, stream.size(), input.comm->sum<EdgeCount>(stream.size()));
      sliced.renew();
      if (tell) copies.exchange(*input.comm);
    }
    batch.clear();
    placed.resize(stream.size());
    stream.deal([&](const EdgeRun& run, std::uint32_t k) {
      const EdgeChunk& chunk = input.edges[run.chunk];
      const std::size_t i = run.first + k;
      if (chunk.narrow.empty())
        batch.push_back({chunk.wide[2 * i], chunk.wide[2 * i + 1]});
      else
        batch.push_back({chunk.narrow[2 * i], chunk.narrow[2 * i + 1]});
    });
    if (input.parts <= 64)
      place_batch([&](GlobalId u, GlobalId v) { return chooser.choose(*copies.of(u), *copies.of(v), gains(u, v)); });
    else
      place_batch([&](GlobalId u, GlobalId v) {
        return chooser.choose({copies.of(u), copies.words()}, {copies.of(v), copies.words()}, gains(u, v),
                              loads.least());
      });
    std::size_t next = 0;
    stream.deal([&](const EdgeRun& run, std::uint32_t k) { parts.at(run.chunk, run.first + k) = placed[next++]; });
  }
  return std::make_unique<AssignedEdges>(input, std::move(parts));
}

}  // namespace gasket
