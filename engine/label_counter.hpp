#pragma once
// Which label is the most frequent around a vertex: what one worker does with one row after the other, in memory that
// it allocates once. Rows differ by six orders of magnitude in length, so there are four ways: few labels are compared
// each with each; a label that more than half of the neighbours have is seen while they are read; else labels are
// counted by hash; and rows too long to copy go into a table at once.

#include <array>
#include <limits>
#include <span>
#include <vector>

#include "engine/label_histogram.hpp"
#include "engine/row_blocks.hpp"

namespace gasket {

template <class Visit>
void for_each_neighbour(const RowSets& rows, LocalId v, const Visit& visit) {
  for (const Adjacency* set : rows)
    if (set != nullptr)
      for (const LocalId u : set->row(v)) visit(u);
}

/// One worker's memory, and what it does with a row. `labels` are those of all local vertices.
template <class Label>
class LabelCounter {
 public:
  explicit LabelCounter(const LabelBlocks<Label>& blocks) : blocks_(blocks) {}

  /// The most frequent label around v when all its arcs are in the local rows. `own`: the label v has, which is what it
  /// keeps without neighbours, and a good guess: a label that more than half of the neighbours have needs no counting.
  Label most_frequent(const RowSets& rows, LocalId v, const Label* labels, Label own) {
    const EdgeCount n = degree(rows, v);
    if (n == 0) return own;
    if (n > kBuffered) return most_frequent_of_many(rows, v, labels, [](const auto&) {});
    const std::size_t owns = read(rows, v, labels, own);
    return 2 * owns > n ? own : most_frequent_in<false>(n);
  }

  /// The same when further labels come in segments: for_each_segment calls its argument with the bytes of each.
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

  /// The smallest label around a vertex whose neighbours all have different labels.
  static Label smallest(std::span<const LocalId> row, const Label* labels) {
    Label least = std::numeric_limits<Label>::max();
    for (const LocalId u : row) least = std::min(least, labels[u]);
    return least;
  }

  /// The labels around v as blocks; the bytes stay until the next call. Of equal labels most are put together, those
  /// that lost their place in the cache to another one are not.
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

  /// The same for a row of different labels.
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
  static constexpr std::size_t kBuffered = std::size_t{1} << 16;  // longer rows go into the histogram at once
  static constexpr std::size_t kBuckets = std::size_t{1} << 13;
  static constexpr Label kRare = 2;
  static constexpr std::size_t kFew = 128;
  static constexpr std::size_t kLanes = 32;
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
    if (size <= kFew) return most_frequent_of_few<Counted>(size).label;
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
    if (size > 0 && size <= kFew) {
      if (const Entry other = most_frequent_of_few<Counted>(size); Histogram::beats(other, best)) best = other;
    } else {
      histogram_.clear(0);
      histogram_.add(best.label, best.count);
      for (std::size_t i = 0; i < size; ++i)
        if (const Label label = labels_[i]; bucket(label, multiplier) >= best.count && label != best.label)
          histogram_.add(label, count_at<Counted>(i));
      best = histogram_.best();
    }
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

  // Compares each of a few labels with each, kLanes at a time: no branch, and all in vector registers. (A mask by
  // arithmetic: compilers leave a choice between two numbers in scalar code.)
  template <bool Counted>
  Entry most_frequent_of_few(std::size_t size) const {
    Entry best;
    for (std::size_t begin = 0; begin < size; begin += kLanes) {
      Label counts[kLanes] = {};
      const Label* const lanes = labels_.data() + begin;
      for (std::size_t i = 0; i < size; ++i) {
        const Label label = labels_[i], count = count_at<Counted>(i);
        for (std::size_t lane = 0; lane < kLanes; ++lane)
          counts[lane] += count & (Label{0} - Label{lanes[lane] == label});
      }
      const std::size_t end = std::min(kLanes, size - begin);
      for (std::size_t lane = 0; lane < end; ++lane)
        if (const Entry entry{lanes[lane], counts[lane]}; Histogram::beats(entry, best)) best = entry;
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
  std::vector<Label> labels_ = std::vector<Label>(kBuffered + kLanes);
  std::vector<Label> counts_ = std::vector<Label>(kBuffered + kLanes);
  int bucket_shift_ = 64;
  std::vector<Label> buckets_ = std::vector<Label>(kBuckets);
  std::vector<Entry> cache_ = std::vector<Entry>(kCache);
  std::vector<std::byte> bytes_;
};

}  // namespace gasket
