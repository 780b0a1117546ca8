#pragma once
// Disjoint sets of local ids that all workers join at once, without locks: a forest of parents in which every parent is
// the smaller id, so that no order of joins can make a cycle. Two trees are joined by a compare-exchange of the larger
// root (Rem's algorithm, Dijkstra 1976, without splicing; lock-free forms in Patwary, Refsnes, Manne, IPDPS 2012, and
// Sutton, Ben-Nun, Barak: Optimizing Parallel Graph Connectivity Computation via Subgraph Sampling, IPDPS 2018).

#include <atomic>
#include <utility>

#include "partition/big_array.hpp"
#include "partition/prefetch.hpp"
#include "partition/types.hpp"

namespace gasket {

class UnionFind {
 public:
  /// Nobody has a parent yet: begin() must be called for each id before anything else is.
  explicit UnionFind(LocalId size) : parents_(BigArray<LocalId>::on_whole_pages(size)) {}

  LocalId size() const { return static_cast<LocalId>(parents_.size()); }
  /// Makes v, which is a root or new, the child of a vertex that is to be in its set, or a root when that has no smaller
  /// id. By one worker, while no other joins v's set with anything.
  void begin(LocalId v, LocalId parent) { set(v, parent < v ? parent : v); }

  /// The parents by id, none larger than its id, to be written without atomics where each worker keeps to ids that no other
  /// touches meanwhile.
  LocalId* unshared_parents() { return parents_.data(); }

  LocalId parent(LocalId v) const { return at(v).load(std::memory_order_relaxed); }

  /// Asks for a parent that will be looked up soon.
  void fetch(LocalId v) const { prefetch(parents_.data() + v); }

  /// Joins the sets of two members; by several workers at once.
  void join(LocalId u, LocalId v) {
    LocalId high = parent(u), low = parent(v);
    while (high != low) {
      if (high < low) std::swap(high, low);
      const LocalId above = parent(high);
      if (above != high) {
        const LocalId next = parent(above);
        if (next != above) set(high, next);  // halves the way for who comes after
        high = next;
      } else if (hook(high, low))
        return;
    }
  }

  /// The smallest id of v's set, as of now: a root may be hooked beside this call.
  LocalId root(LocalId v) const {
    LocalId above = parent(v);
    for (LocalId next = parent(above); next != above; next = parent(above)) above = next;
    return above;
  }
  /// The same, and makes v its child.
  LocalId flatten(LocalId v) {
    const LocalId above = parent(v);
    LocalId top = above;
    for (LocalId next = parent(top); next != top; next = parent(top)) top = next;
    // A v that was a root has top == above, or has been hooked since: a root is never written to but by hook.
    if (top != above) set(v, top);
    return top;
  }

  /// The parents; after flatten(v) for all v, the roots.
  BigArray<LocalId> take() && { return std::move(parents_); }

 private:
  std::atomic_ref<LocalId> at(LocalId v) const { return std::atomic_ref<LocalId>(const_cast<LocalId&>(parents_[v])); }
  void set(LocalId v, LocalId parent) { at(v).store(parent, std::memory_order_relaxed); }
  bool hook(LocalId root, LocalId parent) {
    LocalId expected = root;
    return at(root).compare_exchange_strong(expected, parent, std::memory_order_relaxed);
  }

  BigArray<LocalId> parents_;
};

}  // namespace gasket
