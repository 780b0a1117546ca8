#include "engine/label_propagation.hpp"

#include "engine/ghost_sync.hpp"
#include "engine/label_counter.hpp"
#include "engine/row_blocks.hpp"
#include "engine/run_meter.hpp"
#include "engine/segment_reduce.hpp"
#include "engine/step.hpp"
#include "partition/bitmap.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

bool strictly_ascending(std::span<const LocalId> row) {
  bool ascending = true;
  for (std::size_t i = 1; i < row.size(); ++i) ascending &= row[i - 1] < row[i];
  return ascending;
}

template <class Label>
class LabelPropagation {
  struct Nothing {};
  struct Counts {
    std::uint64_t updates = 0, changed = 0;
    Counts operator+(const Counts& other) const { return {updates + other.updates, changed + other.changed}; }
  };
  struct Summary {
    std::uint64_t updates = 0, changed = 0, changed_arcs = 0, sent = 0, skipped = 0;
    StepCosts costs;
  };

 public:
  LabelPropagation(const DistributedGraph& graph, const LabelPropagationOptions& options)
      : graph_(graph),
        options_(options),
        comm_(graph.communicator()),
        flow_(graph.directed() ? Flow::both : Flow::forward),
        rows_{&graph.by_target(), graph.directed() ? &graph.by_source() : nullptr},
        around_{&graph.by_source(), graph.directed() ? &graph.by_target() : nullptr},
        reduce_(comm_, graph.ghost_plan(), flow_, remote_arcs().span(), options.arcs_per_round),
        broadcast_(comm_, graph.ghost_plan(), Tag::broadcast),
        wake_(comm_, graph.ghost_plan(), Tag::wake),
        workers_(static_cast<std::size_t>(parallel::threads()),
                 LabelCounter<Label>(LabelBlocks<Label>(graph.vertices()))),
        master_blocks_(cut_into_blocks(rows_, 0, graph.masters())) {}

  LabelPropagationResult run() {
    const RunMeter meter(comm_);
    const parallel::Team team;
    initialise();
    RunRecord record;
    while (record.supersteps.size() < options_.iterations && !record.converged) {
      const SuperstepRecord step = superstep();
      record.supersteps.push_back(step);
      record.updates += step.updates;
      record.converged = step.active == 0;
      if (options_.on_superstep) options_.on_superstep(step);
    }
    meter.finish(record);
    LabelPropagationResult result{BigArray<GlobalId>(graph_.masters()), std::move(record)};
    std::copy_n(labels_.begin(), graph_.masters(), result.labels.begin());
    return result;
  }

 private:
  static constexpr EdgeCount kSparse = 4;  // dirty vertices are marked when less than one arc in so many changed

  // Of each master, the arcs that other ranks hold: as many labels may come from there.
  BigArray<std::uint64_t> remote_arcs() const {
    BigArray<std::uint64_t> arcs(graph_.masters());
    for (LocalId v = 0; v < graph_.masters(); ++v) {
      arcs[v] = graph_.in_degree(v) - rows_[0]->degree(v);
      if (rows_[1] != nullptr) arcs[v] += graph_.out_degree(v) - rows_[1]->degree(v);
    }
    return arcs;
  }

  void initialise() {
    labels_ = BigArray<Label>(graph_.locals());
    next_ = BigArray<Label>(graph_.masters());
    changed_ = Bitmap(graph_.locals());
    dirty_ = Bitmap(graph_.locals());
    for (LocalId v = 0; v < graph_.locals(); ++v) labels_[v] = static_cast<Label>(graph_.global_id(v));
  }

  // -- An iteration ---------------------------------------------------------------------------------------

  SuperstepRecord superstep() {
    const StepMeter meter(comm_);
    const Counts counts = step();
    Summary mine;
    mine.updates = counts.updates;
    mine.changed = counts.changed;
    mine.changed_arcs = changed_arcs();
    const SyncCounts sent = broadcast_.take_counts();
    mine.sent = sent.sent + reduce_.take_sent();
    mine.skipped = sent.skipped;
    mine.costs = meter.costs();
    const Summary all = summarise(mine);
    initial_ = false;
    sparse_ = all.changed_arcs < graph_.arcs() / kSparse;

    SuperstepRecord record;
    all.costs.note_in(record, meter.seconds());
    record.active = all.changed;
    record.updates = all.updates;
    record.values_sent = all.sent;
    record.values_skipped = all.skipped;
    return record;
  }

  Summary summarise(const Summary& mine) {
    return comm_.all_reduce(mine, [](Summary a, const Summary& b) {
      a.updates += b.updates;
      a.changed += b.changed;
      a.changed_arcs += b.changed_arcs;
      a.sent += b.sent;
      a.skipped += b.skipped;
      a.costs = StepCosts::of_both(a.costs, b.costs);
      return a;
    });
  }

  Counts step() {
    if (sparse_) mark_dirty();
    changed_.clear();
    Counts counts;
    if (reduce_.rounds() == 0) counts = update_alone();
    for (std::size_t round = 0; round < reduce_.rounds(); ++round) {
      reduce_.send(
          round, [&](LocalId ghost) { return is_dirty(ghost); }, [&](LocalId ghost) { return histogram(ghost); });
      if (round == 0) counts = update_alone();
      reduce_.receive(round, [&](LocalId master) { return is_dirty(master); });
      counts = counts + update_merged(round);
    }
    parallel::for_ranges(graph_.masters(), kPass, [&](std::size_t begin, std::size_t end) {
      changed_.for_each(begin, end, [&](std::size_t v) { labels_[v] = next_[v]; });
    });
    spread_labels();
    return counts;
  }

  // -- Rows -----------------------------------------------------------------------------------------------

  bool is_dirty(LocalId v) const { return !sparse_ || dirty_.contains(v); }

  LabelCounter<Label>& worker() { return workers_[static_cast<std::size_t>(parallel::worker_index())]; }

  // In the first iteration all labels differ, so they do around a vertex whose neighbours do. Rows mostly ascend, which
  // shows it at once.
  bool all_different(LocalId v) const {
    return initial_ && rows_[1] == nullptr && rows_[0]->degree(v) > 1 && strictly_ascending(rows_[0]->row(v));
  }

  // Updates those of some rows for which chosen(v) holds, by label_of(v).
  template <class Chosen, class LabelOf>
  Counts update(LocalId first, LocalId last, const Chosen& chosen, const LabelOf& label_of) {
    Counts counts;
    for (LocalId v = first; v < last; ++v) {
      if (!is_dirty(v) || !chosen(v)) continue;
      ++counts.updates;
      const Label label = label_of(v);
      if (label == labels_[v]) continue;
      next_[v] = label;
      changed_.insert_shared(v);
      ++counts.changed;
    }
    return counts;
  }

  // The masters whose arcs are all here.
  Counts update_alone() {
    return parallel::reduce_ranges<Counts>(
        master_blocks_.size(), 1, {},
        [&](std::size_t b, std::size_t) {
          LabelCounter<Label>& counter = worker();
          return update(
              master_blocks_[b].begin, master_blocks_[b].end, [&](LocalId v) { return !reduce_.has_copies(v); },
              [&](LocalId v) {
                return all_different(v) ? LabelCounter<Label>::smallest(rows_[0]->row(v), labels_.data())
                                        : counter.most_frequent(rows_, v, labels_.data(), labels_[v]);
              });
        },
        std::plus<>());
  }

  // The masters of a round that have copies, with what came from them.
  Counts update_merged(std::size_t round) {
    const std::vector<RowBlock> blocks = cut_into_blocks(rows_, reduce_.begin(round), reduce_.end(round), 1 << 14);
    return parallel::reduce_ranges<Counts>(
        blocks.size(), 1, {},
        [&](std::size_t b, std::size_t) {
          LabelCounter<Label>& counter = worker();
          return update(
              blocks[b].begin, blocks[b].end, [&](LocalId v) { return reduce_.has_copies(v); },
              [&](LocalId v) {
                return counter.most_frequent(rows_, v, labels_.data(), labels_[v],
                                             [&](const auto& visit) { reduce_.for_each_segment(v, visit); });
              });
        },
        std::plus<>());
  }

  // What the rows of a ghost add up to, as bytes.
  std::span<const std::byte> histogram(LocalId ghost) {
    LabelCounter<Label>& counter = worker();
    if (all_different(ghost)) return counter.to_bytes(rows_[0]->row(ghost), labels_.data());
    return counter.to_bytes(rows_, ghost, labels_.data());
  }

  // -- Ghosts ---------------------------------------------------------------------------------------------

  std::size_t peers() const { return graph_.ghost_plan().peers.size(); }

  void spread_labels() {
    broadcast_.start_broadcast(flow_);
    for (std::size_t i = 0; i < peers(); ++i)
      broadcast_.send_broadcast(
          flow_, i, [&](LocalId v) { return changed_.contains(v); }, [&](LocalId v) { return labels_[v]; });
    broadcast_.finish_broadcast(flow_, [&](LocalId ghost, Label label) {
      labels_[ghost] = label;
      changed_.insert(ghost);
    });
  }

  // -- Who has a changed neighbour ------------------------------------------------------------------------

  EdgeCount changed_arcs() const {
    return parallel::reduce_ranges<EdgeCount>(
        graph_.locals(), kPass, 0,
        [&](std::size_t begin, std::size_t end) {
          EdgeCount arcs = 0;
          changed_.for_each(begin, end, [&](std::size_t v) { arcs += degree(around_, static_cast<LocalId>(v)); });
          return arcs;
        },
        std::plus<>());
  }

  // The label of a vertex depends on its neighbours' alone: where none changed it stays as it is.
  void mark_dirty() {
    dirty_.clear();
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      changed_.for_each(begin, end, [&](std::size_t u) {
        for_each_neighbour(around_, static_cast<LocalId>(u), [&](LocalId v) { dirty_.insert_shared(v); });
      });
    });
    if (reduce_.rounds() == 0) return;
    wake_.start_reduce(flow_);
    for (std::size_t i = 0; i < peers(); ++i)
      wake_.send_reduce(
          flow_, i, [&](LocalId ghost) { return dirty_.contains(ghost); }, [](LocalId) { return Nothing{}; });
    wake_.finish_reduce(flow_, [&](LocalId master, Nothing) { dirty_.insert(master); });
    // And from the masters to all copies that sum over rows.
    const Flow back = flow_ == Flow::forward ? Flow::backward : Flow::both;
    wake_.start_broadcast(back);
    for (std::size_t i = 0; i < peers(); ++i)
      wake_.send_broadcast(
          back, i, [&](LocalId v) { return dirty_.contains(v); }, [](LocalId) { return Nothing{}; });
    wake_.finish_broadcast(back, [&](LocalId ghost, Nothing) { dirty_.insert(ghost); });
  }

  const DistributedGraph& graph_;
  const LabelPropagationOptions& options_;
  Communicator& comm_;
  Flow flow_;
  RowSets rows_;    // from a vertex to those whose labels count for it
  RowSets around_;  // and to those for which its label counts
  SegmentReduce reduce_;
  GhostSync<Label> broadcast_;
  GhostSync<Nothing> wake_;
  std::vector<LabelCounter<Label>> workers_;
  std::vector<RowBlock> master_blocks_;

  BigArray<Label> labels_;  // masters and ghosts
  BigArray<Label> next_;    // of the masters that change
  Bitmap changed_;
  Bitmap dirty_;
  bool initial_ = true;
  bool sparse_ = false;  // dirty_ says who is to be looked at; else everybody
};

// Counts share the labels' type: it must hold the degree of every vertex too.
bool fits_32_bits(const DistributedGraph& graph) {
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 32;
  bool fits = graph.vertices() <= kEnd;
  for (LocalId v = 0; v < graph.masters(); ++v)
    fits = fits && std::uint64_t{graph.in_degree(v)} + graph.out_degree(v) < kEnd;
  return !graph.communicator().any(!fits);
}

}  // namespace

LabelPropagationResult propagate_labels(const DistributedGraph& graph, const LabelPropagationOptions& options) {
  if (!graph.has_by_target() || !graph.has_by_source())
    throw_agreed(UsageError("label propagation needs the rows of both directions"));
  if (!options.wide && fits_32_bits(graph)) return LabelPropagation<std::uint32_t>(graph, options).run();
  return LabelPropagation<std::uint64_t>(graph, options).run();
}

}  // namespace gasket
