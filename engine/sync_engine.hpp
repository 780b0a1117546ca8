#pragma once
// The synchronous engine: supersteps that all ranks take together. There are five kinds of superstep: of gather programs
// that are always awake (dense_gather.hpp), of those that sleep while nothing changes (awake_gather.hpp), of those whose
// sums are no plain bytes (serial_gather.hpp), of scatter programs (scatter.hpp), and of those among them that have a
// priority (relax.hpp). A run ends when no vertex has work left, when the program says converged, or at the limit.

#include <functional>
#include <limits>
#include <utility>

#include "engine/awake_gather.hpp"
#include "engine/dense_gather.hpp"
#include "engine/program.hpp"
#include "engine/relax.hpp"
#include "engine/run_meter.hpp"
#include "engine/run_record.hpp"
#include "engine/scatter.hpp"
#include "engine/serial_gather.hpp"
#include "engine/step.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct SyncOptions {
  std::uint64_t max_supersteps = std::numeric_limits<std::uint64_t>::max();
  /// push or pull for every superstep; by default the engine chooses from the density of the frontier.
  Direction direction = Direction::automatic;
  /// rows or tiles for every sweep over all arcs that can be done by either.
  Sweep sweep = Sweep::automatic;
  /// Told of every superstep when it has ended; the same on every rank, but for the seconds and the direction.
  std::function<void(const SuperstepRecord&)> on_superstep{};
};

template <class P>
struct RunResult {
  BigArray<typename P::Data> values;  // of the masters, by local id
  GlobalOf<P> global{};
  RunRecord record;
};

/// Whether the engine runs the program by its priorities, unless it is told to pull. An aggregate is of whole supersteps,
/// so a program with one goes without.
template <class P>
inline constexpr bool by_priority = ProgramTraits<P>::has_priority && !ProgramTraits<P>::has_global;

/// The rows that the synchronous engine reads for a program, to be asked for when the graph is loaded.
template <class P>
AdjacencyNeed adjacency_need(Direction direction = Direction::automatic) {
  using Traits = ProgramTraits<P>;
  constexpr bool kWide = Traits::serialises && Traits::flow == Flow::forward;
  constexpr bool kWaves = Traits::has_seed && !Traits::always_awake;
  if (Traits::flow == Flow::both) return {.waves = kWaves};
  const bool pull =
      Traits::serialises || (direction != Direction::push && !(by_priority<P> && direction == Direction::automatic));
  // Waking the neighbours of what changed walks the other rows, and a sparse frontier is pushed.
  const bool push = direction != Direction::pull && !(Traits::always_awake && direction == Direction::automatic);
  constexpr bool kForward = Traits::flow == Flow::forward;
  AdjacencyNeed need{
      .by_target = kForward ? pull : push, .by_source = kForward ? push : pull, .wide_sums = kWide, .waves = kWaves};
  if (Traits::first_offer_is_best && !Traits::weighted && pull)
    need.leads = kForward ? Leads::by_target : Leads::by_source;
  return need;
}

template <class P, bool kByPriority>
class SyncEngine {
  using Traits = ProgramTraits<P>;
  using Global = GlobalOf<P>;
  static constexpr auto steps_of() {
    if constexpr (kByPriority)
      return std::type_identity<Relax<P>>();
    else if constexpr (!Traits::gathers)
      return std::type_identity<Scatter<P>>();
    else if constexpr (Traits::serialises)
      return std::type_identity<SerialGather<P>>();
    else if constexpr (Traits::always_awake)
      return std::type_identity<DenseGather<P>>();
    else
      return std::type_identity<AwakeGather<P>>();
  }
  using Steps = typename decltype(steps_of())::type;

 public:
  SyncEngine(const DistributedGraph& graph, const P& program, const SyncOptions& options)
      : graph_(graph),
        program_(program),
        options_(options),
        comm_(graph.communicator()),
        rows_(choose_rows()),
        values_(graph),
        steps_(graph, program, rows_, values_) {
    if constexpr (std::same_as<Steps, DenseGather<P>>) steps_.prefer(options.sweep);
    if constexpr (Traits::weighted)
      if (!graph.weighted()) refuse("this program needs edge weights, and the graph has none");
    if constexpr (Traits::always_awake && !Traits::has_converged)
      if (options.max_supersteps == SyncOptions().max_supersteps)
        refuse("a program that is always awake and has no 'converged' never ends: give a limit of supersteps");
  }

  RunResult<P> run() {
    const RunMeter meter(comm_);
    const parallel::Team team;
    RunResult<P> result;
    Summary state = initialise();
    bool work_left = state.pending > 0;
    while (work_left && result.record.supersteps.size() < options_.max_supersteps) {
      state = superstep(state, result.record);
      work_left = state.pending > 0;
      if constexpr (Traits::has_converged)
        if (program_.converged(state.global)) work_left = false;
    }
    result.record.converged = !work_left;
    meter.finish(result.record);
    result.global = state.global;
    result.values = values_.take();
    return result;
  }

 private:
  // Values that have not changed are looked for where there was more than one among so many.
  static constexpr std::uint64_t kOfMany = 16;

  [[noreturn]] static void refuse(const char* sentence) {
    throw_agreed(UsageError(sentence));  // every rank sees the same graph and program
  }

  FlowRows choose_rows() const {
    const Adjacency* target = graph_.has_by_target() ? &graph_.by_target() : nullptr;
    const Adjacency* source = graph_.has_by_source() ? &graph_.by_source() : nullptr;
    // Every edge of an undirected graph is an in-edge and an out-edge at once.
    const Flow flow = !graph_.directed() && Traits::flow == Flow::both ? Flow::forward : Traits::flow;
    FlowRows rows{flow, {}, {}};
    if (flow == Flow::both) {
      if (target == nullptr || source == nullptr)
        refuse("a program over edges of both directions needs both adjacencies");
      rows.pull = rows.push = {target, source};
    } else {
      rows.pull = {flow == Flow::forward ? target : source, nullptr};
      rows.push = {flow == Flow::forward ? source : target, nullptr};
    }
    if (Traits::serialises && options_.direction == Direction::push)
      refuse("a program whose sums are serialised is always pulled");
    if ((Traits::serialises || options_.direction == Direction::pull) && rows.pull[0] == nullptr)
      refuse("the graph was loaded without the rows to pull over");
    if ((kByPriority || options_.direction == Direction::push) && rows.push[0] == nullptr)
      refuse("the graph was loaded without the rows to push over");
    return rows;
  }

  // What all ranks know of each other after a superstep: one collective.
  struct Summary {
    std::uint64_t changed = 0, applied = 0, pending = 0, sent = 0, skipped = 0;
    std::uint64_t bucket = std::numeric_limits<std::uint64_t>::max();  // the lowest in which a vertex waits
    StepCosts costs;
    Global global{};
  };
  Summary agree(const Summary& mine) {
    return comm_.all_reduce(mine, [](Summary a, const Summary& b) {
      a.changed += b.changed;
      a.applied += b.applied;
      a.pending += b.pending;
      a.sent += b.sent;
      a.skipped += b.skipped;
      a.bucket = std::min(a.bucket, b.bucket);
      a.costs = StepCosts::of_both(a.costs, b.costs);
      a.global += b.global;
      return a;
    });
  }

  std::uint64_t lowest_bucket() const {
    if constexpr (kByPriority)
      return steps_.lowest_bucket();
    else
      return 0;
  }

  Summary initialise() {
    using Pass = PassResult<Global>;
    Bitmap seeds(graph_.masters());
    const Pass first = pass_over<Global>(graph_.masters(), kPass, [&](LocalId begin, LocalId end, Pass& piece) {
      for (LocalId v = begin; v < end; ++v) {
        const Vertex view = values_.vertex(v);
        const typename P::Data value = program_.init(view);
        values_.access().store(program_, v, value);
        bool seeded = true;
        if constexpr (Traits::has_seed) seeded = program_.seed(view);
        if (seeded) {
          ++piece.changed;
          seeds.insert(v);
        }
        if constexpr (Traits::has_global) piece.global += program_.aggregate(view, value, value);
      }
    });
    if constexpr (!std::same_as<Steps, DenseGather<P>>)
      seeds.for_each(0, graph_.masters(), [&](std::size_t v) { steps_.seed(static_cast<LocalId>(v)); });
    steps_.start();
    steps_.take_counts();
    Summary mine;
    mine.pending = Traits::always_awake ? graph_.masters() : first.changed;
    mine.global = first.global;
    mine.bucket = lowest_bucket();
    return agree(mine);
  }

  Summary superstep(const Summary& last, RunRecord& run) {
    const StepMeter meter(comm_);
    const StepCosts telling = std::exchange(telling_, {});
    StepResult<Global> step;
    if constexpr (kByPriority)
      step = steps_.step(options_.direction, last.global, last.bucket);
    else if constexpr (std::same_as<Steps, Scatter<P>>)
      step = steps_.step(options_.direction, last.global, last.changed,
                         run.supersteps.size() + 1 >= options_.max_supersteps);
    else if constexpr (std::same_as<Steps, DenseGather<P>>)
      step = steps_.step(options_.direction, last.global, kOfMany * (last.applied - last.changed) > last.applied);
    else
      step = steps_.step(options_.direction, last.global);
    Summary mine;
    mine.changed = step.changed;
    mine.applied = step.applied;
    mine.pending = step.pending;
    mine.bucket = lowest_bucket();
    mine.costs = telling + meter.costs();
    mine.global = step.global;
    const SyncCounts counts = steps_.take_counts();
    mine.sent = counts.sent;
    mine.skipped = counts.skipped;
    const Summary all = agree(mine);

    SuperstepRecord record;
    all.costs.note_in(record, telling.seconds + meter.seconds());
    record.active = all.changed;
    record.updates = all.applied;
    record.values_sent = all.sent;
    record.values_skipped = all.skipped;
    record.direction = step.direction;
    run.supersteps.push_back(record);
    run.updates += record.updates;
    finish_telling();
    if (options_.on_superstep) options_.on_superstep(record);
    return all;
  }

  // Before anybody is told of the superstep, who may end the run; its time is the next one's.
  void finish_telling() {
    if constexpr (std::same_as<Steps, Scatter<P>>) {
      const StepMeter meter(comm_);
      steps_.finish_telling();
      telling_ = meter.costs();
    }
  }

  const DistributedGraph& graph_;
  const P& program_;
  const SyncOptions& options_;
  Communicator& comm_;
  FlowRows rows_;
  VertexValues<P> values_;
  Steps steps_;
  StepCosts telling_;  // the copies of the superstep at hand
};

/// Runs a vertex program to its end on all ranks. Collective. The graph must have the rows of adjacency_need<P>().
/// Memory: that of VertexValues and of the kind of superstep.
template <class P>
auto run_sync(const DistributedGraph& graph, const P& program, const SyncOptions& options = {}) {
  if constexpr (detail::check_program<P>()) {
    if constexpr (by_priority<P>)
      if (options.direction != Direction::pull) return SyncEngine<P, true>(graph, program, options).run();
    return SyncEngine<P, false>(graph, program, options).run();
  }
}

}  // namespace gasket
