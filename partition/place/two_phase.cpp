// 2PS-L (Mayer, Orujzade, Jacobsen: Out-of-Core Edge Partitioning at Linear Run-Time, ICDE 2022). First a streaming
// clustering (stream_clustering.hpp), whose clusters are packed into parts, the largest first. Then edges between
// vertices of one part go there, and the others to whichever of their ends' two parts scores higher:
//
//   score(p) = sum over the ends x of [x has a copy in p] (2 - d(x) / (d(u) + d(v)))
//              + [p is x's part] vol(x) / (vol(u) + vol(v))
//
// where d is the degree and vol the degrees in the cluster. O(1) per edge whatever the number of parts, O(parts) per
// cluster where shares differ. Three passes in the order of the input; with several ranks, moves between clusters, loads
// and copies are exchanged from batch to batch. State: 24 + p / 8 bytes per vertex on every rank. No part gets more than 1.05 of its share.

#include <cmath>

#include "partition/place/assigned_edges.hpp"
#include "partition/place/edge_stream.hpp"
#include "partition/place/part_loads.hpp"
#include "partition/place/replica_sets.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/stream_clustering.hpp"
#include "partition/place/vertex_rows.hpp"
#include "partition/prefetch.hpp"

namespace gasket {
namespace {

class TwoPhase {
 public:
  explicit TwoPhase(const PlacementInput& input)
      : input_(input),
        stream_(*input.comm, input.edges, EdgeStream::Order::input, input.seed),
        loads_(PartShares(input.parts, input.weights), stream_.edges(), kMost),
        copies_(input.vertices, input.parts),
        part_of_hash_(input.parts, input.weights),
        parts_(input.edges) {
    if (!stream_.alone()) copies_.keep_news();
  }

  std::unique_ptr<Placement> run() {
    cluster();
    sweep([this](const auto* ends, std::size_t count, std::uint16_t* parts) { place_inside(ends, count, parts); });
    make_copies_at_home();
    sweep([this](const auto* ends, std::size_t count, std::uint16_t* parts) { place_between(ends, count, parts); });
    return std::make_unique<AssignedEdges>(input_, std::move(parts_));
  }

 private:
  static constexpr double kMost = 1.05;
  static constexpr std::uint16_t kOpen = 0xffff;  // of an edge that has no part yet
  static constexpr std::size_t kBlock = 1024;
  static constexpr std::size_t kAhead = 12;

  // What scores need of a vertex, in four bytes beside its copies. Degrees and volumes are only compared in proportion:
  // twelfths of their binary logarithms do, and their difference finds the proportion in a table.
  struct Profile {
    std::uint32_t home : 14;
    std::uint32_t degree : 9;
    std::uint32_t volume : 9;
  };
  static_assert(kMostParts <= 1 << 14);
  static constexpr std::int32_t kOne = 1 << 20;  // scores are whole numbers, which need no branch to be chosen by
  static constexpr std::int32_t kMostSteps = 511;
  static std::uint32_t steps(std::uint64_t value) {
    const float exact = 12 * std::log2(static_cast<float>(std::max<std::uint64_t>(value, 1)));
    return static_cast<std::uint32_t>(std::min<std::int32_t>(static_cast<std::int32_t>(exact + 0.5f), kMostSteps));
  }
  // x / (x + y) for any x and y that are so many steps apart.
  static std::vector<std::int32_t> make_shares() {
    std::vector<std::int32_t> shares;
    for (std::int32_t apart = -kMostSteps; apart <= kMostSteps; ++apart)
      shares.push_back(static_cast<std::int32_t>(kOne / (1 + std::exp2(-apart / 12.0))));
    return shares;
  }
  std::int32_t share(std::uint32_t x, std::uint32_t y) const { return shares_[x + kMostSteps - y]; }

  void cluster() {
    StreamClustering clusters(input_);
    clusters.stream(stream_);
    home_ = clusters.pack(PartShares(input_.parts, input_.weights));
    for (GlobalId v = 0; v < input_.vertices; ++v)
      copies_.set_beside(v, {.home = home_[v] & 0x3fffu,
                             .degree = steps(clusters.degree(v)) & 0x1ff,
                             .volume = steps(clusters.volume(v)) & 0x1ff});
    at_home_ = BigArray<std::uint64_t>(input_.vertices / 64 + 1);
  }

  template <class Place>
  void sweep(const Place& place) {
    stream_.rewind();
    while (stream_.next()) {
      if (!stream_.alone()) {
        loads_.exchange(*input_.comm, stream_.size());
        copies_.exchange(*input_.comm);
      }
      for (const EdgeRun& run : stream_.runs())
        with_ends(input_.edges[run.chunk], run,
                  [&](const auto* ends) { place(ends, run.count, &parts_.at(run.chunk, run.first)); });
    }
  }

  // Edges inside a part. Nobody asks for copies during this pass; that a vertex has one at home is noted in a bit,
  // so that all it needs of most vertices is two bytes. Both loops are functions of their own for want of registers.
  template <class Id>
  [[gnu::noinline]] void place_inside(const Id* ends, std::size_t count, std::uint16_t* parts) {
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) {
        prefetch(&home_[ends[2 * (i + kAhead)]]);
        prefetch(&home_[ends[2 * (i + kAhead) + 1]]);
      }
      const GlobalId u = ends[2 * i], v = ends[2 * i + 1];
      const PartId part = home_[u];
      parts[i] = kOpen;
      if (part != home_[v]) continue;
      if (loads_.full(part)) {
        put(u, v, elsewhere(u, v), parts[i]);
        continue;
      }
      at_home_[u / 64] |= std::uint64_t{1} << u % 64;
      at_home_[v / 64] |= std::uint64_t{1} << v % 64;
      loads_.add(part);
      parts[i] = static_cast<std::uint16_t>(part);
    }
  }

  void make_copies_at_home() {
    if (!stream_.alone()) input_.comm->all_reduce_in_place(at_home_.span(), std::bit_or<std::uint64_t>());
    for (GlobalId v = 0; v < input_.vertices; ++v)
      if ((at_home_[v / 64] >> v % 64 & 1) != 0) copies_.insert_known(v, home_[v]);
  }

  // Edges between parts: the places of those in a block first, so that each can be asked for ahead of its turn.
  template <class Id>
  [[gnu::noinline]] void place_between(const Id* ends, std::size_t count, std::uint16_t* parts) {
    std::uint32_t open[kBlock];
    for (std::size_t begin = 0; begin < count; begin += kBlock) {
      std::size_t found = 0;
      for (std::size_t i = begin; i < std::min(begin + kBlock, count); ++i) {
        open[found] = static_cast<std::uint32_t>(i);
        found += parts[i] == kOpen;
      }
      for (std::size_t k = 0; k < found; ++k) {
        if (k + kAhead < found) {
          copies_.prefetch(ends[2 * open[k + kAhead]]);
          copies_.prefetch(ends[2 * open[k + kAhead] + 1]);
        }
        const GlobalId u = ends[2 * open[k]], v = ends[2 * open[k] + 1];
        put(u, v, better(u, v), parts[open[k]]);
      }
    }
  }
  void put(GlobalId u, GlobalId v, PartId part, std::uint16_t& to) {
    loads_.add(part);
    copies_.insert(u, part);
    copies_.insert(v, part);
    to = static_cast<std::uint16_t>(part);
  }
  PartId better(GlobalId u, GlobalId v) {
    const Profile a = copies_.beside(u), b = copies_.beside(v);
    const PartId p = a.home, q = b.home;
    if (loads_.full(p) || loads_.full(q)) [[unlikely]]
      return !loads_.full(p) ? p : !loads_.full(q) ? q : elsewhere(u, v);
    const std::int32_t share_u = share(a.degree, b.degree);
    const std::int32_t ahead = 2 * share(a.volume, b.volume) - kOne +
                               (copies_.contains(u, p) - copies_.contains(u, q)) * (2 * kOne - share_u) +
                               (copies_.contains(v, p) - copies_.contains(v, q)) * (kOne + share_u);
    return p ^ ((p ^ q) & static_cast<PartId>(ahead >> 31));  // q where p is behind; no branch could be predicted
  }
  // Both parts are full: where the end of higher degree hashes to, then the least loaded that is not full.
  PartId elsewhere(GlobalId u, GlobalId v) {
    const GlobalId hub = input_.degrees[u] > input_.degrees[v] ? u : v;
    const PartId part = part_of_hash_(mix(hub ^ input_.seed));
    return loads_.full(part) ? loads_.least_open() : part;
  }

  const PlacementInput& input_;
  EdgeStream stream_;
  PartLoads loads_;
  ReplicaSets<Profile> copies_;
  HashedParts part_of_hash_;
  EdgeParts parts_;
  const std::vector<std::int32_t> shares_ = make_shares();
  BigArray<std::uint16_t> home_;     // the part of each vertex's cluster
  BigArray<std::uint64_t> at_home_;  // a bit for each vertex that has a copy there
};

}  // namespace

std::unique_ptr<Placement> make_two_phase_placement(const PlacementInput& input) {
  refuse_wide(input);
  return TwoPhase(input).run();
}

}  // namespace gasket
