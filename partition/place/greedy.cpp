// Greedy vertex cuts (Gonzalez et al., PowerGraph, OSDI 2012, section 5.2): an edge goes to a part that has copies of
// both ends, else of one of them, else to the least loaded; g(u) = g(v) = 1, lambda = 1 in greedy_chooser.hpp, as the
// authors of HDRF put it: where the ends have copies but no part has both, the least loaded of all their parts is taken,
// where PowerGraph takes one of the end with more edges still to come.
// "oblivious": a rank knows only the copies that its own edges made; loads are exchanged. "greedy": the coordinated
// form, in which the ranks tell each other about copies too, 8 bytes a copy. O(p / 64) per edge; p / 8 bytes per
// vertex on every rank. No part gets more than 1.05 of its share.

#include "partition/place/greedy_stream.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

struct EqualGains {
  using Beside = NothingBeside;
  void prepare(const ReplicaSets<>&) const {}
  Gains operator()(const ReplicaSets<>&, GlobalId, GlobalId) const { return {1, 1}; }
};

std::unique_ptr<Placement> place(const PlacementInput& input, bool tell_copies) {
  return GreedyStream(input, tell_copies, 1.0, EqualGains()).run();
}

}  // namespace

std::unique_ptr<Placement> make_oblivious_placement(const PlacementInput& input) { return place(input, false); }
std::unique_ptr<Placement> make_greedy_placement(const PlacementInput& input) { return place(input, true); }

}  // namespace gasket
