#pragma once
// Supersteps of scatter programs. The frontier is the set of vertices whose change has still to be offered. In a
// superstep its values go to their copies, every copy makes its offers over the arcs that lie with it, offers to ghosts
// are reduced to masters, and masters that got one apply; those that change are the next superstep's frontier.
//
// The frontier is a queue. A frontier with many arcs is pulled instead of pushed: then a bitmap of it is made, and
// every row that may still take an offer looks for givers in it (direction-optimising search: Beamer, Asanovic,
// Patterson, SC 2012). Small frontiers are done by one worker without a barrier.
//
// What a program promises saves work:
//   first_offer_is_best   a vertex takes one offer in its life: settled vertices are skipped, a pull ends at the first
//   monotone              an offer that does not improve on the offers before is dropped where it is made

#include <array>
#include <atomic>
#include <mutex>

#include "engine/combine.hpp"
#include "engine/copy_index.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/step.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_queue.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"

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
  /// Memory: an Accum, two or three 4-byte queue places and 3 bits per local vertex, 8 bytes per copy of a master.
  Scatter(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values,
          WaitClock& clock)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        clock_(clock),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        copies_(graph.ghost_plan(), graph.masters(), rows.flow),
        accums_(kAtOnce ? 0 : graph.locals(), Accum{}),
        marks_(graph.locals()),
        frontier_(graph.locals(), parts()),
        waiting_(graph.locals(), parts()),
        touched_(kAtOnce ? 0 : graph.masters(), parts()),
        touched_ghosts_(graph.ghosts(), parts()) {
    if constexpr (kAtOnce) ghost_offers_ = BigArray<Accum>(graph.ghosts());
    unexplored_ = arcs(rows.pull);
    even_rows_ = longest_row(rows.push) * EdgeCount{graph.locals()} <= kEvenRows * arcs(rows.push);
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

  StepResult<Global> step(Direction wanted, const Global& global) {
    swap(frontier_, waiting_);
    waiting_.clear();
    spread_frontier();
    StepResult<Global> result;
    if (!graph_.ghost_plan().peers.empty()) reduce_.start_reduce(rows_.flow);
    result.direction = offer(wanted);
    exchange_offers();
    apply_touched(global, result);
    result.applied += std::exchange(applied_at_once_, 0);
    result.changed += std::exchange(changed_at_once_, 0);
    result.pending = waiting_.size();
    if (result.changed < result.applied) settled_known_ = false;
    return result;
  }

  SyncCounts take_counts() {
    const SyncCounts a = reduce_.take_counts(), b = broadcast_.take_counts();
    return {a.sent + b.sent, a.skipped + b.skipped};
  }

 private:
  // A vertex that takes one offer in its life, and nobody but its neighbours of later supersteps looks at, applies where
  // it takes the offer.
  static constexpr bool kAtOnce = Traits::first_offer_is_best && !Traits::has_global;

  static constexpr std::size_t kSmall = 4096;           // arcs that one worker does faster than all together begin
  static constexpr std::size_t kPartsPerWorker = 4;     // of work that is not large
  static constexpr EdgeCount kPullFrom = 8;             // a frontier of this part of all arcs is pulled
  static constexpr EdgeCount kPullFromUnexplored = 15;  // alpha and beta of direction-optimising search
  static constexpr std::size_t kPushBelow = 18;
  static constexpr EdgeCount kSettledFrom = 8;   // from this part of the vertices as arcs
  static constexpr EdgeCount kEvenRows = 4;      // the longest row to the mean
  static constexpr std::size_t kFetchAhead = 8;  // rows

  static EdgeCount arcs(const RowSets& sets) {
    return (sets[0] != nullptr ? sets[0]->arcs() : 0) + (sets[1] != nullptr ? sets[1]->arcs() : 0);
  }
  static std::size_t parts() { return kPartsPerWorker * static_cast<std::size_t>(parallel::threads()); }

  // Runs body(begin, end, part) over 0 .. size-1: on this worker when the work is small, else in pieces on all. There
  // are few pieces where the work is not large, and queues that are appended to in parts keep their order.
  template <class Body>
  void spread_work(std::size_t size, EdgeCount work, const Body& body) {
    if (work < kSmall || parallel::threads() == 1) return body(0, size, VertexQueue::no_part);
    const bool in_parts = work < kSmall * 8 * parts();
    const std::size_t most = std::max<std::size_t>(size / 16, 2);
    const std::size_t pieces = in_parts ? std::min(parts(), most) : std::clamp<std::size_t>(work / kSmall, 2, most);
    parallel::for_each_index(pieces, [&](std::size_t piece) {
      body(size * piece / pieces, size * (piece + 1) / pieces, in_parts ? piece : VertexQueue::no_part);
    });
    if (!in_parts) return;
    for (VertexQueue* queue : {&waiting_, &touched_, &touched_ghosts_}) queue->join_parts();
  }

  // -- Values to copies -----------------------------------------------------------------------------------

  void spread_frontier() {
    const GhostPlan& plan = graph_.ghost_plan();
    if (plan.peers.empty()) return;
    broadcast_.start_broadcast(rows_.flow);
    const auto value_at = [&](LocalId v) -> const Ghost& { return values_.ghost(v); };
    if (frontier_.size() > graph_.masters() / 32) {
      fill_active();
      for (std::size_t i = 0; i < plan.peers.size(); ++i)
        broadcast_.send_broadcast(
            rows_.flow, i, [&](LocalId v) { return active_.contains(v); }, value_at);
    } else {
      const auto positions = copies_.positions_of(frontier_.ids());
      for (std::size_t i = 0; i < plan.peers.size(); ++i)
        broadcast_.send_broadcast(rows_.flow, i, std::span<const std::uint32_t>(positions[i]), value_at);
    }
    clock_.waited([&] {
      broadcast_.finish_broadcast(rows_.flow, [&](LocalId ghost, const Ghost& value) {
        values_.ghost_array()[ghost] = value;
        if constexpr (Traits::first_offer_is_best) marks_.insert(ghost);
        frontier_.push(ghost);
      });
    });
  }

  void fill_active() {
    if (active_.size() == 0) active_ = Bitmap(graph_.locals());
    active_.clear();
    const std::span<const LocalId> ids = frontier_.ids();
    spread_work(ids.size(), ids.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      if (begin == 0 && end == ids.size())
        for (const LocalId v : ids) active_.insert(v);
      else
        for (std::size_t i = begin; i < end; ++i) active_.insert_shared(ids[i]);
    });
  }

  // -- Offers ---------------------------------------------------------------------------------------------

  Direction offer(Direction wanted) {
    const Direction direction = choose_direction(wanted);
    if (direction == Direction::pull) {
      cut_for_pulling();
      find_active_set();
    }
    remember_settled();
    if (direction == Direction::push) {
      push();
    } else {
      pull(ghost_cut_);
      pull(master_cut_);
    }
    return direction;
  }

  // A large frontier of a search is who has been marked since the last superstep began, unless somebody took an offer
  // without a change; of a ghost its master alone knows.
  void find_active_set() {
    if (!settled_known_) return fill_active();
    if (active_.size() == 0) active_ = Bitmap(graph_.locals());
    active_.assign_difference(marks_, settled_);
  }
  void remember_settled() {
    settled_known_ =
        Traits::first_offer_is_best && graph_.ghosts() == 0 && frontier_arcs_ > graph_.locals() / kSettledFrom;
    if (!settled_known_) return;
    if (settled_.size() == 0) settled_ = Bitmap(graph_.locals());
    settled_.assign(marks_);
  }

  void cut_for_pulling() {
    if (!master_cut_.blocks.empty() || !ghost_cut_.blocks.empty()) return;
    ghost_cut_ = cut_rows_by_words(rows_.pull, graph_.masters(), graph_.locals());
    master_cut_ = cut_rows_by_words(rows_.pull, 0, graph_.masters());
  }

  Direction choose_direction(Direction wanted) {
    frontier_arcs_ = count_frontier_arcs();
    const std::size_t before = std::exchange(frontier_before_, frontier_.size());
    if (rows_.pull[0] == nullptr) return Direction::push;
    if (rows_.push[0] == nullptr) return Direction::pull;
    if (wanted != Direction::automatic) return wanted;
    if constexpr (Traits::first_offer_is_best) {
      const bool fades = frontier_.size() < before && frontier_.size() < graph_.locals() / kPushBelow;
      pulled_ = pulled_ ? !fades : frontier_arcs_ > unexplored_ / kPullFromUnexplored;
      unexplored_ -= std::min(unexplored_, frontier_arcs_);
      return pulled_ ? Direction::pull : Direction::push;
    } else {
      return frontier_arcs_ > arcs(rows_.push) / kPullFrom ? Direction::pull : Direction::push;
    }
  }

  // Where all rows are of about one length, they are not looked at to learn how many arcs some of them have.
  EdgeCount count_frontier_arcs() {
    if (rows_.push[0] == nullptr) return arcs(rows_.pull);
    if (even_rows_) return frontier_.size() * arcs(rows_.push) / std::max<LocalId>(graph_.locals(), 1);
    EdgeCount total = 0;
    const std::span<const LocalId> ids = frontier_.ids();
    spread_work(ids.size(), ids.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      EdgeCount sum = 0;
      for (std::size_t i = begin; i < end; ++i) sum += degree(rows_.push, ids[i]);
      std::atomic_ref(total).fetch_add(sum, std::memory_order_relaxed);
    });
    return total;
  }

  // Takes an offer. Returns whether it is the first that the vertex takes in this superstep.
  template <class How>
  bool take_offer(LocalId t, const Accum& offer) {
    if constexpr (Traits::first_offer_is_best) {
      if (How::marked(marks_, t) || !How::mark(marks_, t)) return false;
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
          ghosts_(scatter.touched_ghosts_, part),
          first_ghost_(scatter.graph_.masters()) {}
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() {
      if constexpr (kAtOnce) apply_held();
      if (pass_.applied == 0) return;
      std::atomic_ref(scatter_.applied_at_once_).fetch_add(pass_.applied, std::memory_order_relaxed);
      std::atomic_ref(scatter_.changed_at_once_).fetch_add(pass_.changed, std::memory_order_relaxed);
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
      __builtin_prefetch(scatter_.values_.ghosts() + v, 1);
      held_[count_++] = {v, offer};
      if (count_ == held_.size()) apply_held();
    }
    void apply_held() {
      for (std::size_t i = 0; i < count_; ++i)
        scatter_.apply(held_[i].vertex, held_[i].offer, Global{}, pass_, masters_);
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
    std::array<Held, kAtOnce ? 64 : 1> held_;
    std::size_t count_ = 0;
  };

  void push() {
    const std::span<const LocalId> ids = frontier_.ids();
    std::mutex guard;
    std::vector<LocalId> long_rows;
    const auto run = [&]<class How>(How) {
      spread_work(ids.size(), frontier_arcs_, [&](std::size_t begin, std::size_t end, std::size_t part) {
        Taken taken(*this, part);
        for (std::size_t i = begin; i < end; ++i) {
          if (i + 2 * kFetchAhead < end) fetch_vertex(rows_.push, values_.ghosts(), ids[i + 2 * kFetchAhead]);
          if (i + kFetchAhead < end) fetch_row<P>(rows_.push, ids[i + kFetchAhead]);
          if (parallel::threads() > 1 && degree(rows_.push, ids[i]) > kLongRow) {
            const std::lock_guard lock(guard);
            long_rows.push_back(ids[i]);
            continue;
          }
          for (const Adjacency* rows : rows_.push)
            if (rows != nullptr) push_some<How>(*rows, ids[i], rows->offsets[ids[i]], rows->offsets[ids[i] + 1], taken);
        }
      });
      for (const LocalId u : long_rows)
        for (const Adjacency* rows : rows_.push)
          if (rows != nullptr)
            parallel::for_ranges(rows->degree(u), kBlockArcs, [&](std::size_t begin, std::size_t end) {
              Taken taken(*this);
              push_some<How>(*rows, u, rows->offsets[u] + begin, rows->offsets[u] + end, taken);
            });
    };
    if (parallel::threads() == 1 || frontier_arcs_ < kSmall)
      run(Alone{});
    else
      run(Shared{});
  }
  template <class How>
  void push_some(const Adjacency& rows, LocalId u, EdgeCount begin, EdgeCount end, Taken& taken) {
    const LocalId* const neighbours = rows.neighbours.data();
    const Ghost from = values_.ghost(u);
    for (EdgeCount i = begin; i < end; ++i) {
      // What offers are held against lies anywhere in memory too.
      if constexpr (!kAtOnce)
        if (i + kFetchAhead < end) __builtin_prefetch(&accums_[neighbours[i + kFetchAhead]], 1);
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
      if constexpr (Traits::first_offer_is_best)
        search_block(cut.blocks[b], taken);
      else
        pull_block(cut.blocks[b], taken);
    });
    if constexpr (!Traits::first_offer_is_best)
      parallel::for_each_index(cut.pieces.size(), [&](std::size_t i) {
        const RowPiece& piece = cut.pieces[i];
        Taken taken(*this);
        Accum sum{};
        if (pull_active(program_, *piece.rows, piece.begin, piece.end, values_.ghosts(), active_, sum) &&
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
          any |= pull_active(program_, *rows, rows->offsets[v], rows->offsets[v + 1], values_.ghosts(), active_, sum);
      if (any && take_offer<Alone>(v, sum)) taken(v, sum);
    }
  }
  // Givers are found first and asked for their values a little later: those lie anywhere in memory.
  void search_block(const RowBlock& block, Taken& taken) {
    struct Found {
      LocalId vertex;
      const Adjacency* rows;
      EdgeCount arc;
    };
    std::array<Found, 64> found;
    std::size_t count = 0;
    const auto take_found = [&] {
      for (const Found& f : std::span(found).first(count)) {
        const Accum offer = edge_value(program_, edge_at<P>(*f.rows, f.arc, values_.ghost(f.rows->neighbours[f.arc])));
        if (take_offer<Alone>(f.vertex, offer)) taken(f.vertex, offer);
      }
      count = 0;
    };
    const auto search = [&](std::size_t v) {
      for (const Adjacency* rows : rows_.pull) {
        if (rows == nullptr) continue;
        const EdgeCount end = rows->offsets[v + 1], arc = find_active(*rows, rows->offsets[v], end, active_);
        if (arc == end) continue;
        __builtin_prefetch(values_.ghosts() + rows->neighbours[arc]);
        found[count++] = {static_cast<LocalId>(v), rows, arc};
        if (count == found.size()) take_found();
        return;
      }
    };
    marks_.for_each_missing(
        block.begin, block.end, [&](std::size_t v) { fetch_row<P>(rows_.pull, v); }, search);
    take_found();
  }

  // -- Offers to masters ----------------------------------------------------------------------------------

  void exchange_offers() {
    const GhostPlan& plan = graph_.ghost_plan();
    if (plan.peers.empty()) return;
    const auto value_at = [&](LocalId ghost) -> const Accum& {
      return kAtOnce ? ghost_offers_[ghost - graph_.masters()] : accums_[ghost];
    };
    sort_touched_ghosts();
    for (std::size_t i = 0, at = 0; i < plan.peers.size(); ++i) {
      const GhostPlan::Range range = plan.peers[i].ghosts.written(rows_.flow);
      const std::size_t first = at;
      while (at < ghost_list_.size() && ghost_list_[at] < plan.peers[i].ghosts.end) ++at;
      if (range.size() > 0)
        reduce_.send_reduce(rows_.flow, i, std::span<const LocalId>(ghost_list_).subspan(first, at - first), value_at);
    }
    clock_.waited([&] {
      Taken taken(*this);
      reduce_.finish_reduce(rows_.flow, [&](LocalId master, const Accum& offer) {
        if (take_offer<Alone>(master, offer)) taken(master, offer);
      });
    });
    for (const LocalId ghost : ghost_list_) {
      if constexpr (!Traits::monotone && !Traits::first_offer_is_best) accums_[ghost] = Accum{};
      if constexpr (!Traits::first_offer_is_best) marks_.erase(ghost);
    }
  }

  // The touched ghosts, ascending, in ghost_list_: sorted when few, else read off a bitmap.
  void sort_touched_ghosts() {
    const std::span<const LocalId> ids = touched_ghosts_.ids();
    ghost_list_.assign(ids.begin(), ids.end());
    if (ids.size() < graph_.ghosts() / 64) {
      std::ranges::sort(ghost_list_);
    } else {
      Bitmap members(graph_.ghosts());
      for (const LocalId ghost : ids) members.insert(ghost - graph_.masters());
      std::size_t at = 0;
      members.for_each(0, graph_.ghosts(),
                       [&](std::size_t i) { ghost_list_[at++] = graph_.masters() + static_cast<LocalId>(i); });
    }
    touched_ghosts_.clear();
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
          if (members.contains(v))
            apply(v, accums_[v], global, piece, append);
          else
            piece.global += program_.aggregate(values_.vertex(v), values_.data(v), values_.data(v));
        }
      });
      changed = pass.changed;
    } else {
      spread_work(ids.size(), ids.size(), [&](std::size_t begin, std::size_t end, std::size_t part) {
        VertexQueue::Appender append(waiting_, part);
        Pass piece;
        for (std::size_t i = begin; i < end; ++i) apply(ids[i], accums_[ids[i]], global, piece, append);
        std::atomic_ref(changed).fetch_add(piece.changed, std::memory_order_relaxed);
      });
    }
    result.applied += ids.size();
    result.changed += changed;
    result.global += pass.global;
    touched_.clear();
  }

  void apply(LocalId v, const Accum& offers, const Global& global, Pass& piece, VertexQueue::Appender& append) {
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
    if (!differs(program_, before, after)) return;
    values.store(program_, v, after);
    ++piece.changed;
    append.push(v);
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  WaitClock& clock_;
  GhostSync<Accum> reduce_;
  GhostSync<Ghost> broadcast_;
  CopyIndex copies_;
  RowCut ghost_cut_;
  RowCut master_cut_;

  BigArray<Accum> accums_;
  BigArray<Accum> ghost_offers_;  // by ghost, where masters apply at once
  Bitmap marks_;                  // who took an offer: in this superstep, or ever where the first is best
  Bitmap active_;                 // the frontier, when it is pulled
  Bitmap settled_;                // marks_ as the superstep began, when its frontier is large
  VertexQueue frontier_;          // masters and ghosts
  VertexQueue waiting_;           // changed masters
  VertexQueue touched_;           // masters that took an offer
  VertexQueue touched_ghosts_;
  std::vector<LocalId> ghost_list_;
  std::vector<LocalId> seeds_;
  bool even_rows_ = false;
  bool settled_known_ = false;
  EdgeCount frontier_arcs_ = 0;
  EdgeCount unexplored_ = 0;
  std::size_t frontier_before_ = 0;
  bool pulled_ = false;
  std::uint64_t applied_at_once_ = 0;
  std::uint64_t changed_at_once_ = 0;
};

}  // namespace gasket
