#pragma once
// The values of a vertex program that runs without supersteps on one rank: what masters keep, what neighbours were told,
// and the offers that wait for each vertex.
//
// Offers of a monotone program stay combined for good. Offers of a program with gather are differences: whoever applies
// them takes them out and adds them to the vertex' sum.
//
// Any worker may add offers to a vertex while another applies them; all else of a vertex is touched only by the worker that
// runs it, but may be looked at by others.

#include <atomic>
#include <optional>

#include "engine/async/scheduler.hpp"
#include "engine/combine.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/step.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_values.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

template <class P>
class Offers {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Accum = typename P::Accum;
  using Ghost = GhostOf<P>;
  static constexpr bool kDifferences = Traits::gathers;
  // Beside the data: what neighbours know is something else, or older.
  static constexpr bool kTold = Traits::has_changed;
  static constexpr bool kGhosts = kDifferences || Traits::keeps_ghosts_apart;

 public:
  /// Memory: an Accum per local vertex and a Data per master; with differences an Accum per master and two Ghosts per ghost
  /// more; a Ghost per local vertex where it is not the Data; a Data per master for programs with `changed`.
  Offers(const DistributedGraph& graph, const P& program)
      : graph_(graph),
        program_(program),
        views_(graph),
        rows_(push_rows(graph)),
        masters_(graph.masters()),
        offers_(graph.locals(), Accum{}),
        data_(kGhosts ? graph.masters() : graph.locals()) {
    if constexpr (kTold) told_ = BigArray<Data>(masters_);
    if constexpr (kGhosts) ghosts_ = BigArray<Ghost>(graph.locals());
    if constexpr (kDifferences) {
      sums_ = BigArray<Accum>(masters_, Accum{});
      heard_ = BigArray<Ghost>(graph.ghosts());
    }
  }

  Flow flow() const { return rows_.flow; }

  /// First values; with differences every copy also makes its first offers, and they become the first sums: returns the
  /// arcs over which that was done. Collective.
  std::uint64_t start() {
    parallel::for_ranges(masters_, kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto v = static_cast<LocalId>(i);
        const Vertex vertex = views_(v);
        data_[v] = program_.init(vertex);
        if constexpr (kTold) told_[v] = data_[v];
        if constexpr (kGhosts) ghosts_[v] = project(program_, vertex, data_[v]);
      }
    });
    if constexpr (kDifferences)
      return take_first_sums();
    else
      return 0;
  }
  bool is_seed(LocalId master) const {
    if constexpr (Traits::has_seed)
      return program_.seed(views_(master));
    else
      return true;
  }
  /// Of a seed, before anything runs.
  std::uint64_t first_priority(LocalId master) {
    if constexpr (kRanksChanges)
      return need_to_run(master).value_or(Scheduler::kLowestPriority);
    else
      return priority_of(data_[master]);
  }

  /// Asks for what a run of the vertex will look at.
  void fetch(LocalId v) const {
    for (const Adjacency* rows : rows_.push)
      if (rows != nullptr) prefetch(rows->neighbours.data() + rows->offsets[v]);
    prefetch(data_.data() + v);
  }

  // -- Running a vertex, by one worker at a time ------------------------------------------------------------

  /// Applies what waits for a master. True when its neighbours must hear of it, who before knew of `before`; `first`: it
  /// has not run yet.
  bool apply(LocalId v, bool first, Ghost& before) {
    const Vertex vertex = views_(v);
    const Data old = data_[v];
    const Data now = program_.apply(vertex, old, what_waits(v));
    bool news = false;
    if constexpr (kTold)
      news = differs(program_, told_[v], now);
    else
      news = differs(program_, old, now);
    if constexpr (!Traits::gathers) news = news || (first && is_seed(v));
    store(data_[v], now);
    if (!news) return false;
    if constexpr (kTold) store(told_[v], now);
    if constexpr (kGhosts) {
      before = ghosts_[v];
      store(ghosts_[v], project(program_, vertex, now));
    }
    return true;
  }
  /// The same for a copy, of which there is always news: returns what its neighbours here knew of before.
  Ghost renew(LocalId ghost) {
    if constexpr (kDifferences) {
      const Ghost before = ghosts_[ghost];
      ghosts_[ghost] = load(heard_[ghost - masters_]);
      return before;
    } else {
      return {};
    }
  }
  /// Calls give(target, offer) for all arcs here that lead from v; returns their number.
  template <class Give>
  EdgeCount for_each_offer(LocalId v, const Ghost& before, const Give& give) const {
    const Ghost now = ghost(v);
    EdgeCount count = 0;
    for (const Adjacency* rows : rows_.push) {
      if (rows == nullptr) continue;
      const EdgeCount begin = rows->offsets[v], end = rows->offsets[v + 1];
      count += end - begin;
      for (EdgeCount i = begin; i < end; ++i) {
        Accum offer = edge_value(program_, edge_at<P>(*rows, i, now));
        if constexpr (kDifferences) offer -= edge_value(program_, edge_at<P>(*rows, i, before));
        give(rows->neighbours[i], offer);
      }
    }
    return count;
  }
  /// After a run: whether a master must run again for an offer that came meanwhile, whose giver may have taken it for
  /// applied; then with which priority.
  std::optional<std::uint64_t> left_over(LocalId v) {
    if constexpr (kDifferences && kLooksAhead)
      if (parallel::threads() > 1) {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        return need_to_run(v);
      }
    return std::nullopt;
  }

  // -- By anybody -------------------------------------------------------------------------------------------

  /// Merges an offer into what waits for a vertex. False when that leaves it as it was.
  bool add(LocalId v, const Accum& offer) {
    if (parallel::threads() == 1) return update_alone(offers_[v], [&](Accum& sum) { sum += offer; });
    return combine_shared(offers_[v], offer);
  }
  /// Whether what waits for a master makes a difference to it; then with which priority it is to run. Of several workers the
  /// caller has a sequentially consistent fence between his offer and this.
  std::optional<std::uint64_t> need_to_run(LocalId v) {
    if constexpr (kLooksAhead) {
      Accum in = load(offers_[v]);
      if constexpr (kDifferences) {
        Accum sum = load(sums_[v]);
        sum += in;
        in = sum;
      }
      const Data data = load(data_[v]);
      const Data next = program_.apply(views_(v), data, in);
      if (!differs(program_, told(v, data), next)) return std::nullopt;
      if constexpr (kRanksChanges)
        return program_.priority_of_change(told(v, data), next);
      else
        return priority_of(next);
    } else {
      return priority_of(load(data_[v]));
    }
  }
  /// Takes the offers to a ghost along, for its master.
  Accum take(LocalId ghost) {
    if constexpr (kDifferences)
      return take_out(offers_[ghost]);
    else
      return load(offers_[ghost]);
  }
  /// What neighbours see of a vertex.
  Ghost ghost(LocalId v) const {
    if constexpr (kGhosts)
      return load(ghosts_[v]);
    else
      return load(data_[v]);
  }
  /// A copy's new value, from its master; returns the priority with which it is to make its offers.
  std::uint64_t hear(LocalId ghost, const Ghost& value) {
    if constexpr (kDifferences)
      store(heard_[ghost - masters_], value);
    else if constexpr (kGhosts)
      store(ghosts_[ghost], value);
    else
      store(data_[ghost], value);
    if constexpr (std::same_as<Ghost, Data> && !Traits::projects)
      return priority_of(value);
    else
      return 0;
  }

  // -- At the end -------------------------------------------------------------------------------------------

  /// Applies the offers that were too small for their vertices to run again.
  void settle() {
    if constexpr (kDifferences)
      parallel::for_ranges(masters_, kPass, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          const auto v = static_cast<LocalId>(i);
          if (const Accum rest = take_out(offers_[v]); !is_nothing(rest)) {
            sums_[v] += rest;
            data_[v] = program_.apply(views_(v), data_[v], sums_[v]);
          }
        }
      });
  }
  BigArray<Data> take_data() {
    data_.shrink(masters_);
    return std::move(data_);
  }

 private:
  template <class T>
  static constexpr bool is_word = fits_word<T> && alignof(T) == sizeof(T);
  // All that need_to_run looks at can be read while others write it; what neighbours were told of a monotone program might
  // be older than what it says.
  static constexpr bool kLooksAhead = is_word<Accum> && is_word<Data> && (kDifferences || !kTold);

  static constexpr bool kRanksChanges = kLooksAhead && requires { &P::priority_of_change; };

  static FlowRows push_rows(const DistributedGraph& graph) {
    const Adjacency* const target = graph.has_by_target() ? &graph.by_target() : nullptr;
    const Adjacency* const source = graph.has_by_source() ? &graph.by_source() : nullptr;
    // Every edge of an undirected graph is an in-edge and an out-edge at once.
    const Flow flow = !graph.directed() && Traits::flow == Flow::both ? Flow::forward : Traits::flow;
    FlowRows rows{flow, {}, {flow == Flow::backward ? target : source, flow == Flow::both ? target : nullptr}};
    if (rows.push[0] == nullptr || (flow == Flow::both && rows.push[1] == nullptr))
      throw_agreed(UsageError("the graph was loaded without the rows to push over"));
    return rows;
  }

  std::uint64_t take_first_sums() {
    Communicator& comm = graph_.communicator();
    GhostSync<Ghost>(comm, graph_.ghost_plan(), Tag::broadcast).broadcast_all(flow(), ghosts_);
    for (const GhostPlan::Peer& peer : graph_.ghost_plan().peers) {
      const GhostPlan::Range read = peer.ghosts.read(flow());
      std::copy_n(ghosts_.begin() + read.begin, read.size(), heard_.begin() + (read.begin - masters_));
    }
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto v = static_cast<LocalId>(i);
        for (const Adjacency* rows : rows_.push)
          if (rows != nullptr)
            push_arcs(program_, *rows, rows->offsets[v], rows->offsets[v + 1], ghosts_[v],
                      [&](LocalId target, const Accum& offer) { add(target, offer); });
      }
    });
    GhostSync<Accum> reduce(comm, graph_.ghost_plan(), Tag::reduce);
    reduce.start_reduce_all(flow());
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i) reduce.send_reduce_all(flow(), i, offers_);
    reduce.finish_reduce_all(flow(), [&](LocalId master, const Accum& offer) { offers_[master] += offer; });
    for (LocalId v = 0; v < graph_.locals(); ++v)
      if (const Accum sum = std::exchange(offers_[v], Accum{}); v < masters_) sums_[v] = sum;
    std::uint64_t arcs = 0;
    for (const Adjacency* rows : rows_.push) arcs += rows != nullptr ? rows->arcs() : 0;
    return arcs;
  }

  Accum what_waits(LocalId v) {
    if constexpr (kDifferences) {
      Accum sum = sums_[v];
      sum += take_out(offers_[v]);
      store(sums_[v], sum);
      return sum;
    } else {
      return load(offers_[v]);
    }
  }
  Accum take_out(Accum& offers) {
    Accum taken;
    update_shared(offers, [&](Accum& sum) {
      taken = sum;
      sum = Accum{};
    });
    return taken;
  }
  static bool is_nothing(const Accum& offers) {
    const Accum identity{};
    return std::memcmp(&offers, &identity, sizeof offers) == 0;
  }
  Data told(LocalId v, const Data& data) const {
    if constexpr (kTold)
      return load(told_[v]);
    else
      return data;
  }
  std::uint64_t priority_of(const Data& value) const {
    if constexpr (Traits::has_priority)
      return program_.priority(value);
    else
      return 0;
  }
  // Values that others may be at.
  template <class T>
  static T load(const T& value) {
    if constexpr (is_word<T>) {
      return read_shared(value);
    } else {
      const Stripes::Guard guard(&value);
      return value;
    }
  }
  template <class T>
  static void store(T& target, const T& value) {
    update_shared(target, [&](T& t) { t = value; });
  }

  const DistributedGraph& graph_;
  const P& program_;
  VertexViews views_;
  FlowRows rows_;
  LocalId masters_;
  BigArray<Accum> offers_;  // that wait; of ghosts, for their masters
  BigArray<Data> data_;     // of masters; of ghosts too where it is what neighbours see
  BigArray<Data> told_;     // when neighbours last heard, of masters
  BigArray<Ghost> ghosts_;  // with which the last offers were made
  BigArray<Ghost> heard_;   // of ghosts: from their masters
  BigArray<Accum> sums_;    // with differences, of masters
};

}  // namespace gasket
