#include "engine/tiled_rows.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "partition/bitmap.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr EdgeCount kPartArcs = EdgeCount{1} << 21;

// Rows of one stripe of 2^16, of about 2^20 arcs.
std::vector<RowBlock> cut_within_stripes(const Adjacency& rows) {
  std::vector<RowBlock> blocks;
  for (std::uint64_t begin = 0; begin < rows.rows(); begin += TiledRows::kSide) {
    const auto end = static_cast<LocalId>(std::min<std::uint64_t>(begin + TiledRows::kSide, rows.rows()));
    for (const RowBlock& block :
         cut_into_blocks({&rows, nullptr}, static_cast<LocalId>(begin), end, EdgeCount{1} << 20))
      blocks.push_back(block);
  }
  return blocks;
}

// By groups of 2^bits sources, else as they are, in one pass: a cache line is read once, whatever the order of its values. With
// few arcs a line is seldom wanted twice, and as many counters would be more work than the arcs.
void sort_by_lines(std::span<std::uint32_t> arcs, std::vector<std::uint32_t>& scratch,
                   std::vector<std::uint32_t>& next) {
  constexpr int kLineBits = 4, kArcsPerCounterBits = 2;  // 16 floats
  const int bits =
      std::clamp(TiledRows::kSideBits + kArcsPerCounterBits - static_cast<int>(std::bit_width(arcs.size())), kLineBits,
                 TiledRows::kSideBits);
  scratch.assign(arcs.begin(), arcs.end());
  next.assign(TiledRows::kSide >> bits, 0);
  for (const std::uint32_t arc : scratch) ++next[TiledRows::source(arc) >> bits];
  std::exclusive_scan(next.begin(), next.end(), next.begin(), 0u);
  for (const std::uint32_t arc : scratch) arcs[next[TiledRows::source(arc) >> bits]++] = arc;
}

}  // namespace

TiledRows::TiledRows(const Adjacency& rows, bool by_source) {
  fill(rows, by_source);
  if (!by_source) sort_tiles();
  cut_large_tiles();
  cut_into_parts(rows);
}

// Counts the arcs of each block of rows in each stripe of neighbours, and then deals them out.
void TiledRows::fill(const Adjacency& rows, bool by_source) {
  const std::vector<RowBlock> blocks = cut_within_stripes(rows);
  const std::size_t stripes = (std::size_t{rows.rows()} + kSide - 1) >> kSideBits;
  BigArray<EdgeCount> at(blocks.size() * stripes);
  parallel::for_each_index(blocks.size(), [&](std::size_t b) {
    EdgeCount* const count = at.data() + b * stripes;
    for (EdgeCount i = rows.offsets[blocks[b].begin]; i < rows.offsets[blocks[b].end]; ++i)
      ++count[rows.neighbours[i] >> kSideBits];
  });

  const auto stripe_of = [&](std::size_t block) { return std::size_t{blocks[block].begin} >> kSideBits; };
  EdgeCount total = 0;
  const auto lay_out = [&](std::size_t first_block, std::size_t last_block, std::size_t stripe) {
    const EdgeCount begin = total;
    for (std::size_t b = first_block; b < last_block; ++b) total += std::exchange(at[b * stripes + stripe], total);
    const auto sources = static_cast<LocalId>((by_source ? stripe_of(first_block) : stripe) << kSideBits);
    if (total > begin) tiles_.push_back({sources, begin, total});
  };
  std::vector<std::pair<std::size_t, std::size_t>> groups;  // blocks of each stripe of rows
  for (std::size_t b = 0, next = 0; b < blocks.size(); b = next) {
    while (next < blocks.size() && stripe_of(next) == stripe_of(b)) ++next;
    groups.emplace_back(b, next);
  }
  std::vector<std::size_t> first_tile;  // of each stripe of targets
  if (by_source) {
    for (std::size_t stripe = 0; stripe < stripes; ++stripe) {
      first_tile.push_back(tiles_.size());
      for (const auto& [begin, end] : groups) lay_out(begin, end, stripe);
    }
  } else {
    for (const auto& [begin, end] : groups) {
      first_tile.push_back(tiles_.size());
      for (std::size_t stripe = 0; stripe < stripes; ++stripe) lay_out(begin, end, stripe);
    }
  }
  first_tile.push_back(tiles_.size());
  stripe_tiles_ = std::move(first_tile);

  arcs_ = BigArray<std::uint32_t>(total);
  parallel::for_each_index(blocks.size(), [&](std::size_t b) {
    EdgeCount* const next = at.data() + b * stripes;
    EdgeCount i = rows.offsets[blocks[b].begin];
    for (LocalId row = blocks[b].begin; row < blocks[b].end; ++row) {
      const std::uint32_t near = row & (kSide - 1);
      for (const EdgeCount end = rows.offsets[row + 1]; i < end; ++i) {
        const LocalId neighbour = rows.neighbours[i];
        const std::uint32_t far = neighbour & (kSide - 1);
        arcs_[next[neighbour >> kSideBits]++] = by_source ? far << kSideBits | near : near << kSideBits | far;
      }
    }
  });
}

void TiledRows::sort_tiles() {
  std::vector<std::vector<std::uint32_t>> scratch(static_cast<std::size_t>(parallel::threads())), next(scratch.size());
  parallel::for_each_index(tiles_.size(), [&](std::size_t t) {
    const auto worker = static_cast<std::size_t>(parallel::worker_index());
    sort_by_lines(arcs_.span().subspan(tiles_[t].begin, tiles_[t].end - tiles_[t].begin), scratch[worker],
                  next[worker]);
  });
}

// So that no part gets more than twice kPartArcs: between hubs lie a good part of a graph's arcs.
void TiledRows::cut_large_tiles() {
  std::vector<Tile> all;
  std::size_t stripe = 0;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    for (; stripe < stripe_tiles_.size() && stripe_tiles_[stripe] == t; ++stripe) stripe_tiles_[stripe] = all.size();
    for (EdgeCount begin = tiles_[t].begin; begin < tiles_[t].end; begin += kPartArcs)
      all.push_back({tiles_[t].sources, begin, std::min(begin + kPartArcs, tiles_[t].end)});
  }
  for (; stripe < stripe_tiles_.size(); ++stripe) stripe_tiles_[stripe] = all.size();
  tiles_ = std::move(all);
}

void TiledRows::cut_into_parts(const Adjacency& rows) {
  for (std::size_t stripe = 0; stripe + 1 < stripe_tiles_.size(); ++stripe) {
    const auto begin = static_cast<LocalId>(stripe << kSideBits);
    const auto end = static_cast<LocalId>(std::min<std::uint64_t>(std::uint64_t{begin} + kSide, rows.rows()));
    bool crowded = false;
    for (LocalId v = begin; v < end && rows.offsets.longest() > kCrowd && !crowded; ++v)
      crowded |= rows.degree(v) > kCrowd;
    std::size_t tile = stripe_tiles_[stripe];
    const std::size_t behind = stripe_tiles_[stripe + 1];
    bool first = true;
    do {
      const std::size_t from = tile;
      for (EdgeCount arcs = 0; tile < behind && arcs < kPartArcs; ++tile) arcs += tiles_[tile].end - tiles_[tile].begin;
      parts_.push_back({begin, end, from, tile, std::exchange(first, false), tile == behind, crowded});
    } while (tile < behind);
  }
}

double lines_per_arc(const Adjacency& rows, std::size_t width) {
  constexpr std::size_t kWindows = 8;
  constexpr EdgeCount kWindow = EdgeCount{1} << 16;
  constexpr std::size_t kLineBytes = 64;
  EdgeCount arcs = 0;
  std::uint64_t lines = 0;
  for (std::size_t w = 0; w < kWindows; ++w) {
    const EdgeCount begin = rows.arcs() * w / kWindows,
                    end = std::min(begin + kWindow, rows.arcs() * (w + 1) / kWindows);
    Bitmap touched(std::size_t{rows.rows()} * width / kLineBytes + 1);
    for (EdgeCount i = begin; i < end; ++i) touched.insert(std::size_t{rows.neighbours[i]} * width / kLineBytes);
    lines += touched.count();
    arcs += end - begin;
  }
  return arcs == 0 ? 0 : static_cast<double>(lines) / static_cast<double>(arcs);
}

}  // namespace gasket
