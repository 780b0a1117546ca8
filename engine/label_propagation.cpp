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
  explicit RowCounter(const LabelBlocks<Label>& blocks) : blocks_(blocks) {}

  // The most frequent label around v when all its arcs are in the local rows. `own`: the label v has, which is what it
  // keeps without neighbours, and a good guess: a label that more than half of the neighbours have needs no counting.
  Label most_frequent(const RowSets& rows, LocalId v, const Label* labels, Label own) {
    const EdgeCount n = degree(rows, v);
    if (n == 0) return own;
    if (n <= kTiny) return most_frequent_of_few(rows, v, labels);
    if (n > kBuffered) return most_frequent_of_many(rows, v, labels, [](const auto&) {});
    const std::size_t owns = read(rows, v, labels, own);
    return 2 * owns > n ? own : most_frequent_in<false>(n);
  }

  // The same when further labels come in segments: for_each_segment calls its argument with the bytes of each.
  template <class ForEachSegment>
  Label most_frequent(const RowSets& rows, LocalId v, const Label* labels, Label own,
                      const ForEachSegment& for_each_segment) {
    const EdgeCount n = degree(rows, v);
    // A segment has at least as many bytes as labels.
    std::size_t bound = n;
    for_each_segment([&](std::span<const std::byte> bytes) { bound += bytes.size(); });
    if (bound > kBuffered) return most_frequent_of_many(rows, v, labels, for_each_segment);
    std::uint64_t owns = read(rows, v, labels, own), all = n;
    std::size_t size = n;
    std::fill_n(counts_.begin(), n, Label{1});
    for_each_segment([&](std::span<const std::byte> bytes) {
      blocks_.read(bytes, [&](Label label, Label count) {
        labels_[size] = label;
        counts_[size++] = count;
        all += count;
        owns += label == own ? count : 0;
      });
    });
    return 2 * owns > all ? own : most_frequent_in<true>(size);
  }

  // The smallest label around a vertex whose neighbours all have different labels.
  static Label smallest(std::span<const LocalId> row, const Label* labels) {
    Label least = std::numeric_limits<Label>::max();
    for (const LocalId u : row) least = std::min(least, labels[u]);
    return least;
  }

  // The labels around v as blocks; the bytes stay until the next call. Of equal labels most are put together, those
  // that lost their place in the cache to another one are not.
  std::span<const std::byte> to_bytes(const RowSets& rows, LocalId v, const Label* labels) {
    const std::size_t slots = std::min<std::size_t>(2 * std::bit_ceil(degree(rows, v)), kCache);
    const int shift = 64 - std::countr_zero(slots);
    std::fill_n(cache_.begin(), slots, Entry{});
    std::byte* end = bytes_.data();
    std::size_t size = 0;
    const auto emit = [&](const Entry& entry, bool wanted) {
      labels_[size] = entry.label;
      counts_[size] = entry.count;
      size += wanted;
    };
    const auto flush = [&] {
      end = write_block(end, size);
      size = 0;
    };
    for_each_neighbour(rows, v, [&](LocalId u) {
      const Label label = labels[u];
      Entry& slot = cache_[(label * kLabelHash) >> shift];
      const bool hit = slot.label == label;
      emit(slot, !hit && slot.count > 0);
      slot = {label, static_cast<Label>(hit ? slot.count + 1 : 1)};
      if (size + kCache == kBuffered) flush();
    });
    for (std::size_t i = 0; i < slots; ++i) emit(cache_[i], cache_[i].count > 0);
    flush();
    return {bytes_.data(), end};
  }

  // The same for a row of different labels.
  std::span<const std::byte> to_bytes(std::span<const LocalId> row, const Label* labels) {
    std::byte* end = bytes_.data();
    std::fill_n(counts_.begin(), std::min(row.size(), kBuffered), Label{1});
    for (std::size_t begin = 0; begin < row.size(); begin += kBuffered) {
      const std::span<const LocalId> part = row.subspan(begin, std::min(row.size() - begin, kBuffered));
      for (std::size_t i = 0; i < part.size(); ++i) labels_[i] = labels[part[i]];
      end = write_block(end, part.size());
    }
    return {bytes_.data(), end};
  }

 private:
  using Histogram = LabelHistogram<Label>;
  using Entry = typename Histogram::Entry;
  static constexpr std::size_t kTiny = 8;
  static constexpr std::size_t kBuffered = std::size_t{1} << 16;  // longer rows go into the histogram at once
  static constexpr std::size_t kBuckets = std::size_t{1} << 13;
  static constexpr Label kRare = 2;
  static constexpr std::size_t kFew = 64;
  static constexpr std::size_t kCache = std::size_t{1} << 12;

  // Copies the labels around v; returns how many of them are `own`.
  std::size_t read(const RowSets& rows, LocalId v, const Label* labels, Label own) {
    std::size_t n = 0, owns = 0;
    for_each_neighbour(rows, v, [&](LocalId u) {
      const Label label = labels[u];
      labels_[n++] = label;
      owns += label == own;
    });
    return owns;
  }

  // The most frequent of the `size` labels copied. `Counted`: they come with counts, else each counts 1. Counts by
  // hash, which takes no branch: a label has at most the count of its bucket. So once one label's count is known, only
  // those in buckets with as much can beat it. Mostly they are few; where all labels are rare they are not, and go into
  // another round with another hash function first.
  template <bool Counted>
  Label most_frequent_in(std::size_t size) {
    std::uint64_t multiplier = kLabelHash;
    Entry best = frequent<Counted>(size, multiplier);
    Label least_single = std::numeric_limits<Label>::max();  // of the labels that occur once, alone in their bucket
    while (best.count <= kRare && size > kFew) {
      const std::size_t before = size;
      size = drop_rarer<Counted>(size, multiplier, best, least_single);
      if (size == 0 || 4 * size > 3 * before) break;
      multiplier *= kLabelHash;
      if (const Entry other = frequent<Counted>(size, multiplier); Histogram::beats(other, best)) best = other;
    }
    histogram_.clear(0);
    histogram_.add(best.label, best.count);
    for (std::size_t i = 0; i < size; ++i)
      if (const Label label = labels_[i]; bucket(label, multiplier) >= best.count && label != best.label)
        histogram_.add(label, count_at<Counted>(i));
    best = histogram_.best();
    return best.count == 1 ? std::min(best.label, least_single) : best.label;
  }

  Label& bucket(Label label, std::uint64_t multiplier) { return buckets_[(label * multiplier) >> bucket_shift_]; }

  // Fills the buckets; returns a label of the fullest, with its count.
  template <bool Counted>
  Entry frequent(std::size_t size, std::uint64_t multiplier) {
    const std::size_t buckets = std::min(2 * std::bit_ceil(size), kBuckets);
    bucket_shift_ = 64 - std::countr_zero(buckets);
    std::fill_n(buckets_.begin(), buckets, Label{0});
    Label most = 0;
    for (std::size_t i = 0; i < size; ++i)
      most = std::max(most, bucket(labels_[i], multiplier) += count_at<Counted>(i));
    std::size_t first = 0;
    while (bucket(labels_[first], multiplier) != most) ++first;
    Entry found{labels_[first], 0};
    for (std::size_t i = 0; i < size; ++i) found.count += labels_[i] == found.label ? count_at<Counted>(i) : Label{0};
    return found;
  }

  // Keeps the labels that may beat `best`, which are how many it returns; without a branch, for they are many.
  template <bool Counted>
  std::size_t drop_rarer(std::size_t size, std::uint64_t multiplier, const Entry& best, Label& least_single) {
    std::size_t left = 0;
    Label least = least_single;
    for (std::size_t i = 0; i < size; ++i) {
      const Label label = labels_[i], count = count_at<Counted>(i), limit = bucket(label, multiplier);
      labels_[left] = label;
      if constexpr (Counted) counts_[left] = count;
      left += limit > 1 && limit >= best.count && label != best.label;
      least = limit == 1 ? std::min(least, label) : least;
    }
    least_single = least;
    return left;
  }

  template <bool Counted>
  Label count_at(std::size_t i) const {
    if constexpr (Counted)
      return counts_[i];
    else
      return 1;
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

  // Without a copy of the labels.
  template <class ForEachSegment>
  Label most_frequent_of_many(const RowSets& rows, LocalId v, const Label* labels,
                              const ForEachSegment& for_each_segment) {
    histogram_.clear(degree(rows, v));
    for_each_neighbour(rows, v, [&](LocalId u) { histogram_.add(labels[u]); });
    for_each_segment([&](std::span<const std::byte> bytes) {
      blocks_.read(bytes, [&](Label label, Label count) { histogram_.add(label, count); });
    });
    return histogram_.best().label;
  }

  // Appends the first `size` labels and counts as a block to bytes_.
  std::byte* write_block(std::byte* at, std::size_t size) {
    const auto used = static_cast<std::size_t>(at - bytes_.data());
    if (bytes_.size() < used + blocks_.max_bytes(size)) bytes_.resize(2 * used + blocks_.max_bytes(size));
    return blocks_.write({labels_.data(), size}, {counts_.data(), size}, bytes_.data() + used);
  }

  LabelBlocks<Label> blocks_;
  Histogram histogram_;
  std::vector<Label> labels_ = std::vector<Label>(kBuffered + 1);
  std::vector<Label> counts_ = std::vector<Label>(kBuffered + 1);
  int bucket_shift_ = 64;
  std::vector<Label> buckets_ = std::vector<Label>(kBuckets);
  std::vector<Entry> cache_ = std::vector<Entry>(kCache);
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
        workers_(static_cast<std::size_t>(parallel::threads()),
                 RowCounter<Label>(LabelBlocks<Label>(graph.vertices()))),
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
                return counter.most_frequent(rows_, v, labels_.data(), labels_[v],
                                             [&](const auto& visit) { reduce_.for_each_segment(v, visit); });
              });
        },
        std::plus<>());
  }

  // What the rows of a ghost add up to, as bytes.
  std::span<const std::byte> histogram(LocalId ghost) {
    RowCounter<Label>& counter = worker();
    if (all_different(ghost)) return counter.to_bytes(rows_[0]->row(ghost), labels_.data());
    return counter.to_bytes(rows_, ghost, labels_.data());
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
