#include "engine/label_propagation.hpp"

#include <array>
#include <chrono>
#include <limits>

#include "engine/bitmap.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/label_histogram.hpp"
#include "engine/row_blocks.hpp"
#include "engine/segment_reduce.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

using RowSets = std::array<const Adjacency*, 2>;  // the second only where arcs have two directions

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

EdgeCount degree(const RowSets& rows, LocalId v) {
  return rows[0]->degree(v) + (rows[1] == nullptr ? 0 : rows[1]->degree(v));
}

template <class Visit>
void for_each_neighbour(const RowSets& rows, LocalId v, const Visit& visit) {
  for (const Adjacency* set : rows)
    if (set != nullptr)
      for (const LocalId u : set->row(v)) visit(u);
}

bool strictly_ascending(std::span<const LocalId> row) {
  bool ascending = true;
  for (std::size_t i = 1; i < row.size(); ++i) ascending &= row[i - 1] < row[i];
  return ascending;
}

// One worker's memory, and what it does with a row.
template <class Label>
class RowCounter {
 public:
  // The most frequent label around v, by the local rows alone. `own`: the label v has, which is what it keeps without
  // neighbours, and a good guess: a label that more than half of the neighbours have needs no table.
  Label most_frequent(const RowSets& rows, LocalId v, const Label* labels, Label own) {
    const EdgeCount n = degree(rows, v);
    if (n == 0) return own;
    if (n <= kTiny) return most_frequent_of_few(rows, v, labels);
    if (n > kBuffered) {
      count(rows, v, labels);
      return histogram_.most_frequent();
    }
    const std::span<const Label> around = read(rows, v, labels, own);
    if (2 * owns_ > n) return own;
    histogram_.clear(n);
    for (const Label label : around) histogram_.add(label);
    return histogram_.most_frequent();
  }

  // Counts the labels around v.
  LabelHistogram<Label>& count(const RowSets& rows, LocalId v, const Label* labels) {
    histogram_.clear(degree(rows, v));
    for_each_neighbour(rows, v, [&](LocalId u) { histogram_.add(labels[u]); });
    return histogram_;
  }

  // The smallest label around a vertex whose neighbours all have different labels.
  static Label smallest(std::span<const LocalId> row, const Label* labels) {
    Label least = std::numeric_limits<Label>::max();
    for (const LocalId u : row) least = std::min(least, labels[u]);
    return least;
  }

  // The same as bytes, until the next call.
  std::span<const std::byte> bytes_of_distinct(std::span<const LocalId> row, const Label* labels) {
    std::byte* at = reserve(row.size());
    for (const LocalId u : row) at = put_entry(at, labels[u], 1);
    return {bytes_.data(), at};
  }
  std::span<const std::byte> bytes_of(const LabelHistogram<Label>& histogram) {
    std::byte* at = reserve(histogram.size());
    histogram.for_each([&](Label label, Label count) { at = put_entry(at, label, count); });
    return {bytes_.data(), at};
  }

 private:
  static constexpr std::size_t kTiny = 8;
  static constexpr std::size_t kBuffered = 1 << 14;  // longer rows are read again instead

  // Copies the labels around v, and counts in owns_ which of them are `own`.
  std::span<const Label> read(const RowSets& rows, LocalId v, const Label* labels, Label own) {
    std::size_t n = 0, owns = 0;
    for_each_neighbour(rows, v, [&](LocalId u) {
      const Label label = labels[u];
      buffer_[n++] = label;
      owns += label == own;
    });
    owns_ = owns;
    return {buffer_.data(), n};
  }

  // Compares each with each.
  static Label most_frequent_of_few(const RowSets& rows, LocalId v, const Label* labels) {
    std::array<Label, kTiny> around;
    std::size_t n = 0;
    for_each_neighbour(rows, v, [&](LocalId u) { around[n++] = labels[u]; });
    Label best = around[0];
    std::size_t most = 0;
    for (std::size_t i = 0; i < n; ++i) {
      std::size_t count = 0;
      for (std::size_t j = 0; j < n; ++j) count += around[j] == around[i];
      if (count > most || (count == most && around[i] < best)) {
        most = count;
        best = around[i];
      }
    }
    return best;
  }

  std::byte* reserve(std::size_t entries) {
    if (bytes_.size() < entries * kMaxHistogramEntry) bytes_.resize(entries * kMaxHistogramEntry);
    return bytes_.data();
  }

  LabelHistogram<Label> histogram_;
  std::vector<Label> buffer_ = std::vector<Label>(kBuffered);
  std::size_t owns_ = 0;
  std::vector<std::byte> bytes_;
};

template <class Label>
class LabelPropagation {
  struct Nothing {};
  struct Counts {
    std::uint64_t updates = 0, changed = 0;
    Counts operator+(const Counts& other) const { return {updates + other.updates, changed + other.changed}; }
  };
  struct Summary {
    std::uint64_t updates = 0, changed = 0, changed_arcs = 0, bytes = 0, sent = 0, skipped = 0;
    double compute = 0, wait = 0;
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
        workers_(static_cast<std::size_t>(parallel::threads())),
        master_blocks_(cut_rows(*rows_[0], 0, graph.masters())) {}

  LabelPropagationResult run() {
    const Stopwatch total;
    initialise();
    RunRecord record;
    while (record.supersteps.size() < options_.iterations && !record.converged) {
      const SuperstepRecord step = superstep();
      record.supersteps.push_back(step);
      record.updates += step.updates;
      record.converged = step.active == 0;
      if (options_.on_superstep) options_.on_superstep(step);
    }
    record.seconds = total.seconds();
    LabelPropagationResult result{BigArray<GlobalId>(graph_.masters()), std::move(record)};
    std::copy_n(labels_.begin(), graph_.masters(), result.labels.begin());
    return result;
  }

 private:
  static constexpr std::size_t kPass = 4096;  // vertices per piece of a pass
  static constexpr EdgeCount kSparse = 4;     // dirty vertices are marked when less than one arc in so many changed

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
    const Stopwatch whole;
    wait_ = 0;
    const std::uint64_t bytes_before = comm_.bytes_sent();
    const Counts counts = step();
    Summary mine;
    mine.updates = counts.updates;
    mine.changed = counts.changed;
    mine.changed_arcs = changed_arcs();
    mine.bytes = comm_.bytes_sent() - bytes_before;
    const SyncCounts sent = broadcast_.take_counts();
    mine.sent = sent.sent + reduce_.take_sent();
    mine.skipped = sent.skipped;
    mine.wait = wait_;
    mine.compute = whole.seconds() - wait_;
    const Summary all = summarise(mine);
    initial_ = false;
    sparse_ = all.changed_arcs < graph_.arcs() / kSparse;
    if (sparse_ && all.changed > 0) mark_dirty();

    SuperstepRecord record;
    record.seconds = whole.seconds();
    record.compute_seconds = all.compute;
    record.wait_seconds = all.wait;
    record.active = all.changed;
    record.updates = all.updates;
    record.bytes_sent = all.bytes;
    record.values_sent = all.sent;
    record.values_skipped = all.skipped;
    return record;
  }

  Summary summarise(const Summary& mine) {
    return comm_.all_reduce(mine, [](Summary a, const Summary& b) {
      a.updates += b.updates;
      a.changed += b.changed;
      a.changed_arcs += b.changed_arcs;
      a.bytes += b.bytes;
      a.sent += b.sent;
      a.skipped += b.skipped;
      a.compute = std::max(a.compute, b.compute);
      a.wait = std::max(a.wait, b.wait);
      return a;
    });
  }

  Counts step() {
    changed_.clear();
    Counts counts;
    if (reduce_.rounds() == 0) counts = update_alone();
    for (std::size_t round = 0; round < reduce_.rounds(); ++round) {
      reduce_.send(
          round, [&](LocalId ghost) { return is_dirty(ghost); }, [&](LocalId ghost) { return histogram(ghost); });
      if (round == 0) counts = update_alone();
      waited([&] { reduce_.receive(round, [&](LocalId master) { return is_dirty(master); }); });
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

  RowCounter<Label>& worker() { return workers_[static_cast<std::size_t>(parallel::worker_index())]; }

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
          RowCounter<Label>& counter = worker();
          return update(
              master_blocks_[b].begin, master_blocks_[b].end, [&](LocalId v) { return !reduce_.has_copies(v); },
              [&](LocalId v) {
                return all_different(v) ? RowCounter<Label>::smallest(rows_[0]->row(v), labels_.data())
                                        : counter.most_frequent(rows_, v, labels_.data(), labels_[v]);
              });
        },
        std::plus<>());
  }

  // The masters of a round that have copies, with what came from them.
  Counts update_merged(std::size_t round) {
    const std::vector<RowBlock> blocks = cut_rows(*rows_[0], reduce_.begin(round), reduce_.end(round), 1 << 14);
    return parallel::reduce_ranges<Counts>(
        blocks.size(), 1, {},
        [&](std::size_t b, std::size_t) {
          RowCounter<Label>& counter = worker();
          return update(
              blocks[b].begin, blocks[b].end, [&](LocalId v) { return reduce_.has_copies(v); },
              [&](LocalId v) {
                LabelHistogram<Label>& labels = counter.count(rows_, v, labels_.data());
                reduce_.for_each_segment(v, [&](std::span<const std::byte> bytes) {
                  for_each_entry(bytes, [&](std::uint64_t label, std::uint64_t count) {
                    labels.add(static_cast<Label>(label), static_cast<Label>(count));
                  });
                });
                return labels.most_frequent();
              });
        },
        std::plus<>());
  }

  // What the rows of a ghost add up to, as bytes.
  std::span<const std::byte> histogram(LocalId ghost) {
    RowCounter<Label>& counter = worker();
    if (all_different(ghost)) return counter.bytes_of_distinct(rows_[0]->row(ghost), labels_.data());
    return counter.bytes_of(counter.count(rows_, ghost, labels_.data()));
  }

  // -- Ghosts ---------------------------------------------------------------------------------------------

  template <class Body>
  void waited(const Body& body) {
    const Stopwatch watch;
    body();
    wait_ += watch.seconds();
  }

  std::size_t peers() const { return graph_.ghost_plan().peers.size(); }

  void spread_labels() {
    broadcast_.start_broadcast(flow_);
    for (std::size_t i = 0; i < peers(); ++i)
      broadcast_.send_broadcast(
          flow_, i, [&](LocalId v) { return changed_.contains(v); }, [&](LocalId v) { return labels_[v]; });
    waited([&] {
      broadcast_.finish_broadcast(flow_, [&](LocalId ghost, Label label) {
        labels_[ghost] = label;
        changed_.insert(ghost);
      });
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
    waited([&] { wake_.finish_reduce(flow_, [&](LocalId master, Nothing) { dirty_.insert(master); }); });
    // And from the masters to all copies that sum over rows.
    const Flow back = flow_ == Flow::forward ? Flow::backward : Flow::both;
    wake_.start_broadcast(back);
    for (std::size_t i = 0; i < peers(); ++i)
      wake_.send_broadcast(
          back, i, [&](LocalId v) { return dirty_.contains(v); }, [](LocalId) { return Nothing{}; });
    waited([&] { wake_.finish_broadcast(back, [&](LocalId ghost, Nothing) { dirty_.insert(ghost); }); });
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
  std::vector<RowCounter<Label>> workers_;
  std::vector<RowBlock> master_blocks_;

  BigArray<Label> labels_;  // masters and ghosts
  BigArray<Label> next_;    // of the masters that change
  Bitmap changed_;
  Bitmap dirty_;
  bool initial_ = true;
  bool sparse_ = false;  // dirty_ says who is to be looked at; else everybody
  double wait_ = 0;
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
  if (fits_32_bits(graph)) return LabelPropagation<std::uint32_t>(graph, options).run();
  return LabelPropagation<std::uint64_t>(graph, options).run();
}

}  // namespace gasket
