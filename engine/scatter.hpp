#pragma once
// Supersteps of scatter programs. In a superstep the values of the frontier (frontier.hpp) reach their copies, every copy
// makes its offers over the arcs that lie with it, offers to ghosts are reduced to masters, and masters that got one
// apply. Those that change are the next superstep's frontier; their values are sent before the ranks agree on what this
// superstep came to, and taken after that, so that ranks wait once for both. A frontier with many arcs is pulled: every
// row that may still take an offer looks for givers in it. Where a search has a large frontier, masters look first and tell
// their copies at once: then only ghosts of masters without an offer have to look.
//
// What a program promises saves work:
//   first_offer_is_best   a vertex takes one offer in its life: settled vertices are skipped, a pull ends at the first
//   monotone              an offer that does not improve on the offers before is dropped where it is made

#include <array>
#include <atomic>

#include "engine/combine.hpp"
#include "engine/frontier.hpp"
#include "engine/frontier_copies.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/row_search.hpp"
#include "engine/row_work.hpp"
#include "engine/step.hpp"
#include "engine/touched_ghosts.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_queue.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

template <class P>
class Scatter {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;
  using Pass = PassResult<Global>;

 public:
  /// Memory: an Accum, two or three 4-byte queue places and 4 bits per local vertex, 4 bytes per ghost, and what
  /// FrontierCopies takes.
  Scatter(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        accums_(kAtOnce ? 0 : graph.locals(), Accum{}),
        marks_(graph.locals()),
        frontier_(graph, rows, parts()),
        copies_(graph, rows.flow, values, marks_),
        waiting_(graph.locals(), parts()),
        touched_(kAtOnce ? 0 : graph.masters(), parts()),
        touched_ghosts_(graph, parts()) {
    if constexpr (kAtOnce) ghost_offers_ = BigArray<Accum>::on_whole_pages(graph.ghosts());
  }

  /// A master that has changed at first.
  void seed(LocalId master) { seeds_.push_back(master); }
  void start() {
    for (const LocalId master : seeds_) {
      if constexpr (Traits::first_offer_is_best) marks_.insert(master);
      waiting_.push(master);
    }
    seeds_ = {};
  }

  /// `changed`: by the last superstep, on all ranks. `last`: there will be no other.
  StepResult<Global> step(Direction wanted, const Global& global, std::uint64_t changed, bool last) {
    if (!begun_) tell_of_seeds();
    StepResult<Global> result;
    reduce_.start_reduce(rows_.flow);
    result.direction = offer(wanted, tells(wanted, changed));
    take_arrived();
    apply_touched(global, result);
    result.pending = waiting_.size();
    if constexpr (kAtOnce) {
      result.changed = waiting_.size();
      result.applied = result.changed + std::exchange(unchanged_at_once_, 0);
    }
    if (result.changed < result.applied) frontier_.took_without_change();
    if (!last) start_telling();
    return result;
  }
  /// After every step, when the ranks have agreed on it: the copies of the next frontier hear from their masters.
  void finish_telling() {
    if (std::exchange(telling_, false)) copies_.finish_telling(frontier_);
  }

  SyncCounts take_counts() {
    const SyncCounts a = reduce_.take_counts(), b = copies_.take_counts();
    return {a.sent + b.sent, a.skipped + b.skipped};
  }

 private:
  // A vertex that takes one offer in its life, and nobody but its neighbours of later supersteps looks at, applies where
  // it takes the offer.
  static constexpr bool kAtOnce = Traits::first_offer_is_best && !Traits::has_global;

  static constexpr std::size_t kPartsPerWorker = 8;  // of work that is not large

  static constexpr std::uint64_t kTellFrom = 64;  // after a frontier of this part of all vertices they tell at once

  // The same on every rank.
  bool tells(Direction wanted, std::uint64_t changed) const {
    return kAtOnce && !alone() && rows_.pull[0] != nullptr && wanted != Direction::push &&
           changed > graph_.vertices() / kTellFrom;
  }

  void start_telling() {
    frontier_.take(waiting_);
    copies_.start_telling(frontier_);
    telling_ = true;
  }
  void tell_of_seeds() {
    begun_ = true;
    start_telling();
    finish_telling();
  }

  static std::size_t parts() { return kPartsPerWorker * static_cast<std::size_t>(parallel::threads()); }

  // After a loop that appended in parts. What waits stays so on a rank that is alone: nobody adds to it.
  void end_parts() {
    touched_.join_parts();
    touched_ghosts_.queue().join_parts();
    if (alone())
      waiting_.leave_in_parts();
    else
      waiting_.join_parts();
  }
  bool alone() const { return graph_.communicator().size() == 1; }

  // -- Offers ---------------------------------------------------------------------------------------------

  // Every rank chooses its direction alone, but whether masters are to tell what they have found is agreed.
  Direction offer(Direction wanted, bool tell) {
    const Direction direction = frontier_.choose_direction(wanted);
    const bool pulls = direction == Direction::pull;
    frontier_.ready_members(direction, marks_, tell);
    if (pulls)
      cut_for_pulling();
    else
      push();
    if (tell) {
      if (pulls) pull(master_cut_);
      if (unchanged_at_once_ > 0) frontier_.took_without_change();
      copies_.tell_early(waiting_, frontier_);
    }
    if (pulls) pull(ghost_cut_);
    send_offers();
    if (pulls && !tell) pull(master_cut_);
    return direction;
  }

  void cut_for_pulling() {
    if (!master_cut_.blocks.empty() || !ghost_cut_.blocks.empty()) return;
    ghost_cut_ = cut_rows_by_words(rows_.pull, graph_.masters(), graph_.locals());
    master_cut_ = cut_rows_by_words(rows_.pull, 0, graph_.masters());
  }

  // Takes an offer. Returns whether it is the first that the vertex takes in this superstep.
  template <class How>
  bool take_offer(LocalId t, const Accum& offer) {
    if constexpr (Traits::first_offer_is_best) {
      if (!How::mark(marks_, t)) return false;
      if constexpr (!kAtOnce) accums_[t] = offer;
      return true;
    } else if constexpr (Traits::monotone) {
      return How::update(accums_[t], [&](Accum& sum) { sum += offer; }) && How::mark(marks_, t);
    } else {
      How::update(accums_[t], [&](Accum& sum) { sum += offer; });
      return How::mark(marks_, t);
    }
  }

  // What becomes of the offers that one worker's loop gets taken.
  class Taken {
   public:
    explicit Taken(Scatter& scatter, std::size_t part = VertexQueue::no_part)
        : scatter_(scatter),
          masters_(kAtOnce ? scatter.waiting_ : scatter.touched_, part),
          ghosts_(scatter.touched_ghosts_.queue(), part),
          first_ghost_(scatter.graph_.masters()) {}
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() {
      if constexpr (kAtOnce) apply_held();
      // Few or none, so that workers do not wait for each other's counts; the changed are counted by their queue.
      if (const std::uint64_t unchanged = pass_.applied - pass_.changed; unchanged > 0)
        std::atomic_ref(scatter_.unchanged_at_once_).fetch_add(unchanged, std::memory_order_relaxed);
    }
    void operator()(LocalId v, const Accum& offer) {
      if (v >= first_ghost_)
        note_ghost(v, offer);
      else if constexpr (kAtOnce)
        hold(v, offer);
      else
        masters_.push(v);
    }

   private:
    // Applied a few at a time: a locked operation on the marks waits for every store before it, and the values that are
    // stored to lie anywhere in memory.
    void hold(LocalId v, const Accum& offer) {
      prefetch_to_write(scatter_.values_.ghosts() + v);
      held_[count_++] = {v, offer};
      if (count_ == held_.size()) apply_held();
    }
    // The changed are collected here first, so that the loop keeps its counts in registers.
    void apply_held() {
      std::array<LocalId, kHeld> changed;
      std::size_t size = 0;
      Pass pass{};
      for (const Held& one : std::span(held_).first(count_)) {
        changed[size] = one.vertex;
        size += scatter_.apply(one.vertex, one.offer, Global{}, pass) ? 1 : 0;
      }
      pass_ = pass_ + pass;
      masters_.push(std::span<const LocalId>(changed).first(size));
      count_ = 0;
    }
    void note_ghost(LocalId v, const Accum& offer) {
      if constexpr (kAtOnce) scatter_.ghost_offers_[v - first_ghost_] = offer;
      ghosts_.push(v);
    }
    Scatter& scatter_;
    VertexQueue::Appender masters_, ghosts_;
    LocalId first_ghost_;
    Pass pass_{};
    struct Held {
      LocalId vertex;
      Accum offer;
    };
    static constexpr std::size_t kHeld = kAtOnce ? 64 : 1;
    static_assert(kHeld <= VertexQueue::Appender::kRoom);
    std::array<Held, kHeld> held_;
    std::size_t count_ = 0;
  };

  void push() {
    if (is_shared(frontier_.arcs()))
      push_as<Shared>();
    else
      push_as<Alone>();
  }
  template <class How>
  void push_as() {
    const bool in_parts = for_each_row(
        rows_.push, frontier_.queue(), frontier_.arcs(), parts(), FetchAhead<P>{rows_.push, values_.ghosts()},
        [&](std::size_t part) { return Taken(*this, part); },
        [&](Taken& taken, const Adjacency& rows, LocalId u, EdgeCount begin, EdgeCount end) {
          push_some<How>(rows, u, begin, end, taken);
        });
    if (in_parts) end_parts();
  }
  template <class How>
  void push_some(const Adjacency& rows, LocalId u, EdgeCount begin, EdgeCount end, Taken& taken) {
    const LocalId* const neighbours = rows.neighbours.data();
    const Ghost from = values_.ghost(u);
    for (EdgeCount i = begin; i < end; ++i) {
      // What offers are held against lies anywhere in memory too.
      if constexpr (!kAtOnce)
        if (i + kFetchAhead < end) prefetch_to_write(&accums_[neighbours[i + kFetchAhead]]);
      const LocalId t = neighbours[i];
      const Accum offer = edge_value(program_, edge_at<P>(rows, i, from));
      if (take_offer<How>(t, offer)) taken(t, offer);
    }
  }

  // Blocks share no word of the marks and every row has one worker, so nothing here needs to be atomic, but for long
  // rows, which are done in pieces after that. A search looks at few arcs of a row, so it cuts none.
  void pull(const RowCut& cut) {
    parallel::for_each_index(cut.blocks.size(), [&](std::size_t b) {
      Taken taken(*this);
      if constexpr (Traits::first_offer_is_best) {
        RowSearch search(program_, rows_.pull, values_.ghosts(), frontier_.members(),
                         [&](LocalId v, const Accum& offer) {
                           if (take_offer<Alone>(v, offer)) taken(v, offer);
                         });
        search.among_missing(marks_, cut.blocks[b].begin, cut.blocks[b].end);
      } else {
        pull_block(cut.blocks[b], taken);
      }
      if (parallel::worker_index() == 0) reduce_.progress();
    });
    if constexpr (!Traits::first_offer_is_best)
      parallel::for_each_index(cut.pieces.size(), [&](std::size_t i) {
        const RowPiece& piece = cut.pieces[i];
        Taken taken(*this);
        Accum sum{};
        if (pull_active(program_, *piece.rows, piece.begin, piece.end, values_.ghosts(), frontier_.members(), sum) &&
            take_offer<Shared>(piece.row, sum))
          taken(piece.row, sum);
      });
  }
  void pull_block(const RowBlock& block, Taken& taken) {
    for (LocalId v = block.begin; v < block.end; ++v) {
      if (degree(rows_.pull, v) > kLongRow) continue;
      Accum sum{};
      bool any = false;
      for (const Adjacency* rows : rows_.pull)
        if (rows != nullptr)
          any |= pull_active(program_, *rows, rows->offsets[v], rows->offsets[v + 1], values_.ghosts(),
                             frontier_.members(), sum);
      if (any && take_offer<Alone>(v, sum)) taken(v, sum);
    }
  }

  // -- Offers to masters ----------------------------------------------------------------------------------

  void send_offers() {
    const auto value_at = [&](LocalId ghost) -> const Accum& {
      return kAtOnce ? ghost_offers_[ghost - graph_.masters()] : accums_[ghost];
    };
    for (const LocalId ghost : touched_ghosts_.send(reduce_, rows_.flow, value_at)) {
      if constexpr (!Traits::monotone && !Traits::first_offer_is_best) accums_[ghost] = Accum{};
      if constexpr (!Traits::first_offer_is_best) marks_.erase(ghost);
    }
  }
  void take_arrived() {
    if (alone()) return;
    Taken taken(*this);
    reduce_.finish_reduce(rows_.flow, [&](LocalId master, const Accum& offer) {
      if (take_offer<Alone>(master, offer)) taken(master, offer);
    });
  }

  // -- Apply ----------------------------------------------------------------------------------------------

  void apply_touched(const Global& global, StepResult<Global>& result) {
    if constexpr (kAtOnce) return;
    const std::span<const LocalId> ids = touched_.ids();
    std::uint64_t changed = 0;
    Pass pass;
    if constexpr (Traits::has_global) {
      // In the order of ids, so that the aggregate has the same bits for any number of threads.
      Bitmap members(graph_.masters());
      for (const LocalId v : ids) members.insert(v);
      pass = pass_over<Global>(graph_.masters(), kPass, [&](LocalId begin, LocalId end, Pass& piece) {
        VertexQueue::Appender append(waiting_);
        for (LocalId v = begin; v < end; ++v) {
          if (!members.contains(v))
            piece.global += program_.aggregate(values_.vertex(v), values_.data(v), values_.data(v));
          else if (apply(v, accums_[v], global, piece))
            append.push(v);
        }
      });
      changed = pass.changed;
    } else {
      const auto apply_some = [&](std::size_t begin, std::size_t end, std::size_t part) {
        VertexQueue::Appender append(waiting_, part);
        Pass piece;
        for (std::size_t i = begin; i < end; ++i)
          if (apply(ids[i], accums_[ids[i]], global, piece)) append.push(ids[i]);
        std::atomic_ref(changed).fetch_add(piece.changed, std::memory_order_relaxed);
      };
      if (spread_work(ids.size(), ids.size(), parts(), apply_some)) waiting_.leave_in_parts();
    }
    result.applied += ids.size();
    result.changed += changed;
    result.global += pass.global;
    touched_.clear();
  }

  // Returns whether v has changed.
  bool apply(LocalId v, const Accum& offers, const Global& global, Pass& piece) {
    const auto values = values_.access();
    const Vertex view = values.vertex(v);
    const Data before = values.data(v);
    Data after = before;
    if constexpr (Traits::has_global)
      after = program_.apply(view, before, offers, global);
    else
      after = program_.apply(view, before, offers);
    if constexpr (Traits::has_global) piece.global += program_.aggregate(view, before, after);
    if constexpr (!Traits::monotone && !Traits::first_offer_is_best) accums_[v] = Accum{};
    if constexpr (!Traits::first_offer_is_best) marks_.erase_shared(v);
    values.refine(v, after);
    ++piece.applied;
    if (!differs(program_, before, after)) return false;
    values.store(program_, v, after);
    ++piece.changed;
    return true;
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  GhostSync<Accum> reduce_;
  RowCut ghost_cut_;
  RowCut master_cut_;

  BigArray<Accum> accums_;
  BigArray<Accum> ghost_offers_;  // by ghost, where masters apply at once
  Bitmap marks_;                  // who took an offer: in this superstep, or ever where the first is best
  Frontier<Traits::first_offer_is_best> frontier_;
  FrontierCopies<P> copies_;
  VertexQueue waiting_;  // changed masters
  VertexQueue touched_;  // masters that took an offer
  TouchedGhosts touched_ghosts_;
  std::vector<LocalId> seeds_;
  std::uint64_t unchanged_at_once_ = 0;
  bool begun_ = false;
  bool telling_ = false;
};

}  // namespace gasket
