#pragma once
// Names that mean the same, known in pairs here and there on the ranks: which is the smallest name of each group?
//
// When the pairs are few, every rank gathers them all and joins them alone. When they are many, names are spread over
// the ranks by a hash and joined in rounds (Liu, Tarjan: Simple Concurrent Labeling Algorithms for Connected Components,
// SOSA 2019): every name is hooked under the smallest that it is paired with, the trees are flattened by jumping, and
// pairs go on with the roots in place of the names, until all have become equal. That is O(log^2 names) exchanges at
// most, a handful in practice, whatever the length of a chain of pairs.

#include <algorithm>
#include <bit>
#include <span>
#include <utility>
#include <vector>

#include "partition/comm/exchange.hpp"
#include "partition/hash.hpp"

namespace gasket {

/// Parents of names, each at most as large as its name; a name that was never given one is its own.
template <class Name>
class NameForest {
 public:
  NameForest() { reserve(0); }

  Name parent(Name name) const {
    const Entry& entry = entries_[slot(name)];
    return entry.used ? entry.parent : name;
  }
  void set_parent(Name name, Name parent) {
    if (2 * (count_ + 1) > entries_.size()) reserve(2 * count_ + 1);
    Entry& entry = entries_[slot(name)];
    count_ += entry.used ? 0 : 1;
    entry = {name, parent, true};
  }
  Name root(Name name) const {
    for (Name above = parent(name); above != name; above = parent(above)) name = above;
    return name;
  }
  void join(Name a, Name b) {
    const Name x = root(a), y = root(b), low = std::min(x, y);
    // Both names and their roots are made children of the new root: trees stay shallow.
    for (const Name name : {a, b, x, y}) set_parent(name, low);
  }
  /// All names that were ever given a parent.
  std::vector<Name> names() const {
    std::vector<Name> all;
    for (const Entry& entry : entries_)
      if (entry.used) all.push_back(entry.name);
    return all;
  }

 private:
  struct Entry {
    Name name{};
    Name parent{};
    bool used = false;
  };

  std::size_t slot(Name name) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = mix(name) & mask;
    while (entries_[at].used && entries_[at].name != name) at = (at + 1) & mask;
    return at;
  }
  void reserve(std::size_t names) {
    std::vector<Entry> old(std::bit_ceil(2 * names + 2));
    std::swap(old, entries_);
    for (const Entry& entry : old)
      if (entry.used) entries_[slot(entry.name)] = entry;
  }

  std::vector<Entry> entries_;
  std::size_t count_ = 0;
};

template <class Name>
struct NamePair {
  Name low;
  Name high;
  friend auto operator<=>(const NamePair&, const NamePair&) = default;
};

template <class Name>
class JoinedNames {
 public:
  using Pairs = std::vector<NamePair<Name>>;

  /// Joins the pairs of all ranks; up to `gathered` of them on every rank. Collective.
  JoinedNames(Communicator& comm, Pairs pairs, std::uint64_t gathered) : comm_(&comm) {
    drop_repeated(pairs);
    const std::uint64_t all = comm.sum<std::uint64_t>(pairs.size());
    everywhere_ = all <= gathered;
    if (everywhere_)
      join_gathered(pairs);
    else
      join_in_rounds(std::move(pairs));
  }

  std::uint64_t rounds() const { return rounds_; }

  /// Replaces each name by the smallest of its group. Collective.
  void resolve(std::span<Name> names) const {
    if (everywhere_) {
      for (Name& name : names) name = forest_.root(name);
    } else {
      const std::vector<Name> roots = ask(names);
      std::ranges::copy(roots, names.begin());
    }
  }

 private:
  std::size_t owner(Name name) const { return spread(mix(mix(name)), static_cast<std::uint32_t>(comm_->size())); }

  static void drop_repeated(Pairs& pairs) {
    std::erase_if(pairs, [](const NamePair<Name>& pair) { return pair.low == pair.high; });
    std::ranges::sort(pairs);
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  }

  void join_gathered(const Pairs& mine) {
    const Pairs all = comm_->all_gather_spans(std::span<const NamePair<Name>>(mine));
    for (const NamePair<Name>& pair : all) forest_.join(pair.low, pair.high);
    rounds_ = 1;
  }

  // -- In rounds --------------------------------------------------------------------------------------------

  // Names in pairs are roots at the begin of each round, so that hooking them under smaller ones makes no cycle.
  void join_in_rounds(Pairs pairs) {
    for (; comm_->any(!pairs.empty()); ++rounds_) {
      flatten(hook(pairs));
      rename(pairs);
    }
    flatten(forest_.names());
  }

  // Sends every name that has a smaller partner the smallest of these; returns the names hooked at this owner.
  std::vector<Name> hook(const Pairs& pairs) {
    std::vector<std::vector<NamePair<Name>>> offers(static_cast<std::size_t>(comm_->size()));
    Pairs by_high = pairs;
    std::ranges::sort(by_high, {}, [](const NamePair<Name>& pair) { return std::pair(pair.high, pair.low); });
    for (std::size_t i = 0; i < by_high.size(); ++i)
      if (i == 0 || by_high[i].high != by_high[i - 1].high) offers[owner(by_high[i].high)].push_back(by_high[i]);
    std::vector<BigArray<NamePair<Name>>> outgoing;
    for (const auto& list : offers) outgoing.emplace_back(std::span<const NamePair<Name>>(list));
    std::vector<Name> hooked;
    for (const auto& list : exchange(*comm_, std::move(outgoing)))
      for (const NamePair<Name>& offer : list) {
        const Name before = forest_.parent(offer.high);
        if (before == offer.high) hooked.push_back(offer.high);
        if (offer.low < before) forest_.set_parent(offer.high, offer.low);
      }
    return hooked;
  }

  // Jumps until the parents of all `names` of all owners are roots.
  void flatten(std::vector<Name> names) {
    for (bool moved = true; comm_->any(moved);) {
      std::vector<Name> parents;
      for (const Name name : names) parents.push_back(forest_.parent(name));
      const std::vector<Name> above = ask(parents);
      std::size_t kept = 0;
      for (std::size_t i = 0; i < names.size(); ++i)
        if (above[i] != parents[i]) {
          forest_.set_parent(names[i], above[i]);
          names[kept++] = names[i];
        }
      names.resize(kept);
      moved = kept > 0;
    }
  }

  void rename(Pairs& pairs) {
    std::vector<Name> names;
    for (const NamePair<Name>& pair : pairs) {
      names.push_back(pair.low);
      names.push_back(pair.high);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const std::vector<Name> roots = ask(names);
    const auto root = [&](Name name) {
      return roots[static_cast<std::size_t>(std::ranges::lower_bound(names, name) - names.begin())];
    };
    for (NamePair<Name>& pair : pairs) {
      const Name a = root(pair.low), b = root(pair.high);
      pair = {std::min(a, b), std::max(a, b)};
    }
    drop_repeated(pairs);
  }

  // The parents of any names, from their owners.
  std::vector<Name> ask(std::span<const Name> names) const {
    std::vector<std::vector<Name>> asked(static_cast<std::size_t>(comm_->size()));
    for (const Name name : names) asked[owner(name)].push_back(name);
    std::vector<BigArray<Name>> outgoing;
    for (const auto& list : asked) outgoing.emplace_back(std::span<const Name>(list));
    std::vector<BigArray<Name>> questions = exchange(*comm_, std::move(outgoing));
    for (BigArray<Name>& list : questions)
      for (Name& name : list) name = forest_.parent(name);
    const std::vector<BigArray<Name>> answers = exchange(*comm_, std::move(questions));
    std::vector<std::size_t> next(answers.size());
    std::vector<Name> parents;
    for (const Name name : names) {
      const std::size_t from = owner(name);
      parents.push_back(answers[from][next[from]++]);
    }
    return parents;
  }

  Communicator* comm_;
  NameForest<Name> forest_;  // of all names, or of those that this rank owns
  bool everywhere_ = false;
  std::uint64_t rounds_ = 0;
};

}  // namespace gasket
