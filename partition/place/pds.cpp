// Perfect difference sets (Jain, Liao, Willke: GraphBuilder, GRADES 2013; PowerGraph's "pds"): with p = q^2 + q + 1
// parts, q prime, there is a set D of q + 1 numbers whose differences modulo p are every number but 0 once (Singer,
// 1938). A vertex that hashes to h may have copies only in the parts h + d; the sets of any two vertices meet in exactly
// one part, which gets the edge. Copies of a vertex: at most q + 1, about sqrt(p): half of the grid's.
//
// For other numbers of parts D is a difference cover of about 2 sqrt(p) numbers, whose differences are everything at
// least once; where two sets meet more than once the edge's hash chooses. O(1) per edge, 4 p bytes and the pairs.
//
// A plane has no room for unequal parts: then there are about eight times as many small ones, and a part is several of
// them by its share, so copies are bounded by about sqrt(8 p) only.

#include <algorithm>
#include <array>
#include <vector>

#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

// Singer's set for q prime: powers of a root x of a cubic a + b x + c x^2 = x^3 over GF(q), up to a factor, are the
// points of a projective plane; those without x^2 are a line. Empty when the cubic does not reach all points.
std::vector<PartId> points_on_a_line(PartId q, PartId a, PartId b, PartId c) {
  const PartId points = q * q + q + 1;
  std::vector<PartId> line;
  std::array<PartId, 3> x = {1, 0, 0};
  for (PartId i = 0; i < points; ++i) {
    if (i > 0 && x[1] == 0 && x[2] == 0) return {};  // a power is a constant too early
    if (x[2] == 0) line.push_back(i);
    x = {x[2] * a % q, (x[0] + x[2] * b) % q, (x[1] + x[2] * c) % q};
  }
  return x[1] == 0 && x[2] == 0 && line.size() == q + 1 ? line : std::vector<PartId>();
}

bool is_prime(PartId q) {
  for (PartId f = 2; f * f <= q; ++f)
    if (q % f == 0) return false;
  return true;
}

std::vector<PartId> difference_set(PartId parts) {
  for (PartId q = 2; q * q + q + 1 <= parts; ++q) {
    if (q * q + q + 1 != parts || !is_prime(q)) continue;
    for (PartId code = 1; code < q * q * q; ++code)
      if (auto line = points_on_a_line(q, code % q, code / q % q, code / q / q); !line.empty()) return line;
  }
  // 0 .. r-1 and the multiples of r: k r - i is everything.
  PartId r = 1;
  while (r * r < parts) ++r;
  std::vector<PartId> cover;
  for (PartId i = 0; i < std::min(r, parts); ++i) cover.push_back(i);
  for (PartId m = r; m < parts; m += r) cover.push_back(m);
  return cover;
}

class PdsPlacement final : public Placement {
 public:
  explicit PdsPlacement(const PlacementInput& input) : parts_(input.parts), seed_(mix(input.seed)) {
    if (const PartShares shares(input.parts, input.weights); !shares.equal()) share_out(shares);
    begins_.resize(parts_ + 1);
    const std::vector<PartId> set = difference_set(parts_);
    // For each difference a - b of members the as: where the sets of two vertices that lie so far apart meet.
    std::vector<std::vector<PartId>> meet(parts_);
    for (const PartId a : set)
      for (const PartId b : set) meet[(a + parts_ - b) % parts_].push_back(a);
    for (PartId d = 0; d < parts_; ++d) {
      steps_.insert(steps_.end(), meet[d].begin(), meet[d].end());
      begins_[d + 1] = static_cast<PartId>(steps_.size());
    }
  }

  bool symmetric() const override { return true; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      const auto [low, high] = std::minmax(source, target);
      const PartId a = part_of(low), b = part_of(high);
      const PartId apart = b >= a ? b - a : b + parts_ - a;  // a + x == b + y: x - y
      const PartId begin = begins_[apart], ways = begins_[apart + 1] - begin;
      const PartId part = a + steps_[begin + (ways == 1 ? 0 : spread(mix(mix(low ^ seed_) + high), ways))];
      parts[i] = real(part < parts_ ? part : part - parts_);
    });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = real(part_of(first + i));
  }
  bool masters_follow_edges() const override { return true; }

 private:
  PartId part_of(GlobalId vertex) const { return spread(mix(vertex ^ seed_), parts_); }

  PartId real(PartId part) const { return real_.empty() ? part : real_[part]; }

  // Eight times as many parts, a plane of them, of which each real one is some.
  void share_out(const PartShares& shares) {
    PartId q = 2;
    while (q * q + q + 1 < 8 * shares.parts() || !is_prime(q)) ++q;
    parts_ = q * q + q + 1;
    double reached = 0;
    for (PartId r = 0; r < shares.parts(); ++r) {
      reached += shares[r] / shares.parts();
      real_.resize(static_cast<std::size_t>(std::lround(reached * parts_)), static_cast<std::uint16_t>(r));
    }
    real_.resize(parts_, static_cast<std::uint16_t>(shares.parts() - 1));
  }

  PartId parts_;
  std::uint64_t seed_;
  std::vector<std::uint16_t> real_;  // the part that each stands for, where shares are unequal
  std::vector<PartId> begins_;       // of each difference in steps_
  std::vector<PartId> steps_;
};

}  // namespace

std::unique_ptr<Placement> make_pds_placement(const PlacementInput& input) {
  return std::make_unique<PdsPlacement>(input);
}

}  // namespace gasket
