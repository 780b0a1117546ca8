// 2PS-L (Mayer, Orujzade, Jacobsen: Out-of-Core Edge Partitioning at Linear Run-Time, ICDE 2022). First a streaming
// clustering: of the two ends of an edge, the one whose cluster is smaller (by the degrees in it) moves to the other's
// cluster, while that stays below its limit. Clusters are packed into parts, the largest first. Then edges between
// vertices of one part go there, and the others to whichever of their ends' two parts scores higher:
//
//   score(p) = sum over the ends x of [x has a copy in p] (2 - d(x) / (d(u) + d(v))) + [p is x's part] vol(x) / (vol(u) + vol(v))
//
// where d is the degree and vol the degrees in the cluster. O(1) per edge whatever the number of parts. Three passes in
// the order of the input; with several ranks, moves between clusters, loads and copies are exchanged from batch to
// batch. State: 30 + p / 8 bytes per vertex on every rank. No part gets more than 1.05 of its share.

#include <bit>

#include "partition/place/assigned_edges.hpp"
#include "partition/place/edge_stream.hpp"
#include "partition/place/part_loads.hpp"
#include "partition/place/replica_sets.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {
namespace {

constexpr std::size_t kAhead = 12;

// visit(source, target, place in the run) for each edge of a run. Before: far(source, target) and near(source, target),
// two and one steps ahead, to ask for memory.
template <class Far, class Near, class Visit>
void walk(const EdgeChunk& chunk, const EdgeRun& run, const Far& far, const Near& near, const Visit& visit) {
  const auto each = [&](const auto* ends) {
    const std::size_t last = run.count - 1;
    for (std::size_t i = 0; i <= last; ++i) {
      const auto* const next = ends + 2 * std::min(i + kAhead, last);
      const auto* const later = ends + 2 * std::min(i + 2 * kAhead, last);
      far(later[0], later[1]);
      near(next[0], next[1]);
      visit(ends[2 * i], ends[2 * i + 1], i);
    }
  };
  if (chunk.narrow.empty())
    each(chunk.wide.data() + 2 * std::size_t{run.first});
  else
    each(chunk.narrow.data() + 2 * std::size_t{run.first});
}

// What the second phase needs to know of a vertex, together because it is read together.
struct Home {
  std::uint32_t degree;
  float volume;  // of its cluster
  std::uint16_t part;
};

class Clustering {
 public:
  explicit Clustering(const PlacementInput& input) : vertices_(input.vertices), volume_(input.vertices) {
    std::uint64_t total = 0;
    for (GlobalId v = 0; v < input.vertices; ++v) {
      vertices_[v] = {static_cast<std::uint32_t>(v), input.degrees[v]};
      volume_[v] = input.degrees[v];
      total += input.degrees[v];
    }
    limit_ = std::max<std::uint64_t>(total / input.parts, 1);
  }

  void stream(const PlacementInput& input, EdgeStream& stream) {
    const bool log = !stream.alone();
    while (stream.next()) {
      for (const EdgeRun& run : stream.runs())
        walk(
            input.edges[run.chunk], run,
            [&](GlobalId u, GlobalId v) {
              __builtin_prefetch(&vertices_[u]);
              __builtin_prefetch(&vertices_[v]);
            },
            [&](GlobalId u, GlobalId v) {
              __builtin_prefetch(&volume_[vertices_[u].cluster]);
              __builtin_prefetch(&volume_[vertices_[v].cluster]);
            },
            [&](GlobalId u, GlobalId v, std::size_t) { meet(u, v, log); });
      if (log) exchange(*input.comm);
    }
  }

  /// Clusters in the order of their volumes, by powers of two, each to the least loaded part.
  BigArray<Home> pack(const PartShares& shares) const {
    std::vector<std::uint32_t> by_size[65];
    for (std::size_t c = 0; c < volume_.size(); ++c)
      if (volume_[c] > 0) by_size[std::bit_width(volume_[c])].push_back(static_cast<std::uint32_t>(c));
    PartLoads loads(shares, 0, 1);
    BigArray<std::uint16_t> part_of_cluster(volume_.size());
    for (int size = 64; size > 0; --size)
      for (const std::uint32_t c : by_size[size]) {
        const PartId part = shares.equal() ? loads.least() : loads.least_with(volume_[c]);
        loads.add(part, volume_[c]);
        part_of_cluster[c] = static_cast<std::uint16_t>(part);
      }
    BigArray<Home> homes(vertices_.size());
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      const std::uint32_t c = vertices_[v].cluster;
      homes[v] = {vertices_[v].degree, static_cast<float>(volume_[c]), part_of_cluster[c]};
    }
    return homes;
  }

 private:
  struct Move {
    std::uint32_t vertex, cluster;
  };

  struct Member {
    std::uint32_t cluster, degree;
  };

  void meet(GlobalId u, GlobalId v, bool log) {
    const auto [a, du] = vertices_[u];
    const auto [b, dv] = vertices_[v];
    if (a == b) return;
    const std::uint64_t at_a = volume_[a], at_b = volume_[b];
    if (at_a > limit_ || at_b > limit_) return;
    const bool u_moves = at_a - du <= at_b - dv;
    if (u_moves ? at_b + du > limit_ : at_a + dv > limit_) return;
    const GlobalId who = u_moves ? u : v;
    if (log) moves_.push_back({static_cast<std::uint32_t>(who), vertices_[who].cluster});
    move(who, u_moves ? b : a);
  }
  void move(GlobalId v, std::uint32_t to) {
    Member& member = vertices_[v];
    volume_[member.cluster] -= member.degree;
    volume_[to] += member.degree;
    member.cluster = to;
  }
  // Takes the own moves back, and makes those of all ranks in rank order: every rank comes to the same clusters.
  void exchange(Communicator& comm) {
    std::vector<Move> mine;
    for (std::size_t i = moves_.size(); i-- > 0;) {
      mine.push_back({moves_[i].vertex, vertices_[moves_[i].vertex].cluster});
      move(moves_[i].vertex, moves_[i].cluster);
    }
    std::ranges::reverse(mine);
    moves_.clear();
    for (const Move& m : comm.all_gather_spans(std::span<const Move>(mine)))
      if (volume_[m.cluster] + vertices_[m.vertex].degree <= limit_) move(m.vertex, m.cluster);
  }

  BigArray<Member> vertices_;
  BigArray<std::uint64_t> volume_;
  std::uint64_t limit_;
  std::vector<Move> moves_;  // since the last exchange: vertex and where it came from
};

class TwoPhase {
 public:
  explicit TwoPhase(const PlacementInput& input)
      : input_(input),
        clusters_(input),
        stream_(*input.comm, input.edges, EdgeStream::Order::input, input.seed),
        loads_(PartShares(input.parts, input.weights), stream_.edges(), kMost),
        copies_(input.vertices, input.parts),
        part_of_hash_(input.parts, input.weights),
        parts_(input.edges) {
    if (!stream_.alone()) copies_.keep_news();
  }

  std::unique_ptr<Placement> run() {
    clusters_.stream(input_, stream_);
    home_ = clusters_.pack(PartShares(input_.parts, input_.weights));
    sweep([&](GlobalId u, GlobalId v, std::uint16_t& part) {  // edges inside a part
      const PartId p = home_[u].part;
      if (p == home_[v].part) put(u, v, part, loads_.full(p) ? elsewhere(u, v) : p);
    });
    sweep([&](GlobalId u, GlobalId v, std::uint16_t& part) {  // edges between parts
      if (home_[u].part != home_[v].part) put(u, v, part, better(u, v));
    });
    return std::make_unique<AssignedEdges>(input_, std::move(parts_));
  }

 private:
  static constexpr double kMost = 1.05;

  template <class Visit>
  void sweep(const Visit& visit) {
    stream_.rewind();
    while (stream_.next()) {
      if (!stream_.alone()) {
        loads_.exchange(*input_.comm, stream_.size(), input_.comm->sum<EdgeCount>(stream_.size()));
        copies_.exchange(*input_.comm);
      }
      for (const EdgeRun& run : stream_.runs()) {
        std::uint16_t* const parts = &parts_.at(run.chunk, run.first);
        walk(
            input_.edges[run.chunk], run, [](GlobalId, GlobalId) {},
            [&](GlobalId u, GlobalId v) {
              copies_.prefetch(u);
              copies_.prefetch(v);
              __builtin_prefetch(&home_[u]);
              __builtin_prefetch(&home_[v]);
            },
            [&](GlobalId u, GlobalId v, std::size_t i) { visit(u, v, parts[i]); });
      }
    }
  }

  void put(GlobalId u, GlobalId v, std::uint16_t& to, PartId part) {
    loads_.add(part);
    copies_.insert(u, part);
    copies_.insert(v, part);
    to = static_cast<std::uint16_t>(part);
  }
  PartId better(GlobalId source, GlobalId target) {
    const Home &u = home_[source], &v = home_[target];
    const float whole = static_cast<float>(u.degree) + static_cast<float>(v.degree);
    const float gain_u = 2 - static_cast<float>(u.degree) / whole, gain_v = 3 - gain_u;
    const auto score = [&](PartId part, float volume) {
      if (loads_.full(part)) return -1.0f;
      return volume / (u.volume + v.volume) + (copies_.contains(source, part) ? gain_u : 0.0f) +
             (copies_.contains(target, part) ? gain_v : 0.0f);
    };
    const float at_u = score(u.part, u.volume), at_v = score(v.part, v.volume);
    if (at_u < 0 && at_v < 0) return elsewhere(source, target);
    return at_u >= at_v ? u.part : v.part;
  }
  // Both parts are full: where the end of higher degree hashes to, then the least loaded.
  PartId elsewhere(GlobalId u, GlobalId v) {
    const GlobalId hub = home_[u].degree > home_[v].degree ? u : v;
    const PartId part = part_of_hash_(mix(hub ^ input_.seed));
    return loads_.full(part) ? loads_.least() : part;
  }

  const PlacementInput& input_;
  Clustering clusters_;
  BigArray<Home> home_;
  EdgeStream stream_;
  PartLoads loads_;
  ReplicaSets copies_;
  HashedParts part_of_hash_;
  EdgeParts parts_;
};

}  // namespace

std::unique_ptr<Placement> make_two_phase_placement(const PlacementInput& input) {
  refuse_wide(input);
  return TwoPhase(input).run();
}

}  // namespace gasket
