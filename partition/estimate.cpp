#include "partition/estimate.hpp"

#include <algorithm>
#include <cmath>

namespace gasket {
namespace {

constexpr double kProgram = 40e6;         // MPI, the code, buffers of the network
constexpr double kWorker = 10e6;          // a block of text, the edges of one, scratch for sorting
constexpr double kRound = 3 * 64e6;       // edges on their way to other ranks
constexpr double kNarrow = 4294967296.0;  // ids below it take 4 bytes

}  // namespace

double estimate_peak(const SourceSize& size, const LoadShape& shape, int ranks) {
  const auto p = static_cast<double>(ranks);
  const double weight = shape.weighted ? 8 : 0;
  const double edges = size.edges / p, arcs = edges * (shape.undirected ? 2 : 1);
  const double id = std::max(size.highest_id, size.vertices) < kNarrow || size.names ? 8 : 16;  // of a pair
  // Masters, and copies where edges lead to other ranks: at most one per arc end, and one per rank.
  const double locals = std::min({size.vertices, size.vertices / p * std::sqrt(p), size.vertices / p + 2 * edges});
  const bool both = shape.need.by_target && shape.need.by_source && !shape.undirected;
  const double row_arc = 4 + weight;
  const double vertex = 44 + (size.highest_id >= size.vertices + 1 ? 16 : 0);
  const double everywhere = ranks > 1 ? 4 * size.vertices : 0;  // degrees of all vertices, while placing

  const double read = edges * (id + weight);
  const double names = size.names ? size.vertices * (size.id_bytes + 64) * (ranks > 1 ? 1 : 1.5) : 0;
  const double place = edges * (8 + weight) + everywhere + (ranks > 1 ? std::min(kRound, 3 * read) : 0);
  const double sort = edges * (8 + weight) + arcs * (8 + weight);
  const double settle = arcs * (8 + weight + row_arc);
  const double turn = both ? arcs * (row_arc + 8 + weight + row_arc) : 0;
  const double stored = std::max(arcs * row_arc, turn);
  const double peak = shape.takes_stored_rows ? stored : std::max({read + names, place, sort, settle, turn});
  return kProgram + kWorker * shape.threads + peak + locals * vertex;
}

int ranks_needed(const SourceSize& size, const LoadShape& shape, double limit) {
  constexpr int kMost = 1 << 20;
  int above = 1;
  while (above <= kMost && estimate_peak(size, shape, above) > limit) above *= 2;
  if (above > kMost) return 0;
  int below = above / 2;  // too few, or 0
  while (above - below > 1) {
    const int middle = below + (above - below) / 2;
    (estimate_peak(size, shape, middle) > limit ? below : above) = middle;
  }
  return above;
}

}  // namespace gasket
