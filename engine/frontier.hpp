#pragma once
// The frontier of a scatter program: the vertices whose change has still to be offered over their arcs. It is a queue, and
// a bitmap beside it when rows look for givers in it; and it chooses which of the two a superstep is done by
// (direction-optimising search: Beamer, Asanovic, Patterson, SC 2012).

#include <atomic>
#include <span>
#include <utility>

#include "engine/row_work.hpp"
#include "engine/run_record.hpp"
#include "engine/step.hpp"
#include "partition/bitmap.hpp"

namespace gasket {

/// kSearch: a vertex is in it once in its life, so that arcs that led nowhere new are not looked at again.
template <bool kSearch>
class Frontier {
 public:
  /// Memory: a queue place per local vertex, and up to three bits from the first large frontier on.
  Frontier(const DistributedGraph& graph, const FlowRows& rows, std::size_t parts)
      : graph_(graph), rows_(rows), queue_(graph.locals(), parts), parts_(parts), unexplored_(all_arcs(rows.pull)) {
    if (graph.locals() == 0) return;
    mean_ = static_cast<double>(all_arcs(rows.push)) / static_cast<double>(graph.locals());
    even_rows_ = static_cast<double>(longest_row(rows.push)) <= kEvenRows * mean_;
  }

  /// Takes over the vertices of `next`, and empties it.
  void take(VertexQueue& next) {
    swap(queue_, next);
    next.clear();
    if (next_filled_ > 0) std::swap(members_, next_members_);
    filled_ = std::exchange(next_filled_, 0);
  }
  /// After ids(): not while the queue is in parts.
  void push(LocalId v) { queue_.push(v); }

  /// As it was taken over, maybe in parts.
  VertexQueue& queue() { return queue_; }
  /// In one row.
  std::span<const LocalId> ids() {
    queue_.join_parts();
    return queue_.ids();
  }
  std::size_t size() const { return queue_.size(); }
  /// Arcs that a push walks over, as of the last choice of a direction; about so many where the choice was to pull on.
  EdgeCount arcs() const { return arcs_; }

  Direction choose_direction(Direction wanted) {
    const std::size_t before = std::exchange(size_before_, size());
    if (rows_.pull[0] == nullptr || rows_.push[0] == nullptr || wanted != Direction::automatic) {
      arcs_ = count_arcs();
      return rows_.pull[0] == nullptr ? Direction::push : rows_.push[0] == nullptr ? Direction::pull : wanted;
    }
    if constexpr (kSearch) {
      const bool fades = size() < before && size() < graph_.locals() / kPushBelow;
      const bool goes_on = pulled_ && !fades;
      arcs_ = goes_on ? guess_arcs() : count_arcs();
      pulled_ = goes_on || (!pulled_ && arcs_ > unexplored_ / kPullFromUnexplored && arcs_ > graph_.locals() / kLook);
      unexplored_ -= std::min(unexplored_, arcs_);
      return pulled_ ? Direction::pull : Direction::push;
    } else {
      arcs_ = count_arcs();
      return arcs_ > all_arcs(rows_.push) / kPullFrom ? Direction::pull : Direction::push;
    }
  }

  /// As a bitmap of all local vertices; after fill_members, or ready_members for a pull.
  const Bitmap& members() const { return members_; }
  void fill_members() {
    if (members_.size() == 0) members_ = Bitmap(graph_.locals());
    if (filled_ == 0) members_.clear();
    fill(members_, ids().subspan(std::exchange(filled_, size())));
  }

  /// The members of the next frontier so far, which are masters, as a bitmap, before it is taken over. `taken` as for
  /// ready_members().
  const Bitmap& fill_next(const VertexQueue& next, const Bitmap& taken) {
    if (next_members_.size() == 0) next_members_ = Bitmap(graph_.locals());
    next_members_.clear();
    if (knows_settled_)
      next_members_.assign_difference(taken, settled_, graph_.masters());
    else
      fill(next_members_, next.ids());
    next_filled_ = next.size();
    return next_members_;
  }

  /// Before a superstep's offers are made: has the members ready where rows look for givers among them. `taken`: who ever
  /// took an offer. `tell`: fill_next() will be called.
  void ready_members(Direction direction, const Bitmap& taken, bool tell) {
    if (direction == Direction::pull) find_members(taken);
    remember(taken, tell);
  }
  /// Somebody took an offer and is not in the next frontier.
  void took_without_change() { knows_settled_ = false; }

 private:
  static constexpr EdgeCount kPullFrom = 8;             // a frontier of this part of all arcs is pulled
  static constexpr EdgeCount kPullFromUnexplored = 15;  // alpha and beta of direction-optimising search
  static constexpr std::size_t kPushBelow = 18;
  static constexpr LocalId kLook = 32;  // vertices that a pull finds settled, or without neighbours, per arc of a push
  static constexpr EdgeCount kSettledFrom = 8;  // from this part of the vertices as arcs
  static constexpr double kEvenRows = 4;        // the longest row to the mean

  static EdgeCount all_arcs(const RowSets& sets) {
    return (sets[0] != nullptr ? sets[0]->arcs() : 0) + (sets[1] != nullptr ? sets[1]->arcs() : 0);
  }

  // A large frontier of a search is who has taken an offer since the last superstep began, unless somebody did without a
  // change. So its bitmap is the difference of two; but for ghosts, whose marks may be for offers that their masters refused.
  void find_members(const Bitmap& taken) {
    if (!knows_settled_ || graph_.ghosts() > 0) return fill_members();
    if (members_.size() == 0) members_ = Bitmap(graph_.locals());
    members_.assign_difference(taken, settled_, graph_.locals());
  }
  void remember(const Bitmap& taken, bool tell) {
    knows_settled_ =
        kSearch && rows_.pull[0] != nullptr && (tell || graph_.ghosts() == 0) && arcs_ > graph_.locals() / kSettledFrom;
    if (!knows_settled_) return;
    if (settled_.size() == 0) settled_ = Bitmap(graph_.locals());
    settled_.assign(taken);
  }

  void fill(Bitmap& members, std::span<const LocalId> with) {
    spread_work(with.size(), with.size(), parts_, [&](std::size_t begin, std::size_t end, std::size_t) {
      if (begin == 0 && end == with.size())
        for (const LocalId v : with) members.insert(v);
      else
        for (std::size_t i = begin; i < end; ++i) members.insert_shared(with[i]);
    });
  }

  EdgeCount guess_arcs() const { return static_cast<EdgeCount>(static_cast<double>(size()) * mean_); }
  // Where all rows are of about one length, they are not looked at to learn how many arcs some of them have.
  EdgeCount count_arcs() {
    if (rows_.push[0] == nullptr) return all_arcs(rows_.pull);
    if (even_rows_) return guess_arcs();
    EdgeCount total = 0;
    spread_ids(queue_, size(), parts_, [&](std::span<const LocalId> some, std::size_t) {
      EdgeCount sum = 0;
      for (const LocalId v : some) sum += degree(rows_.push, v);
      std::atomic_ref(total).fetch_add(sum, std::memory_order_relaxed);
    });
    return total;
  }

  const DistributedGraph& graph_;
  const FlowRows& rows_;
  VertexQueue queue_;  // masters and ghosts
  Bitmap members_;
  std::size_t filled_ = 0;  // of the queue, so many are members
  Bitmap next_members_;
  std::size_t next_filled_ = 0;
  Bitmap settled_;  // who had taken an offer when the superstep began
  bool knows_settled_ = false;
  std::size_t parts_;
  double mean_ = 0;  // arcs per vertex, in the rows to push over
  bool even_rows_ = false;
  bool pulled_ = false;
  EdgeCount arcs_ = 0;
  EdgeCount unexplored_ = 0;  // arcs of vertices that were not yet in it
  std::size_t size_before_ = 0;
};

}  // namespace gasket
