#pragma once
// Closes the wedges at the lowest corner of each triangle: for a row v of a skeleton and each of its entries u, the
// entries that v's row below u and u's row have in common. Three ways, whichever reads least:
//   - u is one of the first vertices, whose rows are kept as bits too: probe them with v's row below u;
//   - v's row is short: walk both rows at once;
//   - else mark v's row in a bitmap, once for all u, and look up the entries of u's row there.
// What each corner gets is added up by position in v's row, so nothing is shared between workers.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "engine/skeleton.hpp"
#include "partition/big_array.hpp"
#include "partition/parallel.hpp"

namespace gasket {

/// The rows of ids first .. end-1 as bits, each as long as its id.
class BitRows {
 public:
  BitRows() = default;
  BitRows(std::uint64_t first, std::uint64_t end) : first_(begin(first)), words_(begin(end) - begin(first)) {}
  std::uint64_t* row(std::uint64_t id) { return words_.data() + (begin(id) - first_); }
  const std::uint64_t* row(std::uint64_t id) const { return words_.data() + (begin(id) - first_); }
  static std::uint64_t bit(const std::uint64_t* row, std::uint64_t i) { return row[i / 64] >> (i % 64) & 1; }

 private:
  // Words of all rows below: row i has i / 64 + 1.
  static std::uint64_t begin(std::uint64_t id) {
    const std::uint64_t block = id / 64, within = id % 64;
    return 64 * (block * (block + 1) / 2) + within * (block + 1);
  }
  std::uint64_t first_ = 0;
  BigArray<std::uint64_t> words_;
};

/// A set of ids that knows the position of each in the ascending row that it was made from.
class MarkedRow {
 public:
  MarkedRow() = default;
  explicit MarkedRow(std::uint64_t ids) : bits_(ids / 64 + 1), before_(ids / 64 + 1) {}

  void insert(std::uint64_t id, std::uint32_t position) {
    if (bits_[id / 64] == 0) before_[id / 64] = position;
    bits_[id / 64] |= std::uint64_t{1} << (id % 64);
  }
  void erase_word_of(std::uint64_t id) { bits_[id / 64] = 0; }
  bool contains(std::uint64_t id) const { return (bits_[id / 64] >> (id % 64) & 1) != 0; }
  std::uint32_t position(std::uint64_t id) const {
    const std::uint64_t below = bits_[id / 64] & ((std::uint64_t{1} << (id % 64)) - 1);
    return before_[id / 64] + static_cast<std::uint32_t>(std::popcount(below));
  }

 private:
  BigArray<std::uint64_t> bits_;
  BigArray<std::uint32_t> before_;
};

/// `Rows` gives rows(u), ascending, of the ids first .. end-1; entries from u on are passed over. rows.fetch(u) and
/// rows.fetch_row(u) ask for what rows(u) will read. Memory: 1.5 bits per vertex and worker, and 16 MiB of bits where
/// the first rows are dense.
template <class Id, bool kArcs, class Rows>
class TriangleKernel {
  using Entry = SkeletonEntry<Id, kArcs>;

 public:
  TriangleKernel(const Rows& rows, GlobalId vertices, GlobalId first, GlobalId end)
      : rows_(rows), first_(first), core_end_(std::max(first, std::min(end, kCore))) {
    build_core();
    for (int i = 0; i < parallel::threads(); ++i) marks_.emplace_back(vertices);
  }

  /// To be called two rows ahead of close() (announce) and one ahead (announce_next), to fetch what it will read: rows
  /// are often too short to look ahead inside them.
  void announce(std::span<const Id> row, std::size_t from, std::size_t to) const {
    for_announced(row, from, to, [&](std::size_t k) { fetch(Entry::id(row[k])); });
  }
  void announce_next(std::span<const Id> row, std::size_t from, std::size_t to) const {
    for_announced(row, from, to, [&](std::size_t k) { fetch_row(Entry::id(row[k]), k); });
  }

  /// The triangles of which `row`'s vertex is the lowest corner and row[from] .. row[to-1] the next. Of each corner the
  /// arcs of the edge opposite to it are counted: added to corners[i] for row[i], returned for the row's vertex.
  std::uint64_t close(std::span<const Id> row, std::size_t from, std::size_t to, std::uint32_t* corners) {
    return row.size() <= kShort && core_end_ == first_ ? close_short(row, from, to, corners)
                                                       : close_long(row, from, to, corners);
  }

 private:
  std::uint64_t close_short(std::span<const Id> row, std::size_t from, std::size_t to, std::uint32_t* corners) const {
    std::uint64_t own = 0;
    for (std::size_t k = std::max<std::size_t>(from, 1); k < to; ++k) own += merge(row, k, corners);
    return own;
  }

  // Not inlined: what it keeps in registers would cost the shortest rows more than their walks.
  [[gnu::noinline]] std::uint64_t close_long(std::span<const Id> row, std::size_t from, std::size_t to,
                                             std::uint32_t* corners) {
    std::uint64_t own = 0;
    MarkedRow* marks = nullptr;
    const std::size_t first = std::max<std::size_t>(from, 1);  // row[0] has no entry below it
    const bool far = to - from > kAnnounced;
    for (std::size_t k = first; k < to; ++k) {
      if (far && k + kFar < to) fetch(Entry::id(row[k + kFar]));
      if (far && k + kNear < to) fetch_row(Entry::id(row[k + kNear]), k + kNear);
      const Id u = Entry::id(row[k]);
      if (probes_core(u, k)) {
        own += probe_core(row, k, corners);
      } else if (row.size() <= kShort) {
        own += merge(row, k, corners);
      } else {
        if (marks == nullptr) marks = &mark(row);
        own += look_up(row, k, *marks, corners);
      }
    }
    if (marks != nullptr)
      for (const Id entry : row) marks->erase_word_of(Entry::id(entry));
    return own;
  }

  static constexpr GlobalId kCore = GlobalId{1} << 14;
  static constexpr std::uint64_t kDense = 32;  // mean length of the rows of a core worth its bits
  static constexpr std::size_t kShort = 8;
  static constexpr std::size_t kUnannounced = 4, kAnnounced = 32;  // rows shorter, and the first entries of longer ones
  static constexpr std::size_t kFar = 12, kNear = 6;  // rows ahead whose offsets, whose entries are fetched

  bool in_core(Id u) const { return u < core_end_; }
  bool probes_core(Id u, std::size_t k) const { return in_core(u) && k <= core_lengths_[u - first_]; }
  // GCC takes a function that only prefetches for one without effects and drops the calls; an empty statement that it
  // may not drop keeps them.
  void fetch(Id u) const {
    rows_.fetch(u);
    asm volatile("");
  }
  void fetch_row(Id u, std::size_t k) const {
    if (!probes_core(u, k)) rows_.fetch_row(u);
    asm volatile("");
  }

  template <class Visit>
  static void for_announced(std::span<const Id> row, std::size_t from, std::size_t to, const Visit& visit) {
    if (row.size() < kUnannounced) return;
    for (std::size_t k = std::max<std::size_t>(from, 1); k < std::min(from + kAnnounced, to); ++k) visit(k);
  }

  void build_core() {
    const auto size = static_cast<std::size_t>(core_end_ - first_);
    core_lengths_.resize(size);
    constexpr std::size_t kPerTask = 64;
    const auto entries = parallel::reduce_ranges<std::uint64_t>(
        size, kPerTask, 0,
        [&](std::size_t begin, std::size_t end) {
          std::uint64_t total = 0;
          for (std::size_t i = begin; i < end; ++i) {
            const std::span<const Id> row = rows_(static_cast<Id>(first_ + i));
            const auto below = std::ranges::lower_bound(row, first_ + i, {}, &Entry::id);
            total += core_lengths_[i] = static_cast<std::uint32_t>(below - row.begin());
          }
          return total;
        },
        std::plus<>());
    if (entries < kDense * size) core_end_ = first_;
    if (core_end_ == first_) return;
    core_ = BitRows(first_, core_end_);
    if constexpr (kArcs) both_ = BitRows(first_, core_end_);
    parallel::for_ranges(size, kPerTask, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        for (const Id entry : rows_(static_cast<Id>(first_ + i)).first(core_lengths_[i])) {
          const std::uint64_t w = Entry::id(entry), bit = std::uint64_t{1} << (w % 64);
          core_.row(first_ + i)[w / 64] |= bit;
          if constexpr (kArcs)
            if (Entry::arcs(entry) == 2) both_.row(first_ + i)[w / 64] |= bit;
        }
      }
    });
  }

  MarkedRow& mark(std::span<const Id> row) {
    MarkedRow& marks = marks_[static_cast<std::size_t>(parallel::worker_index())];
    for (std::size_t i = 0; i < row.size(); ++i) marks.insert(Entry::id(row[i]), static_cast<std::uint32_t>(i));
    return marks;
  }

  std::uint64_t probe_core(std::span<const Id> row, std::size_t k, std::uint32_t* corners) const {
    const Id u = Entry::id(row[k]);
    const std::uint64_t* const core = core_.row(u);
    if constexpr (!kArcs) {
      std::uint32_t found = 0;
      for (std::size_t i = 0; i < k; ++i) {
        const auto bit = static_cast<std::uint32_t>(BitRows::bit(core, row[i]));
        corners[i] += bit;
        found += bit;
      }
      corners[k] += found;
      return found;
    } else {
      const std::uint64_t* const both = both_.row(u);
      const std::uint32_t to_u = Entry::arcs(row[k]);
      std::uint32_t own = 0, at_u = 0;
      for (std::size_t i = 0; i < k; ++i) {
        const Id w = Entry::id(row[i]);
        const auto bit = static_cast<std::uint32_t>(BitRows::bit(core, w));
        corners[i] += bit * to_u;
        at_u += bit * Entry::arcs(row[i]);
        own += bit + static_cast<std::uint32_t>(BitRows::bit(both, w));
      }
      corners[k] += at_u;
      return own;
    }
  }

  std::uint64_t merge(std::span<const Id> row, std::size_t k, std::uint32_t* corners) const {
    const Id u = Entry::id(row[k]);
    std::uint64_t own = 0;
    std::size_t i = 0;
    for (const Id entry : rows_(u)) {
      const Id w = Entry::id(entry);
      while (i < k && Entry::id(row[i]) < w) ++i;
      if (i == k) break;  // w is not below u either
      if (Entry::id(row[i]) == w) own += found(row, k, i, entry, corners);
    }
    return own;
  }

  // Matches are rare or random: they are noted without a branch and handled afterwards.
  std::uint64_t look_up(std::span<const Id> row, std::size_t k, const MarkedRow& marks, std::uint32_t* corners) const {
    constexpr std::size_t kBatch = 128;
    const Id u = Entry::id(row[k]);
    const std::span<const Id> other = rows_(u);
    std::array<Id, kBatch> matches;
    std::uint64_t own = 0;
    for (std::size_t begin = 0; begin < other.size(); begin += kBatch) {
      std::size_t count = 0;
      const std::size_t end = std::min(other.size(), begin + kBatch);
      for (std::size_t j = begin; j < end && Entry::id(other[j]) < u; ++j) {
        matches[count] = other[j];
        count += marks.contains(Entry::id(other[j])) ? 1 : 0;
      }
      for (std::size_t m = 0; m < count; ++m)
        own += found(row, k, marks.position(Entry::id(matches[m])), matches[m], corners);
      if (Entry::id(other[end - 1]) >= u) break;
    }
    return own;
  }

  static std::uint32_t found(std::span<const Id> row, std::size_t k, std::size_t i, Id entry, std::uint32_t* corners) {
    corners[i] += Entry::arcs(row[k]);
    corners[k] += Entry::arcs(row[i]);
    return Entry::arcs(entry);
  }

  const Rows& rows_;
  GlobalId first_;
  GlobalId core_end_;  // first_ when there is no core
  std::vector<std::uint32_t> core_lengths_;
  BitRows core_;
  BitRows both_;  // of those in core_ the edges with two arcs
  std::vector<MarkedRow> marks_;
};

/// The blocks in which rows begin .. end-1 are dealt to workers: rows grow shorter, so blocks grow longer.
inline std::vector<std::pair<std::size_t, std::size_t>> cut_skeleton_rows(std::size_t begin, std::size_t end) {
  std::vector<std::pair<std::size_t, std::size_t>> blocks;
  while (begin < end) {
    const std::size_t next = std::min(end, begin + std::clamp<std::size_t>(begin / 64, 16, 2048));
    blocks.emplace_back(begin, next);
    begin = next;
  }
  return blocks;
}

}  // namespace gasket
