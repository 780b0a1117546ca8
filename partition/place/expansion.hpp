#pragma once
// Neighbourhood expansion: a part grows from a vertex. Of the vertices on its border, the one with the fewest edges to
// the outside becomes core, its neighbours join the border, and every edge between two vertices of the part is the
// part's, until the part has its share (Zhang, Wei, Liu, Tang, Li: Graph Edge Partitioning via Neighborhood Heuristic,
// KDD 2017, section 3; without hubs: Mayer, Jacobsen: Hybrid Edge Partitioner, SIGMOD 2021, section 3.2, NE++).
//
// Only the sets of parts that vertices join are kept: an edge is the first part's that both its ends have joined. A hub is
// taken to be in every part, so that a vertex that joins its first part brings its edges to hubs.

#include <algorithm>
#include <cmath>
#include <vector>

#include "partition/bitmap.hpp"
#include "partition/place/expansion_border.hpp"
#include "partition/place/expansion_rows.hpp"
#include "partition/place/part_sets.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

class Expansion {
 public:
  /// No part gets more than `slack` of its share of the rows' edges. Uses the rows up.
  Expansion(ExpansionRows& rows, PartSets& sets, const PartShares& shares, double slack)
      : rows_(rows),
        sets_(sets),
        shares_(shares),
        slack_(slack),
        inside_(rows.vertices()),
        taken_(rows.longest() + 1) {}

  /// Vertices join parts; returns the edges of each part. The edges of two low vertices that share no part afterwards
  /// did not fit.
  std::vector<EdgeCount> run() {
    std::vector<EdgeCount> loads(shares_.parts());
    // The first parts get what balance allows, the last ones what is left, but at least half of an equal share: fewer
    // full parts have fewer copies.
    EdgeCount left = rows_.low_edges();
    const PartId parts = shares_.parts();
    const auto share = [&, all = left](PartId q) { return static_cast<double>(all) * shares_[q] / parts; };
    const auto most_of = [&](PartId q) { return static_cast<EdgeCount>(std::ceil(slack_ * share(q))); };
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
      room_ = std::clamp<EdgeCount>(left - std::min(left, others_least), 1, most);
      left -= room_;
      // The others could take this much more.
      spare_ = std::min<EdgeCount>(others_most - std::min(others_most, left), most / 5);
      loads[part_] = room_;
      grow();
      finish();
      loads[part_] -= room_;
      left += room_;
    }
    return loads;
  }

 private:
  using Vertex = ExpansionRows::Vertex;
  static constexpr std::uint32_t kCore = std::uint32_t{1} << 31;  // in outside()
  static constexpr std::size_t kAhead = 16;
  static constexpr std::size_t kRefusals = 32;

  void grow() {
    border_.clear();
    refused_.clear();
    next_seed(first_seed_);
    std::size_t seed = first_seed_;
    const auto current = [&](Vertex v, std::uint32_t level) {
      const std::uint32_t outside = rows_.outside(v);
      return outside < kCore && ExpansionBorder::level(outside) == level;
    };
    const auto coming = [&](std::span<const Vertex> next) { look_ahead(next); };
    while (goes_on()) {
      Vertex v = 0;
      if (!border_.take(v, current, coming)) {
        if (room_ <= spare_ && !members_.empty()) return;  // rather than begin in another place
        if (!next_seed(seed)) return;
        v = static_cast<Vertex>(seed++);
        join(v);
        if (!inside_.contains(v)) continue;
      }
      make_core(v);
    }
  }

  bool goes_on() const { return room_ > 0 && refused_.size() < kRefusals; }
  // Equal edges name a vertex more than once. One that did not fit will not fit later either.
  bool may_join(Vertex v) const { return !inside_.contains(v) && std::ranges::find(refused_, v) == refused_.end(); }

  bool next_seed(std::size_t& seed) const {
    const auto useful = [&](Vertex v) { return rows_.outside(v) != 0 && may_join(v); };
    while (seed < rows_.vertices() && !useful(static_cast<Vertex>(seed))) ++seed;
    return seed < rows_.vertices();
  }

  // What the next vertices of the border will read is fetched in turns, each of which needs what the one before fetched:
  // rows, neighbours, rows of neighbours that will join, neighbours of those.
  void look_ahead(std::span<const Vertex> next) {
    if (next.size() > 4) rows_.prefetch(next[4]);
    if (next.size() > 2) rows_.prefetch_neighbours(next[2]);
    if (next.size() > 1) for_joining(next[1], [&](Vertex w) { rows_.prefetch(w); });
    if (next.size() > 0) for_joining(next[0], [&](Vertex w) { rows_.prefetch_neighbours(w); });
  }
  void for_joining(Vertex v, const auto& visit) {
    const auto row = rows_[v];
    for (const Vertex w : row.first(std::min<std::size_t>(row.size(), 16)))
      if (!inside_.contains(w)) visit(w);
  }

  void make_core(Vertex v) {
    rows_.outside(v) |= kCore;
    joining_.clear();
    for (const Vertex w : rows_[v])
      if (!inside_.contains(w)) joining_.push_back(w);
    for (std::size_t i = 0; i < std::min(kAhead, joining_.size()); ++i) rows_.prefetch(joining_[i]);
    for (std::size_t i = 0; i < std::min(kAhead / 2, joining_.size()); ++i) rows_.prefetch_neighbours(joining_[i]);
    for (std::size_t i = 0; i < joining_.size() && goes_on(); ++i) {
      if (i + kAhead < joining_.size()) rows_.prefetch(joining_[i + kAhead]);
      if (i + kAhead / 2 < joining_.size()) rows_.prefetch_neighbours(joining_[i + kAhead / 2]);
      if (may_join(joining_[i])) join(joining_[i]);
    }
  }

  // A vertex whose edges are more than the part has room for stays outside.
  void join(Vertex u) {
    const auto row = rows_[u];
    const auto to_hubs = rows_.outside(u) - static_cast<std::uint32_t>(row.size());
    inside_.insert(u);
    const std::uint32_t taken = split(row);
    const auto kept = static_cast<std::uint32_t>(row.size()) - taken;
    if (taken + to_hubs > room_) {
      inside_.erase(u);
      std::copy_n(taken_.data(), taken, row.data() + kept);
      refused_.push_back(u);
      return;
    }
    members_.push_back(u);
    room_ -= taken + to_hubs;
    rows_.shorten(u, kept);
    rows_.outside(u) = kept;
    const std::span<const Vertex> lose{taken_.data(), taken};
    for (const Vertex w : lose) rows_.prefetch(w);
    for (const Vertex w : lose)
      if (w != u) lose_edge(w);
    if (kept > 0) border_.put(u, ExpansionBorder::level(kept));
    if (kept <= 4)  // it will be core soon, and these will join
      for (const Vertex w : row.first(kept)) rows_.prefetch(w);
  }

  // Neighbours in the part go to `taken_`, the others to the front of the row. Without a branch: which it will be cannot
  // be guessed.
  std::uint32_t split(std::span<Vertex> row) {
    std::uint32_t kept = 0, taken = 0;
    for (const Vertex& w : row) {
      prefetch_to_write(&w + 48);
      const bool in = inside_.contains(w);
      taken_[taken] = w;
      row[kept] = w;
      kept += !in;
      taken += in;
    }
    return taken;
  }

  void lose_edge(Vertex w) {
    const std::uint32_t outside = --rows_.outside(w);
    if (outside >= kCore || outside == 0) return;
    const std::uint32_t level = ExpansionBorder::level(outside);
    if (level != ExpansionBorder::level(outside + 1)) border_.put(w, level);
  }

  // What is dealt with leaves the rows.
  void finish() {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (i + 2 * kAhead < members_.size()) {
        rows_.prefetch(members_[i + 2 * kAhead]);
        sets_.prefetch(members_[i + 2 * kAhead]);
      }
      if (i + kAhead < members_.size()) rows_.prefetch_neighbours(members_[i + kAhead]);
      const Vertex v = members_[i];
      sets_.add(v, part_);
      const std::uint32_t left = rows_.outside(v) & ~kCore;
      if (left != 0 && left != rows_[v].size()) keep_outside(rows_[v]);
      rows_.shorten(v, left);
      rows_.outside(v) = left;
    }
    for (const Vertex v : members_) inside_.erase(v);
    members_.clear();
  }
  void keep_outside(std::span<Vertex> row) const {
    std::size_t kept = 0;
    for (const Vertex& w : row) {
      prefetch_to_write(&w + 48);
      const bool out = !inside_.contains(w);
      row[kept] = w;
      kept += out;
    }
  }

  ExpansionRows& rows_;
  PartSets& sets_;
  PartShares shares_;
  double slack_;
  PartId part_ = 0;
  EdgeCount room_ = 0;
  EdgeCount spare_ = 0;          // room that may be left
  std::vector<Vertex> refused_;  // by this part
  std::size_t first_seed_ = 0;   // the vertices before it are dealt with
  Bitmap inside_;
  ExpansionBorder border_;
  std::vector<Vertex> members_;
  std::vector<Vertex> taken_;
  std::vector<Vertex> joining_;
};

}  // namespace gasket
