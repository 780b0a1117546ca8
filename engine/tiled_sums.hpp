#pragma once
// Sums over all arcs, by tiles (tiled_rows.hpp) instead of rows: for programs whose values outgrow the cache on graphs
// without locality. Targets whose arcs are all in one part have their sums when it is done; those of stripes that are cut
// into several parts have them when add_partial_sums has been called.

#include <algorithm>
#include <span>
#include <vector>

#include "engine/program.hpp"
#include "engine/tiled_rows.hpp"
#include "engine/traverse.hpp"
#include "partition/big_array.hpp"
#include "partition/memory.hpp"
#include "partition/parallel.hpp"

namespace gasket {

template <class P>
class TiledSums {
  using Accum = typename P::Accum;
  // A tile adds term by term. Targets of very many arcs sum floats in doubles (see kRunArcs); others have the smaller sums.
  using CrowdSum = std::conditional_t<std::is_same_v<Accum, float>, double, Accum>;
  static constexpr bool kWidens = !std::is_same_v<CrowdSum, Accum>;
  using Ghost = GhostOf<P>;

 public:
  /// A sum and a value are small, so that 2^16 of them stay in a core's cache, and an arc is its two ends.
  static constexpr bool possible =
      !ProgramTraits<P>::weighted && std::is_arithmetic_v<Accum> && sizeof(Accum) <= 8 && sizeof(Ghost) <= 8;

  /// Whether that is worth it: values outgrow a core's cache, and are read from all over it.
  static bool is_worth_it(const Adjacency& rows) {
    return std::size_t{rows.rows()} * sizeof(Ghost) > kCacheBytes && rows.arcs() / kFewArcs > rows.rows() &&
           2 * rows.arcs() * sizeof(std::uint32_t) < available_memory() &&
           lines_per_arc(rows, sizeof(Ghost)) > kFarLines;
  }

  TiledSums() = default;
  /// Memory: 4 bytes per arc, 2^16 sums per worker and for each further part of a stripe. See TiledRows.
  TiledSums(const Adjacency& rows, bool by_source) : tiles_(rows, by_source) {
    for (int i = 0; i < parallel::threads(); ++i) {
      sums_.emplace_back(TiledRows::kSide);
      if constexpr (kWidens) crowd_sums_.emplace_back(TiledRows::kSide);
    }
    for (const TiledRows::Part& part : tiles_.parts())
      partial_.push_back(part.first ? BigArray<Accum>() : BigArray<Accum>(part.end - part.begin));
  }

  bool empty() const { return tiles_.empty(); }
  std::size_t parts() const { return tiles_.parts().size(); }
  /// The first part that has targets behind `end`.
  std::size_t first_part_behind(LocalId end) const {
    return static_cast<std::size_t>(
        std::ranges::partition_point(tiles_.parts(), [&](const auto& part) { return part.end <= end; }) -
        tiles_.parts().begin());
  }

  /// Calls each(begin, end) for the targets of parts that do not have all of their arcs.
  template <class Each>
  void for_each_shared(const Each& each) const {
    for (const TiledRows::Part& part : tiles_.parts())
      if (!part.whole()) each(part.begin, part.end);
  }

  /// Sums a part's arcs. Calls finished(begin, end, sums), with sums of Accum or CrowdSum, if it has all arcs of its
  /// targets; else their sums so far are kept. By any number of workers at once.
  template <class Finished>
  void sum(std::size_t index, const P& program, const Ghost* ghosts, BigArray<Accum>& accums,
           const Finished& finished) {
    const auto worker = static_cast<std::size_t>(parallel::worker_index());
    if constexpr (kWidens)
      if (tiles_.parts()[index].crowded)
        return sum_to(crowd_sums_[worker].data(), index, program, ghosts, accums, finished);
    sum_to(sums_[worker].data(), index, program, ghosts, accums, finished);
  }

  /// Adds up what several parts have of their targets, those of parts begin .. end-1, in accums.
  void add_partial_sums(std::size_t begin, std::size_t end, BigArray<Accum>& accums) const {
    for (std::size_t p = begin; p < end; ++p) {
      const TiledRows::Part& part = tiles_.parts()[p];
      if (part.first) continue;
      parallel::for_ranges(part.end - part.begin, kAddedAtOnce, [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) accums[part.begin + i] += partial_[p][i];
      });
    }
  }

 private:
  static constexpr std::size_t kCacheBytes = std::size_t{2} << 20;
  static constexpr EdgeCount kFewArcs = 8;  // per vertex
  static constexpr double kFarLines = 0.5;  // per arc: below that rows with hubs in front are as fast
  static constexpr std::size_t kAddedAtOnce = 4096;

  template <class Sum, class Finished>
  void sum_to(Sum* sums, std::size_t index, const P& program, const Ghost* ghosts, BigArray<Accum>& accums,
              const Finished& finished) {
    const TiledRows::Part& part = tiles_.parts()[index];
    const LocalId count = part.end - part.begin;
    std::fill_n(sums, count, Sum{});
    for (const TiledRows::Tile& tile : tiles_.tiles(part))
      add_tile<P>(program, tiles_.arcs() + tile.begin, tiles_.arcs() + tile.end, ghosts + tile.sources, sums);
    if (part.whole())
      finished(part.begin, part.end, sums);
    else
      std::copy_n(sums, count, part.first ? accums.begin() + part.begin : partial_[index].begin());
  }

  TiledRows tiles_;
  std::vector<BigArray<Accum>> sums_;  // by worker: of the part at hand
  std::vector<BigArray<CrowdSum>> crowd_sums_;
  std::vector<BigArray<Accum>> partial_;  // by part: of those that are not the first of their targets
};

}  // namespace gasket
