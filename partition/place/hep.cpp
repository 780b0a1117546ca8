// Neighbourhood expansion in memory (Zhang, Wei, Liu, Tang, Li: Graph Edge Partitioning via Neighborhood Heuristic, KDD
// 2017; Mayer, Jacobsen: Hybrid Edge Partitioner, SIGMOD 2021). A part grows from a vertex: of the vertices on its
// border, the one with the fewest edges to the outside becomes core, its neighbours join the border, and every edge
// between two vertices of the part is the part's, until the part has its share. A vertex is scanned when it joins, when
// it becomes core and when a part is finished, and loses the edges that are dealt with.
//
// HEP keeps hubs, here vertices of more than 100 times the average degree, out of the expansion, because scanning them
// in every part would cost parts times their edges. So does this, in another way: a hub joins a part like others, but is
// not scanned. Low vertices leave their edges to hubs in the hub's mailbox when they join, and a joining hub takes what
// is in there. And a hub becomes core only when nothing else is left, because it would bring all its neighbours with it
// (a web graph in 32 parts has 1.03 copies per vertex by this rule and 1.08 without).
//
// On rank 0 alone, in its memory: 26 bytes per edge and 27 per vertex. No part gets more than 1.045
// of its share.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "partition/comm/exchange.hpp"
#include "partition/place/assigned_edges.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {
namespace {

using Vertex = std::uint32_t;
using Pairs = std::vector<BigArray<std::uint32_t>>;

struct Arc {
  Vertex neighbour;
  std::uint32_t edge;
};

// The border by number of outside edges, of equal ones the longest waiting first (the last first gives a tenth more
// copies on road networks). Entries are left behind when a number falls, and skipped when met.
class Border {
 public:
  static constexpr std::uint32_t kFar = 256;  // numbers from here on are kept in one list

  void clear() {
    for (Queue& queue : near_) {
      queue.waiting.clear();
      queue.next = 0;
    }
    far_.clear();
    lowest_ = 0;
  }
  void put(Vertex v, std::uint32_t outside) {
    if (outside >= kFar) {
      far_.push_back(v);
      return;
    }
    near_[outside].waiting.push_back(v);
    lowest_ = std::min(lowest_, outside);
  }
  /// A vertex with the lowest number for which current(v, number) holds; false when there is none.
  template <class Current, class Outside>
  bool take(Vertex& v, const Current& current, const Outside& outside) {
    for (; lowest_ < kFar; ++lowest_) {
      Queue& queue = near_[lowest_];
      while (queue.next < queue.waiting.size()) {
        v = queue.waiting[queue.next++];
        if (current(v) && outside(v) == lowest_) return true;
      }
      queue.waiting.clear();
      queue.next = 0;
    }
    std::erase_if(far_, [&](Vertex u) { return !current(u); });
    if (far_.empty()) return false;
    v = *std::ranges::min_element(far_, {}, outside);
    return true;
  }

 private:
  struct Queue {
    std::vector<Vertex> waiting;
    std::size_t next = 0;
  };
  Queue near_[kFar];
  std::vector<Vertex> far_;
  std::uint32_t lowest_ = 0;
};

class Expansion {
 public:
  Expansion(const Pairs& pairs, GlobalId vertices, const PartShares& shares)
      : shares_(shares),
        begins_(vertices + 1),
        length_(vertices),
        outside_(vertices),
        region_(vertices),
        core_(vertices) {
    for (const auto& list : pairs) edges_ += list.size() / 2;
    part_of_ = BigArray<std::uint16_t>(edges_, kNone);
    build(pairs);
  }

  BigArray<std::uint16_t> run() {
    // The first parts get what balance allows, the last ones what is left, but at least half of an equal share: fewer
    // full parts have fewer copies. (A pass that moved single edges to parts where their ends are anyway gained nothing.)
    EdgeCount left = edges_;
    const PartId parts = shares_.parts();
    const auto share = [&](PartId q) { return static_cast<double>(edges_) * shares_[q] / parts; };
    const auto most_of = [&](PartId q) { return static_cast<EdgeCount>(std::ceil(kSlack * share(q))); };
    const auto least_of = [&](PartId q) { return static_cast<EdgeCount>(share(q) / 2); };
    EdgeCount others_most = 0, others_least = 0;  // of the parts behind this one
    for (PartId q = 0; q < parts; ++q) {
      others_most += most_of(q);
      others_least += least_of(q);
    }
    for (part_ = 0; part_ < parts && left > 0; ++part_) {
      const EdgeCount most = most_of(part_);
      others_most -= most;
      others_least -= least_of(part_);
      room_ = part_ + 1 == parts ? left : std::clamp<EdgeCount>(left - std::min(left, others_least), 1, most);
      left -= room_;
      // The others could take this much more.
      spare_ = std::min<EdgeCount>(others_most - std::min(others_most, left), most / 5);
      grow();
      finish();
      left += room_;
    }
    return std::move(part_of_);
  }

 private:
  static constexpr std::uint16_t kNone = 0xffff;
  static constexpr double kHub = 100;  // times the average degree
  static constexpr double kSlack = 1.045;

  void build(const Pairs& pairs) {
    // What an end will need is asked for some edges before: first where its row is, then the row.
    const auto visit_all = [&](const auto& visit, const auto& far, const auto& near) {
      constexpr std::size_t ahead = 32;
      std::uint32_t edge = 0;
      for (const auto& list : pairs)
        for (std::size_t i = 0; i < list.size(); i += 2, ++edge) {
          for (const std::size_t k : {i, i + 1}) {
            if (k + 2 * ahead < list.size()) far(list[k + 2 * ahead]);
            if (k + ahead < list.size()) near(list[k + ahead]);
          }
          visit(list[i], list[i + 1], edge);
        }
    };
    const auto prefetch_length = [&](Vertex v) { __builtin_prefetch(&length_[v], 1); };
    visit_all(
        [&](Vertex u, Vertex v, std::uint32_t) {
          ++length_[u];
          if (u != v) ++length_[v];
        },
        [](Vertex) {}, prefetch_length);
    for (std::size_t v = 0; v < length_.size(); ++v) begins_[v + 1] = begins_[v] + length_[v];
    hub_ = static_cast<std::uint32_t>(
        std::max(32.0, kHub * static_cast<double>(begins_.back()) / static_cast<double>(length_.size())));
    live_ = BigArray<std::uint32_t>(length_.span());
    box_ = BigArray<std::uint32_t>(length_.size());
    for (std::size_t v = 0; v < length_.size(); ++v) {
      if (!is_hub(static_cast<Vertex>(v))) continue;
      box_[v] = static_cast<std::uint32_t>(mailboxes_.size());
      mailboxes_.emplace_back();
    }
    self_loops_.resize(mailboxes_.size());
    arcs_ = BigArray<Arc>(begins_.back());
    std::ranges::fill(length_, 0);
    visit_all(
        [&](Vertex u, Vertex v, std::uint32_t edge) {
          if (u == v && is_hub(u)) {
            self_loops_[box_[u]].push_back(edge);
            return;
          }
          arcs_[begins_[u] + length_[u]++] = {v, edge};
          if (u != v) arcs_[begins_[v] + length_[v]++] = {u, edge};
        },
        [&](Vertex v) {
          prefetch_length(v);
          __builtin_prefetch(&begins_[v]);
        },
        [&](Vertex v) { __builtin_prefetch(arcs_.data() + begins_[v] + length_[v], 1); });
  }

  bool is_hub(Vertex v) const { return begins_[v + 1] - begins_[v] > hub_; }
  std::span<Arc> arcs(Vertex v) { return {arcs_.data() + begins_[v], length_[v]}; }
  bool inside(Vertex v) const { return region_[v] == part_ + 1; }
  // Where a neighbour is will be asked some arcs further on in the row.
  void look_ahead(std::span<const Arc> row, std::size_t i) const {
    constexpr std::size_t ahead = 12;
    if (i + ahead < row.size()) __builtin_prefetch(&region_[row[i + ahead].neighbour]);
  }

  void grow() {
    border_.clear();
    const auto current = [&](Vertex v) { return !core_[v]; };
    const auto outside = [&](Vertex v) { return outside_[v]; };
    while (room_ > 0) {
      Vertex v = 0;
      const bool found = border_.take(v, current, outside);
      if (!found) {
        if (room_ <= spare_ && !members_.empty()) return;  // rather than begin in another place
        if (!next_seed(v)) return;

        if (!inside(v)) join(v);
        if (room_ == 0) return;
      }
      make_core(v);
    }
  }

  // Hubs come last: a hub that becomes core brings all its neighbours with it.
  bool next_seed(Vertex& v) {
    const auto seek = [&](std::size_t& at, bool hubs) {
      while (at < live_.size() && (live_[at] == 0 || is_hub(static_cast<Vertex>(at)) != hubs)) ++at;
      v = static_cast<Vertex>(at);
      return at < live_.size();
    };
    return seek(seed_, false) || seek(hub_seed_, true);
  }

  void make_core(Vertex v) {
    core_[v] = 1;
    const bool hub = is_hub(v);
    const std::span<Arc> row = arcs(v);
    for (std::size_t i = 0; i < row.size(); ++i) {
      look_ahead(row, i);
      const Arc arc = row[i];
      if (hub && part_of_[arc.edge] != kNone) continue;
      if (!inside(arc.neighbour)) join(arc.neighbour);
      if (room_ == 0) return;
      // Hubs leave each other no letters.
      if (hub && part_of_[arc.edge] == kNone) take(arc.edge, v, arc.neighbour);
      if (room_ == 0) return;
    }
  }

  void join(Vertex u) {
    region_[u] = static_cast<std::uint16_t>(part_ + 1);
    members_.push_back(u);
    if (is_hub(u)) {
      for (const Arc& letter : mailboxes_[box_[u]])
        if (room_ > 0) take(letter.edge, u, letter.neighbour);
      auto& loops = self_loops_[box_[u]];
      for (; !loops.empty() && room_ > 0; loops.pop_back()) take(loops.back(), u, u);
    } else {
      std::size_t kept = 0;
      const std::span<Arc> row = arcs(u);
      for (std::size_t i = 0; i < row.size(); ++i) {
        look_ahead(row, i);
        const Arc arc = row[i];
        if (inside(arc.neighbour) && room_ > 0) {
          take(arc.edge, u, arc.neighbour);
          continue;
        }
        row[kept++] = arc;
        if (is_hub(arc.neighbour)) leave_letter(arc.neighbour, {u, arc.edge});
      }
      length_[u] = static_cast<std::uint32_t>(kept);
    }
    outside_[u] = live_[u];
    if (!is_hub(u)) border_.put(u, outside_[u]);
    if (room_ == 0) last_ = u;  // perhaps in the midst of its edges
  }

  void leave_letter(Vertex hub, Arc letter) {
    auto& box = mailboxes_[box_[hub]];
    if (box.empty()) full_boxes_.push_back(box_[hub]);
    box.push_back(letter);
  }

  // The edge between the joining u and w is the part's.
  void take(std::uint32_t edge, Vertex u, Vertex w) {
    part_of_[edge] = static_cast<std::uint16_t>(part_);
    --room_;
    --live_[u];
    if (u == w) return;
    --live_[w];
    if (core_[w] || is_hub(w)) return;
    if (--outside_[w] < Border::kFar) border_.put(w, outside_[w]);
  }

  // What is dealt with leaves the rows. Only edges of the vertex that joined last may be inside and not taken.
  void finish() {
    for (const Vertex v : members_) {
      core_[v] = 0;
      if (is_hub(v)) continue;
      if (live_[v] == 0) {
        length_[v] = 0;
        continue;
      }
      std::size_t kept = 0;
      const std::span<Arc> row = arcs(v);
      for (std::size_t i = 0; i < row.size(); ++i) {
        look_ahead(row, i);
        const Arc arc = row[i];
        if (!inside(arc.neighbour) || ((arc.neighbour == last_ || v == last_) && part_of_[arc.edge] == kNone))
          row[kept++] = arc;
      }
      length_[v] = static_cast<std::uint32_t>(kept);
    }
    for (const std::uint32_t box : full_boxes_) mailboxes_[box].clear();
    full_boxes_.clear();
    members_.clear();
  }

  PartShares shares_;
  PartId part_ = 0;
  EdgeCount edges_ = 0;
  EdgeCount room_ = 0;
  EdgeCount spare_ = 0;  // room that may be left
  BigArray<std::uint64_t> begins_;
  BigArray<std::uint32_t> length_;   // of the row, which shrinks
  BigArray<std::uint32_t> outside_;  // edges of a border vertex that leave the part
  BigArray<std::uint32_t> live_;     // edges not yet taken
  BigArray<std::uint32_t> box_;      // a hub's mailbox
  BigArray<std::uint16_t> region_;   // 1 + the last part that the vertex joined
  BigArray<std::uint8_t> core_;
  BigArray<Arc> arcs_;
  BigArray<std::uint16_t> part_of_;
  std::vector<std::vector<Arc>> mailboxes_;
  std::vector<std::vector<std::uint32_t>> self_loops_;  // of hubs
  std::vector<std::uint32_t> full_boxes_;
  std::vector<Vertex> members_;
  Border border_;
  std::size_t seed_ = 0;      // vertices before it are dealt with, hubs aside
  std::size_t hub_seed_ = 0;  // hubs
  std::uint32_t hub_ = 0;     // higher degrees are hubs
  Vertex last_ = 0;
};

}  // namespace

std::unique_ptr<Placement> make_hep_placement(const PlacementInput& input) {
  Communicator& comm = *input.comm;
  EdgeCount mine = 0;
  for (const EdgeChunk& chunk : input.edges) mine += chunk.size();
  if (comm.sum(mine) >= std::numeric_limits<std::uint32_t>::max())
    throw_agreed(ResourceError("--placement hep: takes at most 2^32 - 2 edges; choose hdrf or 2psl"));
  Pairs pairs = gather_pairs(input);
  std::vector<BigArray<std::uint16_t>> answers(static_cast<std::size_t>(comm.size()));
  if (comm.rank() == 0) {
    const BigArray<std::uint16_t> parts =
        Expansion(pairs, input.vertices, PartShares(input.parts, input.weights)).run();
    std::size_t begin = 0;
    for (std::size_t r = 0; r < answers.size(); ++r) {
      answers[r] = BigArray<std::uint16_t>(parts.span().subspan(begin, pairs[r].size() / 2));
      begin += answers[r].size();
    }
  }
  pairs.clear();
  const BigArray<std::uint16_t> all = std::move(exchange(comm, std::move(answers))[0]);
  EdgeParts parts(input.edges);
  std::size_t next = 0;
  for (std::size_t c = 0; c < input.edges.size(); ++c) {
    std::copy_n(all.begin() + next, input.edges[c].size(), parts.of(c).begin());
    next += input.edges[c].size();
  }
  return std::make_unique<AssignedEdges>(input, std::move(parts));
}

}  // namespace gasket
