// High-degree replicated first (Petroni, Querzoni, Daudjee, Kamali, Iacoboni: HDRF, CIKM 2015): greedy_stream.hpp with
// g(u) = 2 - d(u) / (d(u) + d(v)), so that of two ends the one of higher degree is copied, and lambda = 1.1. Degrees are
// exact, counted before the first edge is placed, where the paper's are those of the stream so far. The ranks tell each
// other loads and copies. O(p / 64 log spread) per edge; 4 + p / 8 bytes per vertex on every rank. No part gets more than
// 1.05 of its share.

#include "partition/place/greedy_stream.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {

std::unique_ptr<Placement> make_hdrf_placement(const PlacementInput& input) {
  constexpr double lambda = 1.1;
  const std::span<const std::uint32_t> degrees = input.degrees;
  return place_greedily(
      input, true, lambda,
      [degrees](GlobalId u, GlobalId v) {
        const double a = degrees[u], b = degrees[v];
        const double share = a / (a + b);
        return Gains{2 - share, 1 + share};
      },
      [degrees](GlobalId v) { __builtin_prefetch(&degrees[v]); });
}

}  // namespace gasket
