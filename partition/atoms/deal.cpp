#include "partition/atoms/deal.hpp"

#include <metis.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace gasket {
namespace {

constexpr double kSlack = 1.05;
constexpr std::size_t kFirstAtoms = 8;       // tried as the begin of the first region
constexpr std::size_t kMostExchanged = 512;  // atoms of a meta-graph in which exchanges are looked for
constexpr int kRounds = 20;

using Ranks = std::vector<std::uint32_t>;
constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();

class Dealer {
 public:
  Dealer(const AtomIndex& index, std::span<const double> shares)
      : shares_(shares.begin(), shares.end()), neighbours_(index.atoms.size()) {
    for (const AtomFacts& atom : index.atoms) weights_.push_back(static_cast<double>(weight_of(atom)));
    for (const AtomIndex::Shared& pair : index.shared) {
      const auto shared = static_cast<double>(pair.vertices);
      neighbours_[pair.first].push_back({pair.second, shared});
      neighbours_[pair.second].push_back({pair.first, shared});
    }
    // A share is from here on the weight that would be just right.
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    const double sum = std::accumulate(shares_.begin(), shares_.end(), 0.0);
    for (double& share : shares_) share *= total / sum;
  }

  Ranks deal() {
    const std::size_t atoms = weights_.size(), tries = std::min(kFirstAtoms, atoms);
    for (std::size_t i = 0; i < tries; ++i) {
      grow(static_cast<AtomId>(atoms * i / tries));
      take_if_better();
    }
    if (ask_metis()) take_if_better();
    return best_;
  }

 private:
  struct Neighbour {
    AtomId atom;
    double shared;
  };
  // Smaller is better.
  struct Value {
    double overload = 0;  // of the fullest rank over what is tolerated
    double cut = 0;       // vertices shared between ranks, once per pair of atoms
    bool operator<(const Value& other) const {
      return overload != other.overload ? overload < other.overload : cut < other.cut;
    }
  };

  double fill(std::size_t rank) const { return load_[rank] / shares_[rank]; }
  double fill(std::size_t rank, double added) const { return (load_[rank] + added) / shares_[rank]; }

  Value value() const {
    Value value;
    for (std::size_t r = 0; r < shares_.size(); ++r) value.overload = std::max(value.overload, fill(r) - kSlack);
    value.overload = std::max(value.overload, 0.0);
    for (AtomId a = 0; a < rank_.size(); ++a)
      for (const Neighbour& n : neighbours_[a]) value.cut += rank_[n.atom] != rank_[a] ? n.shared / 2 : 0;
    return value;
  }

  void take_if_better() {
    refine();
    const Value found = value();
    if (!best_.empty() && !(found < best_value_)) return;
    best_ = rank_;
    best_value_ = found;
  }

  // Numbers are scaled to what METIS can add up in 32 bits. False when it has no answer, or leaves a rank without atoms.
  bool ask_metis() {
    if (shares_.size() < 2 || weights_.size() <= shares_.size()) return false;
    double total = 0, ties = 1;
    for (const double weight : weights_) total += weight;
    for (const auto& list : neighbours_)
      for (const Neighbour& n : list) ties += n.shared;
    constexpr double kMost = 1 << 28;
    std::vector<idx_t> begins{0}, others, shared, sizes;
    for (std::size_t a = 0; a < weights_.size(); ++a) {
      for (const Neighbour& n : neighbours_[a]) {
        others.push_back(static_cast<idx_t>(n.atom));
        shared.push_back(static_cast<idx_t>(1 + n.shared * std::min(1.0, kMost / ties)));
      }
      begins.push_back(static_cast<idx_t>(others.size()));
      sizes.push_back(static_cast<idx_t>(1 + weights_[a] * std::min(1.0, kMost / total)));
    }
    std::vector<real_t> wanted;
    for (const double share : shares_) wanted.push_back(static_cast<real_t>(share / total));
    idx_t options[METIS_NOPTIONS];
    METIS_SetDefaultOptions(options);
    options[METIS_OPTION_SEED] = 1;
    options[METIS_OPTION_UFACTOR] = 40;  // thousandths above the average
    options[METIS_OPTION_NCUTS] = 8;
    auto atoms = static_cast<idx_t>(weights_.size()), ranks = static_cast<idx_t>(shares_.size());
    idx_t constraints = 1, cut = 0;
    std::vector<idx_t> parts(weights_.size());
    if (METIS_PartGraphRecursive(&atoms, &constraints, begins.data(), others.data(), sizes.data(), nullptr,
                                 shared.data(), &ranks, wanted.data(), nullptr, options, &cut,
                                 parts.data()) != METIS_OK)
      return false;
    rank_.assign(weights_.size(), kNobody);
    load_.assign(shares_.size(), 0);
    for (AtomId a = 0; a < parts.size(); ++a) give(a, static_cast<std::uint32_t>(parts[a]));
    return std::ranges::find(load_, 0.0) == load_.end();
  }

  void give(AtomId atom, std::uint32_t rank) {
    rank_[atom] = rank;
    load_[rank] += weights_[atom];
  }

  void grow(AtomId first) {
    const std::size_t atoms = weights_.size(), ranks = shares_.size();
    rank_.assign(atoms, kNobody);
    load_.assign(ranks, 0);
    double left = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    double wanted = std::accumulate(shares_.begin(), shares_.end(), 0.0);
    std::size_t dealt = 0;
    // For an atom that nobody has: shared vertices with this region, with any region, and with nobody's atoms.
    std::vector<double> here(atoms), taken(atoms), open(atoms);
    for (AtomId a = 0; a < atoms; ++a)
      for (const Neighbour& n : neighbours_[a]) open[a] += n.shared;
    for (std::uint32_t r = 0; r < ranks && dealt < atoms; ++r) {
      std::ranges::fill(here, 0);
      const double share = left * shares_[r] / wanted;
      const bool last = r + 1 == ranks;
      while (dealt < atoms && (last || load_[r] == 0 || atoms - dealt > ranks - 1 - r)) {
        const AtomId next =
            dealt == 0 ? first
                       : best_open([&](AtomId a) { return load_[r] > 0 ? here[a] - open[a] : taken[a] - open[a]; });
        const bool near_enough = load_[r] + weights_[next] / 2 > share;
        if (!last && load_[r] > 0 && near_enough) break;
        give(next, r);
        ++dealt;
        for (const Neighbour& n : neighbours_[next]) {
          here[n.atom] += n.shared;
          taken[n.atom] += n.shared;
          open[n.atom] -= n.shared;
        }
      }
      left -= load_[r];
      wanted -= shares_[r];
    }
  }

  template <class Score>
  AtomId best_open(const Score& score) const {
    AtomId best = kNobody;
    double best_score = 0;
    for (AtomId a = 0; a < rank_.size(); ++a) {
      if (rank_[a] != kNobody) continue;
      const double found = score(a);
      if (best != kNobody && found <= best_score) continue;
      best = a;
      best_score = found;
    }
    return best;
  }

  void refine() {
    count_.assign(shares_.size(), 0);
    for (const std::uint32_t rank : rank_) ++count_[rank];
    ties_.assign(rank_.size() * shares_.size(), 0);
    for (AtomId a = 0; a < rank_.size(); ++a)
      for (const Neighbour& n : neighbours_[a]) tie(a, rank_[n.atom]) += n.shared;
    for (int round = 0; round < kRounds; ++round) {
      bool better = false;
      for (AtomId a = 0; a < rank_.size(); ++a) better |= move(a);
      if (rank_.size() <= kMostExchanged)
        for (AtomId a = 0; a < rank_.size(); ++a) better |= exchange(a);
      if (!better) return;
    }
  }

  // What an atom shares with the atoms of a rank.
  double& tie(AtomId atom, std::uint32_t rank) { return ties_[atom * shares_.size() + rank]; }

  void pass_on(AtomId atom, std::uint32_t to) {
    const std::uint32_t from = rank_[atom];
    load_[from] -= weights_[atom];
    --count_[from];
    ++count_[to];
    for (const Neighbour& n : neighbours_[atom]) {
      tie(n.atom, from) -= n.shared;
      tie(n.atom, to) += n.shared;
    }
    give(atom, to);
  }

  // Whether rank fills may change from what they are to `from` and `to`, given what that gains in shared vertices: what
  // is beyond the limit must shrink, what is not must stay below it.
  bool allowed(std::uint32_t a, double from, std::uint32_t b, double to, double gain) const {
    const double before = std::max(fill(a), fill(b)), after = std::max(from, to);
    if (before > kSlack) return after < before - 1e-9;
    return after <= kSlack && (gain > 0 || (gain == 0 && after < before - 1e-9));
  }

  bool move(AtomId atom) {
    const std::uint32_t from = rank_[atom];
    if (count_[from] == 1) return false;
    const double weight = weights_[atom];
    std::uint32_t best = from;
    for (std::uint32_t to = 0; to < shares_.size(); ++to) {
      const double gain = tie(atom, to) - tie(atom, from);
      if (to == from || !allowed(from, fill(from, -weight), to, fill(to, weight), gain)) continue;
      if (best == from || tie(atom, to) > tie(atom, best)) best = to;
    }
    if (best == from) return false;
    pass_on(atom, best);
    return true;
  }

  bool exchange(AtomId a) {
    const std::uint32_t from = rank_[a];
    std::vector<double> between(rank_.size());
    for (const Neighbour& n : neighbours_[a]) between[n.atom] = n.shared;
    AtomId best = kNobody;
    double best_gain = 0;
    for (AtomId b = 0; b < rank_.size(); ++b) {
      const std::uint32_t to = rank_[b];
      if (to == from) continue;
      const double gain = tie(a, to) - tie(a, from) + tie(b, from) - tie(b, to) - 2 * between[b];
      if (best != kNobody && gain <= best_gain) continue;
      const double moved = weights_[a] - weights_[b];
      if (!allowed(from, fill(from, -moved), to, fill(to, moved), gain)) continue;
      best = b;
      best_gain = gain;
    }
    if (best == kNobody) return false;
    const std::uint32_t to = rank_[best];
    pass_on(best, from);
    pass_on(a, to);
    return true;
  }

  std::vector<double> shares_;
  std::vector<double> weights_;
  std::vector<std::vector<Neighbour>> neighbours_;
  Ranks best_;
  Value best_value_;
  Ranks rank_;
  std::vector<double> load_;
  std::vector<std::size_t> count_;
  std::vector<double> ties_;  // atoms x ranks
};

}  // namespace

Ranks deal_atoms(const AtomIndex& index, std::span<const double> shares) { return Dealer(index, shares).deal(); }

}  // namespace gasket
