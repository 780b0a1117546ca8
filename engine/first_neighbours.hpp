#pragma once
// The first round of Afforest (components.hpp): masters go under smaller neighbours, or the roots of these, without a join.
//
// A master is to go under the neighbour with the smallest local id, or its row's lead; where that is a ghost, under the
// ghost's: of several ranks every other hub is a ghost, and ghosts have the largest ids. Where it finds nobody smaller so,
// it looks at the smallest neighbour's smallest neighbour, or stays a root. So do ghosts: others know more of them.
//
// No two workers write to the same place. It is done in layers, each much larger than those before it, and in blocks: a
// vertex goes under the root of what lies in its own block or an earlier layer, so that only neighbours in other blocks of
// the last layer make a tree deeper.

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <vector>

#include "engine/union_find.hpp"
#include "partition/graph/adjacency.hpp"
#include "partition/parallel.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

class FirstNeighbours {
 public:
  /// `rows` of `masters` masters and of ghosts. Memory: 4 bytes per ghost where rows have no leads.
  FirstNeighbours(const Adjacency& rows, LocalId masters, UnionFind& sets)
      : rows_(rows),
        masters_(masters),
        sets_(sets),
        ghosts_have_rows_(rows.have_arcs_from(masters)),
        has_leads_(!rows.leads.empty() && (masters == rows.rows() || ghosts_have_rows_)) {}

  /// Begins all sets. Returns how many masters that have neighbours stay roots.
  std::size_t begin() {
    // Ghosts begin alone, and so do the masters behind the last that has neighbours here, often many.
    const LocalId end = rows_.end_of_arcs(masters_);
    begin_alone(end, rows_.rows());
    if (!has_leads_ && ghosts_have_rows_) find_first_of_ghosts();
    const std::size_t blocks = 8 * static_cast<std::size_t>(parallel::threads());
    std::size_t roots = 0;
    for (LocalId first = 0, last = 0; first < end; first = last) {
      last = static_cast<LocalId>(std::min<std::uint64_t>(end, std::max(kFirstLayer, kLayerGrowth * first)));
      roots += parallel::reduce_ranges<std::size_t>(
          last - first, std::max<std::size_t>(kFirstLayer, (last - first) / blocks + 1), 0,
          [&](std::size_t from, std::size_t to) {
            return begin_block(first + static_cast<LocalId>(from), first + static_cast<LocalId>(to), first);
          },
          std::plus<>());
    }
    return roots;
  }

 private:
  static constexpr std::uint64_t kFirstLayer = 4096, kLayerGrowth = 16;
  static constexpr LocalId kAhead = 32;   // rows from here to the one whose begin is fetched
  static constexpr LocalId kBatch = 256;  // of vertices whose neighbours are looked up before any is begun

  // The vertices below `layer` have begun.
  std::size_t begin_block(LocalId first, LocalId last, LocalId layer) {
    LocalId* const parents = sets_.unshared_parents();
    const auto root = [=](LocalId above) {
      for (int step = 0; step < 2 && (above < layer || above >= first); ++step) above = parents[above];
      return above;
    };
    std::vector<LocalId> tops;
    std::array<LocalId, kBatch> room;
    for (LocalId at = first; at < last; at += std::min(kBatch, last - at)) {
      const LocalId end = at + std::min(kBatch, last - at);
      const LocalId* const neighbours = find_neighbours(at, end, room.data());
      for (LocalId v = at; v < end; ++v) {
        const LocalId above = neighbours[v - at];
        if (above > v) tops.push_back(v);
        parents[v] = above < v ? root(above) : v;
      }
    }
    return tops.size() - lower(tops, root);
  }

  // For each of the vertices first .. last-1 the one it goes under if that is smaller; itself, where it has no neighbours.
  // They are in `room`, or lie elsewhere. With leads there is no branch in the loop, which half of the vertices would
  // take by chance.
  const LocalId* find_neighbours(LocalId first, LocalId last, LocalId* room) const {
    if (!has_leads_) {
      for (LocalId v = first; v < last; ++v) room[v - first] = first_neighbour(v);
      return room;
    }
    const LocalId* const leads = rows_.leads.data();
    if (masters_ == rows_.rows()) return leads + first;
    for (LocalId v = first; v < last; ++v) {
      const LocalId lead = leads[v], next = leads[lead];
      room[v - first] = lead >= masters_ && next < v ? next : lead;
    }
    return room;
  }
  LocalId first_neighbour(LocalId v) const {
    fetch_row(std::min(v + kAhead, rows_.rows()));
    const LocalId neighbour = smallest_other(v);
    if (neighbour < masters_ || first_of_ghosts_.empty()) return neighbour;
    const LocalId next = first_of_ghosts_[neighbour - masters_];
    return next < v ? next : neighbour;
  }

  void find_first_of_ghosts() {
    first_of_ghosts_ = BigArray<LocalId>(rows_.rows() - masters_);
    parallel::for_ranges(first_of_ghosts_.size(), kGrain, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        const LocalId ghost = masters_ + static_cast<LocalId>(i);
        fetch_row(std::min(ghost + kAhead, rows_.rows()));
        first_of_ghosts_[i] = smallest_other(ghost);
      }
    });
  }

  // Vertices that nobody smaller was found for go under their smallest neighbour, or the smallest neighbour of that.
  // Returns how many found one.
  template <class Root>
  std::size_t lower(const std::vector<LocalId>& tops, const Root& root) {
    const auto top = [&](std::size_t i) { return tops[std::min(i, tops.size() - 1)]; };
    std::size_t lowered = 0;
    for (std::size_t i = 0; i < tops.size(); ++i) {
      rows_.offsets.fetch(top(i + 4 * kAhead));
      fetch_row(top(i + 3 * kAhead));
      rows_.offsets.fetch(*begin_of_row(top(i + 2 * kAhead)));
      fetch_row(*begin_of_row(top(i + kAhead)));
      const LocalId v = tops[i], neighbour = smallest_other(v), above = std::min(neighbour, smallest_other(neighbour));
      if (above >= v) continue;
      sets_.begin(v, root(above));
      ++lowered;
    }
    return lowered;
  }

  // The smallest neighbour but v itself, or v.
  LocalId smallest_other(LocalId v) const {
    for (const LocalId u : rows_.row(v))
      if (u != v) return u;
    return v;
  }
  const LocalId* begin_of_row(LocalId v) const { return rows_.neighbours.data() + rows_.offsets[v]; }
  void fetch_row(LocalId v) const { prefetch(begin_of_row(v)); }

  // Each a set of its own.
  void begin_alone(LocalId begin, LocalId end) {
    LocalId* const parents = sets_.unshared_parents() + begin;
    parallel::for_ranges(end - begin, kGrain, [=](std::size_t first, std::size_t last) {
      std::iota(parents + first, parents + last, begin + static_cast<LocalId>(first));
    });
  }
  static constexpr std::size_t kGrain = std::size_t{1} << 14;

  const Adjacency& rows_;
  LocalId masters_;
  UnionFind& sets_;
  bool ghosts_have_rows_;
  bool has_leads_;                     // that lead on: of a ghost without a row nothing is known
  BigArray<LocalId> first_of_ghosts_;  // by ghost, its smallest neighbour or itself; empty where none have rows
};

}  // namespace gasket
