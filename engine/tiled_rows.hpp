#pragma once
// Arcs by tiles of 2^16 sources times 2^16 targets, for sweeps over all arcs of graphs without locality. A row of such a
// graph reads values from all over memory. A tile adds to 2^16 sums that stay in a core's cache, and its arcs are in
// the order of their sources' cache lines, so that each line is read once per 2^16 targets (small tiles: of a few lines
// together); an arc is two 16-bit numbers, no larger than in a row (propagation blocking: Beamer, Asanovic, Patterson, IPDPS 2017; partitioned gather: Lakhotia,
// Kannan, Prasanna, USENIX ATC 2018; here without the copies of values that both write).

#include <cstdint>
#include <span>
#include <vector>

#include "engine/row_blocks.hpp"
#include "partition/big_array.hpp"

namespace gasket {

/// How a sweep goes over all arcs: the engine chooses, or it is told.
enum class Sweep { automatic, rows, tiles };

class TiledRows {
 public:
  static constexpr int kSideBits = 16;
  static constexpr LocalId kSide = LocalId{1} << kSideBits;
  static constexpr EdgeCount kCrowd = 256;

  /// Arcs from the same 2^16 sources to the same 2^16 targets; very many of them are several tiles.
  struct Tile {
    LocalId sources;  // the first
    EdgeCount begin;
    EdgeCount end;
  };
  /// Tiles of the same targets, as many as one worker sums at a time.
  struct Part {
    LocalId begin;  // targets
    LocalId end;
    std::size_t first_tile;
    std::size_t last_tile;
    bool first;  // of its targets
    bool last;
    bool crowded;  // one of its targets may have more than kCrowd arcs
    bool whole() const { return first && last; }
  };

  TiledRows() = default;
  /// From the rows of all local vertices: rows of targets, or, where they are rows of sources too, `by_source`. O(arcs) time, 4 bytes per
  /// arc.
  TiledRows(const Adjacency& rows, bool by_source);

  bool empty() const { return parts_.empty(); }
  /// Ascending by target. They depend on the rows alone.
  std::span<const Part> parts() const { return parts_; }
  std::span<const Tile> tiles(const Part& part) const {
    return {tiles_.data() + part.first_tile, tiles_.data() + part.last_tile};
  }
  /// The arcs of all tiles: source and target within their tile.
  const std::uint32_t* arcs() const { return arcs_.data(); }
  static constexpr std::uint32_t source(std::uint32_t arc) { return arc & (kSide - 1); }
  static constexpr std::uint32_t target(std::uint32_t arc) { return arc >> kSideBits; }

 private:
  void fill(const Adjacency& rows, bool by_source);
  void sort_tiles();
  void cut_large_tiles();
  void cut_into_parts(const Adjacency& rows);

  std::vector<Tile> tiles_;                // ascending by target, then by source; those without arcs left out
  std::vector<std::size_t> stripe_tiles_;  // the first tile of each 2^16 targets, and the end
  BigArray<std::uint32_t> arcs_;
  std::vector<Part> parts_;
};

/// How many cache lines of `width` bytes per vertex a sweep over the rows fetches anew for an arc, by a sample of windows
/// of 2^16 arcs: near 0 where rows have locality, near 1 where every arc reads from somewhere else.
double lines_per_arc(const Adjacency& rows, std::size_t width);

}  // namespace gasket
