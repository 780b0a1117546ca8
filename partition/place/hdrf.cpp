// High-degree replicated first (Petroni, Querzoni, Daudjee, Kamali, Iacoboni: HDRF, CIKM 2015): greedy_chooser.hpp with
// g(u) = 2 - d(u) / (d(u) + d(v)), so that of two ends the one of higher degree is copied, and lambda = 1.1. Degrees
// are exact, counted before the first edge is placed, where the paper's are those of the stream so far. The ranks tell
// each other loads and copies. O(p / 64) per edge; 8 + p / 8 bytes per vertex on every rank. No part gets more than
// 1.05 of its share.

#include "partition/place/greedy_stream.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

struct DegreeGains {
  using Beside = std::uint32_t;

  void prepare(ReplicaSets<Beside>& copies) const {
    for (GlobalId v = 0; v < degrees.size(); ++v) copies.set_beside(v, degrees[v]);
  }
  Gains operator()(const ReplicaSets<Beside>& copies, GlobalId u, GlobalId v) const {
    const double a = copies.beside(u), b = copies.beside(v);
    const double share = a / (a + b);
    return {2 - share, 1 + share};
  }

  std::span<const std::uint32_t> degrees;
};

}  // namespace

std::unique_ptr<Placement> make_hdrf_placement(const PlacementInput& input) {
  constexpr double lambda = 1.1;
  return GreedyStream(input, true, lambda, DegreeGains{input.degrees}).run();
}

}  // namespace gasket
