#pragma once
// How the vertices of a level give to their neighbours, the two ways that the sweeps of betweenness choose from: pushed
// along the level's own rows, or pulled over the rows of all that may take: sums of what is zero outside the level.

#include <span>

#include "engine/combine.hpp"
#include "engine/row_work.hpp"
#include "engine/run_record.hpp"
#include "partition/big_array.hpp"
#include "partition/graph/adjacency.hpp"

namespace gasket {

/// Whether a level is pulled over `pull` arcs rather than pushed over `push`.
inline bool prefers_pull(Direction wanted, EdgeCount push, EdgeCount pull) {
  constexpr EdgeCount kPushCost = 4;  // arcs pulled in the time of one pushed
  return wanted == Direction::automatic ? pull / kPushCost < push : wanted == Direction::pull;
}

/// Calls part(state, v, begin, end) for the arcs begin .. end-1 of the rows of all `ids`, which have `arcs` arcs; each
/// piece of work has a state of its own, made by make(). Long rows come in several parts.
template <class Make, class Part>
void for_each_row(const Adjacency& rows, std::span<const LocalId> ids, EdgeCount arcs, const Make& make,
                  const Part& part) {
  struct FetchRows {
    const Adjacency& rows;
    void vertex(LocalId v) const { rows.offsets.fetch(v); }
    void ask(LocalId v) const { rows.ask(v); }
    void load(LocalId v) const { rows.load_short(v); }
  };
  for_each_row(
      {&rows, nullptr}, ids, arcs, 0, FetchRows{rows}, [&](std::size_t) { return make(); },
      [&](auto& state, const Adjacency&, LocalId v, EdgeCount begin, EdgeCount end) { part(state, v, begin, end); });
}
/// The same without a state: part(v, begin, end).
template <class Part>
void for_each_row(const Adjacency& rows, std::span<const LocalId> ids, EdgeCount arcs, const Part& part) {
  struct Nothing {};
  for_each_row(
      rows, ids, arcs, [] { return Nothing(); },
      [&](Nothing, LocalId v, EdgeCount begin, EdgeCount end) { part(v, begin, end); });
}

/// shared: by several workers at once.
template <class Count>
void add_to(Count& target, Count value, bool shared) {
  if (shared)
    combine_shared(target, value);
  else
    target += value;
}

/// What each vertex gives while a level is pulled: 0 but for the level's.
template <class Count>
class GivenValues {
 public:
  explicit GivenValues(LocalId vertices) : given_(vertices) {}

  void set(std::span<const LocalId> givers, const BigArray<Count>& values) {
    spread_work(givers.size(), givers.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) given_[givers[i]] = values[givers[i]];
    });
  }
  void clear(std::span<const LocalId> givers) {
    spread_work(givers.size(), givers.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) given_[givers[i]] = 0;
    });
  }

  /// Over the neighbours at the arcs i .. end-1. Several sums, for a chain of additions would be the loop's length.
  Count sum(const Adjacency& rows, EdgeCount i, EdgeCount end) const {
    const LocalId* const neighbours = rows.neighbours.data();
    const Count* const given = given_.data();
    Count first = 0, second = 0, third = 0, fourth = 0;
    for (; i + 4 <= end; i += 4) {
      first += given[neighbours[i]];
      second += given[neighbours[i + 1]];
      third += given[neighbours[i + 2]];
      fourth += given[neighbours[i + 3]];
    }
    for (; i < end; ++i) first += given[neighbours[i]];
    return (first + second) + (third + fourth);
  }

 private:
  BigArray<Count> given_;
};

}  // namespace gasket
