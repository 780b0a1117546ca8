#pragma once
// Rows that look for one giver each: the pull of programs for which the first offer is the best (direction-optimising
// search: Beamer, Asanovic, Patterson, SC 2012, section 3.2).

#include <array>
#include <bit>
#include <span>

#include "engine/program.hpp"
#include "engine/traverse.hpp"
#include "partition/bitmap.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

/// One worker's search of rows for neighbours that are `givers`. Calls take(v, offer) for every vertex that has one, with
/// what the first that is found offers; of some only when it is destroyed.
template <class P, class Take>
class RowSearch {
  using Traits = ProgramTraits<P>;

 public:
  RowSearch(const P& program, const RowSets& sets, const GhostOf<P>* ghosts, const Bitmap& givers, Take take)
      : program_(program), sets_(sets), ghosts_(ghosts), givers_(givers), take_(take) {}
  RowSearch(const RowSearch&) = delete;
  RowSearch& operator=(const RowSearch&) = delete;
  ~RowSearch() { take_found(); }

  /// Searches the rows of first .. last-1 but for members of `settled`.
  void among_missing(const Bitmap& settled, LocalId first, LocalId last) {
    if constexpr (!Traits::weighted)
      if (sets_[1] == nullptr && !sets_[0]->leads.empty()) return leads_first(settled, first, last);
    const FetchAhead<P> ahead{sets_, ghosts_};
    settled.for_each_missing(
        first, last, [&](std::size_t v) { ahead.row(v); }, [&](std::size_t v) { search_row(static_cast<LocalId>(v)); });
  }

 private:
  // A giver is asked for its value a little after it is found: values lie anywhere in memory.
  struct Found {
    LocalId vertex, giver;
    const Adjacency* rows;  // where its arc is, for the weight; of a lead nobody knows
    EdgeCount arc;
  };

  // Looks at each row's lead first, and at the rest of the row only where that is no giver.
  void leads_first(const Bitmap& settled, LocalId first, LocalId last) {
    const Adjacency& rows = *sets_[0];
    std::array<LocalId, 64> others;
    std::size_t count = 0;
    const auto search_others = [&] {
      for (const LocalId v : std::span(others).first(count)) search_row(v);
      count = 0;
    };
    settled.for_each_missing_word(first, last, [&](std::size_t base, std::uint64_t missing) {
      const LocalId* const leads = rows.leads.data() + base;
      const std::uint64_t hits = givers_.contains_each(leads, std::bit_width(missing)) & missing;
      for_each_bit(hits, [&](std::size_t i) { note({static_cast<LocalId>(base + i), leads[i], nullptr, 0}); });
      for_each_bit(missing & ~hits, [&](std::size_t i) {
        const auto v = static_cast<LocalId>(base + i);
        if (leads[i] == v) return;  // no neighbour but itself, which is not settled and so no giver
        rows.fetch(v);
        others[count++] = v;
        if (count == others.size()) search_others();
      });
    });
    search_others();
  }

  void search_row(LocalId v) {
    for (const Adjacency* rows : sets_) {
      if (rows == nullptr) continue;
      const EdgeCount end = rows->offsets[v + 1], arc = find_active(*rows, rows->offsets[v], end, givers_);
      if (arc != end) return note({v, rows->neighbours[arc], rows, arc});
    }
  }

  void note(const Found& one) {
    prefetch(ghosts_ + one.giver);
    found_[count_++] = one;
    if (count_ == found_.size()) take_found();
  }
  void take_found() {
    for (const Found& f : std::span(found_).first(count_)) {
      const GhostOf<P>& from = ghosts_[f.giver];
      if constexpr (Traits::weighted)
        take_(f.vertex, edge_value(program_, edge_at<P>(*f.rows, f.arc, from)));
      else
        take_(f.vertex, edge_value(program_, EdgeOf<P>{{from}, {}}));
    }
    count_ = 0;
  }

  const P& program_;
  const RowSets& sets_;
  const GhostOf<P>* ghosts_;
  const Bitmap& givers_;
  Take take_;
  std::array<Found, 64> found_;
  std::size_t count_ = 0;
};

}  // namespace gasket
