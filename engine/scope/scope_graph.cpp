#include "engine/scope/scope_graph.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "partition/comm/exchange.hpp"
#include "partition/error.hpp"
#include "partition/parallel.hpp"

namespace gasket {

// An edge on its way, and as long as it has no number.
struct ScopeGraph::Arc {
  Home source;
  Home target;
  double weight = 0;
  auto operator<=>(const Arc&) const = default;
};

struct ScopeGraph::Builder {
  static constexpr std::size_t kRound = std::size_t{1} << 20;  // arcs of this rank that travel at once

  explicit Builder(ScopeGraph& built)
      : scope(built),
        graph(*built.graph_),
        comm(graph.communicator()),
        me(comm.rank()),
        rows(graph.has_by_source() ? graph.by_source() : graph.by_target()),
        by_source(graph.has_by_source()) {}

  void build() {
    find_homes();
    exchange_arcs();
    homes.free();
    sort_arcs();
    comm.agree([&] {
      if (arcs.size() >= kMaxEdges)
        throw ResourceError(
            fmt::format("rank {} would hold {} edges for update functions; {} is the limit: use more ranks", me,
                        arcs.size(), kMaxEdges));
    });
    number_ghosts();
    number_edges();
    fill_rows();
    make_plan();
  }

  // Of the ghosts that the graph was placed with.
  void find_homes() {
    homes = BigArray<Home>(graph.ghosts());
    std::vector<BigArray<LocalId>> told(static_cast<std::size_t>(comm.size()));
    for (const GhostPlan::Peer& peer : graph.ghost_plan().peers)
      told[static_cast<std::size_t>(peer.rank)] = BigArray<LocalId>(std::span<const LocalId>(peer.masters));
    const std::vector<BigArray<LocalId>> heard = exchange(comm, std::move(told));
    for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) {
      const BigArray<LocalId>& locals = heard[static_cast<std::size_t>(peer.rank)];
      for (std::size_t i = 0; i < locals.size(); ++i)
        homes[peer.ghosts.targets + i - graph.masters()] = {peer.rank, locals[i]};
    }
  }
  Home home(LocalId v) const { return v < graph.masters() ? Home{me, v} : homes[v - graph.masters()]; }

  // Every edge goes to the ranks of both its ends.
  void exchange_arcs() {
    LocalId row = 0;
    EdgeCount at = 0;
    std::vector<BigArray<Arc>> kept;
    do {
      std::vector<std::vector<Arc>> to(static_cast<std::size_t>(comm.size()));
      for (std::size_t count = 0; count < kRound && row < rows.rows();) {
        if (at == rows.offsets[row + 1]) {
          ++row;
          continue;
        }
        count += send(row, at, to);
        ++at;
      }
      std::vector<BigArray<Arc>> outgoing;
      for (std::vector<Arc>& bucket : to) outgoing.emplace_back(std::span<const Arc>(bucket));
      to.clear();
      for (BigArray<Arc>& incoming : exchange(comm, std::move(outgoing)))
        if (!incoming.empty()) kept.push_back(std::move(incoming));
    } while (comm.any(row < rows.rows()));
    std::size_t total = 0;
    for (const auto& part : kept) total += part.size();
    arcs = BigArray<Arc>(total);
    Arc* next = arcs.data();
    for (auto& part : kept) {
      next = std::copy(part.begin(), part.end(), next);
      part.free();
    }
  }
  std::size_t send(LocalId row, EdgeCount at, std::vector<std::vector<Arc>>& to) const {
    const LocalId neighbour = rows.neighbours[at];
    const LocalId s = by_source ? row : neighbour, t = by_source ? neighbour : row;
    // An undirected edge is stored as two arcs; one of them speaks for both.
    if (!graph.directed() && graph.global_id(s) > graph.global_id(t)) return 0;
    const Arc arc{home(s), home(t), graph.weighted() ? rows.weights[at] : 0};
    to[static_cast<std::size_t>(arc.source.rank)].push_back(arc);
    if (arc.target.rank != arc.source.rank) to[static_cast<std::size_t>(arc.target.rank)].push_back(arc);
    return 1;
  }

  // -1 for an edge of this rank alone.
  int other_rank(const Arc& arc) const {
    return arc.source.rank != me ? arc.source.rank : arc.target.rank != me ? arc.target.rank : -1;
  }
  void sort_arcs() {
    parallel::sort(arcs.span(), [&](const Arc& a, const Arc& b) {
      const int p = other_rank(a), q = other_rank(b);
      return p != q ? p < q : a < b;
    });
  }

  void number_ghosts() {
    std::vector<Home> ghosts;
    for (const Arc& arc : arcs)
      if (const int rank = other_rank(arc); rank >= 0)
        ghosts.push_back(arc.source.rank == rank ? arc.source : arc.target);
    std::ranges::sort(ghosts);
    ghosts.erase(std::unique(ghosts.begin(), ghosts.end()), ghosts.end());
    scope.ghost_homes_ = BigArray<Home>(std::span<const Home>(ghosts));
  }
  LocalId local_id(const Home& home) const {
    if (home.rank == me) return home.local;
    const auto* const found = std::ranges::lower_bound(scope.ghost_homes_, home);
    return graph.masters() + static_cast<LocalId>(found - scope.ghost_homes_.begin());
  }

  void number_edges() {
    scope.edges_ = static_cast<EdgeId>(arcs.size());
    for (EdgeId e = 0; e < scope.edges_; ++e) {
      const int rank = other_rank(arcs[e]);
      if (rank < 0) continue;
      if (scope.cut_edges_.empty() || scope.cut_edges_.back().rank != rank) scope.cut_edges_.push_back({rank, e, e});
      scope.cut_edges_.back().end = e + 1;
    }
    if (!graph.weighted()) return;
    BigArray<double> weights(arcs.size());
    for (EdgeId e = 0; e < scope.edges_; ++e) weights[e] = arcs[e].weight;
    scope.weights_ = ArcWeights(std::move(weights));
  }

  template <class Take>
  void for_each_link(const Take& take) const {
    const bool both = !graph.directed();
    for (EdgeId e = 0; e < scope.edges_; ++e) {
      const Arc& arc = arcs[e];
      const bool loop = arc.source == arc.target;
      if (arc.source.rank == me) take(arc.source.local, Link(local_id(arc.target), e, true, both || loop));
      if (arc.target.rank == me && !loop) take(arc.target.local, Link(local_id(arc.source), e, both, true));
    }
  }
  void fill_rows() {
    const LocalId masters = graph.masters();
    scope.begins_ = BigArray<std::uint64_t>(std::size_t{masters} + 1);
    for_each_link([&](LocalId v, const Link&) { ++scope.begins_[v + 1]; });
    for (LocalId v = 0; v < masters; ++v) scope.begins_[v + 1] += scope.begins_[v];
    scope.links_ = BigArray<Link>(scope.begins_[masters]);
    BigArray<std::uint64_t> next{std::span<const std::uint64_t>(scope.begins_.span())};
    for_each_link([&](LocalId v, const Link& link) { scope.links_[next[v]++] = link; });
    arcs.free();
    constexpr std::size_t kRows = 1024;
    parallel::for_ranges(masters, kRows, [&](std::size_t begin, std::size_t end) {
      for (std::size_t v = begin; v < end; ++v)
        std::sort(scope.links_.data() + scope.begins_[v], scope.links_.data() + scope.begins_[v + 1],
                  [&](const Link& a, const Link& b) {
                    return std::pair(scope.home(a.vertex()), a.edge()) < std::pair(scope.home(b.vertex()), b.edge());
                  });
    });
  }

  // Owners hear which of their masters have ghosts here, and tell their global ids.
  void make_plan() {
    const auto ranks = static_cast<std::size_t>(comm.size());
    std::vector<GhostPlan::Range> range(ranks);
    std::vector<BigArray<LocalId>> asked(ranks);
    const std::span<const Home> ghosts = scope.ghost_homes_.span();
    for (std::size_t begin = 0; begin < ghosts.size();) {
      std::size_t end = begin;
      while (end < ghosts.size() && ghosts[end].rank == ghosts[begin].rank) ++end;
      const auto owner = static_cast<std::size_t>(ghosts[begin].rank);
      range[owner] = {begin, end};
      asked[owner] = BigArray<LocalId>(end - begin);
      for (std::size_t g = begin; g < end; ++g) asked[owner][g - begin] = ghosts[g].local;
      begin = end;
    }
    const std::vector<BigArray<LocalId>> copies = exchange(comm, std::move(asked));
    std::vector<BigArray<GlobalId>> answers(ranks);
    for (std::size_t r = 0; r < ranks; ++r) {
      answers[r] = BigArray<GlobalId>(copies[r].size());
      for (std::size_t i = 0; i < copies[r].size(); ++i) answers[r][i] = graph.global_id(copies[r][i]);
    }
    const std::vector<BigArray<GlobalId>> ids = exchange(comm, std::move(answers));
    scope.ghost_ids_ = BigArray<GlobalId>(ghosts.size());
    for (std::size_t r = 0; r < ranks; ++r) std::ranges::copy(ids[r], scope.ghost_ids_.begin() + range[r].begin);

    for (int step = 1; step < comm.size(); ++step) {
      const int rank = (me + step) % comm.size();
      const auto r = static_cast<std::size_t>(rank);
      if (copies[r].empty() && range[r].size() == 0) continue;
      GhostPlan::Peer peer;
      peer.rank = rank;
      const std::size_t begin = graph.masters() + range[r].begin, end = graph.masters() + range[r].end;
      peer.ghosts = {begin, begin, end, end};
      peer.copies = {0, 0, copies[r].size(), copies[r].size()};
      peer.masters.assign(copies[r].begin(), copies[r].end());
      scope.plan_.peers.push_back(std::move(peer));
    }
  }

  ScopeGraph& scope;
  const DistributedGraph& graph;
  Communicator& comm;
  int me;
  const Adjacency& rows;
  bool by_source;
  BigArray<Home> homes;
  BigArray<Arc> arcs;
};

ScopeGraph::ScopeGraph(const DistributedGraph& graph) : graph_(&graph) { Builder(*this).build(); }

const ScopeGraph::CutEdges* ScopeGraph::cut_of(EdgeId edge) const {
  const auto found = std::ranges::upper_bound(cut_edges_, edge, {}, &CutEdges::end);
  return found == cut_edges_.end() || edge < found->begin ? nullptr : &*found;
}

}  // namespace gasket
