#include "partition/estimate.hpp"

#include <algorithm>
#include <cmath>

#include "partition/build/drop_duplicates.hpp"

namespace gasket {
namespace {

constexpr double kProgram = 16e6;         // MPI, the code, buffers of the network
constexpr double kWorker = 8e6;           // a block of text, the edges of one, scratch for sorting
constexpr double kRound = 2 * 64e6;       // edges on their way to other ranks
constexpr double kNarrow = 4294967296.0;  // ids below it take 4 bytes
constexpr double kPieces = 1.125;         // edges are freed in eighths as they become arcs

}  // namespace

double estimate_peak(const SourceSize& size, const LoadShape& shape, int ranks, bool first) {
  const auto p = static_cast<double>(ranks);
  const double weight = shape.weighted ? 8 : 0;
  const double edges = size.edges / p, arcs = edges * (shape.undirected ? 2 : 1);
  const double ends = std::max(size.highest_id, size.vertices) < kNarrow || size.names ? 8 : 16;
  // Rows are made from those of the other direction; a .gsk file stores them by source. Undirected graphs have both in one,
  // unless several ranks hold them by a placement that is not symmetric, as the automatic one may be.
  const bool both_in_one = shape.undirected && ranks == 1;
  const bool turns = !both_in_one && shape.need.by_target && (shape.need.by_source || shape.takes_stored_rows);
  const double row_arc = 4 + weight, entry = 8 + weight;

  const double names = size.names ? size.vertices * (size.id_bytes + 64) : 0;
  const double read = edges * (ends + weight) + names;
  const double drop = shape.drops_first ? edges * static_cast<double>(kSortedEdgeBytes) : 0;
  const double parts = shape.parts > 0 ? shape.parts : p;
  const PlacingMemory& own = shape.placing;
  const double gathered =
      first && own.gathered_edge > 0 ? own.gathered_edge + (ranks > 1 ? 8 : 0) : 0;  // as it was sent
  const double kept = own.edge + (ranks > 1 ? own.moved_edge : 0);
  const double decide = parts > 1 ? edges * (ends + weight + kept) + size.edges * (gathered + own.listed_edge) +
                                        size.vertices * (4 + own.vertex + own.copy * parts)
                                  : 0;
  const double place = ranks > 1 ? edges * entry + std::min(kRound, edges * entry) + 4 * size.vertices : 0;
  const double sort = std::max(edges, arcs) * entry * kPieces;
  const double settle = arcs * (entry + row_arc);
  const double turn = turns ? arcs * (row_arc + entry + row_arc) : 0;
  const double peak = shape.takes_stored_rows ? std::max(arcs * row_arc, turn)
                                              : std::max({read, drop, decide, place, sort, settle, turn});

  // Masters, and copies: no more than one per end of an arc, and fewer where many edges meet.
  const double locals = std::min(size.vertices / p * std::sqrt(p), size.vertices / p + 2 * edges);
  const double vertex = (size.highest_id > size.vertices + 1 ? 36 : 20) + (shape.need.leads != Leads::none ? 4 : 0);
  return kProgram + kWorker * shape.threads + peak + locals * vertex + size.kept_names / p;
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
